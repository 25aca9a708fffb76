/* bench_table.c - rows per second into and out of a table, for a row like that of a request.
 *
 * usage: bench_table [ROWS [FILE]]. Prints one line per number of workers: million rows per second of wall time, the
 * share of it that the producing thread spends, and bytes per row in the file. The last line is for reading.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sim/memory.h"
#include "sim/table.h"
#include "sim/time.h"

struct row {
    sim_time_ns arrival_ns;
    sim_time_ns start_ns;
    sim_time_ns first_ns;
    sim_time_ns end_ns;
    double weight;
    int32_t replication;
    int32_t container;
    int32_t input_tokens;
    int32_t output_tokens;
    int32_t class_id;
    int32_t pool_id;
    int32_t outcome;
    uint8_t tries;
    bool is_cold;
};

static const char *const classes[] = {"short", "long", NULL};
static const char *const pools[] = {"tts", NULL};
static const char *const outcomes[] = {"completed", "failed", "timed-out", "rejected", NULL};

#define FIELD(member, kind) .name = #member, .type = (kind), .offset = offsetof(struct row, member)

static const struct sim_field fields[] = {
    {FIELD(replication, SIM_FIELD_INT32)},
    {FIELD(arrival_ns, SIM_FIELD_TIME)},
    {FIELD(start_ns, SIM_FIELD_TIME)},
    {FIELD(first_ns, SIM_FIELD_TIME)},
    {FIELD(end_ns, SIM_FIELD_TIME)},
    {FIELD(class_id, SIM_FIELD_CHOICE), .choices = classes},
    {FIELD(pool_id, SIM_FIELD_CHOICE), .choices = pools},
    {FIELD(container, SIM_FIELD_INT32)},
    {FIELD(tries, SIM_FIELD_UINT8)},
    {FIELD(outcome, SIM_FIELD_CHOICE), .choices = outcomes},
    {FIELD(is_cold, SIM_FIELD_BOOL)},
    {FIELD(input_tokens, SIM_FIELD_INT32)},
    {FIELD(output_tokens, SIM_FIELD_INT32)},
    {FIELD(weight, SIM_FIELD_DOUBLE)},
};

static const struct sim_field_table row_table = {"row", fields, sizeof fields / sizeof *fields, sizeof(struct row)};

/* Uniform on (0, 1), by xorshift: values only have to be about as random as a simulation's. */
static double uniform(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return ((double)(*state >> 11) + 0.5) * 0x1p-53;
}

/* Poisson arrivals at 100/s, a third of which wait; 1 % do not complete. */
static void fill(struct row *rows, size_t count)
{
    uint64_t state = 88172645463325252;
    double now_s = 0;
    for (size_t i = 0; i < count; i++) {
        now_s -= log(uniform(&state)) / 100;
        double start_s = now_s + (uniform(&state) < 0.3 ? -0.2 * log(uniform(&state)) : 0);
        double first_s = start_s + 0.05 + 0.02 * uniform(&state);
        bool is_long = uniform(&state) < 0.4;
        rows[i] = (struct row){.arrival_ns = sim_time_from_s(now_s),
                               .start_ns = sim_time_from_s(start_s),
                               .first_ns = sim_time_from_s(first_s),
                               .end_ns = sim_time_from_s(first_s - (is_long ? 2.5 : 0.5) * log(uniform(&state))),
                               .weight = 1,
                               .container = 1000 + (int32_t)(8 * uniform(&state)),
                               .input_tokens = 200 + (int32_t)(-100 * log(uniform(&state))),
                               .output_tokens = (is_long ? 300 : 40) + (int32_t)(100 * uniform(&state)),
                               .class_id = is_long,
                               .outcome = uniform(&state) < 0.99 ? 0 : 1 + (int32_t)(3 * uniform(&state)),
                               .tries = 1,
                               .is_cold = start_s > now_s + 0.5};
    }
}

static double seconds(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void must(enum sim_status status, const struct sim_error *error)
{
    if (status == SIM_OK)
        return;
    fprintf(stderr, "bench_table: %s: %s\n", error->file, error->message);
    exit(3);
}

static void bench_writing(const char *path, unsigned workers, const struct row *rows, size_t row_count)
{
    struct sim_error error;
    struct sim_table_writer *writer;
    size_t table;
    double wall_s = -seconds(CLOCK_MONOTONIC);
    double own_s = -seconds(CLOCK_THREAD_CPUTIME_ID);
    must(sim_table_writer_open(path, workers, &writer, &error), &error);
    must(sim_table_writer_add(writer, "requests", &row_table, &table, &error), &error);
    for (size_t i = 0; i < row_count; i++)
        must(sim_table_writer_append(writer, table, rows + i, 1, &error), &error);
    must(sim_table_writer_finish(writer, &error), &error);
    wall_s += seconds(CLOCK_MONOTONIC);
    own_s += seconds(CLOCK_THREAD_CPUTIME_ID);
    struct stat status;
    if (stat(path, &status) != 0)
        exit(3);
    printf("write, %u workers   %6.2f M rows/s   own thread %3.0f %%   %5.1f B/row\n", workers,
           (double)row_count / wall_s / 1e6, 100 * own_s / wall_s, (double)status.st_size / (double)row_count);
}

static void bench_reading(const char *path)
{
    struct sim_error error;
    struct sim_table_reader *reader;
    struct sim_array items;
    sim_array_init(&items, sizeof(struct row));
    double wall_s = -seconds(CLOCK_MONOTONIC);
    must(sim_table_reader_open(path, &reader, &error), &error);
    must(sim_table_reader_load(reader, "requests", &row_table, &items, &error), &error);
    sim_table_reader_close(reader);
    wall_s += seconds(CLOCK_MONOTONIC);
    printf("read                %6.2f M rows/s\n", (double)items.count / wall_s / 1e6);
    sim_array_release(&items);
}

int main(int argument_count, char **arguments)
{
    size_t row_count = argument_count > 1 ? strtoul(arguments[1], NULL, 10) : 2000000;
    const char *path = argument_count > 2 ? arguments[2] : "bench_table.h5";
    struct row *rows = sim_allocate(row_count, sizeof *rows);
    fill(rows, row_count);
    for (unsigned workers = 0; workers <= 2; workers++)
        bench_writing(path, workers, rows, row_count);
    bench_reading(path);
    free(rows);
    return remove(path) == 0 ? 0 : 3;
}
