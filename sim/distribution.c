/* distribution.c - constructors and sampling; moments and quantiles are in distribution_moments.c. */
#include "sim/distribution.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/distribution_internal.h"
#include "sim/elementary.h"

#define VALUE_MAX 1e100
#define CV_MAX 100.0
#define CV_MIN_SOLVED 0.001
#define SIGMA_MAX 10.0

static enum sim_status check_range(const char *name, double value, double low, double high, struct sim_error *error)
{
    if (value >= low && value <= high)
        return SIM_OK;
    return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "%s is %g, expected %g to %g", name, value, low, high);
}

static enum sim_status check_positive(const char *name, double value, struct sim_error *error)
{
    if (value > 0 && value <= VALUE_MAX)
        return SIM_OK;
    return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "%s is %g, expected more than 0 and at most %g", name, value,
                         VALUE_MAX);
}

static enum sim_status check_mean_and_cv(double mean, double cv, double cv_min, struct sim_error *error)
{
    enum sim_status status = check_positive("mean", mean, error);
    if (status != SIM_OK || cv == 0)
        return status;
    if (cv >= cv_min && cv <= CV_MAX)
        return SIM_OK;
    if (cv_min == 0)
        return check_range("cv", cv, 0, CV_MAX, error);
    return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "cv is %g, expected 0 or %g to %g", cv, cv_min, CV_MAX);
}

enum sim_status sim_distribution_fixed(struct sim_distribution *distribution, double value, struct sim_error *error)
{
    *distribution = (struct sim_distribution){.kind = SIM_DISTRIBUTION_FIXED, .of.fixed.value = value};
    return check_range("value", value, 0, VALUE_MAX, error);
}

enum sim_status sim_distribution_exponential(struct sim_distribution *distribution, double mean,
                                             struct sim_error *error)
{
    *distribution = (struct sim_distribution){.kind = SIM_DISTRIBUTION_EXPONENTIAL, .of.exponential.mean = mean};
    return check_positive("mean", mean, error);
}

enum sim_status sim_distribution_uniform(struct sim_distribution *distribution, double low, double high,
                                         struct sim_error *error)
{
    enum sim_status status = check_range("low", low, 0, VALUE_MAX, error);
    if (status == SIM_OK)
        status = check_range("high", high, low, VALUE_MAX, error);
    if (status == SIM_OK && low == high)
        return sim_distribution_fixed(distribution, low, error);
    *distribution = (struct sim_distribution){.kind = SIM_DISTRIBUTION_UNIFORM, .of.uniform = {low, high - low}};
    return status;
}

/* sigma^2 = log(1 + cv^2), and the mean is e^(mu + sigma^2 / 2). */
enum sim_status sim_distribution_lognormal(struct sim_distribution *distribution, double mean, double cv,
                                           struct sim_error *error)
{
    enum sim_status status = check_mean_and_cv(mean, cv, 0, error);
    if (status != SIM_OK || cv == 0)
        return status == SIM_OK ? sim_distribution_fixed(distribution, mean, error) : status;
    double square = sim_log1p(cv * cv);
    *distribution = (struct sim_distribution){.kind = SIM_DISTRIBUTION_LOGNORMAL,
                                              .of.lognormal = {sim_log(mean) - square / 2, sqrt(square)}};
    return SIM_OK;
}

enum sim_status sim_distribution_lognormal_median(struct sim_distribution *distribution, double median, double sigma,
                                                  struct sim_error *error)
{
    enum sim_status status = check_positive("median", median, error);
    if (status == SIM_OK)
        status = check_range("sigma", sigma, 0, SIGMA_MAX, error);
    if (status == SIM_OK && sigma == 0)
        return sim_distribution_fixed(distribution, median, error);
    *distribution =
        (struct sim_distribution){.kind = SIM_DISTRIBUTION_LOGNORMAL, .of.lognormal = {sim_log(median), sigma}};
    return status;
}

enum sim_status sim_distribution_gamma(struct sim_distribution *distribution, double mean, double cv,
                                       struct sim_error *error)
{
    enum sim_status status = check_mean_and_cv(mean, cv, CV_MIN_SOLVED, error);
    if (status != SIM_OK || cv == 0)
        return status == SIM_OK ? sim_distribution_fixed(distribution, mean, error) : status;
    *distribution = (struct sim_distribution){.kind = SIM_DISTRIBUTION_GAMMA,
                                              .of.gamma = {sim_variate_gamma_shape(1 / (cv * cv)), mean * cv * cv}};
    return SIM_OK;
}

double sim_distribution_weibull_log_ratio(double inverse_shape)
{
    return sim_log_gamma(1 + 2 * inverse_shape) - 2 * sim_log_gamma(1 + inverse_shape);
}

/* The ratio above is 1 + cv^2; bisection ends when the interval has no double inside. At cv 100 the answer is 7.8. */
static double weibull_inverse_shape(double cv)
{
    double target = sim_log1p(cv * cv);
    double low = 0;
    double high = 16;
    for (;;) {
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high)
            return middle;
        if (sim_distribution_weibull_log_ratio(middle) < target)
            low = middle;
        else
            high = middle;
    }
}

enum sim_status sim_distribution_weibull(struct sim_distribution *distribution, double mean, double cv,
                                         struct sim_error *error)
{
    enum sim_status status = check_mean_and_cv(mean, cv, CV_MIN_SOLVED, error);
    if (status != SIM_OK || cv == 0)
        return status == SIM_OK ? sim_distribution_fixed(distribution, mean, error) : status;
    double inverse_shape = weibull_inverse_shape(cv);
    *distribution =
        (struct sim_distribution){.kind = SIM_DISTRIBUTION_WEIBULL,
                                  .of.weibull = {inverse_shape, mean * sim_exp(-sim_log_gamma(1 + inverse_shape))}};
    return SIM_OK;
}

enum sim_status sim_distribution_normal(struct sim_distribution *distribution, double mean, double cv,
                                        struct sim_error *error)
{
    enum sim_status status = check_mean_and_cv(mean, cv, 0, error);
    if (status != SIM_OK || cv == 0)
        return status == SIM_OK ? sim_distribution_fixed(distribution, mean, error) : status;
    *distribution = (struct sim_distribution){.kind = SIM_DISTRIBUTION_NORMAL, .of.normal = {mean, mean * cv}};
    return SIM_OK;
}

/* weights / sum, in the arena. The weights have passed sim_alias_init. */
static const double *shares_of(struct sim_arena *arena, const double *weights, size_t count)
{
    double *shares = sim_arena_allocate(arena, count, sizeof *shares);
    double total = 0;
    for (size_t i = 0; i < count; i++)
        total += weights[i];
    for (size_t i = 0; i < count; i++)
        shares[i] = weights[i] / total;
    return shares;
}

struct weighted_value {
    double value;
    double weight;
};

/* By value, then weight: equal pairs are alike, so the order does not depend on the sorting algorithm of a libc. */
static int compare_values(const void *left, const void *right)
{
    const struct weighted_value *a = left;
    const struct weighted_value *b = right;
    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    return (a->weight > b->weight) - (a->weight < b->weight);
}

/* Copies values and weights, in order of value, into two arrays. */
static void sort_values(double *sorted_values, double *sorted_weights, const double *values, const double *weights,
                        size_t count)
{
    struct weighted_value *pairs = sim_allocate(count, sizeof *pairs);
    for (size_t i = 0; i < count; i++)
        pairs[i] = (struct weighted_value){values[i], weights ? weights[i] : 1};
    qsort(pairs, count, sizeof *pairs, compare_values);
    for (size_t i = 0; i < count; i++) {
        sorted_values[i] = pairs[i].value;
        sorted_weights[i] = pairs[i].weight;
    }
    free(pairs);
}

enum sim_status sim_distribution_empirical(struct sim_distribution *distribution, struct sim_arena *arena,
                                           const double *values, const double *weights, size_t count,
                                           struct sim_error *error)
{
    if (count == 0)
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "found no values, expected at least 1");
    for (size_t i = 0; i < count; i++)
        if (check_range("value", values[i], 0, VALUE_MAX, error) != SIM_OK)
            return SIM_BAD_INPUT;
    double *sorted = sim_arena_allocate(arena, count, sizeof *sorted);
    double *sorted_weights = sim_allocate(count, sizeof *sorted_weights);
    sort_values(sorted, sorted_weights, values, weights, count);
    *distribution = (struct sim_distribution){.kind = SIM_DISTRIBUTION_EMPIRICAL,
                                              .of.empirical = {.values = sorted, .alias = {NULL, count}}};
    enum sim_status status = SIM_OK;
    if (weights)
        status = sim_alias_init(&distribution->of.empirical.alias, arena, sorted_weights, count, error);
    if (weights && status == SIM_OK)
        distribution->of.empirical.shares = shares_of(arena, sorted_weights, count);
    free(sorted_weights);
    return status;
}

enum sim_status sim_distribution_mixture(struct sim_distribution *distribution, struct sim_arena *arena,
                                         const double *shares, const struct sim_distribution *parts, size_t count,
                                         struct sim_error *error)
{
    struct sim_alias alias;
    enum sim_status status = sim_alias_init(&alias, arena, shares, count, error);
    if (status != SIM_OK)
        return status;
    struct sim_distribution *copies = sim_arena_allocate(arena, count, sizeof *copies);
    memcpy(copies, parts, count * sizeof *copies);
    *distribution = (struct sim_distribution){.kind = SIM_DISTRIBUTION_MIXTURE,
                                              .of.mixture = {copies, shares_of(arena, shares, count), alias}};
    return SIM_OK;
}

static double sample_normal(const struct sim_distribution *distribution, uint64_t word, struct sim_random *stream)
{
    for (;; word = sim_random_next(stream)) {
        double x =
            distribution->of.normal.mean + distribution->of.normal.deviation * sim_variate_normal_word(word, stream);
        if (x > 0)
            return x;
    }
}

static double sample_empirical(const struct sim_distribution *distribution, uint64_t word, struct sim_random *stream)
{
    const struct sim_alias *alias = &distribution->of.empirical.alias;
    uint64_t index = alias->entries ? sim_alias_draw(alias, word) : sim_variate_below_word(word, stream, alias->count);
    return distribution->of.empirical.values[index];
}

double sim_distribution_sample_otherwise(const struct sim_distribution *distribution, uint64_t word,
                                         struct sim_random *stream)
{
    const struct sim_distribution *d = distribution;
    switch (d->kind) {
    case SIM_DISTRIBUTION_NONE:
    case SIM_DISTRIBUTION_LOGNORMAL:
        break;
    case SIM_DISTRIBUTION_FIXED:
        return d->of.fixed.value;
    case SIM_DISTRIBUTION_EXPONENTIAL:
        return d->of.exponential.mean * sim_variate_exponential_word(word, stream);
    case SIM_DISTRIBUTION_UNIFORM:
        return d->of.uniform.low + d->of.uniform.width * sim_variate_uniform_word(word);
    case SIM_DISTRIBUTION_GAMMA:
        return d->of.gamma.scale * sim_variate_gamma_word(word, stream, &d->of.gamma.shape);
    case SIM_DISTRIBUTION_WEIBULL:
        return d->of.weibull.scale * sim_pow(sim_variate_exponential_word(word, stream), d->of.weibull.inverse_shape);
    case SIM_DISTRIBUTION_NORMAL:
        return sample_normal(d, word, stream);
    case SIM_DISTRIBUTION_EMPIRICAL:
        return sample_empirical(d, word, stream);
    case SIM_DISTRIBUTION_MIXTURE:
        return sim_distribution_sample(&d->of.mixture.parts[sim_alias_draw(&d->of.mixture.alias, word)], stream);
    }
    sim_assert_failed("the kind is one of the list", __FILE__, __LINE__);
}
