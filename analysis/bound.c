/* bound.c - requests alone, Poisson numbers of them, and the containers that these take. */
#include "analysis/bound.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

#include "analysis/load.h"
#include "models/autoscaler.h"
#include "models/pricing.h"
#include "models/rate.h"
#include "sim/distribution.h"

/* Share of a cost that the rounding of bills to nanodollars may take. */
#define BILLS_ROUNDED 1e-6

/* Share of a percentile that may be lost because it comes from a histogram (sim/histogram.h). */
#define BUCKETS_ROUNDED SIM_HISTOGRAM_ERROR

/* Requests present that are counted at most. */
#define PRESENT_MAX 1e8

enum {
    HALVINGS = 50 /* of the interval in which a quantile lies */
};

/* ---- A request alone ---- */

/* Its time is at least shift + scale x a draw; `of` NULL: shift. Seconds. */
struct alone {
    const struct sim_distribution *of;
    double scale;
    double shift;
};

static bool is_given(const struct sim_distribution *distribution)
{
    return distribution->kind != SIM_DISTRIBUTION_NONE;
}

/* The shortest time of one unit of work, at any concurrency up to `most`; 0: not known. */
static double unit_time_s(const struct profile_config *profile, int64_t most)
{
    if (profile->curve_count == 0)
        return profile->base_s + profile->per_running_s * (profile->per_running_s < 0 ? (double)most : 1);
    const struct curve_point *curve = profile->curve;
    size_t last = profile->curve_count - 1;
    double least = curve[last].time_s;
    for (size_t i = 0; i < last; i++)
        least = fmin(least, curve[i].time_s);
    bool is_falling = last > 0 && curve[last].time_s < curve[last - 1].time_s; /* and goes on to fall beyond */
    return is_falling && most > curve[last].running ? 0 : least;
}

static double step_time_s(const struct profile_config *profile)
{
    if (profile->step_curve_count == 0)
        return 0;
    double least = profile->step_curve[0].time_s;
    for (size_t i = 1; i < profile->step_curve_count; i++)
        least = fmin(least, profile->step_curve[i].time_s);
    return least;
}

/* In the main stage. */
static struct alone main_stage(const struct pool_config *pool, const struct class_config *class)
{
    const struct profile_config *profile = &pool->profile;
    if (profile->stage == STAGE_INDEPENDENT && !is_given(&class->work))
        return (struct alone){.of = &profile->service_s, .scale = 1};
    if (profile->stage == STAGE_CONTINUOUS_BATCHING && is_given(&class->output_tokens)) {
        double step_s = step_time_s(profile); /* the first token may come with the prompt; draws are rounded */
        return (struct alone){.of = &class->output_tokens, .scale = step_s, .shift = -2 * step_s};
    }
    if (profile->stage != STAGE_PROCESSOR_SHARING)
        return (struct alone){0};
    double unit_s = unit_time_s(profile, pool->max_inputs);
    if (profile->tokens_per_work > 0) {
        double token_s = unit_s / profile->tokens_per_work;
        return (struct alone){.of = &class->output_tokens, .scale = token_s, .shift = -token_s};
    }
    if (is_given(&class->work))
        return (struct alone){.of = &class->work, .scale = unit_s};
    return (struct alone){.shift = unit_s};
}

/* The shortest time in fixed stages, inside containers or outside. */
static double stages_s(const struct stage_config *stages, size_t count, bool is_inside)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        if (stages[i].holds_slot == is_inside)
            sum += sim_distribution_lowest(&stages[i].time_s);
    return sum;
}

static double outside_s(const struct profile_config *profile)
{
    return stages_s(profile->before, profile->before_count, false) +
           stages_s(profile->after, profile->after_count, false);
}

/* Inside a container. */
static struct alone inside(const struct pool_config *pool, const struct class_config *class)
{
    struct alone alone = main_stage(pool, class);
    alone.shift += stages_s(pool->profile.before, pool->profile.before_count, true) +
                   stages_s(pool->profile.after, pool->profile.after_count, true);
    return alone;
}

static double alone_mean_s(const struct alone *alone)
{
    double mean = alone->shift + (alone->of ? alone->scale * sim_distribution_mean(alone->of) : 0);
    return fmax(0, mean);
}

/* At least the mean of min(time, longest_s). From (s - T)+ <= (s - m)^2 / (4 (T - m)) for T > m. */
static double alone_cut_mean_s(const struct alone *alone, double longest_s)
{
    double mean = alone_mean_s(alone);
    double variance = alone->of ? alone->scale * alone->scale * sim_distribution_variance(alone->of) : 0;
    if (longest_s <= mean)
        return 0;
    return fmax(0, mean - variance / (4 * (longest_s - mean)));
}

/* Share of the requests that take at most time_s. 1 where it is not known. */
static double alone_share(const struct alone *alone, double time_s)
{
    double low = 0;
    double high = 1;
    if (time_s < alone->shift)
        return 0;
    if (!alone->of || alone->scale <= 0 || isnan(sim_distribution_quantile(alone->of, 0.5)))
        return 1;
    double limit = (time_s - alone->shift) / alone->scale;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = (low + high) / 2;
        if (sim_distribution_quantile(alone->of, middle) <= limit)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* ---- Latency ---- */

static bool has_constant_shares(const struct workload_config *workload)
{
    return workload->arrivals.process != ARRIVAL_SESSIONS && !workload_config_migrates(workload);
}

/* Whether the mix of classes of all requests is known. */
static bool has_mix(const struct world_config *config)
{
    for (size_t i = 0; i < config->workload_count; i++) {
        const struct arrival_config *arrivals = &config->workloads[i].arrivals;
        bool has_rate = isfinite(rate_at(config, i, 0)) && !rate_is_shaped(arrivals);
        if (!has_constant_shares(&config->workloads[i]) || (config->workload_count > 1 && !has_rate))
            return false;
    }
    return true;
}

/* The time of a request of the class from its arrival to its end. */
static struct alone whole(const struct world_config *config, size_t workload, size_t class)
{
    const struct workload_config *of = &config->workloads[workload];
    const struct pool_config *pool = &config->pools[workload_config_class_pool(of, class)];
    struct alone alone = {0};
    if (pool->served_count == 0)
        alone = inside(pool, &of->classes[class]);
    alone.shift += outside_s(&pool->profile);
    return alone;
}

/* Mean of what `each` makes of every class, by its share of the requests. */
static double over_classes(const struct world_config *config,
                           double (*each)(const struct alone *alone, double argument), double argument)
{
    double sum = 0;
    double weight = 0;
    for (size_t i = 0; i < config->workload_count; i++) {
        const struct workload_config *workload = &config->workloads[i];
        double rate = config->workload_count > 1 ? workload->arrivals.rate_per_s : 1;
        for (size_t k = 0; k < workload->class_count; k++) {
            struct alone alone = whole(config, i, k);
            sum += rate * workload->classes[k].share * each(&alone, argument);
            weight += rate * workload->classes[k].share;
        }
    }
    return weight > 0 ? sum / weight : 0;
}

static double mean_of(const struct alone *alone, double unused)
{
    (void)unused;
    return alone_mean_s(alone);
}

/* The highest time that less than the share take at most. */
static double latency_quantile_s(const struct world_config *config, double share)
{
    double low = 0;
    double high = 1;
    while (high < 1e9 && over_classes(config, alone_share, high) < share)
        high *= 2;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = (low + high) / 2;
        if (over_classes(config, alone_share, middle) < share)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* ---- Cost ---- */

/* Requests inside a pool, at least: a Poisson number of this mean; negative: not known to be one. */
struct presence {
    double mean;
    double arrivals_per_s;
};

/* How long a request counts as present at most, so that those who give up or are killed do too. */
static double patience_s(const struct workload_config *workload, const struct pool_config *pool, sim_time_ns past_ns)
{
    double patience = sim_time_to_s(past_ns);
    if (pool->timeout_ns != SIM_TIME_NEVER)
        patience = fmin(patience, sim_time_to_s(pool->timeout_ns));
    if (workload->client_timeout_ns == SIM_TIME_NEVER)
        return patience;
    double before_s = 0;
    for (size_t i = 0; i < pool->profile.before_count; i++)
        before_s += sim_distribution_highest(&pool->profile.before[i].time_s);
    return fmax(0, fmin(patience, sim_time_to_s(workload->client_timeout_ns) - before_s));
}

/* past_ns: how long there have been arrivals. */
static struct presence presence_in(const struct world_config *config, size_t pool_index, sim_time_ns past_ns)
{
    const struct pool_config *pool = &config->pools[pool_index];
    struct presence presence = {0};
    for (size_t i = 0; i < config->workload_count; i++) {
        const struct workload_config *workload = &config->workloads[i];
        bool is_poisson = workload->arrivals.process == ARRIVAL_POISSON && !rate_is_shaped(&workload->arrivals) &&
                          !workload_config_migrates(workload);
        double patience = patience_s(workload, pool, past_ns);
        for (size_t k = 0; k < workload->class_count; k++) {
            struct alone alone = inside(pool, &workload->classes[k]);
            double rate = workload->arrivals.rate_per_s * workload->classes[k].share;
            if (workload_config_class_pool(workload, k) != pool_index || !is_poisson)
                continue;
            presence.arrivals_per_s += rate;
            presence.mean += rate * alone_cut_mean_s(&alone, patience);
        }
    }
    return presence;
}

/* What an autoscaler wants for that many requests. */
struct rule {
    double target;
    double buffer; /* while active */
    double least;
    double most;
    double hold_s; /* it is active for so long after an arrival; infinite: always */
};

static double wanted(const struct rule *rule, double requests, bool is_active)
{
    double want = ceil(requests / rule->target) + (is_active ? rule->buffer : 0);
    return fmin(rule->most, fmax(rule->least, want));
}

/* Mean number wanted. The sum begins and ends where nearly nothing is left; what is beyond its end counts with what is
 * wanted there, what is before its begin not at all.
 */
static double mean_wanted(const struct rule *rule, const struct presence *presence)
{
    double mean = fmin(presence->mean, PRESENT_MAX); /* fewer are a lower bound too */
    double far = 12 * sqrt(mean) + 12;
    double none = exp(-mean);
    double quiet = exp(-presence->arrivals_per_s * rule->hold_s);
    double active = fmax(0, none - quiet); /* nobody there, and somebody came not long ago */
    double sum = active * wanted(rule, 0, true) + (none - active) * wanted(rule, 0, rule->hold_s == INFINITY);
    unsigned last = (unsigned)ceil(mean + far);
    double rest = 1 - none;
    for (unsigned n = (unsigned)fmax(1, mean - far); n <= last; n++) {
        double share = gsl_ran_poisson_pdf(n, mean);
        sum += share * wanted(rule, n, true);
        rest -= share;
    }
    return sum + fmax(0, rest) * wanted(rule, last, true);
}

/* Whether containers neither fail, nor change their price, nor have settings that change. */
static bool is_steady(const struct pool_config *pool)
{
    return pool->schedule_count == 0 && pool->price_count == 0 && pool->served_count == 0 &&
           pool->controller.rule_count == 0 && pool->crash_rate_per_s <= 0 && pool->interruption_rate_per_s <= 0 &&
           !pool->single_use && pool->admission_limit == 0 &&
           !(is_given(&pool->allocation_s) && sim_distribution_highest(&pool->allocation_s) > 0);
}

static bool bills_starting(const struct pool_config *pool)
{
    bool bills = pool->bill_starting;
    for (size_t i = 0; i < pool->profile.startup_count; i++)
        bills = bills && pool->profile.startup[i].billed;
    return bills;
}

/* The share of the time for which a wanted container is there at least: one whose start is given up is missed until the
 * next tick.
 */
static double presence_of_starts(const struct pool_config *pool)
{
    sim_time_ns limit_ns = pool->startup_timeout_ns ? pool->startup_timeout_ns : pool->timeout_ns;
    double longest_s =
        is_given(&pool->profile.snapshot_create_s) ? sim_distribution_highest(&pool->profile.snapshot_create_s) : 0;
    for (size_t i = 0; i < pool->profile.startup_count; i++)
        longest_s += sim_distribution_highest(&pool->profile.startup[i].time_s);
    if (limit_ns == SIM_TIME_NEVER || longest_s < sim_time_to_s(limit_ns))
        return 1;
    return fmax(0, 1 - sim_time_to_s(pool->tick_ns) / sim_time_to_s(limit_ns));
}

static double quota_of(const struct world_config *config, const struct pool_config *pool)
{
    double least = INFINITY;
    for (size_t i = 0; i < config->quota_count; i++)
        if (config->quotas[i].gpus > 0 && pool->gpu_count > 0)
            least = fmin(least, floor((double)config->quotas[i].gpus / (double)pool->gpu_count));
    return config->pool_count > 1 && isfinite(least) ? 0 : least; /* others may have them all */
}

/* Containers of a pool, averaged over the window. */
static double containers_of(const struct world_config *config, size_t pool_index)
{
    const struct pool_config *pool = &config->pools[pool_index];
    const struct autoscaler_policy *policy = autoscaler_of(pool);
    const struct pool_settings settings = schedule_settings_at(config, pool, 0);
    bool is_modal = policy == &autoscaler_modal_function;
    double quota = quota_of(config, pool);
    if (!is_steady(pool) || (policy == &autoscaler_fixed && pool->start_state != START_WARM))
        return 0;
    if (policy == &autoscaler_fixed)
        return fmin((double)settings.min_containers, quota);
    if (!(is_modal || policy == &autoscaler_target) || !bills_starting(pool))
        return 0;
    double most = settings.max_containers > 0 ? (double)settings.max_containers : INFINITY;
    struct rule rule = {.target = (double)settings.target_inputs,
                        .buffer = (double)settings.buffer_containers,
                        .least = fmin((double)settings.min_containers, quota),
                        .most = fmin(most, quota),
                        .hold_s = INFINITY};
    if (is_modal)
        rule.hold_s = sim_time_to_s(pool->active_hold_ns ? pool->active_hold_ns : settings.scaledown_window_ns);
    if (pool->start_limit > 0 || pool->pending_weight < 1) /* less than the rule wants */
        return rule.least;
    if (config->warm_up_ns < pool->tick_ns) /* the first look comes later */
        return rule.least;
    sim_time_ns past_ns = config->warm_up_ns > pool->tick_ns ? config->warm_up_ns - pool->tick_ns : 0;
    rule.hold_s = rule.hold_s == INFINITY ? INFINITY : fmin(rule.hold_s, sim_time_to_s(past_ns));
    struct presence presence = presence_in(config, pool_index, past_ns);
    return mean_wanted(&rule, &presence) * presence_of_starts(pool);
}

static double cost_usd_per_h(const struct world_config *config)
{
    double sum = 0;
    if (config->warm_up_ns < 0) /* it has still to be found: nobody knows what is counted */
        return 0;
    for (size_t i = 0; i < config->pool_count; i++)
        sum += containers_of(config, i) * (double)pricing_container_rate(&config->pools[i]) / 1e12;
    return sum * (1 - BILLS_ROUNDED);
}

double bound_lowest(const struct world_config *config, const struct metric *metric)
{
    if (strcmp(metric->name, "cost_usd_per_month") == 0)
        return cost_usd_per_h(config) * sim_time_to_s(config->month_ns) / 3600;
    if (strcmp(metric->name, "cost_usd") == 0)
        return cost_usd_per_h(config) * sim_time_to_s(config->duration_ns - config->warm_up_ns) / 3600;
    if (!has_mix(config))
        return 0;
    if (strcmp(metric->name, "latency_mean_s") == 0)
        return over_classes(config, mean_of, 0);
    if (metric->kind == METRIC_PERCENTILE && metric->duration == DURATION_LATENCY)
        return latency_quantile_s(config, metric->share) * (1 - BUCKETS_ROUNDED);
    return 0;
}

/* ---- Capacity ---- */

/* Work per second at most with up to `most` running. Along a straight line k / time is monotone, so the best lies at a
 * point of the curve, or at the end.
 */
static double work_per_s(const struct profile_config *profile, double most)
{
    const struct curve_point *curve = profile->curve;
    size_t last = profile->curve_count;
    double best = 0;
    if (last == 0) {
        double base = profile->base_s;
        double more = profile->per_running_s;
        return fmax(most / (base + more * most), 1 / (base + more));
    }
    for (size_t i = 0; i < last; i++)
        best = fmax(best, (double)curve[i].running / curve[i].time_s);
    double beyond = most - (double)curve[last - 1].running;
    if (last > 1 && beyond > 0) {
        double slope = (curve[last - 1].time_s - curve[last - 2].time_s) /
                       (double)(curve[last - 1].running - curve[last - 2].running);
        double time_s = curve[last - 1].time_s + slope * beyond;
        best = time_s > 0 ? fmax(best, most / time_s) : INFINITY;
    }
    return last == 1 ? fmax(best, most / curve[0].time_s) : best;
}

/* Means over the requests of a pool: work, and time alone. */
static double mean_over_pool(const struct world_config *config, size_t pool_index,
                             double (*each)(const struct pool_config *pool, const struct class_config *class))
{
    double weight = 0;
    double sum = 0;
    for (size_t i = 0; i < config->workload_count; i++) {
        const struct workload_config *workload = &config->workloads[i];
        for (size_t k = 0; k < workload->class_count; k++) {
            double rate = workload->arrivals.rate_per_s * workload->classes[k].share;
            if (workload_config_class_pool(workload, k) != pool_index)
                continue;
            weight += rate;
            sum += rate * each(&config->pools[pool_index], &workload->classes[k]);
        }
    }
    return weight > 0 ? sum / weight : 0;
}

static double work_of(const struct pool_config *pool, const struct class_config *class)
{
    if (pool->profile.tokens_per_work > 0)
        return fmax(0, sim_distribution_mean(&class->output_tokens) - 1) / pool->profile.tokens_per_work;
    return is_given(&class->work) ? sim_distribution_mean(&class->work) : 1;
}

static double time_of(const struct pool_config *pool, const struct class_config *class)
{
    struct alone alone = inside(pool, class);
    return alone_mean_s(&alone);
}

static bool is_constant(const struct world_config *config, size_t pool)
{
    for (size_t i = 0; i < config->workload_count; i++)
        for (size_t k = 0; k < config->workloads[i].class_count; k++) {
            const struct workload_config *workload = &config->workloads[i];
            if (workload_config_uses_pool(workload, k, pool) &&
                (rate_is_shaped(&workload->arrivals) || !has_constant_shares(workload)))
                return false;
        }
    return true;
}

/* What the load can be served with at most; infinite where that is not known for certain. */
static double served_rps(const struct world_config *config, size_t pool_index)
{
    const struct pool_config *pool = &config->pools[pool_index];
    int64_t containers = load_containers(config, pool_index, 0);
    bool is_plain = pool->served_count == 0 && pool->schedule_count == 0 && config->quota_count <= 1;
    if (!is_plain || containers == LOAD_UNLIMITED)
        return INFINITY;
    double each = (double)pool->max_inputs / mean_over_pool(config, pool_index, time_of);
    double most = (double)pool->max_inputs;
    if (pool->profile.slots > 0)
        most = fmin(most, (double)pool->profile.slots);
    if (pool->profile.stage == STAGE_PROCESSOR_SHARING)
        each = fmin(each, work_per_s(&pool->profile, most) / mean_over_pool(config, pool_index, work_of));
    return each * (double)containers;
}

struct bound_capacity bound_capacity(const struct world_config *config)
{
    struct bound_capacity worst = {.served_rps = INFINITY};
    for (size_t i = 0; i < config->pool_count; i++) {
        double offered = load_offered(config, i);
        double served = served_rps(config, i);
        bool is_worse = offered / served > worst.offered_rps / worst.served_rps;
        if (offered > 0 && is_constant(config, i) && is_worse)
            worst = (struct bound_capacity){
                .is_exceeded = offered > served, .pool = i, .offered_rps = offered, .served_rps = served};
    }
    return worst;
}
