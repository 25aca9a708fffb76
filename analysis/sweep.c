/* sweep.c - what tells a sweep from others, what is left to do, and doing one point. */
#include "analysis/sweep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/digest.h"
#include "analysis/load_inferred.h"
#include "analysis/runner.h"
#include "analysis/version.h"
#include "analysis/warm_up.h"
#include "sim/memory.h"

/* ---- What tells a sweep from others ---- */

/* The first point that can be run stands for the scenario, since the file alone may lack what is varied. */
static enum sim_status load_first(struct sweep *sweep, struct sim_error *error)
{
    char reason[256] = "";
    for (size_t i = 0; i < sweep->points.count; i++) {
        struct diagnostic_list own;
        diagnostic_init(&own);
        enum sim_status status = points_load(&sweep->points, i, &sweep->first, &own);
        if (status != SIM_OK && i == 0)
            (void)snprintf(reason, sizeof reason, "%s", points_reason(&own));
        diagnostic_release(&own);
        if (status == SIM_OK)
            return SIM_OK;
    }
    return sim_error_set(error, SIM_BAD_INPUT, sweep->points.path, 0,
                         "none of the %zu points can be run; the first: %s", sweep->points.count, reason);
}

static void identify(struct sweep *sweep)
{
    struct sweep_identity *identity = &sweep->identity;
    sweep->inferred = load_inferred_text(&sweep->first->config);
    *identity = (struct sweep_identity){.version = version_number(),
                                        .commit = version_commit(),
                                        .scenario = sweep->first->config.name,
                                        .resolved = sweep->first->resolved,
                                        .inferred = sweep->inferred,
                                        .count = sweep->points.count};
    digest_scenario(sweep->first, identity->scenario_digest);
    digest_points(&sweep->points, identity->points_digest);
}

/* ---- Making ---- */

static enum sim_status make_folder(const char *folder, struct sim_error *error)
{
    struct stat status;
    if (mkdir(folder, 0777) == 0 || (stat(folder, &status) == 0 && S_ISDIR(status.st_mode)))
        return SIM_OK;
    return sim_error_set(error, SIM_CANNOT_WRITE, folder, 0, "cannot be made a folder: %s", strerror(errno));
}

enum sim_status sweep_create(struct sweep *sweep, const struct points_request *request, const char *folder,
                             struct diagnostic_list *problems, struct sim_error *error)
{
    *sweep = (struct sweep){.folder = folder};
    if (!points_create(&sweep->points, request, problems))
        return sim_error_set(error, SIM_BAD_INPUT, request->path, 0, "these points cannot be made");
    enum sim_status status = load_first(sweep, error);
    if (status != SIM_OK)
        return status;
    identify(sweep);
    return make_folder(folder, error);
}

void sweep_release(struct sweep *sweep)
{
    scenario_destroy(sweep->first);
    free(sweep->inferred);
    free(sweep->wanted);
    *sweep = (struct sweep){0};
}

/* ---- What is left to do ---- */

/* Whether the point's file is there; one of another sweep is an error. */
static enum sim_status look_for(const struct sweep *sweep, size_t point, bool *is_finished, struct sim_error *error)
{
    struct sweep_file file;
    char *path = sweep_file_path(sweep->folder, point);
    enum sim_status status = SIM_OK;
    *is_finished = access(path, F_OK) == 0;
    if (*is_finished)
        status = sweep_file_read(&file, path, error);
    if (*is_finished && status == SIM_OK) {
        status = sweep_file_check(&file, &sweep->identity, "this sweep", error);
        if (status == SIM_OK && file.index != point)
            status = sim_error_set(error, SIM_BAD_INPUT, path, 0, "holds point %zu, not %zu", file.index, point);
        sweep_file_release(&file);
    }
    free(path);
    return status;
}

enum sim_status sweep_want(struct sweep *sweep, const struct sweep_share *share, struct sim_error *error)
{
    enum sim_status status = SIM_OK;
    sim_assert(share->shard >= 1 && share->shard <= share->shard_count);
    sweep->wanted = sim_allocate(sweep->points.count, sizeof *sweep->wanted);
    for (size_t i = share->shard - 1; i < sweep->points.count && status == SIM_OK; i += share->shard_count) {
        bool is_finished;
        status = look_for(sweep, i, &is_finished, error);
        if (is_finished)
            sweep->finished_count++;
        else
            sweep->wanted[sweep->wanted_count++] = i;
    }
    if (status == SIM_OK && sweep->finished_count > 0 && !share->may_resume)
        return sim_error_set(error, SIM_BAD_INPUT, sweep->folder, 0,
                             "%zu points of this sweep are there already: --resume goes on from there",
                             sweep->finished_count);
    return status;
}

void sweep_remove(const struct sweep *sweep)
{
    for (size_t i = 0; i < sweep->points.count; i++) {
        char *path = sweep_file_path(sweep->folder, i);
        (void)unlink(path);
        free(path);
    }
    (void)rmdir(sweep->folder);
}

/* ---- One point ---- */

static enum sim_status write_result(const struct sweep *sweep, size_t point, const struct run_result *result,
                                    struct sim_error *error)
{
    const struct summary_source source = {.version = sweep->identity.version, .commit = sweep->identity.commit};
    struct summary *summary = summary_create(result, &source);
    enum sim_status status =
        sweep_file_write(sweep->folder, &sweep->identity, &sweep->points, point, summary, "", error);
    summary_destroy(summary);
    return status;
}

static enum sim_status run_scenario(const struct sweep *sweep, size_t point, struct scenario *scenario,
                                    const struct runner_options *options, struct sim_error *error)
{
    struct run_result *result;
    const struct warm_up_options pilot = {.jobs = options->jobs, .stop = options->stop};
    enum sim_status status = warm_up_resolve(scenario, &pilot, NULL, error);
    if (status == SIM_OK)
        status = runner_run(&scenario->config, options, &result, error);
    if (status != SIM_OK)
        return status;
    if (result->ending == RUN_INTERRUPTED)
        status = sim_error_set(error, SIM_INTERRUPTED, NULL, 0, "interrupted");
    else
        status = write_result(sweep, point, result, error);
    run_result_destroy(result);
    return status;
}

enum sim_status sweep_run_point(const struct sweep *sweep, size_t point, unsigned jobs, const volatile bool *stop,
                                struct sim_error *error)
{
    const struct runner_options options = {.jobs = jobs, .stop = stop};
    struct diagnostic_list own;
    struct scenario *scenario;
    diagnostic_init(&own);
    enum sim_status status = points_load(&sweep->points, point, &scenario, &own);
    if (status == SIM_OK)
        status = run_scenario(sweep, point, scenario, &options, error);
    else
        status =
            sweep_file_write(sweep->folder, &sweep->identity, &sweep->points, point, NULL, points_reason(&own), error);
    scenario_destroy(scenario);
    diagnostic_release(&own);
    return status;
}
