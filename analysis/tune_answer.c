/* tune_answer.c - what has become of every point, whether short runs can be believed, and figures of the result. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/tune_internal.h"
#include "sim/memory.h"

/* Deviations that chance may account for, where short and whole runs of many points are compared. */
#define CHANCE 4.0

static const char *const fate_texts[] = {
#define FATE_TEXT(name, text) [name] = (text),
    TUNE_FATE_LIST(FATE_TEXT)
#undef FATE_TEXT
};

const char *tune_fate_text(enum tune_fate fate)
{
    return fate_texts[fate];
}

void tune_name(const struct tune *tune, size_t point, char *name, size_t size)
{
    if (point < tune->points.count)
        points_name(&tune->points, point, name, size);
    else
        (void)snprintf(name, size, "the scenario as it is");
}

/* ---- Figures ---- */

const struct tune_series *tune_series_of(const struct tune *tune, size_t point)
{
    const struct tune_point *item = &tune->items[point];
    if (item->whole_runs.count > 0)
        return &item->whole_runs;
    return item->guide_runs.count > 0 ? &item->guide_runs : &item->short_runs;
}

static double value_of(const struct tune *tune, const struct tune_series *series, size_t replication, size_t metric)
{
    const double *values = series->values + replication * tune->goal.metric_count;
    return metric == TUNE_OBJECTIVE ? tune_goal_objective(&tune->goal, values) : values[metric];
}

struct sim_interval tune_figure(const struct tune *tune, const struct tune_series *series, size_t metric)
{
    double *values = sim_allocate(series->count + 1, sizeof *values);
    for (size_t i = 0; i < series->count; i++)
        values[i] = value_of(tune, series, i, metric);
    struct sim_interval interval = sim_interval_of_mean(values, series->count);
    free(values);
    return interval;
}

struct sim_interval tune_difference(const struct tune *tune, const struct tune_series *a, const struct tune_series *b,
                                    size_t metric)
{
    size_t count = a->count < b->count ? a->count : b->count;
    double *values = sim_allocate(count + 1, sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = value_of(tune, b, i, metric) - value_of(tune, a, i, metric);
    struct sim_interval interval = sim_interval_of_mean(values, count);
    free(values);
    return interval;
}

bool tune_is_on_limit(const struct tune *tune, size_t point, size_t limit)
{
    const struct tune_limit *of = &tune->goal.limits[limit];
    struct sim_interval figure = tune_figure(tune, &tune->items[point].whole_runs, of->metric);
    return fabs(figure.estimate - of->value) < tune_work_tolerance(tune, limit);
}

double tune_answer_excess(const struct tune *tune, const struct tune_series *series, size_t limit)
{
    const struct tune_limit *of = &tune->goal.limits[limit];
    double figure = tune_figure(tune, series, of->metric).estimate;
    return of->is_lower ? of->value - figure : figure - of->value;
}

static double excess_of(const struct tune *tune, size_t point, size_t limit)
{
    return tune_answer_excess(tune, tune_series_of(tune, point), limit);
}

/* ---- The front ---- */

struct mark {
    size_t point;
    double objective;
    double figure;
};

static int by_objective(const void *left, const void *right)
{
    const struct mark *a = left;
    const struct mark *b = right;
    if (a->objective != b->objective)
        return a->objective < b->objective ? -1 : 1;
    if (a->figure != b->figure)
        return a->figure < b->figure ? -1 : 1;
    return a->point < b->point ? -1 : 1;
}

size_t tune_front(const struct tune *tune, size_t limit, size_t *front)
{
    struct mark *marks = sim_allocate(tune->points.count, sizeof *marks);
    size_t count = 0;
    for (size_t i = 0; i < tune->points.count; i++) {
        const struct tune_series *series = tune_series_of(tune, i);
        if (series->count == 0 || tune->items[i].fate == TUNE_SATURATED || tune->items[i].fate == TUNE_NO_VALUE)
            continue;
        marks[count++] =
            (struct mark){i, tune_figure(tune, series, TUNE_OBJECTIVE).estimate, excess_of(tune, i, limit)};
    }
    qsort(marks, count, sizeof *marks, by_objective);
    double lowest = INFINITY;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (marks[i].figure < lowest) {
            lowest = marks[i].figure;
            front[kept++] = marks[i].point;
        }
    free(marks);
    return kept;
}

/* ---- Fates ---- */

static enum tune_fate fate_of(const struct select *select, size_t point)
{
    switch (select_state(select, point)) {
    case SELECT_BEST:
        return TUNE_BEST;
    case SELECT_LEVEL:
        return select_feasibility(select, point) == SELECT_WITHIN ? TUNE_LEVEL : TUNE_NO_BETTER;
    case SELECT_PASSED:
    case SELECT_BEATEN:
        return TUNE_WORSE;
    case SELECT_INFEASIBLE:
        return TUNE_BEYOND;
    case SELECT_IN_PLAY:
        return TUNE_UNDECIDED;
    default:
        return TUNE_WAITING;
    }
}

/* The limit that a point misses most. */
static size_t worst_limit(const struct tune *tune, size_t point)
{
    size_t worst = 0;
    for (size_t i = 1; i < tune->goal.limit_count; i++)
        if (excess_of(tune, point, i) / fabs(tune->goal.limits[i].value) >
            excess_of(tune, point, worst) / fabs(tune->goal.limits[worst].value))
            worst = i;
    return worst;
}

static void settle(struct tune *tune)
{
    for (size_t i = 0; i < tune->points.count; i++) {
        struct tune_point *point = &tune->items[i];
        if (!tune_is_open(point))
            continue;
        point->fate = fate_of(tune->whole, i);
        if (point->fate == TUNE_BEYOND)
            point->limit = worst_limit(tune, i);
        if (point->fate == TUNE_BEST)
            tune->best = i;
    }
}

/* ---- Short runs against whole ones ---- */

static struct sim_interval less(struct sim_interval a, struct sim_interval b)
{
    return (struct sim_interval){.estimate = a.estimate - b.estimate, .half_width = hypot(a.half_width, b.half_width)};
}

/* How far apart they are beyond chance, in parts of what is allowed. */
static double excess_beyond_chance(struct sim_interval difference, double allowed)
{
    double chance = CHANCE / 2 * difference.half_width; /* half widths are of 95 %: about two deviations */
    double excess = fabs(difference.estimate) - (isfinite(chance) ? chance : INFINITY);
    return excess > 0 ? excess / allowed : 0;
}

static void compare_runs(struct tune *tune)
{
    struct tune_agreement *agreement = &tune->agreement;
    for (size_t i = 0; i < tune->points.count; i++) {
        const struct tune_point *point = &tune->items[i];
        if (point->short_runs.count < 2 || point->whole_runs.count < 2)
            continue;
        agreement->point_count++;
        for (size_t k = 0; k < tune->goal.limit_count; k++) {
            size_t metric = tune->goal.limits[k].metric;
            struct sim_interval difference =
                less(tune_figure(tune, &point->short_runs, metric), tune_figure(tune, &point->whole_runs, metric));
            agreement->figure = fmax(agreement->figure,
                                     excess_beyond_chance(difference, TUNE_BIAS_SHARE * tune_work_tolerance(tune, k)));
        }
        if (tune->best == TUNE_NOBODY || i == tune->best)
            continue;
        const struct tune_point *best = &tune->items[tune->best];
        double objective = tune_figure(tune, &best->whole_runs, TUNE_OBJECTIVE).estimate;
        struct sim_interval difference =
            less(tune_difference(tune, &best->short_runs, &point->short_runs, TUNE_OBJECTIVE),
                 tune_difference(tune, &best->whole_runs, &point->whole_runs, TUNE_OBJECTIVE));
        agreement->objective =
            fmax(agreement->objective,
                 excess_beyond_chance(difference, TUNE_BIAS_SHARE * tune->indifference_share * fabs(objective)));
    }
}

/* ---- The answer ---- */

/* The scenario's own setting, on as many replications as the best. */
static enum sim_status run_own(struct tune_search *search, struct sim_error *error)
{
    struct tune *tune = search->tune;
    if (tune->own == TUNE_NOBODY || tune->best == TUNE_NOBODY)
        return SIM_OK;
    size_t wanted = tune->items[tune->best].whole_runs.count;
    size_t done = tune->items[tune->own].whole_runs.count;
    const struct tune_want want = {tune->own, wanted > done ? wanted - done : 0};
    enum tune_fate fate = tune->items[tune->own].fate;
    enum sim_status status = tune_work_run(search, TUNE_KIND_WHOLE, "the scenario as it is", &want, 1, error);
    tune->items[tune->own].fate = fate;
    return status;
}

static void offer_nearest(struct tune *tune, size_t point, double miss)
{
    if (tune->nearest == TUNE_NOBODY || miss < tune->nearest_miss) {
        tune->nearest = point;
        tune->nearest_miss = miss;
    }
}

/* Of those that were simulated; if none was, of those that a bound rejects. */
static void find_nearest(struct tune *tune)
{
    for (size_t i = 0; i < tune->points.count; i++) {
        const struct tune_point *point = &tune->items[i];
        if (tune_series_of(tune, i)->count == 0 || point->fate == TUNE_SATURATED || point->fate == TUNE_NO_VALUE)
            continue;
        size_t limit = worst_limit(tune, i);
        offer_nearest(tune, i, excess_of(tune, i, limit) / fabs(tune->goal.limits[limit].value));
    }
    bool is_simulated = tune->nearest != TUNE_NOBODY;
    for (size_t i = 0; i < tune->points.count && !is_simulated; i++) {
        const struct tune_point *point = &tune->items[i];
        double value = tune->goal.limits[point->limit].value;
        if (point->fate == TUNE_TOO_MUCH)
            offer_nearest(tune, i, (point->limit_bound - value) / fabs(value));
    }
}

static bool is_misled(const struct tune_agreement *agreement)
{
    return agreement->objective > 1 || agreement->figure > 1;
}

static void decide(struct tune *tune)
{
    enum select_answer answer = select_answer(tune->whole);
    tune->answer = TUNE_ANSWER_BEST;
    if (is_misled(&tune->agreement)) {
        tune->answer = TUNE_ANSWER_UNDECIDED;
        tune->reason = "short runs mislead here: use --whole";
    } else if (answer == SELECT_NONE_FEASIBLE || (tune->best == TUNE_NOBODY && answer == SELECT_DECIDED)) {
        tune->answer = TUNE_ANSWER_INFEASIBLE;
        if (tune->goal.limit_count > 0)
            find_nearest(tune);
    } else if (answer != SELECT_DECIDED) {
        tune->answer = TUNE_ANSWER_UNDECIDED;
        tune->reason = "no more replications are allowed: raise --max-replications, --indifference or --tolerance";
    }
}

enum sim_status tune_answer_find(struct tune_search *search, struct sim_error *error)
{
    struct tune *tune = search->tune;
    settle(tune);
    compare_runs(tune);
    decide(tune);
    enum sim_status status = run_own(search, error);
    return status == SIM_OK ? tune_readings_run(search, error) : status;
}

void tune_answer_stop(struct tune_search *search)
{
    struct tune *tune = search->tune;
    tune->answer = TUNE_ANSWER_INTERRUPTED;
    tune->reason = "interrupted";
    if (tune->whole)
        settle(tune);
    for (size_t i = 0; tune->items && i < tune->points.count; i++) {
        bool has_figures = tune_series_of(tune, i)->count > 0;
        if (tune_is_open(&tune->items[i]) || tune->items[i].fate == TUNE_UNDECIDED)
            tune->items[i].fate = has_figures ? TUNE_UNDECIDED : TUNE_WAITING;
    }
}
