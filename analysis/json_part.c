/* json_part.c - built with jansson, written with a fixed number of digits. */
#include "analysis/json_part.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/error.h"
#include "sim/memory.h"

enum {
    REAL_DIGITS = 17
};

static void *allocate(size_t size)
{
    return sim_allocate(size, 1);
}

void json_part_begin(void)
{
    json_set_alloc_funcs(allocate, free);
}

void json_part_set(json_t *object, const char *key, json_t *value)
{
    sim_assert(json_object_set_new(object, key, value) == 0);
}

void json_part_append(json_t *array, json_t *value)
{
    sim_assert(json_array_append_new(array, value) == 0);
}

json_t *json_part_text(const char *text)
{
    json_t *value = text ? json_string(text) : NULL;
    return value ? value : json_null();
}

json_t *json_part_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

void json_part_set_row(json_t *object, const struct summary_row *row)
{
    const struct estimate *estimate = &row->estimate;
    json_part_set(object, "scope", json_part_text(row->scope->name));
    json_part_set(object, "metric", json_part_text(row->metric->name));
    json_part_set(object, "unit", json_part_text(row->metric->unit));
    json_part_set(object, "value", json_part_number(estimate->value));
    json_part_set(object, "low", json_part_number(estimate->low));
    json_part_set(object, "high", json_part_number(estimate->high));
    json_part_set(object, "count", json_integer((json_int_t)estimate->count));
    if (estimate->reason[0] != '\0')
        json_part_set(object, "reason", json_part_text(estimate->reason));
    if (isfinite(estimate->lag_1))
        json_part_set(object, "lag_1", json_part_number(estimate->lag_1));
}

const char *json_part_status(const struct summary *summary)
{
    if (summary->result->ending != RUN_WHOLE)
        return summary->result->ending == RUN_STOPPED ? "stopped" : "partial";
    return summary->saturated_ns >= 0 ? "saturated" : "ok";
}

char *json_part_line(json_t *root)
{
    char *text = json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(REAL_DIGITS));
    sim_assert(text);
    size_t size = strlen(text) + sizeof "\n";
    char *line = sim_allocate(size, 1);
    (void)snprintf(line, size, "%s\n", text);
    free(text);
    json_decref(root);
    return line;
}

void json_part_print(json_t *root, FILE *out)
{
    char *text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(REAL_DIGITS));
    sim_assert(text);
    fputs(text, out);
    fputc('\n', out);
    free(text);
    json_decref(root);
}
