/* fit_ratio.h - how many times larger one positive quantity is than another, from a few values of each.
 *
 * The ratio of geometric means, with the interval of Welch's test on logarithms. A value that was measured once has no
 * interval; what its rounding alone allows is a different thing, and is given beside.
 */
#ifndef ANALYSIS_FIT_RATIO_H
#define ANALYSIS_FIT_RATIO_H

#include <stddef.h>

struct fit_ratio {
    double value;
    double low, high;                 /* 95 % interval; NaN where one of the two was measured once */
    double rounded_low, rounded_high; /* what a change of half a unit of the last digit allows */
};

/* a / b of a_count and b_count values, all above 0, at least one of each. unit: of the last digit they are given with
 * (fit_ratio_unit); 0: exact.
 */
struct fit_ratio fit_ratio_of(const double *a, size_t a_count, const double *b, size_t b_count, double unit);

/* The largest power of ten of which all values are multiples, from 1e-6 to 1e6: the unit of the last digit that was
 * written down. Larger than the true one where all happen to end in 0.
 */
double fit_ratio_unit(const double *values, size_t count);

#endif
