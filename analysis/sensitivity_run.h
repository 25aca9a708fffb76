/* sensitivity_run.h - a scenario under every other reading of what is not published, one at a time, and under those
 * together that raise or lower a figure most. Runs meet the same callers, so differences are taken pair by pair.
 */
#ifndef ANALYSIS_SENSITIVITY_RUN_H
#define ANALYSIS_SENSITIVITY_RUN_H

#include "analysis/points.h"
#include "analysis/sensitivity_sample.h"

enum {
    SENSITIVITY_TOGETHER = 2 * SENSITIVITY_FIGURES /* highest and lowest of each figure */
};

struct sensitivity_case {
    const struct sensitivity_reading *const *readings;
    size_t reading_count; /* 1, or those that are read so together */
    size_t figure;        /* of several: which they move most, */
    bool is_rise;         /* and to which side */
    bool is_done;
    struct sensitivity_change figures[SENSITIVITY_FIGURES];
};

struct sensitivity_run {
    struct sensitivity_list list;
    const struct summary *base; /* the scenario as it is */
    const struct metric *metrics[SENSITIVITY_FIGURES];
    struct sensitivity_change figures[SENSITIVITY_FIGURES]; /* of the base itself */
    struct sensitivity_case *cases;                         /* one for each reading, in the order of the list */
    struct sensitivity_case together[SENSITIVITY_TOGETHER];
    size_t together_count;
    bool is_whole; /* nothing was left out by a stop */
};

struct sensitivity_request {
    struct sensitivity_subject subject;
    const struct summary *base; /* of the subject without readings, with percentiles from histograms; borrowed */
    unsigned jobs;
    const volatile bool *stop;
    bool is_quiet;
};

/* Runs all of them. SIM_OK also after a stop, with what was finished until then. To be released whatever is returned.
 */
SIM_MUST_USE enum sim_status sensitivity_run_create(struct sensitivity_run *run,
                                                    const struct sensitivity_request *request, struct sim_error *error);
void sensitivity_run_release(struct sensitivity_run *run);

/* "dispatch_order=random, tick=5 s" into `name`, cut where it does not fit. */
void sensitivity_run_name(const struct sensitivity_case *one, char *name, size_t size);

/* The lowest and highest value of a figure under one reading at a time, the scenario's own among them, and the case of
 * each; NULL: the scenario itself.
 */
struct sensitivity_band {
    double low, high;
    const struct sensitivity_case *lowest, *highest;
};

struct sensitivity_band sensitivity_run_band(const struct sensitivity_run *run, size_t figure);

#endif
