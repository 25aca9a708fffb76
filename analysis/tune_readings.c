/* tune_readings.c - the choice under other readings of what the platform does not publish. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/tune_internal.h"
#include "sim/memory.h"

/* The best first, then its rivals. */
struct rivals {
    size_t points[1 + TUNE_RIVALS_MAX];
    size_t count;
};

/* ---- Who might win otherwise ---- */

/* Whether nobody among them has (nearly) the same figures. */
static bool is_distinct(const struct tune *tune, const struct rivals *rivals, size_t point)
{
    for (size_t i = 0; i < rivals->count; i++) {
        const struct tune_series *a = tune_series_of(tune, rivals->points[i]);
        const struct tune_series *b = tune_series_of(tune, point);
        double objective = tune_figure(tune, a, TUNE_OBJECTIVE).estimate;
        bool is_same = fabs(tune_figure(tune, b, TUNE_OBJECTIVE).estimate - objective) <=
                       2 * tune->indifference_share * fabs(objective);
        for (size_t k = 0; k < tune->goal.limit_count && is_same; k++)
            is_same =
                fabs(tune_answer_excess(tune, a, k) - tune_answer_excess(tune, b, k)) <= tune_work_tolerance(tune, k);
        if (is_same)
            return false;
    }
    return true;
}

static double miss_of(const struct tune *tune, size_t point)
{
    double most = -INFINITY;
    for (size_t i = 0; i < tune->goal.limit_count; i++)
        most = fmax(most, tune_answer_excess(tune, tune_series_of(tune, point), i) / tune_work_tolerance(tune, i));
    return most;
}

/* What makes it a near rival: cheaper ones by how little they miss a limit, others by their objective. */
static double distance_of(const struct tune *tune, size_t point, bool is_beyond)
{
    const struct tune_point *item = &tune->items[point];
    bool is_other = item->fate == TUNE_SHORT_WORSE || item->fate == TUNE_WORSE || item->fate == TUNE_NO_BETTER ||
                    item->fate == TUNE_LEVEL;
    bool misses = item->fate == TUNE_SHORT_BEYOND || item->fate == TUNE_BEYOND;
    if (tune_series_of(tune, point)->count == 0 || !(is_beyond ? misses : is_other))
        return INFINITY;
    return is_beyond ? miss_of(tune, point) : tune_figure(tune, tune_series_of(tune, point), TUNE_OBJECTIVE).estimate;
}

static void add_nearest(const struct tune *tune, bool is_beyond, struct rivals *rivals)
{
    size_t nearest = TUNE_NOBODY;
    double least = INFINITY;
    for (size_t i = 0; i < tune->points.count; i++) {
        double distance = distance_of(tune, i, is_beyond);
        if (distance < least && is_distinct(tune, rivals, i)) {
            nearest = i;
            least = distance;
        }
    }
    if (nearest != TUNE_NOBODY)
        rivals->points[rivals->count++] = nearest;
}

static struct rivals rivals_of(const struct tune *tune)
{
    struct rivals rivals = {.points = {tune->best}, .count = 1};
    for (int i = 0; i < TUNE_RIVALS_MAX / 2; i++) {
        add_nearest(tune, true, &rivals);
        add_nearest(tune, false, &rivals);
    }
    return rivals;
}

/* ---- Running ---- */

struct task {
    struct scenario *scenario; /* NULL: the reading changes nothing there that runs would show */
    struct tune_series series;
    enum tune_fate fate;
};

struct tasks {
    struct tune_search *search;
    enum tune_kind kind;
    size_t run_count; /* of each */
    struct task *items;
    double *values;
    enum tune_fate *fates;
};

/* Under a reading; one that the setting does not come to leaves it as it is. */
static struct scenario *load(const struct tune_search *search, size_t point, const struct sensitivity_reading *reading)
{
    const struct tune *tune = search->tune;
    struct scenario *plain;
    struct scenario *scenario = NULL;
    struct diagnostic_list problems;
    struct sensitivity_list rules;
    const char **varied = sim_allocate(tune->points.vary.count, sizeof *varied);
    for (size_t i = 0; i < tune->points.vary.count; i++)
        varied[i] = tune->points.items[point].values[i].setting;
    const struct scenario_settings settings = {.settings = search->settings,
                                               .setting_count = search->setting_count,
                                               .varied = varied,
                                               .varied_count = tune->points.vary.count};
    diagnostic_init(&problems);
    if (points_load(&tune->points, point, &plain, &problems) == SIM_OK) {
        sensitivity_list_create(&rules, &plain->config);
        const struct sensitivity_reading *own = sensitivity_list_find(&rules, reading->name);
        if (own && sensitivity_load(tune->points.path, &settings, &own, 1, &scenario, &problems) == SIM_OK)
            scenario_destroy(plain);
        else
            scenario = plain;
        tune_work_warm_up(tune, scenario);
        sensitivity_list_release(&rules);
    }
    diagnostic_release(&problems);
    free(varied);
    return scenario;
}

static enum sim_status run_one(void *context, size_t index, unsigned jobs, struct sim_error *error)
{
    const struct tasks *tasks = context;
    const struct tune *tune = tasks->search->tune;
    const struct task *task = &tasks->items[index / tasks->run_count];
    struct world_config config = tune_work_config(tune, task->scenario, tasks->kind);
    return tune_work_replication(tasks->search, &config, index % tasks->run_count, jobs,
                                 tasks->values + index * tune->goal.metric_count, &tasks->fates[index], error);
}

static enum sim_status run_tasks(struct tasks *tasks, size_t count, struct sim_error *error)
{
    struct tune_search *search = tasks->search;
    size_t width = search->tune->goal.metric_count;
    size_t total = count * tasks->run_count;
    tasks->values = sim_allocate(total * width, sizeof *tasks->values);
    tasks->fates = sim_allocate(total, sizeof *tasks->fates);
    const struct points_work work = {
        .count = total, .jobs = search->watch->jobs, .stop = search->watch->stop, .context = tasks, .each = run_one};
    enum sim_status status = points_do(&work, error);
    for (size_t i = 0; i < count && status == SIM_OK; i++) {
        struct task *task = &tasks->items[i];
        task->series.count = tasks->run_count;
        task->series.values = sim_allocate(tasks->run_count * width, sizeof(double));
        memcpy(task->series.values, tasks->values + i * tasks->run_count * width,
               tasks->run_count * width * sizeof(double));
        task->fate = TUNE_WAITING;
        for (size_t k = 0; k < tasks->run_count; k++)
            if (tasks->fates[i * tasks->run_count + k] != TUNE_WAITING)
                task->fate = tasks->fates[i * tasks->run_count + k];
    }
    free(tasks->fates);
    free(tasks->values);
    return status;
}

/* ---- Judging ---- */

static bool keeps_limits(const struct tune *tune, const struct task *task, size_t *limit)
{
    for (*limit = 0; *limit < tune->goal.limit_count; (*limit)++)
        if (task->fate != TUNE_WAITING || tune_answer_excess(tune, &task->series, *limit) >= 0)
            return false;
    return task->fate == TUNE_WAITING;
}

/* tasks: of the best, then of its rivals. Takes the series that it keeps out of them. */
static void judge(const struct tune *tune, const struct rivals *rivals, struct task *tasks,
                  struct tune_reading *reading)
{
    size_t unused;
    size_t winner = 0;
    double best = tune_figure(tune, &tasks[0].series, TUNE_OBJECTIVE).estimate;
    double lowest = best - tune->indifference_share * fabs(best);
    reading->is_beyond = !keeps_limits(tune, &tasks[0], &reading->limit);
    for (size_t i = 1; i < rivals->count; i++) {
        double objective = tune_figure(tune, &tasks[i].series, TUNE_OBJECTIVE).estimate;
        if (!keeps_limits(tune, &tasks[i], &unused) || objective >= lowest)
            continue;
        lowest = objective;
        winner = i;
    }
    reading->beaten_by = winner > 0 ? rivals->points[winner] : TUNE_NOBODY;
    reading->best = tasks[0].series;
    tasks[0].series = (struct tune_series){0};
    if (winner > 0) {
        reading->rival = tasks[winner].series;
        tasks[winner].series = (struct tune_series){0};
    }
}

static enum sim_status run_readings(struct tune_search *search, const struct rivals *rivals, struct sim_error *error)
{
    struct tune *tune = search->tune;
    size_t count = tune->reading_count * rivals->count;
    bool is_short = tune->shorts.is_used;
    struct tasks tasks = {.search = search,
                          .kind = is_short ? TUNE_KIND_SHORT : TUNE_KIND_WHOLE,
                          .run_count = is_short ? TUNE_FIRST_SHORT : TUNE_READING_RUNS,
                          .items = sim_allocate(count, sizeof *tasks.items)};
    enum sim_status status = SIM_OK;
    for (size_t i = 0; i < count && status == SIM_OK; i++) {
        size_t point = rivals->points[i % rivals->count];
        tasks.items[i].scenario = load(search, point, &tune->rules.items[i / rivals->count]);
        if (!tasks.items[i].scenario)
            status = sim_error_set(error, SIM_BAD_INPUT, tune->points.path, 0, "cannot be loaded again");
    }
    if (status == SIM_OK)
        status = run_tasks(&tasks, count, error);
    for (size_t i = 0; i < tune->reading_count; i++) {
        const struct sensitivity_reading *rule = &tune->rules.items[i];
        tune->readings[i] = (struct tune_reading){.name = rule->name, .was = rule->was, .measure = rule->rule->measure};
        if (status == SIM_OK)
            judge(tune, rivals, tasks.items + i * rivals->count, &tune->readings[i]);
    }
    for (size_t i = 0; i < count; i++) {
        scenario_destroy(tasks.items[i].scenario);
        free(tasks.items[i].series.values);
    }
    free(tasks.items);
    return status;
}

enum sim_status tune_readings_run(struct tune_search *search, struct sim_error *error)
{
    struct tune *tune = search->tune;
    struct scenario *best;
    struct diagnostic_list problems;
    bool is_wanted = search->has_readings && (tune->shorts.is_used || search->has_whole_readings);
    if (!is_wanted || tune->answer != TUNE_ANSWER_BEST)
        return SIM_OK;
    diagnostic_init(&problems);
    enum sim_status status = points_load(&tune->points, tune->best, &best, &problems);
    diagnostic_release(&problems);
    if (status != SIM_OK)
        return sim_error_set(error, status, tune->points.path, 0, "cannot be loaded again");
    sensitivity_list_create(&tune->rules, &best->config);
    scenario_destroy(best);
    tune->reading_count = tune->rules.count;
    tune->readings = sim_allocate(tune->reading_count + 1, sizeof *tune->readings);
    const struct rivals rivals = rivals_of(tune);
    return tune->reading_count > 0 ? run_readings(search, &rivals, error) : SIM_OK;
}
