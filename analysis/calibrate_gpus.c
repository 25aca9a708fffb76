/* calibrate_gpus.c - how fast GPUs are relative to one of them, from tables of kind `gpus`.
 *
 * The first of these measures that every row of the table has: speed, throughput, or a time, of which less is faster.
 * Rows with the same label are repeats. Where one of two GPUs was measured once their ratio has no interval, and that
 * is said; what the rounding of the printed figures allows is given beside. The profile gets the speeds (of the last
 * such table) and so serves pools of every GPU in it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/calibrate.h"
#include "analysis/fit_ratio.h"
#include "sim/memory.h"

struct gpus {
    struct calibration *calibration;
    const struct measurement_table *table;
    enum measure measure;
    bool is_time;
    double unit;    /* of the last digit */
    double *values; /* of the rows of one label; room for all */
};

static bool has_all(const struct measurement_table *table, enum measure measure)
{
    size_t have = 0;
    for (size_t i = 0; i < table->row_count; i++)
        have += isnan(table->rows[i].values[measure]) ? 0 : 1;
    return have == table->row_count;
}

static enum measure choose_measure(const struct measurement_table *table)
{
    static const enum measure measures[] = {MEASURE_SPEED, MEASURE_THROUGHPUT, MEASURE_MEAN, MEASURE_P50, MEASURE_TIME};
    for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++)
        if (has_all(table, measures[i]))
            return measures[i];
    return MEASURE_COUNT;
}

/* The values of all rows with that label, or of all rows for NULL. */
static size_t take_values(const struct gpus *gpus, const char *label)
{
    size_t count = 0;
    for (size_t i = 0; i < gpus->table->row_count; i++)
        if (!label || strcmp(gpus->table->rows[i].label, label) == 0)
            gpus->values[count++] = gpus->table->rows[i].values[gpus->measure];
    return count;
}

static bool is_first(const struct measurement_table *table, size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (strcmp(table->rows[i].label, table->rows[row].label) == 0)
            return false;
    return true;
}

static struct fit_ratio speed_of(const struct gpus *gpus, const char *label, const char *reference, bool *is_once)
{
    size_t count = take_values(gpus, label);
    double *own = sim_allocate(count, sizeof *own);
    memcpy(own, gpus->values, count * sizeof *own);
    size_t reference_count = take_values(gpus, reference);
    struct fit_ratio ratio = gpus->is_time ? fit_ratio_of(gpus->values, reference_count, own, count, gpus->unit)
                                           : fit_ratio_of(own, count, gpus->values, reference_count, gpus->unit);
    *is_once = count == 1 || reference_count == 1;
    free(own);
    return ratio;
}

/* Into the profile, which then serves pools of that GPU too. */
static void give_to_profile(struct profile_config *profile, const char *gpu, double factor)
{
    if (profile->stage != STAGE_INDEPENDENT)
        profile->speeds[profile->speed_count++] = (struct speed_config){gpu, factor};
}

/* Returns whether the speed has no interval because something was measured once. */
static bool add_speed(const struct gpus *gpus, const char *label, const char *reference)
{
    struct calibration *calibration = gpus->calibration;
    bool is_once;
    struct fit_ratio ratio = speed_of(gpus, label, reference, &is_once);
    const char *note = "";
    if (is_once)
        note = calibrate_text(calibration, "measured once; rounding alone allows %.3g to %.3g", ratio.rounded_low,
                              ratio.rounded_high);
    calibrate_add_parameter(calibration,
                            &(struct calibration_parameter){.name = calibrate_text(calibration, "speed of %s", label),
                                                            .unit = "ratio",
                                                            .value = ratio.value,
                                                            .low = ratio.low,
                                                            .high = ratio.high,
                                                            .note = note});
    give_to_profile(&calibration->profile, label, ratio.value);
    return is_once;
}

/* The row with the lowest price for what it serves. */
static void note_price(const struct gpus *gpus, const char *reference)
{
    const struct measurement_table *table = gpus->table;
    const struct measurement_row *best = NULL, *own = NULL;
    if (gpus->measure != MEASURE_THROUGHPUT || !has_all(table, MEASURE_PRICE))
        return;
    for (size_t i = 0; i < table->row_count; i++) {
        const struct measurement_row *row = &table->rows[i];
        double price = row->values[MEASURE_PRICE] / row->values[MEASURE_THROUGHPUT];
        if (!best || price < best->values[MEASURE_PRICE] / best->values[MEASURE_THROUGHPUT])
            best = row;
        if (!own && strcmp(row->label, reference) == 0)
            own = row;
    }
    sim_assert(best && own);
    calibrate_note(gpus->calibration,
                   "at full load 1,000 requests cost %.3g USD on %s, the cheapest of table '%s', and %.3g USD on %s",
                   best->values[MEASURE_PRICE] / best->values[MEASURE_THROUGHPUT] / 3.6, best->label, table->name,
                   own->values[MEASURE_PRICE] / own->values[MEASURE_THROUGHPUT] / 3.6, reference);
}

static enum sim_status fit_table(struct gpus *gpus, struct sim_error *error)
{
    const struct measurement_table *table = gpus->table;
    const char *reference = table->reference[0] ? table->reference : table->rows[0].label;
    size_t once = 0;
    gpus->measure = choose_measure(table);
    if (gpus->measure == MEASURE_COUNT)
        return sim_error_set(error, SIM_BAD_INPUT, table->rows[0].file, table->rows[0].line,
                             "no measure that says how fast a GPU is stands in every row of table '%s': throughput, "
                             "speed, mean, p50 or time",
                             table->name);
    gpus->is_time = strcmp(measurements_field(gpus->measure)->unit, "s") == 0;
    gpus->unit = fit_ratio_unit(gpus->values, take_values(gpus, NULL));
    if (take_values(gpus, reference) == 0)
        return sim_error_set(error, SIM_BAD_INPUT, table->rows[0].file, table->rows[0].line,
                             "table '%s' has no row of its reference '%s'", table->name, reference);
    gpus->calibration->profile.gpu = reference;
    gpus->calibration->profile.speeds =
        sim_arena_allocate(gpus->calibration->arena, table->row_count, sizeof(struct speed_config));
    gpus->calibration->profile.speed_count = 0;
    for (size_t i = 0; i < table->row_count; i++)
        if (is_first(table, i) && strcmp(table->rows[i].label, reference) != 0)
            once += add_speed(gpus, table->rows[i].label, reference);
    calibrate_note(gpus->calibration, "speeds of table '%s' are relative to %s, by %s", table->name, reference,
                   measurements_field(gpus->measure)->name);
    note_price(gpus, reference);
    if (once > 0)
        calibrate_warn(gpus->calibration,
                       "%zu speeds of table '%s' are ratios of figures that were measured once: they have no interval, "
                       "and how far another run would be off is not known",
                       once, table->name);
    return SIM_OK;
}

static bool applies(const struct measurements *measurements)
{
    return measurements_find(measurements, MEASUREMENT_GPUS);
}

static enum sim_status fit(struct calibration *calibration, struct sim_error *error)
{
    const struct measurements *measurements = calibration->measurements;
    enum sim_status status = SIM_OK;
    for (size_t i = 0; i < measurements->table_count && status == SIM_OK; i++) {
        const struct measurement_table *table = &measurements->tables[i];
        if (table->kind != MEASUREMENT_GPUS || table->row_count == 0)
            continue;
        struct gpus gpus = {.calibration = calibration, .table = table};
        gpus.values = sim_allocate(table->row_count, sizeof *gpus.values);
        status = fit_table(&gpus, error);
        free(gpus.values);
    }
    return status;
}

const struct calibrate_method calibrate_gpus = {.name = "gpus", .applies = applies, .fit = fit};
