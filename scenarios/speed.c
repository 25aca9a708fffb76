/* speed.c - times of the main stage, divided by a speed. */
#include "scenarios/speed.h"

#include <string.h>

#include "scenarios/check.h"

static void divide(struct curve_point *points, size_t count, double factor)
{
    for (size_t i = 0; i < count; i++)
        points[i].time_s /= factor;
}

static void apply(struct profile_config *profile, double factor)
{
    profile->base_s /= factor;
    profile->per_running_s /= factor;
    profile->handover_s /= factor;
    profile->per_cached_token_s /= factor;
    profile->per_prefill_token_s /= factor;
    divide(profile->curve, profile->curve_count, factor);
    divide(profile->step_curve, profile->step_curve_count, factor);
}

static const struct speed_config *find_speed(const struct profile_config *profile, const char *gpu)
{
    for (size_t i = 0; i < profile->speed_count; i++)
        if (strcmp(profile->speeds[i].gpu, gpu) == 0)
            return &profile->speeds[i];
    return NULL;
}

void speed_apply(struct world_config *config, const struct node *root, struct diagnostic_list *problems)
{
    const struct node *pools = node_member(root, "pools");
    const struct node *node = pools ? pools->first : NULL;
    for (size_t i = 0; node && i < config->pool_count; i++, node = node->next) {
        struct pool_config *pool = &config->pools[i];
        struct profile_config *profile = &pool->profile;
        if (node->is_wrong || !profile->gpu || !profile->gpu[0] || !pool->gpu[0] ||
            strcmp(profile->gpu, pool->gpu) == 0)
            continue;
        const struct speed_config *speed = find_speed(profile, pool->gpu);
        if (speed)
            apply(profile, speed->factor);
        else
            diagnostic_add(problems, check_place(node, "gpu"),
                           "profile '%s' was measured on '%s' and its 'speeds' have none for '%s'", profile->name,
                           profile->gpu, pool->gpu);
    }
}
