/* figure.h - figures of a run with their values by section, and how sure is what is computed from several of them.
 *
 * Where runs have sections of the same kind and number, a function of their figures is evaluated for every section, and
 * the spread is that of any figure (sim/interval.h). Runs that met the same random numbers are so compared pair by
 * pair: what chance did to both falls out of the difference.
 */
#ifndef ANALYSIS_FIGURE_H
#define ANALYSIS_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/samples.h"
#include "analysis/summary.h"
#include "sim/interval.h"

/* A metric in a scope of a run. */
struct figure {
    const struct summary *summary;
    const struct summary_row *row;
    double *values;                   /* by section; NULL where days are the sections, which follow a trend, */
    const struct summary_days *days;  /* and stand here, of all metrics of the scope; else NULL */
    const struct summary_days *whole; /* the same of the whole run, for months; else as `days` */
};

/* Figures of one run, computed when first asked for. */
struct figure_list {
    const struct summary *summary; /* borrowed, like the samples */
    const struct samples *samples; /* NULL: percentiles come from histograms */
    struct figure *items;          /* an array that grows */
    size_t count;
    size_t capacity;
    struct summary_days **days; /* by scope */
    size_t day_count;
    size_t day_capacity;
};

void figure_list_release(struct figure_list *list);

/* The number of the figure of a row of the summary. */
size_t figure_list_find(struct figure_list *list, const struct summary_row *row);

/* Whether both have sections, of the same kind and number. */
bool figure_is_alike(const struct figure *one, const struct figure *other);

/* The interval around `value`, which is a function of figures that are alike; `evaluate` gives it for one section, NaN
 * where it has no value.
 */
struct sim_interval figure_interval(double value, size_t section_count,
                                    double (*evaluate)(void *context, size_t section), void *context);

/* What changes from a to b. */
struct figure_difference {
    double value;     /* b - a; NaN: one of them has no value */
    double low, high; /* 95 % interval; NaN: none */
    bool is_paired;
    double correlation;    /* of the sections of both, less their trends; NaN: not paired, or one does not vary */
    double variance_ratio; /* how many times more runs it would take without pairs; NaN: not known */
    const char *reason;    /* why value or interval is missing; "" otherwise */
};

/* Days are compared like other sections, but after removing the trend of their differences; what neighbouring days of a
 * month have in common is learnt from all days of the run (days.h).
 *
 * may_pair: section i of both met the same random numbers, or sections were drawn in pairs in some other way. Without
 * pairs the runs count as independent, and the half widths of both intervals are added as squares.
 */
struct figure_difference figure_difference(const struct figure *a, const struct figure *b, bool may_pair);

#endif
