/* fit_search.c - GSL's Levenberg-Marquardt behind bounds, and what the Jacobian says afterwards. */
#include "analysis/fit_search.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"

enum {
    ITERATIONS_MAX = 40
};

#define STEP_DEFAULT 0.01
#define AT_BOUND 1e-3
/* The search ends at steps this small, or at slopes, which a simulation is too rough to improve on. */
#define STEP_ENOUGH 3e-4
#define SLOPE_ENOUGH 1e-5

struct walk {
    const struct fit_search_problem *problem;
    double *parameters; /* scratch */
    double *above;      /* residuals of differences */
    double *below;
    double *at; /* where the residuals were asked for last, and what they were */
    double *here;
};

/* ---- Bounds ---- */

static double to_parameter(const struct fit_search_problem *problem, size_t i, double u)
{
    return problem->low[i] + (problem->high[i] - problem->low[i]) * (1 + sin(u)) / 2;
}

/* A start at a bound would stay there: the slope is 0. */
static double from_parameter(const struct fit_search_problem *problem, size_t i, double parameter)
{
    double share = (parameter - problem->low[i]) / (problem->high[i] - problem->low[i]);
    double inside = fmin(fmax(share, 0.01), 0.99);
    return asin(2 * inside - 1);
}

static double slope(const struct fit_search_problem *problem, size_t i, double u)
{
    return (problem->high[i] - problem->low[i]) * cos(u) / 2;
}

/* ---- Derivatives ---- */

static double difference_step(const struct fit_search_problem *problem, size_t i, double parameter)
{
    double step = problem->step > 0 ? problem->step : STEP_DEFAULT;
    double range = problem->high[i] - problem->low[i];
    double size = fmax(fabs(parameter), 0.01 * range);
    return fmin(step * size, 0.25 * range);
}

/* The column of the Jacobian for one parameter. `here`: the residuals where the walk stands, for a difference to one
 * side, which will do on the way; NULL: to both sides, as far as the bounds allow.
 */
static bool differentiate(struct walk *walk, size_t i, const double *here, double *column, size_t stride)
{
    const struct fit_search_problem *problem = walk->problem;
    double at = walk->parameters[i];
    double step = difference_step(problem, i, at);
    double high = fmin(at + step, problem->high[i]);
    double low = fmax(at - step, problem->low[i]);
    if (here && high - at < at - low)
        high = at;
    else if (here)
        low = at;
    bool is_fine = true;
    walk->parameters[i] = high;
    if (high > at || !here)
        is_fine = problem->function(problem->context, walk->parameters, walk->above);
    walk->parameters[i] = low;
    if (low < at || !here)
        is_fine = is_fine && problem->function(problem->context, walk->parameters, walk->below);
    walk->parameters[i] = at;
    const double *above = here && high <= at ? here : walk->above;
    const double *below = here && low >= at ? here : walk->below;
    for (size_t r = 0; is_fine && r < problem->residual_count; r++)
        column[r * stride] = (above[r] - below[r]) / (high - low);
    return is_fine;
}

static bool fill_jacobian(struct walk *walk, const double *here, double *jacobian, size_t row_size)
{
    for (size_t i = 0; i < walk->problem->parameter_count; i++)
        if (!differentiate(walk, i, here, jacobian + i, row_size))
            return false;
    return true;
}

/* ---- GSL's view ---- */

static void take_parameters(struct walk *walk, const gsl_vector *u)
{
    for (size_t i = 0; i < walk->problem->parameter_count; i++)
        walk->parameters[i] = to_parameter(walk->problem, i, gsl_vector_get(u, i));
}

static int call_function(const gsl_vector *u, void *context, gsl_vector *residuals)
{
    struct walk *walk = context;
    const struct fit_search_problem *problem = walk->problem;
    take_parameters(walk, u);
    if (!problem->function(problem->context, walk->parameters, residuals->data))
        return GSL_EBADFUNC;
    memcpy(walk->here, residuals->data, problem->residual_count * sizeof(double));
    memcpy(walk->at, walk->parameters, problem->parameter_count * sizeof(double));
    return GSL_SUCCESS;
}

static int call_jacobian(const gsl_vector *u, void *context, gsl_matrix *jacobian)
{
    struct walk *walk = context;
    take_parameters(walk, u);
    /* GSL asks where it asked for the residuals last, unless a step was refused. */
    bool is_known = memcmp(walk->at, walk->parameters, walk->problem->parameter_count * sizeof(double)) == 0;
    if (!fill_jacobian(walk, is_known ? walk->here : NULL, jacobian->data, jacobian->tda))
        return GSL_EBADFUNC;
    for (size_t i = 0; i < walk->problem->parameter_count; i++) {
        gsl_vector_view column = gsl_matrix_column(jacobian, i);
        gsl_vector_scale(&column.vector, slope(walk->problem, i, gsl_vector_get(u, i)));
    }
    return GSL_SUCCESS;
}

/* ---- One start ---- */

/* Leaves the end in `end`, a result with its arrays; false without an answer. */
static bool walk_from(struct walk *walk, gsl_multifit_nlinear_workspace *space, const double *start,
                      struct fit_search_result *end)
{
    const struct fit_search_problem *problem = walk->problem;
    gsl_multifit_nlinear_fdf system = {.f = call_function,
                                       .df = call_jacobian,
                                       .n = problem->residual_count,
                                       .p = problem->parameter_count,
                                       .params = walk};
    gsl_vector *u = gsl_vector_alloc(problem->parameter_count);
    int info = 0;
    for (size_t i = 0; i < problem->parameter_count; i++)
        gsl_vector_set(u, i, from_parameter(problem, i, start[i]));
    bool is_fine = gsl_multifit_nlinear_init(u, &system, space) == GSL_SUCCESS;
    if (is_fine) {
        int status =
            gsl_multifit_nlinear_driver(ITERATIONS_MAX, STEP_ENOUGH, SLOPE_ENOUGH, 0, NULL, NULL, &info, space);
        is_fine = status == GSL_SUCCESS || status == GSL_EMAXITER || status == GSL_ENOPROG;
    }
    if (is_fine) {
        take_parameters(walk, space->x);
        memcpy(end->parameters, walk->parameters, problem->parameter_count * sizeof(double));
        is_fine = problem->function(problem->context, end->parameters, end->residuals);
        end->sum_of_squares = 0;
        for (size_t r = 0; r < problem->residual_count; r++)
            end->sum_of_squares += end->residuals[r] * end->residuals[r];
    }
    gsl_vector_free(u);
    return is_fine && isfinite(end->sum_of_squares);
}

static struct fit_search_result create_result(const struct fit_search_problem *problem)
{
    size_t n = problem->residual_count;
    size_t p = problem->parameter_count;
    return (struct fit_search_result){.parameter_count = p,
                                      .residual_count = n,
                                      .parameters = sim_allocate(p, sizeof(double)),
                                      .is_at_bound = sim_allocate(p, sizeof(bool)),
                                      .residuals = sim_allocate(n, sizeof(double)),
                                      .jacobian = sim_allocate(n * p, sizeof(double)),
                                      .sum_of_squares = INFINITY,
                                      .second_sum = INFINITY};
}

void fit_search_release(struct fit_search_result *result)
{
    free(result->parameters);
    free(result->is_at_bound);
    free(result->residuals);
    free(result->jacobian);
    *result = (struct fit_search_result){0};
}

static bool is_elsewhere(const struct fit_search_problem *problem, const struct fit_search_result *one,
                         const struct fit_search_result *other)
{
    for (size_t i = 0; i < problem->parameter_count; i++)
        if (fabs(one->parameters[i] - other->parameters[i]) >
            0.02 * fmax(fabs(one->parameters[i]), 0.01 * (problem->high[i] - problem->low[i])))
            return true;
    return false;
}

/* Keeps the better of two ends in `best`. */
static void keep_better(const struct fit_search_problem *problem, struct fit_search_result *best,
                        struct fit_search_result *end)
{
    bool is_first = !isfinite(best->sum_of_squares);
    bool differs = !is_first && is_elsewhere(problem, best, end);
    double worse = fmax(best->sum_of_squares, end->sum_of_squares);
    double second = differs ? fmin(best->second_sum, worse) : best->second_sum;
    if (end->sum_of_squares < best->sum_of_squares) {
        struct fit_search_result swap = *best;
        *best = *end;
        *end = swap;
    }
    best->second_sum = second;
}

static void finish(struct walk *walk, struct fit_search_result *best)
{
    const struct fit_search_problem *problem = walk->problem;
    memcpy(walk->parameters, best->parameters, problem->parameter_count * sizeof(double));
    if (!fill_jacobian(walk, NULL, best->jacobian, problem->parameter_count))
        memset(best->jacobian, 0, problem->residual_count * problem->parameter_count * sizeof(double));
    for (size_t i = 0; i < problem->parameter_count; i++) {
        double range = problem->high[i] - problem->low[i];
        double parameter = best->parameters[i];
        best->is_at_bound[i] =
            parameter - problem->low[i] < AT_BOUND * range || problem->high[i] - parameter < AT_BOUND * range;
    }
}

enum sim_status fit_search_run(const struct fit_search_problem *problem, struct fit_search_result *result,
                               struct sim_error *error)
{
    size_t n = problem->residual_count;
    size_t p = problem->parameter_count;
    gsl_multifit_nlinear_parameters options = gsl_multifit_nlinear_default_parameters();
    struct walk walk = {.problem = problem,
                        .parameters = sim_allocate(p, sizeof(double)),
                        .above = sim_allocate(n, sizeof(double)),
                        .below = sim_allocate(n, sizeof(double)),
                        .at = sim_allocate(p, sizeof(double)),
                        .here = sim_allocate(n, sizeof(double))};
    struct fit_search_result end = create_result(problem);
    sim_assert(n >= p && p > 0);
    *result = create_result(problem);
    gsl_multifit_nlinear_workspace *space = gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &options, n, p);
    sim_assert(space);
    for (size_t i = 0; i < problem->start_count; i++)
        if (walk_from(&walk, space, problem->starts + i * p, &end))
            keep_better(problem, result, &end);
    gsl_multifit_nlinear_free(space);
    bool is_found = isfinite(result->sum_of_squares);
    if (is_found)
        finish(&walk, result);
    else
        fit_search_release(result);
    fit_search_release(&end);
    free(walk.parameters);
    free(walk.above);
    free(walk.below);
    free(walk.at);
    free(walk.here);
    return is_found ? SIM_OK
                    : sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "the search found no parameters that can be tried");
}

/* ---- What is known afterwards ---- */

static gsl_matrix *copy_jacobian(const struct fit_search_result *result)
{
    gsl_matrix_const_view all =
        gsl_matrix_const_view_array(result->jacobian, result->residual_count, result->parameter_count);
    gsl_matrix *jacobian = gsl_matrix_alloc(result->residual_count, result->parameter_count);
    sim_assert(jacobian);
    gsl_matrix_memcpy(jacobian, &all.matrix);
    return jacobian;
}

/* (J'J)^-1 J', by singular values; false if the columns do not tell the parameters apart. J becomes U. */
static bool invert(gsl_matrix *jacobian, gsl_matrix *inverse)
{
    size_t p = jacobian->size2;
    gsl_matrix *v = gsl_matrix_alloc(p, p);
    gsl_vector *values = gsl_vector_alloc(p);
    gsl_vector *scales = gsl_vector_alloc(p);
    bool is_fine = true;
    /* Columns of one size, so that units do not decide what counts as singular. */
    for (size_t i = 0; i < p; i++) {
        gsl_vector_view column = gsl_matrix_column(jacobian, i);
        double size = gsl_blas_dnrm2(&column.vector);
        is_fine = is_fine && size > 0 && isfinite(size);
        gsl_vector_set(scales, i, size > 0 ? size : 1);
        gsl_vector_scale(&column.vector, 1 / gsl_vector_get(scales, i));
    }
    is_fine = is_fine && gsl_linalg_SV_decomp_jacobi(jacobian, v, values) == GSL_SUCCESS &&
              gsl_vector_get(values, p - 1) > 1e-6 * gsl_vector_get(values, 0);
    for (size_t i = 0; is_fine && i < p; i++) {
        gsl_vector_view row = gsl_matrix_row(v, i);
        gsl_vector_scale(&row.vector, 1 / gsl_vector_get(scales, i));
    }
    for (size_t i = 0; is_fine && i < p; i++) {
        gsl_vector_view column = gsl_matrix_column(v, i);
        gsl_vector_scale(&column.vector, 1 / gsl_vector_get(values, i));
    }
    if (is_fine)
        gsl_blas_dgemm(CblasNoTrans, CblasTrans, 1, v, jacobian, 0, inverse);
    gsl_matrix_free(v);
    gsl_vector_free(values);
    gsl_vector_free(scales);
    return is_fine;
}

void fit_search_covariance(const struct fit_search_result *result, const double *noise, double *covariance)
{
    size_t n = result->residual_count;
    size_t p = result->parameter_count;
    gsl_matrix_const_view spread = gsl_matrix_const_view_array(noise, n, n);
    gsl_matrix_view sandwich = gsl_matrix_view_array(covariance, p, p);
    gsl_matrix *jacobian = copy_jacobian(result);
    gsl_matrix *inverse = gsl_matrix_alloc(p, n);
    gsl_matrix *product = gsl_matrix_alloc(p, n);
    if (invert(jacobian, inverse)) {
        gsl_blas_dgemm(CblasNoTrans, CblasNoTrans, 1, inverse, &spread.matrix, 0, product);
        gsl_blas_dgemm(CblasNoTrans, CblasTrans, 1, product, inverse, 0, &sandwich.matrix);
    } else {
        gsl_matrix_set_all(&sandwich.matrix, NAN);
    }
    gsl_matrix_free(inverse);
    gsl_matrix_free(product);
    gsl_matrix_free(jacobian);
}

/* What of the noise is left after the fitted directions are taken out: (1 - U U') S (1 - U U'). */
static gsl_matrix *left_noise(const gsl_matrix *u, const double *noise, size_t n)
{
    gsl_matrix_const_view spread = gsl_matrix_const_view_array(noise, n, n);
    gsl_matrix *projector = gsl_matrix_alloc(n, n);
    gsl_matrix *product = gsl_matrix_alloc(n, n);
    gsl_matrix *left = gsl_matrix_alloc(n, n);
    gsl_matrix_set_identity(projector);
    gsl_blas_dgemm(CblasNoTrans, CblasTrans, -1, u, u, 1, projector);
    gsl_blas_dgemm(CblasNoTrans, CblasNoTrans, 1, projector, &spread.matrix, 0, product);
    gsl_blas_dgemm(CblasNoTrans, CblasTrans, 1, product, projector, 0, left);
    gsl_matrix_free(projector);
    gsl_matrix_free(product);
    return left;
}

/* r' L^+ r over the eigenvectors of the `degrees` largest eigenvalues, as far as they are not nothing. */
static double measure_by(gsl_matrix *left, const double *residuals, size_t degrees, size_t *rank)
{
    size_t n = left->size1;
    gsl_eigen_symmv_workspace *space = gsl_eigen_symmv_alloc(n);
    gsl_vector *values = gsl_vector_alloc(n);
    gsl_matrix *vectors = gsl_matrix_alloc(n, n);
    gsl_vector_const_view residual = gsl_vector_const_view_array(residuals, n);
    double sum = 0;
    *rank = 0;
    bool is_fine = gsl_eigen_symmv(left, values, vectors, space) == GSL_SUCCESS &&
                   gsl_eigen_symmv_sort(values, vectors, GSL_EIGEN_SORT_VAL_DESC) == GSL_SUCCESS;
    for (size_t i = 0; is_fine && i < degrees; i++) {
        double value = gsl_vector_get(values, i);
        gsl_vector_view vector = gsl_matrix_column(vectors, i);
        double along = 0;
        if (value <= 1e-6 * gsl_vector_get(values, 0))
            break;
        gsl_blas_ddot(&vector.vector, &residual.vector, &along);
        sum += along * along / value;
        ++*rank;
    }
    gsl_eigen_symmv_free(space);
    gsl_vector_free(values);
    gsl_matrix_free(vectors);
    return *rank > 0 ? sum : NAN;
}

double fit_search_misfit(const struct fit_search_result *result, const double *noise, size_t *rank)
{
    size_t n = result->residual_count;
    gsl_matrix *jacobian = copy_jacobian(result);
    gsl_matrix *inverse = gsl_matrix_alloc(result->parameter_count, n);
    double misfit = NAN;
    *rank = 0;
    if (invert(jacobian, inverse)) {
        gsl_matrix *left = left_noise(jacobian, noise, n);
        misfit = measure_by(left, result->residuals, n - result->parameter_count, rank);
        gsl_matrix_free(left);
    }
    gsl_matrix_free(inverse);
    gsl_matrix_free(jacobian);
    return misfit;
}
