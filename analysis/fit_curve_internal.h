/* fit_curve_internal.h - what the families of fit_curve.h share. */
#ifndef ANALYSIS_FIT_CURVE_INTERNAL_H
#define ANALYSIS_FIT_CURVE_INTERNAL_H

#include "analysis/fit_curve.h"

#define FIT_CURVE_COLUMNS 4

/* Least squares by columns of known numbers. */
struct fit_curve_squares {
    size_t column_count;
    double parameters[FIT_CURVE_COLUMNS];
    double covariance[FIT_CURVE_COLUMNS][FIT_CURVE_COLUMNS]; /* for a residual of 1 */
    double sum;                                              /* of weighted squares about the fit */
};

/* rows[i]: the columns of points[i]. */
struct fit_curve_squares fit_curve_squares(const struct fit_curve_point *points, size_t count,
                                           double (*rows)[FIT_CURVE_COLUMNS], size_t column_count);

/* Interval around a value from its standard error; no interval where that is NaN or degrees are below 1. */
struct fit_curve_value fit_curve_interval(double value, double error, double degrees);
struct fit_curve_value fit_curve_none(void);

/* Number of different x of points sorted by x. */
size_t fit_curve_distinct(const struct fit_curve_point *sorted, size_t count);

/* Fill a curve, whose family is set, from points sorted by x. The number of different x is sufficient. */
void fit_curve_line(struct fit_curve *curve, const struct fit_curve_point *sorted, size_t count);
void fit_curve_knee(struct fit_curve *curve, const struct fit_curve_point *sorted, size_t count);
void fit_curve_monotone(struct fit_curve *curve, const struct fit_curve_point *sorted, size_t count);

#endif
