/* test_quantile.c - exact quantiles against sorting, on random and on awkward orders. */
#include <check.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/quantile.h"

/* Values worked out by hand from the definition; numpy.percentile documents the same rule. */
START_TEST(known_values)
{
    int64_t four[] = {4, 1, 3, 2};
    ck_assert_double_eq(sim_quantile(four, 4, 0), 1);
    ck_assert_double_eq(sim_quantile(four, 4, 0.25), 1.75);
    ck_assert_double_eq(sim_quantile(four, 4, 0.5), 2.5);
    ck_assert_double_eq(sim_quantile(four, 4, 1), 4);
    int64_t one[] = {-7};
    ck_assert_double_eq(sim_quantile(one, 1, 0.99), -7);
    int64_t ns[] = {3000000000, 1000000000};
    ck_assert_double_eq(sim_quantile_s(ns, 2, 0.25), 1.5);
    ck_assert_double_nan(sim_quantile(ns, 0, 0.5));
    ck_assert_double_nan(sim_quantile_s(ns, 0, 0.5));
}
END_TEST

/* numpy's operations (_lerp in function_base.py) carried out in Python; the naive form gives other last bits. */
START_TEST(last_bits_are_those_of_numpy)
{
    int64_t ns[] = {1578273269, 1758650493, 1985977877, 2176813108, 2307699045, 2415653025, 2953684016};
    ck_assert_double_eq(sim_quantile_s(ns, 7, 0.95), 2.7922747186999994);
    ck_assert_double_eq(sim_quantile_between(0.2, 0.9, 0.75), 0.7250000000000001);
}
END_TEST

START_TEST(place_of_a_quantile)
{
    struct sim_quantile_place place = sim_quantile_place(5, 0.625);
    ck_assert_uint_eq(place.index, 2);
    ck_assert_double_eq(place.fraction, 0.5);
    place = sim_quantile_place(5, 1);
    ck_assert_uint_eq(place.index, 4);
    ck_assert_double_eq(place.fraction, 0);
    ck_assert_uint_eq(sim_quantile_place(1, 0.3).index, 0);
}
END_TEST

/* The 95th percentile of 1,000 values lies at h = 949.05, so 950 .. 999 are beyond; of 980, at h = 930.05. */
START_TEST(samples_beyond)
{
    ck_assert_uint_eq(sim_quantile_beyond(1000, 0.95), 50);
    ck_assert_uint_eq(sim_quantile_beyond(980, 0.95), 49);
    ck_assert_uint_eq(sim_quantile_beyond(5000, 0.99), 50);
    ck_assert_uint_eq(sim_quantile_beyond(500, 0.9), 50);
    ck_assert_uint_eq(sim_quantile_beyond(500, 0.1), 50);
    ck_assert_uint_eq(sim_quantile_beyond(10, 0.5), 5);
    ck_assert_uint_eq(sim_quantile_beyond(10, 1), 0);
    ck_assert_uint_eq(sim_quantile_beyond(0, 0.5), 0);
}
END_TEST

START_TEST(ends_of_the_integers)
{
    int64_t values[] = {INT64_MAX, INT64_MIN, 0, INT64_MAX, INT64_MIN};
    ck_assert_int_eq(sim_quantile_select(values, 5, 0), INT64_MIN);
    ck_assert_int_eq(sim_quantile_select(values, 5, 2), 0);
    ck_assert_int_eq(sim_quantile_select(values, 5, 4), INT64_MAX);
}
END_TEST

enum order {
    RANDOM,
    FEW_DIFFERENT,
    ASCENDING,
    DESCENDING,
    ORGAN_PIPE,
    EQUAL,
    POWERS,
    SAW,
    ORDERS
};

static int64_t value_of(enum order order, size_t i, size_t count, gsl_rng *rng)
{
    switch (order) {
    case FEW_DIFFERENT:
        return (int64_t)gsl_rng_uniform_int(rng, 3);
    case ASCENDING:
        return (int64_t)i;
    case DESCENDING:
        return -(int64_t)i;
    case ORGAN_PIPE:
        return (int64_t)(i < count / 2 ? i : count - i);
    case EQUAL:
        return 42;
    case POWERS:
        return (int64_t)1 << (i % 63);
    case SAW:
        return (int64_t)(i % 7 * 1000 + i / 7);
    default:
        return (int64_t)gsl_rng_get(rng) - (1LL << 31);
    }
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Type 7 straight from the definition, in wider numbers. */
static double quantile_of_sorted(const int64_t *sorted, size_t count, double share)
{
    long double place = (long double)(count - 1) * (long double)share;
    size_t index = (size_t)place;
    if (index + 1 >= count)
        return (double)sorted[count - 1];
    long double step = (long double)sorted[index + 1] - (long double)sorted[index];
    return (double)((long double)sorted[index] + step * (place - (long double)index));
}

static void check_order(enum order order, size_t count, unsigned long seed)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, seed);
    int64_t *values = malloc(count * sizeof *values);
    int64_t *sorted = malloc(count * sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        values[i] = value_of(order, i, count, rng);
    memcpy(sorted, values, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, ascending);

    size_t index = gsl_rng_uniform_int(rng, count);
    int64_t found = sim_quantile_select(values, count, index);
    ck_assert_msg(found == sorted[index], "order %d, count %zu, seed %lu", order, count, seed);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(i < index ? values[i] <= found : values[i] >= found, "order %d, count %zu, seed %lu: not divided",
                      order, count, seed);
    double share = gsl_rng_uniform(rng);
    double expected = quantile_of_sorted(sorted, count, share);
    ck_assert_msg(fabs(sim_quantile(values, count, share) - expected) <= 1e-14 * fabs(expected) + 1e-6,
                  "order %d, count %zu, seed %lu: quantile %.17g", order, count, seed, share);
    qsort(values, count, sizeof *values, ascending);
    ck_assert_msg(memcmp(values, sorted, count * sizeof *values) == 0, "values were lost, seed %lu", seed);
    free(values);
    free(sorted);
    gsl_rng_free(rng);
}

START_TEST(agrees_with_sorting)
{
    for (enum order order = 0; order < ORDERS; order++)
        for (unsigned long seed = 1; seed <= 500; seed++)
            check_order(order, 1 + seed % 97 * (seed % 5), seed);
    for (enum order order = 0; order < ORDERS; order++)
        check_order(order, 100000, 501 + order);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("quantile");
    TCase *tests = tcase_create("quantile");
    tcase_add_test(tests, known_values);
    tcase_add_test(tests, last_bits_are_those_of_numpy);
    tcase_add_test(tests, place_of_a_quantile);
    tcase_add_test(tests, samples_beyond);
    tcase_add_test(tests, ends_of_the_integers);
    tcase_add_test(tests, agrees_with_sorting);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
