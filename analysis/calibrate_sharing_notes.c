/* calibrate_sharing_notes.c - what a reader of a fit has to know: how it was chosen, how far it reaches, what is odd.
 */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>

#include "analysis/calibrate_sharing_internal.h"

/* Fewer loads say little about the form between and beyond them. */
#define LOADS_FEW 4
#define CHANCE 0.001

static void describe_scan(struct calibrate_sharing_report *report)
{
    char text[600] = "";
    size_t used = 0;
    size_t count = report->choice->scan.count;
    const struct calibrate_sharing_fit *fits = report->choice->scan.items;
    for (int64_t slots = 1; slots <= 4097; slots++)
        for (size_t i = 0; i < count; i++) {
            int64_t sorted = fits[i].shape.slots == 0 ? 4097 : fits[i].shape.slots;
            if (sorted != slots || fits[i].shape.containers != report->best->shape.containers ||
                fits[i].shape.form != fits[0].shape.form || used + 40 > sizeof text)
                continue;
            used += (size_t)snprintf(text + used, sizeof text - used, used > 0 ? ", " : "");
            used += slots == 4097 ? (size_t)snprintf(text + used, sizeof text - used, "none %.1f %%", 100 * fits[i].rms)
                                  : (size_t)snprintf(text + used, sizeof text - used, "%d %.1f %%", (int)slots,
                                                     100 * fits[i].rms);
        }
    if (count > 1)
        calibrate_note(report->calibration, "Slots by scan, RMS error of the fitted rows: %s", text);
}

static const char *form_name(int32_t form)
{
    return form == MEASUREMENT_FORM_LINE   ? "straight line"
           : form == MEASUREMENT_FORM_KNEE ? "two lines"
                                           : "measured curve";
}

static void describe_form(struct calibrate_sharing_report *report)
{
    const struct calibrate_sharing_fit *fits = report->choice->forms.items;
    char text[300] = "";
    size_t used = 0;
    for (size_t i = 0; i < report->choice->forms.count; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %.1f %% (and %.1f %% of all rows)",
                                 i > 0 ? ", " : "", form_name(fits[i].shape.form), 100 * sqrt(fits[i].cross_square),
                                 100 * fits[i].rms);
    if (report->choice->forms.count > 0) {
        calibrate_note(report->calibration, "Form, RMS error of loads that were left out one after another: %s", text);
        calibrate_note(report->calibration, "Chosen: %s, the simplest within one standard error of the best",
                       form_name(report->best->shape.form));
    } else if (report->best->shape.form == MEASUREMENT_FORM_CURVE) {
        calibrate_note(report->calibration, "Form: measured curve; three loads cannot choose between forms");
    }
}

static void add_ranges(struct calibrate_sharing_report *report)
{
    struct calibration *calibration = report->calibration;
    const struct measurements *measurements = calibration->measurements;
    for (size_t t = 0; t < measurements->table_count; t++) {
        const struct measurement_table *table = &measurements->tables[t];
        enum measure load = measurements_load_measure(table->kind);
        double low = INFINITY;
        double high = -INFINITY;
        if (load == MEASURE_COUNT)
            continue;
        for (size_t i = 0; i < table->row_count; i++)
            if (!table->rows[i].is_held_out) {
                low = fmin(low, table->rows[i].values[load]);
                high = fmax(high, table->rows[i].values[load]);
            }
        const struct sim_field *field = measurements_field(load);
        if (low <= high)
            calibrate_add_range(calibration, field->name, field->unit, low, high);
        for (size_t i = 0; i < table->row_count; i++)
            if (low <= high && table->rows[i].is_held_out &&
                (table->rows[i].values[load] < low || table->rows[i].values[load] > high))
                calibrate_warn(calibration, "%s: %s %.6g lies outside the fitted %.6g to %.6g: extrapolated",
                               table->name, field->name, table->rows[i].values[load], low, high);
    }
}

/* Times that fall where the load rises, and throughputs of bursts that do. */
static void find_anomalies(struct calibrate_sharing_report *report)
{
    static const enum measure measures[] = {MEASURE_WALL, MEASURE_MEAN, MEASURE_P50};
    const struct calibrate_sharing_data *data = report->data;
    for (size_t i = 0; i + 1 < data->point_count; i++) {
        const struct calibrate_sharing_point *low = &data->points[i];
        const struct calibrate_sharing_point *high = &data->points[i + 1];
        bool rises = low->table == high->table &&
                     (high->script.count > low->script.count || high->script.rate_per_s > low->script.rate_per_s);
        for (size_t m = 0; rises && m < sizeof measures / sizeof *measures; m++)
            if (high->row->values[measures[m]] < low->row->values[measures[m]])
                calibrate_add_anomaly(report->calibration, high->table, high->row, false,
                                      calibrate_text(report->calibration, "%s falls where the load rises",
                                                     measurements_field(measures[m])->name));
        double before = (double)low->script.count / low->row->values[MEASURE_WALL];
        double after = (double)high->script.count / high->row->values[MEASURE_WALL];
        if (rises && low->table->kind == MEASUREMENT_BURST && after < before)
            calibrate_add_anomaly(
                report->calibration, high->table, high->row, false,
                calibrate_text(report->calibration,
                               "requests / wall falls from %.3g to %.3g a second where the load rises", before, after));
    }
}

/* Rows of one load in two tables: the same thing measured twice, which should agree. */
static void compare_campaigns(struct calibrate_sharing_report *report)
{
    const struct calibrate_sharing_data *data = report->data;
    for (size_t i = 0; i < data->point_count; i++)
        for (size_t k = i + 1; k < data->point_count; k++) {
            const struct measurement_row *a = data->points[i].row;
            const struct measurement_row *b = data->points[k].row;
            if (data->points[i].table == data->points[k].table || !calibrate_sharing_is_same_load(data, i, (long)k))
                continue;
            for (int m = MEASURE_WALL; m <= MEASURE_P50; m++) {
                double ratio = b->values[m] / a->values[m];
                if (!isnan(ratio) && fabs(log(ratio)) > log(1.2)) {
                    calibrate_warn(report->calibration,
                                   "tables '%s' and '%s' disagree: %s is %.3g s in one and %.3g s in the other at the "
                                   "same load; fit them apart",
                                   data->points[i].table->name, data->points[k].table->name,
                                   measurements_field((enum measure)m)->name, a->values[m], b->values[m]);
                    break;
                }
            }
        }
}

static size_t count_loads(const struct calibrate_sharing_data *data)
{
    size_t loads = 0;
    for (size_t i = 0; i < data->point_count; i++) {
        bool is_new = !data->points[i].row->is_held_out;
        for (size_t k = 0; k < i && is_new; k++)
            is_new = data->points[k].row->is_held_out || !calibrate_sharing_is_same_load(data, i, (long)k);
        loads += is_new;
    }
    return loads;
}

static void warn(struct calibrate_sharing_report *report)
{
    struct calibration *calibration = report->calibration;
    const struct calibrate_sharing_fit *fit = report->best;
    const struct calibration_parameter *parameters = calibration->parameters.items;
    size_t loads = count_loads(report->data);
    if (loads < LOADS_FEW)
        calibrate_warn(calibration,
                       "only %zu load%s fitted: what lies between and beyond is a guess of the form that was chosen",
                       loads, loads == 1 ? " is" : "s are");
    if (fit->residual_count <= fit->count + 1)
        calibrate_warn(calibration, "%zu figures for %zu parameters: their errors say little", fit->residual_count,
                       fit->count);
    for (size_t i = 0; i < calibration->parameters.count; i++)
        if (parameters[i].is_at_bound)
            calibrate_warn(calibration, "'%s' ended at the edge of what it may be (%.4g%s%s)", parameters[i].name,
                           parameters[i].value, parameters[i].unit[0] ? " " : "", parameters[i].unit);
    /* What chance leaves is itself known from the fit: hence F, not chi-square. */
    double rank = (double)fit->rank;
    if (fit->rank > 0 && gsl_cdf_fdist_Q(fit->misfit / rank, rank, rank) < CHANCE)
        calibrate_warn(calibration,
                       "the fitted figures, taken together, are missed by %.1f times what chance explains: the "
                       "service has not quite the form of the model, and the intervals are too narrow",
                       sqrt(fit->misfit / rank));
}

void calibrate_sharing_remark(struct calibrate_sharing_report *report)
{
    describe_scan(report);
    describe_form(report);
    add_ranges(report);
    find_anomalies(report);
    compare_campaigns(report);
    warn(report);
}
