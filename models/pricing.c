/* pricing.c - the one place where time becomes money. */
#include "models/pricing.h"

#include <math.h>

#include "sim/error.h"

static const sim_int128 sum_of_a_nusd = (sim_int128)SIM_HOUR * 1000; /* ns per hour, pico per nano */

static int64_t container_rate(const struct pool_config *pool, int64_t gpu_pusd_per_h)
{
    int64_t gpus = gpu_pusd_per_h * pool->gpu_count;
    double cores = round((double)pool->price.core_pusd_per_h * pool->cpu_cores);
    double memory = round((double)pool->price.memory_pusd_per_gib_h * pool->memory_gib);
    return gpus + (int64_t)cores + (int64_t)memory;
}

int64_t pricing_container_rate(const struct pool_config *pool)
{
    return container_rate(pool, pool->price.gpu_pusd_per_h);
}

size_t pricing_period_at(const struct pool_config *pool, sim_time_ns time_ns)
{
    size_t begun = 0;
    while (begun < pool->price_count && pool->prices[begun].from_ns <= time_ns)
        begun++;
    return begun;
}

sim_time_ns pricing_next_change(const struct pool_config *pool, sim_time_ns time_ns)
{
    size_t begun = pricing_period_at(pool, time_ns);
    return begun < pool->price_count ? pool->prices[begun].from_ns : SIM_TIME_NEVER;
}

int64_t pricing_period_rate(const struct pool_config *pool, size_t period)
{
    return period == 0 ? pricing_container_rate(pool) : container_rate(pool, pool->prices[period - 1].gpu_pusd_per_h);
}

int64_t pricing_served_rate(const struct pool_config *pool, size_t period, uint32_t gpu)
{
    const struct served_config *item = gpu ? &pool->served_by[gpu - 1] : NULL;
    if (item && item->billed_as == BILLED_AS_OWN)
        return container_rate(pool, item->gpu_pusd_per_h);
    return pricing_period_rate(pool, period);
}

size_t pricing_rate_number(const struct pool_config *pool, size_t period, uint32_t gpu)
{
    return period * (pool->served_count + 1) + gpu;
}

size_t pricing_rate_count(const struct pool_config *pool)
{
    return (pool->price_count + 1) * (pool->served_count + 1);
}

int64_t pricing_bill_nusd(sim_int128 container_ns, int64_t rate_pusd_per_h)
{
    sim_assert(container_ns >= 0 && rate_pusd_per_h >= 0);
    sim_int128 whole_hours = container_ns / sum_of_a_nusd;
    sim_int128 rest = container_ns % sum_of_a_nusd;
    return (int64_t)(whole_hours * rate_pusd_per_h + pricing_sum_nusd(rest * rate_pusd_per_h));
}

int64_t pricing_sum_nusd(sim_int128 sum)
{
    sim_assert(sum >= 0);
    return (int64_t)((sum + sum_of_a_nusd / 2) / sum_of_a_nusd);
}
