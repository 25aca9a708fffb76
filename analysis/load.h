/* load.h - what can be said of a scenario before it runs: the load that is offered, what can be served, and what had
 * to be assumed.
 *
 * Capacities are estimates from means: good enough to recognise a pool that cannot keep up.
 */
#ifndef ANALYSIS_LOAD_H
#define ANALYSIS_LOAD_H

#include "analysis/note.h"
#include "models/config.h"

#define LOAD_UNLIMITED INT64_MAX

/* Share of a workload's requests that come to the pool, before any migration. */
double load_share(const struct workload_config *workload, size_t pool);

/* Requests per second that arrive at a pool, on average over the run; NaN where the scenario does not say (traces,
 * closed loops, bursts). */
double load_offered(const struct world_config *config, size_t pool);

/* Requests per second that one container of the pool serves at most, for the pool's mix of classes. Infinity where
 * requests take no time; NaN where nobody uses the pool.
 */
double load_container_capacity(const struct world_config *config, size_t pool);

/* Most containers under every cap: max_containers, or min_containers of a fixed pool without rules, and the quota of
 * GPUs, as they are at a time. LOAD_UNLIMITED: there is no cap.
 */
int64_t load_containers(const struct world_config *config, size_t pool, sim_time_ns time_ns);

/* The offered load of a pool hour by hour, for pools of which load_offered knows it, against what its containers can
 * serve as the caps are when the hour begins.
 */
struct load_course {
    double peak_rps;          /* of the busiest hour */
    sim_time_ns peak_ns;      /* when that hour begins */
    int64_t containers_least; /* caps: the lowest and the highest */
    int64_t containers_most;
    sim_time_ns first_above_ns; /* begin of the first hour with more load than that; SIM_TIME_NEVER: there is none */
    double share_above;         /* of the run's time */
};

/* container_rps: what one container can serve. */
struct load_course load_course(const struct world_config *config, size_t pool, double container_rps);

/* Adds what a reader of the results has to know: load against capacity, use beyond what was measured, inferred rules.
 */
void load_notes(const struct world_config *config, struct note_list *notes);

/* Requests that the whole scenario is expected to make, over all replications: for choosing what to keep. An upper
 * estimate where they are not known, as for traces, whose rows are guessed from the size of the file.
 */
double load_expected_requests(const struct world_config *config, int64_t replications);

#endif
