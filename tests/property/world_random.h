/* world_random.h - random small scenarios in which everything is mixed, for the tests of worlds. */
#ifndef TESTS_PROPERTY_WORLD_RANDOM_H
#define TESTS_PROPERTY_WORLD_RANDOM_H

#include "models/pool.h"
#include "tests/splitmix.h"
#include "tests/world_case.h"

/* Integers from low to high, both included. */
static inline int64_t between(struct splitmix *random, int64_t low, int64_t high)
{
    return low + splitmix_below(random, high - low + 1);
}

/* From low to high, half of the draws in whole tenths so that instants coincide. */
static inline double real(struct splitmix *random, double low, double high)
{
    double value = low + (high - low) * (double)(splitmix_next(random) >> 11) * 0x1p-53;
    return splitmix_chance(random, 50) ? (double)(int64_t)(value * 10 + 1) / 10 : value;
}

static inline struct sim_distribution random_time(struct splitmix *random, double high)
{
    struct sim_distribution distribution;
    double mean = real(random, 0.001, high);
    enum sim_status status = SIM_OK;
    switch (splitmix_below(random, 4)) {
    case 0:
        status = sim_distribution_exponential(&distribution, mean, NULL);
        break;
    case 1:
        status = sim_distribution_lognormal(&distribution, mean, 0.5, NULL);
        break;
    case 2:
        status = sim_distribution_fixed(&distribution, 0, NULL);
        break;
    default:
        status = sim_distribution_fixed(&distribution, mean, NULL);
    }
    ck_assert_int_eq(status, SIM_OK);
    return distribution;
}

/* Closed loops without any pause would run at a request per nanosecond. */
static inline struct sim_distribution random_pause(struct splitmix *random)
{
    struct sim_distribution distribution;
    double low = real(random, 0.1, 1);
    ck_assert_int_eq(sim_distribution_uniform(&distribution, low, splitmix_chance(random, 50) ? low : 3, NULL), SIM_OK);
    return distribution;
}

static inline struct sim_distribution random_tokens(struct splitmix *random, double high)
{
    struct sim_distribution distribution;
    double mean = real(random, 1, high);
    enum sim_status status = splitmix_chance(random, 30) ? sim_distribution_fixed(&distribution, mean, NULL)
                                                         : sim_distribution_lognormal(&distribution, mean, 0.7, NULL);
    ck_assert_int_eq(status, SIM_OK);
    return distribution;
}

static inline sim_time_ns random_ns(struct splitmix *random, double low, double high)
{
    return seconds(real(random, low, high));
}

static inline void draw_classes(struct world_case *c, struct splitmix *random, size_t number)
{
    struct workload_config *w = &c->workloads[number];
    w->class_count = (size_t)between(random, 1, CASE_CLASSES);
    for (size_t i = 0; i < w->class_count; i++) {
        struct class_config *class = &c->classes[number][i];
        class->share = 1 / (double)w->class_count;
        class->input_tokens = random_tokens(random, 60);
        class->output_tokens = random_tokens(random, 30);
        if (splitmix_chance(random, 50))
            class->work = random_tokens(random, 2);
        if (splitmix_chance(random, 20))
            class->audio_s = random_tokens(random, 10);
        class->prefix_hit = splitmix_chance(random, 30) ? 0.5 : 0;
    }
}

/* A rate that changes within seconds, by lines, jumps and a growth. */
static inline void draw_shape(struct world_case *c, struct splitmix *random, size_t number)
{
    struct shape_config *shape = &c->workloads[number].arrivals.shape;
    sim_time_ns at_ns = 0;
    shape->daily = c->daily[number];
    shape->daily_count = (size_t)between(random, 1, CASE_POINTS);
    for (size_t i = 0; i < shape->daily_count; i++) {
        double factor = splitmix_chance(random, 30) ? 0 : real(random, 0, 3);
        shape->daily[i] = (struct day_point){at_ns, factor};
        at_ns += random_ns(random, 0.1, 20);
    }
    shape->events = c->events[number];
    shape->event_count = (size_t)splitmix_below(random, 3);
    for (size_t i = 0; i < shape->event_count; i++) {
        sim_time_ns from_ns = random_ns(random, 0, 30), length_ns = random_ns(random, 0.01, 20);
        double factor = splitmix_chance(random, 40) ? 0 : real(random, 0, 4);
        shape->events[i] = (struct event_config){.from_ns = from_ns,
                                                 .to_ns = from_ns + length_ns,
                                                 .factor = factor,
                                                 .ramp_ns = splitmix_chance(random, 50) ? 0 : length_ns / 3};
    }
    shape->growth.kind = (int32_t)splitmix_below(random, GROWTH_TABLE);
    shape->growth.factor = real(random, 0.2, 3);
    shape->growth.over_ns = random_ns(random, 1, 60);
    if (splitmix_chance(random, 30))
        shape->drift = (struct drift_config){.sd = 0.5, .correlation_ns = SIM_HOUR};
}

static inline void draw_sessions(struct world_case *c, struct splitmix *random, size_t number)
{
    struct workload_config *w = &c->workloads[number];
    w->arrivals.rate_per_s = real(random, 0.1, 2);
    w->arrivals.session_s = random_time(random, 20);
    w->arrivals.takes_turns = splitmix_chance(random, 60);
    if (splitmix_chance(random, 50))
        w->arrivals.think_s = random_time(random, 3);
    if (splitmix_chance(random, 50))
        return;
    double below = real(random, 0, 5);
    w->migration.to_index = (int32_t)splitmix_below(random, (int64_t)c->config.pool_count);
    w->migration.to = c->pools[w->migration.to_index].name;
    w->migration.below = below;
    w->migration.above = below + real(random, 0.1, 5);
    w->migration.window_ns = random_ns(random, 0.5, 10);
    w->migration.over_ns = splitmix_chance(random, 50) ? 0 : random_ns(random, 1, 20);
    w->migration.back = splitmix_chance(random, 70);
}

static inline void draw_workload(struct world_case *c, struct splitmix *random, size_t number)
{
    static const int32_t processes[] = {ARRIVAL_POISSON, ARRIVAL_POISSON, ARRIVAL_GAMMA,   ARRIVAL_WEIBULL,
                                        ARRIVAL_BURST,   ARRIVAL_CLOSED,  ARRIVAL_SESSIONS};
    struct workload_config *w = &c->workloads[number];
    w->pool_index = (int32_t)splitmix_below(random, (int64_t)c->config.pool_count);
    w->pool = c->pools[w->pool_index].name;
    w->arrivals.process = processes[splitmix_below(random, 7)];
    w->arrivals.rate_per_s = real(random, 0.1, 6);
    w->arrivals.cv = real(random, 0.2, 3);
    w->arrivals.count = between(random, 1, 40);
    w->arrivals.at_ns = random_ns(random, 0, 20);
    w->arrivals.clients = between(random, 1, 6);
    w->arrivals.think_s = random_pause(random);
    w->client_timeout_ns = splitmix_chance(random, 60) ? SIM_TIME_NEVER : random_ns(random, 0.5, 15);
    w->cancel_on_disconnect = splitmix_chance(random, 50);
    draw_classes(c, random, number);
    if (splitmix_chance(random, 30))
        draw_shape(c, random, number);
    if (w->arrivals.process == ARRIVAL_SESSIONS)
        draw_sessions(c, random, number);
    for (size_t i = 0; i < w->class_count && splitmix_chance(random, 30); i++) {
        w->classes[i].pool_index = (int32_t)splitmix_below(random, (int64_t)c->config.pool_count);
        w->classes[i].pool = c->pools[w->classes[i].pool_index].name;
    }
}

static inline size_t draw_stages(struct stage_config *stages, struct splitmix *random)
{
    size_t count = splitmix_chance(random, 60) ? 0 : (size_t)between(random, 1, CASE_STAGES);
    for (size_t i = 0; i < count; i++)
        stages[i] = (struct stage_config){"stage", random_time(random, 0.5), splitmix_chance(random, 50)};
    return count;
}

static inline void draw_main_stage(struct world_case *c, struct splitmix *random, struct profile_config *p,
                                   size_t number)
{
    static const int32_t kinds[] = {STAGE_CONTINUOUS_BATCHING, STAGE_PROCESSOR_SHARING, STAGE_PROCESSOR_SHARING,
                                    STAGE_INDEPENDENT, STAGE_DYNAMIC_BATCHING};
    p->stage = kinds[splitmix_below(random, 5)];
    p->base_s = real(random, 0.05, 1);
    p->per_running_s = splitmix_chance(random, 70) ? real(random, 0, 0.4) : 0;
    p->slots = splitmix_chance(random, 70) ? 0 : between(random, 1, 4);
    p->tokens_per_work = splitmix_chance(random, 50) ? 0 : 20;
    p->first_output = splitmix_chance(random, 50) ? 1 : real(random, 0, 0.8);
    if (p->stage == STAGE_DYNAMIC_BATCHING)
        p->first_output = 1;
    p->max_batch_size = between(random, 1, 5);
    p->wait_ns = splitmix_chance(random, 50) ? 0 : random_ns(random, 0, 0.5);
    p->instances = between(random, 1, 3);
    p->slowdown = c->slowdown[number];
    p->slowdown[0] = (struct slowdown_point){2, real(random, 0.8, 2)};
    p->slowdown_count = (size_t)splitmix_below(random, 2);
    p->handover_s = splitmix_chance(random, 50) ? 0 : real(random, 0, 0.1);
    p->batch_spread = splitmix_chance(random, 50) ? 0 : 0.3;
    p->service_s = random_time(random, 2);
    c->curves[number][0] = (struct curve_point){1, 0.01};
    c->curves[number][1] = (struct curve_point){4, 0.02};
    p->step_curve = c->curves[number];
    p->step_curve_count = 2;
    p->per_cached_token_s = splitmix_chance(random, 50) ? 0 : 1e-5;
    p->per_prefill_token_s = 1e-4;
    p->token_budget = between(random, 16, 200);
    p->max_batch = between(random, 1, 6);
    p->kv_tokens = between(random, 80, 800);
    p->kv_block = splitmix_chance(random, 50) ? 16 : 1;
    p->kv_watermark = splitmix_chance(random, 50) ? 0 : 0.05;
    p->whole_prompt = splitmix_chance(random, 30);
    p->keeps_preempted = splitmix_chance(random, 30);
    p->overwrites_preempted = splitmix_chance(random, 50);
    p->scheduled_ahead = splitmix_chance(random, 30);
}

static inline void draw_startup(struct splitmix *random, struct pool_config *pool, struct phase_config *phases)
{
    struct profile_config *profile = &pool->profile;
    profile->startup_count = (size_t)splitmix_below(random, CASE_STAGES + 1);
    for (size_t i = 0; i < profile->startup_count; i++)
        phases[i] = (struct phase_config){"phase", random_time(random, 5), splitmix_chance(random, 50),
                                          splitmix_chance(random, 70)};
    profile->snapshot_create_s = random_time(random, 4);
    profile->snapshot_restore_s = random_time(random, 2);
    pool->allocation_s = splitmix_chance(random, 50) ? fixed(0) : random_time(random, 8);
    pool->snapshots = splitmix_chance(random, 50);
    pool->worker_types = between(random, 1, 3);
    pool->snapshot_miss = splitmix_chance(random, 50) ? 0 : 0.3;
    pool->snapshot_failure = splitmix_chance(random, 50) ? 0 : 0.3;
    pool->startup_timeout_ns = splitmix_chance(random, 60) ? 0 : random_ns(random, 1, 8);
}

/* Rules that a platform may have beside those; the other draws do not depend on them. */
static inline void draw_inferred(const struct splitmix *others, struct pool_config *pool)
{
    struct splitmix own = {~others->state};
    struct splitmix *random = &own;
    pool->start_limit = splitmix_chance(random, 70) ? 0 : between(random, 1, 2);
    pool->pending_weight = splitmix_chance(random, 70) ? 1 : real(random, 0.01, 1);
    pool->cancel_starting = splitmix_chance(random, 30);
    pool->poll_share = splitmix_chance(random, 70) ? POLL_SHARE_READY : POLL_SHARE_ALIVE;
    pool->fetch_latency_ns = splitmix_chance(random, 70) ? 0 : random_ns(random, 0.001, 0.5);
}

static inline void draw_scaling(struct splitmix *random, struct pool_config *pool)
{
    pool->platform = splitmix_chance(random, 30) ? PLATFORM_FIXED : PLATFORM_MODAL_FUNCTION;
    pool->autoscaler = (int32_t)(splitmix_chance(random, 70) ? AUTOSCALER_OF_PLATFORM : between(random, 1, 2));
    pool->min_containers = autoscaler_of(pool) == &autoscaler_fixed ? between(random, 1, 4) : splitmix_below(random, 3);
    pool->max_containers = splitmix_chance(random, 40) ? 0 : between(random, pool->min_containers + 1, 8);
    pool->buffer_containers = splitmix_chance(random, 60) ? 0 : between(random, 1, 2);
    pool->scaledown_window_ns = random_ns(random, 1, 15);
    pool->start_state = splitmix_chance(random, 70) ? START_WARM : START_COLD;
    pool->dispatch_order = (int32_t)splitmix_below(random, 4);
    pool->tick_ns = splitmix_chance(random, 70) ? SIM_SECOND : random_ns(random, 0.1, 4);
    pool->poll_ns = splitmix_chance(random, 70) ? seconds(3) : random_ns(random, 0.2, 5);
    pool->active_hold_ns = splitmix_chance(random, 60) ? 0 : random_ns(random, 1, 10);
    pool->over_factor = splitmix_chance(random, 60) ? 0 : real(random, 0.1, 1);
    draw_inferred(random, pool);
}

static inline void draw_pool(struct world_case *c, struct splitmix *random, size_t number)
{
    struct pool_config *pool = &c->pools[number];
    draw_scaling(random, pool);
    draw_startup(random, pool, c->startup[number]);
    draw_main_stage(c, random, &pool->profile, number);
    pool->profile.before_count = draw_stages(c->before[number], random);
    pool->profile.after_count = draw_stages(c->after[number], random);
    pool->gpu_count = between(random, 1, 2);
    pool->max_inputs = between(random, 1, 6);
    pool->target_inputs = splitmix_chance(random, 40) ? 0 : between(random, 1, pool->max_inputs);
    pool->timeout_ns = splitmix_chance(random, 30) ? SIM_TIME_NEVER : random_ns(random, 0.5, 30);
    pool->retries = splitmix_chance(random, 50) ? 0 : between(random, 1, 3);
    pool->retry_delay_ns = random_ns(random, 0, 2);
    pool->retry_backoff = splitmix_chance(random, 50) ? 1 : 2;
    pool->retry_delay_max_ns = seconds(5);
    pool->bill_starting = splitmix_chance(random, 70);
    pool->attempt_failure = splitmix_chance(random, 60) ? 0 : 0.2;
    pool->crash_rate_per_s = splitmix_chance(random, 60) ? 0 : 0.03;
    pool->price.gpu_pusd_per_h = between(random, 1, INT64_C(5000000000000));
    pool->queue_limit = splitmix_chance(random, 80) ? 1000000 : 5;
    pool->admission_limit = splitmix_chance(random, 80) ? 0 : between(random, 1, 20);
}

static inline struct setting_config draw_setting(struct splitmix *random, const struct pool_config *pool)
{
    int64_t least = splitmix_below(random, 4);
    uint32_t given = (uint32_t)splitmix_below(random, 1 << SETTING_MAX_INPUTS);
    uint32_t limits = UINT32_C(1) << SETTING_MIN_CONTAINERS | UINT32_C(1) << SETTING_MAX_CONTAINERS;
    if (given & limits) /* both, or the least might be more than the most, which no scenario may say */
        given |= limits;
    return (struct setting_config){
        .given = given,
        .min_containers = least,
        .max_containers = splitmix_chance(random, 30) ? 0 : between(random, least + 1, 8),
        .buffer_containers = splitmix_below(random, 3),
        .scaledown_window_ns = random_ns(random, 1, 15),
        .target_inputs = splitmix_chance(random, 30) ? 0 : between(random, 1, pool->max_inputs),
    };
}

/* Settings, prices and quotas that change. */
static inline void draw_changes(struct world_case *c, struct splitmix *random)
{
    sim_time_ns end_ns = c->config.duration_ns;
    for (size_t i = 0; i < c->config.pool_count; i++) {
        struct pool_config *pool = &c->pools[i];
        pool->schedule_count = splitmix_chance(random, 50) ? 0 : (size_t)between(random, 1, CASE_CHANGES);
        for (size_t k = 0; k < pool->schedule_count; k++) {
            struct schedule_config *entry = &c->schedules[i][k];
            entry->from_ns = splitmix_chance(random, 20) ? INT64_MIN : splitmix_below(random, end_ns);
            entry->to_ns = splitmix_chance(random, 40) ? SIM_TIME_NEVER : splitmix_below(random, end_ns);
            entry->set = draw_setting(random, pool);
        }
        pool->price_count = splitmix_chance(random, 50) ? 0 : (size_t)between(random, 1, CASE_CHANGES);
        for (size_t k = 0; k < pool->price_count; k++)
            c->prices[i][k] = (struct price_change){
                .from_ns = end_ns * ((sim_time_ns)k - 1) / 3 + splitmix_below(random, end_ns / 3),
                .gpu_pusd_per_h = between(random, 1, INT64_C(5000000000000)),
            };
    }
    if (splitmix_chance(random, 70))
        return;
    c->config.quota_count = 0;
    case_quota(c, between(random, 1, 8));
    case_quota(c, between(random, 1, 12));
    c->quotas[0].until_ns = splitmix_below(random, end_ns);
}

/* Containers get other GPUs than they ask for. */
static inline void draw_served(struct world_case *c, struct splitmix *random, size_t number)
{
    static const char *const names[SERVED_MAX] = {"other", "third", "fourth", "fifth"};
    struct pool_config *pool = &c->pools[number];
    pool->served_count = (size_t)between(random, 1, SERVED_MAX);
    for (size_t i = 0; i < pool->served_count; i++)
        c->served[number][i] = (struct served_config){
            .gpu = names[i],
            .share = real(random, 0, 0.9) / (double)pool->served_count,
            .speed = splitmix_chance(random, 30) ? 1 : real(random, 0.3, 3),
            .billed_as = (int32_t)splitmix_below(random, 2),
            .attempt_failure = splitmix_chance(random, 50) ? -1 : 0.1,
            .gpu_pusd_per_h = between(random, 1, INT64_C(5000000000000)),
        };
}

/* Containers end early, and jobs keep what they have done. */
static inline void draw_ends(struct world_case *c, struct splitmix *random)
{
    for (size_t i = 0; i < c->config.pool_count; i++) {
        struct pool_config *pool = &c->pools[i];
        pool->single_use = pool->max_inputs == 1 && splitmix_chance(random, 50);
        pool->interruption_rate_per_s = splitmix_chance(random, 60) ? 0 : 0.05;
        pool->interruption_notice_ns = splitmix_chance(random, 40) ? 0 : random_ns(random, 0.1, 3);
    }
    for (size_t i = 0; i < c->config.workload_count; i++)
        for (size_t k = 0; k < CASE_CLASSES; k++) {
            bool is_job = c->pools[c->workloads[i].pool_index].profile.stage == STAGE_INDEPENDENT;
            c->classes[i][k].checkpoint_ns = is_job && splitmix_chance(random, 60) ? random_ns(random, 0.1, 1) : 0;
            c->classes[i][k].checkpoint_write_ns = splitmix_chance(random, 50) ? 0 : random_ns(random, 0, 0.2);
        }
}

/* Requests take GPU memory, so that some fail for want of it. */
static inline void draw_memory(struct world_case *c, struct splitmix *random)
{
    for (size_t i = 0; i < c->config.pool_count; i++) {
        struct pool_config *pool = &c->pools[i];
        pool->gpu_memory_gb = splitmix_chance(random, 20) ? 0 : real(random, 5, 12);
        pool->reserved_memory_gb = splitmix_chance(random, 40) ? 0 : real(random, 0, 5);
        for (size_t k = 0; k < pool->served_count; k++)
            c->served[i][k].memory_gb = real(random, 5, 12);
    }
    for (size_t i = 0; i < c->config.workload_count; i++)
        for (size_t k = 0; k < CASE_CLASSES; k++)
            c->classes[i][k].memory_gb = splitmix_chance(random, 30) ? 0 : real(random, 0, 4);
}

static inline void draw_hardware(struct world_case *c, struct splitmix *random)
{
    for (size_t i = 0; i < c->config.pool_count; i++)
        if (splitmix_chance(random, 40))
            draw_served(c, random, i);
    if (splitmix_chance(random, 50))
        draw_ends(c, random);
    if (splitmix_chance(random, 40))
        draw_memory(c, random);
}

static inline struct condition_config draw_condition(struct splitmix *random, sim_time_ns period_ns)
{
    enum gauge measure = (enum gauge)splitmix_below(random, GAUGE_COUNT);
    enum gauge_comparison side = (enum gauge_comparison)splitmix_below(random, 4);
    bool is_ratio = gauge_kinds[measure].unit[0] == 'r';
    struct condition_config condition = case_condition(measure, side, real(random, 0, is_ratio ? 1 : 4));
    if (gauge_kinds[measure].window != GAUGE_AT_INSTANT)
        condition.window_ns = between(random, 1, 8) * period_ns;
    condition.for_ns = splitmix_chance(random, 60) ? 0 : random_ns(random, 0, 3);
    return condition;
}

static inline void draw_rules(struct world_case *c, struct splitmix *random, size_t number)
{
    struct controller_config *controller = &c->pools[number].controller;
    controller->period_ns = random_ns(random, 0.2, 3);
    controller->delay_ns = splitmix_chance(random, 40) ? 0 : random_ns(random, 0, 4);
    controller->cooldown_ns = splitmix_chance(random, 50) ? 0 : random_ns(random, 0, 5);
    controller->rule_count = (size_t)splitmix_below(random, CASE_RULES + 1);
    for (size_t i = 0; i < controller->rule_count; i++) {
        int64_t change = between(random, 1, 2);
        bool is_more = splitmix_chance(random, 50);
        c->rules[number][i] = (struct rule_config){.name = "rule",
                                                   .when = c->conditions[number][i],
                                                   .when_count = (size_t)between(random, 1, 2),
                                                   .add = is_more ? change : 0,
                                                   .remove = is_more ? 0 : change};
        for (size_t k = 0; k < c->rules[number][i].when_count; k++)
            c->conditions[number][i][k] = draw_condition(random, controller->period_ns);
    }
    if (controller->rule_count > 0 && c->pools[number].max_containers == 0)
        c->pools[number].max_containers = c->pools[number].min_containers + between(random, 1, 5);
}

static inline void draw_alert(struct world_case *c, struct splitmix *random)
{
    struct alert_config *alert = &c->alerts[c->config.alert_count++];
    sim_time_ns period_ns = random_ns(random, 0.2, 3);
    struct condition_config condition = draw_condition(random, period_ns);
    bool is_above = splitmix_chance(random, 70);
    double limit = gauge_limit(&condition);
    alert->name = "alert";
    alert->pool_index = (int32_t)splitmix_below(random, (int64_t)c->config.pool_count);
    alert->pool = c->pools[alert->pool_index].name;
    alert->measure = condition.measure;
    alert->side = is_above ? ALERT_ABOVE : ALERT_BELOW;
    alert->warning = splitmix_chance(random, 20) ? NAN : limit;
    alert->critical = isnan(alert->warning) || splitmix_chance(random, 50) ? limit * (is_above ? 1.5 : 0.5) : NAN;
    alert->window_ns = condition.window_ns;
    alert->for_ns = condition.for_ns;
    alert->period_ns = period_ns;
}

/* Rules and alerts. Without a maximum a scenario would have containers without end. */
static inline void draw_watch(struct world_case *c, struct splitmix *random)
{
    for (size_t i = 0; i < c->config.pool_count; i++)
        if (splitmix_chance(random, 60))
            draw_rules(c, random, i);
    for (int64_t count = splitmix_below(random, CASE_ALERTS + 1); count > 0; count--)
        draw_alert(c, random);
}

static inline void draw_case(struct world_case *c, uint64_t seed)
{
    struct splitmix random = {seed};
    case_init(c);
    c->config.duration_ns = random_ns(&random, 10, 60);
    c->config.warm_up_ns = splitmix_chance(&random, 40) ? 0 : random_ns(&random, 0, 5);
    c->config.drain_ns = splitmix_chance(&random, 30) ? 0 : random_ns(&random, 1, 60);
    c->config.pool_count = (size_t)between(&random, 1, CASE_POOLS);
    c->config.workload_count = (size_t)between(&random, 1, CASE_WORKLOADS);
    if (!splitmix_chance(&random, 60))
        case_quota(c, between(&random, 1, 12));
    for (size_t i = 0; i < c->config.pool_count; i++)
        draw_pool(c, &random, i);
    for (size_t i = 0; i < c->config.workload_count; i++)
        draw_workload(c, &random, i);
    c->options.seed = seed;
    c->options.replication = (uint32_t)splitmix_below(&random, 3);
    c->options.block_count = (size_t)between(&random, 1, 3);
    c->options.series_count = (size_t)splitmix_below(&random, 4);
    if (splitmix_chance(&random, 50))
        draw_changes(c, &random);
    draw_hardware(c, &random);
    struct splitmix watching = {seed ^ 0x5eed};
    if (splitmix_chance(&watching, 50))
        draw_watch(c, &watching);
}

/* What has to hold for the world_case `c`. */
#define claim(condition) ck_assert_msg(condition, "seed %lu: " #condition, (unsigned long)c->options.seed)

static inline struct world_case *start_case(uint64_t seed)
{
    struct world_case *c = sim_allocate(1, sizeof *c);
    draw_case(c, seed);
    case_create(c);
    return c;
}

static inline void drop_case(struct world_case *c)
{
    case_release(c);
    free(c);
}

#endif
