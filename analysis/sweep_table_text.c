/* sweep_table_text.c - a merged sweep as CSV, as JSON, and for people. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/csv.h"
#include "analysis/format.h"
#include "analysis/json_part.h"
#include "analysis/sweep_table.h"
#include "sim/csv.h"

struct printing {
    const struct sweep_merge *merge;
    FILE *out;
    const char *separator; /* before the next item of a list */
};

/* ---- CSV ---- */

static void print_csv_point(const struct printing *printing, const struct sweep_file *file)
{
    fprintf(printing->out, "%zu", file->index);
    for (size_t i = 0; i < file->path_count; i++) {
        fputc(',', printing->out);
        sim_csv_write_text(printing->out, sweep_file_value(file, i));
    }
    fprintf(printing->out, ",%s,", file->status);
}

static enum sim_status print_csv_file(void *context, const struct sweep_file *file, struct sim_error *error)
{
    const struct printing *printing = context;
    (void)error;
    for (size_t i = 0; i < file->row_count; i++) {
        const struct trace_summary_row row = sweep_file_row(file, i);
        print_csv_point(printing, file);
        fprintf(printing->out, "%s,%s,%s", row.scope, row.metric, row.unit);
        csv_print_number(row.value, printing->out);
        csv_print_number(row.low, printing->out);
        csv_print_number(row.high, printing->out);
        fprintf(printing->out, ",%" PRId64 "\n", row.count);
    }
    if (file->row_count == 0) {
        print_csv_point(printing, file);
        fputs(",,,,,,\n", printing->out);
    }
    return SIM_OK;
}

enum sim_status sweep_table_csv(const struct sweep_merge *merge, FILE *out, struct sim_error *error)
{
    struct printing printing = {.merge = merge, .out = out};
    fputs("point", out);
    for (size_t i = 0; i < merge->column_count; i++) {
        fputc(',', out);
        sim_csv_write_text(out, merge->columns[i].path);
    }
    fputs(",status,scope,metric,unit,value,low,high,count\n", out);
    return sweep_merge_each(merge, print_csv_file, &printing, error);
}

/* ---- JSON ---- */

static json_t *point_object(const struct sweep_merge *merge, const struct sweep_file *file)
{
    json_t *object = json_object();
    json_part_set(object, "point", json_integer((json_int_t)file->index));
    for (size_t i = 0; i < merge->column_count; i++)
        json_part_set(object, merge->columns[i].path, json_part_text(sweep_file_value(file, i)));
    json_part_set(object, "status", json_part_text(file->status));
    return object;
}

/* Objects are printed one by one: a whole sweep need not fit into memory. */
static void print_item(struct printing *printing, json_t *object)
{
    char *line = json_part_line(object);
    line[strcspn(line, "\n")] = '\0';
    fprintf(printing->out, "%s\n    %s", printing->separator, line);
    printing->separator = ",";
    free(line);
}

static enum sim_status print_json_point(void *context, const struct sweep_file *file, struct sim_error *error)
{
    struct printing *printing = context;
    (void)error;
    json_t *object = point_object(printing->merge, file);
    if (file->reason[0] != '\0')
        json_part_set(object, "reason", json_part_text(file->reason));
    print_item(printing, object);
    return SIM_OK;
}

static enum sim_status print_json_metrics(void *context, const struct sweep_file *file, struct sim_error *error)
{
    struct printing *printing = context;
    (void)error;
    for (size_t i = 0; i < file->row_count; i++) {
        json_t *row = json_array_get(file->rows, i);
        json_t *object = point_object(printing->merge, file);
        (void)json_object_del(row, "sections");
        (void)json_object_update(object, row);
        print_item(printing, object);
    }
    return SIM_OK;
}

static void print_json_text(FILE *out, const char *key, const char *text)
{
    json_t *value = json_part_text(text);
    char *line = json_dumps(value, JSON_ENCODE_ANY);
    fprintf(out, "  \"%s\": %s,\n", key, line);
    free(line);
    json_decref(value);
}

enum sim_status sweep_table_json(const struct sweep_merge *merge, FILE *out, struct sim_error *error)
{
    const struct sweep_identity *identity = &merge->first.identity;
    struct printing printing = {.merge = merge, .out = out, .separator = ""};
    fprintf(out, "{\n  \"format\": %d,\n", SWEEP_FILE_FORMAT);
    print_json_text(out, "scenario", identity->scenario);
    print_json_text(out, "version", identity->version);
    print_json_text(out, "commit", identity->commit);
    print_json_text(out, "inferred", identity->inferred);
    fputs("  \"points\": [", out);
    enum sim_status status = sweep_merge_each(merge, print_json_point, &printing, error);
    fputs("\n  ],\n  \"metrics\": [", out);
    printing.separator = "";
    if (status == SIM_OK)
        status = sweep_merge_each(merge, print_json_metrics, &printing, error);
    fputs("\n  ]\n}\n", out);
    return status;
}

/* ---- For people ---- */

static const char *const shown_metrics[] = {"cost_usd_per_month", "cost_usd", "latency_mean_s", "latency_p95_s"};

enum {
    SHOWN_COUNT = sizeof shown_metrics / sizeof *shown_metrics,
    SHOWN_WIDTH = 22,
    VALUE_WIDTH = 14
};

static void print_figure(const struct trace_summary_row *row, FILE *out)
{
    char text[64];
    if (!row || !isfinite(row->value))
        (void)snprintf(text, sizeof text, "-");
    else if (!isfinite(row->low) || !isfinite(row->high))
        (void)snprintf(text, sizeof text, "%s", format_figure(row->value, row->unit, -1).text);
    else
        (void)snprintf(text, sizeof text, "%s +- %.2g", format_figure(row->value, row->unit, -1).text,
                       (row->high - row->low) / 2);
    fprintf(out, "%*s", SHOWN_WIDTH, text);
}

static void print_figures(const struct sweep_file *file, FILE *out)
{
    for (size_t k = 0; k < SHOWN_COUNT; k++) {
        const struct trace_summary_row *found = NULL;
        struct trace_summary_row row;
        for (size_t i = 0; i < file->row_count && !found; i++) {
            row = sweep_file_row(file, i);
            if (strcmp(row.scope, "all") == 0 && strcmp(row.metric, shown_metrics[k]) == 0)
                found = &row;
        }
        print_figure(found, out);
    }
}

static enum sim_status print_line(void *context, const struct sweep_file *file, struct sim_error *error)
{
    const struct printing *printing = context;
    (void)error;
    fprintf(printing->out, "%6zu", file->index);
    for (size_t i = 0; i < file->path_count; i++)
        fprintf(printing->out, "  %*s", VALUE_WIDTH, sweep_file_value(file, i));
    if (file->row_count > 0)
        print_figures(file, printing->out);
    fprintf(printing->out, "  %s%s%s\n", strcmp(file->status, "ok") == 0 ? "" : file->status,
            file->reason[0] != '\0' ? ": " : "", file->reason);
    return SIM_OK;
}

enum sim_status sweep_table_print(const struct sweep_merge *merge, FILE *out, struct sim_error *error)
{
    struct printing printing = {.merge = merge, .out = out};
    fprintf(out, "%s: %zu points; +- is half a 95 %% interval\n\n%6s", merge->first.identity.scenario, merge->count,
            "point");
    for (size_t i = 0; i < merge->column_count; i++) {
        const char *last = strrchr(merge->columns[i].path, '.');
        fprintf(out, "  %*s", VALUE_WIDTH, last ? last + 1 : merge->columns[i].path);
    }
    for (size_t i = 0; i < SHOWN_COUNT; i++)
        fprintf(out, "%*s", SHOWN_WIDTH, shown_metrics[i]);
    fputc('\n', out);
    enum sim_status status = sweep_merge_each(merge, print_line, &printing, error);
    if (merge->first.identity.inferred[0] == '\0')
        return status;
    fputs("\nNot published by the platform, and read as `capsim explain` says:\n  ", out);
    format_wrapped(merge->first.identity.inferred, 2, out);
    return status;
}

enum sim_status sweep_table_show(const struct sweep_merge *merge, bool is_json, bool is_csv, FILE *out,
                                 struct sim_error *error)
{
    if (is_json)
        return sweep_table_json(merge, out, error);
    return is_csv ? sweep_table_csv(merge, out, error) : sweep_table_print(merge, out, error);
}
