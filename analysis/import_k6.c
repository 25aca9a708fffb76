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
    IN_COUNT
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

/* What is kept in import.times_ns of the request whose samples are being read. */
enum {
    KEPT_END,
    KEPT_SENDING /* -1: not read yet */
};

/* The formats unix, unix_milli, unix_micro and unix_nano are told apart by their size: from the year 1973 on. */
static enum sim_status take_time(struct import *import, sim_time_ns *time_ns, struct sim_error *error)
{
    const char *text = sim_csv_text(import->csv, IN_TIME);
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    bool is_whole = errno == 0 && end != text && *end == '\0';
    if (!is_whole || number < 100000000000) {
        if (is_whole)
            import_note(import, "times are whole seconds, so arrivals are known to a second only and their "
                                "order within it is not; K6_CSV_TIME_FORMAT=unix_nano gives all digits");
        return import_clock(import, IN_TIME, time_ns, error);
    }
    sim_time_ns unit_ns = number < 100000000000000 ? 1000000 : number < 100000000000000000 ? 1000 : 1;
    if (number > IMPORT_CLOCK_LATEST / unit_ns)
        return import_refuse(import, error, "a time after the year 2115");
    *time_ns = number * unit_ns;
    return SIM_OK;
}

static enum sim_status begin_request(struct import *import, struct sim_error *error)
{
    sim_time_ns latency_ns = 0;
    enum sim_status status = take_time(import, &import->times_ns[KEPT_END], error);
    if (status == SIM_OK)
        status = import_span(import, IN_VALUE, 1e-3, &latency_ns, error);
    if (status != SIM_OK)
        return status;
    import_begin_row(import);
    import_set_time(import, OUT_TIME, import->times_ns[KEPT_END] - latency_ns);
    import_set_time(import, OUT_LATENCY, latency_ns);
    static const size_t texts[][2] = {{IN_STATUS, OUT_STATUS}, {IN_NAME, OUT_NAME}, {IN_ERROR, OUT_ERROR}};
    for (size_t i = 0; i < 3; i++)
        if (sim_csv_has(import->csv, texts[i][0]))
            import_set_text(import, texts[i][1], sim_csv_text(import->csv, texts[i][0]));
    import->times_ns[KEPT_SENDING] = -1;
    return SIM_OK;
}

/* Another sample of the request, which must be the one that was begun last. */
static enum sim_status go_on(struct import *import, bool is_waiting, struct sim_error *error)
{
    sim_time_ns end_ns = 0, span_ns = 0;
    enum sim_status status = take_time(import, &end_ns, error);
    if (status == SIM_OK)
        status = import_span(import, IN_VALUE, 1e-3, &span_ns, error);
    if (status != SIM_OK)
        return status;
    if (import->row_count == 0 || end_ns != import->times_ns[KEPT_END] ||
        (is_waiting && import->times_ns[KEPT_SENDING] < 0))
        return import_refuse(import, error,
                             "belongs to no request: expected http_req_duration, then http_req_sending, then "
                             "http_req_waiting, with one time");
    if (is_waiting)
        import_set_time(import, OUT_FIRST, import->times_ns[KEPT_SENDING] + span_ns);
    else
        import->times_ns[KEPT_SENDING] = span_ns;
    return SIM_OK;
}

static enum sim_status take_row(struct import *import, struct sim_error *error)
{
    const char *metric = sim_csv_text(import->csv, IN_METRIC);
    if (strcmp(metric, "http_req_duration") == 0)
        return begin_request(import, error);
    if (strcmp(metric, "http_req_sending") == 0)
        return go_on(import, false, error);
    if (strcmp(metric, "http_req_waiting") == 0)
        return go_on(import, true, error);
    return SIM_OK;
}

static enum sim_status begin(struct import *import, struct sim_error *error)
{
    static const size_t required[] = {IN_METRIC, IN_TIME, IN_VALUE};
    import->times_ns[KEPT_SENDING] = -1;
    return import_require(import, required, sizeof required / sizeof *required, error);
}

const struct import_format import_k6 = {
    .name = "k6",
    .help = "k6 run --out csv=FILE: one request per http_req_duration",
    .columns = columns,
    .column_count = OUT_COUNT,
    .is_log = true,
    .wanted = wanted,
    .wanted_count = IN_COUNT,
    .is_choice = true,
    .row_name = "sample",
    .begin = begin,
    .take = take_row,
};
