/* warm_up.c - pilots of growing length. */
#include "analysis/warm_up.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/format.h"
#include "analysis/load.h"
#include "analysis/runner.h"
#include "sim/memory.h"
#include "sim/mser.h"

enum {
    MEMORIES = 20,   /* a pilot that is shorter than the run lasts so many times the longest memory of a pool */
    SHARE = 4,       /* a warm-up is believed if the pilot, and the run, are so many times as long */
    LENGTHS_MAX = 8, /* a pilot is at most so many times as long as the run, */
    LENGTHENED = 4   /* or as the first one, where that was shorter */
};

/* Requests of all replications that are enough for a pilot. */
#define REQUESTS_ENOUGH 5e6

bool warm_up_is_open(const struct world_config *config)
{
    return config->warm_up_ns == WORLD_WARM_UP_AUTO;
}

/* ---- One pilot ---- */

/* The more replications, the clearer the beginning stands out from what chance does. */
static int64_t replications_of(const struct world_config *config)
{
    double count = REQUESTS_ENOUGH / fmax(1, load_expected_requests(config, 1));
    return (int64_t)fmin(fmax(count, WARM_UP_REPLICATIONS_MIN), WARM_UP_REPLICATIONS_MAX);
}

static struct world_config pilot_of(const struct world_config *config, sim_time_ns pilot_ns)
{
    struct world_config pilot = *config;
    pilot.warm_up_ns = 0;
    pilot.duration_ns = pilot_ns;
    pilot.replications = replications_of(config);
    pilot.stop_after = STOP_NEVER;
    return pilot;
}

static double containers_in(const struct series_row *row)
{
    return row->starting_mean + row->busy_mean + row->idle_mean;
}

static double queue_in(const struct series_row *row)
{
    return row->queue_mean;
}

static double inside_in(const struct series_row *row)
{
    return row->running_mean;
}

static const struct {
    const char *name;
    double (*value)(const struct series_row *row);
} watched[] = {{"containers", containers_in}, {"queue", queue_in}, {"inside", inside_in}};

/* Means over the replications, interval by interval; ends_ns is where each ends. Returns how many there are. */
static size_t average(const struct run_result *result, size_t pool, double (*value)(const struct series_row *row),
                      double *means, sim_time_ns *ends_ns)
{
    size_t count = 0;
    for (size_t r = 0; r < result->replication_count; r++) {
        const struct replication_result *replication = &result->replications[r];
        count = 0;
        for (size_t i = 0; i < replication->series_count; i++) {
            const struct series_row *row = &replication->series[i];
            if ((size_t)row->pool != pool)
                continue;
            means[count] = (r == 0 ? 0 : means[count]) + value(row) / (double)result->replication_count;
            ends_ns[count++] = row->to_ns;
        }
    }
    return count;
}

/* After `cut` intervals, in whole seconds. */
static sim_time_ns end_of(const sim_time_ns *ends_ns, size_t cut)
{
    if (cut == SIM_MSER_TOO_SHORT)
        return SIM_TIME_NEVER;
    return cut == 0 ? 0 : (ends_ns[cut - 1] + SIM_SECOND - 1) / SIM_SECOND * SIM_SECOND;
}

/* Where the last series settles: SIM_TIME_NEVER if one does not. */
static void judge(const struct run_result *result, struct warm_up *found)
{
    size_t room = result->replications[0].series_count;
    double *means = sim_allocate(room, sizeof *means);
    sim_time_ns *ends_ns = sim_allocate(room, sizeof *ends_ns);
    found->warm_up_ns = 0;
    found->series = "";
    found->pool = result->config->pools[0].name;
    for (size_t pool = 0; pool < result->config->pool_count; pool++)
        for (size_t i = 0; i < sizeof watched / sizeof *watched; i++) {
            size_t count = average(result, pool, watched[i].value, means, ends_ns);
            sim_time_ns settled_ns = end_of(ends_ns, sim_mser_cut(means, count));
            if (settled_ns <= found->warm_up_ns)
                continue;
            found->warm_up_ns = settled_ns;
            found->series = watched[i].name;
            found->pool = result->config->pools[pool].name;
        }
    free(means);
    free(ends_ns);
}

/* In most replications: in a short one chance may do it too. */
static void look_for_saturation(const struct run_result *result, struct warm_up *found)
{
    found->is_saturated = false;
    for (size_t pool = 0; pool < result->config->pool_count && !found->is_saturated; pool++) {
        size_t count = 0;
        for (size_t r = 0; r < result->replication_count; r++)
            count += result->replications[r].saturated_ns[pool] >= 0;
        found->is_saturated = 2 * count > result->replication_count;
        if (found->is_saturated)
            found->pool = result->config->pools[pool].name;
    }
}

static enum sim_status run_pilot(const struct world_config *config, sim_time_ns pilot_ns,
                                 const struct warm_up_options *options, struct warm_up *found, struct sim_error *error)
{
    struct world_config pilot = pilot_of(config, pilot_ns);
    struct run_result *result;
    const struct runner_options with = {
        .first_replication = WARM_UP_FIRST, .jobs = options->jobs, .keep_series = true, .stop = options->stop};
    enum sim_status status = runner_run(&pilot, &with, &result, error);
    if (status != SIM_OK)
        return status;
    if (result->ending == RUN_INTERRUPTED)
        status = sim_error_set(error, SIM_INTERRUPTED, NULL, 0, "interrupted");
    judge(result, found);
    look_for_saturation(result, found);
    found->pilot_ns = pilot_ns;
    found->replications = pilot.replications;
    run_result_destroy(result);
    return status;
}

/* ---- Their lengths ---- */

static sim_time_ns greater(sim_time_ns a, sim_time_ns b)
{
    return a > b ? a : b;
}

/* What a pool remembers of the past, as far as its settings say. */
static sim_time_ns memory_of(const struct pool_config *pool)
{
    sim_time_ns memory_ns = pool->tick_ns;
    if (pool->scaledown_window_ns < SIM_TIME_NEVER)
        memory_ns = greater(memory_ns, pool->scaledown_window_ns);
    if (pool->active_hold_ns < SIM_TIME_NEVER)
        memory_ns = greater(memory_ns, pool->active_hold_ns);
    return memory_ns;
}

/* As long as the run: MSER weighs what a cut costs against what it gains, and both depend on that. Whole hours, where
 * so many requests are not needed.
 */
static sim_time_ns first_length(const struct world_config *config)
{
    sim_time_ns memory_ns = 0;
    for (size_t i = 0; i < config->pool_count; i++)
        memory_ns = greater(memory_ns, memory_of(&config->pools[i]));
    double duration_s = sim_time_to_s(config->duration_ns);
    double enough_s = duration_s * REQUESTS_ENOUGH / fmax(1, load_expected_requests(config, replications_of(config)));
    double hours = ceil(fmax(enough_s, MEMORIES * sim_time_to_s(memory_ns)) / 3600);
    return 3600 * hours < duration_s ? (sim_time_ns)hours * 3600 * SIM_SECOND : config->duration_ns;
}

static sim_time_ns next_length(sim_time_ns pilot_ns, sim_time_ns duration_ns)
{
    return pilot_ns < duration_ns && 2 * pilot_ns > duration_ns ? duration_ns : 2 * pilot_ns;
}

static enum sim_status refuse(const struct scenario *scenario, const struct warm_up *found, bool is_known,
                              struct sim_error *error)
{
    struct format_text pilot = format_span(found->pilot_ns);
    if (!is_known)
        return sim_error_set(error, SIM_BAD_INPUT, scenario->path, 0,
                             "'warm_up: auto' finds none: the %s of pool %s has not settled after %s (MSER-5); give a "
                             "'warm_up' of your own",
                             found->series, found->pool, pilot.text);
    struct format_text settled = format_span(found->warm_up_ns);
    struct format_text least = format_span(SHARE * found->warm_up_ns);
    return sim_error_set(error, SIM_BAD_INPUT, scenario->path, 0,
                         "'duration' is too short for 'warm_up: auto': the %s of pool %s settles after %s (MSER-5), so "
                         "it takes at least %s",
                         found->series, found->pool, settled.text, least.text);
}

/* Whether a pilot of the length may still be tried, after others did not settle. */
static bool may_try(sim_time_ns pilot_ns, sim_time_ns first_ns, sim_time_ns duration_ns)
{
    return first_ns < duration_ns ? pilot_ns <= LENGTHENED * first_ns : pilot_ns <= LENGTHS_MAX * duration_ns;
}

enum sim_status warm_up_find(const struct scenario *scenario, const struct warm_up_options *options,
                             struct warm_up *found, struct sim_error *error)
{
    const struct world_config *config = &scenario->config;
    sim_time_ns first_ns = first_length(config);
    sim_time_ns pilot_ns = first_ns;
    bool is_known = false;
    bool is_over = false;
    while (!is_over) {
        enum sim_status status = run_pilot(config, pilot_ns, options, found, error);
        if (status != SIM_OK)
            return status;
        is_known = !found->is_saturated && found->warm_up_ns <= pilot_ns / SHARE;
        pilot_ns = next_length(pilot_ns, config->duration_ns);
        is_over = is_known || found->is_saturated || !may_try(pilot_ns, first_ns, config->duration_ns);
    }
    if (found->is_saturated)
        found->warm_up_ns = 0;
    else if (!is_known || SHARE * found->warm_up_ns > config->duration_ns)
        return refuse(scenario, found, is_known, error);
    return SIM_OK;
}

/* ---- Telling ---- */

void warm_up_note(const struct warm_up *found, struct note_list *notes)
{
    struct format_text pilot = format_span(found->pilot_ns);
    if (found->is_saturated)
        note_add(notes, NOTE_WARNING, "no warm-up found: pool %s is saturated, so nothing settles (pilot of %s)",
                 found->pool, pilot.text);
    else
        note_add(notes, NOTE_FACT,
                 "warm-up found: %s (MSER-5, from containers, queue and requests inside of a pilot, %lld other "
                 "replications of %s)%s%s%s%s",
                 format_span(found->warm_up_ns).text, (long long)found->replications, pilot.text,
                 found->series[0] ? "; last to settle: " : "", found->series, found->series[0] ? " of pool " : "",
                 found->series[0] ? found->pool : "");
}

enum sim_status warm_up_resolve(struct scenario *scenario, const struct warm_up_options *options,
                                struct note_list *notes, struct sim_error *error)
{
    struct warm_up found;
    if (!warm_up_is_open(&scenario->config))
        return SIM_OK;
    enum sim_status status = warm_up_find(scenario, options, &found, error);
    if (status != SIM_OK)
        return status;
    scenario_set_warm_up(scenario, found.warm_up_ns);
    if (notes)
        warm_up_note(&found, notes);
    return SIM_OK;
}
