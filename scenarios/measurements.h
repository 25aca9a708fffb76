/* measurements.h - tables of what somebody measured: what a profile is calibrated from.
 *
 * A measurements file is read like a scenario: with units, places, and all problems at once. It names what is known of
 * the profile, and one or more tables, each of one kind of measurement. Rows stand in the file or in a CSV beside it,
 * whose columns and their units are named. What a column means is said once, in MEASURE_LIST.
 *
 * Refused, with file and line: times that are not above 0, percentiles out of order or above the wall time, missing
 * units, one row only, two rows of the same load, values that are no numbers, a CSV without the named column.
 */
#ifndef SCENARIOS_MEASUREMENTS_H
#define SCENARIOS_MEASUREMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/config.h"
#include "scenarios/diagnostic.h"
#include "sim/memory.h"

/* What was done, and what one row is. The load of a row is its first measure, by which hold_out names it. */
enum measurement_kind {
    MEASUREMENT_BURST,    /* `requests` at once to something idle */
    MEASUREMENT_CLOSED,   /* `clients`, each with one request outstanding, without thinking */
    MEASUREMENT_OPEN,     /* requests at a `rate`, Poisson where nothing else is said */
    MEASUREMENT_OFFLINE,  /* one client that sends batches of `batch` items */
    MEASUREMENT_STEPS,    /* an engine's times with `batch` requests in progress; rows may repeat */
    MEASUREMENT_REQUESTS, /* a log, one request a row, by `arrival` */
    MEASUREMENT_TEXTS,    /* one request at a time, by `characters` */
    MEASUREMENT_PHASES,   /* `time` of a phase of the start, by `label` */
    MEASUREMENT_GPUS,     /* a GPU, by `label` */
    MEASUREMENT_SERIES,   /* what a server had inside, by `time`; looked at, never fitted */
    MEASUREMENT_KIND_COUNT
};

/* Every measure a row can have: name in files, unit in which it is kept, what it is. */
#define MEASURE_LIST(ITEM)                                                                                     \
    ITEM(MEASURE_REQUESTS, requests, "", "burst: requests at once")                                            \
    ITEM(MEASURE_CLIENTS, clients, "", "closed: clients, each with one request outstanding")                   \
    ITEM(MEASURE_RATE, rate, "1/s", "open: requests offered per second")                                       \
    ITEM(MEASURE_BATCH, batch, "", "offline: items of a request; steps: requests in progress")                 \
    ITEM(MEASURE_CHARACTERS, characters, "", "texts: length of the text")                                      \
    ITEM(MEASURE_INPUT_TOKENS, input_tokens, "token", "tokens of a prompt")                                    \
    ITEM(MEASURE_CACHED_TOKENS, cached_tokens, "token", "steps: cached tokens of all requests in progress")    \
    ITEM(MEASURE_OUTPUT_TOKENS, output_tokens, "token", "tokens that were generated")                          \
    ITEM(MEASURE_ARRIVAL, arrival, "s", "requests: when it came, from any zero")                               \
    ITEM(MEASURE_SCHEDULED, scheduled, "s", "requests: when its service began, on the clock of arrival")       \
    ITEM(MEASURE_FIRST, first, "s", "requests: when its first output came, on the clock of arrival")           \
    ITEM(MEASURE_LAST, last, "s", "requests: when its last output came, on the clock of arrival")              \
    ITEM(MEASURE_WALL, wall, "s", "first request to last answer")                                              \
    ITEM(MEASURE_MEAN, mean, "s", "mean of the latencies")                                                     \
    ITEM(MEASURE_P50, p50, "s", "median of the latencies")                                                     \
    ITEM(MEASURE_P90, p90, "s", "90th percentile of the latencies")                                            \
    ITEM(MEASURE_P95, p95, "s", "95th percentile of the latencies")                                            \
    ITEM(MEASURE_P99, p99, "s", "99th percentile of the latencies")                                            \
    ITEM(MEASURE_FIRST_MEAN, first_mean, "s", "mean of the times to the first output")                         \
    ITEM(MEASURE_FIRST_P50, first_p50, "s", "median of the times to the first output")                         \
    ITEM(MEASURE_FIRST_P90, first_p90, "s", "90th percentile of the times to the first output")                \
    ITEM(MEASURE_FIRST_P95, first_p95, "s", "95th percentile of the times to the first output")                \
    ITEM(MEASURE_FIRST_P99, first_p99, "s", "99th percentile of the times to the first output")                \
    ITEM(MEASURE_THROUGHPUT, throughput, "1/s", "requests or items served per second")                         \
    ITEM(MEASURE_PROMPT_TIME, prompt_time, "s", "steps: time of the prompts of all requests in progress")      \
    ITEM(MEASURE_TOKEN_TIME, token_time, "s", "steps: time of one output token, that is of one decoding step") \
    ITEM(MEASURE_TIME, time, "s", "phases: how long it takes; texts: the whole request; series: when")         \
    ITEM(MEASURE_AUDIO, audio, "s", "length of the audio that was made")                                       \
    ITEM(MEASURE_RTF, rtf, "ratio", "time of the request / length of the audio")                               \
    ITEM(MEASURE_MEMORY, memory, "GB", "memory")                                                               \
    ITEM(MEASURE_PRICE, price, "USD/h", "price per hour")                                                      \
    ITEM(MEASURE_SESSIONS, sessions, "", "sessions at once")                                                   \
    ITEM(MEASURE_SPEED, speed, "ratio", "speed relative to another row")                                       \
    ITEM(MEASURE_RUNNING, running, "", "series: requests in progress")                                         \
    ITEM(MEASURE_WAITING, waiting, "", "series: requests that wait inside")                                    \
    ITEM(MEASURE_KV_USE, kv_use, "ratio", "series: share of the key-value memory that is taken")               \
    ITEM(MEASURE_SAMPLES, samples, "", "requests behind the row, where the load does not say it")              \
    ITEM(MEASURE_COPY_IN, copy_in, "s", "closed: mean time in which the inputs of a batch are copied")         \
    ITEM(MEASURE_COMPUTE, compute, "s", "closed: mean time in which a batch is computed")                      \
    ITEM(MEASURE_COPY_OUT, copy_out, "s", "closed: mean time in which the outputs of a batch are copied")

enum measure {
#define MEASURE_MEMBER(index, name, unit, help) index,
    MEASURE_LIST(MEASURE_MEMBER)
#undef MEASURE_MEMBER
    MEASURE_COUNT
};

/* One row; what it does not have is NaN. */
struct measurement_row {
    const char *label; /* "": none */
    const char *file;
    int line;
    bool is_held_out;
    double values[MEASURE_COUNT];
};

/* How whoever measured made percentiles of n sorted values x[0] .. x[n-1]. */
enum percentile_rule {
    PERCENTILE_UNKNOWN, /* counts as linear; a fit that is moved by it tries the others too */
    PERCENTILE_LINEAR,  /* type 7: between the values around q (n - 1) */
    PERCENTILE_INDEX    /* x[int(q n)] */
};

/* Which rows the fit may see, beside those that hold_out names. */
enum measurement_fit {
    MEASUREMENT_FIT_ALL,
    MEASUREMENT_FIT_ODD,  /* the first, third, ... row */
    MEASUREMENT_FIT_FIRST /* the first fit_share of the rows; of a log with times, what happened in that share of it */
};

struct measurement_value {
    const char *text; /* a load such as "15" or "15 req/s", or a label */
};

/* Only rows with this text in this column. */
struct measurement_filter {
    const char *column;
    const char *is;
};

/* A text for every measure. */
struct measurement_texts {
    const char *of[MEASURE_COUNT];
};

struct measurement_table {
    const char *name;
    int32_t kind;
    int32_t percentile_rule;
    int64_t repeats;                  /* how often each row was measured; the repeats are pooled */
    int64_t containers;               /* that served, where it is known; 0: not known */
    int64_t samples;                  /* requests behind each row, where the load does not say it; 0: not known */
    const char *file;                 /* "": the rows stand in the measurements file */
    const char *label;                /* column of the CSV with the label; "": none */
    const char *reference;            /* gpus: label of the row that the others are relative to; "": the first */
    const char *use;                  /* column of the CSV that says `fit` or `hold-out`; "": none */
    int32_t fit;                      /* enum measurement_fit */
    double fit_share;                 /* of MEASUREMENT_FIT_FIRST */
    double until_s;                   /* of a log with times: the fit sees nothing later; else INFINITY */
    struct measurement_texts columns; /* of the CSV; "": the measure is not there */
    struct measurement_texts units;
    struct measurement_filter *where;
    size_t where_count;
    struct measurement_value *hold_out;
    size_t hold_out_count;
    struct measurement_row *rows;
    size_t row_count;
};

/* Which rows of a table an accepted error is about, and how the errors become one figure. */
enum accept_rows {
    ACCEPT_FITTED,
    ACCEPT_HELD_OUT,
    ACCEPT_ALL
};

enum accept_figure {
    ACCEPT_RMS,
    ACCEPT_WORST,  /* largest absolute */
    ACCEPT_MEDIAN, /* of the absolute */
    ACCEPT_MEAN    /* of the absolute */
};

/* An error that the fit is asked to reach. */
struct measurement_accept {
    const char *data; /* name of the table */
    int32_t rows;
    const char *metric; /* "": all of the rows'; else only this measure */
    int32_t figure;
    const char *load; /* "": of all rows; else only of that load, as in hold_out */
    double at_most;   /* relative error */
};

/* What the fit may try; zeros and empty lists mean that it chooses. */
struct measurement_number {
    int64_t number;
};

struct measurement_search {
    int32_t form;                     /* enum measurement_form */
    struct measurement_number *slots; /* requests in progress at once to try */
    size_t slot_count;
    struct measurement_number *containers; /* that may have served */
    size_t container_count;
    struct sim_distribution work; /* kind 0: a lognormal whose spread is fitted */
};

enum measurement_form {
    MEASUREMENT_FORM_AUTO,
    MEASUREMENT_FORM_LINE,
    MEASUREMENT_FORM_KNEE,
    MEASUREMENT_FORM_CURVE
};

struct measurements {
    struct sim_arena *arena; /* owns everything below */
    const char *path;
    int64_t format; /* 1 */
    const char *name;
    const char *source;
    const char *date;              /* of the measurement; "": not known */
    struct profile_config profile; /* what is known and not fitted */
    const char **given;            /* keys of the profile that the file has */
    size_t given_count;
    struct measurement_search search;
    struct measurement_table *tables;
    size_t table_count;
    struct measurement_accept *accepts;
    size_t accept_count;
};

extern const struct sim_field_table measurements_table; /* of a whole file */

/* Loads a measurements file. `hold_out`: rows to hold out beside the file's own, as "appendix:15,40" or, with one
 * table, "15,40"; NULL for none. On SIM_OK *measurements is the caller's, to be destroyed. Otherwise SIM_BAD_INPUT,
 * and the problems are in the list, which the caller has initialised.
 */
SIM_MUST_USE enum sim_status measurements_load(const char *path, const char *hold_out,
                                               struct measurements **measurements, struct diagnostic_list *problems);
void measurements_destroy(struct measurements *measurements);

/* Name, unit ("" for numbers and counts) and help of a measure. */
const struct sim_field *measurements_field(enum measure measure);

/* The measure that is the load of a kind: MEASURE_COUNT for those whose rows are named by their label. */
enum measure measurements_load_measure(int32_t kind);

/* Name of a kind as files say it. */
const char *measurements_kind_name(int32_t kind);

/* The row as a person names it: "requests 15", "rate 15 req/s", "boot". */
void measurements_row_name(const struct measurement_table *table, const struct measurement_row *row, char *name,
                           size_t size);

/* Whether the row is of the load (or has the label) that `text` gives, as in hold_out. */
bool measurements_row_is(const struct measurement_table *table, const struct measurement_row *row, const char *text);

/* The first table of that kind, or NULL. */
const struct measurement_table *measurements_find(const struct measurements *measurements, int32_t kind);

/* Whether the file gives that key of the profile, as "slots". */
bool measurements_knows(const struct measurements *measurements, const char *key);

#endif
