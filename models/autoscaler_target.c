/* autoscaler_target.c - pods that are rented as they are needed, by whoever runs them.
 *
 * As many containers as the requests present need at target_inputs each, plus a buffer that is always kept. What is
 * empty for scaledown_window goes; what still serves somebody does not.
 */
#include "models/autoscaler.h"

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static struct autoscaler_decision want(const struct pool_config *pool, const struct pool_settings *settings,
                                       const struct autoscaler_observation *observation)
{
    (void)pool;
    int64_t target = settings->target_inputs;
    int64_t needed = (observation->pending + observation->running + target - 1) / target;
    int64_t most = settings->max_containers ? settings->max_containers : INT64_MAX;
    struct autoscaler_decision decision = {
        .wanted = needed + settings->buffer_containers, .most = most, .reason = SCALING_DEMAND};
    if (needed <= observation->starting + observation->ready)
        decision.reason = SCALING_BUFFER;
    if (decision.wanted < settings->min_containers) {
        decision.wanted = settings->min_containers;
        decision.reason = SCALING_MINIMUM;
    }
    decision.wanted = lesser(decision.wanted, lesser(most, observation->allowed));
    return decision;
}

static bool may_retire(const struct pool_config *pool, const struct pool_settings *settings, sim_time_ns idle_ns,
                       int64_t alive, int64_t wanted, enum scaling_reason *reason)
{
    (void)pool, (void)alive, (void)wanted;
    *reason = SCALING_IDLE;
    return idle_ns >= settings->scaledown_window_ns;
}

static const struct inferred_rule rules[] = {
    {.rule = "it looks every tick"},
    {.rule = NULL},
};

const struct autoscaler_policy autoscaler_target = {
    .name = "target",
    .version = 1,
    .summary = "containers for the requests present at target_inputs each, plus the buffer; idle ones go after the "
               "window",
    .documented = "by definition: a rule of whoever rents the pods, no platform's",
    .inferred = rules,
    .has_ticks = true,
    .want = want,
    .may_retire = may_retire,
};
