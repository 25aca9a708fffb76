/* calibrate_dynamic.c - dynamic batching from closed loops, and from batches timed alone.
 *
 * Tables may contradict each other, which no fit repairs. Three rules, looked at in all rows, held out or not, each
 * with a tolerance of CONTRADICTION:
 *
 *     a request is never faster in company than alone: the mean of a closed loop is not below that of a batch of one
 *     timed alone
 *     one client is one client: both tables agree about it
 *     a server that takes whatever waits does not serve fewer per second when a client is added (an anomaly of the row,
 *     not a contradiction of the tables)
 *
 * If a contradiction is found, and two or more rows of closed loops are fitted, the batches timed alone are left out
 * and shown as a variant: what a fit from them would have missed by.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/calibrate_dynamic_internal.h"

/* Share by which two figures may differ that ought to be ordered. */
#define CONTRADICTION 0.05
/* RMS error of the fitted rows beyond which a service has another form. */
#define MISSED 0.1
/* Instances whose error is at most this times the best one's cannot be told from it. */
#define AS_GOOD 1.25
/* Measurements of a row in the scan, in the last search, and behind the figures that are printed. */
#define SCAN_MEASUREMENTS 10
#define LAST_MEASUREMENTS 30
#define PRINTED_MEASUREMENTS 60

struct choice {
    struct calibrate_dynamic_fit tried[DYNAMIC_INSTANCES_MAX];
    size_t count;
    size_t best;
};

static bool applies(const struct measurements *measurements)
{
    return measurements->profile.stage == STAGE_DYNAMIC_BATCHING && measurements_find(measurements, MEASUREMENT_CLOSED);
}

/* ---- Contradictions ---- */

static const struct measurement_row *batch_of_one(const struct calibrate_dynamic_data *data)
{
    for (size_t i = 0; data->offline && i < data->offline->row_count; i++)
        if (data->offline->rows[i].values[MEASURE_BATCH] == 1)
            return &data->offline->rows[i];
    return NULL;
}

static const char *reason_against(struct calibration *calibration, double alone_s, const struct measurement_row *row)
{
    double mean_s = row->values[MEASURE_MEAN];
    double clients = row->values[MEASURE_CLIENTS];
    bool is_one = clients == 1;
    if (isnan(mean_s) || isnan(alone_s) || fabs(mean_s / alone_s - 1) <= CONTRADICTION || (mean_s > alone_s && !is_one))
        return NULL;
    if (is_one)
        return calibrate_text(calibration, "one client takes %.3g ms in a closed loop and %.3g ms alone", 1e3 * mean_s,
                              1e3 * alone_s);
    return calibrate_text(calibration,
                          "%.0f clients take %.3g ms each, less than one alone with %.3g ms: a request is never faster "
                          "in company",
                          clients, 1e3 * mean_s, 1e3 * alone_s);
}

/* Whether the batches timed alone contradict the closed loops; says so. */
static bool find_contradictions(const struct calibrate_dynamic_data *data)
{
    struct calibration *calibration = data->calibration;
    const struct measurement_row *one = batch_of_one(data);
    bool is_found = false;
    for (size_t i = 0; one && i < data->row_count; i++) {
        const char *reason = reason_against(calibration, one->values[MEASURE_MEAN], data->rows[i].row);
        if (!reason)
            continue;
        calibrate_warn(calibration, "tables '%s' and '%s' contradict each other: %s", data->offline->name,
                       data->rows[i].table->name, reason);
        is_found = true;
    }
    return is_found;
}

static void find_anomalies(const struct calibrate_dynamic_data *data)
{
    for (size_t i = 0; i + 1 < data->row_count; i++) {
        const struct calibrate_dynamic_row *low = &data->rows[i];
        const struct calibrate_dynamic_row *high = &data->rows[i + 1];
        double before = low->row->values[MEASURE_THROUGHPUT];
        double after = high->row->values[MEASURE_THROUGHPUT];
        if (low->table == high->table && high->script.count > low->script.count && after < (1 - CONTRADICTION) * before)
            calibrate_add_anomaly(data->calibration, high->table, high->row, false,
                                  calibrate_text(data->calibration,
                                                 "%.4g requests a second, fewer than the %.4g of %d clients", after,
                                                 before, (int)low->script.count));
    }
}

static void leave_out_offline(const struct calibrate_dynamic_data *data)
{
    for (size_t i = 0; i < data->offline->row_count; i++)
        calibrate_add_anomaly(data->calibration, data->offline, &data->offline->rows[i], true,
                              "contradicted by the closed loops");
}

/* ---- Instances ---- */

/* Tries all numbers of instances that the file leaves open; those that cannot be fitted are passed over. */
static enum sim_status scan(const struct calibrate_dynamic_data *data, enum calibrate_dynamic_form form,
                            struct choice *choice, struct sim_error *error)
{
    bool is_known = measurements_knows(data->calibration->measurements, "instances");
    int64_t first = is_known ? data->calibration->profile.instances : 1;
    int64_t last = is_known ? first : DYNAMIC_INSTANCES_MAX;
    enum sim_status status = SIM_OK;
    *choice = (struct choice){.count = 0};
    for (int64_t instances = first; instances <= last && status == SIM_OK; instances++) {
        const struct calibrate_dynamic_shape shape = {form, instances};
        struct calibrate_dynamic_fit *fit = &choice->tried[choice->count++];
        status = calibrate_dynamic_search(data, &shape, NULL, SCAN_MEASUREMENTS, fit, error);
        if (status == SIM_OK && fit->rms < choice->tried[choice->best].rms)
            choice->best = choice->count - 1;
    }
    return status;
}

static const char *scan_text(struct calibration *calibration, const struct choice *choice)
{
    const char *text = "";
    for (size_t i = 0; i < choice->count; i++)
        text = calibrate_text(calibration, "%s%s%d: %.1f %%", text, i ? ", " : "",
                              (int)choice->tried[i].shape.instances, 100 * choice->tried[i].rms);
    return text;
}

static void describe_scan(struct calibration *calibration, const struct choice *choice)
{
    const struct calibrate_dynamic_fit *best = &choice->tried[choice->best];
    size_t as_good = 0;
    if (choice->count == 1)
        return;
    calibrate_note(calibration, "RMS error of the fitted rows by number of instances: %s",
                   scan_text(calibration, choice));
    for (size_t i = 0; i < choice->count; i++)
        as_good += i != choice->best && choice->tried[i].rms <= AS_GOOD * best->rms;
    if (as_good > 0)
        calibrate_warn(
            calibration,
            "the number of instances is not identified: %zu other number%s as well as %d (RMS by number: %s)", as_good,
            as_good == 1 ? " fits about" : "s fit about", (int)best->shape.instances, scan_text(calibration, choice));
}

/* ---- The report ---- */

static enum sim_status add_errors(const struct calibrate_dynamic_data *data, const struct calibrate_dynamic_fit *fit,
                                  const char *variant, struct sim_error *error)
{
    struct calibration *calibration = data->calibration;
    enum sim_status status = SIM_OK;
    for (size_t i = 0; i < data->row_count && status == SIM_OK; i++) {
        const struct calibrate_dynamic_row *row = &data->rows[i];
        struct experiment_figures figures;
        status = calibrate_dynamic_predict(data, fit, row, PRINTED_MEASUREMENTS, false, &figures, error);
        for (int m = MEASURE_MEAN; m <= MEASURE_P99 && status == SIM_OK; m++) {
            if (isnan(row->row->values[m]))
                continue;
            bool is_chance_known = row->table->samples > 0;
            calibrate_add_error(calibration, row->table, row->row, (enum measure)m, figures.mean[m],
                                is_chance_known ? figures.deviation[m] / figures.mean[m] : NAN);
            struct calibration_error *errors = calibration->errors.items;
            errors[calibration->errors.count - 1].variant = variant;
        }
    }
    return status;
}

static void add_parameter(struct calibration *calibration, const char *name, const char *unit, double value,
                          const char *note)
{
    calibrate_add_parameter(calibration,
                            &(struct calibration_parameter){
                                .name = name, .unit = unit, .value = value, .low = NAN, .high = NAN, .note = note});
}

static void add_fitted_parameters(const struct calibrate_dynamic_data *data, const struct calibrate_dynamic_fit *fit)
{
    for (size_t i = 0; i < fit->count; i++) {
        const char *unit;
        const char *name = calibrate_dynamic_name(data, &fit->shape, i, &unit);
        calibrate_add_parameter(
            data->calibration,
            &(struct calibration_parameter){.name = name,
                                            .unit = unit,
                                            .value = fit->values[i],
                                            .low = fit->low[i],
                                            .high = fit->high[i],
                                            .is_at_bound = fit->is_at_bound[i],
                                            .note = strcmp(name, "slowdown") == 0 ? "with all instances busy" : ""});
        if (fit->is_at_bound[i])
            calibrate_warn(data->calibration, "'%s' ended at the edge of what it may be (%.4g)", name, fit->values[i]);
    }
}

static void add_parameters(const struct calibrate_dynamic_data *data, const struct choice *choice,
                           const struct profile_config *profile)
{
    struct calibration *calibration = data->calibration;
    const struct calibrate_dynamic_fit *fit = &choice->tried[choice->best];
    if (choice->count > 1)
        add_parameter(calibration, "instances", "", (double)fit->shape.instances, "by scan of 1 to 4");
    add_fitted_parameters(data, fit);
    struct calibration_parameter spread = {.name = "batch_spread", .unit = "ratio", .note = "of batches alone"};
    spread.value = calibrate_dynamic_batch_spread(data, profile->handover_s, &spread.low, &spread.high);
    if (!data->knows_spread && !isnan(spread.value))
        calibrate_add_parameter(calibration, &spread);
    if (fit->shape.form != DYNAMIC_FORM_OFFLINE)
        return;
    if (!data->knows_handover && isfinite(calibrate_dynamic_handover_s(data, 1)))
        add_parameter(calibration, "handover", "s", profile->handover_s, "from the times of copying, by Little's law");
    for (size_t i = 0; i < profile->curve_count; i++)
        add_parameter(calibration, calibrate_text(calibration, "curve %d", (int)profile->curve[i].running), "s",
                      profile->curve[i].time_s, "of a batch alone");
}

static void add_range(const struct calibrate_dynamic_data *data)
{
    double low = INFINITY;
    double high = 0;
    for (size_t i = 0; i < data->row_count; i++)
        if (!data->rows[i].row->is_held_out) {
            low = fmin(low, (double)data->rows[i].script.count);
            high = fmax(high, (double)data->rows[i].script.count);
        }
    calibrate_add_range(data->calibration, "clients", "", low, high);
    if (data->fitted_count < 4)
        calibrate_warn(data->calibration, "only %zu row%s of closed loops %s fitted", data->fitted_count,
                       data->fitted_count == 1 ? "" : "s", data->fitted_count == 1 ? "is" : "are");
}

static void warn_about_form(const struct calibrate_dynamic_data *data, const struct calibrate_dynamic_fit *fit,
                            const struct profile_config *profile)
{
    struct calibration *calibration = data->calibration;
    if (fit->shape.form == DYNAMIC_FORM_LINE && fit->shape.instances > 1)
        calibrate_warn(
            calibration,
            "the time of a batch is that with all %d instances busy: how fast one is alone was not fitted, so "
            "that fewer than %d clients are extrapolated",
            (int)fit->shape.instances, (int)fit->shape.instances);
    if (fit->shape.form == DYNAMIC_FORM_OFFLINE && fit->shape.instances > 1 && !data->knows_slowdown &&
        fit->values[0] < 1 - CONTRADICTION)
        calibrate_warn(
            calibration,
            "the closed loops are faster than the batches alone allow (slowdown %.2f): the tables contradict "
            "each other",
            fit->values[0]);
    if (fit->rms > MISSED)
        calibrate_warn(
            calibration,
            "the fitted rows themselves are missed by %.0f %% RMS: this service has not the form of the model, "
            "as where clients or network are a bottleneck of their own",
            100 * fit->rms);
    if (profile->curve_count > 0 && profile->curve[profile->curve_count - 1].running < profile->max_batch_size)
        calibrate_warn(calibration, "batches of up to %d are allowed and of up to %d were timed: extrapolated beyond",
                       (int)profile->max_batch_size, (int)profile->curve[profile->curve_count - 1].running);
}

/* Copies the profile and its lists into the calibration. */
static void keep_profile(const struct calibrate_dynamic_data *data, const struct calibrate_dynamic_profile *made,
                         double fitted_rms)
{
    struct calibration *calibration = data->calibration;
    struct profile_config *profile = &calibration->profile;
    *profile = made->profile;
    if (profile->curve_count > 0) {
        profile->curve = sim_arena_allocate(calibration->arena, profile->curve_count, sizeof *profile->curve);
        memcpy(profile->curve, made->curve, profile->curve_count * sizeof *profile->curve);
    }
    if (profile->slowdown_count > 0) {
        profile->slowdown = sim_arena_allocate(calibration->arena, 1, sizeof *profile->slowdown);
        profile->slowdown[0] = made->slowdown[0];
    }
    for (size_t i = 0; i < data->row_count; i++)
        if (data->rows[i].script.count > profile->calibrated_running)
            profile->calibrated_running = data->rows[i].script.count;
    double held_out = calibrate_rms(calibration, true);
    profile->fit_error =
        isnan(held_out)
            ? calibrate_text(calibration, "%.1f %% RMS of the fitted figures; nothing was held out", 100 * fitted_rms)
            : calibrate_text(calibration, "%.1f %% RMS of the fitted figures, %.1f %% of those held out",
                             100 * fitted_rms, 100 * held_out);
}

/* ---- The method ---- */

static enum sim_status fit_form(const struct calibrate_dynamic_data *data, enum calibrate_dynamic_form form,
                                struct sim_error *error)
{
    struct choice choice;
    struct calibrate_dynamic_profile made;
    enum sim_status status = scan(data, form, &choice, error);
    if (status != SIM_OK)
        return status;
    struct calibrate_dynamic_fit *fit = &choice.tried[choice.best];
    const struct calibrate_dynamic_fit near = *fit;
    status = calibrate_dynamic_search(data, &near.shape, &near, LAST_MEASUREMENTS, fit, error);
    if (status == SIM_OK)
        status = add_errors(data, fit, "", error);
    if (status != SIM_OK)
        return status;
    calibrate_dynamic_make(data, fit, &made);
    add_parameters(data, &choice, &made.profile);
    describe_scan(data->calibration, &choice);
    warn_about_form(data, fit, &made.profile);
    keep_profile(data, &made, calibrate_rms(data->calibration, false));
    return SIM_OK;
}

/* What a fit from the batches timed alone would have missed by; the number of instances is that of the fit. */
static enum sim_status show_offline(const struct calibrate_dynamic_data *data, struct sim_error *error)
{
    const struct calibrate_dynamic_shape shape = {DYNAMIC_FORM_OFFLINE, data->calibration->profile.instances};
    struct calibrate_dynamic_data asked = *data;
    struct calibration calibration = *data->calibration;
    struct calibrate_dynamic_fit fit;
    calibration.profile = calibration.measurements->profile;
    asked.calibration = &calibration;
    enum sim_status status = calibrate_dynamic_search(&asked, &shape, NULL, SCAN_MEASUREMENTS, &fit, error);
    if (status == SIM_OK)
        status = add_errors(&asked, &fit, "with the batches timed alone", error);
    calibration.profile = data->calibration->profile;
    *data->calibration = calibration;
    if (status != SIM_OK)
        return status;
    double worst = 0;
    const struct calibration_error *errors = calibration.errors.items;
    for (size_t i = 0; i < calibration.errors.count; i++)
        if (errors[i].variant[0])
            worst = fmax(worst, fabs(errors[i].relative));
    calibrate_warn(data->calibration, "'%s' is left out of the fit; with it a row would be off by up to %.0f %%",
                   data->offline->name, 100 * worst);
    return SIM_OK;
}

static enum sim_status fit(struct calibration *calibration, struct sim_error *error)
{
    struct calibrate_dynamic_data data;
    calibrate_dynamic_gather(&data, calibration);
    bool is_contradicted = find_contradictions(&data);
    bool uses_offline = data.offline && !(is_contradicted && data.fitted_count > 1);
    find_anomalies(&data);
    add_range(&data);
    enum sim_status status = fit_form(&data, uses_offline ? DYNAMIC_FORM_OFFLINE : DYNAMIC_FORM_LINE, error);
    if (status == SIM_OK && data.offline && !uses_offline) {
        leave_out_offline(&data);
        status = show_offline(&data, error);
    }
    calibrate_dynamic_forget(&data);
    return status;
}

const struct calibrate_method calibrate_dynamic = {.name = "dynamic batching", .applies = applies, .fit = fit};
