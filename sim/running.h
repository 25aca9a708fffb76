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

#include "sim/error.h"
#include "sim/integer.h"
#include "sim/time.h"

/* A quantity that jumps between integers, such as the length of a queue or the containers in a state. `integral`
 * covers the span up to `since_ns`: bring it up to date with sim_level_flush before reading it.
 */
struct sim_level {
    sim_int128 integral; /* of the level over time, in units x ns */
    int64_t level;       /* now */
    int64_t maximum;     /* highest level of the span, the one at its start included */
    sim_time_ns since_ns;
};

/* Starts a span: level `level` from now_ns on. */
static inline void sim_level_init(struct sim_level *level, sim_time_ns now_ns, int64_t value)
{
    *level = (struct sim_level){.level = value, .maximum = value, .since_ns = now_ns};
}

/* Accounts for the time up to now_ns, which is not before that of the previous call. */
static inline void sim_level_flush(struct sim_level *level, sim_time_ns now_ns)
{
    sim_assert(now_ns >= level->since_ns);
    level->integral += (sim_int128)level->level * (now_ns - level->since_ns);
    level->since_ns = now_ns;
}

/* From now_ns on the level is `value`. A level that lasts no time counts for the maximum. */
static inline void sim_level_set(struct sim_level *level, sim_time_ns now_ns, int64_t value)
{
    sim_level_flush(level, now_ns);
    level->level = value;
    level->maximum = value > level->maximum ? value : level->maximum;
}

/* From now_ns on the level is higher by `change`, which may be negative. */
static inline void sim_level_add(struct sim_level *level, sim_time_ns now_ns, int64_t change)
{
    sim_level_set(level, now_ns, level->level + change);
}

/* Ends a span at now_ns and starts the next one with the same level. Returns the integral of the span that ended;
 * its maximum must be read before.
 */
static inline sim_int128 sim_level_split(struct sim_level *level, sim_time_ns now_ns)
{
    sim_level_flush(level, now_ns);
    sim_int128 integral = level->integral;
    level->integral = 0;
    level->maximum = level->level;
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
