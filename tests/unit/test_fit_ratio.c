/* test_fit_ratio.c - ratios, their intervals, and what rounding allows. */
#include <check.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>

#include "analysis/fit_ratio.h"

#define SEED 5

START_TEST(once_has_no_interval)
{
    const double a = 22, b = 15;
    struct fit_ratio ratio = fit_ratio_of(&a, 1, &b, 1, 1);
    ck_assert_double_eq_tol(ratio.value, 22.0 / 15, 1e-12);
    ck_assert_double_nan(ratio.low);
    ck_assert_double_nan(ratio.high);
    ck_assert_double_eq_tol(ratio.rounded_low, 21.5 / 15.5, 1e-12);
    ck_assert_double_eq_tol(ratio.rounded_high, 22.5 / 14.5, 1e-12);
}
END_TEST

/* Logarithms 0 and 2 s against 0 twice: mean s, standard error s, 1 degree of freedom, t = 12.7062. */
START_TEST(interval_by_hand)
{
    const double s = 0.01, a[] = {1, exp(2 * s)}, b[] = {1, 1 + 1e-12};
    struct fit_ratio ratio = fit_ratio_of(a, 2, b, 2, 0);
    ck_assert_double_eq_tol(ratio.value, exp(s), 1e-10);
    ck_assert_double_eq_tol(ratio.high, exp(s + 12.7062047 * s), 1e-6);
    ck_assert_double_eq_tol(ratio.rounded_low, ratio.value, 1e-12);
}
END_TEST

START_TEST(unit_of_the_last_digit)
{
    const double whole[] = {5, 8, 10, 22}, tenths[] = {5.5, 8, 10}, tens[] = {100, 20}, thousandths[] = {0.736, 0.89};
    ck_assert_double_eq_tol(fit_ratio_unit(whole, 4), 1, 1e-12);
    ck_assert_double_eq_tol(fit_ratio_unit(tenths, 3), 0.1, 1e-12);
    ck_assert_double_eq_tol(fit_ratio_unit(tens, 2), 10, 1e-12);
    ck_assert_double_eq_tol(fit_ratio_unit(thousandths, 2), 0.001, 1e-12);
}
END_TEST

/* Four repeats of 2 and six of 5, errors of 5 %: 95 % given up only where chance would do as badly in one of 1,000. */
START_TEST(intervals_cover)
{
    enum {
        TRIALS = 2000
    };
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, SEED);
    unsigned missed = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
        double a[4], b[6];
        for (int i = 0; i < 4; i++)
            a[i] = 2 * gsl_ran_lognormal(rng, 0, 0.05);
        for (int i = 0; i < 6; i++)
            b[i] = 5 * gsl_ran_lognormal(rng, 0, 0.05);
        struct fit_ratio ratio = fit_ratio_of(a, 4, b, 6, 0);
        missed += ratio.low > 0.4 || ratio.high < 0.4;
    }
    gsl_rng_free(rng);
    ck_assert_msg(gsl_cdf_binomial_Q(missed, 0.05, TRIALS) > 0.001 && gsl_cdf_binomial_P(missed, 0.05, TRIALS) > 0.001,
                  "seed %d: outside %u times of %d", SEED, missed, TRIALS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fit_ratio");
    TCase *tests = tcase_create("fit_ratio");
    tcase_add_test(tests, once_has_no_interval);
    tcase_add_test(tests, interval_by_hand);
    tcase_add_test(tests, unit_of_the_last_digit);
    tcase_add_test(tests, intervals_cover);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
