/* test_interval.c - Student's t, the formulas of intervals, and when there is none. */
#include <check.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "sim/interval.h"

static void assert_close(double found, double expected, double tolerance)
{
    ck_assert_msg(fabs(found - expected) <= tolerance * fmax(1, fabs(expected)), "%.17g instead of %.17g", found,
                  expected);
}

START_TEST(t_agrees_with_gsl)
{
    for (size_t degrees = 1; degrees <= 2000; degrees++)
        assert_close(sim_interval_t(degrees) / gsl_cdf_tdist_Pinv(0.975, (double)degrees), 1,
                     degrees <= 40 ? 1e-12 : 4e-9);
    assert_close(sim_interval_t(1000000000), 1.959963984540, 1e-8);
    assert_close(sim_interval_t(9), 2.262, 5e-4); /* printed tables */
}
END_TEST

/* Exact at whole numbers; between 1 and 2, where it bends most, at most a fifth too long. */
START_TEST(t_between_whole_degrees)
{
    ck_assert_double_eq(sim_interval_t_between(1), sim_interval_t(1));
    ck_assert_double_eq(sim_interval_t_between(9), sim_interval_t(9));
    for (double degrees = 1.1; degrees < 30; degrees += 0.1) {
        double ratio = sim_interval_t_between(degrees) / gsl_cdf_tdist_Pinv(0.975, degrees);
        ck_assert_msg(ratio > 1 - 1e-6 && ratio < (degrees > 3 ? 1.01 : 1.2), "%g: %g", degrees, ratio);
    }
}
END_TEST

/* Mean 5, S^2 = (9 + 1 + 1 + 9) / 3 = 20 / 3, t(3) = 3.18245: half width t sqrt(20 / 12). */
START_TEST(mean_by_hand)
{
    const double values[] = {2, 4, 6, 8};
    struct sim_interval interval = sim_interval_of_mean(values, 4);
    ck_assert_int_eq(interval.reason, SIM_INTERVAL_GIVEN);
    ck_assert_uint_eq(interval.section_count, 4);
    assert_close(interval.estimate, 5, 1e-15);
    assert_close(interval.half_width, 3.1824463052837 * sqrt(20.0 / 12), 1e-12);
}
END_TEST

/* About a pooled estimate of 6 the squares are 16 + 4 + 0 + 4 = 24. */
START_TEST(sections_spread_about_the_estimate)
{
    const double values[] = {2, 4, 6, 8};
    struct sim_interval interval = sim_interval_of_sections(6, values, 4);
    assert_close(interval.estimate, 6, 0);
    assert_close(interval.half_width, 3.1824463052837 * sqrt(24.0 / 12), 1e-12);
}
END_TEST

static void assert_refused(struct sim_interval interval, enum sim_interval_reason reason, bool has_estimate)
{
    ck_assert_int_eq(interval.reason, reason);
    ck_assert_double_nan(interval.half_width);
    ck_assert_int_eq(isfinite(interval.estimate) != 0, has_estimate);
    ck_assert_str_ne(sim_interval_reason_text(interval.reason), "");
}

START_TEST(no_interval_has_a_reason)
{
    const double values[] = {2, NAN, INFINITY};
    assert_refused(sim_interval_of_mean(values, 0), SIM_INTERVAL_NO_SAMPLES, false);
    assert_refused(sim_interval_of_mean(values, 1), SIM_INTERVAL_ONE_SECTION, true);
    assert_refused(sim_interval_of_mean(values, 2), SIM_INTERVAL_EMPTY_SECTION, false);
    assert_refused(sim_interval_of_sections(3, values, 2), SIM_INTERVAL_EMPTY_SECTION, true);
    assert_refused(sim_interval_of_sections(3, values + 2, 1), SIM_INTERVAL_EMPTY_SECTION, true);
    assert_refused(sim_interval_of_sections(NAN, values, 1), SIM_INTERVAL_NO_SAMPLES, false);
    assert_refused(sim_interval_of_sections(INFINITY, values, 1), SIM_INTERVAL_NO_SAMPLES, false);
    assert_refused(sim_interval_of_difference(values, values, 0).difference, SIM_INTERVAL_NO_SAMPLES, false);
    assert_refused(sim_interval_of_difference(values, values, 1).difference, SIM_INTERVAL_ONE_SECTION, true);
    assert_refused(sim_interval_of_difference(values, values, 2).difference, SIM_INTERVAL_EMPTY_SECTION, false);
    ck_assert_str_eq(sim_interval_reason_text(SIM_INTERVAL_GIVEN), "");
    ck_assert_str_eq(sim_interval_reason_text((enum sim_interval_reason)99), "unknown reason");
}
END_TEST

/* 1, 2, 3, 4 about 2.5: products 0.75 - 0.25 + 0.75, squares 5, steps 3. */
START_TEST(lag_1_by_hand)
{
    const double rising[] = {1, 2, 3, 4};
    const double constant[] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
    assert_close(sim_interval_lag_1(rising, 4), 1.25 / 5, 1e-15);
    assert_close(sim_interval_von_neumann(rising, 4), (1 - 3.0 / 10) * sqrt(15.0 / 2), 1e-15);
    ck_assert_double_eq(sim_interval_lag_1(constant, 7), 0);
    ck_assert_double_eq(sim_interval_von_neumann(constant, 7), 0);
    ck_assert_double_eq(sim_interval_lag_1(rising, 1), 0);
    ck_assert_double_eq(sim_interval_von_neumann(rising, 2), 0);
    ck_assert_double_eq(sim_interval_lag_1(rising, 0), 0);
}
END_TEST

START_TEST(batch_means_leave_out_the_front)
{
    double series[] = {100, 1, 2, 3, 4, 6, 8};
    ck_assert_uint_eq(sim_interval_batch_means(series, 7, 3, series), 2);
    ck_assert_double_eq(series[0], 2);
    ck_assert_double_eq(series[1], 6);
    ck_assert_uint_eq(sim_interval_batch_means(series, 2, 3, series), 0);
}
END_TEST

START_TEST(difference_by_hand)
{
    const double a[] = {1, 2, 3, 6};
    const double b[] = {0, 2, 2, 4}; /* differences 1, 0, 1, 2: mean 1, squares 2; means 3 and 2 */
    struct sim_interval_paired paired = sim_interval_of_difference(a, b, 4);
    assert_close(paired.difference.estimate, 1, 1e-15);
    assert_close(paired.difference.half_width, 3.1824463052837 * sqrt(2.0 / 3 / 4), 1e-12);
    assert_close(paired.correlation, 10 / sqrt(14.0 * 8), 1e-15); /* products 4 + 0 + 0 + 6 */
    assert_close(paired.variance_ratio, (14.0 + 8) / 2, 1e-15);
}
END_TEST

START_TEST(difference_of_constants)
{
    const double a[] = {1, 2, 4};
    const double b[] = {2, 3, 5};
    const double same[] = {7, 7, 7};
    struct sim_interval_paired paired = sim_interval_of_difference(a, b, 3);
    ck_assert_double_eq(paired.difference.half_width, 0);
    ck_assert_double_infinite(paired.variance_ratio);
    assert_close(paired.correlation, 1, 1e-15);
    paired = sim_interval_of_difference(same, same, 3);
    ck_assert_double_eq(paired.difference.half_width, 0);
    ck_assert_double_nan(paired.correlation);
    ck_assert_double_nan(paired.variance_ratio);
    paired = sim_interval_of_difference(a, same, 3);
    ck_assert_double_nan(paired.correlation);
    assert_close(paired.variance_ratio, 1, 1e-15);
}
END_TEST

/* The same quantities from GSL, on random series far from zero. */
START_TEST(agrees_with_gsl)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (unsigned long seed = 1; seed <= 100; seed++) {
        gsl_rng_set(rng, seed);
        double a[50];
        double b[50];
        size_t count = 3 + seed % 48;
        for (size_t i = 0; i < count; i++) {
            a[i] = 1e6 + gsl_ran_gaussian(rng, 3);
            b[i] = a[i] + gsl_ran_gaussian(rng, 1);
        }
        struct sim_interval_paired paired = sim_interval_of_difference(a, b, count);
        assert_close(paired.correlation, gsl_stats_correlation(a, 1, b, 1, count), 1e-8);
        assert_close(sim_interval_of_mean(a, count).half_width,
                     gsl_cdf_tdist_Pinv(0.975, (double)(count - 1)) * gsl_stats_sd(a, 1, count) / sqrt((double)count),
                     1e-8);
        double variances = gsl_stats_variance(a, 1, count) + gsl_stats_variance(b, 1, count);
        for (size_t i = 0; i < count; i++)
            a[i] -= b[i];
        assert_close(paired.variance_ratio, variances / gsl_stats_variance(a, 1, count), 1e-7);
        assert_close(paired.difference.estimate, gsl_stats_mean(a, 1, count), 1e-8);
    }
    gsl_rng_free(rng);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("interval");
    TCase *tests = tcase_create("interval");
    tcase_add_test(tests, t_agrees_with_gsl);
    tcase_add_test(tests, t_between_whole_degrees);
    tcase_add_test(tests, mean_by_hand);
    tcase_add_test(tests, sections_spread_about_the_estimate);
    tcase_add_test(tests, no_interval_has_a_reason);
    tcase_add_test(tests, lag_1_by_hand);
    tcase_add_test(tests, batch_means_leave_out_the_front);
    tcase_add_test(tests, difference_by_hand);
    tcase_add_test(tests, difference_of_constants);
    tcase_add_test(tests, agrees_with_gsl);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
