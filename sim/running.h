/* running.h - statistics that are kept while a run goes on: an integer level over time, and plain totals.
 *
 * All sums are integers of 128 bits, so nothing depends on the order of adding and nothing is rounded before it is
 * printed. Both structs hold no pointers; zeroed memory is a level of 0 since time 0, or an empty total. Each update
 * costs about a nanosecond.
 */
#ifndef SIM_RUNNING_H
#define SIM_RUNNING_H

#include <math.h>
#include <stdint.h>

#include "sim/integer.h"
#include "sim/time.h"

/* A quantity that jumps between integers, such as the length of a queue or the containers in a state. Each change
 * takes effect from its time on, so the integral over a span is level x end - sum of change x time: a change costs one
 * product, and it does not matter when the level was looked at.
 */
struct sim_level {
    sim_int128 moment; /* sum of change x time, in units x ns; the level at the span's start is a change then */
    int64_t level;     /* now */
    int64_t maximum;   /* highest level of the span, the one at its start included */
};

/* Starts a span: level `level` from now_ns on. */
static inline void sim_level_init(struct sim_level *level, sim_time_ns now_ns, int64_t value)
{
    *level = (struct sim_level){.moment = (sim_int128)value * now_ns, .level = value, .maximum = value};
}

/* sim_level_add for a level whose maximum nobody asks for: it has no meaning then. */
static inline void sim_level_move(struct sim_level *level, sim_time_ns now_ns, int64_t change)
{
    level->moment += (sim_int128)change * now_ns;
    level->level += change;
}

/* From now_ns on the level is higher by `change`, which may be negative. A level that lasts no time counts for the
 * maximum. now_ns is not before that of the previous call.
 */
static inline void sim_level_add(struct sim_level *level, sim_time_ns now_ns, int64_t change)
{
    sim_level_move(level, now_ns, change);
    level->maximum = level->level > level->maximum ? level->level : level->maximum;
}

/* From now_ns on the level is `value`. */
static inline void sim_level_set(struct sim_level *level, sim_time_ns now_ns, int64_t value)
{
    sim_level_add(level, now_ns, value - level->level);
}

/* The level over time, from the start of the span to now_ns, in units x ns. */
static inline sim_int128 sim_level_integral(const struct sim_level *level, sim_time_ns now_ns)
{
    return (sim_int128)level->level * now_ns - level->moment;
}

/* Ends a span at now_ns and starts the next one with the same level. Returns the integral of the span that ended;
 * its maximum must be read before.
 */
static inline sim_int128 sim_level_split(struct sim_level *level, sim_time_ns now_ns)
{
    sim_int128 integral = sim_level_integral(level, now_ns);
    sim_level_init(level, now_ns, level->level);
    return integral;
}

/* Count, sum and maximum of 64-bit values. `maximum` has no meaning while count is 0. */
struct sim_total {
    sim_int128 sum;
    uint64_t count;
    int64_t maximum;
};

static inline void sim_total_add(struct sim_total *total, int64_t value)
{
    if (total->count == 0 || value > total->maximum)
        total->maximum = value;
    total->sum += value;
    total->count++;
}

/* Adds what `other` holds, as if its values had been added one by one. */
static inline void sim_total_merge(struct sim_total *total, const struct sim_total *other)
{
    if (other->count && (total->count == 0 || other->maximum > total->maximum))
        total->maximum = other->maximum;
    total->sum += other->sum;
    total->count += other->count;
}

/* Mean of the values in their unit; NaN while there are none. */
static inline double sim_total_mean(const struct sim_total *total)
{
    return total->count ? (double)total->sum / (double)total->count : NAN;
}

#endif
