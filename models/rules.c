/* rules.c - a controller outside the platform, that looks at a pool and sets the number of containers that it keeps.
 *
 * It has one lever, min_containers (Modal: update_autoscaler, which changes settings at run time), and leaves the rest
 * to the platform: containers above that number come and go as ever. So to add is to ask for more than there are, and
 * to remove is to ask for fewer than are kept; the platform's own rules then say when one goes.
 */
#include "models/world_internal.h"

static const struct controller_config *controller_of(const struct pool *pool)
{
    return &pool->config->controller;
}

static bool has_rules(const struct pool *pool)
{
    return controller_of(pool)->rule_count > 0;
}

static struct rules_state *state_of(const struct world *world, const struct pool *pool)
{
    return &world->watch.rules[pool->number];
}

static void schedule_look(struct world *world, struct pool *pool)
{
    sim_time_ns period_ns = controller_of(pool)->period_ns;
    sim_time_ns next_ns = (now_ns(world) / period_ns + 1) * period_ns;
    sim_engine_schedule(&world->engine, state_of(world, pool)->look_source, next_ns);
}

void rules_start(struct world *world)
{
    size_t monitor = 0;
    for (uint32_t i = 0; i < world->config->pool_count; i++) {
        struct pool *pool = &world->pools[i];
        pool->first_monitor = monitor;
        for (size_t k = 0; k < controller_of(pool)->rule_count; k++)
            monitor += controller_of(pool)->rules[k].when_count;
        if (!has_rules(pool))
            continue;
        *state_of(world, pool) = (struct rules_state){
            .decided_ns = -1,
            .floor = pool->guessed_floor,
            .look_source = sim_engine_add(&world->engine, RANK_OUTSIDE, EVENT_RULES_LOOK, i),
            .effect_source = sim_engine_add(&world->engine, RANK_CHANGE, EVENT_RULES_EFFECT, i),
        };
        schedule_look(world, pool);
    }
}

/* Never beyond the pool's own limits, which a schedule may have moved since. */
static int64_t within(const struct pool_settings *own, int64_t floor)
{
    if (own->max_containers > 0 && floor > own->max_containers)
        floor = own->max_containers;
    return floor > own->min_containers ? floor : own->min_containers;
}

struct pool_settings rules_settings(const struct world *world, const struct pool *pool)
{
    struct pool_settings settings = schedule_settings_at(world->config, pool->config, now_ns(world));
    if (has_rules(pool))
        settings.min_containers = within(&settings, state_of(world, pool)->floor);
    return settings;
}

/* Every monitor looks, whatever the others found: their windows go on. */
static bool fires(struct world *world, const struct rule_config *rule, size_t first, const struct monitor_view *view)
{
    bool are_all_met = true;
    for (size_t i = 0; i < rule->when_count; i++)
        are_all_met &= watch_look(world, first + i, view);
    return are_all_met;
}

/* Of the rules that fire the one that leaves the most containers, of equal ones the first; -1: none fires. */
static int32_t choose(struct world *world, const struct pool *pool)
{
    const struct controller_config *controller = controller_of(pool);
    struct monitor_view view = watch_view(world, pool);
    size_t monitor = pool->first_monitor;
    int32_t chosen = -1;
    int64_t most = 0;
    for (size_t i = 0; i < controller->rule_count; i++) {
        const struct rule_config *rule = &controller->rules[i];
        int64_t change = rule->add - rule->remove;
        bool is_firing = fires(world, rule, monitor, &view);
        monitor += rule->when_count;
        if (is_firing && (chosen < 0 || change > most)) {
            chosen = (int32_t)i;
            most = change;
        }
    }
    return chosen;
}

/* The number to be kept if a rule has its way. */
static int64_t floor_after(const struct world *world, const struct pool *pool, const struct rule_config *rule)
{
    struct pool_settings own = schedule_settings_at(world->config, pool->config, now_ns(world));
    int64_t kept = pool->state.settings.min_containers;
    int64_t present = pool->state.allocating + pool->state.starting + pool->state.ready;
    int64_t more = (present > kept ? present : kept) + rule->add;
    int64_t fewer = (present < kept ? present : kept) - rule->remove;
    return within(&own, rule->add > 0 ? more : fewer);
}

static void set_floor(struct world *world, struct pool *pool, int64_t floor)
{
    state_of(world, pool)->floor = floor;
    change_pool_settings(world, pool);
}

static void decide(struct world *world, struct pool *pool, int32_t number)
{
    const struct controller_config *controller = controller_of(pool);
    struct rules_state *state = state_of(world, pool);
    int64_t before = pool->state.settings.min_containers;
    int64_t floor = floor_after(world, pool, &controller->rules[number]);
    if (floor == before)
        return;
    struct pool_tally *tally = books_pool(world, pool);
    tally->rule_additions += floor > before;
    tally->rule_removals += floor < before;
    books_rule(world, pool, before, floor, number);
    state->decided_ns = now_ns(world);
    if (controller->delay_ns == 0) {
        set_floor(world, pool, floor);
        return;
    }
    state->next_floor = floor;
    state->is_under_way = true;
    sim_engine_schedule(&world->engine, state->effect_source, now_ns(world) + controller->delay_ns);
}

static bool may_decide(const struct world *world, const struct pool *pool)
{
    const struct rules_state *state = state_of(world, pool);
    if (state->is_under_way)
        return false;
    return state->decided_ns < 0 || now_ns(world) - state->decided_ns >= controller_of(pool)->cooldown_ns;
}

void rules_look_event(struct world *world, struct pool *pool)
{
    if (world->now.is_draining)
        return;
    int32_t chosen = choose(world, pool);
    if (chosen >= 0 && may_decide(world, pool))
        decide(world, pool, chosen);
    schedule_look(world, pool);
}

void rules_effect_event(struct world *world, struct pool *pool)
{
    struct rules_state *state = state_of(world, pool);
    state->is_under_way = false;
    set_floor(world, pool, state->next_floor);
}

void rules_digest(const struct world *world, struct sim_digest *digest)
{
    for (size_t i = 0; i < world->config->pool_count; i++) {
        const struct pool *pool = &world->pools[i];
        if (!has_rules(pool))
            continue;
        const struct rules_state *state = state_of(world, pool);
        bool is_cooling = !may_decide(world, pool) && !state->is_under_way;
        sim_queue_key effect = sim_queue_pending(&world->engine.queue, state->effect_source);
        int64_t lowest = schedule_lowest_min(pool->config); /* less than this asks for nothing */
        sim_digest_add(digest, (uint64_t)(state->floor > lowest ? state->floor : lowest));
        sim_digest_add(digest, state->is_under_way ? (uint64_t)state->next_floor + 1 : 0);
        sim_digest_add(digest, state->is_under_way ? (uint64_t)(effect >> 64) : 0);
        sim_digest_add(digest, is_cooling || state->is_under_way ? (uint64_t)state->decided_ns : 0);
    }
}
