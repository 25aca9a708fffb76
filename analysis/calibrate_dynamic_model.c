/* calibrate_dynamic_model.c - parameters to profile, profile to figures, figures to parameters. */
#include <math.h>
#include <stdlib.h>

#include "analysis/calibrate_dynamic_internal.h"
#include "analysis/fit_curve.h"
#include "analysis/fit_search.h"
#include "sim/memory.h"

/* Answers in a measurement, where the file does not say how many there were. */
#define SAMPLES 4000
/* 95 % and 97.5 % quantiles of the normal distribution. */
#define NORMAL_95 1.6448536269514722
#define NORMAL_975 1.959963984540054
/* Of differences: wide against the roughness of a loop, in which a batch more or less shifts all that follows. */
#define STEP 0.05
#define SPREAD_MAX 1.0

/* The figures that are fitted, and the time in a batch, which tells how many instances there are. */
static const enum measure fitted[] = {MEASURE_MEAN, MEASURE_P50, MEASURE_P95};

enum {
    LATENCIES = sizeof fitted / sizeof *fitted,
    FITTED = LATENCIES + 1
};

/* Fills theirs with the figures of a row, NaN where it has none. */
static void theirs_of(const struct measurement_row *row, double theirs[FITTED])
{
    for (size_t k = 0; k < LATENCIES; k++)
        theirs[k] = row->values[fitted[k]];
    theirs[LATENCIES] = row->values[MEASURE_COPY_IN] + row->values[MEASURE_COMPUTE] + row->values[MEASURE_COPY_OUT];
}

/* Adds the relative errors of what a row has; returns how many. */
static size_t add_residuals(const struct measurement_row *row, const struct experiment_figures *figures,
                            double *residuals)
{
    double theirs[FITTED];
    size_t count = 0;
    theirs_of(row, theirs);
    for (size_t k = 0; k < FITTED; k++) {
        double ours = k < LATENCIES ? figures->mean[fitted[k]] : figures->in_stage_s;
        if (!isnan(theirs[k]))
            residuals[count++] = ours / theirs[k] - 1;
    }
    return count;
}

/* ---- Data ---- */

static void gather_row(struct calibrate_dynamic_data *data, const struct measurement_table *table,
                       const struct measurement_row *row)
{
    struct calibrate_dynamic_row *added = &data->rows[data->row_count++];
    *added = (struct calibrate_dynamic_row){table, row, experiment_script_of(table, row)};
    if (added->script.samples == 0)
        added->script.samples = SAMPLES;
    data->fitted_count += !row->is_held_out;
}

void calibrate_dynamic_gather(struct calibrate_dynamic_data *data, struct calibration *calibration)
{
    const struct measurements *measurements = calibration->measurements;
    size_t count = 0;
    *data = (struct calibrate_dynamic_data){
        .calibration = calibration,
        .offline = measurements_find(measurements, MEASUREMENT_OFFLINE),
        .knows_slowdown = measurements_knows(measurements, "slowdown"),
        .knows_handover = measurements_knows(measurements, "handover"),
        .knows_spread = measurements_knows(measurements, "batch_spread"),
    };
    for (size_t t = 0; t < measurements->table_count; t++)
        count += measurements->tables[t].row_count;
    data->rows = sim_allocate(count, sizeof *data->rows);
    for (size_t t = 0; t < measurements->table_count; t++)
        for (size_t i = 0; measurements->tables[t].kind == MEASUREMENT_CLOSED && i < measurements->tables[t].row_count;
             i++)
            gather_row(data, &measurements->tables[t], &measurements->tables[t].rows[i]);
}

void calibrate_dynamic_forget(struct calibrate_dynamic_data *data)
{
    free(data->rows);
    data->rows = NULL;
}

double calibrate_dynamic_outside_s(const struct calibrate_dynamic_data *data)
{
    const struct profile_config *profile = &data->calibration->profile;
    double outside_s = sim_time_to_s(profile->wait_ns);
    for (size_t i = 0; i < profile->before_count; i++)
        outside_s += sim_distribution_mean(&profile->before[i].time_s);
    for (size_t i = 0; i < profile->after_count; i++)
        outside_s += sim_distribution_mean(&profile->after[i].time_s);
    return outside_s;
}

double calibrate_dynamic_handover_s(const struct calibrate_dynamic_data *data, int64_t instances)
{
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < data->row_count; i++) {
        const double *values = data->rows[i].row->values;
        double copies_s = values[MEASURE_COPY_IN] + values[MEASURE_COPY_OUT];
        double batch = values[MEASURE_THROUGHPUT] * (copies_s + values[MEASURE_COMPUTE]) / (double)instances;
        if (data->rows[i].row->is_held_out || !isfinite(batch))
            continue;
        sum += copies_s / fmax(batch, 1);
        count++;
    }
    return count > 0 ? sum / (double)count : NAN;
}

/* Of a lognormal time from the ratio of its 95th percentile to its mean, exp(z s - s^2 / 2). */
static double variation_of(double ratio)
{
    double inside = NORMAL_95 * NORMAL_95 - 2 * log(ratio);
    double sigma = NORMAL_95 - sqrt(fmax(inside, 0));
    return sqrt(fmax(expm1(sigma * sigma), 0));
}

double calibrate_dynamic_batch_spread(const struct calibrate_dynamic_data *data, double handover_s, double *low,
                                      double *high)
{
    double aside_s = calibrate_dynamic_outside_s(data) + handover_s;
    double sum = 0;
    double squares = 0;
    double count = 0;
    for (size_t i = 0; data->offline && i < data->offline->row_count; i++) {
        const double *values = data->offline->rows[i].values;
        double ratio = (values[MEASURE_P95] - aside_s) / (values[MEASURE_MEAN] - aside_s);
        if (data->offline->rows[i].is_held_out || !(ratio >= 1))
            continue;
        double variation = variation_of(ratio);
        sum += variation;
        squares += variation * variation;
        count++;
    }
    double mean = count > 0 ? sum / count : NAN;
    double half = count > 1 ? NORMAL_975 * sqrt(fmax(squares / count - mean * mean, 0) / (count - 1)) : NAN;
    *low = fmax(mean - half, 0);
    *high = mean + half;
    return mean;
}

/* ---- Parameters ---- */

enum parameter {
    PARAMETER_SLOWDOWN,
    PARAMETER_HANDOVER,
    PARAMETER_BASE,
    PARAMETER_PER_RUNNING,
    PARAMETER_SPREAD
};

static bool has_copies(const struct calibrate_dynamic_data *data)
{
    return isfinite(calibrate_dynamic_handover_s(data, 1));
}

static bool has_spread(const struct calibrate_dynamic_data *data)
{
    double low, high;
    return isfinite(calibrate_dynamic_batch_spread(data, 0, &low, &high));
}

/* Fills the parameters of a shape in their order; returns how many. */
static size_t parameters_of(const struct calibrate_dynamic_data *data, const struct calibrate_dynamic_shape *shape,
                            enum parameter *parameters)
{
    size_t count = 0;
    if (shape->form == DYNAMIC_FORM_OFFLINE) {
        if (shape->instances > 1 && !data->knows_slowdown)
            parameters[count++] = PARAMETER_SLOWDOWN;
        if (!data->knows_handover && !has_copies(data) && data->fitted_count > 1)
            parameters[count++] = PARAMETER_HANDOVER;
        return count;
    }
    parameters[count++] = PARAMETER_BASE;
    parameters[count++] = PARAMETER_PER_RUNNING;
    if (!data->knows_spread && !has_spread(data))
        parameters[count++] = PARAMETER_SPREAD;
    return count;
}

const char *calibrate_dynamic_name(const struct calibrate_dynamic_data *data,
                                   const struct calibrate_dynamic_shape *shape, size_t parameter, const char **unit)
{
    static const char *const names[] = {"slowdown", "handover", "base_time", "per_running", "batch_spread"};
    enum parameter parameters[DYNAMIC_PARAMETERS_MAX] = {0};
    parameters_of(data, shape, parameters);
    bool is_ratio = parameters[parameter] == PARAMETER_SLOWDOWN || parameters[parameter] == PARAMETER_SPREAD;
    *unit = is_ratio ? "ratio" : "s";
    return names[parameters[parameter]];
}

/* The time of a batch alone: what was measured less what is no part of it. A request of several items is handed over
 * once.
 */
static void make_curve(const struct calibrate_dynamic_data *data, struct calibrate_dynamic_profile *made)
{
    struct fit_curve_point points[DYNAMIC_POINTS_MAX];
    double aside_s = calibrate_dynamic_outside_s(data) + made->profile.handover_s;
    size_t count = 0;
    for (size_t i = 0; i < data->offline->row_count && count < DYNAMIC_POINTS_MAX; i++) {
        const struct measurement_row *row = &data->offline->rows[i];
        double time_s = row->values[MEASURE_MEAN] - aside_s;
        if (!row->is_held_out && isfinite(time_s))
            points[count++] = (struct fit_curve_point){
                .x = row->values[MEASURE_BATCH], .y = fmax(time_s, 1e-9), .weight = 1, .error = NAN};
    }
    struct fit_curve *curve = fit_curve_create(points, count, FIT_CURVE_MONOTONE);
    for (size_t i = 0; curve && i < curve->knot_count; i++)
        made->curve[i] = (struct curve_point){(int64_t)curve->knots[i].x, curve->knots[i].y.value};
    made->profile.curve = made->curve;
    made->profile.curve_count = curve ? curve->knot_count : 0;
    fit_curve_destroy(curve);
}

static void set_parameter(struct calibrate_dynamic_profile *made, enum parameter parameter, double value)
{
    switch (parameter) {
    case PARAMETER_SLOWDOWN:
        made->slowdown[0] = (struct slowdown_point){made->profile.instances, value};
        made->profile.slowdown = made->slowdown;
        made->profile.slowdown_count = 1;
        break;
    case PARAMETER_HANDOVER:
        made->profile.handover_s = value;
        break;
    case PARAMETER_BASE:
        made->profile.base_s = value;
        break;
    case PARAMETER_PER_RUNNING:
        made->profile.per_running_s = value;
        break;
    default:
        made->profile.batch_spread = value;
    }
}

void calibrate_dynamic_make(const struct calibrate_dynamic_data *data, const struct calibrate_dynamic_fit *fit,
                            struct calibrate_dynamic_profile *made)
{
    enum parameter parameters[DYNAMIC_PARAMETERS_MAX];
    size_t count = parameters_of(data, &fit->shape, parameters);
    *made = (struct calibrate_dynamic_profile){.profile = data->calibration->profile};
    made->profile.instances = fit->shape.instances;
    if (fit->shape.form == DYNAMIC_FORM_OFFLINE && !data->knows_handover && has_copies(data))
        made->profile.handover_s = calibrate_dynamic_handover_s(data, fit->shape.instances);
    double low, high;
    double spread = calibrate_dynamic_batch_spread(data, made->profile.handover_s, &low, &high);
    if (!data->knows_spread)
        made->profile.batch_spread = isnan(spread) ? 0 : spread;
    for (size_t i = 0; i < count; i++)
        set_parameter(made, parameters[i], fit->values[i]);
    if (fit->shape.form == DYNAMIC_FORM_OFFLINE)
        make_curve(data, made);
}

/* ---- Predicting ---- */

enum sim_status calibrate_dynamic_predict(const struct calibrate_dynamic_data *data,
                                          const struct calibrate_dynamic_fit *fit,
                                          const struct calibrate_dynamic_row *row, size_t count, bool keep_each,
                                          struct experiment_figures *figures, struct sim_error *error)
{
    struct calibrate_dynamic_profile made;
    struct experiment_service service = {
        .profile = &made.profile, .work = data->calibration->measurements->search.work, .containers = 1};
    calibrate_dynamic_make(data, fit, &made);
    return experiment_run(&row->script, &service, data->calibration->options->seed, count, keep_each, figures, error);
}

/* ---- Searching ---- */

struct search {
    const struct calibrate_dynamic_data *data;
    struct calibrate_dynamic_fit *fit; /* the shape; values are tried in it */
    size_t count;                      /* measurements of a row */
    enum sim_status status;
    struct sim_error *error;
};

static size_t row_residuals(const struct measurement_row *row)
{
    double theirs[FITTED];
    size_t count = 0;
    theirs_of(row, theirs);
    for (size_t k = 0; k < FITTED; k++)
        count += isnan(theirs[k]) ? 0 : 1;
    return count;
}

static size_t residual_count(const struct calibrate_dynamic_data *data)
{
    size_t count = 0;
    for (size_t i = 0; i < data->row_count; i++)
        count += data->rows[i].row->is_held_out ? 0 : row_residuals(data->rows[i].row);
    return count;
}

static bool evaluate(void *context, const double *parameters, double *residuals)
{
    struct search *search = context;
    const struct calibrate_dynamic_data *data = search->data;
    for (size_t i = 0; i < search->fit->count; i++)
        search->fit->values[i] = parameters[i];
    for (size_t i = 0; i < data->row_count; i++) {
        struct experiment_figures figures;
        if (data->rows[i].row->is_held_out)
            continue;
        search->status =
            calibrate_dynamic_predict(data, search->fit, &data->rows[i], search->count, false, &figures, search->error);
        if (search->status != SIM_OK)
            return false;
        residuals += add_residuals(data->rows[i].row, &figures, residuals);
    }
    return !(data->calibration->options->stop && *data->calibration->options->stop);
}

/* Deviations of one measurement's relative figures from their means. The time in a batch is taken to vary as the mean
 * does, which it is the larger part of.
 */
static size_t deviations_of(const struct measurement_row *row, const struct experiment_figures *figures, size_t i,
                            double deviations[FITTED])
{
    double theirs[FITTED];
    size_t count = 0;
    theirs_of(row, theirs);
    for (size_t k = 0; k < FITTED; k++) {
        enum measure measure = k < LATENCIES ? fitted[k] : MEASURE_MEAN;
        if (!isnan(theirs[k]))
            deviations[count++] = figures->each[i][measure] / figures->mean[measure] - 1;
    }
    return count;
}

/* Adds the covariance of a row's relative figures in one measurement, and in the mean that the fit compares with.
 * Where they vary together exactly, a little of its own keeps it from being singular.
 */
static void add_noise(const struct measurement_row *row, const struct experiment_figures *figures, size_t first,
                      size_t size, double *noise)
{
    double share = (1 + 1 / (double)figures->count) / (double)(figures->count - 1);
    double deviations[FITTED];
    size_t count = 0;
    for (size_t i = 0; i < figures->count; i++) {
        count = deviations_of(row, figures, i, deviations);
        for (size_t a = 0; a < count; a++)
            for (size_t b = 0; b < count; b++)
                noise[(first + a) * size + first + b] += share * deviations[a] * deviations[b];
    }
    for (size_t a = 0; a < count; a++)
        noise[(first + a) * (size + 1)] += 1e-8;
}

static enum sim_status measure_noise(const struct search *search, double *noise, size_t size)
{
    const struct calibrate_dynamic_data *data = search->data;
    enum sim_status status = SIM_OK;
    size_t first = 0;
    for (size_t i = 0; i < data->row_count && status == SIM_OK; i++) {
        struct experiment_figures figures;
        if (data->rows[i].row->is_held_out)
            continue;
        status =
            calibrate_dynamic_predict(data, search->fit, &data->rows[i], search->count, true, &figures, search->error);
        if (status == SIM_OK && figures.count > 1)
            add_noise(data->rows[i].row, &figures, first, size, noise);
        free(figures.each);
        first += row_residuals(data->rows[i].row);
    }
    return status;
}

static enum sim_status take_result(struct search *search, const struct fit_search_result *result)
{
    struct calibrate_dynamic_fit *fit = search->fit;
    size_t size = result->residual_count;
    double *noise = sim_allocate(size * size, sizeof *noise);
    double covariance[DYNAMIC_PARAMETERS_MAX * DYNAMIC_PARAMETERS_MAX];
    for (size_t i = 0; i < fit->count; i++) {
        fit->values[i] = result->parameters[i];
        fit->is_at_bound[i] = result->is_at_bound[i];
    }
    fit->rms = sqrt(result->sum_of_squares / (double)size);
    enum sim_status status = measure_noise(search, noise, size);
    if (status == SIM_OK)
        fit_search_covariance(result, noise, covariance);
    for (size_t i = 0; i < fit->count && status == SIM_OK; i++) {
        double half = NORMAL_975 * sqrt(covariance[i * fit->count + i]);
        fit->low[i] = fit->values[i] - half;
        fit->high[i] = fit->values[i] + half;
    }
    free(noise);
    return status;
}

/* With m instances and many clients, all but one part in m + 1 of them are in batches and that one waits: batches of
 * clients / (m + 1), whose time is m / (m + 1) of the latency.
 */
static void guess_line(const struct calibrate_dynamic_data *data, int64_t instances, double *base_s,
                       double *per_running_s)
{
    struct fit_curve_point points[2] = {0};
    double parts = (double)instances + 1;
    for (size_t i = 0; i < data->row_count; i++) {
        const struct calibrate_dynamic_row *row = &data->rows[i];
        double batch = fmax((double)row->script.count / parts, 1);
        double time_s = row->script.latency_s * (double)instances / parts;
        if (row->row->is_held_out)
            continue;
        if (points[0].x == 0 || batch < points[0].x)
            points[0] = (struct fit_curve_point){.x = batch, .y = time_s};
        if (batch > points[1].x)
            points[1] = (struct fit_curve_point){.x = batch, .y = time_s};
    }
    double rise = points[1].x > points[0].x ? (points[1].y - points[0].y) / (points[1].x - points[0].x) : 0;
    *per_running_s = fmax(rise, 0.02 * points[0].y / points[0].x);
    *base_s = fmax(points[0].y - *per_running_s * points[0].x, 0.1 * points[0].y);
}

/* Two starts: as guessed, and from a quarter less, since the way down is rough. */
static void set_bounds(const struct calibrate_dynamic_data *data, const struct calibrate_dynamic_fit *fit, double *low,
                       double *high, double *starts)
{
    enum parameter parameters[DYNAMIC_PARAMETERS_MAX] = {0};
    parameters_of(data, &fit->shape, parameters);
    double base_s, per_running_s;
    guess_line(data, fit->shape.instances, &base_s, &per_running_s);
    const double lows[] = {0.1, 0, 0, 0, 0};
    const double highs[] = {4 * (double)fit->shape.instances, 2 * per_running_s, 4 * base_s, 4 * per_running_s,
                            SPREAD_MAX};
    const double guesses[] = {sqrt((double)fit->shape.instances), per_running_s / 4, base_s, per_running_s, 0.1};
    for (size_t i = 0; i < fit->count; i++) {
        low[i] = lows[parameters[i]];
        high[i] = highs[parameters[i]];
        starts[i] = guesses[parameters[i]];
        starts[fit->count + i] = 0.75 * guesses[parameters[i]];
    }
}

/* A shape without parameters: how well it does. */
static enum sim_status look(struct search *search, size_t size)
{
    double *residuals = sim_allocate(size, sizeof *residuals);
    double sum = 0;
    if (evaluate(search, NULL, residuals))
        for (size_t i = 0; i < size; i++)
            sum += residuals[i] * residuals[i];
    search->fit->rms = sqrt(sum / (double)size);
    free(residuals);
    return search->status;
}

enum sim_status calibrate_dynamic_search(const struct calibrate_dynamic_data *data,
                                         const struct calibrate_dynamic_shape *shape,
                                         const struct calibrate_dynamic_fit *near, size_t count,
                                         struct calibrate_dynamic_fit *fit, struct sim_error *error)
{
    double low[DYNAMIC_PARAMETERS_MAX], high[DYNAMIC_PARAMETERS_MAX];
    double starts[2 * DYNAMIC_PARAMETERS_MAX];
    enum parameter parameters[DYNAMIC_PARAMETERS_MAX];
    struct search search = {.data = data, .fit = fit, .count = count, .error = error};
    struct fit_search_result result;
    *fit = (struct calibrate_dynamic_fit){.shape = *shape, .residual_count = residual_count(data)};
    fit->count = parameters_of(data, shape, parameters);
    set_bounds(data, fit, low, high, starts);
    const struct fit_search_problem problem = {.function = evaluate,
                                               .context = &search,
                                               .parameter_count = fit->count,
                                               .residual_count = fit->residual_count,
                                               .low = low,
                                               .high = high,
                                               .starts = near ? near->values : starts,
                                               .start_count = near ? 1 : 2,
                                               .step = STEP};
    if (fit->residual_count < fit->count || fit->residual_count == 0)
        return sim_error_set(error, SIM_BAD_INPUT, data->calibration->measurements->path, 0,
                             "%zu figures in the closed loops that are fitted cannot tell %zu parameters apart",
                             fit->residual_count, fit->count);
    if (fit->count == 0)
        return look(&search, fit->residual_count);
    enum sim_status status = fit_search_run(&problem, &result, error);
    if (status != SIM_OK)
        return search.status != SIM_OK ? search.status : status;
    status = take_result(&search, &result);
    fit_search_release(&result);
    return status;
}
