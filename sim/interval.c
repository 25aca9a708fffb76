/* interval.c - Student's t, sectioning, and the checks of independence. */
#include "sim/interval.h"

#include <math.h>

#include "sim/error.h"

const char *sim_interval_reason_text(enum sim_interval_reason reason)
{
    switch (reason) {
#define SIM_INTERVAL_REASON_CASE(name, text) \
    case name:                               \
        return text;
        SIM_INTERVAL_REASON_LIST(SIM_INTERVAL_REASON_CASE)
#undef SIM_INTERVAL_REASON_CASE
    }
    return "unknown reason";
}

/* Quantiles for 1 to 40 degrees of freedom, to 14 digits. */
static const double student_t[] = {
    12.706204736175, 4.3026527297495, 3.1824463052837, 2.7764451051978, 2.5705818356363, 2.4469118511450,
    2.3646242515928, 2.3060041352042, 2.2621571627982, 2.2281388519863, 2.2009851600916, 2.1788128296672,
    2.1603686564628, 2.1447866879178, 2.1314495455598, 2.1199052992213, 2.1098155778333, 2.1009220402410,
    2.0930240544083, 2.0859634472658, 2.0796138447277, 2.0738730679040, 2.0686576104190, 2.0638985616280,
    2.0595385527533, 2.0555294386429, 2.0518305164803, 2.0484071417952, 2.0452296421327, 2.0422724563012,
    2.0395134463964, 2.0369333434601, 2.0345152974493, 2.0322445093177, 2.0301079282503, 2.0280940009805,
    2.0261924630291, 2.0243941639120, 2.0226909200368, 2.0210753903063,
};

#define STUDENT_T_COUNT (sizeof student_t / sizeof student_t[0])

double sim_interval_t(size_t degrees)
{
    sim_assert(degrees >= 1);
    if (degrees <= STUDENT_T_COUNT)
        return student_t[degrees - 1];
    /* Fisher & Cornish's expansion around the normal quantile z (Abramowitz & Stegun 26.7.5). */
    const double z = 1.9599639845400542;
    const double z2 = z * z;
    double r = 1 / (double)degrees;
    double g1 = z * (z2 + 1) / 4;
    double g2 = z * ((5 * z2 + 16) * z2 + 3) / 96;
    double g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
    double g4 = z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160;
    return z + r * (g1 + r * (g2 + r * (g3 + r * g4)));
}

double sim_interval_t_between(double degrees)
{
    size_t below = (size_t)degrees;
    double low = 1 / (double)(below + 1);
    double place = (1 / degrees - low) / (1 / (double)below - low);
    return sim_interval_t(below + 1) + place * (sim_interval_t(below) - sim_interval_t(below + 1));
}

/* Summed as distances from the first value, so that the mean of equal values is that value, without rounding. */
static double mean_of(const double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i] - values[0];
    return values[0] + sum / (double)count;
}

static double squares_about(double center, const double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (values[i] - center) * (values[i] - center);
    return sum;
}

static bool all_finite(const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

/* Why no interval can be had; the estimate is checked first, since without it there is nothing to print at all. */
static enum sim_interval_reason reason_for(double estimate, const double *values, size_t count)
{
    if (count == 0 || !isfinite(estimate))
        return SIM_INTERVAL_NO_SAMPLES;
    if (!all_finite(values, count))
        return SIM_INTERVAL_EMPTY_SECTION;
    if (count == 1)
        return SIM_INTERVAL_ONE_SECTION;
    return SIM_INTERVAL_GIVEN;
}

struct sim_interval sim_interval_of_sections(double estimate, const double *values, size_t count)
{
    struct sim_interval interval = {.estimate = isfinite(estimate) ? estimate : NAN,
                                    .half_width = NAN,
                                    .section_count = count,
                                    .reason = reason_for(estimate, values, count)};
    if (interval.reason != SIM_INTERVAL_GIVEN)
        return interval;
    double b = (double)count;
    double variance = squares_about(estimate, values, count) / (b - 1);
    interval.half_width = sim_interval_t(count - 1) * sqrt(variance / b);
    return interval;
}

struct sim_interval sim_interval_of_mean(const double *values, size_t count)
{
    if (count && !all_finite(values, count))
        return (struct sim_interval){NAN, NAN, count, SIM_INTERVAL_EMPTY_SECTION};
    return sim_interval_of_sections(count ? mean_of(values, count) : NAN, values, count);
}

double sim_interval_lag_1(const double *series, size_t count)
{
    if (count < 2)
        return 0;
    double mean = mean_of(series, count);
    double squares = squares_about(mean, series, count);
    double products = 0;
    for (size_t i = 0; i + 1 < count; i++)
        products += (series[i] - mean) * (series[i + 1] - mean);
    return squares > 0 ? products / squares : 0;
}

double sim_interval_von_neumann(const double *series, size_t count)
{
    if (count < 3)
        return 0;
    double squares = squares_about(mean_of(series, count), series, count);
    double steps = 0;
    for (size_t i = 0; i + 1 < count; i++)
        steps += (series[i + 1] - series[i]) * (series[i + 1] - series[i]);
    double n = (double)count;
    return squares > 0 ? (1 - steps / (2 * squares)) * sqrt((n * n - 1) / (n - 2)) : 0;
}

size_t sim_interval_batch_means(const double *series, size_t count, size_t size, double *means)
{
    sim_assert(size >= 1);
    size_t batches = count / size;
    const double *first = series + count % size;
    for (size_t i = 0; i < batches; i++)
        means[i] = mean_of(first + i * size, size);
    return batches;
}

/* Sums of squares and products about the means. */
struct moments {
    double mean_difference;
    double squares_a;
    double squares_b;
    double products;
    double squares_difference;
};

static struct moments moments_of(const double *a, const double *b, size_t count)
{
    double mean_a = mean_of(a, count);
    double mean_b = mean_of(b, count);
    struct moments sums = {.mean_difference = mean_a - mean_b};
    for (size_t i = 0; i < count; i++) {
        double distance = a[i] - b[i] - sums.mean_difference;
        sums.squares_a += (a[i] - mean_a) * (a[i] - mean_a);
        sums.squares_b += (b[i] - mean_b) * (b[i] - mean_b);
        sums.products += (a[i] - mean_a) * (b[i] - mean_b);
        sums.squares_difference += distance * distance;
    }
    return sums;
}

static double correlation_of(const struct moments *sums)
{
    if (sums->squares_a == 0 || sums->squares_b == 0)
        return NAN;
    double correlation = sums->products / (sqrt(sums->squares_a) * sqrt(sums->squares_b));
    return correlation < -1 ? -1 : correlation > 1 ? 1 : correlation;
}

struct sim_interval_paired sim_interval_of_difference(const double *a, const double *b, size_t count)
{
    struct sim_interval_paired paired = {
        {NAN, NAN, count, count ? SIM_INTERVAL_EMPTY_SECTION : SIM_INTERVAL_NO_SAMPLES}, NAN, NAN};
    if (count == 0 || !all_finite(a, count) || !all_finite(b, count))
        return paired;
    struct moments sums = moments_of(a, b, count);
    paired.difference.estimate = sums.mean_difference;
    paired.difference.reason = count == 1 ? SIM_INTERVAL_ONE_SECTION : SIM_INTERVAL_GIVEN;
    if (count == 1)
        return paired;
    double n = (double)count;
    paired.difference.half_width = sim_interval_t(count - 1) * sqrt(sums.squares_difference / (n - 1) / n);
    paired.correlation = correlation_of(&sums);
    paired.variance_ratio = (sums.squares_a + sums.squares_b) / sums.squares_difference;
    return paired;
}
