/* test_running.c - integrals of levels and totals of values. */
#include <check.h>
#include <stdlib.h>

#include "sim/running.h"
#include "tests/splitmix.h"

START_TEST(integral_of_a_staircase)
{
    struct sim_level level = {0};
    sim_level_add(&level, 10, 3);                                              /* 0 until 10 */
    sim_level_add(&level, 15, -1);                                             /* 3 for 5 */
    sim_level_set(&level, 25, 7);                                              /* 2 for 10 */
    sim_level_set(&level, 25, 1);                                              /* 7 for no time, but seen */
    ck_assert_int_eq((int64_t)sim_level_integral(&level, 125), 15 + 20 + 100); /* 1 for 100 */
    ck_assert_int_eq(level.maximum, 7);
    ck_assert_int_eq(level.level, 1);
}
END_TEST

START_TEST(spans_add_up)
{
    struct sim_level level;
    sim_level_init(&level, 100, 4);
    sim_level_add(&level, 110, 5);
    ck_assert_int_eq(level.maximum, 9);
    sim_level_add(&level, 120, -7);
    ck_assert_int_eq((int64_t)sim_level_split(&level, 150), 40 + 90 + 60);
    ck_assert_int_eq(level.maximum, 2);
    ck_assert_int_eq((int64_t)sim_level_split(&level, 160), 20);
    ck_assert_int_eq((int64_t)sim_level_integral(&level, 160), 0);
}
END_TEST

START_TEST(moving_leaves_out_the_maximum)
{
    struct sim_level level = {0};
    sim_level_move(&level, 10, 3);
    sim_level_move(&level, 15, -1);
    ck_assert_int_eq((int64_t)sim_level_integral(&level, 25), 15 + 20);
    ck_assert_int_eq(level.level, 2);
    ck_assert_int_eq(level.maximum, 0);
}
END_TEST

/* 2^40 units for 2^62 ns: 2^102, far beyond 64 bits. */
START_TEST(integral_beyond_64_bits)
{
    struct sim_level level = {0};
    sim_level_set(&level, 0, (int64_t)1 << 40);
    ck_assert(sim_level_integral(&level, (int64_t)1 << 62) == (sim_int128)1 << 102);
}
END_TEST

/* Against adding up level x span at every step. */
START_TEST(agrees_with_adding_up_spans)
{
    uint64_t seed = (uint64_t)_i + 1;
    struct splitmix random = {seed};
    struct sim_level level = {0};
    sim_int128 integral = 0;
    int64_t value = 0;
    sim_time_ns now_ns = 0;
    for (int step = 0; step < 1000; step++) {
        sim_time_ns span_ns = splitmix_below(&random, (int64_t)1 << (1 + step % 50));
        int64_t change = splitmix_below(&random, 9) - 4;
        integral += (sim_int128)value * span_ns;
        now_ns += span_ns;
        value += change;
        sim_level_add(&level, now_ns, change);
        if (splitmix_chance(&random, 10)) {
            ck_assert_msg(sim_level_split(&level, now_ns) == integral, "seed %llu", (unsigned long long)seed);
            integral = 0;
        }
    }
    ck_assert_msg(sim_level_integral(&level, now_ns) == integral, "seed %llu", (unsigned long long)seed);
}
END_TEST

START_TEST(totals)
{
    struct sim_total total = {0};
    ck_assert_double_nan(sim_total_mean(&total));
    sim_total_add(&total, -5);
    ck_assert_int_eq(total.maximum, -5);
    struct sim_total other = {0};
    sim_total_merge(&total, &other);
    ck_assert_int_eq(total.maximum, -5);
    sim_total_merge(&other, &total);
    ck_assert_int_eq(other.maximum, -5);
    sim_total_add(&other, INT64_MAX);
    sim_total_add(&other, INT64_MAX);
    sim_total_merge(&total, &other);
    ck_assert(total.sum == (sim_int128)INT64_MAX * 2 - 10);
    ck_assert_uint_eq(total.count, 4);
    ck_assert_int_eq(total.maximum, INT64_MAX);
    struct sim_total small = {0};
    sim_total_add(&small, 1);
    sim_total_add(&small, 2);
    ck_assert_double_eq(sim_total_mean(&small), 1.5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("running");
    TCase *tests = tcase_create("running");
    tcase_add_test(tests, integral_of_a_staircase);
    tcase_add_test(tests, spans_add_up);
    tcase_add_test(tests, moving_leaves_out_the_maximum);
    tcase_add_test(tests, integral_beyond_64_bits);
    tcase_add_loop_test(tests, agrees_with_adding_up_spans, 0, 5);
    tcase_add_test(tests, totals);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
