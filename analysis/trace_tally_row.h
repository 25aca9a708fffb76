/* trace_tally_row.h - rows of the tables of trace_tally.h. */
#ifndef ANALYSIS_TRACE_TALLY_ROW_H
#define ANALYSIS_TRACE_TALLY_ROW_H

#include <stdint.h>

#include "models/result.h"
#include "sim/field.h"

struct tally_replication_row {
    int32_t replication;
    int32_t block_count;
    sim_time_ns first_arrival_ns;
    sim_time_ns last_completion_ns;
    int64_t event_count;
};

struct tally_bill_row {
    int32_t replication;
    int32_t pool;
    int64_t bill_nusd;
    sim_time_ns saturated_ns;
};

/* Where a tally belongs: `item` is a class or a pool. */
struct tally_place {
    int32_t replication;
    int32_t block;
    int32_t item;
    sim_time_ns from_ns;
    sim_time_ns to_ns;
};

struct tally_request_row {
    struct tally_place place;
    int64_t arrived;
    int64_t outcomes[OUTCOME_COUNT];
    int64_t attempts;
    int64_t cold;
    int64_t within_limits;
    int64_t input_tokens;
    int64_t output_tokens;
    int64_t turns;
    double expected; /* of the workload */
    double expected_peak;
};

/* A 128-bit integer as two halves. */
struct tally_wide {
    int64_t high;
    int64_t low;
};

struct tally_pool_row {
    struct tally_place place;
    struct tally_wide state_ns[CONTAINER_STATE_COUNT];
    struct tally_wide unbilled_ns;
    struct tally_wide cost[CONTAINER_STATE_COUNT];
    struct tally_wide served_ns[SERVED_MAX];
    struct tally_wide queue_integral;
    struct tally_wide inputs_integral;
    struct tally_wide ready_slot_integral;
    struct tally_wide batch_integral;
    struct tally_wide main_busy_ns;
    struct tally_wide kv_integral;
    struct tally_wide capped_ns;
    struct tally_wide short_ns;
    int64_t demand_max;
    int64_t kv_max;
    int64_t queue_max;
    int64_t containers_max;
    int64_t starts[CONTAINER_START_COUNT];
    int64_t snapshots_created;
    int64_t failed_starts;
    int64_t crashes;
    int64_t interruptions;
    struct tally_wide lost_ns;
    int64_t rule_additions;
    int64_t rule_removals;
    int64_t out_of_memory;
    struct tally_wide memory_integral;
    struct tally_wide memory_room;
    int64_t memory_max;
    int64_t memory_share_max;
    int64_t preemptions;
    int64_t completed;
    int64_t output_tokens;
    int64_t migrations;
};

struct tally_duration_row {
    struct tally_place place;
    int32_t duration;
    int64_t count;
    struct tally_wide sum;
    int64_t minimum;
    int64_t maximum;
};

struct tally_bucket_row {
    struct tally_place place;
    int32_t duration;
    int64_t low;
    int64_t high;
    int64_t count;
};

extern const struct sim_field_table tally_replication_table;
extern const struct sim_field_table tally_bill_table;
extern const struct sim_field_table tally_request_table;
extern const struct sim_field_table tally_pool_table;
extern const struct sim_field_table tally_duration_table;
extern const struct sim_field_table tally_bucket_table;

#endif
