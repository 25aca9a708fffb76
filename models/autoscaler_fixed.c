/* autoscaler_fixed.c - a number of containers that is kept: rented pods, and textbook servers. A schedule may change
 * it; those beyond it drain.
 */
#include "models/autoscaler.h"

static struct autoscaler_decision want(const struct pool_config *pool, const struct pool_settings *settings,
                                       const struct autoscaler_observation *observation)
{
    (void)pool;
    int64_t number = settings->min_containers;
    return (struct autoscaler_decision){
        .wanted = number < observation->allowed ? number : observation->allowed,
        .most = number,
        .reason = SCALING_MINIMUM,
    };
}

static bool may_retire(const struct pool_config *pool, const struct pool_settings *settings, sim_time_ns idle_ns,
                       int64_t alive, int64_t wanted, enum scaling_reason *reason)
{
    (void)pool, (void)settings, (void)idle_ns, (void)alive, (void)wanted;
    *reason = SCALING_SURPLUS;
    return false;
}

static const struct inferred_rule rules[] = {
    {.rule = "when a schedule lowers the number, idle containers end at once, the longest idle first, then the newest "
             "busy ones drain"},
    {.rule = NULL},
};

const struct autoscaler_policy autoscaler_fixed = {
    .name = "fixed",
    .version = 1,
    .summary = "keeps min_containers, and replaces one that ends",
    .documented = "by definition",
    .inferred = rules,
    .has_ticks = false,
    .want = want,
    .may_retire = may_retire,
};
