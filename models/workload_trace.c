/* workload_trace.c - arrivals from a CSV file of a measured trace. */
#include "models/workload_trace.h"

#include <stdlib.h>
#include <string.h>

#include "sim/csv.h"

enum {
    COLUMN_TIME,
    COLUMN_INPUT,
    COLUMN_OUTPUT,
    COLUMN_COUNT
};

struct reading {
    const struct arrival_config *arrivals;
    struct sim_csv *csv;
    size_t place[COLUMN_COUNT]; /* among the columns that were asked for */
    bool is_there[COLUMN_COUNT];
    struct trace_arrival *rows;
    size_t capacity;
    size_t count;
    sim_time_ns first_ns;
    sim_time_ns latest_ns;
};

static enum sim_status bad_row(const struct reading *reading, struct sim_error *error, const char *problem)
{
    return sim_error_set(error, SIM_BAD_INPUT, reading->arrivals->file, sim_csv_line(reading->csv), "%s", problem);
}

static enum sim_status read_tokens(struct reading *reading, int column, int32_t *tokens, struct sim_error *error)
{
    *tokens = 0;
    if (!reading->is_there[column])
        return SIM_OK;
    int64_t value = 0;
    enum sim_status status = sim_csv_int64(reading->csv, reading->place[column], &value, error);
    if (status == SIM_OK && (value < 0 || value > 1000000000))
        return bad_row(reading, error, "a number of tokens outside 0 to 1,000,000,000");
    *tokens = (int32_t)value;
    return status;
}

static enum sim_status read_row(void *owner, struct sim_error *error)
{
    struct reading *reading = owner;
    const double latest_ns = 0x1p62; /* leaves room for the gap before a repetition */
    sim_time_ns time_ns = 0;
    enum sim_status status = sim_csv_time(reading->csv, reading->place[COLUMN_TIME], &time_ns, error);
    if (status != SIM_OK)
        return status;
    if (reading->count == 0)
        reading->first_ns = time_ns;
    else if (time_ns < reading->latest_ns)
        return bad_row(reading, error, "the time lies before that of the row above; expected rows in order of time");
    reading->latest_ns = time_ns;
    reading->rows = sim_grow(reading->rows, &reading->capacity, reading->count + 1, sizeof *reading->rows);
    struct trace_arrival *row = &reading->rows[reading->count++];
    double scaled_ns = (double)(time_ns - reading->first_ns) * reading->arrivals->time_scale;
    if (scaled_ns > latest_ns)
        return bad_row(reading, error, "the time x time_scale lies more than 146 years after the first row");
    row->time_ns = (sim_time_ns)(scaled_ns + 0.5);
    status = read_tokens(reading, COLUMN_INPUT, &row->input_tokens, error);
    if (status == SIM_OK)
        status = read_tokens(reading, COLUMN_OUTPUT, &row->output_tokens, error);
    return status;
}

/* A repeated trace goes on after a gap of the mean length. */
static void keep_rows(struct workload *workload, const struct reading *reading)
{
    workload->trace = sim_arena_allocate(workload->arena, reading->count, sizeof *workload->trace);
    memcpy(workload->trace, reading->rows, reading->count * sizeof *workload->trace);
    workload->trace_count = reading->count;
    sim_time_ns last_ns = reading->rows[reading->count - 1].time_ns;
    sim_time_ns gap_ns = reading->count > 1 ? last_ns / (sim_time_ns)(reading->count - 1) : SIM_SECOND;
    workload->trace_span_ns = last_ns + (gap_ns > 0 ? gap_ns : 1);
}

enum sim_status workload_trace_load(struct workload *workload, struct sim_error *error)
{
    struct reading reading = {.arrivals = &workload->config->arrivals};
    const char *names[COLUMN_COUNT] = {reading.arrivals->time_column, reading.arrivals->input_tokens_column,
                                       reading.arrivals->output_tokens_column};
    const char *asked[COLUMN_COUNT];
    size_t asked_count = 0;
    for (int i = 0; i < COLUMN_COUNT; i++) {
        reading.is_there[i] = names[i] && names[i][0];
        reading.place[i] = asked_count;
        if (reading.is_there[i])
            asked[asked_count++] = names[i];
    }
    enum sim_status status = sim_csv_open(reading.arrivals->file, asked, asked_count, &reading.csv, error);
    if (status != SIM_OK)
        return status;
    status = sim_csv_each(reading.csv, read_row, &reading, "arrival", error);
    if (status == SIM_OK)
        keep_rows(workload, &reading);
    sim_csv_close(reading.csv);
    free(reading.rows);
    return status;
}

void workload_trace_skip(struct workload *workload, sim_time_ns time_ns)
{
    struct workload_state *state = &workload->state;
    bool repeats = workload->config->arrivals.repeat;
    state->cell = repeats ? (uint64_t)(time_ns / workload->trace_span_ns) : 0;
    sim_time_ns into_ns = time_ns - (sim_time_ns)state->cell * workload->trace_span_ns;
    size_t low = 0, high = workload->trace_count; /* the first row from into_ns on is one of these, high included */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (workload->trace[middle].time_ns < into_ns)
            low = middle + 1;
        else
            high = middle;
    }
    state->index = low;
}
