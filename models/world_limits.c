/* world_limits.c - which limits of the slo rows a single request can keep or miss. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/world_internal.h"
#include "sim/memory.h"

static bool has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Whether a row's scope covers the class of that workload. Where its requests may be in either of two pools, no row
 * about a pool does: which of them count there is not known here.
 */
static bool covers(const char *scope, const struct workload_config *workload, const struct class_config *class)
{
    if (strcmp(scope, "all") == 0)
        return true;
    if (has_prefix(scope, "workload/"))
        return strcmp(scope + 9, workload->name) == 0;
    if (has_prefix(scope, "class/"))
        return strcmp(scope + 6, class->name) == 0;
    return has_prefix(scope, "pool/") && !workload_config_migrates(workload) &&
           strcmp(scope + 5, class->pool && class->pool[0] ? class->pool : workload->pool) == 0;
}

static void lower(struct class_limits *limits, sim_time_ns *limit_ns, double at_most_s)
{
    limits->is_limited = true;
    sim_time_ns given_ns = sim_time_from_s(at_most_s);
    *limit_ns = given_ns < *limit_ns ? given_ns : *limit_ns;
}

/* A limit on a percentile or a mean of a duration is, for a single request, a limit on that duration. */
static void apply(struct class_limits *limits, const struct slo_config *slo)
{
    if (isnan(slo->at_most))
        return;
    if (has_prefix(slo->metric, "latency_"))
        lower(limits, &limits->latency_ns, slo->at_most);
    else if (has_prefix(slo->metric, "wait_"))
        lower(limits, &limits->wait_ns, slo->at_most);
    else if (has_prefix(slo->metric, "ttft_"))
        lower(limits, &limits->ttft_ns, slo->at_most);
    else if (has_prefix(slo->metric, "tpot_"))
        lower(limits, &limits->tpot_ns, slo->at_most);
}

struct class_limits *world_limits(const struct world_config *config)
{
    struct class_limits *limits = sim_allocate(result_class_count(config), sizeof *limits);
    for (size_t i = 0; i < config->workload_count; i++) {
        const struct workload_config *workload = &config->workloads[i];
        for (size_t k = 0; k < workload->class_count; k++) {
            struct class_limits *mine = &limits[result_class_index(config, i, k)];
            *mine = (struct class_limits){SIM_TIME_NEVER, SIM_TIME_NEVER, SIM_TIME_NEVER, SIM_TIME_NEVER, false};
            for (size_t s = 0; s < config->slo_count; s++)
                if (covers(config->slos[s].scope, workload, &workload->classes[k]))
                    apply(mine, &config->slos[s]);
        }
    }
    return limits;
}
