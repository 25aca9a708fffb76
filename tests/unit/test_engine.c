/* test_engine.c - the clock, the order of events, and what a handler may do. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sim/engine.h"

enum {
    SOURCES = 4,
    LOG_MAX = 64
};

/* A world that writes down what happens, and at the event of `trigger` does what the test wants. */
struct world {
    struct sim_engine engine;
    uint32_t sources[SOURCES];
    uint32_t trigger; /* index of a source */
    void (*action)(struct world *world);
    struct {
        sim_time_ns at_ns;
        uint32_t kind;
        uint32_t index;
    } log[LOG_MAX];
    uint32_t log_count;
};

static struct world world;

static void handle(void *context, struct sim_event event)
{
    struct world *here = context;
    ck_assert_uint_lt(here->log_count, LOG_MAX);
    here->log[here->log_count].at_ns = here->engine.clock.now_ns;
    here->log[here->log_count].kind = event.kind;
    here->log[here->log_count++].index = event.index;
    if (here->action && event.index == here->trigger)
        here->action(here);
}

/* Source i has rank 3 - i, kind 10 + i and index i. */
static void set_up(void)
{
    memset(&world, 0, sizeof world);
    sim_engine_init(&world.engine);
    for (uint32_t i = 0; i < SOURCES; i++)
        world.sources[i] = sim_engine_add(&world.engine, 3 - i, 10 + i, i);
}

static void tear_down(void)
{
    sim_engine_release(&world.engine);
}

static void schedule(uint32_t index, sim_time_ns time_ns)
{
    sim_engine_schedule(&world.engine, world.sources[index], time_ns);
}

static void run(sim_time_ns end_ns, bool inclusive)
{
    sim_engine_run_until(&world.engine, end_ns, inclusive, handle, &world);
    ck_assert_int_eq(world.engine.clock.now_ns, end_ns);
    ck_assert_uint_eq(world.engine.clock.event_count, world.log_count);
}

/* The log is exactly these indices, in this order: "0213". */
static void assert_order(const char *indices)
{
    char found[LOG_MAX + 1] = "";
    for (uint32_t i = 0; i < world.log_count; i++)
        found[i] = (char)('0' + world.log[i].index);
    ck_assert_str_eq(found, indices);
}

START_TEST(events_come_in_order_of_time_with_their_kind_and_index)
{
    schedule(0, 300);
    schedule(1, 100);
    schedule(2, 200);
    run(1000, false);
    assert_order("120");
    for (uint32_t i = 0; i < 3; i++) {
        ck_assert_int_eq(world.log[i].at_ns, 100 * (i + 1));
        ck_assert_uint_eq(world.log[i].kind, 10 + world.log[i].index);
    }
}
END_TEST

START_TEST(the_end_belongs_to_the_run_only_if_inclusive)
{
    schedule(0, 100);
    run(100, false);
    assert_order("");
    run(100, true);
    assert_order("0");
    run(100, true);
    assert_order("0");
}
END_TEST

START_TEST(runs_can_be_cut_anywhere)
{
    schedule(0, 1);
    schedule(1, 2);
    schedule(2, 4);
    for (sim_time_ns end_ns = 0; end_ns <= 5; end_ns++)
        run(end_ns, end_ns % 2 == 0);
    assert_order("012");
}
END_TEST

START_TEST(the_last_instant_can_be_reached)
{
    schedule(0, SIM_TIME_NEVER - 1);
    schedule(1, SIM_TIME_NEVER);
    run(SIM_TIME_NEVER, true);
    assert_order("0");
}
END_TEST

START_TEST(events_of_one_instant_go_by_rank)
{
    for (uint32_t i = 0; i < SOURCES; i++)
        schedule(i, 50);
    run(50, true);
    assert_order("3210");
}
END_TEST

START_TEST(equal_ranks_go_in_the_order_of_scheduling)
{
    for (uint32_t i = 0; i < SOURCES; i++)
        world.sources[i] = sim_engine_add(&world.engine, 7, 0, i);
    schedule(2, 50);
    schedule(0, 50);
    schedule(3, 50);
    schedule(1, 50);
    schedule(2, 50);
    run(50, true);
    assert_order("0312");
}
END_TEST

START_TEST(what_is_cancelled_does_not_happen)
{
    schedule(0, 10);
    schedule(1, 20);
    schedule(2, 30);
    sim_engine_cancel(&world.engine, world.sources[0]);
    schedule(2, SIM_TIME_NEVER);
    run(100, true);
    assert_order("1");
}
END_TEST

static void schedule_itself_now(struct world *here)
{
    if (here->log_count < 3)
        sim_engine_schedule(&here->engine, here->sources[here->trigger], here->engine.clock.now_ns);
}

START_TEST(a_handler_may_schedule_its_own_source_at_once)
{
    world.action = schedule_itself_now;
    schedule(0, 10);
    run(10, true);
    assert_order("000");
}
END_TEST

static void move_the_others(struct world *here)
{
    sim_engine_cancel(&here->engine, here->sources[1]);
    sim_engine_schedule(&here->engine, here->sources[2], here->engine.clock.now_ns);
    sim_engine_schedule(&here->engine, here->sources[3], 15);
}

START_TEST(a_handler_may_move_and_cancel_others)
{
    world.action = move_the_others;
    schedule(0, 10);
    schedule(1, 11);
    schedule(2, 12);
    schedule(3, 13);
    run(20, true);
    assert_order("023");
    ck_assert_int_eq(world.log[1].at_ns, 10);
    ck_assert_int_eq(world.log[2].at_ns, 15);
}
END_TEST

static void remove_and_add_many(struct world *here)
{
    sim_engine_remove(&here->engine, here->sources[0]);
    for (uint32_t i = 0; i < 30; i++)
        sim_engine_schedule(&here->engine, sim_engine_add(&here->engine, 5, 20, 5), 20);
}

START_TEST(a_handler_may_remove_its_source_and_add_others)
{
    world.action = remove_and_add_many;
    schedule(0, 10);
    schedule(3, 20);
    run(30, true);
    ck_assert_uint_eq(world.log_count, 32);
    ck_assert_uint_eq(world.log[1].index, 3);
    ck_assert_uint_eq(world.log[31].index, 5);
}
END_TEST

START_TEST(a_removed_source_has_nothing_pending_and_its_number_is_used_again)
{
    schedule(1, 10);
    schedule(2, 10);
    sim_engine_remove(&world.engine, world.sources[1]);
    sim_engine_remove(&world.engine, world.sources[2]);
    uint32_t first = sim_engine_add(&world.engine, 0, 30, 8);
    uint32_t second = sim_engine_add(&world.engine, 0, 30, 9);
    ck_assert_uint_eq(first + second, world.sources[1] + world.sources[2]);
    ck_assert_uint_ne(first, second);
    ck_assert_uint_eq(sim_engine_add(&world.engine, 0, 30, 9), SOURCES);
    run(20, true);
    assert_order("");
    sim_engine_schedule(&world.engine, second, 25);
    run(30, true);
    assert_order("9");
}
END_TEST

static void schedule_another(struct world *here)
{
    sim_engine_schedule(&here->engine, here->sources[1], 20);
}

/* Renumbering while an event is handled must not bring that event back. */
START_TEST(sequence_numbers_may_run_out_in_a_handler)
{
    world.action = schedule_another;
    schedule(0, 10);
    world.engine.queue.shape.sequence = SIM_QUEUE_SEQUENCE_MAX + 1;
    run(30, true);
    assert_order("01");
    ck_assert_uint_eq(world.engine.queue.shape.sequence, 1);
}
END_TEST

static void schedule_another_and_itself(struct world *here)
{
    if (here->log_count > 1)
        return;
    sim_engine_schedule(&here->engine, here->sources[1], 20);
    sim_engine_schedule(&here->engine, here->sources[0], 30);
}

/* After renumbering, a source can get the number it had, so that its new key differs from the old one in time only.
 * The other source is in another four: the matches of the first still show the old key. */
START_TEST(an_old_number_may_come_again)
{
    world.action = schedule_another_and_itself;
    world.sources[1] = sim_engine_add(&world.engine, 0, 0, 1);
    ck_assert_uint_eq(world.sources[1], 4);
    world.engine.queue.shape.sequence = 1;
    schedule(0, 10);
    world.engine.queue.shape.sequence = SIM_QUEUE_SEQUENCE_MAX + 1;
    run(40, true);
    assert_order("010");
}
END_TEST

START_TEST(a_saved_engine_goes_on_alike)
{
    struct sim_state states[2] = {{0}};
    struct sim_engine other;
    sim_engine_init(&other);
    sim_engine_enter(&world.engine, &states[0]);
    sim_engine_enter(&other, &states[1]);
    sim_engine_remove(&world.engine, world.sources[3]);
    schedule(0, 40);
    schedule(1, 40);
    schedule(2, 30);
    run(20, false);

    struct sim_array bytes;
    sim_array_init(&bytes, 1);
    sim_state_save(&states[0], &bytes);
    run(100, true);
    assert_order("210");
    ck_assert_int_eq(sim_state_load(&states[1], bytes.items, bytes.count), SIM_OK);
    ck_assert_int_eq(other.clock.now_ns, 20);

    world.log_count = 0;
    sim_engine_release(&world.engine);
    world.engine = other;
    run(100, true);
    assert_order("210");
    ck_assert_uint_eq(sim_engine_add(&world.engine, 0, 0, 0), world.sources[3]);
    sim_array_release(&bytes);
    sim_state_release(&states[0]);
    sim_state_release(&states[1]);
}
END_TEST

START_TEST(the_past_cannot_be_scheduled)
{
    run(100, false);
    schedule(0, 99);
}
END_TEST

START_TEST(time_does_not_go_back)
{
    run(100, false);
    run(99, true);
}
END_TEST

START_TEST(ranks_are_limited)
{
    sim_engine_add(&world.engine, SIM_QUEUE_RANKS_MAX, 0, 0);
}
END_TEST

START_TEST(what_was_removed_cannot_be_removed)
{
    sim_engine_remove(&world.engine, world.sources[1]);
    sim_engine_remove(&world.engine, world.sources[1]);
}
END_TEST

static Suite *engine_suite(void)
{
    Suite *suite = suite_create("engine");
    TCase *tests = tcase_create("engine");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, events_come_in_order_of_time_with_their_kind_and_index);
    tcase_add_test(tests, the_end_belongs_to_the_run_only_if_inclusive);
    tcase_add_test(tests, runs_can_be_cut_anywhere);
    tcase_add_test(tests, the_last_instant_can_be_reached);
    tcase_add_test(tests, events_of_one_instant_go_by_rank);
    tcase_add_test(tests, equal_ranks_go_in_the_order_of_scheduling);
    tcase_add_test(tests, what_is_cancelled_does_not_happen);
    tcase_add_test(tests, a_handler_may_schedule_its_own_source_at_once);
    tcase_add_test(tests, a_handler_may_move_and_cancel_others);
    tcase_add_test(tests, a_handler_may_remove_its_source_and_add_others);
    tcase_add_test(tests, a_removed_source_has_nothing_pending_and_its_number_is_used_again);
    tcase_add_test(tests, sequence_numbers_may_run_out_in_a_handler);
    tcase_add_test(tests, an_old_number_may_come_again);
    tcase_add_test(tests, a_saved_engine_goes_on_alike);
    tcase_add_exit_test(tests, the_past_cannot_be_scheduled, 3);
    tcase_add_exit_test(tests, time_does_not_go_back, 3);
    tcase_add_exit_test(tests, ranks_are_limited, 3);
    tcase_add_exit_test(tests, what_was_removed_cannot_be_removed, 3);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(engine_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
