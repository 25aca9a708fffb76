/* test_fit_curve_coverage.c - do the 95 % intervals of fitted curves hold the truth in 95 % of the cases?
 *
 * Points are made from known curves, the intervals counted that hold the known value. The hypothesis of 95 % is given
 * up only where chance would do as badly in less than one of a thousand tests (binomial distribution).
 */
#include <check.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>

#include "analysis/fit_curve.h"
#include "tests/effort.h"

#define SEED 7
#define POINTS 14

struct count {
    unsigned tried, low, high; /* truth below and above the interval */
};

static void count_one(struct count *count, struct fit_curve_value found, double truth)
{
    ck_assert_msg(isfinite(found.low) && found.low <= found.value && found.value <= found.high, "%g %g %g", found.low,
                  found.value, found.high);
    count->tried++;
    count->low += truth < found.low;
    count->high += truth > found.high;
}

static void assert_covers(const char *what, struct count count, bool may_be_wide)
{
    unsigned missed = count.low + count.high;
    double too_many = gsl_cdf_binomial_Q(missed, 0.05, count.tried),
           too_few = gsl_cdf_binomial_P(missed, 0.05, count.tried);
    ck_assert_msg(too_many > 0.001, "seed %d: %s outside its interval %u times (below %u, above %u) of %u", SEED, what,
                  missed, count.low, count.high, count.tried);
    ck_assert_msg(may_be_wide || too_few > 0.001, "seed %d: %s outside its interval only %u times of %u", SEED, what,
                  missed, count.tried);
}

static gsl_rng *seeded(void)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, SEED);
    return rng;
}

/* Errors in proportion to the value, weighted by 1 / truth^2. */
START_TEST(lines)
{
    gsl_rng *rng = seeded();
    struct count slope = {0}, intercept = {0}, end = {0};
    for (unsigned trial = 0; trial < test_effort(200, 2000, 20000); trial++) {
        struct fit_curve_point points[POINTS];
        for (size_t i = 0; i < POINTS; i++) {
            size_t whole = i / 2 * i;
            double x = (double)whole, truth = 40 + 0.7 * x;
            points[i] =
                (struct fit_curve_point){x, truth + gsl_ran_gaussian(rng, 0.02 * truth), 1 / (truth * truth), NAN, 0};
        }
        struct fit_curve *line = fit_curve_create(points, POINTS, FIT_CURVE_LINE);
        count_one(&slope, line->slope, 0.7);
        count_one(&intercept, line->intercept, 40);
        count_one(&end, line->knots[1].y, 40 + 0.7 * points[POINTS - 1].x);
        fit_curve_destroy(line);
    }
    assert_covers("slope", slope, false);
    assert_covers("intercept", intercept, false);
    assert_covers("last point of the line", end, false);
    gsl_rng_free(rng);
}
END_TEST

START_TEST(knees)
{
    gsl_rng *rng = seeded();
    struct count before = {0}, after = {0}, knee = {0}, at_knee = {0};
    for (unsigned trial = 0; trial < test_effort(200, 2000, 20000); trial++) {
        struct fit_curve_point points[POINTS];
        for (size_t i = 0; i < POINTS; i++) {
            double x = (double)i, truth = 40 + 1 * fmin(x, 6.4) + 6 * fmax(x - 6.4, 0);
            points[i] = (struct fit_curve_point){x, truth + gsl_ran_gaussian(rng, 0.5), 1, NAN, 0};
        }
        struct fit_curve *curve = fit_curve_create(points, POINTS, FIT_CURVE_KNEE);
        count_one(&before, curve->slope, 1);
        count_one(&after, curve->after, 6);
        count_one(&knee, curve->knee, 6.4);
        count_one(&at_knee, curve->knots[0].y, 40);
        fit_curve_destroy(curve);
    }
    assert_covers("slope before the knee", before, false);
    assert_covers("slope after the knee", after, false);
    assert_covers("knee", knee, false);
    assert_covers("first point", at_knee, false);
    gsl_rng_free(rng);
}
END_TEST

/* Seven batches, level up to the fifth, five repeats of each. */
START_TEST(monotone_curves)
{
    static const double truths[] = {40, 40, 40, 40, 40, 44, 60};
    enum {
        KNOTS = sizeof truths / sizeof truths[0],
        REPEATS = 5
    };
    gsl_rng *rng = seeded();
    struct count counts[KNOTS] = {0};
    for (unsigned trial = 0; trial < test_effort(200, 2000, 20000); trial++) {
        struct fit_curve_point points[KNOTS * REPEATS];
        for (size_t i = 0; i < KNOTS * REPEATS; i++)
            points[i] = (struct fit_curve_point){(double)(i % KNOTS), truths[i % KNOTS] + gsl_ran_gaussian(rng, 0.3), 1,
                                                 NAN, 0};
        struct fit_curve *curve = fit_curve_create(points, KNOTS * REPEATS, FIT_CURVE_MONOTONE);
        for (size_t k = 0; k < KNOTS; k++)
            count_one(&counts[k], curve->knots[k].y, truths[k]);
        fit_curve_destroy(curve);
    }
    for (size_t k = 0; k < KNOTS; k++)
        assert_covers("knot", counts[k], true);
    assert_covers("knot that is not level", counts[5], false);
    assert_covers("knot that is not level", counts[6], false);
    gsl_rng_free(rng);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fit_curve_coverage");
    TCase *tests = tcase_create("fit_curve_coverage");
    tcase_add_test(tests, lines);
    tcase_add_test(tests, knees);
    tcase_add_test(tests, monotone_curves);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
