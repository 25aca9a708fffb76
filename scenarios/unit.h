/* unit.h - units of measurement as people write them: `s`, `req/min`, `GiB`, `USD/h`, `%`.
 *
 * A unit is a product of base units times an exact factor, so two units can be compared, and converted without
 * rounding. Known are times (ns us ms s min h day week), bytes (B, kB to TB, KiB to TiB), money (USD; pUSD and nUSD
 * for 10^-12 and 10^-9), `month` (a base of its own: how long it is depends on the scenario), W, FLOP, shares
 * (ratio, %) and things that are counted (req, token, ...).
 */
#ifndef SCENARIOS_UNIT_H
#define SCENARIOS_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UNIT_BELOW_MAX 3

/* above / (below[0] below[1] ...) times numerator / denominator times 10^exponent. */
struct unit {
    const char *above; /* base unit; NULL: none, as in "1/s" */
    bool is_above_counted;
    const char *below[UNIT_BELOW_MAX]; /* in the order of the alphabet */
    size_t below_count;
    uint64_t numerator;
    uint64_t denominator;
    int exponent;
};

/* Reads a unit such as "s", "req/s", "USD/core/h", "1/s", "/s" or "" (a bare number). False when it is not known;
 * `unit` is then undefined.
 */
bool unit_parse(const char *text, struct unit *unit);

/* Whether a number given in `given` is meant where `wanted` is asked for. Counted things may be left out, and may
 * be added where none is named: 15 req/s for 1/s, 400 for token; but 5 tokens are no request.
 */
bool unit_fits(const struct unit *given, const struct unit *wanted);

#endif
