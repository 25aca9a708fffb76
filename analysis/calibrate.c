/* calibrate.c - the list of fits, and what they share. */
#include "analysis/calibrate.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"

/* The fits, in the order in which they run; ended by NULL. The unit of work of texts is what others have
 * found before.
 */
static const struct calibrate_method *const methods[] = {
    &calibrate_sharing, &calibrate_dynamic, &calibrate_steps,   &calibrate_walls,    &calibrate_gpus,
    &calibrate_phases,  &calibrate_texts,   &calibrate_lengths, &calibrate_requests, NULL,
};

static struct calibration *create(const struct measurements *measurements, const struct calibrate_options *options)
{
    struct calibration *calibration = sim_allocate(1, sizeof *calibration);
    calibration->arena = sim_arena_create();
    calibration->measurements = measurements;
    calibration->options = options;
    calibration->profile = measurements->profile;
    sim_array_init(&calibration->parameters, sizeof(struct calibration_parameter));
    sim_array_init(&calibration->errors, sizeof(struct calibration_error));
    sim_array_init(&calibration->ranges, sizeof(struct calibration_range));
    sim_array_init(&calibration->anomalies, sizeof(struct calibration_anomaly));
    sim_array_init(&calibration->readings, sizeof(struct calibration_reading));
    sim_array_init(&calibration->series, sizeof(struct calibration_series));
    sim_array_init(&calibration->notes, sizeof(const char *));
    sim_array_init(&calibration->warnings, sizeof(const char *));
    return calibration;
}

void calibrate_destroy(struct calibration *calibration)
{
    if (!calibration)
        return;
    struct calibration_reading *readings = calibration->readings.items;
    for (size_t i = 0; i < calibration->readings.count; i++)
        sim_array_release(&readings[i].parameters);
    sim_array_release(&calibration->parameters);
    sim_array_release(&calibration->errors);
    sim_array_release(&calibration->ranges);
    sim_array_release(&calibration->anomalies);
    sim_array_release(&calibration->readings);
    sim_array_release(&calibration->series);
    sim_array_release(&calibration->notes);
    sim_array_release(&calibration->warnings);
    sim_arena_destroy(calibration->arena);
    free(calibration);
}

enum sim_status calibrate_run(const struct measurements *measurements, const struct calibrate_options *options,
                              struct calibration **calibration, struct sim_error *error)
{
    struct calibration *made = create(measurements, options);
    size_t applied = 0;
    enum sim_status status = SIM_OK;
    for (size_t i = 0; methods[i] && status == SIM_OK; i++)
        if (methods[i]->applies(measurements)) {
            status = methods[i]->fit(made, error);
            applied++;
        }
    if (status == SIM_OK && applied == 0)
        status = sim_error_set(error, SIM_BAD_INPUT, measurements->path, 0,
                               "no fit is known for these kinds of tables and this stage of the profile");
    if (status != SIM_OK) {
        calibrate_destroy(made);
        made = NULL;
    }
    *calibration = made;
    return status;
}

/* ---- Adding ---- */

static const char *format_text(struct calibration *calibration, const char *format, va_list arguments)
{
    char text[1024];
    vsnprintf(text, sizeof text, format, arguments);
    return sim_arena_text(calibration->arena, text);
}

const char *calibrate_text(struct calibration *calibration, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = format_text(calibration, format, arguments);
    va_end(arguments);
    return text;
}

static void add_text(struct sim_array *texts, const char *text)
{
    size_t index = sim_array_add(texts);
    ((const char **)texts->items)[index] = text;
}

void calibrate_warn(struct calibration *calibration, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_text(&calibration->warnings, format_text(calibration, format, arguments));
    va_end(arguments);
}

void calibrate_note(struct calibration *calibration, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_text(&calibration->notes, format_text(calibration, format, arguments));
    va_end(arguments);
}

static void fill_text(const char **text)
{
    if (!*text)
        *text = "";
}

void calibrate_add_parameter(struct calibration *calibration, const struct calibration_parameter *parameter)
{
    size_t index = sim_array_add(&calibration->parameters);
    struct calibration_parameter *added = (struct calibration_parameter *)calibration->parameters.items + index;
    *added = *parameter;
    fill_text(&added->name);
    fill_text(&added->unit);
    fill_text(&added->note);
}

void calibrate_add_range(struct calibration *calibration, const char *name, const char *unit, double low, double high)
{
    size_t index = sim_array_add(&calibration->ranges);
    ((struct calibration_range *)calibration->ranges.items)[index] = (struct calibration_range){name, unit, low, high};
}

static const char *row_name(struct calibration *calibration, const struct measurement_table *table,
                            const struct measurement_row *row)
{
    char name[160];
    measurements_row_name(table, row, name, sizeof name);
    return sim_arena_text(calibration->arena, name);
}

void calibrate_add_anomaly(struct calibration *calibration, const struct measurement_table *table,
                           const struct measurement_row *row, bool is_left_out, const char *reason)
{
    size_t index = sim_array_add(&calibration->anomalies);
    ((struct calibration_anomaly *)calibration->anomalies.items)[index] =
        (struct calibration_anomaly){.data = table->name,
                                     .row = row_name(calibration, table, row),
                                     .reason = reason,
                                     .is_left_out = is_left_out,
                                     .source = row};
}

void calibrate_add_figure(struct calibration *calibration, const struct calibration_error *error)
{
    size_t index = sim_array_add(&calibration->errors);
    struct calibration_error *added = (struct calibration_error *)calibration->errors.items + index;
    *added = *error;
    added->relative = error->ours / error->theirs - 1;
    fill_text(&added->data);
    fill_text(&added->row);
    fill_text(&added->metric);
    fill_text(&added->unit);
    fill_text(&added->variant);
}

void calibrate_add_error(struct calibration *calibration, const struct measurement_table *table,
                         const struct measurement_row *row, enum measure measure, double ours, double sampling)
{
    const struct sim_field *field = measurements_field(measure);
    const struct calibration_error error = {.data = table->name,
                                            .row = row_name(calibration, table, row),
                                            .metric = field->name,
                                            .unit = field->unit,
                                            .theirs = row->values[measure],
                                            .ours = ours,
                                            .sampling = sampling,
                                            .is_held_out = row->is_held_out,
                                            .source = row};
    calibrate_add_figure(calibration, &error);
}

/* ---- Figures ---- */

static const struct measurement_table *table_of(const struct calibration *calibration, const char *name)
{
    const struct measurements *measurements = calibration->measurements;
    for (size_t i = 0; i < measurements->table_count; i++)
        if (strcmp(measurements->tables[i].name, name) == 0)
            return &measurements->tables[i];
    return NULL;
}

static bool is_meant(const struct calibration *calibration, const struct measurement_accept *what,
                     const struct calibration_error *error)
{
    if (error->variant[0] || !isfinite(error->relative) || strcmp(error->data, what->data) != 0)
        return false;
    if (what->rows != ACCEPT_ALL && error->is_held_out != (what->rows == ACCEPT_HELD_OUT))
        return false;
    if (what->metric[0] && strcmp(error->metric, what->metric) != 0)
        return false;
    const struct measurement_table *table = table_of(calibration, error->data);
    return !what->load[0] || (table && error->source && measurements_row_is(table, error->source, what->load));
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Of `count` sizes of relative errors; NaN for none. */
static double figure_of(double *sizes, size_t count, int32_t figure)
{
    double sum = 0;
    double squares = 0;
    if (count == 0)
        return NAN;
    qsort(sizes, count, sizeof *sizes, compare_doubles);
    for (size_t i = 0; i < count; i++) {
        sum += sizes[i];
        squares += sizes[i] * sizes[i];
    }
    switch (figure) {
    case ACCEPT_WORST:
        return sizes[count - 1];
    case ACCEPT_MEDIAN:
        return (sizes[(count - 1) / 2] + sizes[count / 2]) / 2;
    case ACCEPT_MEAN:
        return sum / (double)count;
    default:
        return sqrt(squares / (double)count);
    }
}

double calibrate_figure(const struct calibration *calibration, const struct measurement_accept *what)
{
    const struct calibration_error *errors = calibration->errors.items;
    double *sizes = sim_allocate(calibration->errors.count + 1, sizeof *sizes);
    size_t count = 0;
    for (size_t i = 0; i < calibration->errors.count; i++)
        if (is_meant(calibration, what, &errors[i]))
            sizes[count++] = fabs(errors[i].relative);
    double figure = figure_of(sizes, count, what->figure);
    free(sizes);
    return figure;
}

double calibrate_rms(const struct calibration *calibration, bool is_held_out)
{
    const struct calibration_error *errors = calibration->errors.items;
    double squares = 0;
    size_t count = 0;
    for (size_t i = 0; i < calibration->errors.count; i++)
        if (errors[i].variant[0] == '\0' && errors[i].is_held_out == is_held_out && isfinite(errors[i].relative)) {
            squares += errors[i].relative * errors[i].relative;
            count++;
        }
    return count > 0 ? sqrt(squares / (double)count) : NAN;
}
