/* tune_work.c - replications of many points at once, and their values. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/runner.h"
#include "analysis/tune_internal.h"
#include "analysis/warm_up.h"
#include "sim/memory.h"

/* Added to the scenario's seed, so that nothing is decided by chance that was used before. */
static const int64_t seed_offsets[] = {
    [TUNE_KIND_SHORT] = 1000000007, [TUNE_KIND_GUIDE] = 2000000011, [TUNE_KIND_WHOLE] = 0};

struct tune_series *tune_work_series(struct tune_point *point, enum tune_kind kind)
{
    switch (kind) {
    case TUNE_KIND_SHORT:
        return &point->short_runs;
    case TUNE_KIND_GUIDE:
        return &point->guide_runs;
    default:
        return &point->whole_runs;
    }
}

/* ---- Loading ---- */

void tune_work_warm_up(const struct tune *tune, struct scenario *scenario)
{
    if (tune->warm_up_ns >= 0 && warm_up_is_open(&scenario->config))
        scenario_set_warm_up(scenario, tune->warm_up_ns);
}

static enum sim_status load(struct tune_search *search, size_t point, struct sim_error *error)
{
    struct tune *tune = search->tune;
    struct diagnostic_list own;
    enum sim_status status;
    if (search->loaded[point])
        return SIM_OK;
    diagnostic_init(&own);
    if (point < tune->points.count)
        status = points_load(&tune->points, point, &search->loaded[point], &own);
    else
        status =
            scenario_load(tune->points.path, search->settings, search->setting_count, &search->loaded[point], &own);
    if (status == SIM_OK)
        tune_work_warm_up(tune, search->loaded[point]);
    else /* it could be loaded before */
        status = sim_error_set(error, status, tune->points.path, 0, "%s", points_reason(&own));
    diagnostic_release(&own);
    return status;
}

void tune_work_forget(struct tune_search *search, size_t point)
{
    scenario_destroy(search->loaded[point]);
    search->loaded[point] = NULL;
}

/* ---- Running ---- */

struct unit {
    size_t point;
    size_t replication;
    double *values;
    enum tune_fate fate; /* TUNE_WAITING: all is well */
    bool is_done;
};

struct batch {
    struct tune_search *search;
    enum tune_kind kind;
    struct unit *units;
};

struct world_config tune_work_config(const struct tune *tune, const struct scenario *scenario, enum tune_kind kind)
{
    struct world_config config = scenario->config;
    config.replications = 1;
    config.seed += seed_offsets[kind];
    if (kind == TUNE_KIND_SHORT) {
        config.warm_up_ns = tune->shorts.warm_up_ns;
        config.duration_ns = tune->shorts.duration_ns;
    }
    return config;
}

static bool is_saturated(const struct run_result *result)
{
    for (size_t i = 0; i < result->config->pool_count; i++)
        if (result->replications[0].saturated_ns[i] >= 0)
            return true;
    return false;
}

static enum tune_fate take_values(const struct tune *tune, const struct run_result *result, double *values)
{
    tune_goal_values(&tune->goal, result, 0, values);
    if (is_saturated(result))
        return TUNE_SATURATED;
    for (size_t i = 0; i < tune->goal.metric_count; i++)
        if (!isfinite(values[i]))
            return TUNE_NO_VALUE;
    return TUNE_WAITING;
}

enum sim_status tune_work_replication(const struct tune_search *search, const struct world_config *config,
                                      size_t replication, unsigned jobs, double *values, enum tune_fate *fate,
                                      struct sim_error *error)
{
    const struct runner_options options = {.first_replication = replication, .jobs = jobs, .stop = search->watch->stop};
    struct run_result *result;
    enum sim_status status = runner_run(config, &options, &result, error);
    if (status != SIM_OK)
        return status;
    if (result->ending == RUN_INTERRUPTED)
        status = sim_error_set(error, SIM_INTERRUPTED, NULL, 0, "interrupted");
    else
        *fate = take_values(search->tune, result, values);
    run_result_destroy(result);
    return status;
}

static void show(struct tune_search *search)
{
    const struct tune_watch *watch = search->watch;
    if (!watch->progress)
        return;
    struct tune_progress progress = {.stage = search->stage, .finished = search->finished, .count = search->wanted};
    for (size_t i = 0; i < search->order_count; i++)
        progress.left += tune_is_open(&search->tune->items[search->order[i]]);
    watch->progress(watch->context, &progress);
}

static enum sim_status run_unit(void *context, size_t index, unsigned jobs, struct sim_error *error)
{
    struct batch *batch = context;
    struct tune_search *search = batch->search;
    struct unit *unit = &batch->units[index];
    struct world_config config = tune_work_config(search->tune, search->loaded[unit->point], batch->kind);
    enum sim_status status =
        tune_work_replication(search, &config, unit->replication, jobs, unit->values, &unit->fate, error);
    unit->is_done = status == SIM_OK;
    pthread_mutex_lock(&search->lock);
    search->finished++;
    show(search);
    pthread_mutex_unlock(&search->lock);
    return status;
}

static void keep(struct tune *tune, enum tune_kind kind, const struct unit *unit)
{
    struct tune_point *point = &tune->items[unit->point];
    struct tune_series *series = tune_work_series(point, kind);
    size_t width = tune->goal.metric_count;
    if (unit->fate != TUNE_WAITING && unit->point < tune->points.count)
        point->fate = unit->fate;
    if (unit->fate != TUNE_WAITING || series->count < unit->replication)
        return;
    series->values = sim_grow(series->values, &series->capacity, (series->count + 1) * width, sizeof(double));
    memcpy(series->values + series->count * width, unit->values, width * sizeof(double));
    series->count++;
}

static void count_runs(struct tune *tune, enum tune_kind kind, size_t count)
{
    size_t *const counts[] = {[TUNE_KIND_SHORT] = &tune->short_count,
                              [TUNE_KIND_GUIDE] = &tune->guide_count,
                              [TUNE_KIND_WHOLE] = &tune->whole_count};
    *counts[kind] += count;
}

enum sim_status tune_work_run(struct tune_search *search, enum tune_kind kind, const char *stage,
                              const struct tune_want *wants, size_t count, struct sim_error *error)
{
    struct tune *tune = search->tune;
    size_t total = 0;
    enum sim_status status = SIM_OK;
    for (size_t i = 0; i < count && status == SIM_OK; i++) {
        status = load(search, wants[i].point, error);
        total += wants[i].count;
    }
    if (status != SIM_OK || total == 0)
        return status;
    struct batch batch = {.search = search, .kind = kind, .units = sim_allocate(total, sizeof *batch.units)};
    double *values = sim_allocate(total * tune->goal.metric_count, sizeof *values);
    size_t unit = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < wants[i].count; k++, unit++)
            batch.units[unit] =
                (struct unit){.point = wants[i].point,
                              .replication = tune_work_series(&tune->items[wants[i].point], kind)->count + k,
                              .values = values + unit * tune->goal.metric_count,
                              .fate = TUNE_WAITING};
    const struct points_work work = {
        .count = total, .jobs = search->watch->jobs, .stop = search->watch->stop, .context = &batch, .each = run_unit};
    search->stage = stage;
    search->finished = 0;
    search->wanted = total;
    status = points_do(&work, error);
    size_t done = 0;
    for (size_t i = 0; i < total && (status == SIM_OK || status == SIM_INTERRUPTED); i++)
        if (batch.units[i].is_done) {
            keep(tune, kind, &batch.units[i]);
            done++;
        }
    count_runs(tune, kind, done);
    free(values);
    free(batch.units);
    return status;
}

/* ---- For the statistics ---- */

void tune_work_figures(const struct tune *tune, const double *values, double *objective, double *figures)
{
    *objective = tune_goal_objective(&tune->goal, values);
    for (size_t i = 0; i < tune->goal.limit_count; i++) {
        const struct tune_limit *limit = &tune->goal.limits[i];
        figures[i] = limit->is_lower ? -values[limit->metric] : values[limit->metric];
    }
}

double tune_work_limit(const struct tune *tune, size_t limit)
{
    const struct tune_limit *of = &tune->goal.limits[limit];
    return of->is_lower ? -of->value : of->value;
}

/* Of a share near 1 it is what is missing there that counts: 99 % is not to be taken for 98 %. */
double tune_work_tolerance(const struct tune *tune, size_t limit)
{
    const struct tune_limit *of = &tune->goal.limits[limit];
    double size = fabs(of->value);
    if (strcmp(tune->goal.metrics[of->metric]->unit, "ratio") == 0 && size < 1)
        size = fmin(size, 1 - size);
    return tune->tolerance_share * size;
}

struct select *tune_work_select(const struct tune *tune, double error, size_t first, size_t most)
{
    double limits[TUNE_LIMITS_MAX];
    double tolerances[TUNE_LIMITS_MAX];
    for (size_t i = 0; i < tune->goal.limit_count; i++) {
        limits[i] = tune_work_limit(tune, i);
        tolerances[i] = tune_work_tolerance(tune, i);
    }
    const struct select_plan plan = {.count = tune->points.count,
                                     .limit_count = tune->goal.limit_count,
                                     .limits = limits,
                                     .tolerances = tolerances,
                                     .indifference_share = tune->indifference_share,
                                     .error = error,
                                     .bound_error = TUNE_BOUND_SHARE * (1 - tune->confidence),
                                     .first = first,
                                     .most = most};
    return select_create(&plan);
}

void tune_work_observe(const struct tune *tune, struct select *select, size_t point, enum tune_kind kind)
{
    const struct tune_series *series = tune_work_series(&tune->items[point], kind);
    for (size_t i = select_count(select, point); i < series->count; i++) {
        double objective;
        double figures[TUNE_LIMITS_MAX];
        tune_work_figures(tune, series->values + i * tune->goal.metric_count, &objective, figures);
        select_observe(select, point, objective, figures);
    }
}
