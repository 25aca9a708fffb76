/* result.c - columns of the rows, and making, merging and releasing results. */
#include "models/result.h"

#include <stdlib.h>

#include "sim/error.h"
#include "sim/memory.h"

const char *const outcome_names[] = {"in-flight", "completed", "failed", "timed-out", "rejected", NULL};
const char *const container_start_names[] = {"warm", "full", "restored", "fallen-back", NULL};
const char *const container_end_names[] = {"end-of-run",  "retired", "crashed",   "start-timeout",
                                           "interrupted", "used",    "cancelled", NULL};
const char *const scaling_reason_names[] = {"start", "demand", "buffer", "minimum", "idle", "surplus", "rule", NULL};

#define COLUMN(owner, member, key, kind, unit_text, help_text)                                                  \
    {                                                                                                           \
        .name = (key), .type = SIM_FIELD_##kind, .offset = offsetof(struct owner, member), .unit = (unit_text), \
        .help = (help_text)                                                                                     \
    }
#define NAMED(owner, member, key, names, help_text)                                                    \
    {                                                                                                  \
        .name = (key), .type = SIM_FIELD_CHOICE, .offset = offsetof(struct owner, member), .unit = "", \
        .help = (help_text), .choices = (names)                                                        \
    }
#define ROW_TABLE(variable, item_name, owner, columns)                                                \
    const struct sim_field_table variable = {item_name, columns, sizeof(columns) / sizeof *(columns), \
                                             sizeof(struct owner)}

static const struct sim_field request_columns[] = {
    COLUMN(request_row, replication, "replication", INT32, "", "number of the replication, from 0"),
    COLUMN(request_row, class_index, "class", INT32, "", "class, counted through all workloads"),
    COLUMN(request_row, pool, "pool", INT32, "", "pool that served it"),
    COLUMN(request_row, container, "container", INT32, "", "container of the last attempt; -1: never started"),
    COLUMN(request_row, tries, "tries", INT32, "", "attempts"),
    NAMED(request_row, outcome, "outcome", outcome_names, "what became of it"),
    COLUMN(request_row, is_cold, "is_cold", UINT8, "", "its container became ready after it arrived"),
    COLUMN(request_row, is_counted, "is_counted", UINT8, "", "it arrived in the window that is counted"),
    COLUMN(request_row, weight, "weight", INT32, "", "requests that the row stands for"),
    COLUMN(request_row, input_tokens, "input_tokens", INT32, "token", "tokens of the prompt"),
    COLUMN(request_row, output_tokens, "output_tokens", INT32, "token", "tokens to generate"),
    COLUMN(request_row, arrival_ns, "arrival_ns", TIME, "ns", "when the client sent it"),
    COLUMN(request_row, start_ns, "start_ns", TIME, "ns", "start of service; -1: never"),
    COLUMN(request_row, first_ns, "first_ns", TIME, "ns", "first token or byte at the client; -1: never"),
    COLUMN(request_row, end_ns, "end_ns", TIME, "ns",
           "last byte at the client, or when it was given up; -1: in flight"),
};
ROW_TABLE(request_row_table, "requests", request_row, request_columns);

static const struct sim_field container_columns[] = {
    COLUMN(container_row, replication, "replication", INT32, "", "number of the replication, from 0"),
    COLUMN(container_row, pool, "pool", INT32, "", "pool that it belonged to"),
    COLUMN(container_row, container, "container", INT32, "", "number of the life, from 0 in each pool"),
    COLUMN(container_row, worker_type, "worker_type", INT32, "", "kind of worker machine; -1: has none yet"),
    NAMED(container_row, how, "start", container_start_names, "how it came up"),
    NAMED(container_row, end_cause, "end_cause", container_end_names, "why it ended"),
    COLUMN(container_row, gpus, "gpus", INT32, "", "GPUs that it held"),
    COLUMN(container_row, gpu, "gpu", INT32, "", "which GPU it got"),
    COLUMN(container_row, requested_ns, "requested_ns", TIME, "ns", "when the autoscaler asked for it"),
    COLUMN(container_row, allocated_ns, "allocated_ns", TIME, "ns", "when it got its GPU; -1: never"),
    COLUMN(container_row, ready_ns, "ready_ns", TIME, "ns", "when it could serve; -1: never"),
    COLUMN(container_row, drain_ns, "drain_ns", TIME, "ns", "when it stopped taking requests; -1: never"),
    COLUMN(container_row, end_ns, "end_ns", TIME, "ns", "when it was gone; -1: alive at the end"),
    COLUMN(container_row, starting_ns, "starting_ns", TIME, "ns", "time spent starting, in the window"),
    COLUMN(container_row, busy_ns, "busy_ns", TIME, "ns", "time with a request inside, in the window"),
    COLUMN(container_row, idle_ns, "idle_ns", TIME, "ns", "time ready and empty, in the window"),
    COLUMN(container_row, draining_ns, "draining_ns", TIME, "ns", "time draining, in the window"),
    COLUMN(container_row, unbilled_ns, "unbilled_ns", TIME, "ns",
           "part of the start that is not billed, in the window"),
    COLUMN(container_row, cost_nusd, "cost_nusd", INT64, "1e-9 USD", "bill of the life, for the window"),
};
ROW_TABLE(container_row_table, "containers", container_row, container_columns);

static const struct sim_field decision_columns[] = {
    COLUMN(decision_row, replication, "replication", INT32, "", "number of the replication, from 0"),
    COLUMN(decision_row, pool, "pool", INT32, "", "pool that was scaled"),
    NAMED(decision_row, reason, "reason", scaling_reason_names, "why"),
    COLUMN(decision_row, rule, "rule", INT32, "", "rule of the controller that asked for it; 0: none"),
    COLUMN(decision_row, wanted_before, "wanted_before", INT32, "", "containers before: starting and ready"),
    COLUMN(decision_row, wanted, "wanted", INT32, "", "containers after"),
    COLUMN(decision_row, starting, "starting", INT32, "", "starting containers that the policy saw"),
    COLUMN(decision_row, ready, "ready", INT32, "", "ready containers that the policy saw"),
    COLUMN(decision_row, pending, "pending", INT32, "", "waiting requests that the policy saw"),
    COLUMN(decision_row, running, "running", INT32, "", "requests inside containers that the policy saw"),
    COLUMN(decision_row, time_ns, "time_ns", TIME, "ns", "when"),
};
ROW_TABLE(decision_row_table, "decisions", decision_row, decision_columns);

static const struct sim_field series_columns[] = {
    COLUMN(series_row, replication, "replication", INT32, "", "number of the replication, from 0"),
    COLUMN(series_row, pool, "pool", INT32, "", "pool"),
    COLUMN(series_row, from_ns, "from_ns", TIME, "ns", "begin of the interval"),
    COLUMN(series_row, to_ns, "to_ns", TIME, "ns", "end of the interval"),
    COLUMN(series_row, arrived, "arrived", INT64, "", "requests that arrived"),
    COLUMN(series_row, completed, "completed", INT64, "", "requests that completed"),
    COLUMN(series_row, queue_mean, "queue_mean", DOUBLE, "", "mean number waiting"),
    COLUMN(series_row, running_mean, "running_mean", DOUBLE, "", "mean number inside containers"),
    COLUMN(series_row, starting_mean, "starting_mean", DOUBLE, "", "mean number of starting containers"),
    COLUMN(series_row, busy_mean, "busy_mean", DOUBLE, "", "mean number of busy containers"),
    COLUMN(series_row, idle_mean, "idle_mean", DOUBLE, "", "mean number of idle containers"),
    COLUMN(series_row, draining_mean, "draining_mean", DOUBLE, "", "mean number of draining containers"),
    COLUMN(series_row, cost_usd, "cost_usd", DOUBLE, "USD", "cost of the interval"),
};
ROW_TABLE(series_row_table, "series", series_row, series_columns);

static const struct sim_field alert_columns[] = {
    COLUMN(alert_row, replication, "replication", INT32, "", "number of the replication, from 0"),
    COLUMN(alert_row, alert, "alert", INT32, "", "alert"),
    NAMED(alert_row, level, "level", alert_level_names, "level; who is critical is warned of as well"),
    COLUMN(alert_row, goes_on, "goes_on", UINT8, "", "it was active when the run ended"),
    COLUMN(alert_row, from_ns, "from_ns", TIME, "ns", "begin"),
    COLUMN(alert_row, to_ns, "to_ns", TIME, "ns", "end"),
};
ROW_TABLE(alert_row_table, "alerts", alert_row, alert_columns);

size_t result_first_rule(const struct world_config *config, size_t pool)
{
    size_t rule = 0;
    for (size_t i = 0; i < pool; i++)
        rule += config->pools[i].controller.rule_count;
    return rule;
}

size_t result_rule_count(const struct world_config *config)
{
    return result_first_rule(config, config->pool_count);
}

size_t result_class_count(const struct world_config *config)
{
    return result_class_index(config, config->workload_count, 0);
}

size_t result_class_index(const struct world_config *config, size_t workload, size_t class_in_workload)
{
    size_t index = class_in_workload;
    for (size_t i = 0; i < workload; i++)
        index += config->workloads[i].class_count;
    return index;
}

void replication_result_init(struct replication_result *replication, const struct world_config *config,
                             size_t block_count)
{
    *replication = (struct replication_result){.first_arrival_ns = -1, .last_completion_ns = -1};
    sim_array_init(&replication->alerts, sizeof(struct alert_row));
    replication->block_count = block_count;
    replication->class_count = result_class_count(config);
    replication->blocks = sim_allocate(block_count, sizeof *replication->blocks);
    for (size_t i = 0; i < block_count; i++) {
        struct result_block *block = &replication->blocks[i];
        block->requests = sim_allocate(result_class_count(config), sizeof *block->requests);
        block->durations = sim_allocate(result_class_count(config), sizeof *block->durations);
        block->pools = sim_allocate(config->pool_count, sizeof *block->pools);
        block->expected = sim_allocate(config->workload_count, sizeof *block->expected);
        block->expected_peak = sim_allocate(config->workload_count, sizeof *block->expected_peak);
    }
    replication->bill_nusd = sim_allocate(config->pool_count, sizeof *replication->bill_nusd);
    replication->saturated_ns = sim_allocate(config->pool_count, sizeof *replication->saturated_ns);
    for (size_t i = 0; i < config->pool_count; i++)
        replication->saturated_ns[i] = -1;
    replication->window_count = saturation_window_count(config->duration_ns);
    replication->windows = sim_allocate(replication->window_count * config->pool_count, sizeof *replication->windows);
}

static void release_block(struct result_block *block, size_t class_count)
{
    for (size_t i = 0; i < class_count; i++)
        for (int k = 0; k < DURATION_COUNT; k++)
            sim_histogram_pack_release(&block->durations[i][k]);
    free(block->requests);
    free(block->durations);
    free(block->pools);
    free(block->expected);
    free(block->expected_peak);
}

void replication_result_release(struct replication_result *replication)
{
    for (size_t i = 0; i < replication->block_count; i++)
        release_block(&replication->blocks[i], replication->class_count);
    free(replication->blocks);
    free(replication->series);
    free(replication->bill_nusd);
    free(replication->saturated_ns);
    free(replication->windows);
    sim_array_release(&replication->alerts);
    *replication = (struct replication_result){0};
}

void replication_result_truncate(struct replication_result *replication, const struct world_config *config,
                                 sim_time_ns end_ns)
{
    while (replication->blocks[replication->block_count - 1].from_ns >= end_ns)
        release_block(&replication->blocks[--replication->block_count], replication->class_count);
    struct result_block *last = &replication->blocks[replication->block_count - 1];
    double kept = (double)(end_ns - last->from_ns) / (double)(last->to_ns - last->from_ns);
    for (size_t i = 0; i < config->workload_count; i++)
        last->expected[i] *= kept;
    last->to_ns = end_ns;
    while (replication->series_count && replication->series[replication->series_count - 1].to_ns == 0)
        replication->series_count--;
}

void request_tally_merge(struct request_tally *tally, const struct request_tally *other)
{
    tally->arrived += other->arrived;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        tally->outcomes[i] += other->outcomes[i];
    tally->attempts += other->attempts;
    tally->cold += other->cold;
    tally->within_limits += other->within_limits;
    tally->input_tokens += other->input_tokens;
    tally->output_tokens += other->output_tokens;
    tally->turns += other->turns;
}

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

void pool_tally_merge(struct pool_tally *tally, const struct pool_tally *other)
{
    for (int i = 0; i < CONTAINER_STATE_COUNT; i++) {
        tally->state_ns[i] += other->state_ns[i];
        tally->cost[i] += other->cost[i];
    }
    tally->unbilled_ns += other->unbilled_ns;
    for (int i = 0; i < SERVED_MAX; i++)
        tally->served_ns[i] += other->served_ns[i];
    tally->queue_integral += other->queue_integral;
    tally->inputs_integral += other->inputs_integral;
    tally->ready_slot_integral += other->ready_slot_integral;
    tally->batch_integral += other->batch_integral;
    tally->main_busy_ns += other->main_busy_ns;
    tally->kv_integral += other->kv_integral;
    tally->kv_max = greater(tally->kv_max, other->kv_max);
    tally->queue_max = greater(tally->queue_max, other->queue_max);
    tally->containers_max = greater(tally->containers_max, other->containers_max);
    tally->demand_max = greater(tally->demand_max, other->demand_max);
    tally->capped_ns += other->capped_ns;
    tally->short_ns += other->short_ns;
    for (int i = 0; i < CONTAINER_START_COUNT; i++)
        tally->starts[i] += other->starts[i];
    tally->snapshots_created += other->snapshots_created;
    tally->failed_starts += other->failed_starts;
    tally->crashes += other->crashes;
    tally->interruptions += other->interruptions;
    tally->lost_ns += other->lost_ns;
    tally->rule_additions += other->rule_additions;
    tally->rule_removals += other->rule_removals;
    tally->out_of_memory += other->out_of_memory;
    tally->memory_integral += other->memory_integral;
    tally->memory_room += other->memory_room;
    tally->memory_max = greater(tally->memory_max, other->memory_max);
    tally->memory_share_max = greater(tally->memory_share_max, other->memory_share_max);
    tally->preemptions += other->preemptions;
    tally->completed += other->completed;
    tally->output_tokens += other->output_tokens;
    tally->migrations += other->migrations;
}

void result_block_merge(struct result_block *block, const struct result_block *other, const struct world_config *config)
{
    for (size_t i = 0; i < result_class_count(config); i++) {
        request_tally_merge(&block->requests[i], &other->requests[i]);
        for (int k = 0; k < DURATION_COUNT; k++)
            sim_histogram_pack_merge(&block->durations[i][k], &other->durations[i][k]);
    }
    for (size_t i = 0; i < config->pool_count; i++)
        pool_tally_merge(&block->pools[i], &other->pools[i]);
}

static void merge_window(struct saturation_window *window, const struct saturation_window *later)
{
    window->inputs_integral += later->inputs_integral;
    window->slot_integral += later->slot_integral;
    window->arrived += later->arrived;
    window->given_up += later->given_up;
    window->queue += later->queue;
    window->is_over += later->is_over;
}

/* The alert that went on when the span before ended. */
static struct alert_row *find_open(struct sim_array *alerts, const struct alert_row *row)
{
    struct alert_row *rows = alerts->items;
    for (size_t i = alerts->count; i-- > 0;)
        if (rows[i].goes_on && rows[i].alert == row->alert && rows[i].level == row->level)
            return &rows[i];
    return NULL;
}

static void merge_alerts(struct sim_array *alerts, const struct sim_array *later)
{
    const struct alert_row *row = later->items;
    for (size_t i = 0; i < later->count; i++, row++) {
        struct alert_row *open = row->is_continued ? find_open(alerts, row) : NULL;
        if (open) {
            open->to_ns = row->to_ns;
            open->goes_on = row->goes_on;
        } else {
            size_t place = sim_array_add(alerts);
            ((struct alert_row *)alerts->items)[place] = *row;
        }
    }
}

static int compare_alerts(const void *a, const void *b)
{
    const struct alert_row *x = a;
    const struct alert_row *y = b;
    if (x->from_ns != y->from_ns)
        return x->from_ns < y->from_ns ? -1 : 1;
    if (x->alert != y->alert)
        return x->alert < y->alert ? -1 : 1;
    return x->level - y->level;
}

void replication_result_sort_alerts(struct replication_result *replication)
{
    if (replication->alerts.count > 0)
        qsort(replication->alerts.items, replication->alerts.count, sizeof(struct alert_row), compare_alerts);
}

void replication_result_merge(struct replication_result *replication, const struct replication_result *later,
                              const struct world_config *config)
{
    sim_assert(replication->block_count == later->block_count);
    for (size_t b = 0; b < later->block_count; b++)
        result_block_merge(&replication->blocks[b], &later->blocks[b], config);
    for (size_t i = 0; i < later->series_count; i++)
        if (later->series[i].to_ns > 0)
            replication->series[i] = later->series[i];
    if (replication->first_arrival_ns < 0)
        replication->first_arrival_ns = later->first_arrival_ns;
    replication->last_completion_ns = greater(replication->last_completion_ns, later->last_completion_ns);
    for (size_t i = 0; i < config->pool_count; i++)
        replication->saturated_ns[i] = later->saturated_ns[i];
    for (size_t i = 0; i < later->window_count * config->pool_count; i++)
        merge_window(&replication->windows[i], &later->windows[i]);
    merge_alerts(&replication->alerts, &later->alerts);
    replication->event_count += later->event_count;
    replication->interrupted |= later->interrupted;
}

struct run_result *run_result_create(const struct world_config *config, size_t replication_count)
{
    struct run_result *result = sim_allocate(1, sizeof *result);
    result->config = config;
    result->replication_count = replication_count;
    result->replications = sim_allocate(replication_count, sizeof *result->replications);
    return result;
}

void run_result_destroy(struct run_result *result)
{
    if (!result)
        return;
    for (size_t i = 0; i < result->replication_count; i++)
        replication_result_release(&result->replications[i]);
    free(result->replications);
    free(result->rows);
    free(result);
}
