/* bound.h - what no simulation of a scenario can fall below, known without one.
 *
 * Every bound follows from the rules of the simulated world, not from experience: it is right, and often far from what
 * comes out. Where the rules do not give one it is 0, as no metric is negative. All are of long-run means: a finite run
 * strays to both sides of its mean.
 *
 * - Durations: nobody is faster than alone in a container that is ready, with fixed stages at their shortest and the
 *   main stage at its best speed. That holds for percentiles too, as long as requests complete: latencies are those of
 *   completed requests, and where the long ones are killed or given up the others are shorter.
 * - Costs: while arrivals are Poisson with a constant rate, the requests in a pool are at least as many as in M/G/inf
 *   with the time that each takes alone, cut where clients or the platform lose patience: a Poisson number. An
 *   autoscaler that looks every tick keeps at least as many containers as it wants for these, and they cost their
 * price. A fixed pool keeps what it was told to.
 * - Capacity: k requests inside a container leave it at most at k / (time of one with k running); and each holds one of
 *   max_inputs slots for at least the time it takes alone (Little's law). Above that not all are served to their end:
 *   where the long ones are killed, more of the short ones may be.
 */
#ifndef ANALYSIS_BOUND_H
#define ANALYSIS_BOUND_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/metric.h"

/* The lowest mean over replications that the metric, in scope `all`, can have; 0: nothing is known. In the metric's
 * unit. Known for cost_usd, cost_usd_per_month, latency_mean_s and the percentiles of the latency.
 */
double bound_lowest(const struct world_config *config, const struct metric *metric);

/* Whether some pool is offered more than all its containers together can serve, at any concurrency. */
struct bound_capacity {
    bool is_exceeded;
    size_t pool; /* the rest is about it */
    double offered_rps;
    double served_rps; /* at most, if all requests are served to their end */
};

/* Of the pool that can keep up least. Where loads are not known, and for changing ones, nothing is exceeded. */
struct bound_capacity bound_capacity(const struct world_config *config);

#endif
