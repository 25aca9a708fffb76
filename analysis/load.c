/* load.c - means of work, and the service rate at the best concurrency. */
#include "analysis/load.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "analysis/load_inferred.h"
#include "analysis/load_rules.h"
#include "analysis/scope.h"
#include "models/autoscaler.h"
#include "models/dynamic.h"
#include "models/rate.h"
#include "models/result.h"
#include "sim/calendar.h"
#include "sim/distribution.h"

/* Means over the requests of a pool. */
struct mix {
    double weight; /* requests per second, or shares where rates are not known */
    double work;
    double input_tokens; /* not found in a prefix cache */
    double output_tokens;
    double session_weight; /* of sessions among them, and their mean length */
    double session_s;
};

static bool has_rate(const struct arrival_config *arrivals)
{
    return arrivals->process == ARRIVAL_POISSON || arrivals->process == ARRIVAL_GAMMA ||
           arrivals->process == ARRIVAL_WEIBULL || arrivals->process == ARRIVAL_SESSIONS;
}

double load_share(const struct workload_config *workload, size_t pool)
{
    double share = 0;
    for (size_t i = 0; i < workload->class_count; i++)
        share += workload_config_class_pool(workload, i) == pool ? workload->classes[i].share : 0;
    return share;
}

/* 0 for what the scenario leaves out. */
static double mean_of(const struct sim_distribution *distribution)
{
    return distribution->kind == SIM_DISTRIBUTION_NONE ? 0 : sim_distribution_mean(distribution);
}

static double work_of(const struct profile_config *profile, const struct class_config *class)
{
    if (profile->tokens_per_work > 0)
        return mean_of(&class->output_tokens) / profile->tokens_per_work;
    double work = mean_of(&class->work);
    return work > 0 ? work : 1;
}

/* Of a workload that has a rate, over the run. */
static double mean_rate(const struct world_config *config, size_t workload)
{
    const struct arrival_config *arrivals = &config->workloads[workload].arrivals;
    if (!rate_is_shaped(arrivals))
        return arrivals->rate_per_s;
    return rate_expected(config, workload, 0, config->duration_ns) / sim_time_to_s(config->duration_ns);
}

static struct mix mix_of(const struct world_config *config, size_t pool)
{
    struct mix mix = {0};
    for (size_t i = 0; i < config->workload_count; i++) {
        const struct workload_config *workload = &config->workloads[i];
        double rate = has_rate(&workload->arrivals) ? mean_rate(config, i) : 1;
        for (size_t j = 0; j < workload->class_count; j++) {
            const struct class_config *class = &workload->classes[j];
            if (workload_config_class_pool(workload, j) != pool)
                continue;
            double weight = rate * class->share;
            mix.weight += weight;
            mix.work += weight * work_of(&config->pools[pool].profile, class);
            mix.input_tokens += weight * mean_of(&class->input_tokens) * (1 - class->prefix_hit);
            mix.output_tokens += weight * mean_of(&class->output_tokens);
            if (workload->arrivals.process == ARRIVAL_SESSIONS) {
                mix.session_weight += weight;
                mix.session_s += weight * mean_of(&workload->arrivals.session_s);
            }
        }
    }
    if (mix.weight > 0) {
        mix.work /= mix.weight;
        mix.input_tokens /= mix.weight;
        mix.output_tokens /= mix.weight;
        mix.session_s /= mix.session_weight > 0 ? mix.session_weight : 1;
    }
    return mix;
}

double load_offered(const struct world_config *config, size_t pool)
{
    double rate = 0;
    for (size_t i = 0; i < config->workload_count; i++) {
        const struct workload_config *workload = &config->workloads[i];
        double share = load_share(workload, pool);
        if (!(share > 0))
            continue;
        if (!has_rate(&workload->arrivals))
            return NAN;
        rate += share * mean_rate(config, i);
    }
    return rate;
}

/* The measured curve at `running`: straight lines between its points, the first value before them, and beyond them
 * the slope of the last two.
 */
static double curve_at(const struct curve_point *curve, size_t count, double running)
{
    if (count == 1 || running <= (double)curve[0].running)
        return curve[0].time_s;
    size_t i = 1;
    while (i + 1 < count && running > (double)curve[i].running)
        i++;
    double slope = (curve[i].time_s - curve[i - 1].time_s) / (double)(curve[i].running - curve[i - 1].running);
    return curve[i - 1].time_s + slope * (running - (double)curve[i - 1].running);
}

/* Seconds that one request takes in the main stage with `running` there. */
static double main_stage_s(const struct profile_config *profile, const struct mix *mix, double running)
{
    if (profile->stage == STAGE_INDEPENDENT)
        return mean_of(&profile->service_s) * mix->work;
    if (profile->stage == STAGE_DYNAMIC_BATCHING) {
        double busy = fmin(running, (double)profile->instances);
        double batch = running / busy;
        return dynamic_batch_s(profile, batch * mix->work) * dynamic_slowdown(profile, (uint32_t)busy) +
               batch * profile->handover_s;
    }
    if (profile->stage == STAGE_PROCESSOR_SHARING) {
        if (profile->curve_count > 0)
            return mix->work * curve_at(profile->curve, profile->curve_count, running);
        return mix->work * (profile->base_s + profile->per_running_s * running);
    }
    double cached = running * (mix->input_tokens + mix->output_tokens / 2);
    double step = profile->per_cached_token_s * cached;
    if (profile->step_curve_count > 0)
        step += curve_at(profile->step_curve, profile->step_curve_count, running);
    return mix->output_tokens * step + running * mix->input_tokens * profile->per_prefill_token_s;
}

static double slot_stages_s(const struct pool_config *pool)
{
    const struct profile_config *profile = &pool->profile;
    double sum = sim_time_to_s(pool->fetch_latency_ns);
    for (size_t i = 0; i < profile->before_count; i++)
        sum += profile->before[i].holds_slot ? mean_of(&profile->before[i].time_s) : 0;
    for (size_t i = 0; i < profile->after_count; i++)
        sum += profile->after[i].holds_slot ? mean_of(&profile->after[i].time_s) : 0;
    return sum;
}

/* Most requests in the main stage at once. */
static int64_t running_limit(const struct pool_config *pool)
{
    const struct profile_config *profile = &pool->profile;
    int64_t limit = pool->max_inputs;
    if (profile->stage == STAGE_PROCESSOR_SHARING && profile->slots > 0 && profile->slots < limit)
        limit = profile->slots;
    if (profile->stage == STAGE_CONTINUOUS_BATCHING && profile->max_batch < limit)
        limit = profile->max_batch;
    if (profile->stage == STAGE_DYNAMIC_BATCHING && profile->max_batch_size * profile->instances < limit)
        limit = profile->max_batch_size * profile->instances;
    return limit;
}

/* Of a container with that GPU. */
static double capacity_of(const struct pool_config *pool, const struct mix *mix, uint32_t gpu)
{
    double slots = (double)pool->max_inputs;
    double stages_s = slot_stages_s(pool);
    double best = 0;
    for (int64_t running = 1; running <= running_limit(pool); running++) {
        double k = (double)running;
        double rate = k / main_stage_s(&pool->profile, mix, k) * served_speed(pool, gpu);
        if (k + rate * stages_s > slots) /* the rest of the slots is held by the stages around */
            rate = slots / (stages_s + k / rate);
        best = fmax(best, rate);
    }
    double start_s = 0; /* before each request, where a container has but one */
    for (size_t i = 0; i < pool->profile.startup_count && pool->single_use; i++)
        start_s += mean_of(&pool->profile.startup[i].time_s);
    return start_s > 0 ? 1 / (1 / best + start_s) : best;
}

double load_container_capacity(const struct world_config *config, size_t pool_index)
{
    const struct pool_config *pool = &config->pools[pool_index];
    struct mix mix = mix_of(config, pool_index);
    if (!(mix.weight > 0))
        return NAN;
    if (mix.session_weight > 0)
        return mix.session_weight < mix.weight ? NAN : (double)pool->max_inputs / mix.session_s;
    double requested = 1;
    double sum = 0;
    for (uint32_t gpu = 1; gpu <= pool->served_count; gpu++) {
        requested -= pool->served_by[gpu - 1].share;
        sum += pool->served_by[gpu - 1].share * capacity_of(pool, &mix, gpu);
    }
    return sum + requested * capacity_of(pool, &mix, 0);
}

int64_t load_containers(const struct world_config *config, size_t pool_index, sim_time_ns time_ns)
{
    const struct pool_config *pool = &config->pools[pool_index];
    struct pool_settings settings = schedule_settings_at(config, pool, time_ns);
    bool is_kept = autoscaler_of(pool) == &autoscaler_fixed && pool->controller.rule_count == 0;
    int64_t cap = is_kept ? settings.min_containers : settings.max_containers;
    if (cap == 0 && !is_kept)
        cap = LOAD_UNLIMITED;
    int64_t quota = schedule_quota_at(config, time_ns);
    if (quota > 0 && pool->gpu_count > 0) {
        int64_t by_quota = quota / pool->gpu_count;
        cap = by_quota < cap ? by_quota : cap;
    }
    return cap;
}

static bool is_shaped(const struct world_config *config, size_t pool)
{
    for (size_t i = 0; i < config->workload_count; i++)
        if (load_share(&config->workloads[i], pool) > 0 && rate_is_shaped(&config->workloads[i].arrivals))
            return true;
    return false;
}

/* Mean rate offered to a pool from a time on, for an hour or up to the end of the run. */
static double offered_in_hour(const struct world_config *config, size_t pool, sim_time_ns from_ns)
{
    sim_time_ns to_ns = config->duration_ns - from_ns < SIM_HOUR ? config->duration_ns : from_ns + SIM_HOUR;
    double requests = 0;
    for (size_t i = 0; i < config->workload_count; i++)
        if (load_share(&config->workloads[i], pool) > 0)
            requests += load_share(&config->workloads[i], pool) * rate_expected(config, i, from_ns, to_ns);
    return requests / sim_time_to_s(to_ns - from_ns);
}

static double served_by(int64_t containers, double container_rps)
{
    return containers == LOAD_UNLIMITED ? INFINITY : container_rps * (double)containers;
}

struct load_course load_course(const struct world_config *config, size_t pool, double container_rps)
{
    struct load_course course = {.containers_least = LOAD_UNLIMITED, .first_above_ns = SIM_TIME_NEVER};
    sim_time_ns above_ns = 0;
    for (sim_time_ns at_ns = 0; at_ns < config->duration_ns; at_ns += SIM_HOUR) {
        double offered = offered_in_hour(config, pool, at_ns);
        int64_t containers = load_containers(config, pool, at_ns);
        if (containers < course.containers_least)
            course.containers_least = containers;
        if (containers > course.containers_most)
            course.containers_most = containers;
        sim_time_ns rest_ns = config->duration_ns - at_ns;
        if (offered > course.peak_rps) {
            course.peak_rps = offered;
            course.peak_ns = at_ns;
        }
        if (offered <= 0 || offered < served_by(containers, container_rps))
            continue;
        above_ns += rest_ns < SIM_HOUR ? rest_ns : SIM_HOUR;
        if (course.first_above_ns == SIM_TIME_NEVER)
            course.first_above_ns = at_ns;
    }
    course.share_above = (double)above_ns / (double)config->duration_ns;
    return course;
}

/* "2026-08-14 13:00", or "day 12, 13:00" without a date of the start. */
static void write_moment(const struct world_config *config, sim_time_ns at_ns, char *text, size_t size)
{
    if (config->start && config->start[0]) {
        struct sim_calendar_date date = sim_calendar_split(config->start_ns + at_ns);
        (void)snprintf(text, size, "%04d-%02d-%02d %02d:%02d", date.year, date.month, date.day, date.hour, date.minute);
    } else {
        (void)snprintf(text, size, "day %lld, %02d:00", (long long)(at_ns / SIM_DAY) + 1,
                       (int)(at_ns % SIM_DAY / SIM_HOUR));
    }
}

/* What can be served, and by how many containers. */
static void write_capacity(const struct load_course *course, double container_rps, char *text, size_t size)
{
    long long least = course->containers_least;
    long long most = course->containers_most;
    double served = served_by(least, container_rps);
    if (least == LOAD_UNLIMITED)
        (void)snprintf(text, size, "about %.3g req/s can be served by each container", container_rps);
    else if (least == most)
        (void)snprintf(text, size, "about %.3g req/s can be served by %lld container%s", served, least,
                       least == 1 ? "" : "s");
    else if (most == LOAD_UNLIMITED)
        (void)snprintf(text, size, "about %.3g req/s can be served by %lld container%s at times, more at others",
                       served, least, least == 1 ? "" : "s");
    else
        (void)snprintf(text, size, "about %.3g to %.3g req/s can be served by %lld to %lld containers", served,
                       served_by(most, container_rps), least, most);
}

static void note_excess(const struct world_config *config, size_t pool, const struct load_course *course,
                        double container_rps, struct note_list *notes)
{
    const char *name = config->pools[pool].name;
    long long containers = course->containers_least;
    char first[64];
    if (course->first_above_ns == SIM_TIME_NEVER)
        return;
    write_moment(config, course->first_above_ns, first, sizeof first);
    if (course->containers_least == course->containers_most)
        note_add(notes, NOTE_WARNING,
                 "%s: from %s on, more is offered in some hours (%.2g %% of the run) than about %.3g req/s, which %lld "
                 "container%s can serve at most: its queue grows in those hours",
                 name, first, 100 * course->share_above, served_by(containers, container_rps), containers,
                 containers == 1 ? "" : "s");
    else
        note_add(
            notes, NOTE_WARNING,
            "%s: from %s on, more is offered in some hours (%.2g %% of the run) than the containers can serve that "
            "the settings and the quota of the hour allow: its queue grows in those hours",
            name, first, 100 * course->share_above);
}

/* A load or caps that change: the mean, the busiest hour, and since when it is too much. */
static void note_course(const struct world_config *config, size_t pool, struct note_list *notes)
{
    const char *name = config->pools[pool].name;
    double offered = load_offered(config, pool);
    double capacity = load_container_capacity(config, pool);
    struct load_course course = load_course(config, pool, capacity);
    double served = served_by(course.containers_least, capacity);
    char peak[64], load[160], can[160], shares[64] = "";
    write_moment(config, course.peak_ns, peak, sizeof peak);
    write_capacity(&course, capacity, can, sizeof can);
    if (!is_shaped(config, pool))
        (void)snprintf(load, sizeof load, "%.4g req/s offered, ", offered);
    else
        (void)snprintf(load, sizeof load, "%.4g req/s offered on average, %.4g in the busiest hour (%s); ", offered,
                       course.peak_rps, peak);
    if (is_shaped(config, pool) && course.containers_least == course.containers_most && isfinite(served))
        (void)snprintf(shares, sizeof shares, " (%.0f %%, busiest hour %.0f %%)", 100 * offered / served,
                       100 * course.peak_rps / served);
    note_add(notes, NOTE_FACT, "%s: %s%s%s", name, load, can, shares);
    note_excess(config, pool, &course, capacity, notes);
}

static void note_constant(const struct world_config *config, size_t pool, struct note_list *notes)
{
    const char *name = config->pools[pool].name;
    double offered = load_offered(config, pool);
    double capacity = load_container_capacity(config, pool);
    int64_t containers = load_containers(config, pool, 0);
    if (containers == LOAD_UNLIMITED) {
        note_add(notes, NOTE_FACT, "%s: %.4g req/s offered, about %.3g req/s can be served by each container", name,
                 offered, capacity);
        return;
    }
    double served = capacity * (double)containers;
    if (offered >= served)
        note_add(notes, NOTE_WARNING,
                 "%s: %.4g req/s offered, but at most about %.3g req/s can be served by %lld container%s: its queue "
                 "grows without end",
                 name, offered, served, (long long)containers, containers == 1 ? "" : "s");
    else
        note_add(notes, NOTE_FACT,
                 "%s: %.4g req/s offered, about %.3g req/s can be served by %lld container%s (%.0f %%)", name, offered,
                 served, (long long)containers, containers == 1 ? "" : "s", 100 * offered / served);
}

static bool has_changing_caps(const struct world_config *config, size_t pool)
{
    return config->pools[pool].schedule_count > 0 || config->quota_count > 1;
}

static void note_load(const struct world_config *config, size_t pool, struct note_list *notes)
{
    double offered = load_offered(config, pool);
    if (scope_is_shared_pool(config, pool)) /* how much comes here depends on how many come */
        return;
    if (!isfinite(offered) || !isfinite(load_container_capacity(config, pool)) || offered <= 0)
        return;
    if (is_shaped(config, pool) || has_changing_caps(config, pool))
        note_course(config, pool, notes);
    else
        note_constant(config, pool, notes);
}

static void note_extrapolation(const struct pool_config *pool, struct note_list *notes)
{
    int64_t measured = pool->profile.calibrated_running;
    if (measured > 0 && running_limit(pool) > measured)
        note_add(notes, NOTE_WARNING,
                 "%s: up to %lld requests may run in a container, but its profile was measured up to %lld only",
                 pool->name, (long long)running_limit(pool), (long long)measured);
}

/* A session is an attempt, and no attempt may take longer than the pool's timeout. */
static void note_sessions(const struct world_config *config, size_t pool, struct note_list *notes)
{
    const struct pool_config *cut = &config->pools[pool];
    struct mix mix = mix_of(config, pool);
    if (mix.session_weight > 0 && cut->timeout_ns != SIM_TIME_NEVER &&
        mix.session_s > sim_time_to_s(cut->timeout_ns) / 5)
        note_add(
            notes, NOTE_WARNING,
            "%s: its sessions take %.4g s on average, and its 'timeout' ends those that take %.4g s: give 'never' if "
            "there is no such limit",
            cut->name, mix.session_s, sim_time_to_s(cut->timeout_ns));
}

/* Whether new sessions move depends on all that went before: no world can begin in the middle and know it. */
static void note_migrations(const struct world_config *config, struct note_list *notes)
{
    for (size_t i = 0; i < config->workload_count; i++)
        if (workload_config_migrates(&config->workloads[i]))
            note_add(
                notes, NOTE_FACT,
                "%s: where new sessions begin depends on all users before, so each replication is simulated in one "
                "line, by one thread",
                config->workloads[i].name);
}

void load_notes(const struct world_config *config, struct note_list *notes)
{
    note_migrations(config, notes);
    for (size_t i = 0; i < config->pool_count; i++) {
        note_load(config, i, notes);
        note_sessions(config, i, notes);
        note_extrapolation(&config->pools[i], notes);
        load_inferred_notes(&config->pools[i], notes);
    }
    load_rules_notes(config, notes);
}

/* A row of a trace has some 16 bytes, or some 4 when compressed. */
static double trace_rows(const struct arrival_config *arrivals)
{
    struct stat file;
    if (!arrivals->file || stat(arrivals->file, &file) != 0)
        return 0;
    size_t length = strlen(arrivals->file);
    bool is_compressed = length > 3 && strcmp(arrivals->file + length - 3, ".gz") == 0;
    return (double)file.st_size / (is_compressed ? 4 : 16) * arrivals->keep;
}

static double expected_of(const struct world_config *config, size_t number)
{
    const struct workload_config *workload = &config->workloads[number];
    double duration_s = sim_time_to_s(config->duration_ns);
    switch (workload->arrivals.process) {
    case ARRIVAL_BURST:
        return (double)workload->arrivals.count;
    case ARRIVAL_TRACE:
        return trace_rows(&workload->arrivals);
    case ARRIVAL_CLOSED: {
        struct mix mix = mix_of(config, (size_t)workload->pool_index);
        double cycle_s =
            mean_of(&workload->arrivals.think_s) + main_stage_s(&config->pools[workload->pool_index].profile, &mix, 1);
        return (double)workload->arrivals.clients * (1 + duration_s / fmax(cycle_s, 1e-3));
    }
    default:
        return rate_expected(config, number, 0, config->duration_ns);
    }
}

double load_expected_requests(const struct world_config *config, int64_t replications)
{
    double sum = 0;
    for (size_t i = 0; i < config->workload_count; i++)
        sum += expected_of(config, i);
    return sum * (double)replications;
}
