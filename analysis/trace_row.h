/* trace_row.h - rows of the tables of a trace that no other module knows. */
#ifndef ANALYSIS_TRACE_ROW_H
#define ANALYSIS_TRACE_ROW_H

#include <stdint.h>

#include "sim/field.h"

struct trace_summary_row {
    const char *scope;
    const char *metric;
    const char *unit;
    double value;
    double low;
    double high;
    int64_t count;
    const char *reason;
};

struct trace_note_row {
    int32_t kind;
    const char *text;
};

extern const struct sim_field_table trace_summary_table;
extern const struct sim_field_table trace_note_table;

#endif
