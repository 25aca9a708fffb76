/* stage.c - which of the main stages is meant. */
#include "models/stage.h"

#include <math.h>
#include <stdlib.h>

#include "sim/memory.h"

static enum sim_status batching_plan_init(struct stage_plan *plan, double speed, struct sim_error *error)
{
    const struct profile_config *profile = plan->profile;
    struct batching_point *points = sim_allocate(profile->step_curve_count, sizeof *points);
    for (size_t i = 0; i < profile->step_curve_count; i++)
        points[i] = (struct batching_point){profile->step_curve[i].running, profile->step_curve[i].time_s / speed};
    struct batching_parameters parameters = {
        .points = points,
        .point_count = profile->step_curve_count,
        .cached_token_s = profile->per_cached_token_s / speed,
        .prefill_token_s = profile->per_prefill_token_s / speed,
        .token_budget = profile->token_budget,
        .max_batch = profile->max_batch,
        .kv_tokens = profile->kv_tokens,
        .kv_block = profile->kv_block,
        .watermark = profile->kv_watermark,
        .whole_prompt = profile->whole_prompt,
        .keeps_preempted = profile->keeps_preempted,
        .overwrites_preempted = profile->overwrites_preempted,
        .scheduled_ahead = profile->scheduled_ahead,
    };
    plan->batching = sim_allocate(1, sizeof *plan->batching);
    enum sim_status status = batching_profile_init(plan->batching, &parameters, error);
    free(points);
    return status;
}

static enum sim_status other_plan_init(struct stage_plan *plan, double speed, struct sim_error *error)
{
    enum sim_status status = plan->is_dynamic
                                 ? dynamic_plan_init(&plan->dynamic, plan->profile, plan->max_inputs, error)
                                 : sharing_plan_init(&plan->sharing, plan->profile, plan->max_inputs, error);
    if (status == SIM_OK && plan->is_dynamic)
        dynamic_plan_speed_up(&plan->dynamic, speed);
    else if (status == SIM_OK)
        sharing_plan_speed_up(&plan->sharing, speed);
    return status;
}

enum sim_status stage_plan_init(struct stage_plan *plan, const struct pool_config *pool, uint32_t gpu,
                                struct sim_error *error)
{
    double speed = served_speed(pool, gpu);
    *plan = (struct stage_plan){.profile = &pool->profile, .max_inputs = (uint32_t)pool->max_inputs};
    plan->is_batching = pool->profile.stage == STAGE_CONTINUOUS_BATCHING;
    if (plan->is_batching)
        return batching_plan_init(plan, speed, error);
    plan->is_dynamic = plan->profile->stage == STAGE_DYNAMIC_BATCHING;
    plan->draws = plan->is_dynamic || plan->profile->stage == STAGE_INDEPENDENT;
    plan->takes_drawn_work = plan->profile->stage == STAGE_PROCESSOR_SHARING && !(plan->profile->tokens_per_work > 0) &&
                             pool->served_count == 0;
    return other_plan_init(plan, speed, error);
}

void stage_plan_release(struct stage_plan *plan)
{
    sharing_plan_release(&plan->sharing);
    dynamic_plan_release(&plan->dynamic);
    free(plan->batching);
    plan->batching = NULL;
}

/* A request that was cancelled keeps its place in the server until its step ends, while another may come. */
static uint32_t batching_places(const struct stage_plan *plan)
{
    return 2 * plan->max_inputs;
}

size_t stage_size(const struct stage_plan *plan)
{
    if (plan->is_batching)
        return batching_size(batching_places(plan));
    return plan->is_dynamic ? dynamic_size(&plan->dynamic) : sharing_size(&plan->sharing);
}

void stage_init(const struct stage_plan *plan, void *state)
{
    if (plan->is_batching)
        batching_init(state, batching_places(plan));
    else if (plan->is_dynamic)
        dynamic_init(&plan->dynamic, state);
    else
        sharing_init(&plan->sharing, state);
}

static uint32_t at_least_one(int32_t tokens)
{
    return tokens < 1 ? 1 : (uint32_t)tokens;
}

bool stage_fits(const struct stage_plan *plan, const struct request_draw *draw)
{
    return !plan->is_batching ||
           batching_fits(plan->batching, at_least_one(draw->input_tokens), at_least_one(draw->output_tokens));
}

double stage_service_s(const struct stage_plan *plan, const struct request_draw *draw, struct sim_random *random)
{
    return draw->work * sim_distribution_sample(&plan->profile->service_s, random);
}

/* Units of work of a request in a stage that shares; seconds where requests are independent. */
static double work_of(const struct stage_plan *plan, const struct request_draw *draw, struct sim_random *random)
{
    if (plan->profile->stage == STAGE_INDEPENDENT)
        return stage_service_s(plan, draw, random);
    if (plan->profile->tokens_per_work > 0)
        return draw->work * draw->output_tokens / plan->profile->tokens_per_work;
    return draw->work;
}

struct stage_need stage_need(const struct stage_plan *plan, const struct request_draw *draw, double prefix_hit,
                             struct sim_random *random)
{
    if (plan->is_dynamic)
        return (struct stage_need){.dynamic = dynamic_need(&plan->dynamic, draw->work, random)};
    if (!plan->is_batching)
        return (struct stage_need){.demand = sharing_demand(&plan->sharing, work_of(plan, draw, random))};
    uint32_t prompt = at_least_one(draw->input_tokens);
    return (struct stage_need){.prompt_tokens = prompt,
                               .cached_tokens = (uint32_t)(prefix_hit * prompt),
                               .output_tokens = at_least_one(draw->output_tokens)};
}

void stage_submit(const struct stage_plan *plan, void *state, sim_time_ns now_ns, uint32_t request,
                  struct stage_need need)
{
    if (plan->is_batching)
        batching_submit(plan->batching, state, now_ns, request, need.prompt_tokens, need.cached_tokens,
                        need.output_tokens);
    else if (plan->is_dynamic)
        dynamic_submit(&plan->dynamic, state, now_ns, request, need.dynamic);
    else
        sharing_submit(&plan->sharing, state, now_ns, request, need.demand);
}

sim_time_ns stage_next(const struct stage_plan *plan, const void *state)
{
    if (plan->is_batching)
        return batching_next(plan->batching, state);
    return plan->is_dynamic ? dynamic_next(&plan->dynamic, state) : sharing_next(&plan->sharing, state);
}

static bool take_batching(const struct stage_plan *plan, void *state, sim_time_ns now_ns, struct stage_event *event)
{
    struct batching_completion completion;
    if (!batching_take(plan->batching, state, now_ns, &completion, 1)) {
        event->time_ns = batching_next(plan->batching, state);
        return false;
    }
    *event = (struct stage_event){completion.request_id, true, completion.first_ns, completion.completed_ns};
    return true;
}

static bool take_dynamic(const struct stage_plan *plan, void *state, sim_time_ns now_ns, struct stage_event *event)
{
    struct dynamic_event end = {0};
    bool is_taken = dynamic_take(&plan->dynamic, state, now_ns, &end);
    *event = (struct stage_event){end.request, true, end.time_ns, end.time_ns};
    return is_taken;
}

bool stage_take(const struct stage_plan *plan, void *state, sim_time_ns now_ns, struct stage_event *event)
{
    if (plan->is_batching)
        return take_batching(plan, state, now_ns, event);
    if (plan->is_dynamic)
        return take_dynamic(plan, state, now_ns, event);
    struct sharing_event shared;
    bool is_taken = sharing_take(&plan->sharing, state, now_ns, &shared);
    event->time_ns = shared.time_ns;
    if (!is_taken)
        return false;
    bool is_all_at_once = !shared.is_first_output && plan->sharing.first_per_1024 >= 1024;
    *event = (struct stage_event){shared.request, !shared.is_first_output,
                                  shared.is_first_output || is_all_at_once ? shared.time_ns : -1, shared.time_ns};
    return true;
}

void stage_cancel(const struct stage_plan *plan, void *state, sim_time_ns now_ns, uint32_t request)
{
    if (plan->is_batching)
        sim_assert(batching_cancel(plan->batching, state, now_ns, request));
    else if (plan->is_dynamic)
        dynamic_cancel(&plan->dynamic, state, now_ns, request);
    else
        sharing_cancel(&plan->sharing, state, now_ns, request);
}

uint32_t stage_inside(const struct stage_plan *plan, const void *state, uint32_t *requests)
{
    if (plan->is_batching)
        return batching_inside(state, requests);
    return plan->is_dynamic ? dynamic_inside(&plan->dynamic, state, requests)
                            : sharing_inside(&plan->sharing, state, requests);
}

struct stage_totals stage_totals(const struct stage_plan *plan, void *state, sim_time_ns now_ns)
{
    if (plan->is_dynamic) {
        struct dynamic_sums sums = dynamic_totals(&plan->dynamic, state, now_ns);
        return (struct stage_totals){.batch_integral = sums.batch_integral, .busy_ns = sums.busy_ns};
    }
    if (!plan->is_batching) {
        struct sharing_sums sums = sharing_totals(&plan->sharing, state, now_ns);
        return (struct stage_totals){.batch_integral = sums.batch_integral, .busy_ns = sums.busy_ns};
    }
    struct batching_totals totals = batching_totals(plan->batching, state, now_ns);
    return (struct stage_totals){
        .batch_integral = (sim_int128)(totals.batch_time >> 16),
        .busy_ns = (sim_int128)(totals.busy_time >> 16),
        .kv_integral = (sim_int128)(totals.cached_time >> 16),
        .kv_max = (int64_t)totals.cached_max,
        .preemptions = (int64_t)totals.preemptions,
    };
}

void stage_forget_totals(const struct stage_plan *plan, void *state, sim_time_ns now_ns)
{
    if (plan->is_batching)
        batching_forget_totals(plan->batching, state, now_ns);
    else if (plan->is_dynamic)
        dynamic_forget_totals(&plan->dynamic, state, now_ns);
    else
        sharing_forget_totals(&plan->sharing, state, now_ns);
}

void stage_digest(const struct stage_plan *plan, void *state, sim_time_ns now_ns, struct sim_digest *digest,
                  uint64_t (*name)(void *context, uint32_t request), void *context)
{
    if (plan->is_batching)
        batching_digest(plan->batching, state, now_ns, name, context, digest);
    else if (plan->is_dynamic)
        dynamic_digest(&plan->dynamic, state, now_ns, digest, name, context);
    else
        sharing_digest(&plan->sharing, state, now_ns, digest, name, context);
}
