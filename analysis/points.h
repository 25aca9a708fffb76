/* points.h - the variants of one scenario that `--vary` asks for, and work that is done for each of several things.
 *
 * All points share the scenario's seed and numbers of replications, so they meet the same requests: their differences
 * owe little to chance (common random numbers).
 */
#ifndef ANALYSIS_POINTS_H
#define ANALYSIS_POINTS_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/progress.h"
#include "analysis/vary.h"
#include "scenarios/scenario.h"

struct point {
    size_t index;
    const struct vary_value *values; /* one per path */
};

struct points {
    const char *path; /* of the scenario; borrowed, like the settings */
    const char *const *settings;
    size_t setting_count;
    struct vary vary;
    struct point *items;
    size_t count; /* at least 1 */
    struct sim_arena *arena;
};

struct points_request {
    const char *path;
    const char *const *settings; /* PATH=VALUE, before what is varied */
    size_t setting_count;
    const char *const *vary; /* arguments of --vary, at least one */
    size_t vary_count;
    size_t sobol; /* so many points of a Sobol sequence; 0: the grid */
};

/* Makes the list of points. Every value is tried once: one that could not be right in any combination is a problem here
 * (no such key, wrong kind, out of range). The problems belong to the caller, who initialised them; the points live as
 * long as the list. False after problems.
 */
bool points_create(struct points *points, const struct points_request *request, struct diagnostic_list *problems);

/* Loads one point. SIM_BAD_INPUT with the reasons in `problems`, which the caller has initialised: the values do not go
 * together. To be called from any thread.
 */
SIM_MUST_USE enum sim_status points_load(const struct points *points, size_t index, struct scenario **scenario,
                                         struct diagnostic_list *problems);

/* Why something could not be loaded: the first problem. */
const char *points_reason(const struct diagnostic_list *problems);

/* "max_inputs=8, scaledown_window=60 s" into `name`: what tells a point from the others, with as much of the paths as
 * it takes to tell them apart; cut where it does not fit.
 */
void points_name(const struct points *points, size_t index, char *name, size_t size);

/* ---- Several things at once ---- */

struct points_work {
    size_t count;
    unsigned jobs;             /* threads; 0: as many as there are processors */
    const volatile bool *stop; /* becomes true when nothing more should be begun; NULL: never */
    void *context;
    /* Does number `index`, with `jobs` threads of its own. Called from several threads, each index once. */
    enum sim_status (*each)(void *context, size_t index, unsigned jobs, struct sim_error *error);
    struct progress_count *progress; /* shown how many are done; NULL: nobody looks */
};

/* Does all of it, begun in the order of the index. Of several failures that of the lowest index is reported; after one,
 * or a stop (SIM_INTERRUPTED), nothing more is begun.
 */
SIM_MUST_USE enum sim_status points_do(const struct points_work *work, struct sim_error *error);

#endif
