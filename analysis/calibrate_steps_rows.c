/* calibrate_steps_rows.c - repeats become rows, and rows that cannot be are named. */
#include <math.h>
#include <stdlib.h>

#include "analysis/calibrate_steps_internal.h"
#include "sim/memory.h"

/* ---- Rows ---- */

static bool is_equal(double a, double b)
{
    return isnan(a) ? isnan(b) : !(fabs(a - b) > 0);
}

static bool is_repeat(const struct calibrate_steps_group *group, const struct measurement_row *row)
{
    return group->first->is_held_out == row->is_held_out &&
           is_equal(group->first->values[MEASURE_BATCH], row->values[MEASURE_BATCH]) &&
           is_equal(group->first->values[MEASURE_INPUT_TOKENS], row->values[MEASURE_INPUT_TOKENS]) &&
           is_equal(group->first->values[MEASURE_OUTPUT_TOKENS], row->values[MEASURE_OUTPUT_TOKENS]) &&
           is_equal(group->first->values[MEASURE_CACHED_TOKENS], row->values[MEASURE_CACHED_TOKENS]);
}

static struct calibrate_steps_group *find_group(struct sim_array *groups, const struct measurement_table *table,
                                                const struct measurement_row *row)
{
    for (size_t i = 0; i < groups->count; i++)
        if (is_repeat((struct calibrate_steps_group *)groups->items + i, row))
            return (struct calibrate_steps_group *)groups->items + i;
    size_t index = sim_array_add(groups);
    struct calibrate_steps_group *added = (struct calibrate_steps_group *)groups->items + index;
    *added = (struct calibrate_steps_group){.table = table, .first = row, .output = row->values[MEASURE_OUTPUT_TOKENS]};
    return added;
}

static void add_row(struct sim_array *groups, const struct measurement_table *table, const struct measurement_row *row)
{
    struct calibrate_steps_group *group = find_group(groups, table, row);
    double token = row->values[MEASURE_TOKEN_TIME], prompt = row->values[MEASURE_PROMPT_TIME];
    double token_off = token - group->first->values[MEASURE_TOKEN_TIME];
    double prompt_off = prompt - group->first->values[MEASURE_PROMPT_TIME];
    group->count++;
    group->token_sum += token;
    group->token_squares += token_off * token_off;
    group->prompt_sum += prompt;
    group->prompt_squares += prompt_off * prompt_off;
}

/* Standard error of a mean of repeats; NaN for one. */
static double error_of(double mean, double first, double squares, double count)
{
    double about_mean = fmax(squares - count * (mean - first) * (mean - first), 0);
    return count > 1 ? sqrt(about_mean / (count - 1) / count) : NAN;
}

/* Tokens cached at the start of a decoding step, averaged over the output: the prompts, and of the output what has
 * been computed, which is from none to all but the last two (batching.h).
 */
static double cached_tokens(const struct calibrate_steps_group *group)
{
    const double *values = group->first->values;
    double input = isnan(values[MEASURE_INPUT_TOKENS]) ? 0 : values[MEASURE_INPUT_TOKENS];
    if (!isnan(values[MEASURE_CACHED_TOKENS]))
        return values[MEASURE_CACHED_TOKENS];
    return values[MEASURE_BATCH] * (input + fmax(isnan(group->output) ? 0 : group->output - 2, 0) / 2);
}

static struct fit_steps_row row_of(const struct calibrate_steps_group *group)
{
    const double *first = group->first->values;
    struct fit_steps_row row = {
        .batch = first[MEASURE_BATCH],
        .input = first[MEASURE_INPUT_TOKENS],
        .cached = cached_tokens(group),
        .token_s = group->token_sum / group->count,
        .prompt_s = isnan(first[MEASURE_INPUT_TOKENS]) ? NAN : group->prompt_sum / group->count,
        .degrees = group->count - 1,
        .is_ignored = group->first->is_held_out,
    };
    row.token_error = error_of(row.token_s, first[MEASURE_TOKEN_TIME], group->token_squares, group->count);
    row.prompt_error = error_of(row.prompt_s, first[MEASURE_PROMPT_TIME], group->prompt_squares, group->count);
    return row;
}

static void collect_rows(struct calibrate_steps_data *data)
{
    const struct measurements *measurements = data->calibration->measurements;
    for (size_t t = 0; t < measurements->table_count; t++) {
        const struct measurement_table *table = &measurements->tables[t];
        for (size_t i = 0; i < table->row_count && table->kind == MEASUREMENT_STEPS; i++)
            add_row(&data->groups, table, &table->rows[i]);
    }
    data->count = data->groups.count;
    data->rows = sim_allocate(data->count + 1, sizeof *data->rows);
    for (size_t i = 0; i < data->count; i++) {
        data->rows[i] = row_of(calibrate_steps_group(data, i));
        data->has_held_out |= data->rows[i].is_ignored;
    }
}

void calibrate_steps_collect(struct calibrate_steps_data *data, struct calibration *calibration)
{
    const struct measurements *measurements = calibration->measurements;
    const struct profile_config *profile = &measurements->profile;
    *data = (struct calibrate_steps_data){.calibration = calibration};
    sim_array_init(&data->groups, sizeof(struct calibrate_steps_group));
    data->known.token_budget = (double)profile->token_budget;
    data->known.per_cached = measurements_knows(measurements, "per_cached_token") ? profile->per_cached_token_s : NAN;
    data->known.per_prefill =
        measurements_knows(measurements, "per_prefill_token") ? profile->per_prefill_token_s : NAN;
    collect_rows(data);
}

void calibrate_steps_release(struct calibrate_steps_data *data)
{
    sim_array_release(&data->groups);
    free(data->rows);
}

/* ---- Rows that cannot be ---- */

static const char *fall_text(const struct calibrate_steps_data *data, size_t row,
                             const struct fit_steps_anomaly *anomaly)
{
    const struct fit_steps_row *own = &data->rows[row], *other = &data->rows[anomaly->than];
    const char *prompt =
        calibrate_text(data->calibration, "%sthe prompts took %.4g ms, those of batch %g %.4g ms",
                       anomaly->prompt_falls ? "" : "(", own->prompt_s * 1e3, other->batch, other->prompt_s * 1e3);
    const char *token = calibrate_text(data->calibration, "a token took %.4g ms, at batch %g %.4g ms",
                                       own->token_s * 1e3, other->batch, other->token_s * 1e3);
    const char *what = anomaly->prompt_falls && own->token_s < other->token_s
                           ? calibrate_text(data->calibration, "%s; %s", prompt, token)
                           : (anomaly->prompt_falls ? prompt : token);
    return calibrate_text(data->calibration,
                          "%s: a larger batch cannot be faster, by more than chance explains; something else was "
                          "measured",
                          what);
}

void calibrate_steps_leave_out(struct calibrate_steps_data *data)
{
    struct fit_steps_anomaly *anomalies = sim_allocate(data->count + 1, sizeof *anomalies);
    fit_steps_find_anomalies(data->rows, data->count, &data->known, anomalies);
    for (size_t i = 0; i < data->count; i++) {
        if (!anomalies[i].token_falls && !anomalies[i].prompt_falls)
            continue;
        calibrate_add_anomaly(data->calibration, calibrate_steps_group(data, i)->table,
                              calibrate_steps_group(data, i)->first, true, fall_text(data, i, &anomalies[i]));
        data->rows[i].is_ignored = true;
    }
    free(anomalies);
}

static size_t row_of_batch(const struct calibrate_steps_data *data, double batch)
{
    size_t row = 0;
    while (row + 1 < data->count && (data->rows[row].is_ignored || !is_equal(data->rows[row].batch, batch)))
        row++;
    return row;
}

void calibrate_steps_name_pooled(const struct calibrate_steps_data *data, const struct fit_steps *steps)
{
    const struct fit_curve *base = steps->base;
    for (size_t k = 1; k < base->knot_count && base->family == FIT_CURVE_MONOTONE; k++) {
        double batch = base->knots[k].x, before = base->knots[k - 1].x;
        struct fit_curve_point own = fit_steps_base_point(steps, data->rows, data->count, batch);
        struct fit_curve_point other = fit_steps_base_point(steps, data->rows, data->count, before);
        if (own.y >= other.y)
            continue;
        const struct calibrate_steps_group *group = calibrate_steps_group(data, row_of_batch(data, batch));
        calibrate_add_anomaly(data->calibration, group->table, group->first, false,
                              calibrate_text(data->calibration,
                                             "without its cached tokens a step takes %.3g ms less than at batch %g, "
                                             "which chance explains: both count as equally long",
                                             (other.y - own.y) * 1e3, before));
    }
}
