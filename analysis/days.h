/* days.h - the days of a run told by month as batches: how sure a figure is that comes from them.
 *
 * Where one replication is cut at every midnight (models/months.h), its days are the batches, after removing the
 * expected rate and the weekday within each month (sim/detrend.h). What neighbouring days have in common is learnt from
 * the whole run, and used for its months too: a month alone has too few days to tell.
 */
#ifndef ANALYSIS_DAYS_H
#define ANALYSIS_DAYS_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/estimate.h"
#include "analysis/scope.h"
#include "models/result.h"
#include "sim/detrend.h"

struct days {
    size_t first_block;
    size_t count;
    struct day {
        double length;   /* share of the scope's span */
        double expected; /* requests per second of the scope; 0 where the scenario does not say */
        int weekday;     /* 0 Monday to 6 Sunday */
        size_t month;    /* counted through the run */
    } * days;
};

/* Whether the blocks of a result end where the calendar says; a run that was interrupted may end earlier. */
bool days_are_blocks(const struct run_result *result);

/* The days of the scope's span, in order. */
struct days days_of(const struct run_result *result, const struct scope *scope);
void days_release(struct days *days);

/* The spread of one metric. values: by day, for the scope's span at that day's pace; requests: behind each of them.
 * `memory` of the whole run is filled if the scope is not a month, and read if it is.
 */
struct estimate_spread days_spread(const struct days *days, const struct scope *scope, const struct metric *metric,
                                   const double *values, const double *requests, struct sim_detrend_memory *memory);

#endif
