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

/* One request in progress: where it ends or gives its first output, as progress. Progress is counted modulo 2^64, and
 * no target is further away than a round of 2^62 units; what is more has its rounds still to go when the target is
 * reached. Numbers of 64 bits halve the work of every entry and end.
 */
struct sharing_entry {
    uint64_t target;
    uint32_t request;
    uint32_t rounds;
};

enum {
    SHARING_ROUND_BITS = 62
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
    uint64_t progress;
    sim_time_ns since_ns; /* progress is that of this instant */
    struct sharing_lane ends;
    struct sharing_lane outputs;
    uint32_t running;
    uint32_t waiting_first;
    uint32_t waiting_count;
    uint32_t padding;
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
    state->progress += plan->speed[running].units_per_ns * (uint64_t)span_ns;
    state->sums.batch_integral += (sim_int128)running * span_ns;
    state->sums.busy_ns += span_ns;
}

/* How far the target is; not above 0 if it is reached. */
static inline int64_t sharing_left(uint64_t target, uint64_t progress)
{
    return (int64_t)(target - progress);
}

/* Behind all with the same target or an earlier one: who comes first leaves first. */
SIM_ALWAYS_INLINE void sharing_insert(const struct sharing_plan *plan, struct sharing_entry *entries,
                                      struct sharing_lane *lane, struct sharing_entry added)
{
    uint32_t place = lane->first + lane->count;
    if (SIM_RARELY(place == plan->lane_places)) {
        memmove(entries, entries + lane->first, lane->count * sizeof *entries);
        lane->first = 0;
        place = lane->count;
    }
    struct sharing_entry *at = entries + place;
    for (const struct sharing_entry *first = entries + lane->first; at > first; at--) {
        if (sharing_left(at[-1].target, added.target) <= 0)
            break;
        *at = at[-1];
    }
    *at = added;
    lane->count++;
}

/* The entry of a request that reaches its target after `demand` more units, 2^93 at most. */
SIM_ALWAYS_INLINE struct sharing_entry sharing_entry_of(uint64_t progress, sim_uint128 demand, uint32_t request)
{
    if (SIM_RARELY((uint64_t)(demand >> SHARING_ROUND_BITS))) {
        uint64_t rounds = (uint64_t)((demand - 1) >> SHARING_ROUND_BITS);
        return (struct sharing_entry){progress + (uint64_t)demand - (rounds << SHARING_ROUND_BITS), request,
                                      (uint32_t)rounds};
    }
    return (struct sharing_entry){progress + (uint64_t)demand, request, 0};
}

/* The first of the lane has reached its target. Whether it has rounds to go; it has then begun the next one. */
bool sharing_goes_round(const struct sharing_plan *plan, struct sharing_entry *entries, struct sharing_lane *lane);

/* When `left` more units than by from_ns are done at that speed; SIM_TIME_NEVER if not in this age. */
SIM_ALWAYS_INLINE sim_time_ns sharing_time(const struct sharing_speed *speed, sim_time_ns from_ns, int64_t left)
{
    uint64_t rounded_up = (uint64_t)(left > 0 ? left : 0) + speed->units_per_ns - 1;
    uint64_t span = (uint64_t)((sim_uint128)(2 * rounded_up) * speed->reciprocal >> 64) >> speed->shift;
    uint64_t time_ns = (uint64_t)from_ns + span;
    return time_ns < SIM_TIME_NEVER ? (sim_time_ns)time_ns : SIM_TIME_NEVER;
}

/* The time of the next end. */
SIM_ALWAYS_INLINE sim_time_ns sharing_inline_end(const struct sharing_plan *plan, const struct sharing *state)
{
    if (SIM_RARELY(!state->ends.count))
        return SIM_TIME_NEVER;
    return sharing_time(&plan->speed[state->running], state->since_ns,
                        sharing_left(sharing_ends(state)[state->ends.first].target, state->progress));
}

static inline struct sharing_entry *sharing_outputs(const struct sharing_plan *plan, const struct sharing *state)
{
    return sharing_ends(state) + plan->lane_places;
}

static inline bool sharing_has_outputs(const struct sharing_plan *plan)
{
    return plan->first_per_1024 < 1024;
}

/* Waits inside for a slot. */
void sharing_wait(const struct sharing_plan *plan, struct sharing *state, uint32_t request, sim_uint128 demand);

/* Waiting requests take the slots that are free. */
void sharing_begin_waiting(const struct sharing_plan *plan, struct sharing *state);

/* A request takes a slot, of which there is one. */
SIM_ALWAYS_INLINE void sharing_begin(const struct sharing_plan *plan, struct sharing *state, uint32_t request,
                                     sim_uint128 demand)
{
    state->running++;
    sharing_insert(plan, sharing_ends(state), &state->ends, sharing_entry_of(state->progress, demand, request));
    if (sharing_has_outputs(plan))
        sharing_insert(
            plan, sharing_outputs(plan, state), &state->outputs,
            sharing_entry_of(state->progress, demand / 1024 * plan->speed[state->running].first_per_1024, request));
}

/* sharing_submit for a state that has been advanced to this instant. */
SIM_ALWAYS_INLINE void sharing_enter(const struct sharing_plan *plan, struct sharing *state, uint32_t request,
                                     sim_uint128 demand)
{
    if (SIM_RARELY(state->running == plan->slots))
        sharing_wait(plan, state, request, demand);
    else
        sharing_begin(plan, state, request, demand);
}

/* The first of the ends, which has no rounds to go, leaves its slot. */
SIM_ALWAYS_INLINE uint32_t sharing_leave(const struct sharing_plan *plan, struct sharing *state)
{
    uint32_t request = sharing_ends(state)[state->ends.first].request;
    state->ends.first++;
    state->ends.count--;
    state->running--;
    if (SIM_RARELY(state->waiting_count))
        sharing_begin_waiting(plan, state);
    return request;
}

/* sharing_submit in the plain case. */
SIM_ALWAYS_INLINE void sharing_inline_submit(const struct sharing_plan *plan, struct sharing *state, sim_time_ns now_ns,
                                             uint32_t request, sim_uint128 demand)
{
    sharing_advance(plan, state, now_ns);
    state->running++;
    sharing_insert(plan, sharing_ends(state), &state->ends, sharing_entry_of(state->progress, demand, request));
}

/* sharing_take in the plain case, where every event is an end, for a state that has been advanced to this instant. */
SIM_ALWAYS_INLINE bool sharing_inline_take(const struct sharing_plan *plan, struct sharing *state, uint32_t *request)
{
    const struct sharing_entry *next;
    do {
        next = sharing_ends(state) + state->ends.first;
        if (!state->ends.count || sharing_left(next->target, state->progress) > 0)
            return false;
    } while (SIM_RARELY(next->rounds) && sharing_goes_round(plan, sharing_ends(state), &state->ends));
    *request = next->request;
    state->ends.first++;
    state->ends.count--;
    state->running--;
    return true;
}

/* Demand of `work` units, 1 at least; cut at 2^93, which is 18,000 years. */
SIM_ALWAYS_INLINE sim_uint128 sharing_inline_demand(const struct sharing_plan *plan, double work)
{
    double demand = work * plan->demand_per_work;
    if (SIM_RARELY(!(demand > 1)))
        return 1;
    if (!SIM_RARELY(demand >= 0x1p62)) /* nearly always, and much cheaper */
        return (uint64_t)(int64_t)demand;
    return (sim_uint128)(demand < 0x1p93 ? demand : 0x1p93);
}

#endif
