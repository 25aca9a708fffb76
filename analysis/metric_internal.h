/* metric_internal.h - formulas of metrics that are not in metric.c, and what several of them need.
 *
 *   metric_applies.c   which scopes of which scenarios have a metric
 *   metric_money.c     cost
 *   metric_hardware.c  what containers run on
 *   metric_watch.c     rules, alerts and energy
 */
#ifndef ANALYSIS_METRIC_INTERNAL_H
#define ANALYSIS_METRIC_INTERNAL_H

#include <math.h>

#include "analysis/metric.h"

/* NaN without a whole. */
static inline double metric_ratio(double part, double whole)
{
    return whole > 0 ? part / whole : NAN;
}

static inline double metric_per_run(double sum, const struct cell *cell)
{
    return metric_ratio(sum, cell->runs);
}

static inline double metric_window_s(const struct cell *cell)
{
    return cell_double(cell->window_ns) / 1e9;
}

/* Requests that ended well in the window; of a workload or class those that arrived in it. */
static inline double metric_completed_in_window(const struct cell *cell)
{
    return (double)(cell->pool_count > 0 ? cell->pools.completed : cell->requests.outcomes[OUTCOME_COMPLETED]);
}

static inline double metric_output_tokens(const struct cell *cell)
{
    return (double)(cell->pool_count > 0 ? cell->pools.output_tokens : cell->requests.output_tokens);
}

/* Values as struct metric has them. */
double metric_money_cost(const struct metric *metric, struct cell *cell);
double metric_money_per_1k_requests(const struct metric *metric, struct cell *cell);
double metric_money_per_1m_tokens(const struct metric *metric, struct cell *cell);
double metric_money_per_month(const struct metric *metric, struct cell *cell);
double metric_money_of_state(const struct metric *metric, struct cell *cell);
double metric_money_without_starting(const struct metric *metric, struct cell *cell);

double metric_hardware_other_gpu_share(const struct metric *metric, struct cell *cell);
double metric_hardware_crashes(const struct metric *metric, struct cell *cell);
double metric_hardware_failed_starts(const struct metric *metric, struct cell *cell);
double metric_hardware_interruptions(const struct metric *metric, struct cell *cell);
double metric_hardware_lost_work(const struct metric *metric, struct cell *cell);
double metric_hardware_out_of_memory(const struct metric *metric, struct cell *cell);
double metric_hardware_memory_max(const struct metric *metric, struct cell *cell);
double metric_hardware_memory_mean(const struct metric *metric, struct cell *cell);
double metric_hardware_memory_share_max(const struct metric *metric, struct cell *cell);

/* As struct metric.applies. */
bool metric_hardware_has_others(const struct world_config *config, const struct scope *scope);
bool metric_hardware_has_interruptions(const struct world_config *config, const struct scope *scope);
bool metric_hardware_has_losses(const struct world_config *config, const struct scope *scope);
/* The number of the end of the range of energy is in `part`: 0 lowest, 1 between, 2 highest. */
double metric_watch_energy(const struct metric *metric, struct cell *cell);
double metric_watch_additions(const struct metric *metric, struct cell *cell);
double metric_watch_removals(const struct metric *metric, struct cell *cell);
/* The level of the alert is in `part`. */
double metric_watch_count(const struct metric *metric, struct cell *cell);
double metric_watch_time(const struct metric *metric, struct cell *cell);
double metric_watch_longest(const struct metric *metric, struct cell *cell);
double metric_watch_first(const struct metric *metric, struct cell *cell);

/* Whether they apply, as struct metric has it. */
bool metric_watch_has_rules(const struct world_config *config, const struct scope *scope);
bool metric_watch_has_power(const struct world_config *config, const struct scope *scope);
bool metric_watch_has_idle_power(const struct world_config *config, const struct scope *scope);
bool metric_watch_has_warning(const struct world_config *config, const struct scope *scope);
bool metric_watch_has_critical(const struct world_config *config, const struct scope *scope);
bool metric_hardware_has_memory(const struct world_config *config, const struct scope *scope);

bool metric_has_tokens(const struct world_config *config, const struct scope *scope);
bool metric_has_audio(const struct world_config *config, const struct scope *scope);
bool metric_has_kv(const struct world_config *config, const struct scope *scope);
bool metric_is_streamed(const struct world_config *config, const struct scope *scope);
bool metric_has_token_time(const struct world_config *config, const struct scope *scope);
bool metric_has_turns(const struct world_config *config, const struct scope *scope);
bool metric_has_migration(const struct world_config *config, const struct scope *scope);
bool metric_has_request_limits(const struct world_config *config, const struct scope *scope);
bool metric_is_one_pool(const struct world_config *config, const struct scope *scope);

#endif
