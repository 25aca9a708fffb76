/* rate_table.c - rows of time and rate. */
#include "models/rate_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/csv.h"

enum {
    COLUMN_TIME,
    COLUMN_RATE,
    COLUMN_COUNT
};

#define LONGEST_NS ((sim_time_ns)1 << 62)
#define RATE_MAX 1e9

struct reading {
    const char *file;
    struct sim_csv *csv;
    struct rate_table_row *rows;
    size_t capacity;
    size_t count;
    sim_time_ns first_ns;
};

static enum sim_status bad_row(const struct reading *reading, struct sim_error *error, const char *problem)
{
    return sim_error_set(error, SIM_BAD_INPUT, reading->file, sim_csv_line(reading->csv), "%s", problem);
}

static enum sim_status read_row(void *owner, struct sim_error *error)
{
    struct reading *reading = owner;
    sim_time_ns time_ns = 0;
    double rate = 0;
    enum sim_status status = sim_csv_time(reading->csv, COLUMN_TIME, &time_ns, error);
    if (status == SIM_OK)
        status = sim_csv_double(reading->csv, COLUMN_RATE, &rate, error);
    if (status != SIM_OK)
        return status;
    if (!(rate >= 0 && rate <= RATE_MAX))
        return bad_row(reading, error, "the rate is not from 0 to 1e9 per second");
    if (time_ns > LONGEST_NS || time_ns < -LONGEST_NS / 2)
        return bad_row(reading, error, "the time is out of range");
    if (reading->count == 0)
        reading->first_ns = time_ns;
    sim_time_ns at_ns = time_ns - reading->first_ns;
    if (reading->count > 0 && at_ns <= reading->rows[reading->count - 1].at_ns)
        return bad_row(reading, error, "the time is not after that of the row above");
    if (at_ns > LONGEST_NS / 2)
        return bad_row(reading, error, "the time lies more than 73 years after the first row");
    reading->rows = sim_grow(reading->rows, &reading->capacity, reading->count + 1, sizeof *reading->rows);
    reading->rows[reading->count++] = (struct rate_table_row){at_ns, rate};
    return SIM_OK;
}

static double mean_of(const struct rate_table_row *rows, size_t count, sim_time_ns period_ns)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_last = i + 1 == count;
        double right = rows[is_last ? 0 : i + 1].factor;
        sim_time_ns end_ns = is_last ? period_ns : rows[i + 1].at_ns;
        sum += (rows[i].factor + right) / 2 * ((double)(end_ns - rows[i].at_ns) / (double)period_ns);
    }
    return sum;
}

static enum sim_status keep_rows(struct rate_table_config *table, const struct reading *reading,
                                 struct sim_arena *arena, double *mean_per_s, struct sim_error *error)
{
    size_t count = reading->count;
    const struct rate_table_row *last = &reading->rows[count - 1];
    table->period_ns = count > 1 ? 2 * last->at_ns - last[-1].at_ns : SIM_HOUR;
    *mean_per_s = mean_of(reading->rows, count, table->period_ns);
    if (!(*mean_per_s > 0))
        return sim_error_set(error, SIM_BAD_INPUT, reading->file, 0, "all its rates are 0");
    table->rows = sim_arena_allocate(arena, count, sizeof *table->rows);
    table->row_count = count;
    for (size_t i = 0; i < count; i++)
        table->rows[i] = (struct rate_table_row){reading->rows[i].at_ns, reading->rows[i].factor / *mean_per_s};
    return SIM_OK;
}

enum sim_status rate_table_load(struct rate_table_config *table, struct sim_arena *arena, double *mean_per_s,
                                struct sim_error *error)
{
    struct reading reading = {.file = table->file};
    const char *columns[COLUMN_COUNT] = {table->time_column, table->rate_column};
    enum sim_status status = sim_csv_open(table->file, columns, COLUMN_COUNT, &reading.csv, error);
    if (status != SIM_OK)
        return status;
    status = sim_csv_each(reading.csv, read_row, &reading, "rate", error);
    if (status == SIM_OK)
        status = keep_rows(table, &reading, arena, mean_per_s, error);
    sim_csv_close(reading.csv);
    free(reading.rows);
    return status;
}
