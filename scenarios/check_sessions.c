/* check_sessions.c - users who stay: tiers, and moving from one pool to another. */
#include "scenarios/check.h"

static void check_class_pools(const struct world_config *config, const struct workload_config *workload,
                              const struct node *node, struct diagnostic_list *problems)
{
    const struct node *classes = node_member(node, "classes");
    const struct node *item = classes && !classes->is_wrong ? classes->first : NULL;
    for (size_t i = 0; item && i < workload->class_count; i++, item = item->next)
        if (!item->is_wrong && check_given(item, "pool"))
            workload->classes[i].pool_index =
                check_find_pool(config, workload->classes[i].pool, "pool", item, problems);
}

/* A threshold to go and a lower one to come back. */
static void check_thresholds(const struct migration_config *migration, const struct node *node,
                             struct diagnostic_list *problems)
{
    if (!check_given(node, "above") && check_is_sound(node, "above"))
        diagnostic_add(problems, node->place, "a migration needs 'above': how many users begin it");
    if (!migration->back && check_given(node, "below"))
        diagnostic_add(problems, check_place(node, "below"), "'below' means nothing with 'back: false'");
    if (!migration->back || !check_is_sound(node, "above") || !check_is_sound(node, "below"))
        return;
    if (!check_given(node, "below"))
        diagnostic_add(
            problems, node->place,
            "a migration needs 'below', less than 'above', or it would go to and fro at one number of users; or "
            "'back: false'");
    else if (check_given(node, "above") && migration->below >= migration->above)
        diagnostic_add(problems, check_place(node, "below"),
                       "'below' (%.10g) must be less than 'above' (%.10g), or the migration goes to and fro",
                       migration->below, migration->above);
}

static void expect_end(const struct node *node, const char *key, sim_time_ns value, struct diagnostic_list *problems)
{
    if (check_is_sound(node, key) && value == SIM_TIME_NEVER)
        diagnostic_add(problems, check_place(node, key), "'%s' cannot be 'never'", key);
}

static void check_migration(const struct world_config *config, struct workload_config *workload,
                            const struct node *node, struct diagnostic_list *problems)
{
    struct migration_config *migration = &workload->migration;
    const struct node *given = check_given(node, "migration");
    if (!given || given->is_wrong)
        return;
    if (!check_given(given, "window"))
        migration->window_ns = SIM_HOUR;
    if (!check_given(given, "back"))
        migration->back = true;
    if (!check_given(given, "to"))
        diagnostic_add(problems, given->place, "a migration needs 'to': a pool");
    migration->to_index = check_find_pool(config, migration->to, "to", given, problems);
    if (migration->to_index >= 0 && migration->to_index == workload->pool_index)
        diagnostic_add(problems, check_place(given, "to"), "the migration leads from pool '%s' to itself",
                       workload->pool);
    if (workload->arrivals.process != ARRIVAL_SESSIONS)
        diagnostic_add(problems, given->key_place, "'migration' means something for the process 'sessions' only");
    expect_end(given, "window", migration->window_ns, problems);
    expect_end(given, "over", migration->over_ns, problems);
    check_thresholds(migration, given, problems);
}

void check_sessions(const struct world_config *config, struct workload_config *workload, const struct node *node,
                    struct diagnostic_list *problems)
{
    check_class_pools(config, workload, node, problems);
    check_migration(config, workload, node, problems);
}
