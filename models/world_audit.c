/* world_audit.c - the finished run checked against itself. */
#include <stdio.h>

#include "models/pricing.h"
#include "models/world_internal.h"

static enum sim_status contradiction(struct sim_error *error, const char *what, sim_int128 one, sim_int128 other)
{
    return sim_error_set(error, SIM_AUDIT_FAILED, NULL, 0, "%s: %.17g against %.17g", what, (double)one, (double)other);
}

/* Every request that arrived has one outcome, or is in flight. */
static enum sim_status audit_requests(const struct world *world, struct sim_error *error)
{
    int64_t arrived = 0;
    int64_t settled = 0;
    int64_t completed = 0;
    int64_t latencies = 0;
    for (size_t b = 0; b < world->result.block_count; b++) {
        for (size_t i = 0; i < result_class_count(world->config); i++) {
            const struct request_tally *tally = &world->result.blocks[b].requests[i];
            arrived += tally->arrived;
            for (int k = 0; k < OUTCOME_COUNT; k++)
                settled += tally->outcomes[k];
            completed += tally->outcomes[OUTCOME_COMPLETED];
            latencies += (int64_t)tally->durations[DURATION_LATENCY].count;
        }
    }
    if (arrived != settled)
        return contradiction(error, "requests arrived and requests accounted for", arrived, settled);
    if (completed != latencies)
        return contradiction(error, "requests completed and latencies measured", completed, latencies);
    const struct audit_sums *sums = &world->now.audit;
    if (sums->arrived != sums->left + (int64_t)world->requests.head.count)
        return contradiction(error, "requests stored and requests that left or remain", sums->arrived, sums->left);
    return SIM_OK;
}

/* Little's law, as an identity of integers: the number in the system over time is the sum of the times in it. */
static enum sim_status audit_little(const struct world *world, struct sim_error *error)
{
    sim_int128 sum_ns = world->now.audit.sojourn_ns;
    for (uint32_t r = 0; r < world->requests.items.count; r++)
        if (request_at(&world->requests, r)->is_stored)
            sum_ns += now_ns(world) - request_at(&world->requests, r)->stored_ns;
    if (world->now.audit.in_system.integral != sum_ns)
        return contradiction(error, "Little's law in ns", world->now.audit.in_system.integral, sum_ns);
    return SIM_OK;
}

/* Container time by state, once from the numbers in each state and once from the lives of the containers. */
static enum sim_status audit_containers(const struct world *world, const struct pool *pool, struct sim_error *error)
{
    sim_int128 states_ns = 0;
    sim_int128 billed_ns = 0;
    for (size_t b = 1; b < world->result.block_count; b++) {
        const struct pool_tally *tally = &world->result.blocks[b].pools[pool->number];
        for (int i = 0; i < CONTAINER_STATE_COUNT; i++)
            states_ns += tally->state_ns[i];
        billed_ns -= pool->config->bill_starting ? tally->unbilled_ns : tally->state_ns[CONTAINER_STARTING];
    }
    billed_ns += states_ns;
    if (states_ns != pool->state.life_ns)
        return contradiction(error, "container time by state and by life in ns", states_ns, pool->state.life_ns);
    int64_t bill_nusd = pricing_bill_nusd(billed_ns, pool->rate_pusd_per_h);
    int64_t difference = bill_nusd - pool->state.bill_nusd;
    int64_t rounding = pool->state.lives_ended / 2 + 1;
    if (difference > rounding || difference < -rounding)
        return contradiction(error, "container time x price and the sum of bills in 1e-9 USD", bill_nusd,
                             pool->state.bill_nusd);
    return SIM_OK;
}

enum sim_status world_audit(const struct world *world, struct sim_error *error)
{
    sim_assert(world->is_finished);
    if (world->result.interrupted)
        return SIM_OK;
    enum sim_status status = audit_requests(world, error);
    if (status == SIM_OK)
        status = audit_little(world, error);
    for (size_t i = 0; i < world->config->pool_count && status == SIM_OK; i++)
        status = audit_containers(world, &world->pools[i], error);
    return status;
}
