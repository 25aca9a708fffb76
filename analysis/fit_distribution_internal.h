/* fit_distribution_internal.h - what the files of fit_distribution share. */
#ifndef ANALYSIS_FIT_DISTRIBUTION_INTERNAL_H
#define ANALYSIS_FIT_DISTRIBUTION_INTERNAL_H

#include "analysis/fit_distribution.h"

enum {
    FIT_DISTRIBUTION_PURPOSE_TEST = 101, /* of random streams, apart from those of worlds (models/workload.h) */
    FIT_DISTRIBUTION_PURPOSE_SUBSET,
    FIT_DISTRIBUTION_PURPOSE_RESAMPLE
};

/* A sample with what the likelihoods need of it. */
struct fit_sample {
    double *values; /* ascending */
    double *logs;
    size_t count;
    double mean;
    double mean_log;
    double deviation_log; /* root of the mean squared deviation of the logarithms */
};

/* Parameters as the formulas have them. */
struct fit_shape {
    enum fit_distribution_family family;
    union {
        struct {
            double mu;
            double sigma;
        } lognormal;
        struct {
            double shape;
            double scale;
        } gamma;
        struct {
            double shape;
            double scale;
        } weibull;
        struct {
            double share; /* of the first */
            double mu[2]; /* ascending */
            double sigma[2];
        } mixture;
    } of;
};

/* Room for `count` values; to be filled, then prepared, which sorts and sums them. */
void fit_distribution_sample_init(struct fit_sample *sample, size_t count);
void fit_distribution_sample_prepare(struct fit_sample *sample);
void fit_distribution_sample_release(struct fit_sample *sample);

/* Maximum likelihood of one of lognormal, gamma, Weibull. The values must differ. */
struct fit_shape fit_distribution_family_fit(enum fit_distribution_family family, const struct fit_sample *sample);

/* The same from the mean and the own parameter of the family: sigma, or the shape of gamma and Weibull. */
struct fit_shape fit_distribution_family_make(enum fit_distribution_family family, double mean, double own);

/* The one of highest likelihood with the own parameter given. */
struct fit_shape fit_distribution_family_best_with(enum fit_distribution_family family, double own,
                                                   const struct fit_sample *sample);

double fit_distribution_family_mean(const struct fit_shape *shape);
double fit_distribution_family_own(const struct fit_shape *shape);
double fit_distribution_family_cv(enum fit_distribution_family family, double own);

/* Of any family, mixtures included. */
double fit_distribution_family_likelihood(const struct fit_shape *shape, const struct fit_sample *sample);

/* Shares of the distribution below and above a value, each accurate in its own tail. */
void fit_distribution_family_tails(const struct fit_shape *shape, double value, double log_value, double *below,
                                   double *above);

SIM_MUST_USE enum sim_status fit_distribution_family_build(const struct fit_shape *shape, struct sim_arena *arena,
                                                           struct sim_distribution *distribution,
                                                           struct sim_error *error);

/* The best mixture from several starts; false where one part would hold fewer than five values. */
bool fit_distribution_mixture_fit(const struct fit_sample *sample, struct fit_shape *shape);

/* The mixture that is reached from `shape`. */
struct fit_shape fit_distribution_mixture_refit(const struct fit_sample *sample, const struct fit_shape *shape);

/* Test and intervals of `shape`, into fit. */
void fit_distribution_goodness(const struct fit_distribution_request *request, const struct fit_sample *sample,
                               const struct fit_shape *shape, struct fit_distribution *fit);
void fit_distribution_interval(const struct fit_sample *sample, const struct fit_shape *shape,
                               struct fit_distribution *fit);

/* One more parameter. */
void fit_distribution_add(struct fit_distribution *fit, const char *name, double value, double low, double high);

/* The values with a fortieth of all beyond them on each side. Sorts. */
void fit_distribution_ends(double *values, size_t count, double *low, double *high);

/* How many samples are drawn of `count` values each. */
unsigned fit_distribution_bootstraps(const struct fit_distribution_request *request, size_t count);

#endif
