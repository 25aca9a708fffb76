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
