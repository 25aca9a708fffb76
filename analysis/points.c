/* points.c - making and loading points, and a crew of threads that goes through them. */
#include "analysis/points.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/memory.h"

/* ---- Making ---- */

/* The settings of a point; a value of one path may stand in for its own. */
static const char **settings_of(const struct points *points, size_t index, size_t path, const struct vary_value *value)
{
    size_t count = points->vary.count;
    const char **settings = sim_allocate(count, sizeof *settings);
    for (size_t i = 0; i < count; i++)
        settings[i] = points->items[index].values[i].setting;
    if (value)
        settings[path] = value->setting;
    return settings;
}

static struct scenario_settings with(const struct points *points, const char *const *varied)
{
    return (struct scenario_settings){.settings = points->settings,
                                      .setting_count = points->setting_count,
                                      .varied = varied,
                                      .varied_count = points->vary.count};
}

static bool try_values(const struct points *points, size_t path, const struct vary_value *value,
                       struct diagnostic_list *problems)
{
    const char **varied = settings_of(points, 0, path, value);
    const struct scenario_settings settings = with(points, varied);
    bool is_good = scenario_check_settings(points->path, &settings, problems) == SIM_OK;
    free(varied);
    return is_good;
}

/* The first point, and, if there is nothing wrong with that, every other value in it. */
static void try_all(const struct points *points, struct diagnostic_list *problems)
{
    if (!try_values(points, 0, NULL, problems))
        return;
    for (size_t i = 0; i < points->vary.count; i++)
        for (size_t k = 1; k < points->vary.paths[i].count && !diagnostic_is_full(problems); k++)
            (void)try_values(points, i, &points->vary.paths[i].values[k], problems);
}

static void make_points(struct points *points, size_t sobol, struct diagnostic_list *problems)
{
    size_t paths = points->vary.count;
    size_t count = sobol > 0 ? sobol : vary_grid_count(&points->vary);
    if (count == 0) {
        diagnostic_add(problems, points->vary.paths[0].place, "more than %d points", VARY_POINTS_MAX);
        return;
    }
    struct vary_value *values = sim_arena_allocate(points->arena, count * paths, sizeof *values);
    points->items = sim_arena_allocate(points->arena, count, sizeof *points->items);
    if (sobol > 0)
        count = vary_sobol(&points->vary, sobol, values, problems);
    for (size_t i = 0; i < count; i++) {
        points->items[i] = (struct point){.index = i, .values = values + i * paths};
        if (sobol == 0)
            vary_grid_point(&points->vary, i, values + i * paths);
    }
    points->count = count;
}

bool points_create(struct points *points, const struct points_request *request, struct diagnostic_list *problems)
{
    *points = (struct points){.path = request->path,
                              .settings = request->settings,
                              .setting_count = request->setting_count,
                              .arena = problems->arena};
    sim_assert(request->vary_count > 0);
    if (vary_parse(&points->vary, request->vary, request->vary_count, problems))
        make_points(points, request->sobol, problems);
    if (problems->count == 0)
        try_all(points, problems);
    return problems->count == 0;
}

enum sim_status points_load(const struct points *points, size_t index, struct scenario **scenario,
                            struct diagnostic_list *problems)
{
    const char **varied = settings_of(points, index, 0, NULL);
    const struct scenario_settings settings = with(points, varied);
    sim_assert(index < points->count);
    enum sim_status status = scenario_load_with(points->path, &settings, scenario, problems);
    free(varied);
    return status;
}

const char *points_reason(const struct diagnostic_list *problems)
{
    return problems->kept_count > 0 ? problems->kept[0].message : "";
}

/* ---- Names ---- */

/* Whether the path is, or ends in, the parts `end`. */
static bool ends_in(const char *path, const char *end)
{
    size_t length = strlen(path);
    size_t part = strlen(end);
    return length >= part && strcmp(path + length - part, end) == 0 &&
           (length == part || path[length - part - 1] == '.');
}

/* The last parts of a path, as many as it takes for no other path to end in them. */
static const char *short_path(const struct vary *vary, size_t path)
{
    const char *whole = vary->paths[path].path;
    for (const char *from = whole + strlen(whole); from > whole; from--) {
        bool is_own = from[-1] == '.';
        for (size_t i = 0; i < vary->count && is_own; i++)
            is_own = i == path || !ends_in(vary->paths[i].path, from);
        if (is_own)
            return from;
    }
    return whole;
}

void points_name(const struct points *points, size_t index, char *name, size_t size)
{
    size_t used = 0;
    name[0] = '\0';
    for (size_t i = 0; i < points->vary.count && used < size; i++) {
        int more = snprintf(name + used, size - used, "%s%s=%s", i > 0 ? ", " : "", short_path(&points->vary, i),
                            points->items[index].values[i].text);
        used += more > 0 ? (size_t)more : 0;
    }
}

/* ---- Several things at once ---- */

struct crew {
    const struct points_work *work;
    unsigned jobs_each;
    pthread_mutex_t lock;
    size_t next;
    size_t done;
    size_t failed;
    enum sim_status status;
    struct sim_error error;
};

static bool is_stopped(const struct points_work *work)
{
    return work->stop && *work->stop;
}

static void show(const struct crew *crew)
{
    if (crew->work->progress)
        progress_count_show(crew->work->progress, crew->done);
}

static void *work_on(void *argument)
{
    struct crew *crew = argument;
    const struct points_work *work = crew->work;
    pthread_mutex_lock(&crew->lock);
    show(crew);
    while (crew->next < work->count && crew->status == SIM_OK && !is_stopped(work)) {
        size_t index = crew->next++;
        struct sim_error error = {0};
        pthread_mutex_unlock(&crew->lock);
        enum sim_status status = work->each(work->context, index, crew->jobs_each, &error);
        pthread_mutex_lock(&crew->lock);
        crew->done += status == SIM_OK;
        show(crew);
        if (status != SIM_OK && (crew->status == SIM_OK || index < crew->failed)) {
            crew->status = status;
            crew->failed = index;
            crew->error = error;
        }
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

/* The caller's thread is one of them; where others cannot be started it does the work alone. */
static void work_together(struct crew *crew, size_t thread_count)
{
    pthread_t *threads = sim_allocate(thread_count, sizeof *threads);
    size_t started = 0;
    while (started + 1 < thread_count && pthread_create(&threads[started], NULL, work_on, crew) == 0)
        started++;
    (void)work_on(crew);
    for (size_t i = 0; i < started; i++)
        (void)pthread_join(threads[i], NULL);
    free(threads);
}

enum sim_status points_do(const struct points_work *work, struct sim_error *error)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = work->jobs ? work->jobs : processors > 0 ? (size_t)processors : 1;
    size_t thread_count = wanted < work->count ? wanted : work->count;
    struct crew crew = {.work = work, .jobs_each = work->count > 0 ? (unsigned)(wanted / thread_count) : 1};
    if (pthread_mutex_init(&crew.lock, NULL) != 0)
        sim_out_of_memory();
    work_together(&crew, thread_count);
    (void)pthread_mutex_destroy(&crew.lock);
    if (work->progress)
        progress_count_end(work->progress);
    if (crew.status != SIM_OK) {
        *error = crew.error;
        return crew.status;
    }
    if (crew.next < work->count)
        return sim_error_set(error, SIM_INTERRUPTED, NULL, 0, "interrupted");
    return SIM_OK;
}
