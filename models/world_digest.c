/* world_digest.c - a fingerprint of what decides about a world's future.
 *
 * Worlds with different pasts number their requests differently and still go on alike, so a request is named by its
 * workload and key. Containers have been put in an order that does not depend on the past (world_joint.c). What has
 * been counted is left out, and so is what follows from the rest: free places, timers of ticks and polls.
 */
#include "models/world_internal.h"

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
    sim_digest_add(digest, (uint64_t)r->stored_ns);
    sim_digest_add(digest, (uint64_t)r->start_ns);
    sim_digest_add(digest, (uint64_t)r->attempt_ns);
    sim_digest_add(digest, (uint64_t)r->first_ns);
    sim_digest_add(digest, (uint64_t)r->saved_ns);
    sim_digest_add(digest, (uint64_t)r->tries << 32 | (uint64_t)r->failures);
    sim_digest_add(digest, (uint64_t)r->place << 8 | (uint64_t)r->is_client_gone << 1 | r->is_cold);
    sim_digest_add(digest, r->draw.pool);
    sessions_digest(world, request, digest);
}

static uint64_t pending_at(const struct world *world, uint32_t source)
{
    if (source == SOURCE_NONE)
        return UINT64_MAX;
    return (uint64_t)(sim_queue_pending(&world->engine.queue, source) >> 64);
}

static void add_migration(const struct world *world, uint32_t number, struct sim_digest *digest)
{
    const struct migration *migration = &world->arrivals[number].migration;
    const struct migration_config *config = &world->config->workloads[number].migration;
    sim_digest_add(digest, (uint64_t)(int64_t)sim_level_integral(&migration->present, now_ns(world)));
    for (int i = 0; i < MIGRATION_LOOKS; i++)
        sim_digest_add(digest, (uint64_t)migration->parts[i]);
    sim_digest_add(digest, (uint64_t)migration->looks << 1 | migration->is_away);
    sim_digest_add(digest, (uint64_t)migration->since_ns);
    sim_digest_add(digest, (uint64_t)(1e12 * migration_share(config, migration, now_ns(world))));
}

static void add_workload(struct world *world, uint32_t number, struct sim_digest *digest)
{
    const struct request_draw *next = workload_peek(&world->workloads[number]);
    sim_digest_add(digest, next ? next->key : UINT64_MAX);
    sim_digest_add(digest, next ? (uint64_t)next->arrival_ns : UINT64_MAX);
    if (world->workloads[number].migrates)
        add_migration(world, number, digest);
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
    void *inside = pool_inside(pool, container);
    uint32_t count = timeline_inside(pool->plans, inside, pool->scratch);
    for (uint32_t i = 0; i < count; i++)
        add_request(world, pool->scratch[i], digest);
    timeline_digest(pool->plans, inside, now_ns(world), digest, name_of_request, &names);
}

/* What a container remembers of its start while it goes on. */
static void add_start(const struct world *world, const struct container *c, struct sim_digest *digest)
{
    sim_digest_add(digest, (uint64_t)c->allocated_ns);
    for (int i = 0; i < 4; i++)
        sim_digest_add(digest, c->random.counter[i]);
    sim_digest_add(digest, c->random.used);
    sim_digest_add(digest, (uint64_t)c->start_step << 32 | (uint32_t)c->worker_type);
    sim_digest_add(digest, (uint64_t)c->how << 8 | (uint64_t)c->will_fail << 1 | c->is_unbilled);
    sim_digest_add(digest, pending_at(world, c->phase_source));
}

/* What an idle container has waited beyond the longest window makes no difference any more. */
static uint64_t idle_since(const struct world *world, const struct pool *pool, const struct container *c)
{
    sim_time_ns window_ns = schedule_longest_window_ns(pool->config);
    if (pool->config->early_min_ns > window_ns)
        window_ns = pool->config->early_min_ns;
    sim_time_ns watched_ns = watch_idle_ns(world, pool);
    if (watched_ns > window_ns)
        window_ns = watched_ns;
    return now_ns(world) - c->idle_since_ns >= window_ns ? 0 : (uint64_t)c->idle_since_ns;
}

/* Nor does when a container became ready, once every request here or to come has arrived later. */
static void add_service(const struct world *world, const struct pool *pool, uint32_t container,
                        sim_time_ns oldest_arrival_ns, struct sim_digest *digest)
{
    const struct container *c = pool_container(pool, container);
    sim_digest_add(digest, c->ready_ns > oldest_arrival_ns ? (uint64_t)c->ready_ns : 0);
    sim_digest_add(digest, (uint64_t)c->allowed << 32 | c->inputs);
    sim_digest_add(digest, c->is_interrupted ? pending_at(world, c->phase_source) : 0);
    sim_digest_add(digest, c->inputs ? 0 : idle_since(world, pool, c));
    add_inside(world, pool, container, digest);
}

void world_digest_container(const struct world *world, const struct pool *pool, uint32_t container,
                            sim_time_ns oldest_arrival_ns, struct sim_digest *digest)
{
    const struct container *c = pool_container(pool, container);
    sim_digest_add(digest, (uint64_t)c->gpu << 8 | c->phase);
    if (c->phase == PHASE_READY)
        add_service(world, pool, container, oldest_arrival_ns, digest);
    else if (c->phase != PHASE_FREE)
        add_start(world, c, digest);
}

static void add_containers(const struct world *world, const struct pool *pool, sim_time_ns oldest_arrival_ns,
                           struct sim_digest *digest)
{
    for (uint32_t i = 0; i < pool->containers.count; i++) {
        if (pool_container(pool, i)->phase == PHASE_FREE)
            continue;
        sim_digest_add(digest, i);
        world_digest_container(world, pool, i, oldest_arrival_ns, digest);
    }
    for (uint32_t i = pool->state.idle_first; i != CONTAINER_NONE; i = pool_container(pool, i)->idle_next)
        sim_digest_add(digest, i);
    dispatch_digest(&pool->dispatch, digest);
}

/* The pool is active while its last arrival is not longer ago than this. */
static uint64_t last_arrival(const struct world *world, const struct pool *pool)
{
    const struct pool_config *config = pool->config;
    sim_time_ns hold_ns = config->active_hold_ns ? config->active_hold_ns : schedule_longest_window_ns(config);
    sim_time_ns last_ns = pool->state.last_arrival_ns;
    return last_ns < 0 || now_ns(world) - last_ns > hold_ns ? 0 : (uint64_t)last_ns;
}

static void add_pool(const struct world *world, const struct pool *pool, sim_time_ns oldest_arrival_ns,
                     struct sim_digest *digest)
{
    const struct snapshot *snapshots = pool->snapshots.items;
    sim_digest_add(digest, last_arrival(world, pool));
    sim_digest_add(digest, (uint64_t)pool->state.full_ns);
    for (size_t i = 0; i < pool->snapshots.count; i++)
        sim_digest_add(digest, (uint64_t)snapshots[i].is_being_created << 1 | snapshots[i].is_complete);
    sim_digest_add(digest, pool->state.queue.count);
    for (uint32_t r = pool->state.queue.first; r != REQUEST_NONE;
         r = request_at(&world->requests, r)->links[LIST_POOL].next)
        add_request(world, r, digest);
    add_containers(world, pool, oldest_arrival_ns, digest);
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

sim_time_ns world_digest_oldest_arrival_ns(struct world *world)
{
    sim_time_ns oldest_ns = now_ns(world);
    for (uint32_t i = 0; i < world->config->workload_count; i++) {
        const struct request_draw *next = workload_peek(&world->workloads[i]);
        if (next && next->arrival_ns < oldest_ns)
            oldest_ns = next->arrival_ns;
    }
    for (uint32_t i = 0; i < world->requests.items.count; i++) {
        const struct request *r = request_at(&world->requests, i);
        if (r->is_stored && r->draw.arrival_ns < oldest_ns)
            oldest_ns = r->draw.arrival_ns;
    }
    return oldest_ns;
}

void world_digest(struct world *world, struct sim_digest *digest)
{
    service_advance_all(world);
    sim_time_ns oldest_arrival_ns = world_digest_oldest_arrival_ns(world);
    sim_digest_add(digest, (uint64_t)now_ns(world));
    sim_digest_add(digest, (uint64_t)world->now.gpus_in_use);
    for (uint32_t i = 0; i < world->config->workload_count; i++)
        add_workload(world, i, digest);
    add_clients(world, digest);
    for (size_t i = 0; i < world->config->pool_count; i++)
        add_pool(world, &world->pools[i], oldest_arrival_ns, digest);
    add_outside(world, digest);
    if (world->watch.count == 0)
        return;
    watch_digest(world, digest);
    rules_digest(world, digest);
    alerts_digest(world, digest);
}
