/* sensitivity.c - which other readings a scenario has, and loading it under them. */
#include "analysis/sensitivity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/autoscaler.h"
#include "scenarios/binding.h"
#include "scenarios/value.h"
#include "sim/memory.h"

enum {
    TEXT_SIZE = 256,
    VALUES_MAX = INFERRED_VALUES_MAX + 1
};

static const struct sim_field *field_of(const char *key)
{
    const struct sim_field *field = binding_find_field(binding_find_field(&world_config_table, "pools")->table, key);
    sim_assert(field && field->initial);
    return field;
}

/* What the pool has, in the form of a file. */
static const char *own_text(const struct sim_field *field, const struct pool_config *pool, char *text)
{
    bool has_text = value_text(field, pool, text, TEXT_SIZE);
    sim_assert(has_text);
    return text;
}

/* Whether the pool has this value: texts differ ("20 min", "1200 s") where values are the same. */
static bool has_value(const struct sim_field *field, const struct pool_config *pool, const char *value)
{
    struct pool_config *other = sim_allocate(1, sizeof *other);
    const struct value_context context = {.arena = NULL};
    struct value_problem problem;
    char own[TEXT_SIZE];
    char text[TEXT_SIZE];
    bool is_good = value_store(field, value, &context, other, &problem);
    sim_assert(is_good);
    bool is_same = strcmp(own_text(field, pool, own), own_text(field, other, text)) == 0;
    free(other);
    return is_same;
}

static const struct inferred_rule *rules_of(const struct pool_config *pool)
{
    return autoscaler_of(pool)->inferred;
}

/* Whether the pool goes by the rule, and by another value of it than this. */
static bool is_changed(const struct inferred_rule *rule, const struct pool_config *pool, const char *value)
{
    for (const struct inferred_rule *own = rules_of(pool); own->rule; own++)
        if (own == rule)
            return inferred_matters(rule, pool) && !has_value(field_of(rule->key), pool, value);
    return false;
}

static const char *setting_text(struct sim_arena *arena, const char *pool, const char *key, const char *value)
{
    size_t size = strlen(pool) + strlen(key) + strlen(value) + sizeof "pools..=";
    char *text = sim_arena_allocate(arena, size, 1);
    snprintf(text, size, "pools.%s.%s=%s", pool, key, value);
    return text;
}

/* The reading, if it changes some pool. */
static void offer(struct sensitivity_list *list, const struct world_config *config, const struct inferred_rule *rule,
                  const char *value)
{
    const char **settings = sim_arena_allocate(list->arena, config->pool_count, sizeof *settings);
    struct sensitivity_reading reading = {.rule = rule, .value = value, .settings = settings};
    size_t skipped = 0;
    for (size_t i = 0; i < config->pool_count; i++) {
        const struct pool_config *pool = &config->pools[i];
        char text[TEXT_SIZE];
        if (!is_changed(rule, pool, value))
            continue;
        if (reading.setting_count == 0) {
            reading.was = sim_arena_text(list->arena, own_text(field_of(rule->key), pool, text));
            skipped = strlen("pools..") + strlen(pool->name);
        }
        settings[reading.setting_count++] = setting_text(list->arena, pool->name, rule->key, value);
    }
    if (reading.setting_count == 0)
        return;
    reading.name = settings[0] + skipped;
    list->items[list->count++] = reading;
}

static void offer_all(struct sensitivity_list *list, const struct world_config *config,
                      const struct inferred_rule *rule)
{
    if (!rule->key)
        return;
    offer(list, config, rule, field_of(rule->key)->initial);
    for (size_t i = 0; rule->values[i]; i++)
        offer(list, config, rule, rule->values[i]);
}

static size_t rule_count(void)
{
    size_t count = 0;
    for (size_t i = 0; autoscaler_policies[i]; i++)
        for (const struct inferred_rule *rule = autoscaler_policies[i]->inferred; rule->rule; rule++)
            count++;
    return count;
}

void sensitivity_list_create(struct sensitivity_list *list, const struct world_config *config)
{
    struct sim_arena *arena = sim_arena_create();
    *list = (struct sensitivity_list){
        .items = sim_arena_allocate(arena, rule_count() * VALUES_MAX, sizeof *list->items), .arena = arena};
    for (size_t i = 0; autoscaler_policies[i]; i++)
        for (const struct inferred_rule *rule = autoscaler_policies[i]->inferred; rule->rule; rule++)
            offer_all(list, config, rule);
}

void sensitivity_list_release(struct sensitivity_list *list)
{
    sim_arena_destroy(list->arena);
    *list = (struct sensitivity_list){0};
}

const struct sensitivity_reading *sensitivity_list_find(const struct sensitivity_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return &list->items[i];
    return NULL;
}

enum sim_status sensitivity_load(const char *path, const struct scenario_settings *settings,
                                 const struct sensitivity_reading *const *readings, size_t count,
                                 struct scenario **scenario, struct diagnostic_list *problems)
{
    size_t total = settings->varied_count;
    for (size_t i = 0; i < count; i++)
        total += readings[i]->setting_count;
    const char **varied = sim_allocate(total, sizeof *varied);
    size_t at = 0;
    for (; at < settings->varied_count; at++)
        varied[at] = settings->varied[at];
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < readings[i]->setting_count; k++)
            varied[at++] = readings[i]->settings[k];
    struct scenario_settings all = *settings;
    all.varied = varied;
    all.varied_count = total;
    enum sim_status status = scenario_load_with(path, &all, scenario, problems);
    free(varied);
    return status;
}
