/* rate.h - the rate of arrivals as a function of time.
 *
 * The rate of a workload is its `rate` times factors: growth, day, week, month, events, drift and a measured table
 * (shape_config). Between two moments at which one of them has a corner or a jump, each factor is a straight line or
 * the curve of a growth; a rate_span holds what they are there. Arrivals are drawn from the rate in rate_cell.h.
 *
 * Times are since the start of the run. Dates, weekdays and hours are UTC, and need a date of the start; without one
 * a day begins at time 0. Rates jump to the right: at a jump the later value holds.
 */
#ifndef MODELS_RATE_H
#define MODELS_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/config.h"
#include "sim/memory.h"

/* Whether the rate changes at all: whether the process has a rate, and the shape anything in it. */
bool rate_is_shaped(const struct arrival_config *arrivals);

/* Arrivals per second at a time; the drift counts with its mean, 1. NaN for closed loops, bursts and traces. Costs
 * some hundred nanoseconds.
 */
double rate_at(const struct world_config *config, size_t workload, sim_time_ns time_ns);

/* Expected number of arrivals in [from_ns, to_ns): the integral of the rate, to some 1e-12 of itself; the drift counts
 * with its mean, 1. For a burst the number of its requests in there; NaN for closed loops and traces. Costs some
 * hundred nanoseconds for each corner and each hour.
 */
double rate_expected(const struct world_config *config, size_t workload, sim_time_ns from_ns, sim_time_ns to_ns);

/* ---- For those who draw arrivals ---- */

/* The random factor of one replication at equal distances, with straight lines between them. */
struct rate_drift {
    double *factors; /* NULL: 1 for ever */
    size_t count;
    sim_time_ns step_ns;
};

struct rate {
    const struct arrival_config *arrivals;
    sim_time_ns start_ns; /* of the world */
    struct rate_drift drift;
};

/* Without drift. The configuration is borrowed. */
struct rate rate_of(const struct world_config *config, size_t workload);

/* Draws the path of the drift for a whole run into the arena. */
struct rate_drift rate_draw_drift(const struct world_config *config, size_t workload, uint64_t seed,
                                  uint32_t replication, struct sim_arena *arena);

enum {
    RATE_LINES_MAX = 4
};

/* From one corner to the next. */
struct rate_span {
    const struct rate *rate;
    sim_time_ns from_ns;
    sim_time_ns to_ns;
    double constant;                 /* per second, with all factors that stay the same */
    double lines[RATE_LINES_MAX][2]; /* factors: at from_ns, and per nanosecond */
    size_t line_count;
    bool is_curved; /* a growth is neither over nor a line */
    bool has_ramps; /* an event begins or ends */
};

/* The span that holds from_ns, from there on; it ends at limit_ns at the latest. */
struct rate_span rate_span_at(const struct rate *rate, sim_time_ns from_ns, sim_time_ns limit_ns);

/* Arrivals per second after_ns after the span's begin, up to its end; at the end the limit from the left. */
double rate_in_span(const struct rate_span *span, double after_ns);

#endif
