/* fit_steps.c - c1, then c0, then c2. */
#include "analysis/fit_steps.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/fit_curve_internal.h"
#include "analysis/fit_steps_internal.h"
#include "sim/memory.h"

static bool has_token(const struct fit_steps_row *row)
{
    return !row->is_ignored && isfinite(row->token_s);
}

/* ---- c1 ---- */

/* What the rows of one batch have in common. Weights are 1 / token_s^2, so that errors are relative. */
struct batch_mean {
    size_t row_count;
    double cached;
    double token_s;
    double weight; /* sum of the weights */
    double error;  /* standard error of token_s by the repeats alone */
    double degrees;
};

static struct batch_mean mean_of_batch(const struct fit_steps_row *rows, size_t count, double batch)
{
    struct batch_mean mean = {0};
    for (size_t i = 0; i < count; i++) {
        if (!has_token(&rows[i]) || fabs(rows[i].batch - batch) > 0)
            continue;
        double weight = 1 / (rows[i].token_s * rows[i].token_s);
        mean.row_count++;
        mean.cached += weight * rows[i].cached;
        mean.token_s += weight * rows[i].token_s;
        mean.weight += weight;
        mean.error += weight * weight * rows[i].token_error * rows[i].token_error;
        mean.degrees += rows[i].degrees;
    }
    mean.cached /= mean.weight;
    mean.token_s /= mean.weight;
    mean.error = sqrt(mean.error) / mean.weight;
    return mean;
}

/* Sums about the means of the batches. */
struct batch_sums {
    double cached_squares;
    double products;
    double degrees; /* rows less batches */
};

static struct batch_sums sums_within_batches(const struct fit_steps_row *rows, size_t count)
{
    struct batch_sums sums = {0};
    for (size_t i = 0; i < count; i++) {
        if (!has_token(&rows[i]))
            continue;
        struct batch_mean mean = mean_of_batch(rows, count, rows[i].batch);
        double weight = 1 / (rows[i].token_s * rows[i].token_s), cached = rows[i].cached - mean.cached;
        sums.cached_squares += weight * cached * cached;
        sums.products += weight * cached * (rows[i].token_s - mean.token_s);
        sums.degrees += 1 - 1 / (double)mean.row_count;
    }
    return sums;
}

/* Relative squares about parallel lines of slope per_cached. */
static double squares_within_batches(const struct fit_steps_row *rows, size_t count, double per_cached)
{
    double squares = 0;
    for (size_t i = 0; i < count; i++) {
        if (!has_token(&rows[i]))
            continue;
        struct batch_mean mean = mean_of_batch(rows, count, rows[i].batch);
        double off = rows[i].token_s - mean.token_s - per_cached * (rows[i].cached - mean.cached);
        squares += off * off / (rows[i].token_s * rows[i].token_s);
    }
    return squares;
}

/* What lies between 0 and the slope at which c0 of some row would be 0. */
static double allowed_slope(const struct fit_steps_row *rows, size_t count, double slope)
{
    for (size_t i = 0; i < count; i++)
        if (has_token(&rows[i]))
            slope = fmin(slope, rows[i].token_s / fmax(rows[i].cached, 1));
    return fmax(slope, 0);
}

struct fit_curve_value fit_steps_not_negative(struct fit_curve_value value)
{
    if (isnan(value.low))
        return value;
    return (struct fit_curve_value){value.value, fmax(value.low, 0), fmax(value.high, 0)};
}

void fit_steps_cached(struct fit_steps *steps, const struct fit_steps_row *rows, size_t count,
                      const struct fit_steps_known *known)
{
    struct batch_sums sums = sums_within_batches(rows, count);
    double slope = isnan(known->per_cached) ? 0 : known->per_cached;
    bool is_fitted = isnan(known->per_cached) && sums.cached_squares > 0;
    if (is_fitted) {
        double best = sums.products / sums.cached_squares;
        slope = allowed_slope(rows, count, best);
        steps->is_cached_level = best <= 0;
    }
    steps->is_cached_known = is_fitted || !isnan(known->per_cached);
    steps->scatter_degrees = round(sums.degrees) - is_fitted;
    steps->scatter =
        steps->scatter_degrees >= 1 ? sqrt(squares_within_batches(rows, count, slope) / steps->scatter_degrees) : NAN;
    steps->per_cached = (struct fit_curve_value){slope, NAN, NAN};
    if (is_fitted && isfinite(steps->scatter)) {
        steps->cached_error = steps->scatter / sqrt(sums.cached_squares);
        steps->per_cached =
            fit_steps_not_negative(fit_curve_interval(slope, steps->cached_error, steps->scatter_degrees));
    }
    for (size_t i = 0; i < count; i++)
        if (has_token(&rows[i]) && mean_of_batch(rows, count, rows[i].batch).row_count > 1)
            steps->cached_highest = fmax(steps->cached_highest, rows[i].cached);
}

/* ---- c0 ---- */

struct fit_curve_point fit_steps_base_point(const struct fit_steps *steps, const struct fit_steps_row *rows,
                                            size_t count, double batch)
{
    struct batch_mean mean = mean_of_batch(rows, count, batch);
    double scatter = steps->scatter / sqrt(mean.weight);
    bool is_by_repeats = isnan(scatter) || mean.error > scatter;
    return (struct fit_curve_point){
        .x = batch,
        .y = mean.token_s - steps->per_cached.value * mean.cached,
        .weight = mean.weight,
        .error = hypot(is_by_repeats ? mean.error : scatter, steps->cached_error * mean.cached),
        .degrees = is_by_repeats ? mean.degrees : steps->scatter_degrees,
    };
}

bool fit_steps_is_first_of_batch(const struct fit_steps_row *rows, size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (has_token(&rows[i]) && !(fabs(rows[i].batch - rows[row].batch) > 0))
            return false;
    return has_token(&rows[row]);
}

static void fit_base(struct fit_steps *steps, const struct fit_steps_row *rows, size_t count,
                     enum fit_curve_family family)
{
    struct fit_curve_point *points = sim_allocate(count + 1, sizeof *points);
    size_t point_count = 0;
    for (size_t i = 0; i < count; i++)
        if (fit_steps_is_first_of_batch(rows, i))
            points[point_count++] = fit_steps_base_point(steps, rows, count, rows[i].batch);
    steps->base = fit_curve_create(points, point_count, family);
    free(points);
}

double fit_steps_token_s(const struct fit_steps *steps, double batch, double cached)
{
    return fit_curve_at(steps->base, batch) + steps->per_cached.value * cached;
}

/* ---- All of it ---- */

struct fit_steps *fit_steps_create(const struct fit_steps_row *rows, size_t count, enum fit_curve_family family,
                                   const struct fit_steps_known *known)
{
    struct fit_steps *steps = sim_allocate(1, sizeof *steps);
    steps->token_budget = known->token_budget;
    fit_steps_cached(steps, rows, count, known);
    fit_base(steps, rows, count, family);
    if (!steps->base) {
        fit_steps_destroy(steps);
        return NULL;
    }
    fit_steps_prefill(steps, rows, count, known);
    return steps;
}

void fit_steps_destroy(struct fit_steps *steps)
{
    if (!steps)
        return;
    fit_curve_destroy(steps->base);
    free(steps);
}

/* Whether a curve through the other batches would have to go beyond them. */
static bool is_at_end(const struct fit_steps_row *rows, size_t count, double batch)
{
    bool is_lowest = true, is_highest = true;
    for (size_t i = 0; i < count; i++) {
        is_lowest &= !has_token(&rows[i]) || rows[i].batch >= batch;
        is_highest &= !has_token(&rows[i]) || rows[i].batch <= batch;
    }
    return is_lowest || is_highest;
}

static void predict_batch(const struct fit_steps *steps, const struct fit_steps_row *rows, size_t count, double batch,
                          double *token_errors, double *prompt_errors)
{
    for (size_t i = 0; i < count; i++) {
        const struct fit_steps_row *row = &rows[i];
        if (row->is_ignored || fabs(row->batch - batch) > 0)
            continue;
        token_errors[i] = fit_steps_token_s(steps, batch, row->cached) / row->token_s - 1;
        if (steps->is_prefill_known && isfinite(row->prompt_s))
            prompt_errors[i] = fit_steps_prompt_s(steps, batch, row->input) / row->prompt_s - 1;
    }
}

void fit_steps_hold_out(const struct fit_steps_row *rows, size_t count, enum fit_curve_family family,
                        const struct fit_steps_known *known, double *token_errors, double *prompt_errors)
{
    struct fit_steps_row *rest = sim_allocate(count + 1, sizeof *rest);
    for (size_t i = 0; i < count; i++)
        token_errors[i] = prompt_errors[i] = NAN;
    for (size_t i = 0; i < count; i++) {
        bool is_first = true;
        for (size_t j = 0; j < count; j++) {
            bool is_of_batch = !(fabs(rows[j].batch - rows[i].batch) > 0);
            is_first &= j >= i || !is_of_batch || rows[j].is_ignored;
            rest[j] = rows[j];
            rest[j].is_ignored |= is_of_batch;
        }
        if (rows[i].is_ignored || !is_first || is_at_end(rows, count, rows[i].batch))
            continue;
        struct fit_steps *steps = fit_steps_create(rest, count, family, known);
        if (steps)
            predict_batch(steps, rows, count, rows[i].batch, token_errors, prompt_errors);
        fit_steps_destroy(steps);
    }
    free(rest);
}
