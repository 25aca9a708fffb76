/* fit_curve.h - a curve through measured points that cannot fall: straight line, knee, or from point to point.
 *
 * What rises with load and was measured at a few loads: the length of a step by batch, or by cached tokens. Numbers in,
 * curve out; what they mean is the caller's. Every curve is made of straight pieces between knots:
 *
 *     line       a + b x with b >= 0
 *     knee       two lines that meet, neither of which falls
 *     monotone   a knot at each x: the weighted means there, pooled where they fall (isotonic regression by pooling
 *                adjacent violators; Barlow, Bartholomew, Bremner, Brunk 1972, chapter 1), straight between them
 *
 * All are least squares with weights. Which family predicts best is for the caller to ask, by leaving out all rows of
 * one x after another (fit_curve_hold_out) and choosing from the errors (fit_curve_choose).
 *
 * Intervals are of 95 % and take the points as independent. Of line and knee they come from what the points scatter
 * about the fit (Student's t; those of the knee from its linear approximation). Of a monotone knot it is that of the
 * mean at this x alone, from several points there or from the point's own error, stretched to the value of the curve:
 * exact wherever the truth lies. Drawing the repeats anew, the bootstrap, holds the truth in 87 to 91 % of the cases at
 * the ends of a level stretch, so it is not used.
 */
#ifndef ANALYSIS_FIT_CURVE_H
#define ANALYSIS_FIT_CURVE_H

#include <stdbool.h>
#include <stddef.h>

enum fit_curve_family {
    FIT_CURVE_LINE,
    FIT_CURVE_KNEE,
    FIT_CURVE_MONOTONE,
    FIT_CURVE_FAMILIES
};

/* One row of measurements. */
struct fit_curve_point {
    double x;
    double y;
    double weight;  /* above 0, relative to the others: 1 / y^2 where errors are in proportion to y */
    double error;   /* standard error of y by itself, from repeats; NaN: not known */
    double degrees; /* of freedom behind `error` */
};

/* A figure with the ends of its interval, which are NaN where the points do not give one. */
struct fit_curve_value {
    double value, low, high;
};

struct fit_curve_knot {
    double x;
    struct fit_curve_value y;
};

struct fit_curve {
    enum fit_curve_family family;
    bool is_level; /* the best slope was negative, or values were pooled: 0 was taken, the lowest allowed */
    struct fit_curve_value intercept; /* at x = 0: line; NaN in other families */
    struct fit_curve_value slope;     /* line; knee: before it */
    struct fit_curve_value after;     /* knee: slope behind it */
    struct fit_curve_value knee;      /* x of the knee */
    double residual; /* line, knee: square root of the weighted mean square about the fit per degree of freedom; NaN */
    size_t knot_count;
    struct fit_curve_knot *knots; /* in order of x; the first and the last at the lowest and the highest x measured */
};

/* Fits one family. points: in any order, equal x allowed, all values finite. NULL where there are fewer different x
 * than the family needs: 2 for a line (or 1 x: a level line through its mean), 5 for a knee, 1 for a monotone curve.
 */
struct fit_curve *fit_curve_create(const struct fit_curve_point *points, size_t count, enum fit_curve_family family);
void fit_curve_destroy(struct fit_curve *curve);

/* The curve at x. Below the first knot it stays level, as curves of a profile do (a line does not); beyond the last it
 * goes on as between the last two.
 */
double fit_curve_at(const struct fit_curve *curve, double x);

/* Predicts each point from a curve fitted without all points of its x: errors[i] = predicted / y - 1. NaN at the lowest
 * and the highest x, where a prediction would go beyond what was measured, and where too few points are left.
 */
void fit_curve_hold_out(const struct fit_curve_point *points, size_t count, enum fit_curve_family family,
                        double *errors);

/* The family to use: the one with the smallest mean square of errors; a simpler one (line before knee before monotone)
 * if it is not worse by more than one standard error of the difference (Breiman, Friedman, Olshen, Stone 1984, 3.4.3).
 * errors[f]: of family f at the same `count` points; those that are NaN in every family do not count. Families with a
 * NaN elsewhere, or NULL, are not chosen; FIT_CURVE_MONOTONE if none can be compared.
 */
enum fit_curve_family fit_curve_choose(const double *const errors[FIT_CURVE_FAMILIES], size_t count);

/* "straight line", "knee", "monotone curve". */
const char *fit_curve_family_name(enum fit_curve_family family);

/* Sorts by x and makes one point of those with the same x: weighted mean, sum of the weights, error and degrees from
 * how they scatter. Returns how many are left.
 */
size_t fit_curve_pool(struct fit_curve_point *points, size_t count);

#endif
