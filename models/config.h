/* config.h - what a world is made of: the checked form of a scenario.
 *
 * Plain data, filled by the scenario loader (or by hand, from C) and not changed afterwards. The tables of fields
 * at the end name every key with its unit, range, default and one line of help: loader, `explain`, schema and
 * reference page come from them. Text and lists belong to the arena of whoever filled the configuration, which
 * outlives the worlds made from it.
 *
 * Times are nanoseconds, money is picodollars per hour (exact for every published price), shares are ratios.
 * A key whose default is "" may be left out: its member then stays zero (a distribution of kind 0, an empty list,
 * the text ""); in the unit "any" it becomes NaN.
 */
#ifndef MODELS_CONFIG_H
#define MODELS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/config_calibrated.h"
#include "models/config_workload.h"
#include "models/gauge.h"
#include "models/model.h"
#include "models/served.h"
#include "sim/distribution.h"
#include "sim/field.h"
#include "sim/time.h"

/* A fixed stage around the main one, or a phase of a container's start. */
struct stage_config {
    const char *name;
    struct sim_distribution time_s;
    bool holds_slot; /* inside the container; otherwise outside, like the network */
};

struct phase_config {
    const char *name;
    struct sim_distribution time_s;
    bool removed_by_snapshot;
    bool billed;
};

enum stage_kind {
    STAGE_CONTINUOUS_BATCHING,
    STAGE_PROCESSOR_SHARING,
    STAGE_INDEPENDENT,
    STAGE_DYNAMIC_BATCHING
};

/* One measured point: with `running` requests in progress a step, or one unit of work, takes time_s. */
struct curve_point {
    int64_t running;
    double time_s;
};

/* With `running` requests in progress, itself among them, when it begins, the first output of a request leaves after
 * that share of its work.
 */
struct share_point {
    int64_t running;
    double share;
};

/* With `busy` instances at work a batch takes `factor` times as long as alone. */
struct slowdown_point {
    int64_t busy;
    double factor;
};

/* Another profile that fits the same measurements about as well. */
struct reading_config {
    const char *file;
};

/* How fast the main stage is on another GPU than that of the profile. */
struct speed_config {
    const char *gpu;
    double factor; /* 2: takes half the time */
};

/* How one model on one GPU serves and starts: calibrated from measurements, or assumed and said so. */
struct profile_config {
    const char *name;
    const char *source;     /* where the figures come from */
    const char *fit_error;  /* text: what the fit leaves, e.g. "2.9 % RMS on five rows" */
    const char *slot_limit; /* text: whether the slot limit is the engine's or the container's */
    int32_t stage;

    /* processor-sharing: one unit of work takes a + b k seconds with k running, or the curve says it.
     * dynamic-batching: the same is the time of a batch of k.
     */
    double base_s;
    double per_running_s;
    struct curve_point *curve;
    size_t curve_count;
    int64_t slots;          /* requests in progress at once inside the engine; 0: no limit of its own */
    double tokens_per_work; /* output tokens in one unit of work; 0: the class gives `work` */
    double first_output;    /* share of the work after which the first output leaves; 1: all at the end */
    struct share_point *first_output_curve; /* the same by number running, where it is not 1 */
    size_t first_output_count;

    /* independent: the time of one request, whatever else runs. */
    struct sim_distribution service_s;

    /* dynamic-batching: see dynamic.h. */
    int64_t max_batch_size;
    sim_time_ns wait_ns;
    int64_t instances;
    struct slowdown_point *slowdown;
    size_t slowdown_count;
    double handover_s;
    double batch_spread; /* coefficient of variation */

    /* continuous-batching */
    struct curve_point *step_curve;
    size_t step_curve_count;
    double per_cached_token_s;
    double per_prefill_token_s;
    int64_t token_budget;
    int64_t max_batch;
    int64_t kv_tokens;
    int64_t kv_block;
    double kv_watermark;
    bool whole_prompt;
    bool keeps_preempted;
    bool overwrites_preempted;
    bool scheduled_ahead;

    const char *gpu;             /* that it was measured on, as a pool names it; "": not said, any pool may use it */
    struct speed_config *speeds; /* of others; the loader has applied the one of the pool's GPU */
    size_t speed_count;
    int64_t calibrated_running; /* most requests in progress that were measured; beyond: flagged. 0: not known */
    struct stage_config *before;
    size_t before_count;
    struct stage_config *after;
    size_t after_count;
    struct phase_config *startup;
    size_t startup_count;
    struct sim_distribution snapshot_create_s;
    struct sim_distribution snapshot_restore_s;
    struct calibrated_config calibrated;
    struct reading_config *readings;
    size_t reading_count;
};

enum platform {
    PLATFORM_FIXED,
    PLATFORM_MODAL_FUNCTION
};
enum autoscaler_choice {
    AUTOSCALER_OF_PLATFORM,
    AUTOSCALER_FIXED,
    AUTOSCALER_TARGET
};
enum dispatch_order {
    DISPATCH_FULLEST,
    DISPATCH_LONGEST_WAITING,
    DISPATCH_LEAST_LOADED,
    DISPATCH_RANDOM
};
/* Whom a poll's even share counts: ready containers, or those that start as well. */
enum poll_share {
    POLL_SHARE_READY,
    POLL_SHARE_ALIVE
};
enum start_state {
    START_WARM,
    START_COLD
};

/* The price of one GPU, core or GiB, with what makes it a fact. */
struct price_config {
    const char *provider;
    const char *kind; /* on-demand, spot, serverless */
    const char *source;
    const char *date;
    int64_t gpu_pusd_per_h;
    int64_t core_pusd_per_h;
    int64_t memory_pusd_per_gib_h;
};

/* A price from a date on, in place of the one before. */
struct price_change {
    const char *from;    /* date, UTC */
    sim_time_ns from_ns; /* the same as simulated time, which may be before 0; set by the loader */
    int64_t gpu_pusd_per_h;
};

enum pool_setting {
    SETTING_MIN_CONTAINERS,
    SETTING_MAX_CONTAINERS,
    SETTING_BUFFER_CONTAINERS,
    SETTING_SCALEDOWN_WINDOW,
    SETTING_TARGET_INPUTS,
    SETTING_MAX_INPUTS, /* refused: see setting_config */
    SETTING_COUNT
};

/* The settings that a schedule may change, with the meaning that they have in a pool. */
struct setting_config {
    uint32_t given; /* bit of every enum pool_setting that is given; set by the loader */
    int64_t min_containers;
    int64_t max_containers;
    int64_t buffer_containers;
    sim_time_ns scaledown_window_ns;
    int64_t target_inputs;
    int64_t max_inputs; /* known only so that it can be refused: containers keep what they were made with */
};

/* Settings that hold at times. All conditions must be met; those that are left out are. */
struct schedule_config {
    const char *name;
    int32_t days;      /* bit i: the day i of the week, 0 Monday, on which the hours begin; 0: every day */
    const char *hours; /* "20:00-07:00"; "": all day */
    const char *from;  /* date, UTC, of the first instant; "": none */
    const char *to;    /* date of the instant after the last; "": none */
    struct setting_config set;
    /* Set by the loader: the same in time of day, and in simulated time, which may be before 0. */
    sim_time_ns hours_from_ns;
    sim_time_ns hours_to_ns; /* not after hours_from_ns: on the next day; both 0: all day */
    sim_time_ns from_ns;
    sim_time_ns to_ns; /* SIM_TIME_NEVER: no end */
};

/* What may be spent; picodollars, so at most $9.2 million. */
struct budget_config {
    int64_t per_month_pusd; /* 0: not limited */
};

struct pool_config {
    const char *name;
    int32_t platform;
    int32_t autoscaler;
    const char *provider;
    const char *gpu; /* name in the catalogue, with " x N" for several */
    const char *price_kind;
    int64_t gpu_count;        /* set by the loader from `gpu` */
    double gpu_memory_gb;     /* set by the loader from the catalogue */
    struct model_use *models; /* that every container holds */
    size_t model_count;
    double container_gb; /* memory for models and requests: of the GPUs, without any of the CPU; 0: not known */
    double models_gb;    /* of it, weights and overheads of the models; both set by the loader */
    struct served_config *served_by; /* other GPUs that containers may get */
    size_t served_count;
    double power_w;              /* of one GPU at most; where 0 is given the catalogue's; 0: not known */
    double idle_power_w;         /* of one GPU with a model loaded and no work; the same */
    int64_t price_pusd_per_h;    /* what one GPU costs; 0: taken from the catalogue */
    struct price_config price;   /* set by the loader */
    struct price_change *prices; /* later ones, in order of time */
    size_t price_count;
    double cpu_cores;
    double memory_gib;

    int64_t min_containers;
    int64_t max_containers; /* 0: no limit */
    int64_t buffer_containers;
    sim_time_ns scaledown_window_ns;
    int64_t max_inputs;
    int64_t target_inputs; /* 0: as max_inputs */
    sim_time_ns timeout_ns;
    sim_time_ns startup_timeout_ns; /* 0: as timeout */
    int64_t retries;
    sim_time_ns retry_delay_ns;
    double retry_backoff;
    sim_time_ns retry_delay_max_ns;
    int64_t queue_limit;     /* longer: the pool is saturated */
    int64_t admission_limit; /* most requests waiting and inside, beyond which they are rejected; 0: no limit */

    int32_t start_state;
    int32_t dispatch_order;
    sim_time_ns tick_ns;
    sim_time_ns poll_ns;
    sim_time_ns active_hold_ns; /* 0: as scaledown_window */
    double over_factor;         /* 0: never retire before the window is over */
    sim_time_ns early_min_ns;
    int64_t start_limit;   /* containers begun at one look at most; 0: no limit */
    double pending_weight; /* of a waiting request in the need, where one inside counts 1; 0: 1 too */
    bool cancel_starting;  /* starting containers end when they are not wanted any more */
    int32_t poll_share;
    sim_time_ns fetch_latency_ns; /* of each request, in its slot */
    bool bill_starting;

    struct sim_distribution allocation_s; /* wait for a GPU: not billed, not alive */
    bool snapshots;
    int64_t worker_types;
    double snapshot_miss;
    double snapshot_failure;
    double attempt_failure;         /* share of attempts that fail at their end */
    double crash_rate_per_s;        /* of a ready container */
    double interruption_rate_per_s; /* by the provider, of a ready container */
    sim_time_ns interruption_notice_ns;
    bool single_use;           /* a container ends after its first request */
    double reserved_memory_gb; /* of a container's GPUs, taken by models */
    struct budget_config budget;
    struct schedule_config *schedule; /* where several set the same, the last one wins */
    size_t schedule_count;
    struct controller_config controller;
    struct profile_config profile;
};

struct quota_config {
    int64_t gpus;         /* GPUs of all pools together; 0: no limit */
    const char *until;    /* date, UTC, from which the next one holds; "" of the last */
    sim_time_ns until_ns; /* the same as simulated time; set by the loader. SIM_TIME_NEVER of the last */
};

struct slo_config {
    const char *scope;
    const char *metric;
    double at_most; /* in the unit of the metric; NaN: not limited */
    double at_least;
};

enum stop_after {
    STOP_NEVER,
    STOP_FIRST_BREAK
};

/* The word `auto` in place of a time. */
#define WORLD_WARM_UP_AUTO ((sim_time_ns)-1)

struct world_config {
    int64_t format; /* of the scenario: 1 */
    const char *name;
    const char *start;    /* date at time 0, UTC; "" where none was given */
    sim_time_ns start_ns; /* the same since 1970-01-01; 0 where none was given; set by the loader */
    sim_time_ns duration_ns;
    sim_time_ns warm_up_ns; /* WORLD_WARM_UP_AUTO: to be found before anything runs (analysis/warm_up.h) */
    sim_time_ns drain_ns;
    sim_time_ns month_ns;
    int64_t seed;
    int64_t replications;
    int32_t stop_after;
    struct workload_config *workloads;
    size_t workload_count;
    struct pool_config *pools;
    size_t pool_count;
    struct quota_config *quotas; /* one after another; none: no limit */
    size_t quota_count;
    struct budget_config budget; /* of all pools together */
    struct slo_config *slos;
    size_t slo_count;
    struct model_config *models; /* that pools may hold, or `capsim size` looks at */
    size_t model_count;
    struct sizing_config sizing;
    struct alert_config *alerts;
    size_t alert_count;
};

extern const struct sim_field_table world_config_table;
extern const struct sim_field_table reading_config_table;
extern const struct sim_field_table profile_config_table; /* also of a profile file alone */

#endif
