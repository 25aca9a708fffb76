/* size_trial.c - branch and bound over GPUs and numbers of containers, each branch a simulation. */
#include "analysis/size_trial.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/runner.h"
#include "analysis/summary.h"
#include "analysis/warm_up.h"
#include "models/autoscaler.h"
#include "sim/memory.h"

#define CONTAINERS_MORE 10 /* that a fixed pool is tried with beyond the lower bound */

/* A candidate and what is to be tried with it next. */
struct branch {
    const struct size_candidate *candidate;
    int64_t containers;
    bool is_done;
};

struct search {
    const struct size_context *context;
    const struct size_subject *subject;
    struct size_trial_list *trials;
    struct branch *branches;
    size_t count;
    bool is_fixed;
    double best_per_month;
    unsigned jobs;
    const volatile bool *stop;
};

bool size_trial_concerns(const struct world_config *config, const struct slo_config *slo, size_t pool)
{
    struct scope_list scopes = scope_list_create(config);
    const struct scope *scope = scope_find(&scopes, slo->scope);
    bool is_concerned = scope && scope_uses_pool(scope, config, pool);
    scope_list_release(&scopes);
    return is_concerned;
}

bool size_trial_has_limits(const struct world_config *config, size_t pool)
{
    for (size_t i = 0; i < config->slo_count; i++)
        if (size_trial_concerns(config, &config->slos[i], pool))
            return true;
    return false;
}

/* Least that the branch can cost a month. */
static double bound_of(const struct search *search, const struct branch *branch)
{
    const struct size_candidate *candidate = branch->candidate;
    const struct pool_config *pool = &search->context->scenario->config.pools[search->subject->pool];
    double container = candidate->usd_per_month / (double)candidate->containers;
    if (search->is_fixed)
        return container * (double)branch->containers;
    double used = candidate->container_rps > 0 && search->subject->load_rps > 0
                      ? search->subject->load_rps / candidate->container_rps
                      : 0;
    return container * fmax(used, (double)pool->min_containers);
}

static struct branch *cheapest_branch(const struct search *search)
{
    struct branch *best = NULL;
    for (size_t i = 0; i < search->count; i++) {
        struct branch *branch = &search->branches[i];
        if (!branch->is_done && (!best || bound_of(search, branch) < bound_of(search, best)))
            best = branch;
    }
    return best;
}

static void judge(const struct summary *summary, const struct world_config *config, size_t pool,
                  struct size_trial *trial)
{
    char scope[160];
    trial->verdict = SIZE_TRIAL_FEASIBLE;
    trial->is_clear = true;
    for (size_t i = 0; i < summary->limit_count; i++) {
        const struct summary_limit *limit = &summary->limits[i];
        if (!size_trial_concerns(config, limit->slo, pool))
            continue;
        if (limit->verdict != VERDICT_MET)
            trial->verdict = SIZE_TRIAL_MISSED;
        trial->is_clear = trial->is_clear && limit->is_clear;
        if (trial->value_count < SIZE_TRIAL_LIMITS_MAX)
            trial->values[trial->value_count++] = limit->row ? limit->row->estimate.value : NAN;
    }
    snprintf(scope, sizeof scope, "pool/%s", config->pools[pool].name);
    trial->usd_per_month = summary_value(summary, scope, "cost_usd_per_month");
}

static enum sim_status simulate(const struct search *search, struct scenario *scenario, struct size_trial *trial,
                                struct sim_error *error)
{
    struct run_result *result;
    const struct runner_options options = {.jobs = search->jobs, .stop = search->stop};
    const struct warm_up_options pilot = {.jobs = search->jobs, .stop = search->stop};
    enum sim_status status = warm_up_resolve(scenario, &pilot, NULL, error);
    if (status == SIM_OK)
        status = runner_run(&scenario->config, &options, &result, error);
    if (status != SIM_OK)
        return status;
    const struct summary_source source = {.version = "", .commit = ""};
    struct summary *summary = summary_create(result, &source);
    judge(summary, &scenario->config, search->subject->pool, trial);
    summary_destroy(summary);
    run_result_destroy(result);
    return SIM_OK;
}

/* Which way the branch goes on. */
static void follow(struct search *search, struct branch *branch, const struct size_trial *trial)
{
    bool may_grow = search->is_fixed && trial->verdict == SIZE_TRIAL_MISSED &&
                    branch->containers < branch->candidate->containers + CONTAINERS_MORE;
    branch->is_done = !may_grow;
    branch->containers++;
    if (trial->verdict == SIZE_TRIAL_FEASIBLE && trial->usd_per_month < search->best_per_month) {
        search->best_per_month = trial->usd_per_month;
        search->trials->best = search->trials->count - 1;
    }
}

static enum sim_status try_branch(struct search *search, struct branch *branch, struct sim_error *error)
{
    enum sim_status status = SIM_OK;
    struct size_trial *trial = &search->trials->items[search->trials->count++];
    *trial = (struct size_trial){.candidate = branch->candidate,
                                 .containers = search->is_fixed ? branch->containers : 0,
                                 .verdict = SIZE_TRIAL_IMPOSSIBLE,
                                 .usd_per_month = NAN};
    struct scenario *scenario = size_load(search->context, search->subject->pool, branch->candidate, trial->containers);
    if (scenario) {
        status = simulate(search, scenario, trial, error);
        search->trials->simulated++;
        scenario_destroy(scenario);
    }
    follow(search, branch, trial);
    return status;
}

enum sim_status size_trial_run(const struct size_context *context, const struct size_list *list, unsigned jobs,
                               const volatile bool *stop, struct size_trial_list *trials, struct sim_error *error)
{
    const struct pool_config *pool = &context->scenario->config.pools[list->subject.pool];
    struct search search = {.context = context,
                            .subject = &list->subject,
                            .trials = trials,
                            .branches = sim_allocate(list->count, sizeof *search.branches),
                            .count = list->count,
                            .is_fixed = autoscaler_of(pool) == &autoscaler_fixed && pool->controller.rule_count == 0,
                            .best_per_month = INFINITY,
                            .jobs = jobs,
                            .stop = stop};
    enum sim_status status = SIM_OK;
    *trials = (struct size_trial_list){.best = SIZE_NONE};
    trials->items = sim_allocate(SIZE_TRIALS_MAX, sizeof *trials->items);
    for (size_t i = 0; i < list->count; i++)
        search.branches[i] = (struct branch){.candidate = &list->items[i], .containers = list->items[i].containers};
    struct branch *branch = cheapest_branch(&search);
    while (status == SIM_OK && branch && bound_of(&search, branch) < search.best_per_month &&
           trials->count < SIZE_TRIALS_MAX) {
        status = try_branch(&search, branch, error);
        branch = cheapest_branch(&search);
    }
    trials->is_cut = branch && trials->count == SIZE_TRIALS_MAX && bound_of(&search, branch) < search.best_per_month;
    free(search.branches);
    return status;
}

void size_trial_release(struct size_trial_list *trials)
{
    free(trials->items);
}
