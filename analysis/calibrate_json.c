/* calibrate_json.c - a calibration as one JSON object. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/calibrate_report.h"
#include "analysis/version.h"

enum {
    REAL_DIGITS = 17
};

static json_t *text_of(const char *text)
{
    json_t *value = text ? json_string(text) : NULL;
    return value ? value : json_null();
}

static json_t *number_of(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static void set(json_t *object, const char *key, json_t *value)
{
    sim_assert(json_object_set_new(object, key, value) == 0);
}

static void append(json_t *array, json_t *value)
{
    sim_assert(json_array_append_new(array, value) == 0);
}

static json_t *parameters_of(const struct sim_array *array)
{
    const struct calibration_parameter *parameters = array->items;
    json_t *list = json_array();
    for (size_t i = 0; i < array->count; i++) {
        json_t *object = json_object();
        set(object, "name", text_of(parameters[i].name));
        set(object, "unit", text_of(parameters[i].unit));
        set(object, "value", number_of(parameters[i].value));
        set(object, "low", number_of(parameters[i].low));
        set(object, "high", number_of(parameters[i].high));
        set(object, "at_bound", json_boolean(parameters[i].is_at_bound));
        set(object, "note", text_of(parameters[i].note));
        append(list, object);
    }
    return list;
}

static json_t *errors_of(const struct calibration *calibration)
{
    const struct calibration_error *errors = calibration->errors.items;
    json_t *list = json_array();
    for (size_t i = 0; i < calibration->errors.count; i++) {
        json_t *object = json_object();
        set(object, "data", text_of(errors[i].data));
        set(object, "row", text_of(errors[i].row));
        set(object, "metric", text_of(errors[i].metric));
        set(object, "unit", text_of(errors[i].unit));
        set(object, "theirs", number_of(errors[i].theirs));
        set(object, "ours", number_of(errors[i].ours));
        set(object, "error", number_of(errors[i].relative));
        set(object, "sampling", number_of(errors[i].sampling));
        set(object, "held_out", json_boolean(errors[i].is_held_out));
        set(object, "variant", text_of(errors[i].variant));
        if (errors[i].source) {
            set(object, "file", text_of(errors[i].source->file));
            set(object, "line", json_integer(errors[i].source->line));
        }
        append(list, object);
    }
    return list;
}

static json_t *readings_of(const struct calibration *calibration)
{
    const struct calibration_reading *readings = calibration->readings.items;
    json_t *list = json_array();
    for (size_t i = 0; i < calibration->readings.count; i++) {
        json_t *object = json_object();
        set(object, "name", text_of(readings[i].name));
        set(object, "text", text_of(readings[i].text));
        set(object, "fitted", number_of(readings[i].fitted));
        set(object, "held_out", number_of(readings[i].held_out));
        set(object, "parameters", parameters_of(&readings[i].parameters));
        set(object, "chosen", json_boolean(readings[i].is_chosen));
        set(object, "plausible", json_boolean(readings[i].is_plausible));
        append(list, object);
    }
    return list;
}

static json_t *anomalies_of(const struct calibration *calibration)
{
    const struct calibration_anomaly *anomalies = calibration->anomalies.items;
    json_t *list = json_array();
    for (size_t i = 0; i < calibration->anomalies.count; i++) {
        json_t *object = json_object();
        set(object, "data", text_of(anomalies[i].data));
        set(object, "row", text_of(anomalies[i].row));
        set(object, "reason", text_of(anomalies[i].reason));
        set(object, "left_out", json_boolean(anomalies[i].is_left_out));
        append(list, object);
    }
    return list;
}

static json_t *texts_of(const struct sim_array *texts)
{
    const char *const *items = texts->items;
    json_t *list = json_array();
    for (size_t i = 0; i < texts->count; i++)
        append(list, text_of(items[i]));
    return list;
}

static json_t *accepts_of(const struct calibration *calibration)
{
    const struct measurements *measurements = calibration->measurements;
    json_t *list = json_array();
    for (size_t i = 0; i < measurements->accept_count; i++) {
        const struct measurement_accept *accept = &measurements->accepts[i];
        double figure = calibrate_figure(calibration, accept);
        json_t *object = json_object();
        set(object, "data", text_of(accept->data));
        set(object, "metric", text_of(accept->metric));
        set(object, "load", text_of(accept->load));
        set(object, "at_most", number_of(accept->at_most));
        set(object, "value", number_of(figure));
        set(object, "reached", json_boolean(figure <= accept->at_most));
        append(list, object);
    }
    return list;
}

void calibrate_report_json(const struct calibration *calibration, FILE *out)
{
    json_t *object = json_object();
    set(object, "format", json_integer(1));
    set(object, "version", text_of(version_number()));
    set(object, "measurements", text_of(calibration->measurements->name));
    set(object, "profile", text_of(calibration->profile.name));
    set(object, "seed", json_integer((json_int_t)calibration->options->seed));
    set(object, "rms_fitted", number_of(calibrate_rms(calibration, false)));
    set(object, "rms_held_out", number_of(calibrate_rms(calibration, true)));
    set(object, "parameters", parameters_of(&calibration->parameters));
    set(object, "errors", errors_of(calibration));
    set(object, "readings", readings_of(calibration));
    set(object, "anomalies", anomalies_of(calibration));
    set(object, "notes", texts_of(&calibration->notes));
    set(object, "warnings", texts_of(&calibration->warnings));
    set(object, "accept", accepts_of(calibration));
    (void)json_dumpf(object, out, JSON_INDENT(1) | JSON_REAL_PRECISION(REAL_DIGITS));
    fputc('\n', out);
    json_decref(object);
}
