/* quantile.c - selection in place, and interpolation between two neighbours. */
#include "sim/quantile.h"

#include <math.h>

#include "sim/error.h"
#include "sim/time.h"

struct sim_quantile_place sim_quantile_place(uint64_t count, double share)
{
    sim_assert(count > 0);
    sim_assert(share >= 0 && share <= 1);
    double place = (double)(count - 1) * share;
    uint64_t index = (uint64_t)place;
    if (index >= count - 1)
        return (struct sim_quantile_place){count - 1, 0};
    return (struct sim_quantile_place){index, place - (double)index};
}

uint64_t sim_quantile_beyond(uint64_t count, double share)
{
    if (count == 0)
        return 0;
    struct sim_quantile_place place = sim_quantile_place(count, share);
    if (share >= 0.5)
        return count - 1 - place.index;
    return place.index + (place.fraction > 0);
}

double sim_quantile_between(double low, double high, double fraction)
{
    double step = high - low;
    return fraction < 0.5 ? low + step * fraction : high - step * (1 - fraction);
}

static int64_t median_of_3(int64_t a, int64_t b, int64_t c)
{
    if (a > b) {
        int64_t swap = a;
        a = b;
        b = swap;
    }
    return c < a ? a : c > b ? b : c;
}

/* Median of three medians of three, spread over the part first .. last. */
static int64_t sampled_pivot(const int64_t *values, size_t first, size_t last)
{
    size_t step = (last - first) / 8;
    const int64_t *v = values + first;
    return median_of_3(median_of_3(v[0], v[step], v[2 * step]), median_of_3(v[3 * step], v[4 * step], v[5 * step]),
                       median_of_3(v[6 * step], v[7 * step], v[last - first]));
}

/* The middle of the range of the values: halves the range whatever their order. */
static int64_t middle_pivot(const int64_t *values, size_t first, size_t last)
{
    int64_t lowest = values[first];
    int64_t highest = values[first];
    for (size_t i = first + 1; i <= last; i++) {
        lowest = values[i] < lowest ? values[i] : lowest;
        highest = values[i] > highest ? values[i] : highest;
    }
    return (int64_t)((uint64_t)lowest + ((uint64_t)highest - (uint64_t)lowest) / 2);
}

/* Divides the part first .. last: nothing before `right` is greater than the pivot, nothing from `left_end` on is
 * smaller. Both parts are shorter than the whole if the pivot lies between the smallest and the greatest value.
 * Equal values stop both scans, so ties are shared out evenly.
 */
struct parts {
    size_t left_end; /* at most right */
    size_t right;    /* at most left_end + 1 */
};

static struct parts divide(int64_t *values, size_t first, size_t last, int64_t pivot)
{
    size_t up = first;
    size_t end = last + 1;
    while (up < end) {
        while (values[up] < pivot)
            up++;
        while (values[end - 1] > pivot)
            end--;
        if (up >= end)
            break;
        int64_t swap = values[up];
        values[up++] = values[end - 1];
        values[--end] = swap;
    }
    return (struct parts){end, up};
}

/* Hoare's FIND (Communications of the ACM 4, 1961). Samples give the better pivots, but an unlucky order can defeat
 * them for ever; the middle of the range in every third round ends after 64 of them.
 */
int64_t sim_quantile_select(int64_t *values, size_t count, size_t index)
{
    sim_assert(index < count);
    size_t first = 0;
    size_t last = count - 1;
    for (int round = 0; first < last; round++) {
        int64_t pivot = round % 3 == 2 ? middle_pivot(values, first, last) : sampled_pivot(values, first, last);
        struct parts parts = divide(values, first, last, pivot);
        if (index < parts.left_end)
            last = parts.left_end - 1;
        else if (index >= parts.right)
            first = parts.right;
        else
            break; /* the value between the parts is the pivot */
    }
    return values[index];
}

static int64_t smallest(const int64_t *values, size_t count)
{
    int64_t lowest = values[0];
    for (size_t i = 1; i < count; i++)
        lowest = values[i] < lowest ? values[i] : lowest;
    return lowest;
}

/* The two neighbours of a quantile and how far it lies between them. */
struct neighbours {
    int64_t low;
    int64_t high;
    double fraction;
};

static struct neighbours find_neighbours(int64_t *values, size_t count, double share)
{
    struct sim_quantile_place place = sim_quantile_place(count, share);
    struct neighbours found = {.fraction = place.fraction};
    found.low = sim_quantile_select(values, count, place.index);
    found.high = place.fraction > 0 ? smallest(values + place.index + 1, count - place.index - 1) : found.low;
    return found;
}

double sim_quantile(int64_t *values, size_t count, double share)
{
    if (count == 0)
        return NAN;
    struct neighbours found = find_neighbours(values, count, share);
    return sim_quantile_between((double)found.low, (double)found.high, found.fraction);
}

double sim_quantile_s(int64_t *values_ns, size_t count, double share)
{
    if (count == 0)
        return NAN;
    struct neighbours found = find_neighbours(values_ns, count, share);
    return sim_quantile_between(sim_time_to_s(found.low), sim_time_to_s(found.high), found.fraction);
}
