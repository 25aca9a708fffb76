/* container_fate.c - ready containers that crash, or that the provider takes back. */
#include "models/world_internal.h"

#include "sim/variate.h"

static void set_timer(struct world *world, const struct container *c, sim_time_ns at_ns)
{
    sim_engine_schedule(&world->engine, c->phase_source, at_ns);
}

void container_fate_set(struct world *world, struct pool *pool, uint32_t container, double life, double luck)
{
    struct container *c = pool_container(pool, container);
    double rate_per_s = pool->config->crash_rate_per_s + pool->config->interruption_rate_per_s;
    c->will_be_interrupted = luck * rate_per_s < pool->config->interruption_rate_per_s;
    set_timer(world, c, now_ns(world) + sim_time_from_s(life / rate_per_s));
}

void container_fate_begin(struct world *world, struct pool *pool, uint32_t container)
{
    struct container *c = pool_container(pool, container);
    double life = sim_variate_exponential(&c->random);
    double luck = pool->config->interruption_rate_per_s > 0 ? sim_variate_uniform(&c->random) : 0;
    container_fate_set(world, pool, container, life, luck);
}

/* The container is lost, and what is inside goes back to the queue. */
static void lose(struct world *world, struct pool *pool, uint32_t container, enum container_end cause)
{
    sim_time_ns notice_ns = cause == END_INTERRUPTED ? pool->config->interruption_notice_ns : 0;
    container_book_stage(world, pool, container);
    service_evict(world, pool, container, notice_ns);
    pool_container(pool, container)->totals = (struct stage_totals){0};
    container_end(world, pool, container, cause);
    service_dispatch(world, pool);
    if (!pool->policy->has_ticks)
        scaling_evaluate(world, pool);
}

/* With notice a busy container goes on for that long, but takes no more requests; one that is idle goes at once. */
static void interrupt(struct world *world, struct pool *pool, uint32_t container)
{
    struct container *c = pool_container(pool, container);
    sim_time_ns notice_ns = pool->config->interruption_notice_ns;
    books_pool(world, pool)->interruptions++;
    if (c->inputs == 0 || notice_ns == 0) {
        lose(world, pool, container, END_INTERRUPTED);
        return;
    }
    c->is_interrupted = true;
    set_timer(world, c, now_ns(world) + notice_ns);
    if (c->state != CONTAINER_DRAINING)
        container_drain(world, pool, container);
    if (!pool->policy->has_ticks)
        scaling_evaluate(world, pool);
}

void container_fate_event(struct world *world, struct pool *pool, uint32_t container)
{
    const struct container *c = pool_container(pool, container);
    if (c->is_interrupted) {
        lose(world, pool, container, END_INTERRUPTED);
    } else if (c->will_be_interrupted) {
        interrupt(world, pool, container);
    } else {
        books_pool(world, pool)->crashes++;
        lose(world, pool, container, END_CRASHED);
    }
}
