/* fit_ratio.c - ratios of measured quantities. */
#include "analysis/fit_ratio.h"

#include <math.h>

#include "analysis/fit_curve_internal.h"

/* Mean of the logarithms, the square of its standard error, and the degrees of freedom behind it. */
struct log_mean {
    double value;
    double variance;
    double degrees;
};

static struct log_mean log_mean_of(const double *values, size_t count)
{
    struct log_mean mean = {.degrees = (double)count - 1};
    double squares = 0;
    for (size_t i = 0; i < count; i++)
        mean.value += log(values[i]) / (double)count;
    for (size_t i = 0; i < count; i++)
        squares += (log(values[i]) - mean.value) * (log(values[i]) - mean.value);
    mean.variance = count > 1 ? squares / mean.degrees / (double)count : NAN;
    return mean;
}

struct fit_ratio fit_ratio_of(const double *a, size_t a_count, const double *b, size_t b_count, double unit)
{
    struct log_mean above = log_mean_of(a, a_count), below = log_mean_of(b, b_count);
    double value = exp(above.value - below.value), variance = above.variance + below.variance;
    double degrees =
        variance * variance /
        (above.variance * above.variance / above.degrees + below.variance * below.variance / below.degrees);
    struct fit_curve_value of_log = fit_curve_interval(log(value), sqrt(variance), variance > 0 ? degrees : NAN);
    double a_half = unit / 2 / exp(above.value), b_half = unit / 2 / exp(below.value);
    return (struct fit_ratio){
        .value = value,
        .low = exp(of_log.low),
        .high = exp(of_log.high),
        .rounded_low = value * fmax(1 - a_half, 0) / (1 + b_half),
        .rounded_high = b_half < 1 ? value * (1 + a_half) / (1 - b_half) : INFINITY,
    };
}

double fit_ratio_unit(const double *values, size_t count)
{
    double unit = 1e6;
    for (int digits = -6; digits < 6; digits++) {
        size_t multiples = 0;
        for (size_t i = 0; i < count; i++) {
            double parts = values[i] / unit;
            multiples += fabs(parts - round(parts)) <= 1e-9 * fmax(parts, 1);
        }
        if (multiples == count)
            return unit;
        unit /= 10;
    }
    return unit;
}
