/* metric.h - the list of metrics: name, unit, where each exists, and how it is computed.
 *
 * A metric is computed from a cell: sums over all blocks of a run for its value, over one section for its spread.
 * Totals (counts, money, hours) are those of one run of the scenario: over several replications their mean, over a
 * block what a whole window at that pace would give. Names are used whole everywhere.
 */
#ifndef ANALYSIS_METRIC_H
#define ANALYSIS_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/cell.h"

enum metric_kind {
    METRIC_MEAN,       /* means, shares, rates and totals */
    METRIC_OF_LATENCY, /* means of durations: lack the requests still in flight */
    METRIC_PERCENTILE,
    METRIC_MAXIMUM,  /* of everything seen; has no interval */
    METRIC_WHOLE_RUN /* exists for whole replications only, not for blocks */
};

struct metric {
    const char *name;
    const char *unit; /* "s", "USD", "1/s", "ratio", "GPU h"; "" for counts */
    const char *help; /* one line */
    unsigned scopes;  /* bits 1 << enum scope_kind */
    enum metric_kind kind;
    enum tally_duration duration; /* of latency metrics, means and maxima */
    double share;                 /* of percentiles */
    int part;                     /* outcome, or container state, where the function takes one */
    /* Whether it makes sense in a scope of this scenario; NULL: always. */
    bool (*applies)(const struct world_config *config, const struct scope *scope);
    /* NaN: no value. */
    double (*value)(const struct metric *metric, struct cell *cell);
    /* How many requests the value comes from; NULL: it does not come from single requests. */
    uint64_t (*count)(const struct metric *metric, const struct cell *cell);
};

/* All metrics, in the order in which they are shown. */
const struct metric *metric_list(size_t *count);

/* Whether the metric exists in the scope. */
bool metric_applies(const struct metric *metric, const struct world_config *config, const struct scope *scope);

/* The metric called `name`, whole or without its unit at the end where that means one metric only (`latency_p95`).
 * NULL if there is none.
 */
const struct metric *metric_find(const char *name);

/* The name that was probably meant; NULL: none is near. */
const char *metric_nearest(const char *name);

#endif
