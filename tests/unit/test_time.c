/* test_time.c - seconds become nanoseconds in one way only. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "sim/integer.h"
#include "sim/time.h"

START_TEST(units_are_consistent)
{
    ck_assert_int_eq(SIM_SECOND, INT64_C(1000000000));
    ck_assert_int_eq(SIM_HOUR, INT64_C(3600000000000));
    ck_assert_int_eq(SIM_DAY, INT64_C(86400000000000));
}
END_TEST

START_TEST(seconds_are_rounded_to_the_nearest_nanosecond)
{
    static const struct {
        double seconds;
        sim_time_ns expected;
    } cases[] = {
        {0.0, 0},
        {-0.0, 0},
        {1.0, 1000000000},
        {0.1, 100000000},
        {1.95, 1950000000},
        {1e-9, 1},
        {0.4e-9, 0},
        {0.6e-9, 1},
        {-0.4e-9, 0},
        {-1.5, -1500000000},
        {0x1p-10, 976563}, /* 976562.5: halves go away from zero */
        {-0x1p-10, -976563},
        {3 * 0x1p-10, 2929688}, /* 2929687.5 */
        {31557600.0, INT64_C(31557600000000000)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_int_eq(sim_time_from_s(cases[i].seconds), cases[i].expected);
}
END_TEST

START_TEST(too_much_becomes_never)
{
    ck_assert_int_eq(sim_time_from_s(INFINITY), SIM_TIME_NEVER);
    ck_assert_int_eq(sim_time_from_s(1e300), SIM_TIME_NEVER);
    ck_assert_int_eq(sim_time_from_s(0x1p63 / 1e9), SIM_TIME_NEVER);
    ck_assert_int_lt(sim_time_from_s(9.2e9), SIM_TIME_NEVER);
    ck_assert_int_eq(sim_time_from_s(-INFINITY), INT64_MIN);
    ck_assert_int_eq(sim_time_from_s(-1e300), INT64_MIN);
}
END_TEST

START_TEST(not_a_number_fails_an_assertion)
{
    sim_time_from_s(NAN);
}
END_TEST

START_TEST(whole_nanoseconds_come_back)
{
    /* A double holds 2^53 integers exactly, which is 104 days of nanoseconds; dividing and multiplying by 1e9 loses
     * at most two units in the last place, too little to reach the next nanosecond before 2^51. */
    for (sim_time_ns ns = 1; ns < INT64_C(1) << 51; ns = ns * 3 + 1) {
        ck_assert_int_eq(sim_time_from_s(sim_time_to_s(ns)), ns);
        ck_assert_int_eq(sim_time_from_s(sim_time_to_s(-ns)), -ns);
    }
}
END_TEST

/* The product seconds * 1e9 in exact integers: seconds = mantissa * 2^exponent, at most 2^53 * 2^30 * 2^24. */
START_TEST(the_result_is_within_half_a_nanosecond)
{
    uint64_t random = 7;
    for (int i = 0; i < 100000; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        int64_t mantissa = (int64_t)(random >> 11);
        int exponent = -53 + (int)(random % 24);
        double seconds = ldexp((double)mantissa, exponent);
        sim_int128 exact = (sim_int128)mantissa * 1000000000 << (exponent + 53);
        sim_int128 off = ((sim_int128)sim_time_from_s(seconds) << 53) - exact;
        /* The product is a double before it is rounded, which adds half a unit of its last place. */
        sim_int128 allowed = ((sim_int128)1 << 52) + (exact >> 53) + 1;
        ck_assert_msg(off <= allowed && -off <= allowed, "seconds %a", seconds);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("time");
    TCase *tests = tcase_create("time");
    tcase_add_test(tests, units_are_consistent);
    tcase_add_test(tests, seconds_are_rounded_to_the_nearest_nanosecond);
    tcase_add_test(tests, too_much_becomes_never);
    tcase_add_exit_test(tests, not_a_number_fails_an_assertion, 3);
    tcase_add_test(tests, whole_nanoseconds_come_back);
    tcase_add_test(tests, the_result_is_within_half_a_nanosecond);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
