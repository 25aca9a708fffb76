/* trace_writer.c - rows first, everything else at the end. */
#include <stdio.h>
#include <stdlib.h>

#include "analysis/trace.h"
#include "analysis/trace_config.h"
#include "analysis/trace_row.h"
#include "analysis/trace_tally.h"
#include "models/autoscaler.h"
#include "sim/memory.h"
#include "sim/table.h"

enum {
    COMPRESSING_THREADS = 1
};

struct trace_writer {
    struct sim_table_writer *table_writer;
    struct sim_arena *arena;
    const struct world_config *config;
    size_t requests;
    size_t containers;
    size_t decisions;
};

static enum sim_status add_named(struct trace_writer *writer, const char *name, const struct sim_field_table *fields,
                                 size_t *table, struct sim_error *error)
{
    const struct sim_field_table *named = trace_config_named(fields, writer->config, writer->arena);
    return sim_table_writer_add(writer->table_writer, name, named, table, error);
}

enum sim_status trace_writer_open(const char *path, const struct world_config *config, struct trace_writer **writer,
                                  struct sim_error *error)
{
    *writer = NULL;
    struct sim_table_writer *table_writer;
    enum sim_status status = sim_table_writer_open(path, COMPRESSING_THREADS, &table_writer, error);
    if (status != SIM_OK)
        return status;
    struct trace_writer *opened = sim_allocate(1, sizeof *opened);
    opened->table_writer = table_writer;
    opened->arena = sim_arena_create();
    opened->config = config;
    status = add_named(opened, "requests", &request_row_table, &opened->requests, error);
    if (status == SIM_OK)
        status = add_named(opened, "containers", &container_row_table, &opened->containers, error);
    if (status == SIM_OK)
        status = add_named(opened, "decisions", &decision_row_table, &opened->decisions, error);
    if (status == SIM_OK)
        *writer = opened;
    else
        trace_writer_abandon(opened);
    return status;
}

enum sim_status trace_writer_requests(struct trace_writer *writer, const struct request_row *rows, size_t count,
                                      struct sim_error *error)
{
    return sim_table_writer_append(writer->table_writer, writer->requests, rows, count, error);
}

enum sim_status trace_writer_containers(struct trace_writer *writer, const struct container_row *rows, size_t count,
                                        struct sim_error *error)
{
    return sim_table_writer_append(writer->table_writer, writer->containers, rows, count, error);
}

enum sim_status trace_writer_decisions(struct trace_writer *writer, const struct decision_row *rows, size_t count,
                                       struct sim_error *error)
{
    return sim_table_writer_append(writer->table_writer, writer->decisions, rows, count, error);
}

static enum sim_status write_series_of(struct trace_writer *writer, const struct run_result *result, size_t pool,
                                       struct sim_error *error)
{
    char name[160];
    (void)snprintf(name, sizeof name, "series/%s", writer->config->pools[pool].name);
    size_t table;
    enum sim_status status = add_named(writer, name, &series_row_table, &table, error);
    for (size_t r = 0; r < result->replication_count; r++) {
        const struct replication_result *replication = &result->replications[r];
        for (size_t i = 0; i < replication->series_count && status == SIM_OK; i++)
            if (replication->series[i].pool == (int32_t)pool)
                status = sim_table_writer_append(writer->table_writer, table, &replication->series[i], 1, error);
    }
    return status;
}

static enum sim_status write_series(struct trace_writer *writer, const struct run_result *result,
                                    struct sim_error *error)
{
    enum sim_status status = SIM_OK;
    for (size_t pool = 0; pool < writer->config->pool_count && status == SIM_OK; pool++)
        status = write_series_of(writer, result, pool, error);
    return status;
}

static enum sim_status write_alerts(struct trace_writer *writer, const struct run_result *result,
                                    struct sim_error *error)
{
    size_t table;
    if (result->config->alert_count == 0)
        return SIM_OK;
    enum sim_status status = add_named(writer, "alerts", &alert_row_table, &table, error);
    for (size_t r = 0; r < result->replication_count && status == SIM_OK; r++) {
        const struct sim_array *alerts = &result->replications[r].alerts;
        if (alerts->count > 0)
            status = sim_table_writer_append(writer->table_writer, table, alerts->items, alerts->count, error);
    }
    return status;
}

static enum sim_status write_summary(struct trace_writer *writer, const struct summary *summary,
                                     struct sim_error *error)
{
    size_t table;
    enum sim_status status = sim_table_writer_add(writer->table_writer, "summary", &trace_summary_table, &table, error);
    for (size_t i = 0; i < summary->row_count && status == SIM_OK; i++) {
        const struct summary_row *from = &summary->rows[i];
        struct trace_summary_row row = {.scope = from->scope->name,
                                        .metric = from->metric->name,
                                        .unit = from->metric->unit,
                                        .value = from->estimate.value,
                                        .low = from->estimate.low,
                                        .high = from->estimate.high,
                                        .count = (int64_t)from->estimate.count,
                                        .reason = from->estimate.reason};
        status = sim_table_writer_append(writer->table_writer, table, &row, 1, error);
    }
    return status;
}

static enum sim_status write_notes(struct trace_writer *writer, const struct note_list *notes, struct sim_error *error)
{
    size_t table;
    enum sim_status status = sim_table_writer_add(writer->table_writer, "notes", &trace_note_table, &table, error);
    for (size_t i = 0; i < notes->count && status == SIM_OK; i++) {
        struct trace_note_row row = {(int32_t)notes->items[i].kind, notes->items[i].text};
        status = sim_table_writer_append(writer->table_writer, table, &row, 1, error);
    }
    return status;
}

/* One line per pool, made by `describe`. */
static const char *pool_lines(struct trace_writer *writer,
                              int (*describe)(const struct pool_config *pool, char *text, size_t size))
{
    char *text = sim_arena_allocate(writer->arena, writer->config->pool_count, 1024);
    size_t length = 0;
    for (size_t i = 0; i < writer->config->pool_count; i++) {
        int added = describe(&writer->config->pools[i], text + length, 1024);
        length += added < 1024 ? (size_t)added : 1023;
    }
    return text;
}

static int describe_policy(const struct pool_config *pool, char *text, size_t size)
{
    const struct autoscaler_policy *policy = autoscaler_of(pool);
    return snprintf(text, size, "%s: %s %d\n", pool->name, policy->name, policy->version);
}

static int describe_profile(const struct pool_config *pool, char *text, size_t size)
{
    const struct profile_config *profile = &pool->profile;
    return snprintf(text, size, "%s: %s; source: %s; fit error: %s\n", pool->name, profile->name,
                    profile->source ? profile->source : "", profile->fit_error ? profile->fit_error : "");
}

static enum sim_status write_texts(struct trace_writer *writer, const struct trace_content *content,
                                   struct sim_error *error)
{
    const struct {
        const char *name;
        const char *text;
    } texts[] = {{"version", content->summary->version},
                 {"commit", content->summary->commit},
                 {"scenario", content->scenario},
                 {"scenario_resolved", content->resolved},
                 {"policies", pool_lines(writer, describe_policy)},
                 {"profiles", pool_lines(writer, describe_profile)}};
    enum sim_status status = SIM_OK;
    for (size_t i = 0; i < sizeof texts / sizeof *texts && status == SIM_OK; i++)
        status = sim_table_writer_text(writer->table_writer, "", texts[i].name, texts[i].text, error);
    return status;
}

static enum sim_status write_attributes(struct trace_writer *writer, const struct trace_content *content,
                                        struct sim_error *error)
{
    const struct {
        const char *name;
        int64_t value;
    } numbers[] = {{"format", TRACE_FORMAT},
                   {"seed", writer->config->seed},
                   {"replications", (int64_t)content->summary->result->replication_count},
                   {"rows_complete", content->rows_complete},
                   {"ending", content->summary->result->ending}};
    enum sim_status status = write_texts(writer, content, error);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers && status == SIM_OK; i++)
        status = sim_table_writer_int64(writer->table_writer, "", numbers[i].name, numbers[i].value, error);
    return status;
}

static enum sim_status write_rest(struct trace_writer *writer, const struct trace_content *content,
                                  struct sim_error *error)
{
    const struct run_result *result = content->summary->result;
    enum sim_status status = write_series(writer, result, error);
    if (status == SIM_OK)
        status = write_alerts(writer, result, error);
    if (status == SIM_OK)
        status = trace_config_write(writer->table_writer, writer->config, writer->arena, error);
    if (status == SIM_OK)
        status = trace_tally_write(writer->table_writer, result, writer->arena, error);
    if (status == SIM_OK)
        status = write_notes(writer, content->notes, error);
    if (status == SIM_OK)
        status = write_summary(writer, content->summary, error);
    if (status == SIM_OK)
        status = write_attributes(writer, content, error);
    return status;
}

enum sim_status trace_writer_finish(struct trace_writer *writer, const struct trace_content *content,
                                    struct sim_error *error)
{
    enum sim_status status = write_rest(writer, content, error);
    if (status != SIM_OK) {
        trace_writer_abandon(writer);
        return status;
    }
    status = sim_table_writer_finish(writer->table_writer, error);
    sim_arena_destroy(writer->arena);
    free(writer);
    return status;
}

void trace_writer_abandon(struct trace_writer *writer)
{
    if (!writer)
        return;
    sim_table_writer_abandon(writer->table_writer);
    sim_arena_destroy(writer->arena);
    free(writer);
}
