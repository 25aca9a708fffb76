/* test_detrend.c - do 95 % intervals of months hold the expected value in 95 % of the cases, although days follow a
 * trend, a weekday and each other?
 *
 * 1,000 years each. A month counts twelve times a year, but the years are what is independent; the share of months
 * found has a standard error below 0.7 %. It must lie between 92 % and 98 %.
 */
#include <check.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>

#include "sim/detrend.h"
#include "sim/quantile.h"

enum {
    YEARS = 1000,
    MONTHS = 12
};

static const size_t lengths[MONTHS] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

/* A year of days: the rate doubles, and weekends have half of it. */
static double rate_of(size_t day)
{
    return (1 + (double)day / 365) * (day % 7 < 5 ? 1.2 : 0.5);
}

struct year {
    struct sim_detrend_point points[MONTHS][31];
    double errors[MONTHS]; /* of the means of months */
    double error;
};

static void add_error(struct year *year, size_t month, double error)
{
    year->errors[month] += error / (double)lengths[month];
    year->error += error / 365;
}

/* A pace in proportion to the rate, with a weekday of its own and noise that remembers: x' = r x + noise. */
static void draw_paces(struct year *year, double r, gsl_rng *rng)
{
    double noise = gsl_ran_gaussian(rng, 1 / sqrt(1 - r * r));
    size_t day = 0;
    *year = (struct year){.error = 0};
    for (size_t m = 0; m < MONTHS; m++)
        for (size_t i = 0; i < lengths[m]; i++, day++) {
            double mean = 10 * rate_of(day) + (day % 7 == 2 ? 3 : 0);
            year->points[m][i] = (struct sim_detrend_point){mean + noise, 1, rate_of(day), (int)(day % 7)};
            add_error(year, m, noise);
            noise = r * noise + gsl_ran_gaussian(rng, 1);
        }
}

struct found {
    double months; /* shares covered */
    double years;
    double lag_1; /* mean */
};

static void judge(const struct year *year, struct found *found)
{
    struct sim_detrend months[MONTHS];
    struct sim_detrend_memory memory = {0};
    for (size_t m = 0; m < MONTHS; m++)
        months[m] = sim_detrend_fit(year->points[m], lengths[m], &memory);
    double inflation = sim_detrend_inflation(&memory);
    for (size_t m = 0; m < MONTHS; m++) {
        ck_assert_uint_eq(months[m].degrees, lengths[m] - 8);
        found->months += fabs(year->errors[m]) <= sim_detrend_half_width(&months[m], 1, inflation);
    }
    found->years += fabs(year->error) <= sim_detrend_half_width(months, MONTHS, inflation);
    found->lag_1 += sim_detrend_lag_1(&memory);
}

static struct found cover(double r, unsigned long seed)
{
    static struct year year;
    struct found found = {0};
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, seed);
    for (int i = 0; i < YEARS; i++) {
        draw_paces(&year, r, rng);
        judge(&year, &found);
    }
    gsl_rng_free(rng);
    return (struct found){found.months / YEARS / MONTHS, found.years / YEARS, found.lag_1 / YEARS};
}

static void expect_coverage(double r, unsigned long seed)
{
    struct found found = cover(r, seed);
    ck_assert_msg(found.months >= 0.92 && found.months <= 0.98, "r %.1f, seed %lu: months %.3f", r, seed, found.months);
    ck_assert_msg(found.years >= 0.92 && found.years <= 0.98, "r %.1f, seed %lu: years %.3f", r, seed, found.years);
    ck_assert_msg(fabs(found.lag_1 - r) < 0.06, "r %.1f, seed %lu: %.3f found", r, seed, found.lag_1);
}

START_TEST(independent_days)
{
    expect_coverage(0, 31);
}
END_TEST

START_TEST(days_that_are_hardly_alike)
{
    expect_coverage(0.2, 32);
}
END_TEST

START_TEST(days_that_are_alike)
{
    expect_coverage(0.4, 33);
}
END_TEST

START_TEST(days_that_are_much_alike)
{
    expect_coverage(0.6, 34);
}
END_TEST

/* What the correction is for: without it the interval of a month is sqrt(2.3) times too short, and more as the fit
 * takes part of the noise.
 */
START_TEST(neighbours_are_not_independent)
{
    static struct year year;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, 35);
    int covered = 0;
    for (int i = 0; i < YEARS; i++) {
        draw_paces(&year, 0.4, rng);
        struct sim_detrend month = sim_detrend_fit(year.points[5], lengths[5], NULL);
        covered += fabs(year.errors[5]) <= sim_detrend_half_width(&month, 1, 1);
    }
    ck_assert_msg(covered < 0.85 * YEARS, "%d of %d", covered, YEARS);
    gsl_rng_free(rng);
}
END_TEST

/* Twenty exponential latencies per unit of rate and day, whose mean is in proportion to the rate: the 95th percentile
 * of a month's 800 or so, pooled, against that of the mixture.
 */
static double mixture_quantile(size_t first, size_t count)
{
    double low = 0, high = 100;
    for (int step = 0; step < 60; step++) {
        double middle = (low + high) / 2, within = 0, all = 0;
        for (size_t day = first; day < first + count; day++) {
            double requests = floor(400 * rate_of(day));
            within += requests * (1 - exp(-middle / (0.5 + rate_of(day))));
            all += requests;
        }
        if (within / all < 0.95)
            low = middle;
        else
            high = middle;
    }
    return low;
}

START_TEST(quantiles_of_months)
{
    static int64_t pooled[100000];
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, 36);
    int covered = 0;
    double truth = mixture_quantile(90, 30);
    for (int i = 0; i < YEARS; i++) {
        struct sim_detrend_point points[30];
        size_t count = 0;
        for (size_t k = 0; k < 30; k++) {
            size_t day = 90 + k;
            size_t requests = (size_t)(400 * rate_of(day));
            for (size_t n = 0; n < requests; n++)
                pooled[count + n] = (int64_t)gsl_ran_exponential(rng, 1e9 * (0.5 + rate_of(day)));
            static int64_t copy[2000];
            for (size_t n = 0; n < requests; n++)
                copy[n] = pooled[count + n];
            points[k] = (struct sim_detrend_point){sim_quantile_s(copy, requests, 0.95), (double)requests, rate_of(day),
                                                   (int)(day % 7)};
            count += requests;
        }
        struct sim_detrend month = sim_detrend_fit(points, 30, NULL);
        covered += fabs(sim_quantile_s(pooled, count, 0.95) - truth) <= sim_detrend_half_width(&month, 1, 1);
    }
    ck_assert_msg(covered >= 0.92 * YEARS && covered <= 0.98 * YEARS, "%d of %d", covered, YEARS);
    gsl_rng_free(rng);
}
END_TEST

/* ---- edges ---- */

START_TEST(a_perfect_trend_leaves_nothing)
{
    struct sim_detrend_point points[30];
    for (int i = 0; i < 30; i++)
        points[i] = (struct sim_detrend_point){3 + 2.0 * i + (i % 7 == 6), 1, i, i % 7};
    struct sim_detrend fit = sim_detrend_fit(points, 30, NULL);
    ck_assert_double_lt(sqrt(fit.variance), 1e-12);
    for (int i = 0; i < 30; i++)
        points[i].value = 5;
    fit = sim_detrend_fit(points, 30, NULL);
    ck_assert_double_lt(sim_detrend_half_width(&fit, 1, 1), 1e-12);
}
END_TEST

START_TEST(few_points_have_no_interval)
{
    struct sim_detrend_memory memory = {0};
    struct sim_detrend_point points[8];
    for (int i = 0; i < 8; i++)
        points[i] = (struct sim_detrend_point){i * i, 1, 1, i % 7};
    struct sim_detrend fit = sim_detrend_fit(points, 6, &memory);
    ck_assert_uint_eq(fit.degrees, 0);
    ck_assert(isnan(sim_detrend_half_width(&fit, 1, 1)));
    ck_assert(isnan(sim_detrend_lag_1(&memory)));
    ck_assert_double_eq(sim_detrend_inflation(&memory), 1);
    points[3].value = NAN;
    points[4].weight = 0;
    fit = sim_detrend_fit(points, 8, &memory); /* two of eight are left out */
    ck_assert_uint_eq(fit.count, 6);
    ck_assert(isnan(sim_detrend_half_width(&fit, 1, 1)));
}
END_TEST

/* A constant level is no column of its own: the interval is the ordinary one of Student's t. */
START_TEST(without_trend_it_is_students)
{
    const double values[] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3};
    struct sim_detrend_point points[10];
    for (int i = 0; i < 10; i++)
        points[i] = (struct sim_detrend_point){values[i], 2.5, 7, 0};
    struct sim_detrend fit = sim_detrend_fit(points, 10, NULL);
    ck_assert_uint_eq(fit.degrees, 9);
    ck_assert_double_eq_tol(sim_detrend_half_width(&fit, 1, 1), sim_interval_of_mean(values, 10).half_width, 1e-12);
    ck_assert_double_eq_tol(sim_detrend_half_width(&fit, 1, 4), 2 * sim_interval_of_mean(values, 10).half_width, 1e-12);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("detrend");
    TCase *tests = tcase_create("detrend");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, independent_days);
    tcase_add_test(tests, days_that_are_hardly_alike);
    tcase_add_test(tests, days_that_are_alike);
    tcase_add_test(tests, days_that_are_much_alike);
    tcase_add_test(tests, neighbours_are_not_independent);
    tcase_add_test(tests, quantiles_of_months);
    tcase_add_test(tests, a_perfect_trend_leaves_nothing);
    tcase_add_test(tests, few_points_have_no_interval);
    tcase_add_test(tests, without_trend_it_is_students);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
