/* tune_internal.h - what the files tune*.c share: a search that goes on. */
#ifndef ANALYSIS_TUNE_INTERNAL_H
#define ANALYSIS_TUNE_INTERNAL_H

#include <pthread.h>

#include "analysis/tune.h"

/* The runs that a series is made of. */
enum tune_kind {
    TUNE_KIND_SHORT,
    TUNE_KIND_GUIDE,
    TUNE_KIND_WHOLE
};

struct tune_search {
    struct tune *tune;
    const struct tune_watch *watch;
    size_t replication_max;
    bool has_readings;
    bool has_whole_readings;
    const char *const *settings; /* of the scenario's own setting */
    size_t setting_count;
    struct scenario **loaded; /* by item; NULL: not now */
    size_t *order;            /* points that may be the best, by their bounds */
    size_t order_count;
    size_t entered; /* of these, from the front */
    size_t guide;   /* the lowest of those that are shown to keep the limits; TUNE_NOBODY: none yet */
    size_t guides;  /* that were tried */
    pthread_mutex_t lock;
    const char *stage;
    size_t finished;
    size_t wanted;
};

/* Replications of a point that are to be run. */
struct tune_want {
    size_t point;
    size_t count; /* more */
};

struct tune_series *tune_work_series(struct tune_point *point, enum tune_kind kind);

/* Runs them, and adds their values to the series; a point that is saturated or has no value gets that fate. What runs
 * report; SIM_INTERRUPTED after a stop, with what was finished.
 */
SIM_MUST_USE enum sim_status tune_work_run(struct tune_search *search, enum tune_kind kind, const char *stage,
                                           const struct tune_want *wants, size_t count, struct sim_error *error);

/* Forgets the scenario of a point that is not run any more. */
void tune_work_forget(struct tune_search *search, size_t point);

/* What changes over time in a scenario, so that no short run can stand for a whole one; NULL: nothing. */
const char *tune_short_obstacle(const struct world_config *config);

/* Seconds after which a run has forgotten how it began. */
double tune_short_memory_s(const struct world_config *config);

/* The warm-up of `warm_up: auto`, for all points: a pilot for each would take longer than the search. SIM_BAD_INPUT:
 * the run is too short.
 */
SIM_MUST_USE enum sim_status tune_short_warm_up(struct tune *tune, struct sim_error *error);

/* Sets it where it is open. */
void tune_work_warm_up(const struct tune *tune, struct scenario *scenario);

/* Chooses short runs for the points in the order, or says why there are none. */
void tune_short_plan(struct tune_search *search, bool is_wanted);

/* Rejects the points that have not begun and cannot come below the limit. */
void tune_short_drop_dear(struct tune_search *search);

/* Steps 2 and 3 of tune.h. */
SIM_MUST_USE enum sim_status tune_short_run(struct tune_search *search, struct sim_error *error);
SIM_MUST_USE enum sim_status tune_whole_run(struct tune_search *search, struct sim_error *error);

/* Step 4, and what has become of every point; runs the scenario's own setting. */
SIM_MUST_USE enum sim_status tune_answer_find(struct tune_search *search, struct sim_error *error);

/* Step 5. */
SIM_MUST_USE enum sim_status tune_readings_run(struct tune_search *search, struct sim_error *error);

/* A configuration for runs of a kind, one replication each. */
struct world_config tune_work_config(const struct tune *tune, const struct scenario *scenario, enum tune_kind kind);

/* Runs one replication of it: values of all metrics. TUNE_WAITING: all is well. */
SIM_MUST_USE enum sim_status tune_work_replication(const struct tune_search *search, const struct world_config *config,
                                                   size_t replication, unsigned jobs, double *values,
                                                   enum tune_fate *fate, struct sim_error *error);

/* By how much a point misses a limit, in the metric's unit: negative if it does not. */
double tune_answer_excess(const struct tune *tune, const struct tune_series *series, size_t limit);

/* What is known when the search was stopped. */
void tune_answer_stop(struct tune_search *search);

/* Whether a point may still be the best. */
static inline bool tune_is_open(const struct tune_point *point)
{
    return point->fate == TUNE_WAITING;
}

/* The objective and the limited figures in the form that select.h wants: less is better, below the limit is within. */
void tune_work_figures(const struct tune *tune, const double *values, double *objective, double *figures);
double tune_work_limit(const struct tune *tune, size_t limit);
double tune_work_tolerance(const struct tune *tune, size_t limit);

/* Statistics for that share of the error. */
struct select *tune_work_select(const struct tune *tune, double error, size_t first, size_t most);

/* Gives what a series has beyond them to the statistics. */
void tune_work_observe(const struct tune *tune, struct select *select, size_t point, enum tune_kind kind);

#endif
