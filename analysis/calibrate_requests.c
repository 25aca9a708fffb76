/* calibrate_requests.c - the steps of continuous batching from logs of requests, kind `requests` with times.
 *
 * The profile of the file says what kind of engine served: memory, budget, and how it schedules. The coefficients of
 * its steps are fitted on the rows that the fit may see (fit_requests.h), each table by itself; the first one's become
 * the profile, the others say how well a part of a log foretells the rest. Errors are figures of many requests, since a
 * single one depends on the luck of the others. A table of kind `series` is set beside what the first fit has inside.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/calibrate.h"
#include "analysis/experiment.h"
#include "analysis/fit_requests.h"
#include "sim/memory.h"

enum {
    REPLICATES = 50,
    ROWS_LEAST = 50
};

struct log {
    struct calibration *calibration;
    const struct measurement_table *table;
    struct fit_requests_problem problem;
    struct fit_request *requests;
    struct batching_point *points;
    struct fit_requests fit;
    double parameters[FIT_REQUESTS_PARAMETERS];
    struct fit_requests_times *times; /* of the fit */
};

static const char *const names[FIT_REQUESTS_PARAMETERS] = {"step", "per_cached_token", "per_prefill_token",
                                                           "delay of the log"};

/* ---- The problem ---- */

static void take_server(struct log *log)
{
    const struct measurements *measurements = log->calibration->measurements;
    const struct profile_config *profile = &measurements->profile;
    bool has_curve = profile->step_curve_count > 0;
    log->points = sim_allocate(profile->step_curve_count + 1, sizeof *log->points);
    log->points[0] = (struct batching_point){1, 1e-3}; /* until it is fitted */
    for (size_t i = 0; i < profile->step_curve_count; i++)
        log->points[i] = (struct batching_point){profile->step_curve[i].running, profile->step_curve[i].time_s};
    log->problem.is_known[FIT_REQUESTS_STEP] = has_curve;
    log->problem.is_known[FIT_REQUESTS_CACHED] = measurements_knows(measurements, "per_cached_token");
    log->problem.is_known[FIT_REQUESTS_PREFILL] = measurements_knows(measurements, "per_prefill_token");
    log->problem.server = (struct batching_parameters){
        .points = log->points,
        .point_count = has_curve ? profile->step_curve_count : 1,
        .cached_token_s = profile->per_cached_token_s,
        .prefill_token_s = profile->per_prefill_token_s,
        .token_budget = profile->token_budget,
        .max_batch = profile->max_batch,
        .kv_tokens = profile->kv_tokens,
        .kv_block = profile->kv_block,
        .watermark = profile->kv_watermark,
        .whole_prompt = profile->whole_prompt,
        .keeps_preempted = profile->keeps_preempted,
        .overwrites_preempted = profile->overwrites_preempted,
        .scheduled_ahead = profile->scheduled_ahead,
    };
}

static bool is_tokens(double value)
{
    return value >= 1 && value <= 1e9;
}

static enum sim_status take_requests(struct log *log, struct sim_error *error)
{
    log->requests = sim_allocate(log->table->row_count, sizeof *log->requests);
    for (size_t i = 0; i < log->table->row_count; i++) {
        const struct measurement_row *row = &log->table->rows[i];
        const double *values = row->values;
        if (!is_tokens(values[MEASURE_INPUT_TOKENS]) || !is_tokens(values[MEASURE_OUTPUT_TOKENS]))
            return sim_error_set(error, SIM_BAD_INPUT, row->file, row->line,
                                 "a request of a log needs one token or more of 'input_tokens' and 'output_tokens'");
        log->requests[i] = (struct fit_request){
            .arrival_s = values[MEASURE_ARRIVAL],
            .first_s = values[MEASURE_FIRST],
            .last_s = values[MEASURE_LAST],
            .input = (uint32_t)values[MEASURE_INPUT_TOKENS],
            .output = (uint32_t)values[MEASURE_OUTPUT_TOKENS],
            .is_fitted = isfinite(log->table->until_s) || !row->is_held_out,
        };
    }
    return SIM_OK;
}

static enum sim_status open_log(struct log *log, struct calibration *calibration, const struct measurement_table *table,
                                struct sim_error *error)
{
    *log = (struct log){.calibration = calibration, .table = table};
    if (calibration->measurements->profile.kv_tokens < 1)
        return sim_error_set(error, SIM_BAD_INPUT, calibration->measurements->path, 0,
                             "a log can only be replayed if the profile says how much memory there was: 'kv_tokens'");
    if (table->row_count > BATCHING_INPUTS_HIGHEST)
        return sim_error_set(error, SIM_BAD_INPUT, calibration->measurements->path, 0,
                             "a log of more than %d requests is too long to be replayed again and again",
                             BATCHING_INPUTS_HIGHEST);
    take_server(log);
    log->times = sim_allocate(table->row_count, sizeof *log->times);
    enum sim_status status = take_requests(log, error);
    log->problem.requests = log->requests;
    log->problem.count = table->row_count;
    log->problem.until_s = table->until_s;
    log->problem.seed = calibration->options->seed;
    log->problem.stop = calibration->options->stop;
    log->problem.replicates = REPLICATES;
    return status;
}

static void close_log(struct log *log)
{
    free(log->points);
    free(log->requests);
    free(log->times);
}

/* ---- Figures of many requests ---- */

enum figure {
    LATENCY_MEAN,
    LATENCY_P99,
    TTFT_MEAN,
    MAKESPAN,
    FIGURES
};

static const char *const figure_names[FIGURES] = {"latency_mean", "latency_p99", "ttft_mean", "makespan"};

/* Those of one side, theirs or ours. */
struct figures {
    double values[FIGURES];
    size_t count;
};

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* A request's end counts with the held-out ones if the fit has not seen it, and so, by itself, does its first token. */
static bool counts(const struct log *log, size_t i, double time_s, bool is_held_out)
{
    bool is_late = isfinite(log->table->until_s) ? time_s > log->table->until_s : log->table->rows[i].is_held_out;
    return isfinite(time_s) && is_late == is_held_out;
}

static struct figures figures_of(const struct log *log, const struct fit_requests_times *times, bool is_held_out)
{
    struct figures figures = {{0}, 0};
    double *latencies = sim_allocate(log->problem.count, sizeof *latencies), firsts = 0, first_sum = 0, sum = 0;
    double end_s = -INFINITY;
    for (size_t i = 0; i < log->problem.count; i++) {
        const struct fit_request *request = &log->requests[i];
        double first_s = times ? times[i].first_s : request->first_s,
               last_s = times ? times[i].last_s : request->last_s;
        if (counts(log, i, request->first_s, is_held_out)) {
            first_sum += first_s - request->arrival_s;
            firsts++;
        }
        if (isfinite(request->last_s))
            end_s = fmax(end_s, last_s);
        if (counts(log, i, request->last_s, is_held_out))
            latencies[figures.count++] = last_s - request->arrival_s;
    }
    qsort(latencies, figures.count, sizeof *latencies, compare_doubles);
    for (size_t i = 0; i < figures.count; i++)
        sum += latencies[i];
    figures.values[LATENCY_MEAN] = sum / (double)figures.count;
    figures.values[TTFT_MEAN] = first_sum / firsts;
    figures.values[MAKESPAN] = is_held_out ? end_s - log->requests[0].arrival_s : NAN;
    figures.values[LATENCY_P99] =
        figures.count > 0 ? experiment_percentile(latencies, figures.count, 0.99, log->table->percentile_rule) : NAN;
    free(latencies);
    return figures;
}

static void add_errors(const struct log *log, bool is_held_out)
{
    struct calibration *calibration = log->calibration;
    struct figures theirs = figures_of(log, NULL, is_held_out), ours = figures_of(log, log->times, is_held_out);
    const char *row = calibrate_text(calibration, "%zu requests%s", theirs.count,
                                     !isfinite(log->table->until_s) ? ""
                                     : is_held_out                  ? " done later"
                                                                    : " done by then");
    for (int i = 0; i < FIGURES; i++)
        if (isfinite(theirs.values[i]))
            calibrate_add_figure(calibration, &(struct calibration_error){.data = log->table->name,
                                                                          .row = i == MAKESPAN ? "the whole log" : row,
                                                                          .metric = figure_names[i],
                                                                          .unit = "s",
                                                                          .theirs = theirs.values[i],
                                                                          .ours = ours.values[i],
                                                                          .sampling = NAN,
                                                                          .is_held_out = is_held_out});
}

/* ---- Results ---- */

static void add_parameter(const struct log *log, const char *name, const struct fit_requests_value *value,
                          const char *note)
{
    bool is_first = log->table == measurements_find(log->calibration->measurements, MEASUREMENT_REQUESTS);
    const char *shown = is_first ? name : calibrate_text(log->calibration, "%s: %s", log->table->name, name);
    calibrate_add_parameter(log->calibration, &(struct calibration_parameter){.name = shown,
                                                                              .unit = "s",
                                                                              .value = value->value,
                                                                              .low = value->low,
                                                                              .high = value->high,
                                                                              .is_at_bound = value->is_at_bound,
                                                                              .note = note});
}

static void add_parameters(const struct log *log)
{
    for (int i = 0; i < FIT_REQUESTS_PARAMETERS; i++)
        if (!log->problem.is_known[i])
            add_parameter(log, names[i], &log->fit.parameters[i],
                          i == FIT_REQUESTS_DELAY ? "no step starts before it; not in the profile" : "");
    if (log->problem.is_known[FIT_REQUESTS_STEP] || log->problem.is_known[FIT_REQUESTS_CACHED])
        return;
    add_parameter(log, "step at the mean load", &log->fit.typical,
                  calibrate_text(log->calibration, "%.0f running, %.0f tokens cached", log->fit.typical_running,
                                 log->fit.typical_cached));
}

static void warn(const struct log *log)
{
    struct calibration *calibration = log->calibration;
    const struct fit_requests_value *step = &log->fit.parameters[FIT_REQUESTS_STEP];
    const struct fit_requests_value *cached = &log->fit.parameters[FIT_REQUESTS_CACHED];
    if (log->table->row_count < ROWS_LEAST)
        calibrate_warn(calibration, "%s: %zu requests are few", log->table->name, log->table->row_count);
    if (!log->problem.is_known[FIT_REQUESTS_STEP] && !log->problem.is_known[FIT_REQUESTS_CACHED] &&
        (step->is_at_bound || cached->is_at_bound || step->high - step->low > step->value))
        calibrate_warn(calibration,
                       "%s: the time of a step and what cached tokens add to it can hardly be told apart, because the "
                       "memory was about as full all the time; their sum at that load is known to %.0f %%",
                       log->table->name, 100 * (log->fit.typical.high / log->fit.typical.value - 1));
}

/* What the scheduling of the engine changes: the held-out errors with steps decided in time and nothing kept. */
static void note_plain(const struct log *log)
{
    struct log plain = *log;
    struct fit_requests fit;
    double parameters[FIT_REQUESTS_PARAMETERS];
    if (!log->problem.server.scheduled_ahead && !log->problem.server.keeps_preempted)
        return;
    plain.problem.server.scheduled_ahead = plain.problem.server.keeps_preempted = false;
    plain.problem.replicates = 0;
    plain.times = sim_allocate(log->problem.count, sizeof *plain.times);
    if (fit_requests_run(&plain.problem, &fit, NULL) == SIM_OK) {
        for (int i = 0; i < FIT_REQUESTS_PARAMETERS; i++)
            parameters[i] = fit.parameters[i].value;
        if (fit_requests_simulate(&plain.problem, parameters, plain.times, NULL, 0)) {
            struct figures theirs = figures_of(log, NULL, true), ours = figures_of(log, plain.times, true);
            double errors[FIGURES];
            for (int i = 0; i < FIGURES; i++)
                errors[i] = 100 * (ours.values[i] / theirs.values[i] - 1);
            calibrate_note(log->calibration,
                           "%s: with steps decided in time and preempted requests computed anew, the held-out errors "
                           "would be %+.1f %% on the mean, %+.1f %% on p99, %+.1f %% on the first token, %+.1f %% on "
                           "the makespan",
                           log->table->name, errors[LATENCY_MEAN], errors[LATENCY_P99], errors[TTFT_MEAN],
                           errors[MAKESPAN]);
        }
    }
    free(plain.times);
}

static void fill_profile(const struct log *log, double running)
{
    struct calibration *calibration = log->calibration;
    struct profile_config *profile = &calibration->profile;
    if (!log->problem.is_known[FIT_REQUESTS_STEP]) {
        profile->step_curve = sim_arena_allocate(calibration->arena, 1, sizeof *profile->step_curve);
        profile->step_curve[0] = (struct curve_point){1, fmax(log->parameters[FIT_REQUESTS_STEP], 1e-9)};
        profile->step_curve_count = 1;
    }
    if (!log->problem.is_known[FIT_REQUESTS_CACHED])
        profile->per_cached_token_s = log->parameters[FIT_REQUESTS_CACHED];
    if (!log->problem.is_known[FIT_REQUESTS_PREFILL])
        profile->per_prefill_token_s = log->parameters[FIT_REQUESTS_PREFILL];
    profile->calibrated_running = (int64_t)running;
    calibrate_add_range(calibration, "running", "", 1, running);
}

/* ---- Over time ---- */

enum {
    MEASURES = 3
};

static const enum measure series_measures[MEASURES] = {MEASURE_RUNNING, MEASURE_WAITING, MEASURE_KV_USE};

static void add_series(const struct log *log, const struct measurement_table *table,
                       const struct fit_requests_state *states, int which)
{
    struct calibration *calibration = log->calibration;
    double *values = sim_arena_allocate(calibration->arena, 3 * table->row_count, sizeof *values);
    double *theirs = values + table->row_count, *ours = theirs + table->row_count, sums[2] = {0};
    for (size_t i = 0; i < table->row_count; i++) {
        const double inside[MEASURES] = {states[i].running, states[i].waiting, states[i].memory};
        values[i] = states[i].time_s;
        theirs[i] = table->rows[i].values[series_measures[which]];
        ours[i] = inside[which];
        sums[0] += theirs[i];
        sums[1] += ours[i];
    }
    if (isnan(sums[0]))
        return;
    const struct sim_field *field = measurements_field(series_measures[which]);
    size_t index = sim_array_add(&calibration->series);
    ((struct calibration_series *)calibration->series.items)[index] =
        (struct calibration_series){table->name, field->name, field->unit, table->row_count, values, theirs, ours};
    calibrate_add_figure(calibration, &(struct calibration_error){
                                          .data = table->name,
                                          .row = calibrate_text(calibration, "mean of %zu times", table->row_count),
                                          .metric = field->name,
                                          .unit = field->unit,
                                          .theirs = sums[0] / (double)table->row_count,
                                          .ours = sums[1] / (double)table->row_count,
                                          .sampling = NAN,
                                          .is_held_out = true});
}

static void compare_series(const struct log *log, const struct measurement_table *table)
{
    struct fit_requests_state *states = sim_allocate(table->row_count, sizeof *states);
    for (size_t i = 0; i < table->row_count; i++)
        states[i].time_s = table->rows[i].values[MEASURE_TIME];
    if (fit_requests_simulate(&log->problem, log->parameters, log->times, states, table->row_count))
        for (int i = 0; i < MEASURES; i++)
            add_series(log, table, states, i);
    free(states);
}

/* Most requests in progress at any of the log's times. */
static double most_running(const struct log *log)
{
    size_t count = log->problem.count;
    struct fit_requests_state *states = sim_allocate(count, sizeof *states);
    double *ends = sim_allocate(count, sizeof *ends), most = 1;
    for (size_t i = 0; i < count; i++)
        ends[i] = log->times[i].first_s;
    qsort(ends, count, sizeof *ends, compare_doubles);
    for (size_t i = 0; i < count; i++)
        states[i].time_s = ends[i];
    if (fit_requests_simulate(&log->problem, log->parameters, log->times, states, count))
        for (size_t i = 0; i < count; i++)
            most = fmax(most, states[i].running);
    free(ends);
    free(states);
    return most;
}

/* ---- The method ---- */

static bool is_log(const struct measurement_table *table)
{
    return table->kind == MEASUREMENT_REQUESTS && table->row_count > 0 && !isnan(table->rows[0].values[MEASURE_LAST]);
}

static enum sim_status fit_log(struct log *log, bool is_first, struct sim_error *error)
{
    const struct measurements *measurements = log->calibration->measurements;
    enum sim_status status = fit_requests_run(&log->problem, &log->fit, error);
    if (status != SIM_OK)
        return status;
    for (int i = 0; i < FIT_REQUESTS_PARAMETERS; i++)
        log->parameters[i] = log->fit.parameters[i].value;
    if (!fit_requests_simulate(&log->problem, log->parameters, log->times, NULL, 0))
        return sim_error_set(error, SIM_BAD_INPUT, measurements->path, 0, "the log cannot be replayed");
    add_parameters(log);
    add_errors(log, false);
    add_errors(log, true);
    calibrate_note(
        log->calibration,
        "%s: %zu first and last tokens fitted, RMS of the differences %.2f s; intervals from %zu samples of a "
        "moving-block bootstrap over requests",
        log->table->name, log->fit.seen, log->fit.rms_s, log->fit.replicates);
    note_plain(log);
    warn(log);
    if (!is_first)
        return SIM_OK;
    fill_profile(log, most_running(log));
    for (size_t i = 0; i < measurements->table_count; i++)
        if (measurements->tables[i].kind == MEASUREMENT_SERIES && measurements->tables[i].row_count > 0)
            compare_series(log, &measurements->tables[i]);
    return SIM_OK;
}

static enum sim_status fit(struct calibration *calibration, struct sim_error *error)
{
    const struct measurements *measurements = calibration->measurements;
    enum sim_status status = SIM_OK;
    bool is_first = true;
    for (size_t i = 0; i < measurements->table_count && status == SIM_OK; i++) {
        struct log log;
        if (!is_log(&measurements->tables[i]))
            continue;
        status = open_log(&log, calibration, &measurements->tables[i], error);
        if (status == SIM_OK)
            status = fit_log(&log, is_first, error);
        close_log(&log);
        is_first = false;
    }
    return status;
}

static bool applies(const struct measurements *measurements)
{
    for (size_t i = 0; i < measurements->table_count; i++)
        if (is_log(&measurements->tables[i]))
            return measurements->profile.stage == STAGE_CONTINUOUS_BATCHING;
    return false;
}

const struct calibrate_method calibrate_requests = {.name = "log of requests", .applies = applies, .fit = fit};
