/* histogram.c - what is done with a log-linear histogram outside the hot path. */
#include "sim/histogram.h"

#include <math.h>
#include <string.h>

#include "sim/quantile.h"

_Static_assert(sizeof(struct sim_histogram) == 48 + sizeof(uint64_t[SIM_HISTOGRAM_BUCKETS]),
               "padding would make equal histograms differ in bytes");

struct sim_histogram_row sim_histogram_bucket_row(size_t bucket)
{
    size_t shift = bucket < 2 * SIM_HISTOGRAM_OCTAVE ? 0 : bucket / SIM_HISTOGRAM_OCTAVE - 1;
    int64_t low = (int64_t)((uint64_t)(bucket - shift * SIM_HISTOGRAM_OCTAVE) << shift);
    int64_t width = (int64_t)1 << shift;
    return (struct sim_histogram_row){low, low + (width - 1), 0};
}

static struct sim_histogram_row row_of(const struct sim_histogram *histogram, size_t bucket)
{
    struct sim_histogram_row row = sim_histogram_bucket_row(bucket);
    row.count = histogram->buckets[bucket];
    return row;
}

/* The range of buckets that can be occupied: first .. end - 1; empty for an empty histogram. */
static size_t first_bucket(const struct sim_histogram *histogram)
{
    return histogram->count ? sim_histogram_bucket_of(sim_histogram_minimum(histogram)) : 0;
}

static size_t end_bucket(const struct sim_histogram *histogram)
{
    return histogram->count ? sim_histogram_bucket_of(histogram->maximum) + 1 : 0;
}

void sim_histogram_clear(struct sim_histogram *histogram)
{
    size_t first = first_bucket(histogram);
    memset(histogram->buckets + first, 0, (end_bucket(histogram) - first) * sizeof histogram->buckets[0]);
    histogram->sum = 0;
    histogram->count = 0;
    histogram->maximum = 0;
    histogram->minimum_below_limit = 0;
}

void sim_histogram_merge(struct sim_histogram *histogram, const struct sim_histogram *other)
{
    size_t end = end_bucket(other);
    for (size_t bucket = first_bucket(other); bucket < end; bucket++)
        histogram->buckets[bucket] += other->buckets[bucket];
    histogram->sum += other->sum;
    histogram->count += other->count;
    if (other->maximum > histogram->maximum)
        histogram->maximum = other->maximum;
    if (other->minimum_below_limit > histogram->minimum_below_limit)
        histogram->minimum_below_limit = other->minimum_below_limit;
}

bool sim_histogram_equal(const struct sim_histogram *a, const struct sim_histogram *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

int64_t sim_histogram_minimum(const struct sim_histogram *histogram)
{
    return histogram->count ? INT64_MAX - histogram->minimum_below_limit : -1;
}

int64_t sim_histogram_maximum(const struct sim_histogram *histogram)
{
    return histogram->count ? histogram->maximum : -1;
}

double sim_histogram_mean(const struct sim_histogram *histogram)
{
    return histogram->count ? (double)histogram->sum / (double)histogram->count : NAN;
}

/* The value number `index` of the row's, if they are spread evenly; never beyond the exact minimum and maximum. */
static double spread(const struct sim_histogram *histogram, const struct sim_histogram_row *row, uint64_t index)
{
    double share = ((double)index + 0.5) / (double)row->count;
    double value = (double)row->low + (double)(row->high - row->low) * share;
    double lowest = (double)sim_histogram_minimum(histogram);
    double highest = (double)histogram->maximum;
    return value < lowest ? lowest : value > highest ? highest : value;
}

/* The value at `index` (below count) of the sorted values. */
static double value_at(const struct sim_histogram *histogram, uint64_t index)
{
    if (index == 0)
        return (double)sim_histogram_minimum(histogram);
    if (index == histogram->count - 1)
        return (double)histogram->maximum;
    size_t end = end_bucket(histogram);
    size_t bucket = first_bucket(histogram);
    uint64_t left = index;
    for (; left >= histogram->buckets[bucket]; bucket++) {
        left -= histogram->buckets[bucket];
        sim_assert(bucket + 1 < end);
    }
    struct sim_histogram_row row = row_of(histogram, bucket);
    return spread(histogram, &row, left);
}

double sim_histogram_quantile(const struct sim_histogram *histogram, double share)
{
    if (histogram->count == 0)
        return NAN;
    struct sim_quantile_place place = sim_quantile_place(histogram->count, share);
    double low = value_at(histogram, place.index);
    double high = place.fraction > 0 ? value_at(histogram, place.index + 1) : low;
    return sim_quantile_between(low, high, place.fraction);
}

double sim_histogram_share_at_most(const struct sim_histogram *histogram, int64_t limit)
{
    if (histogram->count == 0)
        return NAN;
    if (limit >= histogram->maximum)
        return 1;
    if (limit < sim_histogram_minimum(histogram))
        return 0;
    double below = 0;
    struct sim_histogram_row row;
    size_t position = 0;
    while (sim_histogram_next(histogram, &position, &row) && row.low <= limit) {
        if (row.high <= limit)
            below += (double)row.count;
        else
            below += (double)row.count * ((double)(limit - row.low + 1) / (double)(row.high - row.low + 1));
    }
    return below / (double)histogram->count;
}

bool sim_histogram_next(const struct sim_histogram *histogram, size_t *position, struct sim_histogram_row *row)
{
    size_t end = end_bucket(histogram);
    size_t bucket = *position ? *position : first_bucket(histogram);
    while (bucket < end && histogram->buckets[bucket] == 0)
        bucket++;
    *position = bucket + 1;
    if (bucket >= end)
        return false;
    *row = row_of(histogram, bucket);
    return true;
}

/* Fills buckets and count; false if a row is not as sim_histogram_next gives it. */
static bool load_rows(struct sim_histogram *histogram, const struct sim_histogram_row *rows, size_t row_count)
{
    for (size_t i = 0; i < row_count; i++) {
        if (rows[i].low < 0 || rows[i].count == 0 || rows[i].count > UINT64_MAX - histogram->count)
            return false;
        if (i > 0 && rows[i].low <= rows[i - 1].high)
            return false;
        size_t bucket = sim_histogram_bucket_of(rows[i].low);
        struct sim_histogram_row expected = row_of(histogram, bucket);
        if (rows[i].low != expected.low || rows[i].high != expected.high)
            return false;
        histogram->buckets[bucket] = rows[i].count;
        histogram->count += rows[i].count;
    }
    return true;
}

/* The sum lies between all values at the low ends and all at the high ends of their rows. */
static bool sum_is_possible(const struct sim_histogram_row *rows, size_t row_count, sim_uint128 sum)
{
    sim_uint128 lowest = 0;
    sim_uint128 highest = 0;
    for (size_t i = 0; i < row_count; i++) {
        lowest += (sim_uint128)(uint64_t)rows[i].low * rows[i].count;
        highest += (sim_uint128)(uint64_t)rows[i].high * rows[i].count;
    }
    return sum >= lowest && sum <= highest;
}

static bool is_in_row(const struct sim_histogram_row *row, int64_t value)
{
    return value >= row->low && value <= row->high;
}

enum sim_status sim_histogram_load(struct sim_histogram *histogram, const struct sim_histogram_row *rows,
                                   size_t row_count, sim_uint128 sum, int64_t minimum, int64_t maximum)
{
    sim_assert(histogram->count == 0);
    if (row_count == 0)
        return SIM_OK;
    if (!load_rows(histogram, rows, row_count) || !sum_is_possible(rows, row_count, sum) || minimum > maximum ||
        !is_in_row(&rows[0], minimum) || !is_in_row(&rows[row_count - 1], maximum)) {
        memset(histogram, 0, sizeof *histogram);
        return SIM_BAD_INPUT;
    }
    histogram->sum = sum;
    histogram->maximum = maximum;
    histogram->minimum_below_limit = INT64_MAX - minimum;
    return SIM_OK;
}
