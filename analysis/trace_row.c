/* trace_row.c - columns of the summary and the notes. */
#include "analysis/trace_row.h"

#include "analysis/note.h"

#define COLUMN(owner, member, kind, width, unit_text, help_text)                                                  \
    {                                                                                                             \
        .name = #member, .type = SIM_FIELD_##kind, .offset = offsetof(struct owner, member), .unit = (unit_text), \
        .highest = (width), .help = (help_text)                                                                   \
    }

static const struct sim_field summary_columns[] = {
    COLUMN(trace_summary_row, scope, TEXT, 128, "", "all, pool/NAME, workload/NAME or class/NAME"),
    COLUMN(trace_summary_row, metric, TEXT, 64, "", "name of the metric"),
    COLUMN(trace_summary_row, unit, TEXT, 8, "", "unit of the metric"),
    COLUMN(trace_summary_row, value, DOUBLE, 0, "", "estimate, in the row's unit; NaN: none or withheld"),
    COLUMN(trace_summary_row, low, DOUBLE, 0, "", "lower end of the 95 % interval; NaN: none"),
    COLUMN(trace_summary_row, high, DOUBLE, 0, "", "upper end of the 95 % interval; NaN: none"),
    COLUMN(trace_summary_row, count, INT64, 0, "", "requests, or sections, behind the estimate"),
    COLUMN(trace_summary_row, reason, TEXT, 96, "", "why value or interval is missing"),
};
const struct sim_field_table trace_summary_table = {
    "summary", summary_columns, sizeof summary_columns / sizeof *summary_columns, sizeof(struct trace_summary_row)};

static const struct sim_field note_columns[] = {
    {.name = "kind",
     .type = SIM_FIELD_CHOICE,
     .offset = offsetof(struct trace_note_row, kind),
     .unit = "",
     .help = "warning, fact, or assumed",
     .choices = note_kind_names},
    COLUMN(trace_note_row, text, TEXT, 400, "", "what was known before the run"),
};
const struct sim_field_table trace_note_table = {"notes", note_columns, sizeof note_columns / sizeof *note_columns,
                                                 sizeof(struct trace_note_row)};
