/* sweep_file.c - written with jansson through a part file; read believing nothing. */
#include "analysis/sweep_file.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/json_part.h"
#include "sim/memory.h"
#include "sim/part_file.h"

#define FILE_KIND "point of a sweep"
#define NAME_FORMAT "point-%06zu.json"

/* ---- Names ---- */

char *sweep_file_path(const char *folder, size_t index)
{
    char *path = NULL;
    if (asprintf(&path, "%s/" NAME_FORMAT, folder, index) < 0)
        sim_out_of_memory();
    return path;
}

bool sweep_file_is_named(const char *name, size_t *index)
{
    char expected[64];
    size_t before = strcspn(name, "0123456789");
    *index = strtoul(name + before, NULL, 10);
    (void)snprintf(expected, sizeof expected, NAME_FORMAT, *index);
    return strcmp(name, expected) == 0;
}

/* ---- Writing ---- */

/* The values of a metric in every section, so that points can be compared in pairs. */
static json_t *sections_array(const double *values, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_part_append(array, json_part_number(values[i]));
    return array;
}

/* Rows of a summary stand scope by scope. */
static json_t *rows_array(const struct summary *summary)
{
    json_t *array = json_array();
    size_t sections = summary->section_count;
    double *values = sim_allocate(summary->row_count * sections, sizeof *values);
    const struct scope *scope = NULL;
    size_t first = 0;
    for (size_t i = 0; i < summary->row_count; i++) {
        const struct summary_row *row = &summary->rows[i];
        json_t *object = json_object();
        json_part_set_row(object, row);
        if (row->scope != scope && !summary->is_dated)
            summary_scope_sections(summary, row->scope, values);
        first = row->scope == scope ? first + sections : 0;
        scope = row->scope;
        if (!summary->is_dated)
            json_part_set(object, "sections", sections_array(values + first, sections));
        json_part_append(array, object);
    }
    free(values);
    return array;
}

static void set_summary(json_t *root, const struct summary *summary)
{
    json_part_set(root, "status", json_part_text(json_part_status(summary)));
    json_part_set(root, "reason", json_part_text(""));
    json_part_set(root, "seed", json_integer(summary->result->config->seed));
    json_part_set(root, "replications", json_integer((json_int_t)summary->result->replication_count));
    json_part_set(root, "metrics", rows_array(summary));
}

static void set_reason(json_t *root, const char *reason)
{
    json_part_set(root, "status", json_part_text("invalid"));
    json_part_set(root, "reason", json_part_text(reason));
    json_part_set(root, "seed", json_integer(0));
    json_part_set(root, "replications", json_integer(0));
    json_part_set(root, "metrics", json_array());
}

static json_t *root_object(const struct sweep_identity *identity, const struct points *points, size_t index)
{
    json_t *root = json_object();
    json_t *paths = json_array();
    json_t *values = json_array();
    for (size_t i = 0; i < points->vary.count; i++) {
        json_part_append(paths, json_part_text(points->vary.paths[i].path));
        json_part_append(values, json_part_text(points->items[index].values[i].text));
    }
    json_part_set(root, "format", json_integer(SWEEP_FILE_FORMAT));
    json_part_set(root, "kind", json_part_text(FILE_KIND));
    json_part_set(root, "version", json_part_text(identity->version));
    json_part_set(root, "commit", json_part_text(identity->commit));
    json_part_set(root, "scenario", json_part_text(identity->scenario));
    json_part_set(root, "resolved", json_part_text(identity->resolved));
    json_part_set(root, "inferred", json_part_text(identity->inferred));
    json_part_set(root, "scenario_digest", json_part_text(identity->scenario_digest));
    json_part_set(root, "points_digest", json_part_text(identity->points_digest));
    json_part_set(root, "points", json_integer((json_int_t)identity->count));
    json_part_set(root, "point", json_integer((json_int_t)index));
    json_part_set(root, "paths", paths);
    json_part_set(root, "values", values);
    return root;
}

enum sim_status sweep_file_write(const char *folder, const struct sweep_identity *identity, const struct points *points,
                                 size_t index, const struct summary *summary, const char *reason,
                                 struct sim_error *error)
{
    struct sim_part_file part;
    char *path = sweep_file_path(folder, index);
    enum sim_status status = sim_part_file_open(&part, path, error);
    free(path);
    if (status != SIM_OK)
        return status;
    json_t *root = root_object(identity, points, index);
    if (summary)
        set_summary(root, summary);
    else
        set_reason(root, reason);
    char *text = json_part_line(root);
    sim_part_file_write(&part, 0, text, strlen(text));
    free(text);
    return sim_part_file_finish(&part, error);
}

/* ---- Reading ---- */

static bool is_texts(const json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++)
        if (!json_is_string(json_array_get(array, i)))
            return false;
    return json_is_array(array);
}

static bool is_row(json_t *row)
{
    const char *scope;
    const char *metric;
    const char *unit;
    json_t *value;
    json_t *low;
    json_t *high;
    json_int_t count;
    return json_unpack(row, "{s:s, s:s, s:s, s:o, s:o, s:o, s:I}", "scope", &scope, "metric", &metric, "unit", &unit,
                       "value", &value, "low", &low, "high", &high, "count", &count) == 0;
}

static bool is_rows(const json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++)
        if (!is_row(json_array_get(array, i)))
            return false;
    return json_is_array(array);
}

static bool take_digest(char to[DIGEST_TEXT_SIZE], const char *from)
{
    (void)snprintf(to, DIGEST_TEXT_SIZE, "%s", from);
    return strlen(from) == DIGEST_TEXT_SIZE - 1;
}

static bool unpack(struct sweep_file *file)
{
    struct sweep_identity *identity = &file->identity;
    const char *kind;
    const char *scenario;
    const char *points;
    json_int_t format;
    json_int_t count;
    json_int_t index;
    json_int_t seed;
    json_int_t replications;
    if (json_unpack(file->root,
                    "{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:o, s:o, s:s, s:s, s:I, s:I, s:o}",
                    "format", &format, "kind", &kind, "version", &identity->version, "commit", &identity->commit,
                    "scenario", &identity->scenario, "resolved", &identity->resolved, "inferred", &identity->inferred,
                    "scenario_digest", &scenario, "points_digest", &points, "points", &count, "point", &index, "paths",
                    &file->paths, "values", &file->values, "status", &file->status, "reason", &file->reason, "seed",
                    &seed, "replications", &replications, "metrics", &file->rows) != 0)
        return false;
    identity->count = (size_t)count;
    file->index = (size_t)index;
    file->seed = seed;
    file->replications = replications;
    file->path_count = json_array_size(file->paths);
    file->row_count = json_array_size(file->rows);
    return format == SWEEP_FILE_FORMAT && strcmp(kind, FILE_KIND) == 0 && count > 0 && count <= VARY_POINTS_MAX &&
           index >= 0 && index < count && take_digest(identity->scenario_digest, scenario) &&
           take_digest(identity->points_digest, points) && is_texts(file->paths) && is_texts(file->values) &&
           json_array_size(file->values) == file->path_count && is_rows(file->rows);
}

enum sim_status sweep_file_read(struct sweep_file *file, const char *path, struct sim_error *error)
{
    json_error_t problem;
    *file = (struct sweep_file){.path = path};
    FILE *in = fopen(path, "rb");
    if (!in)
        return sim_error_set(error, SIM_CANNOT_READ, path, 0, "cannot be read: %s", strerror(errno));
    file->root = json_loadf(in, JSON_REJECT_DUPLICATES, &problem);
    (void)fclose(in);
    if (file->root && unpack(file))
        return SIM_OK;
    sweep_file_release(file);
    return sim_error_set(error, SIM_BAD_INPUT, path, 0, "is no finished point of a sweep, or is damaged");
}

void sweep_file_release(struct sweep_file *file)
{
    json_decref(file->root);
    *file = (struct sweep_file){0};
}

const char *sweep_file_varied(const struct sweep_file *file, size_t i)
{
    return json_string_value(json_array_get(file->paths, i));
}

const char *sweep_file_value(const struct sweep_file *file, size_t i)
{
    return json_string_value(json_array_get(file->values, i));
}

static const char *text_in(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    return text ? text : "";
}

static double number_in(const json_t *row, const char *key)
{
    const json_t *number = json_object_get(row, key);
    return json_is_number(number) ? json_number_value(number) : NAN;
}

struct trace_summary_row sweep_file_row(const struct sweep_file *file, size_t i)
{
    const json_t *row = json_array_get(file->rows, i);
    return (struct trace_summary_row){.scope = text_in(row, "scope"),
                                      .metric = text_in(row, "metric"),
                                      .unit = text_in(row, "unit"),
                                      .value = number_in(row, "value"),
                                      .low = number_in(row, "low"),
                                      .high = number_in(row, "high"),
                                      .count = json_integer_value(json_object_get(row, "count")),
                                      .reason = text_in(row, "reason")};
}

enum sim_status sweep_file_check(const struct sweep_file *file, const struct sweep_identity *identity,
                                 const char *other, struct sim_error *error)
{
    const struct sweep_identity *own = &file->identity;
    if (strcmp(own->version, identity->version) != 0 || strcmp(own->commit, identity->commit) != 0)
        return sim_error_set(error, SIM_BAD_INPUT, file->path, 0,
                             "was simulated by capsim %s (commit %s), %s by %s (commit %s)", own->version, own->commit,
                             other, identity->version, identity->commit);
    if (strcmp(own->scenario_digest, identity->scenario_digest) != 0)
        return sim_error_set(error, SIM_BAD_INPUT, file->path, 0,
                             "belongs to another scenario (%s), or to other settings, seed or prices of it, than %s",
                             own->scenario, other);
    if (strcmp(own->points_digest, identity->points_digest) != 0 || own->count != identity->count)
        return sim_error_set(error, SIM_BAD_INPUT, file->path, 0, "belongs to another list of points than %s", other);
    return SIM_OK;
}
