/* metric_hardware.c - what containers run on. */
#include "analysis/metric_internal.h"

double metric_hardware_other_gpu_share(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    sim_int128 all_ns = 0;
    sim_int128 other_ns = 0;
    for (int i = 0; i < CONTAINER_STATE_COUNT; i++)
        all_ns += cell->pools.state_ns[i];
    for (int i = 0; i < SERVED_MAX; i++)
        other_ns += cell->pools.served_ns[i];
    return metric_ratio(cell_double(other_ns), cell_double(all_ns));
}

bool metric_hardware_has_others(const struct world_config *config, const struct scope *scope)
{
    for (size_t i = 0; i < config->pool_count; i++)
        if (scope_has_pool(scope, i) && config->pools[i].served_count > 0)
            return true;
    return false;
}

double metric_hardware_interruptions(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_per_run((double)cell->pools.interruptions, cell);
}

double metric_hardware_lost_work(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_per_run(cell_double(cell->pools.lost_ns) / 1e9, cell);
}

bool metric_hardware_has_interruptions(const struct world_config *config, const struct scope *scope)
{
    for (size_t i = 0; i < config->pool_count; i++)
        if (scope_has_pool(scope, i) && config->pools[i].interruption_rate_per_s > 0)
            return true;
    return false;
}

/* Attempts may come to nothing by more than the impatience of clients. */
bool metric_hardware_has_losses(const struct world_config *config, const struct scope *scope)
{
    for (size_t i = 0; i < config->pool_count; i++) {
        const struct pool_config *pool = &config->pools[i];
        bool may_fail = pool->interruption_rate_per_s + pool->crash_rate_per_s > 0;
        for (uint32_t gpu = 0; gpu <= pool->served_count; gpu++)
            may_fail |= served_failure(pool, gpu) > 0;
        if (scope_has_pool(scope, i) && may_fail)
            return true;
    }
    return false;
}

double metric_hardware_out_of_memory(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_per_run((double)cell->pools.out_of_memory, cell);
}

double metric_hardware_memory_max(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return (double)cell->pools.memory_max / 1e9;
}

double metric_hardware_memory_mean(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_ratio(cell_double(cell->pools.memory_integral), cell_double(cell->pools.memory_room));
}

double metric_hardware_memory_share_max(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return (double)cell->pools.memory_share_max / 1e9;
}

bool metric_hardware_has_memory(const struct world_config *config, const struct scope *scope)
{
    bool is_used = false;
    for (size_t i = 0; i < result_class_count(config); i++)
        is_used |= scope_class_config(config, i)->memory_gb > 0;
    for (size_t i = 0; i < config->pool_count; i++) {
        const struct pool_config *pool = &config->pools[i];
        if (scope_has_pool(scope, i) && pool->gpu_memory_gb > 0 && (is_used || pool->reserved_memory_gb > 0))
            return true;
    }
    return false;
}

double metric_hardware_crashes(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_per_run((double)cell->pools.crashes, cell);
}

double metric_hardware_failed_starts(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_per_run((double)cell->pools.failed_starts, cell);
}
