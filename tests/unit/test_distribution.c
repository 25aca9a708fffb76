/* test_distribution.c - every kind: moments against formulas and samples, laws against GSL, refusals. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "sim/distribution.h"
#include "sim/elementary.h"
#include "sim/state.h"

#define SEED 20
#define EXPECTED_LOW UINT64_C(0xb59b3f2569e614f9)
#define EXPECTED_HIGH UINT64_C(0xc87eddeb16839976)
#define DRAWS 400000

static struct sim_arena *arena;

static void setup(void)
{
    arena = sim_arena_create();
}

static void teardown(void)
{
    sim_arena_destroy(arena);
}

/* Constructors with two numbers, behind one type. */
typedef enum sim_status make_two(struct sim_distribution *distribution, double first, double second,
                                 struct sim_error *error);

static enum sim_status make_fixed(struct sim_distribution *distribution, double value, double unused,
                                  struct sim_error *error)
{
    (void)unused;
    return sim_distribution_fixed(distribution, value, error);
}

static enum sim_status make_exponential(struct sim_distribution *distribution, double mean, double unused,
                                        struct sim_error *error)
{
    (void)unused;
    return sim_distribution_exponential(distribution, mean, error);
}

static const double some_values[] = {3, 1, 4, 1, 5, 9, 2, 6};

static enum sim_status make_empirical(struct sim_distribution *distribution, double first, double unused,
                                      struct sim_error *error)
{
    (void)unused;
    static const double weights[] = {1, 2, 1, 0, 1, 0.5, 3, 0};
    return sim_distribution_empirical(distribution, arena, some_values, first > 0 ? weights : NULL, 8, error);
}

static enum sim_status make_mixture(struct sim_distribution *distribution, double share, double mean,
                                    struct sim_error *error)
{
    struct sim_distribution parts[3];
    ck_assert_int_eq(sim_distribution_exponential(&parts[0], mean, error), SIM_OK);
    ck_assert_int_eq(sim_distribution_uniform(&parts[1], 10, 20, error), SIM_OK);
    ck_assert_int_eq(make_empirical(&parts[2], 1, 0, error), SIM_OK);
    return sim_distribution_mixture(distribution, arena, (const double[]){share, 1, 2}, parts, 3, error);
}

/* Mean and variance were worked out apart from the program: the cv is the definition where there is one; the
 * truncated normal from its textbook formula with erfc in Python; empirical and mixture by hand as fractions.
 */
static const struct known {
    const char *name;
    make_two *make;
    double first, second;
    double mean, variance;
    double highest;
} cases_known[] = {
    {"fixed", make_fixed, 2.5, 0, 2.5, 0, 2.5},
    {"exponential", make_exponential, 3, 0, 3, 9, INFINITY},
    {"uniform", sim_distribution_uniform, 2, 5, 3.5, 0.75, 5},
    {"lognormal", sim_distribution_lognormal, 55, 0.3, 55, 272.25, INFINITY},
    {"lognormal wide", sim_distribution_lognormal, 2, 1, 2, 4, INFINITY},
    {"lognormal median", sim_distribution_lognormal_median, 1, 0.5, 1.1331484530668263, 0.3646958540123865, INFINITY},
    {"gamma", sim_distribution_gamma, 4, 0.5, 4, 4, INFINITY},
    {"gamma bursty", sim_distribution_gamma, 4, 2, 4, 64, INFINITY},
    {"weibull", sim_distribution_weibull, 10, 0.5, 10, 25, INFINITY},
    {"weibull exponential", sim_distribution_weibull, 10, 1, 10, 100, INFINITY},
    {"weibull bursty", sim_distribution_weibull, 10, 2, 10, 400, INFINITY},
    {"weibull narrow", sim_distribution_weibull, 10, 0.001, 10, 1e-4, INFINITY},
    {"normal", sim_distribution_normal, 10, 0.1, 10, 1, INFINITY},
    {"normal cut", sim_distribution_normal, 1, 1, 1.2875999709391783, 0.6296862857766055, INFINITY},
    {"empirical", make_empirical, 0, 0, 31 / 8.0, 173 / 8.0 - 961 / 64.0, 9},
    {"empirical weighted", make_empirical, 1, 0, 24.5 / 8.5, 104.5 / 8.5 - 24.5 * 24.5 / (8.5 * 8.5), 9},
    {"mixture", make_mixture, 2, 6, 0, 0, INFINITY},
};

static void make_known(struct sim_distribution *distribution, struct known *known, int i)
{
    struct sim_error error;
    *known = cases_known[i];
    ck_assert_msg(known->make(distribution, known->first, known->second, &error) == SIM_OK, "%s: %s", known->name,
                  error.message);
    if (known->make == make_mixture) {
        /* Shares 2/5, 1/5, 2/5 of (mean, second moment): (6, 72), (15, 700/3), (24.5/8.5, 104.5/8.5). */
        known->mean = (2 * 6 + 15 + 2 * 24.5 / 8.5) / 5;
        known->variance = (2 * 72 + 700.0 / 3 + 2 * 104.5 / 8.5) / 5 - known->mean * known->mean;
    }
}

START_TEST(moments_are_the_known_ones)
{
    struct sim_distribution distribution;
    struct known known;
    make_known(&distribution, &known, _i);
    double relative = known.make == sim_distribution_weibull ? 1e-7 : 1e-13;
    ck_assert_double_lt(fabs(sim_distribution_mean(&distribution) - known.mean), 1e-13 * known.mean);
    ck_assert_double_le(fabs(sim_distribution_variance(&distribution) - known.variance), relative * known.variance);
    ck_assert(sim_distribution_highest(&distribution) == known.highest);
    double lowest = isfinite(known.highest) ? sim_distribution_quantile(&distribution, 0) : 0;
    ck_assert(sim_distribution_lowest(&distribution) == lowest);
}
END_TEST

/* The spread of the sampled variance comes from the sampled fourth moment. */
START_TEST(samples_have_the_moments)
{
    struct sim_distribution distribution;
    struct known known;
    make_known(&distribution, &known, _i);
    struct sim_random stream;
    sim_random_init(&stream, SEED, 0, 0, 0, (uint64_t)_i);
    double sum = 0;
    double squares = 0;
    double fourths = 0;
    for (int i = 0; i < DRAWS; i++) {
        double draw = sim_distribution_sample(&distribution, &stream);
        ck_assert(draw >= sim_distribution_lowest(&distribution) && draw <= known.highest);
        double square = (draw - known.mean) * (draw - known.mean);
        sum += draw - known.mean;
        squares += square;
        fourths += square * square;
    }
    double spread = sqrt((fourths / DRAWS - known.variance * known.variance) / DRAWS);
    ck_assert_msg(fabs(sum / DRAWS) <= 5 * sqrt(known.variance / DRAWS) + 1e-12 * known.mean, "%s: mean", known.name);
    ck_assert_msg(fabs(squares / DRAWS - known.variance) <= 5 * spread + 1e-12, "%s: variance, seed %d", known.name,
                  SEED);
}
END_TEST

START_TEST(word_form_is_the_stream_form)
{
    struct sim_distribution distribution;
    struct known known;
    make_known(&distribution, &known, _i);
    struct sim_random one;
    sim_random_init(&one, SEED, 1, 0, 0, (uint64_t)_i);
    struct sim_random other = one;
    for (int i = 0; i < 20000; i++) {
        uint64_t word = sim_random_next(&other);
        double draw = sim_distribution_sample_word(&distribution, word, &other);
        ck_assert(sim_distribution_sample(&distribution, &one) == draw);
    }
    ck_assert_mem_eq(&one, &other, sizeof one);
}
END_TEST

START_TEST(equal_keys_equal_draws_other_keys_others)
{
    struct sim_distribution distribution;
    struct known known;
    make_known(&distribution, &known, _i);
    int equal = 0;
    for (uint64_t index = 0; index < 1000; index++) {
        struct sim_random one;
        struct sim_random same;
        struct sim_random next;
        sim_random_init(&one, SEED, 2, 3, 4, index);
        sim_random_init(&same, SEED, 2, 3, 4, index);
        sim_random_init(&next, SEED, 2, 3, 4, index + 1);
        double draw = sim_distribution_sample(&distribution, &one);
        ck_assert(draw == sim_distribution_sample(&distribution, &same));
        equal += draw == sim_distribution_sample(&distribution, &next);
    }
    if (known.variance > 0)
        ck_assert_int_lt(equal, 500);
}
END_TEST

/* Correlation of the draws of neighbouring indices: deviation 1 / sqrt(pairs). */
START_TEST(neighbours_are_not_correlated)
{
    enum {
        PAIRS = 100000
    };
    struct sim_distribution distribution;
    struct known known;
    make_known(&distribution, &known, _i);
    double before = 0;
    double sum = 0;
    for (uint64_t index = 0; index <= PAIRS; index++) {
        struct sim_random stream;
        sim_random_init(&stream, SEED, 3, 0, 0, index);
        double deviation = sim_distribution_sample(&distribution, &stream) - known.mean;
        sum += index ? before * deviation : 0;
        before = deviation;
    }
    ck_assert_double_le(fabs(sum), 5 * known.variance * sqrt(PAIRS));
}
END_TEST

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double lognormal_cdf(double x)
{
    return gsl_cdf_lognormal_P(x, log(55) - log(1.09) / 2, sqrt(log(1.09)));
}

/* Solved for with the gamma function of libm, so that the one of sim/elementary.h is checked too. */
static double weibull_shape;

static double weibull_cdf(double x)
{
    return gsl_cdf_weibull_P(x, 10 / tgamma(1 + 1 / weibull_shape), weibull_shape);
}

static double cut_normal_cdf(double x)
{
    return (gsl_cdf_ugaussian_P(x - 1) - gsl_cdf_ugaussian_P(-1)) / gsl_cdf_ugaussian_P(1);
}

static double gamma_cdf(double x)
{
    return gsl_cdf_gamma_P(x, 0.25, 16);
}

static void solve_weibull_shape(double cv)
{
    double low = 0.1;
    double high = 100;
    for (int i = 0; i < 200; i++) {
        weibull_shape = (low + high) / 2;
        double ratio = exp(lgamma(1 + 2 / weibull_shape) - 2 * lgamma(1 + 1 / weibull_shape));
        if (ratio > 1 + cv * cv)
            low = weibull_shape;
        else
            high = weibull_shape;
    }
}

static const struct law {
    make_two *make;
    double first, second;
    double (*cdf)(double x);
} laws[] = {
    {sim_distribution_lognormal, 55, 0.3, lognormal_cdf},
    {sim_distribution_weibull, 10, 0.5, weibull_cdf},
    {sim_distribution_normal, 1, 1, cut_normal_cdf},
    {sim_distribution_gamma, 4, 2, gamma_cdf},
};

/* Kolmogorov-Smirnov at a significance of 1e-4. */
START_TEST(samples_follow_the_law)
{
    solve_weibull_shape(0.5);
    struct sim_distribution distribution;
    ck_assert_int_eq(laws[_i].make(&distribution, laws[_i].first, laws[_i].second, NULL), SIM_OK);
    struct sim_random stream;
    sim_random_init(&stream, SEED, 4, 0, 0, (uint64_t)_i);
    static double draws[DRAWS];
    for (int i = 0; i < DRAWS; i++)
        draws[i] = sim_distribution_sample(&distribution, &stream);
    qsort(draws, DRAWS, sizeof draws[0], compare);
    double worst = 0;
    for (int i = 0; i < DRAWS; i++) {
        double expected = laws[_i].cdf(draws[i]);
        worst = fmax(worst, fmax((i + 1.0) / DRAWS - expected, expected - (double)i / DRAWS));
    }
    ck_assert_double_lt(worst * sqrt(DRAWS), 2.2253);
}
END_TEST

START_TEST(quantiles_invert_the_law)
{
    solve_weibull_shape(0.5);
    for (int law = 0; law < 3; law++) {
        struct sim_distribution distribution;
        ck_assert_int_eq(laws[law].make(&distribution, laws[law].first, laws[law].second, NULL), SIM_OK);
        for (double p = 0.001; p < 1; p += 0.001)
            ck_assert_double_lt(fabs(laws[law].cdf(sim_distribution_quantile(&distribution, p)) - p), 1e-11);
        ck_assert(sim_distribution_quantile(&distribution, 0) <= 1e-12);
        ck_assert(sim_distribution_quantile(&distribution, 1) == INFINITY);
    }
}
END_TEST

START_TEST(quantiles_of_the_simple_kinds)
{
    struct sim_distribution d;
    ck_assert_int_eq(sim_distribution_exponential(&d, 2, NULL), SIM_OK);
    ck_assert_double_lt(fabs(sim_distribution_quantile(&d, 0.5) - 2 * M_LN2), 1e-15);
    ck_assert_int_eq(sim_distribution_uniform(&d, 2, 4, NULL), SIM_OK);
    ck_assert(sim_distribution_quantile(&d, 0.25) == 2.5);
    ck_assert_int_eq(sim_distribution_fixed(&d, 7, NULL), SIM_OK);
    ck_assert(sim_distribution_quantile(&d, 0.99) == 7);
    ck_assert_int_eq(make_empirical(&d, 0, 0, NULL), SIM_OK); /* 1 1 2 3 4 5 6 9 */
    ck_assert(sim_distribution_quantile(&d, 0) == 1);
    ck_assert(sim_distribution_quantile(&d, 0.3) == 2);
    ck_assert(sim_distribution_quantile(&d, 0.5) == 3);
    ck_assert(sim_distribution_quantile(&d, 0.95) == 9);
    ck_assert_int_eq(sim_distribution_gamma(&d, 1, 2, NULL), SIM_OK);
    ck_assert(isnan(sim_distribution_quantile(&d, 0.5)));
}
END_TEST

/* The input may go away: the distribution keeps copies. */
START_TEST(tables_are_copied)
{
    double values[] = {5, 4};
    struct sim_distribution parts[2];
    ck_assert_int_eq(sim_distribution_empirical(&parts[0], arena, values, NULL, 2, NULL), SIM_OK);
    ck_assert_int_eq(sim_distribution_fixed(&parts[1], 2, NULL), SIM_OK);
    struct sim_distribution mixture;
    ck_assert_int_eq(sim_distribution_mixture(&mixture, arena, (const double[]){1, 1}, parts, 2, NULL), SIM_OK);
    memset(values, 0, sizeof values);
    memset(parts, 0, sizeof parts);
    struct sim_distribution copy = mixture;
    ck_assert(sim_distribution_mean(&copy) == 3.25);
    ck_assert(sim_distribution_highest(&copy) == 5);
}
END_TEST

START_TEST(no_spread_means_fixed)
{
    static make_two *const makers[] = {sim_distribution_lognormal, sim_distribution_lognormal_median,
                                       sim_distribution_gamma, sim_distribution_weibull, sim_distribution_normal};
    struct sim_distribution d;
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
        ck_assert_int_eq(makers[i](&d, 3, 0, NULL), SIM_OK);
        ck_assert_int_eq(d.kind, SIM_DISTRIBUTION_FIXED);
        ck_assert(d.of.fixed.value == 3);
    }
    ck_assert_int_eq(sim_distribution_uniform(&d, 3, 3, NULL), SIM_OK);
    ck_assert_int_eq(d.kind, SIM_DISTRIBUTION_FIXED);
}
END_TEST

static const struct refusal {
    make_two *make;
    double first, second;
    const char *message;
} refusals[] = {
    {make_fixed, -1, 0, "value is -1, expected 0 to 1e+100"},
    {make_fixed, NAN, 0, "value is nan, expected 0 to 1e+100"},
    {make_exponential, 0, 0, "mean is 0, expected more than 0 and at most 1e+100"},
    {make_exponential, INFINITY, 0, "mean is inf, expected more than 0 and at most 1e+100"},
    {sim_distribution_uniform, -1, 3, "low is -1, expected 0 to 1e+100"},
    {sim_distribution_uniform, 4, 3, "high is 3, expected 4 to 1e+100"},
    {sim_distribution_lognormal, 1, -0.1, "cv is -0.1, expected 0 to 100"},
    {sim_distribution_lognormal, 1, NAN, "cv is nan, expected 0 to 100"},
    {sim_distribution_lognormal, -1, 1, "mean is -1, expected more than 0 and at most 1e+100"},
    {sim_distribution_lognormal_median, 0, 1, "median is 0, expected more than 0 and at most 1e+100"},
    {sim_distribution_lognormal_median, 1, 11, "sigma is 11, expected 0 to 10"},
    {sim_distribution_gamma, 1, 101, "cv is 101, expected 0 or 0.001 to 100"},
    {sim_distribution_gamma, 1, 1e-4, "cv is 0.0001, expected 0 or 0.001 to 100"},
    {sim_distribution_weibull, 1, 1e-4, "cv is 0.0001, expected 0 or 0.001 to 100"},
    {sim_distribution_normal, 0, 1, "mean is 0, expected more than 0 and at most 1e+100"},
};

START_TEST(bad_numbers_are_refused)
{
    struct sim_distribution distribution;
    struct sim_error error;
    const struct refusal *refusal = &refusals[_i];
    ck_assert_int_eq(refusal->make(&distribution, refusal->first, refusal->second, &error), SIM_BAD_INPUT);
    ck_assert_str_eq(error.message, refusal->message);
}
END_TEST

START_TEST(bad_tables_are_refused)
{
    struct sim_distribution d;
    struct sim_error error;
    ck_assert_int_eq(sim_distribution_empirical(&d, arena, some_values, NULL, 0, &error), SIM_BAD_INPUT);
    ck_assert_str_eq(error.message, "found no values, expected at least 1");
    ck_assert_int_eq(sim_distribution_empirical(&d, arena, (const double[]){1, -3}, NULL, 2, &error), SIM_BAD_INPUT);
    ck_assert_str_eq(error.message, "value is -3, expected 0 to 1e+100");
    const double negative[] = {1, -1};
    ck_assert_int_eq(sim_distribution_empirical(&d, arena, some_values, negative, 2, &error), SIM_BAD_INPUT);
    ck_assert_int_eq(sim_distribution_mixture(&d, arena, negative, &d, 2, &error), SIM_BAD_INPUT);
    ck_assert_int_eq(sim_distribution_mixture(&d, arena, negative, &d, 0, &error), SIM_BAD_INPUT);
}
END_TEST

/* A fingerprint of draws of all kinds. It is what one machine computed, and every machine, compiler and setting of the
 * optimiser has to compute the same; a change that is meant to alter draws alters it too.
 */
START_TEST(draws_have_the_same_bits_everywhere)
{
    struct sim_digest digest;
    sim_digest_init(&digest);
    struct sim_random stream;
    sim_random_init(&stream, SEED, 5, 0, 0, 0);
    for (int i = 0; i < (int)(sizeof cases_known / sizeof cases_known[0]); i++) {
        struct sim_distribution distribution;
        struct known known;
        make_known(&distribution, &known, i);
        sim_digest_add(&digest, sim_elementary_bits(sim_distribution_variance(&distribution)));
        for (int draw = 0; draw < 20000; draw++)
            sim_digest_add(&digest, sim_elementary_bits(sim_distribution_sample(&distribution, &stream)));
    }
    ck_assert_msg(digest.low == EXPECTED_LOW && digest.high == EXPECTED_HIGH, "digest %016lx %016lx",
                  (unsigned long)digest.low, (unsigned long)digest.high);
}
END_TEST

int main(void)
{
    const int known = sizeof cases_known / sizeof cases_known[0];
    Suite *suite = suite_create("distribution");
    TCase *cases = tcase_create("distribution");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, moments_are_the_known_ones, 0, known);
    tcase_add_loop_test(cases, samples_have_the_moments, 0, known);
    tcase_add_loop_test(cases, word_form_is_the_stream_form, 0, known);
    tcase_add_loop_test(cases, equal_keys_equal_draws_other_keys_others, 0, known);
    tcase_add_loop_test(cases, neighbours_are_not_correlated, 0, known);
    tcase_add_loop_test(cases, samples_follow_the_law, 0, sizeof laws / sizeof laws[0]);
    tcase_add_test(cases, quantiles_invert_the_law);
    tcase_add_test(cases, quantiles_of_the_simple_kinds);
    tcase_add_test(cases, tables_are_copied);
    tcase_add_test(cases, no_spread_means_fixed);
    tcase_add_loop_test(cases, bad_numbers_are_refused, 0, sizeof refusals / sizeof refusals[0]);
    tcase_add_test(cases, bad_tables_are_refused);
    tcase_add_test(cases, draws_have_the_same_bits_everywhere);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
