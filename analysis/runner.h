/* runner.h - runs the replications of a scenario. The only file that starts worlds.
 *
 * Replications run on several threads and are put in order, and long ones are cut into segments that run on several
 * threads (analysis/relay.h), so nothing depends on the number of threads. Every finished replication is audited.
 */
#ifndef ANALYSIS_RUNNER_H
#define ANALYSIS_RUNNER_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/checkpoint.h"
#include "models/result.h"
#include "sim/error.h"

/* Who gets the rows: called in the caller's thread, in the order of the replications; any function may be NULL. A
 * status that is not SIM_OK ends the run with it.
 */
struct runner_consumer {
    void *context;
    enum sim_status (*requests)(void *context, const struct request_row *rows, size_t count, struct sim_error *error);
    enum sim_status (*containers)(void *context, const struct container_row *rows, size_t count,
                                  struct sim_error *error);
    enum sim_status (*decisions)(void *context, const struct decision_row *rows, size_t count, struct sim_error *error);
};

struct runner_progress {
    double share;      /* of the work of all replications, 0 to 1 */
    uint64_t requests; /* that have arrived in them */
    size_t finished;   /* replications */
    size_t replication_count;
    sim_time_ns now_ns; /* simulated time of the first replication that is not finished */
    double latency_mean_s;
    double latency_half_s; /* half the width of its 95 % interval so far; 0: not known */
};

/* How the work was divided. Says nothing about the result, which does not depend on it. */
struct runner_account {
    size_t threads;
    size_t segments; /* of all replications; simulated at once where that was possible (analysis/relay.h) */
    size_t guessed;  /* of them begun without the past */
    size_t again;    /* of these simulated again, because the past made a difference */
    size_t resumed;  /* segments that a checkpoint brought */
    struct sim_error checkpoint_error; /* why the last checkpoint was not written; status SIM_OK if it was */
};

struct runner_options {
    size_t first_replication; /* number of the first one; 0 unless others were run before */
    unsigned jobs;            /* threads that simulate; 0: as many as there are processors */
    int32_t keep_one_in;      /* requests that become rows: 1 all, n one in n at random, 0 none */
    bool keep_series;
    struct runner_consumer consumer;
    const volatile bool *stop; /* becomes true when the run should end early; NULL: never */
    void (*progress)(void *context, const struct runner_progress *progress); /* several times a second; NULL: nobody */
    void *progress_context;
    const struct checkpoint *checkpoint;                /* NULL: none; else rows and series must not be kept */
    bool (*is_enough)(const struct run_result *so_far); /* asked at the joint after each month of a run without rows, of
                                                         * one replication: true ends it there; NULL: never */
    struct runner_account *account;                     /* filled in; NULL: nobody asks */
};

/* Runs config->replications replications, whose warm-up has been found (analysis/warm_up.h), and makes *result, to be
 * destroyed by the caller; NULL unless SIM_OK is returned. After a stop the result holds the replications that were
 * finished, or the first as far as it had come; SIM_INTERRUPTED if that is not beyond the warm-up. SIM_AUDIT_FAILED;
 * what worlds or the consumer report. Of several failures that of the first replication is reported. A run that
 * is_enough ended is RUN_STOPPED; one that a stop ended RUN_INTERRUPTED. With a checkpoint, it is read before the run,
 * written before the run begins (so that a path that cannot be written is noticed), every few seconds and at the end; a
 * later failure to write it is reported in account and does not end the run.
 */
SIM_MUST_USE enum sim_status runner_run(const struct world_config *config, const struct runner_options *options,
                                        struct run_result **result, struct sim_error *error);

/* Runs one replication of a small world in the caller's thread, as one block, for those who run many of them: starting
 * threads would take longer than the run. Of the consumer only `requests` is called. Audited like any other. *result is
 * to be released by the caller (replication_result_release) if SIM_OK is returned.
 */
SIM_MUST_USE enum sim_status runner_run_one(const struct world_config *config, uint32_t replication,
                                            const struct runner_consumer *consumer, struct replication_result *result,
                                            struct sim_error *error);

/* Blocks that the window is cut into: as months.h says where months apply; otherwise 1 with several replications, which
 * are then the sections, and for bursts, which have no steady state; otherwise 30. sim_time_ns: where they end.
 */
void runner_block_ends(const struct world_config *config, struct sim_array *ends);

/* Intervals of the series: of a length that people use, at most 1,500 of them. */
size_t runner_series_count(sim_time_ns duration_ns);

#endif
