/* config_workload.h - the part of a configuration (config.h) that says who sends requests, and when. */
#ifndef MODELS_CONFIG_WORKLOAD_H
#define MODELS_CONFIG_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/distribution.h"
#include "sim/field.h"
#include "sim/time.h"

/* One kind of request of a workload. A distribution that the scenario leaves out has the kind 0. */
struct class_config {
    const char *name;
    double share;       /* of the workload's requests; the shares of a workload add up to 1 */
    const char *pool;   /* that serves it; "" or NULL: the workload's */
    int32_t pool_index; /* of `pool`, if there is one, in world_config.pools; set by the loader */
    struct sim_distribution input_tokens;
    struct sim_distribution output_tokens;
    struct sim_distribution work;    /* mean 1: the unit of a processor-sharing profile */
    struct sim_distribution audio_s; /* seconds of audio made, for the real-time factor */
    double prefix_hit;               /* share of the input tokens found in a prefix cache */
    sim_time_ns checkpoint_ns;       /* running time between checkpoints (progress.h); 0: none are written */
    sim_time_ns checkpoint_write_ns;
    double memory_gb; /* of the GPUs, while a request is inside */
};

enum arrival_process {
    ARRIVAL_POISSON,
    ARRIVAL_GAMMA,
    ARRIVAL_WEIBULL,
    ARRIVAL_BURST,
    ARRIVAL_CLOSED,
    ARRIVAL_TRACE,
    ARRIVAL_SESSIONS
};

enum growth_kind {
    GROWTH_NONE,
    GROWTH_LINEAR,
    GROWTH_EXPONENTIAL,
    GROWTH_LOGISTIC,
    GROWTH_TABLE
};

/* A factor on the rate at one moment of a growth. A point gives one of factor, rate and users. */
struct growth_point {
    const char *at;    /* a date, a time after the start, or whole months after it */
    sim_time_ns at_ns; /* set by the loader from `at` */
    double factor;     /* the others become this one in the loader */
    double rate_per_s;
    double users;
};

/* How the rate changes over months. From the end on it stays as it is there. */
struct growth_config {
    int32_t kind;
    double factor; /* at the end; the next two become this one in the loader */
    double to_rate_per_s;
    double to_users;
    const char *over;    /* as growth_point.at */
    sim_time_ns over_ns; /* set by the loader from `over` */
    struct growth_point *points;
    size_t point_count;
};

struct day_point {
    sim_time_ns at_ns; /* after midnight UTC; the loader sets it where a plain list of 24 factors is given */
    double factor;
};

struct calendar_factor {
    double factor;
};

struct event_config {
    const char *name;
    const char *from; /* as growth_point.at */
    const char *to;
    sim_time_ns from_ns; /* set by the loader from `from` */
    sim_time_ns to_ns;
    double factor;
    sim_time_ns ramp_ns; /* within the event, at each end */
};

/* Slow random change: lognormal with mean 1. */
struct drift_config {
    double sd;                  /* of the factor; 0: none */
    sim_time_ns correlation_ns; /* after which the correlation of its logarithm has fallen to 1/e */
};

enum rate_table_values {
    RATE_TABLE_FACTORS,
    RATE_TABLE_RATES
};

/* A measured rate. Its rows are read by the loader (rate_table.h). */
struct rate_table_row {
    sim_time_ns at_ns; /* from 0 at the first row */
    double factor;     /* rate / mean of the table */
};

struct rate_table_config {
    const char *file; /* CSV, plain or gzip; "": none */
    const char *time_column;
    const char *rate_column;
    int32_t values;
    bool repeat;
    struct rate_table_row *rows;
    size_t row_count;
    sim_time_ns period_ns; /* from one repetition to the next */
};

/* Factors on the rate over time, multiplied with each other. All empty: a constant rate. */
struct shape_config {
    struct growth_config growth;
    struct day_point *daily; /* in order of time */
    size_t daily_count;
    struct calendar_factor *weekly; /* none or 7, from Monday */
    size_t weekly_count;
    struct calendar_factor *monthly; /* none or 12, from January */
    size_t monthly_count;
    struct event_config *events;
    size_t event_count;
    struct drift_config drift;
    struct rate_table_config table;
};

struct arrival_config {
    int32_t process;
    double rate_per_s; /* poisson, gamma, weibull, sessions: where all factors are 1; the loader sets it from users and
                          tables, of sessions from users and their mean length */
    double users;      /* 0: not given */
    double requests_per_user_per_s;
    struct shape_config shape;
    double cv;         /* gamma, weibull: coefficient of variation of the gaps */
    int64_t count;     /* burst: requests at once */
    sim_time_ns at_ns; /* burst: when */
    int64_t clients;   /* closed: number of clients, all starting at 0 */
    struct sim_distribution think_s;
    struct sim_distribution session_s; /* sessions: how long one holds its place */
    bool takes_turns;                  /* sessions: think_s was given; set by the loader */
    const char *file;                  /* trace: CSV, plain or gzip */
    const char *time_column;
    const char *input_tokens_column;  /* "" : drawn from the class */
    const char *output_tokens_column; /* "" : drawn from the class */
    double time_scale;                /* gaps of the trace are multiplied by this */
    bool repeat;                      /* begin anew when the trace ends before the run */
    double keep;                      /* share of the rows that is kept, chosen at random by row */
};

/* Sessions begin in another pool while many users are present. */
struct migration_config {
    const char *to;        /* a pool; "" or NULL: there is no migration */
    int32_t to_index;      /* of `to` in world_config.pools; set by the loader */
    double above;          /* mean number of users present beyond which new sessions begin to go there */
    double below;          /* and below which they begin to come back */
    sim_time_ns window_ns; /* of that mean */
    sim_time_ns over_ns;   /* until all new sessions have moved; 0: at once */
    bool back;             /* whether they ever come back */
};

struct workload_config {
    const char *name;
    const char *pool;
    int32_t pool_index; /* of `pool` in world_config.pools; set by the loader */
    struct arrival_config arrivals;
    struct class_config *classes;
    size_t class_count;
    sim_time_ns client_timeout_ns; /* SIM_TIME_NEVER: clients wait for ever */
    bool cancel_on_disconnect;
    struct migration_config migration;
};

/* Whether sessions of the workload may begin in either of two pools: all but those of classes with a pool of their own.
 */
static inline bool workload_config_migrates(const struct workload_config *workload)
{
    return workload->migration.to && workload->migration.to[0] != '\0';
}

static inline bool workload_config_has_own_pool(const struct workload_config *workload, size_t class_in_workload)
{
    const char *pool = workload->classes[class_in_workload].pool;
    return pool && pool[0] != '\0';
}

/* The pool of a class, before any migration. */
static inline size_t workload_config_class_pool(const struct workload_config *workload, size_t class_in_workload)
{
    bool has_own = workload_config_has_own_pool(workload, class_in_workload);
    return (size_t)(has_own ? workload->classes[class_in_workload].pool_index : workload->pool_index);
}

/* Whether requests of a class may be served by the pool. */
static inline bool workload_config_uses_pool(const struct workload_config *workload, size_t class_in_workload,
                                             size_t pool)
{
    if (workload_config_class_pool(workload, class_in_workload) == pool)
        return true;
    return !workload_config_has_own_pool(workload, class_in_workload) && workload_config_migrates(workload) &&
           (size_t)workload->migration.to_index == pool;
}

extern const struct sim_field_table config_workload_table;

#endif
