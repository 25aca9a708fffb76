/* test_fit_positive.c - least squares without negative unknowns meets the conditions of its optimum. */
#include <check.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>

#include "analysis/fit_positive.h"

#define SEED 13

enum {
    ROWS = 9,
    COLUMNS = 5
};

/* No gain from raising what is 0 and from moving what is not, whatever the sizes of the columns (Kuhn and Tucker). */
START_TEST(no_move_is_better)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, SEED);
    size_t zeros = 0;
    for (int trial = 0; trial < 500; trial++) {
        double cells[ROWS * COLUMNS], targets[ROWS];
        for (size_t i = 0; i < ROWS * COLUMNS; i++)
            cells[i] = gsl_ran_gaussian(rng, 1) * pow(10, 3 * (double)(i % COLUMNS));
        for (size_t r = 0; r < ROWS; r++)
            targets[r] = gsl_ran_gaussian(rng, 1);
        struct fit_positive found = fit_positive_solve(cells, targets, ROWS, COLUMNS);
        for (size_t c = 0; c < COLUMNS; c++) {
            double gain = 0;
            for (size_t r = 0; r < ROWS; r++) {
                double left = targets[r];
                for (size_t other = 0; other < COLUMNS; other++)
                    left -= cells[r * COLUMNS + other] * found.values[other];
                gain += cells[r * COLUMNS + c] * left / pow(10, 3 * (double)c);
            }
            ck_assert_double_ge(found.values[c], 0);
            zeros += !(found.values[c] > 0);
            ck_assert_msg(found.values[c] > 0 ? fabs(gain) < 1e-7 : gain < 1e-7, "seed %d, trial %d: column %zu, %g",
                          SEED, trial, c, gain);
        }
        fit_positive_release(&found);
    }
    ck_assert_uint_gt(zeros, 500);
    gsl_rng_free(rng);
}
END_TEST

/* One column in place of another, and one that nothing replaces. */
START_TEST(inflation_by_hand)
{
    const double cells[] = {1, 1, 0, 1, 1, 0, 1, 1, 3, 1, 1.001, -3};
    ck_assert_double_gt(fit_positive_inflation(cells, 4, 3, 0), 1e6);
    ck_assert_double_lt(fit_positive_inflation(cells, 4, 3, 2), 4);
    const double doubled[] = {1, 2, 3, 6, 5, 10};
    ck_assert_double_gt(fit_positive_inflation(doubled, 3, 2, 1), 1e12);
    ck_assert_double_eq(fit_positive_inflation(doubled, 6, 1, 0), 1);
}
END_TEST

START_TEST(nothing_positive_is_left)
{
    const double cells[] = {1, 2, 3}, targets[] = {-1, -2, -2};
    struct fit_positive found = fit_positive_solve(cells, targets, 3, 1);
    ck_assert_uint_eq(found.positive_count, 0);
    ck_assert_double_eq(found.values[0], 0);
    ck_assert_double_eq_tol(found.sum, 9, 1e-12);
    fit_positive_release(&found);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fit_positive");
    TCase *tests = tcase_create("fit_positive");
    tcase_add_test(tests, no_move_is_better);
    tcase_add_test(tests, inflation_by_hand);
    tcase_add_test(tests, nothing_positive_is_left);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
