/* histogram.h - a log-linear histogram of non-negative 64-bit integers, such as durations in nanoseconds.
 *
 * Every octave from 256 up is cut into 256 buckets of equal width, so values below 512 are kept exactly and every
 * other bucket is at most 1/256 (0.39 %) of its values wide. The buckets cover all of 0 .. 2^63 - 1: nothing
 * overflows, a week of waiting in a year's simulation included. Count, sum, minimum and maximum are exact.
 * Histograms of the same values are equal however the values were ordered or divided before merging.
 *
 * The struct holds no pointers and takes 112 KiB, of which a run touches the octaves that occur (2 KiB each).
 * Zeroed memory is an empty histogram.
 */
#ifndef SIM_HISTOGRAM_H
#define SIM_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/error.h"
#include "sim/integer.h"

#define SIM_HISTOGRAM_OCTAVE_BITS 8
#define SIM_HISTOGRAM_OCTAVE ((size_t)1 << SIM_HISTOGRAM_OCTAVE_BITS) /* buckets per octave */
#define SIM_HISTOGRAM_BUCKETS ((63 - SIM_HISTOGRAM_OCTAVE_BITS + 1) * SIM_HISTOGRAM_OCTAVE)

/* Bound of the relative error of every quantile. */
#define SIM_HISTOGRAM_ERROR (1.0 / (double)SIM_HISTOGRAM_OCTAVE)

/* The members are read through the functions below. The minimum is kept as its distance from INT64_MAX, so that 0
 * means that there is none.
 */
struct sim_histogram {
    sim_uint128 sum;
    uint64_t count;
    int64_t maximum;
    int64_t minimum_below_limit;
    uint64_t reserved; /* always 0; leaves no padding, so equal histograms are equal bytes */
    uint64_t buckets[SIM_HISTOGRAM_BUCKETS];
};

/* Index of the bucket of `value` (0 or more). */
static inline size_t sim_histogram_bucket_of(int64_t value)
{
    size_t highest_bit = 63 - (size_t)__builtin_clzll((uint64_t)value | SIM_HISTOGRAM_OCTAVE);
    size_t shift = highest_bit - SIM_HISTOGRAM_OCTAVE_BITS;
    return shift * SIM_HISTOGRAM_OCTAVE + (size_t)((uint64_t)value >> shift);
}

/* Adds `value` (0 or more) `times` times; 0 times changes nothing. */
static inline void sim_histogram_add_n(struct sim_histogram *histogram, int64_t value, uint64_t times)
{
    sim_assert(value >= 0);
    if (times == 0)
        return;
    histogram->buckets[sim_histogram_bucket_of(value)] += times;
    histogram->count += times;
    histogram->sum += (sim_uint128)(uint64_t)value * times;
    if (value > histogram->maximum)
        histogram->maximum = value;
    if (INT64_MAX - value > histogram->minimum_below_limit)
        histogram->minimum_below_limit = INT64_MAX - value;
}

/* Adds `value` (0 or more) once. */
static inline void sim_histogram_add(struct sim_histogram *histogram, int64_t value)
{
    sim_histogram_add_n(histogram, value, 1);
}

/* Adds 0 once. A third of the work, where most values are 0. */
static inline void sim_histogram_add_zero(struct sim_histogram *histogram)
{
    histogram->buckets[0]++;
    histogram->count++;
    histogram->minimum_below_limit = INT64_MAX;
}

/* Removes all values. Cost: the buckets between minimum and maximum. */
void sim_histogram_clear(struct sim_histogram *histogram);

/* Adds all values of `other`. Cost: the buckets between its minimum and maximum. */
void sim_histogram_merge(struct sim_histogram *histogram, const struct sim_histogram *other);

/* True if both hold the same number of values in every bucket and the same sum, minimum and maximum. */
bool sim_histogram_equal(const struct sim_histogram *a, const struct sim_histogram *b);

/* Smallest and greatest value, exact; -1 for an empty histogram. */
int64_t sim_histogram_minimum(const struct sim_histogram *histogram);
int64_t sim_histogram_maximum(const struct sim_histogram *histogram);

/* Mean, from the exact sum; NaN for an empty histogram. */
double sim_histogram_mean(const struct sim_histogram *histogram);

/* The quantile `share` (0 to 1), type 7 as in quantile.h; NaN for an empty histogram. The values of a
 * bucket count as spread evenly over it, between minimum and maximum; the smallest and the greatest are exact. The
 * relative error is at most SIM_HISTOGRAM_ERROR. Cost: the buckets from the minimum to the quantile.
 */
double sim_histogram_quantile(const struct sim_histogram *histogram, double share);

/* Share of the values at or below `limit`; NaN for an empty histogram. Within the limit's own bucket the values count
 * as spread evenly, so the error is below the share of that bucket; for limits below 512 the share is exact.
 */
double sim_histogram_share_at_most(const struct sim_histogram *histogram, int64_t limit);

/* One bucket: `count` values from `low` to `high`, both included. */
struct sim_histogram_row {
    int64_t low;
    int64_t high;
    uint64_t count;
};

/* The values that belong to a bucket (0 to SIM_HISTOGRAM_BUCKETS - 1), with a count of 0. */
struct sim_histogram_row sim_histogram_bucket_row(size_t bucket);

/* The next bucket that is not empty, in ascending order. *position is 0 at first, and moved on. False at the end. */
bool sim_histogram_next(const struct sim_histogram *histogram, size_t *position, struct sim_histogram_row *row);

/* Rebuilds an empty `histogram` from its rows and its exact sum, minimum and maximum (both ignored, like the sum,
 * where there are no rows). SIM_BAD_INPUT if a row is no bucket, is empty or out of order, if minimum or maximum do
 * not lie in the first or last row, if the sum cannot be that of such rows, or if the counts exceed 64 bits; the
 * histogram is then empty.
 */
SIM_MUST_USE enum sim_status sim_histogram_load(struct sim_histogram *histogram, const struct sim_histogram_row *rows,
                                                size_t row_count, sim_uint128 sum, int64_t minimum, int64_t maximum);

#endif
