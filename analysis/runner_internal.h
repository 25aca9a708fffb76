/* runner_internal.h - what the threads of a run share, and what one of them has at hand.
 *
 *   runner.c   threads, rows, progress, checkpoints, the result
 *   worker.c   one thread's world, from the beginning of a segment to its end
 */
#ifndef ANALYSIS_RUNNER_INTERNAL_H
#define ANALYSIS_RUNNER_INTERNAL_H

#include <pthread.h>

#include "analysis/joints.h"
#include "analysis/relay.h"
#include "analysis/row_queue.h"
#include "analysis/runner.h"
#include "models/world.h"

/* A world's sink passes rows to the lane of its replication. */
struct lane_sink {
    struct row_queue *queue;
    size_t lane;
};

struct runner {
    const struct world_config *config;
    const struct runner_options *options;
    struct row_queue *queue;
    struct lane_sink *sinks; /* by replication */
    struct joints joints;
    struct sim_array months; /* struct month */
    size_t replication_count;
    size_t thread_count;
    bool has_rows; /* worlds are not changed in the middle of a replication: rows of containers know whole lives */
    bool can_guess;

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t change;
    struct relay *relays;     /* by replication */
    struct sim_array *habits; /* int64_t, by replication: of the latest true world */
    size_t working;           /* threads */
    enum sim_status status;   /* of the first replication that failed */
    size_t failed;
    struct sim_error error;
    size_t resumed; /* segments that a checkpoint brought */
    struct sim_error checkpoint_error;
};

/* Under the lock. */
static inline bool runner_is_stopped(const struct runner *runner)
{
    return runner->status != SIM_OK || (runner->options->stop && *runner->options->stop);
}

/* runner.c: blocks as in world_options */
size_t runner_block_count(const struct world_config *config);

/* The world that a thread has at hand, at the end of a segment. */
struct worker {
    struct runner *runner;
    struct world *world; /* NULL: none */
    size_t replication;
    size_t next;             /* the segment that it could go on with */
    struct sim_digest state; /* its fingerprint; it may have come from a wrong guess */
    struct sim_array habits; /* int64_t: what a guess assumes */
};

struct worker worker_begin(struct runner *runner);
void worker_end(struct worker *worker);

/* Simulates a segment that was taken from the relay, and brings it back there. */
SIM_MUST_USE enum sim_status worker_run_segment(struct worker *worker, size_t replication, size_t index,
                                                enum relay_claim claim, struct sim_error *error);

/* A replication that nobody simulates any more: what it has counted ends at its last joint. */
SIM_MUST_USE enum sim_status worker_cut_at_joint(struct worker *worker, size_t replication, struct sim_error *error);

#endif
