/* calibrate_lengths.c - how long prompts and answers are, from a log of requests.
 *
 * Each becomes a distribution of a class, `input_tokens` and `output_tokens`. Where no family fits, it is empirical:
 * the column of the log itself. Classes draw both independently of each other; where the log says otherwise that is
 * said.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/calibrate_distribution.h"
#include "sim/memory.h"
#include "sim/quantile.h"

#define CORRELATED 0.1 /* rank correlation from which independence is worth a sentence */

struct lengths {
    const struct measurement_table *table;
    enum measure measure;
    double *fitted; /* of rows that are not held out, above 0 */
    size_t fitted_count;
    double *held_out;
    size_t held_out_count;
    size_t empty_count; /* rows of 0 tokens */
};

static bool has_lengths(const struct measurement_table *table)
{
    if (table->kind != MEASUREMENT_REQUESTS || table->row_count == 0)
        return false;
    return !isnan(table->rows[0].values[MEASURE_INPUT_TOKENS]) || !isnan(table->rows[0].values[MEASURE_OUTPUT_TOKENS]);
}

/* Whether an earlier table is of the same log: other rows held out, the same lengths. */
static bool is_told(const struct measurements *measurements, size_t index)
{
    const struct measurement_table *table = &measurements->tables[index];
    for (size_t i = 0; i < index && table->file[0]; i++)
        if (has_lengths(&measurements->tables[i]) && strcmp(measurements->tables[i].file, table->file) == 0)
            return true;
    return false;
}

static void collect(struct lengths *lengths)
{
    size_t count = lengths->table->row_count;
    lengths->fitted = sim_allocate(count, sizeof *lengths->fitted);
    lengths->held_out = sim_allocate(count, sizeof *lengths->held_out);
    for (size_t r = 0; r < count; r++) {
        const struct measurement_row *row = &lengths->table->rows[r];
        double value = row->values[lengths->measure];
        if (value > 0 && row->is_held_out)
            lengths->held_out[lengths->held_out_count++] = value;
        else if (value > 0)
            lengths->fitted[lengths->fitted_count++] = value;
        else if (!isnan(value))
            lengths->empty_count++;
    }
}

static double mean_of(const double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i] / (double)count;
    return sum;
}

/* Quantile of type 7 of whole numbers. */
static double quantile_of(const double *values, size_t count, double share)
{
    int64_t *whole = sim_allocate(count, sizeof *whole);
    for (size_t i = 0; i < count; i++)
        whole[i] = (int64_t)values[i];
    double quantile = sim_quantile(whole, count, share);
    free(whole);
    return quantile;
}

static void add_figure(struct calibration *calibration, const struct lengths *lengths, const char *what, double theirs,
                       double ours, bool is_held_out)
{
    const struct calibration_error error = {
        .data = lengths->table->name,
        .row = is_held_out ? "held out" : "fitted",
        .metric = calibrate_text(calibration, "%s_%s", measurements_field(lengths->measure)->name, what),
        .unit = "token",
        .theirs = theirs,
        .ours = ours,
        .sampling = NAN,
        .is_held_out = is_held_out};
    calibrate_add_figure(calibration, &error);
}

/* Mean and, where it is known, p95 of the distribution against those of the rows. */
static void add_figures(struct calibration *calibration, const struct lengths *lengths,
                        const struct sim_distribution *distribution)
{
    for (int part = 0; part < 2; part++) {
        const double *values = part ? lengths->held_out : lengths->fitted;
        size_t count = part ? lengths->held_out_count : lengths->fitted_count;
        if (count == 0)
            continue;
        double p95 = sim_distribution_quantile(distribution, 0.95);
        add_figure(calibration, lengths, "mean", mean_of(values, count), sim_distribution_mean(distribution), part);
        if (!isnan(p95))
            add_figure(calibration, lengths, "p95", quantile_of(values, count, 0.95), p95, part);
    }
}

/* As a scenario has it. */
static const char *text_of(struct calibration *calibration, const struct lengths *lengths,
                           const struct sim_distribution *distribution)
{
    if (distribution->kind != SIM_DISTRIBUTION_EMPIRICAL)
        return calibrate_distribution_text(calibration, distribution, "token");
    const char *column = lengths->table->columns.of[lengths->measure];
    const char *name = strrchr(lengths->table->file, '/');
    return calibrate_text(calibration, "empirical(%s, %s)", name ? name + 1 : lengths->table->file, column);
}

static enum sim_status fit_lengths(struct calibration *calibration, struct lengths *lengths, const char **text,
                                   struct sim_error *error)
{
    const char *name = measurements_field(lengths->measure)->name;
    struct fit_distribution fit;
    const struct fit_distribution_request request = {.values = lengths->fitted,
                                                     .count = lengths->fitted_count,
                                                     .is_parametric = lengths->table->file[0] == '\0',
                                                     .seed = calibration->options->seed};
    if (lengths->empty_count > 0)
        calibrate_warn(calibration, "%s: %zu rows of 0 tokens are left out of the distribution", name,
                       lengths->empty_count);
    if (lengths->fitted_count == 0)
        return SIM_OK;
    enum sim_status status = fit_distribution(&request, calibration->arena, &fit, error);
    if (status != SIM_OK)
        return status;
    *text = text_of(calibration, lengths, &fit.distribution);
    calibrate_distribution_add(calibration, name, "token", &fit, *text);
    for (size_t i = 0; i < fit.warning_count; i++)
        calibrate_warn(calibration, "%s: %s", name, fit.warnings[i]);
    if (fit.family == FIT_DISTRIBUTION_EMPIRICAL && lengths->held_out_count > 0)
        calibrate_warn(calibration, "%s: the column that is named holds the held-out rows too", name);
    /* A log with the times of its requests replays its lengths: what a fit is asked to reach is about the times. */
    if (isnan(lengths->table->rows[0].values[MEASURE_LAST]))
        add_figures(calibration, lengths, &fit.distribution);
    return SIM_OK;
}

/* ---- Are prompts and answers independent? ---- */

struct ranked {
    double value;
    size_t index;
};

static int compare(const void *left, const void *right)
{
    const struct ranked *a = left;
    const struct ranked *b = right;
    return (a->value > b->value) - (a->value < b->value);
}

/* Ranks from 0, equal values sharing the mean of theirs. */
static void rank(const struct measurement_table *table, enum measure measure, double *ranks)
{
    size_t count = table->row_count;
    struct ranked *order = sim_allocate(count, sizeof *order);
    for (size_t i = 0; i < count; i++)
        order[i] = (struct ranked){table->rows[i].values[measure], i};
    qsort(order, count, sizeof *order, compare);
    for (size_t begin = 0, end; begin < count; begin = end) {
        for (end = begin + 1; end < count && order[end].value <= order[begin].value; end++)
            ;
        for (size_t i = begin; i < end; i++)
            ranks[order[i].index] = ((double)begin + (double)end - 1) / 2;
    }
    free(order);
}

/* Spearman's: the correlation of the ranks. */
static double rank_correlation(const struct measurement_table *table)
{
    size_t count = table->row_count;
    double *ranks[2];
    double middle = ((double)count - 1) / 2, product = 0, squares[2] = {0};
    for (int k = 0; k < 2; k++) {
        ranks[k] = sim_allocate(count, sizeof **ranks);
        rank(table, k ? MEASURE_OUTPUT_TOKENS : MEASURE_INPUT_TOKENS, ranks[k]);
    }
    for (size_t i = 0; i < count; i++) {
        double x = ranks[0][i] - middle, y = ranks[1][i] - middle;
        product += x * y;
        squares[0] += x * x;
        squares[1] += y * y;
    }
    free(ranks[0]);
    free(ranks[1]);
    return product / sqrt(squares[0] * squares[1]);
}

static bool has_both(const struct measurement_table *table)
{
    for (size_t r = 0; r < table->row_count; r++)
        if (isnan(table->rows[r].values[MEASURE_INPUT_TOKENS]) || isnan(table->rows[r].values[MEASURE_OUTPUT_TOKENS]))
            return false;
    return table->row_count >= 3;
}

static void say_correlation(struct calibration *calibration, const struct measurement_table *table)
{
    double correlation = has_both(table) ? rank_correlation(table) : NAN;
    if (fabs(correlation) > fmax(CORRELATED, 2 / sqrt((double)table->row_count)))
        calibrate_warn(calibration,
                       "%s: lengths of prompts and answers have a rank correlation of %.2f; a class draws them "
                       "independently of each other",
                       table->name, correlation);
}

/* ---- The method ---- */

static enum sim_status fit_table(struct calibration *calibration, const struct measurement_table *table,
                                 struct sim_error *error)
{
    static const enum measure measures[] = {MEASURE_INPUT_TOKENS, MEASURE_OUTPUT_TOKENS};
    const char *class = "";
    enum sim_status status = SIM_OK;
    for (int i = 0; i < 2 && status == SIM_OK; i++) {
        struct lengths lengths = {.table = table, .measure = measures[i]};
        const char *text = NULL;
        collect(&lengths);
        status = fit_lengths(calibration, &lengths, &text, error);
        if (text)
            class = calibrate_text(calibration, "%s, %s: \"%s\"", class, measurements_field(measures[i])->name, text);
        free(lengths.fitted);
        free(lengths.held_out);
    }
    calibrate_note(calibration, "as a class of a workload: {name: %s%s}", table->name, class);
    say_correlation(calibration, table);
    return status;
}

static enum sim_status fit(struct calibration *calibration, struct sim_error *error)
{
    const struct measurements *measurements = calibration->measurements;
    enum sim_status status = SIM_OK;
    for (size_t i = 0; i < measurements->table_count && status == SIM_OK; i++)
        if (has_lengths(&measurements->tables[i]) && !is_told(measurements, i))
            status = fit_table(calibration, &measurements->tables[i], error);
    return status;
}

static bool applies(const struct measurements *measurements)
{
    for (size_t i = 0; i < measurements->table_count; i++)
        if (has_lengths(&measurements->tables[i]))
            return true;
    return false;
}

const struct calibrate_method calibrate_lengths = {.name = "lengths of requests", .applies = applies, .fit = fit};
