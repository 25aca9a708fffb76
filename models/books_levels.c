/* books_levels.c - time since the last boundary, as levels of a pool have seen it. */
#include "models/pricing.h"
#include "models/world_internal.h"

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Whether time in a state is billed at all; of starts, the parts that are not are taken off. */
static bool is_billed(const struct pool *pool, int state)
{
    return state != CONTAINER_STARTING || pool->config->bill_starting;
}

/* Books billed container time of a state with a GPU, at the price in force. */
static void add_cost(struct world *world, struct pool *pool, int state, uint32_t gpu, sim_int128 billed)
{
    size_t period = pool->state.price_period;
    sim_int128 cost = billed * pricing_served_rate(pool->config, period, gpu);
    books_pool(world, pool)->cost[state] += cost;
    world->series[pool->number].cost += cost;
    if (world->now.block > 0 && !world->now.is_draining)
        world->lives[pool->number].price_ns[pricing_rate_number(pool->config, period, gpu)] += billed;
}

/* Books the memory of ready containers with a GPU: what there is, and what models take of it. */
static void book_memory(struct world *world, struct pool *pool, uint32_t gpu, const sim_int128 span[])
{
    struct pool_tally *tally = books_pool(world, pool);
    if (!pool->has_memory)
        return;
    sim_int128 ready = span[CONTAINER_BUSY] + span[CONTAINER_IDLE] + span[CONTAINER_DRAINING];
    tally->memory_integral += ready * service_memory_reserved(pool);
    tally->memory_room += ready * served_memory_bytes(pool->config, gpu);
}

/* Books the time of containers with other GPUs than the requested one; `span` and `unbilled`, of all of the pool,
 * become those of the rest.
 */
static void book_served(struct world *world, struct pool *pool, sim_int128 span[], sim_int128 *unbilled)
{
    struct pool_tally *tally = books_pool(world, pool);
    for (uint32_t gpu = 1; gpu <= pool->config->served_count; gpu++) {
        struct served_levels *levels = pool_served(pool, gpu);
        sim_int128 unbilled_of = sim_level_split(&levels->unbilled, now_ns(world));
        *unbilled -= unbilled_of;
        sim_int128 span_of[CONTAINER_STATE_COUNT];
        for (int i = 0; i < CONTAINER_STATE_COUNT; i++) {
            span_of[i] = sim_level_split(&levels->states[i], now_ns(world));
            span[i] -= span_of[i];
            tally->served_ns[gpu - 1] += span_of[i];
            if (is_billed(pool, i))
                add_cost(world, pool, i, gpu, i == CONTAINER_STARTING ? span_of[i] - unbilled_of : span_of[i]);
        }
        book_memory(world, pool, gpu, span_of);
    }
}

void books_levels_split(struct world *world, struct pool *pool)
{
    sim_int128 slots = 0;
    sim_int128 span[CONTAINER_STATE_COUNT];
    struct pool_levels *levels = &pool->state.levels;
    struct pool_tally *tally = books_pool(world, pool);
    struct series_sums *series = &world->series[pool->number];
    sim_time_ns time_ns = now_ns(world);
    watch_before_split(world, pool);
    tally->queue_max = greater(tally->queue_max, levels->queue.maximum);
    tally->containers_max = greater(tally->containers_max, levels->alive.maximum);
    sim_int128 queue = sim_level_split(&levels->queue, time_ns);
    sim_int128 inputs = sim_level_split(&levels->inputs, time_ns);
    sim_int128 unbilled = sim_level_split(&levels->unbilled, time_ns);
    tally->demand_max = greater(tally->demand_max, levels->demand.maximum);
    sim_level_split(&levels->alive, time_ns);
    sim_level_split(&levels->demand, time_ns);
    tally->capped_ns += sim_level_split(&levels->capped, time_ns);
    tally->short_ns += sim_level_split(&levels->scarce, time_ns);
    tally->queue_integral += queue;
    tally->inputs_integral += inputs;
    tally->unbilled_ns += unbilled;
    series->queue += queue;
    series->inputs += inputs;
    for (int i = 0; i < CONTAINER_STATE_COUNT; i++) {
        span[i] = sim_level_split(&levels->states[i], time_ns);
        tally->state_ns[i] += span[i];
        series->states[i] += span[i];
        if (i != CONTAINER_STARTING)
            slots += span[i] * pool->config->max_inputs;
    }
    book_served(world, pool, span, &unbilled);
    book_memory(world, pool, 0, span);
    tally->memory_integral += sim_level_split(&levels->memory, time_ns);
    for (int i = 0; i < CONTAINER_STATE_COUNT; i++)
        if (is_billed(pool, i))
            add_cost(world, pool, i, 0, i == CONTAINER_STARTING ? span[i] - unbilled : span[i]);
    tally->ready_slot_integral += slots;
    if (world->now.is_draining)
        return;
    struct saturation_window *window = books_window(world, pool->number);
    window->inputs_integral += inputs;
    window->slot_integral += slots;
    window->arrived += series->arrived - series->arrived_before;
    series->arrived_before = series->arrived;
}
