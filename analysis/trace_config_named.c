/* trace_config_named.c - numbers of classes, pools and GPUs get their names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/scope.h"
#include "analysis/trace_config.h"
#include "models/result.h"

static const char *const *class_names(const struct world_config *config, struct sim_arena *arena)
{
    size_t count = result_class_count(config);
    const char **names = sim_arena_allocate(arena, count + 1, sizeof *names);
    for (size_t i = 0; i < count; i++) {
        char *label = scope_class_label(config, i);
        names[i] = sim_arena_text(arena, label);
        free(label);
    }
    return names;
}

/* By served_name_number. Where several have the same name, only the first of them is used. */
static const char *const *gpu_names(const struct world_config *config, struct sim_arena *arena)
{
    const char **names = sim_arena_allocate(arena, config->pool_count * (SERVED_MAX + 1) + 1, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < config->pool_count; i++)
        for (uint32_t k = 0; k <= config->pools[i].served_count; k++, count++) {
            char name[64];
            char again[80];
            served_name(&config->pools[i], k, name, sizeof name);
            (void)snprintf(again, sizeof again, "%s (again %zu)", name, count);
            bool is_first = served_name_number(config, i, k) == (int32_t)count;
            names[count] = sim_arena_text(arena, is_first ? name : again);
        }
    return names;
}

static const char *const *pool_names(const struct world_config *config, struct sim_arena *arena)
{
    const char **names = sim_arena_allocate(arena, config->pool_count + 1, sizeof *names);
    for (size_t i = 0; i < config->pool_count; i++)
        names[i] = config->pools[i].name;
    return names;
}

/* "" stands for none. */
static const char *const *rule_names(const struct world_config *config, struct sim_arena *arena)
{
    const char **names = sim_arena_allocate(arena, result_rule_count(config) + 2, sizeof *names);
    size_t count = 0;
    names[count++] = "";
    for (size_t i = 0; i < config->pool_count; i++)
        for (size_t k = 0; k < config->pools[i].controller.rule_count; k++)
            names[count++] = config->pools[i].controller.rules[k].name;
    return names;
}

static const char *const *alert_names(const struct world_config *config, struct sim_arena *arena)
{
    const char **names = sim_arena_allocate(arena, config->alert_count + 1, sizeof *names);
    for (size_t i = 0; i < config->alert_count; i++)
        names[i] = config->alerts[i].name;
    return names;
}

const struct sim_field_table *trace_config_named(const struct sim_field_table *table, const struct world_config *config,
                                                 struct sim_arena *arena)
{
    struct sim_field *fields = sim_arena_allocate(arena, table->count, sizeof *fields);
    memcpy(fields, table->fields, table->count * sizeof *fields);
    for (size_t i = 0; i < table->count; i++) {
        if (fields[i].type != SIM_FIELD_INT32)
            continue;
        if (strcmp(fields[i].name, "class") == 0)
            fields[i].choices = class_names(config, arena);
        if (strcmp(fields[i].name, "pool") == 0)
            fields[i].choices = pool_names(config, arena);
        if (strcmp(fields[i].name, "rule") == 0)
            fields[i].choices = rule_names(config, arena);
        if (strcmp(fields[i].name, "alert") == 0)
            fields[i].choices = alert_names(config, arena);
        if (strcmp(fields[i].name, "gpu") == 0)
            fields[i].choices = gpu_names(config, arena);
        if (fields[i].choices)
            fields[i].type = SIM_FIELD_CHOICE;
    }
    struct sim_field_table *named = sim_arena_allocate(arena, 1, sizeof *named);
    *named = (struct sim_field_table){table->name, fields, table->count, table->item_size};
    return named;
}
