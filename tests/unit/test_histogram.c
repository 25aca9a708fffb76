/* test_histogram.c - buckets, error bound, merging, and rows of the log-linear histogram. */
#include <check.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>

#include "sim/histogram.h"

static struct sim_histogram *create(void)
{
    return calloc(1, sizeof(struct sim_histogram));
}

/* Row of a histogram that holds only `value`. */
static struct sim_histogram_row row_around(int64_t value)
{
    struct sim_histogram *histogram = create();
    struct sim_histogram_row row = {-1, -1, 0};
    size_t position = 0;
    sim_histogram_add(histogram, value);
    ck_assert(sim_histogram_next(histogram, &position, &row));
    struct sim_histogram_row none;
    ck_assert(!sim_histogram_next(histogram, &position, &none));
    ck_assert(!sim_histogram_next(histogram, &position, &none));
    free(histogram);
    return row;
}

START_TEST(adding_zero_the_short_way)
{
    struct sim_histogram *quick = create();
    struct sim_histogram *slow = create();
    for (int i = 0; i < 4; i++) {
        sim_histogram_add_zero(quick);
        sim_histogram_add(slow, 0);
        ck_assert(sim_histogram_equal(quick, slow));
        sim_histogram_add(quick, 3 * i);
        sim_histogram_add(slow, 3 * i);
    }
    free(quick);
    free(slow);
}
END_TEST

/* Walks all buckets: they join without gaps, from 0 to the greatest value, exact below 512, and narrow enough. */
START_TEST(buckets_cover_everything)
{
    int64_t expected_low = 0;
    size_t buckets = 0;
    for (;;) {
        struct sim_histogram_row row = row_around(expected_low);
        ck_assert_int_eq(row.low, expected_low);
        ck_assert_int_ge(row.high, row.low);
        ck_assert(row.low < 512 ? row.high == row.low : row.high - row.low < row.low / 256);
        ck_assert_uint_eq(sim_histogram_bucket_of(row.low), buckets);
        ck_assert_uint_eq(sim_histogram_bucket_of(row.high), buckets);
        buckets++;
        if (row.high == INT64_MAX)
            break;
        expected_low = row.high + 1;
    }
    ck_assert_uint_eq(buckets, SIM_HISTOGRAM_BUCKETS);
}
END_TEST

START_TEST(totals_are_exact)
{
    struct sim_histogram *histogram = create();
    ck_assert_int_eq(sim_histogram_minimum(histogram), -1);
    ck_assert_int_eq(sim_histogram_maximum(histogram), -1);
    ck_assert_double_nan(sim_histogram_mean(histogram));
    ck_assert_double_nan(sim_histogram_quantile(histogram, 0.5));
    ck_assert_double_nan(sim_histogram_share_at_most(histogram, 5));
    sim_histogram_add_n(histogram, INT64_MAX, 3);
    sim_histogram_add_n(histogram, 5, 0);
    ck_assert(histogram->sum == (sim_uint128)INT64_MAX * 3);
    ck_assert_int_eq(sim_histogram_minimum(histogram), INT64_MAX);
    sim_histogram_add_n(histogram, 1001, 5000000000);
    sim_histogram_add(histogram, 0);
    ck_assert(histogram->sum == (sim_uint128)INT64_MAX * 3 + 5005000000000);
    ck_assert_uint_eq(histogram->count, 5000000004);
    ck_assert_int_eq(sim_histogram_minimum(histogram), 0);
    ck_assert_int_eq(sim_histogram_maximum(histogram), INT64_MAX);
    sim_histogram_clear(histogram);
    struct sim_histogram *empty = create();
    ck_assert(sim_histogram_equal(histogram, empty));
    free(histogram);
    free(empty);
}
END_TEST

START_TEST(negative_values_are_a_mistake)
{
    sim_histogram_add(create(), -1);
}
END_TEST

enum tail {
    UNIFORM_SMALL,
    EXPONENTIAL,
    LOGNORMAL,
    PARETO,
    TWO_POINTS,
    TAILS
};

/* Nanoseconds. The Pareto sample has infinite variance, the lognormal one spans ten orders of magnitude. */
static int64_t draw(enum tail tail, gsl_rng *rng)
{
    switch (tail) {
    case UNIFORM_SMALL:
        return (int64_t)gsl_rng_uniform_int(rng, 300);
    case EXPONENTIAL:
        return (int64_t)gsl_ran_exponential(rng, 2e9);
    case LOGNORMAL:
        return (int64_t)gsl_ran_lognormal(rng, 18, 3);
    case PARETO:
        return (int64_t)fmin(gsl_ran_pareto(rng, 1.1, 1e6), 9e18);
    default:
        return gsl_rng_uniform(rng) < 0.9 ? 1000000000 : 60000000000;
    }
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Sorted values, and the histogram of the same. */
struct sample {
    int64_t *values;
    size_t count;
    struct sim_histogram *histogram;
};

static struct sample draw_sample(enum tail tail, size_t count, unsigned long seed)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, seed);
    struct sample sample = {malloc(count * sizeof(int64_t)), count, create()};
    for (size_t i = 0; i < count; i++) {
        sample.values[i] = draw(tail, rng);
        sim_histogram_add(sample.histogram, sample.values[i]);
    }
    qsort(sample.values, count, sizeof(int64_t), ascending);
    gsl_rng_free(rng);
    return sample;
}

static void release(struct sample sample)
{
    free(sample.values);
    free(sample.histogram);
}

static double exact_quantile(const struct sample *sample, double share)
{
    long double place = (long double)(sample->count - 1) * (long double)share;
    size_t index = (size_t)place;
    if (index + 1 >= sample->count)
        return (double)sample->values[sample->count - 1];
    long double low = (long double)sample->values[index];
    return (double)(low + ((long double)sample->values[index + 1] - low) * (place - (long double)index));
}

static size_t count_at_most(const struct sample *sample, int64_t limit)
{
    size_t count = 0;
    while (count < sample->count && sample->values[count] <= limit)
        count++;
    return count;
}

START_TEST(quantiles_keep_their_error_bound)
{
    static const double shares[] = {0, 0.001, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1};
    static const size_t counts[] = {1, 2, 3, 10, 1000, 20000};
    for (enum tail tail = 0; tail < TAILS; tail++)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            unsigned long seed = 100 * tail + c + 1;
            struct sample sample = draw_sample(tail, counts[c], seed);
            for (size_t s = 0; s < sizeof shares / sizeof *shares; s++) {
                double exact = exact_quantile(&sample, shares[s]);
                double found = sim_histogram_quantile(sample.histogram, shares[s]);
                ck_assert_msg(fabs(found - exact) <= SIM_HISTOGRAM_ERROR * exact * (1 + 1e-12),
                              "tail %d, seed %lu, share %g: %.17g for %.17g", tail, seed, shares[s], found, exact);
            }
            ck_assert_double_eq(sim_histogram_quantile(sample.histogram, 0), (double)sample.values[0]);
            ck_assert_double_eq(sim_histogram_quantile(sample.histogram, 1), (double)sample.values[counts[c] - 1]);
            release(sample);
        }
    ck_assert_double_le(SIM_HISTOGRAM_ERROR, 0.004);
}
END_TEST

START_TEST(shares_are_within_one_bucket)
{
    for (enum tail tail = 0; tail < TAILS; tail++) {
        struct sample sample = draw_sample(tail, 20000, 1000 + tail);
        for (size_t i = 0; i < sample.count; i += 97) {
            int64_t limit = sample.values[i] + (int64_t)(i % 3) - 1;
            if (limit < 0)
                continue;
            struct sim_histogram_row row = row_around(limit);
            double exact = (double)count_at_most(&sample, limit);
            double inside = (double)count_at_most(&sample, row.high) - (double)count_at_most(&sample, row.low - 1);
            double found = 20000 * sim_histogram_share_at_most(sample.histogram, limit);
            double allowed = limit < 512 ? 0 : inside;
            ck_assert_msg(fabs(found - exact) <= allowed + 1e-6, "tail %d, limit %lld: %.17g for %.17g", tail,
                          (long long)limit, found, exact);
        }
        ck_assert_double_eq(sim_histogram_share_at_most(sample.histogram, sample.values[0] - 1), 0);
        ck_assert_double_eq(sim_histogram_share_at_most(sample.histogram, sample.values[19999]), 1);
        release(sample);
    }
}
END_TEST

/* 100 values spread evenly over the bucket 512 .. 515 (four integers): half of them are at most 513. */
START_TEST(share_inside_a_bucket)
{
    struct sim_histogram *histogram = create();
    for (int64_t value = 512; value <= 515; value++)
        sim_histogram_add_n(histogram, value, 25);
    ck_assert_double_eq(sim_histogram_share_at_most(histogram, 513), 0.5);
    ck_assert_double_eq(sim_histogram_share_at_most(histogram, 511), 0);
    ck_assert_double_eq(sim_histogram_share_at_most(histogram, 515), 1);
    free(histogram);
}
END_TEST

START_TEST(merging_in_any_order_gives_the_same)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, 7);
    struct sim_histogram *all = create();
    struct sim_histogram *parts[3] = {create(), create(), create()};
    for (unsigned i = 0; i < 30000; i++) {
        int64_t value = draw((enum tail)(i % TAILS), rng);
        sim_histogram_add(all, value);
        sim_histogram_add(parts[gsl_rng_uniform_int(rng, 3)], value);
    }
    struct sim_histogram *forward = create();
    struct sim_histogram *backward = create();
    for (int i = 0; i < 3; i++) {
        sim_histogram_merge(forward, parts[i]);
        sim_histogram_merge(backward, parts[2 - i]);
    }
    ck_assert(sim_histogram_equal(forward, all));
    ck_assert(sim_histogram_equal(backward, all));
    struct sim_histogram *empty = create();
    sim_histogram_merge(forward, empty);
    ck_assert(sim_histogram_equal(forward, all));
    sim_histogram_add(forward, 1);
    ck_assert(!sim_histogram_equal(forward, all));
    gsl_rng_free(rng);
    free(all);
    for (int i = 0; i < 3; i++)
        free(parts[i]);
    free(forward);
    free(backward);
    free(empty);
}
END_TEST

static size_t rows_of(const struct sim_histogram *histogram, struct sim_histogram_row *rows)
{
    size_t count = 0;
    for (size_t position = 0; sim_histogram_next(histogram, &position, &rows[count]);)
        count++;
    return count;
}

START_TEST(rows_rebuild_the_histogram)
{
    struct sim_histogram_row *rows = malloc(SIM_HISTOGRAM_BUCKETS * sizeof *rows);
    for (enum tail tail = 0; tail < TAILS; tail++) {
        struct sample sample = draw_sample(tail, 5000, 2000 + tail);
        size_t count = rows_of(sample.histogram, rows);
        for (size_t i = 1; i < count; i++)
            ck_assert(rows[i].low > rows[i - 1].high && rows[i].count > 0);
        struct sim_histogram *loaded = create();
        ck_assert_int_eq(
            sim_histogram_load(loaded, rows, count, sample.histogram->sum, sample.values[0], sample.values[4999]),
            SIM_OK);
        ck_assert(sim_histogram_equal(loaded, sample.histogram));
        free(loaded);
        release(sample);
    }
    free(rows);
}
END_TEST

/* The good rows hold 7, 7 and 1200 (bucket 1200 .. 1203). */
START_TEST(bad_rows_are_refused)
{
    static const struct sim_histogram_row good[] = {{7, 7, 2}, {1200, 1203, 1}};
    static const struct sim_histogram_row no_bucket[] = {{7, 7, 2}, {1201, 1204, 1}};
    static const struct sim_histogram_row wrong_high[] = {{7, 7, 2}, {1200, 1202, 1}};
    static const struct sim_histogram_row empty_row[] = {{7, 7, 0}, {1200, 1203, 1}};
    static const struct sim_histogram_row negative[] = {{-7, -7, 2}, {1200, 1203, 1}};
    static const struct sim_histogram_row twice[] = {{1200, 1203, 2}, {1200, 1203, 1}};
    static const struct sim_histogram_row too_many[] = {{7, 7, UINT64_MAX}, {1200, 1203, 1}};
    static const struct {
        const struct sim_histogram_row *rows;
        unsigned sum;
        int minimum;
        int maximum;
    } cases[] = {
        {no_bucket, 1215, 7, 1201}, {wrong_high, 1214, 7, 1200}, {empty_row, 1200, 7, 1200}, {negative, 1186, -7, 1200},
        {twice, 3600, 1200, 1200},  {too_many, 1214, 7, 1200},   {good, 1213, 7, 1200},      {good, 1218, 7, 1200},
        {good, 1214, 6, 1200},      {good, 1214, 8, 1200},       {good, 1214, 7, 1199},      {good, 1214, 7, 1204},
    };
    struct sim_histogram *histogram = create();
    struct sim_histogram *empty = create();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum sim_status status =
            sim_histogram_load(histogram, cases[i].rows, 2, cases[i].sum, cases[i].minimum, cases[i].maximum);
        ck_assert_msg(status == SIM_BAD_INPUT, "case %zu was accepted", i);
        ck_assert_msg(sim_histogram_equal(histogram, empty), "case %zu left something behind", i);
    }
    ck_assert_int_eq(sim_histogram_load(histogram, good, 0, 5, 6, 7), SIM_OK);
    ck_assert(sim_histogram_equal(histogram, empty));
    ck_assert_int_eq(sim_histogram_load(histogram, good, 2, 1217, 7, 1203), SIM_OK);
    ck_assert_uint_eq(histogram->count, 3);
    free(histogram);
    free(empty);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("histogram");
    TCase *tests = tcase_create("histogram");
    tcase_add_test(tests, adding_zero_the_short_way);
    tcase_add_test(tests, buckets_cover_everything);
    tcase_add_test(tests, totals_are_exact);
    tcase_add_exit_test(tests, negative_values_are_a_mistake, 3);
    tcase_add_test(tests, quantiles_keep_their_error_bound);
    tcase_add_test(tests, shares_are_within_one_bucket);
    tcase_add_test(tests, share_inside_a_bucket);
    tcase_add_test(tests, merging_in_any_order_gives_the_same);
    tcase_add_test(tests, rows_rebuild_the_histogram);
    tcase_add_test(tests, bad_rows_are_refused);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
