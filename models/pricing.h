/* pricing.h - from container time to money, in exact integers.
 *
 * A container costs rate picodollars per hour: its GPUs, cores and memory together. A bill is time x rate as an exact
 * fraction, rounded once, halves up, to a nanodollar. Ten years of 100,000 containers fit.
 */
#ifndef MODELS_PRICING_H
#define MODELS_PRICING_H

#include <stdint.h>

#include "models/config.h"
#include "sim/integer.h"

/* Picodollars per hour of one container of the pool. */
int64_t pricing_container_rate(const struct pool_config *pool);

/* Nanodollars for `container_ns` (0 or more) at that rate. */
int64_t pricing_bill_nusd(sim_int128 container_ns, int64_t rate_pusd_per_h);

#endif
