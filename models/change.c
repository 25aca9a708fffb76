/* change.c - settings, prices and quotas that change at times known beforehand.
 *
 * One source stands for all of them: at one instant they change together, before anything else happens there, and
 * what the policies make of it follows when the instant's arrivals are in (scaling_review_event).
 */
#include <string.h>

#include "models/pricing.h"
#include "models/world_internal.h"

static sim_time_ns earlier(sim_time_ns a, sim_time_ns b)
{
    return a < b ? a : b;
}

static void schedule_next(struct world *world)
{
    sim_time_ns next_ns = schedule_quota_next(world->config, now_ns(world));
    for (size_t i = 0; i < world->config->pool_count; i++) {
        const struct pool_config *pool = &world->config->pools[i];
        next_ns = earlier(next_ns, schedule_settings_next(world->config, pool, now_ns(world)));
        next_ns = earlier(next_ns, pricing_next_change(pool, now_ns(world)));
    }
    sim_engine_schedule(&world->engine, world->now.change_source, next_ns);
}

void change_start(struct world *world)
{
    world->now.change_source = sim_engine_add(&world->engine, RANK_CHANGE, EVENT_CHANGE, 0);
    world->now.quota_gpus = schedule_quota_at(world->config, now_ns(world));
    for (size_t i = 0; i < world->config->pool_count; i++) {
        struct pool *pool = &world->pools[i];
        pool->state.settings = rules_settings(world, pool);
        pool->state.price_period = pricing_period_at(pool->config, now_ns(world));
        pool->state.rate_pusd_per_h = pricing_period_rate(pool->config, pool->state.price_period);
    }
    schedule_next(world);
}

static void change_price(struct world *world, struct pool *pool)
{
    size_t period = pricing_period_at(pool->config, now_ns(world));
    if (period == pool->state.price_period)
        return;
    books_before_price(world, pool);
    pool->state.price_period = period;
    pool->state.rate_pusd_per_h = pricing_period_rate(pool->config, period);
}

void change_pool_settings(struct world *world, struct pool *pool)
{
    struct pool_settings settings = rules_settings(world, pool);
    if (memcmp(&settings, &pool->state.settings, sizeof settings) == 0)
        return;
    uint32_t target_before = pool_target(pool);
    pool->state.settings = settings;
    if (pool_target(pool) != target_before)
        scaling_target_changed(world, pool);
    scaling_review_request(world, pool);
}

void change_event(struct world *world)
{
    int64_t quota_gpus = schedule_quota_at(world->config, now_ns(world));
    bool has_new_quota = quota_gpus != world->now.quota_gpus;
    world->now.quota_gpus = quota_gpus;
    for (size_t i = 0; i < world->config->pool_count; i++) {
        struct pool *pool = &world->pools[i];
        change_price(world, pool);
        change_pool_settings(world, pool);
        if (has_new_quota)
            scaling_review_request(world, pool);
    }
    schedule_next(world);
}
