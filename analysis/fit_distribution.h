/* fit_distribution.h - which distribution a sample of times or lengths comes from.
 *
 * Lognormal, gamma and Weibull by maximum likelihood, a mixture of two lognormals by expectation-maximisation, or the
 * sample itself. The family with the lowest BIC (Schwarz, Annals of Statistics 6, 1978) is chosen; whether it fits is
 * tested by the Anderson-Darling statistic with parametric bootstrap: as many values are drawn from what was fitted
 * and fitted again (Stute, Gonzalez Manteiga, Presedo Quindimil, Metrika 40, 1993). What fails that is given as it is:
 * empirical. One value, or equal values, have no spread and become fixed(v), with a warning.
 *
 * Arrays in, numbers out; files, units and names are the caller's. Chance comes from streams keyed by the seed, so that
 * equal samples in any order give equal results.
 */
#ifndef ANALYSIS_FIT_DISTRIBUTION_H
#define ANALYSIS_FIT_DISTRIBUTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/distribution.h"
#include "sim/error.h"
#include "sim/memory.h"

enum fit_distribution_family {
    FIT_DISTRIBUTION_CHOOSE, /* as request: the best of those below */
    FIT_DISTRIBUTION_FIXED,
    FIT_DISTRIBUTION_LOGNORMAL,
    FIT_DISTRIBUTION_GAMMA,
    FIT_DISTRIBUTION_WEIBULL,
    FIT_DISTRIBUTION_MIXTURE, /* of two lognormals */
    FIT_DISTRIBUTION_EMPIRICAL,
    FIT_DISTRIBUTION_FAMILY_COUNT
};

enum {
    FIT_DISTRIBUTION_PARAMETERS_MAX = 6,
    FIT_DISTRIBUTION_WARNINGS_MAX = 2,
    FIT_DISTRIBUTION_TEST_MIN = 5,      /* values below which nothing is tested */
    FIT_DISTRIBUTION_FAMILY_MIN = 8,    /* below which the family is a guess, and said to be */
    FIT_DISTRIBUTION_MIXTURE_MIN = 20,  /* below which no mixture and nothing empirical is tried */
    FIT_DISTRIBUTION_TESTED_MAX = 2000, /* of more, so many chosen at random are tested */
};

/* By how much the BIC of a mixture must be lower: strong evidence (Kass, Raftery, JASA 90, 1995). Its likelihood gains
 * by a few values that are close by chance: of 40 values of one lognormal, 2 % would be called a mixture without.
 */
#define FIT_DISTRIBUTION_MIXTURE_MARGIN 6.0

/* Below this p-value a family is rejected. */
#define FIT_DISTRIBUTION_REJECTED 0.01

struct fit_distribution_request {
    const double *values; /* above 0 and at most 1e100, in any order */
    size_t count;
    enum fit_distribution_family family; /* CHOOSE, or the one that is wanted */
    bool is_parametric;                  /* CHOOSE: never empirical */
    unsigned bootstraps;                 /* 0: 999, of many values fewer but at least 199 */
    uint64_t seed;
};

/* A fitted number and its 95 % interval: by profile likelihood (lognormal, gamma, Weibull), by bootstrap (mixture,
 * empirical); NaN where one value says nothing of it.
 */
struct fit_distribution_parameter {
    const char *name; /* mean, cv; of a mixture mean, share, mean_1, cv_1, mean_2, cv_2, the smaller median first */
    double value;
    double low;
    double high;
};

struct fit_distribution {
    enum fit_distribution_family family;
    struct sim_distribution distribution; /* tables in the arena that was given */
    size_t count;
    struct fit_distribution_parameter parameters[FIT_DISTRIBUTION_PARAMETERS_MAX];
    size_t parameter_count;
    double log_likelihood[FIT_DISTRIBUTION_FAMILY_COUNT]; /* NaN: not tried */
    double bic[FIT_DISTRIBUTION_FAMILY_COUNT];
    enum fit_distribution_family best; /* family that was tested: the lowest BIC, or the one wanted */
    size_t tested_count;               /* values that were tested; 0: none */
    double anderson_darling;           /* of the best family; NaN: not tested */
    double p_value;                    /* share of bootstrap samples that fit no better; NaN: not tested */
    double distance; /* greatest difference of the distribution functions of the sample and of the best family */
    const char *warnings[FIT_DISTRIBUTION_WARNINGS_MAX];
    size_t warning_count;
};

/* Fits. SIM_BAD_INPUT for no values and for values out of range (the message says which, from 0), and where the family
 * that is wanted cannot have this spread (the limits of distribution.h).
 * Cost: about as many fits as bootstraps.
 */
SIM_MUST_USE enum sim_status fit_distribution(const struct fit_distribution_request *request, struct sim_arena *arena,
                                              struct fit_distribution *fit, struct sim_error *error);

/* "lognormal", ...; of CHOOSE "". */
const char *fit_distribution_name(enum fit_distribution_family family);

#endif
