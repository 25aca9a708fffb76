/* fit_falls.h - rows that are lower than a row before them although they cannot be.
 *
 * A step with twice the batch cannot be shorter. Where a table says so by more than chance explains, one of its rows
 * measured something else. Which one is decided by the fewest that have to go so that the rest does not fall; of
 * equally few, the later ones.
 */
#ifndef ANALYSIS_FIT_FALLS_H
#define ANALYSIS_FIT_FALLS_H

#include <stdbool.h>
#include <stddef.h>

/* Falls that chance explains in more than this share of cases are no anomaly. */
#define FIT_FALLS_CHANCE 0.001

/* A mean with its standard error and the degrees of freedom behind that. */
struct fit_falls_mean {
    double value;
    double error;
    double degrees;
};

/* How often chance alone would let two means of equal truth fall at least as far as from `before` to `after` (Welch's
 * test, one-sided): 0 to 1. 1 where an error is not known or without degrees of freedom.
 */
double fit_falls_chance(struct fit_falls_mean before, struct fit_falls_mean after);

/* falls[i * count + j]: row j is lower than row i, for i < j in the order in which rows must not fall; other places
 * are not looked at. Sets is_out of each row, so that no two of the others fall. Returns how many are out.
 */
size_t fit_falls_leave_out(const bool *falls, size_t count, bool *is_out);

#endif
