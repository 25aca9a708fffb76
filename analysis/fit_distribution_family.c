/* fit_distribution_family.c - likelihoods and distribution functions.
 *
 * Gamma and Weibull: Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions I, chapters 17 and 21.
 */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/fit_distribution_internal.h"
#include "sim/elementary.h"

#define LOG_ROOT_TWO_PI 0.91893853320467274178

void fit_distribution_sample_init(struct fit_sample *sample, size_t count)
{
    *sample = (struct fit_sample){.count = count};
    sample->values = sim_allocate(count, sizeof *sample->values);
    sample->logs = sim_allocate(count, sizeof *sample->logs);
}

static int compare(const void *left, const void *right)
{
    const double *a = left;
    const double *b = right;
    return (*a > *b) - (*a < *b);
}

void fit_distribution_ends(double *values, size_t count, double *low, double *high)
{
    qsort(values, count, sizeof *values, compare);
    size_t tail = (size_t)(0.025 * (double)(count + 1));
    tail = tail > 0 ? tail - 1 : 0;
    *low = values[tail];
    *high = values[count - 1 - tail];
}

void fit_distribution_sample_prepare(struct fit_sample *sample)
{
    double n = (double)sample->count;
    qsort(sample->values, sample->count, sizeof *sample->values, compare);
    double sum = 0, sum_log = 0, squares = 0;
    for (size_t i = 0; i < sample->count; i++) {
        sample->logs[i] = sim_log(sample->values[i]);
        sum += sample->values[i] / n;
        sum_log += sample->logs[i] / n;
    }
    for (size_t i = 0; i < sample->count; i++)
        squares += (sample->logs[i] - sum_log) * (sample->logs[i] - sum_log);
    sample->mean = sum;
    sample->mean_log = sum_log;
    sample->deviation_log = sqrt(squares / n);
}

void fit_distribution_sample_release(struct fit_sample *sample)
{
    free(sample->values);
    free(sample->logs);
}

/* Solves log k - digamma(k) = log mean - mean log by Newton's method on 1/k (Minka, Estimating a Gamma distribution,
 * 2002), which needs about four steps.
 */
static double gamma_shape(const struct fit_sample *sample)
{
    double gap = sim_log(sample->mean) - sample->mean_log;
    double shape = (3 - gap + sqrt((gap - 3) * (gap - 3) + 24 * gap)) / (12 * gap);
    for (int i = 0; i < 20; i++) {
        double miss = sim_log(shape) - gsl_sf_psi(shape) - gap;
        double slope = shape * shape * (1 / shape - gsl_sf_psi_1(shape));
        double next = 1 / (1 / shape + miss / slope);
        if (!(next > 0) || fabs(next - shape) <= 1e-13 * shape)
            break;
        shape = next;
    }
    return shape;
}

/* Mean and variance of the logarithms with weights x^k, and the logarithm of the mean of x^k. */
static void weigh(const struct fit_sample *sample, double k, double *mean, double *variance, double *log_power)
{
    double top = sample->logs[sample->count - 1];
    double sum = 0, first = 0, second = 0;
    for (size_t i = 0; i < sample->count; i++) {
        double away = sample->logs[i] - top;
        double weight = sim_exp(k * away);
        sum += weight;
        first += weight * away;
        second += weight * away * away;
    }
    *mean = top + first / sum;
    *variance = second / sum - (first / sum) * (first / sum);
    *log_power = k * top + sim_log(sum / (double)sample->count);
}

/* Newton's method for: weighted mean log - 1/k = mean log, whose left side rises with k. */
static struct fit_shape fit_weibull(const struct fit_sample *sample)
{
    double k = 1.2825 / sample->deviation_log; /* pi / sqrt(6): what the deviation of the logarithms would give */
    double mean, variance, log_power;
    for (int i = 0; i < 60; i++) {
        weigh(sample, k, &mean, &variance, &log_power);
        double next = k - (mean - 1 / k - sample->mean_log) / (variance + 1 / (k * k));
        next = next > k / 2 ? next : k / 2;
        bool is_close = fabs(next - k) <= 1e-13 * k;
        k = next;
        if (is_close)
            break;
    }
    weigh(sample, k, &mean, &variance, &log_power);
    return (struct fit_shape){FIT_DISTRIBUTION_WEIBULL, .of.weibull = {k, sim_exp(log_power / k)}};
}

struct fit_shape fit_distribution_family_fit(enum fit_distribution_family family, const struct fit_sample *sample)
{
    if (family == FIT_DISTRIBUTION_LOGNORMAL)
        return (struct fit_shape){family, .of.lognormal = {sample->mean_log, sample->deviation_log}};
    if (family == FIT_DISTRIBUTION_WEIBULL)
        return fit_weibull(sample);
    sim_assert(family == FIT_DISTRIBUTION_GAMMA);
    double shape = gamma_shape(sample);
    return (struct fit_shape){family, .of.gamma = {shape, sample->mean / shape}};
}

struct fit_shape fit_distribution_family_make(enum fit_distribution_family family, double mean, double own)
{
    if (family == FIT_DISTRIBUTION_LOGNORMAL)
        return (struct fit_shape){family, .of.lognormal = {sim_log(mean) - own * own / 2, own}};
    if (family == FIT_DISTRIBUTION_GAMMA)
        return (struct fit_shape){family, .of.gamma = {own, mean / own}};
    sim_assert(family == FIT_DISTRIBUTION_WEIBULL);
    return (struct fit_shape){family, .of.weibull = {own, mean * sim_exp(-sim_log_gamma(1 + 1 / own))}};
}

struct fit_shape fit_distribution_family_best_with(enum fit_distribution_family family, double own,
                                                   const struct fit_sample *sample)
{
    if (family == FIT_DISTRIBUTION_LOGNORMAL)
        return (struct fit_shape){family, .of.lognormal = {sample->mean_log, own}};
    if (family == FIT_DISTRIBUTION_GAMMA)
        return fit_distribution_family_make(family, sample->mean, own);
    double mean, variance, log_power;
    weigh(sample, own, &mean, &variance, &log_power);
    return (struct fit_shape){family, .of.weibull = {own, sim_exp(log_power / own)}};
}

double fit_distribution_family_mean(const struct fit_shape *shape)
{
    if (shape->family == FIT_DISTRIBUTION_LOGNORMAL)
        return sim_exp(shape->of.lognormal.mu + shape->of.lognormal.sigma * shape->of.lognormal.sigma / 2);
    if (shape->family == FIT_DISTRIBUTION_GAMMA)
        return shape->of.gamma.shape * shape->of.gamma.scale;
    sim_assert(shape->family == FIT_DISTRIBUTION_WEIBULL);
    return shape->of.weibull.scale * sim_exp(sim_log_gamma(1 + 1 / shape->of.weibull.shape));
}

double fit_distribution_family_own(const struct fit_shape *shape)
{
    if (shape->family == FIT_DISTRIBUTION_LOGNORMAL)
        return shape->of.lognormal.sigma;
    return shape->family == FIT_DISTRIBUTION_GAMMA ? shape->of.gamma.shape : shape->of.weibull.shape;
}

double fit_distribution_family_cv(enum fit_distribution_family family, double own)
{
    if (family == FIT_DISTRIBUTION_LOGNORMAL)
        return sqrt(sim_expm1(own * own));
    if (family == FIT_DISTRIBUTION_GAMMA)
        return 1 / sqrt(own);
    sim_assert(family == FIT_DISTRIBUTION_WEIBULL);
    return sqrt(sim_expm1(sim_log_gamma(1 + 2 / own) - 2 * sim_log_gamma(1 + 1 / own)));
}

static double weibull_likelihood(const struct fit_shape *shape, const struct fit_sample *sample)
{
    double k = shape->of.weibull.shape;
    double log_scale = sim_log(shape->of.weibull.scale);
    double powers = 0;
    for (size_t i = 0; i < sample->count; i++)
        powers += sim_exp(k * (sample->logs[i] - log_scale));
    return (double)sample->count * (sim_log(k) - k * log_scale + (k - 1) * sample->mean_log) - powers;
}

static double mixture_likelihood(const struct fit_shape *shape, const struct fit_sample *sample)
{
    double factor[2] = {shape->of.mixture.share / shape->of.mixture.sigma[0],
                        (1 - shape->of.mixture.share) / shape->of.mixture.sigma[1]};
    double sum = 0;
    for (size_t i = 0; i < sample->count; i++) {
        double density = 0;
        for (int part = 0; part < 2; part++) {
            double z = (sample->logs[i] - shape->of.mixture.mu[part]) / shape->of.mixture.sigma[part];
            density += factor[part] * sim_exp(-z * z / 2);
        }
        sum += sim_log(fmax(density, 1e-300));
    }
    return sum - (double)sample->count * (LOG_ROOT_TWO_PI + sample->mean_log);
}

double fit_distribution_family_likelihood(const struct fit_shape *shape, const struct fit_sample *sample)
{
    double n = (double)sample->count;
    if (shape->family == FIT_DISTRIBUTION_MIXTURE)
        return mixture_likelihood(shape, sample);
    if (shape->family == FIT_DISTRIBUTION_WEIBULL)
        return weibull_likelihood(shape, sample);
    if (shape->family == FIT_DISTRIBUTION_GAMMA) {
        double k = shape->of.gamma.shape, scale = shape->of.gamma.scale;
        return n * ((k - 1) * sample->mean_log - sample->mean / scale - k * sim_log(scale) - sim_log_gamma(k));
    }
    sim_assert(shape->family == FIT_DISTRIBUTION_LOGNORMAL);
    double sigma = shape->of.lognormal.sigma;
    double away = (sample->mean_log - shape->of.lognormal.mu) / sigma;
    double spread = sample->deviation_log / sigma;
    return -n * (sample->mean_log + sim_log(sigma) + LOG_ROOT_TWO_PI + (spread * spread + away * away) / 2);
}

void fit_distribution_family_tails(const struct fit_shape *shape, double value, double log_value, double *below,
                                   double *above)
{
    if (shape->family == FIT_DISTRIBUTION_GAMMA) {
        *below = gsl_cdf_gamma_P(value, shape->of.gamma.shape, shape->of.gamma.scale);
        *above = gsl_cdf_gamma_Q(value, shape->of.gamma.shape, shape->of.gamma.scale);
        return;
    }
    if (shape->family == FIT_DISTRIBUTION_WEIBULL) {
        double power = sim_exp(shape->of.weibull.shape * (log_value - sim_log(shape->of.weibull.scale)));
        *below = -sim_expm1(-power);
        *above = sim_exp(-power);
        return;
    }
    bool is_mixture = shape->family == FIT_DISTRIBUTION_MIXTURE;
    double share = is_mixture ? shape->of.mixture.share : 1;
    double mu = is_mixture ? shape->of.mixture.mu[0] : shape->of.lognormal.mu;
    double z = (log_value - mu) / (is_mixture ? shape->of.mixture.sigma[0] : shape->of.lognormal.sigma);
    *below = share * sim_normal_cdf(z);
    *above = share * sim_normal_cdf(-z);
    if (is_mixture) {
        z = (log_value - shape->of.mixture.mu[1]) / shape->of.mixture.sigma[1];
        *below += (1 - share) * sim_normal_cdf(z);
        *above += (1 - share) * sim_normal_cdf(-z);
    }
}

static enum sim_status build_part(double mu, double sigma, struct sim_distribution *distribution,
                                  struct sim_error *error)
{
    return sim_distribution_lognormal(distribution, sim_exp(mu + sigma * sigma / 2),
                                      fit_distribution_family_cv(FIT_DISTRIBUTION_LOGNORMAL, sigma), error);
}

enum sim_status fit_distribution_family_build(const struct fit_shape *shape, struct sim_arena *arena,
                                              struct sim_distribution *distribution, struct sim_error *error)
{
    if (shape->family == FIT_DISTRIBUTION_MIXTURE) {
        struct sim_distribution parts[2];
        const double shares[2] = {shape->of.mixture.share, 1 - shape->of.mixture.share};
        for (int i = 0; i < 2; i++)
            if (build_part(shape->of.mixture.mu[i], shape->of.mixture.sigma[i], &parts[i], error) != SIM_OK)
                return SIM_BAD_INPUT;
        return sim_distribution_mixture(distribution, arena, shares, parts, 2, error);
    }
    double mean = fit_distribution_family_mean(shape);
    double cv = fit_distribution_family_cv(shape->family, fit_distribution_family_own(shape));
    if (shape->family == FIT_DISTRIBUTION_LOGNORMAL)
        return sim_distribution_lognormal(distribution, mean, cv, error);
    if (shape->family == FIT_DISTRIBUTION_GAMMA)
        return sim_distribution_gamma(distribution, mean, cv, error);
    return sim_distribution_weibull(distribution, mean, cv, error);
}
