/* calibrate_sharing.c - processor sharing from bursts, closed loops and loads at a rate.
 *
 * Every candidate is simulated: small worlds are measured the way the script did it (experiment.h), and the relative
 * errors of all fitted figures are made small by least squares (fit_search.h).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/calibrate_sharing_internal.h"

/* Measurements for the figures that are printed, and for intervals, as multiples of those of a search. */
#define LAST_EFFORT 4.0
#define SPREAD_EFFORT 2.0
/* Slots whose error is at most this times the best one's are told apart by nobody. */
#define SLOTS_AS_GOOD 1.5

static bool applies(const struct measurements *measurements)
{
    return measurements->profile.stage == STAGE_PROCESSOR_SHARING &&
           (measurements_find(measurements, MEASUREMENT_BURST) || measurements_find(measurements, MEASUREMENT_CLOSED) ||
            measurements_find(measurements, MEASUREMENT_OPEN));
}

/* ---- Errors ---- */

static void add_errors(struct calibration *calibration, const struct calibrate_sharing_point *point,
                       const struct experiment_figures *figures, const char *variant)
{
    for (int m = 0; m < MEASURE_COUNT; m++) {
        double theirs = point->row->values[m];
        if (isnan(theirs) || isnan(figures->mean[m]))
            continue;
        if (variant[0] && !calibrate_sharing_is_fitted(point, (enum measure)m))
            continue;
        calibrate_add_error(calibration, point->table, point->row, (enum measure)m, figures->mean[m],
                            figures->deviation[m] / figures->mean[m]);
        struct calibration_error *added =
            (struct calibration_error *)calibration->errors.items + calibration->errors.count - 1;
        added->variant = variant;
    }
}

/* RMS errors of the fitted and the held-out rows. */
struct two_errors {
    double fitted;
    double held_out;
};

static enum sim_status predict_all(const struct calibrate_sharing_report *report,
                                   const struct calibrate_sharing_fit *fit, const char *variant, bool is_listed,
                                   struct two_errors *errors, struct sim_error *error)
{
    const struct calibrate_sharing_data *data = report->data;
    double squares[2] = {0, 0};
    size_t counts[2] = {0, 0};
    enum sim_status status = SIM_OK;
    for (size_t i = 0; i < data->point_count && status == SIM_OK; i++) {
        const struct calibrate_sharing_point *point = &data->points[i];
        struct experiment_figures figures;
        status = calibrate_sharing_predict(data, &fit->shape, fit->values, point, LAST_EFFORT, false, &figures, error);
        if (status != SIM_OK)
            break;
        if (is_listed)
            add_errors(report->calibration, point, &figures, variant);
        for (int m = 0; m < MEASURE_COUNT; m++)
            if (calibrate_sharing_is_fitted(point, (enum measure)m)) {
                double relative = figures.mean[m] / point->row->values[m] - 1;
                squares[point->row->is_held_out] += relative * relative;
                counts[point->row->is_held_out]++;
            }
    }
    errors->fitted = counts[0] > 0 ? sqrt(squares[0] / (double)counts[0]) : NAN;
    errors->held_out = counts[1] > 0 ? sqrt(squares[1] / (double)counts[1]) : NAN;
    return status;
}

/* ---- Parameters ---- */

/* The slots of the scan that nobody can tell from the best, and how all of them did. */
static void add_slots(struct calibrate_sharing_report *report)
{
    struct calibration *calibration = report->calibration;
    const struct calibrate_sharing_fit *best = report->best;
    size_t count = report->choice->scan.count;
    const struct calibrate_sharing_fit *fits = report->choice->scan.items;
    struct calibration_parameter parameter = {.name = "slots", .unit = "", .value = (double)best->shape.slots};
    bool is_open = false;
    parameter.low = parameter.high = parameter.value;
    for (size_t i = 0; i < count; i++) {
        if (fits[i].shape.containers != best->shape.containers || fits[i].rms > SLOTS_AS_GOOD * best->rms)
            continue;
        if (fits[i].shape.slots == 0)
            is_open = true;
        parameter.low = fmin(parameter.low, fits[i].shape.slots == 0 ? parameter.low : (double)fits[i].shape.slots);
        parameter.high = fmax(parameter.high, (double)fits[i].shape.slots);
    }
    bool is_listed = calibration->measurements->search.slot_count > 0;
    if (count < 2 || is_listed || is_open || best->shape.slots == 0)
        parameter.low = parameter.high = NAN;
    parameter.note = best->shape.slots == 0 ? "no limit is seen up to the largest load"
                     : count < 2            ? "given, not fitted"
                     : is_open              ? "not identified: no limit fits about as well"
                     : is_listed            ? "of those that the file lists"
                                            : "by scan; engine or container: not identified";
    calibrate_add_parameter(calibration, &parameter);
}

static struct calibration_parameter time_parameter(struct calibration *calibration,
                                                   const struct calibrate_sharing_shape *shape, size_t number,
                                                   double reached_s)
{
    struct calibration_parameter parameter = {.unit = "s"};
    if (shape->form == MEASUREMENT_FORM_LINE) {
        parameter.name = number == 0 ? "base_time" : "per_running";
    } else if (number == 0) {
        parameter.name = calibrate_text(calibration, "curve at %d", (int)shape->nodes[0]);
    } else {
        parameter.name = calibrate_text(calibration, "curve, from %d to %d", (int)shape->nodes[number - 1],
                                        (int)shape->nodes[number]);
        parameter.note = calibrate_text(calibration, "reaches %.4g s", reached_s);
    }
    return parameter;
}

static struct calibration_parameter share_parameter(const struct calibrate_sharing_report *report,
                                                    const struct calibrate_sharing_fit *fit, size_t number)
{
    struct calibration_parameter parameter = {.name = "first_output", .unit = "ratio"};
    if (calibrate_sharing_shares(report->data, &fit->shape) > 1)
        parameter.name = calibrate_text(report->calibration, "first_output at %d", (int)fit->shape.nodes[number]);
    return parameter;
}

/* The real parameters of a fit, in the order of its values. */
static void list_parameters(struct calibrate_sharing_report *report, const struct calibrate_sharing_fit *fit,
                            struct sim_array *list)
{
    const struct calibrate_sharing_shape *shape = &fit->shape;
    size_t times = calibrate_sharing_times(shape);
    double reached_s = 0;
    for (size_t i = 0; i < fit->count; i++) {
        struct calibration_parameter parameter;
        reached_s += fit->values[i];
        if (i < times)
            parameter = time_parameter(report->calibration, shape, i, reached_s);
        else if (i == times && report->data->fits_spread)
            parameter = (struct calibration_parameter){
                .name = "work_cv", .unit = "", .note = "of the requests that were sent, for classes: lognormal(1, cv)"};
        else
            parameter = share_parameter(report, fit, i - times - report->data->fits_spread);
        parameter.value = fit->values[i];
        parameter.low = fit->low[i];
        parameter.high = fit->high[i];
        parameter.is_at_bound = fit->is_at_bound[i];
        if (!parameter.note)
            parameter.note = "";
        size_t index = sim_array_add(list);
        ((struct calibration_parameter *)list->items)[index] = parameter;
    }
}

static void add_parameters(struct calibrate_sharing_report *report)
{
    list_parameters(report, report->best, &report->calibration->parameters);
    add_slots(report);
}

/* ---- Profile ---- */

static struct profile_config own_profile(struct calibration *calibration, const struct calibrate_sharing_data *data,
                                         const struct calibrate_sharing_fit *fit, struct sim_distribution *work)
{
    struct profile_config profile;
    struct calibrate_sharing_curves *curves = sim_arena_allocate(calibration->arena, 1, sizeof *curves);
    struct experiment_service service = calibrate_sharing_service(data, &fit->shape, fit->values, &profile, curves);
    double most = fmax(data->load_max / (double)fit->shape.containers, 1);
    *work = service.work;
    profile.calibrated_running = (int64_t)ceil(most);
    if (profile.slots > 0 && profile.slots < profile.calibrated_running)
        profile.calibrated_running = profile.slots;
    return profile;
}

static const char *shape_text(struct calibration *calibration, const struct calibrate_sharing_shape *shape)
{
    const char *containers =
        shape->containers == 1 ? "1 container" : calibrate_text(calibration, "%d containers", (int)shape->containers);
    return shape->slots == 0 ? calibrate_text(calibration, "%s without a limit of slots", containers)
                             : calibrate_text(calibration, "%s of %d slots", containers, (int)shape->slots);
}

static const char *reading_name(struct calibration *calibration, const struct calibrate_sharing_shape *shape)
{
    const char *name = calibration->profile.name;
    return shape->slots == 0
               ? calibrate_text(calibration, "%s-%d-unlimited", name, (int)shape->containers)
               : calibrate_text(calibration, "%s-%d-of-%d", name, (int)shape->containers, (int)shape->slots);
}

static enum sim_status add_readings(struct calibrate_sharing_report *report, struct sim_error *error)
{
    struct calibration *calibration = report->calibration;
    struct calibrate_sharing_fit *fits = report->choice->readings.items;
    double best = INFINITY;
    enum sim_status status = SIM_OK;
    for (size_t i = 0; i < report->choice->readings.count; i++)
        best = fmin(best, fits[i].rms);
    for (size_t i = 0; i < report->choice->readings.count && report->choice->readings.count > 1 && status == SIM_OK;
         i++) {
        struct two_errors errors;
        size_t index = sim_array_add(&calibration->readings);
        status = predict_all(report, &fits[i], "", false, &errors, error);
        struct calibration_reading *reading = (struct calibration_reading *)calibration->readings.items + index;
        *reading = (struct calibration_reading){.name = reading_name(calibration, &fits[i].shape),
                                                .text = shape_text(calibration, &fits[i].shape),
                                                .fitted = errors.fitted,
                                                .held_out = errors.held_out,
                                                .is_chosen = i == 0,
                                                .is_plausible = fits[i].rms <= 2 * best,
                                                .containers = fits[i].shape.containers};
        reading->profile = own_profile(calibration, report->data, &fits[i], &reading->work);
        reading->profile.name = reading->name;
        sim_array_init(&reading->parameters, sizeof(struct calibration_parameter));
        list_parameters(report, &fits[i], &reading->parameters);
    }
    if (calibration->readings.count > 1)
        calibrate_note(calibration,
                       "Of the readings that are no more than twice as far off as the best, the one with the fewest "
                       "containers is chosen, of these the nearest; which one holds is not identified");
    return status;
}

/* ---- The other rule of percentiles ---- */

static bool is_rule_unknown(const struct calibrate_sharing_data *data)
{
    for (size_t i = 0; i < data->point_count; i++)
        if (data->points[i].table->percentile_rule == PERCENTILE_UNKNOWN &&
            data->points[i].table->kind == MEASUREMENT_BURST)
            return true;
    return false;
}

static enum sim_status try_other_rule(struct calibrate_sharing_report *report, const struct two_errors *errors,
                                      struct sim_error *error)
{
    struct calibrate_sharing_fit fit;
    struct calibrate_sharing_shape shape = report->best->shape;
    struct two_errors other;
    if (!is_rule_unknown(report->data))
        return SIM_OK;
    shape.rule = PERCENTILE_INDEX;
    enum sim_status status = calibrate_sharing_search(report->data, &shape, SHARING_ALL, report->best, 1, &fit, error);
    if (status == SIM_OK)
        status = predict_all(report, &fit, "percentiles by index", true, &other, error);
    if (status != SIM_OK)
        return status;
    calibrate_note(report->calibration,
                   "The percentile rule is not known; RMS error of the fitted figures with linear: %.1f %%, with index "
                   "int(q n): %.1f %%",
                   100 * errors->fitted, 100 * other.fitted);
    if (!isnan(errors->held_out))
        calibrate_note(report->calibration, "The same of the held-out ones: %.1f %% and %.1f %%",
                       100 * errors->held_out, 100 * other.held_out);
    return SIM_OK;
}

/* ---- The method ---- */

static void fill_profile(struct calibrate_sharing_report *report, const struct two_errors *errors)
{
    struct calibration *calibration = report->calibration;
    struct sim_distribution work;
    calibration->profile = own_profile(calibration, report->data, report->best, &work);
    calibration->profile.fit_error =
        isnan(errors->held_out)
            ? calibrate_text(calibration, "%.1f %% RMS of the fitted figures; nothing was held out",
                             100 * errors->fitted)
            : calibrate_text(calibration, "%.1f %% RMS of the fitted figures, %.1f %% of those held out",
                             100 * errors->fitted, 100 * errors->held_out);
    if (report->best->shape.slots > 0)
        calibration->profile.slot_limit = calibrate_text(
            calibration, "%d in progress; engine or container: not identified", (int)report->best->shape.slots);
}

static enum sim_status report_fit(struct calibrate_sharing_report *report, struct sim_error *error)
{
    struct two_errors errors;
    enum sim_status status = calibrate_sharing_spread(report->data, report->best, SPREAD_EFFORT, error);
    if (status == SIM_OK)
        status = predict_all(report, report->best, "", true, &errors, error);
    if (status == SIM_OK)
        status = try_other_rule(report, &errors, error);
    if (status == SIM_OK)
        status = add_readings(report, error);
    if (status != SIM_OK)
        return status;
    add_parameters(report);
    calibrate_sharing_remark(report);
    fill_profile(report, &errors);
    return SIM_OK;
}

static enum sim_status fit(struct calibration *calibration, struct sim_error *error)
{
    struct calibrate_sharing_data data;
    struct calibrate_sharing_choice choice;
    calibrate_sharing_gather(&data, calibration);
    enum sim_status status = calibrate_sharing_choose(&data, &choice, error);
    if (status == SIM_OK) {
        struct calibrate_sharing_report report = {
            .calibration = calibration, .data = &data, .choice = &choice, .best = choice.readings.items};
        status = report_fit(&report, error);
    }
    calibrate_sharing_choice_release(&choice);
    calibrate_sharing_forget(&data);
    return status;
}

const struct calibrate_method calibrate_sharing = {.name = "processor sharing", .applies = applies, .fit = fit};
