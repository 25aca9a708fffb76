/* trace_tally_read.c - tables back into the blocks of a result. Nothing in them is believed: a trace may be damaged. */
#include <stdlib.h>

#include "analysis/scope.h"
#include "analysis/trace_config.h"
#include "analysis/trace_tally.h"
#include "analysis/trace_tally_row.h"

static sim_int128 wide_value(struct tally_wide wide)
{
    return (sim_int128)((sim_uint128)(uint64_t)wide.high << 64 | (uint64_t)wide.low);
}

struct tally_reader {
    struct sim_table_reader *reader;
    struct run_result *result;
    struct sim_arena *arena;
    struct sim_error *error;
};

static enum sim_status wrong(const struct tally_reader *from, const char *table)
{
    return sim_error_set(from->error, SIM_NOT_A_TRACE, NULL, 0, "its table '%s' contradicts the others", table);
}

static enum sim_status load(const struct tally_reader *from, const char *name, const struct sim_field_table *fields,
                            struct sim_array *rows)
{
    sim_array_init(rows, fields->item_size);
    const struct sim_field_table *named = trace_config_named(fields, from->result->config, from->arena);
    return sim_table_reader_load(from->reader, name, named, rows, from->error);
}

/* ---- Replications and their bills ---- */

static enum sim_status fill_replications(const struct tally_reader *from, const struct tally_replication_row *rows,
                                         size_t count)
{
    struct run_result *result = from->result;
    if (count != result->replication_count)
        return wrong(from, "blocks/replications");
    for (size_t i = 0; i < count; i++) {
        const struct tally_replication_row *row = &rows[i];
        if (row->replication != (int32_t)i || row->block_count < 2 || row->block_count != rows[0].block_count ||
            row->block_count > 100000)
            return wrong(from, "blocks/replications");
        replication_result_init(&result->replications[i], result->config, (size_t)row->block_count);
        result->replications[i].first_arrival_ns = row->first_arrival_ns;
        result->replications[i].last_completion_ns = row->last_completion_ns;
        result->replications[i].event_count = (uint64_t)row->event_count;
    }
    return SIM_OK;
}

static enum sim_status read_replications(const struct tally_reader *from)
{
    struct sim_array rows;
    enum sim_status status = load(from, "blocks/replications", &tally_replication_table, &rows);
    if (status == SIM_OK)
        status = fill_replications(from, rows.items, rows.count);
    sim_array_release(&rows);
    return status;
}

static enum sim_status read_bills(const struct tally_reader *from)
{
    struct sim_array rows;
    enum sim_status status = load(from, "blocks/bills", &tally_bill_table, &rows);
    const struct tally_bill_row *row = rows.items;
    size_t pool_count = from->result->config->pool_count;
    if (status == SIM_OK && rows.count != from->result->replication_count * pool_count)
        status = wrong(from, "blocks/bills");
    for (size_t i = 0; i < rows.count && status == SIM_OK; i++, row++) {
        if (row->replication != (int32_t)(i / pool_count) || row->pool != (int32_t)(i % pool_count))
            status = wrong(from, "blocks/bills");
        else {
            from->result->replications[row->replication].bill_nusd[row->pool] = row->bill_nusd;
            from->result->replications[row->replication].saturated_ns[row->pool] = row->saturated_ns;
        }
    }
    sim_array_release(&rows);
    return status;
}

/* ---- Blocks ---- */

/* The block of a row; NULL if there is none. */
static struct result_block *block_at(const struct tally_reader *from, struct tally_place place)
{
    const struct run_result *result = from->result;
    if (place.replication < 0 || (size_t)place.replication >= result->replication_count)
        return NULL;
    struct replication_result *replication = &result->replications[place.replication];
    if (place.block < 0 || (size_t)place.block >= replication->block_count || place.from_ns > place.to_ns)
        return NULL;
    return &replication->blocks[place.block];
}

/* Number of (replication, block, item) with `items` of each block. */
static size_t place_count(const struct tally_reader *from, size_t items)
{
    return from->result->replication_count * from->result->replications[0].block_count * items;
}

static enum sim_status read_requests(const struct tally_reader *from)
{
    struct sim_array rows;
    enum sim_status status = load(from, "blocks/requests", &tally_request_table, &rows);
    if (status == SIM_OK && rows.count != place_count(from, result_class_count(from->result->config)))
        status = wrong(from, "blocks/requests");
    const struct tally_request_row *row = rows.items;
    for (size_t i = 0; i < rows.count && status == SIM_OK; i++, row++) {
        struct result_block *block = block_at(from, row->place);
        if (!block) {
            status = wrong(from, "blocks/requests");
            break;
        }
        block->from_ns = row->place.from_ns;
        block->to_ns = row->place.to_ns;
        size_t workload = scope_class_workload(from->result->config, (size_t)row->place.item);
        block->expected[workload] = row->expected;
        block->expected_peak[workload] = row->expected_peak;
        struct request_tally *tally = &block->requests[row->place.item];
        tally->arrived = row->arrived;
        tally->attempts = row->attempts;
        tally->cold = row->cold;
        tally->within_limits = row->within_limits;
        tally->input_tokens = row->input_tokens;
        tally->output_tokens = row->output_tokens;
        tally->turns = row->turns;
        for (int j = 0; j < OUTCOME_COUNT; j++)
            tally->outcomes[j] = row->outcomes[j];
    }
    sim_array_release(&rows);
    return status;
}

static struct pool_tally pool_tally_of(const struct tally_pool_row *row)
{
    struct pool_tally tally = {.unbilled_ns = wide_value(row->unbilled_ns),
                               .queue_integral = wide_value(row->queue_integral),
                               .inputs_integral = wide_value(row->inputs_integral),
                               .ready_slot_integral = wide_value(row->ready_slot_integral),
                               .batch_integral = wide_value(row->batch_integral),
                               .main_busy_ns = wide_value(row->main_busy_ns),
                               .kv_integral = wide_value(row->kv_integral),
                               .capped_ns = wide_value(row->capped_ns),
                               .short_ns = wide_value(row->short_ns),
                               .demand_max = row->demand_max,
                               .kv_max = row->kv_max,
                               .queue_max = row->queue_max,
                               .containers_max = row->containers_max,
                               .snapshots_created = row->snapshots_created,
                               .failed_starts = row->failed_starts,
                               .crashes = row->crashes,
                               .interruptions = row->interruptions,
                               .lost_ns = wide_value(row->lost_ns),
                               .rule_additions = row->rule_additions,
                               .rule_removals = row->rule_removals,
                               .out_of_memory = row->out_of_memory,
                               .memory_integral = wide_value(row->memory_integral),
                               .memory_room = wide_value(row->memory_room),
                               .memory_max = row->memory_max,
                               .memory_share_max = row->memory_share_max,
                               .preemptions = row->preemptions,
                               .completed = row->completed,
                               .output_tokens = row->output_tokens,
                               .migrations = row->migrations};
    for (int i = 0; i < CONTAINER_STATE_COUNT; i++) {
        tally.state_ns[i] = wide_value(row->state_ns[i]);
        tally.cost[i] = wide_value(row->cost[i]);
    }
    for (int i = 0; i < SERVED_MAX; i++)
        tally.served_ns[i] = wide_value(row->served_ns[i]);
    for (int i = 0; i < CONTAINER_START_COUNT; i++)
        tally.starts[i] = row->starts[i];
    return tally;
}

static enum sim_status read_pools(const struct tally_reader *from)
{
    struct sim_array rows;
    enum sim_status status = load(from, "blocks/pools", &tally_pool_table, &rows);
    if (status == SIM_OK && rows.count != place_count(from, from->result->config->pool_count))
        status = wrong(from, "blocks/pools");
    const struct tally_pool_row *row = rows.items;
    for (size_t i = 0; i < rows.count && status == SIM_OK; i++, row++) {
        struct result_block *block = block_at(from, row->place);
        if (block)
            block->pools[row->place.item] = pool_tally_of(row);
        else
            status = wrong(from, "blocks/pools");
    }
    sim_array_release(&rows);
    return status;
}

/* ---- Histograms ---- */

static bool is_same_place(const struct tally_bucket_row *bucket, const struct tally_duration_row *row)
{
    return bucket->place.replication == row->place.replication && bucket->place.block == row->place.block &&
           bucket->place.item == row->place.item && bucket->duration == row->duration;
}

/* Takes the buckets that belong to one histogram from the front of those not used yet. `scratch` is empty. */
static enum sim_status fill_histogram(const struct tally_reader *from, const struct tally_duration_row *row,
                                      const struct sim_array *buckets, size_t *next, struct sim_histogram *scratch)
{
    struct result_block *block = block_at(from, row->place);
    if (!block)
        return wrong(from, "blocks/durations");
    const struct tally_bucket_row *all = buckets->items;
    size_t count = 0;
    while (*next + count < buckets->count && is_same_place(&all[*next + count], row))
        count++;
    struct sim_histogram_row *rows = sim_allocate(count, sizeof *rows);
    for (size_t i = 0; i < count; i++) {
        const struct tally_bucket_row *bucket = &all[*next + i];
        rows[i] = (struct sim_histogram_row){bucket->low, bucket->high, (uint64_t)bucket->count};
    }
    *next += count;
    struct sim_histogram_pack *pack = &block->durations[row->place.item][row->duration];
    enum sim_status status =
        sim_histogram_load(scratch, rows, count, (sim_uint128)wide_value(row->sum), row->minimum, row->maximum);
    free(rows);
    sim_histogram_pack_take(pack, scratch);
    if (status != SIM_OK || pack->count != (uint64_t)row->count)
        return wrong(from, "histograms");
    return SIM_OK;
}

static enum sim_status read_histograms(const struct tally_reader *from)
{
    struct sim_array durations;
    struct sim_array buckets;
    enum sim_status status = load(from, "blocks/durations", &tally_duration_table, &durations);
    sim_array_init(&buckets, sizeof(struct tally_bucket_row));
    if (status == SIM_OK)
        status = load(from, "histograms", &tally_bucket_table, &buckets);
    const struct tally_duration_row *row = durations.items;
    size_t next = 0;
    struct sim_histogram *scratch = sim_allocate(1, sizeof *scratch);
    for (size_t i = 0; i < durations.count && status == SIM_OK; i++, row++)
        status = fill_histogram(from, row, &buckets, &next, scratch);
    free(scratch);
    if (status == SIM_OK && next != buckets.count)
        status = wrong(from, "histograms");
    sim_array_release(&durations);
    sim_array_release(&buckets);
    return status;
}

enum sim_status trace_tally_read(struct sim_table_reader *reader, struct run_result *result, struct sim_arena *arena,
                                 struct sim_error *error)
{
    struct tally_reader from = {reader, result, arena, error};
    enum sim_status status = read_replications(&from);
    if (status == SIM_OK)
        status = read_bills(&from);
    if (status == SIM_OK)
        status = read_requests(&from);
    if (status == SIM_OK)
        status = read_pools(&from);
    if (status == SIM_OK)
        status = read_histograms(&from);
    return status;
}
