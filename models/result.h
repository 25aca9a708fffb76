/* result.h - what a run leaves: totals, histograms and series, all integers.
 *
 * A run is cut into blocks. Block 0 is the warm-up [0, warm_up), which the audit counts and the metrics leave out;
 * the window [warm_up, duration) is one block when there are several replications, and up to 30 equal ones when
 * there is only one, so that it can be judged by batch means. A request belongs to the block of its arrival, container
 * seconds to the block in which they pass. Every figure of a report is computed from sums over blocks.
 *
 * Live or loaded from a trace, a result is the same thing; analysis sees nothing else of a run.
 */
#ifndef MODELS_RESULT_H
#define MODELS_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/config.h"
#include "models/saturation.h"
#include "sim/error.h"
#include "sim/field.h"
#include "sim/histogram_pack.h"
#include "sim/integer.h"
#include "sim/state.h"
#include "sim/time.h"

/* What has become of a request. */
enum request_outcome {
    OUTCOME_IN_FLIGHT, /* neither of the others when the run ended */
    OUTCOME_COMPLETED,
    OUTCOME_FAILED,    /* its last attempt failed */
    OUTCOME_TIMED_OUT, /* its client gave up, or its last attempt exceeded the platform's timeout */
    OUTCOME_REJECTED,  /* refused on arrival */
    OUTCOME_COUNT
};

/* Durations that are kept as histograms, in nanoseconds; the real-time factor in 1e-9. */
enum tally_duration {
    DURATION_LATENCY, /* arrival to last byte as the client sees it */
    DURATION_WAIT,    /* arrival to start of service */
    DURATION_TTFT,    /* arrival to first token or byte */
    DURATION_TPOT,    /* time per output token after the first */
    DURATION_RTF,     /* latency / seconds of audio */
    DURATION_TURN,    /* of sessions: begin of a turn to its answer, inside the container */
    DURATION_COUNT
};

/* The requests of one class of one workload that arrived in one block. */
struct request_tally {
    int64_t arrived;
    int64_t outcomes[OUTCOME_COUNT];
    int64_t attempts;
    int64_t cold;          /* completed ones whose container became ready after they arrived */
    int64_t within_limits; /* completed ones that kept every limit of the slo rows that concern them */
    int64_t input_tokens;  /* of completed requests, like the rest */
    int64_t output_tokens;
    int64_t turns; /* that sessions ended, like their tokens also those of sessions that go on */
};

enum container_state {
    CONTAINER_STARTING,
    CONTAINER_BUSY,
    CONTAINER_IDLE,
    CONTAINER_DRAINING,
    CONTAINER_STATE_COUNT
};

/* How a container came up. */
enum container_start {
    STARTED_WARM,
    STARTED_FULL,
    STARTED_RESTORED,
    STARTED_FALLEN_BACK,
    CONTAINER_START_COUNT
};

/* What happened in one pool during one block. Integrals are in units x ns. */
struct pool_tally {
    sim_int128 state_ns[CONTAINER_STATE_COUNT]; /* container time in each state */
    sim_int128 unbilled_ns;                     /* part of starting that is not billed */
    sim_int128 cost[CONTAINER_STATE_COUNT];     /* billed time in each state x its price: picodollars per hour x ns */
    sim_int128 served_ns[SERVED_MAX]; /* container time with other GPUs than the requested one, by item of served_by */
    sim_int128 queue_integral;
    sim_int128 inputs_integral;     /* requests inside containers */
    sim_int128 ready_slot_integral; /* max_inputs x ready containers */
    sim_int128 batch_integral;      /* requests in the main stage */
    sim_int128 main_busy_ns;        /* container time with at least one request in the main stage */
    sim_int128 kv_integral;         /* tokens cached in key-value memory */
    sim_int128 lost_ns;             /* time inside of attempts that came to nothing, less what checkpoints kept */
    sim_int128 memory_integral;     /* bytes of GPU memory that models and requests take, in ready containers */
    sim_int128 memory_room;         /* bytes of GPU memory of ready containers, where it is watched */
    int64_t kv_max;                 /* most tokens cached in one container */
    int64_t queue_max;
    sim_int128 capped_ns;   /* requests waited, and max_containers kept more containers from being started */
    sim_int128 short_ns;    /* the same for want of GPUs under the quota */
    int64_t demand_max;     /* most containers that the requests present needed, when the policy was asked */
    int64_t containers_max; /* starting + ready */
    int64_t starts[CONTAINER_START_COUNT]; /* containers that became ready, by how */
    int64_t snapshots_created;
    int64_t failed_starts;
    int64_t crashes;
    int64_t interruptions;
    int64_t rule_additions; /* decisions of the controller for more containers, and for fewer */
    int64_t rule_removals;
    int64_t out_of_memory;    /* attempts that failed for want of GPU memory */
    int64_t memory_max;       /* most bytes taken in one container */
    int64_t memory_share_max; /* highest share of its memory that a container took, in 1e-9 */
    int64_t preemptions;
    int64_t completed;     /* requests that ended here well in this block, whenever they arrived */
    int64_t output_tokens; /* that they made */
    int64_t migrations;    /* times that new sessions began to move here from another pool */
};

struct result_block {
    sim_time_ns from_ns;
    sim_time_ns to_ns;
    struct request_tally *requests;                         /* by class, counted through all workloads */
    struct sim_histogram_pack (*durations)[DURATION_COUNT]; /* by class, of completed requests */
    struct pool_tally *pools;
    double *expected; /* by workload: arrivals that its rate lets expect (rate.h), in days and months, about so many in
                         one that was cut short; else 0 */
    double *expected_peak; /* by workload: of these the most in one hour, per second */
};

/* One row per interval, pool and replication; integrals over the interval. */
struct series_row {
    int32_t replication;
    int32_t pool;
    sim_time_ns from_ns;
    sim_time_ns to_ns;
    int64_t arrived;
    int64_t completed;
    double queue_mean;
    double running_mean; /* requests inside containers */
    double starting_mean;
    double busy_mean;
    double idle_mean;
    double draining_mean;
    double cost_usd;
};

struct request_row {
    int32_t replication;
    int32_t class_index; /* through all workloads */
    int32_t pool;
    int32_t container; /* life number of the last attempt's; -1: never started */
    int32_t tries;
    int32_t outcome;
    uint8_t is_cold;
    uint8_t is_counted; /* arrived in the window */
    int32_t weight;     /* requests that this row stands for */
    int32_t input_tokens;
    int32_t output_tokens;
    sim_time_ns arrival_ns;
    sim_time_ns start_ns; /* of service; -1: never */
    sim_time_ns first_ns; /* first output; -1: never */
    sim_time_ns end_ns;   /* last byte, or when it was given up; -1: in flight */
};

struct container_row {
    int32_t replication;
    int32_t pool;
    int32_t container; /* life number, from 0 in each pool */
    int32_t worker_type;
    int32_t how;       /* enum container_start */
    int32_t end_cause; /* enum container_end */
    int32_t gpus;
    int32_t gpu; /* which it got (served_name_number) */
    sim_time_ns requested_ns;
    sim_time_ns allocated_ns; /* -1: never reached, like the following */
    sim_time_ns ready_ns;
    sim_time_ns drain_ns;
    sim_time_ns end_ns;
    int64_t starting_ns; /* seconds of the window by state */
    int64_t busy_ns;
    int64_t idle_ns;
    int64_t draining_ns;
    int64_t unbilled_ns;
    int64_t cost_nusd;
};

enum container_end {
    END_OF_RUN,
    END_RETIRED,
    END_CRASHED,
    END_START_TIMEOUT,
    END_INTERRUPTED,
    END_USED,      /* after its only request */
    END_CANCELLED, /* while it started: it was not wanted any more */
    CONTAINER_END_COUNT
};

struct decision_row {
    int32_t replication;
    int32_t pool;
    int32_t reason; /* enum scaling_reason */
    int32_t rule;   /* that asked for it, from 1 on through all pools; 0: none did */
    int32_t wanted_before;
    int32_t wanted;
    int32_t starting;
    int32_t ready;
    int32_t pending;
    int32_t running;
    sim_time_ns time_ns;
};

enum scaling_reason {
    SCALING_START,   /* containers present at time 0 */
    SCALING_DEMAND,  /* need of the requests pending and running */
    SCALING_BUFFER,  /* the buffer of an active pool */
    SCALING_MINIMUM, /* min_containers */
    SCALING_IDLE,    /* idle for the whole window */
    SCALING_SURPLUS, /* substantially more than wanted */
    SCALING_RULE,    /* a rule of the controller */
    SCALING_REASON_COUNT
};

/* A time in which an alert was active at a level. Who is critical is warned of as well. */
struct alert_row {
    int32_t replication;
    int32_t alert;
    int32_t level;        /* enum alert_level */
    uint8_t is_continued; /* of a span: it began before */
    uint8_t goes_on;      /* it was active when the run, or the span, ended */
    sim_time_ns from_ns;
    sim_time_ns to_ns;
};

/* Tables of the rows' columns, and the names behind their numbers (each list ends with NULL). */
extern const struct sim_field_table request_row_table;
extern const struct sim_field_table container_row_table;
extern const struct sim_field_table decision_row_table;
extern const struct sim_field_table series_row_table;
extern const struct sim_field_table alert_row_table;
extern const char *const outcome_names[];
extern const char *const container_start_names[];
extern const char *const container_end_names[];
extern const char *const scaling_reason_names[];

/* What one replication leaves beside its rows. */
struct replication_result {
    struct result_block *blocks; /* block 0 is the warm-up and may be empty (from = to = 0) */
    size_t block_count;          /* at least 2 */
    size_t class_count;
    struct series_row *series;
    size_t series_count;
    int64_t *bill_nusd;        /* by pool: the bills of the container lives, for the window */
    sim_time_ns *saturated_ns; /* by pool: when it was asked for more than it can serve, to the end; -1: it was not */
    struct saturation_window *windows; /* by window and pool, of a live run */
    size_t window_count;
    struct sim_array alerts;      /* struct alert_row: in order of their ends; of a whole run, of their begins */
    sim_time_ns first_arrival_ns; /* -1: none */
    sim_time_ns last_completion_ns;
    uint64_t event_count;
    bool interrupted;
};

enum run_ending {
    RUN_WHOLE,
    RUN_INTERRUPTED, /* replications, or the end of the only one, are missing */
    RUN_STOPPED      /* as the scenario asks (stop_after): the end of the only one is missing */
};

struct run_result {
    const struct world_config *config;
    struct replication_result *replications;
    size_t replication_count;
    struct request_row *rows; /* kept requests of all replications in order, if they were kept */
    size_t row_count;
    bool rows_complete; /* every request has its row (weight 1) */
    int32_t ending;     /* enum run_ending */
};

/* Classes of all workloads together. */
size_t result_class_count(const struct world_config *config);

/* The number of a class counted through all workloads. */
size_t result_class_index(const struct world_config *config, size_t workload, size_t class_in_workload);

/* The number of a pool's first rule among those of all pools, and how many there are. */
size_t result_first_rule(const struct world_config *config, size_t pool);
size_t result_rule_count(const struct world_config *config);

/* Puts the alerts of a whole run in order: of their begins, then as in the scenario. */
void replication_result_sort_alerts(struct replication_result *replication);

/* Makes an empty replication of `block_count` blocks; tallies are zero. An empty block takes few hundred bytes. */
void replication_result_init(struct replication_result *replication, const struct world_config *config,
                             size_t block_count);
void replication_result_release(struct replication_result *replication);

/* Adds what `other` counts to a block of the same replication. Exact: the order does not matter. */
void result_block_merge(struct result_block *block, const struct result_block *other,
                        const struct world_config *config);

/* The window ends at `end_ns`, after the warm-up: blocks beyond it, in which nothing has been counted, are left out. */
void replication_result_truncate(struct replication_result *replication, const struct world_config *config,
                                 sim_time_ns end_ns);

/* Adds what a later span of the same replication counts; both have the same blocks. */
void replication_result_merge(struct replication_result *replication, const struct replication_result *later,
                              const struct world_config *config);

/* Appends the replication to `bytes`, an array of 1-byte items. The form is that of this machine and version. */
void replication_result_save(const struct replication_result *replication, const struct world_config *config,
                             struct sim_array *bytes);

/* Makes a replication from what replication_result_save wrote for the same configuration. SIM_BAD_INPUT if the bytes
 * are cut, too many, or belong to something else; there is then nothing to release.
 */
SIM_MUST_USE enum sim_status replication_result_load(struct replication_result *replication,
                                                     const struct world_config *config, const void *bytes, size_t size,
                                                     struct sim_error *error);

/* Adds what `other` counts to `tally`. */
void request_tally_merge(struct request_tally *tally, const struct request_tally *other);
void pool_tally_merge(struct pool_tally *tally, const struct pool_tally *other);

struct run_result *run_result_create(const struct world_config *config, size_t replication_count);
void run_result_destroy(struct run_result *result);

#endif
