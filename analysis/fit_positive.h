/* fit_positive.h - linear least squares in which no unknown is negative.
 *
 * Equations of known factors: cells of row r at r * column_count, which times the unknowns should add up to targets[r].
 * All rows weigh the same; divide a row by its target for relative errors. Factors may be of any size: columns are
 * scaled to one size before anything is solved.
 */
#ifndef ANALYSIS_FIT_POSITIVE_H
#define ANALYSIS_FIT_POSITIVE_H

#include <stddef.h>

struct fit_positive {
    size_t column_count;
    size_t positive_count; /* unknowns above 0; the others would have been negative */
    double *values;
    double *covariance; /* for a residual of 1, of a and b at a * column_count + b; 0 for unknowns that are 0 */
    double sum;         /* of squares about the fit */
};

/* column_count 1 or more, row_count at least as many. To be released. */
struct fit_positive fit_positive_solve(const double *cells, const double *targets, size_t row_count,
                                       size_t column_count);
void fit_positive_release(struct fit_positive *found);

/* Variance inflation of one unknown, 1 or more: by how much its variance exceeds that of an unknown whose column the
 * others do not resemble. Infinity, or a very large number, where the others can replace it.
 */
double fit_positive_inflation(const double *cells, size_t row_count, size_t column_count, size_t column);

#endif
