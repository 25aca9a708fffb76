/* trace_config.c - tables of fields flattened into columns. */
#include "analysis/trace_config_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/scope.h"
#include "models/result.h"
#include "sim/distribution.h"

enum {
    COLUMNS_MAX = 128,
    TEXT_WIDTH = 256
};

#define CLASS_COLUMN(member, key, kind, unit_text, help_text)                                                       \
    {                                                                                                               \
        .name = (key), .type = SIM_FIELD_##kind, .offset = offsetof(struct class_row, member), .unit = (unit_text), \
        .help = (help_text)                                                                                         \
    }

static const struct sim_field class_columns[] = {
    CLASS_COLUMN(workload, "workload", INT32, "", "number of the workload, from 0"),
    CLASS_COLUMN(pool, "pool", INT32, "", "number of a pool of its own, from 0; -1: the workload's"),
    CLASS_COLUMN(name, "name", TEXT, "", "name of the class"),
    CLASS_COLUMN(share, "share", DOUBLE, "ratio", "share of the workload's requests"),
    CLASS_COLUMN(prefix_hit, "prefix_hit", DOUBLE, "ratio", "share of the prompt found in a prefix cache"),
    CLASS_COLUMN(input_tokens, "input_tokens_mean", DOUBLE, "token", "mean length of the prompt; NaN: not given"),
    CLASS_COLUMN(output_tokens, "output_tokens_mean", DOUBLE, "token", "mean number generated; NaN: not given"),
    CLASS_COLUMN(work, "work_mean", DOUBLE, "", "mean work; NaN: not given"),
    CLASS_COLUMN(memory_gb, "memory", DOUBLE, "GB", "GPU memory of a request inside"),
    CLASS_COLUMN(audio_s, "audio_seconds_mean", DOUBLE, "s", "mean length of the audio made; NaN: none"),
};
static const struct sim_field_table class_table = {
    "classes", class_columns, sizeof class_columns / sizeof *class_columns, sizeof(struct class_row)};

/* What the loader adds to a pool; no keys of a scenario. */
#define POOL_COLUMN(member, key, kind, unit_text, help_text)                                                          \
    {                                                                                                                 \
        .name = (key), .type = SIM_FIELD_##kind, .offset = offsetof(struct pool_config, member), .unit = (unit_text), \
        .help = (help_text)                                                                                           \
    }

static const struct sim_field pool_columns[] = {
    POOL_COLUMN(gpu_count, "gpu_count", INT64, "", "GPUs of a container"),
    POOL_COLUMN(gpu_memory_gb, "gpu_memory", DOUBLE, "GB", "memory of one GPU"),
    POOL_COLUMN(power_w, "gpu_power", DOUBLE, "W", "highest power of one GPU; 0: not known"),
    POOL_COLUMN(idle_power_w, "gpu_idle_power", DOUBLE, "W", "its power without work; 0: not known"),
    POOL_COLUMN(price.provider, "price_provider", TEXT, "", "whose price it is"),
    POOL_COLUMN(price.kind, "price_of_kind", TEXT, "", "on-demand, spot or serverless"),
    POOL_COLUMN(price.source, "price_source", TEXT, "", "where the price was found"),
    POOL_COLUMN(price.date, "price_date", TEXT, "", "when the price was found"),
    POOL_COLUMN(price.gpu_pusd_per_h, "price_per_gpu", INT64, "1e-12 USD/h", "price of one GPU"),
    POOL_COLUMN(price.core_pusd_per_h, "price_per_core", INT64, "1e-12 USD/h", "price of one CPU core"),
    POOL_COLUMN(price.memory_pusd_per_gib_h, "price_per_gib", INT64, "1e-12 USD/h", "price of one GiB of memory"),
};

static const struct sim_field workload_columns[] = {
    {.name = "pool_index",
     .type = SIM_FIELD_INT32,
     .offset = offsetof(struct workload_config, pool_index),
     .unit = "",
     .help = "number of the pool, from 0"},
    {.name = "migration_to_index",
     .type = SIM_FIELD_INT32,
     .offset = offsetof(struct workload_config, migration.to_index),
     .unit = "",
     .help = "number of the pool to which sessions migrate, from 0, where there is a migration"},
    {.name = "takes_turns",
     .type = SIM_FIELD_BOOL,
     .offset = offsetof(struct workload_config, arrivals.takes_turns),
     .unit = "",
     .help = "whether its sessions take turns"},
};

static const struct sim_field scenario_columns[] = {
    {.name = "start_ns",
     .type = SIM_FIELD_TIME,
     .offset = offsetof(struct world_config, start_ns),
     .unit = "ns",
     .help = "time 0 of the run since 1970-01-01, UTC; 0: not given"},
};

static const struct sim_field price_columns[] = {
    {.name = "pool",
     .type = SIM_FIELD_INT32,
     .offset = offsetof(struct price_row, pool),
     .unit = "",
     .help = "number of the pool, from 0"},
    {.name = "from",
     .type = SIM_FIELD_TEXT,
     .offset = offsetof(struct price_row, change.from),
     .unit = "",
     .help = "date from which it holds"},
    {.name = "from_ns",
     .type = SIM_FIELD_TIME,
     .offset = offsetof(struct price_row, change.from_ns),
     .unit = "ns",
     .help = "the same as simulated time"},
    {.name = "price_per_gpu",
     .type = SIM_FIELD_INT64,
     .offset = offsetof(struct price_row, change.gpu_pusd_per_h),
     .unit = "1e-12 USD/h",
     .help = "price of one GPU"},
};
#define SERVED_COLUMN(member, key, kind, unit_text, help_text)                                                       \
    {                                                                                                                \
        .name = (key), .type = SIM_FIELD_##kind, .offset = offsetof(struct served_row, member), .unit = (unit_text), \
        .help = (help_text)                                                                                          \
    }

static const struct sim_field served_columns[] = {
    SERVED_COLUMN(pool, "pool", INT32, "", "number of the pool, from 0"),
    SERVED_COLUMN(served.gpu, "gpu", TEXT, "", "GPU that containers may get"),
    SERVED_COLUMN(served.share, "share", DOUBLE, "ratio", "share of containers"),
    SERVED_COLUMN(served.speed, "speed", DOUBLE, "", "of the main stage against the requested GPU"),
    SERVED_COLUMN(served.billed_as, "billed_as", INT32, "", "0: at the price of the requested GPU, 1: at its own"),
    SERVED_COLUMN(served.attempt_failure, "attempt_failure", DOUBLE, "ratio", "share of attempts; below 0: the pool's"),
    SERVED_COLUMN(served.memory_gb, "memory", DOUBLE, "GB", "memory of one GPU"),
    SERVED_COLUMN(served.gpu_pusd_per_h, "price_per_gpu", INT64, "1e-12 USD/h", "its own price; 0: not asked for"),
};
static const struct sim_field_table served_table = {
    "served", served_columns, sizeof served_columns / sizeof *served_columns, sizeof(struct served_row)};

static const struct sim_field_table price_table = {
    "prices", price_columns, sizeof price_columns / sizeof *price_columns, sizeof(struct price_row)};

static const struct sim_field rule_columns[] = {
    {.name = "pool",
     .type = SIM_FIELD_INT32,
     .offset = offsetof(struct rule_row, pool),
     .unit = "",
     .help = "number of the pool, from 0"},
    {.name = "name",
     .type = SIM_FIELD_TEXT,
     .offset = offsetof(struct rule_row, name),
     .unit = "",
     .help = "name of the rule"},
};
static const struct sim_field_table rule_table = {"rules", rule_columns, sizeof rule_columns / sizeof *rule_columns,
                                                  sizeof(struct rule_row)};

static const struct sim_field alert_columns[] = {
    {.name = "pool_index",
     .type = SIM_FIELD_INT32,
     .offset = offsetof(struct alert_config, pool_index),
     .unit = "",
     .help = "number of the pool, from 0"},
};

/* A table of columns under construction. */
struct columns {
    struct sim_arena *arena;
    struct sim_field *fields;
    size_t count;
};

static const char *prefixed(struct sim_arena *arena, const char *prefix, const char *name)
{
    char text[128];
    (void)snprintf(text, sizeof text, "%s%s%s", prefix, prefix[0] ? "_" : "", name);
    return sim_arena_text(arena, text);
}

static void add_column(struct columns *columns, const struct sim_field *field, const char *prefix, size_t offset)
{
    sim_assert(columns->count < COLUMNS_MAX);
    struct sim_field *column = &columns->fields[columns->count++];
    *column = *field;
    column->name = prefixed(columns->arena, prefix, field->name);
    column->offset += offset;
    if (column->type == SIM_FIELD_TEXT)
        column->highest = TEXT_WIDTH;
    if (column->type == SIM_FIELD_INT64 && strcmp(field->unit, "USD/h") == 0)
        column->unit = "1e-12 USD/h";
    if (column->type == SIM_FIELD_INT64 && strcmp(field->unit, "USD") == 0)
        column->unit = "1e-12 USD";
}

/* Adds the plain fields of a table, and those of its records. Not those of a shape: without its lists they say little.
 */
static void add_columns(struct columns *columns, const struct sim_field_table *table, const char *prefix, size_t offset)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct sim_field *field = &table->fields[i];
        if (field->type == SIM_FIELD_RECORD && strcmp(field->name, "shape") == 0)
            continue;
        if (field->type == SIM_FIELD_RECORD)
            add_columns(columns, field->table, prefixed(columns->arena, prefix, field->name), offset + field->offset);
        else if (field->type != SIM_FIELD_LIST && field->type != SIM_FIELD_CHOICES &&
                 field->type != SIM_FIELD_DISTRIBUTION)
            add_column(columns, field, prefix, offset);
    }
}

static const struct sim_field_table *flat_table(struct sim_arena *arena, const struct sim_field_table *table,
                                                const struct sim_field *more, size_t more_count)
{
    struct columns columns = {.arena = arena};
    columns.fields = sim_arena_allocate(arena, COLUMNS_MAX, sizeof *columns.fields);
    add_columns(&columns, table, "", 0);
    for (size_t i = 0; i < more_count; i++)
        add_column(&columns, &more[i], "", 0);
    struct sim_field_table *flat = sim_arena_allocate(arena, 1, sizeof *flat);
    *flat = (struct sim_field_table){table->name, columns.fields, columns.count, table->item_size};
    return flat;
}

/* Descriptions of the lists of a scenario. */
static const struct sim_field_table *list_table(const char *key)
{
    size_t i = 0;
    while (i < world_config_table.count && strcmp(world_config_table.fields[i].name, key) != 0)
        i++;
    sim_assert(i < world_config_table.count);
    return world_config_table.fields[i].table;
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct config_tables trace_config_tables(struct sim_arena *arena)
{
    return (struct config_tables){
        .scenario = flat_table(arena, &world_config_table, scenario_columns, COUNT(scenario_columns)),
        .pools = flat_table(arena, list_table("pools"), pool_columns, COUNT(pool_columns)),
        .workloads = flat_table(arena, list_table("workloads"), workload_columns, COUNT(workload_columns)),
        .classes = flat_table(arena, &class_table, NULL, 0),
        .limits = flat_table(arena, list_table("slo"), NULL, 0),
        .prices = flat_table(arena, &price_table, NULL, 0),
        .served = flat_table(arena, &served_table, NULL, 0),
        .rules = flat_table(arena, &rule_table, NULL, 0),
        .alerts = flat_table(arena, list_table("alerts"), alert_columns, COUNT(alert_columns)),
    };
}

static enum sim_status write_table(struct sim_table_writer *writer, const char *name,
                                   const struct sim_field_table *fields, const void *items, size_t count,
                                   struct sim_error *error)
{
    size_t table;
    enum sim_status status = sim_table_writer_add(writer, name, fields, &table, error);
    if (status == SIM_OK && count > 0)
        status = sim_table_writer_append(writer, table, items, count, error);
    return status;
}

/* NaN for what the scenario leaves out. */
static double mean_of(const struct sim_distribution *distribution)
{
    return distribution->kind == SIM_DISTRIBUTION_NONE ? NAN : sim_distribution_mean(distribution);
}

static struct class_row class_row_of(const struct world_config *config, size_t class_index)
{
    const struct class_config *class = scope_class_config(config, class_index);
    size_t workload = scope_class_workload(config, class_index);
    size_t number = class_index - result_class_index(config, workload, 0);
    bool has_pool = workload_config_has_own_pool(&config->workloads[workload], number);
    return (struct class_row){.workload = (int32_t)workload,
                              .pool = has_pool ? class->pool_index : -1,
                              .name = class->name,
                              .share = class->share,
                              .prefix_hit = class->prefix_hit,
                              .input_tokens = mean_of(&class->input_tokens),
                              .output_tokens = mean_of(&class->output_tokens),
                              .work = mean_of(&class->work),
                              .audio_s = mean_of(&class->audio_s),
                              .memory_gb = class->memory_gb};
}

static enum sim_status write_prices(struct sim_table_writer *writer, const struct sim_field_table *fields,
                                    const struct world_config *config, struct sim_arena *arena, struct sim_error *error)
{
    size_t count = 0;
    for (size_t i = 0; i < config->pool_count; i++)
        count += config->pools[i].price_count;
    struct price_row *rows = sim_arena_allocate(arena, count, sizeof *rows);
    size_t filled = 0;
    for (size_t i = 0; i < config->pool_count; i++)
        for (size_t k = 0; k < config->pools[i].price_count; k++)
            rows[filled++] = (struct price_row){(int32_t)i, config->pools[i].prices[k]};
    return write_table(writer, "config/prices", fields, rows, count, error);
}

static enum sim_status write_served(struct sim_table_writer *writer, const struct sim_field_table *fields,
                                    const struct world_config *config, struct sim_arena *arena, struct sim_error *error)
{
    struct served_row *rows = sim_arena_allocate(arena, SERVED_MAX * config->pool_count, sizeof *rows);
    size_t filled = 0;
    for (size_t i = 0; i < config->pool_count; i++)
        for (size_t k = 0; k < config->pools[i].served_count; k++)
            rows[filled++] = (struct served_row){(int32_t)i, config->pools[i].served_by[k]};
    return write_table(writer, "config/served", fields, rows, filled, error);
}

static enum sim_status write_rules(struct sim_table_writer *writer, const struct sim_field_table *fields,
                                   const struct world_config *config, struct sim_arena *arena, struct sim_error *error)
{
    size_t count = result_rule_count(config);
    struct rule_row *rows = sim_arena_allocate(arena, count, sizeof *rows);
    size_t filled = 0;
    for (size_t i = 0; i < config->pool_count; i++)
        for (size_t k = 0; k < config->pools[i].controller.rule_count; k++)
            rows[filled++] = (struct rule_row){(int32_t)i, config->pools[i].controller.rules[k].name};
    return write_table(writer, "config/rules", fields, rows, count, error);
}

enum sim_status trace_config_write(struct sim_table_writer *writer, const struct world_config *config,
                                   struct sim_arena *arena, struct sim_error *error)
{
    struct config_tables tables = trace_config_tables(arena);
    size_t class_count = result_class_count(config);
    struct class_row *classes = sim_arena_allocate(arena, class_count, sizeof *classes);
    for (size_t i = 0; i < class_count; i++)
        classes[i] = class_row_of(config, i);
    enum sim_status status = write_table(writer, "config/scenario", tables.scenario, config, 1, error);
    if (status == SIM_OK)
        status = write_table(writer, "config/pools", tables.pools, config->pools, config->pool_count, error);
    if (status == SIM_OK)
        status =
            write_table(writer, "config/workloads", tables.workloads, config->workloads, config->workload_count, error);
    if (status == SIM_OK)
        status = write_table(writer, "config/classes", tables.classes, classes, class_count, error);
    if (status == SIM_OK)
        status = write_table(writer, "config/limits", tables.limits, config->slos, config->slo_count, error);
    if (status == SIM_OK)
        status = write_prices(writer, tables.prices, config, arena, error);
    if (status == SIM_OK)
        status = write_served(writer, tables.served, config, arena, error);
    if (status == SIM_OK)
        status = write_rules(writer, tables.rules, config, arena, error);
    if (status == SIM_OK)
        status = write_table(writer, "config/alerts", tables.alerts, config->alerts, config->alert_count, error);
    return status;
}
