/* timeline.c - two lanes of passing requests around a main stage. */
#include "models/timeline_internal.h"

#include <string.h>

/* A request in a fixed stage. */
struct passing {
    sim_time_ns due_ns;
    uint32_t request;
    uint32_t padding;
    struct stage_need need; /* before the main stage */
};

enum sim_status timeline_plan_init(struct timeline_plan *plan, const struct pool_config *pool, bool has_before,
                                   bool is_after_constant, sim_time_ns after_least_ns, struct sim_error *error)
{
    *plan = (struct timeline_plan){.has_before = has_before, .after_least_ns = after_least_ns, .places = 1};
    while (plan->places < pool->max_inputs)
        plan->places *= 2;
    enum sim_status status = stage_plan_init(&plan->stage, pool, error);
    if (status != SIM_OK)
        return status;
    plan->looks_ahead =
        stage_is_sharing(&plan->stage) && (has_before || !is_after_constant || pool->profile.first_output < 1);
    plan->is_plain = stage_is_sharing(&plan->stage) && plan->stage.sharing.is_plain && !has_before &&
                     is_after_constant && after_least_ns == 0;
    plan->after_offset = sizeof(struct timeline) + stage_size(&plan->stage);
    plan->before_offset = plan->after_offset + plan->places * sizeof(struct passing);
    return SIM_OK;
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

size_t timeline_size(const struct timeline_plan *plan)
{
    return plan->before_offset + (plan->has_before ? plan->places * sizeof(struct passing) : 0);
}

void timeline_init(const struct timeline_plan *plan, void *memory)
{
    struct timeline *timeline = memory;
    memset(timeline, 0, timeline_size(plan));
    timeline->next_ns = SIM_TIME_NEVER;
    timeline->before.due_ns = SIM_TIME_NEVER;
    timeline->after.due_ns = SIM_TIME_NEVER;
    stage_init(&plan->stage, timeline_stage(timeline));
}

/* After every change: when something happens inside. */
static inline void find_next(const struct timeline_plan *plan, struct timeline *timeline)
{
    timeline->next_ns = timeline_earlier(stage_next(&plan->stage, timeline_stage(timeline)), timeline->before.due_ns);
}

/* ---- lanes ---- */

static inline struct passing *lane_at(const struct timeline_plan *plan, struct passing *places,
                                      const struct timeline_lane *lane, uint32_t number)
{
    return &places[(lane->first + number) & (plan->places - 1)];
}

static inline void lane_add(const struct timeline_plan *plan, struct passing *places, struct timeline_lane *lane,
                            const struct passing *added)
{
    sim_assert(lane->count < plan->places);
    uint32_t number = lane->count++;
    for (; number > 0 && lane_at(plan, places, lane, number - 1)->due_ns > added->due_ns; number--)
        *lane_at(plan, places, lane, number) = *lane_at(plan, places, lane, number - 1);
    *lane_at(plan, places, lane, number) = *added;
    lane->due_ns = timeline_earlier(lane->due_ns, added->due_ns);
}

static inline void lane_find_due(struct passing *places, struct timeline_lane *lane)
{
    lane->due_ns = lane->count ? places[lane->first].due_ns : SIM_TIME_NEVER;
}

static inline struct passing *lane_take(const struct timeline_plan *plan, struct passing *places,
                                        struct timeline_lane *lane)
{
    struct passing *first = &places[lane->first];
    lane->first = (lane->first + 1) & (plan->places - 1);
    lane->count--;
    lane_find_due(places, lane);
    return first;
}

/* Whether it was there. */
static bool lane_cancel(const struct timeline_plan *plan, struct passing *places, struct timeline_lane *lane,
                        uint32_t request)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < lane->count; i++)
        if (lane_at(plan, places, lane, i)->request != request)
            *lane_at(plan, places, lane, kept++) = *lane_at(plan, places, lane, i);
    bool found = kept < lane->count;
    lane->count = kept;
    lane_find_due(places, lane);
    return found;
}

static uint32_t lane_list(const struct timeline_plan *plan, struct passing *places, const struct timeline_lane *lane,
                          uint32_t *requests)
{
    for (uint32_t i = 0; i < lane->count; i++)
        requests[i] = lane_at(plan, places, lane, i)->request;
    return lane->count;
}

/* ---- time passes ---- */

static inline void note(const struct timeline_plan *plan, struct timeline *timeline,
                        const struct request_store *requests, const struct stage_event *event)
{
    struct request *request = request_at(requests, event->request);
    if (event->first_ns >= 0)
        request->first_ns = event->first_ns;
    if (event->is_end)
        lane_add(
            plan, after_of(plan, timeline), &timeline->after,
            &(struct passing){.due_ns = timeline_later(event->time_ns, request->after_ns), .request = event->request});
}

void timeline_go(const struct timeline_plan *plan, struct timeline *timeline, const struct request_store *requests,
                 sim_time_ns now_ns)
{
    for (;;) {
        sim_time_ns until_ns = timeline_earlier(timeline->before.due_ns, now_ns);
        struct stage_event event;
        while (stage_take(&plan->stage, timeline_stage(timeline), until_ns, &event))
            note(plan, timeline, requests, &event);
        if (timeline->before.due_ns > now_ns) {
            timeline->next_ns = timeline_earlier(event.time_ns, timeline->before.due_ns);
            return;
        }
        const struct passing *next = lane_take(plan, before_of(plan, timeline), &timeline->before);
        stage_submit(&plan->stage, timeline_stage(timeline), until_ns, next->request, next->need);
    }
}

void timeline_enter_lane(const struct timeline_plan *plan, struct timeline *timeline,
                         const struct request_store *requests, sim_time_ns now_ns, sim_time_ns before_ns,
                         uint32_t request, const struct stage_need *need)
{
    if (!plan->has_before) {
        timeline_advance(plan, timeline, requests, now_ns);
        stage_submit(&plan->stage, timeline_stage(timeline), now_ns, request, *need);
        find_next(plan, timeline);
        return;
    }
    sim_time_ns due_ns = timeline_later(now_ns, before_ns);
    lane_add(plan, before_of(plan, timeline), &timeline->before,
             &(struct passing){.due_ns = due_ns, .request = request, .need = *need});
    timeline->next_ns = timeline_earlier(timeline->next_ns, due_ns);
}

uint32_t timeline_leave_lane(const struct timeline_plan *plan, struct timeline *timeline)
{
    return lane_take(plan, after_of(plan, timeline), &timeline->after)->request;
}

void timeline_cancel(const struct timeline_plan *plan, void *memory, sim_time_ns now_ns, uint32_t request)
{
    struct timeline *timeline = memory;
    if (!lane_cancel(plan, before_of(plan, timeline), &timeline->before, request) &&
        !lane_cancel(plan, after_of(plan, timeline), &timeline->after, request))
        stage_cancel(&plan->stage, timeline_stage(timeline), now_ns, request);
    find_next(plan, timeline);
}

/* ---- who leaves first ---- */

/* Looks from end to end until no later one can leave before `exit_ns`, when the first of those behind the main stage
 * does. Where it cannot be told what follows an end, somebody may leave after the shortest time from there.
 */
sim_time_ns timeline_look_ahead(const struct timeline_plan *plan, const struct timeline *timeline,
                                const struct request_store *requests)
{
    sim_time_ns exit_ns = timeline->after.due_ns;
    const struct sharing_plan *sharing = &plan->stage.sharing;
    struct sharing_ahead ahead;
    sharing_ahead_begin(sharing, timeline_stage(timeline), &ahead);
    for (uint32_t entered = 0;;) {
        const struct passing *entrant = lane_at(plan, before_of(plan, timeline), &timeline->before, entered);
        if (entered < timeline->before.count && entrant->due_ns < ahead.end_ns) {
            sharing_ahead_enter(sharing, timeline_stage(timeline), &ahead, entrant->due_ns, entrant->request,
                                entrant->need.demand);
            entered++;
            continue;
        }
        if (exit_ns - plan->after_least_ns <= ahead.end_ns)
            return exit_ns;
        sim_time_ns end_ns = ahead.end_ns;
        exit_ns = timeline_earlier(exit_ns, timeline_later(end_ns, request_at(requests, ahead.request)->after_ns));
        if (exit_ns - plan->after_least_ns <= end_ns)
            return exit_ns;
        if (!sharing_ahead_end(sharing, timeline_stage(timeline), &ahead))
            return timeline_earlier(exit_ns, timeline_later(end_ns, plan->after_least_ns));
    }
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
    return stage_totals(&plan->stage, timeline_stage(memory), now_ns);
}

void timeline_forget_totals(const struct timeline_plan *plan, void *memory, sim_time_ns now_ns)
{
    stage_forget_totals(&plan->stage, timeline_stage(memory), now_ns);
}

static void add_lane(const struct timeline_plan *plan, struct passing *places, const struct timeline_lane *lane,
                     struct sim_digest *digest, uint64_t (*name)(void *context, uint32_t request), void *context)
{
    sim_digest_add(digest, lane->count);
    for (uint32_t i = 0; i < lane->count; i++) {
        sim_digest_add(digest, (uint64_t)lane_at(plan, places, lane, i)->due_ns);
        sim_digest_add(digest, name(context, lane_at(plan, places, lane, i)->request));
    }
}

void timeline_digest(const struct timeline_plan *plan, void *memory, sim_time_ns now_ns, struct sim_digest *digest,
                     uint64_t (*name)(void *context, uint32_t request), void *context)
{
    const struct timeline *timeline = memory;
    stage_digest(&plan->stage, timeline_stage(timeline), now_ns, digest, name, context);
    add_lane(plan, before_of(plan, timeline), &timeline->before, digest, name, context);
    add_lane(plan, after_of(plan, timeline), &timeline->after, digest, name, context);
}
