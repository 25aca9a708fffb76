/* fit_positive.c - taking out what comes out negative, and back where it is asked for. */
#include "analysis/fit_positive.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include <gsl/gsl_multifit.h>

#include "sim/error.h"
#include "sim/memory.h"

/* A gain, in columns of size 1, that is only rounding. */
static const double GAIN_LOWEST = 1e-9;

struct problem {
    size_t row_count, column_count;
    double *cells;  /* of scaled columns */
    double *scales; /* by which unknowns are multiplied in the end */
    const double *targets;
};

static struct problem scaled(const double *cells, const double *targets, size_t row_count, size_t column_count)
{
    struct problem problem = {.row_count = row_count, .column_count = column_count, .targets = targets};
    problem.cells = sim_allocate(row_count * column_count, sizeof *problem.cells);
    problem.scales = sim_allocate(column_count, sizeof *problem.scales);
    for (size_t c = 0; c < column_count; c++) {
        double squares = 0;
        for (size_t r = 0; r < row_count; r++)
            squares += cells[r * column_count + c] * cells[r * column_count + c];
        problem.scales[c] = squares > 0 ? 1 / sqrt(squares) : 1;
        for (size_t r = 0; r < row_count; r++)
            problem.cells[r * column_count + c] = cells[r * column_count + c] * problem.scales[c];
    }
    return problem;
}

static void release(struct problem *problem)
{
    free(problem->cells);
    free(problem->scales);
}

/* Least squares over the unknowns of `places`. */
static void solve_some(const struct problem *problem, const size_t *places, size_t count, struct fit_positive *found)
{
    size_t width = problem->column_count;
    gsl_matrix *matrix = gsl_matrix_alloc(problem->row_count, count), *spread = gsl_matrix_alloc(count, count);
    gsl_vector *ones = gsl_vector_alloc(problem->row_count), *targets = gsl_vector_alloc(problem->row_count);
    gsl_vector *values = gsl_vector_alloc(count);
    gsl_multifit_linear_workspace *work = gsl_multifit_linear_alloc(problem->row_count, count);
    gsl_vector_set_all(ones, 1);
    for (size_t r = 0; r < problem->row_count; r++) {
        gsl_vector_set(targets, r, problem->targets[r]);
        for (size_t c = 0; c < count; c++)
            gsl_matrix_set(matrix, r, c, problem->cells[r * width + places[c]]);
    }
    int status = gsl_multifit_wlinear(matrix, ones, targets, values, spread, &found->sum, work);
    sim_assert(status == GSL_SUCCESS);
    for (size_t a = 0; a < count; a++) {
        found->values[places[a]] = gsl_vector_get(values, a);
        for (size_t b = 0; b < count; b++)
            found->covariance[places[a] * width + places[b]] = gsl_matrix_get(spread, a, b);
    }
    gsl_multifit_linear_free(work);
    gsl_vector_free(values);
    gsl_vector_free(targets);
    gsl_vector_free(ones);
    gsl_matrix_free(spread);
    gsl_matrix_free(matrix);
}

static void solve(const struct problem *problem, const bool *is_in, struct fit_positive *found)
{
    size_t width = problem->column_count, *places = sim_allocate(width, sizeof *places);
    found->positive_count = 0;
    for (size_t c = 0; c < width; c++) {
        found->values[c] = 0;
        for (size_t other = 0; other < width; other++)
            found->covariance[c * width + other] = 0;
        if (is_in[c])
            places[found->positive_count++] = c;
    }
    if (found->positive_count > 0) {
        solve_some(problem, places, found->positive_count, found);
    } else {
        found->sum = 0;
        for (size_t r = 0; r < problem->row_count; r++)
            found->sum += problem->targets[r] * problem->targets[r];
    }
    free(places);
}

/* How much the sum of squares would fall at first if an unknown rose from 0. */
static double gain_of(const struct problem *problem, const double *values, size_t column)
{
    double gain = 0;
    for (size_t r = 0; r < problem->row_count; r++) {
        const double *cells = problem->cells + r * problem->column_count;
        double left = problem->targets[r];
        for (size_t c = 0; c < problem->column_count; c++)
            left -= cells[c] * values[c];
        gain += cells[column] * left;
    }
    return gain;
}

static size_t most_negative(const double *values, size_t count)
{
    size_t found = count;
    for (size_t c = 0; c < count; c++)
        if (values[c] < 0 && (found == count || values[c] < values[found]))
            found = c;
    return found;
}

/* What comes out negative is taken out, the most negative first, and comes back if the others then ask for it (after
 * Lawson and Hanson, Solving least squares problems, 1974, chapter 23). The number of rounds is limited because taking
 * out one at a time might go round in circles.
 */
static void find_positive(const struct problem *problem, struct fit_positive *found)
{
    size_t width = problem->column_count, out;
    bool *is_in = sim_allocate(width, sizeof *is_in);
    for (size_t c = 0; c < width; c++)
        is_in[c] = true;
    for (size_t round = 0; round < 4 * width; round++) {
        for (solve(problem, is_in, found); (out = most_negative(found->values, width)) < width;
             solve(problem, is_in, found))
            is_in[out] = false;
        size_t back = 0;
        while (back < width && (is_in[back] || gain_of(problem, found->values, back) <= GAIN_LOWEST))
            back++;
        if (back == width)
            break;
        is_in[back] = true;
    }
    free(is_in);
}

static struct fit_positive found_of(size_t column_count)
{
    return (struct fit_positive){.column_count = column_count,
                                 .values = sim_allocate(column_count, sizeof(double)),
                                 .covariance = sim_allocate(column_count * column_count, sizeof(double))};
}

struct fit_positive fit_positive_solve(const double *cells, const double *targets, size_t row_count,
                                       size_t column_count)
{
    struct problem problem = scaled(cells, targets, row_count, column_count);
    struct fit_positive found = found_of(column_count);
    find_positive(&problem, &found);
    for (size_t a = 0; a < column_count; a++) {
        found.values[a] *= problem.scales[a];
        for (size_t b = 0; b < column_count; b++)
            found.covariance[a * column_count + b] *= problem.scales[a] * problem.scales[b];
    }
    release(&problem);
    return found;
}

void fit_positive_release(struct fit_positive *found)
{
    free(found->values);
    free(found->covariance);
}

/* What the other columns leave of this one, in squares: its own are 1. */
static double left_of(const struct problem *problem, const size_t *others, size_t column)
{
    struct fit_positive found = found_of(problem->column_count);
    double *target = sim_allocate(problem->row_count, sizeof *target);
    struct problem of_column = *problem;
    for (size_t r = 0; r < problem->row_count; r++)
        target[r] = problem->cells[r * problem->column_count + column];
    of_column.targets = target;
    solve_some(&of_column, others, problem->column_count - 1, &found);
    free(target);
    fit_positive_release(&found);
    return found.sum;
}

double fit_positive_inflation(const double *cells, size_t row_count, size_t column_count, size_t column)
{
    size_t *others = sim_allocate(column_count, sizeof *others), count = 0;
    struct problem problem = scaled(cells, NULL, row_count, column_count);
    for (size_t c = 0; c < column_count; c++)
        if (c != column)
            others[count++] = c;
    double left = count > 0 ? left_of(&problem, others, column) : 1;
    release(&problem);
    free(others);
    return left > 0 ? 1 / left : INFINITY;
}
