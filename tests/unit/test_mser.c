/* test_mser.c - the cut against the formula taken literally, and on series whose warm-up is known. */
#include <check.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>

#include "sim/mser.h"

/* The formula of the header, each candidate from scratch, in wider numbers. */
static size_t literal_cut(const double *series, size_t count)
{
    size_t k = count / 5;
    size_t best = 0;
    long double lowest = INFINITY;
    for (size_t d = 0; d <= k / 2; d++) {
        long double mean = 0;
        for (size_t i = 5 * d; i < 5 * k; i++)
            mean += (long double)series[i] / (long double)(5 * (k - d));
        long double squares = 0;
        for (size_t j = d; j < k; j++) {
            long double batch = 0;
            for (size_t i = 0; i < 5; i++)
                batch += (long double)series[5 * j + i] / 5;
            squares += (batch - mean) * (batch - mean);
        }
        long double error = squares / (long double)((k - d) * (k - d));
        if (error < lowest) {
            lowest = error;
            best = d;
        }
    }
    return best == k / 2 ? SIM_MSER_TOO_SHORT : 5 * best;
}

/* Noise about 1000 with a warm-up that starts `height` higher and fades over `fading` values. */
static void draw_series(double *series, size_t count, double height, double fading, gsl_rng *rng)
{
    double noise = 0;
    for (size_t i = 0; i < count; i++) {
        noise = 0.5 * noise + gsl_ran_gaussian(rng, 1);
        series[i] = 1000 + noise + height * exp(-(double)i / fading);
    }
}

START_TEST(agrees_with_the_formula)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    size_t too_short = 0;
    for (unsigned long seed = 1; seed <= 400; seed++) {
        gsl_rng_set(rng, seed);
        double series[700];
        size_t count = 50 + gsl_rng_uniform_int(rng, 650);
        draw_series(series, count, 20 * gsl_rng_uniform(rng), 100 * gsl_rng_uniform(rng) + 1, rng);
        size_t cut = sim_mser_cut(series, count);
        ck_assert_msg(cut == literal_cut(series, count), "seed %lu: %zu", seed, cut);
        too_short += cut == SIM_MSER_TOO_SHORT;
    }
    ck_assert_uint_gt(too_short, 0);
    ck_assert_uint_lt(too_short, 200);
    gsl_rng_free(rng);
}
END_TEST

/* A high start of 200 values, then zeros: keeping any of the start costs, dropping zeros gains nothing. */
START_TEST(finds_a_step)
{
    double series[1000] = {0};
    for (size_t i = 0; i < 200; i++)
        series[i] = 10 + (double)(i % 2);
    ck_assert_uint_eq(sim_mser_cut(series, 1000), 200);
    for (size_t i = 0; i < 1000; i++)
        series[i] = 0.1;
    ck_assert_uint_eq(sim_mser_cut(series, 1000), 0);
}
END_TEST

START_TEST(a_trend_is_too_short)
{
    double series[1000];
    for (size_t i = 0; i < 1000; i++)
        series[i] = (double)i;
    ck_assert_uint_eq(sim_mser_cut(series, 1000), SIM_MSER_TOO_SHORT);
}
END_TEST

START_TEST(length_of_the_series)
{
    double series[54] = {0};
    ck_assert_uint_eq(sim_mser_cut(series, 49), SIM_MSER_TOO_SHORT);
    ck_assert_uint_eq(sim_mser_cut(series, 0), SIM_MSER_TOO_SHORT);
    ck_assert_uint_eq(sim_mser_cut(series, 50), 0);
    series[53] = 1e9; /* fills no batch */
    ck_assert_uint_eq(sim_mser_cut(series, 54), 0);
}
END_TEST

START_TEST(values_must_be_finite)
{
    double series[50] = {0};
    series[20] = NAN;
    sim_mser_cut(series, 50);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mser");
    TCase *tests = tcase_create("mser");
    tcase_add_test(tests, agrees_with_the_formula);
    tcase_add_test(tests, finds_a_step);
    tcase_add_test(tests, a_trend_is_too_short);
    tcase_add_test(tests, length_of_the_series);
    tcase_add_exit_test(tests, values_must_be_finite, 3);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
