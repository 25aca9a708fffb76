/* distribution_moments.c - what is known of the distributions of distribution.h from formulas. */
#include <math.h>

#include "sim/distribution.h"
#include "sim/distribution_internal.h"
#include "sim/elementary.h"

static double gamma_shape(const struct sim_distribution *distribution)
{
    const struct sim_variate_gamma_shape *shape = &distribution->of.gamma.shape;
    return shape->exponent == 0 ? shape->size + 1.0 / 3 : 1 / shape->exponent;
}

/* density / cdf at mean / deviation: by how many deviations truncation raises the mean. */
static double truncation_shift(const struct sim_distribution *distribution)
{
    double edge = distribution->of.normal.mean / distribution->of.normal.deviation;
    return sim_normal_density(edge) / sim_normal_cdf(edge);
}

static double empirical_share(const struct sim_distribution *distribution, size_t i)
{
    const double *shares = distribution->of.empirical.shares;
    return shares ? shares[i] : 1 / (double)distribution->of.empirical.alias.count;
}

static double empirical_mean(const struct sim_distribution *distribution)
{
    double mean = 0;
    for (size_t i = 0; i < distribution->of.empirical.alias.count; i++)
        mean += empirical_share(distribution, i) * distribution->of.empirical.values[i];
    return mean;
}

static double empirical_variance(const struct sim_distribution *distribution)
{
    double mean = empirical_mean(distribution);
    double variance = 0;
    for (size_t i = 0; i < distribution->of.empirical.alias.count; i++) {
        double difference = distribution->of.empirical.values[i] - mean;
        variance += empirical_share(distribution, i) * difference * difference;
    }
    return variance;
}

static double mixture_mean(const struct sim_distribution *distribution)
{
    double mean = 0;
    for (size_t i = 0; i < distribution->of.mixture.alias.count; i++)
        mean += distribution->of.mixture.shares[i] * sim_distribution_mean(&distribution->of.mixture.parts[i]);
    return mean;
}

/* Within the parts and between them. */
static double mixture_variance(const struct sim_distribution *distribution)
{
    double mean = mixture_mean(distribution);
    double variance = 0;
    for (size_t i = 0; i < distribution->of.mixture.alias.count; i++) {
        const struct sim_distribution *part = &distribution->of.mixture.parts[i];
        double difference = sim_distribution_mean(part) - mean;
        variance += distribution->of.mixture.shares[i] * (sim_distribution_variance(part) + difference * difference);
    }
    return variance;
}

double sim_distribution_mean(const struct sim_distribution *distribution)
{
    const struct sim_distribution *d = distribution;
    switch (d->kind) {
    case SIM_DISTRIBUTION_NONE:
        break;
    case SIM_DISTRIBUTION_FIXED:
        return d->of.fixed.value;
    case SIM_DISTRIBUTION_EXPONENTIAL:
        return d->of.exponential.mean;
    case SIM_DISTRIBUTION_UNIFORM:
        return d->of.uniform.low + d->of.uniform.width / 2;
    case SIM_DISTRIBUTION_LOGNORMAL:
        return sim_exp(d->of.lognormal.mu + d->of.lognormal.sigma * d->of.lognormal.sigma / 2);
    case SIM_DISTRIBUTION_GAMMA:
        return gamma_shape(d) * d->of.gamma.scale;
    case SIM_DISTRIBUTION_WEIBULL:
        return d->of.weibull.scale * sim_exp(sim_log_gamma(1 + d->of.weibull.inverse_shape));
    case SIM_DISTRIBUTION_NORMAL:
        return d->of.normal.mean + d->of.normal.deviation * truncation_shift(d);
    case SIM_DISTRIBUTION_EMPIRICAL:
        return empirical_mean(d);
    case SIM_DISTRIBUTION_MIXTURE:
        return mixture_mean(d);
    }
    sim_assert_failed("the kind is one of the list", __FILE__, __LINE__);
}

static double square(double x)
{
    return x * x;
}

/* Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions I, 13.10.1, with the cut at 0. */
static double truncated_normal_variance(const struct sim_distribution *distribution)
{
    double edge = distribution->of.normal.mean / distribution->of.normal.deviation;
    double shift = truncation_shift(distribution);
    return square(distribution->of.normal.deviation) * (1 - shift * (shift + edge));
}

double sim_distribution_variance(const struct sim_distribution *distribution)
{
    const struct sim_distribution *d = distribution;
    switch (d->kind) {
    case SIM_DISTRIBUTION_NONE:
        break;
    case SIM_DISTRIBUTION_FIXED:
        return 0;
    case SIM_DISTRIBUTION_EXPONENTIAL:
        return square(d->of.exponential.mean);
    case SIM_DISTRIBUTION_UNIFORM:
        return square(d->of.uniform.width) / 12;
    case SIM_DISTRIBUTION_LOGNORMAL:
        return square(sim_distribution_mean(d)) * sim_expm1(square(d->of.lognormal.sigma));
    case SIM_DISTRIBUTION_GAMMA:
        return gamma_shape(d) * square(d->of.gamma.scale);
    case SIM_DISTRIBUTION_WEIBULL:
        return square(sim_distribution_mean(d)) *
               sim_expm1(sim_distribution_weibull_log_ratio(d->of.weibull.inverse_shape));
    case SIM_DISTRIBUTION_NORMAL:
        return truncated_normal_variance(d);
    case SIM_DISTRIBUTION_EMPIRICAL:
        return empirical_variance(d);
    case SIM_DISTRIBUTION_MIXTURE:
        return mixture_variance(d);
    }
    sim_assert_failed("the kind is one of the list", __FILE__, __LINE__);
}

/* Standard normal quantile, by bisection of the distribution function. */
static double normal_quantile(double p)
{
    double low = -8.5;
    double high = 8.5;
    for (;;) {
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high)
            return middle;
        if (sim_normal_cdf(middle) < p)
            low = middle;
        else
            high = middle;
    }
}

/* The p of the whole normal distribution that leaves a share p of what is above 0 below it. */
static double truncated_normal_quantile(const struct sim_distribution *distribution, double p)
{
    double above = sim_normal_cdf(distribution->of.normal.mean / distribution->of.normal.deviation);
    double x =
        distribution->of.normal.mean + distribution->of.normal.deviation * normal_quantile(1 - above + p * above);
    return x > 0 ? x : 0;
}

static double empirical_quantile(const struct sim_distribution *distribution, double p)
{
    double sum = 0;
    size_t last = distribution->of.empirical.alias.count - 1;
    for (size_t i = 0; i < last; i++) {
        sum += empirical_share(distribution, i);
        if (sum >= p)
            return distribution->of.empirical.values[i];
    }
    return distribution->of.empirical.values[last];
}

double sim_distribution_quantile(const struct sim_distribution *distribution, double p)
{
    const struct sim_distribution *d = distribution;
    sim_assert(p >= 0 && p <= 1);
    if (p == 1)
        return sim_distribution_highest(d);
    switch (d->kind) {
    case SIM_DISTRIBUTION_NONE:
        break;
    case SIM_DISTRIBUTION_FIXED:
        return d->of.fixed.value;
    case SIM_DISTRIBUTION_EXPONENTIAL:
        return -d->of.exponential.mean * sim_log1p(-p);
    case SIM_DISTRIBUTION_UNIFORM:
        return d->of.uniform.low + d->of.uniform.width * p;
    case SIM_DISTRIBUTION_LOGNORMAL:
        return p == 0 ? 0 : sim_exp(d->of.lognormal.mu + d->of.lognormal.sigma * normal_quantile(p));
    case SIM_DISTRIBUTION_WEIBULL:
        return d->of.weibull.scale * sim_pow(-sim_log1p(-p), d->of.weibull.inverse_shape);
    case SIM_DISTRIBUTION_NORMAL:
        return truncated_normal_quantile(d, p);
    case SIM_DISTRIBUTION_EMPIRICAL:
        return empirical_quantile(d, p);
    case SIM_DISTRIBUTION_GAMMA:
    case SIM_DISTRIBUTION_MIXTURE:
        return NAN;
    }
    sim_assert_failed("the kind is one of the list", __FILE__, __LINE__);
}

static double highest_part(const struct sim_distribution *distribution)
{
    double highest = 0;
    for (size_t i = 0; i < distribution->of.mixture.alias.count; i++)
        if (distribution->of.mixture.shares[i] > 0)
            highest = fmax(highest, sim_distribution_highest(&distribution->of.mixture.parts[i]));
    return highest;
}

double sim_distribution_highest(const struct sim_distribution *distribution)
{
    switch (distribution->kind) {
    case SIM_DISTRIBUTION_FIXED:
        return distribution->of.fixed.value;
    case SIM_DISTRIBUTION_UNIFORM:
        return distribution->of.uniform.low + distribution->of.uniform.width;
    case SIM_DISTRIBUTION_EMPIRICAL:
        return distribution->of.empirical.values[distribution->of.empirical.alias.count - 1];
    case SIM_DISTRIBUTION_MIXTURE:
        return highest_part(distribution);
    default:
        return INFINITY;
    }
}

double sim_distribution_lowest(const struct sim_distribution *distribution)
{
    switch (distribution->kind) {
    case SIM_DISTRIBUTION_FIXED:
        return distribution->of.fixed.value;
    case SIM_DISTRIBUTION_UNIFORM:
        return distribution->of.uniform.low;
    case SIM_DISTRIBUTION_EMPIRICAL:
        return distribution->of.empirical.values[0];
    default:
        return 0;
    }
}
