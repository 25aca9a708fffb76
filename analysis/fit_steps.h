/* fit_steps.h - the step times of continuous batching from a table of them.
 *
 * A step of B requests with K cached tokens and P prefill tokens takes c0(B) + c1 K + c2 P (models/batching.h). Numbers
 * in, coefficients out. The parts are fitted one after another, by weighted least squares of relative errors:
 *
 *     c1   from token times at one batch and different numbers of cached tokens; all such batches share one slope
 *     c0   from token times less c1 K: a curve of fit_curve.h over batches
 *     c2   from prompt times less what c0 and c1 make of the steps: of rows whose prompts fit into one step, if there
 *          are two or more, since only these measured a step that the engine would make; else of all
 *
 * A row is the mean of its repeats. Rows differ by more than their repeats do, by what changed from one row to the
 * next; how much is seen where one batch has several rows, and is part of every interval.
 */
#ifndef ANALYSIS_FIT_STEPS_H
#define ANALYSIS_FIT_STEPS_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/fit_curve.h"

/* One row; NaN: not measured, or not known. */
struct fit_steps_row {
    double batch;       /* requests in progress, 1 or more */
    double input;       /* tokens of each prompt */
    double cached;      /* tokens of all requests that are cached when a decoding step begins, on average */
    double token_s;     /* one decoding step */
    double prompt_s;    /* all prompts, from the first step to the end of the last one */
    double token_error; /* standard errors from repeats */
    double prompt_error;
    double degrees;  /* of freedom behind them: repeats - 1 */
    bool is_ignored; /* neither fitted nor looked at */
};

struct fit_steps {
    struct fit_curve *base;             /* c0 in seconds over batches */
    struct fit_curve_value per_cached;  /* c1 in seconds; 0 without interval where the rows cannot tell */
    struct fit_curve_value per_prefill; /* c2, likewise */
    bool is_cached_known;               /* some batch was measured with different numbers of cached tokens */
    bool is_cached_level;               /* more cached tokens made no step longer: c1 is 0, the lowest allowed */
    bool is_prefill_known;              /* there are prompt times */
    bool is_prefill_level;              /* the prompts take no longer than the steps without them: c2 is 0 */
    bool uses_long_prompts;             /* c2 comes from prompts that take several steps too */
    double cached_highest;              /* largest number of cached tokens behind c1 */
    double cached_error;                /* standard error of c1; 0 where it has none */
    double scatter; /* relative standard deviation of rows of one batch about the fit; NaN: not known */
    double scatter_degrees;
    double token_budget; /* tokens of a step */
};

/* What is known beforehand. */
struct fit_steps_known {
    double token_budget; /* 1 or more */
    double per_cached;   /* NaN: to be fitted */
    double per_prefill;  /* NaN: to be fitted */
};

/* Fits the rows that are not ignored. NULL where there are too few batches for the family. */
struct fit_steps *fit_steps_create(const struct fit_steps_row *rows, size_t count, enum fit_curve_family family,
                                   const struct fit_steps_known *known);
void fit_steps_destroy(struct fit_steps *steps);

/* A decoding step. */
double fit_steps_token_s(const struct fit_steps *steps, double batch, double cached);

/* What the rows of one batch say of c0 by themselves: mean token time less c1 K, with its standard error. y is NaN
 * where no row of the batch has a token time.
 */
struct fit_curve_point fit_steps_base_point(const struct fit_steps *steps, const struct fit_steps_row *rows,
                                            size_t count, double batch);

/* `batch` prompts of `input` tokens that come at once: until the end of the step that completes the last of them. */
double fit_steps_prompt_s(const struct fit_steps *steps, double batch, double input);

/* Whether the prompts of a row fit into one step. */
bool fit_steps_is_one_step(const struct fit_steps_row *row, double token_budget);

/* Predicts the times of each row from a fit without all rows of its batch: relative errors of token and prompt times.
 * NaN for ignored rows, for the smallest and the largest batch, for what was not measured, and where too few are left.
 */
void fit_steps_hold_out(const struct fit_steps_row *rows, size_t count, enum fit_curve_family family,
                        const struct fit_steps_known *known, double *token_errors, double *prompt_errors);

/* A row of a batch whose times are lower than those of a smaller one by more than chance explains (fit_falls.h). */
struct fit_steps_anomaly {
    bool token_falls;
    bool prompt_falls;
    size_t than; /* row of the largest smaller batch that is kept and that it is lower than */
};

/* Looks for batches that have to be left out: prompt times are compared between rows with prompts of one length, token
 * times less c1 K between all. Fills one anomaly per row, with neither flag where the row may stay. Returns how many
 * rows have to go.
 */
size_t fit_steps_find_anomalies(const struct fit_steps_row *rows, size_t count, const struct fit_steps_known *known,
                                struct fit_steps_anomaly *anomalies);

#endif
