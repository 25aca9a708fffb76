/* pricing.c - the one place where time becomes money. */
#include "models/pricing.h"

#include <math.h>

#include "sim/error.h"

int64_t pricing_container_rate(const struct pool_config *pool)
{
    int64_t gpus = pool->price.gpu_pusd_per_h * pool->gpu_count;
    double cores = round((double)pool->price.core_pusd_per_h * pool->cpu_cores);
    double memory = round((double)pool->price.memory_pusd_per_gib_h * pool->memory_gib);
    return gpus + (int64_t)cores + (int64_t)memory;
}

int64_t pricing_bill_nusd(sim_int128 container_ns, int64_t rate_pusd_per_h)
{
    const sim_int128 divisor = (sim_int128)SIM_HOUR * 1000; /* ns per hour, pico per nano */
    sim_assert(container_ns >= 0 && rate_pusd_per_h >= 0);
    sim_int128 whole_hours = container_ns / divisor;
    sim_int128 rest = container_ns % divisor;
    return (int64_t)(whole_hours * rate_pusd_per_h + (rest * rate_pusd_per_h + divisor / 2) / divisor);
}
