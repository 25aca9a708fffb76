/* world.c - making a world, running it, and the switch from events to what they mean. */
#include "models/world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/world_internal.h"
#include "sim/inline.h"
#include "sim/memory.h"

SIM_NEVER_INLINE static void handle_rare(struct world *world, struct sim_event event)
{
    uint32_t index = event.index;
    switch ((enum event_kind)event.kind) {
    case EVENT_PHASE:
        container_phase_event(world, &world->pools[index >> CONTAINER_BITS], index & ((1u << CONTAINER_BITS) - 1));
        break;
    case EVENT_CLIENT:
        arrivals_client_event(world, index);
        break;
    case EVENT_ENTRY:
        arrivals_entry_event(world, index);
        break;
    case EVENT_CLIENT_TIMEOUT:
        arrivals_timeout_event(world, index);
        break;
    case EVENT_POLL:
        scaling_poll_event(world, &world->pools[index]);
        break;
    case EVENT_TICK:
        scaling_tick_event(world, &world->pools[index]);
        break;
    case EVENT_BOUNDARY:
        books_boundary_event(world);
        break;
    case EVENT_CHANGE:
        change_event(world);
        break;
    case EVENT_REVIEW:
        scaling_review_event(world);
        break;
    case EVENT_RULES_LOOK:
        rules_look_event(world, &world->pools[index]);
        break;
    case EVENT_RULES_EFFECT:
        rules_effect_event(world, &world->pools[index]);
        break;
    case EVENT_ALERT:
        alerts_event(world, index);
        break;
    case EVENT_MIGRATION:
        arrivals_migration_event(world, index);
        break;
    default:
        sim_assert_failed("the kind is one of the list", __FILE__, __LINE__);
    }
}

/* Nearly all events are of two kinds, which are told apart by a branch: a table of addresses is harder to predict. */
static void handle(void *context, struct sim_event event)
{
    struct world *world = context;
    if (event.kind == EVENT_SERVICE)
        service_event(world, &world->pools[event.index]);
    else if (event.kind == EVENT_ARRIVAL)
        arrivals_event(world, event.index);
    else
        handle_rare(world, event);
}

/* ---- making ---- */

/* Takes a uniform distribution, or what is fixed, into the group; false if it has no room or sense in nanoseconds. */
static bool add_span(struct stage_group *group, const struct sim_distribution *time_s)
{
    if (time_s->kind == SIM_DISTRIBUTION_FIXED)
        return true;
    bool is_uniform = time_s->kind == SIM_DISTRIBUTION_UNIFORM && group->span_count < STAGE_SPANS_MAX &&
                      time_s->of.uniform.width < sim_time_to_s(UINT32_MAX);
    if (is_uniform)
        group->spans_ns[group->span_count++] = (uint32_t)sim_time_from_s(time_s->of.uniform.width) + 1;
    return is_uniform;
}

static void init_group(struct stage_group *group, const struct pool_config *pool, enum stage_side side)
{
    const struct profile_config *profile = &pool->profile;
    bool is_before = side == SIDE_BEFORE_OUTSIDE || side == SIDE_BEFORE_INSIDE;
    group->stages = is_before ? profile->before : profile->after;
    group->count = is_before ? profile->before_count : profile->after_count;
    group->holds_slot = side == SIDE_BEFORE_INSIDE || side == SIDE_AFTER_INSIDE;
    group->is_constant = true;
    group->is_uniform = true;
    group->span_count = 0;
    group->added_ns = side == SIDE_BEFORE_INSIDE ? pool->fetch_latency_ns : 0;
    group->least_ns = group->added_ns;
    for (size_t i = 0; i < group->count; i++) {
        const struct sim_distribution *time_s = &group->stages[i].time_s;
        if (group->stages[i].holds_slot != group->holds_slot)
            continue;
        group->is_constant &= time_s->kind == SIM_DISTRIBUTION_FIXED;
        group->is_uniform &= add_span(group, time_s);
        group->least_ns += sim_time_from_s(sim_distribution_lowest(time_s));
    }
    group->constant_ns = group->is_constant ? group->least_ns : 0;
}

static void init_arrays(struct pool *pool)
{
    uint32_t max_inputs = (uint32_t)pool->config->max_inputs;
    sim_array_init(&pool->containers, sizeof(struct container));
    sim_array_init(&pool->timelines, timeline_size(pool->plans));
    sim_earliest_init(&pool->services);
    sim_array_init(&pool->polls, sizeof(struct poll));
    sim_array_init(&pool->snapshots, sizeof(struct snapshot));
    sim_array_resize(&pool->snapshots, (size_t)pool->config->worker_types);
    sim_array_init(&pool->served, sizeof(struct served_levels));
    sim_array_resize(&pool->served, pool->config->served_count);
    pool->scratch = sim_allocate(max_inputs, sizeof *pool->scratch);
    dispatch_init(&pool->dispatch, (enum dispatch_order)pool->config->dispatch_order, max_inputs);
}

static void init_pool_state(struct world *world, struct pool *pool)
{
    struct pool_state *state = &pool->state;
    state->last_arrival_ns = -1;
    state->last_request_ns = -1;
    state->full_ns = -1;
    state->idle_first = CONTAINER_NONE;
    state->idle_last = CONTAINER_NONE;
    request_list_init(&state->queue);
    state->poll_source = sim_engine_add(&world->engine, RANK_POLL, EVENT_POLL, pool->number);
    state->tick_source = sim_engine_add(&world->engine, RANK_TICK, EVENT_TICK, pool->number);
}

static enum sim_status init_plans(struct pool *pool, struct sim_error *error)
{
    enum sim_status status = SIM_OK;
    const struct stage_group *after = &pool->groups[SIDE_AFTER_INSIDE];
    bool has_before = stage_group_takes_time(&pool->groups[SIDE_BEFORE_INSIDE]);
    for (uint32_t gpu = 0; gpu <= pool->config->served_count && status == SIM_OK; gpu++) {
        pool->may_fail |= served_failure(pool->config, gpu) > 0;
        status = timeline_plan_init(&pool->plans[gpu], pool->config, gpu, has_before, after->is_constant,
                                    after->least_ns, error);
    }
    return status;
}

/* Whether sessions may come to the pool. */
static bool has_sessions(const struct world_config *config, size_t pool)
{
    for (size_t i = 0; i < config->workload_count; i++)
        for (size_t k = 0; k < config->workloads[i].class_count; k++)
            if (config->workloads[i].arrivals.process == ARRIVAL_SESSIONS &&
                workload_config_uses_pool(&config->workloads[i], k, pool))
                return true;
    return false;
}

static enum sim_status init_pool(struct world *world, uint32_t number, struct sim_error *error)
{
    struct pool *pool = &world->pools[number];
    pool->config = &world->config->pools[number];
    pool->number = number;
    pool->policy = autoscaler_of(pool->config);
    pool->has_polls = pool->config->poll_ns > 0 && schedule_lowest_target(pool->config) < pool->config->max_inputs;
    for (int side = 0; side < SIDE_COUNT; side++)
        init_group(&pool->groups[side], pool->config, (enum stage_side)side);
    enum sim_status status = init_plans(pool, error);
    if (status != SIM_OK)
        return status;
    pool->has_memory = service_memory_applies(world->config, pool->config);
    pool->is_watched = pool->has_memory || pool->may_fail;
    pool->has_sessions = has_sessions(world->config, number);
    for (size_t gpu = 0; gpu <= pool->config->served_count && pool->has_sessions; gpu++)
        timeline_plan_keep(&pool->plans[gpu]);
    pool->has_special_needs = pool->config->served_count > 0 || service_job_applies(world->config, pool->config);
    init_arrays(pool);
    init_pool_state(world, pool);
    world->is_streaming[number] = pool->plans[0].stage.is_batching || pool->config->profile.first_output < 1;
    return SIM_OK;
}

/* The classes of all workloads in one array, as results count them. */
static struct class_config *all_classes(const struct world_config *config)
{
    struct class_config *classes = sim_allocate(result_class_count(config), sizeof *classes);
    for (size_t i = 0; i < config->workload_count; i++)
        memcpy(classes + result_class_index(config, i, 0), config->workloads[i].classes,
               config->workloads[i].class_count * sizeof *classes);
    return classes;
}

static void enter_states(struct world *world)
{
    struct sim_state *state = &world->state;
    sim_engine_enter(&world->engine, state);
    request_store_enter(&world->requests, state);
    sim_state_enter_block(state, "world", &world->now, sizeof world->now);
    sim_state_enter(state, "clients", &world->clients);
    sim_state_enter(state, "sessions", &world->sessions);
    sim_state_enter_block(state, "interval", world->series, world->config->pool_count * sizeof *world->series);
    for (size_t i = 0; i < world->config->workload_count; i++) {
        workload_enter(&world->workloads[i], state);
        sim_state_enter_block(state, "arrivals", &world->arrivals[i], sizeof world->arrivals[i]);
    }
    for (size_t i = 0; i < world->config->pool_count; i++) {
        struct pool *pool = &world->pools[i];
        sim_state_enter_block(state, "pool", &pool->state, sizeof pool->state);
        dispatch_enter(&pool->dispatch, state);
        sim_state_enter(state, "containers", &pool->containers);
        sim_state_enter(state, "timelines", &pool->timelines);
        sim_earliest_enter(&pool->services, state);
        sim_state_enter(state, "polls", &pool->polls);
        sim_state_enter(state, "snapshots", &pool->snapshots);
        sim_state_enter(state, "served", &pool->served);
    }
    watch_enter(world, state);
}

/* Arrivals and services come before all other sources: they move most. */
static void add_busy_sources(struct world *world)
{
    const struct world_config *config = world->config;
    for (uint32_t i = 0; i < config->workload_count || i < config->pool_count; i++) {
        if (i < config->workload_count)
            world->arrivals[i].source = sim_engine_add(&world->engine, RANK_ARRIVAL, EVENT_ARRIVAL, i);
        if (i < config->pool_count)
            world->pools[i].state.service_source = sim_engine_add(&world->engine, RANK_SERVICE_END, EVENT_SERVICE, i);
    }
}

static enum sim_status init_parts(struct world *world, struct sim_error *error)
{
    const struct world_config *config = world->config;
    const struct world_options *options = &world->options;
    enum sim_status status = SIM_OK;
    add_busy_sources(world);
    for (uint32_t i = 0; i < config->pool_count && status == SIM_OK; i++)
        status = init_pool(world, i, error);
    for (size_t i = 0; i < config->workload_count && status == SIM_OK; i++)
        status = workload_init(&world->workloads[i], config, i, options->seed, options->replication, error);
    return status;
}

/* Empty books. */
static void begin_span(struct world *world)
{
    const struct world_config *config = world->config;
    size_t series_count = world->options.series_count * config->pool_count;
    books_lay_out_blocks(world);
    world->result.series_count = series_count;
    world->result.series = sim_allocate(series_count, sizeof *world->result.series);
    world->lives = ledger_lives_create(config);
}

/* What is likely to be behind a world that starts in the middle of a run. */
static void guess_past(struct world *world)
{
    for (size_t i = 0; i < world->config->workload_count; i++)
        workload_skip_to(&world->workloads[i], world->options.start_ns);
    const struct sim_array *habits = world->options.habits;
    const int64_t *known = habits && habits->count ? habits->items : NULL;
    for (size_t i = 0; i < world->config->pool_count; i++) {
        struct pool *pool = &world->pools[i];
        struct snapshot *snapshots = pool->snapshots.items;
        pool->guessed_containers = known ? *known++ : 0;
        for (size_t k = 0; k < pool->served.count; k++)
            pool->guessed_gpus[k] = known ? *known++ : 0;
        pool->guessed_floor = known ? *known++ : 0;
        for (size_t k = 0; k < pool->snapshots.count; k++)
            snapshots[k].is_complete = known ? *known++ != 0 : pool->config->snapshots;
    }
}

static void add_number(struct sim_array *numbers, int64_t number)
{
    size_t place = sim_array_add(numbers);
    ((int64_t *)numbers->items)[place] = number;
}

/* Containers with that GPU that are starting or ready. */
static int64_t count_alive(const struct pool *pool, uint32_t gpu)
{
    const struct sim_level *states = pool_served(pool, gpu)->states;
    return states[CONTAINER_STARTING].level + states[CONTAINER_BUSY].level + states[CONTAINER_IDLE].level;
}

void world_habits(const struct world *world, struct sim_array *habits)
{
    sim_array_resize(habits, 0);
    for (size_t i = 0; i < world->config->pool_count; i++) {
        const struct pool *pool = &world->pools[i];
        const struct snapshot *snapshots = pool->snapshots.items;
        add_number(habits, pool->state.starting + pool->state.ready);
        for (uint32_t k = 1; k <= pool->served.count; k++)
            add_number(habits, count_alive(pool, k));
        add_number(habits, pool->config->controller.rule_count ? world->watch.rules[i].floor : 0);
        for (size_t k = 0; k < pool->snapshots.count; k++)
            add_number(habits, snapshots[k].is_complete);
    }
}

enum sim_status world_create(const struct world_config *config, const struct world_options *options,
                             struct world **made, struct sim_error *error)
{
    struct world *world = sim_allocate(1, sizeof *world);
    world->config = config;
    world->options = *options;
    world->workloads = sim_allocate(config->workload_count, sizeof *world->workloads);
    world->arrivals = sim_allocate(config->workload_count, sizeof *world->arrivals);
    world->pools = sim_allocate(config->pool_count, sizeof *world->pools);
    world->is_streaming = sim_allocate(config->pool_count, sizeof *world->is_streaming);
    world->series = sim_allocate(config->pool_count, sizeof *world->series);
    world->classes = all_classes(config);
    world->limits = world_limits(config);
    world->request_rows = options->keep_one_in ? sim_allocate(ROW_BUFFER_COUNT, sizeof *world->request_rows) : NULL;
    sim_engine_init(&world->engine);
    world->engine.clock.now_ns = options->start_ns;
    request_store_init(&world->requests);
    sim_array_init(&world->clients, sizeof(struct client));
    sim_array_init(&world->sessions, sizeof(struct session));
    sim_state_init(&world->state);
    open_blocks_init(&world->open);
    begin_span(world);
    enum sim_status status = init_parts(world, error);
    if (status != SIM_OK) {
        world_destroy(world);
        return status;
    }
    watch_init(world);
    enter_states(world);
    books_start(world);
    if (options->start_ns > 0)
        guess_past(world);
    rules_start(world);
    change_start(world);
    world->now.review_source = sim_engine_add(&world->engine, RANK_REVIEW, EVENT_REVIEW, 0);
    for (size_t i = 0; i < config->pool_count; i++)
        scaling_start(world, &world->pools[i]);
    alerts_start(world);
    arrivals_start(world);
    *made = world;
    return SIM_OK;
}

static void release_pool(struct pool *pool)
{
    for (size_t i = 0; i <= SERVED_MAX; i++)
        timeline_plan_release(&pool->plans[i]);
    dispatch_release(&pool->dispatch);
    free(pool->scratch);
    sim_array_release(&pool->containers);
    sim_array_release(&pool->timelines);
    sim_earliest_release(&pool->services);
    sim_array_release(&pool->polls);
    sim_array_release(&pool->snapshots);
    sim_array_release(&pool->served);
}

void world_destroy(struct world *world)
{
    if (!world)
        return;
    for (size_t i = 0; i < world->config->pool_count; i++)
        release_pool(&world->pools[i]);
    for (size_t i = 0; i < world->config->workload_count; i++)
        workload_release(&world->workloads[i]);
    sim_engine_release(&world->engine);
    request_store_release(&world->requests);
    sim_array_release(&world->clients);
    sim_array_release(&world->sessions);
    sim_state_release(&world->state);
    replication_result_release(&world->result);
    open_blocks_release(&world->open);
    ledger_lives_destroy(world->lives, world->config);
    watch_release(world);
    free(world->workloads);
    free(world->arrivals);
    free(world->pools);
    free(world->is_streaming);
    free(world->series);
    free(world->classes);
    free(world->limits);
    free(world->request_rows);
    free(world);
}

/* ---- running ---- */

void world_run_until(struct world *world, sim_time_ns until_ns)
{
    sim_time_ns end_ns = until_ns < world->config->duration_ns ? until_ns : world->config->duration_ns;
    if (end_ns > now_ns(world))
        sim_engine_run_until(&world->engine, end_ns, false, handle, world);
}

void world_stop(struct world *world)
{
    static const volatile bool always = true;
    world->options.stop = &always;
}

static bool is_stopped(const struct world *world)
{
    return world->options.stop && *world->options.stop;
}

static bool is_empty(const struct world *world)
{
    return world->requests.head.count == 0 && !arrivals_under_way(world);
}

/* One step of the drain, which ends at `end_ns` at the latest. */
static void drain(struct world *world, sim_time_ns end_ns)
{
    sim_time_ns step_ns = end_ns - now_ns(world) < SIM_SECOND ? end_ns - now_ns(world) : SIM_SECOND;
    sim_engine_run_until(&world->engine, now_ns(world) + step_ns, false, handle, world);
}

/* In steps, so that a stop is noticed and an empty system ends the drain. */
void world_finish(struct world *world)
{
    const struct world_config *config = world->config;
    const int steps = 1000;
    sim_time_ns start_ns = now_ns(world);
    for (int i = 1; i <= steps && !is_stopped(world); i++) {
        sim_int128 span_ns = (sim_int128)(config->duration_ns - start_ns) * i / steps;
        world_run_until(world, start_ns + (sim_time_ns)span_ns);
    }
    world->result.interrupted = is_stopped(world);
    sim_time_ns drained_ns = config->duration_ns + config->drain_ns;
    if (!world->result.interrupted) {
        sim_engine_run_until(&world->engine, config->duration_ns, true, handle, world);
        while (!is_empty(world) && now_ns(world) < drained_ns)
            drain(world, drained_ns);
    }
    books_close(world);
    world->is_finished = true;
}

static struct audit_sums audit_sums_now(struct world *world)
{
    struct audit_sums sums = world->now.audit;
    sums.in_system_ns = sim_level_split(&world->now.in_system, now_ns(world));
    return sums;
}

static void note_totals(struct world *world)
{
    struct replication_result *result = &world->result;
    for (size_t i = 0; i < world->config->pool_count; i++) {
        result->bill_nusd[i] = world->lives[i].bill_nusd;
        result->saturated_ns[i] = world->pools[i].state.full_ns;
    }
    result->first_arrival_ns = world->now.first_arrival_ns;
    result->last_completion_ns = world->now.last_completion_ns;
    result->event_count = world->engine.clock.event_count;
}

void world_take(struct world *world, struct ledger *ledger)
{
    if (!world->is_finished)
        books_pause(world);
    note_totals(world);
    open_blocks_close(&world->open, &world->result);
    *ledger = (struct ledger){.result = world->result, .audit = audit_sums_now(world), .lives = world->lives};
    world->now.audit = (struct audit_sums){0};
    world->now.first_arrival_ns = -1;
    world->now.last_completion_ns = -1;
    world->engine.clock.event_count = 0;
    world->result = (struct replication_result){0};
    world->lives = NULL;
    if (!world->is_finished)
        begin_span(world);
}

sim_time_ns world_now(const struct world *world)
{
    return now_ns(world);
}

uint64_t world_arrived(const struct world *world)
{
    return (uint64_t)world->now.arrived;
}

struct sim_state *world_state(struct world *world)
{
    return &world->state;
}
