/* calibrate_phases.c - start-up times by phase, with and without a snapshot.
 *
 * A row is one observation of what its label names: a phase of the start, in the order of their first rows, or
 *
 *     snapshot create          the time that creating a snapshot adds to the start that creates it
 *     snapshot restore         the time to restore one, in place of the phases that it removes
 *     total                    a whole start without a snapshot; nothing is fitted to it, the phases are held against
 * it total with snapshot      a whole start from a snapshot: where no restore was measured by itself, the restore is
 *                              what remains of it after the phases that a snapshot does not remove
 *
 * Which phases a snapshot removes, and which are billed, the profile of the measurements file says under `startup`; a
 * phase that it names and that was not measured keeps the time that is given there.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/calibrate_distribution.h"
#include "sim/memory.h"

#define LABEL_CREATE "snapshot create"
#define LABEL_RESTORE "snapshot restore"
#define LABEL_TOTAL "total"
#define LABEL_TOTAL_RESTORED "total with snapshot"
#define DISAGREES 0.01 /* relative difference of a total from its parts that is worth a sentence */

/* What goes on while the phases are fitted. */
struct fitting {
    struct calibration *calibration;
    struct phase_config *phases;
    size_t count;
    const char *single; /* names of what was seen once, for one sentence */
};

typedef void visit_row(void *owner, const struct measurement_table *table, const struct measurement_row *row);

/* Calls for each row of the tables of phases with that label, NULL for all. */
static void visit(const struct measurements *measurements, const char *label, visit_row *call, void *owner)
{
    for (size_t t = 0; t < measurements->table_count; t++) {
        const struct measurement_table *table = &measurements->tables[t];
        for (size_t r = 0; r < table->row_count && table->kind == MEASUREMENT_PHASES; r++)
            if (!label || strcmp(table->rows[r].label, label) == 0)
                call(owner, table, &table->rows[r]);
    }
}

/* ---- The phases ---- */

static bool is_phase(const char *label)
{
    return strcmp(label, LABEL_CREATE) != 0 && strcmp(label, LABEL_RESTORE) != 0 && strcmp(label, LABEL_TOTAL) != 0 &&
           strcmp(label, LABEL_TOTAL_RESTORED) != 0;
}

static struct phase_config *find_phase(const struct fitting *fitting, const char *name)
{
    for (size_t i = 0; i < fitting->count; i++)
        if (strcmp(fitting->phases[i].name, name) == 0)
            return &fitting->phases[i];
    return NULL;
}

static void note_phase(void *owner, const struct measurement_table *table, const struct measurement_row *row)
{
    struct fitting *fitting = owner;
    (void)table;
    if (is_phase(row->label) && !find_phase(fitting, row->label))
        fitting->phases[fitting->count++] = (struct phase_config){.name = row->label, .billed = true};
}

static void count_row(void *owner, const struct measurement_table *table, const struct measurement_row *row)
{
    (void)table;
    (void)row;
    (*(size_t *)owner)++;
}

/* Those that the profile names, then those that were measured. */
static void list_phases(struct fitting *fitting)
{
    const struct calibration *calibration = fitting->calibration;
    const struct profile_config *profile = &calibration->profile;
    size_t rows = 0;
    visit(calibration->measurements, NULL, count_row, &rows);
    fitting->phases = sim_arena_allocate(calibration->arena, profile->startup_count + rows, sizeof *fitting->phases);
    if (profile->startup_count > 0)
        memcpy(fitting->phases, profile->startup, profile->startup_count * sizeof *fitting->phases);
    fitting->count = profile->startup_count;
    visit(calibration->measurements, NULL, note_phase, fitting);
}

/* ---- Fitting one label ---- */

struct observations {
    double *values;
    size_t count;
    size_t capacity;
    double less; /* what is taken off each */
    const struct measurement_row *too_short;
    bool is_pooled; /* a row is a mean of several */
};

static void take(void *owner, const struct measurement_table *table, const struct measurement_row *row)
{
    struct observations *observations = owner;
    if (row->is_held_out || isnan(row->values[MEASURE_TIME]))
        return;
    observations->values =
        sim_grow(observations->values, &observations->capacity, observations->count + 1, sizeof *observations->values);
    double value = row->values[MEASURE_TIME] - observations->less;
    if (!(value > 0))
        observations->too_short = row;
    observations->values[observations->count++] = value;
    observations->is_pooled = observations->is_pooled || table->repeats > 1;
}

static void say_warnings(struct fitting *fitting, const char *label, const char *name,
                         const struct fit_distribution *fit, bool is_pooled)
{
    struct calibration *calibration = fitting->calibration;
    if (fit->count == 1 && !is_pooled)
        fitting->single = calibrate_text(calibration, "%s%s%s", fitting->single, fitting->single[0] ? ", " : "", label);
    for (size_t i = 0; i < fit->warning_count && fit->count > 1; i++)
        calibrate_warn(calibration, "%s: %s", name, fit->warnings[i]);
    if (is_pooled)
        calibrate_warn(calibration, "%s: rows are means of several starts, so the spread of single ones is not seen",
                       name);
}

/* Fits what was observed under a label, less a constant, into *distribution and a parameter; leaves the distribution as
 * it is where nothing was observed.
 */
static enum sim_status fit_label(struct fitting *fitting, const char *label, double less, const char *name,
                                 struct sim_distribution *distribution, struct sim_error *error)
{
    struct calibration *calibration = fitting->calibration;
    struct observations observations = {.less = less};
    struct fit_distribution fit;
    enum sim_status status = SIM_OK;
    visit(calibration->measurements, label, take, &observations);
    if (observations.too_short) {
        const struct measurement_row *row = observations.too_short;
        status = sim_error_set(error, SIM_BAD_INPUT, row->file, row->line,
                               "'%s' of %g s is not longer than the phases that a snapshot leaves, %g s", label,
                               row->values[MEASURE_TIME], less);
    } else if (observations.count > 0) {
        const struct fit_distribution_request request = {.values = observations.values,
                                                         .count = observations.count,
                                                         .is_parametric = true,
                                                         .seed = calibration->options->seed};
        status = fit_distribution(&request, calibration->arena, &fit, error);
        if (status == SIM_OK) {
            *distribution = fit.distribution;
            say_warnings(fitting, label, name, &fit, observations.is_pooled);
            calibrate_distribution_add(calibration, name, "s", &fit,
                                       calibrate_distribution_text(calibration, &fit.distribution, "s"));
        }
    }
    free(observations.values);
    return status;
}

/* ---- Totals ---- */

struct total {
    struct calibration *calibration;
    double ours;
    const char *parts; /* what is added up, for the sentence */
};

static void compare_total(void *owner, const struct measurement_table *table, const struct measurement_row *row)
{
    struct total *total = owner;
    double theirs = row->values[MEASURE_TIME];
    if (isnan(theirs))
        return;
    const struct calibration_error error = {.data = table->name,
                                            .row = row->label,
                                            .metric = "time",
                                            .unit = "s",
                                            .theirs = theirs,
                                            .ours = total->ours,
                                            .sampling = NAN,
                                            .is_held_out = true, /* nothing is fitted to it */
                                            .source = row};
    calibrate_add_figure(total->calibration, &error);
    if (fabs(total->ours / theirs - 1) > DISAGREES)
        calibrate_warn(total->calibration, "%s add up to %.4g s, '%s' says %.4g s", total->parts, total->ours,
                       row->label, theirs);
}

static void compare_held_out(void *owner, const struct measurement_table *table, const struct measurement_row *row)
{
    struct fitting *fitting = owner;
    const struct phase_config *phase = find_phase(fitting, row->label);
    if (!phase || !row->is_held_out || isnan(row->values[MEASURE_TIME]))
        return;
    double mean = sim_distribution_mean(&phase->time_s);
    calibrate_add_error(fitting->calibration, table, row, MEASURE_TIME, mean,
                        sqrt(sim_distribution_variance(&phase->time_s)) / mean);
}

static double sum_of(const struct fitting *fitting, bool is_all)
{
    double sum = 0;
    for (size_t i = 0; i < fitting->count; i++)
        if (is_all || !fitting->phases[i].removed_by_snapshot)
            sum += sim_distribution_mean(&fitting->phases[i].time_s);
    return sum;
}

static enum sim_status fit_restore(struct fitting *fitting, struct sim_error *error)
{
    struct calibration *calibration = fitting->calibration;
    struct sim_distribution *restore = &calibration->profile.snapshot_restore_s;
    size_t restores = 0, totals = 0;
    visit(calibration->measurements, LABEL_RESTORE, count_row, &restores);
    visit(calibration->measurements, LABEL_TOTAL_RESTORED, count_row, &totals);
    if (restores + totals == 0)
        return SIM_OK;
    double kept = sum_of(fitting, false);
    if (kept >= sum_of(fitting, true))
        calibrate_warn(calibration, "no phase is removed by a snapshot: say which under startup in the profile");
    if (restores == 0)
        return fit_label(fitting, LABEL_TOTAL_RESTORED, kept, "snapshot_restore", restore, error);
    enum sim_status status = fit_label(fitting, LABEL_RESTORE, 0, "snapshot_restore", restore, error);
    if (status != SIM_OK)
        return status;
    struct total total = {calibration, kept + sim_distribution_mean(restore), "the restore and the phases it leaves"};
    visit(calibration->measurements, LABEL_TOTAL_RESTORED, compare_total, &total);
    return SIM_OK;
}

static enum sim_status fit(struct calibration *calibration, struct sim_error *error)
{
    struct fitting fitting = {.calibration = calibration, .single = ""};
    list_phases(&fitting);
    enum sim_status status = SIM_OK;
    for (size_t i = 0; i < fitting.count && status == SIM_OK; i++) {
        struct phase_config *phase = &fitting.phases[i];
        status = fit_label(&fitting, phase->name, 0, calibrate_text(calibration, "startup %s", phase->name),
                           &phase->time_s, error);
    }
    if (status == SIM_OK)
        status =
            fit_label(&fitting, LABEL_CREATE, 0, "snapshot_create", &calibration->profile.snapshot_create_s, error);
    if (status == SIM_OK)
        status = fit_restore(&fitting, error);
    if (status != SIM_OK)
        return status;
    calibration->profile.startup = fitting.phases;
    calibration->profile.startup_count = fitting.count;
    struct total total = {calibration, sum_of(&fitting, true), "the phases of a start"};
    visit(calibration->measurements, LABEL_TOTAL, compare_total, &total);
    visit(calibration->measurements, NULL, compare_held_out, &fitting);
    if (fitting.single[0])
        calibrate_warn(calibration, "one observation has no spread: taken as fixed for %s", fitting.single);
    return SIM_OK;
}

static bool applies(const struct measurements *measurements)
{
    return measurements_find(measurements, MEASUREMENT_PHASES) != NULL;
}

const struct calibrate_method calibrate_phases = {.name = "phases of a start", .applies = applies, .fit = fit};
