/* precision.c - batches of replications, put together, until they are enough. */
#include "analysis/precision.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/summary.h"
#include "scenarios/quantity.h"
#include "sim/memory.h"

/* ---- What is asked for ---- */

static enum sim_status refuse_metric(const char *name, struct sim_error *error)
{
    const char *nearest = metric_nearest(name);
    return sim_error_set(error, SIM_BAD_INPUT, NULL, 0,
                         nearest ? "--precision: there is no metric '%s'; did you mean '%s'?"
                                 : "--precision: there is no metric '%s'",
                         name, nearest);
}

static enum sim_status take_goal(struct precision *precision, char *text, struct sim_error *error)
{
    char *equals = strchr(text, '=');
    double share;
    if (!equals || precision->count == PRECISION_GOALS_MAX)
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0,
                             "--precision needs up to %d of METRIC=SHARE, as in latency_p95=2%%,cost=1%%, not '%s'",
                             PRECISION_GOALS_MAX, text);
    *equals = '\0';
    const struct metric *metric = metric_find(text);
    if (!metric)
        return refuse_metric(text, error);
    if (!(metric->scopes & 1u << SCOPE_ALL) || metric->kind == METRIC_MAXIMUM)
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "--precision: '%s' has no interval in the scope all",
                             metric->name);
    struct sim_error own;
    if (quantity_parse(equals + 1, "ratio", &share, &own) != SIM_OK || !(share > 0 && share < 1))
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "--precision: '%s' needs a share such as 2%%, not '%s'",
                             metric->name, equals + 1);
    precision->goals[precision->count++] = (struct precision_goal){.metric = metric, .share = share, .reached = NAN};
    return SIM_OK;
}

enum sim_status precision_parse(struct precision *precision, const char *text, size_t replication_max,
                                struct sim_error *error)
{
    *precision = (struct precision){.replication_max = replication_max};
    char *copy = strdup(text);
    enum sim_status status = SIM_OK;
    if (!copy)
        sim_out_of_memory();
    for (char *rest = copy; rest && status == SIM_OK;) {
        char *goal = strsep(&rest, ",");
        status = take_goal(precision, goal + strspn(goal, " "), error);
    }
    free(copy);
    return status;
}

/* ---- Looking ---- */

static bool is_reached(const struct precision_goal *goal)
{
    return goal->reached <= goal->share;
}

static void look_at(struct precision_goal *goal, const struct summary *summary)
{
    const struct summary_row *row = summary_find(summary, "all", goal->metric->name);
    goal->reached = NAN;
    goal->is_hopeless = !row || row->estimate.is_unfinished;
    snprintf(goal->reason, sizeof goal->reason, "%s", row ? row->estimate.reason : "this scenario has no such figure");
    if (!row || !isfinite(row->estimate.low))
        return;
    double half_width =
        fmax(row->estimate.high - row->estimate.value, row->estimate.value - row->estimate.low); /* one may be cut */
    goal->reached = half_width == 0 ? 0 : half_width / fabs(row->estimate.value);
}

/* Whether there is nothing more to be gained. */
static bool is_enough(struct precision *precision, const struct run_result *result)
{
    const struct summary_source source = {.version = "", .commit = ""};
    struct summary *summary = summary_create(result, &source);
    bool all_reached = true;
    bool any_hopeless = false;
    for (size_t i = 0; i < precision->count; i++) {
        look_at(&precision->goals[i], summary);
        all_reached = all_reached && is_reached(&precision->goals[i]);
        any_hopeless = any_hopeless || precision->goals[i].is_hopeless;
    }
    summary_destroy(summary);
    precision->look_count++;
    return all_reached || any_hopeless;
}

/* ---- Running ---- */

/* Moves the replications of `more` behind those of `total`. */
static void append(struct run_result *total, struct run_result *more)
{
    size_t count = total->replication_count + more->replication_count;
    size_t capacity = total->replication_count;
    total->replications = sim_grow(total->replications, &capacity, count, sizeof *total->replications);
    memcpy(total->replications + total->replication_count, more->replications,
           more->replication_count * sizeof *more->replications);
    total->replication_count = count;
    more->replication_count = 0;
    run_result_destroy(more);
}

/* A single replication would be cut into batches of its own, so none is left over. */
static size_t next_batch(const struct precision *precision, size_t done, size_t first)
{
    size_t wanted = done == 0 ? first : done + (done + 1) / 2;
    size_t most = precision->replication_max;
    return (wanted + 1 < most ? wanted : most) - done;
}

/* Adds a batch. After an interruption the replications that were there before stand. */
static enum sim_status run_batch(const struct world_config *config, const struct runner_options *options, size_t count,
                                 struct run_result *total, struct sim_error *error)
{
    struct world_config batch = *config;
    struct runner_options with = *options;
    struct run_result *more;
    batch.replications = (int64_t)count;
    with.first_replication = total->replication_count;
    enum sim_status status = runner_run(&batch, &with, &more, error);
    bool is_interrupted = status == SIM_INTERRUPTED || (status == SIM_OK && more->ending == RUN_INTERRUPTED);
    if (status == SIM_OK && (!is_interrupted || total->replication_count == 0))
        append(total, more);
    else if (status == SIM_OK)
        run_result_destroy(more);
    if (!is_interrupted)
        return status;
    total->ending = RUN_INTERRUPTED;
    return total->replication_count > 0 ? SIM_OK : SIM_INTERRUPTED;
}

enum sim_status precision_run(struct precision *precision, const struct world_config *config,
                              const struct runner_options *options, struct run_result **result, struct sim_error *error)
{
    size_t first = PRECISION_REPLICATIONS_MIN;
    if ((size_t)config->replications > first)
        first = (size_t)config->replications;
    struct run_result *total = run_result_create(config, 0);
    enum sim_status status = SIM_OK;
    bool is_over = false;
    while (status == SIM_OK && !is_over) {
        size_t count = next_batch(precision, total->replication_count, first);
        status = run_batch(config, options, count, total, error);
        is_over = status != SIM_OK || total->ending != RUN_WHOLE || is_enough(precision, total) ||
                  total->replication_count >= precision->replication_max;
    }
    precision->replication_count = total->replication_count;
    *result = total;
    if (status != SIM_OK) {
        run_result_destroy(total);
        *result = NULL;
    }
    return status;
}

void precision_note(const struct precision *precision, struct note_list *notes)
{
    for (size_t i = 0; i < precision->count; i++) {
        const struct precision_goal *goal = &precision->goals[i];
        enum note_kind kind = is_reached(goal) ? NOTE_FACT : NOTE_WARNING;
        if (isnan(goal->reached))
            note_add(notes, kind, "%s was to be known within %.3g %% and is not, after %zu replications: %s",
                     goal->metric->name, 100 * goal->share, precision->replication_count, goal->reason);
        else
            note_add(notes, kind,
                     "%s is known within %.2g %%, %.3g %% %s, after %zu replications, looked at %zu time%s",
                     goal->metric->name, 100 * goal->reached, 100 * goal->share,
                     is_reached(goal) ? "as asked for" : "was asked for", precision->replication_count,
                     precision->look_count, precision->look_count == 1 ? "" : "s");
    }
}
