/* alerts.c - what a monitor reports while a world runs. Alerts change nothing; they only keep their times. */
#include "models/world_internal.h"

static const struct alert_config *alert_of(const struct world *world, uint32_t alert)
{
    return &world->config->alerts[alert];
}

static void schedule_look(struct world *world, uint32_t alert)
{
    sim_time_ns period_ns = alert_of(world, alert)->period_ns;
    sim_time_ns next_ns = (now_ns(world) / period_ns + 1) * period_ns;
    sim_engine_schedule(&world->engine, world->watch.alerts[alert].source, next_ns);
}

void alerts_start(struct world *world)
{
    for (uint32_t i = 0; i < world->config->alert_count; i++) {
        world->watch.alerts[i].source = sim_engine_add(&world->engine, RANK_OUTSIDE, EVENT_ALERT, i);
        schedule_look(world, i);
    }
}

static void add_row(struct world *world, uint32_t alert, int level, bool goes_on)
{
    const struct alert_level_state *state = &world->watch.alerts[alert].levels[level];
    struct sim_array *rows = &world->result.alerts;
    sim_time_ns end_ns = now_ns(world) < world->config->duration_ns ? now_ns(world) : world->config->duration_ns;
    size_t place = sim_array_add(rows);
    ((struct alert_row *)rows->items)[place] = (struct alert_row){
        .replication = (int32_t)world->options.replication,
        .alert = (int32_t)alert,
        .level = level,
        .is_continued = state->is_continued,
        .goes_on = goes_on,
        .from_ns = state->since_ns,
        .to_ns = end_ns,
    };
}

static void look(struct world *world, uint32_t alert, int level, const struct monitor_view *view)
{
    struct alert_level_state *state = &world->watch.alerts[alert].levels[level];
    size_t place = world->watch.alerts_first + (size_t)ALERT_LEVEL_COUNT * alert + (size_t)level;
    bool is_active = watch_look(world, place, view);
    if (is_active == state->is_active)
        return;
    if (!is_active)
        add_row(world, alert, level, false);
    *state = (struct alert_level_state){.is_active = is_active, .since_ns = now_ns(world)};
}

void alerts_event(struct world *world, uint32_t alert)
{
    if (world->now.is_draining)
        return;
    struct monitor_view view = watch_view(world, &world->pools[alert_of(world, alert)->pool_index]);
    for (int level = 0; level < ALERT_LEVEL_COUNT; level++)
        look(world, alert, level, &view);
    schedule_look(world, alert);
}

void alerts_leave_open(struct world *world)
{
    for (uint32_t i = 0; i < world->config->alert_count; i++)
        for (int level = 0; level < ALERT_LEVEL_COUNT; level++) {
            struct alert_level_state *state = &world->watch.alerts[i].levels[level];
            if (!state->is_active)
                continue;
            add_row(world, i, level, true);
            state->since_ns = now_ns(world);
            state->is_continued = true;
        }
}

void alerts_digest(const struct world *world, struct sim_digest *digest)
{
    for (size_t i = 0; i < world->config->alert_count; i++)
        for (int level = 0; level < ALERT_LEVEL_COUNT; level++)
            sim_digest_add(digest, world->watch.alerts[i].levels[level].is_active);
}
