/* calibrate_steps.c - the step times of continuous batching from tables of kind `steps`.
 *
 * Rows of one batch, prompt and output length are repeats and become their mean. Batches that are faster than smaller
 * ones are left out and named, the rest goes to fit_steps.h. Where no row is held out, every batch is in turn: what the
 * fit without it makes of it are the held-out errors, beside those of other forms of the curve.
 *
 * The curve goes through what was measured unless the file asks for another form: an engine's profile is a table, and a
 * line that is as good between the batches can still miss those that were measured.
 */
#include <math.h>
#include <stdlib.h>

#include "analysis/calibrate_steps_internal.h"
#include "models/batching.h"
#include "sim/memory.h"

static const char *group_name(const struct calibrate_steps_data *data, size_t row)
{
    const struct fit_steps_row *found = &data->rows[row];
    struct calibration *calibration = data->calibration;
    const char *input = isnan(found->input) ? "" : calibrate_text(calibration, ", %g", found->input);
    double output = calibrate_steps_group(data, row)->output;
    return calibrate_text(calibration, "batch %g%s%s", found->batch, input,
                          isnan(output) ? "" : calibrate_text(calibration, " + %g tokens", output));
}

/* ---- Results ---- */

static void add_parameters(const struct calibrate_steps_data *data, const struct fit_steps *steps)
{
    const struct fit_curve *base = steps->base;
    for (size_t k = 0; k < base->knot_count; k++) {
        const struct fit_curve_value *y = &base->knots[k].y;
        calibrate_add_parameter(data->calibration,
                                &(struct calibration_parameter){
                                    .name = calibrate_text(data->calibration, "step at %.4g running", base->knots[k].x),
                                    .unit = "s",
                                    .value = y->value,
                                    .low = y->low,
                                    .high = y->high});
    }
    calibrate_add_parameter(data->calibration, &(struct calibration_parameter){.name = "per_cached_token",
                                                                               .unit = "s",
                                                                               .value = steps->per_cached.value,
                                                                               .low = steps->per_cached.low,
                                                                               .high = steps->per_cached.high,
                                                                               .is_at_bound = steps->is_cached_level});
    calibrate_add_parameter(data->calibration, &(struct calibration_parameter){.name = "per_prefill_token",
                                                                               .unit = "s",
                                                                               .value = steps->per_prefill.value,
                                                                               .low = steps->per_prefill.low,
                                                                               .high = steps->per_prefill.high,
                                                                               .is_at_bound = steps->is_prefill_level});
}

/* The curve of the profile: its batches are whole numbers, those measured and the two around a knee. */
static void fill_curve(struct calibrate_steps_data *data, const struct fit_steps *steps)
{
    struct profile_config *profile = &data->calibration->profile;
    const struct fit_curve *base = steps->base;
    double knee = base->family == FIT_CURVE_KNEE ? base->knee.value : NAN;
    double highest = base->knots[base->knot_count - 1].x;
    profile->step_curve = sim_arena_allocate(data->calibration->arena, data->count + 2, sizeof *profile->step_curve);
    profile->step_curve_count = 0;
    for (double batch = base->knots[0].x; batch <= highest;) {
        profile->step_curve[profile->step_curve_count++] =
            (struct curve_point){(int64_t)batch, fmax(fit_curve_at(base, batch), 0)};
        double next = isgreater(floor(knee), batch)  ? floor(knee)
                      : isgreater(ceil(knee), batch) ? ceil(knee)
                                                     : INFINITY;
        for (size_t i = 0; i < data->count; i++)
            if (!data->rows[i].is_ignored && data->rows[i].batch > batch)
                next = fmin(next, data->rows[i].batch);
        batch = next;
    }
    profile->per_cached_token_s = steps->per_cached.value;
    profile->per_prefill_token_s = steps->per_prefill.value;
    profile->calibrated_running = (int64_t)highest;
    calibrate_add_range(data->calibration, "running", "", base->knots[0].x, highest);
    if (steps->cached_highest > 0)
        calibrate_add_range(data->calibration, "cached tokens at one batch", "token", 0, steps->cached_highest);
}

static void add_error(const struct calibrate_steps_data *data, size_t row, enum measure measure, double relative,
                      bool is_held_out, const char *variant)
{
    bool is_token = measure == MEASURE_TOKEN_TIME;
    double theirs = is_token ? data->rows[row].token_s : data->rows[row].prompt_s;
    double error = is_token ? data->rows[row].token_error : data->rows[row].prompt_error;
    if (!isfinite(relative) || !isfinite(theirs))
        return;
    calibrate_add_figure(data->calibration, &(struct calibration_error){
                                                .data = calibrate_steps_group(data, row)->table->name,
                                                .row = group_name(data, row),
                                                .metric = measurements_field(measure)->name,
                                                .unit = "s",
                                                .theirs = theirs,
                                                .ours = theirs * (1 + relative),
                                                .sampling = error / theirs,
                                                .is_held_out = is_held_out,
                                                .variant = variant,
                                                .source = calibrate_steps_group(data, row)->first,
                                            });
}

/* Prompts of several steps are predicted only, unless there are no others. */
static bool is_prompt_fitted(const struct calibrate_steps_data *data, size_t row, const struct fit_steps *steps)
{
    return steps->uses_long_prompts || fit_steps_is_one_step(&data->rows[row], steps->token_budget);
}

/* Errors of rows that the fit has seen, or that the file holds out. Returns the root mean square of the token times'
 * errors of the former.
 */
static double add_errors(const struct calibrate_steps_data *data, const struct fit_steps *steps, bool is_chosen)
{
    double squares = 0, fitted = 0;
    for (size_t i = 0; i < data->count; i++) {
        const struct fit_steps_row *row = &data->rows[i];
        bool is_held_out = calibrate_steps_group(data, i)->first->is_held_out;
        if (row->is_ignored && !is_held_out)
            continue;
        double token = fit_steps_token_s(steps, row->batch, row->cached) / row->token_s - 1;
        double prompt = fit_steps_prompt_s(steps, row->batch, row->input) / row->prompt_s - 1;
        squares += !is_held_out && isfinite(token) ? token * token : 0;
        fitted += !is_held_out && isfinite(token);
        if (!is_chosen)
            continue;
        add_error(data, i, MEASURE_TOKEN_TIME, token, is_held_out, "");
        add_error(data, i, MEASURE_PROMPT_TIME, prompt, is_held_out || !is_prompt_fitted(data, i, steps), "");
    }
    return sqrt(squares / fitted);
}

/* Each batch predicted from the others. Returns the errors of the token times, to be freed: relative, NaN where there
 * is none.
 */
static double *add_held_out(const struct calibrate_steps_data *data, enum fit_curve_family family, const char *variant)
{
    double *errors = sim_allocate(data->count + 1, sizeof *errors);
    double *prompts = sim_allocate(data->count + 1, sizeof *prompts);
    fit_steps_hold_out(data->rows, data->count, family, &data->known, errors, prompts);
    for (size_t i = 0; i < data->count; i++) {
        add_error(data, i, MEASURE_TOKEN_TIME, errors[i], true, variant);
        if (!variant[0] && fit_steps_is_one_step(&data->rows[i], data->known.token_budget))
            add_error(data, i, MEASURE_PROMPT_TIME, prompts[i], true, variant);
    }
    free(prompts);
    return errors;
}

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* "x % in the median and y % at worst"; moves the errors. */
static const char *median_and_worst(struct calibration *calibration, double *errors, size_t count)
{
    size_t known = 0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(errors[i]))
            errors[known++] = fabs(errors[i]);
    if (known == 0)
        return "not known";
    qsort(errors, known, sizeof *errors, by_value);
    return calibrate_text(calibration, "%.1f %% in the median and %.1f %% at worst",
                          50 * (errors[(known - 1) / 2] + errors[known / 2]), 100 * errors[known - 1]);
}

/* ---- What a reader has to know ---- */

/* Repeats of a row agree better than rows do: relative standard deviation of a mean of repeats. */
static double repeat_error(const struct calibrate_steps_data *data)
{
    double squares = 0, rows = 0;
    for (size_t i = 0; i < data->count; i++) {
        double error = data->rows[i].token_error / data->rows[i].token_s;
        squares += isfinite(error) ? error * error : 0;
        rows += isfinite(error) != 0;
    }
    return sqrt(squares / rows);
}

static void warn_of_scatter(const struct calibrate_steps_data *data, const struct fit_steps *steps)
{
    double repeats = repeat_error(data);
    if (steps->scatter > 3 * repeats)
        calibrate_warn(data->calibration,
                       "rows of one batch differ by %.1f %% beyond what their cached tokens explain, but the means of "
                       "their repeats are known to %.1f %%: the table does not say what else changed between them",
                       100 * steps->scatter, 100 * repeats);
}

static void warn_of_cached(const struct calibrate_steps_data *data, const struct fit_steps *steps)
{
    if (!steps->is_cached_known)
        calibrate_warn(data->calibration, "no batch was measured with different numbers of cached tokens: "
                                          "per_cached_token is 0, and long texts will come out too fast");
    else if (steps->is_cached_level)
        calibrate_warn(data->calibration,
                       "steps do not get longer with cached tokens in this table: per_cached_token is "
                       "0, the lowest possible");
}

/* Mean relative error of the prompts that take several steps. */
static void warn_of_prompts(const struct calibrate_steps_data *data, const struct fit_steps *steps)
{
    double sum = 0, rows = 0;
    if (!steps->is_prefill_known) {
        calibrate_warn(data->calibration, "the tables have no prompt times: per_prefill_token is 0");
        return;
    }
    for (size_t i = 0; i < data->count; i++) {
        const struct fit_steps_row *row = &data->rows[i];
        if (row->is_ignored || isnan(row->prompt_s) || fit_steps_is_one_step(row, steps->token_budget))
            continue;
        sum += fit_steps_prompt_s(steps, row->batch, row->input) / row->prompt_s - 1;
        rows++;
    }
    if (rows > 0 && !steps->uses_long_prompts && fabs(sum / rows) > 0.05)
        calibrate_warn(data->calibration,
                       "prompts of more than %.0f tokens take several steps here and come out %.0f %% %s on average; "
                       "per_prefill_token comes from those that fit into one step",
                       steps->token_budget, 100 * fabs(sum / rows), sum < 0 ? "fast" : "slow");
}

static void warn(const struct calibrate_steps_data *data, const struct fit_steps *steps)
{
    const struct profile_config *profile = &data->calibration->profile;
    warn_of_scatter(data, steps);
    warn_of_cached(data, steps);
    warn_of_prompts(data, steps);
    if (profile->step_curve_count < 4)
        calibrate_warn(data->calibration, "only %zu batches were measured: between them the curve is a guess",
                       profile->step_curve_count);
    if (profile->max_batch > profile->calibrated_running)
        calibrate_warn(data->calibration,
                       "max_batch is %lld, but no batch above %lld was measured: beyond it the curve "
                       "goes on as between the last two",
                       (long long)profile->max_batch, (long long)profile->calibrated_running);
}

/* ---- The fit ---- */

static enum fit_curve_family family_of(int32_t form)
{
    switch (form) {
    case MEASUREMENT_FORM_LINE:
        return FIT_CURVE_LINE;
    case MEASUREMENT_FORM_KNEE:
        return FIT_CURVE_KNEE;
    default:
        return FIT_CURVE_MONOTONE;
    }
}

/* Errors of the chosen family as its own, of the others those of held-out batches as variants. */
static void compare(const struct calibrate_steps_data *data, enum fit_curve_family chosen)
{
    for (int f = 0; f < FIT_CURVE_FAMILIES; f++) {
        enum fit_curve_family family = (enum fit_curve_family)f;
        const char *name = fit_curve_family_name(family);
        struct fit_steps *steps = fit_steps_create(data->rows, data->count, family, &data->known);
        if (!steps)
            continue;
        double fitted = add_errors(data, steps, family == chosen);
        fit_steps_destroy(steps);
        if (data->has_held_out)
            continue;
        double *held_out = add_held_out(data, family, family == chosen ? "" : name);
        calibrate_note(
            data->calibration,
            "step times by batch as a %s%s: token times off by %.1f %% RMS where fitted; at batches held out "
            "one by one by %s",
            name, family == chosen ? ", which is used" : "", 100 * fitted,
            median_and_worst(data->calibration, held_out, data->count));
        free(held_out);
    }
}

static bool applies(const struct measurements *measurements)
{
    return measurements->profile.stage == STAGE_CONTINUOUS_BATCHING &&
           measurements_find(measurements, MEASUREMENT_STEPS);
}

/* A profile holds no larger batch. */
static enum sim_status check_batches(const struct calibrate_steps_data *data, struct sim_error *error)
{
    for (size_t i = 0; i < data->count; i++) {
        const struct measurement_row *row = calibrate_steps_group(data, i)->first;
        if (data->rows[i].batch > BATCHING_BATCH_HIGHEST)
            return sim_error_set(error, SIM_BAD_INPUT, row->file, row->line,
                                 "a batch of %.0f requests: engines here have %d at most", data->rows[i].batch,
                                 BATCHING_BATCH_HIGHEST);
    }
    return SIM_OK;
}

static enum sim_status fit_rows(struct calibrate_steps_data *data, struct sim_error *error)
{
    const struct measurements *measurements = data->calibration->measurements;
    const struct measurement_table *table = measurements_find(measurements, MEASUREMENT_STEPS);
    enum fit_curve_family family = family_of(measurements->search.form);
    struct fit_steps *steps = fit_steps_create(data->rows, data->count, family, &data->known);
    if (!steps)
        return sim_error_set(error, SIM_BAD_INPUT, table->rows[0].file, table->rows[0].line,
                             "table '%s' has too few batches with a token time for a %s", table->name,
                             fit_curve_family_name(family));
    calibrate_steps_name_pooled(data, steps);
    add_parameters(data, steps);
    fill_curve(data, steps);
    compare(data, family);
    warn(data, steps);
    fit_steps_destroy(steps);
    return SIM_OK;
}

static enum sim_status fit(struct calibration *calibration, struct sim_error *error)
{
    struct calibrate_steps_data data;
    calibrate_steps_collect(&data, calibration);
    enum sim_status status = check_batches(&data, error);
    if (status == SIM_OK) {
        calibrate_steps_leave_out(&data);
        status = fit_rows(&data, error);
    }
    calibrate_steps_release(&data);
    return status;
}

const struct calibrate_method calibrate_steps = {.name = "steps", .applies = applies, .fit = fit};
