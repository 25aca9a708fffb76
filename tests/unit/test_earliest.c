/* test_earliest.c - the earliest of many times, against looking at all of them. */
#include <check.h>
#include <stdlib.h>

#include "sim/earliest.h"
#include "tests/splitmix.h"

enum {
    NUMBERS = 100,
    STEPS = 20000
};

/* The lowest number with the earliest time. */
static uint32_t first_of(const sim_time_ns *times, uint32_t count)
{
    uint32_t first = 0;
    for (uint32_t i = 1; i < count; i++)
        if (times[i] < times[first])
            first = i;
    return first;
}

static void expect_first(const struct sim_earliest *earliest, const sim_time_ns *times, uint32_t count, uint64_t seed)
{
    uint32_t first = first_of(times, count);
    ck_assert_msg(sim_earliest_time(earliest) == times[first], "seed %llu: wrong time", (unsigned long long)seed);
    if (times[first] != SIM_TIME_NEVER)
        ck_assert_msg(sim_earliest_number(earliest) == first, "seed %llu: number %u instead of %u",
                      (unsigned long long)seed, sim_earliest_number(earliest), first);
}

START_TEST(nothing_at_first)
{
    struct sim_earliest earliest;
    sim_earliest_init(&earliest);
    ck_assert_int_eq(sim_earliest_time(&earliest), SIM_TIME_NEVER);
    sim_earliest_release(&earliest);
}
END_TEST

/* Few different times, so that ties are common; numbers are added as it goes. */
START_TEST(agrees_with_looking_at_all)
{
    uint64_t seed = (uint64_t)_i + 1;
    struct splitmix random = {seed};
    struct sim_earliest earliest;
    sim_earliest_init(&earliest);
    sim_time_ns times[NUMBERS];
    uint32_t count = 0;
    for (int step = 0; step < STEPS; step++) {
        if (count == 0 || (count < NUMBERS && splitmix_chance(&random, 1))) {
            times[count++] = SIM_TIME_NEVER;
            sim_earliest_reserve(&earliest, count);
        }
        uint32_t number = (uint32_t)splitmix_below(&random, count);
        times[number] = splitmix_chance(&random, 10) ? SIM_TIME_NEVER : splitmix_below(&random, 300);
        sim_earliest_set(&earliest, number, times[number]);
        expect_first(&earliest, times, count, seed);
    }
    ck_assert_uint_eq(count, NUMBERS);
    sim_earliest_release(&earliest);
}
END_TEST

START_TEST(copies_go_on_alike)
{
    struct sim_earliest one;
    struct sim_earliest other;
    struct sim_state from;
    struct sim_state to;
    sim_earliest_init(&one);
    sim_earliest_init(&other);
    sim_state_init(&from);
    sim_state_init(&to);
    sim_earliest_enter(&one, &from);
    sim_earliest_enter(&other, &to);
    sim_earliest_reserve(&one, 30);
    sim_earliest_set(&one, 29, 7);
    sim_earliest_set(&one, 3, 9);
    sim_state_copy(&to, &from);
    sim_earliest_set(&other, 29, SIM_TIME_NEVER);
    ck_assert_uint_eq(sim_earliest_number(&other), 3);
    ck_assert_uint_eq(sim_earliest_number(&one), 29);
    sim_state_release(&from);
    sim_state_release(&to);
    sim_earliest_release(&one);
    sim_earliest_release(&other);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("earliest");
    TCase *tests = tcase_create("earliest");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, nothing_at_first);
    tcase_add_loop_test(tests, agrees_with_looking_at_all, 0, 5);
    tcase_add_test(tests, copies_go_on_alike);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
