/* test_engine.c - whatever handlers do, the engine gives the events that a plain loop over a list gives. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sim/engine.h"
#include "tests/effort.h"
#include "tests/reference_queue.h"

enum {
    ENTITIES_MAX = REFERENCE_SLOTS_MAX,
    LOG_MAX = 4000
};

/* Two worlds with the same seed do the same as long as their events come in the same order. One runs on the engine,
 * the other one on the list, where an entity is its own slot. */
struct world {
    bool is_reference;
    struct sim_engine engine;
    struct sim_state state;
    struct reference_queue queue;
    int64_t now_ns;
    uint64_t random;
    uint32_t entity_count;
    uint32_t source_of[ENTITIES_MAX];
    bool is_alive[ENTITIES_MAX];
    uint32_t log_count;
    struct {
        int64_t at_ns;
        uint32_t entity;
    } log[LOG_MAX];
};

static struct world worlds[2];

static uint32_t random_below(struct world *world, uint32_t limit)
{
    uint64_t z = world->random += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return (uint32_t)((z ^ z >> 31) % limit);
}

static uint32_t rank_of(uint32_t entity)
{
    return entity * 7 % 3;
}

static void world_schedule(struct world *world, uint32_t entity, int64_t time_ns)
{
    if (world->is_reference)
        reference_queue_schedule(&world->queue, entity, time_ns, rank_of(entity));
    else
        sim_engine_schedule(&world->engine, world->source_of[entity], time_ns);
}

static void world_cancel(struct world *world, uint32_t entity)
{
    if (world->is_reference)
        reference_queue_cancel(&world->queue, entity);
    else
        sim_engine_cancel(&world->engine, world->source_of[entity]);
}

static void world_add(struct world *world)
{
    if (world->entity_count == ENTITIES_MAX)
        return;
    uint32_t entity = world->entity_count++;
    world->is_alive[entity] = true;
    if (!world->is_reference)
        world->source_of[entity] = sim_engine_add(&world->engine, rank_of(entity), 5, entity);
    world_schedule(world, entity, world->now_ns + random_below(world, 30));
}

static void world_remove(struct world *world, uint32_t entity)
{
    world->is_alive[entity] = false;
    if (world->is_reference)
        reference_queue_cancel(&world->queue, entity);
    else
        sim_engine_remove(&world->engine, world->source_of[entity]);
}

/* Does a few random things, mostly to entities that are alive. */
static void world_act(struct world *world, uint32_t entity)
{
    for (uint32_t actions = random_below(world, 5); actions > 0; actions--) {
        uint32_t what = random_below(world, 100);
        uint32_t whom = random_below(world, 2) ? entity : random_below(world, world->entity_count);
        int64_t time_ns = world->now_ns + random_below(world, random_below(world, 4) ? 40 : 1);
        if (what < 10)
            world_add(world);
        else if (!world->is_alive[whom])
            continue;
        else if (what < 15)
            world_remove(world, whom);
        else if (what < 25)
            world_cancel(world, whom);
        else
            world_schedule(world, whom, time_ns);
    }
}

static void world_happen(struct world *world, uint32_t entity, int64_t now_ns)
{
    world->now_ns = now_ns;
    if (world->log_count < LOG_MAX) {
        world->log[world->log_count].at_ns = now_ns;
        world->log[world->log_count++].entity = entity;
    }
    world_act(world, entity);
}

static void handle(void *context, struct sim_event event)
{
    struct world *world = context;
    world_happen(world, event.index, world->engine.clock.now_ns);
}

static void world_run(struct world *world, int64_t end_ns, bool inclusive)
{
    uint32_t entity;
    if (!world->is_reference)
        sim_engine_run_until(&world->engine, end_ns, inclusive, handle, world);
    while (world->is_reference && reference_queue_first(&world->queue, &entity)) {
        int64_t time_ns = world->queue.items[entity].time_ns;
        if (time_ns > end_ns || (time_ns == end_ns && !inclusive))
            break;
        reference_queue_cancel(&world->queue, entity);
        world_happen(world, entity, time_ns);
    }
    world->now_ns = end_ns;
}

static void world_init(struct world *world, bool is_reference, uint64_t seed)
{
    memset(world, 0, sizeof *world);
    world->is_reference = is_reference;
    world->random = seed;
    sim_engine_init(&world->engine);
    sim_engine_enter(&world->engine, &world->state);
    for (int i = 0; i < 6; i++)
        world_add(world);
}

static void world_release(struct world *world)
{
    sim_engine_release(&world->engine);
    sim_state_release(&world->state);
}

/* Between runs the engine may be saved and loaded into a new one, and its sequence numbers may be near their end. */
static void disturb(struct world *world, uint32_t how)
{
    if (how == 0 && world->engine.queue.shape.sequence < SIM_QUEUE_SEQUENCE_MAX - 10)
        world->engine.queue.shape.sequence = SIM_QUEUE_SEQUENCE_MAX - 10;
    if (how != 1)
        return;
    struct sim_array bytes;
    sim_array_init(&bytes, 1);
    sim_state_save(&world->state, &bytes);
    world_release(world);
    world->state = (struct sim_state){0};
    sim_engine_init(&world->engine);
    sim_engine_enter(&world->engine, &world->state);
    ck_assert_int_eq(sim_state_load(&world->state, bytes.items, bytes.count), SIM_OK);
    sim_array_release(&bytes);
}

static void compare_runs(uint64_t seed)
{
    world_init(&worlds[0], false, seed);
    world_init(&worlds[1], true, seed);
    int64_t end_ns = 0;
    for (int segment = 0; segment < 20; segment++) {
        end_ns += random_below(&worlds[0], 100);
        bool inclusive = random_below(&worlds[0], 2);
        uint32_t how = random_below(&worlds[0], 4);
        worlds[1].random = worlds[0].random;
        disturb(&worlds[0], how);
        world_run(&worlds[0], end_ns, inclusive);
        world_run(&worlds[1], end_ns, inclusive);
        ck_assert_msg(worlds[0].log_count == worlds[1].log_count, "seed %llu", (unsigned long long)seed);
        for (uint32_t i = 0; i < worlds[0].log_count; i++)
            ck_assert_msg(worlds[0].log[i].at_ns == worlds[1].log[i].at_ns &&
                              worlds[0].log[i].entity == worlds[1].log[i].entity,
                          "seed %llu, event %u", (unsigned long long)seed, i);
    }
    world_release(&worlds[0]);
    world_release(&worlds[1]);
}

START_TEST(the_engine_agrees_with_a_plain_loop)
{
    unsigned events = 0;
    unsigned runs = test_effort(50, 500, 30000);
    for (unsigned i = 0; i < runs; i++) {
        compare_runs(5000 + i);
        events += worlds[0].log_count;
    }
    ck_assert_uint_gt(events, 100 * runs);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine properties");
    TCase *tests = tcase_create("against a list");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, the_engine_agrees_with_a_plain_loop);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
