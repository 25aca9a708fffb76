/* autoscaler_fixed.c - a number of containers that is kept for ever: rented pods, and textbook servers. */
#include "models/autoscaler.h"

static struct autoscaler_decision want(const struct pool_config *pool, const struct autoscaler_observation *observation)
{
    int64_t wanted = pool->min_containers;
    return (struct autoscaler_decision){wanted < observation->allowed ? wanted : observation->allowed, SCALING_MINIMUM};
}

static bool may_retire(const struct pool_config *pool, sim_time_ns idle_ns, int64_t alive, int64_t wanted,
                       enum scaling_reason *reason)
{
    (void)pool, (void)idle_ns, (void)alive, (void)wanted;
    *reason = SCALING_SURPLUS;
    return false;
}

const struct autoscaler_policy autoscaler_fixed = {
    .name = "fixed",
    .version = 1,
    .summary = "keeps min_containers, and replaces one that ends",
    .documented = "by definition",
    .inferred = "nothing",
    .has_ticks = false,
    .want = want,
    .may_retire = may_retire,
};
