/* tune.c - making the points, bounds, and the order of the steps. */
#include "analysis/tune.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/bound.h"
#include "analysis/format.h"
#include "analysis/tune_internal.h"
#include "sim/memory.h"

/* ---- Bounds ---- */

static void keep_reason(struct tune_search *search, struct tune_point *point, enum tune_fate fate, const char *reason)
{
    pthread_mutex_lock(&search->lock);
    point->reason = sim_arena_text(search->tune->points.arena, reason);
    pthread_mutex_unlock(&search->lock);
    point->fate = fate;
}

static void reject_by_capacity(struct tune_search *search, struct tune_point *point, const struct world_config *config)
{
    struct bound_capacity capacity = bound_capacity(config);
    char text[256];
    if (!capacity.is_exceeded)
        return;
    (void)snprintf(text, sizeof text, "pool %s is offered %.4g req/s and can serve %.4g at most",
                   config->pools[capacity.pool].name, capacity.offered_rps, capacity.served_rps);
    keep_reason(search, point, TUNE_OVERLOADED, text);
}

static void reject_by_limits(const struct tune *tune, struct tune_point *point, const struct world_config *config)
{
    const struct tune_goal *goal = &tune->goal;
    for (size_t i = 0; i < goal->limit_count && tune_is_open(point); i++) {
        double lowest = bound_lowest(config, goal->metrics[goal->limits[i].metric]);
        if (goal->limits[i].is_lower || lowest < goal->limits[i].value || !(lowest > 0))
            continue;
        point->fate = TUNE_TOO_MUCH;
        point->limit = i;
        point->limit_bound = lowest;
    }
}

static void look_at(struct tune_search *search, size_t index, const struct scenario *scenario, const char *own)
{
    struct tune *tune = search->tune;
    struct tune_point *point = &tune->items[index];
    const struct world_config *config = &scenario->config;
    struct sim_error error;
    point->bound = tune_goal_bound(&tune->goal, config);
    point->memory_s = tune_short_memory_s(config);
    point->change = tune_short_obstacle(config);
    if (tune_goal_check(&tune->goal, config, &error) != SIM_OK) {
        keep_reason(search, point, TUNE_INVALID, error.message);
        return;
    }
    reject_by_capacity(search, point, config);
    if (tune_is_open(point))
        reject_by_limits(tune, point, config);
    if (own && strcmp(own, scenario->resolved) == 0) {
        pthread_mutex_lock(&search->lock);
        tune->own = index; /* no two points are equal */
        pthread_mutex_unlock(&search->lock);
    }
}

static enum sim_status load_and_look(void *context, size_t index, unsigned jobs, struct sim_error *error)
{
    struct tune_search *search = context;
    struct tune *tune = search->tune;
    struct scenario *own = search->loaded[tune->points.count];
    struct scenario *scenario;
    struct diagnostic_list problems;
    (void)jobs, (void)error;
    diagnostic_init(&problems);
    if (points_load(&tune->points, index, &scenario, &problems) == SIM_OK)
        look_at(search, index, scenario, own ? own->resolved : NULL);
    else
        keep_reason(search, &tune->items[index], TUNE_INVALID, points_reason(&problems));
    scenario_destroy(scenario);
    diagnostic_release(&problems);
    pthread_mutex_lock(&search->lock);
    search->finished++;
    if (search->watch->progress) {
        const struct tune_progress progress = {search->stage, search->finished, search->wanted, tune->points.count};
        search->watch->progress(search->watch->context, &progress);
    }
    pthread_mutex_unlock(&search->lock);
    return SIM_OK;
}

/* ---- Making ---- */

/* The scenario without what is varied; it may lack that. */
static void load_own(struct tune_search *search)
{
    struct tune *tune = search->tune;
    struct diagnostic_list problems;
    diagnostic_init(&problems);
    if (scenario_load(tune->points.path, search->settings, search->setting_count, &search->loaded[tune->points.count],
                      &problems) == SIM_OK) {
        tune->own = tune->points.count;
        tune->items[tune->own].memory_s = tune_short_memory_s(&search->loaded[tune->own]->config);
    }
    diagnostic_release(&problems);
}

/* The first point that can be run stands for the scenario. */
static enum sim_status load_first(struct tune *tune, struct sim_error *error)
{
    size_t first = 0;
    struct diagnostic_list problems;
    while (first < tune->points.count && tune->items[first].fate == TUNE_INVALID)
        first++;
    if (first == tune->points.count)
        return sim_error_set(error, SIM_BAD_INPUT, tune->points.path, 0,
                             "none of the %zu settings can be run; the first: %s", first, tune->items[0].reason);
    diagnostic_init(&problems);
    enum sim_status status = points_load(&tune->points, first, &tune->first, &problems);
    if (status != SIM_OK)
        status = sim_error_set(error, status, tune->points.path, 0, "%s", points_reason(&problems));
    diagnostic_release(&problems);
    return status;
}

struct placed {
    double bound;
    size_t point;
};

static int by_bound(const void *left, const void *right)
{
    const struct placed *a = left;
    const struct placed *b = right;
    if (a->bound != b->bound)
        return a->bound < b->bound ? -1 : 1;
    return a->point < b->point ? -1 : 1;
}

static void put_in_order(struct tune_search *search)
{
    const struct tune *tune = search->tune;
    struct placed *placed = sim_allocate(tune->points.count, sizeof *placed);
    for (size_t i = 0; i < tune->points.count; i++)
        if (tune_is_open(&tune->items[i]))
            placed[search->order_count++] = (struct placed){tune->items[i].bound, i};
    qsort(placed, search->order_count, sizeof *placed, by_bound);
    search->order = sim_allocate(tune->points.count, sizeof *search->order);
    for (size_t i = 0; i < search->order_count; i++)
        search->order[i] = placed[i].point;
    free(placed);
}

static enum sim_status make_points(struct tune_search *search, const struct tune_request *request,
                                   struct diagnostic_list *problems, struct sim_error *error)
{
    struct tune *tune = search->tune;
    if (!points_create(&tune->points, &request->points, problems))
        return sim_error_set(error, SIM_BAD_INPUT, request->points.path, 0, "these settings cannot be made");
    tune->items = sim_allocate(tune->points.count + 1, sizeof *tune->items);
    search->loaded = sim_allocate(tune->points.count + 1, sizeof *search->loaded);
    for (size_t i = 0; i <= tune->points.count; i++)
        tune->items[i].reason = "";
    load_own(search);
    search->stage = "bounds";
    search->wanted = tune->points.count;
    const struct points_work work = {.count = tune->points.count,
                                     .jobs = search->watch->jobs,
                                     .stop = search->watch->stop,
                                     .context = search,
                                     .each = load_and_look};
    enum sim_status status = points_do(&work, error);
    if (status == SIM_OK)
        status = load_first(tune, error);
    if (status == SIM_OK)
        status = tune_goal_check(&tune->goal, &tune->first->config, error);
    if (status == SIM_OK)
        status = tune_short_warm_up(tune, error);
    if (status == SIM_OK && search->loaded[tune->points.count])
        tune_work_warm_up(tune, search->loaded[tune->points.count]);
    if (status == SIM_OK)
        put_in_order(search);
    return status;
}

/* ---- The steps ---- */

static enum sim_status take_steps(struct tune_search *search, const struct tune_request *request,
                                  struct diagnostic_list *problems, struct sim_error *error)
{
    struct tune *tune = search->tune;
    enum sim_status status =
        tune_goal_parse(&tune->goal, request->objective, request->limits, request->limit_count, error);
    if (status == SIM_OK)
        status = make_points(search, request, problems, error);
    if (status != SIM_OK)
        return status;
    tune_short_plan(search, !request->is_whole);
    if (tune->shorts.is_used)
        status = tune_short_run(search, error);
    if (status == SIM_OK)
        status = tune_whole_run(search, error);
    if (status == SIM_OK)
        status = tune_answer_find(search, error);
    if (status != SIM_INTERRUPTED)
        return status;
    tune_answer_stop(search);
    return SIM_OK;
}

enum sim_status tune_run(struct tune *tune, const struct tune_request *request, const struct tune_watch *watch,
                         struct diagnostic_list *problems, struct sim_error *error)
{
    struct tune_search search = {.tune = tune,
                                 .watch = watch,
                                 .replication_max = request->replication_max,
                                 .has_readings = request->has_readings,
                                 .has_whole_readings = request->has_whole_readings,
                                 .settings = request->points.settings,
                                 .setting_count = request->points.setting_count,
                                 .guide = TUNE_NOBODY};
    *tune = (struct tune){.confidence = request->confidence,
                          .indifference_share = request->indifference,
                          .tolerance_share = request->tolerance,
                          .own = TUNE_NOBODY,
                          .best = TUNE_NOBODY,
                          .nearest = TUNE_NOBODY,
                          .reason = "",
                          .upper_limit = INFINITY};
    sim_assert(request->replication_max >= TUNE_FIRST_WHOLE);
    if (pthread_mutex_init(&search.lock, NULL) != 0)
        sim_out_of_memory();
    enum sim_status status = take_steps(&search, request, problems, error);
    (void)pthread_mutex_destroy(&search.lock);
    for (size_t i = 0; search.loaded && i <= tune->points.count; i++)
        scenario_destroy(search.loaded[i]);
    free(search.loaded);
    free(search.order);
    return status;
}

void tune_release(struct tune *tune)
{
    for (size_t i = 0; tune->items && i <= tune->points.count; i++) {
        free(tune->items[i].short_runs.values);
        free(tune->items[i].guide_runs.values);
        free(tune->items[i].whole_runs.values);
    }
    free(tune->items);
    for (size_t i = 0; i < tune->reading_count; i++) {
        free(tune->readings[i].best.values);
        free(tune->readings[i].rival.values);
    }
    free(tune->readings);
    if (tune->readings)
        sensitivity_list_release(&tune->rules);
    scenario_destroy(tune->first);
    if (tune->whole)
        select_destroy(tune->whole);
    if (tune->brief)
        select_destroy(tune->brief);
}
