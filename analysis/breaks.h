/* breaks.h - the first month in which a limit, a quota or the budget is not enough, and about what would have been.
 *
 * For every slo row, judged by month; for the budget of the scenario and of each pool; for max_containers and the quota
 * of GPUs, as soon as requests wait in a month because of them; and for saturation. A partial month is judged as it is,
 * and its cost against the whole budget.
 *
 * What would have been enough is an estimate from the same run, not a simulated result. Where the busiest hour of the
 * month, by the rates, asks for more containers than the pool had: its requests x the time that a request held a slot,
 * at target_inputs per container; a buffer comes on top. Else what the requests present needed at the worst moment.
 * Where the scenario says nothing of rates and the pool is saturated, its busy containers x requests that arrived /
 * requests it answered: not less than this. For a budget it is the cost of the month.
 */
#ifndef ANALYSIS_BREAKS_H
#define ANALYSIS_BREAKS_H

#include "analysis/summary.h"

struct break_found {
    const char *kind; /* "slo", "budget", "max_containers", "quota", "saturated" */
    const char *scope;
    const char *metric; /* of an slo; else what value, limit and enough are: "cost_usd", "containers", "gpus" */
    const char *unit;   /* of value and limit */
    const char *month;  /* "2026-03" */
    double value;       /* NaN: none; of a cap the most that was needed */
    double limit;       /* NaN: none; of a cap the most containers or GPUs that the pool had */
    double enough;      /* containers, GPUs or dollars; NaN: not known */
    const char *how;    /* where `enough` comes from; "" if it is not known */
};

/* In the order above; nothing for a run that is not told by month. Texts belong to the summary and its configuration.
 */
void breaks_find(const struct summary *summary, const struct samples *samples, struct sim_array *breaks);

#endif
