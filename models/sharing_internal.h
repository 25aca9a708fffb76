/* sharing_internal.h - the state of processor sharing, and what happens to every request in the plain case.
 *
 * The plain case (sharing_plan.is_plain): nobody waits inside for a slot and nobody has an output before the end. The
 * functions here are the bodies of those of sharing.h; in line they cost half as much.
 */
#ifndef MODELS_SHARING_INTERNAL_H
#define MODELS_SHARING_INTERNAL_H

#include <string.h>

#include "models/sharing.h"
#include "sim/inline.h"

/* One request in progress: where it ends or gives its first output, as progress. */
struct sharing_entry {
    sim_uint128 target;
    uint32_t request;
    uint32_t padding[3];
};

/* Entries in order of their targets: an array with room at both ends. The next one is taken from the front by moving
 * `first`, a new one goes in from the back. It mostly belongs near the back, since the others have progressed, so few
 * entries move; a heap took four times as long for a dozen.
 */
struct sharing_lane {
    uint32_t first;
    uint32_t count;
};

/* Followed by the ends, the first outputs if there are any, and the ring of waiting requests. */
struct sharing {
    sim_uint128 progress;
    sim_time_ns since_ns; /* progress is that of this instant */
    struct sharing_lane ends;
    struct sharing_lane outputs;
    uint32_t running;
    uint32_t waiting_first;
    uint32_t waiting_count;
    uint32_t padding[3];
    struct sharing_sums sums;
};

static inline struct sharing_entry *sharing_ends(const struct sharing *state)
{
    return (struct sharing_entry *)(uintptr_t)(state + 1);
}

/* Brings progress up to now_ns. Nobody's target lies before it: events are taken when they are due. */
SIM_ALWAYS_INLINE void sharing_advance(const struct sharing_plan *plan, struct sharing *state, sim_time_ns now_ns)
{
    sim_time_ns span_ns = now_ns - state->since_ns;
    uint32_t running = state->running;
    state->since_ns = now_ns;
    if (SIM_RARELY(!running))
        return;
    state->progress += (sim_uint128)plan->speed[running].units_per_ns * (uint64_t)span_ns;
    state->sums.batch_integral += (sim_int128)running * span_ns;
    state->sums.busy_ns += span_ns;
}

/* Behind all with the same target or an earlier one: who comes first leaves first. */
SIM_ALWAYS_INLINE void sharing_insert(const struct sharing_plan *plan, struct sharing_entry *entries,
                                      struct sharing_lane *lane, sim_uint128 target, uint32_t request)
{
    uint32_t place = lane->first + lane->count;
    if (SIM_RARELY(place == plan->lane_places)) {
        memmove(entries, entries + lane->first, lane->count * sizeof *entries);
        lane->first = 0;
        place = lane->count;
    }
    for (; place > lane->first && entries[place - 1].target > target; place--)
        entries[place] = entries[place - 1];
    entries[place] = (struct sharing_entry){.target = target, .request = request};
    lane->count++;
}

/* Nanoseconds until `left` units are done, where that takes a wide division or no time at all. */
sim_time_ns sharing_wide_span(uint64_t units_per_ns, sim_int128 left);

/* When `left` more units than by from_ns are done at that speed; SIM_TIME_NEVER if not in this age. */
SIM_ALWAYS_INLINE sim_time_ns sharing_time(const struct sharing_speed *speed, sim_time_ns from_ns, sim_uint128 left)
{
    uint64_t rounded_up = (uint64_t)left + speed->units_per_ns - 1;
    uint64_t span = (uint64_t)((sim_uint128)(2 * rounded_up) * speed->reciprocal >> 64) >> speed->shift;
    if (SIM_RARELY((uint64_t)(left >> 64) | (uint64_t)left >> 62))
        span = (uint64_t)sharing_wide_span(speed->units_per_ns, (sim_int128)left);
    uint64_t time_ns = (uint64_t)from_ns + span;
    return time_ns < SIM_TIME_NEVER ? (sim_time_ns)time_ns : SIM_TIME_NEVER;
}

/* The time of the next end. */
SIM_ALWAYS_INLINE sim_time_ns sharing_inline_end(const struct sharing_plan *plan, const struct sharing *state)
{
    if (SIM_RARELY(!state->ends.count))
        return SIM_TIME_NEVER;
    return sharing_time(&plan->speed[state->running], state->since_ns,
                        sharing_ends(state)[state->ends.first].target - state->progress);
}

/* sharing_submit in the plain case. */
SIM_ALWAYS_INLINE void sharing_inline_submit(const struct sharing_plan *plan, struct sharing *state, sim_time_ns now_ns,
                                             uint32_t request, sim_uint128 demand)
{
    sharing_advance(plan, state, now_ns);
    state->running++;
    sharing_insert(plan, sharing_ends(state), &state->ends, state->progress + demand, request);
}

/* sharing_take in the plain case, where every event is an end, for a state that has been advanced to this instant. */
SIM_ALWAYS_INLINE bool sharing_inline_take(struct sharing *state, uint32_t *request)
{
    const struct sharing_entry *next = sharing_ends(state) + state->ends.first;
    if (!state->ends.count || next->target > state->progress)
        return false;
    *request = next->request;
    state->ends.first++;
    state->ends.count--;
    state->running--;
    return true;
}

/* Demand of `work` units, 1 at least; cut at 2^100, which is millions of years. */
SIM_ALWAYS_INLINE sim_uint128 sharing_inline_demand(const struct sharing_plan *plan, double work)
{
    double demand = work * plan->demand_per_work;
    if (SIM_RARELY(!(demand > 1)))
        return 1;
    if (!SIM_RARELY(demand >= 0x1p63)) /* nearly always, and much cheaper */
        return (uint64_t)(int64_t)demand;
    return (sim_uint128)(demand < 0x1p100 ? demand : 0x1p100);
}

#endif
