/* check_hardware.c - containers that end early, jobs that keep what they have done, and GPU memory. */
#include "scenarios/check.h"

static double container_memory_gb(const struct pool_config *pool)
{
    return pool->gpu_memory_gb * (double)pool->gpu_count;
}

static void check_reserved(const struct pool_config *pool, const struct node *node, struct diagnostic_list *problems)
{
    const struct node *reserved = check_given(node, "reserved_memory");
    if (!reserved || reserved->is_wrong || pool->reserved_memory_gb == 0 || !check_is_sound(node, "gpu"))
        return;
    if (pool->gpu[0] == '\0')
        diagnostic_add(problems, reserved->key_place, "'reserved_memory' needs a 'gpu', whose memory it is");
    else if (pool->gpu_memory_gb > 0 && pool->reserved_memory_gb > container_memory_gb(pool))
        diagnostic_add(problems, reserved->place, "'reserved_memory' is %.10g GB, and '%s' has %.10g GB",
                       pool->reserved_memory_gb, pool->gpu, container_memory_gb(pool));
}

void check_hardware_pool(const struct pool_config *pool, const struct node *node, struct diagnostic_list *problems)
{
    if (pool->single_use && check_is_sound(node, "max_inputs") && pool->max_inputs != 1)
        diagnostic_add(problems, check_place(node, "single_use"),
                       "'single_use' containers take one request: 'max_inputs' is %lld", (long long)pool->max_inputs);
    if (check_given(node, "interruption_notice") && check_is_sound(node, "interruption_rate") &&
        pool->interruption_notice_ns > 0 && pool->interruption_rate_per_s == 0)
        diagnostic_add(problems, check_place(node, "interruption_notice"),
                       "'interruption_notice' means nothing without 'interruption_rate'");
    check_reserved(pool, node, problems);
}

static void check_memory(const struct pool_config *pool, const struct class_config *class, const struct node *node,
                         struct diagnostic_list *problems)
{
    const struct node *memory = check_given(node, "memory");
    if (!memory || memory->is_wrong || class->memory_gb == 0)
        return;
    if (pool->gpu[0] == '\0')
        diagnostic_add(problems, memory->key_place,
                       "class '%s' takes 'memory' of a GPU, and the pool '%s' has no 'gpu': how much there is is not "
                       "known",
                       class->name, pool->name);
    else if (pool->gpu_memory_gb > 0 && pool->reserved_memory_gb + class->memory_gb > container_memory_gb(pool))
        diagnostic_add(problems, memory->place,
                       "a request of class '%s' never fits: %.10g GB beside %.10g GB, and '%s' has %.10g GB",
                       class->name, class->memory_gb, pool->reserved_memory_gb, pool->gpu, container_memory_gb(pool));
}

static void check_checkpoint(const struct pool_config *pool, const struct workload_config *workload,
                             const struct class_config *class, const struct node *node,
                             struct diagnostic_list *problems)
{
    const struct node *checkpoint = check_given(node, "checkpoint");
    const struct node *write = check_given(node, "checkpoint_time");
    if (checkpoint && workload->arrivals.process == ARRIVAL_SESSIONS)
        diagnostic_add(problems, checkpoint->key_place, "'checkpoint' is for jobs: a session begins anew");
    else if (checkpoint && pool->profile.stage != STAGE_INDEPENDENT)
        diagnostic_add(problems, checkpoint->key_place,
                       "'checkpoint' is for jobs: the profile '%s' has another stage than 'independent'",
                       pool->profile.name);
    if (write && !checkpoint && class->checkpoint_write_ns > 0)
        diagnostic_add(problems, write->key_place, "'checkpoint_time' means nothing without 'checkpoint'");
}

void check_hardware_classes(const struct world_config *config, const struct workload_config *workload,
                            const struct node *node, struct diagnostic_list *problems)
{
    const struct node *classes = node_member(node, "classes");
    const struct node *item = classes && !classes->is_wrong ? classes->first : NULL;
    for (size_t i = 0; item && i < workload->class_count; i++, item = item->next)
        for (size_t pool = 0; pool < config->pool_count && !item->is_wrong; pool++) {
            if (!workload_config_uses_pool(workload, i, pool))
                continue;
            check_checkpoint(&config->pools[pool], workload, &workload->classes[i], item, problems);
            check_memory(&config->pools[pool], &workload->classes[i], item, problems);
        }
}
