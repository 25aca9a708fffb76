/* scope.c - names of scopes and what belongs to them. */
#include "analysis/scope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/months.h"
#include "sim/error.h"
#include "sim/memory.h"

static char *joined(const char *left, const char *separator, const char *right)
{
    size_t size = strlen(left) + strlen(separator) + strlen(right) + 1;
    char *text = sim_allocate(size, 1);
    (void)snprintf(text, size, "%s%s%s", left, separator, right);
    return text;
}

size_t scope_class_workload(const struct world_config *config, size_t class_index)
{
    size_t workload = 0;
    while (workload < config->workload_count && class_index >= config->workloads[workload].class_count) {
        class_index -= config->workloads[workload].class_count;
        workload++;
    }
    sim_assert(workload < config->workload_count);
    return workload;
}

const struct class_config *scope_class_config(const struct world_config *config, size_t class_index)
{
    size_t workload = scope_class_workload(config, class_index);
    return &config->workloads[workload].classes[class_index - result_class_index(config, workload, 0)];
}

size_t scope_class_pool(const struct world_config *config, size_t class_index)
{
    size_t workload = scope_class_workload(config, class_index);
    return workload_config_class_pool(&config->workloads[workload],
                                      class_index - result_class_index(config, workload, 0));
}

bool scope_is_streamed_pool(const struct world_config *config, size_t pool)
{
    const struct profile_config *profile = &config->pools[pool].profile;
    return profile->stage == STAGE_CONTINUOUS_BATCHING || profile->first_output < 1;
}

static bool is_unique_class(const struct world_config *config, const char *name)
{
    size_t found = 0;
    for (size_t i = 0; i < result_class_count(config); i++)
        found += strcmp(scope_class_config(config, i)->name, name) == 0;
    return found == 1;
}

char *scope_class_label(const struct world_config *config, size_t class_index)
{
    const char *name = scope_class_config(config, class_index)->name;
    if (is_unique_class(config, name))
        return joined("", "", name);
    return joined(config->workloads[scope_class_workload(config, class_index)].name, ".", name);
}

static struct scope *add(struct scope_list *list, const struct world_config *config, enum scope_kind kind, size_t index,
                         char *name)
{
    struct scope *scope = &list->items[list->count++];
    *scope = (struct scope){.kind = kind, .index = index, .from_ns = config->warm_up_ns, .to_ns = config->duration_ns};
    scope->name = name;
    return scope;
}

static void add_pool_months(struct scope_list *list, const struct world_config *config, size_t pool,
                            const struct sim_array *months)
{
    const struct month *month = months->items;
    char *prefix = joined("pool", "/", config->pools[pool].name);
    for (size_t i = 0; i < months->count; i++, month++) {
        struct scope *scope = add(list, config, SCOPE_POOL_MONTH, pool, joined(prefix, "/", month->name));
        scope->from_ns = month->from_ns;
        scope->to_ns = month->to_ns;
    }
    free(prefix);
}

static void add_months(struct scope_list *list, const struct world_config *config, const struct sim_array *months)
{
    const struct month *month = months->items;
    for (size_t i = 0; i < months->count; i++, month++) {
        struct scope *scope = add(list, config, SCOPE_MONTH, i, joined("month", "/", month->name));
        scope->from_ns = month->from_ns;
        scope->to_ns = month->to_ns;
    }
}

struct scope_list scope_list_create(const struct world_config *config)
{
    size_t class_count = result_class_count(config);
    struct scope_list list = {0};
    struct sim_array months;
    months_list(config, &months);
    size_t pools_and_months = config->pool_count + (1 + config->pool_count) * months.count;
    list.items = sim_allocate(1 + pools_and_months + config->workload_count + class_count + config->alert_count,
                              sizeof *list.items);
    add(&list, config, SCOPE_ALL, 0, joined("all", "", ""));
    for (size_t i = 0; i < config->pool_count; i++)
        add(&list, config, SCOPE_POOL, i, joined("pool", "/", config->pools[i].name));
    for (size_t i = 0; i < config->workload_count; i++)
        add(&list, config, SCOPE_WORKLOAD, i, joined("workload", "/", config->workloads[i].name));
    for (size_t i = 0; i < class_count; i++) {
        char *label = scope_class_label(config, i);
        add(&list, config, SCOPE_CLASS, i, joined("class", "/", label));
        free(label);
    }
    for (size_t i = 0; i < config->alert_count; i++)
        add(&list, config, SCOPE_ALERT, i, joined("alert", "/", config->alerts[i].name));
    for (size_t i = 0; i < config->pool_count && !scope_is_burst_only(config); i++)
        add_pool_months(&list, config, i, &months);
    if (!scope_is_burst_only(config))
        add_months(&list, config, &months);
    sim_array_release(&months);
    return list;
}

void scope_list_release(struct scope_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].name);
    free(list->items);
    *list = (struct scope_list){0};
}

void scope_list_cut_months(struct scope_list *list, sim_time_ns end_ns)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct scope *scope = &list->items[i];
        bool is_in_month = scope->kind == SCOPE_MONTH || scope->kind == SCOPE_POOL_MONTH;
        if (is_in_month && scope->from_ns >= end_ns) {
            free(scope->name);
            continue;
        }
        if (is_in_month && scope->to_ns > end_ns)
            scope->to_ns = end_ns;
        list->items[kept++] = *scope;
    }
    list->count = kept;
}

const struct scope *scope_find(const struct scope_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return &list->items[i];
    return NULL;
}

bool scope_has_class(const struct scope *scope, const struct world_config *config, size_t class_index)
{
    size_t workload = scope_class_workload(config, class_index);
    switch (scope->kind) {
    case SCOPE_WORKLOAD:
        return workload == scope->index;
    case SCOPE_CLASS:
        return class_index == scope->index;
    case SCOPE_POOL:
        return workload_config_uses_pool(&config->workloads[workload],
                                         class_index - result_class_index(config, workload, 0), scope->index);
    case SCOPE_ALERT:
    case SCOPE_POOL_MONTH:
        return false;
    default:
        return true;
    }
}

bool scope_has_pool(const struct scope *scope, size_t pool)
{
    return scope->kind == SCOPE_ALL || scope->kind == SCOPE_MONTH ||
           ((scope->kind == SCOPE_POOL || scope->kind == SCOPE_POOL_MONTH) && scope->index == pool);
}

bool scope_has_block(const struct scope *scope, const struct result_block *block)
{
    return block->from_ns >= scope->from_ns && block->to_ns <= scope->to_ns;
}

bool scope_uses_pool(const struct scope *scope, const struct world_config *config, size_t pool)
{
    if (scope_has_pool(scope, pool))
        return true;
    for (size_t i = 0; i < result_class_count(config); i++) {
        size_t workload = scope_class_workload(config, i);
        if (scope_has_class(scope, config, i) &&
            workload_config_uses_pool(&config->workloads[workload], i - result_class_index(config, workload, 0), pool))
            return true;
    }
    return false;
}

bool scope_is_shared_pool(const struct world_config *config, size_t pool)
{
    for (size_t i = 0; i < config->workload_count; i++) {
        const struct workload_config *workload = &config->workloads[i];
        if (workload_config_migrates(workload) &&
            ((size_t)workload->pool_index == pool || (size_t)workload->migration.to_index == pool))
            return true;
    }
    return false;
}

bool scope_is_burst_only(const struct world_config *config)
{
    for (size_t i = 0; i < config->workload_count; i++)
        if (config->workloads[i].arrivals.process != ARRIVAL_BURST)
            return false;
    return true;
}
