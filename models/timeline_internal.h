/* timeline_internal.h - the state of a timeline, and what every request passes through, in line.
 *
 * Where there is nothing but a plain main stage (timeline_plan.is_plain), ends are taken from it as they come.
 */
#ifndef MODELS_TIMELINE_INTERNAL_H
#define MODELS_TIMELINE_INTERNAL_H

#include "models/sharing_internal.h"
#include "models/timeline.h"
#include "sim/inline.h"

/* The requests in a fixed stage by due times, at equal ones as they came: a ring. Where a stage takes the same for all,
 * who comes last is due last; where not, few have to be passed.
 */
struct timeline_lane {
    uint32_t first;
    uint32_t count;
    sim_time_ns due_ns; /* of the first; SIM_TIME_NEVER: there is none */
};

/* Followed by the main stage's state and the places of the lanes, `before` only if there is such a stage. */
struct timeline {
    sim_time_ns next_ns;  /* something happens inside: an entry, or what the main stage says */
    sim_time_ns stage_ns; /* what the main stage says; SIM_TIME_NEVER: nothing */
    struct timeline_lane before;
    struct timeline_lane after;
    uint64_t plan_offset; /* of its own plan from the first one, in bytes */
    uint64_t padding;     /* what follows begins at a multiple of 16 */
};

/* The plan of the container's GPU, for the functions that follow. In the plain case there is but one. */
static inline const struct timeline_plan *timeline_own_plan(const struct timeline_plan *plan,
                                                            const struct timeline *timeline)
{
    return (const struct timeline_plan *)(const void *)((const char *)plan + timeline->plan_offset);
}

/* What the functions below do where it is not plain; with its own plan. */
void timeline_enter_lane(const struct timeline_plan *plan, struct timeline *timeline,
                         const struct request_store *requests, sim_time_ns now_ns, sim_time_ns before_ns,
                         uint32_t request, const struct stage_need *need);
void timeline_go(const struct timeline_plan *plan, struct timeline *timeline, const struct request_store *requests,
                 sim_time_ns now_ns);
uint32_t timeline_leave_lane(const struct timeline_plan *plan, struct timeline *timeline);
sim_time_ns timeline_look_ahead(const struct timeline_plan *plan, const struct timeline *timeline,
                                const struct request_store *requests);

static inline void *timeline_stage(const struct timeline *timeline)
{
    return (void *)(uintptr_t)(timeline + 1);
}

static inline sim_time_ns timeline_earlier(sim_time_ns a_ns, sim_time_ns b_ns)
{
    return a_ns < b_ns ? a_ns : b_ns;
}

static inline sim_time_ns timeline_later(sim_time_ns from_ns, sim_time_ns span_ns)
{
    return from_ns < SIM_TIME_NEVER - span_ns ? from_ns + span_ns : SIM_TIME_NEVER;
}

/* A request comes at now_ns and enters the main stage before_ns later; 0 if the plan has nothing before it. At most
 * max_inputs are inside. Its after_ns is known.
 */
SIM_ALWAYS_INLINE void timeline_enter(const struct timeline_plan *plan, struct timeline *timeline,
                                      const struct request_store *requests, sim_time_ns now_ns, sim_time_ns before_ns,
                                      uint32_t request, struct stage_need need)
{
    if (plan->is_plain)
        sharing_inline_submit(&plan->stage.sharing, timeline_stage(timeline), now_ns, request, need.demand);
    else
        timeline_enter_lane(timeline_own_plan(plan, timeline), timeline, requests, now_ns, before_ns, request, &need);
}

/* Brings up to date who is where: entries and ends up to and at now_ns have happened. */
SIM_ALWAYS_INLINE void timeline_pass(const struct timeline_plan *plan, struct timeline *timeline,
                                     const struct request_store *requests, sim_time_ns now_ns)
{
    if (plan->is_plain)
        sharing_advance(&plan->stage.sharing, timeline_stage(timeline), now_ns);
    else if (timeline->next_ns <= now_ns)
        timeline_go(timeline_own_plan(plan, timeline), timeline, requests, now_ns);
}

/* The next of the requests that leave at now_ns, after timeline_advance; false if there is none. Order: end in the
 * main stage. In the plain case the first output comes with it and is not noted.
 */
SIM_ALWAYS_INLINE bool timeline_take(const struct timeline_plan *plan, struct timeline *timeline, sim_time_ns now_ns,
                                     uint32_t *request)
{
    if (plan->is_plain)
        return sharing_inline_take(&plan->stage.sharing, timeline_stage(timeline), request);
    if (timeline->after.due_ns > now_ns)
        return false;
    *request = timeline_leave_lane(plan, timeline);
    return true;
}

/* When the next request leaves if nobody comes, after everybody who leaves at now_ns has; SIM_TIME_NEVER if nobody is
 * inside. May be too early, and is then later than now; whoever advances to it and asks again knows more.
 */
SIM_ALWAYS_INLINE sim_time_ns timeline_next(const struct timeline_plan *plan, struct timeline *timeline,
                                            const struct request_store *requests, sim_time_ns now_ns)
{
    if (plan->is_plain)
        return sharing_inline_end(&plan->stage.sharing, timeline_stage(timeline));
    plan = timeline_own_plan(plan, timeline);
    if (timeline->next_ns <= now_ns)
        timeline_go(plan, timeline, requests, now_ns);
    sim_time_ns soonest_ns = timeline_later(timeline->next_ns, plan->after_least_ns);
    if (timeline->after.due_ns <= soonest_ns)
        return timeline->after.due_ns;
    return plan->looks_ahead ? timeline_look_ahead(plan, timeline, requests) : soonest_ns;
}

#endif
