/* time.c - the one place where seconds are rounded to nanoseconds. */
#include "sim/time.h"

#include <math.h>

#include "sim/error.h"

sim_time_ns sim_time_from_s_otherwise(double seconds)
{
    sim_assert(!isnan(seconds));
    double ns = round(seconds * 1e9);
    if (ns >= 0x1p63)
        return SIM_TIME_NEVER;
    if (ns <= -0x1p63)
        return INT64_MIN;
    return (sim_time_ns)ns;
}

double sim_time_to_s(sim_time_ns time_ns)
{
    return (double)time_ns / 1e9;
}
