/* fit_curve_monotone.c - isotonic regression: neighbours that fall become their mean. */
#include <math.h>
#include <stdlib.h>

#include "analysis/fit_curve_internal.h"
#include "sim/memory.h"

/* Neighbouring points that share one value. */
struct block {
    double value, weight;
    size_t count;
};

/* Leaves the blocks of `points` in `blocks`, of which there are as many as points at first; returns how many. */
static size_t pool_falling(const struct fit_curve_point *points, size_t count, struct block *blocks)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        blocks[kept++] = (struct block){points[i].y, points[i].weight, 1};
        while (kept > 1 && blocks[kept - 2].value > blocks[kept - 1].value) {
            struct block *low = &blocks[kept - 2], *high = &blocks[kept - 1];
            low->value = (low->value * low->weight + high->value * high->weight) / (low->weight + high->weight);
            low->weight += high->weight;
            low->count += high->count;
            kept--;
        }
    }
    return kept;
}

void fit_curve_monotone(struct fit_curve *curve, const struct fit_curve_point *sorted, size_t count)
{
    struct fit_curve_point *points = sim_allocate(count, sizeof *points);
    struct block *blocks = sim_allocate(count, sizeof *blocks);
    for (size_t i = 0; i < count; i++)
        points[i] = sorted[i];
    count = fit_curve_pool(points, count);
    size_t block_count = pool_falling(points, count, blocks);
    curve->is_level = block_count < count;
    for (size_t b = 0, i = 0; b < block_count; b++) {
        for (size_t in_block = 0; in_block < blocks[b].count; in_block++, i++) {
            struct fit_curve_value alone = fit_curve_interval(points[i].y, points[i].error, points[i].degrees);
            double value = blocks[b].value;
            curve->knots[curve->knot_count++] =
                (struct fit_curve_knot){points[i].x,
                                        {value, isnan(alone.low) ? NAN : fmin(alone.low, value),
                                         isnan(alone.high) ? NAN : fmax(alone.high, value)}};
        }
    }
    free(blocks);
    free(points);
}
