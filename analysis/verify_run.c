/* verify_run.c - a list of runs, looked through by file and settings. */
#include "analysis/verify_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/runner.h"
#include "analysis/version.h"
#include "analysis/warm_up.h"
#include "scenarios/reader.h"
#include "sim/memory.h"

struct verify_runs {
    const char *const *settings;
    size_t setting_count;
    unsigned jobs;
    const volatile bool *stop;
    struct verify_run **items;
    size_t count;
    size_t capacity;
    size_t simulated;
    struct catalogue *catalogue; /* NULL: not read yet */
    struct diagnostic_list catalogue_problems;
};

struct verify_runs *verify_runs_create(const char *const *settings, size_t setting_count, unsigned jobs,
                                       const volatile bool *stop)
{
    struct verify_runs *runs = sim_allocate(1, sizeof *runs);
    *runs = (struct verify_runs){.settings = settings, .setting_count = setting_count, .jobs = jobs, .stop = stop};
    diagnostic_init(&runs->catalogue_problems);
    return runs;
}

static void destroy_run(struct verify_run *run)
{
    figure_list_release(&run->figures);
    summary_destroy(run->summary);
    run_result_destroy(run->result);
    scenario_destroy(run->scenario);
    diagnostic_release(&run->problems);
    free(run->identity);
    free(run);
}

void verify_runs_destroy(struct verify_runs *runs)
{
    if (!runs)
        return;
    for (size_t i = 0; i < runs->count; i++)
        destroy_run(runs->items[i]);
    diagnostic_release(&runs->catalogue_problems);
    free(runs->items);
    free(runs);
}

size_t verify_runs_count(const struct verify_runs *runs)
{
    return runs->simulated;
}

/* ---- Loading ---- */

static char *identity_of(const char *path, const struct reference_variant *variant)
{
    char *text = NULL;
    size_t size = 0;
    char *real = realpath(path, NULL);
    FILE *out = open_memstream(&text, &size);
    if (!out)
        sim_out_of_memory();
    fputs(real ? real : path, out);
    for (size_t i = 0; variant && i < variant->setting_count; i++)
        fprintf(out, "\n%s", variant->settings[i].setting);
    if (fclose(out) != 0 || !text)
        sim_out_of_memory();
    free(real);
    return text;
}

static struct verify_run *find(const struct verify_runs *runs, const char *identity)
{
    for (size_t i = 0; i < runs->count; i++)
        if (strcmp(runs->items[i]->identity, identity) == 0)
            return runs->items[i];
    return NULL;
}

struct scenario_settings verify_runs_settings(const struct verify_runs *runs, const struct reference_variant *variant)
{
    return (struct scenario_settings){
        .variant = variant, .settings = runs->settings, .setting_count = runs->setting_count};
}

static enum sim_status load(const struct verify_runs *runs, struct verify_run *run,
                            const struct reference_variant *variant, struct sim_error *error)
{
    const struct scenario_settings settings = verify_runs_settings(runs, variant);
    diagnostic_init(&run->problems);
    if (scenario_load_with(run->path, &settings, &run->scenario, &run->problems) != SIM_OK) {
        diagnostic_print(&run->problems, stderr);
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "the scenario '%s' cannot be loaded: see above", run->path);
    }
    if (!run->scenario->has_world)
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "'%s' is a list of claims: there is nothing to run in it",
                             run->path);
    const char *resolved = run->scenario->resolved;
    run->values = reader_read_text(run->path, resolved, strlen(resolved), &run->problems);
    sim_assert(run->values && run->problems.count == 0);
    return SIM_OK;
}

struct verify_run *verify_runs_load(struct verify_runs *runs, const char *path, const struct reference_variant *variant,
                                    struct sim_error *error)
{
    if (variant && variant->scenario[0] != '\0')
        path = variant->scenario;
    char *identity = identity_of(path, variant);
    struct verify_run *run = find(runs, identity);
    if (run) {
        free(identity);
        return run;
    }
    run = sim_allocate(1, sizeof *run);
    run->path = path;
    run->identity = identity;
    if (load(runs, run, variant, error) != SIM_OK) {
        destroy_run(run);
        return NULL;
    }
    run->path = run->scenario->path;
    runs->items = sim_grow(runs->items, &runs->capacity, runs->count + 1, sizeof(struct verify_run *));
    runs->items[runs->count++] = run;
    return run;
}

/* ---- Simulating ---- */

enum sim_status verify_runs_simulate(struct verify_runs *runs, struct verify_run *run, struct sim_error *error)
{
    if (run->summary)
        return SIM_OK;
    const struct runner_options options = {.jobs = runs->jobs, .stop = runs->stop};
    const struct warm_up_options pilot = {.jobs = runs->jobs, .stop = runs->stop};
    enum sim_status status = warm_up_resolve(run->scenario, &pilot, NULL, error);
    if (status == SIM_OK)
        status = runner_run(&run->scenario->config, &options, &run->result, error);
    if (status != SIM_OK)
        return status;
    if (run->result->ending == RUN_INTERRUPTED)
        return sim_error_set(error, SIM_INTERRUPTED, run->path, 0, "interrupted");
    const struct summary_source source = {.version = version_number(), .commit = version_commit()};
    run->summary = summary_create(run->result, &source);
    run->figures.summary = run->summary;
    runs->simulated++;
    return SIM_OK;
}

const struct catalogue *verify_runs_catalogue(struct verify_runs *runs)
{
    struct diagnostic_list *problems = &runs->catalogue_problems;
    if (runs->catalogue)
        return runs->catalogue;
    struct catalogue *catalogue = sim_arena_allocate(problems->arena, 1, sizeof *catalogue);
    if (catalogue_load(catalogue, problems->arena, problems))
        runs->catalogue = catalogue;
    else
        diagnostic_print(problems, stderr);
    return runs->catalogue;
}
