/* tune_short.c - short runs reject what is clearly beyond a limit or clearly worse; guides are run whole. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/anytime.h"
#include "analysis/bound.h"
#include "analysis/format.h"
#include "analysis/load.h"
#include "analysis/tune_internal.h"
#include "analysis/warm_up.h"
#include "models/rate.h"
#include "models/schedule.h"
#include "sim/memory.h"

enum {
    MEMORIES_OF_WARM_UP = 2,
    WARM_UPS_OF_SPAN = 4,
    LATENCIES_OF_MEMORY = 50, /* service times, after which a queue has changed */
    MORE_SHORT = 6,           /* replications of a round */
    MORE_GUIDE = 2,
    GUIDES_AT_ONCE = 3
};

/* ---- Whether, and how long ---- */

static const char *obstacle_in_workload(const struct workload_config *workload)
{
    const struct arrival_config *arrivals = &workload->arrivals;
    if (rate_is_shaped(arrivals))
        return "the load changes over time";
    if (workload_config_migrates(workload))
        return "sessions move from one pool to another";
    if (arrivals->process != ARRIVAL_POISSON && arrivals->process != ARRIVAL_GAMMA &&
        arrivals->process != ARRIVAL_WEIBULL)
        return "arrivals have no constant rate";
    return NULL;
}

const char *tune_short_obstacle(const struct world_config *config)
{
    for (size_t i = 0; i < config->workload_count; i++) {
        const char *obstacle = obstacle_in_workload(&config->workloads[i]);
        if (obstacle)
            return obstacle;
    }
    for (size_t i = 0; i < config->pool_count; i++)
        if (config->pools[i].schedule_count > 0 || config->pools[i].price_count > 0)
            return "settings or prices change over time";
    if (config->quota_count > 1)
        return "the quota changes over time";
    return config->stop_after != STOP_NEVER ? "the run ends at its first break" : NULL;
}

static double mean_s(const struct sim_distribution *distribution)
{
    return distribution->kind == SIM_DISTRIBUTION_NONE ? 0 : sim_distribution_mean(distribution);
}

static double start_s(const struct pool_config *pool)
{
    double sum = mean_s(&pool->allocation_s) + mean_s(&pool->profile.snapshot_create_s);
    for (size_t i = 0; i < pool->profile.startup_count; i++)
        sum += mean_s(&pool->profile.startup[i].time_s);
    return sum;
}

double tune_short_memory_s(const struct world_config *config)
{
    double longest = 0;
    for (size_t i = 0; i < config->pool_count; i++) {
        const struct pool_config *pool = &config->pools[i];
        double window = sim_time_to_s(schedule_longest_window_ns(pool)) + sim_time_to_s(pool->active_hold_ns);
        longest = fmax(longest, window + start_s(pool) + sim_time_to_s(pool->poll_ns + pool->tick_ns));
    }
    return longest + LATENCIES_OF_MEMORY * bound_lowest(config, metric_find("latency_mean_s"));
}

/* Whether the figure does not grow with the length of the run. */
static bool has_short_form(const struct metric *metric)
{
    if (metric->kind == METRIC_PERCENTILE || metric->kind == METRIC_OF_LATENCY)
        return true;
    bool is_share = strcmp(metric->unit, "ratio") == 0 || strcmp(metric->unit, "1/s") == 0;
    return metric->kind == METRIC_MEAN && (is_share || strstr(metric->name, "_mean") || strstr(metric->name, "_per_"));
}

/* Requests of which one lies beyond the rarest percentile that is asked for. */
static double requests_per_event(const struct tune_goal *goal)
{
    double most = 1;
    for (size_t i = 0; i < goal->metric_count; i++)
        if (goal->metrics[i]->kind == METRIC_PERCENTILE)
            most = fmax(most, 1 / (1 - goal->metrics[i]->share));
    return most;
}

static double offered_rps(const struct world_config *config)
{
    double rate = 0;
    for (size_t i = 0; i < config->pool_count; i++)
        rate += load_offered(config, i);
    return rate;
}

static sim_time_ns whole_minutes(double seconds)
{
    return (sim_time_ns)ceil(seconds / 60) * 60 * SIM_SECOND;
}

enum sim_status tune_short_warm_up(struct tune *tune, struct sim_error *error)
{
    double memory_s = 0;
    const struct world_config *config = &tune->first->config;
    tune->warm_up_ns = -1;
    if (!warm_up_is_open(config))
        return SIM_OK;
    for (size_t i = 0; i <= tune->points.count; i++)
        memory_s = fmax(memory_s, tune->items[i].memory_s);
    tune->warm_up_ns = whole_minutes(MEMORIES_OF_WARM_UP * memory_s);
    if (tune->warm_up_ns > config->duration_ns / 4)
        return sim_error_set(error, SIM_BAD_INPUT, tune->points.path, 0,
                             "warm_up: auto would be %s for these settings, more than a quarter of the run",
                             format_span(tune->warm_up_ns).text);
    tune_work_warm_up(tune, tune->first);
    return SIM_OK;
}

static const char *choose(struct tune_search *search, struct tune_short *shorts)
{
    const struct tune *tune = search->tune;
    const struct world_config *config = &tune->first->config;
    double memory_s = 0;
    for (size_t i = 0; i < search->order_count; i++) {
        const struct tune_point *point = &tune->items[search->order[i]];
        if (point->change)
            return point->change;
        memory_s = fmax(memory_s, point->memory_s);
    }
    for (size_t i = 0; i < tune->goal.metric_count; i++)
        if (!has_short_form(tune->goal.metrics[i]))
            return "a figure grows with the length of the run";
    double rate = offered_rps(config);
    if (!(rate > 0))
        return "the load is not known";
    double warm_up_s = fmax(sim_time_to_s(config->warm_up_ns), MEMORIES_OF_WARM_UP * memory_s);
    shorts->warm_up_ns = whole_minutes(warm_up_s);
    warm_up_s = sim_time_to_s(shorts->warm_up_ns);
    double span_s = fmax(WARM_UPS_OF_SPAN * warm_up_s, TUNE_SHORT_EVENTS * requests_per_event(&tune->goal) / rate);
    shorts->duration_ns = shorts->warm_up_ns + whole_minutes(span_s);
    return shorts->duration_ns > config->duration_ns / TUNE_SHORT_FACTOR ? "whole runs are not much longer" : "";
}

void tune_short_plan(struct tune_search *search, bool is_wanted)
{
    struct tune_short *shorts = &search->tune->shorts;
    *shorts = (struct tune_short){.reason = "they were not wanted (--whole)"};
    if (!is_wanted)
        return;
    shorts->reason = choose(search, shorts);
    shorts->is_used = shorts->reason[0] == '\0';
}

/* ---- Judging ---- */

void tune_short_drop_dear(struct tune_search *search)
{
    struct tune *tune = search->tune;
    for (size_t i = search->entered; i < search->order_count; i++) {
        struct tune_point *point = &tune->items[search->order[i]];
        if (tune_is_open(point) && point->bound > tune->upper_limit)
            point->fate = TUNE_TOO_DEAR;
    }
}

static bool is_beyond(const struct tune *tune, size_t point, size_t *limit)
{
    for (*limit = 0; *limit < tune->goal.limit_count; (*limit)++) {
        struct select_interval figure = select_figure(tune->brief, point, *limit);
        double tolerance = tune_work_tolerance(tune, *limit);
        if (figure.low > tune_work_limit(tune, *limit) - (1 - TUNE_BIAS_SHARE) * tolerance)
            return true;
    }
    return false;
}

static double allowance(const struct tune *tune, size_t guide)
{
    return TUNE_BIAS_SHARE * tune->indifference_share * fabs(select_objective(tune->brief, guide).mean);
}

static void judge(struct tune_search *search)
{
    struct tune *tune = search->tune;
    for (size_t i = 0; i < search->entered; i++) {
        size_t number = search->order[i];
        struct tune_point *point = &tune->items[number];
        if (!tune_is_open(point) || number == search->guide)
            continue;
        if (is_beyond(tune, number, &point->limit))
            point->fate = TUNE_SHORT_BEYOND;
        else if (search->guide != TUNE_NOBODY &&
                 select_difference(tune->brief, number, search->guide).low > allowance(tune, search->guide))
            point->fate = TUNE_SHORT_WORSE;
        if (!tune_is_open(point))
            tune_work_forget(search, number);
    }
}

/* Whether short runs can say no more about it: it is kept. */
static bool is_kept(const struct tune_search *search, size_t number)
{
    const struct tune *tune = search->tune;
    if (tune->items[number].short_runs.count >= TUNE_MOST_SHORT)
        return true;
    for (size_t i = 0; i < tune->goal.limit_count; i++)
        if (select_figure(tune->brief, number, i).high > tune_work_limit(tune, i))
            return false;
    return search->guide == number ||
           (search->guide != TUNE_NOBODY &&
            select_difference(tune->brief, number, search->guide).high <= allowance(tune, search->guide));
}

/* ---- Guides ---- */

/* Of as many cases as there can be. */
static double guide_error(const struct tune *tune)
{
    return TUNE_BOUND_SHARE * (1 - tune->confidence) / (TUNE_GUIDES_MAX * (double)(tune->goal.limit_count + 1));
}

/* Mean of the objective (limit = limit_count), or of a limited figure, in whole runs of a guide, and what is above it.
 */
static struct select_interval guide_figure(const struct tune *tune, const struct tune_series *series, size_t limit)
{
    size_t width = tune->goal.metric_count;
    double sum = 0;
    double squares = 0;
    for (int pass = 0; pass < 2; pass++) {
        double mean = sum / (double)series->count;
        for (size_t i = 0; i < series->count; i++) {
            double figures[TUNE_LIMITS_MAX + 1];
            double objective;
            tune_work_figures(tune, series->values + i * width, &objective, figures);
            double value = limit < tune->goal.limit_count ? figures[limit] : objective;
            sum += pass == 0 ? value : 0;
            squares += pass == 0 ? 0 : (value - mean) * (value - mean);
        }
    }
    double mean = sum / (double)series->count;
    double half_width = anytime_half_width(series->count, squares, guide_error(tune));
    return (struct select_interval){
        .mean = mean, .low = mean - half_width, .high = mean + half_width, .count = series->count};
}

enum promise {
    PROMISE_OPEN,
    PROMISE_KEPT,
    PROMISE_BROKEN
};

/* Whether a guide is shown to keep all limits, without any tolerance. */
static enum promise promise_of(const struct tune *tune, size_t number)
{
    const struct tune_series *series = &tune->items[number].guide_runs;
    enum promise promise = PROMISE_KEPT;
    for (size_t i = 0; i < tune->goal.limit_count; i++) {
        struct select_interval figure = guide_figure(tune, series, i);
        if (figure.mean >= tune_work_limit(tune, i))
            return PROMISE_BROKEN;
        if (figure.high >= tune_work_limit(tune, i))
            promise = PROMISE_OPEN;
    }
    struct select_interval objective = guide_figure(tune, series, tune->goal.limit_count);
    return isfinite(objective.high) ? promise : PROMISE_OPEN;
}

static bool seems_feasible(const struct tune *tune, size_t number)
{
    for (size_t i = 0; i < tune->goal.limit_count; i++)
        if (select_figure(tune->brief, number, i).mean >= tune_work_limit(tune, i))
            return false;
    return true;
}

/* The cheapest that seems to keep the limits, was no guide before, and is cheaper than the guide there is. */
static size_t next_guide(const struct tune_search *search)
{
    const struct tune *tune = search->tune;
    size_t best = TUNE_NOBODY;
    double lowest = INFINITY;
    if (search->guide != TUNE_NOBODY)
        lowest = select_objective(tune->brief, search->guide).mean - 2 * allowance(tune, search->guide);
    for (size_t i = 0; i < search->entered; i++) {
        size_t number = search->order[i];
        const struct tune_point *point = &tune->items[number];
        double objective = select_objective(tune->brief, number).mean;
        if (!tune_is_open(point) || point->guide_runs.count > 0 || !seems_feasible(tune, number) || objective >= lowest)
            continue;
        best = number;
        lowest = objective;
    }
    return best;
}

static enum sim_status try_guide(struct tune_search *search, size_t number, struct sim_error *error)
{
    struct tune *tune = search->tune;
    struct tune_point *point = &tune->items[number];
    enum sim_status status = SIM_OK;
    enum promise promise = PROMISE_OPEN;
    search->guides++;
    while (status == SIM_OK && promise == PROMISE_OPEN && tune_is_open(point) &&
           point->guide_runs.count < TUNE_MOST_GUIDE) {
        size_t count = point->guide_runs.count == 0 ? TUNE_FIRST_WHOLE : MORE_GUIDE;
        const struct tune_want want = {number, count};
        status = tune_work_run(search, TUNE_KIND_GUIDE, "whole runs of a guide", &want, 1, error);
        if (status == SIM_OK && tune_is_open(point))
            promise = promise_of(tune, number);
    }
    if (status != SIM_OK || promise != PROMISE_KEPT || !tune_is_open(point))
        return status;
    search->guide = number;
    tune->upper_limit = fmin(tune->upper_limit, guide_figure(tune, &point->guide_runs, tune->goal.limit_count).high);
    return SIM_OK;
}

static enum sim_status judge_and_guide(struct tune_search *search, struct sim_error *error)
{
    enum sim_status status = SIM_OK;
    judge(search);
    for (int i = 0; i < GUIDES_AT_ONCE && status == SIM_OK && search->guides < TUNE_GUIDES_MAX; i++) {
        size_t guide = next_guide(search);
        if (guide == TUNE_NOBODY)
            break;
        status = try_guide(search, guide, error);
        judge(search);
    }
    tune_short_drop_dear(search);
    return status;
}

/* ---- Running ---- */

static enum sim_status run_round(struct tune_search *search, const struct tune_want *wants, size_t count,
                                 struct sim_error *error)
{
    struct tune *tune = search->tune;
    enum sim_status status = tune_work_run(search, TUNE_KIND_SHORT, "short runs", wants, count, error);
    for (size_t i = 0; i < count && status == SIM_OK; i++)
        if (tune_is_open(&tune->items[wants[i].point]))
            tune_work_observe(tune, tune->brief, wants[i].point, TUNE_KIND_SHORT);
    return status == SIM_OK ? judge_and_guide(search, error) : status;
}

static enum sim_status run_groups(struct tune_search *search, struct tune_want *wants, struct sim_error *error)
{
    struct tune *tune = search->tune;
    enum sim_status status = SIM_OK;
    while (search->entered < search->order_count && status == SIM_OK) {
        size_t count = 0;
        while (search->entered < search->order_count && count < TUNE_GROUP) {
            size_t number = search->order[search->entered++];
            if (!tune_is_open(&tune->items[number]))
                continue;
            select_enter(tune->brief, number);
            wants[count++] = (struct tune_want){number, TUNE_FIRST_SHORT};
        }
        status = run_round(search, wants, count, error);
    }
    return status;
}

static enum sim_status run_rest(struct tune_search *search, struct tune_want *wants, struct sim_error *error)
{
    struct tune *tune = search->tune;
    enum sim_status status = SIM_OK;
    size_t count = 1;
    while (count > 0 && status == SIM_OK) {
        count = 0;
        for (size_t i = 0; i < search->order_count; i++) {
            size_t number = search->order[i];
            size_t done = tune->items[number].short_runs.count;
            if (tune_is_open(&tune->items[number]) && !is_kept(search, number))
                wants[count++] = (struct tune_want){
                    number, done + MORE_SHORT < TUNE_MOST_SHORT ? MORE_SHORT : TUNE_MOST_SHORT - done};
        }
        /* The guide has to keep up for differences to be known. */
        size_t guide = search->guide;
        if (count > 0 && guide != TUNE_NOBODY && is_kept(search, guide) &&
            tune->items[guide].short_runs.count + MORE_SHORT <= TUNE_MOST_SHORT)
            wants[count++] = (struct tune_want){guide, MORE_SHORT};
        status = count > 0 ? run_round(search, wants, count, error) : SIM_OK;
    }
    return status;
}

enum sim_status tune_short_run(struct tune_search *search, struct sim_error *error)
{
    struct tune *tune = search->tune;
    double share = (1 - TUNE_BOUND_SHARE) / 2;
    tune->brief = tune_work_select(tune, share * (1 - tune->confidence), TUNE_FIRST_SHORT, TUNE_MOST_SHORT);
    for (size_t i = 0; i < tune->points.count; i++)
        if (!tune_is_open(&tune->items[i]))
            select_reject(tune->brief, i);
    struct tune_want *wants = sim_allocate(search->order_count + 1, sizeof *wants);
    enum sim_status status = run_groups(search, wants, error);
    if (status == SIM_OK)
        status = run_rest(search, wants, error);
    free(wants);
    return status;
}
