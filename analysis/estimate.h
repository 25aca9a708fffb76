/* estimate.h - one figure with its 95 % interval, or the reason why it has none.
 *
 * The value comes from everything pooled, the interval from the spread of sections: the replications, or the blocks
 * of the window where there is one replication (sim/interval.h). So every metric is treated in the same way, and
 * requests, which depend on each other, are never counted as independent. Quantities that cannot be negative have
 * intervals cut at 0, ratios that cannot exceed 1 are cut there.
 */
#ifndef ANALYSIS_ESTIMATE_H
#define ANALYSIS_ESTIMATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/metric.h"

struct estimate {
    double value;     /* NaN: none, or withheld */
    double low, high; /* ends of the interval; NaN: none */
    double lag_1;   /* correlation of neighbouring blocks, of days without their trend; NaN with several replications */
    uint64_t count; /* requests behind the value; sections where it does not come from single requests */
    bool is_unfinished; /* the value is missing because requests did not complete: worse than any limit */
    char reason[96];    /* why value or interval is missing; "" when both are there */
};

/* How sure a figure is whose sections follow a trend (days.h). */
struct estimate_spread {
    double half_width; /* NaN: too few sections with a value */
    double lag_1;
};

/* The interval of a percentile (sections.h). */
struct estimate_ends {
    double low, high; /* NaN: none, one section or too little of the tail is independent */
};

/* What is known about the run beside the figures. */
struct estimate_basis {
    const struct estimate_ends *ends;     /* of percentiles, in place of the spread of the values; NULL: none */
    const struct estimate_spread *spread; /* stands in for the spread of the values; NULL: they have no trend */
    bool is_batched;                      /* sections are blocks of one replication, in order of time */
    bool is_shared;                       /* a pool of which some requests may have been served in another */
    bool is_saturated;                    /* a pool behind the scope passed its limits */
    bool has_arrivals;                    /* requests arrived in the window */
    double in_flight_share;               /* of the counted requests */
};

/* More in-flight requests than this share bias what is known of the completed ones. */
#define ESTIMATE_IN_FLIGHT_LIMIT 0.01

/* value: of all sections pooled; count: requests behind it; values: one per section, NaN where it has none. */
struct estimate estimate_make(const struct metric *metric, double value, uint64_t count, const double *values,
                              size_t section_count, const struct estimate_basis *basis);

#endif
