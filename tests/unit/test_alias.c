/* test_alias.c - the table's probabilities, added up from its columns, and what it refuses. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "sim/alias.h"
#include "sim/random.h"
#include "sim/variate.h"

#define SEED 20
#define UNITS 0x1p40

/* Exact probability of every index: each column is worth 1 / count. */
static double *probabilities_of(const struct sim_alias *alias)
{
    double *probabilities = calloc(alias->count, sizeof *probabilities);
    ck_assert_ptr_nonnull(probabilities);
    for (uint64_t column = 0; column < alias->count; column++) {
        double own = (double)(alias->entries[column] >> SIM_ALIAS_OTHER_BITS) / UNITS;
        uint64_t other = alias->entries[column] % (1 << SIM_ALIAS_OTHER_BITS);
        ck_assert_uint_lt(other, alias->count);
        probabilities[column] += own / (double)alias->count;
        probabilities[other] += (1 - own) / (double)alias->count;
    }
    return probabilities;
}

static void check_probabilities(const double *weights, size_t count)
{
    struct sim_arena *arena = sim_arena_create();
    struct sim_alias alias;
    ck_assert_int_eq(sim_alias_init(&alias, arena, weights, count, NULL), SIM_OK);
    double *probabilities = probabilities_of(&alias);
    double total = 0;
    for (size_t i = 0; i < count; i++)
        total += weights[i];
    for (size_t i = 0; i < count; i++) {
        ck_assert_double_lt(fabs(probabilities[i] - weights[i] / total), 1e-12);
        if (weights[i] == 0)
            ck_assert(probabilities[i] == 0);
    }
    free(probabilities);
    sim_arena_destroy(arena);
}

START_TEST(columns_add_up_to_the_weights)
{
    check_probabilities((const double[]){5}, 1);
    check_probabilities((const double[]){0.6, 0.4}, 2);
    check_probabilities((const double[]){1, 1, 1}, 3);
    check_probabilities((const double[]){0, 0, 7, 0}, 4);
    check_probabilities((const double[]){1e-300, 1, 1e-3, 2, 0}, 5);
    check_probabilities((const double[]){1e300, 1, 1e299}, 3);
}
END_TEST

START_TEST(random_weights_add_up_too)
{
    struct sim_random stream;
    sim_random_init(&stream, SEED, 0, 0, 0, 0);
    static double weights[5000];
    for (int round = 0; round < 200; round++) {
        size_t count = 2 + (size_t)sim_variate_below(&stream, 4999);
        for (size_t i = 0; i < count; i++) {
            double exponential = sim_variate_exponential(&stream);
            weights[i] = i % 7 == 0 ? 0 : pow(exponential, round % 5);
        }
        check_probabilities(weights, count);
    }
}
END_TEST

START_TEST(draws_have_the_shares)
{
    static const double weights[] = {5, 0, 1, 3, 1};
    enum {
        DRAWS = 1000000
    };
    struct sim_arena *arena = sim_arena_create();
    struct sim_alias alias;
    ck_assert_int_eq(sim_alias_init(&alias, arena, weights, 5, NULL), SIM_OK);
    struct sim_random stream;
    sim_random_init(&stream, SEED, 1, 0, 0, 0);
    int counts[5] = {0};
    for (int i = 0; i < DRAWS; i++)
        counts[sim_alias_draw(&alias, sim_random_next(&stream))]++;
    double sum = 0;
    for (int i = 0; i < 5; i++)
        if (weights[i] > 0)
            sum += pow(counts[i] - DRAWS * weights[i] / 10, 2) / (DRAWS * weights[i] / 10);
    ck_assert_int_eq(counts[1], 0);
    ck_assert_double_gt(gsl_cdf_chisq_Q(sum, 3), 1e-4);
    sim_arena_destroy(arena);
}
END_TEST

START_TEST(extreme_words_stay_inside)
{
    static const double weights[] = {0, 1, 2, 0};
    struct sim_arena *arena = sim_arena_create();
    struct sim_alias alias;
    ck_assert_int_eq(sim_alias_init(&alias, arena, weights, 4, NULL), SIM_OK);
    ck_assert_uint_ge(sim_alias_draw(&alias, 0), 1);
    ck_assert_uint_le(sim_alias_draw(&alias, UINT64_MAX), 2);
    sim_arena_destroy(arena);
}
END_TEST

static void check_refused(const double *weights, size_t count, const char *message)
{
    struct sim_arena *arena = sim_arena_create();
    struct sim_alias alias;
    struct sim_error error;
    ck_assert_int_eq(sim_alias_init(&alias, arena, weights, count, &error), SIM_BAD_INPUT);
    ck_assert_str_eq(error.message, message);
    sim_arena_destroy(arena);
}

START_TEST(bad_weights_are_refused)
{
    check_refused(NULL, 0, "found 0 weights, expected 1 to 4194304");
    check_refused(NULL, SIM_ALIAS_COUNT_MAX + 1, "found 4194305 weights, expected 1 to 4194304");
    check_refused((const double[]){1, -2}, 2, "weight 2 is -2, expected 0 or more");
    check_refused((const double[]){INFINITY}, 1, "weight 1 is inf, expected 0 or more");
    check_refused((const double[]){1, NAN}, 2, "weight 2 is nan, expected 0 or more");
    check_refused((const double[]){0, 0}, 2, "the weights add up to 0, expected more than 0");
    check_refused((const double[]){1e308, 1e308}, 2, "the weights add up to inf, expected at most 1e+305");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("alias");
    TCase *cases = tcase_create("alias");
    tcase_add_test(cases, columns_add_up_to_the_weights);
    tcase_add_test(cases, random_weights_add_up_too);
    tcase_add_test(cases, draws_have_the_shares);
    tcase_add_test(cases, extreme_words_stay_inside);
    tcase_add_test(cases, bad_weights_are_refused);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
