/* measurements_check.c - what no measurement can be, whatever was measured. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/check.h"
#include "scenarios/measurements_internal.h"

#define BIT(kind) (1u << (kind))
#define ALL_KINDS (BIT(MEASUREMENT_KIND_COUNT) - 1)
#define LATENCIES (BIT(MEASUREMENT_BURST) | BIT(MEASUREMENT_CLOSED) | BIT(MEASUREMENT_OPEN) | BIT(MEASUREMENT_OFFLINE))

struct table_check {
    const struct measurement_table *table;
    const struct node *node;
    struct diagnostic_list *problems;
    const struct source *csv; /* NULL: the rows stand in the tree */
};

/* Kinds of tables in which a measure means something. */
static unsigned kinds_of(enum measure measure)
{
    switch (measure) {
    case MEASURE_REQUESTS:
        return BIT(MEASUREMENT_BURST);
    case MEASURE_CLIENTS:
        return BIT(MEASUREMENT_CLOSED) | BIT(MEASUREMENT_OFFLINE);
    case MEASURE_RATE:
        return BIT(MEASUREMENT_OPEN);
    case MEASURE_BATCH:
        return BIT(MEASUREMENT_OFFLINE) | BIT(MEASUREMENT_CLOSED) | BIT(MEASUREMENT_STEPS);
    case MEASURE_CHARACTERS:
        return BIT(MEASUREMENT_TEXTS);
    case MEASURE_ARRIVAL:
    case MEASURE_SCHEDULED:
    case MEASURE_FIRST:
    case MEASURE_LAST:
        return BIT(MEASUREMENT_REQUESTS);
    case MEASURE_CACHED_TOKENS:
    case MEASURE_PROMPT_TIME:
    case MEASURE_TOKEN_TIME:
        return BIT(MEASUREMENT_STEPS);
    case MEASURE_RUNNING:
    case MEASURE_WAITING:
    case MEASURE_KV_USE:
        return BIT(MEASUREMENT_SERIES);
    case MEASURE_WALL:
        return LATENCIES;
    default:
        return ALL_KINDS;
    }
}

static struct place row_place(const struct table_check *check, size_t index, enum measure measure)
{
    const struct measurement_row *row = &check->table->rows[index];
    if (check->csv)
        return (struct place){.source = check->csv, .line = row->line, .column = 1};
    const struct node *list = node_member(check->node, "rows");
    const struct node *item = list->first;
    for (size_t i = 0; i < index; i++)
        item = item->next;
    return measure == MEASURE_COUNT ? item->place : check_place(item, measurements_field(measure)->name);
}

static bool may_be_zero(enum measure measure)
{
    return measure == MEASURE_ARRIVAL || measure == MEASURE_SCHEDULED || measure == MEASURE_FIRST ||
           measure == MEASURE_LAST || measure == MEASURE_CACHED_TOKENS || measure == MEASURE_INPUT_TOKENS ||
           measure == MEASURE_OUTPUT_TOKENS || measure == MEASURE_RUNNING || measure == MEASURE_WAITING ||
           measure == MEASURE_KV_USE;
}

static bool is_count(enum measure measure)
{
    return measure == MEASURE_REQUESTS || measure == MEASURE_CLIENTS || measure == MEASURE_BATCH;
}

static void check_values(const struct table_check *check, size_t index)
{
    const struct measurement_row *row = &check->table->rows[index];
    for (int m = 0; m < MEASURE_COUNT; m++) {
        double value = row->values[m];
        enum measure measure = (enum measure)m;
        const struct sim_field *field = measurements_field(measure);
        if (isnan(value))
            continue;
        if (!isfinite(value))
            diagnostic_add(check->problems, row_place(check, index, measure), "'%s' is no finite number", field->name);
        else if (value < 0 || (value <= 0 && !may_be_zero(measure)))
            diagnostic_add(check->problems, row_place(check, index, measure), "'%s' must be above 0, not %g%s%s",
                           field->name, value, field->unit[0] ? " " : "", field->unit);
        else if (is_count(measure) && (value != floor(value) || value > 1e6))
            diagnostic_add(check->problems, row_place(check, index, measure),
                           "'%s' must be a whole number up to 1000000, not %g", field->name, value);
    }
}

/* The first of two must not be above the second. */
static void check_order(const struct table_check *check, size_t index, enum measure low, enum measure high)
{
    const double *values = check->table->rows[index].values;
    if (values[low] > values[high])
        diagnostic_add(check->problems, row_place(check, index, high), "'%s' (%g s) is above '%s' (%g s)",
                       measurements_field(low)->name, values[low], measurements_field(high)->name, values[high]);
}

/* Neighbours among those that the row has. */
static void check_chain(const struct table_check *check, size_t index, const enum measure *chain, size_t count)
{
    const double *values = check->table->rows[index].values;
    enum measure last = MEASURE_COUNT;
    for (size_t i = 0; i < count; i++) {
        if (isnan(values[chain[i]]))
            continue;
        if (last != MEASURE_COUNT)
            check_order(check, index, last, chain[i]);
        last = chain[i];
    }
}

static void check_orders(const struct table_check *check, size_t index)
{
    static const enum measure latencies[] = {MEASURE_P50, MEASURE_P90, MEASURE_P95, MEASURE_P99, MEASURE_WALL};
    static const enum measure firsts[] = {MEASURE_FIRST_P50, MEASURE_FIRST_P90, MEASURE_FIRST_P95, MEASURE_FIRST_P99};
    static const enum measure times[] = {MEASURE_ARRIVAL, MEASURE_SCHEDULED, MEASURE_FIRST, MEASURE_LAST};
    check_chain(check, index, latencies, sizeof latencies / sizeof *latencies);
    check_chain(check, index, firsts, sizeof firsts / sizeof *firsts);
    check_chain(check, index, times, sizeof times / sizeof *times);
    check_order(check, index, MEASURE_MEAN, MEASURE_WALL);
    check_order(check, index, MEASURE_FIRST_MEAN, MEASURE_MEAN);
}

static void check_kind(const struct table_check *check, size_t index)
{
    const struct measurement_table *table = check->table;
    const struct measurement_row *row = &table->rows[index];
    enum measure load = measurements_load_measure(table->kind);
    bool has_measure = false;
    for (int m = 0; m < MEASURE_COUNT; m++) {
        bool is_there = !isnan(row->values[m]);
        if (is_there && !(kinds_of((enum measure)m) & BIT((unsigned)table->kind)))
            diagnostic_add(check->problems, row_place(check, index, (enum measure)m),
                           "'%s' means nothing in a table of kind '%s'", measurements_field((enum measure)m)->name,
                           measurements_kind_name(table->kind));
        has_measure = has_measure || (is_there && (enum measure)m != load);
    }
    if (load != MEASURE_COUNT && isnan(row->values[load]) &&
        !(table->kind == MEASUREMENT_TEXTS && row->label[0] != '\0'))
        diagnostic_add(check->problems, row_place(check, index, MEASURE_COUNT), "the row has no '%s'",
                       measurements_field(load)->name);
    else if (load == MEASURE_COUNT && row->label[0] == '\0')
        diagnostic_add(check->problems, row_place(check, index, MEASURE_COUNT), "the row has no 'label'");
    else if (!has_measure)
        diagnostic_add(check->problems, row_place(check, index, MEASURE_COUNT),
                       "the row has nothing that was measured");
}

/* What makes two rows the same measurement: load, the other of clients and batch, and the lengths. */
enum {
    ROW_KEYS = 4
};

struct ranked_row {
    double keys[ROW_KEYS]; /* -1: the row does not have it */
    size_t index;
};

static int compare_keys(const struct ranked_row *a, const struct ranked_row *b)
{
    for (size_t k = 0; k < ROW_KEYS; k++)
        if (a->keys[k] != b->keys[k])
            return a->keys[k] < b->keys[k] ? -1 : 1;
    return 0;
}

static int compare_rows(const void *left, const void *right)
{
    const struct ranked_row *a = left;
    const struct ranked_row *b = right;
    int order = compare_keys(a, b);
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

static struct ranked_row rank_row(const struct measurement_table *table, size_t index)
{
    enum measure load = measurements_load_measure(table->kind);
    const enum measure measures[ROW_KEYS] = {load, load == MEASURE_BATCH ? MEASURE_CLIENTS : MEASURE_BATCH,
                                             MEASURE_INPUT_TOKENS, MEASURE_OUTPUT_TOKENS};
    struct ranked_row row = {.index = index};
    for (size_t k = 0; k < ROW_KEYS; k++) {
        double value = table->rows[index].values[measures[k]];
        row.keys[k] = isnan(value) ? -1 : value;
    }
    return row;
}

/* Two rows of one load and batch contradict each other, unless each was measured several times. */
static void check_loads_differ(const struct table_check *check)
{
    const struct measurement_table *table = check->table;
    if (!(BIT((unsigned)table->kind) & LATENCIES) || table->repeats > 1)
        return;
    struct ranked_row *ranked = sim_allocate(table->row_count, sizeof *ranked);
    for (size_t i = 0; i < table->row_count; i++)
        ranked[i] = rank_row(table, i);
    qsort(ranked, table->row_count, sizeof *ranked, compare_rows);
    for (size_t i = 1; i < table->row_count; i++)
        if (ranked[i].keys[0] >= 0 && compare_keys(&ranked[i], &ranked[i - 1]) == 0) {
            char name[128];
            measurements_row_name(table, &table->rows[ranked[i].index], name, sizeof name);
            diagnostic_add(check->problems, row_place(check, ranked[i].index, measurements_load_measure(table->kind)),
                           "the table has two rows of %s: pool them, or say how often each was measured in 'repeats'",
                           name);
        }
    free(ranked);
}

static void check_arrivals_rise(const struct table_check *check)
{
    const struct measurement_table *table = check->table;
    for (size_t i = 1; i < table->row_count && table->kind == MEASUREMENT_REQUESTS; i++)
        if (table->rows[i].values[MEASURE_ARRIVAL] < table->rows[i - 1].values[MEASURE_ARRIVAL]) {
            diagnostic_add(check->problems, row_place(check, i, MEASURE_ARRIVAL),
                           "the rows of a log must stand in the order of 'arrival'");
            return;
        }
}

void measurements_check_table(const struct measurement_table *table, const struct node *node,
                              struct diagnostic_list *problems)
{
    struct table_check check = {.table = table, .node = node, .problems = problems};
    if (table->row_count == 0)
        return;
    if (table->file[0]) {
        struct source *csv = sim_arena_allocate(problems->arena, 1, sizeof *csv);
        *csv = (struct source){
            .name = sim_arena_text(problems->arena, table->file), .text = "", .number = problems->source_count++};
        check.csv = csv;
    }
    for (size_t i = 0; i < table->row_count && !diagnostic_is_full(problems); i++) {
        size_t before = problems->count;
        check_values(&check, i);
        check_kind(&check, i);
        if (problems->count == before)
            check_orders(&check, i);
    }
    check_loads_differ(&check);
    check_arrivals_rise(&check);
}

/* ---- The file ---- */

static void check_accept(const struct measurements *measurements, const struct measurement_accept *accept,
                         const struct node *node, struct diagnostic_list *problems)
{
    const struct measurement_table *table = NULL;
    bool is_measure = accept->metric[0] == '\0';
    for (size_t i = 0; i < measurements->table_count; i++)
        if (strcmp(measurements->tables[i].name, accept->data) == 0)
            table = &measurements->tables[i];
    if (!table)
        diagnostic_add(problems, check_place(node, "data"), "there is no table '%s'", accept->data);
    for (int m = 0; m < MEASURE_COUNT; m++)
        is_measure = is_measure || strcmp(measurements_field((enum measure)m)->name, accept->metric) == 0;
    if (!is_measure && table && table->kind != MEASUREMENT_REQUESTS)
        diagnostic_add(problems, check_place(node, "metric"), "'%s' is no measure", accept->metric);
}

static size_t count_fitted(const struct measurements *measurements)
{
    size_t fitted = 0;
    for (size_t i = 0; i < measurements->table_count; i++)
        for (size_t r = 0; r < measurements->tables[i].row_count; r++)
            fitted += !measurements->tables[i].rows[r].is_held_out;
    return fitted;
}

static void check_search(const struct measurements *measurements, const struct node *root,
                         struct diagnostic_list *problems)
{
    const struct node *fit = check_given(root, "fit");
    for (size_t i = 0; i < measurements->search.container_count; i++)
        if (measurements->search.containers[i].number < 1)
            diagnostic_add(problems, check_place(fit, "containers"), "there is one container at least");
}

void measurements_check_all(const struct measurements *measurements, const struct node *root,
                            struct diagnostic_list *problems)
{
    const struct node *data = node_member(root, "data");
    const struct node *accepts = check_given(root, "accept");
    const struct node *accept = accepts ? accepts->first : NULL;
    for (size_t i = 0; accept && i < measurements->accept_count; i++, accept = accept->next)
        check_accept(measurements, &measurements->accepts[i], accept, problems);
    check_search(measurements, root, problems);
    if (problems->count > 0 || !data)
        return;
    size_t fitted = count_fitted(measurements);
    if (fitted < 2)
        diagnostic_add(problems, data->key_place, "%s: a fit needs two at least",
                       fitted == 1 ? "only one row is not held out" : "no row is left that is not held out");
}
