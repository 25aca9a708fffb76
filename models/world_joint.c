/* world_joint.c - brings a world into a form that does not depend on how it got there.
 *
 * A long run is cut at joints, and a piece can begin from a guess if the guess comes to the same state at the joint.
 * What is the same in meaning has to be the same in every number that may decide something later: containers move to
 * places in an order that follows from what they hold, events of one instant are put in an order that follows from
 * what they are, and clocks that nobody can see from outside start anew.
 */
#include <stdlib.h>
#include <string.h>

#include "models/world_internal.h"
#include "sim/memory.h"
#include "sim/variate.h"

/* ---- containers: the order ---- */

/* What a container holds, and where it stands in the lists of its pool. */
struct resident {
    struct sim_digest content;
    uint32_t idle_rank;
    uint32_t dispatch_rank;
    uint32_t container;
};

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_residents(const void *a, const void *b)
{
    const struct resident *x = a;
    const struct resident *y = b;
    int order = compare_u64(x->content.high, y->content.high);
    if (order == 0)
        order = compare_u64(x->content.low, y->content.low);
    if (order == 0)
        order = compare_u64(x->idle_rank, y->idle_rank);
    if (order == 0)
        order = compare_u64(x->dispatch_rank, y->dispatch_rank);
    return order ? order : compare_u64(x->container, y->container);
}

/* Fills `places`: the new place of every container, free ones behind the others. */
static void choose_places(const struct world *world, const struct pool *pool, sim_time_ns oldest_arrival_ns,
                          uint32_t *places)
{
    uint32_t count = (uint32_t)pool->containers.count;
    struct resident *residents = sim_allocate(count, sizeof *residents);
    uint32_t *idle_ranks = sim_allocate(count, sizeof *idle_ranks);
    uint32_t found = 0;
    uint32_t rank = 1;
    for (uint32_t i = pool->state.idle_first; i != CONTAINER_NONE; i = pool_container(pool, i)->idle_next)
        idle_ranks[i] = rank++;
    for (uint32_t i = 0; i < count; i++) {
        if (pool_container(pool, i)->phase == PHASE_FREE)
            continue;
        struct resident *resident = &residents[found++];
        *resident = (struct resident){
            .idle_rank = idle_ranks[i], .dispatch_rank = dispatch_rank(&pool->dispatch, i), .container = i};
        sim_digest_init(&resident->content);
        world_digest_container(world, pool, i, oldest_arrival_ns, &resident->content);
    }
    qsort(residents, found, sizeof *residents, compare_residents);
    for (uint32_t i = 0; i < count; i++)
        places[i] = CONTAINER_NONE;
    for (uint32_t i = 0; i < found; i++)
        places[residents[i].container] = i;
    for (uint32_t i = 0; i < count; i++)
        if (places[i] == CONTAINER_NONE)
            places[i] = found++;
    free(residents);
    free(idle_ranks);
}

/* ---- containers: the move ---- */

static void move_items(struct sim_array *array, const uint32_t *places, uint32_t count)
{
    size_t size = array->item_size;
    if (count == 0)
        return;
    char *moved = sim_allocate(count, size);
    for (uint32_t i = 0; i < count; i++)
        memcpy(moved + places[i] * size, (const char *)array->items + i * size, size);
    memcpy(array->items, moved, count * size);
    free(moved);
}

static uint32_t place_of(const uint32_t *places, uint32_t container)
{
    return container == CONTAINER_NONE ? CONTAINER_NONE : places[container];
}

/* Puts right what points to containers: the idle list, the free places, requests inside, sources. */
static void follow(struct world *world, struct pool *pool, const uint32_t *places, uint32_t count)
{
    struct pool_state *state = &pool->state;
    state->idle_first = place_of(places, state->idle_first);
    state->idle_last = place_of(places, state->idle_last);
    state->first_free = 0;
    for (uint32_t i = count; i-- > 0;) {
        struct container *c = pool_container(pool, i);
        c->idle_previous = place_of(places, c->idle_previous);
        c->idle_next = place_of(places, c->idle_next);
        if (c->phase == PHASE_FREE) {
            c->next_free = state->first_free;
            state->first_free = i + 1;
        } else if (c->phase_source != SOURCE_NONE) {
            ((struct sim_source *)world->engine.sources.items)[c->phase_source].index =
                container_event(pool->number, i);
        }
    }
    for (uint32_t r = 0; r < world->requests.items.count; r++) {
        struct request *request = request_at(&world->requests, r);
        if (request->is_stored && request->place == PLACE_INSIDE && request->draw.pool == pool->number)
            request->container = places[request->container];
    }
}

static void move_containers(struct world *world, struct pool *pool, const uint32_t *places)
{
    uint32_t count = (uint32_t)pool->containers.count;
    move_items(&pool->containers, places, count);
    move_items(&pool->timelines, places, count);
    dispatch_move(&pool->dispatch, places, count);
    follow(world, pool, places, count);
    for (uint32_t i = 0; i < count; i++)
        service_stop(world, pool, i);
    for (uint32_t i = 0; i < count; i++)
        if (pool_container(pool, i)->phase == PHASE_READY)
            service_look_again(world, pool, i);
}

/* Sums kept in finer units than they are booked in would carry the past's fractions on. */
static void settle_stages(struct world *world, struct pool *pool)
{
    for (uint32_t i = 0; i < pool->containers.count; i++) {
        if (pool_container(pool, i)->phase != PHASE_READY)
            continue;
        container_book_stage(world, pool, i);
        timeline_forget_totals(pool->plans, pool_inside(pool, i), now_ns(world));
        pool_container(pool, i)->totals = (struct stage_totals){0};
    }
}

/* ---- clocks ---- */

/* Crashes and interruptions have no memory and the phases of polls cannot be seen from outside, so drawing them anew
 * changes no distribution.
 */
static void restart_clocks(struct world *world, struct pool *pool)
{
    const struct pool_config *config = pool->config;
    struct sim_random random;
    sim_random_init(&random, world->options.seed, world->options.replication, PURPOSE_JOINT, pool->number,
                    (uint64_t)now_ns(world));
    scaling_poll_forget(world, pool);
    for (uint32_t i = 0; i < pool->containers.count; i++) {
        if (pool_container(pool, i)->phase != PHASE_READY)
            continue;
        double phase = sim_variate_uniform(&random);
        double life = sim_variate_exponential(&random);
        double luck = config->interruption_rate_per_s > 0 ? sim_variate_uniform(&random) : 0;
        if (pool->has_polls && pool_container(pool, i)->state != CONTAINER_DRAINING)
            scaling_poll_join(world, pool, i, now_ns(world) + (sim_time_ns)(phase * (double)config->poll_ns));
        if (container_is_mortal(pool) && !pool_container(pool, i)->is_interrupted)
            container_fate_set(world, pool, i, life, luck);
    }
}

/* ---- events of one instant ---- */

struct pending_event {
    sim_time_ns time_ns;
    uint64_t name;
    uint32_t rank;
    uint32_t kind;
    uint32_t source;
};

static int compare_events(const void *a, const void *b)
{
    const struct pending_event *x = a;
    const struct pending_event *y = b;
    int order = compare_u64((uint64_t)x->time_ns, (uint64_t)y->time_ns);
    if (order == 0)
        order = compare_u64(x->rank, y->rank);
    if (order == 0)
        order = compare_u64(x->kind, y->kind);
    return order ? order : compare_u64(x->name, y->name);
}

static uint64_t name_of(const struct world *world, const struct sim_source *source)
{
    if (source->kind != EVENT_ENTRY)
        return source->index;
    const struct request_draw *draw = &request_at(&world->requests, source->index)->draw;
    return draw->key ^ (uint64_t)draw->workload << 60;
}

static void renew_order(struct world *world)
{
    uint32_t count = (uint32_t)world->engine.sources.count;
    struct pending_event *events = sim_allocate(count, sizeof *events);
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct sim_source *source = (const struct sim_source *)world->engine.sources.items + i;
        sim_queue_key key = sim_queue_pending(&world->engine.queue, i);
        if (key != SIM_QUEUE_NOTHING)
            events[found++] =
                (struct pending_event){sim_queue_key_time(key), name_of(world, source), source->rank, source->kind, i};
    }
    qsort(events, found, sizeof *events, compare_events);
    for (uint32_t i = 0; i < found; i++)
        sim_engine_schedule(&world->engine, events[i].source, events[i].time_ns);
    free(events);
}

void world_joint(struct world *world)
{
    service_advance_all(world);
    sim_time_ns oldest_arrival_ns = world_digest_oldest_arrival_ns(world);
    for (size_t i = 0; i < world->config->pool_count; i++) {
        struct pool *pool = &world->pools[i];
        uint32_t *places = sim_allocate(pool->containers.count, sizeof *places);
        choose_places(world, pool, oldest_arrival_ns, places);
        move_containers(world, pool, places);
        settle_stages(world, pool);
        restart_clocks(world, pool);
        scaling_note_demand(world, pool);
        free(places);
    }
    arrivals_look_again(world);
    renew_order(world);
}
