/* gauge.h - what rules and alerts look at, and their keys: the data of monitor.h.
 *
 * A measure is read at fixed times, the period of its controller or alert. Some are read at that instant, others over a
 * sliding window of whole periods that ends there.
 */
#ifndef MODELS_GAUGE_H
#define MODELS_GAUGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/field.h"
#include "sim/time.h"

enum gauge {
    GAUGE_QUEUE,
    GAUGE_PRESENT,
    GAUGE_CONTAINERS,
    GAUGE_IDLE_TIME,
    GAUGE_SLOT_UTILISATION,
    GAUGE_SLOT_UTILISATION_LEAST,
    GAUGE_SLOT_UTILISATION_OTHERS,
    GAUGE_ALLOWED_UTILISATION,
    GAUGE_ALLOWED_UTILISATION_LEAST,
    GAUGE_GPU_MEMORY,
    GAUGE_CONTAINER_UTILISATION,
    GAUGE_REQUEST_RATE,
    GAUGE_FAILED_SHARE,
    GAUGE_LATENCY_MEAN,
    GAUGE_LATENCY_P50,
    GAUGE_LATENCY_P95,
    GAUGE_LATENCY_P99,
    GAUGE_TTFT_MEAN,
    GAUGE_TTFT_P50,
    GAUGE_TTFT_P95,
    GAUGE_TTFT_P99,
    GAUGE_WAIT_MEAN,
    GAUGE_WAIT_P95,
    GAUGE_COUNT
};

/* Whether a measure has no window, may have one (without it counts the instant), or always has one. */
enum gauge_window {
    GAUGE_AT_INSTANT,
    GAUGE_EITHER,
    GAUGE_OVER_WINDOW
};

struct gauge_kind {
    const char *unit; /* "s", "ratio", "1/s"; "" for numbers */
    enum gauge_window window;
};

/* By enum gauge; names and helps, of one line, end with NULL. */
extern const struct gauge_kind gauge_kinds[GAUGE_COUNT];
extern const char *const gauge_names[];
extern const char *const gauge_helps[];

/* Window of a measure that needs one and is given none. */
#define GAUGE_WINDOW_DEFAULT_NS (300 * SIM_SECOND)

/* Most periods in a window. */
#define GAUGE_PERIODS_MAX 1000

enum gauge_comparison {
    GAUGE_ABOVE,
    GAUGE_AT_LEAST,
    GAUGE_AT_MOST,
    GAUGE_BELOW
};

/* One measure against one limit. The keys give exactly one of four limits, the others being NaN. */
struct condition_config {
    int32_t measure;
    double above;
    double at_least;
    double at_most;
    double below;
    sim_time_ns window_ns; /* 0: none, or the default */
    sim_time_ns for_ns;    /* it counts when it has been met at every look for so long */
};

/* A rule fires when all its conditions are met. */
struct rule_config {
    const char *name;
    struct condition_config *when;
    size_t when_count;
    int64_t add; /* containers; one of the two is 0 */
    int64_t remove;
};

/* Somebody outside the platform who looks at a pool and sets its min_containers. */
struct controller_config {
    sim_time_ns period_ns;
    sim_time_ns delay_ns;    /* from decision to effect */
    sim_time_ns cooldown_ns; /* after a decision none is made for so long */
    struct rule_config *rules;
    size_t rule_count; /* 0: there is no controller */
};

enum alert_side {
    ALERT_ABOVE,
    ALERT_BELOW
};

enum alert_level {
    ALERT_WARNING,
    ALERT_CRITICAL,
    ALERT_LEVEL_COUNT
};

struct alert_config {
    const char *name;
    const char *pool;
    int32_t pool_index; /* set by the loader */
    int32_t measure;
    int32_t side;    /* enum alert_side: active while the measure is on that side of the limit */
    double warning;  /* NaN: there is no such level */
    double critical; /* the same */
    sim_time_ns window_ns;
    sim_time_ns for_ns;
    sim_time_ns period_ns;
};

/* Which of its limits a condition has, and the limit. */
enum gauge_comparison gauge_side(const struct condition_config *condition);
double gauge_limit(const struct condition_config *condition);

/* The limit of a level; NaN: the alert does not have it. */
double gauge_alert_limit(const struct alert_config *alert, int level);

/* What makes an alert active at a level that it has. */
struct condition_config gauge_alert_condition(const struct alert_config *alert, int level);

/* Periods in the window over which a measure is taken; 0: it is read at the instant. */
size_t gauge_periods(const struct condition_config *condition, sim_time_ns period_ns);

extern const struct sim_field_table controller_config_table;
extern const struct sim_field_table alert_config_table;
extern const char *const alert_level_names[]; /* ended by NULL */

#endif
