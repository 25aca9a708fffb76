/* service_job.c - jobs: requests that keep what they have done when their container goes. */
#include "models/progress.h"
#include "models/world_internal.h"

static const struct class_config *class_of(const struct world *world, const struct request *r)
{
    return &world->classes[r->draw.class_index];
}

static struct progress_rule rule_of(const struct class_config *class)
{
    return (struct progress_rule){class->checkpoint_ns, class->checkpoint_write_ns};
}

/* What is left of the job, as running time on the GPU of its container. Its work is drawn as in its first attempt: it
 * is the same job.
 */
static sim_time_ns left_ns(const struct world *world, const struct pool *pool, const struct request *r)
{
    uint32_t gpu = pool_container(pool, r->container)->gpu;
    struct sim_random random;
    sim_random_init(&random, world->options.seed, world->options.replication, PURPOSE_SERVICE,
                    UINT64_C(1) << 32 | r->draw.workload, r->draw.key);
    double work_s = stage_service_s(&pool->plans[gpu].stage, &r->draw, &random) - sim_time_to_s(r->saved_ns);
    return work_s > 0 ? sim_time_from_s(work_s / served_speed(pool->config, gpu)) : 0;
}

bool service_job_applies(const struct world_config *config, const struct pool_config *pool)
{
    bool is_any = false;
    for (size_t i = 0; i < config->workload_count; i++)
        for (size_t k = 0; k < config->workloads[i].class_count; k++)
            is_any |= config->workloads[i].classes[k].checkpoint_ns > 0;
    return is_any && pool->profile.stage == STAGE_INDEPENDENT;
}

bool service_job_is(const struct world *world, const struct pool *pool, const struct request *r)
{
    return class_of(world, r)->checkpoint_ns > 0 && !world->workloads[r->draw.workload].is_sessions &&
           pool->config->profile.stage == STAGE_INDEPENDENT;
}

struct stage_need service_job_need(const struct world *world, const struct pool *pool, const struct request *r)
{
    sim_time_ns span_ns = progress_span_ns(rule_of(class_of(world, r)), left_ns(world, pool, r));
    sim_uint128 demand = (sim_uint128)span_ns
                         << SHARING_UNIT_BITS; /* whoever else runs, a nanosecond is a nanosecond */
    return (struct stage_need){.demand = demand > 0 ? demand : 1};
}

/* Takes what the job keeps into account, and returns it as running time. */
static sim_time_ns keep(const struct world *world, const struct pool *pool, struct request *r, sim_time_ns notice_ns)
{
    const struct class_config *class = class_of(world, r);
    bool has_notice = notice_ns > 0 && notice_ns >= class->checkpoint_write_ns;
    sim_time_ns elapsed_ns = now_ns(world) - r->attempt_ns - arrivals_stage_ns(world, pool, SIDE_BEFORE_INSIDE, r);
    sim_time_ns kept_ns = progress_kept_ns(rule_of(class), left_ns(world, pool, r), elapsed_ns, has_notice);
    double speed = served_speed(pool->config, pool_container(pool, r->container)->gpu);
    r->saved_ns += speed == 1 ? kept_ns : (sim_time_ns)((double)kept_ns * speed);
    return kept_ns;
}

void service_job_cut(struct world *world, struct pool *pool, struct request *r, sim_time_ns notice_ns)
{
    sim_time_ns lost_ns = now_ns(world) - r->attempt_ns;
    if (service_job_is(world, pool, r))
        lost_ns -= keep(world, pool, r, notice_ns);
    books_pool(world, pool)->lost_ns += lost_ns;
}

void service_job_fail(struct world *world, struct pool *pool, struct request *r)
{
    books_pool(world, pool)->lost_ns += now_ns(world) - r->attempt_ns + r->saved_ns;
    r->saved_ns = 0;
}
