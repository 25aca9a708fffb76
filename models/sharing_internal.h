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
    uint32_t is_first_output;
    uint64_t padding;
};

/* Followed by the entries in order of their targets, and the ring of waiting requests.
 *
 * The entries are an array with room at both ends: the next one is taken from the front by moving `first`, a new one
 * goes in from the back. It mostly belongs near the back, since the others have progressed, so few entries move;
 * a heap took four times as long for a dozen.
 */
struct sharing {
    sim_uint128 progress;
    sim_time_ns since_ns; /* progress is that of this instant */
    uint32_t running;
    uint32_t first;
    uint32_t entry_count;
    uint32_t waiting_first;
    uint32_t waiting_count;
    uint32_t padding[3];
    struct sharing_sums sums;
};

static inline struct sharing_entry *sharing_entries(const struct sharing *state)
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
SIM_ALWAYS_INLINE void sharing_insert(const struct sharing_plan *plan, struct sharing *state,
                                      struct sharing_entry entry)
{
    struct sharing_entry *entries = sharing_entries(state);
    uint32_t place = state->first + state->entry_count;
    if (SIM_RARELY(place == plan->entry_places)) {
        memmove(entries, entries + state->first, state->entry_count * sizeof *entries);
        state->first = 0;
        place = state->entry_count;
    }
    for (; place > state->first && entries[place - 1].target > entry.target; place--)
        entries[place] = entries[place - 1];
    entries[place] = entry;
    state->entry_count++;
}

/* Nanoseconds until `left` units are done, where that takes a wide division or no time at all. */
sim_time_ns sharing_wide_span(uint64_t units_per_ns, sim_int128 left);

SIM_ALWAYS_INLINE sim_time_ns sharing_inline_next(const struct sharing_plan *plan, const struct sharing *state)
{
    if (SIM_RARELY(!state->entry_count))
        return SIM_TIME_NEVER;
    const struct sharing_speed *speed = &plan->speed[state->running];
    sim_uint128 left = sharing_entries(state)[state->first].target - state->progress;
    uint64_t rounded_up = (uint64_t)left + speed->units_per_ns - 1;
    uint64_t span = (uint64_t)((sim_uint128)(2 * rounded_up) * speed->reciprocal >> 64) >> speed->shift;
    if (SIM_RARELY((uint64_t)(left >> 64) | (uint64_t)left >> 62))
        span = (uint64_t)sharing_wide_span(speed->units_per_ns, (sim_int128)left);
    uint64_t next_ns = (uint64_t)state->since_ns + span;
    return next_ns < SIM_TIME_NEVER ? (sim_time_ns)next_ns : SIM_TIME_NEVER;
}

/* sharing_submit in the plain case. */
SIM_ALWAYS_INLINE void sharing_inline_submit(const struct sharing_plan *plan, struct sharing *state, sim_time_ns now_ns,
                                             uint32_t request, sim_uint128 demand)
{
    sharing_advance(plan, state, now_ns);
    state->running++;
    sharing_insert(plan, state, (struct sharing_entry){state->progress + demand, request, 0, 0});
}

/* sharing_take in the plain case, where every event is an end, for a state that has been advanced to this instant. */
SIM_ALWAYS_INLINE bool sharing_inline_take(struct sharing *state, uint32_t *request)
{
    const struct sharing_entry *next = sharing_entries(state) + state->first;
    if (!state->entry_count || next->target > state->progress)
        return false;
    *request = next->request;
    state->first++;
    state->entry_count--;
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
