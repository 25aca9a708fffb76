/* autoscaler.h - how many containers a pool should have.
 *
 * A policy is one file that ends in one constant: its name, version, summary, where its rules come from, and its
 * function. Policies are pure: the settings in force and what the pool looks like go in, the wanted number and the
 * reason come out.
 */
#ifndef MODELS_AUTOSCALER_H
#define MODELS_AUTOSCALER_H

#include <stdbool.h>
#include <stdint.h>

#include "models/config.h"
#include "models/inferred.h"
#include "models/result.h"
#include "models/schedule.h"

/* What a policy sees of a pool. */
struct autoscaler_observation {
    sim_time_ns now_ns;
    sim_time_ns last_arrival_ns; /* -1: none yet */
    int64_t pending;             /* requests in the queue */
    int64_t running;             /* requests inside containers */
    int64_t starting;
    int64_t ready;
    int64_t allowed; /* most containers that quotas leave to the pool */
};

struct autoscaler_decision {
    int64_t wanted;
    int64_t most; /* ready containers beyond go at once when idle, else when they have finished; INT64_MAX: none do */
    enum scaling_reason reason; /* of what made the number as high as it is */
};

struct autoscaler_policy {
    const char *name;
    int version;
    const char *summary;
    const char *documented;               /* which rules are published, and where */
    const struct inferred_rule *inferred; /* which are our reading (inferred.h), ended by an empty one */
    bool has_ticks; /* looks at the pool every `tick`; otherwise only when containers come or go */
    struct autoscaler_decision (*want)(const struct pool_config *pool, const struct pool_settings *settings,
                                       const struct autoscaler_observation *observation);
    /* Whether a container idle for idle_ns may go while the pool has `alive` and wants `wanted`. */
    bool (*may_retire)(const struct pool_config *pool, const struct pool_settings *settings, sim_time_ns idle_ns,
                       int64_t alive, int64_t wanted, enum scaling_reason *reason);
};

extern const struct autoscaler_policy autoscaler_fixed;
extern const struct autoscaler_policy autoscaler_modal_function;
extern const struct autoscaler_policy autoscaler_target;

/* The policy that a pool has chosen, or that of its platform. */
const struct autoscaler_policy *autoscaler_of(const struct pool_config *pool);

/* All policies, ended by NULL. */
extern const struct autoscaler_policy *const autoscaler_policies[];

#endif
