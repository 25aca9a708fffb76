/* distribution.h - the distributions that scenarios name: sampling, moments, quantiles of the simple ones.
 *
 * All are over numbers from 0 up, in the unit of whoever asks: seconds, tokens, a factor. A distribution is plain and
 * copyable; empirical and mixture ones refer to tables in the arena that their constructor was given, which must
 * outlive every copy. Draws have the same bits on every machine.
 *
 * Constructors check their numbers. What is out of range is SIM_BAD_INPUT with a message that names the parameter; the
 * caller adds file and line, and does not use the distribution. Common ranges: mean above 0 and at most 1e100; cv, the
 * standard deviation divided by the mean, 0 to 100. A cv of 0 makes the distribution fixed.
 */
#ifndef SIM_DISTRIBUTION_H
#define SIM_DISTRIBUTION_H

#include <stddef.h>
#include <stdint.h>

#include "sim/alias.h"
#include "sim/elementary.h"
#include "sim/error.h"
#include "sim/memory.h"
#include "sim/random.h"
#include "sim/variate.h"

enum sim_distribution_kind {
    SIM_DISTRIBUTION_NONE, /* zeroed memory: no distribution was given; must not be drawn from */
    SIM_DISTRIBUTION_FIXED,
    SIM_DISTRIBUTION_EXPONENTIAL,
    SIM_DISTRIBUTION_UNIFORM,
    SIM_DISTRIBUTION_LOGNORMAL,
    SIM_DISTRIBUTION_GAMMA,
    SIM_DISTRIBUTION_WEIBULL,
    SIM_DISTRIBUTION_NORMAL,
    SIM_DISTRIBUTION_EMPIRICAL,
    SIM_DISTRIBUTION_MIXTURE
};

struct sim_distribution {
    enum sim_distribution_kind kind;
    union {
        struct {
            double value;
        } fixed;
        struct {
            double mean;
        } exponential;
        struct {
            double low;
            double width;
        } uniform;
        struct {
            double mu; /* mean and standard deviation of the logarithm */
            double sigma;
        } lognormal;
        struct {
            struct sim_variate_gamma_shape shape;
            double scale;
        } gamma;
        struct {
            double inverse_shape; /* X = scale * E^inverse_shape with E exponential */
            double scale;
        } weibull;
        struct {
            double mean; /* before truncation */
            double deviation;
        } normal;
        struct {
            const double *values;   /* ascending */
            const double *shares;   /* probabilities; NULL: all equal */
            struct sim_alias alias; /* entries NULL: all equal */
        } empirical;
        struct {
            const struct sim_distribution *parts;
            const double *shares; /* probabilities */
            struct sim_alias alias;
        } mixture;
    } of;
};

/* Always `value`, 0 to 1e100. */
SIM_MUST_USE enum sim_status sim_distribution_fixed(struct sim_distribution *distribution, double value,
                                                    struct sim_error *error);

SIM_MUST_USE enum sim_status sim_distribution_exponential(struct sim_distribution *distribution, double mean,
                                                          struct sim_error *error);

/* From low up to high, which only rounding can reach; 0 <= low <= high. Equal ends make it fixed. */
SIM_MUST_USE enum sim_status sim_distribution_uniform(struct sim_distribution *distribution, double low, double high,
                                                      struct sim_error *error);

SIM_MUST_USE enum sim_status sim_distribution_lognormal(struct sim_distribution *distribution, double mean, double cv,
                                                        struct sim_error *error);

/* The other usual form: median above 0, sigma (standard deviation of the natural logarithm) 0 to 10. */
SIM_MUST_USE enum sim_status sim_distribution_lognormal_median(struct sim_distribution *distribution, double median,
                                                               double sigma, struct sim_error *error);

/* cv 0, or 0.001 to 100: the shape is 1 / cv^2. */
SIM_MUST_USE enum sim_status sim_distribution_gamma(struct sim_distribution *distribution, double mean, double cv,
                                                    struct sim_error *error);

/* cv 0, or 0.001 to 100. The shape is solved for, to about 1e-8 at the lowest cv and 1e-13 from 0.1 on. */
SIM_MUST_USE enum sim_status sim_distribution_weibull(struct sim_distribution *distribution, double mean, double cv,
                                                      struct sim_error *error);

/* A normal distribution of which only values above 0 are kept. `mean` and `cv` are those before this: the mean that
 * comes out is higher, mean + s density(1/cv) / cdf(1/cv) with s = mean * cv, which is 0.05 % at cv 0.3, 2.8 % at
 * 0.5 and 29 % at 1. sim_distribution_mean returns the one that comes out.
 */
SIM_MUST_USE enum sim_status sim_distribution_normal(struct sim_distribution *distribution, double mean, double cv,
                                                     struct sim_error *error);

/* One of the given values, which may come in any order, each with its weight (see sim_alias_init for what weights may
 * be) or, with weights NULL, all equally likely. At least one value, each 0 to 1e100; with weights at most
 * SIM_ALIAS_COUNT_MAX. The values are copied and sorted: equal weights keep draws monotone in the word.
 */
SIM_MUST_USE enum sim_status sim_distribution_empirical(struct sim_distribution *distribution, struct sim_arena *arena,
                                                        const double *values, const double *weights, size_t count,
                                                        struct sim_error *error);

/* A draw from parts[i] with probability shares[i] / sum. The parts are copied; they may be mixtures. */
SIM_MUST_USE enum sim_status sim_distribution_mixture(struct sim_distribution *distribution, struct sim_arena *arena,
                                                      const double *shares, const struct sim_distribution *parts,
                                                      size_t count, struct sim_error *error);

/* For sim_distribution_sample_word: every kind but lognormal. */
double sim_distribution_sample_otherwise(const struct sim_distribution *distribution, uint64_t word,
                                         struct sim_random *stream);

/* One draw. `word` comes from wherever the caller has random words; `stream` is asked only for more: never by fixed,
 * uniform and weighted empirical, practically never by empirical, in 2.2 % of draws by exponential and weibull, in
 * 1.5 % by lognormal and (at cv below 0.3) normal, always by gamma and mixture.
 */
static inline double sim_distribution_sample_word(const struct sim_distribution *distribution, uint64_t word,
                                                  struct sim_random *stream)
{
    if (distribution->kind != SIM_DISTRIBUTION_LOGNORMAL) /* which most requests have */
        return sim_distribution_sample_otherwise(distribution, word, stream);
    return sim_exp(distribution->of.lognormal.mu +
                   distribution->of.lognormal.sigma * sim_variate_normal_word(word, stream));
}

/* The same with its first word from the stream. */
static inline double sim_distribution_sample(const struct sim_distribution *distribution, struct sim_random *stream)
{
    return sim_distribution_sample_word(distribution, sim_random_next(stream), stream);
}

/* Moments of what is drawn, from formulas. Linear in the number of values or parts. */
double sim_distribution_mean(const struct sim_distribution *distribution);
double sim_distribution_variance(const struct sim_distribution *distribution);

/* The value below which lies a share p of the distribution, 0 <= p <= 1; p = 0 is the lowest value, p = 1 is
 * sim_distribution_highest. Not known in closed form for gamma and mixture: NaN.
 */
double sim_distribution_quantile(const struct sim_distribution *distribution, double p);

/* A value that no draw lies below: the lowest one, as far as that is known at once; 0 if not. */
double sim_distribution_lowest(const struct sim_distribution *distribution);

/* Upper end of the values that can be drawn; INFINITY where there is none. */
double sim_distribution_highest(const struct sim_distribution *distribution);

#endif
