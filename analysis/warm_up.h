/* warm_up.h - how long the beginning is that metrics leave out, where the scenario says `warm_up: auto`.
 *
 * A pilot is run: 10 to 100 replications from time 0, whose containers, requests waiting and requests inside
 * are averaged over the replications, pool by pool and interval by interval. MSER-5 (sim/mser.h) says of each series
 * where it has settled, and the latest of them is the warm-up. Latency needs no series of its own: by Little's law it
 * is what waits and is inside, over the constant rate.
 *
 * The pilot has other replications than the run: a cut chosen from the run's own data would leave out what happens to
 * disturb them, and its intervals would be too narrow. It is as long as the run, since MSER weighs what a cut costs
 * against what it gains, or shorter where five million requests are enough; and it is doubled as long as a quarter of
 * it is not enough. A run of which the warm-up takes more than a quarter is refused. Nothing depends on the number of
 * threads.
 *
 * Where a pool is saturated nothing settles; the warm-up is then 0 and a warning says why.
 */
#ifndef ANALYSIS_WARM_UP_H
#define ANALYSIS_WARM_UP_H

#include <stdbool.h>

#include "analysis/note.h"
#include "scenarios/scenario.h"
#include "sim/error.h"

enum {
    WARM_UP_REPLICATIONS_MIN = 10,
    WARM_UP_REPLICATIONS_MAX = 100,
    WARM_UP_FIRST = 1000000 /* number of the first one; runs have at most 100,000 */
};

struct warm_up_options {
    unsigned jobs;             /* threads; 0: as many as there are processors */
    const volatile bool *stop; /* becomes true when it should end early; NULL: never */
};

/* What a pilot found. */
struct warm_up {
    sim_time_ns warm_up_ns; /* 0 or more */
    sim_time_ns pilot_ns;   /* length of its replications */
    int64_t replications;
    const char *pool;   /* the last to settle, or the one that is saturated; borrowed from the configuration */
    const char *series; /* what of it: "containers", "queue" or "inside"; "": all had settled at 0 */
    bool is_saturated;
};

/* Whether the scenario leaves its warm-up to be found. */
bool warm_up_is_open(const struct world_config *config);

/* Finds it. SIM_BAD_INPUT if the run is too short, and how long it would have to be at least; SIM_INTERRUPTED; what
 * runs report.
 */
SIM_MUST_USE enum sim_status warm_up_find(const struct scenario *scenario, const struct warm_up_options *options,
                                          struct warm_up *found, struct sim_error *error);

/* What is said about it beside the result. */
void warm_up_note(const struct warm_up *found, struct note_list *notes);

/* Before a scenario is run: finds the warm-up of one that leaves it open, sets it (scenario_set_warm_up), and says so
 * in `notes` (NULL: nobody). Others stay as they are.
 */
SIM_MUST_USE enum sim_status warm_up_resolve(struct scenario *scenario, const struct warm_up_options *options,
                                             struct note_list *notes, struct sim_error *error);

#endif
