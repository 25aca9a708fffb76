/* quantile.h - exact quantiles of integer samples.
 *
 * The rule is type 7 of Hyndman & Fan (1996), the default of numpy.percentile, R and Excel: with n values sorted as
 * x[0] .. x[n-1] and h = (n - 1) share, the quantile lies the fraction h - floor(h) of the way from x[floor(h)] to
 * x[floor(h) + 1]. The floating-point operations are those of numpy, in its order, so the result is the same double
 * as numpy's: sim_quantile for an array of nanoseconds (below 2^53, 104 days), sim_quantile_s for an array of seconds
 * (each value / 1e9). The two may print a different sixth decimal only where the exact quantile ends on a tie.
 */
#ifndef SIM_QUANTILE_H
#define SIM_QUANTILE_H

#include <stddef.h>
#include <stdint.h>

/* Where a quantile lies: at x[index], plus `fraction` (0 to below 1) of the way to x[index + 1]. At the last index
 * the fraction is 0.
 */
struct sim_quantile_place {
    uint64_t index;
    double fraction;
};

/* Place of the quantile `share` (0 to 1) among `count` (at least 1) sorted values. */
struct sim_quantile_place sim_quantile_place(uint64_t count, double share);

/* How many of `count` samples lie beyond the quantile, on its thinner side: above it for shares from 0.5 up, below it
 * otherwise. Says whether a tail percentile may be shown (SIM_INTERVAL_TAIL_MINIMUM). 0 for no samples.
 */
uint64_t sim_quantile_beyond(uint64_t count, double share);

/* The point `fraction` (0 to below 1) of the way from `low` to `high`; computed from the nearer end, as numpy does. */
double sim_quantile_between(double low, double high, double fraction);

/* The value that would stand at `index` (below `count`) if the array were sorted. Reorders the array so that
 * nothing before `index` is greater, and nothing after it smaller, than the value there.
 * Cost: about 2 to 3 comparisons per value; O(count) for every order of the input.
 */
int64_t sim_quantile_select(int64_t *values, size_t count, size_t index);

/* The quantile `share` (0 to 1) of `count` values in their unit; NaN for no values. Reorders the array. */
double sim_quantile(int64_t *values, size_t count, double share);

/* The same for values in nanoseconds, in seconds. */
double sim_quantile_s(int64_t *values_ns, size_t count, double share);

#endif
