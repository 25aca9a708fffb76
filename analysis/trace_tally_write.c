/* trace_tally_write.c - walking a result's blocks into tables. */
#include <stdlib.h>

#include "analysis/scope.h"
#include "analysis/trace_config.h"
#include "analysis/trace_tally.h"
#include "analysis/trace_tally_row.h"

static struct tally_wide wide_of(sim_int128 value)
{
    return (struct tally_wide){.high = (int64_t)(value >> 64), .low = (int64_t)(uint64_t)value};
}

static struct tally_place place_of(const struct run_result *result, size_t replication, size_t block, size_t item)
{
    const struct result_block *from = &result->replications[replication].blocks[block];
    return (struct tally_place){(int32_t)replication, (int32_t)block, (int32_t)item, from->from_ns, from->to_ns};
}

static struct tally_request_row request_row_of(struct tally_place place, const struct request_tally *tally)
{
    struct tally_request_row row = {.place = place,
                                    .arrived = tally->arrived,
                                    .attempts = tally->attempts,
                                    .cold = tally->cold,
                                    .within_limits = tally->within_limits,
                                    .input_tokens = tally->input_tokens,
                                    .output_tokens = tally->output_tokens,
                                    .turns = tally->turns};
    for (int i = 0; i < OUTCOME_COUNT; i++)
        row.outcomes[i] = tally->outcomes[i];
    return row;
}

static struct tally_pool_row pool_row_of(struct tally_place place, const struct pool_tally *tally)
{
    struct tally_pool_row row = {.place = place,
                                 .unbilled_ns = wide_of(tally->unbilled_ns),
                                 .queue_integral = wide_of(tally->queue_integral),
                                 .inputs_integral = wide_of(tally->inputs_integral),
                                 .ready_slot_integral = wide_of(tally->ready_slot_integral),
                                 .batch_integral = wide_of(tally->batch_integral),
                                 .main_busy_ns = wide_of(tally->main_busy_ns),
                                 .kv_integral = wide_of(tally->kv_integral),
                                 .capped_ns = wide_of(tally->capped_ns),
                                 .short_ns = wide_of(tally->short_ns),
                                 .demand_max = tally->demand_max,
                                 .kv_max = tally->kv_max,
                                 .queue_max = tally->queue_max,
                                 .containers_max = tally->containers_max,
                                 .snapshots_created = tally->snapshots_created,
                                 .failed_starts = tally->failed_starts,
                                 .crashes = tally->crashes,
                                 .interruptions = tally->interruptions,
                                 .lost_ns = wide_of(tally->lost_ns),
                                 .rule_additions = tally->rule_additions,
                                 .rule_removals = tally->rule_removals,
                                 .out_of_memory = tally->out_of_memory,
                                 .memory_integral = wide_of(tally->memory_integral),
                                 .memory_room = wide_of(tally->memory_room),
                                 .memory_max = tally->memory_max,
                                 .memory_share_max = tally->memory_share_max,
                                 .preemptions = tally->preemptions,
                                 .completed = tally->completed,
                                 .output_tokens = tally->output_tokens,
                                 .migrations = tally->migrations};
    for (int i = 0; i < CONTAINER_STATE_COUNT; i++) {
        row.state_ns[i] = wide_of(tally->state_ns[i]);
        row.cost[i] = wide_of(tally->cost[i]);
    }
    for (int i = 0; i < SERVED_MAX; i++)
        row.served_ns[i] = wide_of(tally->served_ns[i]);
    for (int i = 0; i < CONTAINER_START_COUNT; i++)
        row.starts[i] = tally->starts[i];
    return row;
}

static struct tally_duration_row duration_row_of(struct tally_place place, int duration,
                                                 const struct sim_histogram_pack *pack)
{
    return (struct tally_duration_row){.place = place,
                                       .duration = duration,
                                       .count = (int64_t)pack->count,
                                       .sum = wide_of((sim_int128)pack->sum),
                                       .minimum = sim_histogram_pack_minimum(pack),
                                       .maximum = sim_histogram_pack_maximum(pack)};
}

enum {
    REPLICATIONS,
    BILLS,
    REQUESTS,
    POOLS,
    DURATIONS,
    BUCKETS,
    TABLE_COUNT
};

struct tally_writer {
    struct sim_table_writer *writer;
    const struct run_result *result;
    size_t tables[TABLE_COUNT];
    struct sim_error *error;
};

static enum sim_status add_tables(struct tally_writer *to, struct sim_arena *arena)
{
    const struct {
        const char *name;
        const struct sim_field_table *fields;
    } tables[TABLE_COUNT] = {
        [REPLICATIONS] = {"blocks/replications", &tally_replication_table},
        [BILLS] = {"blocks/bills", &tally_bill_table},
        [REQUESTS] = {"blocks/requests", &tally_request_table},
        [POOLS] = {"blocks/pools", &tally_pool_table},
        [DURATIONS] = {"blocks/durations", &tally_duration_table},
        [BUCKETS] = {"histograms", &tally_bucket_table},
    };
    for (int i = 0; i < TABLE_COUNT; i++) {
        const struct sim_field_table *named = trace_config_named(tables[i].fields, to->result->config, arena);
        enum sim_status status = sim_table_writer_add(to->writer, tables[i].name, named, &to->tables[i], to->error);
        if (status != SIM_OK)
            return status;
    }
    return SIM_OK;
}

static enum sim_status write_row(struct tally_writer *to, int table, const void *row)
{
    return sim_table_writer_append(to->writer, to->tables[table], row, 1, to->error);
}

static enum sim_status write_histogram(struct tally_writer *to, struct tally_place place, int duration,
                                       const struct sim_histogram_pack *pack)
{
    struct tally_duration_row row = duration_row_of(place, duration, pack);
    enum sim_status status = write_row(to, DURATIONS, &row);
    struct sim_histogram_row bucket;
    struct sim_histogram_pack_place walk = {0};
    while (status == SIM_OK && sim_histogram_pack_next(pack, &walk, &bucket)) {
        struct tally_bucket_row row_of_bucket = {.place = place,
                                                 .duration = duration,
                                                 .low = bucket.low,
                                                 .high = bucket.high,
                                                 .count = (int64_t)bucket.count};
        status = write_row(to, BUCKETS, &row_of_bucket);
    }
    return status;
}

static enum sim_status write_class(struct tally_writer *to, size_t replication, size_t block, size_t class_index)
{
    const struct result_block *from = &to->result->replications[replication].blocks[block];
    struct tally_place place = place_of(to->result, replication, block, class_index);
    struct tally_request_row row = request_row_of(place, &from->requests[class_index]);
    row.expected = from->expected[scope_class_workload(to->result->config, class_index)];
    row.expected_peak = from->expected_peak[scope_class_workload(to->result->config, class_index)];
    enum sim_status status = write_row(to, REQUESTS, &row);
    for (int i = 0; i < DURATION_COUNT && status == SIM_OK; i++)
        status = write_histogram(to, place, i, &from->durations[class_index][i]);
    return status;
}

static enum sim_status write_block(struct tally_writer *to, size_t replication, size_t block)
{
    const struct world_config *config = to->result->config;
    const struct result_block *from = &to->result->replications[replication].blocks[block];
    enum sim_status status = SIM_OK;
    for (size_t i = 0; i < result_class_count(config) && status == SIM_OK; i++)
        status = write_class(to, replication, block, i);
    for (size_t i = 0; i < config->pool_count && status == SIM_OK; i++) {
        struct tally_pool_row row = pool_row_of(place_of(to->result, replication, block, i), &from->pools[i]);
        status = write_row(to, POOLS, &row);
    }
    return status;
}

static enum sim_status write_replication(struct tally_writer *to, size_t replication)
{
    const struct replication_result *from = &to->result->replications[replication];
    struct tally_replication_row row = {.replication = (int32_t)replication,
                                        .block_count = (int32_t)from->block_count,
                                        .first_arrival_ns = from->first_arrival_ns,
                                        .last_completion_ns = from->last_completion_ns,
                                        .event_count = (int64_t)from->event_count};
    enum sim_status status = write_row(to, REPLICATIONS, &row);
    for (size_t i = 0; i < to->result->config->pool_count && status == SIM_OK; i++) {
        struct tally_bill_row bill = {(int32_t)replication, (int32_t)i, from->bill_nusd[i], from->saturated_ns[i]};
        status = write_row(to, BILLS, &bill);
    }
    for (size_t block = 0; block < from->block_count && status == SIM_OK; block++)
        status = write_block(to, replication, block);
    return status;
}

enum sim_status trace_tally_write(struct sim_table_writer *writer, const struct run_result *result,
                                  struct sim_arena *arena, struct sim_error *error)
{
    struct tally_writer to = {.writer = writer, .result = result, .error = error};
    enum sim_status status = add_tables(&to, arena);
    for (size_t i = 0; i < result->replication_count && status == SIM_OK; i++)
        status = write_replication(&to, i);
    return status;
}
