/* import.h - logs and tables of other programs, as plain CSV that arrival traces and measurements read.
 *
 * One file per origin, import_<origin>.c, that ends in one struct import_format for each form of its files; import.c
 * has the list. Whatever the origin's units and clock, what is written has one form: times in seconds, with all digits
 * that were given, rates per second, an empty field where nothing is known. Requests are in order of arrival, in the
 * column time_s, which counts from the first one; other times of day in the same row are on the same clock.
 */
#ifndef ANALYSIS_IMPORT_H
#define ANALYSIS_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/csv.h"
#include "sim/error.h"
#include "sim/state.h"
#include "sim/time.h"

enum import_kind {
    IMPORT_CLOCK, /* ns on the file's clock; written as seconds after the first row */
    IMPORT_SPAN,  /* ns; written as seconds */
    IMPORT_INTEGER,
    IMPORT_NUMBER,
    IMPORT_TEXT
};

struct import_column {
    const char *name; /* as written */
    enum import_kind kind;
};

struct import;

/* A form of file that is understood. The first column of a log of requests is its arrival. */
struct import_format {
    const char *name;
    const char *help; /* one line: which file of which program */
    const struct import_column *columns;
    size_t column_count;
    bool is_log;               /* rows are requests: sorted by the first column */
    const char *const *wanted; /* columns of the file, numbered as here */
    size_t wanted_count;
    bool is_choice;       /* columns may be missing */
    const char *row_name; /* what a row of the file is, as "request" */
    enum sim_status (*begin)(struct import *import, struct sim_error *error); /* looks at the columns; NULL: nothing */
    enum sim_status (*take)(struct import *import, struct sim_error *error);  /* takes the current row of the file */
};

#define IMPORT_CLOCK_EARLIEST (-(sim_time_ns)1000000000 * SIM_SECOND)
#define IMPORT_CLOCK_LATEST ((sim_time_ns)4600000000 * SIM_SECOND) /* 2115 */

/* What was read. */
struct import {
    const struct import_format *format;
    const char *path;
    struct sim_csv *csv;    /* while it is read */
    struct sim_array cells; /* struct import_cell, row after row */
    struct sim_array text;  /* of cells, each with its zero byte */
    size_t row_count;
    struct sim_array notes;  /* const char *, static: what a user has to know of the result */
    bool is_other;           /* for formats with two forms: the second one */
    sim_time_ns times_ns[2]; /* for formats that keep something from one row to the next */
};

/* All formats, ended by NULL; and the one of that name, or NULL. */
const struct import_format *const *import_formats(void);
const struct import_format *import_find(const char *name);

/* Reads a file. SIM_BAD_INPUT and SIM_CANNOT_READ with file and, where there is one, line. In each case to be released
 * with import_release.
 */
SIM_MUST_USE enum sim_status import_read(struct import *import, const struct import_format *format, const char *path,
                                         struct sim_error *error);
void import_release(struct import *import);

/* Writes what was read, under its name only when it is whole. SIM_CANNOT_WRITE. */
SIM_MUST_USE enum sim_status import_write(const struct import *import, const char *path, struct sim_error *error);

/* ---- For formats ---- */

/* Begins a row, whose cells are empty until they are set by the index of their column. */
void import_begin_row(struct import *import);
void import_set_time(struct import *import, size_t column, sim_time_ns time_ns); /* a clock or a span */
void import_set_integer(struct import *import, size_t column, int64_t value);
void import_set_number(struct import *import, size_t column, double value);
void import_set_text(struct import *import, size_t column, const char *text);

/* Says something about the result, once. */
void import_note(struct import *import, const char *text);

/* SIM_BAD_INPUT at the current line of the file. */
enum sim_status import_refuse(const struct import *import, struct sim_error *error, const char *problem);

/* A field that counts something. SIM_BAD_INPUT below 0. */
SIM_MUST_USE enum sim_status import_count(const struct import *import, size_t column, int64_t *value,
                                          struct sim_error *error);

/* A field with a time, in seconds or as a date. SIM_BAD_INPUT beyond IMPORT_CLOCK_EARLIEST and IMPORT_CLOCK_LATEST,
 * which keep all differences, and durations before them, within 64 bits.
 */
SIM_MUST_USE enum sim_status import_clock(const struct import *import, size_t column, sim_time_ns *time_ns,
                                          struct sim_error *error);

/* A field with a duration in `unit_s` seconds, to the nearest nanosecond. SIM_BAD_INPUT below 0 and from 1e9 s. */
SIM_MUST_USE enum sim_status import_span(const struct import *import, size_t column, double unit_s,
                                         sim_time_ns *span_ns, struct sim_error *error);

/* SIM_BAD_INPUT, naming the first of `columns` that is not there; for files whose columns are a choice. */
SIM_MUST_USE enum sim_status import_require(const struct import *import, const size_t *columns, size_t count,
                                            struct sim_error *error);

extern const struct import_format import_vllm;
extern const struct import_format import_triton;
extern const struct import_format import_azure_llm;
extern const struct import_format import_azure_functions;
extern const struct import_format import_k6;
extern const struct import_format import_locust_stats;
extern const struct import_format import_locust_history;

#endif
