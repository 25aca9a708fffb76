/* tune_json.c - the answer of `capsim tune` for programs. */
#include <math.h>
#include <stdlib.h>

#include "analysis/csv.h"
#include "analysis/json_part.h"
#include "analysis/tune_report.h"
#include "analysis/version.h"
#include "sim/csv.h"
#include "sim/memory.h"

static const char *const answer_texts[] = {[TUNE_ANSWER_BEST] = "decided",
                                           [TUNE_ANSWER_UNDECIDED] = "undecided",
                                           [TUNE_ANSWER_INFEASIBLE] = "infeasible",
                                           [TUNE_ANSWER_INTERRUPTED] = "interrupted"};

/* ---- Points ---- */

static void set_interval(json_t *object, struct sim_interval interval)
{
    json_part_set(object, "value", json_part_number(interval.section_count > 0 ? interval.estimate : NAN));
    json_part_set(object, "low", json_part_number(interval.estimate - interval.half_width));
    json_part_set(object, "high", json_part_number(interval.estimate + interval.half_width));
    json_part_set(object, "count", json_integer((json_int_t)interval.section_count));
}

static json_t *figure_object(const struct tune *tune, size_t metric, struct sim_interval interval)
{
    json_t *object = json_object();
    const struct metric *of = metric == TUNE_OBJECTIVE ? NULL : tune->goal.metrics[metric];
    json_part_set(object, "scope", json_part_text("all"));
    json_part_set(object, "metric", json_part_text(of ? of->name : tune_goal_name(&tune->goal).text));
    json_part_set(object, "unit", json_part_text(of ? of->unit : ""));
    set_interval(object, interval);
    return object;
}

/* The objective by itself only where it is a sum. */
static json_t *figures_array(const struct tune *tune, const struct tune_series *a, const struct tune_series *b)
{
    json_t *array = json_array();
    for (size_t i = 0; i <= tune->goal.metric_count; i++) {
        size_t metric = i == 0 ? TUNE_OBJECTIVE : i - 1;
        if (metric == TUNE_OBJECTIVE && tune_goal_is_plain(&tune->goal))
            continue;
        struct sim_interval interval = b ? tune_difference(tune, a, b, metric) : tune_figure(tune, a, metric);
        json_part_append(array, figure_object(tune, metric, interval));
    }
    return array;
}

static const char *runs_of(const struct tune *tune, size_t point)
{
    const struct tune_series *series = tune_series_of(tune, point);
    return series == &tune->items[point].whole_runs ? "whole" : series->count == 0 ? "none" : "short";
}

static json_t *point_object(const struct tune *tune, size_t point)
{
    json_t *object = json_object();
    json_t *values = json_object();
    const struct tune_series *series = tune_series_of(tune, point);
    if (point < tune->points.count) {
        json_part_set(object, "point", json_integer((json_int_t)point));
        for (size_t i = 0; i < tune->points.vary.count; i++)
            json_part_set(values, tune->points.vary.paths[i].path,
                          json_part_text(tune->points.items[point].values[i].text));
    }
    json_part_set(object, "values", values);
    if (series->count > 0) {
        json_part_set(object, "runs", json_part_text(runs_of(tune, point)));
        json_part_set(object, "metrics", figures_array(tune, series, NULL));
    }
    return object;
}

static json_t *limits_array(const struct tune *tune, size_t point)
{
    json_t *array = json_array();
    for (size_t i = 0; i < tune->goal.limit_count; i++)
        if (tune_is_on_limit(tune, point, i))
            json_part_append(array, json_part_text(tune_goal_limit_text(&tune->goal, i).text));
    return array;
}

static json_t *best_object(const struct tune *tune)
{
    if (tune->best == TUNE_NOBODY)
        return json_null();
    json_t *object = point_object(tune, tune->best);
    json_t *settings = json_array();
    for (size_t i = 0; i < tune->points.vary.count; i++)
        json_part_append(settings, json_part_text(tune->points.items[tune->best].values[i].setting));
    json_part_set(object, "settings", settings);
    json_part_set(object, "on_limit", limits_array(tune, tune->best));
    if (tune->own == TUNE_NOBODY || tune->items[tune->own].whole_runs.count == 0)
        return object;
    const struct tune_series *own = &tune->items[tune->own].whole_runs;
    json_t *scenario = json_object();
    json_part_set(scenario, "metrics", figures_array(tune, own, NULL));
    json_part_set(scenario, "differences", figures_array(tune, own, &tune->items[tune->best].whole_runs));
    json_part_set(object, "against_scenario", scenario);
    return object;
}

static json_t *fate_array(const struct tune *tune, enum tune_fate fate)
{
    json_t *array = json_array();
    for (size_t i = 0; i < tune->points.count; i++)
        if (tune->items[i].fate == fate)
            json_part_append(array, point_object(tune, i));
    return array;
}

static bool is_rejected(enum tune_fate fate)
{
    return fate != TUNE_BEST && fate != TUNE_LEVEL && fate != TUNE_UNDECIDED && fate != TUNE_WAITING;
}

static json_t *rejected_array(const struct tune *tune)
{
    json_t *array = json_array();
    for (size_t i = 0; i < tune->points.count; i++) {
        const struct tune_point *point = &tune->items[i];
        if (!is_rejected(point->fate))
            continue;
        json_t *object = point_object(tune, i);
        json_part_set(object, "reason", json_part_text(tune_fate_text(point->fate)));
        if (point->reason[0] != '\0')
            json_part_set(object, "detail", json_part_text(point->reason));
        if (point->fate == TUNE_TOO_DEAR)
            json_part_set(object, "objective_at_least", json_part_number(point->bound));
        if (point->fate == TUNE_TOO_MUCH || point->fate == TUNE_SHORT_BEYOND || point->fate == TUNE_BEYOND)
            json_part_set(object, "limit", json_part_text(tune_goal_limit_text(&tune->goal, point->limit).text));
        if (point->fate == TUNE_TOO_MUCH)
            json_part_set(object, "figure_at_least", json_part_number(point->limit_bound));
        json_part_append(array, object);
    }
    return array;
}

static json_t *front_array(const struct tune *tune)
{
    json_t *array = json_array();
    size_t *front = sim_allocate(tune->points.count, sizeof *front);
    for (size_t i = 0; i < tune->goal.limit_count; i++) {
        size_t count = tune_front(tune, i, front);
        for (size_t k = 0; k < count; k++) {
            json_t *object = point_object(tune, front[k]);
            json_part_set(object, "limit", json_part_text(tune_goal_limit_text(&tune->goal, i).text));
            json_part_append(array, object);
        }
    }
    free(front);
    return array;
}

static json_t *readings_array(const struct tune *tune)
{
    json_t *array = json_array();
    for (size_t i = 0; i < tune->reading_count; i++) {
        const struct tune_reading *reading = &tune->readings[i];
        json_t *object = json_object();
        json_part_set(object, "reading", json_part_text(reading->name));
        json_part_set(object, "was", json_part_text(reading->was));
        json_part_set(object, "metrics", figures_array(tune, &reading->best, NULL));
        json_part_set(object, "keeps_limits", json_boolean(!reading->is_beyond));
        if (reading->beaten_by != TUNE_NOBODY) {
            json_part_set(object, "beaten_by", json_integer((json_int_t)reading->beaten_by));
            json_part_set(object, "metrics_of_that", figures_array(tune, &reading->rival, NULL));
        }
        json_part_set(object, "measure", json_part_text(reading->measure));
        json_part_append(array, object);
    }
    return array;
}

/* ---- The proof ---- */

static json_t *counts_object(const struct tune *tune)
{
    json_t *object = json_object();
    for (int fate = 0; fate < TUNE_FATE_COUNT; fate++) {
        size_t count = 0;
        for (size_t i = 0; i < tune->points.count; i++)
            count += tune->items[i].fate == (enum tune_fate)fate;
        if (count > 0)
            json_part_set(object, tune_fate_text((enum tune_fate)fate), json_integer((json_int_t)count));
    }
    return object;
}

static json_t *short_object(const struct tune *tune)
{
    json_t *object = json_object();
    json_part_set(object, "used", json_boolean(tune->shorts.is_used));
    if (!tune->shorts.is_used) {
        json_part_set(object, "reason", json_part_text(tune->shorts.reason));
        return object;
    }
    json_part_set(object, "warm_up_s", json_part_number(sim_time_to_s(tune->shorts.warm_up_ns)));
    json_part_set(object, "duration_s", json_part_number(sim_time_to_s(tune->shorts.duration_ns)));
    json_part_set(object, "replications", json_integer((json_int_t)tune->short_count));
    json_part_set(object, "guide_replications", json_integer((json_int_t)tune->guide_count));
    json_part_set(object, "compared_settings", json_integer((json_int_t)tune->agreement.point_count));
    json_part_set(object, "objective_excess", json_part_number(tune->agreement.objective));
    json_part_set(object, "figure_excess", json_part_number(tune->agreement.figure));
    return object;
}

static json_t *proof_object(const struct tune *tune)
{
    json_t *object = json_object();
    double error = 1 - tune->confidence;
    double rest = (1 - TUNE_BOUND_SHARE) * error;
    json_part_set(object, "settings", json_integer((json_int_t)tune->points.count));
    json_part_set(object, "counts", counts_object(tune));
    json_part_set(object, "confidence", json_part_number(tune->confidence));
    json_part_set(object, "indifference", json_part_number(tune->indifference_share));
    json_part_set(object, "tolerance", json_part_number(tune->tolerance_share));
    json_part_set(object, "error_of_bounds", json_part_number(TUNE_BOUND_SHARE * error));
    json_part_set(object, "error_of_short_runs", json_part_number(tune->shorts.is_used ? rest / 2 : 0));
    json_part_set(object, "error_of_whole_runs", json_part_number(tune->shorts.is_used ? rest / 2 : rest));
    json_part_set(object, "objective_possible", json_part_number(tune->upper_limit));
    json_part_set(object, "short_runs", short_object(tune));
    json_part_set(object, "whole_replications", json_integer((json_int_t)tune->whole_count));
    return object;
}

static void set_request(json_t *root, const struct tune *tune)
{
    json_t *limits = json_array();
    for (size_t i = 0; i < tune->goal.limit_count; i++)
        json_part_append(limits, json_part_text(tune_goal_limit_text(&tune->goal, i).text));
    json_part_set(root, "minimise", json_part_text(tune_goal_name(&tune->goal).text));
    json_part_set(root, "subject_to", limits);
}

void tune_report_json(const struct tune *tune, FILE *out)
{
    json_t *root = json_object();
    json_part_set(root, "format", json_integer(1));
    if (tune->first) {
        const struct world_config *config = &tune->first->config;
        json_part_set(root, "scenario", json_part_text(config->name));
        json_part_set(root, "seed", json_integer(config->seed));
    }
    json_part_set(root, "status", json_part_text(answer_texts[tune->answer]));
    if (tune->reason[0] != '\0')
        json_part_set(root, "reason", json_part_text(tune->reason));
    set_request(root, tune);
    if (tune->first) {
        json_part_set(root, "best", best_object(tune));
        json_part_set(root, "indistinguishable", fate_array(tune, TUNE_LEVEL));
        json_part_set(root, "undecided", fate_array(tune, TUNE_UNDECIDED));
        json_part_set(root, "rejected", rejected_array(tune));
        json_part_set(root, "front", front_array(tune));
        if (tune->readings)
            json_part_set(root, "readings", readings_array(tune));
        if (tune->nearest != TUNE_NOBODY) {
            json_t *nearest = point_object(tune, tune->nearest);
            json_part_set(nearest, "misses_by", json_part_number(tune->nearest_miss));
            json_part_set(root, "nearest", nearest);
        }
        json_part_set(root, "proof", proof_object(tune));
    }
    json_part_set(root, "version", json_part_text(version_number()));
    json_part_print(root, out);
}

/* ---- CSV ---- */

static void print_csv_start(const struct tune *tune, size_t point, FILE *out)
{
    fprintf(out, "%zu", point);
    for (size_t i = 0; i < tune->points.vary.count; i++) {
        fputc(',', out);
        sim_csv_write_text(out, tune->points.items[point].values[i].text);
    }
    fprintf(out, ",%s,%s", tune_fate_text(tune->items[point].fate), runs_of(tune, point));
}

static void print_csv_figure(const struct tune *tune, size_t point, size_t metric, FILE *out)
{
    const struct tune_series *series = tune_series_of(tune, point);
    struct sim_interval interval = tune_figure(tune, series, metric);
    print_csv_start(tune, point, out);
    fprintf(out, ",%s,%s", tune->goal.metrics[metric]->name, tune->goal.metrics[metric]->unit);
    csv_print_number(series->count > 0 ? interval.estimate : NAN, out);
    csv_print_number(interval.estimate - interval.half_width, out);
    csv_print_number(interval.estimate + interval.half_width, out);
    fprintf(out, ",%zu\n", series->count);
}

void tune_report_csv(const struct tune *tune, FILE *out)
{
    fputs("point", out);
    for (size_t i = 0; i < tune->points.vary.count; i++)
        fprintf(out, ",%s", tune->points.vary.paths[i].path);
    fputs(",fate,runs,metric,unit,value,low,high,count\n", out);
    for (size_t i = 0; i < tune->points.count && tune->items; i++)
        for (size_t k = 0; k < tune->goal.metric_count; k++)
            print_csv_figure(tune, i, k, out);
}
