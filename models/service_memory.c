/* service_memory.c - GPU memory: what models take of it, and what each request inside adds.
 *
 * A request that would exceed the memory of its container's GPUs fails at the start of its attempt, as a process does
 * whose allocation fails. Caches that grow with the tokens are the business of continuous batching (batching.h).
 */
#include <math.h>

#include "models/world_internal.h"

#define BYTES_PER_GB 1e9
#define SHARE_UNIT 1000000000 /* of tallies: 1e-9 */

static int64_t bytes_of(double gb)
{
    return (int64_t)round(gb * BYTES_PER_GB);
}

static int64_t need_of(const struct world *world, const struct request *r)
{
    return bytes_of(world->classes[r->draw.class_index].memory_gb);
}

int64_t service_memory_reserved(const struct pool *pool)
{
    return bytes_of(pool->config->reserved_memory_gb);
}

bool service_memory_applies(const struct world_config *config, const struct pool_config *pool)
{
    bool is_used = pool->reserved_memory_gb > 0;
    for (size_t i = 0; i < config->workload_count; i++)
        for (size_t k = 0; k < config->workloads[i].class_count; k++)
            is_used |= config->workloads[i].classes[k].memory_gb > 0;
    return is_used && served_memory_bytes(pool, 0) > 0;
}

void service_memory_note(struct world *world, struct pool *pool, uint32_t container)
{
    const struct container *c = pool_container(pool, container);
    struct pool_tally *tally = books_pool(world, pool);
    int64_t used = service_memory_reserved(pool) + c->memory;
    sim_int128 limit = served_memory_bytes(pool->config, c->gpu);
    int64_t share = limit > 0 ? (int64_t)((sim_int128)used * SHARE_UNIT / limit) : 0;
    tally->memory_max = used > tally->memory_max ? used : tally->memory_max;
    tally->memory_share_max = share > tally->memory_share_max ? share : tally->memory_share_max;
}

static void change(struct world *world, struct pool *pool, uint32_t container, int64_t bytes)
{
    pool_container(pool, container)->memory += bytes;
    sim_level_move(&pool->state.levels.memory, now_ns(world), bytes);
}

bool service_memory_take(struct world *world, struct pool *pool, uint32_t container, const struct request *request)
{
    const struct container *c = pool_container(pool, container);
    int64_t need = need_of(world, request);
    if (service_memory_reserved(pool) + c->memory + need > served_memory_bytes(pool->config, c->gpu)) {
        books_pool(world, pool)->out_of_memory++;
        return false;
    }
    change(world, pool, container, need);
    service_memory_note(world, pool, container);
    return true;
}

void service_memory_leave(struct world *world, struct pool *pool, const struct request *request)
{
    change(world, pool, request->container, -need_of(world, request));
}
