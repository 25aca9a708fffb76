/* watch.c - what the monitors of rules and alerts see of a world. Nothing here runs where there are none. */
#include <stdlib.h>

#include "models/world_internal.h"
#include "sim/memory.h"

/* ---- making ---- */

static size_t count_monitors(const struct world_config *config)
{
    size_t count = ALERT_LEVEL_COUNT * config->alert_count;
    for (size_t i = 0; i < config->pool_count; i++)
        for (size_t k = 0; k < config->pools[i].controller.rule_count; k++)
            count += config->pools[i].controller.rules[k].when_count;
    return count;
}

static void add_monitor(struct watch *watch, const struct condition_config *condition, size_t pool,
                        sim_time_ns period_ns)
{
    struct monitor *monitor = &watch->monitors[watch->count++];
    *monitor = monitor_of(condition, (uint32_t)pool, period_ns);
    monitor->first = watch->period_count;
    watch->period_count += monitor->periods;
    watch->counts_requests |= monitor_counts_requests(monitor);
}

/* Conditions of rules, pool by pool; then the levels of alerts, of which those that are not given are never looked at.
 */
static void add_monitors(struct watch *watch, const struct world_config *config)
{
    for (size_t i = 0; i < config->pool_count; i++) {
        const struct controller_config *controller = &config->pools[i].controller;
        for (size_t k = 0; k < controller->rule_count; k++)
            for (size_t j = 0; j < controller->rules[k].when_count; j++)
                add_monitor(watch, &controller->rules[k].when[j], i, controller->period_ns);
    }
    watch->alerts_first = watch->count;
    for (size_t i = 0; i < config->alert_count; i++)
        for (int level = 0; level < ALERT_LEVEL_COUNT; level++) {
            struct condition_config condition = gauge_alert_condition(&config->alerts[i], level);
            add_monitor(watch, &condition, (size_t)config->alerts[i].pool_index, config->alerts[i].period_ns);
        }
}

void watch_init(struct world *world)
{
    struct watch *watch = &world->watch;
    size_t count = count_monitors(world->config);
    if (count == 0)
        return;
    watch->monitors = sim_allocate(count, sizeof *watch->monitors);
    add_monitors(watch, world->config);
    watch->states = sim_allocate(count, sizeof *watch->states);
    watch->periods = sim_allocate(watch->period_count, sizeof *watch->periods);
    watch->sums = sim_allocate(world->config->pool_count, sizeof *watch->sums);
    watch->rules = sim_allocate(world->config->pool_count, sizeof *watch->rules);
    watch->alerts = sim_allocate(world->config->alert_count, sizeof *watch->alerts);
    for (size_t i = 0; i < count; i++) {
        watch->states[i].since_ns = -1;
        if (watch->monitors[i].measure == GAUGE_REQUEST_RATE)
            watch->states[i].before.whole = world->options.start_ns;
    }
}

void watch_enter(struct world *world, struct sim_state *state)
{
    struct watch *watch = &world->watch;
    const struct world_config *config = world->config;
    if (watch->count == 0)
        return;
    sim_state_enter_block(state, "monitors", watch->states, watch->count * sizeof *watch->states);
    sim_state_enter_block(state, "monitored pools", watch->sums, config->pool_count * sizeof *watch->sums);
    sim_state_enter_block(state, "rules", watch->rules, config->pool_count * sizeof *watch->rules);
    if (watch->period_count > 0)
        sim_state_enter_block(state, "windows", watch->periods, watch->period_count * sizeof *watch->periods);
    if (config->alert_count > 0)
        sim_state_enter_block(state, "alerts", watch->alerts, config->alert_count * sizeof *watch->alerts);
}

void watch_release(struct world *world)
{
    struct watch *watch = &world->watch;
    free(watch->monitors);
    free(watch->states);
    free(watch->periods);
    free(watch->sums);
    free(watch->rules);
    free(watch->alerts);
}

/* ---- what there is to see ---- */

/* What has passed since the levels of the pool were split. */
static void add_open_span(const struct world *world, const struct pool *pool, struct monitor_pool_sums *sums)
{
    const struct pool_levels *levels = &pool->state.levels;
    const struct series_sums *series = &world->series[pool->number];
    sim_time_ns time_ns = now_ns(world);
    sim_int128 busy_ns = sim_level_integral(&levels->states[CONTAINER_BUSY], time_ns);
    sim_int128 idle_ns = sim_level_integral(&levels->states[CONTAINER_IDLE], time_ns);
    sim_int128 draining_ns = sim_level_integral(&levels->states[CONTAINER_DRAINING], time_ns);
    sums->busy_ns += busy_ns;
    sums->idle_ns += idle_ns;
    sums->inputs += sim_level_integral(&levels->inputs, time_ns);
    sums->slots += (busy_ns + idle_ns + draining_ns) * pool->config->max_inputs;
    sums->arrived += series->arrived - series->arrived_before;
}

void watch_before_split(struct world *world, const struct pool *pool)
{
    if (world->watch.count > 0)
        add_open_span(world, pool, &world->watch.sums[pool->number]);
}

/* Shares compare as fractions. */
static bool is_lower(struct monitor_sums one, struct monitor_sums other)
{
    return one.part * other.whole < other.part * one.whole;
}

/* What the container's models and requests take of its GPUs. */
static struct monitor_sums memory_of(const struct pool *pool, const struct container *c)
{
    return (struct monitor_sums){service_memory_reserved(pool) + c->memory, served_memory_bytes(pool->config, c->gpu)};
}

static void look_into_containers(const struct pool *pool, struct monitor_view *view)
{
    for (uint32_t i = 0; i < pool->containers.count; i++) {
        const struct container *c = pool_container(pool, i);
        struct monitor_sums share = {c->inputs, c->allowed};
        if (c->phase != PHASE_READY || c->state == CONTAINER_DRAINING)
            continue;
        view->allowed += c->allowed;
        if (view->least_inputs < 0 || c->inputs < view->least_inputs)
            view->least_inputs = c->inputs;
        if (view->least_shared.whole == 0 || is_lower(share, view->least_shared))
            view->least_shared = share;
        if (pool->has_memory && (view->memory.whole == 0 || is_lower(view->memory, memory_of(pool, c))))
            view->memory = memory_of(pool, c);
    }
}

struct monitor_view watch_view(const struct world *world, const struct pool *pool)
{
    uint32_t idle = pool->state.idle_first;
    struct monitor_view view = {
        .now_ns = now_ns(world),
        .queue = pool->state.pending,
        .inputs = pool->state.levels.inputs.level,
        .containers = pool->state.starting + pool->state.ready,
        .ready = pool->state.ready,
        .max_inputs = pool->config->max_inputs,
        .least_inputs = -1,
        .idle_ns = idle == CONTAINER_NONE ? 0 : now_ns(world) - pool_container(pool, idle)->idle_since_ns,
        .sums = world->watch.sums[pool->number],
    };
    look_into_containers(pool, &view);
    add_open_span(world, pool, &view.sums);
    return view;
}

bool watch_look(struct world *world, size_t monitor, const struct monitor_view *view)
{
    struct watch *watch = &world->watch;
    return monitor_look(&watch->monitors[monitor], &watch->states[monitor], watch->periods, view);
}

void watch_outcome(struct world *world, const struct request *r, enum request_outcome outcome, sim_time_ns end_ns)
{
    struct watch *watch = &world->watch;
    struct monitor_request request = {
        .outcome = outcome,
        .latency_ns = end_ns - r->draw.arrival_ns,
        .ttft_ns = r->first_ns - r->draw.arrival_ns,
        .wait_ns = r->start_ns - r->draw.arrival_ns,
    };
    if (outcome == OUTCOME_IN_FLIGHT)
        return;
    for (size_t i = 0; i < watch->count; i++)
        if (watch->monitors[i].pool == r->draw.pool && monitor_counts_requests(&watch->monitors[i]))
            monitor_count(&watch->monitors[i], &watch->states[i], &request);
}

/* ---- the digest ---- */

sim_time_ns watch_idle_ns(const struct world *world, const struct pool *pool)
{
    sim_time_ns longest_ns = 0;
    for (size_t i = 0; i < world->watch.count; i++) {
        const struct monitor *monitor = &world->watch.monitors[i];
        if (monitor->pool == pool->number && monitor->measure == GAUGE_IDLE_TIME && monitor->limit_ns >= longest_ns)
            longest_ns = monitor->limit_ns + 1;
    }
    return longest_ns;
}

void watch_digest(const struct world *world, struct sim_digest *digest)
{
    const struct watch *watch = &world->watch;
    for (size_t i = 0; i < watch->count; i++) {
        struct monitor_view view = watch_view(world, &world->pools[watch->monitors[i].pool]);
        monitor_digest(&watch->monitors[i], &watch->states[i], watch->periods, &view, digest);
    }
}
