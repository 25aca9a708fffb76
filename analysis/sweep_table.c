/* sweep_table.c - points and their metrics as HDF5 tables. */
#include "analysis/sweep_table.h"

#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"
#include "sim/table.h"
#include "sim/text_pool.h"

#define POINTS_HELP "number of the point, from 0, the last path fastest"

/* A row of `points`, followed by a pointer or a double for each path. */
struct point_row {
    int64_t point;
    const char *status;
    const char *reason;
    int64_t seed;
    int64_t replications;
};

struct metric_row {
    int64_t point;
    struct trace_summary_row row;
};

union cell_value {
    const char *text;
    double number;
};

struct writing {
    const struct sweep_merge *merge;
    struct sim_table_writer *writer;
    struct sim_text_pool *texts;
    struct sim_field_table point_fields;
    struct sim_field_table metric_fields;
    size_t points;
    size_t metrics;
    char *row; /* room for a row of `points` */
};

static const struct sim_field point_column = {
    .name = "point", .type = SIM_FIELD_INT64, .unit = "", .help = POINTS_HELP};

/* A path may be that of a seed, which then has its column. */
static bool is_varied(const struct sweep_merge *merge, const char *name)
{
    for (size_t i = 0; i < merge->column_count; i++)
        if (strcmp(merge->columns[i].path, name) == 0)
            return true;
    return false;
}

/* The columns of `points`: fixed ones, and one for each path behind the first. */
static void make_point_fields(struct writing *writing)
{
    static const struct sim_field fixed[] = {
        {.name = "status",
         .type = SIM_FIELD_TEXT,
         .offset = offsetof(struct point_row, status),
         .highest = 16,
         .unit = "",
         .help = "ok, saturated, or invalid: the values do not go together"},
        {.name = "reason",
         .type = SIM_FIELD_TEXT,
         .offset = offsetof(struct point_row, reason),
         .highest = 96,
         .unit = "",
         .help = "why the values do not go together"},
        {.name = "seed",
         .type = SIM_FIELD_INT64,
         .offset = offsetof(struct point_row, seed),
         .unit = "",
         .help = "seed of all chance"},
        {.name = "replications",
         .type = SIM_FIELD_INT64,
         .offset = offsetof(struct point_row, replications),
         .unit = "",
         .help = "independent repetitions"},
    };
    enum {
        FIXED = sizeof fixed / sizeof *fixed
    };
    const struct sweep_merge *merge = writing->merge;
    size_t count = 1 + merge->column_count;
    struct sim_field *fields = sim_arena_allocate(merge->arena, count + FIXED, sizeof *fields);
    fields[0] = point_column;
    for (size_t i = 0; i < merge->column_count; i++)
        fields[1 + i] = (struct sim_field){.name = merge->columns[i].path,
                                           .type = merge->columns[i].is_number ? SIM_FIELD_DOUBLE : SIM_FIELD_TEXT,
                                           .offset = sizeof(struct point_row) + i * sizeof(union cell_value),
                                           .unit = merge->columns[i].is_number ? merge->columns[i].unit : "",
                                           .help = "what was varied"};
    for (size_t i = 0; i < FIXED; i++)
        if (!is_varied(merge, fixed[i].name))
            fields[count++] = fixed[i];
    size_t size = sizeof(struct point_row) + merge->column_count * sizeof(union cell_value);
    writing->point_fields = (struct sim_field_table){"point", fields, count, size};
    writing->row = sim_arena_allocate(merge->arena, 1, size);
}

/* The columns of a trace's summary behind the number of the point. */
static void make_metric_fields(struct writing *writing)
{
    size_t count = 1 + trace_summary_table.count;
    struct sim_field *fields = sim_arena_allocate(writing->merge->arena, count, sizeof *fields);
    fields[0] = point_column;
    for (size_t i = 1; i < count; i++) {
        fields[i] = trace_summary_table.fields[i - 1];
        fields[i].offset += offsetof(struct metric_row, row);
    }
    writing->metric_fields = (struct sim_field_table){"summary", fields, count, sizeof(struct metric_row)};
}

static const char *keep(struct writing *writing, const char *text)
{
    return sim_text_pool_keep(writing->texts, text, strlen(text));
}

static enum sim_status append_point(struct writing *writing, const struct sweep_file *file, struct sim_error *error)
{
    const struct sweep_merge *merge = writing->merge;
    struct point_row row = {.point = (int64_t)file->index,
                            .status = keep(writing, file->status),
                            .reason = keep(writing, file->reason),
                            .seed = file->seed,
                            .replications = file->replications};
    memcpy(writing->row, &row, sizeof row);
    for (size_t i = 0; i < merge->column_count; i++) {
        const char *text = sweep_file_value(file, i);
        union cell_value value;
        if (merge->columns[i].is_number)
            value.number = sweep_merge_number(text);
        else
            value.text = keep(writing, text);
        memcpy(writing->row + sizeof row + i * sizeof value, &value, sizeof value);
    }
    return sim_table_writer_append(writing->writer, writing->points, writing->row, 1, error);
}

static enum sim_status append_file(void *context, const struct sweep_file *file, struct sim_error *error)
{
    struct writing *writing = context;
    enum sim_status status = append_point(writing, file, error);
    for (size_t i = 0; i < file->row_count && status == SIM_OK; i++) {
        struct metric_row row = {(int64_t)file->index, sweep_file_row(file, i)};
        row.row.scope = keep(writing, row.row.scope);
        row.row.metric = keep(writing, row.row.metric);
        row.row.unit = keep(writing, row.row.unit);
        row.row.reason = keep(writing, row.row.reason);
        status = sim_table_writer_append(writing->writer, writing->metrics, &row, 1, error);
    }
    return status;
}

static enum sim_status write_attributes(struct writing *writing, struct sim_error *error)
{
    const struct sweep_identity *identity = &writing->merge->first.identity;
    const struct {
        const char *name;
        const char *text;
    } texts[] = {{"kind", "sweep"},
                 {"version", identity->version},
                 {"commit", identity->commit},
                 {"scenario", identity->scenario},
                 {"resolved", identity->resolved},
                 {"inferred", identity->inferred},
                 {"scenario_digest", identity->scenario_digest},
                 {"points_digest", identity->points_digest}};
    enum sim_status status = sim_table_writer_int64(writing->writer, "", "format", SWEEP_FILE_FORMAT, error);
    for (size_t i = 0; i < sizeof texts / sizeof *texts && status == SIM_OK; i++)
        status = sim_table_writer_text(writing->writer, "", texts[i].name, texts[i].text, error);
    return status;
}

static enum sim_status write_all(struct writing *writing, struct sim_error *error)
{
    enum sim_status status =
        sim_table_writer_add(writing->writer, "points", &writing->point_fields, &writing->points, error);
    if (status == SIM_OK)
        status = sim_table_writer_add(writing->writer, "summary", &writing->metric_fields, &writing->metrics, error);
    if (status == SIM_OK)
        status = write_attributes(writing, error);
    if (status == SIM_OK)
        status = sweep_merge_each(writing->merge, append_file, writing, error);
    return status;
}

enum sim_status sweep_table_write(const struct sweep_merge *merge, const char *path, struct sim_error *error)
{
    struct writing writing = {.merge = merge};
    enum sim_status status = sim_table_writer_open(path, 1, &writing.writer, error);
    if (status != SIM_OK)
        return status;
    writing.texts = sim_text_pool_create();
    make_point_fields(&writing);
    make_metric_fields(&writing);
    status = write_all(&writing, error);
    if (status == SIM_OK)
        status = sim_table_writer_finish(writing.writer, error);
    else
        sim_table_writer_abandon(writing.writer);
    sim_text_pool_destroy(writing.texts);
    return status;
}
