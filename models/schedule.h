/* schedule.h - what is in force at a time: the settings of a pool, and the quota of GPUs.
 *
 * Both are functions of simulated time and of the configuration, and of nothing else, so a world may begin at any time.
 * A change holds from its instant on. Prices by date: pricing.h.
 */
#ifndef MODELS_SCHEDULE_H
#define MODELS_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "models/config.h"

/* The settings of a pool that a schedule may change. */
struct pool_settings {
    int64_t min_containers;
    int64_t max_containers; /* 0: no limit */
    int64_t buffer_containers;
    sim_time_ns scaledown_window_ns;
    int64_t target_inputs; /* 1 to max_inputs: what is left out is filled in */
};

/* Whether the entry holds. Days are those of UTC, and of time 0 where the scenario has no date; overnight hours
 * belong to the day on which they begin. Dates cut them off.
 */
bool schedule_holds(const struct world_config *config, const struct schedule_config *entry, sim_time_ns time_ns);

/* The settings in force: those of the pool, changed by every entry that holds, in their order. */
struct pool_settings schedule_settings_at(const struct world_config *config, const struct pool_config *pool,
                                          sim_time_ns time_ns);

/* A time after time_ns before which the settings stay as they are at time_ns; SIM_TIME_NEVER if they stay for ever.
 * They need not change then. Cost: linear in the entries.
 */
sim_time_ns schedule_settings_next(const struct world_config *config, const struct pool_config *pool,
                                   sim_time_ns time_ns);

/* The longest scaledown_window that is ever in force, or longer. */
sim_time_ns schedule_longest_window_ns(const struct pool_config *pool);

/* The lowest min_containers that is ever in force, or lower. */
int64_t schedule_lowest_min(const struct pool_config *pool);

/* The fewest inputs per container that are ever aimed at. */
int64_t schedule_lowest_target(const struct pool_config *pool);

/* GPUs of all pools together; 0: no limit. And the next time at which there may be another quota. */
int64_t schedule_quota_at(const struct world_config *config, sim_time_ns time_ns);
sim_time_ns schedule_quota_next(const struct world_config *config, sim_time_ns time_ns);

#endif
