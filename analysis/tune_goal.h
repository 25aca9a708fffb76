/* tune_goal.h - what is minimised, and which limits hold: from the command line to figures of a replication.
 *
 * The objective is a metric of scope `all`, or a sum of such, each with a factor: '1*cost_usd_per_month +
 * 50*latency_p95_s'. A limit is METRIC<VALUE or METRIC>VALUE. Names are whole or without their unit, values are
 * quantities in the metric's dimension: 'latency_p95_s<2 s', 'cost<$5000', 'slo_attainment>99%'.
 */
#ifndef ANALYSIS_TUNE_GOAL_H
#define ANALYSIS_TUNE_GOAL_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/metric.h"
#include "sim/error.h"

enum {
    TUNE_TERMS_MAX = 8,
    TUNE_LIMITS_MAX = 8,
    TUNE_METRICS_MAX = TUNE_TERMS_MAX + TUNE_LIMITS_MAX
};

struct tune_term {
    double factor;
    size_t metric; /* number in tune_goal.metrics */
};

struct tune_limit {
    size_t metric;
    bool is_lower; /* the figure has to be above */
    double value;  /* in the metric's unit */
};

struct tune_goal {
    const struct metric *metrics[TUNE_METRICS_MAX]; /* each once, those of the objective first */
    size_t metric_count;
    struct tune_term terms[TUNE_TERMS_MAX];
    size_t term_count; /* at least 1 */
    struct tune_limit limits[TUNE_LIMITS_MAX];
    size_t limit_count;
};

/* Reads them. SIM_BAD_INPUT with what is wrong, and what was probably meant. */
SIM_MUST_USE enum sim_status tune_goal_parse(struct tune_goal *goal, const char *objective, const char *const *limits,
                                             size_t limit_count, struct sim_error *error);

/* SIM_BAD_INPUT: the scenario has no such figure. */
SIM_MUST_USE enum sim_status tune_goal_check(const struct tune_goal *goal, const struct world_config *config,
                                             struct sim_error *error);

/* What is minimised, from the values of all metrics. */
double tune_goal_objective(const struct tune_goal *goal, const double *values);

/* The lowest mean of it that is possible, from bound_lowest; -infinity where a factor is negative. */
double tune_goal_bound(const struct tune_goal *goal, const struct world_config *config);

/* Whether it is one metric by itself: then it is shown in that one's unit. */
bool tune_goal_is_plain(const struct tune_goal *goal);

/* Its name: "cost_usd_per_month", or the whole sum. */
struct tune_goal_text {
    char text[256];
};
struct tune_goal_text tune_goal_name(const struct tune_goal *goal);

/* "latency_p95_s < 2 s" */
struct tune_goal_text tune_goal_limit_text(const struct tune_goal *goal, size_t limit);

/* The values of all metrics in one replication; NaN where it has none. From any thread. */
void tune_goal_values(const struct tune_goal *goal, const struct run_result *result, size_t replication,
                      double *values);

#endif
