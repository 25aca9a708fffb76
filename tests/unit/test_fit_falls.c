/* test_fit_falls.c - which rows fall, and which of them have to go. */
#include <check.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <string.h>

#include "analysis/fit_falls.h"

#define SEED 11
#define MOST 10

/* Two means of five each, standard error 1: a fall of 2 has t = 2 / sqrt(2) with 8 degrees of freedom, 0.0975. */
START_TEST(chance_by_hand)
{
    struct fit_falls_mean before = {12, 1, 4}, after = {10, 1, 4};
    ck_assert_double_eq_tol(fit_falls_chance(before, after), 0.09746, 1e-4);
    ck_assert_double_eq_tol(fit_falls_chance(after, before), 1 - 0.09746, 1e-4);
    before.error = NAN;
    ck_assert_double_eq(fit_falls_chance(before, after), 1);
}
END_TEST

/* Equal truths are called a fall as often as the limit says. */
START_TEST(chance_is_a_chance)
{
    enum {
        TRIALS = 20000,
        REPEATS = 5
    };
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, SEED);
    int below = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
        struct fit_falls_mean means[2];
        for (int m = 0; m < 2; m++) {
            double values[REPEATS], mean = 0, squares = 0;
            for (int i = 0; i < REPEATS; i++)
                mean += (values[i] = gsl_ran_gaussian(rng, m ? 3 : 1)) / REPEATS;
            for (int i = 0; i < REPEATS; i++)
                squares += (values[i] - mean) * (values[i] - mean);
            means[m] = (struct fit_falls_mean){mean, sqrt(squares / (REPEATS - 1) / REPEATS), REPEATS - 1};
        }
        below += fit_falls_chance(means[0], means[1]) < 0.05;
    }
    gsl_rng_free(rng);
    ck_assert_msg(fabs(below / (double)TRIALS - 0.05) < 0.01, "seed %d: %d of %d", SEED, below, TRIALS);
}
END_TEST

static size_t left_out(const double *values, size_t count, bool *is_out)
{
    bool falls[MOST * MOST];
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            falls[i * count + j] = values[j] < values[i];
    return fit_falls_leave_out(falls, count, is_out);
}

static void assert_left_out(const double *values, size_t count, const char *expected)
{
    bool is_out[MOST];
    char found[MOST + 1] = "";
    left_out(values, count, is_out);
    for (size_t i = 0; i < count; i++)
        found[i] = is_out[i] ? 'x' : '.';
    ck_assert_str_eq(found, expected);
}

START_TEST(the_fewest_go)
{
    const double last[] = {60, 61, 65, 72, 67}, spike[] = {1, 2, 9, 3, 4, 5}, dip[] = {5, 6, 7, 1, 8},
                 falling[] = {3, 2, 1}, rising[] = {1, 1, 2, 2};
    assert_left_out(last, 5, "....x"); /* 72 could go as well: the later one does */
    assert_left_out(spike, 6, "..x...");
    assert_left_out(dip, 5, "...x.");
    assert_left_out(falling, 3, ".xx");
    assert_left_out(rising, 4, "....");
    assert_left_out(rising, 0, "");
}
END_TEST

/* Falls only between rows that are no neighbours: 3 may follow 2, 2 may follow 1, 3 may not follow 1. */
START_TEST(no_two_that_stay_fall)
{
    const bool falls[9] = {false, false, true, false, false, false, false, false, false};
    bool is_out[3];
    ck_assert_uint_eq(fit_falls_leave_out(falls, 3, is_out), 1);
    ck_assert(is_out[2] && !is_out[0] && !is_out[1]);
}
END_TEST

/* Against trying every choice. */
START_TEST(no_choice_keeps_more)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, SEED);
    for (int trial = 0; trial < 500; trial++) {
        size_t count = 1 + gsl_rng_uniform_int(rng, 8), most = 0;
        double values[MOST];
        bool is_out[MOST];
        for (size_t i = 0; i < count; i++)
            values[i] = (double)gsl_rng_uniform_int(rng, 6);
        for (unsigned kept = 0; kept < 1U << count; kept++) {
            double highest = -1;
            bool rises = true;
            for (size_t i = 0; i < count; i++) {
                if (!(kept >> i & 1))
                    continue;
                rises &= values[i] >= highest;
                highest = values[i];
            }
            size_t size = (size_t)__builtin_popcount(kept);
            most = rises && size > most ? size : most;
        }
        ck_assert_uint_eq(left_out(values, count, is_out), count - most);
    }
    gsl_rng_free(rng);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fit_falls");
    TCase *tests = tcase_create("fit_falls");
    tcase_add_test(tests, chance_by_hand);
    tcase_add_test(tests, chance_is_a_chance);
    tcase_add_test(tests, the_fewest_go);
    tcase_add_test(tests, no_two_that_stay_fall);
    tcase_add_test(tests, no_choice_keeps_more);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
