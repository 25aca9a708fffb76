/* monitor.c - reading measures. */
#include "models/monitor.h"

#include <math.h>

struct monitor monitor_of(const struct condition_config *condition, uint32_t pool, sim_time_ns period_ns)
{
    enum gauge measure = (enum gauge)condition->measure;
    double limit = gauge_limit(condition);
    bool is_time = gauge_kinds[measure].unit[0] == 's' && !isnan(limit);
    return (struct monitor){
        .pool = pool,
        .measure = measure,
        .side = gauge_side(condition),
        .limit = limit,
        .limit_ns = is_time ? sim_time_from_s(limit) : 0,
        .for_ns = condition->for_ns,
        .periods = gauge_periods(condition, period_ns),
    };
}

/* ---- requests ---- */

/* Of 1,000 values as many may be beyond a percentile; 0: the measure is none. */
static int64_t beyond_per_1000(enum gauge measure)
{
    switch (measure) {
    case GAUGE_LATENCY_P50:
    case GAUGE_TTFT_P50:
        return 500;
    case GAUGE_LATENCY_P95:
    case GAUGE_TTFT_P95:
    case GAUGE_WAIT_P95:
        return 50;
    case GAUGE_LATENCY_P99:
    case GAUGE_TTFT_P99:
        return 10;
    default:
        return 0;
    }
}

bool monitor_counts_requests(const struct monitor *monitor)
{
    return monitor->measure >= GAUGE_FAILED_SHARE;
}

static sim_time_ns duration_of(enum gauge measure, const struct monitor_request *request)
{
    if (measure >= GAUGE_WAIT_MEAN)
        return request->wait_ns;
    return measure >= GAUGE_TTFT_MEAN ? request->ttft_ns : request->latency_ns;
}

/* Not at the limit, or beyond it: the measure is at least the limit where enough values are not below it. */
static bool is_beyond(const struct monitor *monitor, sim_time_ns duration_ns)
{
    bool counts_equal = monitor->side == GAUGE_AT_LEAST || monitor->side == GAUGE_BELOW;
    return counts_equal ? duration_ns >= monitor->limit_ns : duration_ns > monitor->limit_ns;
}

void monitor_count(const struct monitor *monitor, struct monitor_state *state, const struct monitor_request *request)
{
    bool is_completed = request->outcome == OUTCOME_COMPLETED;
    struct monitor_sums *counted = &state->counted;
    if (monitor->measure == GAUGE_FAILED_SHARE) {
        counted->whole++;
        counted->part += !is_completed;
    } else if (is_completed) {
        sim_time_ns duration_ns = duration_of(monitor->measure, request);
        counted->whole++;
        counted->part += beyond_per_1000(monitor->measure) ? is_beyond(monitor, duration_ns) : duration_ns;
    }
}

/* ---- the value ---- */

static struct monitor_sums at_instant(enum gauge measure, const struct monitor_view *view)
{
    switch (measure) {
    case GAUGE_PRESENT:
        return (struct monitor_sums){view->queue + view->inputs, 1};
    case GAUGE_CONTAINERS:
        return (struct monitor_sums){view->containers, 1};
    case GAUGE_IDLE_TIME:
        return (struct monitor_sums){view->idle_ns, 1};
    case GAUGE_SLOT_UTILISATION:
        return (struct monitor_sums){view->inputs, (sim_int128)view->ready * view->max_inputs};
    case GAUGE_SLOT_UTILISATION_LEAST:
        return (struct monitor_sums){view->least_inputs, view->ready > 0 ? view->max_inputs : 0};
    case GAUGE_SLOT_UTILISATION_OTHERS:
        return (struct monitor_sums){view->inputs,
                                     view->ready > 1 ? (sim_int128)(view->ready - 1) * view->max_inputs : 0};
    case GAUGE_ALLOWED_UTILISATION:
        return (struct monitor_sums){view->inputs, view->allowed};
    case GAUGE_ALLOWED_UTILISATION_LEAST:
        return view->least_shared;
    case GAUGE_GPU_MEMORY:
        return view->memory;
    default:
        return (struct monitor_sums){view->queue, 1};
    }
}

/* Sums so far, of which a window is the difference between two looks. */
static struct monitor_sums summed(const struct monitor *monitor, const struct monitor_state *state,
                                  const struct monitor_view *view)
{
    const struct monitor_pool_sums *sums = &view->sums;
    switch (monitor->measure) {
    case GAUGE_SLOT_UTILISATION:
        return (struct monitor_sums){sums->inputs, sums->slots};
    case GAUGE_CONTAINER_UTILISATION:
        return (struct monitor_sums){sums->busy_ns, sums->busy_ns + sums->idle_ns};
    case GAUGE_REQUEST_RATE:
        return (struct monitor_sums){sums->arrived * SIM_SECOND, view->now_ns};
    default:
        return state->counted;
    }
}

static struct monitor_sums difference(struct monitor_sums later, struct monitor_sums earlier)
{
    return (struct monitor_sums){later.part - earlier.part, later.whole - earlier.whole};
}

/* Puts the period that ends in place of the oldest one, and returns the sums over all. */
static struct monitor_sums over_window(const struct monitor *monitor, struct monitor_state *state,
                                       struct monitor_sums *periods, const struct monitor_view *view)
{
    struct monitor_sums now = summed(monitor, state, view);
    struct monitor_sums *own = periods + monitor->first;
    own[state->next] = difference(now, state->before);
    state->before = now;
    state->next = (state->next + 1) % monitor->periods;
    struct monitor_sums sums = {0, 0};
    for (size_t i = 0; i < monitor->periods; i++) {
        sums.part += own[i].part;
        sums.whole += own[i].whole;
    }
    return sums;
}

/* The percentile reaches beyond its limit when more than its share of the values lie there. */
static bool is_percentile_met(const struct monitor *monitor, struct monitor_sums sums)
{
    bool is_high = sums.part * 1000 > beyond_per_1000(monitor->measure) * sums.whole;
    bool wants_high = monitor->side == GAUGE_ABOVE || monitor->side == GAUGE_AT_LEAST;
    return is_high == wants_high;
}

static bool is_met(const struct monitor *monitor, struct monitor_sums sums)
{
    if (sums.whole <= 0 || isnan(monitor->limit))
        return false;
    if (beyond_per_1000(monitor->measure))
        return is_percentile_met(monitor, sums);
    bool is_time = gauge_kinds[monitor->measure].unit[0] == 's';
    double value = (double)sums.part / (double)sums.whole;
    double limit = is_time ? (double)monitor->limit_ns : monitor->limit;
    switch (monitor->side) {
    case GAUGE_ABOVE:
        return value > limit;
    case GAUGE_AT_LEAST:
        return value >= limit;
    case GAUGE_AT_MOST:
        return value <= limit;
    default:
        return value < limit;
    }
}

bool monitor_look(const struct monitor *monitor, struct monitor_state *state, struct monitor_sums *periods,
                  const struct monitor_view *view)
{
    struct monitor_sums sums =
        monitor->periods ? over_window(monitor, state, periods, view) : at_instant(monitor->measure, view);
    if (!is_met(monitor, sums)) {
        state->since_ns = -1;
        return false;
    }
    if (state->since_ns < 0)
        state->since_ns = view->now_ns;
    return view->now_ns - state->since_ns >= monitor->for_ns;
}

/* ---- the digest ---- */

static void add_wide(struct sim_digest *digest, sim_int128 value)
{
    sim_digest_add(digest, (uint64_t)(value >> 64));
    sim_digest_add(digest, (uint64_t)value);
}

static void add_sums(struct sim_digest *digest, struct monitor_sums sums)
{
    add_wide(digest, sums.part);
    add_wide(digest, sums.whole);
}

/* Of the sums only what has been added since the last look matters, of a condition that has lasted for long enough
 * nothing more; the oldest period will be overwritten before it is read.
 */
void monitor_digest(const struct monitor *monitor, const struct monitor_state *state,
                    const struct monitor_sums *periods, const struct monitor_view *view, struct sim_digest *digest)
{
    sim_time_ns met_ns = view->now_ns - state->since_ns;
    bool is_lasting = state->since_ns >= 0 && met_ns >= monitor->for_ns;
    sim_digest_add(digest, is_lasting ? 1 : state->since_ns < 0 ? 0 : (uint64_t)state->since_ns + 2);
    if (monitor->periods == 0)
        return;
    add_sums(digest, difference(summed(monitor, state, view), state->before));
    for (size_t i = 1; i < monitor->periods; i++)
        add_sums(digest, periods[monitor->first + (state->next + i) % monitor->periods]);
}
