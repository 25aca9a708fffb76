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

static bool is_active(const struct pool_config *pool, const struct pool_settings *settings,
                      const struct autoscaler_observation *observation)
{
    sim_time_ns hold_ns = pool->active_hold_ns ? pool->active_hold_ns : settings->scaledown_window_ns;
    if (observation->pending + observation->running > 0)
        return true;
    return observation->last_arrival_ns >= 0 && observation->now_ns - observation->last_arrival_ns <= hold_ns;
}

static struct autoscaler_decision want(const struct pool_config *pool, const struct pool_settings *settings,
                                       const struct autoscaler_observation *observation)
{
    int64_t target = settings->target_inputs;
    int64_t needed = (observation->pending + observation->running + target - 1) / target;
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

const struct autoscaler_policy autoscaler_modal_function = {
    .name = "modal-function",
    .version = 1,
    .summary = "containers for pending and running requests at target_inputs each, plus the buffer while active",
    .documented = "meaning of min/max/buffer_containers, scaledown_window, max_inputs, target_inputs (Modal guide); "
                  "polling of dynamic concurrency every 3 s (modal-client source)",
    .inferred = "tick, active_hold, over_factor, early_min, dispatch_order, bill_starting, worker_types; starting "
                "containers are never cancelled; the allowed concurrency at a poll",
    .has_ticks = true,
    .want = want,
    .may_retire = may_retire,
};
