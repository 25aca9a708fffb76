/* autoscaler.c - the list of policies. */
#include "models/autoscaler.h"

#include <stddef.h>

const struct autoscaler_policy *const autoscaler_policies[] = {&autoscaler_fixed, &autoscaler_modal_function,
                                                               &autoscaler_target, NULL};

const struct autoscaler_policy *autoscaler_of(const struct pool_config *pool)
{
    if (pool->autoscaler == AUTOSCALER_FIXED)
        return &autoscaler_fixed;
    if (pool->autoscaler == AUTOSCALER_TARGET)
        return &autoscaler_target;
    return pool->platform == PLATFORM_MODAL_FUNCTION ? &autoscaler_modal_function : &autoscaler_fixed;
}
