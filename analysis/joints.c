/* joints.c - the quietest hour of the day. */
#include "analysis/joints.h"

#include <math.h>
#include <stdlib.h>

#include "models/rate.h"
#include "sim/memory.h"

enum {
    DAYS_MIN = 7,
    JOINTS_WANTED = 100,
    HOURS = 24,
    DAYS_LOOKED_AT = 50
};

/* Expected arrivals in one hour of the day, on days all over the run. */
static double arrivals_in_hour(const struct world_config *config, int hour)
{
    int64_t days = config->duration_ns / (HOURS * SIM_HOUR);
    int64_t step = days / DAYS_LOOKED_AT + 1;
    double sum = 0;
    for (int64_t day = 0; day < days; day += step) {
        sim_time_ns from_ns = (day * HOURS + hour) * SIM_HOUR;
        for (size_t i = 0; i < config->workload_count; i++) {
            double expected = rate_expected(config, i, from_ns, from_ns + SIM_HOUR);
            sum += isfinite(expected) ? expected : 0;
        }
    }
    return sum;
}

static int quietest_hour(const struct world_config *config)
{
    int quietest = 0;
    double least = INFINITY;
    for (int hour = 0; hour < HOURS; hour++) {
        double arrivals = arrivals_in_hour(config, hour);
        if (arrivals < least) {
            least = arrivals;
            quietest = hour;
        }
    }
    return quietest;
}

struct joints joints_of(const struct world_config *config)
{
    struct joints joints = {.count = 0};
    int64_t days = config->duration_ns / (HOURS * SIM_HOUR);
    if (days < DAYS_MIN)
        return joints;
    /* In the middle of the hour, and early enough that the state is the night's. */
    sim_time_ns first_ns = quietest_hour(config) * SIM_HOUR + SIM_HOUR / 2;
    sim_time_ns step_ns = (days / JOINTS_WANTED + 1) * HOURS * SIM_HOUR;
    joints.times = sim_allocate((size_t)(config->duration_ns / step_ns) + 1, sizeof *joints.times);
    for (sim_time_ns time_ns = first_ns + step_ns; time_ns < config->duration_ns; time_ns += step_ns)
        joints.times[joints.count++] = time_ns;
    return joints;
}

void joints_release(struct joints *joints)
{
    free(joints->times);
    *joints = (struct joints){.count = 0};
}

bool joints_can_guess(const struct world_config *config)
{
    for (size_t i = 0; i < config->workload_count; i++) {
        int32_t process = config->workloads[i].arrivals.process;
        bool starts_anew = process == ARRIVAL_POISSON || process == ARRIVAL_SESSIONS || process == ARRIVAL_TRACE ||
                           process == ARRIVAL_BURST;
        if (!starts_anew || workload_config_migrates(&config->workloads[i]))
            return false;
    }
    return true;
}
