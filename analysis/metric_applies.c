/* metric_applies.c - which scopes of which scenarios have a metric. */
#include <string.h>

#include "analysis/metric_internal.h"

bool metric_has_tokens(const struct world_config *config, const struct scope *scope)
{
    for (size_t i = 0; i < result_class_count(config); i++) {
        const struct arrival_config *arrivals = &config->workloads[scope_class_workload(config, i)].arrivals;
        bool in_trace = arrivals->output_tokens_column && arrivals->output_tokens_column[0] != '\0';
        if (scope_has_class(scope, config, i) &&
            (in_trace || scope_class_config(config, i)->output_tokens.kind != SIM_DISTRIBUTION_NONE))
            return true;
    }
    return false;
}

bool metric_has_audio(const struct world_config *config, const struct scope *scope)
{
    for (size_t i = 0; i < result_class_count(config); i++)
        if (scope_has_class(scope, config, i) && scope_class_config(config, i)->audio_s.kind != SIM_DISTRIBUTION_NONE)
            return true;
    return false;
}

static bool is_batching(const struct pool_config *pool)
{
    return pool->profile.stage == STAGE_CONTINUOUS_BATCHING;
}

bool metric_has_kv(const struct world_config *config, const struct scope *scope)
{
    for (size_t i = 0; i < config->pool_count; i++)
        if (scope_has_pool(scope, i) && is_batching(&config->pools[i]))
            return true;
    return false;
}

/* Whether output leaves before the end. */
bool metric_is_streamed(const struct world_config *config, const struct scope *scope)
{
    for (size_t i = 0; i < config->pool_count; i++)
        if (scope_uses_pool(scope, config, i) && scope_is_streamed_pool(config, i))
            return true;
    return false;
}

bool metric_has_token_time(const struct world_config *config, const struct scope *scope)
{
    return metric_is_streamed(config, scope) && metric_has_tokens(config, scope);
}

bool metric_has_turns(const struct world_config *config, const struct scope *scope)
{
    for (size_t i = 0; i < result_class_count(config); i++)
        if (scope_has_class(scope, config, i) &&
            config->workloads[scope_class_workload(config, i)].arrivals.takes_turns)
            return true;
    return false;
}

bool metric_has_migration(const struct world_config *config, const struct scope *scope)
{
    for (size_t i = 0; i < config->pool_count; i++)
        if (scope_has_pool(scope, i) && scope_is_shared_pool(config, i))
            return true;
    return false;
}

/* Limits that single requests keep or miss; cost and the like say nothing about them. */
bool metric_has_request_limits(const struct world_config *config, const struct scope *scope)
{
    static const char *const prefixes[] = {"latency_", "wait_", "ttft_", "tpot_", "rtf_", "slo_"};
    (void)scope;
    for (size_t i = 0; i < config->slo_count; i++)
        for (size_t j = 0; j < sizeof prefixes / sizeof *prefixes; j++)
            if (strncmp(config->slos[i].metric, prefixes[j], strlen(prefixes[j])) == 0)
                return true;
    return false;
}

/* The peaks of several pools need not come together, so only a scope of one pool has them. */
bool metric_is_one_pool(const struct world_config *config, const struct scope *scope)
{
    return scope->kind == SCOPE_POOL || scope->kind == SCOPE_POOL_MONTH || config->pool_count == 1;
}
