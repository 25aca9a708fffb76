/* compare_json.c - a comparison for programs. */
#include <math.h>

#include "analysis/compare_report.h"
#include "analysis/csv.h"
#include "analysis/json_part.h"
#include "analysis/version.h"

static json_t *metrics_array(const struct compare *compare)
{
    json_t *array = json_array();
    for (size_t i = 0; i < compare->count; i++)
        for (size_t k = 0; k < compare->items[i].summary->row_count; k++) {
            json_t *object = json_object();
            json_part_set(object, "scenario", json_part_text(compare->items[i].name));
            json_part_set_row(object, &compare->items[i].summary->rows[k]);
            json_part_append(array, object);
        }
    return array;
}

static json_t *difference_object(struct compare *compare, size_t item, const struct summary_row *row)
{
    struct figure_difference difference = compare_difference(compare, item, row);
    json_t *object = json_object();
    json_part_set(object, "a", json_part_text(compare->items[0].name));
    json_part_set(object, "b", json_part_text(compare->items[item].name));
    json_part_set(object, "scope", json_part_text(row->scope->name));
    json_part_set(object, "metric", json_part_text(row->metric->name));
    json_part_set(object, "unit", json_part_text(row->metric->unit));
    json_part_set(object, "value", json_part_number(difference.value));
    json_part_set(object, "low", json_part_number(difference.low));
    json_part_set(object, "high", json_part_number(difference.high));
    json_part_set(object, "correlation", json_part_number(difference.correlation));
    json_part_set(object, "variance_ratio", json_part_number(difference.variance_ratio));
    json_part_set(object, "paired", json_boolean(difference.is_paired));
    if (difference.reason[0] != '\0')
        json_part_set(object, "reason", json_part_text(difference.reason));
    return object;
}

static json_t *differences_array(struct compare *compare)
{
    const struct summary *first = compare->items[0].summary;
    json_t *array = json_array();
    for (size_t item = 1; item < compare->count; item++)
        for (size_t i = 0; i < first->row_count; i++)
            if (compare_row(compare, item, &first->rows[i]))
                json_part_append(array, difference_object(compare, item, &first->rows[i]));
    return array;
}

static json_t *values_object(const struct compare *compare, const struct compare_item *item)
{
    json_t *object = json_object();
    for (size_t i = 0; i < compare->points.vary.count; i++)
        json_part_set(object, compare->points.vary.paths[i].path, json_part_text(item->point->values[i].text));
    return object;
}

static json_t *assumptions_array(const struct summary *summary)
{
    json_t *array = json_array();
    for (size_t i = 0; i < summary->notes.count; i++)
        if (summary->notes.items[i].kind == NOTE_ASSUMED)
            json_part_append(array, json_part_text(summary->notes.items[i].text));
    return array;
}

static json_t *items_array(const struct compare *compare)
{
    json_t *array = json_array();
    for (size_t i = 0; i < compare->count; i++) {
        const struct compare_item *item = &compare->items[i];
        const struct run_result *result = item->summary->result;
        json_t *object = json_object();
        json_part_set(object, "scenario", json_part_text(item->name));
        json_part_set(object, "path", json_part_text(item->path));
        if (item->point)
            json_part_set(object, "values", values_object(compare, item));
        json_part_set(object, "seed", json_integer(result->config->seed));
        json_part_set(object, "replications", json_integer((json_int_t)result->replication_count));
        json_part_set(object, "status", json_part_text(json_part_status(item->summary)));
        if (i > 0)
            json_part_set(object, "paired", json_boolean(item->is_paired));
        if (item->pairing[0] != '\0')
            json_part_set(object, "pairing", json_part_text(item->pairing));
        json_part_set(object, "assumptions", assumptions_array(item->summary));
        json_part_append(array, object);
    }
    return array;
}

static json_t *invalid_array(const struct compare *compare)
{
    json_t *array = json_array();
    for (size_t i = compare->count; i < compare->count + compare->invalid_count; i++) {
        json_t *object = json_object();
        json_part_set(object, "scenario", json_part_text(compare->items[i].name));
        json_part_set(object, "values", values_object(compare, &compare->items[i]));
        json_part_set(object, "reason", json_part_text(compare->items[i].invalid));
        json_part_append(array, object);
    }
    return array;
}

/* That of the first which is not "ok". */
static const char *status_of(const struct compare *compare)
{
    for (size_t i = 0; i < compare->count; i++)
        if (compare->items[i].summary->saturated_ns >= 0 || compare->items[i].summary->result->ending != RUN_WHOLE)
            return json_part_status(compare->items[i].summary);
    return "ok";
}

void compare_report_json(struct compare *compare, const struct compare_sensitivity *sensitivity, FILE *out)
{
    json_part_begin();
    const struct run_result *first = compare->items[0].summary->result;
    json_t *root = json_object();
    json_part_set(root, "format", json_integer(1));
    json_part_set(root, "scenario", json_part_text(first->config->name));
    json_part_set(root, "seed", json_integer(first->config->seed));
    json_part_set(root, "replications", json_integer((json_int_t)first->replication_count));
    json_part_set(root, "status", json_part_text(status_of(compare)));
    json_part_set(root, "scenarios", items_array(compare));
    if (compare->invalid_count > 0)
        json_part_set(root, "invalid", invalid_array(compare));
    json_part_set(root, "metrics", metrics_array(compare));
    json_part_set(root, "difference", json_part_text("b - a"));
    json_part_set(root, "differences", differences_array(compare));
    if (sensitivity) {
        json_part_set(root, "sensitivity", compare_sensitivity_json(sensitivity));
        json_part_set(root, "sensitivity_status", json_part_text(sensitivity->is_whole ? "ok" : "partial"));
    }
    json_part_set(root, "version", json_part_text(version_number()));
    json_part_print(root, out);
}

void compare_report_csv(const struct compare *compare, FILE *out)
{
    fputs("scenario,scope,metric,unit,value,low,high,count\n", out);
    for (size_t i = 0; i < compare->count; i++)
        csv_print_rows(compare->items[i].summary, compare->items[i].name, out);
}
