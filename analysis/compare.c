/* compare.c - loading, running and pairing. */
#include "analysis/compare.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/format.h"
#include "analysis/load.h"
#include "analysis/runner.h"
#include "analysis/version.h"
#include "analysis/warm_up.h"
#include "sim/memory.h"

void compare_init(struct compare *compare)
{
    *compare = (struct compare){.warm_up_ns = -1};
    diagnostic_init(&compare->problems);
}

void compare_release(struct compare *compare)
{
    for (size_t i = 0; i < compare->count + compare->invalid_count; i++) {
        struct compare_item *item = &compare->items[i];
        figure_list_release(&item->figures);
        summary_destroy(item->summary);
        run_result_destroy(item->result);
        note_list_release(&item->notes);
        scenario_destroy(item->scenario);
        trace_destroy(item->trace);
    }
    free(compare->items);
    diagnostic_release(&compare->problems);
}

/* ---- Loading ---- */

/* HDF5 files begin with these bytes. */
static bool is_trace(const char *path)
{
    static const char signature[8] = "\211HDF\r\n\032\n";
    char begin[8] = "";
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool is_it = file >= 0 && read(file, begin, 8) == 8 && memcmp(begin, signature, 8) == 0;
    if (file >= 0)
        (void)close(file);
    return is_it;
}

static void load_one(struct compare *compare, struct compare_item *item, const struct scenario_settings *settings)
{
    struct diagnostic_list *problems = &compare->problems;
    struct sim_error error;
    if (!is_trace(item->path))
        (void)!scenario_load(item->path, settings->settings, settings->setting_count, &item->scenario, problems);
    else if (settings->setting_count > 0)
        diagnostic_add(problems, (struct place){0},
                       "%s: is a finished run: --set, --seed and --replications cannot change it", item->path);
    else if (trace_load(item->path, &item->trace, &error) != SIM_OK)
        diagnostic_add(problems, (struct place){0}, "%s: %s", item->path, error.message);
}

static const char *own_name(const struct compare_item *item)
{
    return item->trace ? item->trace->result->config->name : item->scenario->config.name;
}

static bool is_alone(const struct compare *compare, size_t item, const char *(*name_of)(const struct compare_item *))
{
    for (size_t i = 0; i < compare->count; i++)
        if (i != item && strcmp(name_of(&compare->items[i]), name_of(&compare->items[item])) == 0)
            return false;
    return true;
}

static const char *path_of(const struct compare_item *item)
{
    return item->path;
}

/* By scenario, else by path, else by number. */
static void name_all(struct compare *compare)
{
    for (size_t i = 0; i < compare->count; i++) {
        struct compare_item *item = &compare->items[i];
        char numbered[300];
        snprintf(numbered, sizeof numbered, "%s#%zu", item->path, i + 1);
        item->name = is_alone(compare, i, own_name)  ? own_name(item)
                     : is_alone(compare, i, path_of) ? item->path
                                                     : sim_arena_text(compare->problems.arena, numbered);
    }
}

enum sim_status compare_load(struct compare *compare, const char *const *paths, size_t count,
                             const struct scenario_settings *settings, struct sim_error *error)
{
    compare->items = sim_allocate(count, sizeof *compare->items);
    compare->count = count;
    for (size_t i = 0; i < count; i++) {
        compare->items[i].path = paths[i];
        load_one(compare, &compare->items[i], settings);
    }
    if (compare->problems.count > 0)
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "not everything could be loaded");
    name_all(compare);
    return SIM_OK;
}

static void load_point(struct compare *compare, size_t index, struct compare_item *item)
{
    struct sim_arena *arena = compare->problems.arena;
    struct diagnostic_list own;
    char name[512];
    points_name(&compare->points, index, name, sizeof name);
    *item = (struct compare_item){
        .name = sim_arena_text(arena, name), .path = compare->points.path, .point = &compare->points.items[index]};
    diagnostic_init(&own);
    if (points_load(&compare->points, index, &item->scenario, &own) != SIM_OK)
        item->invalid = sim_arena_text(arena, points_reason(&own));
    diagnostic_release(&own);
}

enum sim_status compare_load_points(struct compare *compare, const struct points_request *request,
                                    struct sim_error *error)
{
    if (!points_create(&compare->points, request, &compare->problems))
        return sim_error_set(error, SIM_BAD_INPUT, request->path, 0, "these variants cannot be made");
    size_t count = compare->points.count;
    if (count > COMPARE_MAX)
        return sim_error_set(error, SIM_BAD_INPUT, request->path, 0, "%zu variants; at most %d can be compared", count,
                             COMPARE_MAX);
    compare->items = sim_allocate(count, sizeof *compare->items);
    for (size_t i = 0; i < count; i++) {
        struct compare_item item;
        load_point(compare, i, &item);
        compare->items[item.invalid ? count - 1 - compare->invalid_count++ : compare->count++] = item;
    }
    for (size_t i = 0; i < compare->invalid_count / 2; i++) { /* back into their order */
        struct compare_item *one = &compare->items[compare->count + i];
        struct compare_item *other = &compare->items[count - 1 - i];
        struct compare_item kept = *one;
        *one = *other;
        *other = kept;
    }
    if (compare->count >= 2)
        return SIM_OK;
    const struct compare_item *refused = compare->invalid_count > 0 ? &compare->items[compare->count] : NULL;
    return sim_error_set(error, SIM_BAD_INPUT, request->path, 0,
                         refused ? "fewer than two variants can be run; %s: %s"
                                 : "there is one variant only, and nothing to compare it with",
                         refused ? refused->name : "", refused ? refused->invalid : "");
}

/* ---- Running ---- */

struct running {
    struct compare *compare;
    const volatile bool *stop;
    struct warm_up *warm_ups; /* by item; without a pool: it was not left open */
};

static void summarise(struct compare_item *item)
{
    const struct trace *trace = item->trace;
    const struct summary_source source = {.samples = trace ? trace->samples : NULL,
                                          .notes = trace ? &trace->notes : &item->notes,
                                          .version = trace ? trace->version : version_number(),
                                          .commit = trace ? trace->commit : version_commit()};
    item->summary = summary_create(trace ? trace->result : item->result, &source);
    item->figures = (struct figure_list){.summary = item->summary, .samples = source.samples};
}

static enum sim_status run_one(void *context, size_t index, unsigned jobs, struct sim_error *error)
{
    const struct running *running = context;
    struct compare_item *item = &running->compare->items[index];
    if (!item->trace) {
        const struct world_config *config = &item->scenario->config;
        const struct runner_options options = {.jobs = jobs, .stop = running->stop};
        enum sim_status status = runner_run(config, &options, &item->result, error);
        if (status != SIM_OK)
            return status;
        if (item->result->ending == RUN_INTERRUPTED)
            return sim_error_set(error, SIM_INTERRUPTED, item->path, 0, "interrupted");
        load_notes(config, &item->notes);
    }
    summarise(item);
    return SIM_OK;
}

static enum sim_status find_warm_up(void *context, size_t index, unsigned jobs, struct sim_error *error)
{
    const struct running *running = context;
    const struct compare_item *item = &running->compare->items[index];
    const struct warm_up_options options = {.jobs = jobs, .stop = running->stop};
    if (item->trace || !warm_up_is_open(&item->scenario->config))
        return SIM_OK;
    return warm_up_find(item->scenario, &options, &running->warm_ups[index], error);
}

/* Windows that begin together meet the same requests. */
static enum sim_status find_warm_ups(const struct points_work *work, struct running *running, struct sim_error *error)
{
    struct compare *compare = running->compare;
    struct points_work pilots = *work;
    pilots.each = find_warm_up;
    pilots.progress = NULL;
    running->warm_ups = sim_allocate(compare->count, sizeof *running->warm_ups);
    enum sim_status status = points_do(&pilots, error);
    for (size_t i = 0; i < compare->count && status == SIM_OK; i++)
        if (running->warm_ups[i].pool && running->warm_ups[i].warm_up_ns > compare->warm_up_ns)
            compare->warm_up_ns = running->warm_ups[i].warm_up_ns;
    for (size_t i = 0; i < compare->count && status == SIM_OK; i++)
        if (running->warm_ups[i].pool) {
            scenario_set_warm_up(compare->items[i].scenario, compare->warm_up_ns);
            warm_up_note(&running->warm_ups[i], &compare->items[i].notes);
        }
    free(running->warm_ups);
    return status;
}

static const struct run_result *result_of(const struct compare_item *item)
{
    return item->summary->result;
}

/* Whether the sections of both are the same stretches of time. */
static bool has_same_blocks(const struct run_result *a, const struct run_result *b)
{
    const struct replication_result *one = &a->replications[0];
    const struct replication_result *other = &b->replications[0];
    if (one->block_count != other->block_count)
        return false;
    for (size_t i = 0; i < one->block_count; i++)
        if (one->blocks[i].to_ns != other->blocks[i].to_ns)
            return false;
    return true;
}

static void note_arrivals(struct compare *compare, struct compare_item *item)
{
    struct compare_item *first = &compare->items[0];
    const struct summary_row *ours = summary_find(item->summary, "all", "requests_arrived");
    const struct summary_row *theirs = summary_find(first->summary, "all", "requests_arrived");
    size_t one = figure_list_find(&first->figures, theirs);
    size_t other = figure_list_find(&item->figures, ours);
    const double *a = first->figures.items[one].values;
    const double *b = item->figures.items[other].values;
    bool is_same = theirs->estimate.value == ours->estimate.value;
    for (size_t i = 0; a && b && i < item->summary->section_count && is_same; i++)
        is_same = a[i] == b[i];
    if (!is_same)
        snprintf(item->pairing, sizeof item->pairing,
                 "other requests arrive (%s and %s in a run), so they share chance only in part",
                 format_figure(theirs->estimate.value, "", 0).text, format_figure(ours->estimate.value, "", 0).text);
}

static void pair_up(struct compare *compare, struct compare_item *item)
{
    const struct compare_item *first = &compare->items[0];
    const struct run_result *a = result_of(first);
    const struct run_result *b = result_of(item);
    const char *reason = NULL;
    if (a->config->seed != b->config->seed)
        reason = "the seeds differ";
    else if (a->replication_count != b->replication_count)
        reason = "the numbers of replications differ";
    else if (first->summary->is_batched && !has_same_blocks(a, b))
        reason = "their batches are not the same stretches of time";
    item->is_paired = !reason;
    if (reason)
        snprintf(item->pairing, sizeof item->pairing, "%s", reason);
    else
        note_arrivals(compare, item);
}

enum sim_status compare_run(struct compare *compare, unsigned jobs, const volatile bool *stop,
                            struct progress_count *progress, struct sim_error *error)
{
    struct running running = {.compare = compare, .stop = stop};
    const struct points_work work = {.count = compare->count,
                                     .jobs = jobs,
                                     .stop = stop,
                                     .context = &running,
                                     .each = run_one,
                                     .progress = progress};
    enum sim_status status = find_warm_ups(&work, &running, error);
    if (status == SIM_OK)
        status = points_do(&work, error);
    for (size_t i = 1; i < compare->count && status == SIM_OK; i++)
        pair_up(compare, &compare->items[i]);
    return status;
}

/* ---- Differences ---- */

const struct summary_row *compare_row(const struct compare *compare, size_t item, const struct summary_row *row)
{
    return summary_find(compare->items[item].summary, row->scope->name, row->metric->name);
}

struct figure_difference compare_difference(struct compare *compare, size_t item, const struct summary_row *row)
{
    struct compare_item *first = &compare->items[0];
    struct compare_item *other = &compare->items[item];
    size_t a = figure_list_find(&first->figures, row);
    size_t b = figure_list_find(&other->figures, compare_row(compare, item, row));
    return figure_difference(&first->figures.items[a], &other->figures.items[b], other->is_paired);
}
