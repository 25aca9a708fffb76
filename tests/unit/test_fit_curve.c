/* test_fit_curve.c - curves that are known are found, cannot fall, and are told apart. */
#include <check.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/fit_curve.h"

#define SEED 20261121

static void assert_close(double found, double expected, double tolerance)
{
    ck_assert_msg(fabs(found - expected) <= tolerance * fmax(1, fabs(expected)), "%.12g instead of %.12g", found,
                  expected);
}

static struct fit_curve_point point(double x, double y)
{
    return (struct fit_curve_point){x, y, 1, NAN, 0};
}

/* y = 2 + 3 x with residuals +1, -1, -1, +1: slope and intercept stay, sum of squares 4, 2 degrees of freedom. Slope:
 * standard error sqrt(2 / 20) for x = 0, 2, 4, 6, and t(2) = 4.302653.
 */
START_TEST(line_by_hand)
{
    const struct fit_curve_point points[] = {point(4, 13), point(0, 3), point(6, 21), point(2, 7)};
    struct fit_curve *line = fit_curve_create(points, 4, FIT_CURVE_LINE);
    assert_close(line->intercept.value, 2, 1e-12);
    assert_close(line->slope.value, 3, 1e-12);
    assert_close(line->slope.high - line->slope.value, 4.3026527 * sqrt(2.0 / 20), 1e-7);
    assert_close(line->residual, sqrt(2), 1e-12);
    assert_close(fit_curve_at(line, 10), 32, 1e-12);
    ck_assert(!line->is_level);
    fit_curve_destroy(line);
}
END_TEST

START_TEST(line_does_not_fall)
{
    const struct fit_curve_point points[] = {point(1, 5), point(2, 4), point(3, 3)};
    struct fit_curve *line = fit_curve_create(points, 3, FIT_CURVE_LINE);
    ck_assert(line->is_level);
    assert_close(line->slope.value, 0, 0);
    assert_close(fit_curve_at(line, 100), 4, 1e-12);
    fit_curve_destroy(line);
}
END_TEST

START_TEST(knee_without_noise_is_found)
{
    struct fit_curve_point points[12];
    for (size_t i = 0; i < 12; i++) {
        double x = (double)i + 1;
        points[i] = point(x, 10 + 0.5 * fmin(x, 6.3) + 4 * fmax(x - 6.3, 0));
    }
    struct fit_curve *knee = fit_curve_create(points, 12, FIT_CURVE_KNEE);
    assert_close(knee->knee.value, 6.3, 1e-6);
    assert_close(knee->slope.value, 0.5, 1e-6);
    assert_close(knee->after.value, 4, 1e-6);
    assert_close(fit_curve_at(knee, 6.3), 13.15, 1e-6);
    assert_close(fit_curve_at(knee, 20), 13.15 + 4 * 13.7, 1e-5);
    assert_close(fit_curve_at(knee, 0), 10.5, 1e-6); /* level below the first */
    fit_curve_destroy(knee);
}
END_TEST

/* What falls before the knee is laid level. */
START_TEST(knee_does_not_fall)
{
    struct fit_curve_point points[10];
    for (size_t i = 0; i < 10; i++)
        points[i] = point((double)i, i < 5 ? 10 - 0.1 * (double)i : 10 + 2 * (double)(i - 4));
    struct fit_curve *knee = fit_curve_create(points, 10, FIT_CURVE_KNEE);
    ck_assert(knee->is_level);
    for (double x = 0; x < 12; x += 0.25)
        ck_assert_double_ge(fit_curve_at(knee, x + 0.25), fit_curve_at(knee, x));
    fit_curve_destroy(knee);
}
END_TEST

/* 3 (weight 1) and 1 (weight 3) fall: both become 1.5, which 1 before them does not disturb. */
START_TEST(falling_neighbours_are_pooled)
{
    struct fit_curve_point points[] = {point(1, 1), point(2, 3), point(4, 1), point(8, 9)};
    points[2].weight = 3;
    struct fit_curve *curve = fit_curve_create(points, 4, FIT_CURVE_MONOTONE);
    ck_assert_uint_eq(curve->knot_count, 4);
    ck_assert(curve->is_level);
    assert_close(curve->knots[1].y.value, 1.5, 1e-15);
    assert_close(curve->knots[2].y.value, 1.5, 1e-15);
    ck_assert_double_nan(curve->knots[1].y.low);
    assert_close(fit_curve_at(curve, 3), 1.5, 1e-15);
    assert_close(fit_curve_at(curve, 6), 5.25, 1e-15);
    assert_close(fit_curve_at(curve, 10), 12.75, 1e-15);
    fit_curve_destroy(curve);
}
END_TEST

/* Weighted mean (2 + 3 * 4) / 4, squares 1 * 1.5^2 + 3 * 0.5^2 = 3 over 1 degree of freedom and a weight of 4. */
START_TEST(equal_x_become_one_point)
{
    struct fit_curve_point points[] = {point(5, 7), point(3, 2), point(3, 4)};
    points[2].weight = 3;
    ck_assert_uint_eq(fit_curve_pool(points, 3), 2);
    assert_close(points[0].y, 3.5, 1e-15);
    assert_close(points[0].weight, 4, 1e-15);
    assert_close(points[0].error, sqrt(3.0 / 4), 1e-15);
    assert_close(points[0].degrees, 1, 0);
    assert_close(points[1].y, 7, 0);
}
END_TEST

START_TEST(too_few_points_give_no_curve)
{
    const struct fit_curve_point points[] = {point(1, 1), point(2, 2), point(3, 3), point(4, 9), point(4, 9.1)};
    ck_assert_ptr_null(fit_curve_create(points, 5, FIT_CURVE_KNEE));
    ck_assert_ptr_null(fit_curve_create(points, 0, FIT_CURVE_MONOTONE));
    struct fit_curve *line = fit_curve_create(points + 3, 2, FIT_CURVE_LINE); /* one x */
    assert_close(fit_curve_at(line, 50), 9.05, 1e-12);
    fit_curve_destroy(line);
    line = fit_curve_create(points, 2, FIT_CURVE_LINE); /* no freedom left */
    ck_assert_double_nan(line->slope.low);
    fit_curve_destroy(line);
}
END_TEST

/* Interpolating a square between 1, 2, 4, 8: at 2 it gives 6 for 4, at 4 it gives 24 for 16. */
START_TEST(rows_of_one_x_are_left_out_together)
{
    const struct fit_curve_point points[] = {point(1, 1), point(2, 4), point(4, 16), point(4, 16), point(8, 64)};
    double errors[5];
    fit_curve_hold_out(points, 5, FIT_CURVE_MONOTONE, errors);
    ck_assert_double_nan(errors[0]);
    assert_close(errors[1], 6.0 / 4 - 1, 1e-12);
    assert_close(errors[2], 24.0 / 16 - 1, 1e-12);
    assert_close(errors[3], 24.0 / 16 - 1, 1e-12);
    ck_assert_double_nan(errors[4]);
}
END_TEST

static double line_of(double x)
{
    return 20 + 2 * x;
}
static double knee_of(double x)
{
    return 20 + 0.1 * fmin(x, 24) + 3 * fmax(x - 24, 0);
}
/* Rises, is level, rises again: no knee. */
static double steps_of(double x)
{
    return 20 + 5 * fmin(x, 8) + 5 * fmax(x - 32, 0);
}

static enum fit_curve_family chosen(double (*truth)(double), double noise, gsl_rng *rng)
{
    enum {
        COUNT = 12
    };
    struct fit_curve_point points[COUNT];
    double errors[FIT_CURVE_FAMILIES][COUNT];
    const double *all[FIT_CURVE_FAMILIES];
    for (size_t i = 0; i < COUNT; i++) {
        double y = truth(4 * (double)i + 1);
        y *= 1 + gsl_ran_gaussian(rng, noise);
        points[i] = (struct fit_curve_point){4 * (double)i + 1, y, 1 / (y * y), NAN, 0};
    }
    for (int family = 0; family < FIT_CURVE_FAMILIES; family++) {
        fit_curve_hold_out(points, COUNT, (enum fit_curve_family)family, errors[family]);
        all[family] = errors[family];
    }
    return fit_curve_choose(all, COUNT);
}

/* Noise of 1 %; a choice may miss once in ten. */
START_TEST(clear_families_are_told_apart)
{
    static double (*const truths[FIT_CURVE_FAMILIES])(double) = {line_of, knee_of, steps_of};
    enum {
        TRIALS = 100
    };
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, SEED);
    for (int family = 0; family < FIT_CURVE_FAMILIES; family++) {
        int right = 0;
        for (int trial = 0; trial < TRIALS; trial++)
            right += (int)chosen(truths[family], 0.01, rng) == family;
        ck_assert_msg(right >= 90, "seed %d: %s chosen %d times of %d", SEED,
                      fit_curve_family_name((enum fit_curve_family)family), right, TRIALS);
    }
    gsl_rng_free(rng);
}
END_TEST

START_TEST(a_family_that_was_not_tried_is_not_chosen)
{
    const double line[] = {NAN, 0.3, 0.2}, monotone[] = {NAN, 0.01, NAN}, none[] = {NAN, NAN, NAN};
    const double *errors[FIT_CURVE_FAMILIES] = {line, NULL, monotone};
    ck_assert_int_eq(fit_curve_choose(errors, 3), FIT_CURVE_LINE);
    const double *nothing[FIT_CURVE_FAMILIES] = {none, none, none};
    ck_assert_int_eq(fit_curve_choose(nothing, 3), FIT_CURVE_MONOTONE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fit_curve");
    TCase *tests = tcase_create("fit_curve");
    tcase_add_test(tests, line_by_hand);
    tcase_add_test(tests, line_does_not_fall);
    tcase_add_test(tests, knee_without_noise_is_found);
    tcase_add_test(tests, knee_does_not_fall);
    tcase_add_test(tests, falling_neighbours_are_pooled);
    tcase_add_test(tests, equal_x_become_one_point);
    tcase_add_test(tests, too_few_points_give_no_curve);
    tcase_add_test(tests, rows_of_one_x_are_left_out_together);
    tcase_add_test(tests, clear_families_are_told_apart);
    tcase_add_test(tests, a_family_that_was_not_tried_is_not_chosen);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
