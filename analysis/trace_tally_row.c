/* trace_tally_row.c - columns of the tables of sums. */
#include "analysis/trace_tally_row.h"

#define COLUMN_AT(place, key, kind, unit_text, help_text)                                                    \
    {                                                                                                        \
        .name = (key), .type = SIM_FIELD_##kind, .offset = (place), .unit = (unit_text), .help = (help_text) \
    }
#define COLUMN(owner, member, key, kind, unit_text, help_text) \
    COLUMN_AT(offsetof(struct owner, member), key, kind, unit_text, help_text)
#define HALF(owner, member, half) (offsetof(struct owner, member) + offsetof(struct tally_wide, half))
#define WIDE(owner, member, key, unit_text, help_text)                                                \
    COLUMN_AT(HALF(owner, member, high), key "_high", INT64, unit_text, help_text ": upper 64 bits"), \
        COLUMN_AT(HALF(owner, member, low), key "_low", INT64, unit_text, help_text ": lower 64 bits, without a sign")
#define PLACE(owner, item_name, item_help)                                                           \
    COLUMN(owner, place.replication, "replication", INT32, "", "number of the replication, from 0"), \
        COLUMN(owner, place.block, "block", INT32, "", "number of the block; 0 is the warm-up"),     \
        COLUMN(owner, place.item, item_name, INT32, "", item_help),                                  \
        COLUMN(owner, place.from_ns, "from_ns", TIME, "ns", "begin of the block"),                   \
        COLUMN(owner, place.to_ns, "to_ns", TIME, "ns", "end of the block")
#define ROW_TABLE(variable, item_name, owner, columns)                                                \
    const struct sim_field_table variable = {item_name, columns, sizeof(columns) / sizeof *(columns), \
                                             sizeof(struct owner)}

static const char *const duration_names[] = {"latency", "wait", "ttft", "tpot", "rtf", "turn", NULL};

#define DURATION(owner)                                                                                       \
    {                                                                                                         \
        .name = "duration", .type = SIM_FIELD_CHOICE, .offset = offsetof(struct owner, duration), .unit = "", \
        .help = "which duration; rtf in units of 1e-9", .choices = duration_names                             \
    }

static const struct sim_field replication_columns[] = {
    COLUMN(tally_replication_row, replication, "replication", INT32, "", "number of the replication, from 0"),
    COLUMN(tally_replication_row, block_count, "block_count", INT32, "", "blocks, the warm-up included"),
    COLUMN(tally_replication_row, first_arrival_ns, "first_arrival_ns", TIME, "ns", "first arrival; -1: none"),
    COLUMN(tally_replication_row, last_completion_ns, "last_completion_ns", TIME, "ns", "last completion; -1: none"),
    COLUMN(tally_replication_row, event_count, "event_count", INT64, "", "events handled"),
};
ROW_TABLE(tally_replication_table, "replications", tally_replication_row, replication_columns);

static const struct sim_field bill_columns[] = {
    COLUMN(tally_bill_row, replication, "replication", INT32, "", "number of the replication, from 0"),
    COLUMN(tally_bill_row, pool, "pool", INT32, "", "pool"),
    COLUMN(tally_bill_row, bill_nusd, "bill_nusd", INT64, "1e-9 USD", "bills of the container lives, for the window"),
    COLUMN(tally_bill_row, saturated_ns, "saturated_ns", TIME, "ns", "when the pool became saturated; -1: never"),
};
ROW_TABLE(tally_bill_table, "bills", tally_bill_row, bill_columns);

static const struct sim_field request_columns[] = {
    PLACE(tally_request_row, "class", "class, counted through all workloads"),
    COLUMN(tally_request_row, arrived, "arrived", INT64, "", "requests that arrived"),
    COLUMN(tally_request_row, outcomes[OUTCOME_IN_FLIGHT], "in_flight", INT64, "", "of these, unfinished at the end"),
    COLUMN(tally_request_row, outcomes[OUTCOME_COMPLETED], "completed", INT64, "", "of these, answered"),
    COLUMN(tally_request_row, outcomes[OUTCOME_FAILED], "failed", INT64, "", "of these, failed"),
    COLUMN(tally_request_row, outcomes[OUTCOME_TIMED_OUT], "timed_out", INT64, "", "of these, given up"),
    COLUMN(tally_request_row, outcomes[OUTCOME_REJECTED], "rejected", INT64, "", "of these, refused"),
    COLUMN(tally_request_row, attempts, "attempts", INT64, "", "attempts to serve them"),
    COLUMN(tally_request_row, cold, "cold", INT64, "", "completed ones that waited for a start"),
    COLUMN(tally_request_row, within_limits, "within_limits", INT64, "", "completed ones that kept all limits"),
    COLUMN(tally_request_row, input_tokens, "input_tokens", INT64, "token", "of completed requests"),
    COLUMN(tally_request_row, output_tokens, "output_tokens", INT64, "token", "of completed requests"),
    COLUMN(tally_request_row, turns, "turns", INT64, "", "turns of sessions that ended"),
    COLUMN(tally_request_row, expected, "expected", DOUBLE, "",
           "arrivals that the workload's rate lets expect, in days and months; else 0"),
    COLUMN(tally_request_row, expected_peak, "expected_peak", DOUBLE, "1/s", "the most of them in one hour"),
};
ROW_TABLE(tally_request_table, "requests", tally_request_row, request_columns);

static const struct sim_field pool_columns[] = {
    PLACE(tally_pool_row, "pool", "pool"),
    WIDE(tally_pool_row, state_ns[CONTAINER_STARTING], "starting_ns", "ns", "container time starting"),
    WIDE(tally_pool_row, state_ns[CONTAINER_BUSY], "busy_ns", "ns", "container time busy"),
    WIDE(tally_pool_row, state_ns[CONTAINER_IDLE], "idle_ns", "ns", "container time idle"),
    WIDE(tally_pool_row, state_ns[CONTAINER_DRAINING], "draining_ns", "ns", "container time draining"),
    WIDE(tally_pool_row, unbilled_ns, "unbilled_ns", "ns", "part of starting that is not billed"),
    WIDE(tally_pool_row, cost[CONTAINER_STARTING], "starting_cost", "1e-12 USD/h ns", "billed time starting x price"),
    WIDE(tally_pool_row, cost[CONTAINER_BUSY], "busy_cost", "1e-12 USD/h ns", "billed time busy x price"),
    WIDE(tally_pool_row, cost[CONTAINER_IDLE], "idle_cost", "1e-12 USD/h ns", "billed time idle x price"),
    WIDE(tally_pool_row, cost[CONTAINER_DRAINING], "draining_cost", "1e-12 USD/h ns", "billed time draining x price"),
    WIDE(tally_pool_row, served_ns[0], "served_1_ns", "ns", "container time with the first of the other GPUs"),
    WIDE(tally_pool_row, served_ns[1], "served_2_ns", "ns", "with the second"),
    WIDE(tally_pool_row, served_ns[2], "served_3_ns", "ns", "with the third"),
    WIDE(tally_pool_row, served_ns[3], "served_4_ns", "ns", "with the fourth"),
    WIDE(tally_pool_row, queue_integral, "queue_integral", "ns", "waiting requests x time"),
    WIDE(tally_pool_row, inputs_integral, "inputs_integral", "ns", "requests inside x time"),
    WIDE(tally_pool_row, ready_slot_integral, "ready_slot_integral", "ns", "slots of ready containers x time"),
    WIDE(tally_pool_row, batch_integral, "batch_integral", "ns", "requests in the main stage x time"),
    WIDE(tally_pool_row, main_busy_ns, "main_busy_ns", "ns", "container time with the main stage busy"),
    WIDE(tally_pool_row, kv_integral, "kv_integral", "token ns", "tokens cached x time"),
    WIDE(tally_pool_row, capped_ns, "capped_ns", "ns", "time in which requests waited and max_containers held"),
    WIDE(tally_pool_row, short_ns, "short_ns", "ns", "time in which requests waited for want of GPUs under the quota"),
    COLUMN(tally_pool_row, demand_max, "demand_max", INT64, "", "most containers that the requests present needed"),
    COLUMN(tally_pool_row, kv_max, "kv_max", INT64, "token", "most tokens cached in one container"),
    COLUMN(tally_pool_row, queue_max, "queue_max", INT64, "", "most requests waiting"),
    COLUMN(tally_pool_row, containers_max, "containers_max", INT64, "", "most containers starting and ready"),
    COLUMN(tally_pool_row, starts[STARTED_WARM], "present", INT64, "", "containers present at time 0"),
    COLUMN(tally_pool_row, starts[STARTED_FULL], "full_starts", INT64, "", "full starts"),
    COLUMN(tally_pool_row, starts[STARTED_RESTORED], "restores", INT64, "", "starts from a snapshot"),
    COLUMN(tally_pool_row, starts[STARTED_FALLEN_BACK], "fallen_back", INT64, "", "full starts after failed restores"),
    COLUMN(tally_pool_row, snapshots_created, "snapshots_created", INT64, "", "snapshots created"),
    COLUMN(tally_pool_row, failed_starts, "failed_starts", INT64, "", "starts that failed"),
    COLUMN(tally_pool_row, crashes, "crashes", INT64, "", "crashes"),
    COLUMN(tally_pool_row, interruptions, "interruptions", INT64, "", "interruptions by the provider"),
    WIDE(tally_pool_row, lost_ns, "lost_ns", "ns", "time inside of attempts that came to nothing"),
    COLUMN(tally_pool_row, rule_additions, "rule_additions", INT64, "", "decisions of rules for more containers"),
    COLUMN(tally_pool_row, rule_removals, "rule_removals", INT64, "", "decisions of rules for fewer"),
    COLUMN(tally_pool_row, out_of_memory, "out_of_memory", INT64, "", "attempts that failed for want of GPU memory"),
    WIDE(tally_pool_row, memory_integral, "memory_integral", "byte ns", "GPU memory taken in ready containers x time"),
    WIDE(tally_pool_row, memory_room, "memory_room", "byte ns", "GPU memory of ready containers x time, if watched"),
    COLUMN(tally_pool_row, memory_max, "memory_max", INT64, "byte", "most GPU memory taken in one container"),
    COLUMN(tally_pool_row, memory_share_max, "memory_share_max", INT64, "1e-9", "highest share of it"),
    COLUMN(tally_pool_row, preemptions, "preemptions", INT64, "", "requests preempted"),
    COLUMN(tally_pool_row, completed, "completed", INT64, "", "requests that ended well in the block"),
    COLUMN(tally_pool_row, output_tokens, "output_tokens", INT64, "token", "tokens that these made"),
    COLUMN(tally_pool_row, migrations, "migrations", INT64, "", "times that new sessions began to move here"),
};
ROW_TABLE(tally_pool_table, "pools", tally_pool_row, pool_columns);

static const struct sim_field duration_columns[] = {
    PLACE(tally_duration_row, "class", "class, counted through all workloads"),
    DURATION(tally_duration_row),
    COLUMN(tally_duration_row, count, "count", INT64, "", "values"),
    WIDE(tally_duration_row, sum, "sum", "ns", "their sum"),
    COLUMN(tally_duration_row, minimum, "minimum", INT64, "ns", "the smallest; -1: none"),
    COLUMN(tally_duration_row, maximum, "maximum", INT64, "ns", "the greatest; -1: none"),
};
ROW_TABLE(tally_duration_table, "durations", tally_duration_row, duration_columns);

static const struct sim_field bucket_columns[] = {
    PLACE(tally_bucket_row, "class", "class, counted through all workloads"),
    DURATION(tally_bucket_row),
    COLUMN(tally_bucket_row, low, "low", INT64, "ns", "least value of the bucket"),
    COLUMN(tally_bucket_row, high, "high", INT64, "ns", "greatest value of the bucket"),
    COLUMN(tally_bucket_row, count, "count", INT64, "", "values in it"),
};
ROW_TABLE(tally_bucket_table, "histograms", tally_bucket_row, bucket_columns);
