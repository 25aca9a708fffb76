/* summary.h - everything that is said about a run: the tidy rows, the limits met and missed, the notes.
 *
 * Made from a run_result, live or loaded from a trace; every form of output (report, JSON, CSV, the trace's own table)
 * shows the same summary.
 */
#ifndef ANALYSIS_SUMMARY_H
#define ANALYSIS_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/days.h"
#include "analysis/estimate.h"
#include "analysis/note.h"
#include "analysis/samples.h"
#include "analysis/scope.h"
#include "models/result.h"

struct summary_row {
    const struct scope *scope;
    const struct metric *metric;
    struct estimate estimate;
};

enum summary_verdict {
    VERDICT_MET,
    VERDICT_MISSED, /* also where an upper limit has no value because requests did not complete */
    VERDICT_UNKNOWN /* the value is missing or withheld, or there is no such scope or metric */
};

struct summary_limit {
    const struct slo_config *slo;
    const struct summary_row *row; /* NULL: there is none */
    enum summary_verdict verdict;
    bool is_clear; /* the whole interval lies on the same side of the limit */
};

struct summary {
    const struct run_result *result;
    const char *version;
    const char *commit;
    struct scope_list scopes;
    struct summary_row *rows; /* scope by scope, in the order of metric_list */
    size_t row_count;
    struct summary_limit *limits; /* as in the scenario */
    size_t limit_count;
    struct sim_array breaks; /* struct break_found, breaks.h: in which month what was too little first */
    struct note_list notes;
    bool is_exact;   /* percentiles of durations come from single requests */
    bool is_batched; /* sections are blocks of the one replication */
    bool is_dated;   /* these are days, judged without their trend (days.h) */
    size_t section_count;
    sim_time_ns simulated_ns; /* end of the window: the duration, or less in a run that was interrupted */
    int64_t request_count;    /* arrived in the windows of all replications */
    sim_time_ns saturated_ns; /* the first time that a pool was; -1: never */
    char saturated_from[48];  /* the same as a date where the run has one, else as a span */
    size_t saturated_pool;
    size_t saturated_replications; /* in how many replications some pool was */
};

/* What belongs to a run beside its result. */
struct summary_source {
    const struct samples *samples; /* NULL: percentiles come from histograms */
    const struct note_list *notes; /* known before the run (load_notes), copied; NULL: none */
    const char *version;           /* of the program that simulated, borrowed */
    const char *commit;
};

/* Rows of the result that were kept whole stand in for samples. Borrows the result.
 * Cost: the result's blocks once per scope, and the samples a few times.
 */
struct summary *summary_create(const struct run_result *result, const struct summary_source *source);
void summary_destroy(struct summary *summary);

/* What a limit makes of a figure. */
enum summary_verdict summary_judge(const struct slo_config *slo, const struct estimate *estimate);

/* The values of a metric in every section of the run, of which there are summary->section_count; NaN: none. Not for
 * runs whose sections are days (is_dated), which follow a trend. samples: those of the summary's source; NULL:
 * percentiles come from histograms.
 */
void summary_sections(const struct summary *summary, const struct samples *samples, const struct scope *scope,
                      const struct metric *metric, double *values);

/* The same for every row of a scope, with percentiles from histograms: row by row in the order of the rows, each with
 * section_count values. Cheaper than one call per row.
 */
void summary_scope_sections(const struct summary *summary, const struct scope *scope, double *values);

/* Every metric of a scope on every day of it, for runs whose sections are days. */
struct summary_days {
    const struct scope *scope;
    struct days days;
    const struct metric **metrics; /* that the scope has */
    size_t metric_count;
    double *values;   /* metric by metric, days.count of each */
    double *requests; /* behind them */
};

/* samples: as above. */
struct summary_days *summary_days_create(const struct summary *summary, const struct samples *samples,
                                         const struct scope *scope);
void summary_days_destroy(struct summary_days *days);

/* What is known of the run, within the scope's span, beside the figures of the cell. */
struct estimate_basis summary_basis(const struct summary *summary, const struct cell *cell);

/* The row of a metric; NULL if it does not exist in the scope. Names are whole. */
const struct summary_row *summary_find(const struct summary *summary, const char *scope, const char *metric);

/* Its value; NaN where there is none. */
double summary_value(const struct summary *summary, const char *scope, const char *metric);

/* Whether some limit is missed. */
bool summary_is_missed(const struct summary *summary);

/* "met", "missed", "unknown". */
const char *summary_verdict_text(enum summary_verdict verdict);

#endif
