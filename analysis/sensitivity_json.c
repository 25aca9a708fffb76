/* sensitivity_json.c - readings and what they change. */
#include "analysis/sensitivity_json.h"

#include <math.h>

#include "analysis/json_part.h"
#include "analysis/metric.h"

json_t *sensitivity_json_reading(const struct sensitivity_reading *reading)
{
    json_t *object = json_object();
    json_t *settings = json_array();
    for (size_t i = 0; i < reading->setting_count; i++)
        json_part_append(settings, json_part_text(reading->settings[i]));
    json_part_set(object, "key", json_part_text(reading->rule->key));
    json_part_set(object, "value", json_part_text(reading->value));
    json_part_set(object, "was", json_part_text(reading->was));
    json_part_set(object, "rule", json_part_text(reading->rule->rule));
    json_part_set(object, "measure", json_part_text(reading->rule->measure));
    json_part_set(object, "settings", settings);
    return object;
}

json_t *sensitivity_json_change(const struct metric *metric, const struct sensitivity_change *change)
{
    json_t *object = json_object();
    json_part_set(object, "scope", json_part_text("all"));
    json_part_set(object, "metric", json_part_text(metric->name));
    json_part_set(object, "unit", json_part_text(metric->unit));
    json_part_set(object, "value", json_part_number(change->change));
    json_part_set(object, "low", json_part_number(change->change_low));
    json_part_set(object, "high", json_part_number(change->change_high));
    json_part_set(object, "told", json_boolean(change->standing == SENSITIVITY_TOLD));
    if (change->reason[0] != '\0')
        json_part_set(object, "reason", json_part_text(change->reason));
    return object;
}

static json_t *figure_object(const struct metric *metric, const struct sensitivity_change *change)
{
    json_t *object = json_object();
    json_part_set(object, "scope", json_part_text("all"));
    json_part_set(object, "metric", json_part_text(metric->name));
    json_part_set(object, "unit", json_part_text(metric->unit));
    json_part_set(object, "value", json_part_number(change->value));
    json_part_set(object, "low", json_part_number(change->low));
    json_part_set(object, "high", json_part_number(change->high));
    return object;
}

static json_t *case_object(const struct sensitivity_run *run, const struct sensitivity_case *one)
{
    json_t *object = json_object();
    json_t *readings = json_array();
    json_t *metrics = json_array();
    json_t *differences = json_array();
    for (size_t i = 0; i < one->reading_count; i++)
        json_part_append(readings, sensitivity_json_reading(one->readings[i]));
    for (size_t i = 0; i < SENSITIVITY_FIGURES; i++) {
        if (!run->metrics[i])
            continue;
        json_part_append(metrics, figure_object(run->metrics[i], &one->figures[i]));
        json_part_append(differences, sensitivity_json_change(run->metrics[i], &one->figures[i]));
    }
    json_part_set(object, "kind", json_part_text(one->reading_count > 1 ? "together" : "one"));
    json_part_set(object, "readings", readings);
    json_part_set(object, "metrics", metrics);
    json_part_set(object, "differences", differences);
    return object;
}

json_t *sensitivity_json_cases(const struct sensitivity_run *run)
{
    json_t *array = json_array();
    for (size_t i = 0; i < run->list.count; i++)
        if (run->cases[i].is_done)
            json_part_append(array, case_object(run, &run->cases[i]));
    for (size_t i = 0; i < run->together_count; i++)
        if (run->together[i].is_done)
            json_part_append(array, case_object(run, &run->together[i]));
    return array;
}

json_t *sensitivity_json_band(const struct sensitivity_run *run)
{
    json_t *array = json_array();
    for (size_t i = 0; i < SENSITIVITY_FIGURES; i++) {
        if (!run->metrics[i])
            continue;
        const struct sensitivity_band band = sensitivity_run_band(run, i);
        json_t *object = json_object();
        json_part_set(object, "scope", json_part_text("all"));
        json_part_set(object, "metric", json_part_text(run->metrics[i]->name));
        json_part_set(object, "unit", json_part_text(run->metrics[i]->unit));
        json_part_set(object, "value", json_part_number(run->figures[i].value));
        json_part_set(object, "low", json_part_number(band.low));
        json_part_set(object, "high", json_part_number(band.high));
        json_part_append(array, object);
    }
    return array;
}
