/* autoscaler_modal_function.c - Modal Functions: containers for the requests in the system, and a buffer.
 *
 * Modal publishes what the settings mean and that decisions are "made quickly and frequently" (guide, "Scaling out"),
 * not the formula or the period. Ours is the simplest that fits every published statement: as many containers as the
 * pending and running requests need at target_inputs each, plus the buffer while the pool is active. That the
 * scale-down looks at the pool and not at a container, and may act before the window is over, is a maintainer's word.
 * That settings can change at run time (update_autoscaler), and that min_containers by the clock is a use of it, is
 * published; what becomes of containers above a lowered maximum is not.
 */
#include "models/autoscaler.h"

#include <math.h>

#include "models/schedule.h"

static bool is_active(const struct pool_config *pool, const struct pool_settings *settings,
                      const struct autoscaler_observation *observation)
{
    sim_time_ns hold_ns = pool->active_hold_ns ? pool->active_hold_ns : settings->scaledown_window_ns;
    if (observation->pending + observation->running > 0)
        return true;
    return observation->last_arrival_ns >= 0 && observation->now_ns - observation->last_arrival_ns <= hold_ns;
}

/* Waiting requests drain while containers start, so a platform may provide for some of them only. In a public log
 * (PolicyEngine, household-api, issue 1533) 100 requests at once of 3 s each, one in a container, five of them warm,
 * made Modal begin 31 containers, which take 26 s to start.
 */
static int64_t counted(const struct pool_config *pool, int64_t pending)
{
    return pool->pending_weight > 0 && pool->pending_weight < 1 ? (int64_t)ceil(pool->pending_weight * (double)pending)
                                                                : pending;
}

static struct autoscaler_decision want(const struct pool_config *pool, const struct pool_settings *settings,
                                       const struct autoscaler_observation *observation)
{
    int64_t target = settings->target_inputs;
    int64_t needed = (counted(pool, observation->pending) + observation->running + target - 1) / target;
    int64_t most = settings->max_containers ? settings->max_containers : INT64_MAX;
    struct autoscaler_decision decision = {.wanted = needed, .most = most, .reason = SCALING_DEMAND};
    if (settings->buffer_containers && is_active(pool, settings, observation)) {
        decision.wanted += settings->buffer_containers;
        if (needed <= observation->starting + observation->ready)
            decision.reason = SCALING_BUFFER;
    }
    if (decision.wanted < settings->min_containers) {
        decision.wanted = settings->min_containers;
        decision.reason = SCALING_MINIMUM;
    }
    if (decision.wanted > most)
        decision.wanted = most;
    if (decision.wanted > observation->allowed)
        decision.wanted = observation->allowed;
    return decision;
}

static bool may_retire(const struct pool_config *pool, const struct pool_settings *settings, sim_time_ns idle_ns,
                       int64_t alive, int64_t wanted, enum scaling_reason *reason)
{
    *reason = SCALING_IDLE;
    if (idle_ns >= settings->scaledown_window_ns)
        return true;
    *reason = SCALING_SURPLUS;
    double surplus_allowed = pool->over_factor * (double)(wanted > 1 ? wanted : 1);
    return pool->over_factor > 0 && (double)(alive - wanted) > surplus_allowed && idle_ns >= pool->early_min_ns;
}

/* ---- what is inferred ---- */

static bool has_buffer(const struct pool_config *pool)
{
    bool has_one = pool->buffer_containers > 0;
    for (size_t i = 0; i < pool->schedule_count; i++)
        has_one |= pool->schedule[i].set.buffer_containers > 0;
    return has_one;
}

static bool goes_early(const struct pool_config *pool)
{
    return pool->over_factor > 0;
}

static bool has_polls(const struct pool_config *pool)
{
    return pool->poll_ns > 0 && schedule_lowest_target(pool) < pool->max_inputs;
}

static bool has_snapshots(const struct pool_config *pool)
{
    return pool->snapshots;
}

static const struct inferred_rule rules[] = {
    {.key = "dispatch_order",
     .rule = "which container with room gets the next request",
     .values = {"longest-waiting", "least-loaded", "random"},
     .measure = "log which container serves each request for an hour at a steady load: fullest leaves some with next "
                "to none, least-loaded and longest-waiting give all of them the same, random nearly so"},
    {.key = "over_factor",
     .rule = "from which surplus on containers go before their window ends",
     .values = {"1", "0.5"},
     .measure =
         "end a peak at once and note when each container stops: none before the window, or some within seconds"},
    {.key = "early_min",
     .rule = "how long these have to be idle",
     .values = {"0 s", "10 s"},
     .measure = "from the same record: the shortest idleness of a container that stops before its window",
     .matters = goes_early},
    {.key = "tick",
     .rule = "how often the autoscaler looks",
     .values = {"0.5 s", "5 s"},
     .measure = "keep every slot busy, send one request more and note how long the next container takes to be created; "
                "over fifty tries the spread is the period"},
    {.key = "start_limit",
     .rule = "how many containers it begins at a time",
     .values = {"1"},
     .measure =
         "send a hundred requests at once and log when each container is created: all together, or some a second"},
    {.key = "pending_weight",
     .rule = "for which share of the waiting requests it provides",
     .values = {"32%"},
     .measure = "in the same log: how many containers there are in the end, for requests that take less time than a "
                "start, and for some that take much more"},
    {.key = "cancel_starting",
     .rule = "whether containers are ended while they start",
     .values = {"true"},
     .measure = "send many requests at once that are served before the next container is ready: does it get ready, or "
                "does its log break off"},
    {.key = "active_hold",
     .rule = "how long the pool counts as active after an arrival",
     .values = {"1 s", "20 min"},
     .measure = "send one request and no more: note how long the buffer's containers stay beyond their window",
     .matters = has_buffer},
    {.key = "bill_starting",
     .rule = "whether the start of a container is billed",
     .values = {"false"},
     .measure = "start a container that takes minutes to start and serves nobody, and look for it in the bill"},
    {.key = "worker_types",
     .rule = "how many kinds of worker machines need a snapshot of their own",
     .values = {"1", "10"},
     .measure = "after a deployment start containers one after another, and count those that start in full before all "
                "of them restore",
     .matters = has_snapshots},
    {.key = "poll_share",
     .rule = "among whom a poll divides the requests present",
     .values = {"alive"},
     .measure =
         "send a burst to one container while others start, and count how many requests it has inside at a time: "
         "max_inputs, or as many as target_inputs until the others are ready",
     .matters = has_polls},
    {.key = "fetch_latency",
     .rule = "how long it takes to fetch a request",
     .values = {"20 ms"},
     .measure =
         "keep a queue in front of a container with max_inputs 1 and log when it ends one request and begins the "
         "next"},
    {.rule = "the longest idle goes first"},
    {.rule = "polls at random phases", .matters = has_polls},
    {.rule = NULL},
};

const struct autoscaler_policy autoscaler_modal_function = {
    .name = "modal-function",
    .version = 1,
    .summary = "containers for pending and running requests at target_inputs each, plus the buffer while active",
    .documented = "meaning of min/max/buffer_containers, scaledown_window, max_inputs, target_inputs (Modal guide); "
                  "polling of dynamic concurrency every 3 s (modal-client source)",
    .inferred = rules,
    .has_ticks = true,
    .want = want,
    .may_retire = may_retire,
};
