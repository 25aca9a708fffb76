/* quantity.h - numbers with units, as people write them: `180 s`, `15 req/s`, `$1.95/h`, `24 GB`, `70%`, `1e3`.
 *
 * A number is decimal: digits, a point between digits, an exponent; at most 18 significant digits; no
 * hexadecimal, no thousands separators, no leading zeros, and nothing after it but a unit (unit.h). It is kept as an
 * exact fraction until it is stored, so that 0.1 ms and 0.0001 s, or $0.000542/s and $1.9512/h, are the same.
 */
#ifndef SCENARIOS_QUANTITY_H
#define SCENARIOS_QUANTITY_H

#include <stdint.h>

#include "sim/error.h"
#include "sim/time.h"

/* Any quantity in the unit `unit`; what fits is said in unit.h. "any" takes every known unit and gives seconds,
 * USD, ratios and so on. The result is the double nearest to the fraction where the conversion needs no division,
 * otherwise within one unit in the last place.
 * SIM_BAD_INPUT, with examples of what is expected in the message, when `text` is no number, has no unit where one
 * is needed, or the wrong one, or is beyond the range of a double.
 */
SIM_MUST_USE enum sim_status quantity_parse(const char *text, const char *unit, double *value, struct sim_error *error);

/* A whole number of `unit`. Also SIM_BAD_INPUT when it is not whole, or not within int64_t. */
SIM_MUST_USE enum sim_status quantity_parse_integer(const char *text, const char *unit, int64_t *value,
                                                    struct sim_error *error);

/* The longest time span, 73 years: the end of a run, its drain and a deadline after that can still be added. */
#define QUANTITY_LONGEST_NS (SIM_TIME_NEVER / 4)

/* A time span, to the nearest nanosecond, halves away from zero. `never` is SIM_TIME_NEVER. Also SIM_BAD_INPUT when it
 * is longer than QUANTITY_LONGEST_NS.
 */
SIM_MUST_USE enum sim_status quantity_parse_time(const char *text, sim_time_ns *time_ns, struct sim_error *error);

/* A price per hour, exact, in picodollars per hour. SIM_BAD_INPUT when it has a finer part. */
SIM_MUST_USE enum sim_status quantity_parse_money_per_h(const char *text, int64_t *pusd_per_h, struct sim_error *error);

/* The same per month and per core or GiB: `unit` is a unit of money, such as "USD/GiB/h" or "USD/month". */
SIM_MUST_USE enum sim_status quantity_parse_money(const char *text, const char *unit, int64_t *pusd,
                                                  struct sim_error *error);

/* A date `2026-01-05`, optionally with the time of day `2026-01-05T09:30` or `... 09:30:15`, UTC, from 1970 to 9999,
 * as seconds since 1970-01-01. SIM_BAD_INPUT for anything else, as 2026-02-29.
 */
SIM_MUST_USE enum sim_status quantity_parse_date(const char *text, int64_t *seconds, struct sim_error *error);

#endif
