/* test_queue.c - the promises of queue.h one by one; test_queue.c in tests/property tries everything at once. */
#include <check.h>
#include <stdlib.h>

#include "sim/queue.h"

static struct sim_queue queue;

static void set_up(void)
{
    sim_queue_init(&queue);
}

static void tear_down(void)
{
    sim_queue_release(&queue);
}

/* Takes the earliest event and returns its slot. */
static uint32_t take(void)
{
    sim_queue_key key = sim_queue_first(&queue);
    ck_assert(key != SIM_QUEUE_NOTHING);
    sim_queue_cancel(&queue, sim_queue_key_slot(key));
    return sim_queue_key_slot(key);
}

static void assert_empty(void)
{
    ck_assert(sim_queue_first(&queue) == SIM_QUEUE_NOTHING);
}

START_TEST(a_new_queue_is_empty)
{
    assert_empty();
    for (uint32_t slot = 0; slot < sim_queue_capacity(&queue); slot++)
        ck_assert(sim_queue_pending(&queue, slot) == SIM_QUEUE_NOTHING);
}
END_TEST

START_TEST(the_key_tells_time_and_slot)
{
    sim_queue_reserve(&queue, SIM_QUEUE_SLOTS_MAX / 64);
    sim_time_ns times[] = {0, 1, SIM_DAY, SIM_TIME_NEVER - 1};
    for (size_t i = 0; i < 4; i++) {
        uint32_t slot = i % 2 ? SIM_QUEUE_SLOTS_MAX / 64 - 1 : 0;
        sim_queue_schedule(&queue, slot, times[i], SIM_QUEUE_RANKS_MAX - 1);
        sim_queue_key key = sim_queue_pending(&queue, slot);
        ck_assert_int_eq(sim_queue_key_time(key), times[i]);
        ck_assert_uint_eq(sim_queue_key_slot(key), slot);
        ck_assert(sim_queue_first(&queue) == key);
        take();
    }
}
END_TEST

START_TEST(earlier_goes_first)
{
    sim_queue_schedule(&queue, 0, 30, 0);
    sim_queue_schedule(&queue, 1, 10, 9);
    sim_queue_schedule(&queue, 2, 20, 0);
    ck_assert_uint_eq(take(), 1);
    ck_assert_uint_eq(take(), 2);
    ck_assert_uint_eq(take(), 0);
    assert_empty();
}
END_TEST

START_TEST(at_one_instant_the_lower_rank_goes_first)
{
    sim_queue_schedule(&queue, 0, 10, 2);
    sim_queue_schedule(&queue, 1, 10, 15);
    sim_queue_schedule(&queue, 2, 10, 0);
    ck_assert_uint_eq(take(), 2);
    ck_assert_uint_eq(take(), 0);
    ck_assert_uint_eq(take(), 1);
}
END_TEST

START_TEST(at_one_instant_and_rank_the_first_scheduled_goes_first)
{
    sim_queue_schedule(&queue, 3, 10, 1);
    sim_queue_schedule(&queue, 0, 10, 1);
    sim_queue_schedule(&queue, 2, 10, 1);
    sim_queue_schedule(&queue, 3, 10, 1); /* again: now it is the last */
    ck_assert_uint_eq(take(), 0);
    ck_assert_uint_eq(take(), 2);
    ck_assert_uint_eq(take(), 3);
}
END_TEST

START_TEST(scheduling_again_moves)
{
    sim_queue_schedule(&queue, 0, 10, 0);
    sim_queue_schedule(&queue, 1, 20, 0);
    sim_queue_schedule(&queue, 0, 30, 0);
    ck_assert_uint_eq(take(), 1);
    ck_assert_uint_eq(take(), 0);
    assert_empty();
}
END_TEST

START_TEST(cancelling_twice_or_nothing_is_allowed)
{
    sim_queue_cancel(&queue, 2);
    sim_queue_schedule(&queue, 2, 5, 0);
    sim_queue_schedule(&queue, 1, 6, 0);
    sim_queue_cancel(&queue, 2);
    sim_queue_cancel(&queue, 2);
    ck_assert_uint_eq(take(), 1);
    assert_empty();
}
END_TEST

START_TEST(growing_keeps_what_is_pending)
{
    for (uint32_t slot = 0; slot < 3000; slot++) {
        sim_queue_reserve(&queue, slot + 1);
        ck_assert_uint_ge(sim_queue_capacity(&queue), slot + 1);
        ck_assert(sim_queue_pending(&queue, slot) == SIM_QUEUE_NOTHING);
        sim_queue_schedule(&queue, slot, 5000 - slot, 0);
        ck_assert_uint_eq(sim_queue_key_slot(sim_queue_first(&queue)), slot);
    }
    sim_queue_reserve(&queue, 1);
    for (uint32_t slot = 3000; slot-- > 0;)
        ck_assert_uint_eq(take(), slot);
    assert_empty();
}
END_TEST

START_TEST(too_many_slots_fail_an_assertion)
{
    sim_queue_reserve(&queue, SIM_QUEUE_SLOTS_MAX + 1);
}
END_TEST

START_TEST(order_survives_the_end_of_sequence_numbers)
{
    sim_queue_schedule(&queue, 0, 10, 1);
    queue.shape.sequence = SIM_QUEUE_SEQUENCE_MAX;
    sim_queue_schedule(&queue, 1, 10, 1);
    ck_assert_uint_gt(queue.shape.sequence, SIM_QUEUE_SEQUENCE_MAX);
    sim_queue_schedule(&queue, 2, 10, 1);
    ck_assert_uint_eq(queue.shape.sequence, 3); /* two were pending, one came */
    sim_queue_schedule(&queue, 3, 10, 0);
    ck_assert_uint_eq(take(), 3);
    ck_assert_uint_eq(take(), 0);
    ck_assert_uint_eq(take(), 1);
    ck_assert_uint_eq(take(), 2);
}
END_TEST

START_TEST(a_begun_event_is_not_pending_and_ends_once)
{
    sim_queue_schedule(&queue, 0, 10, 0);
    sim_queue_schedule(&queue, 1, 20, 0);
    sim_queue_begin(&queue, 0);
    ck_assert(sim_queue_pending(&queue, 0) == SIM_QUEUE_NOTHING);
    sim_queue_end(&queue, 0);
    ck_assert_uint_eq(sim_queue_key_slot(sim_queue_first(&queue)), 1);

    sim_queue_begin(&queue, 1);
    sim_queue_schedule(&queue, 1, 20, 0);
    sim_queue_end(&queue, 1);
    ck_assert_int_eq(sim_queue_key_time(sim_queue_first(&queue)), 20);
    ck_assert_uint_eq(take(), 1);
    assert_empty();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("queue");
    TCase *tests = tcase_create("queue");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_new_queue_is_empty);
    tcase_add_test(tests, the_key_tells_time_and_slot);
    tcase_add_test(tests, earlier_goes_first);
    tcase_add_test(tests, at_one_instant_the_lower_rank_goes_first);
    tcase_add_test(tests, at_one_instant_and_rank_the_first_scheduled_goes_first);
    tcase_add_test(tests, scheduling_again_moves);
    tcase_add_test(tests, cancelling_twice_or_nothing_is_allowed);
    tcase_add_test(tests, growing_keeps_what_is_pending);
    tcase_add_exit_test(tests, too_many_slots_fail_an_assertion, 3);
    tcase_add_test(tests, order_survives_the_end_of_sequence_numbers);
    tcase_add_test(tests, a_begun_event_is_not_pending_and_ends_once);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
