/* test_fit_distribution.c - does fitting find what the values were drawn from, and are its intervals and p-values what
 * their names say?
 *
 * Trials are independent, so what they find is binomial: a claim fails where its count would be met with a probability
 * below 0.001 if it were true. Seeds are fixed. With CAPSIM_TEST_EFFORT=long 2,000 trials a parameter.
 */
#include <check.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/fit_distribution.h"
#include "sim/random.h"
#include "tests/effort.h"

enum {
    VALUES_MAX = 20000
};

static double values[VALUES_MAX];

static struct sim_distribution lognormal(double mean, double cv)
{
    struct sim_distribution distribution;
    ck_assert_int_eq(sim_distribution_lognormal(&distribution, mean, cv, NULL), SIM_OK);
    return distribution;
}

static struct sim_distribution gamma_of(double mean, double cv)
{
    struct sim_distribution distribution;
    ck_assert_int_eq(sim_distribution_gamma(&distribution, mean, cv, NULL), SIM_OK);
    return distribution;
}

static struct sim_distribution weibull(double mean, double cv)
{
    struct sim_distribution distribution;
    ck_assert_int_eq(sim_distribution_weibull(&distribution, mean, cv, NULL), SIM_OK);
    return distribution;
}

static struct sim_distribution mixture(struct sim_arena *arena)
{
    const struct sim_distribution parts[] = {lognormal(2, 0.2), lognormal(20, 0.3)};
    const double shares[] = {0.7, 0.3};
    struct sim_distribution distribution;
    ck_assert_int_eq(sim_distribution_mixture(&distribution, arena, shares, parts, 2, NULL), SIM_OK);
    return distribution;
}

/* Draws `count` values and fits them. Purpose 1 of the seed, so that no stream is that of a bootstrap. */
static struct fit_distribution trial(const struct sim_distribution *truth, size_t count,
                                     enum fit_distribution_family family, unsigned bootstraps, uint64_t seed,
                                     unsigned number, struct sim_arena *arena)
{
    struct sim_random stream;
    struct fit_distribution fit;
    struct sim_error error = {0};
    sim_random_init(&stream, seed, number, 1, 0, 0);
    for (size_t i = 0; i < count; i++)
        values[i] = sim_distribution_sample(truth, &stream);
    struct fit_distribution_request request = {
        .values = values, .count = count, .family = family, .bootstraps = bootstraps, .seed = seed * 100000 + number};
    enum sim_status status = fit_distribution(&request, arena, &fit, &error);
    ck_assert_msg(status == SIM_OK, "seed %llu, trial %u: %s", (unsigned long long)seed, number, error.message);
    return fit;
}

/* `hits` of `trials` must not be too few or too many for a probability. */
static void assert_binomial(const char *what, unsigned hits, unsigned trials, double probability, uint64_t seed)
{
    double few = gsl_cdf_binomial_P(hits, probability, trials);
    double many = hits > 0 ? gsl_cdf_binomial_Q(hits - 1, probability, trials) : 1;
    if (getenv("CAPSIM_SHOW"))
        printf("  %s: %u of %u, %.2f %% (expected %.0f %%)\n", what, hits, trials, 100.0 * hits / trials,
               100 * probability);
    ck_assert_msg(few > 0.0005 && many > 0.0005, "%s, seed %llu: %u of %u, expected %.0f %%", what,
                  (unsigned long long)seed, hits, trials, 100 * probability);
}

static void assert_covers(const char *name, const struct sim_distribution *truth, enum fit_distribution_family family,
                          size_t count, const double *expected, size_t parameter_count, unsigned trials,
                          unsigned bootstraps, uint64_t seed)
{
    unsigned hits[FIT_DISTRIBUTION_PARAMETERS_MAX] = {0};
    for (unsigned t = 0; t < trials; t++) {
        struct sim_arena *arena = sim_arena_create();
        struct fit_distribution fit = trial(truth, count, family, bootstraps, seed, t, arena);
        ck_assert_uint_eq(fit.parameter_count, parameter_count);
        for (size_t i = 0; i < parameter_count; i++)
            hits[i] += fit.parameters[i].low <= expected[i] && expected[i] <= fit.parameters[i].high;
        sim_arena_destroy(arena);
    }
    for (size_t i = 0; i < parameter_count; i++) {
        char what[80];
        snprintf(what, sizeof what, "%s of %zu values, parameter %zu", name, count, i);
        assert_binomial(what, hits[i], trials, 0.95, seed);
    }
}

START_TEST(intervals_hold_the_truth_in_95_percent)
{
    const double cvs[] = {0.3, 1};
    const size_t counts[] = {30, 200};
    unsigned trials = test_effort(100, 300, 2000);
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 2; j++) {
            const double expected[] = {5, cvs[i]};
            struct sim_distribution truth = lognormal(5, cvs[i]);
            assert_covers("lognormal", &truth, FIT_DISTRIBUTION_LOGNORMAL, counts[j], expected, 2, trials, 1, 11);
            truth = gamma_of(5, cvs[i]);
            assert_covers("gamma", &truth, FIT_DISTRIBUTION_GAMMA, counts[j], expected, 2, trials, 1, 12);
            truth = weibull(5, cvs[i]);
            assert_covers("weibull", &truth, FIT_DISTRIBUTION_WEIBULL, counts[j], expected, 2, trials, 1, 13);
        }
}
END_TEST

/* Percentile intervals are right only where the values are many. */
START_TEST(intervals_of_a_mixture_hold_the_truth)
{
    const double expected[] = {7.4, 0.7, 2, 0.2, 20, 0.3};
    struct sim_arena *arena = sim_arena_create();
    struct sim_distribution truth = mixture(arena);
    assert_covers("mixture", &truth, FIT_DISTRIBUTION_MIXTURE, 600, expected, 6, test_effort(20, 40, 2000), 199, 14);
    sim_arena_destroy(arena);
}
END_TEST

START_TEST(the_mean_of_an_empirical_one_is_covered)
{
    const double expected[] = {5, 0.5};
    struct sim_distribution truth = gamma_of(5, 0.5);
    assert_covers("empirical", &truth, FIT_DISTRIBUTION_EMPIRICAL, 800, expected, 2, test_effort(60, 100, 2000), 399,
                  15);
}
END_TEST

static void assert_chosen(enum fit_distribution_family family, const struct sim_distribution *truth, size_t count,
                          uint64_t seed)
{
    unsigned trials = 100, hits = 0;
    for (unsigned t = 0; t < trials; t++) {
        struct sim_arena *arena = sim_arena_create();
        hits += trial(truth, count, FIT_DISTRIBUTION_CHOOSE, 1, seed, t, arena).best == family;
        sim_arena_destroy(arena);
    }
    if (getenv("CAPSIM_SHOW"))
        printf("  %s chosen in %u of %u\n", fit_distribution_name(family), hits, trials);
    ck_assert_msg(hits >= 97, "%s, seed %llu: %u of %u", fit_distribution_name(family), (unsigned long long)seed, hits,
                  trials);
}

START_TEST(clear_data_show_their_family)
{
    struct sim_arena *arena = sim_arena_create();
    struct sim_distribution truth = lognormal(3, 1);
    assert_chosen(FIT_DISTRIBUTION_LOGNORMAL, &truth, 400, 21);
    truth = gamma_of(3, 0.5);
    assert_chosen(FIT_DISTRIBUTION_GAMMA, &truth, 1500, 22);
    truth = weibull(3, 0.25);
    assert_chosen(FIT_DISTRIBUTION_WEIBULL, &truth, 400, 23);
    truth = mixture(arena);
    assert_chosen(FIT_DISTRIBUTION_MIXTURE, &truth, 200, 24);
    sim_arena_destroy(arena);
}
END_TEST

/* A few values that are close by chance are not a part of their own. */
START_TEST(one_family_is_not_called_two)
{
    struct sim_distribution truths[] = {lognormal(30, 0.4), gamma_of(30, 0.4), weibull(30, 0.4)};
    unsigned mixtures = 0, trials = test_effort(50, 100, 2000);
    struct sim_arena *arena = sim_arena_create();
    for (size_t i = 0; i < 3; i++)
        for (unsigned t = 0; t < trials; t++)
            mixtures +=
                trial(&truths[i], 40, FIT_DISTRIBUTION_CHOOSE, 1, 25 + i, t, arena).best == FIT_DISTRIBUTION_MIXTURE;
    sim_arena_destroy(arena);
    ck_assert_msg(mixtures <= 3 * trials / 100, "%u of %u", mixtures, 3 * trials);
}
END_TEST

/* Twenty thousand values leave a standard error below 1 %. */
START_TEST(many_values_give_the_truth_back)
{
    struct sim_arena *arena = sim_arena_create();
    struct sim_distribution truths[] = {lognormal(60, 0.1), gamma_of(0.2, 1.5), weibull(1000, 0.7), mixture(arena)};
    for (size_t i = 0; i < 4; i++) {
        enum fit_distribution_family family = (enum fit_distribution_family)(FIT_DISTRIBUTION_LOGNORMAL + (int)i);
        struct fit_distribution fit = trial(&truths[i], VALUES_MAX, family, 1, 31, (unsigned)i, arena);
        double mean = sim_distribution_mean(&truths[i]), variance = sim_distribution_variance(&truths[i]);
        double error = sqrt(variance / VALUES_MAX) / mean;
        ck_assert_double_eq_tol(sim_distribution_mean(&fit.distribution) / mean, 1, 4 * error);
        ck_assert_double_eq_tol(sim_distribution_variance(&fit.distribution) / variance, 1, 0.08);
        ck_assert(fit.distance < 0.02);
    }
    sim_arena_destroy(arena);
}
END_TEST

/* With 99 bootstrap samples a p-value is one of 0.01, 0.02, ... 1, each as likely: ten bins of ten. */
static void assert_uniform(const char *name, const struct sim_distribution *truth, enum fit_distribution_family family,
                           size_t count, uint64_t seed)
{
    unsigned trials = test_effort(50, 100, 2000);
    unsigned bins[10] = {0}, rejected = 0;
    for (unsigned t = 0; t < trials; t++) {
        struct sim_arena *arena = sim_arena_create();
        double p = trial(truth, count, family, 99, seed, t, arena).p_value;
        bins[(int)(p * 100 - 0.5) / 10]++;
        rejected += p < 0.055;
        sim_arena_destroy(arena);
    }
    double chi_square = 0, each = trials / 10.0;
    for (int i = 0; i < 10; i++)
        chi_square += (bins[i] - each) * (bins[i] - each) / each;
    double p = gsl_cdf_chisq_Q(chi_square, 9);
    ck_assert_msg(p > 0.001, "%s, seed %llu: p-values are not uniform (chi-square %.1f)", name,
                  (unsigned long long)seed, chi_square);
    assert_binomial(name, rejected, trials, 0.05, seed);
}

START_TEST(p_values_are_uniform_where_the_family_is_right)
{
    struct sim_arena *arena = sim_arena_create();
    struct sim_distribution truth = lognormal(5, 0.7);
    assert_uniform("p of lognormal", &truth, FIT_DISTRIBUTION_LOGNORMAL, 25, 41);
    truth = gamma_of(5, 0.7);
    assert_uniform("p of gamma", &truth, FIT_DISTRIBUTION_GAMMA, 25, 42);
    truth = weibull(5, 0.7);
    assert_uniform("p of weibull", &truth, FIT_DISTRIBUTION_WEIBULL, 25, 43);
    truth = mixture(arena);
    assert_uniform("p of mixture", &truth, FIT_DISTRIBUTION_MIXTURE, 80, 44);
    sim_arena_destroy(arena);
}
END_TEST

/* The test is made for this: a wrong family is noticed. */
START_TEST(a_wrong_family_is_rejected)
{
    struct sim_distribution truth = lognormal(5, 1);
    unsigned rejected = 0;
    for (unsigned t = 0; t < 50; t++)
        rejected += trial(&truth, 200, FIT_DISTRIBUTION_WEIBULL, 199, 51, t, NULL).p_value < 0.05;
    ck_assert_msg(rejected >= 48, "%u of 50", rejected);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fits of distributions");
    TCase *tests = tcase_create("fits of distributions");
    tcase_set_timeout(tests, 900);
    tcase_add_test(tests, intervals_hold_the_truth_in_95_percent);
    tcase_add_test(tests, intervals_of_a_mixture_hold_the_truth);
    tcase_add_test(tests, the_mean_of_an_empirical_one_is_covered);
    tcase_add_test(tests, clear_data_show_their_family);
    tcase_add_test(tests, one_family_is_not_called_two);
    tcase_add_test(tests, many_values_give_the_truth_back);
    tcase_add_test(tests, p_values_are_uniform_where_the_family_is_right);
    tcase_add_test(tests, a_wrong_family_is_rejected);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
