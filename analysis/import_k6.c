/* import_k6.c - what `k6 run --out csv=FILE` writes: one row per metric and sample.
 *
 * The samples of one request stand together, http_req_duration before http_req_sending and http_req_waiting, and carry
 * the time at which the request ended; all values are milliseconds (Grafana k6 documentation, "CSV" and "Built-in
 * metrics"). http_req_duration leaves out connecting: it is from the first byte sent to the last received. Times are
 * whole seconds unless K6_CSV_TIME_FORMAT says otherwise.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/import.h"

enum {
    IN_METRIC,
    IN_TIME,
    IN_VALUE,
    IN_STATUS,
    IN_NAME,
    IN_ERROR,
    IN_COUNT,
    IN_REQUIRED = IN_VALUE + 1
};

static const char *const wanted[IN_COUNT] = {"metric_name", "timestamp", "metric_value", "status", "name", "error"};

enum {
    OUT_TIME,
    OUT_LATENCY,
    OUT_FIRST,
    OUT_STATUS,
    OUT_NAME,
    OUT_ERROR,
    OUT_COUNT
};

static const struct import_column columns[OUT_COUNT] = {{"time_s", IMPORT_CLOCK},        {"latency_s", IMPORT_SPAN},
                                                        {"first_output_s", IMPORT_SPAN}, {"status", IMPORT_TEXT},
                                                        {"name", IMPORT_TEXT},           {"error", IMPORT_TEXT}};

struct reading {
    struct import *import;
    struct sim_csv *csv;
    sim_time_ns end_ns;     /* of the request whose samples are being read */
    sim_time_ns sending_ns; /* -1: not read yet */
};

/* The formats unix, unix_milli, unix_micro and unix_nano are told apart by their size: from the year 1973 on. */
static enum sim_status take_time(const struct reading *reading, sim_time_ns *time_ns, struct sim_error *error)
{
    const char *text = sim_csv_text(reading->csv, IN_TIME);
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    bool is_whole = errno == 0 && end != text && *end == '\0';
    if (!is_whole || number < 100000000000) {
        if (is_whole)
            import_note(reading->import, "times are whole seconds, so arrivals are known to a second only and their "
                                         "order within it is not; K6_CSV_TIME_FORMAT=unix_nano gives all digits");
        return import_clock(reading->import, reading->csv, IN_TIME, time_ns, error);
    }
    sim_time_ns unit_ns = number < 100000000000000 ? 1000000 : number < 100000000000000000 ? 1000 : 1;
    if (number > IMPORT_CLOCK_LATEST / unit_ns)
        return import_refuse(reading->import, reading->csv, error, "a time after the year 2115");
    *time_ns = number * unit_ns;
    return SIM_OK;
}

static enum sim_status begin_request(struct reading *reading, struct sim_error *error)
{
    sim_time_ns latency_ns = 0;
    enum sim_status status = take_time(reading, &reading->end_ns, error);
    if (status == SIM_OK)
        status = import_span(reading->import, reading->csv, IN_VALUE, 1e-3, &latency_ns, error);
    if (status != SIM_OK)
        return status;
    import_begin_row(reading->import);
    import_set_time(reading->import, OUT_TIME, reading->end_ns - latency_ns);
    import_set_time(reading->import, OUT_LATENCY, latency_ns);
    static const size_t texts[][2] = {{IN_STATUS, OUT_STATUS}, {IN_NAME, OUT_NAME}, {IN_ERROR, OUT_ERROR}};
    for (size_t i = 0; i < 3; i++)
        if (sim_csv_has(reading->csv, texts[i][0]))
            import_set_text(reading->import, texts[i][1], sim_csv_text(reading->csv, texts[i][0]));
    reading->sending_ns = -1;
    return SIM_OK;
}

/* Another sample of the request, which must be the one that was begun last. */
static enum sim_status go_on(struct reading *reading, bool is_waiting, struct sim_error *error)
{
    sim_time_ns end_ns = 0, span_ns = 0;
    enum sim_status status = take_time(reading, &end_ns, error);
    if (status == SIM_OK)
        status = import_span(reading->import, reading->csv, IN_VALUE, 1e-3, &span_ns, error);
    if (status != SIM_OK)
        return status;
    if (reading->import->row_count == 0 || end_ns != reading->end_ns || (is_waiting && reading->sending_ns < 0))
        return import_refuse(reading->import, reading->csv, error,
                             "belongs to no request: expected http_req_duration, then http_req_sending, then "
                             "http_req_waiting, with one time");
    if (is_waiting)
        import_set_time(reading->import, OUT_FIRST, reading->sending_ns + span_ns);
    else
        reading->sending_ns = span_ns;
    return SIM_OK;
}

static enum sim_status take_row(void *owner, struct sim_error *error)
{
    struct reading *reading = owner;
    const char *metric = sim_csv_text(reading->csv, IN_METRIC);
    if (strcmp(metric, "http_req_duration") == 0)
        return begin_request(reading, error);
    if (strcmp(metric, "http_req_sending") == 0)
        return go_on(reading, false, error);
    if (strcmp(metric, "http_req_waiting") == 0)
        return go_on(reading, true, error);
    return SIM_OK;
}

static enum sim_status read_rows(struct reading *reading, struct sim_error *error)
{
    static const size_t required[IN_REQUIRED] = {IN_METRIC, IN_TIME, IN_VALUE};
    enum sim_status status = import_require(reading->import, reading->csv, wanted, required, IN_REQUIRED, error);
    if (status == SIM_OK)
        status = sim_csv_each(reading->csv, take_row, reading, "sample", error);
    if (status == SIM_OK && reading->import->row_count == 0)
        return sim_error_set(error, SIM_BAD_INPUT, reading->import->path, 0, "has no http_req_duration");
    return status;
}

static enum sim_status read_samples(struct import *import, struct sim_error *error)
{
    struct reading reading = {.import = import, .sending_ns = -1};
    enum sim_status status = sim_csv_open_choice(import->path, wanted, IN_COUNT, &reading.csv, error);
    if (status != SIM_OK)
        return status;
    status = read_rows(&reading, error);
    sim_csv_close(reading.csv);
    return status;
}

const struct import_format import_k6 = {
    .name = "k6",
    .help = "k6 run --out csv=FILE: one request per http_req_duration",
    .columns = columns,
    .column_count = OUT_COUNT,
    .is_log = true,
    .read = read_samples,
};
