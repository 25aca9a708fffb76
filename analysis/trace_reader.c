/* trace_reader.c - a run_result from a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/trace.h"
#include "analysis/trace_config.h"
#include "analysis/trace_row.h"
#include "analysis/trace_tally.h"
#include "sim/memory.h"
#include "sim/table.h"

enum {
    ROWS_AT_ONCE = 65536,
    REPLICATIONS_MAX = 1000000
};

static enum sim_status read_origin(struct trace *trace, struct sim_error *error)
{
    int64_t format;
    enum sim_status status = sim_table_reader_int64(trace->reader, "", "format", &format, error);
    if (status == SIM_OK && format != TRACE_FORMAT)
        return sim_error_set(error, SIM_NOT_A_TRACE, NULL, 0, "is a trace of format %lld; this program reads format %d",
                             (long long)format, TRACE_FORMAT);
    if (status == SIM_OK)
        status = sim_table_reader_text(trace->reader, "", "version", &trace->version, error);
    if (status == SIM_OK)
        status = sim_table_reader_text(trace->reader, "", "commit", &trace->commit, error);
    if (status == SIM_OK)
        status = sim_table_reader_text(trace->reader, "", "scenario", &trace->scenario, error);
    if (status == SIM_OK)
        status = sim_table_reader_text(trace->reader, "", "scenario_resolved", &trace->resolved, error);
    return status;
}

static enum sim_status read_result(struct trace *trace, struct sim_error *error)
{
    struct world_config *config = NULL;
    int64_t replications = 0;
    int64_t ending = RUN_WHOLE;
    enum sim_status status = trace_config_read(trace->reader, trace->arena, &config, error);
    if (status == SIM_OK)
        status = sim_table_reader_int64(trace->reader, "", "replications", &replications, error);
    if (status == SIM_OK)
        status = sim_table_reader_int64(trace->reader, "", "ending", &ending, error);
    if (status != SIM_OK)
        return status;
    if (replications < 1 || replications > REPLICATIONS_MAX)
        return sim_error_set(error, SIM_NOT_A_TRACE, NULL, 0, "has %lld replications", (long long)replications);
    trace->result = run_result_create(config, (size_t)replications);
    trace->result->ending = ending == RUN_STOPPED || ending == RUN_INTERRUPTED ? (int32_t)ending : RUN_WHOLE;
    return trace_tally_read(trace->reader, trace->result, trace->arena, error);
}

static enum sim_status read_notes(struct trace *trace, struct sim_error *error)
{
    struct sim_array rows;
    sim_array_init(&rows, sizeof(struct trace_note_row));
    enum sim_status status = sim_table_reader_load(trace->reader, "notes", &trace_note_table, &rows, error);
    const struct trace_note_row *row = rows.items;
    for (size_t i = 0; i < rows.count && status == SIM_OK; i++)
        note_add(&trace->notes, (enum note_kind)row[i].kind, "%s", row[i].text);
    sim_array_release(&rows);
    return status;
}

/* ---- Series ---- */

/* Puts a pool's intervals where a run has them: by interval, then by pool. */
static bool place_series(struct run_result *result, size_t pool, const struct series_row *rows, size_t count)
{
    size_t pool_count = result->config->pool_count;
    size_t interval_count = count / result->replication_count;
    if (interval_count == 0)
        return count == 0;
    for (size_t i = 0; i < count; i++) {
        size_t r = i / interval_count;
        if (r >= result->replication_count || rows[i].replication != (int32_t)r || rows[i].pool != (int32_t)pool)
            return false;
        struct replication_result *replication = &result->replications[r];
        if (!replication->series) {
            replication->series_count = interval_count * pool_count;
            replication->series = sim_allocate(replication->series_count, sizeof *replication->series);
        }
        if (replication->series_count != interval_count * pool_count)
            return false;
        replication->series[i % interval_count * pool_count + pool] = rows[i];
    }
    return true;
}

static enum sim_status read_series_of(struct trace *trace, size_t pool, struct sim_error *error)
{
    const struct world_config *config = trace->result->config;
    char name[160];
    (void)snprintf(name, sizeof name, "series/%s", config->pools[pool].name);
    struct sim_array rows;
    sim_array_init(&rows, sizeof(struct series_row));
    const struct sim_field_table *named = trace_config_named(&series_row_table, config, trace->arena);
    enum sim_status status = sim_table_reader_load(trace->reader, name, named, &rows, error);
    if (status == SIM_OK && !place_series(trace->result, pool, rows.items, rows.count))
        status = sim_error_set(error, SIM_NOT_A_TRACE, NULL, 0, "its table '%s' contradicts the others", name);
    sim_array_release(&rows);
    return status;
}

static enum sim_status read_series(struct trace *trace, struct sim_error *error)
{
    enum sim_status status = SIM_OK;
    for (size_t pool = 0; pool < trace->result->config->pool_count && status == SIM_OK; pool++)
        status = read_series_of(trace, pool, error);
    return status;
}

/* ---- Alerts ---- */

static bool place_alerts(struct run_result *result, const struct alert_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].replication < 0 || (size_t)rows[i].replication >= result->replication_count ||
            rows[i].to_ns < rows[i].from_ns)
            return false;
        struct sim_array *alerts = &result->replications[rows[i].replication].alerts;
        size_t place = sim_array_add(alerts);
        ((struct alert_row *)alerts->items)[place] = rows[i];
    }
    return true;
}

static enum sim_status read_alerts(struct trace *trace, struct sim_error *error)
{
    struct sim_array rows;
    if (trace->result->config->alert_count == 0)
        return SIM_OK;
    sim_array_init(&rows, sizeof(struct alert_row));
    const struct sim_field_table *named = trace_config_named(&alert_row_table, trace->result->config, trace->arena);
    enum sim_status status = sim_table_reader_load(trace->reader, "alerts", named, &rows, error);
    if (status == SIM_OK && !place_alerts(trace->result, rows.items, rows.count))
        status = sim_error_set(error, SIM_NOT_A_TRACE, NULL, 0, "its table 'alerts' contradicts the others");
    sim_array_release(&rows);
    return status;
}

/* ---- Requests ---- */

static bool is_row_sound(const struct run_result *result, const struct request_row *row)
{
    return row->replication >= 0 && (size_t)row->replication < result->replication_count &&
           (row->outcome != OUTCOME_COMPLETED || row->end_ns >= row->arrival_ns);
}

static enum sim_status read_rows(struct trace *trace, size_t table, struct request_row *rows, struct sim_error *error)
{
    uint64_t count = sim_table_reader_count(trace->reader, table);
    for (uint64_t first = 0; first < count; first += ROWS_AT_ONCE) {
        size_t some = (size_t)(count - first < ROWS_AT_ONCE ? count - first : ROWS_AT_ONCE);
        enum sim_status status = sim_table_reader_rows(trace->reader, table, first, some, rows, error);
        if (status != SIM_OK)
            return status;
        for (size_t i = 0; i < some; i++)
            if (!is_row_sound(trace->result, &rows[i]))
                return sim_error_set(error, SIM_NOT_A_TRACE, NULL, 0, "its table 'requests' contradicts itself");
        samples_add(trace->samples, rows, some);
    }
    return SIM_OK;
}

static enum sim_status read_samples(struct trace *trace, struct sim_error *error)
{
    int64_t rows_complete;
    enum sim_status status = sim_table_reader_int64(trace->reader, "", "rows_complete", &rows_complete, error);
    if (status != SIM_OK || !rows_complete)
        return status;
    size_t table;
    const struct sim_field_table *named = trace_config_named(&request_row_table, trace->result->config, trace->arena);
    status = sim_table_reader_find(trace->reader, "requests", named, &table, error);
    if (status != SIM_OK)
        return status;
    trace->samples = samples_create_for(trace->result);
    struct request_row *rows = sim_allocate(ROWS_AT_ONCE, sizeof *rows);
    status = read_rows(trace, table, rows, error);
    free(rows);
    if (status == SIM_OK && !samples_agree(trace->samples, trace->result))
        status = sim_error_set(error, SIM_NOT_A_TRACE, NULL, 0, "its rows and its histograms disagree");
    return status;
}

enum sim_status trace_load(const char *path, struct trace **trace, struct sim_error *error)
{
    struct trace *loaded = sim_allocate(1, sizeof *loaded);
    loaded->arena = sim_arena_create();
    enum sim_status status = sim_table_reader_open(path, &loaded->reader, error);
    if (status == SIM_OK)
        status = read_origin(loaded, error);
    if (status == SIM_OK)
        status = read_result(loaded, error);
    if (status == SIM_OK)
        status = read_notes(loaded, error);
    if (status == SIM_OK)
        status = read_series(loaded, error);
    if (status == SIM_OK)
        status = read_alerts(loaded, error);
    if (status == SIM_OK)
        status = read_samples(loaded, error);
    *trace = status == SIM_OK ? loaded : NULL;
    if (status != SIM_OK)
        trace_destroy(loaded);
    if (status != SIM_OK && error && error->file[0] == '\0')
        (void)snprintf(error->file, sizeof error->file, "%s", path);
    return status;
}

void trace_destroy(struct trace *trace)
{
    if (!trace)
        return;
    run_result_destroy(trace->result);
    samples_destroy(trace->samples);
    note_list_release(&trace->notes);
    sim_table_reader_close(trace->reader);
    sim_arena_destroy(trace->arena);
    free(trace);
}
