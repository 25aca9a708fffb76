/* measurements_rows.c - rows out of the tree or out of a CSV. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/check.h"
#include "scenarios/measurements_internal.h"
#include "scenarios/quantity.h"
#include "scenarios/unit.h"
#include "sim/csv.h"

#define ROW_COUNT_MAX 1000000

/* ---- Rows in the tree ---- */

static void fill_from_tree(struct measurement_table *table, const struct node *list, struct sim_arena *arena)
{
    const char *file = sim_arena_text(arena, list->place.source->name);
    const struct node *item = list->first;
    for (size_t i = 0; item && i < table->row_count; i++, item = item->next) {
        struct measurement_row *row = &table->rows[i];
        row->file = file;
        row->line = item->place.line;
        for (int m = 0; m < MEASURE_COUNT; m++) {
            const struct node *cell = node_member(item, measurements_field((enum measure)m)->name);
            if (!cell || node_is_null(cell))
                row->values[m] = NAN;
        }
    }
}

/* ---- Rows in a CSV ---- */

struct csv_source {
    struct measurement_table *table;
    const struct node *node;
    struct sim_arena *arena;
    struct diagnostic_list *problems;
    struct source *source; /* the CSV, as a place of problems */
    struct sim_csv *csv;
    const char *columns[MEASURE_COUNT + 64];
    size_t column_count;
    size_t places[MEASURE_COUNT]; /* of a measure among the columns + 1; 0: not there */
    double factors[MEASURE_COUNT];
    size_t label; /* as places */
    size_t use;
    size_t where; /* of the first filter */
    size_t capacity;
};

static size_t add_column(struct csv_source *source, const char *name)
{
    source->columns[source->column_count++] = name;
    return source->column_count;
}

static bool is_dimension(const char *unit)
{
    return unit[0] != '\0' && strcmp(unit, "token") != 0 && strcmp(unit, "ratio") != 0;
}

/* What one of the column's unit is in the unit of the measure. */
static double factor_of(const struct csv_source *source, enum measure measure, const struct node *columns)
{
    const struct sim_field *field = measurements_field(measure);
    const char *unit = source->table->units.of[measure];
    const struct node *units = node_member(source->node, "units");
    double factor = 1;
    char text[128];
    struct sim_error error = {0};
    if (!is_dimension(field->unit) && unit[0] == '\0')
        return 1;
    if (unit[0] == '\0') {
        diagnostic_add(source->problems, check_place(columns, field->name),
                       "column '%s' has no unit: say in 'units' what '%s' is in, as '%s'",
                       source->table->columns.of[measure], field->name,
                       strcmp(field->unit, "s") == 0 ? "ms" : field->unit);
        return 1;
    }
    snprintf(text, sizeof text, "1 %s", unit);
    if (quantity_parse(text, field->unit, &factor, &error) != SIM_OK)
        diagnostic_add(source->problems, check_place(units, field->name), "'%s' is no unit of '%s': %s", unit,
                       field->name, error.message);
    return factor;
}

static void choose_columns(struct csv_source *source)
{
    const struct measurement_table *table = source->table;
    const struct node *columns = node_member(source->node, "columns");
    for (int m = 0; m < MEASURE_COUNT; m++) {
        if (table->columns.of[m][0] == '\0')
            continue;
        source->places[m] = add_column(source, table->columns.of[m]);
        source->factors[m] = factor_of(source, (enum measure)m, columns);
    }
    if (source->column_count == 0)
        diagnostic_add(source->problems, source->node->place, "'columns' has to say which columns of the file to read");
    if (table->label[0])
        source->label = add_column(source, table->label);
    if (table->use[0])
        source->use = add_column(source, table->use);
    source->where = source->column_count + 1;
    for (size_t i = 0; i < table->where_count; i++)
        (void)add_column(source, table->where[i].column);
}

static bool is_wanted(const struct csv_source *source)
{
    for (size_t i = 0; i < source->table->where_count; i++)
        if (strcmp(sim_csv_text(source->csv, source->where - 1 + i), source->table->where[i].is) != 0)
            return false;
    return true;
}

static bool is_empty(const char *text)
{
    return text[strspn(text, " \t")] == '\0';
}

static enum sim_status take_cells(struct csv_source *source, struct measurement_row *row, struct sim_error *error)
{
    for (int m = 0; m < MEASURE_COUNT; m++) {
        enum sim_status status = SIM_OK;
        row->values[m] = NAN;
        if (source->places[m] == 0 || is_empty(sim_csv_text(source->csv, source->places[m] - 1)))
            continue;
        status = sim_csv_double(source->csv, source->places[m] - 1, &row->values[m], error);
        if (status != SIM_OK)
            return status;
        row->values[m] *= source->factors[m];
    }
    return SIM_OK;
}

static enum sim_status take_use(const struct csv_source *source, struct measurement_row *row, struct sim_error *error)
{
    const char *use = source->use ? sim_csv_text(source->csv, source->use - 1) : "fit";
    row->is_held_out = strcmp(use, "hold-out") == 0;
    if (!row->is_held_out && strcmp(use, "fit") != 0)
        return sim_error_set(error, SIM_BAD_INPUT, source->table->file, row->line,
                             "expected 'fit' or 'hold-out' in column '%s', not '%.80s'", source->table->use, use);
    return SIM_OK;
}

static enum sim_status take_row(struct csv_source *source, struct sim_error *error)
{
    struct measurement_table *table = source->table;
    if (!is_wanted(source))
        return SIM_OK;
    if (table->row_count == ROW_COUNT_MAX)
        return sim_error_set(error, SIM_BAD_INPUT, table->file, sim_csv_line(source->csv),
                             "more than %d rows are no measurement that a fit needs", ROW_COUNT_MAX);
    table->rows = sim_grow(table->rows, &source->capacity, table->row_count + 1, sizeof *table->rows);
    struct measurement_row *row = &table->rows[table->row_count++];
    const char *label = source->label ? sim_csv_text(source->csv, source->label - 1) : "";
    *row = (struct measurement_row){
        .label = sim_arena_text(source->arena, label), .file = source->source->name, .line = sim_csv_line(source->csv)};
    enum sim_status status = take_cells(source, row, error);
    return status == SIM_OK ? take_use(source, row, error) : status;
}

static enum sim_status read_rows(struct csv_source *source, struct sim_error *error)
{
    bool has_row = true;
    enum sim_status status =
        sim_csv_open(source->table->file, source->columns, source->column_count, &source->csv, error);
    while (status == SIM_OK && has_row) {
        status = sim_csv_next(source->csv, &has_row, error);
        if (status == SIM_OK && has_row)
            status = take_row(source, error);
    }
    sim_csv_close(source->csv);
    return status;
}

/* The rows move from a growing array to the arena. */
static void keep_rows(const struct csv_source *source)
{
    struct measurement_table *table = source->table;
    struct measurement_row *kept = sim_arena_allocate(source->arena, table->row_count, sizeof *kept);
    if (table->row_count > 0)
        memcpy(kept, table->rows, table->row_count * sizeof *kept);
    free(table->rows);
    table->rows = kept;
}

static void fill_from_csv(struct csv_source *source)
{
    struct measurement_table *table = source->table;
    struct diagnostic_list *problems = source->problems;
    size_t before = problems->count;
    struct sim_error error = {0};
    choose_columns(source);
    if (problems->count > before)
        return;
    source->source = sim_arena_allocate(problems->arena, 1, sizeof *source->source);
    *source->source = (struct source){
        .name = sim_arena_text(problems->arena, table->file), .text = "", .number = problems->source_count++};
    if (read_rows(source, &error) != SIM_OK) {
        struct place place = {.source = source->source, .line = error.line, .column = error.line > 0};
        diagnostic_add(problems, place, "%s", error.message);
    } else if (table->row_count == 0) {
        diagnostic_add(problems, source->node->place, "the file '%s' has no row that is wanted", table->file);
    }
    keep_rows(source);
    for (size_t i = 0; i < table->row_count; i++)
        table->rows[i].file = sim_arena_text(source->arena, table->file);
}

void measurements_rows_fill(struct measurement_table *table, const struct node *node, struct sim_arena *arena,
                            struct diagnostic_list *problems)
{
    const struct node *list = check_given(node, "rows");
    const struct node *file = check_given(node, "file");
    if (list && file)
        diagnostic_add(problems, file->key_place, "the rows stand in 'rows' or in a 'file', not in both");
    else if (!list && !file)
        diagnostic_add(problems, node->place, "table '%s' has neither 'rows' nor 'file'", table->name);
    else if (list && list->kind == NODE_SEQUENCE)
        fill_from_tree(table, list, arena);
    else if (file) {
        struct csv_source source = {.table = table, .node = node, .arena = arena, .problems = problems};
        if (table->where_count > 32)
            diagnostic_add(problems, node->place, "'where' has more than 32 columns");
        else
            fill_from_csv(&source);
    }
}

/* ---- Held out ---- */

static size_t hold_out(struct measurement_table *table, const char *load)
{
    size_t count = 0;
    for (size_t i = 0; i < table->row_count; i++)
        if (measurements_row_is(table, &table->rows[i], load)) {
            table->rows[i].is_held_out = true;
            count++;
        }
    return count;
}

static void hold_out_more(struct measurement_table *table, const char *more, struct diagnostic_list *problems)
{
    while (more && *more) {
        char load[128];
        size_t size = strcspn(more, ",");
        snprintf(load, sizeof load, "%.*s", (int)(size < sizeof load ? size : sizeof load - 1), more);
        const char *text = load + strspn(load, " ");
        if (hold_out(table, text) == 0)
            diagnostic_add(problems, (struct place){0}, "--hold-out: table '%s' has no row '%s'", table->name, text);
        more += size + (more[size] == ',');
    }
}

static double larger(double a, double b)
{
    return isnan(b) || a > b ? a : b;
}

/* The end of the share of a log's time that the fit sees; rows that end later are held out. */
static void hold_out_late(struct measurement_table *table)
{
    double end_s = -INFINITY;
    for (size_t i = 0; i < table->row_count; i++) {
        const double *values = table->rows[i].values;
        end_s = larger(larger(end_s, values[MEASURE_FIRST]), values[MEASURE_LAST]);
    }
    double begin_s = table->rows[0].values[MEASURE_ARRIVAL];
    table->until_s = begin_s + table->fit_share * (end_s - begin_s);
    for (size_t i = 0; i < table->row_count; i++) {
        const double *values = table->rows[i].values;
        table->rows[i].is_held_out |= larger(values[MEASURE_FIRST], values[MEASURE_LAST]) > table->until_s;
    }
}

static bool has_times(const struct measurement_table *table)
{
    return table->kind == MEASUREMENT_REQUESTS && table->row_count > 0 &&
           !(isnan(table->rows[0].values[MEASURE_FIRST]) && isnan(table->rows[0].values[MEASURE_LAST]));
}

void measurements_rows_hold_out(struct measurement_table *table, const struct node *node, const char *more,
                                struct diagnostic_list *problems)
{
    const struct node *list = check_given(node, "hold_out");
    const struct node *item = list ? list->first : NULL;
    for (size_t i = 0; i < table->hold_out_count; i++, item = item ? item->next : NULL)
        if (hold_out(table, table->hold_out[i].text) == 0)
            diagnostic_add(problems, item ? item->place : node->place, "table '%s' has no row '%s' to hold out",
                           table->name, table->hold_out[i].text);
    hold_out_more(table, more, problems);
    table->until_s = INFINITY;
    if (table->fit == MEASUREMENT_FIT_FIRST && has_times(table)) {
        hold_out_late(table);
        return;
    }
    for (size_t i = 0; i < table->row_count; i++)
        if (table->kind == MEASUREMENT_SERIES || (table->fit == MEASUREMENT_FIT_ODD && i % 2 == 1) ||
            (table->fit == MEASUREMENT_FIT_FIRST && (double)i >= table->fit_share * (double)table->row_count))
            table->rows[i].is_held_out = true;
}
