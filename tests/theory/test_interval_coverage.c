/* test_interval_coverage.c - do 95 % intervals hold the true value in 95 % of the cases?
 *
 * 1,000 experiments each, so that the share found has a standard error of 0.7 %; it must lie between 92 % and 97.5 %.
 * The true values are those of the distributions.
 */
#include <check.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>

#include "sim/interval.h"
#include "sim/quantile.h"

#define EXPERIMENTS 1000
#define LOWEST 0.92
#define HIGHEST 0.975

/* Runs one experiment and says whether its interval holds the true value. */
typedef bool experiment_function(gsl_rng *rng);

static double coverage(experiment_function *experiment, unsigned long seed)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, seed);
    int covered = 0;
    for (int i = 0; i < EXPERIMENTS; i++)
        covered += experiment(rng);
    gsl_rng_free(rng);
    return covered / (double)EXPERIMENTS;
}

static void assert_covers(experiment_function *experiment, unsigned long seed)
{
    double share = coverage(experiment, seed);
    ck_assert_msg(share >= LOWEST && share <= HIGHEST, "seed %lu: coverage %.3f", seed, share);
}

static bool holds(struct sim_interval interval, double truth)
{
    ck_assert_int_eq(interval.reason, SIM_INTERVAL_GIVEN);
    return fabs(interval.estimate - truth) <= interval.half_width;
}

/* 10 replications of 200 exponential values each, mean 2. */
static bool mean_of_replications(gsl_rng *rng)
{
    double means[10] = {0};
    for (size_t r = 0; r < 10; r++)
        for (size_t i = 0; i < 200; i++)
            means[r] += gsl_ran_exponential(rng, 2) / 200;
    return holds(sim_interval_of_mean(means, 10), 2);
}

/* The 95th percentile of exponential values of mean 1 s is ln 20 s. 20 sections of 1,000, pooled estimate. */
static bool percentile_by_sectioning(gsl_rng *rng)
{
    static int64_t pooled[20000];
    double sections[20];
    for (size_t i = 0; i < 20000; i++)
        pooled[i] = (int64_t)gsl_ran_exponential(rng, 1e9);
    for (size_t s = 0; s < 20; s++)
        sections[s] = sim_quantile_s(pooled + 1000 * s, 1000, 0.95);
    return holds(sim_interval_of_sections(sim_quantile_s(pooled, 20000, 0.95), sections, 20), log(20));
}

/* Ratio of a sum to a count, both random: cost over completed requests. Sections of 100 + Poisson(400) requests. */
static bool ratio_by_sectioning(gsl_rng *rng)
{
    double cost = 0;
    double requests = 0;
    double sections[15];
    for (size_t s = 0; s < 15; s++) {
        double section_requests = 100 + gsl_ran_poisson(rng, 400);
        double section_cost = gsl_ran_gamma(rng, section_requests, 3);
        sections[s] = section_cost / section_requests;
        cost += section_cost;
        requests += section_requests;
    }
    return holds(sim_interval_of_sections(cost / requests, sections, 15), 3);
}

#define RUN 8000
#define BATCH 400

/* One long run of x' = 0.8 x + noise about 5: neighbours are alike, the correlation time is 9 steps. */
static void draw_autoregressive(double *series, gsl_rng *rng)
{
    double x = gsl_ran_gaussian(rng, 1 / 0.6); /* standard deviation of the steady state: 1 / sqrt(1 - 0.8^2) */
    for (size_t i = 0; i < RUN; i++) {
        series[i] = 5 + x;
        x = 0.8 * x + gsl_ran_gaussian(rng, 1);
    }
}

static bool mean_by_batches(gsl_rng *rng)
{
    static double series[RUN];
    draw_autoregressive(series, rng);
    size_t batches = sim_interval_batch_means(series, RUN, BATCH, series);
    return holds(sim_interval_of_mean(series, batches), 5);
}

static bool mean_as_if_independent(gsl_rng *rng)
{
    static double series[RUN];
    draw_autoregressive(series, rng);
    return holds(sim_interval_of_mean(series, RUN), 5);
}

/* Two systems with common noise; their means differ by 0.5. */
static bool paired_difference(gsl_rng *rng)
{
    double a[10];
    double b[10];
    for (size_t i = 0; i < 10; i++) {
        double common = gsl_ran_gaussian(rng, 3);
        a[i] = 1.5 + common + gsl_ran_gaussian(rng, 1);
        b[i] = 1 + common + gsl_ran_gaussian(rng, 1);
    }
    return holds(sim_interval_of_difference(a, b, 10).difference, 0.5);
}

START_TEST(replications)
{
    assert_covers(mean_of_replications, 11);
}
END_TEST

START_TEST(sectioned_percentile)
{
    assert_covers(percentile_by_sectioning, 12);
}
END_TEST

START_TEST(sectioned_ratio)
{
    assert_covers(ratio_by_sectioning, 13);
}
END_TEST

START_TEST(batch_means)
{
    assert_covers(mean_by_batches, 14);
}
END_TEST

START_TEST(paired_series)
{
    assert_covers(paired_difference, 15);
}
END_TEST

/* The variance of the mean is 9 times what independent values would have: the interval is 3 times too short and holds
 * the mean with probability 2 Phi(1.96 / 3) - 1 = 0.486. Shows that the tests above can fail.
 */
START_TEST(requests_are_not_independent)
{
    double share = coverage(mean_as_if_independent, 16);
    ck_assert_msg(fabs(share - 0.486) < 0.06, "coverage %.3f", share);
}
END_TEST

/* Von Neumann's statistic of n independent values exceeds 1.645 in 5 % of the cases, here within 3.5 standard errors;
 * the lag-1 correlation of the autoregressive series is 0.8.
 */
START_TEST(tests_of_independence)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, 17);
    int rejected = 0;
    for (int i = 0; i < EXPERIMENTS; i++) {
        double values[30];
        for (size_t j = 0; j < 30; j++)
            values[j] = gsl_ran_gaussian(rng, 2);
        rejected += sim_interval_von_neumann(values, 30) > 1.645;
    }
    ck_assert_msg(abs(rejected - 50) <= 24, "%d of 1000 rejected", rejected);
    static double series[RUN];
    draw_autoregressive(series, rng);
    ck_assert_double_eq_tol(sim_interval_lag_1(series, RUN), 0.8, 0.03);
    ck_assert_double_gt(sim_interval_von_neumann(series, RUN), 1.645);
    gsl_rng_free(rng);
}
END_TEST

/* Correlation 9 / 10 and variance ratio 20 / 2 in the limit, for the systems of paired_difference. */
START_TEST(common_random_numbers_pay)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, 18);
    static double a[20000];
    static double b[20000];
    for (size_t i = 0; i < 20000; i++) {
        double common = gsl_ran_gaussian(rng, 3);
        a[i] = common + gsl_ran_gaussian(rng, 1);
        b[i] = common + gsl_ran_gaussian(rng, 1);
    }
    struct sim_interval_paired paired = sim_interval_of_difference(a, b, 20000);
    ck_assert_double_eq_tol(paired.correlation, 0.9, 0.006);
    ck_assert_double_eq_tol(paired.variance_ratio, 10, 0.5);
    gsl_rng_free(rng);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("interval_coverage");
    TCase *tests = tcase_create("interval_coverage");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, replications);
    tcase_add_test(tests, sectioned_percentile);
    tcase_add_test(tests, sectioned_ratio);
    tcase_add_test(tests, batch_means);
    tcase_add_test(tests, paired_series);
    tcase_add_test(tests, requests_are_not_independent);
    tcase_add_test(tests, tests_of_independence);
    tcase_add_test(tests, common_random_numbers_pay);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
