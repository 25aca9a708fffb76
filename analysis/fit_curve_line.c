/* fit_curve_line.c - weighted least squares, and the straight line. */
#include <math.h>

#include <gsl/gsl_multifit.h>

#include "analysis/fit_curve_internal.h"
#include "sim/error.h"

struct fit_curve_squares fit_curve_squares(const struct fit_curve_point *points, size_t count,
                                           double (*rows)[FIT_CURVE_COLUMNS], size_t column_count)
{
    struct fit_curve_squares found = {.column_count = column_count};
    gsl_matrix *matrix = gsl_matrix_alloc(count, column_count);
    gsl_matrix *covariance = gsl_matrix_alloc(column_count, column_count);
    gsl_vector *values = gsl_vector_alloc(count), *weights = gsl_vector_alloc(count);
    gsl_vector *parameters = gsl_vector_alloc(column_count);
    gsl_multifit_linear_workspace *work = gsl_multifit_linear_alloc(count, column_count);
    for (size_t i = 0; i < count; i++) {
        gsl_vector_set(values, i, points[i].y);
        gsl_vector_set(weights, i, points[i].weight);
        for (size_t j = 0; j < column_count; j++)
            gsl_matrix_set(matrix, i, j, rows[i][j]);
    }
    int status = gsl_multifit_wlinear(matrix, weights, values, parameters, covariance, &found.sum, work);
    sim_assert(status == GSL_SUCCESS);
    for (size_t i = 0; i < column_count; i++) {
        found.parameters[i] = gsl_vector_get(parameters, i);
        for (size_t j = 0; j < column_count; j++)
            found.covariance[i][j] = gsl_matrix_get(covariance, i, j);
    }
    gsl_multifit_linear_free(work);
    gsl_vector_free(parameters);
    gsl_vector_free(weights);
    gsl_vector_free(values);
    gsl_matrix_free(covariance);
    gsl_matrix_free(matrix);
    return found;
}

/* The line at x, with its interval. */
static struct fit_curve_value line_at(const struct fit_curve_squares *line, double residual, double degrees, double x)
{
    double variance = line->covariance[0][0];
    double value = line->parameters[0];
    if (line->column_count == 2) {
        value += line->parameters[1] * x;
        variance += 2 * x * line->covariance[0][1] + x * x * line->covariance[1][1];
    }
    return fit_curve_interval(value, residual * sqrt(variance), degrees);
}

static struct fit_curve_value not_negative(struct fit_curve_value slope)
{
    return (struct fit_curve_value){fmax(slope.value, 0), isnan(slope.low) ? NAN : fmax(slope.low, 0),
                                    isnan(slope.high) ? NAN : fmax(slope.high, 0)};
}

void fit_curve_line(struct fit_curve *curve, const struct fit_curve_point *sorted, size_t count)
{
    double rows[count][FIT_CURVE_COLUMNS];
    for (size_t i = 0; i < count; i++) {
        rows[i][0] = 1;
        rows[i][1] = sorted[i].x;
    }
    bool is_one_x = fit_curve_distinct(sorted, count) == 1;
    struct fit_curve_squares line = fit_curve_squares(sorted, count, rows, is_one_x ? 1 : 2);
    double degrees = (double)count - (double)line.column_count;
    curve->slope = (struct fit_curve_value){0, NAN, NAN};
    if (!is_one_x) {
        double error = sqrt(line.sum / degrees * line.covariance[1][1]);
        curve->is_level = line.parameters[1] < 0;
        curve->slope = not_negative(fit_curve_interval(line.parameters[1], error, degrees));
    }
    if (curve->is_level) {
        line = fit_curve_squares(sorted, count, rows, 1);
        degrees = (double)count - 1;
    }
    curve->residual = degrees >= 1 ? sqrt(line.sum / degrees) : NAN;
    curve->intercept = line_at(&line, curve->residual, degrees, 0);
    double ends[2] = {sorted[0].x, sorted[count - 1].x};
    for (size_t i = 0; i < (is_one_x ? 1 : 2); i++)
        curve->knots[curve->knot_count++] =
            (struct fit_curve_knot){ends[i], line_at(&line, curve->residual, degrees, ends[i])};
}
