/* test_variate.c - tables, moments, Kolmogorov-Smirnov and chi-square tests of the variates.
 *
 * Statistical tests have fixed seeds and a significance of 1e-4 each, chosen before the first run.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_erf.h>

#include "sim/elementary.h"
#include "sim/variate.h"

#define SEED 20
#define DRAWS 1000000
#define GAMMA_DRAWS 200000

/* Critical values at 1e-4: Kolmogorov's limit law, sqrt(-log(1e-4 / 2) / 2). */
#define KOLMOGOROV_CRITICAL 2.2253
#define SIGNIFICANCE 1e-4

static double *new_draws(size_t count)
{
    double *draws = malloc(count * sizeof *draws);
    ck_assert_ptr_nonnull(draws);
    return draws;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Distance between the empirical distribution function and `cdf`, times sqrt(count). Sorts the draws. */
static double kolmogorov_smirnov(double *draws, size_t count, double (*cdf)(double x, double parameter),
                                 double parameter)
{
    qsort(draws, count, sizeof *draws, compare);
    double worst = 0;
    for (size_t i = 0; i < count; i++) {
        double expected = cdf(draws[i], parameter);
        worst = fmax(worst, fmax((double)(i + 1) / (double)count - expected, expected - (double)i / (double)count));
    }
    return worst * sqrt((double)count);
}

static double exponential_cdf(double x, double mean)
{
    return gsl_cdf_exponential_P(x, mean);
}

static double normal_cdf(double x, double deviation)
{
    return gsl_cdf_gaussian_P(x, deviation);
}

static double uniform_cdf(double x, double width)
{
    return gsl_cdf_flat_P(x, 0, width);
}

static double gamma_cdf(double x, double shape)
{
    return gsl_cdf_gamma_P(x, shape, 1);
}

/* p-value of counts that should all be equal. */
static double chi_square_p(const int *counts, size_t bins, double expected)
{
    double sum = 0;
    for (size_t i = 0; i < bins; i++)
        sum += (counts[i] - expected) * (counts[i] - expected) / expected;
    return gsl_cdf_chisq_Q(sum, (double)bins - 1);
}

static void check_layers(const struct sim_variate_table_layer *layers, const double *heights,
                         long double (*density)(long double x), double tail, long double tail_area)
{
    long double area = layers[0].scale * 0x1p53L * density(tail);
    ck_assert(layers[0].inner == tail);
    ck_assert_double_lt((double)fabsl((tail * density(tail) + tail_area) / area - 1), 1e-15);
    for (int i = 1; i < SIM_VARIATE_TABLE_LAYERS; i++) {
        long double edge = layers[i].scale * 0x1p53L;
        ck_assert(edge == layers[i - 1].inner);
        ck_assert(heights[i] == (double)density(edge) || fabs(heights[i] / (double)density(edge) - 1) < 1e-15);
        ck_assert_double_lt((double)fabsl(edge * (density(layers[i].inner) - density(edge)) / area - 1), 2e-13);
    }
    ck_assert(layers[SIM_VARIATE_TABLE_LAYERS - 1].inner == 0);
    ck_assert(heights[SIM_VARIATE_TABLE_LAYERS] == 1);
}

static long double exponential_density(long double x)
{
    return expl(-x);
}

static long double normal_density(long double x)
{
    return expl(-x * x / 2);
}

START_TEST(layers_have_equal_areas)
{
    check_layers(sim_variate_table_exponential, sim_variate_table_exponential_heights, exponential_density,
                 SIM_VARIATE_TABLE_EXPONENTIAL_TAIL, expl(-(long double)SIM_VARIATE_TABLE_EXPONENTIAL_TAIL));
    long double normal_tail = sqrtl(acosl(-1) / 2) * erfcl(SIM_VARIATE_TABLE_NORMAL_TAIL / sqrtl(2));
    check_layers(sim_variate_table_normal, sim_variate_table_normal_heights, normal_density,
                 SIM_VARIATE_TABLE_NORMAL_TAIL, normal_tail);
}
END_TEST

START_TEST(uniforms_reach_exactly_their_ends)
{
    ck_assert(sim_variate_uniform_word(0) == 0);
    ck_assert(sim_variate_uniform_word(UINT64_MAX) == 1 - 0x1p-53);
    ck_assert(sim_variate_open_word(0) == 0x1p-53);
    ck_assert(sim_variate_open_word(UINT64_MAX) == 1 - 0x1p-53);
}
END_TEST

START_TEST(uniform_is_uniform)
{
    struct sim_random stream;
    sim_random_init(&stream, SEED, 0, 0, 0, 0);
    double *draws = new_draws(DRAWS);
    for (int i = 0; i < DRAWS; i++)
        draws[i] = i % 2 ? sim_variate_uniform(&stream) : sim_variate_open(&stream);
    ck_assert_double_lt(kolmogorov_smirnov(draws, DRAWS, uniform_cdf, 1), KOLMOGOROV_CRITICAL);
    free(draws);
}
END_TEST

START_TEST(integers_below_are_equally_likely)
{
    static const uint64_t limits[] = {1, 2, 3, 7, 10, 100};
    struct sim_random stream;
    sim_random_init(&stream, SEED, 1, 0, 0, 0);
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        int counts[100] = {0};
        for (int draw = 0; draw < 100000; draw++) {
            uint64_t value = sim_variate_below(&stream, limits[i]);
            ck_assert_uint_lt(value, limits[i]);
            counts[value]++;
        }
        if (limits[i] > 1)
            ck_assert_double_gt(chi_square_p(counts, limits[i], 100000.0 / (double)limits[i]), SIGNIFICANCE);
    }
}
END_TEST

/* With limit 3 * 2^62 one word in four has no partner; taken as it is, thirds would get shares 1/2, 1/4, 1/4. */
START_TEST(integers_below_a_large_limit_have_no_bias)
{
    struct sim_random stream;
    sim_random_init(&stream, SEED, 2, 0, 0, 0);
    int counts[3] = {0};
    int parity[2] = {0};
    for (int draw = 0; draw < 300000; draw++) {
        uint64_t value = sim_variate_below(&stream, (uint64_t)3 << 62);
        counts[value >> 62]++;
        parity[value % 3 == 0]++;
    }
    ck_assert_double_gt(chi_square_p(counts, 3, 100000), SIGNIFICANCE);
    /* 3 * 2^62 is a multiple of 3, so a third of the values is one too; binomial. */
    ck_assert_double_lt(fabs(parity[1] - 100000.0), 4 * sqrt(300000 * 2.0 / 9));
    ck_assert_uint_eq(sim_variate_below(&stream, 1), 0);
}
END_TEST

START_TEST(exponential_is_exponential)
{
    struct sim_random stream;
    sim_random_init(&stream, SEED, 3, 0, 0, 0);
    double *draws = new_draws(DRAWS);
    double sums[4] = {0};
    for (int i = 0; i < DRAWS; i++) {
        draws[i] = sim_variate_exponential(&stream);
        ck_assert_double_ge(draws[i], 0);
        for (int k = 0; k < 4; k++)
            sums[k] += pow(draws[i], k + 1);
    }
    /* E[X^k] = k!, its variance (2k)! - k!^2. */
    static const double factorials[] = {1, 1, 2, 6, 24, 120, 720, 5040, 40320};
    for (int k = 1; k <= 4; k++) {
        double deviation = sqrt((factorials[2 * k] - factorials[k] * factorials[k]) / DRAWS);
        ck_assert_double_lt(fabs(sums[k - 1] / DRAWS - factorials[k]), 5 * deviation);
    }
    ck_assert_double_lt(kolmogorov_smirnov(draws, DRAWS, exponential_cdf, 1), KOLMOGOROV_CRITICAL);
    free(draws);
}
END_TEST

START_TEST(normal_is_normal)
{
    struct sim_random stream;
    sim_random_init(&stream, SEED, 4, 0, 0, 0);
    double *draws = new_draws(DRAWS);
    double sums[4] = {0};
    for (int i = 0; i < DRAWS; i++) {
        draws[i] = sim_variate_normal(&stream);
        for (int k = 0; k < 4; k++)
            sums[k] += pow(draws[i], k + 1);
    }
    static const double moments[] = {0, 1, 0, 3};
    static const double variances[] = {1, 2, 15, 96};
    for (int k = 0; k < 4; k++)
        ck_assert_double_lt(fabs(sums[k] / DRAWS - moments[k]), 5 * sqrt(variances[k] / DRAWS));
    ck_assert_double_lt(kolmogorov_smirnov(draws, DRAWS, normal_cdf, 1), KOLMOGOROV_CRITICAL);
    free(draws);
}
END_TEST

/* Bins of equal probability, finer than the layers: a wrong entry of a table empties or fills some. */
START_TEST(every_layer_gets_its_share)
{
    enum {
        BINS = 1024,
        PER_BIN = 4000
    };
    static int exponential[BINS];
    static int normal[BINS];
    struct sim_random stream;
    sim_random_init(&stream, SEED, 5, 0, 0, 0);
    for (int i = 0; i < BINS * PER_BIN; i++) {
        double survival = sim_exp(-sim_variate_exponential(&stream));
        exponential[(int)fmin(survival * BINS, BINS - 1)]++;
        double below = erfc(-sim_variate_normal(&stream) / M_SQRT2) / 2;
        normal[(int)fmin(below * BINS, BINS - 1)]++;
    }
    ck_assert_double_gt(chi_square_p(exponential, BINS, PER_BIN), SIGNIFICANCE);
    ck_assert_double_gt(chi_square_p(normal, BINS, PER_BIN), SIGNIFICANCE);
}
END_TEST

/* What lies beyond the last edge: as often as it should, and with the right law. */
START_TEST(exponential_tail_is_reached_and_right)
{
    enum {
        TRIES = 20000000
    };
    struct sim_random stream;
    sim_random_init(&stream, SEED, 6, 0, 0, 0);
    double *beyond = new_draws(TRIES / 100);
    size_t count = 0;
    for (int i = 0; i < TRIES; i++) {
        double x = sim_variate_exponential(&stream);
        if (x > SIM_VARIATE_TABLE_EXPONENTIAL_TAIL)
            beyond[count++] = x - SIM_VARIATE_TABLE_EXPONENTIAL_TAIL;
    }
    double expected = TRIES * exp(-SIM_VARIATE_TABLE_EXPONENTIAL_TAIL); /* about 2,270 */
    ck_assert_double_lt(fabs((double)count - expected), 4.5 * sqrt(expected));
    ck_assert_double_lt(kolmogorov_smirnov(beyond, count, exponential_cdf, 1), KOLMOGOROV_CRITICAL);
    free(beyond);
}
END_TEST

static double normal_tail_cdf(double x, double edge)
{
    return 1 - gsl_cdf_ugaussian_Q(x) / gsl_cdf_ugaussian_Q(edge);
}

START_TEST(normal_tails_are_reached_and_right)
{
    enum {
        TRIES = 20000000
    };
    struct sim_random stream;
    sim_random_init(&stream, SEED, 7, 0, 0, 0);
    double *beyond = new_draws(TRIES / 100);
    size_t count = 0;
    int above = 0;
    for (int i = 0; i < TRIES; i++) {
        double x = sim_variate_normal(&stream);
        if (fabs(x) > SIM_VARIATE_TABLE_NORMAL_TAIL) {
            beyond[count++] = fabs(x);
            above += x > 0;
        }
    }
    double expected = TRIES * 2 * gsl_cdf_ugaussian_Q(SIM_VARIATE_TABLE_NORMAL_TAIL); /* about 1,290 */
    ck_assert_double_lt(fabs((double)count - expected), 4.5 * sqrt(expected));
    ck_assert_double_lt(fabs(above - (double)count / 2), 4.5 * sqrt((double)count) / 2);
    ck_assert_double_lt(kolmogorov_smirnov(beyond, count, normal_tail_cdf, SIM_VARIATE_TABLE_NORMAL_TAIL),
                        KOLMOGOROV_CRITICAL);
    free(beyond);
}
END_TEST

static const double shapes[] = {0.05, 0.5, 0.99, 1, 2.5, 100, 1e4};

START_TEST(gamma_is_gamma)
{
    double parameter = shapes[_i];
    struct sim_variate_gamma_shape shape = sim_variate_gamma_shape(parameter);
    struct sim_random stream;
    sim_random_init(&stream, SEED, 8, 0, 0, (uint64_t)_i);
    double *draws = new_draws(GAMMA_DRAWS);
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < GAMMA_DRAWS; i++) {
        draws[i] = sim_variate_gamma(&stream, &shape);
        sum += draws[i] - parameter;
        squares += (draws[i] - parameter) * (draws[i] - parameter);
    }
    /* Mean and variance are the shape a; the fourth central moment is 3 a^2 + 6 a. */
    ck_assert_double_lt(fabs(sum / GAMMA_DRAWS), 5 * sqrt(parameter / GAMMA_DRAWS));
    ck_assert_double_lt(fabs(squares / GAMMA_DRAWS - parameter),
                        5 * sqrt((2 * parameter * parameter + 6 * parameter) / GAMMA_DRAWS));
    ck_assert_double_lt(kolmogorov_smirnov(draws, GAMMA_DRAWS, gamma_cdf, parameter), KOLMOGOROV_CRITICAL);
    free(draws);
}
END_TEST

START_TEST(word_form_is_the_stream_form)
{
    struct sim_random one;
    struct sim_random other;
    sim_random_init(&one, SEED, 9, 0, 0, 0);
    other = one;
    struct sim_variate_gamma_shape shape = sim_variate_gamma_shape(0.7);
    for (int i = 0; i < 100000; i++) {
        uint64_t word = sim_random_next(&other);
        ck_assert(sim_variate_exponential(&one) == sim_variate_exponential_word(word, &other));
        word = sim_random_next(&other);
        ck_assert(sim_variate_normal(&one) == sim_variate_normal_word(word, &other));
        word = sim_random_next(&other);
        ck_assert(sim_variate_below(&one, (uint64_t)3 << 62) ==
                  sim_variate_below_word(word, &other, (uint64_t)3 << 62));
        word = sim_random_next(&other);
        ck_assert(sim_variate_gamma(&one, &shape) == sim_variate_gamma_word(word, &other, &shape));
    }
}
END_TEST

/* Share of words that fall outside the inner rectangle of their layer. */
static double rejected_share(const struct sim_variate_table_layer *layers)
{
    double share = 0;
    for (int i = 0; i < SIM_VARIATE_TABLE_LAYERS; i++)
        share += (1 - layers[i].inner / (layers[i].scale * 0x1p53)) / SIM_VARIATE_TABLE_LAYERS;
    return share;
}

/* How many of a number of words did not suffice for a draw. */
static int count_rejected(double (*draw)(uint64_t word, struct sim_random *stream), int words, uint32_t purpose)
{
    struct sim_random source;
    sim_random_init(&source, SEED, 10, purpose, 0, 0);
    int rejected = 0;
    for (int i = 0; i < words; i++) {
        struct sim_random spare;
        sim_random_init(&spare, SEED, 11, purpose, 0, (uint64_t)i);
        draw(sim_random_next(&source), &spare);
        rejected += spare.counter[SIM_RANDOM_BLOCK] > 0;
    }
    return rejected;
}

/* The promise behind the batch path. */
START_TEST(one_word_is_nearly_always_enough)
{
    const int words = 400000;
    double exponential = rejected_share(sim_variate_table_exponential);
    double normal = rejected_share(sim_variate_table_normal);
    ck_assert_double_lt(exponential, 0.0225);
    ck_assert_double_lt(normal, 0.0155);
    ck_assert_double_lt(fabs(count_rejected(sim_variate_exponential_word, words, 1) - words * exponential),
                        4.5 * sqrt(words * exponential));
    ck_assert_double_lt(fabs(count_rejected(sim_variate_normal_word, words, 2) - words * normal),
                        4.5 * sqrt(words * normal));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("variate");
    TCase *cases = tcase_create("variate");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, layers_have_equal_areas);
    tcase_add_test(cases, uniforms_reach_exactly_their_ends);
    tcase_add_test(cases, uniform_is_uniform);
    tcase_add_test(cases, integers_below_are_equally_likely);
    tcase_add_test(cases, integers_below_a_large_limit_have_no_bias);
    tcase_add_test(cases, exponential_is_exponential);
    tcase_add_test(cases, normal_is_normal);
    tcase_add_test(cases, every_layer_gets_its_share);
    tcase_add_test(cases, exponential_tail_is_reached_and_right);
    tcase_add_test(cases, normal_tails_are_reached_and_right);
    tcase_add_loop_test(cases, gamma_is_gamma, 0, (int)(sizeof shapes / sizeof shapes[0]));
    tcase_add_test(cases, word_form_is_the_stream_form);
    tcase_add_test(cases, one_word_is_nearly_always_enough);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
