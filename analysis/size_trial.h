/* size_trial.h - candidates for a pool, simulated: which is the cheapest that keeps the limits of the scenario?
 *
 * Candidates are taken by a lower bound of their cost: of a fixed pool what its containers cost, else what the load
 * would cost at full use. The first that keeps every limit that concerns the pool ends the search as soon as no other
 * bound is lower. A fixed pool that misses a limit is tried again with one container more.
 */
#ifndef ANALYSIS_SIZE_TRIAL_H
#define ANALYSIS_SIZE_TRIAL_H

#include "analysis/size.h"

enum {
    SIZE_TRIALS_MAX = 40,
    SIZE_TRIAL_LIMITS_MAX = 8
};

enum size_trial_verdict {
    SIZE_TRIAL_FEASIBLE,
    SIZE_TRIAL_MISSED,
    SIZE_TRIAL_IMPOSSIBLE /* not simulated: the profile says nothing of this GPU */
};

struct size_trial {
    const struct size_candidate *candidate;
    int64_t containers; /* of a fixed pool; 0: the platform decides */
    enum size_trial_verdict verdict;
    bool is_clear;                        /* every interval lies on the same side of its limit */
    double usd_per_month;                 /* of the pool, simulated */
    double values[SIZE_TRIAL_LIMITS_MAX]; /* of the limits that concern the pool, in their order */
    size_t value_count;
};

struct size_trial_list {
    struct size_trial *items; /* in the order in which they were run */
    size_t count;
    size_t simulated;
    size_t best; /* number of the cheapest feasible one; SIZE_NONE: none is */
    bool is_cut; /* there were more candidates than SIZE_TRIALS_MAX */
};

/* Whether a limit concerns a pool: its scope has requests that the pool serves. */
bool size_trial_concerns(const struct world_config *config, const struct slo_config *slo, size_t pool);

/* Whether there is anything to be found out: a limit that concerns the pool. */
bool size_trial_has_limits(const struct world_config *config, size_t pool);

/* Runs. `list`: of the pool, borrowed by the result. `stop`: as of runner_options. What runs report; the result is to
 * be released in any case.
 */
SIM_MUST_USE enum sim_status size_trial_run(const struct size_context *context, const struct size_list *list,
                                            unsigned jobs, const volatile bool *stop, struct size_trial_list *trials,
                                            struct sim_error *error);
void size_trial_release(struct size_trial_list *trials);

#endif
