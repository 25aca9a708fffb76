/* trace_config_read.c - a configuration from the tables of a trace. */
#include <math.h>

#include "analysis/trace_config_internal.h"
#include "sim/distribution.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Reads a table into the arena. */
static enum sim_status read_table(struct sim_table_reader *reader, const char *name,
                                  const struct sim_field_table *fields, struct sim_arena *arena, void **items,
                                  size_t *count, struct sim_error *error)
{
    size_t table;
    enum sim_status status = sim_table_reader_find(reader, name, fields, &table, error);
    if (status != SIM_OK)
        return status;
    *count = (size_t)sim_table_reader_count(reader, table);
    *items = sim_arena_allocate(arena, *count, fields->item_size);
    return sim_table_reader_rows(reader, table, 0, *count, *items, error);
}

static struct sim_distribution fixed_at(double mean)
{
    if (isnan(mean))
        return (struct sim_distribution){.kind = SIM_DISTRIBUTION_NONE};
    return (struct sim_distribution){.kind = SIM_DISTRIBUTION_FIXED, .of.fixed.value = mean};
}

static enum sim_status contradiction(struct sim_error *error)
{
    return sim_error_set(error, SIM_NOT_A_TRACE, NULL, 0, "its tables of the configuration contradict each other");
}

/* Gives every workload its classes, which follow each other in the order of the workloads. */
static enum sim_status join_classes(struct world_config *config, const struct class_row *rows, size_t count,
                                    struct sim_arena *arena, struct sim_error *error)
{
    struct class_config *classes = sim_arena_allocate(arena, count, sizeof *classes);
    for (size_t i = 0; i < count; i++) {
        const struct class_row *row = &rows[i];
        if (row->workload < 0 || (size_t)row->workload >= config->workload_count ||
            (i > 0 && row->workload < rows[i - 1].workload))
            return contradiction(error);
        bool has_pool = row->pool >= 0 && (size_t)row->pool < config->pool_count;
        classes[i] = (struct class_config){.name = row->name,
                                           .pool = has_pool ? config->pools[row->pool].name : "",
                                           .pool_index = has_pool ? row->pool : 0,
                                           .share = row->share,
                                           .prefix_hit = row->prefix_hit,
                                           .input_tokens = fixed_at(row->input_tokens),
                                           .output_tokens = fixed_at(row->output_tokens),
                                           .work = fixed_at(row->work),
                                           .audio_s = fixed_at(row->audio_s),
                                           .memory_gb = row->memory_gb};
        struct workload_config *workload = &config->workloads[row->workload];
        if (workload->class_count++ == 0)
            workload->classes = &classes[i];
    }
    return SIM_OK;
}

/* Gives every pool its later prices, which follow each other in the order of the pools. */
static enum sim_status join_prices(struct world_config *config, const struct price_row *rows, size_t count,
                                   struct sim_arena *arena, struct sim_error *error)
{
    struct price_change *changes = sim_arena_allocate(arena, count, sizeof *changes);
    for (size_t i = 0; i < count; i++) {
        const struct price_row *row = &rows[i];
        if (row->pool < 0 || (size_t)row->pool >= config->pool_count || (i > 0 && row->pool < rows[i - 1].pool) ||
            row->change.gpu_pusd_per_h < 0)
            return contradiction(error);
        changes[i] = row->change;
        struct pool_config *pool = &config->pools[row->pool];
        if (pool->price_count++ == 0)
            pool->prices = &changes[i];
    }
    return SIM_OK;
}

/* Gives every pool the GPUs that its containers may get, which follow each other like the prices. */
static enum sim_status join_served(struct world_config *config, const struct served_row *rows, size_t count,
                                   struct sim_arena *arena, struct sim_error *error)
{
    struct served_config *served = sim_arena_allocate(arena, count, sizeof *served);
    for (size_t i = 0; i < count; i++) {
        const struct served_row *row = &rows[i];
        if (row->pool < 0 || (size_t)row->pool >= config->pool_count || (i > 0 && row->pool < rows[i - 1].pool))
            return contradiction(error);
        served[i] = row->served;
        struct pool_config *pool = &config->pools[row->pool];
        if (pool->served_count == SERVED_MAX)
            return contradiction(error);
        if (pool->served_count++ == 0)
            pool->served_by = &served[i];
    }
    return SIM_OK;
}

/* Gives every pool its rules, which follow each other in the order of the pools. Of rules only the names are known. */
static enum sim_status join_rules(struct world_config *config, const struct rule_row *rows, size_t count,
                                  struct sim_arena *arena, struct sim_error *error)
{
    struct rule_config *rules = sim_arena_allocate(arena, count, sizeof *rules);
    for (size_t i = 0; i < count; i++) {
        const struct rule_row *row = &rows[i];
        if (row->pool < 0 || (size_t)row->pool >= config->pool_count || (i > 0 && row->pool < rows[i - 1].pool))
            return contradiction(error);
        rules[i].name = row->name;
        struct controller_config *controller = &config->pools[row->pool].controller;
        if (controller->rule_count++ == 0)
            controller->rules = &rules[i];
    }
    return SIM_OK;
}

static bool is_consistent(const struct world_config *config)
{
    for (size_t i = 0; i < config->workload_count; i++) {
        const struct workload_config *workload = &config->workloads[i];
        if (workload->pool_index < 0 || (size_t)workload->pool_index >= config->pool_count ||
            workload->class_count == 0 ||
            (workload_config_migrates(workload) &&
             (workload->migration.to_index < 0 || (size_t)workload->migration.to_index >= config->pool_count)))
            return false;
    }
    for (size_t i = 0; i < config->pool_count; i++) {
        const struct pool_config *pool = &config->pools[i];
        if (pool->max_inputs < 1 || pool->gpu_count < 0 || pool->profile.kv_block < 0 || pool->price.gpu_pusd_per_h < 0)
            return false;
    }
    for (size_t i = 0; i < config->alert_count; i++)
        if (config->alerts[i].pool_index < 0 || (size_t)config->alerts[i].pool_index >= config->pool_count)
            return false;
    return config->pool_count > 0 && config->workload_count > 0 && config->duration_ns > config->warm_up_ns &&
           config->warm_up_ns >= 0;
}

enum sim_status trace_config_read(struct sim_table_reader *reader, struct sim_arena *arena,
                                  struct world_config **config, struct sim_error *error)
{
    struct config_tables tables = trace_config_tables(arena);
    void *items[9] = {0};
    size_t counts[9] = {0};
    const struct {
        const char *name;
        const struct sim_field_table *fields;
    } parts[9] = {
        {"config/scenario", tables.scenario}, {"config/pools", tables.pools},   {"config/workloads", tables.workloads},
        {"config/classes", tables.classes},   {"config/limits", tables.limits}, {"config/prices", tables.prices},
        {"config/served", tables.served},     {"config/rules", tables.rules},   {"config/alerts", tables.alerts}};
    for (size_t i = 0; i < COUNT(parts); i++) {
        enum sim_status status =
            read_table(reader, parts[i].name, parts[i].fields, arena, &items[i], &counts[i], error);
        if (status != SIM_OK)
            return status;
    }
    if (counts[0] != 1)
        return contradiction(error);
    *config = items[0];
    (*config)->pools = items[1];
    (*config)->pool_count = counts[1];
    (*config)->workloads = items[2];
    (*config)->workload_count = counts[2];
    (*config)->slos = items[4];
    (*config)->slo_count = counts[4];
    (*config)->alerts = items[8];
    (*config)->alert_count = counts[8];
    enum sim_status status = join_classes(*config, items[3], counts[3], arena, error);
    if (status == SIM_OK)
        status = join_prices(*config, items[5], counts[5], arena, error);
    if (status == SIM_OK)
        status = join_served(*config, items[6], counts[6], arena, error);
    if (status == SIM_OK)
        status = join_rules(*config, items[7], counts[7], arena, error);
    if (status == SIM_OK && !is_consistent(*config))
        status = contradiction(error);
    return status;
}
