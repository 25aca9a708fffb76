/* calibrate_sharing_model.c - parameters to profile, profile to errors, errors to parameters. */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/calibrate_sharing_internal.h"
#include "analysis/fit_search.h"
#include "sim/memory.h"

/* Requests that are simulated of each row, and how many measurements they make at least and at most. */
#define EFFORT_REQUESTS 1000.0
#define EFFORT_LEAST 8.0
#define EFFORT_MOST 25.0
#define SPREAD_MAX 1.5
/* 97.5 % quantile of the normal distribution. */
#define NORMAL_QUANTILE 1.959963984540054

/* ---- Data ---- */

bool calibrate_sharing_is_fitted(const struct calibrate_sharing_point *point, enum measure measure)
{
    const double *values = point->row->values;
    bool is_latency = measure >= MEASURE_WALL && measure <= MEASURE_FIRST_P99;
    bool follows =
        measure == MEASURE_THROUGHPUT && (point->table->kind == MEASUREMENT_CLOSED || !isnan(values[MEASURE_WALL]) ||
                                          (point->table->kind == MEASUREMENT_OPEN && point->script.samples == 0));
    if (measure == MEASURE_WALL && point->table->kind != MEASUREMENT_BURST && point->script.samples == 0)
        return false;
    if (measure == MEASURE_WALL && point->table->kind == MEASUREMENT_CLOSED)
        return false;
    return !isnan(values[measure]) && (is_latency || (measure == MEASURE_THROUGHPUT && !follows));
}

static bool is_meant(const struct measurement_table *table)
{
    return table->kind == MEASUREMENT_BURST || table->kind == MEASUREMENT_CLOSED || table->kind == MEASUREMENT_OPEN;
}

static double typical_latency(const struct measurement_row *row)
{
    static const enum measure measures[] = {MEASURE_MEAN, MEASURE_P50, MEASURE_WALL, MEASURE_P90, MEASURE_P95};
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++)
        if (!isnan(row->values[measures[i]]))
            return row->values[measures[i]];
    return 0;
}

static void gather_point(struct calibrate_sharing_data *data, const struct measurement_table *table,
                         const struct measurement_row *row)
{
    struct calibrate_sharing_point *point = &data->points[data->point_count++];
    *point = (struct calibrate_sharing_point){
        .table = table, .row = row, .script = experiment_script_of(table, row), .residual = data->residual_count};
    for (int m = 0; m < MEASURE_COUNT; m++)
        point->residual_count += calibrate_sharing_is_fitted(point, (enum measure)m);
    data->residual_count += point->residual_count;
    for (int m = MEASURE_FIRST_MEAN; m <= MEASURE_FIRST_P99; m++)
        data->has_first = data->has_first || !isnan(row->values[m]);
    data->has_burst = data->has_burst || table->kind != MEASUREMENT_CLOSED;
    data->load_max = fmax(data->load_max, (double)point->script.count);
    data->scale_s = fmax(data->scale_s, typical_latency(row));
}

/* How long the run of a closed loop has to be, where its row says nothing of whole requests. */
static void guess_latency(const struct calibrate_sharing_data *data, struct calibrate_sharing_point *point)
{
    if (typical_latency(point->row) > 0)
        return;
    point->script.latency_s = data->scale_s > 0 ? data->scale_s : 4 * point->script.latency_s;
    for (size_t i = 0; i < data->point_count; i++)
        if (data->points[i].script.count == point->script.count && typical_latency(data->points[i].row) > 0)
            point->script.latency_s = typical_latency(data->points[i].row);
}

void calibrate_sharing_gather(struct calibrate_sharing_data *data, struct calibration *calibration)
{
    const struct measurements *measurements = calibration->measurements;
    const struct profile_config *profile = &calibration->profile;
    size_t count = 0;
    *data = (struct calibrate_sharing_data){.calibration = calibration, .work = measurements->search.work};
    for (size_t i = 0; i < measurements->table_count; i++)
        count += is_meant(&measurements->tables[i]) ? measurements->tables[i].row_count : 0;
    data->points = sim_allocate(count, sizeof *data->points);
    for (size_t i = 0; i < measurements->table_count; i++)
        for (size_t r = 0; is_meant(&measurements->tables[i]) && r < measurements->tables[i].row_count; r++)
            gather_point(data, &measurements->tables[i], &measurements->tables[i].rows[r]);
    for (size_t i = 0; i < data->point_count; i++)
        guess_latency(data, &data->points[i]);
    data->fits_spread = measurements->search.work.kind == SIM_DISTRIBUTION_NONE;
    data->fits_first = data->has_first && !measurements_knows(measurements, "first_output");
    for (size_t i = 0; i < profile->before_count; i++)
        data->overhead_s += sim_distribution_mean(&profile->before[i].time_s);
    for (size_t i = 0; i < profile->after_count; i++)
        data->overhead_s += sim_distribution_mean(&profile->after[i].time_s);
}

void calibrate_sharing_forget(struct calibrate_sharing_data *data)
{
    free(data->points);
    data->points = NULL;
}

/* ---- Parameters ---- */

size_t calibrate_sharing_times(const struct calibrate_sharing_shape *shape)
{
    return shape->form == MEASUREMENT_FORM_LINE ? 2 : shape->node_count;
}

size_t calibrate_sharing_shares(const struct calibrate_sharing_data *data, const struct calibrate_sharing_shape *shape)
{
    if (!data->fits_first)
        return 0;
    return shape->form == MEASUREMENT_FORM_CURVE && !data->has_burst ? shape->node_count : 1;
}

size_t calibrate_sharing_parameters(const struct calibrate_sharing_data *data,
                                    const struct calibrate_sharing_shape *shape)
{
    return calibrate_sharing_times(shape) + data->fits_spread + calibrate_sharing_shares(data, shape);
}

static void set_times(const struct calibrate_sharing_shape *shape, const double *values, struct profile_config *profile,
                      struct curve_point *curve)
{
    double time_s = 0;
    profile->curve = NULL;
    profile->curve_count = 0;
    profile->base_s = profile->per_running_s = 0;
    if (shape->form == MEASUREMENT_FORM_LINE) {
        profile->base_s = values[0];
        profile->per_running_s = values[1];
        return;
    }
    profile->curve = curve;
    profile->curve_count = shape->node_count;
    for (size_t i = 0; i < shape->node_count; i++) {
        time_s += values[i];
        curve[i] = (struct curve_point){shape->nodes[i], time_s};
    }
}

static void set_shares(const struct calibrate_sharing_shape *shape, const double *values, size_t count,
                       struct profile_config *profile, struct share_point *curve)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    if (count > 0)
        profile->first_output = sum / (double)count;
    if (count < 2)
        return;
    profile->first_output_curve = curve;
    profile->first_output_count = count;
    for (size_t i = 0; i < count; i++)
        curve[i] = (struct share_point){shape->nodes[i], values[i]};
}

struct experiment_service calibrate_sharing_service(const struct calibrate_sharing_data *data,
                                                    const struct calibrate_sharing_shape *shape, const double *values,
                                                    struct profile_config *profile,
                                                    struct calibrate_sharing_curves *curves)
{
    size_t times = calibrate_sharing_times(shape);
    struct experiment_service service = {.profile = profile, .work = data->work, .containers = shape->containers};
    *profile = data->calibration->profile;
    profile->slots = shape->slots;
    set_times(shape, values, profile, curves->times);
    if (data->fits_spread) {
        enum sim_status status = sim_distribution_lognormal(&service.work, 1, values[times], NULL);
        sim_assert(status == SIM_OK);
    }
    set_shares(shape, values + times + data->fits_spread, calibrate_sharing_shares(data, shape), profile,
               curves->shares);
    return service;
}

/* Requests in progress at which the largest times are reached. */
static double running_max(const struct calibrate_sharing_data *data, const struct calibrate_sharing_shape *shape)
{
    double most = fmax(data->load_max / (double)shape->containers, 1);
    return shape->slots > 0 && (double)shape->slots < most ? (double)shape->slots : most;
}

struct bounds {
    double low[SHARING_PARAMETERS_MAX];
    double high[SHARING_PARAMETERS_MAX];
    double starts[2 * SHARING_PARAMETERS_MAX];
    size_t start_count;
};

/* The shortest typical latency less the fixed stages: about the time with few in progress. */
static double shortest_s(const struct calibrate_sharing_data *data)
{
    double shortest = data->scale_s;
    for (size_t i = 0; i < data->point_count; i++)
        if (!data->points[i].row->is_held_out && typical_latency(data->points[i].row) > 0)
            shortest = fmin(shortest, typical_latency(data->points[i].row));
    return fmax(shortest - data->overhead_s, 0.1 * shortest);
}

static void add_start(struct bounds *bounds, const struct calibrate_sharing_data *data,
                      const struct calibrate_sharing_shape *shape, double base_s, double rise_s)
{
    size_t count = calibrate_sharing_parameters(data, shape);
    double *start = bounds->starts + bounds->start_count++ * count;
    size_t next = calibrate_sharing_times(shape);
    start[0] = base_s;
    if (shape->form == MEASUREMENT_FORM_LINE)
        start[1] = rise_s;
    else
        for (size_t i = 1; i < shape->node_count; i++)
            start[i] = rise_s * (double)(shape->nodes[i] - shape->nodes[i - 1]);
    if (data->fits_spread)
        start[next++] = 0.2;
    for (; next < count; next++)
        start[next] = 0.3;
}

static void set_bounds(struct bounds *bounds, const struct calibrate_sharing_data *data,
                       const struct calibrate_sharing_shape *shape)
{
    size_t next = calibrate_sharing_times(shape);
    double most = running_max(data, shape);
    double base_s = shortest_s(data);
    double rise_s = fmax(data->scale_s - data->overhead_s - base_s, 0.1 * base_s) / most;
    *bounds = (struct bounds){.start_count = 0};
    bounds->low[0] = 1e-4 * base_s;
    bounds->high[0] = 3 * data->scale_s;
    for (size_t i = 1; i < next; i++) {
        double wide = shape->form == MEASUREMENT_FORM_LINE ? 1 : (double)(shape->nodes[i] - shape->nodes[i - 1]);
        bounds->high[i] = 4 * data->scale_s * wide / most;
    }
    if (data->fits_spread)
        bounds->high[next++] = SPREAD_MAX;
    for (; next < calibrate_sharing_parameters(data, shape); next++)
        bounds->high[next] = 1;
    add_start(bounds, data, shape, 0.8 * base_s, 0.1 * rise_s);
    add_start(bounds, data, shape, 0.5 * base_s, 0.5 * rise_s);
}

/* ---- Predicting ---- */

/* Measurements of a script that together have enough requests. */
static size_t measurement_count(const struct experiment_script *script, double effort)
{
    double size = (double)(script->kind == MEASUREMENT_BURST ? script->count
                           : script->samples > 0             ? script->samples
                                                             : EXPERIMENT_SAMPLES) *
                  (double)script->repeats;
    /* Answers of a closed loop, and requests at a rate, are cheaper, and depend on each other. */
    double wanted = (script->kind == MEASUREMENT_BURST ? 1 : 10) * EFFORT_REQUESTS / size;
    double most = script->kind == MEASUREMENT_BURST ? EFFORT_MOST : 400;
    return (size_t)ceil(effort * fmin(fmax(wanted, script->kind == MEASUREMENT_BURST ? EFFORT_LEAST : 2), most));
}

enum sim_status calibrate_sharing_predict(const struct calibrate_sharing_data *data,
                                          const struct calibrate_sharing_shape *shape, const double *values,
                                          const struct calibrate_sharing_point *point, double effort, bool keep_each,
                                          struct experiment_figures *figures, struct sim_error *error)
{
    struct profile_config profile;
    struct calibrate_sharing_curves curves;
    struct experiment_script script = point->script;
    struct experiment_service service = calibrate_sharing_service(data, shape, values, &profile, &curves);
    if (!data->has_first) /* nobody looks: quicker without */
        profile.first_output = 1;
    if (script.percentile_rule == PERCENTILE_UNKNOWN)
        script.percentile_rule = shape->rule;
    return experiment_run(&script, &service, data->calibration->options->seed, measurement_count(&script, effort),
                          keep_each, figures, error);
}

/* ---- Searching ---- */

struct search {
    const struct calibrate_sharing_data *data;
    const struct calibrate_sharing_shape *shape;
    long left_out;
    double effort;
    enum sim_status status;
    struct sim_error *error;
};

bool calibrate_sharing_is_same_load(const struct calibrate_sharing_data *data, size_t point, long other)
{
    const struct experiment_script *a = &data->points[point].script;
    const struct experiment_script *b = other < 0 ? NULL : &data->points[other].script;
    return b && a->kind == b->kind && a->count == b->count && a->rate_per_s == b->rate_per_s;
}

static bool is_used(const struct search *search, size_t point)
{
    return !search->data->points[point].row->is_held_out &&
           !calibrate_sharing_is_same_load(search->data, point, search->left_out);
}

static size_t used_residuals(const struct search *search)
{
    size_t count = 0;
    for (size_t i = 0; i < search->data->point_count; i++)
        count += is_used(search, i) ? search->data->points[i].residual_count : 0;
    return count;
}

static void fill_residuals(const struct calibrate_sharing_point *point, const double *ours, double *residuals)
{
    for (int m = 0; m < MEASURE_COUNT; m++)
        if (calibrate_sharing_is_fitted(point, (enum measure)m))
            *residuals++ = ours[m] / point->row->values[m] - 1;
}

static bool evaluate(void *context, const double *parameters, double *residuals)
{
    struct search *search = context;
    const struct calibrate_sharing_data *data = search->data;
    for (size_t i = 0; i < data->point_count; i++) {
        struct experiment_figures figures;
        if (!is_used(search, i))
            continue;
        search->status = calibrate_sharing_predict(data, search->shape, parameters, &data->points[i], search->effort,
                                                   false, &figures, search->error);
        if (search->status != SIM_OK)
            return false;
        fill_residuals(&data->points[i], figures.mean, residuals);
        residuals += data->points[i].residual_count;
    }
    return !(data->calibration->options->stop && *data->calibration->options->stop);
}

static void take_result(struct calibrate_sharing_fit *fit, const struct fit_search_result *result)
{
    fit->count = result->parameter_count;
    fit->residual_count = result->residual_count;
    fit->rms = sqrt(result->sum_of_squares / (double)result->residual_count);
    fit->cross_square = fit->cross_error = NAN;
    for (size_t i = 0; i < fit->count; i++) {
        fit->values[i] = result->parameters[i];
        fit->is_at_bound[i] = result->is_at_bound[i];
        fit->low[i] = fit->high[i] = NAN;
    }
}

static enum sim_status search_from(struct search *search, const struct bounds *bounds, const double *starts,
                                   size_t start_count, struct fit_search_result *result)
{
    const struct fit_search_problem problem = {.function = evaluate,
                                               .context = search,
                                               .parameter_count =
                                                   calibrate_sharing_parameters(search->data, search->shape),
                                               .residual_count = used_residuals(search),
                                               .low = bounds->low,
                                               .high = bounds->high,
                                               .starts = starts,
                                               .start_count = start_count};
    if (problem.residual_count < problem.parameter_count)
        return sim_error_set(search->error, SIM_BAD_INPUT, search->data->calibration->measurements->path, 0,
                             "%zu figures in the rows that are fitted cannot tell %zu parameters apart",
                             problem.residual_count, problem.parameter_count);
    enum sim_status status = fit_search_run(&problem, result, search->error);
    return status != SIM_OK && search->status != SIM_OK ? search->status : status;
}

enum sim_status calibrate_sharing_search(const struct calibrate_sharing_data *data,
                                         const struct calibrate_sharing_shape *shape, long left_out,
                                         const struct calibrate_sharing_fit *near, double effort,
                                         struct calibrate_sharing_fit *fit, struct sim_error *error)
{
    struct search search = {.data = data, .shape = shape, .left_out = left_out, .effort = effort, .error = error};
    struct bounds bounds;
    struct fit_search_result result;
    *fit = (struct calibrate_sharing_fit){.shape = *shape};
    set_bounds(&bounds, data, shape);
    enum sim_status status =
        search_from(&search, &bounds, near ? near->values : bounds.starts, near ? 1 : bounds.start_count, &result);
    if (status != SIM_OK)
        return status;
    take_result(fit, &result);
    fit_search_release(&result);
    return SIM_OK;
}

/* ---- Intervals ---- */

/* Adds the covariance of one row's relative figures, of one measurement and of the mean that the fit compares it with.
 */
static void add_noise(const struct calibrate_sharing_point *point, const struct experiment_figures *figures,
                      size_t first, size_t size, double *noise)
{
    double share = (1 + 1 / (double)figures->count) / (double)(figures->count - 1);
    double *deviations = sim_allocate(point->residual_count * figures->count, sizeof *deviations);
    for (size_t i = 0; i < figures->count; i++) {
        size_t next = 0;
        for (int m = 0; m < MEASURE_COUNT; m++)
            if (calibrate_sharing_is_fitted(point, (enum measure)m))
                deviations[i * point->residual_count + next++] =
                    (figures->each[i][m] - figures->mean[m]) / point->row->values[m];
    }
    for (size_t a = 0; a < point->residual_count; a++)
        for (size_t b = 0; b < point->residual_count; b++) {
            double sum = 0;
            for (size_t i = 0; i < figures->count; i++)
                sum += deviations[i * point->residual_count + a] * deviations[i * point->residual_count + b];
            noise[(first + a) * size + first + b] = sum * share;
        }
    free(deviations);
}

static enum sim_status measure_noise(const struct search *search, const double *values, double *noise, size_t size)
{
    const struct calibrate_sharing_data *data = search->data;
    enum sim_status status = SIM_OK;
    size_t first = 0;
    for (size_t i = 0; i < data->point_count && status == SIM_OK; i++) {
        struct experiment_figures figures;
        if (!is_used(search, i))
            continue;
        status = calibrate_sharing_predict(data, search->shape, values, &data->points[i], search->effort, true,
                                           &figures, search->error);
        if (status == SIM_OK && figures.count > 1)
            add_noise(&data->points[i], &figures, first, size, noise);
        free(figures.each);
        first += data->points[i].residual_count;
    }
    return status;
}

/* How many standard deviations 95 % are. The noise is worked out from the fit itself: where the spread of the work is
 * fitted, it is known no better than the figures beyond the parameters allow.
 */
static double quantile_of(const struct calibrate_sharing_data *data, const struct calibrate_sharing_fit *fit)
{
    if (!data->fits_spread)
        return NORMAL_QUANTILE;
    return fit->rank > 0 ? gsl_cdf_tdist_Pinv(0.975, (double)fit->rank) : NAN;
}

/* A spread is a scale: what is known of it is a factor. */
static void take_intervals(const struct calibrate_sharing_data *data, struct calibrate_sharing_fit *fit,
                           const double *covariance)
{
    double quantile = quantile_of(data, fit);
    for (size_t i = 0; i < fit->count; i++) {
        double half = quantile * sqrt(covariance[i * fit->count + i]);
        double value = fit->values[i];
        bool is_scale = data->fits_spread && i == calibrate_sharing_times(&fit->shape) && value > 0;
        fit->low[i] = is_scale ? value * exp(-half / value) : isnan(half) ? NAN : fmax(value - half, 0);
        fit->high[i] = is_scale ? value * exp(half / value) : value + half;
    }
}

enum sim_status calibrate_sharing_spread(const struct calibrate_sharing_data *data, struct calibrate_sharing_fit *fit,
                                         double effort, struct sim_error *error)
{
    struct search search = {
        .data = data, .shape = &fit->shape, .left_out = SHARING_ALL, .effort = effort, .error = error};
    struct bounds bounds;
    struct fit_search_result result = {0};
    set_bounds(&bounds, data, &fit->shape);
    enum sim_status status = search_from(&search, &bounds, fit->values, 1, &result);
    if (status != SIM_OK)
        return status;
    size_t n = result.residual_count;
    double *noise = sim_allocate(n * n, sizeof *noise);
    double *covariance = sim_allocate(result.parameter_count * result.parameter_count, sizeof *covariance);
    struct calibrate_sharing_shape shape = fit->shape;
    take_result(fit, &result);
    fit->shape = shape;
    status = measure_noise(&search, result.parameters, noise, n);
    if (status == SIM_OK) {
        fit->misfit = fit_search_misfit(&result, noise, &fit->rank);
        fit_search_covariance(&result, noise, covariance);
        take_intervals(data, fit, covariance);
    }
    free(noise);
    free(covariance);
    fit_search_release(&result);
    return status;
}
