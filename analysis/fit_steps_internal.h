/* fit_steps_internal.h - what the files of fit_steps share. */
#ifndef ANALYSIS_FIT_STEPS_INTERNAL_H
#define ANALYSIS_FIT_STEPS_INTERNAL_H

#include "analysis/fit_steps.h"

/* Fills c1 and scatter. */
void fit_steps_cached(struct fit_steps *steps, const struct fit_steps_row *rows, size_t count,
                      const struct fit_steps_known *known);

/* Fills c2 and what belongs to it, once c0 and c1 are there. */
void fit_steps_prefill(struct fit_steps *steps, const struct fit_steps_row *rows, size_t count,
                       const struct fit_steps_known *known);

/* Whether no row before it has a token time for the same batch. False for a row without one. */
bool fit_steps_is_first_of_batch(const struct fit_steps_row *rows, size_t row);

/* Value and interval cut at 0. */
struct fit_curve_value fit_steps_not_negative(struct fit_curve_value value);

#endif
