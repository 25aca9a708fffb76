/* histogram_pack.h - histograms put away: the same values as in a histogram (histogram.h) in some bytes a bucket.
 *
 * For sums that are kept by the hundred and hardly change, such as those of the days of a year. Nothing is lost:
 * packing and unpacking give the same histogram. The form is canonical, so equal values are equal packs, whatever the
 * order in which they were added, packed or merged.
 *
 * The bytes are numbers of seven bits a byte, lowest first, all but the last with the high bit set: the number of the
 * first bucket, then counts of buckets in ascending order, where 0 stands for a gap and is followed by its length.
 *
 * Zeroed memory is an empty pack.
 */
#ifndef SIM_HISTOGRAM_PACK_H
#define SIM_HISTOGRAM_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/error.h"
#include "sim/histogram.h"
#include "sim/integer.h"

/* The members are read through the functions below; `count` and `sum` are those of all values. */
struct sim_histogram_pack {
    sim_uint128 sum;
    uint64_t count;
    int64_t maximum;
    int64_t minimum_below_limit; /* as in struct sim_histogram */
    unsigned char *bytes;        /* owned; NULL for an empty pack */
    size_t size;
};

/* Leaves an empty pack. */
void sim_histogram_pack_release(struct sim_histogram_pack *pack);

/* Moves all values of `histogram` into the pack; the histogram is empty afterwards. Cost: the buckets between the
 * minimum and the maximum of both.
 */
void sim_histogram_pack_take(struct sim_histogram_pack *pack, struct sim_histogram *histogram);

/* Adds all values of `other`. Cost: the buckets of both that are not empty. */
void sim_histogram_pack_merge(struct sim_histogram_pack *pack, const struct sim_histogram_pack *other);

/* Adds all values of the pack to `histogram`. Cost: the buckets that are not empty. */
void sim_histogram_pack_unpack(const struct sim_histogram_pack *pack, struct sim_histogram *histogram);

bool sim_histogram_pack_equal(const struct sim_histogram_pack *a, const struct sim_histogram_pack *b);

/* Smallest and greatest value, exact; -1 for an empty pack. Mean, from the exact sum; NaN for an empty pack. */
int64_t sim_histogram_pack_minimum(const struct sim_histogram_pack *pack);
int64_t sim_histogram_pack_maximum(const struct sim_histogram_pack *pack);
double sim_histogram_pack_mean(const struct sim_histogram_pack *pack);

/* Where a walk over the buckets has come; zero at first. */
struct sim_histogram_pack_place {
    size_t offset;
    uint64_t bucket;
};

/* The next bucket that is not empty, in ascending order. False at the end. */
bool sim_histogram_pack_next(const struct sim_histogram_pack *pack, struct sim_histogram_pack_place *place,
                             struct sim_histogram_row *row);

/* Fills an empty pack from saved `bytes` (copied) and the exact sum, minimum and maximum, which are ignored where
 * `size` is 0. `scratch` is an empty histogram, and is left empty. SIM_BAD_INPUT, and an empty pack, if a pack of such
 * values has other bytes, or if there cannot be such values.
 */
SIM_MUST_USE enum sim_status sim_histogram_pack_load(struct sim_histogram_pack *pack, const unsigned char *bytes,
                                                     size_t size, sim_uint128 sum, int64_t minimum, int64_t maximum,
                                                     struct sim_histogram *scratch);

#endif
