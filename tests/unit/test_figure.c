/* test_figure.c - differences against those computed by hand. */
#include "analysis/figure.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One run with a figure of so many sections. */
struct made {
    struct summary summary;
    struct summary_row row;
    struct figure figure;
    double values[8];
};

static void make(struct made *made, double value, double half_width, const double *values, size_t count)
{
    *made = (struct made){.summary = {.section_count = count},
                          .row = {.estimate = {.value = value, .low = value - half_width, .high = value + half_width}}};
    memcpy(made->values, values, count * sizeof *values);
    made->figure = (struct figure){.summary = &made->summary, .row = &made->row, .values = made->values};
}

static bool is_near(double value, double expected)
{
    return fabs(value - expected) < 1e-6 * fabs(expected);
}

/* Differences 1, 2, 3, 2 about their mean 2: S^2 = 2/3, t(3) = 3.182446, half width 3.182446 sqrt(2/3) / 2 = 1.299228.
 * Squares of a: 10, 14, 10, 6 about 10 give 32; of b: 11, 16, 13, 8 about 12 give 34; so (32 + 34) / 2 = 33 times.
 * Products: 0 (-1) + 4 4 + 0 1 + (-4)(-4) = 32; correlation 32 / sqrt(32 34) = 0.9701425.
 */
START_TEST(test_pairs)
{
    struct made a;
    struct made b;
    make(&a, 10, 1, (const double[]){10, 14, 10, 6}, 4);
    make(&b, 12, 1, (const double[]){11, 16, 13, 8}, 4);
    struct figure_difference difference = figure_difference(&a.figure, &b.figure, true);
    ck_assert(difference.is_paired);
    ck_assert_str_eq(difference.reason, "");
    ck_assert_double_eq(difference.value, 2);
    ck_assert(is_near(difference.high - 2, 1.299228) && is_near(2 - difference.low, 1.299228));
    ck_assert(is_near(difference.correlation, 0.9701425));
    ck_assert(is_near(difference.variance_ratio, 33));
}
END_TEST

/* The value is that of everything pooled, and the spread is taken about it: differences 1, 2, 3, 2 about 1.5 have
 * squares 0.25 + 0.25 + 2.25 + 0.25 = 3; half width 3.182446 sqrt(3 / 3) / 2 = 1.591223.
 */
START_TEST(test_pooled)
{
    struct made a;
    struct made b;
    make(&a, 10, 1, (const double[]){10, 14, 10, 6}, 4);
    make(&b, 11.5, 1, (const double[]){11, 16, 13, 8}, 4);
    struct figure_difference difference = figure_difference(&a.figure, &b.figure, true);
    ck_assert_double_eq(difference.value, 1.5);
    ck_assert(is_near(difference.high - 1.5, 1.591223));
}
END_TEST

/* 3-4-5: half widths of independent runs add up as squares, the uncut side counts. */
START_TEST(test_apart)
{
    struct made a;
    struct made b;
    make(&a, 10, 3, (const double[]){10, 14, 10, 6}, 4);
    make(&b, 12, 4, (const double[]){11, 16, 13, 8}, 4);
    b.row.estimate.low = 11;
    struct figure_difference apart = figure_difference(&a.figure, &b.figure, false);
    ck_assert(!apart.is_paired && isnan(apart.correlation) && isnan(apart.variance_ratio));
    ck_assert(apart.value == 2 && apart.low == -3 && apart.high == 7);
    /* Sections of another kind or number make no pairs either. */
    b.summary.section_count = 3;
    ck_assert(!figure_difference(&a.figure, &b.figure, true).is_paired);
    b.summary.section_count = 4;
    b.summary.is_batched = true;
    ck_assert(!figure_difference(&a.figure, &b.figure, true).is_paired);
    b.summary.is_batched = false;
    b.figure.values = NULL;
    ck_assert(!figure_difference(&a.figure, &b.figure, true).is_paired);
}
END_TEST

START_TEST(test_equal)
{
    struct made a;
    make(&a, 10, 1, (const double[]){10, 14, 10, 6}, 4);
    struct figure_difference same = figure_difference(&a.figure, &a.figure, true);
    ck_assert(same.value == 0 && same.low == 0 && same.high == 0 && is_near(same.correlation, 1));
    ck_assert(isinf(same.variance_ratio));
}
END_TEST

/* What is withheld stays withheld, and what has no interval gets none. */
START_TEST(test_missing)
{
    struct made a;
    struct made b;
    make(&a, 10, 1, (const double[]){10, 14, 10, 6}, 4);
    make(&b, NAN, 1, (const double[]){11, 16, 13, 8}, 4);
    strcpy(b.row.estimate.reason, "withheld: the pool is saturated");
    struct figure_difference withheld = figure_difference(&a.figure, &b.figure, true);
    ck_assert(isnan(withheld.value) && isnan(withheld.low) && isnan(withheld.high));
    ck_assert_str_eq(withheld.reason, "withheld: the pool is saturated");
    make(&b, 12, NAN, (const double[]){11, 16, 13, 8}, 4);
    strcpy(b.row.estimate.reason, "a maximum has no interval");
    struct figure_difference maximum = figure_difference(&b.figure, &a.figure, true);
    ck_assert(maximum.value == -2 && isnan(maximum.low) && isnan(maximum.high));
    ck_assert_str_eq(maximum.reason, "a maximum has no interval");
    /* A section without a value. */
    make(&b, 12, 1, (const double[]){11, NAN, 13, 8}, 4);
    struct figure_difference hole = figure_difference(&a.figure, &b.figure, true);
    ck_assert(hole.value == 2 && isnan(hole.low));
    ck_assert_str_eq(hole.reason, "a replication or batch has no value");
}
END_TEST

static double square_in(void *context, size_t section)
{
    return ((const double *)context)[section] * ((const double *)context)[section];
}

/* Squares 1, 4, 9 about 4: S^2 = (9 + 0 + 25) / 2 = 17, t(2) = 4.302653, half width 4.302653 sqrt(17 / 3) = 10.242362.
 */
START_TEST(test_function)
{
    double values[] = {1, 2, 3};
    struct sim_interval interval = figure_interval(4, 3, square_in, values);
    ck_assert(interval.estimate == 4 && is_near(interval.half_width, 10.242362));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("figure");
    TCase *tests = tcase_create("figure");
    tcase_add_test(tests, test_pairs);
    tcase_add_test(tests, test_pooled);
    tcase_add_test(tests, test_apart);
    tcase_add_test(tests, test_equal);
    tcase_add_test(tests, test_missing);
    tcase_add_test(tests, test_function);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
