/* check_hardware.c - containers that end early, and jobs that keep what they have done. */
#include "scenarios/check.h"

void check_hardware_pool(const struct pool_config *pool, const struct node *node, struct diagnostic_list *problems)
{
    if (pool->single_use && check_is_sound(node, "max_inputs") && pool->max_inputs != 1)
        diagnostic_add(problems, check_place(node, "single_use"),
                       "'single_use' containers take one request: 'max_inputs' is %lld", (long long)pool->max_inputs);
    if (check_given(node, "interruption_notice") && check_is_sound(node, "interruption_rate") &&
        pool->interruption_notice_ns > 0 && pool->interruption_rate_per_s == 0)
        diagnostic_add(problems, check_place(node, "interruption_notice"),
                       "'interruption_notice' means nothing without 'interruption_rate'");
}

static void check_checkpoint(const struct pool_config *pool, const struct class_config *class, const struct node *node,
                             struct diagnostic_list *problems)
{
    const struct node *checkpoint = check_given(node, "checkpoint");
    const struct node *write = check_given(node, "checkpoint_time");
    if (checkpoint && pool->profile.stage != STAGE_INDEPENDENT)
        diagnostic_add(problems, checkpoint->key_place,
                       "'checkpoint' is for jobs: the profile '%s' has another stage than 'independent'",
                       pool->profile.name);
    if (write && !checkpoint && class->checkpoint_write_ns > 0)
        diagnostic_add(problems, write->key_place, "'checkpoint_time' means nothing without 'checkpoint'");
}

void check_hardware_classes(const struct pool_config *pool, const struct workload_config *workload,
                            const struct node *node, struct diagnostic_list *problems)
{
    const struct node *classes = node_member(node, "classes");
    const struct node *item = classes && !classes->is_wrong ? classes->first : NULL;
    for (size_t i = 0; item && i < workload->class_count; i++, item = item->next)
        if (!item->is_wrong)
            check_checkpoint(pool, &workload->classes[i], item, problems);
}
