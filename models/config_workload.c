/* config_workload.c - the keys of workloads. */
#include "models/config_workload.h"

#include "sim/field_internal.h"

static const struct sim_field class_fields[] = {
    ITEM(class_config, name, "name", TEXT, "", 0, 0, REQUIRED, "name of the class"),
    ITEM(class_config, share, "share", DOUBLE, "ratio", 0, 1, "100%", "share of the workload's requests"),
    ITEM(class_config, pool, "pool", TEXT, "", 0, 0, NO_DEFAULT, "pool that serves it; without: the workload's"),
    ITEM(class_config, input_tokens, "input_tokens", DISTRIBUTION, "token", 0, 1e9, NO_DEFAULT, "tokens of the prompt"),
    ITEM(class_config, output_tokens, "output_tokens", DISTRIBUTION, "token", 0, 1e9, NO_DEFAULT,
         "tokens that are generated"),
    ITEM(class_config, work, "work", DISTRIBUTION, "", 0, 1e9, NO_DEFAULT,
         "work of a request, 1 being what the profile was measured with"),
    ITEM(class_config, audio_s, "audio_seconds", DISTRIBUTION, "s", 0, 1e9, NO_DEFAULT,
         "length of the audio that is made; gives the real-time factor"),
    ITEM(class_config, prefix_hit, "prefix_hit", DOUBLE, "ratio", 0, 1, "0%",
         "share of the prompt found in a prefix cache"),
    ITEM(
        class_config, checkpoint_ns, "checkpoint", TIME, "s", 1e-3, 1e9, NO_DEFAULT,
        "independent: the request is a job that writes a checkpoint after each such running time, and goes on from the "
        "last one when its container crashes, is interrupted or takes too long"),
    ITEM(class_config, checkpoint_write_ns, "checkpoint_time", TIME, "s", 0, 1e6, "0 s",
         "how long writing a checkpoint stalls the job"),
    ITEM(class_config, memory_gb, "memory", DOUBLE, "GB", 0, 1e6, "0 GB",
         "GPU memory that a request takes while it is inside; one for which it does not suffice fails"),
};
TABLE(class_table, "class", class_config, class_fields);

static const char *const growth_names[] = {"none", "linear", "exponential", "logistic", "table", NULL};

static const struct sim_field growth_point_fields[] = {
    ITEM(growth_point, at, "at", TEXT, "", 0, 0, REQUIRED,
         "when: a date, a time after the start ('30 days'), or whole months after it ('6 months')"),
    ITEM(growth_point, factor, "factor", DOUBLE, "", 0, 1e9, NO_DEFAULT, "factor on the rate then"),
    ITEM(growth_point, rate_per_s, "rate", DOUBLE, "1/s", 0, 1e9, NO_DEFAULT, "the rate then, in place of a factor"),
    ITEM(growth_point, users, "users", DOUBLE, "", 0, 1e12, NO_DEFAULT, "users then, in place of a factor"),
};
TABLE(growth_point_table, "point of growth", growth_point, growth_point_fields);

static const struct sim_field growth_fields[] = {
    CHOICE(growth_config, kind, "kind", growth_names, NO_DEFAULT,
           "course of the growth: a line, the same share in equal times, an S-shaped curve, or points and lines"),
    ITEM(growth_config, factor, "factor", DOUBLE, "", 0, 1e9, NO_DEFAULT, "factor on the rate that is reached"),
    ITEM(growth_config, to_rate_per_s, "to", DOUBLE, "1/s", 0, 1e9, NO_DEFAULT,
         "rate that is reached, in place of a factor"),
    ITEM(growth_config, to_users, "to_users", DOUBLE, "", 0, 1e12, NO_DEFAULT,
         "users that are reached, in place of a factor"),
    ITEM(growth_config, over, "over", TEXT, "", 0, 0, NO_DEFAULT,
         "when it is reached, to stay: a time after the start, whole months ('12 months'), or a date"),
    LIST(growth_config, points, point_count, "points", &growth_point_table, NO_DEFAULT,
         "table: points in order of time; straight lines between them, from 1 at the start to the first"),
};
TABLE(growth_table, "growth", growth_config, growth_fields);

static const struct sim_field day_fields[] = {
    ITEM(day_point, at_ns, "at", TIME, "s", 0, 86400, NO_DEFAULT, "time after midnight UTC, as '9.5 h'"),
    ITEM(day_point, factor, "factor", DOUBLE, "", 0, 1e6, REQUIRED, "factor on the rate then"),
};
TABLE(day_table, "point of the day", day_point, day_fields);

static const struct sim_field calendar_fields[] = {
    ITEM(calendar_factor, factor, "factor", DOUBLE, "", 0, 1e6, REQUIRED, "factor on the rate"),
};
TABLE(calendar_table, "factor", calendar_factor, calendar_fields);

static const struct sim_field event_fields[] = {
    ITEM(event_config, name, "name", TEXT, "", 0, 0, NO_DEFAULT, "name of the event"),
    ITEM(event_config, from, "from", TEXT, "", 0, 0, REQUIRED,
         "begin: a date, a time after the start, or whole months after it"),
    ITEM(event_config, to, "to", TEXT, "", 0, 0, REQUIRED, "end, not included"),
    ITEM(event_config, factor, "factor", DOUBLE, "", 0, 1e6, REQUIRED, "factor on the rate meanwhile"),
    ITEM(event_config, ramp_ns, "ramp", TIME, "s", 0, 0, "0 s",
         "time within the event, after its begin and before its end, in which the factor rises and falls"),
};
TABLE(event_table, "event", event_config, event_fields);

static const struct sim_field drift_fields[] = {
    ITEM(drift_config, sd, "sd", DOUBLE, "ratio", 0, 5, NO_DEFAULT,
         "standard deviation of a random factor of mean 1 (lognormal)"),
    ITEM(drift_config, correlation_ns, "correlation", TIME, "s", 3600, 3.2e8, NO_DEFAULT,
         "time after which the correlation of the factor's logarithm has fallen to 1/e"),
};
TABLE(drift_table, "drift", drift_config, drift_fields);

static const char *const rate_table_names[] = {"factors", "rates", NULL};

static const struct sim_field rate_table_fields[] = {
    ITEM(rate_table_config, file, "file", TEXT, "", 0, 0, NO_DEFAULT, "CSV file with measured rates, plain or gzip"),
    ITEM(rate_table_config, time_column, "time_column", TEXT, "", 0, 0, NO_DEFAULT,
         "column with times, seconds or dates; the first row is the start of the run"),
    ITEM(rate_table_config, rate_column, "rate_column", TEXT, "", 0, 0, NO_DEFAULT,
         "column with rates, per second; straight lines between the rows"),
    CHOICE(rate_table_config, values, "values", rate_table_names, NO_DEFAULT,
           "factors, the default: divided by their mean, they multiply the rate; rates: they are the rate"),
    ITEM(rate_table_config, repeat, "repeat", BOOL, "", 0, 0, NO_DEFAULT,
         "begin anew when the table ends before the run"),
};
TABLE(rate_table_table, "table", rate_table_config, rate_table_fields);

static const struct sim_field shape_fields[] = {
    RECORD(shape_config, growth, "growth", &growth_table, NO_DEFAULT, "change over months"),
    VALUES(shape_config, daily, daily_count, "daily", &day_table, "factor", NO_DEFAULT,
           "24 factors, each for the middle of its hour, or points with `at`; straight lines between them, round the "
           "clock; UTC, or from the start where that has no date"),
    VALUES(shape_config, weekly, weekly_count, "weekly", &calendar_table, "factor", NO_DEFAULT,
           "7 factors, Monday to Sunday, UTC"),
    VALUES(shape_config, monthly, monthly_count, "monthly", &calendar_table, "factor", NO_DEFAULT,
           "12 factors, January to December, UTC"),
    LIST(shape_config, events, event_count, "events", &event_table, NO_DEFAULT, "holidays, launches, outages"),
    RECORD(shape_config, drift, "drift", &drift_table, NO_DEFAULT, "slow random change"),
    RECORD(shape_config, table, "table", &rate_table_table, NO_DEFAULT, "measured rates"),
};
TABLE(shape_table, "shape", shape_config, shape_fields);

static const char *const process_names[] = {"poisson", "gamma", "weibull",  "burst",
                                            "closed",  "trace", "sessions", NULL};

static const struct sim_field arrival_fields[] = {
    CHOICE(arrival_config, process, "process", process_names, REQUIRED, "how requests arrive"),
    ITEM(arrival_config, rate_per_s, "rate", DOUBLE, "1/s", 0, 1e9, NO_DEFAULT,
         "mean rate of poisson, gamma and weibull arrivals; with a shape, the rate where its factors are 1"),
    ITEM(arrival_config, users, "users", DOUBLE, "", 0, 1e12, NO_DEFAULT,
         "users in place of a rate, each with requests_per_user; of sessions, the mean number present if nobody is "
         "turned "
         "away or waits"),
    ITEM(arrival_config, requests_per_user_per_s, "requests_per_user", DOUBLE, "1/s", 0, 1e6, NO_DEFAULT,
         "rate of one user, as '20 /day'"),
    RECORD(arrival_config, shape, "shape", &shape_table, NO_DEFAULT,
           "how the rate of poisson, gamma and weibull arrivals and of sessions changes over time: factors that are "
           "multiplied"),
    ITEM(arrival_config, cv, "cv", DOUBLE, "", 0.01, 100, "1",
         "coefficient of variation of the gaps of gamma and weibull arrivals"),
    ITEM(arrival_config, count, "count", INT64, "", 1, 1e9, NO_DEFAULT, "requests of a burst"),
    ITEM(arrival_config, at_ns, "at", TIME, "s", 0, 0, "0 s", "when the burst comes"),
    ITEM(arrival_config, clients, "clients", INT64, "", 1, 1e6, NO_DEFAULT,
         "clients of a closed loop, each with one request at a time; all start at 0"),
    ITEM(arrival_config, think_s, "think_time", DISTRIBUTION, "s", 0, 1e9, "fixed(0 s)",
         "time between an answer and the client's next request; of sessions, between an answer and the next turn: "
         "without "
         "it a session only holds its place and takes no turns"),
    ITEM(arrival_config, session_s, "session", DISTRIBUTION, "s", 0, 1e9, NO_DEFAULT,
         "how long a session holds one input of a container"),
    ITEM(arrival_config, file, "file", TEXT, "", 0, 0, NO_DEFAULT, "CSV file of a trace, plain or gzip"),
    ITEM(arrival_config, time_column, "time_column", TEXT, "", 0, 0, "time_s",
         "column with arrival times: seconds, or date and time"),
    ITEM(arrival_config, input_tokens_column, "input_tokens_column", TEXT, "", 0, 0, NO_DEFAULT,
         "column with prompt tokens; without it the class says"),
    ITEM(arrival_config, output_tokens_column, "output_tokens_column", TEXT, "", 0, 0, NO_DEFAULT,
         "column with generated tokens; without it the class says"),
    ITEM(arrival_config, time_scale, "time_scale", DOUBLE, "", 1e-6, 1e6, "1",
         "factor on the gaps of the trace: 0.5 doubles the rate"),
    ITEM(arrival_config, repeat, "repeat", BOOL, "", 0, 0, "false", "begin anew when the trace ends before the run"),
    ITEM(arrival_config, keep, "keep", DOUBLE, "ratio", 1e-6, 1, "100%", "share of the trace's rows that is kept"),
};
TABLE(arrival_table, "arrivals", arrival_config, arrival_fields);

static const struct sim_field migration_fields[] = {
    ITEM(migration_config, to, "to", TEXT, "", 0, 0, NO_DEFAULT,
         "pool in which new sessions begin after the migration"),
    ITEM(migration_config, above, "above", DOUBLE, "", 0, 1e9, NO_DEFAULT,
         "users present, inside and waiting, beyond which new sessions begin to go there"),
    ITEM(migration_config, below, "below", DOUBLE, "", 0, 1e9, NO_DEFAULT,
         "users present below which they begin to come back; less than `above`, or they would go to and fro"),
    ITEM(migration_config, window_ns, "window", TIME, "s", 60, 0, NO_DEFAULT,
         "span over which users present are averaged; 1 h if it is left out"),
    ITEM(migration_config, over_ns, "over", TIME, "s", 0, 0, NO_DEFAULT,
         "time in which the share of new sessions that go there rises to 1; if it is left out, at once"),
    ITEM(migration_config, back, "back", BOOL, "", 0, 0, NO_DEFAULT,
         "whether they ever come back; they do if it is left out"),
};
TABLE(migration_table, "migration", migration_config, migration_fields);

static const struct sim_field workload_fields[] = {
    ITEM(workload_config, name, "name", TEXT, "", 0, 0, REQUIRED, "name of the workload"),
    ITEM(workload_config, pool, "pool", TEXT, "", 0, 0, REQUIRED, "name of the pool that serves it"),
    RECORD(workload_config, arrivals, "arrivals", &arrival_table, REQUIRED, "when its requests arrive"),
    LIST(workload_config, classes, class_count, "classes", &class_table, REQUIRED, "kinds of its requests"),
    ITEM(workload_config, client_timeout_ns, "client_timeout", TIME, "s", 0, 0, "never",
         "how long a client waits for the whole answer before it gives up; of sessions, for the begin of its own"),
    ITEM(workload_config, cancel_on_disconnect, "cancel_on_disconnect", BOOL, "", 0, 0, "false",
         "whether work stops when its client gives up; otherwise it goes on and costs"),
    RECORD(workload_config, migration, "migration", &migration_table, NO_DEFAULT,
           "sessions move to another pool while many users are present; classes with a pool of their own stay there"),
};
const struct sim_field_table config_workload_table = {
    "workload", workload_fields, sizeof workload_fields / sizeof *workload_fields, sizeof(struct workload_config)};
