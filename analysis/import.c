/* import.c - the formats, the rows in memory, and their writing. */
#include "analysis/import.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"
#include "sim/part_file.h"

static const struct import_format *const formats[] = {
    &import_vllm, &import_triton,       &import_azure_llm,      &import_azure_functions,
    &import_k6,   &import_locust_stats, &import_locust_history, NULL};

struct import_cell {
    bool is_given;
    union {
        int64_t integer; /* also ns, and the place of a text */
        double number;
    } is;
};

const struct import_format *const *import_formats(void)
{
    return formats;
}

const struct import_format *import_find(const char *name)
{
    for (size_t i = 0; formats[i]; i++)
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    return NULL;
}

static enum sim_status take_row(void *owner, struct sim_error *error)
{
    struct import *import = owner;
    return import->format->take(import, error);
}

enum sim_status import_read(struct import *import, const struct import_format *format, const char *path,
                            struct sim_error *error)
{
    *import = (struct import){.format = format, .path = path};
    sim_array_init(&import->cells, sizeof(struct import_cell));
    sim_array_init(&import->text, 1);
    sim_array_init(&import->notes, sizeof(const char *));
    enum sim_status status = format->is_choice
                                 ? sim_csv_open_choice(path, format->wanted, format->wanted_count, &import->csv, error)
                                 : sim_csv_open(path, format->wanted, format->wanted_count, &import->csv, error);
    if (status == SIM_OK && format->begin)
        status = format->begin(import, error);
    if (status == SIM_OK)
        status = sim_csv_each(import->csv, take_row, import, format->row_name, error);
    if (status == SIM_OK && import->row_count == 0)
        status = sim_error_set(error, SIM_BAD_INPUT, path, 0, "holds nothing that '%s' reads (%s)", format->name,
                               format->help);
    sim_csv_close(import->csv);
    import->csv = NULL;
    return status;
}

void import_release(struct import *import)
{
    sim_array_release(&import->cells);
    sim_array_release(&import->text);
    sim_array_release(&import->notes);
}

/* ---- Rows ---- */

void import_begin_row(struct import *import)
{
    import->row_count++;
    sim_array_resize(&import->cells, import->row_count * import->format->column_count);
}

/* A cell of the last row. */
static struct import_cell *cell_of(struct import *import, size_t column, enum import_kind kind)
{
    sim_assert(import->row_count > 0 && column < import->format->column_count);
    enum import_kind own = import->format->columns[column].kind;
    sim_assert(own == kind || (own == IMPORT_CLOCK && kind == IMPORT_SPAN));
    struct import_cell *cells = import->cells.items;
    struct import_cell *cell = &cells[(import->row_count - 1) * import->format->column_count + column];
    cell->is_given = true;
    return cell;
}

void import_set_time(struct import *import, size_t column, sim_time_ns time_ns)
{
    cell_of(import, column, IMPORT_SPAN)->is.integer = time_ns;
}

void import_set_integer(struct import *import, size_t column, int64_t value)
{
    cell_of(import, column, IMPORT_INTEGER)->is.integer = value;
}

void import_set_number(struct import *import, size_t column, double value)
{
    cell_of(import, column, IMPORT_NUMBER)->is.number = value;
}

void import_set_text(struct import *import, size_t column, const char *text)
{
    size_t place = import->text.count, size = strlen(text) + 1;
    sim_array_resize(&import->text, place + size);
    memcpy((char *)import->text.items + place, text, size);
    cell_of(import, column, IMPORT_TEXT)->is.integer = (int64_t)place;
}

void import_note(struct import *import, const char *text)
{
    const char **notes = import->notes.items;
    for (size_t i = 0; i < import->notes.count; i++)
        if (notes[i] == text)
            return;
    size_t index = sim_array_add(&import->notes);
    notes = import->notes.items;
    notes[index] = text;
}

/* ---- Fields ---- */

enum sim_status import_refuse(const struct import *import, struct sim_error *error, const char *problem)
{
    return sim_error_set(error, SIM_BAD_INPUT, import->path, sim_csv_line(import->csv), "%s", problem);
}

enum sim_status import_count(const struct import *import, size_t column, int64_t *value, struct sim_error *error)
{
    enum sim_status status = sim_csv_int64(import->csv, column, value, error);
    if (status == SIM_OK && *value < 0)
        return import_refuse(import, error, "a number below 0 where something is counted");
    return status;
}

enum sim_status import_clock(const struct import *import, size_t column, sim_time_ns *time_ns, struct sim_error *error)
{
    enum sim_status status = sim_csv_time(import->csv, column, time_ns, error);
    if (status == SIM_OK && (*time_ns < IMPORT_CLOCK_EARLIEST || *time_ns > IMPORT_CLOCK_LATEST))
        return import_refuse(import, error, "a time that is not within -1e9 s to 4.6e9 s (the year 2115)");
    return status;
}

enum sim_status import_span(const struct import *import, size_t column, double unit_s, sim_time_ns *span_ns,
                            struct sim_error *error)
{
    double value = 0;
    enum sim_status status = sim_csv_double(import->csv, column, &value, error);
    if (status != SIM_OK)
        return status;
    if (!(value >= 0 && value * unit_s < 1e9))
        return import_refuse(import, error, "a time below 0 s or beyond 1e9 s");
    *span_ns = sim_time_from_s(value * unit_s);
    return SIM_OK;
}

enum sim_status import_require(const struct import *import, const size_t *columns, size_t count,
                               struct sim_error *error)
{
    for (size_t i = 0; i < count; i++)
        if (!sim_csv_has(import->csv, columns[i]))
            return sim_error_set(error, SIM_BAD_INPUT, import->path, 1, "has no column '%s'; is this file of '%s'?",
                                 import->format->wanted[columns[i]], import->format->name);
    return SIM_OK;
}

/* ---- Writing ---- */

struct import_place {
    int64_t first; /* what the row has in its first column */
    size_t row;
};

static int compare_rows(const void *left, const void *right)
{
    const struct import_place *a = left;
    const struct import_place *b = right;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return a->row < b->row ? -1 : 1; /* as in the file */
}

/* The rows in the order in which they are written. */
static struct import_place *rows_in_order(const struct import *import)
{
    struct import_place *rows = sim_allocate(import->row_count, sizeof *rows);
    const struct import_cell *cells = import->cells.items;
    for (size_t i = 0; i < import->row_count; i++)
        rows[i] = (struct import_place){cells[i * import->format->column_count].is.integer, i};
    if (import->format->is_log)
        qsort(rows, import->row_count, sizeof *rows, compare_rows);
    return rows;
}

/* Seconds with as many decimals as there are. */
static void print_time(int64_t time_ns, FILE *out)
{
    char text[40];
    uint64_t size_ns = time_ns < 0 ? 0 - (uint64_t)time_ns : (uint64_t)time_ns;
    int length = snprintf(text, sizeof text, "%s%" PRIu64 ".%09" PRIu64, time_ns < 0 ? "-" : "",
                          size_ns / (uint64_t)SIM_SECOND, size_ns % (uint64_t)SIM_SECOND);
    while (text[length - 1] == '0')
        length--;
    length -= text[length - 1] == '.';
    fprintf(out, "%.*s", length, text);
}

static void print_cell(const struct import *import, const struct import_cell *cell, enum import_kind kind,
                       int64_t first_ns, FILE *out)
{
    if (!cell->is_given)
        return;
    switch (kind) {
    case IMPORT_CLOCK:
        print_time(cell->is.integer - first_ns, out);
        break;
    case IMPORT_SPAN:
        print_time(cell->is.integer, out);
        break;
    case IMPORT_INTEGER:
        fprintf(out, "%" PRId64, cell->is.integer);
        break;
    case IMPORT_NUMBER:
        fprintf(out, "%.10g", cell->is.number);
        break;
    case IMPORT_TEXT:
        sim_csv_write_text(out, (const char *)import->text.items + cell->is.integer);
        break;
    }
}

static void print(const struct import *import, FILE *out)
{
    const struct import_format *format = import->format;
    const struct import_cell *cells = import->cells.items;
    struct import_place *rows = rows_in_order(import);
    bool has_clock = import->row_count > 0 && format->columns[0].kind == IMPORT_CLOCK;
    int64_t first_ns = has_clock ? rows[0].first : 0;
    for (size_t c = 0; c < format->column_count; c++)
        fprintf(out, "%s%s", c ? "," : "", format->columns[c].name);
    putc('\n', out);
    for (size_t r = 0; r < import->row_count; r++) {
        for (size_t c = 0; c < format->column_count; c++) {
            if (c)
                putc(',', out);
            print_cell(import, &cells[rows[r].row * format->column_count + c], format->columns[c].kind, first_ns, out);
        }
        putc('\n', out);
    }
    free(rows);
}

enum sim_status import_write(const struct import *import, const char *path, struct sim_error *error)
{
    struct sim_part_file file;
    char *text = NULL;
    size_t size = 0;
    enum sim_status status = sim_part_file_open(&file, path, error);
    if (status != SIM_OK)
        return status;
    FILE *out = open_memstream(&text, &size);
    sim_assert(out);
    print(import, out);
    bool is_whole = !ferror(out);
    is_whole &= fclose(out) == 0;
    sim_assert(is_whole); /* only memory can be lacking */
    sim_part_file_write(&file, 0, text, size);
    free(text);
    return sim_part_file_finish(&file, error);
}
