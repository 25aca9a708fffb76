/* time.h - simulated time.
 *
 * Time is a signed 64-bit count of nanoseconds since the start of the run: exact, equal on every machine, and
 * long enough for 292 years. Seconds, as people write them, become nanoseconds here and nowhere else.
 */
#ifndef SIM_TIME_H
#define SIM_TIME_H

#include <stdint.h>

typedef int64_t sim_time_ns;

#define SIM_SECOND ((sim_time_ns)1000000000)
#define SIM_HOUR (3600 * SIM_SECOND)
#define SIM_DAY (24 * SIM_HOUR)

/* Later than any event; an event scheduled at this time never happens. */
#define SIM_TIME_NEVER INT64_MAX

/* Nearest nanosecond to the double product seconds * 1e9, halves away from zero. Values of 2^63 ns (292 years) and
 * more, infinity included, become SIM_TIME_NEVER, those of -2^63 ns and less INT64_MIN; NaN is a mistake of the
 * caller and fails an assertion.
 */
sim_time_ns sim_time_from_s_otherwise(double seconds); /* any values */

static inline sim_time_ns sim_time_from_s(double seconds)
{
    double ns = seconds * 1e9;
    if (!(ns >= 0 && ns < 0x1p52))
        return sim_time_from_s_otherwise(seconds);
    sim_time_ns whole_ns = (sim_time_ns)ns;
    return whole_ns + (ns - (double)whole_ns >= 0.5);
}

/* The same instant or span in seconds; exact up to 104 days, then to the nearest double. */
double sim_time_to_s(sim_time_ns time_ns);

#endif
