/* fit_curve_knee.c - two lines that meet.
 *
 * With a knee at k the curve is a + b min(x, k) + c max(x - k, 0). Each gap between neighbouring x is tried (Hudson:
 * Fitting segmented curves whose join points have to be estimated, JASA 61, 1966): a line through what lies left of it
 * and another through the rest, and where these meet outside the gap, the best knee at its ends. A slope that comes out
 * negative is set to 0. On either side there are at least two different x (the knee itself belongs to both), else k
 * and the slope beyond it could not be told apart.
 */
#include <math.h>

#include "analysis/fit_curve_internal.h"

/* A knee that is tried. */
struct knee {
    double x;
    double level, before, after; /* a, b and c */
    double sum;
    size_t parameter_count; /* level and the slopes that were not set to 0 */
};

static struct knee knee_with(const struct fit_curve_point *sorted, size_t count, double x, bool rises_before,
                             bool rises_after)
{
    double rows[count][FIT_CURVE_COLUMNS];
    size_t columns = 1U + rises_before + rises_after;
    for (size_t i = 0; i < count; i++) {
        rows[i][0] = 1;
        rows[i][1] = fmin(sorted[i].x, x);
        rows[i][1U + rises_before] = rises_after ? fmax(sorted[i].x - x, 0) : rows[i][1];
    }
    struct fit_curve_squares squares = fit_curve_squares(sorted, count, rows, columns);
    return (struct knee){
        .x = x,
        .level = squares.parameters[0],
        .before = rises_before ? squares.parameters[1] : 0,
        .after = rises_after ? squares.parameters[columns - 1] : 0,
        .sum = squares.sum,
        .parameter_count = columns,
    };
}

/* The best one at x whose slopes are not negative. */
static struct knee knee_at(const struct fit_curve_point *sorted, size_t count, double x)
{
    struct knee best = knee_with(sorted, count, x, true, true);
    if (best.before >= 0 && best.after >= 0)
        return best;
    best = knee_with(sorted, count, x, false, false);
    for (int which = 0; which < 2; which++) {
        struct knee one = knee_with(sorted, count, x, which == 0, which == 1);
        if (one.before >= 0 && one.after >= 0 && one.sum < best.sum)
            best = one;
    }
    return best;
}

/* The best line through some of the points that does not fall. */
static struct fit_curve_squares rising_line(const struct fit_curve_point *points, size_t count)
{
    double rows[count][FIT_CURVE_COLUMNS];
    for (size_t i = 0; i < count; i++) {
        rows[i][0] = 1;
        rows[i][1] = points[i].x;
    }
    struct fit_curve_squares line = fit_curve_squares(points, count, rows, 2);
    if (line.parameters[1] < 0)
        line = fit_curve_squares(points, count, rows, 1);
    return line;
}

/* Two lines, through the first left_count points and through the rest. A sum of infinity if they do not meet between
 * the two.
 */
static struct knee knee_between(const struct fit_curve_point *sorted, size_t count, size_t left_count)
{
    struct fit_curve_squares left = rising_line(sorted, left_count);
    struct fit_curve_squares right = rising_line(sorted + left_count, count - left_count);
    double x = (left.parameters[0] - right.parameters[0]) / (right.parameters[1] - left.parameters[1]);
    if (!(x >= sorted[left_count - 1].x && x <= sorted[left_count].x))
        return (struct knee){.sum = INFINITY};
    return (struct knee){
        .x = x,
        .level = left.parameters[0],
        .before = left.parameters[1],
        .after = right.parameters[1],
        .sum = left.sum + right.sum,
        .parameter_count = left.column_count + right.column_count - 1,
    };
}

/* The gaps between neighbouring x, but for the first and the last one, and their ends. */
static struct knee best_of_all(const struct fit_curve_point *sorted, size_t count)
{
    struct knee best = {.sum = INFINITY};
    for (size_t i = 1; i < count; i++) {
        double low = sorted[i - 1].x, high = sorted[i].x;
        if (!(low > sorted[0].x && high > low && high < sorted[count - 1].x))
            continue;
        const struct knee tried[] = {knee_at(sorted, count, low), knee_between(sorted, count, i),
                                     knee_at(sorted, count, high)};
        for (size_t j = 0; j < sizeof tried / sizeof tried[0]; j++)
            if (tried[j].sum < best.sum)
                best = tried[j];
    }
    return best;
}

static double knee_value(const struct knee *knee, double x)
{
    return knee->level + knee->before * fmin(x, knee->x) + knee->after * fmax(x - knee->x, 0);
}

/* How the value at x moves with level, first slope, second slope and knee. */
static void knee_gradient(const struct knee *knee, double x, double gradient[FIT_CURVE_COLUMNS])
{
    gradient[0] = 1;
    gradient[1] = fmin(x, knee->x);
    gradient[2] = fmax(x - knee->x, 0);
    gradient[3] = x > knee->x ? knee->before - knee->after : 0;
}

static double error_at(const struct knee *knee, const struct fit_curve_squares *near, double residual, double x)
{
    double gradient[FIT_CURVE_COLUMNS], variance = 0;
    knee_gradient(knee, x, gradient);
    for (size_t i = 0; i < FIT_CURVE_COLUMNS; i++)
        for (size_t j = 0; j < FIT_CURVE_COLUMNS; j++)
            variance += gradient[i] * near->covariance[i][j] * gradient[j];
    return residual * sqrt(fmax(variance, 0));
}

void fit_curve_knee(struct fit_curve *curve, const struct fit_curve_point *sorted, size_t count)
{
    struct knee knee = best_of_all(sorted, count);
    double rows[count][FIT_CURVE_COLUMNS];
    for (size_t i = 0; i < count; i++)
        knee_gradient(&knee, sorted[i].x, rows[i]);
    struct fit_curve_squares near = fit_curve_squares(sorted, count, rows, FIT_CURVE_COLUMNS);
    double degrees = (double)count - FIT_CURVE_COLUMNS;
    curve->is_level = knee.parameter_count < 3;
    curve->residual = degrees >= 1 ? sqrt(knee.sum / degrees) : NAN;
    const double found[FIT_CURVE_COLUMNS] = {knee.level, knee.before, knee.after, knee.x};
    struct fit_curve_value *values[FIT_CURVE_COLUMNS] = {&curve->intercept, &curve->slope, &curve->after, &curve->knee};
    for (size_t i = 0; i < FIT_CURVE_COLUMNS; i++)
        *values[i] = fit_curve_interval(found[i], curve->residual * sqrt(near.covariance[i][i]), degrees);
    double xs[3] = {sorted[0].x, knee.x, sorted[count - 1].x};
    for (size_t i = 0; i < 3; i++)
        curve->knots[curve->knot_count++] =
            (struct fit_curve_knot){xs[i], fit_curve_interval(knee_value(&knee, xs[i]),
                                                              error_at(&knee, &near, curve->residual, xs[i]), degrees)};
}
