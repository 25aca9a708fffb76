/* fit_walls.h - the step times of continuous batching from how long whole batches took.
 *
 * `batch` equal requests come at once and are served together; what is known is the time until the last of them is
 * done. Which steps an engine makes of that does not depend on how long they are: so many with so many requests, so
 * many cached and so many prefill tokens in all (batching.h, with memory for everybody). The wall time is therefore a
 * sum of c0(B), c1 and c2 with known factors, and all three follow from linear least squares of relative errors, where
 * nothing is negative and c0 does not fall. c0 has a knot at each measured batch and is straight between them.
 */
#ifndef ANALYSIS_FIT_WALLS_H
#define ANALYSIS_FIT_WALLS_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/fit_curve.h"

struct fit_walls_row {
    double batch;  /* requests, a whole number from 1 on */
    double input;  /* tokens of each prompt, from 1 on */
    double output; /* tokens of each answer, from 1 on */
    double wall_s; /* above 0 */
    bool is_ignored;
};

struct fit_walls {
    double token_budget;
    size_t knot_count;
    struct fit_curve_knot *knots; /* c0 in seconds by batch */
    struct fit_curve_value per_cached;
    struct fit_curve_value per_prefill;
    bool is_prefill_known; /* false: the rows cannot tell c2 from c0, which then holds both; c2 is 0 */
    double residual;       /* relative, per degree of freedom; NaN: none left */
};

/* Fits the rows that are not ignored. per_prefill: c2 where it is known, or NaN. NULL where the rows are fewer than the
 * coefficients: different batches + 2.
 */
struct fit_walls *fit_walls_create(const struct fit_walls_row *rows, size_t count, double token_budget,
                                   double per_prefill);
void fit_walls_destroy(struct fit_walls *walls);

/* Time of a whole batch with memory for everybody. Beyond the first and the last knot c0 stays level. */
double fit_walls_wall_s(const struct fit_walls *walls, const struct fit_walls_row *row);

/* Relative errors of each row predicted from a fit without all rows of its batch; NaN for ignored rows, for the
 * smallest and the largest batch and where too few are left.
 */
void fit_walls_hold_out(const struct fit_walls_row *rows, size_t count, double token_budget, double per_prefill,
                        double *errors);

#endif
