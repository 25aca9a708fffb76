/* timeline.c - two lanes of passing requests around a main stage. */
#include "models/timeline_internal.h"

#include <string.h>

/* A place of a lane. What requests in the lane `before` need of the main stage stands behind its places. */
struct passing {
    sim_time_ns due_ns;
    uint32_t request;
    uint32_t padding;
};

enum sim_status timeline_plan_init(struct timeline_plan *plan, const struct pool_config *pool, uint32_t gpu,
                                   bool has_before, bool is_after_constant, sim_time_ns after_least_ns,
                                   struct sim_error *error)
{
    *plan = (struct timeline_plan){.has_before = has_before, .after_least_ns = after_least_ns, .places = 1};
    while (plan->places < pool->max_inputs)
        plan->places *= 2;
    enum sim_status status = stage_plan_init(&plan->stage, pool, gpu, error);
    if (status != SIM_OK)
        return status;
    plan->is_sharing = stage_is_sharing(&plan->stage);
    plan->looks_ahead = plan->is_sharing && plan->stage.sharing.is_slower_by_more;
    plan->is_plain = plan->is_sharing && plan->stage.sharing.is_plain && !has_before && is_after_constant &&
                     after_least_ns == 0 && pool->served_count == 0;
    plan->after_offset = sizeof(struct timeline) + stage_size(&plan->stage);
    plan->before_offset = plan->after_offset + plan->places * sizeof(struct passing);
    return SIM_OK;
}

void timeline_plan_keep(struct timeline_plan *plan)
{
    plan->has_before = true;
    plan->is_plain = false;
}

void timeline_plan_release(struct timeline_plan *plan)
{
    stage_plan_release(&plan->stage);
}

static inline struct passing *after_of(const struct timeline_plan *plan, const struct timeline *timeline)
{
    return (struct passing *)((uintptr_t)timeline + plan->after_offset);
}

static inline struct passing *before_of(const struct timeline_plan *plan, const struct timeline *timeline)
{
    return (struct passing *)((uintptr_t)timeline + plan->before_offset);
}

/* By place in the lane. */
static inline struct stage_need *needs_of(const struct timeline_plan *plan, const struct timeline *timeline)
{
    return (struct stage_need *)(before_of(plan, timeline) + plan->places);
}

size_t timeline_size(const struct timeline_plan *plan)
{
    size_t before_size = sizeof(struct passing) + sizeof(struct stage_need);
    return plan->before_offset + (plan->has_before ? plan->places * before_size : 0);
}

void timeline_init(const struct timeline_plan *plan, uint32_t gpu, void *memory)
{
    struct timeline *timeline = memory;
    memset(timeline, 0, timeline_size(plan));
    timeline->plan_offset = gpu * sizeof *plan;
    timeline->next_ns = SIM_TIME_NEVER;
    timeline->stage_ns = SIM_TIME_NEVER;
    timeline->before.due_ns = SIM_TIME_NEVER;
    timeline->after.due_ns = SIM_TIME_NEVER;
    stage_init(&plan->stage, timeline_stage(timeline));
}

/* After a change in the main stage. */
static inline void find_next(const struct timeline_plan *plan, struct timeline *timeline)
{
    const struct stage_plan *stage = &plan->stage;
    timeline->stage_ns = plan->is_sharing ? sharing_inline_end(&stage->sharing, timeline_stage(timeline))
                                          : stage_next(stage, timeline_stage(timeline));
    timeline->next_ns = timeline_earlier(timeline->stage_ns, timeline->before.due_ns);
}

/* ---- lanes ---- */

static inline uint32_t place_of(const struct timeline_plan *plan, const struct timeline_lane *lane, uint32_t number)
{
    return (lane->first + number) & (plan->places - 1);
}

/* `needs` is NULL in the lane `after`. */
static inline void lane_add(const struct timeline_plan *plan, struct passing *places, struct stage_need *needs,
                            struct timeline_lane *lane, struct passing added, const struct stage_need *need)
{
    sim_assert(lane->count < plan->places);
    uint32_t number = lane->count++;
    uint32_t place = place_of(plan, lane, number);
    for (; number > 0 && places[place_of(plan, lane, number - 1)].due_ns > added.due_ns; number--) {
        uint32_t earlier = place_of(plan, lane, number - 1);
        places[place] = places[earlier];
        if (needs)
            needs[place] = needs[earlier];
        place = earlier;
    }
    places[place] = added;
    if (needs)
        needs[place] = *need;
    lane->due_ns = timeline_earlier(lane->due_ns, added.due_ns);
}

static inline void lane_find_due(const struct passing *places, struct timeline_lane *lane)
{
    lane->due_ns = lane->count ? places[lane->first].due_ns : SIM_TIME_NEVER;
}

/* The place of the first, who leaves. */
static inline uint32_t lane_take(const struct timeline_plan *plan, const struct passing *places,
                                 struct timeline_lane *lane)
{
    uint32_t place = lane->first;
    lane->first = (place + 1) & (plan->places - 1);
    lane->count--;
    lane_find_due(places, lane);
    return place;
}

/* Whether it was there. */
static bool lane_cancel(const struct timeline_plan *plan, struct passing *places, struct stage_need *needs,
                        struct timeline_lane *lane, uint32_t request)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < lane->count; i++) {
        uint32_t place = place_of(plan, lane, i);
        if (places[place].request == request)
            continue;
        uint32_t to = place_of(plan, lane, kept++);
        places[to] = places[place];
        if (needs)
            needs[to] = needs[place];
    }
    bool found = kept < lane->count;
    lane->count = kept;
    lane_find_due(places, lane);
    return found;
}

static uint32_t lane_list(const struct timeline_plan *plan, const struct passing *places,
                          const struct timeline_lane *lane, uint32_t *requests)
{
    for (uint32_t i = 0; i < lane->count; i++)
        requests[i] = places[place_of(plan, lane, i)].request;
    return lane->count;
}

/* ---- time passes ---- */

static inline void enter_after(const struct timeline_plan *plan, struct timeline *timeline, uint32_t number,
                               const struct request *request, sim_time_ns end_ns)
{
    struct passing added = {.due_ns = timeline_later(end_ns, request->after_ns), .request = number};
    lane_add(plan, after_of(plan, timeline), NULL, &timeline->after, added, NULL);
}

/* The main stage is one of those that batch. */
static void go_otherwise(const struct timeline_plan *plan, struct timeline *timeline,
                         const struct request_store *requests, sim_time_ns now_ns)
{
    for (;;) {
        sim_time_ns until_ns = timeline_earlier(timeline->before.due_ns, now_ns);
        struct stage_event event;
        while (stage_take(&plan->stage, timeline_stage(timeline), until_ns, &event)) {
            struct request *request = request_at(requests, event.request);
            request->first_ns = event.first_ns;
            enter_after(plan, timeline, event.request, request, event.time_ns);
        }
        if (timeline->before.due_ns > now_ns) {
            timeline->stage_ns = event.time_ns;
            timeline->next_ns = timeline_earlier(event.time_ns, timeline->before.due_ns);
            return;
        }
        uint32_t place = lane_take(plan, before_of(plan, timeline), &timeline->before);
        stage_submit(&plan->stage, timeline_stage(timeline), until_ns, before_of(plan, timeline)[place].request,
                     needs_of(plan, timeline)[place]);
    }
}

/* Processor sharing goes on to until_ns, with nobody entering or ending before. First outputs on the way get their
 * times here: they change nothing, so nobody stops for them.
 */
static inline void share(const struct sharing_plan *plan, struct sharing *state, const struct request_store *requests,
                         sim_time_ns until_ns)
{
    const struct sharing_speed *speed = &plan->speed[state->running];
    uint64_t reached = state->progress + speed->units_per_ns * (uint64_t)(until_ns - state->since_ns);
    while (state->outputs.count) {
        const struct sharing_entry *output = sharing_outputs(plan, state) + state->outputs.first;
        if (sharing_left(output->target, reached) > 0)
            break;
        if (SIM_RARELY(output->rounds) && sharing_goes_round(plan, sharing_outputs(plan, state), &state->outputs))
            continue;
        request_at(requests, output->request)->first_ns =
            sharing_time(speed, state->since_ns, sharing_left(output->target, state->progress));
        state->outputs.first++;
        state->outputs.count--;
    }
    sharing_advance(plan, state, until_ns);
}

static void go_sharing(const struct timeline_plan *plan, struct timeline *timeline,
                       const struct request_store *requests, sim_time_ns now_ns)
{
    const struct sharing_plan *sharing = &plan->stage.sharing;
    struct sharing *state = timeline_stage(timeline);
    sim_time_ns end_ns = timeline->stage_ns;
    for (;;) {
        sim_time_ns due_ns = timeline->before.due_ns;
        sim_time_ns next_ns = timeline_earlier(end_ns, due_ns);
        if (next_ns > now_ns) {
            timeline->stage_ns = end_ns;
            timeline->next_ns = next_ns;
            return;
        }
        share(sharing, state, requests, next_ns);
        if (end_ns <= due_ns) {
            if (SIM_RARELY(sharing_ends(state)[state->ends.first].rounds)) {
                sharing_goes_round(sharing, sharing_ends(state), &state->ends);
                end_ns = sharing_inline_end(sharing, state);
                continue;
            }
            uint32_t number = sharing_leave(sharing, state);
            struct request *request = request_at(requests, number);
            if (!sharing_has_outputs(sharing))
                request->first_ns = end_ns;
            enter_after(plan, timeline, number, request, end_ns);
        } else {
            uint32_t place = lane_take(plan, before_of(plan, timeline), &timeline->before);
            sharing_enter(sharing, state, before_of(plan, timeline)[place].request,
                          needs_of(plan, timeline)[place].demand);
        }
        end_ns = sharing_inline_end(sharing, state);
    }
}

void timeline_go(const struct timeline_plan *plan, struct timeline *timeline, const struct request_store *requests,
                 sim_time_ns now_ns)
{
    if (plan->is_sharing)
        go_sharing(plan, timeline, requests, now_ns);
    else
        go_otherwise(plan, timeline, requests, now_ns);
}

void timeline_advance(const struct timeline_plan *plan, void *memory, const struct request_store *requests,
                      sim_time_ns now_ns)
{
    timeline_pass(plan, memory, requests, now_ns);
    plan = timeline_own_plan(plan, memory);
    if (plan->is_sharing)
        share(&plan->stage.sharing, timeline_stage(memory), requests, now_ns);
}

static void enter_stage(const struct timeline_plan *plan, struct timeline *timeline,
                        const struct request_store *requests, sim_time_ns now_ns, uint32_t request,
                        const struct stage_need *need)
{
    if (timeline->next_ns <= now_ns)
        timeline_go(plan, timeline, requests, now_ns);
    if (plan->is_sharing) {
        share(&plan->stage.sharing, timeline_stage(timeline), requests, now_ns);
        sharing_enter(&plan->stage.sharing, timeline_stage(timeline), request, need->demand);
    } else {
        stage_submit(&plan->stage, timeline_stage(timeline), now_ns, request, *need);
    }
    find_next(plan, timeline);
}

void timeline_enter_lane(const struct timeline_plan *plan, struct timeline *timeline,
                         const struct request_store *requests, sim_time_ns now_ns, sim_time_ns before_ns,
                         uint32_t request, const struct stage_need *need)
{
    if (!plan->has_before) {
        enter_stage(plan, timeline, requests, now_ns, request, need);
        return;
    }
    struct passing added = {.due_ns = timeline_later(now_ns, before_ns), .request = request};
    lane_add(plan, before_of(plan, timeline), needs_of(plan, timeline), &timeline->before, added, need);
    timeline->next_ns = timeline_earlier(timeline->next_ns, added.due_ns);
}

void timeline_stay(const struct timeline_plan *plans, void *memory, uint32_t request, sim_time_ns until_ns)
{
    struct timeline *timeline = memory;
    const struct timeline_plan *plan = timeline_own_plan(plans, timeline);
    struct passing added = {.due_ns = until_ns, .request = request};
    lane_add(plan, after_of(plan, timeline), NULL, &timeline->after, added, NULL);
}

uint32_t timeline_leave_lane(const struct timeline_plan *plan, struct timeline *timeline)
{
    const struct passing *places = after_of(plan, timeline);
    return places[lane_take(plan, places, &timeline->after)].request;
}

void timeline_cancel(const struct timeline_plan *plan, void *memory, const struct request_store *requests,
                     sim_time_ns now_ns, uint32_t request)
{
    struct timeline *timeline = memory;
    timeline_advance(plan, timeline, requests, now_ns);
    plan = timeline_own_plan(plan, timeline);
    if (!lane_cancel(plan, after_of(plan, timeline), NULL, &timeline->after, request) &&
        !(plan->has_before &&
          lane_cancel(plan, before_of(plan, timeline), needs_of(plan, timeline), &timeline->before, request)))
        stage_cancel(&plan->stage, timeline_stage(timeline), now_ns, request);
    find_next(plan, timeline);
}

/* ---- who leaves first ---- */

/* How far looking ahead has come in the main stage. */
struct outlook {
    sim_time_ns end_ns; /* the next end */
    sim_time_ns at_ns;
    uint64_t progress; /* by then, and how many make it */
    uint32_t running;
    uint64_t stay; /* who entered on the way is there for so much more progress at least, from the first end on */
};

/* Those who have yet to enter the main stage slow the first end down, here only if they enter before it and stay
 * beyond it. Returns when the first of them leaves if each has the full speed.
 */
static inline sim_time_ns let_enter(const struct timeline_plan *plan, const struct timeline *timeline,
                                    const struct request_store *requests, struct outlook *outlook)
{
    const struct sharing_plan *sharing = &plan->stage.sharing;
    const struct sharing *state = timeline_stage(timeline);
    bool enters = state->ends.count > 0;
    uint64_t target = enters ? sharing_ends(state)[state->ends.first].target : 0;
    sim_time_ns exit_ns = SIM_TIME_NEVER;
    for (uint32_t i = 0; i < timeline->before.count; i++) {
        uint32_t place = place_of(plan, &timeline->before, i);
        const struct passing *entrant = before_of(plan, timeline) + place;
        sim_uint128 demand = needs_of(plan, timeline)[place].demand;
        sim_time_ns least_ns = SIM_RARELY((uint64_t)(demand >> 63)) ? INT64_MAX : (int64_t)(uint64_t)demand;
        least_ns = (least_ns >> SHARING_UNIT_BITS) + request_at(requests, entrant->request)->after_ns;
        exit_ns = timeline_earlier(exit_ns, timeline_later(entrant->due_ns, least_ns));
        enters &= entrant->due_ns < outlook->end_ns && outlook->running < sharing->slots;
        if (!enters)
            continue;
        outlook->progress +=
            sharing->speed[outlook->running].units_per_ns * (uint64_t)(entrant->due_ns - outlook->at_ns);
        outlook->at_ns = entrant->due_ns;
        int64_t left = sharing_left(target, outlook->progress);
        enters = demand >= (uint64_t)left;
        if (!enters)
            continue;
        outlook->end_ns = sharing_time(&sharing->speed[++outlook->running], outlook->at_ns, left);
        if (demand - (uint64_t)left < outlook->stay)
            outlook->stay = (uint64_t)demand - (uint64_t)left;
    }
    return exit_ns;
}

/* Looks from end to end until no later one can leave before `exit_ns`. */
sim_time_ns timeline_look_ahead(const struct timeline_plan *plan, const struct timeline *timeline,
                                const struct request_store *requests)
{
    const struct sharing_plan *sharing = &plan->stage.sharing;
    const struct sharing *state = timeline_stage(timeline);
    struct outlook outlook = {timeline->stage_ns, state->since_ns, state->progress, state->running, UINT64_MAX};
    sim_time_ns exit_ns = timeline->after.due_ns;
    if (timeline->before.count)
        exit_ns = timeline_earlier(exit_ns, let_enter(plan, timeline, requests, &outlook));
    const struct sharing_entry *first = sharing_ends(state) + state->ends.first;
    const struct sharing_entry *last = first + state->ends.count - 1;
    const struct sharing_entry *end = first;
    while (outlook.end_ns < exit_ns - plan->after_least_ns) {
        exit_ns =
            timeline_earlier(exit_ns, timeline_later(outlook.end_ns, request_at(requests, end->request)->after_ns));
        if (SIM_RARELY(state->waiting_count))
            return timeline_earlier(exit_ns, timeline_later(outlook.end_ns, plan->after_least_ns));
        uint64_t window_ns = (uint64_t)(exit_ns - plan->after_least_ns - outlook.end_ns) + 1;
        if (end == last || (end[1].target - end->target) >> SHARING_UNIT_BITS > window_ns)
            break;
        if (SIM_RARELY(end[1].target - first->target > outlook.stay))
            return timeline_earlier(exit_ns, timeline_later(outlook.end_ns, plan->after_least_ns));
        outlook.progress += sharing->speed[outlook.running--].units_per_ns * (uint64_t)(outlook.end_ns - outlook.at_ns);
        outlook.at_ns = outlook.end_ns;
        end++;
        outlook.end_ns =
            sharing_time(&sharing->speed[outlook.running], outlook.at_ns, sharing_left(end->target, outlook.progress));
    }
    return exit_ns;
}

/* ---- looking in ---- */

uint32_t timeline_inside(const struct timeline_plan *plan, const void *memory, uint32_t *requests)
{
    const struct timeline *timeline = memory;
    uint32_t count = stage_inside(&plan->stage, timeline_stage(timeline), requests);
    count += lane_list(plan, before_of(plan, timeline), &timeline->before, requests + count);
    return count + lane_list(plan, after_of(plan, timeline), &timeline->after, requests + count);
}

struct stage_totals timeline_totals(const struct timeline_plan *plan, void *memory,
                                    const struct request_store *requests, sim_time_ns now_ns)
{
    timeline_advance(plan, memory, requests, now_ns);
    return stage_totals(&timeline_own_plan(plan, memory)->stage, timeline_stage(memory), now_ns);
}

void timeline_forget_totals(const struct timeline_plan *plan, void *memory, sim_time_ns now_ns)
{
    stage_forget_totals(&timeline_own_plan(plan, memory)->stage, timeline_stage(memory), now_ns);
}

static void add_lane(const struct timeline_plan *plan, const struct passing *places, const struct timeline_lane *lane,
                     struct sim_digest *digest, uint64_t (*name)(void *context, uint32_t request), void *context)
{
    sim_digest_add(digest, lane->count);
    for (uint32_t i = 0; i < lane->count; i++) {
        const struct passing *passing = places + place_of(plan, lane, i);
        sim_digest_add(digest, (uint64_t)passing->due_ns);
        sim_digest_add(digest, name(context, passing->request));
    }
}

void timeline_digest(const struct timeline_plan *plan, void *memory, sim_time_ns now_ns, struct sim_digest *digest,
                     uint64_t (*name)(void *context, uint32_t request), void *context)
{
    const struct timeline *timeline = memory;
    stage_digest(&timeline_own_plan(plan, timeline)->stage, timeline_stage(timeline), now_ns, digest, name, context);
    add_lane(plan, before_of(plan, timeline), &timeline->before, digest, name, context);
    add_lane(plan, after_of(plan, timeline), &timeline->after, digest, name, context);
}
