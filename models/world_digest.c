/* world_digest.c - a fingerprint of what decides about a world's future.
 *
 * Worlds with different pasts number their requests, containers and events differently and still go on alike. So
 * everything is named by what it is: a request by its workload and key, a container by its place in the order of the
 * lives that are left. What has been counted is left out, and so is what follows from the rest: free places, timers
 * of ticks and polls, the order of the idle.
 */
#include <stdlib.h>

#include "models/world_internal.h"
#include "sim/memory.h"

struct request_names {
    const struct request_store *requests;
};

static uint64_t name_of_request(void *context, uint32_t request)
{
    const struct request_names *names = context;
    const struct request *r = request_at(names->requests, request);
    return r->draw.key * 4099 + r->draw.workload;
}

static void add_request(const struct world *world, uint32_t request, struct sim_digest *digest)
{
    const struct request *r = request_at(&world->requests, request);
    sim_digest_add(digest, r->draw.workload);
    sim_digest_add(digest, r->draw.key);
    sim_digest_add(digest, (uint64_t)r->draw.arrival_ns);
    sim_digest_add(digest, (uint64_t)r->start_ns);
    sim_digest_add(digest, (uint64_t)r->attempt_ns);
    sim_digest_add(digest, (uint64_t)r->first_ns);
    sim_digest_add(digest, (uint64_t)r->tries << 32 | (uint64_t)r->failures);
    sim_digest_add(digest, (uint64_t)r->place << 8 | (uint64_t)r->is_client_gone << 1 | r->is_cold);
}

static uint64_t pending_at(const struct world *world, uint32_t source)
{
    if (source == SOURCE_NONE)
        return UINT64_MAX;
    return (uint64_t)(sim_queue_pending(&world->engine.queue, source) >> 64);
}

static void add_workload(struct world *world, uint32_t number, struct sim_digest *digest)
{
    const struct request_draw *next = workload_peek(&world->workloads[number]);
    sim_digest_add(digest, next ? next->key : UINT64_MAX);
    sim_digest_add(digest, next ? (uint64_t)next->arrival_ns : UINT64_MAX);
}

static void add_clients(const struct world *world, struct sim_digest *digest)
{
    const struct client *clients = world->clients.items;
    for (size_t i = 0; i < world->clients.count; i++) {
        sim_digest_add(digest, clients[i].turn);
        sim_digest_add(digest, pending_at(world, clients[i].source));
    }
}

static void add_inside(const struct world *world, const struct pool *pool, uint32_t container,
                       struct sim_digest *digest)
{
    struct request_names names = {&world->requests};
    uint32_t count = stage_inside(&pool->stage, pool_stage_state(pool, container), pool->scratch);
    for (uint32_t i = 0; i < count; i++)
        add_request(world, pool->scratch[i], digest);
    stage_digest(&pool->stage, pool_stage_state(pool, container), now_ns(world), digest, name_of_request, &names);
    uint32_t delay_count = ((const uint32_t *)pool->delay_counts.items)[container];
    const struct delay *delays =
        (const struct delay *)((const char *)pool->delay_heaps.items + container * pool->delay_heaps.item_size);
    uint64_t delay_sum = 0; /* of what does not depend on the order in the heap */
    for (uint32_t i = 0; i < delay_count; i++)
        delay_sum += (uint64_t)delays[i].due_ns * (name_of_request(&names, delays[i].request) | 1);
    sim_digest_add(digest, delay_count);
    sim_digest_add(digest, delay_sum);
}

static void add_container(const struct world *world, const struct pool *pool, uint32_t container,
                          struct sim_digest *digest)
{
    const struct container *c = pool_container(pool, container);
    const sim_time_ns times[] = {c->requested_ns, c->allocated_ns, c->ready_ns, c->idle_since_ns, c->check_ns};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        sim_digest_add(digest, (uint64_t)times[i]);
    for (int i = 0; i < 4; i++)
        sim_digest_add(digest, c->random.counter[i]);
    sim_digest_add(digest, c->random.used);
    sim_digest_add(digest, (uint64_t)c->start_step << 32 | c->inputs);
    sim_digest_add(digest, (uint64_t)c->allowed << 32 | (uint32_t)c->worker_type);
    sim_digest_add(digest, (uint64_t)c->phase << 24 | (uint64_t)c->state << 16 | (uint64_t)c->how << 8 |
                               (uint64_t)c->will_fail << 1 | c->is_unbilled);
    sim_digest_add(digest, pending_at(world, c->phase_source));
    sim_digest_add(digest, (uint64_t)dispatch_active_ns(&pool->dispatch, container));
    add_inside(world, pool, container, digest);
}

struct life {
    uint32_t number;
    uint32_t container;
};

static int compare_lives(const void *a, const void *b)
{
    uint32_t x = ((const struct life *)a)->number;
    uint32_t y = ((const struct life *)b)->number;
    return (x > y) - (x < y);
}

static void add_containers(const struct world *world, const struct pool *pool, struct sim_digest *digest)
{
    struct life *lives = sim_allocate(pool->containers.count, sizeof *lives);
    size_t count = 0;
    for (uint32_t i = 0; i < pool->containers.count; i++)
        if (pool_container(pool, i)->phase != PHASE_FREE)
            lives[count++] = (struct life){pool_container(pool, i)->life, i};
    qsort(lives, count, sizeof *lives, compare_lives);
    sim_digest_add(digest, count);
    for (size_t i = 0; i < count; i++)
        add_container(world, pool, lives[i].container, digest);
    free(lives);
}

static void add_pool(const struct world *world, const struct pool *pool, struct sim_digest *digest)
{
    const struct snapshot *snapshots = pool->snapshots.items;
    sim_digest_add(digest, (uint64_t)pool->state.last_arrival_ns);
    for (size_t i = 0; i < pool->snapshots.count; i++)
        sim_digest_add(digest, (uint64_t)snapshots[i].is_being_created << 1 | snapshots[i].is_complete);
    sim_digest_add(digest, pool->state.queue.count);
    for (uint32_t r = pool->state.queue.first; r != REQUEST_NONE;
         r = request_at(&world->requests, r)->links[LIST_POOL].next)
        add_request(world, r, digest);
    add_containers(world, pool, digest);
}

/* Requests on their way: few, and in no list, so their fingerprints are added up. */
static void add_outside(const struct world *world, struct sim_digest *digest)
{
    struct sim_digest sum = {0, 0};
    for (uint32_t i = 0; i < world->requests.items.count; i++) {
        const struct request *r = request_at(&world->requests, i);
        if (!r->is_stored || (r->place != PLACE_OUTSIDE && r->place != PLACE_RETRY))
            continue;
        struct sim_digest one;
        sim_digest_init(&one);
        add_request(world, i, &one);
        sim_digest_add(&one, pending_at(world, r->source));
        sum.low += one.low;
        sum.high += one.high;
    }
    sim_digest_add(digest, sum.low);
    sim_digest_add(digest, sum.high);
}

void world_digest(struct world *world, struct sim_digest *digest)
{
    sim_digest_add(digest, (uint64_t)now_ns(world));
    sim_digest_add(digest, (uint64_t)world->now.gpus_in_use);
    for (uint32_t i = 0; i < world->config->workload_count; i++)
        add_workload(world, i, digest);
    add_clients(world, digest);
    for (size_t i = 0; i < world->config->pool_count; i++)
        add_pool(world, &world->pools[i], digest);
    add_outside(world, digest);
}
