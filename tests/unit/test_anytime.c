/* test_anytime.c - limits that hold at all times, against the ratio of densities that they are the inverse of. */
#include <check.h>
#include <gsl/gsl_integration.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/anytime.h"

/* Ratio of the densities of the observations up to scale for a mean of `effect` deviations, to that for mean 0, by
 * integrals over the scale. n observations with mean m and squared deviations q.
 */
struct data {
    double n;
    double m;
    double q;
    double effect;
    double density_of_none; /* the integral for effect 0 */
};

/* Over the logarithm of the deviation. */
static double density(double log_deviation, void *context)
{
    const struct data *data = context;
    double deviation = exp(log_deviation);
    double miss = data->m - data->effect * deviation;
    return exp(-data->n * log_deviation - (data->q + data->n * miss * miss) / (2 * deviation * deviation));
}

static double integral(double (*f)(double, void *), void *context, double low, double high)
{
    gsl_integration_workspace *workspace = gsl_integration_workspace_alloc(1000);
    gsl_function integrand = {.function = f, .params = context};
    double value = 0;
    double error = 0;
    gsl_integration_qag(&integrand, low, high, 0, 1e-10, 1000, GSL_INTEG_GAUSS61, workspace, &value, &error);
    gsl_integration_workspace_free(workspace);
    return value;
}

static double ratio_times_prior(double effect, void *context)
{
    struct data at = *(const struct data *)context;
    at.effect = effect;
    double ratio = integral(density, &at, -6, 6) / at.density_of_none;
    return ratio * sqrt(ANYTIME_SPREAD / (2 * M_PI)) * exp(-ANYTIME_SPREAD * effect * effect / 2);
}

START_TEST(inverts_the_ratio_of_densities)
{
    static const size_t counts[] = {8, 20, 60};
    static const double errors[] = {0.05, 1e-3};
    for (size_t i = 0; i < 3; i++) {
        for (size_t e = 0; e < 2; e++) {
            double n = (double)counts[i];
            double half = anytime_half_width(counts[i], n - 1, errors[e]);
            struct data data = {.n = n, .m = half, .q = n - 1};
            data.density_of_none = integral(density, &data, -6, 6);
            double both_sides = integral(ratio_times_prior, &data, -12, 12);
            ck_assert_double_eq_tol(both_sides * 2 * errors[e] / (1 + errors[e]), 1, 1e-4);
            /* The half of it that is meant is at least 1 / error, as the other adds at most 1/2. */
            ck_assert_double_ge(2 * integral(ratio_times_prior, &data, 0, 12), 0.9999 / errors[e]);
        }
    }
}
END_TEST

START_TEST(few_observations_say_nothing)
{
    ck_assert(isinf(anytime_half_width(0, 0, 0.05)));
    ck_assert(isinf(anytime_half_width(1, 0, 0.05)));
    ck_assert(isinf(anytime_half_width(3, 1, 1e-4)));
    ck_assert(isfinite(anytime_half_width(6, 1, 1e-4)));
    ck_assert(isfinite(anytime_half_width(3, 1, 0.05)));
}
END_TEST

START_TEST(equal_observations_leave_no_doubt)
{
    ck_assert_double_eq(anytime_half_width(8, 0, 1e-3), 0);
}
END_TEST

START_TEST(narrower_with_more_observations_and_larger_errors)
{
    double before = INFINITY;
    for (size_t n = 5; n < 100000; n += 1 + n / 7) {
        double half = anytime_half_width(n, (double)(n - 1), 1e-3);
        ck_assert_double_lt(half, before);
        ck_assert_double_lt(anytime_half_width(n, (double)(n - 1), 1e-2), half);
        before = half;
    }
    ck_assert_double_lt(before, 6 / sqrt(9e4));
    ck_assert_double_eq_tol(anytime_half_width(20, 19 * 9, 0.01), 3 * anytime_half_width(20, 19, 0.01), 1e-12);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("anytime");
    tcase_add_test(cases, inverts_the_ratio_of_densities);
    tcase_add_test(cases, few_observations_say_nothing);
    tcase_add_test(cases, equal_observations_leave_no_doubt);
    tcase_add_test(cases, narrower_with_more_observations_and_larger_errors);
    Suite *suite = suite_create("anytime");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
