/* sharing.c - processor sharing on one running number. */
#include "models/sharing_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"

struct waiting {
    sim_uint128 demand;
    uint32_t request;
    uint32_t padding[3];
};

static struct waiting *waiting_of(const struct sharing_plan *plan, const struct sharing *state)
{
    return (struct waiting *)(sharing_outputs(plan, state) + (sharing_has_outputs(plan) ? plan->lane_places : 0));
}

size_t sharing_size(const struct sharing_plan *plan)
{
    size_t lanes = sharing_has_outputs(plan) ? 2 : 1;
    return sizeof(struct sharing) + lanes * plan->lane_places * sizeof(struct sharing_entry) +
           (plan->max_inputs - plan->slots) * sizeof(struct waiting);
}

void sharing_init(const struct sharing_plan *plan, void *state)
{
    memset(state, 0, sharing_size(plan));
}

/* Linear between the points of a measured curve, flat before the first, along the last slope beyond the last. */
static double curve_at(const struct curve_point *curve, size_t count, double running)
{
    if (running <= (double)curve[0].running || count == 1)
        return curve[0].time_s;
    size_t i = 1;
    while (i + 1 < count && (double)curve[i].running < running)
        i++;
    double share = (running - (double)curve[i - 1].running) / (double)(curve[i].running - curve[i - 1].running);
    return curve[i - 1].time_s + share * (curve[i].time_s - curve[i - 1].time_s);
}

/* Seconds of one unit of work with `running` in progress. Independent requests have their time as work. */
static double unit_time_s(const struct profile_config *profile, uint32_t running)
{
    if (profile->stage == STAGE_INDEPENDENT)
        return 1;
    if (profile->curve_count)
        return curve_at(profile->curve, profile->curve_count, running);
    return profile->base_s + profile->per_running_s * running;
}

/* With 2^(s-1) < units <= 2^s the reciprocal 2^(63+s) / units, rounded up, fits 64 bits and is exact enough. */
static struct sharing_speed speed_of(uint64_t units_per_ns)
{
    uint32_t shift = 0;
    while (UINT64_C(1) << shift < units_per_ns)
        shift++;
    uint64_t reciprocal = (uint64_t)(((sim_uint128)1 << (63 + shift)) / units_per_ns) + 1;
    return (struct sharing_speed){units_per_ns, reciprocal, shift, 1024};
}

/* Linear between the points of a measured curve, flat outside them. */
static double first_share(const struct profile_config *profile, double running)
{
    const struct share_point *points = profile->first_output_curve;
    size_t count = profile->first_output_count;
    size_t i = 1;
    if (count == 0)
        return profile->first_output;
    if (count == 1 || running <= (double)points[0].running)
        return points[0].share;
    while (i + 1 < count && (double)points[i].running < running)
        i++;
    double way = (running - (double)points[i - 1].running) / (double)(points[i].running - points[i - 1].running);
    return points[i - 1].share + fmin(way, 1) * (points[i].share - points[i - 1].share);
}

enum sim_status sharing_plan_init(struct sharing_plan *plan, const struct profile_config *profile, uint32_t max_inputs,
                                  struct sim_error *error)
{
    *plan = (struct sharing_plan){.max_inputs = max_inputs, .slots = max_inputs};
    if (profile->slots && profile->slots < max_inputs)
        plan->slots = (uint32_t)profile->slots;
    plan->first_per_1024 = (uint32_t)lround(profile->first_output * 1024);
    plan->is_plain = plan->slots == plan->max_inputs && !sharing_has_outputs(plan);
    plan->lane_places = 2 * plan->slots;
    double fastest_s = INFINITY;
    for (uint32_t k = 1; k <= plan->slots; k++) {
        double time_s = unit_time_s(profile, k);
        if (!(time_s > 0))
            return sim_error_set(error, SIM_BAD_INPUT, NULL, 0,
                                 "profile %s: the time of one unit of work with %u running must be above 0",
                                 profile->name, k);
        fastest_s = fmin(fastest_s, time_s);
    }
    const double full_speed = 1 << SHARING_UNIT_BITS;
    plan->demand_per_work = fastest_s * 1e9 * full_speed;
    plan->is_slower_by_more = true;
    plan->speed = sim_allocate(plan->slots + 1, sizeof *plan->speed);
    for (uint32_t k = 1; k <= plan->slots; k++) {
        double speed = round(full_speed * fastest_s / unit_time_s(profile, k));
        plan->speed[k] = speed_of(speed < 1 ? 1 : (uint64_t)speed);
        plan->speed[k].first_per_1024 = (uint32_t)lround(first_share(profile, k) * 1024);
        plan->is_slower_by_more &= k == 1 || plan->speed[k].units_per_ns <= plan->speed[k - 1].units_per_ns;
    }
    return SIM_OK;
}

void sharing_plan_speed_up(struct sharing_plan *plan, double factor)
{
    plan->demand_per_work /= factor;
}

void sharing_plan_release(struct sharing_plan *plan)
{
    free(plan->speed);
    *plan = (struct sharing_plan){0};
}

sim_uint128 sharing_demand(const struct sharing_plan *plan, double work)
{
    return sharing_inline_demand(plan, work);
}

void sharing_wait(const struct sharing_plan *plan, struct sharing *state, uint32_t request, sim_uint128 demand)
{
    uint32_t ring_size = plan->max_inputs - plan->slots;
    sim_assert(state->waiting_count < ring_size);
    uint32_t place = (state->waiting_first + state->waiting_count++) % ring_size;
    waiting_of(plan, state)[place] = (struct waiting){.demand = demand, .request = request};
}

void sharing_begin_waiting(const struct sharing_plan *plan, struct sharing *state)
{
    struct waiting *ring = waiting_of(plan, state);
    uint32_t ring_size = plan->max_inputs - plan->slots;
    while (state->waiting_count && state->running < plan->slots) {
        struct waiting next = ring[state->waiting_first];
        state->waiting_first = (state->waiting_first + 1) % ring_size;
        state->waiting_count--;
        sharing_begin(plan, state, next.request, next.demand);
    }
}

void sharing_submit(const struct sharing_plan *plan, void *memory, sim_time_ns now_ns, uint32_t request,
                    sim_uint128 demand)
{
    sharing_advance(plan, memory, now_ns);
    sharing_enter(plan, memory, request, demand);
}

bool sharing_goes_round(const struct sharing_plan *plan, struct sharing_entry *entries, struct sharing_lane *lane)
{
    struct sharing_entry next = entries[lane->first];
    if (!next.rounds)
        return false;
    lane->first++;
    lane->count--;
    next.target += UINT64_C(1) << SHARING_ROUND_BITS;
    next.rounds--;
    sharing_insert(plan, entries, lane, next);
    return true;
}

/* Finds the next event, which nobody has taken; returns whether it is a first output: that of a request comes before
 * its end.
 */
static inline bool find_next(const struct sharing_plan *plan, const struct sharing *state, sim_time_ns *next_ns)
{
    const struct sharing_entry *output = sharing_outputs(plan, state) + state->outputs.first;
    const struct sharing_entry *end = sharing_ends(state) + state->ends.first;
    if (!state->outputs.count || sharing_left(output->target, end->target) > 0) {
        *next_ns = sharing_inline_end(plan, state);
        return false;
    }
    *next_ns =
        sharing_time(&plan->speed[state->running], state->since_ns, sharing_left(output->target, state->progress));
    return true;
}

sim_time_ns sharing_next(const struct sharing_plan *plan, const void *memory)
{
    sim_time_ns next_ns;
    find_next(plan, memory, &next_ns);
    return next_ns;
}

bool sharing_take(const struct sharing_plan *plan, void *memory, sim_time_ns now_ns, struct sharing_event *event)
{
    struct sharing *state = memory;
    for (;;) {
        event->is_first_output = find_next(plan, state, &event->time_ns);
        if (event->time_ns > now_ns)
            return false;
        sharing_advance(plan, state, event->time_ns);
        struct sharing_entry *entries = event->is_first_output ? sharing_outputs(plan, state) : sharing_ends(state);
        struct sharing_lane *lane = event->is_first_output ? &state->outputs : &state->ends;
        if (sharing_goes_round(plan, entries, lane))
            continue;
        event->request = entries[lane->first].request;
        if (!event->is_first_output) {
            sharing_leave(plan, state);
            return true;
        }
        lane->first++;
        lane->count--;
        return true;
    }
}

/* ---- taking out ---- */

static bool cancel_waiting(const struct sharing_plan *plan, struct sharing *state, uint32_t request)
{
    struct waiting *ring = waiting_of(plan, state);
    uint32_t ring_size = plan->max_inputs - plan->slots;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < state->waiting_count; i++) {
        struct waiting item = ring[(state->waiting_first + i) % ring_size];
        if (item.request != request)
            ring[(state->waiting_first + kept++) % ring_size] = item;
    }
    bool found = kept < state->waiting_count;
    state->waiting_count = kept;
    return found;
}

/* Whether it was there. */
static bool cancel_entry(struct sharing_entry *entries, struct sharing_lane *lane, uint32_t request)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < lane->count; i++)
        if (entries[lane->first + i].request != request)
            entries[lane->first + kept++] = entries[lane->first + i];
    bool found = kept < lane->count;
    lane->count = kept;
    return found;
}

void sharing_cancel(const struct sharing_plan *plan, void *memory, sim_time_ns now_ns, uint32_t request)
{
    struct sharing *state = memory;
    sharing_advance(plan, state, now_ns);
    if (cancel_waiting(plan, state, request))
        return;
    sim_assert(cancel_entry(sharing_ends(state), &state->ends, request));
    cancel_entry(sharing_outputs(plan, state), &state->outputs, request);
    state->running--;
    sharing_begin_waiting(plan, state);
}

uint32_t sharing_inside(const struct sharing_plan *plan, const void *memory, uint32_t *requests)
{
    const struct sharing *state = memory;
    uint32_t count = 0;
    for (uint32_t i = 0; i < state->ends.count; i++)
        requests[count++] = sharing_ends(state)[state->ends.first + i].request;
    for (uint32_t i = 0; i < state->waiting_count; i++)
        requests[count++] =
            waiting_of(plan, state)[(state->waiting_first + i) % (plan->max_inputs - plan->slots)].request;
    return count;
}

uint32_t sharing_running(const void *memory)
{
    return ((const struct sharing *)memory)->running;
}

struct sharing_sums sharing_totals(const struct sharing_plan *plan, void *memory, sim_time_ns now_ns)
{
    struct sharing *state = memory;
    sharing_advance(plan, state, now_ns);
    return state->sums;
}

void sharing_forget_totals(const struct sharing_plan *plan, void *memory, sim_time_ns now_ns)
{
    struct sharing *state = memory;
    struct sharing_sums sums = sharing_totals(plan, memory, now_ns);
    state->sums.batch_integral -= sums.batch_integral;
    state->sums.busy_ns -= sums.busy_ns;
}

static void add_wide(struct sim_digest *digest, sim_uint128 value)
{
    sim_digest_add(digest, (uint64_t)value);
    sim_digest_add(digest, (uint64_t)(value >> 64));
}

/* What is left of each entry's demand when `progress` is made, and its request's name. */
static void add_lane(struct sim_digest *digest, const struct sharing_entry *entries, const struct sharing_lane *lane,
                     uint64_t progress, uint64_t (*name)(void *context, uint32_t request), void *context)
{
    sim_digest_add(digest, lane->count);
    for (uint32_t i = 0; i < lane->count; i++) {
        const struct sharing_entry *entry = entries + lane->first + i;
        add_wide(digest, ((sim_uint128)entry->rounds << SHARING_ROUND_BITS) + (entry->target - progress));
        sim_digest_add(digest, name(context, entries[lane->first + i].request));
    }
}

void sharing_digest(const struct sharing_plan *plan, const void *memory, sim_time_ns now_ns, struct sim_digest *digest,
                    uint64_t (*name)(void *context, uint32_t request), void *context)
{
    const struct sharing *state = memory;
    sim_time_ns span_ns = state->running ? now_ns - state->since_ns : 0;
    uint64_t progress = state->progress + plan->speed[state->running].units_per_ns * (uint64_t)span_ns;
    add_lane(digest, sharing_ends(state), &state->ends, progress, name, context);
    add_lane(digest, sharing_outputs(plan, state), &state->outputs, progress, name, context);
    sim_digest_add(digest, state->waiting_count);
    for (uint32_t i = 0; i < state->waiting_count; i++) {
        uint32_t place = (state->waiting_first + i) % (plan->max_inputs - plan->slots);
        add_wide(digest, waiting_of(plan, state)[place].demand);
        sim_digest_add(digest, name(context, waiting_of(plan, state)[place].request));
    }
}
