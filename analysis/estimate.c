/* estimate.c - which figures may be shown, and how sure they are. */
#include "analysis/estimate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/interval.h"
#include "sim/quantile.h"

static void explain(struct estimate *estimate, const char *reason)
{
    (void)snprintf(estimate->reason, sizeof estimate->reason, "%s", reason);
}

/* Whether a percentile has to be withheld; says why. */
static bool is_withheld(const struct metric *metric, struct estimate *estimate, const struct estimate_basis *basis)
{
    if (metric->kind != METRIC_PERCENTILE)
        return false;
    if (basis->is_saturated) {
        estimate->is_unfinished = true;
        explain(estimate, "withheld: the pool is saturated");
        return true;
    }
    if (basis->in_flight_share > ESTIMATE_IN_FLIGHT_LIMIT && metric->share > 1 - basis->in_flight_share) {
        estimate->is_unfinished = true;
        (void)snprintf(estimate->reason, sizeof estimate->reason, "withheld: %.3g %% of requests still in flight",
                       100 * basis->in_flight_share);
        return true;
    }
    if (metric->share > 0.5 && sim_quantile_beyond(estimate->count, metric->share) < SIM_INTERVAL_TAIL_MINIMUM) {
        (void)snprintf(estimate->reason, sizeof estimate->reason, "withheld: fewer than %d samples beyond it",
                       SIM_INTERVAL_TAIL_MINIMUM);
        return true;
    }
    return false;
}

/* A reason why the value may be shown but has no interval; NULL if it may have one. */
static const char *no_interval(const struct metric *metric, const struct estimate_basis *basis)
{
    if (metric->kind == METRIC_MAXIMUM)
        return "a maximum has no interval";
    bool is_duration = metric->kind == METRIC_OF_LATENCY || metric->kind == METRIC_PERCENTILE;
    if (is_duration && basis->is_saturated)
        return "no interval: the pool is saturated";
    if (metric->kind == METRIC_OF_LATENCY && basis->in_flight_share > ESTIMATE_IN_FLIGHT_LIMIT)
        return "no interval: lacks the requests still in flight";
    if (metric->kind == METRIC_WHOLE_RUN && basis->is_batched)
        return sim_interval_reason_text(SIM_INTERVAL_ONE_SECTION);
    return NULL;
}

/* NaN, and the reason, where there is none. */
static double half_width_of(struct estimate *estimate, const double *values, size_t count,
                            const struct estimate_spread *spread)
{
    if (spread) {
        if (!isfinite(spread->half_width))
            explain(estimate, "no interval: too few days with a value");
        return spread->half_width;
    }
    struct sim_interval interval = sim_interval_of_sections(estimate->value, values, count);
    if (interval.reason != SIM_INTERVAL_GIVEN)
        explain(estimate, sim_interval_reason_text(interval.reason));
    return interval.half_width;
}

/* Of a percentile whose sections are not days. */
static void set_ends(struct estimate *estimate, size_t section_count, const struct estimate_ends *ends)
{
    estimate->low = ends->low;
    estimate->high = ends->high;
    if (!isfinite(ends->low))
        explain(estimate,
                sim_interval_reason_text(section_count == 1 ? SIM_INTERVAL_ONE_SECTION : SIM_INTERVAL_SHORT_TAIL));
}

static void set_interval(const struct metric *metric, struct estimate *estimate, const double *values, size_t count,
                         const struct estimate_spread *spread)
{
    double half_width = half_width_of(estimate, values, count, spread);
    if (!isfinite(half_width))
        return;
    estimate->low = fmax(estimate->value - half_width, 0);
    estimate->high = estimate->value + half_width;
    bool is_share = strcmp(metric->unit, "ratio") == 0 && metric->duration != DURATION_RTF;
    if (is_share)
        estimate->high = fmin(estimate->high, 1);
}

struct estimate estimate_make(const struct metric *metric, double value, uint64_t count, const double *values,
                              size_t section_count, const struct estimate_basis *basis)
{
    struct estimate estimate = {.value = value, .low = NAN, .high = NAN, .lag_1 = NAN, .count = count};
    if (!metric->count)
        estimate.count = section_count;
    if (basis->is_shared && metric->count) {
        estimate.value = NAN;
        explain(&estimate, "withheld: a migration shares these requests with another pool");
        return estimate;
    }
    if (!isfinite(value)) {
        bool is_duration = metric->kind == METRIC_OF_LATENCY || metric->kind == METRIC_PERCENTILE;
        estimate.value = NAN;
        estimate.is_unfinished = is_duration && metric->duration == DURATION_LATENCY && basis->has_arrivals;
        explain(&estimate,
                estimate.is_unfinished ? "no request completed" : sim_interval_reason_text(SIM_INTERVAL_NO_SAMPLES));
        return estimate;
    }
    if (is_withheld(metric, &estimate, basis)) {
        estimate.value = NAN;
        return estimate;
    }
    const char *reason = no_interval(metric, basis);
    if (reason) {
        explain(&estimate, reason);
        return estimate;
    }
    if (basis->ends && !basis->spread)
        set_ends(&estimate, section_count, basis->ends);
    else
        set_interval(metric, &estimate, values, section_count, basis->spread);
    if (basis->spread && isfinite(estimate.low))
        estimate.lag_1 = basis->spread->lag_1;
    else if (basis->is_batched && section_count > 2 && isfinite(estimate.low))
        estimate.lag_1 = sim_interval_lag_1(values, section_count);
    return estimate;
}
