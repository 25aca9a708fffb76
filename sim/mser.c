/* mser.c - one pass from the end, where the sums of every tail are at hand. */
#include "sim/mser.h"

#include <math.h>

#include "sim/error.h"

static double batch_mean(const double *values)
{
    double sum = 0;
    for (size_t i = 0; i < SIM_MSER_BATCH; i++)
        sum += values[i];
    sim_assert(isfinite(sum));
    return sum / SIM_MSER_BATCH;
}

size_t sim_mser_cut(const double *series, size_t count)
{
    if (count < SIM_MSER_SHORTEST)
        return SIM_MSER_TOO_SHORT;
    size_t batches = count / SIM_MSER_BATCH;
    size_t limit = batches / 2;
    size_t best = limit;
    double lowest = INFINITY;
    double mean = 0;
    double squares = 0; /* about the mean, updated by Welford's rule, which does not cancel */
    for (size_t cut = batches; cut-- > 0;) {
        double remaining = (double)(batches - cut);
        double value = batch_mean(series + cut * SIM_MSER_BATCH);
        double distance = value - mean;
        mean += distance / remaining;
        squares += distance * (value - mean);
        double error = squares / (remaining * remaining);
        if (cut <= limit && error <= lowest) {
            lowest = error;
            best = cut;
        }
    }
    return best == limit ? SIM_MSER_TOO_SHORT : best * SIM_MSER_BATCH;
}
