/* gauge.c - the list of measures, and the keys of rules and alerts. */
#include "models/gauge.h"

#include <math.h>

#include "sim/field_internal.h"

const char *const gauge_names[] = {
    [GAUGE_QUEUE] = "queue",
    [GAUGE_PRESENT] = "present",
    [GAUGE_CONTAINERS] = "containers",
    [GAUGE_IDLE_TIME] = "idle_time",
    [GAUGE_SLOT_UTILISATION] = "slot_utilisation",
    [GAUGE_SLOT_UTILISATION_LEAST] = "slot_utilisation_least",
    [GAUGE_SLOT_UTILISATION_OTHERS] = "slot_utilisation_others",
    [GAUGE_ALLOWED_UTILISATION] = "allowed_utilisation",
    [GAUGE_ALLOWED_UTILISATION_LEAST] = "allowed_utilisation_least",
    [GAUGE_GPU_MEMORY] = "gpu_memory",
    [GAUGE_CONTAINER_UTILISATION] = "container_utilisation",
    [GAUGE_REQUEST_RATE] = "request_rate",
    [GAUGE_FAILED_SHARE] = "failed_share",
    [GAUGE_LATENCY_MEAN] = "latency_mean",
    [GAUGE_LATENCY_P50] = "latency_p50",
    [GAUGE_LATENCY_P95] = "latency_p95",
    [GAUGE_LATENCY_P99] = "latency_p99",
    [GAUGE_TTFT_MEAN] = "ttft_mean",
    [GAUGE_TTFT_P50] = "ttft_p50",
    [GAUGE_TTFT_P95] = "ttft_p95",
    [GAUGE_TTFT_P99] = "ttft_p99",
    [GAUGE_WAIT_MEAN] = "wait_mean",
    [GAUGE_WAIT_P95] = "wait_p95",
    [GAUGE_COUNT] = NULL,
};

const struct gauge_kind gauge_kinds[GAUGE_COUNT] = {
    [GAUGE_QUEUE] = {"", GAUGE_AT_INSTANT},
    [GAUGE_PRESENT] = {"", GAUGE_AT_INSTANT},
    [GAUGE_CONTAINERS] = {"", GAUGE_AT_INSTANT},
    [GAUGE_IDLE_TIME] = {"s", GAUGE_AT_INSTANT},
    [GAUGE_SLOT_UTILISATION] = {"ratio", GAUGE_EITHER},
    [GAUGE_SLOT_UTILISATION_LEAST] = {"ratio", GAUGE_AT_INSTANT},
    [GAUGE_SLOT_UTILISATION_OTHERS] = {"ratio", GAUGE_AT_INSTANT},
    [GAUGE_ALLOWED_UTILISATION] = {"ratio", GAUGE_AT_INSTANT},
    [GAUGE_ALLOWED_UTILISATION_LEAST] = {"ratio", GAUGE_AT_INSTANT},
    [GAUGE_GPU_MEMORY] = {"ratio", GAUGE_AT_INSTANT},
    [GAUGE_CONTAINER_UTILISATION] = {"ratio", GAUGE_OVER_WINDOW},
    [GAUGE_REQUEST_RATE] = {"1/s", GAUGE_OVER_WINDOW},
    [GAUGE_FAILED_SHARE] = {"ratio", GAUGE_OVER_WINDOW},
    [GAUGE_LATENCY_MEAN] = {"s", GAUGE_OVER_WINDOW},
    [GAUGE_LATENCY_P50] = {"s", GAUGE_OVER_WINDOW},
    [GAUGE_LATENCY_P95] = {"s", GAUGE_OVER_WINDOW},
    [GAUGE_LATENCY_P99] = {"s", GAUGE_OVER_WINDOW},
    [GAUGE_TTFT_MEAN] = {"s", GAUGE_OVER_WINDOW},
    [GAUGE_TTFT_P50] = {"s", GAUGE_OVER_WINDOW},
    [GAUGE_TTFT_P95] = {"s", GAUGE_OVER_WINDOW},
    [GAUGE_TTFT_P99] = {"s", GAUGE_OVER_WINDOW},
    [GAUGE_WAIT_MEAN] = {"s", GAUGE_OVER_WINDOW},
    [GAUGE_WAIT_P95] = {"s", GAUGE_OVER_WINDOW},
};

const char *const gauge_helps[] = {
    [GAUGE_QUEUE] = "requests waiting",
    [GAUGE_PRESENT] = "requests waiting and inside containers; of sessions, users",
    [GAUGE_CONTAINERS] = "starting and ready containers",
    [GAUGE_IDLE_TIME] = "how long the longest idle container has been so; 0: none is",
    [GAUGE_SLOT_UTILISATION] = "requests inside / max_inputs of ready containers",
    [GAUGE_SLOT_UTILISATION_LEAST] = "slot_utilisation of the container with the fewest",
    [GAUGE_SLOT_UTILISATION_OTHERS] = "slot_utilisation if the least used container were not there",
    [GAUGE_ALLOWED_UTILISATION] = "requests inside / what ready containers take at present",
    [GAUGE_ALLOWED_UTILISATION_LEAST] = "allowed_utilisation of the container with the lowest",
    [GAUGE_GPU_MEMORY] = "memory of models and requests / that of the GPUs, of the fullest container",
    [GAUGE_CONTAINER_UTILISATION] = "busy / (busy + idle) time, as monitors of GPUs count it",
    [GAUGE_REQUEST_RATE] = "requests that arrived",
    [GAUGE_FAILED_SHARE] = "failed, timed out or rejected, of those that ended",
    [GAUGE_LATENCY_MEAN] = "mean latency of requests completed in the window",
    [GAUGE_LATENCY_P50] = "median latency of requests completed in the window",
    [GAUGE_LATENCY_P95] = "95th percentile of latency, of requests completed in the window",
    [GAUGE_LATENCY_P99] = "99th percentile of latency, of requests completed in the window",
    [GAUGE_TTFT_MEAN] = "mean time to the first output, of requests completed in the window",
    [GAUGE_TTFT_P50] = "median time to the first output, of the same",
    [GAUGE_TTFT_P95] = "95th percentile of the time to the first output, of the same",
    [GAUGE_TTFT_P99] = "99th percentile of the time to the first output, of the same",
    [GAUGE_WAIT_MEAN] = "mean wait from arrival to service, of requests completed in the window",
    [GAUGE_WAIT_P95] = "95th percentile of that wait",
    [GAUGE_COUNT] = NULL,
};

static const struct sim_field condition_fields[] = {
    EXPLAINED(condition_config, measure, "measure", gauge_names, gauge_helps, REQUIRED, "what is looked at"),
    ITEM(condition_config, above, "above", DOUBLE, "any", 0, 0, NO_DEFAULT, "met while the measure is more than this"),
    ITEM(condition_config, at_least, "at_least", DOUBLE, "any", 0, 0, NO_DEFAULT,
         "met while the measure is this or more"),
    ITEM(condition_config, at_most, "at_most", DOUBLE, "any", 0, 0, NO_DEFAULT,
         "met while the measure is this or less"),
    ITEM(condition_config, below, "below", DOUBLE, "any", 0, 0, NO_DEFAULT, "met while the measure is less than this"),
    ITEM(condition_config, window_ns, "window", TIME, "s", 0, 0, "0 s",
         "time over which the measure is taken, whole periods; 0: 5 min where it needs one"),
    ITEM(condition_config, for_ns, "for", TIME, "s", 0, 0, "0 s",
         "how long the limit must have been met at every look before it counts"),
};
TABLE(condition_table, "condition", condition_config, condition_fields);

static const struct sim_field rule_fields[] = {
    ITEM(rule_config, name, "name", TEXT, "", 0, 0, REQUIRED, "name of the rule: the reason of its decisions"),
    LIST(rule_config, when, when_count, "when", &condition_table, REQUIRED, "conditions that must all be met"),
    ITEM(rule_config, add, "add", INT64, "", 0, 100000, "0",
         "containers more than there are; the platform is asked to keep so many"),
    ITEM(rule_config, remove, "remove", INT64, "", 0, 100000, "0", "containers fewer; never below min_containers"),
};
TABLE(rule_table, "rule", rule_config, rule_fields);

static const struct sim_field controller_fields[] = {
    ITEM(controller_config, period_ns, "period", TIME, "s", 0, 0, "60 s", "how often it looks at the pool"),
    ITEM(controller_config, delay_ns, "delay", TIME, "s", 0, 0, "10 s", "from its decision to the effect"),
    ITEM(controller_config, cooldown_ns, "cooldown", TIME, "s", 0, 0, "0 s",
         "how long after a decision it makes no other"),
    LIST(controller_config, rules, rule_count, "rules", &rule_table, NO_DEFAULT,
         "of those that fire, the one that leaves the most containers decides; of equal ones, the first"),
};
const struct sim_field_table controller_config_table = {"controller", controller_fields,
                                                        sizeof controller_fields / sizeof *controller_fields,
                                                        sizeof(struct controller_config)};

static const char *const side_names[] = {"above", "below", NULL};
const char *const alert_level_names[] = {"warning", "critical", NULL};

static const struct sim_field alert_fields[] = {
    ITEM(alert_config, name, "name", TEXT, "", 0, 0, REQUIRED, "name of the alert"),
    ITEM(alert_config, pool, "pool", TEXT, "", 0, 0, REQUIRED, "name of the pool that it watches"),
    EXPLAINED(alert_config, measure, "measure", gauge_names, gauge_helps, REQUIRED, "what is looked at"),
    CHOICE(alert_config, side, "side", side_names, "above",
           "on which side of its limits the measure is when the alert is active"),
    ITEM(alert_config, warning, "warning", DOUBLE, "any", 0, 0, NO_DEFAULT, "limit of a warning"),
    ITEM(alert_config, critical, "critical", DOUBLE, "any", 0, 0, NO_DEFAULT, "limit of a critical alert"),
    ITEM(alert_config, window_ns, "window", TIME, "s", 0, 0, "0 s",
         "time over which the measure is taken, whole periods; 0: 5 min where it needs one"),
    ITEM(alert_config, for_ns, "for", TIME, "s", 0, 0, "0 s",
         "how long the limit must have been passed at every look before the alert is active"),
    ITEM(alert_config, period_ns, "period", TIME, "s", 0, 0, "15 s", "how often the measure is looked at"),
};
const struct sim_field_table alert_config_table = {"alert", alert_fields, sizeof alert_fields / sizeof *alert_fields,
                                                   sizeof(struct alert_config)};

enum gauge_comparison gauge_side(const struct condition_config *condition)
{
    if (!isnan(condition->above))
        return GAUGE_ABOVE;
    if (!isnan(condition->at_least))
        return GAUGE_AT_LEAST;
    return isnan(condition->at_most) ? GAUGE_BELOW : GAUGE_AT_MOST;
}

double gauge_limit(const struct condition_config *condition)
{
    const double limits[] = {[GAUGE_ABOVE] = condition->above,
                             [GAUGE_AT_LEAST] = condition->at_least,
                             [GAUGE_AT_MOST] = condition->at_most,
                             [GAUGE_BELOW] = condition->below};
    return limits[gauge_side(condition)];
}

double gauge_alert_limit(const struct alert_config *alert, int level)
{
    return level == ALERT_CRITICAL ? alert->critical : alert->warning;
}

struct condition_config gauge_alert_condition(const struct alert_config *alert, int level)
{
    double limit = gauge_alert_limit(alert, level);
    bool is_above = alert->side == ALERT_ABOVE;
    return (struct condition_config){
        .measure = alert->measure,
        .above = is_above ? limit : NAN,
        .at_least = NAN,
        .at_most = NAN,
        .below = is_above ? NAN : limit,
        .window_ns = alert->window_ns,
        .for_ns = alert->for_ns,
    };
}

size_t gauge_periods(const struct condition_config *condition, sim_time_ns period_ns)
{
    sim_time_ns window_ns = condition->window_ns;
    if (window_ns == 0 && gauge_kinds[condition->measure].window == GAUGE_OVER_WINDOW)
        window_ns = GAUGE_WINDOW_DEFAULT_NS;
    return (size_t)((window_ns + period_ns - 1) / period_ns);
}
