/* pricing.h - from container time to money, in exact integers.
 *
 * A container costs rate picodollars per hour: its GPUs, cores and memory together. A bill is time x rate as an exact
 * fraction, rounded once, halves up, to a nanodollar. Where the price changes within a life, it is the sum of such
 * products, and rounded once too. Ten years of 100,000 containers fit.
 */
#ifndef MODELS_PRICING_H
#define MODELS_PRICING_H

#include <stdint.h>

#include "models/config.h"
#include "sim/integer.h"

/* Picodollars per hour of one container of the pool, before the first of its later prices. */
int64_t pricing_container_rate(const struct pool_config *pool);

/* How many of the pool's later prices have begun at a time: 0 to price_count. And when the next one begins;
 * SIM_TIME_NEVER: none does.
 */
size_t pricing_period_at(const struct pool_config *pool, sim_time_ns time_ns);
sim_time_ns pricing_next_change(const struct pool_config *pool, sim_time_ns time_ns);

/* The rate in a period: 0 before the first later price, and so on. */
int64_t pricing_period_rate(const struct pool_config *pool, size_t period);

/* The same of a container with another GPU (served.h), and a number for it: from 0 to pricing_rate_count - 1. */
int64_t pricing_served_rate(const struct pool_config *pool, size_t period, uint32_t gpu);
size_t pricing_rate_number(const struct pool_config *pool, size_t period, uint32_t gpu);
size_t pricing_rate_count(const struct pool_config *pool);

/* Nanodollars for `container_ns` (0 or more) at that rate. */
int64_t pricing_bill_nusd(sim_int128 container_ns, int64_t rate_pusd_per_h);

/* The same for a sum of times, each multiplied by its rate: ns x picodollars per hour. */
int64_t pricing_sum_nusd(sim_int128 sum);

#endif
