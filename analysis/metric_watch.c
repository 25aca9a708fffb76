/* metric_watch.c - rules, alerts and energy. */
#include "analysis/metric_internal.h"

/* ---- Energy ---- */

/* Microwatts x ns in one kWh. */
static const double energy_unit = 3.6e6 * 1e6 * 1e9;

double metric_watch_energy(const struct metric *metric, struct cell *cell)
{
    const sim_int128 sums[] = {cell->energy_low, cell->energy, cell->energy_high};
    return metric_per_run(cell_double(sums[metric->part]) / energy_unit, cell);
}

/* All pools must have what is asked for, or a sum over them would say too little. How much of the work was done on
 * which GPU is not kept, so containers must have only one kind.
 */
bool metric_watch_has_power(const struct world_config *config, const struct scope *scope)
{
    bool is_known = true;
    for (size_t i = 0; i < config->pool_count; i++)
        is_known &= !scope_has_pool(scope, i) || (config->pools[i].power_w > 0 && config->pools[i].served_count == 0);
    return is_known;
}

bool metric_watch_has_idle_power(const struct world_config *config, const struct scope *scope)
{
    bool is_known = metric_watch_has_power(config, scope);
    for (size_t i = 0; i < config->pool_count; i++)
        is_known &= !scope_has_pool(scope, i) || config->pools[i].idle_power_w > 0;
    return is_known;
}

/* ---- Rules ---- */

double metric_watch_additions(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_per_run((double)cell->pools.rule_additions, cell);
}

double metric_watch_removals(const struct metric *metric, struct cell *cell)
{
    (void)metric;
    return metric_per_run((double)cell->pools.rule_removals, cell);
}

bool metric_watch_has_rules(const struct world_config *config, const struct scope *scope)
{
    for (size_t i = 0; i < config->pool_count; i++)
        if (scope_has_pool(scope, i) && config->pools[i].controller.rule_count > 0)
            return true;
    return false;
}

/* ---- Alerts ---- */

double metric_watch_count(const struct metric *metric, struct cell *cell)
{
    return metric_per_run((double)cell->alerts[metric->part].count, cell);
}

double metric_watch_time(const struct metric *metric, struct cell *cell)
{
    return metric_per_run(cell_double(cell->alerts[metric->part].active_ns) / 1e9, cell);
}

double metric_watch_longest(const struct metric *metric, struct cell *cell)
{
    return (double)cell->alerts[metric->part].longest_ns / 1e9;
}

double metric_watch_first(const struct metric *metric, struct cell *cell)
{
    sim_time_ns first_ns = cell->alerts[metric->part].first_ns;
    return first_ns < 0 ? NAN : (double)first_ns / 1e9;
}

bool metric_watch_has_warning(const struct world_config *config, const struct scope *scope)
{
    return !isnan(config->alerts[scope->index].warning);
}

bool metric_watch_has_critical(const struct world_config *config, const struct scope *scope)
{
    return !isnan(config->alerts[scope->index].critical);
}
