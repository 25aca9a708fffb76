/* fit_curve.c - what the families have in common: pooling, evaluation, leaving out, choosing. */
#include "analysis/fit_curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "analysis/fit_curve_internal.h"
#include "sim/error.h"
#include "sim/memory.h"

static const size_t DISTINCT_LOWEST[FIT_CURVE_FAMILIES] = {1, 5, 1};

const char *fit_curve_family_name(enum fit_curve_family family)
{
    static const char *const names[FIT_CURVE_FAMILIES] = {"straight line", "knee", "monotone curve"};
    return names[family];
}

struct fit_curve_value fit_curve_none(void)
{
    return (struct fit_curve_value){NAN, NAN, NAN};
}

struct fit_curve_value fit_curve_interval(double value, double error, double degrees)
{
    if (!(degrees >= 1) || !isfinite(error))
        return (struct fit_curve_value){value, NAN, NAN};
    double half_width = gsl_cdf_tdist_Pinv(0.975, degrees) * error;
    return (struct fit_curve_value){value, value - half_width, value + half_width};
}

static int by_x(const void *a, const void *b)
{
    const struct fit_curve_point *left = a, *right = b;
    return (left->x > right->x) - (left->x < right->x);
}

size_t fit_curve_distinct(const struct fit_curve_point *sorted, size_t count)
{
    size_t distinct = count > 0;
    for (size_t i = 1; i < count; i++)
        distinct += sorted[i].x > sorted[i - 1].x;
    return distinct;
}

/* One of `count` points with the same x. */
static struct fit_curve_point pooled(const struct fit_curve_point *points, size_t count)
{
    struct fit_curve_point one = points[0];
    if (count == 1)
        return one;
    double sum = 0, squares = 0;
    one.weight = 0;
    for (size_t i = 0; i < count; i++) {
        one.weight += points[i].weight;
        sum += points[i].weight * points[i].y;
    }
    one.y = sum / one.weight;
    for (size_t i = 0; i < count; i++)
        squares += points[i].weight * (points[i].y - one.y) * (points[i].y - one.y);
    one.degrees = (double)count - 1;
    one.error = sqrt(squares / one.degrees / one.weight);
    return one;
}

size_t fit_curve_pool(struct fit_curve_point *points, size_t count)
{
    qsort(points, count, sizeof *points, by_x);
    size_t kept = 0;
    for (size_t from = 0, to; from < count; from = to) {
        to = from + 1;
        while (to < count && !(points[to].x > points[from].x))
            to++;
        points[kept++] = pooled(points + from, to - from);
    }
    return kept;
}

struct fit_curve *fit_curve_create(const struct fit_curve_point *points, size_t count, enum fit_curve_family family)
{
    static void (*const fits[FIT_CURVE_FAMILIES])(struct fit_curve *, const struct fit_curve_point *,
                                                  size_t) = {fit_curve_line, fit_curve_knee, fit_curve_monotone};
    struct fit_curve *curve = NULL;
    struct fit_curve_point *sorted = sim_allocate(count + 1, sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = points[i];
    qsort(sorted, count, sizeof *sorted, by_x);
    size_t distinct = fit_curve_distinct(sorted, count);
    if (distinct >= DISTINCT_LOWEST[family]) {
        curve = sim_allocate(1, sizeof *curve);
        curve->family = family;
        curve->intercept = curve->slope = curve->after = curve->knee = fit_curve_none();
        curve->residual = NAN;
        curve->knots = sim_allocate(distinct + 2, sizeof *curve->knots);
        fits[family](curve, sorted, count);
    }
    free(sorted);
    return curve;
}

void fit_curve_destroy(struct fit_curve *curve)
{
    if (!curve)
        return;
    free(curve->knots);
    free(curve);
}

double fit_curve_at(const struct fit_curve *curve, double x)
{
    const struct fit_curve_knot *knots = curve->knots;
    size_t count = curve->knot_count;
    if (curve->family == FIT_CURVE_LINE)
        return curve->intercept.value + curve->slope.value * x;
    if (count == 1 || x <= knots[0].x)
        return knots[0].y.value;
    size_t at = 1;
    while (at + 1 < count && knots[at].x < x)
        at++;
    const struct fit_curve_knot *low = &knots[at - 1], *high = &knots[at];
    return low->y.value + (high->y.value - low->y.value) * ((x - low->x) / (high->x - low->x));
}

void fit_curve_hold_out(const struct fit_curve_point *points, size_t count, enum fit_curve_family family,
                        double *errors)
{
    struct fit_curve_point *rest = sim_allocate(count + 1, sizeof *rest);
    for (size_t i = 0; i < count; i++) {
        size_t rest_count = 0;
        bool is_lowest = true, is_highest = true;
        for (size_t j = 0; j < count; j++) {
            is_lowest &= points[j].x >= points[i].x;
            is_highest &= points[j].x <= points[i].x;
            if (points[j].x < points[i].x || points[j].x > points[i].x)
                rest[rest_count++] = points[j];
        }
        struct fit_curve *curve = is_lowest || is_highest ? NULL : fit_curve_create(rest, rest_count, family);
        errors[i] = curve ? fit_curve_at(curve, points[i].x) / points[i].y - 1 : NAN;
        fit_curve_destroy(curve);
    }
    free(rest);
}

/* Whether the family was tried at every point where any was. */
static bool is_complete(const double *const errors[FIT_CURVE_FAMILIES], size_t family, size_t count)
{
    size_t tried = 0;
    for (size_t i = 0; i < count && errors[family]; i++) {
        for (size_t other = 0; other < FIT_CURVE_FAMILIES; other++)
            if (errors[other] && isfinite(errors[other][i]) && !isfinite(errors[family][i]))
                return false;
        tried += isfinite(errors[family][i]) != 0;
    }
    return tried > 0;
}

static double mean_square(const double *errors, size_t count)
{
    double sum = 0, tried = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(errors[i]))
            continue;
        sum += errors[i] * errors[i];
        tried++;
    }
    return sum / tried;
}

/* Standard error of the mean difference of the squares. */
static double difference_error(const double *a, const double *b, size_t count)
{
    double mean = mean_square(a, count) - mean_square(b, count), squares = 0, tried = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(a[i]) || !isfinite(b[i]))
            continue;
        double difference = a[i] * a[i] - b[i] * b[i] - mean;
        squares += difference * difference;
        tried++;
    }
    return tried > 1 ? sqrt(squares / (tried - 1) / tried) : 0;
}

enum fit_curve_family fit_curve_choose(const double *const errors[FIT_CURVE_FAMILIES], size_t count)
{
    size_t best = FIT_CURVE_FAMILIES;
    for (size_t family = 0; family < FIT_CURVE_FAMILIES; family++)
        if (is_complete(errors, family, count) &&
            (best == FIT_CURVE_FAMILIES || mean_square(errors[family], count) < mean_square(errors[best], count)))
            best = family;
    if (best == FIT_CURVE_FAMILIES)
        return FIT_CURVE_MONOTONE;
    for (size_t family = 0; family < best; family++) {
        if (!is_complete(errors, family, count))
            continue;
        double excess = mean_square(errors[family], count) - mean_square(errors[best], count);
        if (excess <= difference_error(errors[family], errors[best], count))
            return (enum fit_curve_family)family;
    }
    return (enum fit_curve_family)best;
}
