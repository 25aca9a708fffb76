/* measurements.c - every key of a measurements file, and the steps from a file to tables. */
#include "scenarios/measurements_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "scenarios/binding.h"
#include "scenarios/check.h"
#include "scenarios/quantity.h"
#include "scenarios/reader.h"
#include "sim/field_internal.h"

#define MORE_THAN_COUNT 9e15

#define ROW_FIELD(index, key, unit_text, help_text) \
    ITEM(measurement_row, values[index], #key, DOUBLE, unit_text, 0, 0, NO_DEFAULT, help_text),
#define TEXT_FIELD(index, key, unit_text, help_text) \
    ITEM(measurement_texts, of[index], #key, TEXT, "", 0, 0, NO_DEFAULT, help_text),

/* The first MEASURE_COUNT fields are those of enum measure, in its order. */
static const struct sim_field row_fields[] = {MEASURE_LIST(ROW_FIELD)
                                                  ITEM(measurement_row, label, "label", TEXT, "", 0, 0, NO_DEFAULT,
                                                       "name of what the row is about: a phase, a GPU, a text")};
TABLE(row_table, "row", measurement_row, row_fields);

static const struct sim_field text_fields[] = {MEASURE_LIST(TEXT_FIELD)};
TABLE(text_table, "measure", measurement_texts, text_fields);

static const struct sim_field filter_fields[] = {
    ITEM(measurement_filter, column, "column", TEXT, "", 0, 0, REQUIRED, "column of the CSV"),
    ITEM(measurement_filter, is, "is", TEXT, "", 0, 0, NO_DEFAULT, "text that a row must have there"),
};
TABLE(filter_table, "where", measurement_filter, filter_fields);

static const struct sim_field value_fields[] = {
    ITEM(measurement_value, text, "load", TEXT, "", 0, 0, REQUIRED, "load or label of a row"),
};
TABLE(value_table, "held-out row", measurement_value, value_fields);

static const struct sim_field number_fields[] = {
    ITEM(measurement_number, number, "number", INT64, "", 0, 4096, REQUIRED, "number to try; slots: 0 is no limit"),
};
TABLE(number_table, "number", measurement_number, number_fields);

static const char *const kind_names[] = {"burst", "closed", "open", "offline", "steps", "requests",
                                         "texts", "phases", "gpus", "series",  NULL};
static const char *const rule_names[] = {"unknown", "linear", "index", NULL};
static const char *const fit_names[] = {"all", "odd", "first", NULL};
static const char *const form_names[] = {"auto", "line", "knee", "curve", NULL};
static const char *const accept_row_names[] = {"fitted", "held-out", "all", NULL};
static const char *const figure_names[] = {"rms", "worst", "median", "mean", NULL};

static const struct sim_field table_fields[] = {
    ITEM(measurement_table, name, "name", TEXT, "", 0, 0, REQUIRED, "name of the table"),
    CHOICE(measurement_table, kind, "kind", kind_names, REQUIRED, "what was measured, and so what a row is"),
    CHOICE(measurement_table, percentile_rule, "percentile_rule", rule_names, "unknown",
           "of whoever measured: linear (type 7) between two values, or the value at index int(q n)"),
    ITEM(measurement_table, repeats, "repeats", INT64, "", 1, 1e6, "1", "how often each row was measured; pooled"),
    ITEM(measurement_table, containers, "containers", INT64, "", 0, 4096, "0",
         "containers or instances that served; 0: not known"),
    ITEM(measurement_table, samples, "samples", INT64, "", 0, 1e12, "0",
         "requests behind each row, where its load does not say it; 0: not known"),
    ITEM(measurement_table, file, "file", TEXT, "", 0, 0, NO_DEFAULT, "CSV file with the rows, plain or gzip"),
    ITEM(measurement_table, label, "label", TEXT, "", 0, 0, NO_DEFAULT, "column of the CSV with what a row is about"),
    ITEM(measurement_table, reference, "reference", TEXT, "", 0, 0, NO_DEFAULT,
         "gpus: label of the row that the others are relative to; without: the first"),
    ITEM(measurement_table, use, "use", TEXT, "", 0, 0, NO_DEFAULT,
         "column of the CSV that says `fit` or `hold-out` of a row"),
    CHOICE(measurement_table, fit, "fit", fit_names, "all",
           "rows that the fit sees: all, every second from the first, or the first fit_share of them; of a log with "
           "times: "
           "what happened in that share of the time"),
    ITEM(measurement_table, fit_share, "fit_share", DOUBLE, "ratio", 0.001, 1, "30%",
         "share of the rows, or of a log's time, that fit: first sees"),
    RECORD(measurement_table, columns, "columns", &text_table, NO_DEFAULT, "columns of the CSV by measure"),
    RECORD(measurement_table, units, "units", &text_table, NO_DEFAULT, "units of the CSV's columns by measure"),
    LIST(measurement_table, where, where_count, "where", &filter_table, NO_DEFAULT,
         "only rows with these texts in these columns"),
    VALUES(measurement_table, hold_out, hold_out_count, "hold_out", &value_table, "load", NO_DEFAULT,
           "loads or labels of rows that the fit does not see"),
    LIST(measurement_table, rows, row_count, "rows", &row_table, NO_DEFAULT, "the rows, without a CSV"),
};
TABLE(table_table, "table", measurement_table, table_fields);

static const struct sim_field accept_fields[] = {
    ITEM(measurement_accept, data, "data", TEXT, "", 0, 0, REQUIRED, "name of the table"),
    CHOICE(measurement_accept, rows, "rows", accept_row_names, "held-out", "which of its rows"),
    ITEM(measurement_accept, metric, "metric", TEXT, "", 0, 0, NO_DEFAULT, "which measure; without: all"),
    ITEM(measurement_accept, load, "load", TEXT, "", 0, 0, NO_DEFAULT, "only the row of this load; without: all"),
    CHOICE(measurement_accept, figure, "measure", figure_names, "rms",
           "how relative errors become one figure: root mean square, largest, median or mean of their sizes"),
    ITEM(measurement_accept, at_most, "at_most", DOUBLE, "ratio", 0, 1e6, REQUIRED, "what is asked"),
};
TABLE(accept_table, "accept", measurement_accept, accept_fields);

static const struct sim_field search_fields[] = {
    CHOICE(measurement_search, form, "form", form_names, "auto",
           "how the time of one unit of work depends on the requests in progress; auto: by cross-validation, or "
           "for step tables the curve through the measured batches"),
    VALUES(measurement_search, slots, slot_count, "slots", &number_table, "number", NO_DEFAULT,
           "numbers of slots to try"),
    VALUES(measurement_search, containers, container_count, "containers", &number_table, "number", NO_DEFAULT,
           "numbers of containers that may have served"),
    ITEM(measurement_search, work, "work", DISTRIBUTION, "", 0, 1e9, NO_DEFAULT,
         "work of the requests that were sent; without: lognormal of mean 1, its spread fitted"),
};
TABLE(search_table, "fit", measurement_search, search_fields);

static const struct sim_field file_fields[] = {
    ITEM(measurements, format, "measurements", INT64, "", 1, 1, REQUIRED, "version of the format"),
    ITEM(measurements, name, "name", TEXT, "", 0, 0, REQUIRED, "name, also of the profile"),
    ITEM(measurements, source, "source", TEXT, "", 0, 0, REQUIRED, "where the figures come from"),
    ITEM(measurements, date, "date", TEXT, "", 0, 0, NO_DEFAULT, "when they were measured; without: not known"),
    RECORD(measurements, profile, "profile", &profile_config_table, REQUIRED, "what is known and not fitted"),
    RECORD(measurements, search, "fit", &search_table, NO_DEFAULT, "what the fit may try"),
    LIST(measurements, tables, table_count, "data", &table_table, REQUIRED, "tables of measurements"),
    LIST(measurements, accepts, accept_count, "accept", &accept_table, NO_DEFAULT,
         "errors that the fit is asked to reach"),
};
const struct sim_field_table measurements_table = {
    "the measurements file", file_fields, sizeof file_fields / sizeof *file_fields, sizeof(struct measurements)};

/* ---- Loading ---- */

/* `where: {gpu: T4}` stands for a list of columns and texts. */
static void take_in_filter(struct node *where, struct sim_arena *arena)
{
    struct node *list = node_create(arena, NODE_SEQUENCE, where->place);
    for (const struct node *member = where->first; member; member = member->next) {
        struct node *item = node_create(arena, NODE_MAPPING, member->key_place);
        struct node *column = node_create_scalar(arena, member->key, member->key_place);
        struct node *is = node_copy(arena, member);
        column->key = "column";
        is->key = "is";
        column->key_place = is->key_place = member->key_place;
        node_append(item, column);
        node_append(item, is);
        node_append(list, item);
    }
    node_assign(where, list);
}

static void take_in_filters(const struct node *root, struct sim_arena *arena)
{
    const struct node *data = node_member(root, "data");
    for (const struct node *table = data ? data->first : NULL; table; table = table->next) {
        struct node *where = node_member(table, "where");
        if (where && where->kind == NODE_MAPPING)
            take_in_filter(where, arena);
    }
}

/* The profile is called as the file unless it says otherwise, and need not say what holds it together. */
static void name_profile(const struct node *root, struct sim_arena *arena)
{
    struct node *profile = node_member(root, "profile");
    const struct node *name = node_member(root, "name");
    if (!profile || profile->kind != NODE_MAPPING || !name || node_member(profile, "name"))
        return;
    struct node *copy = node_copy(arena, name);
    copy->key = "name";
    node_append(profile, copy);
}

static void note_given(struct measurements *measurements, const struct node *profile)
{
    if (!profile || profile->kind != NODE_MAPPING)
        return;
    measurements->given = sim_arena_allocate(measurements->arena, profile->count, sizeof *measurements->given);
    for (const struct node *member = profile->first; member; member = member->next)
        if (!node_is_null(member))
            measurements->given[measurements->given_count++] = sim_arena_text(measurements->arena, member->key);
}

/* The part of "appendix:15,40" that is about the table; NULL if none is. */
static const char *held_out_of(const struct measurement_table *table, const char *text)
{
    const char *colon = text ? strchr(text, ':') : NULL;
    if (!colon)
        return text;
    bool is_meant =
        strlen(table->name) == (size_t)(colon - text) && strncmp(table->name, text, (size_t)(colon - text)) == 0;
    return is_meant ? colon + 1 : NULL;
}

static void check_hold_out_option(const struct measurements *measurements, const char *hold_out,
                                  struct diagnostic_list *problems)
{
    const char *colon = hold_out ? strchr(hold_out, ':') : NULL;
    size_t meant = 0;
    for (size_t i = 0; hold_out && i < measurements->table_count; i++)
        meant += held_out_of(&measurements->tables[i], hold_out) != NULL;
    if (hold_out && !colon && meant > 1)
        diagnostic_add(problems, (struct place){0}, "--hold-out needs the name of a table before the rows, as '%s:%s'",
                       measurements->tables[0].name, hold_out);
    if (hold_out && meant == 0)
        diagnostic_add(problems, (struct place){0}, "--hold-out names no table: there is no '%.*s'",
                       (int)(colon - hold_out), hold_out);
}

static void fill(struct measurements *measurements, const struct node *root, const char *hold_out,
                 struct diagnostic_list *problems)
{
    const struct node *data = node_member(root, "data");
    const struct node *node = data ? data->first : NULL;
    check_hold_out_option(measurements, hold_out, problems);
    for (size_t i = 0; node && i < measurements->table_count; i++, node = node->next) {
        struct measurement_table *table = &measurements->tables[i];
        size_t before = problems->count;
        measurements_rows_fill(table, node, measurements->arena, problems);
        if (problems->count > before)
            continue;
        measurements_rows_hold_out(table, node, held_out_of(table, hold_out), problems);
        measurements_check_table(table, node, problems);
    }
    measurements_check_all(measurements, root, problems);
}

enum sim_status measurements_load(const char *path, const char *hold_out, struct measurements **measurements,
                                  struct diagnostic_list *problems)
{
    *measurements = NULL;
    struct node *root = reader_read_file(path, (struct place){0}, problems);
    if (!root)
        return SIM_BAD_INPUT;
    struct sim_arena *arena = sim_arena_create();
    struct measurements *loaded = sim_arena_allocate(arena, 1, sizeof *loaded);
    take_in_filters(root, problems->arena);
    name_profile(root, problems->arena);
    binding_fill(&measurements_table, root, loaded, arena, problems);
    loaded->arena = arena;
    loaded->path = sim_arena_text(arena, path);
    if (problems->count == 0)
        fill(loaded, root, hold_out, problems);
    if (problems->count > 0) {
        sim_arena_destroy(arena);
        return SIM_BAD_INPUT;
    }
    note_given(loaded, node_member(root, "profile"));
    *measurements = loaded;
    return SIM_OK;
}

void measurements_destroy(struct measurements *measurements)
{
    if (measurements)
        sim_arena_destroy(measurements->arena);
}

/* ---- Questions ---- */

const struct sim_field *measurements_field(enum measure measure)
{
    return &row_fields[measure];
}

enum measure measurements_load_measure(int32_t kind)
{
    switch (kind) {
    case MEASUREMENT_BURST:
        return MEASURE_REQUESTS;
    case MEASUREMENT_CLOSED:
        return MEASURE_CLIENTS;
    case MEASUREMENT_OPEN:
        return MEASURE_RATE;
    case MEASUREMENT_OFFLINE:
    case MEASUREMENT_STEPS:
        return MEASURE_BATCH;
    case MEASUREMENT_REQUESTS:
        return MEASURE_ARRIVAL;
    case MEASUREMENT_TEXTS:
        return MEASURE_CHARACTERS;
    case MEASUREMENT_SERIES:
        return MEASURE_TIME;
    default:
        return MEASURE_COUNT;
    }
}

const char *measurements_kind_name(int32_t kind)
{
    return kind_names[kind];
}

void measurements_row_name(const struct measurement_table *table, const struct measurement_row *row, char *name,
                           size_t size)
{
    enum measure load = measurements_load_measure(table->kind);
    if (load == MEASURE_COUNT || isnan(row->values[load]))
        snprintf(name, size, "%s", row->label);
    else
        snprintf(name, size, "%s %.6g%s%s", row_fields[load].name, row->values[load],
                 row_fields[load].unit[0] ? " " : "", load == MEASURE_RATE ? "req/s" : row_fields[load].unit);
}

bool measurements_row_is(const struct measurement_table *table, const struct measurement_row *row, const char *text)
{
    enum measure load = measurements_load_measure(table->kind);
    double value = 0;
    if (row->label[0] && strcmp(row->label, text) == 0)
        return true;
    if (load == MEASURE_COUNT)
        return false;
    if (quantity_parse(text, row_fields[load].unit, &value, NULL) != SIM_OK &&
        quantity_parse(text, "", &value, NULL) != SIM_OK)
        return false;
    return fabs(row->values[load] - value) <= 1e-9 * fabs(value);
}

const struct measurement_table *measurements_find(const struct measurements *measurements, int32_t kind)
{
    for (size_t i = 0; i < measurements->table_count; i++)
        if (measurements->tables[i].kind == kind)
            return &measurements->tables[i];
    return NULL;
}

bool measurements_knows(const struct measurements *measurements, const char *key)
{
    for (size_t i = 0; i < measurements->given_count; i++)
        if (strcmp(measurements->given[i], key) == 0)
            return true;
    return false;
}
