/* cell.c - merging blocks of classes and pools. */
#include "analysis/cell.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/error.h"
#include "sim/memory.h"
#include "sim/quantile.h"

static void clear_alerts(struct cell *cell)
{
    for (int level = 0; level < ALERT_LEVEL_COUNT; level++)
        cell->alerts[level] = (struct cell_alert){.first_ns = -1};
}

struct cell *cell_create(const struct run_result *result, const struct samples *samples, const struct scope *scope)
{
    struct cell *cell = sim_allocate(1, sizeof *cell);
    cell->config = result->config;
    cell->scope = scope;
    cell->samples = samples;
    sim_array_init(&cell->sections, sizeof(size_t));
    cell->has_bill = true;
    cell->gathered_duration = -1;
    for (size_t i = 0; i < result->config->pool_count; i++)
        cell->pool_count += scope_has_pool(scope, i);
    clear_alerts(cell);
    return cell;
}

void cell_destroy(struct cell *cell)
{
    if (!cell)
        return;
    sim_array_release(&cell->sections);
    free(cell->gathered);
    free(cell);
}

void cell_clear(struct cell *cell)
{
    /* Histograms know which of their buckets are used; writing them whole would cost more than merging a block. */
    for (int i = 0; i < DURATION_COUNT; i++)
        sim_histogram_clear(&cell->durations[i]);
    memset(&cell->requests, 0, sizeof cell->requests);
    memset(&cell->pools, 0, sizeof cell->pools);
    cell->gpu_ns = cell->kv_room = cell->window_ns = cell->makespan_ns = 0;
    cell->energy_low = cell->energy = cell->energy_high = 0;
    clear_alerts(cell);
    cell->kv_share_max = cell->runs = 0;
    cell->bill_nusd = 0;
    cell->has_bill = true;
    cell->makespan_count = 0;
    sim_array_resize(&cell->sections, 0);
    cell->gathered_duration = -1;
}

/* Tokens that fit a container's key-value memory; 0 where it has none. */
static int64_t kv_tokens(const struct pool_config *pool)
{
    return pool->profile.stage == STAGE_CONTINUOUS_BATCHING ? pool->profile.kv_tokens : 0;
}

/* Power in whole microwatts, so that its sums are exact. */
static int64_t microwatts(double power_w)
{
    return (int64_t)(power_w * 1e6 + 0.5);
}

static void add_energy(struct cell *cell, const struct pool_config *pool, sim_int128 gpu_ns, sim_int128 busy_ns)
{
    int64_t idle = microwatts(pool->idle_power_w);
    int64_t most = microwatts(pool->power_w);
    cell->energy_low += gpu_ns * idle;
    cell->energy += gpu_ns * idle + busy_ns * pool->gpu_count * (most - idle);
    cell->energy_high += gpu_ns * most;
}

static void add_pool(struct cell *cell, const struct pool_config *pool, const struct pool_tally *tally)
{
    sim_int128 gpu_ns = 0;
    pool_tally_merge(&cell->pools, tally);
    for (int i = 0; i < CONTAINER_STATE_COUNT; i++)
        gpu_ns += tally->state_ns[i] * pool->gpu_count;
    cell->gpu_ns += gpu_ns;
    add_energy(cell, pool, gpu_ns, tally->main_busy_ns);
    int64_t room = kv_tokens(pool);
    if (room > 0) {
        cell->kv_room += tally->ready_slot_integral / pool->max_inputs * room;
        cell->kv_share_max = fmax(cell->kv_share_max, (double)tally->kv_max / (double)room);
    }
}

static void add_class(struct cell *cell, const struct result_block *block, size_t class_index)
{
    request_tally_merge(&cell->requests, &block->requests[class_index]);
    for (int i = 0; i < DURATION_COUNT; i++)
        sim_histogram_pack_unpack(&block->durations[class_index][i], &cell->durations[i]);
}

static void add_block(struct cell *cell, const struct result_block *block)
{
    const struct world_config *config = cell->config;
    for (size_t i = 0; i < result_class_count(config); i++)
        if (scope_has_class(cell->scope, config, i))
            add_class(cell, block, i);
    for (size_t i = 0; i < config->pool_count; i++)
        if (scope_has_pool(cell->scope, i))
            add_pool(cell, &config->pools[i], &block->pools[i]);
    cell->window_ns += block->to_ns - block->from_ns;
    cell->runs = cell_double(cell->window_ns) / (double)(cell->scope->to_ns - cell->scope->from_ns);
}

/* What of an alert lies between two times; one that began before the window counts as begun with it. */
static void add_alert(struct cell *cell, const struct alert_row *row, sim_time_ns from_ns, sim_time_ns to_ns)
{
    sim_time_ns window_ns = cell->config->warm_up_ns;
    struct cell_alert *alert = &cell->alerts[row->level];
    sim_time_ns begin_ns = row->from_ns > window_ns ? row->from_ns : window_ns;
    sim_time_ns low_ns = begin_ns > from_ns ? begin_ns : from_ns;
    sim_time_ns high_ns = row->to_ns < to_ns ? row->to_ns : to_ns;
    if (low_ns >= high_ns)
        return;
    alert->active_ns += high_ns - low_ns;
    if (begin_ns < from_ns)
        return;
    alert->count++;
    if (row->to_ns - begin_ns > alert->longest_ns)
        alert->longest_ns = row->to_ns - begin_ns;
    if (alert->first_ns < 0 || begin_ns < alert->first_ns)
        alert->first_ns = begin_ns;
}

static void add_alerts(struct cell *cell, const struct replication_result *from, sim_time_ns from_ns, sim_time_ns to_ns)
{
    const struct alert_row *rows = from->alerts.items;
    if (cell->scope->kind != SCOPE_ALERT)
        return;
    for (size_t i = 0; i < from->alerts.count; i++)
        if ((size_t)rows[i].alert == cell->scope->index)
            add_alert(cell, &rows[i], from_ns, to_ns);
}

static void add_section(struct cell *cell, size_t section)
{
    size_t place = sim_array_add(&cell->sections);
    ((size_t *)cell->sections.items)[place] = section;
}

void cell_add_block(struct cell *cell, const struct run_result *result, size_t replication, size_t block)
{
    const struct replication_result *from = &result->replications[replication];
    sim_assert(block >= 1 && block < from->block_count);
    add_block(cell, &from->blocks[block]);
    add_alerts(cell, from, from->blocks[block].from_ns, from->blocks[block].to_ns);
    add_section(cell, replication * (from->block_count - 1) + block - 1);
    cell->has_bill = false;
}

static void add_whole_run(struct cell *cell, const struct replication_result *from)
{
    for (size_t i = 0; i < cell->config->pool_count; i++)
        if (scope_has_pool(cell->scope, i))
            cell->bill_nusd += from->bill_nusd[i];
    if (from->first_arrival_ns >= 0 && from->last_completion_ns >= from->first_arrival_ns) {
        cell->makespan_ns += from->last_completion_ns - from->first_arrival_ns;
        cell->makespan_count++;
    }
}

void cell_add_replication(struct cell *cell, const struct run_result *result, size_t replication)
{
    const struct replication_result *from = &result->replications[replication];
    for (size_t i = 1; i < from->block_count; i++) {
        if (!scope_has_block(cell->scope, &from->blocks[i]))
            continue;
        add_block(cell, &from->blocks[i]);
        add_section(cell, replication * (from->block_count - 1) + i - 1);
    }
    add_alerts(cell, from, cell->scope->from_ns, cell->scope->to_ns);
    bool is_whole = cell->scope->from_ns <= cell->config->warm_up_ns && cell->scope->to_ns >= cell->config->duration_ns;
    if (is_whole)
        add_whole_run(cell, from);
    else
        cell->has_bill = false;
}

/* Copies the values of every section and class of the cell into one array. */
static void gather(struct cell *cell, enum tally_duration duration)
{
    size_t capacity = (size_t)cell->durations[duration].count;
    free(cell->gathered);
    cell->gathered = sim_allocate(capacity, sizeof *cell->gathered);
    cell->gathered_count = 0;
    for (size_t k = 0; k < cell->sections.count; k++)
        for (size_t i = 0; i < result_class_count(cell->config); i++) {
            size_t section = ((const size_t *)cell->sections.items)[k];
            if (!scope_has_class(cell->scope, cell->config, i))
                continue;
            const struct sim_array *values = samples_values(cell->samples, section, i, duration);
            sim_assert(cell->gathered_count + values->count <= capacity);
            if (values->count > 0)
                memcpy(cell->gathered + cell->gathered_count, values->items, values->count * sizeof *cell->gathered);
            cell->gathered_count += values->count;
        }
    sim_assert(cell->gathered_count == capacity); /* every request has its row and its place in the histogram */
    cell->gathered_duration = (int)duration;
}

double cell_quantile(struct cell *cell, enum tally_duration duration, double share)
{
    const struct sim_histogram *histogram = &cell->durations[duration];
    if (histogram->count == 0)
        return NAN;
    if (!cell->samples || duration >= DURATION_RTF)
        return sim_histogram_quantile(histogram, share) / 1e9;
    if (cell->gathered_duration != (int)duration)
        gather(cell, duration);
    return sim_quantile_s(cell->gathered, cell->gathered_count, share);
}

double cell_share_at_most(struct cell *cell, enum tally_duration duration, double level_s)
{
    const struct sim_histogram *histogram = &cell->durations[duration];
    int64_t level_ns = (int64_t)(level_s * 1e9 + 0.5);
    if (histogram->count == 0 || !cell->samples || duration >= DURATION_RTF)
        return sim_histogram_share_at_most(histogram, level_ns);
    if (cell->gathered_duration != (int)duration)
        gather(cell, duration);
    size_t count = 0;
    for (size_t i = 0; i < cell->gathered_count; i++)
        count += cell->gathered[i] <= level_ns;
    return (double)count / (double)cell->gathered_count;
}

double cell_double(sim_int128 value)
{
    return (double)value;
}

/* Picodollars per hour x ns in one dollar. */
static const double cost_unit = 3.6e12 * 1e12;

double cell_state_cost(const struct cell *cell, enum container_state state)
{
    return cell_double(cell->pools.cost[state]) / cost_unit;
}

double cell_cost(const struct cell *cell)
{
    if (cell->has_bill)
        return (double)cell->bill_nusd / 1e9;
    sim_int128 sum = 0;
    for (int i = 0; i < CONTAINER_STATE_COUNT; i++)
        sum += cell->pools.cost[i];
    return cell_double(sum) / cost_unit;
}
