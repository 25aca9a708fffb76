/* test_fit_search.c - least squares within bounds against problems with known answers. */
#include "analysis/fit_search.h"

#include <check.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>

enum {
    POINTS = 12
};

/* y = a exp(-b x) + c at x = 0 .. 11, less the data. */
static bool decay(void *context, const double *parameters, double *residuals)
{
    const double *data = context;
    for (int i = 0; i < POINTS; i++)
        residuals[i] = parameters[0] * exp(-parameters[1] * i) + parameters[2] - data[i];
    return true;
}

static void fill_decay(double *data, double a, double b, double c)
{
    for (int i = 0; i < POINTS; i++)
        data[i] = a * exp(-b * i) + c;
}

static const double low[] = {0, 0, 0};
static const double high[] = {10, 5, 10};

START_TEST(test_finds_parameters)
{
    static const double starts[] = {1, 1, 1, 9, 0.1, 9};
    double data[POINTS];
    struct fit_search_result result;
    fill_decay(data, 3, 0.4, 2);
    const struct fit_search_problem problem = {.function = decay,
                                               .context = data,
                                               .parameter_count = 3,
                                               .residual_count = POINTS,
                                               .low = low,
                                               .high = high,
                                               .starts = starts,
                                               .start_count = 2};
    ck_assert_int_eq(fit_search_run(&problem, &result, NULL), SIM_OK);
    ck_assert(fabs(result.parameters[0] - 3) < 1e-4 && fabs(result.parameters[1] - 0.4) < 1e-4);
    ck_assert(fabs(result.parameters[2] - 2) < 1e-4 && result.sum_of_squares < 1e-8);
    ck_assert(!result.is_at_bound[0] && !result.is_at_bound[1] && !result.is_at_bound[2]);
    fit_search_release(&result);
}
END_TEST

/* The best c is -1, beyond the bound: then a and b are those of a fit with c = 0. */
START_TEST(test_stops_at_a_bound)
{
    static const double starts[] = {1, 1, 1};
    double data[POINTS];
    struct fit_search_result result;
    fill_decay(data, 6, 0.1, -1);
    const struct fit_search_problem problem = {.function = decay,
                                               .context = data,
                                               .parameter_count = 3,
                                               .residual_count = POINTS,
                                               .low = low,
                                               .high = high,
                                               .starts = starts,
                                               .start_count = 1};
    ck_assert_int_eq(fit_search_run(&problem, &result, NULL), SIM_OK);
    ck_assert(result.is_at_bound[2] && result.parameters[2] < 0.02 && !result.is_at_bound[0]);
    fit_search_release(&result);
}
END_TEST

static bool line(void *context, const double *parameters, double *residuals)
{
    const double *data = context;
    for (int i = 0; i < POINTS; i++)
        residuals[i] = parameters[0] + parameters[1] * i - data[i];
    return true;
}

static bool two_points(void *context, const double *parameters, double *residuals)
{
    const double *data = context;
    for (int i = 0; i < 2; i++)
        residuals[i] = parameters[0] + parameters[1] * i - data[i];
    return true;
}

/* With independent noise of one size the sandwich is the textbook's covariance s^2 (X'X)^-1. */
START_TEST(test_covariance_of_a_line)
{
    static const double starts[] = {1, 1};
    static const double noise_deviation = 0.1;
    double data[POINTS];
    double noise[POINTS * POINTS] = {0};
    double covariance[4];
    size_t rank;
    double sum_x = 0;
    double sum_xx = 0;
    struct fit_search_result result;
    for (int i = 0; i < POINTS; i++) {
        data[i] = 2 + 0.5 * i + (i % 2 == 0 ? 0.1 : -0.1);
        noise[i * POINTS + i] = noise_deviation * noise_deviation;
        sum_x += i;
        sum_xx += (double)i * i;
    }
    const struct fit_search_problem problem = {.function = line,
                                               .context = data,
                                               .parameter_count = 2,
                                               .residual_count = POINTS,
                                               .low = low,
                                               .high = high,
                                               .starts = starts,
                                               .start_count = 1};
    ck_assert_int_eq(fit_search_run(&problem, &result, NULL), SIM_OK);
    fit_search_covariance(&result, noise, covariance);
    double determinant = POINTS * sum_xx - sum_x * sum_x;
    ck_assert(fabs(covariance[0] / (0.01 * sum_xx / determinant) - 1) < 1e-6);
    ck_assert(fabs(covariance[3] / (0.01 * POINTS / determinant) - 1) < 1e-6);
    ck_assert(fabs(covariance[1] / (-0.01 * sum_x / determinant) - 1) < 1e-6);
    double misfit = fit_search_misfit(&result, noise, &rank);
    ck_assert_uint_eq(rank, POINTS - 2);
    ck_assert(fabs(misfit - result.sum_of_squares / 0.01) < 1e-6 * misfit);
    fit_search_release(&result);
}
END_TEST

/* Two points, two parameters: nothing is left to judge the line by. */
START_TEST(test_nothing_left)
{
    static const double starts[] = {1, 1};
    static const double wide_low[] = {-10, -10};
    double data[POINTS] = {2, 2.5};
    double noise[4] = {0.01, 0, 0, 0.01};
    double covariance[4];
    size_t rank;
    struct fit_search_result result;
    const struct fit_search_problem problem = {.function = two_points,
                                               .context = data,
                                               .parameter_count = 2,
                                               .residual_count = 2,
                                               .low = wide_low,
                                               .high = high,
                                               .starts = starts,
                                               .start_count = 1};
    ck_assert_int_eq(fit_search_run(&problem, &result, NULL), SIM_OK);
    ck_assert(isnan(fit_search_misfit(&result, noise, &rank)));
    ck_assert_uint_eq(rank, 0);
    fit_search_covariance(&result, noise, covariance);
    ck_assert(fabs(covariance[0] / 0.01 - 1) < 1e-6 && fabs(covariance[3] / 0.02 - 1) < 1e-6);
    fit_search_release(&result);
}
END_TEST

static bool sum_only(void *context, const double *parameters, double *residuals)
{
    (void)context;
    for (int i = 0; i < POINTS; i++)
        residuals[i] = parameters[0] + parameters[1] - 3;
    return true;
}

static bool never(void *context, const double *parameters, double *residuals)
{
    (void)context, (void)parameters;
    residuals[0] = NAN;
    return false;
}

START_TEST(test_what_cannot_be_told_apart)
{
    static const double starts[] = {1, 1};
    double noise[POINTS * POINTS] = {0};
    double covariance[4];
    struct fit_search_result result;
    for (int i = 0; i < POINTS; i++)
        noise[i * POINTS + i] = 1;
    struct fit_search_problem problem = {.function = sum_only,
                                         .parameter_count = 2,
                                         .residual_count = POINTS,
                                         .low = low,
                                         .high = high,
                                         .starts = starts,
                                         .start_count = 1};
    ck_assert_int_eq(fit_search_run(&problem, &result, NULL), SIM_OK);
    ck_assert(fabs(result.parameters[0] + result.parameters[1] - 3) < 1e-3);
    fit_search_covariance(&result, noise, covariance);
    ck_assert(isnan(covariance[0]) && isnan(covariance[3]));
    fit_search_release(&result);
    problem.function = never;
    ck_assert_int_eq(fit_search_run(&problem, &result, NULL), SIM_BAD_INPUT);
}
END_TEST

int main(void)
{
    (void)gsl_set_error_handler_off();
    Suite *suite = suite_create("fit_search");
    TCase *cases = tcase_create("fit_search");
    tcase_add_test(cases, test_finds_parameters);
    tcase_add_test(cases, test_stops_at_a_bound);
    tcase_add_test(cases, test_covariance_of_a_line);
    tcase_add_test(cases, test_nothing_left);
    tcase_add_test(cases, test_what_cannot_be_told_apart);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
