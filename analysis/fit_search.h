/* fit_search.h - least squares within bounds, for functions that are simulated and so have no derivatives.
 *
 * Minimises the sum of squares of a vector of residuals by Levenberg and Marquardt (GSL's gsl_multifit_nlinear), with
 * derivatives from differences over steps that are wide against the roughness of a simulation. Bounds are kept by
 * walking in u with p = low + (high - low)(1 + sin u) / 2, as MINUIT does (James and Roos, Comput. Phys. Commun. 10,
 * 1975). Several starts; the best end wins. Knows nothing of files or profiles.
 */
#ifndef ANALYSIS_FIT_SEARCH_H
#define ANALYSIS_FIT_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/error.h"

/* Fills residuals[0 .. residual_count - 1] at the parameters; false if there is no answer there, which ends the search.
 * The same parameters give the same residuals.
 */
typedef bool fit_search_function(void *context, const double *parameters, double *residuals);

struct fit_search_problem {
    fit_search_function *function;
    void *context;
    size_t parameter_count;
    size_t residual_count; /* at least parameter_count */
    const double *low;     /* bounds of the parameters, low < high */
    const double *high;
    const double *starts; /* start_count x parameter_count, within the bounds */
    size_t start_count;   /* at least 1 */
    double step;          /* of differences, as a share of a parameter's size; 0: 0.01 */
};

/* Arrays belong to the result. */
struct fit_search_result {
    size_t parameter_count;
    size_t residual_count;
    double *parameters;
    bool *is_at_bound; /* within a thousandth of the range from an end of it */
    double *residuals;
    double *jacobian; /* residual_count x parameter_count, at the end */
    double sum_of_squares;
    double second_sum; /* of the second-best start that ended elsewhere; INFINITY: none did */
};

/* SIM_BAD_INPUT when the function has no answer at any start. Cost: some 10 (parameter_count + 1) calls a start. */
SIM_MUST_USE enum sim_status fit_search_run(const struct fit_search_problem *problem, struct fit_search_result *result,
                                            struct sim_error *error);
void fit_search_release(struct fit_search_result *result);

/* Covariance of the parameters, parameter_count x parameter_count: the sandwich A S A' with A the pseudo-inverse of the
 * Jacobian at the end and S the covariance of the residuals (residual_count x residual_count) for chance alone (White
 * 1980; Huber 1967). Parameters at a bound count as if they were free: the others are known no better for the bound.
 * NaN throughout where the data cannot tell the parameters apart.
 */
void fit_search_covariance(const struct fit_search_result *result, const double *noise, double *covariance);

/* Sum of squares of the residuals measured by what chance alone would leave: with S as above and the fitted directions
 * projected out, it is near the number of remaining degrees of freedom if the model is right. `rank`: those degrees.
 * NaN where S is not positive definite there.
 */
double fit_search_misfit(const struct fit_search_result *result, const double *noise, size_t *rank);

#endif
