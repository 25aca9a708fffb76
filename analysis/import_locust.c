/* import_locust.c - what `locust --csv=NAME` writes: NAME_stats.csv, one row per kind of request and one for all, and
 * NAME_stats_history.csv, the same every few seconds with the number of users. Times are milliseconds; percentiles of
 * the history are those of its last ten seconds (locust/stats.py). Before version 1.0 some columns had other names.
 */
#include <string.h>

#include "analysis/import.h"

/* Columns that both have, of the output and, where it has one, with the input's name. */
enum {
    IN_TYPE,
    IN_NAME,
    IN_RATE,
    IN_P50,
    IN_P90,
    IN_P95,
    IN_P99,
    IN_TIME, /* history */
    IN_USERS,
    IN_TOTAL,
    IN_TOTAL_FAILED,
    IN_REQUESTS, /* stats */
    IN_FAILED,
    IN_MEAN,
    IN_MIN,
    IN_MAX,
    IN_OLD_TYPE, /* stats, older names in the order of the newer ones from IN_REQUESTS on */
    IN_OLD_REQUESTS,
    IN_OLD_FAILED,
    IN_OLD_MEAN,
    IN_OLD_MIN,
    IN_OLD_MAX,
    IN_OLD_MEDIAN,
    IN_COUNT
};

static const char *const wanted[IN_COUNT] = {"Type",
                                             "Name",
                                             "Requests/s",
                                             "50%",
                                             "90%",
                                             "95%",
                                             "99%",
                                             "Timestamp",
                                             "User Count",
                                             "Total Request Count",
                                             "Total Failure Count",
                                             "Request Count",
                                             "Failure Count",
                                             "Average Response Time",
                                             "Min Response Time",
                                             "Max Response Time",
                                             "Method",
                                             "# requests",
                                             "# failures",
                                             "Average response time",
                                             "Min response time",
                                             "Max response time",
                                             "Median response time"};

/* One field of the output and the columns of the input that may hold it, the first that is there. */
struct source {
    size_t out;
    size_t in;
    size_t otherwise;
};

static bool is_unknown(const struct sim_csv *csv, size_t column)
{
    const char *text = sim_csv_text(csv, column);
    return text[0] == '\0' || strcmp(text, "N/A") == 0;
}

static enum sim_status take_field(struct import *import, size_t in, size_t out, struct sim_error *error)
{
    enum sim_status status = SIM_OK;
    sim_time_ns time_ns = 0;
    int64_t count = 0;
    double number = 0;
    switch (import->format->columns[out].kind) {
    case IMPORT_TEXT:
        import_set_text(import, out, sim_csv_text(import->csv, in));
        return SIM_OK;
    case IMPORT_CLOCK:
        status = import_clock(import, in, &time_ns, error);
        import_set_time(import, out, time_ns);
        return status;
    case IMPORT_SPAN:
        status = import_span(import, in, 1e-3, &time_ns, error);
        import_set_time(import, out, time_ns);
        return status;
    case IMPORT_INTEGER:
        status = import_count(import, in, &count, error);
        import_set_integer(import, out, count);
        return status;
    case IMPORT_NUMBER:
        status = sim_csv_double(import->csv, in, &number, error);
        if (status == SIM_OK && number < 0)
            return import_refuse(import, error, "a rate below 0");
        import_set_number(import, out, number);
        return status;
    }
    return status;
}

static enum sim_status take_fields(struct import *import, const struct source *sources, size_t count,
                                   struct sim_error *error)
{
    enum sim_status status = SIM_OK;
    import_begin_row(import);
    for (size_t i = 0; i < count && status == SIM_OK; i++) {
        const struct source *source = &sources[i];
        size_t in = sim_csv_has(import->csv, source->in) ? source->in : source->otherwise;
        if (sim_csv_has(import->csv, in) && !is_unknown(import->csv, in))
            status = take_field(import, in, source->out, error);
    }
    return status;
}

static void say_what_is_rounded(struct import *import)
{
    import_note(import, "Locust keeps times above 100 ms to two digits");
}

/* ---- Stats ---- */

enum {
    STATS_TYPE,
    STATS_NAME,
    STATS_REQUESTS,
    STATS_FAILED,
    STATS_RATE,
    STATS_MEAN,
    STATS_MIN,
    STATS_P50,
    STATS_P90,
    STATS_P95,
    STATS_P99,
    STATS_MAX,
    STATS_COUNT
};

static const struct import_column stats_columns[STATS_COUNT] = {
    {"type", IMPORT_TEXT},       {"name", IMPORT_TEXT},   {"requests", IMPORT_INTEGER}, {"failed", IMPORT_INTEGER},
    {"rate_rps", IMPORT_NUMBER}, {"mean_s", IMPORT_SPAN}, {"min_s", IMPORT_SPAN},       {"p50_s", IMPORT_SPAN},
    {"p90_s", IMPORT_SPAN},      {"p95_s", IMPORT_SPAN},  {"p99_s", IMPORT_SPAN},       {"max_s", IMPORT_SPAN}};

static enum sim_status begin_stats(struct import *import, struct sim_error *error)
{
    static const size_t required[] = {IN_NAME, IN_RATE};
    say_what_is_rounded(import);
    return import_require(import, required, sizeof required / sizeof *required, error);
}

static enum sim_status take_stats(struct import *import, struct sim_error *error)
{
    static const struct source sources[] = {
        {STATS_TYPE, IN_TYPE, IN_OLD_TYPE},
        {STATS_NAME, IN_NAME, IN_NAME},
        {STATS_REQUESTS, IN_REQUESTS, IN_OLD_REQUESTS},
        {STATS_FAILED, IN_FAILED, IN_OLD_FAILED},
        {STATS_RATE, IN_RATE, IN_RATE},
        {STATS_MEAN, IN_MEAN, IN_OLD_MEAN},
        {STATS_MIN, IN_MIN, IN_OLD_MIN},
        {STATS_P50, IN_P50, IN_OLD_MEDIAN},
        {STATS_P90, IN_P90, IN_P90},
        {STATS_P95, IN_P95, IN_P95},
        {STATS_P99, IN_P99, IN_P99},
        {STATS_MAX, IN_MAX, IN_OLD_MAX},
    };
    return take_fields(import, sources, sizeof sources / sizeof *sources, error);
}

const struct import_format import_locust_stats = {
    .name = "locust-stats",
    .help = "Locust's NAME_stats.csv: a row for each kind of request",
    .columns = stats_columns,
    .column_count = STATS_COUNT,
    .wanted = wanted,
    .wanted_count = IN_COUNT,
    .is_choice = true,
    .row_name = "row",
    .begin = begin_stats,
    .take = take_stats,
};

/* ---- History ---- */

enum {
    HISTORY_TIME,
    HISTORY_USERS,
    HISTORY_TYPE,
    HISTORY_NAME,
    HISTORY_RATE,
    HISTORY_P50,
    HISTORY_P90,
    HISTORY_P95,
    HISTORY_P99,
    HISTORY_TOTAL,
    HISTORY_TOTAL_FAILED,
    HISTORY_COUNT
};

static const struct import_column history_columns[HISTORY_COUNT] = {
    {"time_s", IMPORT_CLOCK},        {"users", IMPORT_INTEGER},
    {"type", IMPORT_TEXT},           {"name", IMPORT_TEXT},
    {"rate_rps", IMPORT_NUMBER},     {"p50_s", IMPORT_SPAN},
    {"p90_s", IMPORT_SPAN},          {"p95_s", IMPORT_SPAN},
    {"p99_s", IMPORT_SPAN},          {"total_requests", IMPORT_INTEGER},
    {"total_failed", IMPORT_INTEGER}};

static enum sim_status begin_history(struct import *import, struct sim_error *error)
{
    static const size_t required[] = {IN_TIME, IN_USERS, IN_NAME, IN_RATE};
    say_what_is_rounded(import);
    return import_require(import, required, sizeof required / sizeof *required, error);
}

static enum sim_status take_history(struct import *import, struct sim_error *error)
{
    static const struct source sources[] = {
        {HISTORY_TIME, IN_TIME, IN_TIME},
        {HISTORY_USERS, IN_USERS, IN_USERS},
        {HISTORY_TYPE, IN_TYPE, IN_TYPE},
        {HISTORY_NAME, IN_NAME, IN_NAME},
        {HISTORY_RATE, IN_RATE, IN_RATE},
        {HISTORY_P50, IN_P50, IN_P50},
        {HISTORY_P90, IN_P90, IN_P90},
        {HISTORY_P95, IN_P95, IN_P95},
        {HISTORY_P99, IN_P99, IN_P99},
        {HISTORY_TOTAL, IN_TOTAL, IN_TOTAL},
        {HISTORY_TOTAL_FAILED, IN_TOTAL_FAILED, IN_TOTAL_FAILED},
    };
    return take_fields(import, sources, sizeof sources / sizeof *sources, error);
}

const struct import_format import_locust_history = {
    .name = "locust-history",
    .help = "Locust's NAME_stats_history.csv: the same over time, with users",
    .columns = history_columns,
    .column_count = HISTORY_COUNT,
    .wanted = wanted,
    .wanted_count = IN_COUNT,
    .is_choice = true,
    .row_name = "row",
    .begin = begin_history,
    .take = take_history,
};
