/* check_warm_up.c - whether a run settles at all, so that its warm-up can be found. */
#include "scenarios/check.h"

static void refuse(const struct node *node, const char *key, const char *what, struct diagnostic_list *problems)
{
    diagnostic_add(problems, check_place(node, key),
                   "'warm_up: auto' needs a load and settings that stay as they are, and %s; give 'warm_up' a time",
                   what);
}

static void check_arrivals(const struct arrival_config *arrivals, const struct node *node,
                           struct diagnostic_list *problems)
{
    if (check_given(node, "shape"))
        refuse(node, "shape", "a shape changes the rate", problems);
    if (arrivals->process == ARRIVAL_TRACE)
        refuse(node, "process", "the rate of a trace changes", problems);
    if (arrivals->process == ARRIVAL_BURST)
        refuse(node, "process", "a burst is over soon", problems);
}

void check_warm_up(const struct world_config *config, const struct node *root, struct diagnostic_list *problems)
{
    if (config->warm_up_ns != WORLD_WARM_UP_AUTO)
        return;
    const struct node *workloads = check_given(root, "workloads");
    const struct node *item = workloads ? workloads->first : NULL;
    for (size_t i = 0; item && i < config->workload_count; i++, item = item->next) {
        const struct node *arrivals = item->is_wrong ? NULL : check_given(item, "arrivals");
        if (arrivals && !arrivals->is_wrong)
            check_arrivals(&config->workloads[i].arrivals, arrivals, problems);
    }
    const struct node *pools = check_given(root, "pools");
    item = pools ? pools->first : NULL;
    for (size_t i = 0; item && i < config->pool_count; i++, item = item->next)
        if (!item->is_wrong && config->pools[i].schedule_count > 0)
            refuse(item, "schedule", "a schedule changes them", problems);
    if (config->quota_count > 1)
        refuse(root, "quotas", "a quota changes with time", problems);
}
