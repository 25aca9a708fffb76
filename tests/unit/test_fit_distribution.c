/* test_fit_distribution.c - what is fitted, what is refused, and what is said about it. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/fit_distribution.h"

enum {
    BOOTSTRAPS = 199
};

static struct sim_arena *arena;
static struct fit_distribution fit;
static struct sim_error error;

static void set_up(void)
{
    arena = sim_arena_create();
}

static void tear_down(void)
{
    sim_arena_destroy(arena);
}

static enum sim_status fit_as(enum fit_distribution_family family, const double *values, size_t count)
{
    struct fit_distribution_request request = {
        .values = values, .count = count, .family = family, .bootstraps = BOOTSTRAPS, .seed = 1};
    return fit_distribution(&request, arena, &fit, &error);
}

static void assert_near(double value, double expected, double relative)
{
    ck_assert_msg(fabs(value - expected) <= relative * fabs(expected), "%.12g, expected %.12g", value, expected);
}

static void assert_warned(const char *part)
{
    for (size_t i = 0; i < fit.warning_count; i++)
        if (strstr(fit.warnings[i], part))
            return;
    ck_abort_msg("no warning with '%s' among %zu", part, fit.warning_count);
}

START_TEST(one_value_is_fixed_without_spread)
{
    const double value = 51;
    ck_assert_int_eq(fit_as(FIT_DISTRIBUTION_CHOOSE, &value, 1), SIM_OK);
    ck_assert_int_eq(fit.distribution.kind, SIM_DISTRIBUTION_FIXED);
    ck_assert_double_eq(fit.distribution.of.fixed.value, 51);
    ck_assert_uint_eq(fit.parameter_count, 1);
    ck_assert(isnan(fit.parameters[0].low) && isnan(fit.parameters[0].high));
    assert_warned("one observation has no spread");
}
END_TEST

START_TEST(equal_values_are_fixed)
{
    const double values[] = {3, 3, 3};
    ck_assert_int_eq(fit_as(FIT_DISTRIBUTION_CHOOSE, values, 3), SIM_OK);
    ck_assert_int_eq(fit.family, FIT_DISTRIBUTION_FIXED);
    assert_warned("equal observations");
}
END_TEST

START_TEST(values_that_are_no_times_are_refused)
{
    static const double wrong[] = {0, -1, NAN, INFINITY, 2e100};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const double values[] = {1, 2, wrong[i]};
        ck_assert_int_eq(fit_as(FIT_DISTRIBUTION_CHOOSE, values, 3), SIM_BAD_INPUT);
        ck_assert_msg(strstr(error.message, "value 2 is") != NULL, "%s", error.message);
    }
    ck_assert_int_eq(fit_as(FIT_DISTRIBUTION_CHOOSE, NULL, 0), SIM_BAD_INPUT);
}
END_TEST

/* Mean and deviation of the logarithms 0, 1, 2 are 1 and sqrt(2/3). */
START_TEST(lognormal_has_the_moments_of_the_logarithms)
{
    const double values[] = {exp(2), 1, exp(1)};
    ck_assert_int_eq(fit_as(FIT_DISTRIBUTION_LOGNORMAL, values, 3), SIM_OK);
    assert_near(fit.distribution.of.lognormal.mu, 1, 1e-13);
    assert_near(fit.distribution.of.lognormal.sigma, sqrt(2.0 / 3), 1e-13);
    double likelihood = -3 * (1 + log(sqrt(2.0 / 3)) + log(2 * M_PI) / 2 + 0.5);
    assert_near(fit.log_likelihood[FIT_DISTRIBUTION_LOGNORMAL], likelihood, 1e-13);
    assert_near(fit.bic[FIT_DISTRIBUTION_LOGNORMAL], 2 * log(3) - 2 * likelihood, 1e-13);
}
END_TEST

static const double some[] = {12, 19, 22, 8.5, 31, 14, 15, 27, 55, 9, 17.5, 21};

static double gamma_likelihood(double shape, double scale)
{
    double sum = 0;
    for (size_t i = 0; i < sizeof some / sizeof *some; i++)
        sum += (shape - 1) * log(some[i]) - some[i] / scale - shape * log(scale) - lgamma(shape);
    return sum;
}

static double weibull_likelihood(double shape, double scale)
{
    double sum = 0;
    for (size_t i = 0; i < sizeof some / sizeof *some; i++)
        sum += log(shape / scale) + (shape - 1) * log(some[i] / scale) - pow(some[i] / scale, shape);
    return sum;
}

/* The likelihood as said, and no neighbour has a higher one. */
static void assert_highest(double (*likelihood)(double, double), double shape, double scale, double said)
{
    assert_near(said, likelihood(shape, scale), 1e-10);
    for (int i = 0; i < 8; i++) {
        double angle = i * M_PI / 4;
        ck_assert(likelihood(shape * (1 + 1e-4 * cos(angle)), scale * (1 + 1e-4 * sin(angle))) < said);
    }
}

START_TEST(gamma_and_weibull_are_at_the_top_of_their_likelihood)
{
    size_t count = sizeof some / sizeof *some;
    ck_assert_int_eq(fit_as(FIT_DISTRIBUTION_GAMMA, some, count), SIM_OK);
    double shape = 1 / (fit.parameters[1].value * fit.parameters[1].value);
    assert_highest(gamma_likelihood, shape, fit.parameters[0].value / shape,
                   fit.log_likelihood[FIT_DISTRIBUTION_GAMMA]);
    ck_assert_int_eq(fit_as(FIT_DISTRIBUTION_WEIBULL, some, count), SIM_OK);
    assert_highest(weibull_likelihood, 1 / fit.distribution.of.weibull.inverse_shape, fit.distribution.of.weibull.scale,
                   fit.log_likelihood[FIT_DISTRIBUTION_WEIBULL]);
}
END_TEST

START_TEST(the_order_of_the_values_does_not_matter)
{
    double reversed[sizeof some / sizeof *some];
    size_t count = sizeof some / sizeof *some;
    for (size_t i = 0; i < count; i++)
        reversed[i] = some[count - 1 - i];
    ck_assert_int_eq(fit_as(FIT_DISTRIBUTION_CHOOSE, some, count), SIM_OK);
    struct fit_distribution first = fit;
    ck_assert_int_eq(fit_as(FIT_DISTRIBUTION_CHOOSE, reversed, count), SIM_OK);
    ck_assert_int_eq(first.family, fit.family);
    ck_assert_double_eq(first.p_value, fit.p_value);
    ck_assert_double_eq(first.parameters[1].high, fit.parameters[1].high);
}
END_TEST

START_TEST(intervals_hold_their_value_and_shrink)
{
    double many[600];
    for (size_t i = 0; i < 600; i++)
        many[i] = some[i % 12];
    for (enum fit_distribution_family f = FIT_DISTRIBUTION_LOGNORMAL; f <= FIT_DISTRIBUTION_WEIBULL; f++) {
        double width[2];
        for (size_t part = 0; part < 2; part++) {
            ck_assert_int_eq(fit_as(f, many, part == 0 ? 12 : 600), SIM_OK);
            ck_assert_uint_eq(fit.parameter_count, 2);
            for (size_t i = 0; i < 2; i++)
                ck_assert(fit.parameters[i].low < fit.parameters[i].value &&
                          fit.parameters[i].value < fit.parameters[i].high);
            width[part] = fit.parameters[0].high - fit.parameters[0].low;
        }
        ck_assert_msg(width[0] / width[1] > 6.5 && width[0] / width[1] < 10, "%g", width[0] / width[1]);
    }
}
END_TEST

/* With the logarithms' mean known to be normal, the interval of the mean at equal cv is Student's: checked where the
 * cv is so small that mean and median are one.
 */
START_TEST(the_interval_of_a_narrow_lognormal_is_students)
{
    double values[5];
    const double z[] = {-1, -0.5, 0, 0.5, 1};
    for (size_t i = 0; i < 5; i++)
        values[i] = 100 * exp(0.001 * z[i]);
    ck_assert_int_eq(fit_as(FIT_DISTRIBUTION_LOGNORMAL, values, 5), SIM_OK);
    double half = 2.7764451052 * 0.001 * sqrt(2.5 / 4) / sqrt(5);
    assert_near(fit.parameters[0].low / 100 - 1, -half, 2e-3);
    assert_near(fit.parameters[0].high / 100 - 1, half, 2e-3);
}
END_TEST

START_TEST(few_values_leave_the_family_open)
{
    const double values[] = {50, 52};
    ck_assert_int_eq(fit_as(FIT_DISTRIBUTION_CHOOSE, values, 2), SIM_OK);
    ck_assert_uint_eq(fit.tested_count, 0);
    ck_assert(isnan(fit.p_value));
    assert_warned("too few observations");
    ck_assert(fit.parameters[0].low > 0 && fit.parameters[0].low < 50);
    ck_assert(fit.parameters[0].high > 52);
}
END_TEST

static void fill_evenly(double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] = 1 + (double)(i % 2) * 100 + (double)i / (double)count * 10;
}

/* Two boxes far apart: no family has that form, a mixture of lognormals comes near but not near enough. */
START_TEST(what_no_family_fits_is_taken_as_it_is)
{
    double values[1500];
    fill_evenly(values, 1500);
    ck_assert_int_eq(fit_as(FIT_DISTRIBUTION_CHOOSE, values, 1500), SIM_OK);
    ck_assert_int_eq(fit.family, FIT_DISTRIBUTION_EMPIRICAL);
    ck_assert_int_eq(fit.distribution.kind, SIM_DISTRIBUTION_EMPIRICAL);
    ck_assert(fit.p_value < 0.01);
    assert_warned("does not fit");
    struct fit_distribution_request request = {
        .values = values, .count = 1500, .is_parametric = true, .bootstraps = BOOTSTRAPS, .seed = 1};
    ck_assert_int_eq(fit_distribution(&request, arena, &fit, &error), SIM_OK);
    ck_assert_int_eq(fit.family, FIT_DISTRIBUTION_MIXTURE);
    assert_warned("does not fit");
}
END_TEST

/* A part must not shrink onto values that are equal. */
START_TEST(ties_do_not_break_a_mixture)
{
    double values[100];
    for (size_t i = 0; i < 100; i++)
        values[i] = i < 40 ? 16 : 20 + (double)i;
    ck_assert_int_eq(fit_as(FIT_DISTRIBUTION_MIXTURE, values, 100), SIM_OK);
    for (size_t i = 0; i < fit.parameter_count; i++)
        ck_assert(isfinite(fit.parameters[i].value) && fit.parameters[i].value > 0);
    ck_assert(isfinite(fit.log_likelihood[FIT_DISTRIBUTION_MIXTURE]));
}
END_TEST

START_TEST(a_family_that_cannot_have_the_spread_says_so)
{
    const double wide[] = {1e-30, 1, 1e30, 1e60};
    ck_assert_int_eq(fit_as(FIT_DISTRIBUTION_LOGNORMAL, wide, 4), SIM_BAD_INPUT);
    ck_assert_int_eq(fit_as(FIT_DISTRIBUTION_CHOOSE, wide, 4), SIM_OK);
    ck_assert(isnan(fit.bic[FIT_DISTRIBUTION_LOGNORMAL]) && fit.family != FIT_DISTRIBUTION_LOGNORMAL);
    const double narrow[] = {1, 1.00001, 1.00002};
    ck_assert_int_eq(fit_as(FIT_DISTRIBUTION_GAMMA, narrow, 3), SIM_BAD_INPUT);
    ck_assert_int_eq(fit_as(FIT_DISTRIBUTION_CHOOSE, narrow, 3), SIM_OK);
    ck_assert_int_eq(fit.family, FIT_DISTRIBUTION_LOGNORMAL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fit of distributions");
    TCase *tests = tcase_create("fit of distributions");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, one_value_is_fixed_without_spread);
    tcase_add_test(tests, equal_values_are_fixed);
    tcase_add_test(tests, values_that_are_no_times_are_refused);
    tcase_add_test(tests, lognormal_has_the_moments_of_the_logarithms);
    tcase_add_test(tests, gamma_and_weibull_are_at_the_top_of_their_likelihood);
    tcase_add_test(tests, the_order_of_the_values_does_not_matter);
    tcase_add_test(tests, intervals_hold_their_value_and_shrink);
    tcase_add_test(tests, the_interval_of_a_narrow_lognormal_is_students);
    tcase_add_test(tests, few_values_leave_the_family_open);
    tcase_add_test(tests, what_no_family_fits_is_taken_as_it_is);
    tcase_add_test(tests, ties_do_not_break_a_mixture);
    tcase_add_test(tests, a_family_that_cannot_have_the_spread_says_so);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
