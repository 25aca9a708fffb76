/* detrend.c - weighted least squares by orthogonal columns, and what neighbouring residuals have in common. */
#include "sim/detrend.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/error.h"
#include "sim/memory.h"

enum {
    COLUMNS_MAX = 2 + SIM_DETREND_GROUPS,
    WEEK = 7
};

/* The points used, each multiplied by the root of its weight. */
struct fit {
    size_t count;
    size_t column_count;
    double *columns[COLUMNS_MAX]; /* orthonormal */
    double *residuals;
    size_t *places; /* among all points */
};

static double dot(const double *a, const double *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

static void take_off(double *vector, const double *direction, size_t count)
{
    double part = dot(vector, direction, count);
    for (size_t i = 0; i < count; i++)
        vector[i] -= part * direction[i];
}

/* Makes columns[column_count] orthogonal to those before it and of length 1, and keeps it unless nothing is left. */
static void keep_column(struct fit *fit)
{
    double *column = fit->columns[fit->column_count];
    double before = dot(column, column, fit->count);
    for (int pass = 0; pass < 2; pass++) /* the second removes what rounding has left */
        for (size_t k = 0; k < fit->column_count; k++)
            take_off(column, fit->columns[k], fit->count);
    double after = dot(column, column, fit->count);
    if (!(after > 1e-12 * before))
        return;
    double length = sqrt(after);
    for (size_t i = 0; i < fit->count; i++)
        column[i] /= length;
    fit->column_count++;
}

static bool is_used(const struct sim_detrend_point *point)
{
    return isfinite(point->value) && isfinite(point->level) && point->weight > 0;
}

static void add_columns(struct fit *fit, const struct sim_detrend_point *points)
{
    size_t groups = fit->count >= SIM_DETREND_POINTS_FOR_GROUPS ? SIM_DETREND_GROUPS : 0;
    for (size_t k = 0; k < 2 + groups; k++) {
        double *column = fit->columns[fit->column_count];
        for (size_t i = 0; i < fit->count; i++) {
            const struct sim_detrend_point *point = &points[fit->places[i]];
            double entry = k == 0 ? 1 : k == 1 ? point->level : point->group == (int)k - 2;
            column[i] = entry * sqrt(point->weight);
        }
        keep_column(fit);
    }
}

static struct fit create_fit(const struct sim_detrend_point *points, size_t count)
{
    struct fit fit = {0};
    fit.places = sim_allocate(count, sizeof *fit.places);
    for (size_t i = 0; i < count; i++)
        if (is_used(&points[i]))
            fit.places[fit.count++] = i;
    double *memory = sim_allocate((COLUMNS_MAX + 1) * fit.count, sizeof *memory);
    fit.residuals = memory;
    for (size_t k = 0; k < COLUMNS_MAX; k++)
        fit.columns[k] = memory + (k + 1) * fit.count;
    return fit;
}

static void release_fit(struct fit *fit)
{
    free(fit->residuals);
    free(fit->places);
}

/* Multiplies by the correlations r^|i - j|, in two sweeps. `product` is another vector. */
static void correlate(const double *vector, size_t count, double r, double *product)
{
    double carried = 0;
    for (size_t i = 0; i < count; i++) {
        carried = r * carried + vector[i];
        product[i] = carried;
    }
    carried = 0;
    for (size_t i = count; i-- > 0;) {
        product[i] += r * carried;
        carried = r * carried + vector[i];
    }
}

static double neighbours(const double *a, const double *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i + 1 < count; i++)
        sum += a[i] * b[i + 1];
    return sum;
}

/* For noise of correlation r and variance 1: sums over the entries of M R M, with M = 1 - Q Q'. */
struct expectation {
    double squares;  /* on the diagonal */
    double products; /* beside it */
};

static struct expectation expect(const struct fit *fit, double r, double *correlated)
{
    size_t n = fit->count;
    struct expectation sums = {(double)n, (double)(n - 1) * r};
    for (size_t k = 0; k < fit->column_count; k++) {
        correlate(fit->columns[k], n, r, correlated);
        sums.squares -= dot(fit->columns[k], correlated, n);
        sums.products -= neighbours(fit->columns[k], correlated, n) + neighbours(correlated, fit->columns[k], n);
        for (size_t l = 0; l < fit->column_count; l++)
            sums.products += dot(fit->columns[l], correlated, n) * neighbours(fit->columns[l], fit->columns[k], n);
    }
    return sums;
}

/* Variance of the sum of n correlated values over that of independent ones. */
static double lengthening(double r, size_t n)
{
    double power = 1;
    for (size_t i = 0; i < n; i++)
        power *= r;
    return (1 + r) / (1 - r) - 2 * r * (1 - power) / ((double)n * (1 - r) * (1 - r));
}

/* squares: the sums of squares expected, by correlation of the grid. */
static void learn_neighbours(const struct fit *fit, double variance, struct sim_detrend_memory *memory, double *squares,
                             double *scratch)
{
    double degrees = (double)(fit->count - fit->column_count);
    memory->degrees += degrees;
    memory->products += neighbours(fit->residuals, fit->residuals, fit->count) / variance;
    for (int g = 0; g < SIM_DETREND_GRID; g++) {
        double r = g / (double)SIM_DETREND_GRID;
        struct expectation sums = expect(fit, r, scratch);
        squares[g] = sums.squares;
        memory->expected_products[g] += sums.products / sums.squares * degrees;
        memory->inflation[g] += lengthening(r, fit->count) / (sums.squares / degrees) * degrees;
    }
}

static void learn_week(const struct fit *fit, size_t first, double variance, struct sim_detrend_memory *memory,
                       const double *squares, double *scratch)
{
    double *week = scratch + fit->count;
    double sum = 0;
    memset(week, 0, fit->count * sizeof *week);
    for (size_t i = first; i < first + WEEK; i++) {
        week[i] = 1;
        sum += fit->residuals[i];
    }
    for (size_t k = 0; k < fit->column_count; k++)
        take_off(week, fit->columns[k], fit->count);
    memory->squares += sum * sum / variance;
    for (int g = 0; g < SIM_DETREND_GRID; g++) {
        double r = g / (double)SIM_DETREND_GRID;
        correlate(week, fit->count, r, scratch);
        double degrees = (double)(fit->count - fit->column_count);
        memory->expected_squares[g] += dot(week, scratch, fit->count) * degrees / squares[g];
    }
}

static void learn(const struct fit *fit, double variance, struct sim_detrend_memory *memory)
{
    double *scratch = sim_allocate(2 * fit->count, sizeof *scratch);
    double squares[SIM_DETREND_GRID];
    learn_neighbours(fit, variance, memory, squares, scratch);
    for (size_t first = 0; first + WEEK <= fit->count; first += WEEK)
        learn_week(fit, first, variance, memory, squares, scratch);
    free(scratch);
}

struct sim_detrend sim_detrend_fit(const struct sim_detrend_point *points, size_t count,
                                   struct sim_detrend_memory *memory)
{
    struct fit fit = create_fit(points, count);
    struct sim_detrend result = {.count = fit.count};
    for (size_t i = 0; i < fit.count; i++)
        result.weight += points[fit.places[i]].weight;
    if (fit.count >= SIM_DETREND_POINTS_MIN) {
        add_columns(&fit, points);
        for (size_t i = 0; i < fit.count; i++)
            fit.residuals[i] = points[fit.places[i]].value * sqrt(points[fit.places[i]].weight);
        for (int pass = 0; pass < 2; pass++)
            for (size_t k = 0; k < fit.column_count; k++)
                take_off(fit.residuals, fit.columns[k], fit.count);
        result.degrees = fit.count - fit.column_count;
        double variance = dot(fit.residuals, fit.residuals, fit.count) / (double)result.degrees;
        result.variance = variance / result.weight;
        if (memory && variance > 0)
            learn(&fit, variance, memory);
    }
    release_fit(&fit);
    return result;
}

double sim_detrend_lag_1(const struct sim_detrend_memory *memory)
{
    if (memory->degrees <= 0)
        return NAN;
    const double step = 1 / (double)SIM_DETREND_GRID;
    const double *expected = memory->expected_products;
    int g = 0;
    while (g + 2 < SIM_DETREND_GRID && memory->products > expected[g + 1])
        g++;
    double part = (memory->products - expected[g]) / (expected[g + 1] - expected[g]);
    return fmax(-0.9, fmin(step * (g + part), 1 - step));
}

/* Between two values of the grid. */
static double at(const double *grid, double r)
{
    double place = fmax(0, fmin(r * SIM_DETREND_GRID, SIM_DETREND_GRID - 1));
    int g = place < SIM_DETREND_GRID - 2 ? (int)place : SIM_DETREND_GRID - 2;
    return grid[g] + (place - g) * (grid[g + 1] - grid[g]);
}

double sim_detrend_inflation(const struct sim_detrend_memory *memory)
{
    double r = sim_detrend_lag_1(memory);
    if (!(r > 0))
        return 1;
    double inflation = fmax(1, at(memory->inflation, r) / memory->degrees);
    double expected_squares = at(memory->expected_squares, r);
    if (r > SIM_INTERVAL_LAG_1_LIMIT && expected_squares > 0)
        inflation *= fmax(1, memory->squares / expected_squares);
    return inflation;
}

double sim_detrend_half_width(const struct sim_detrend *stretches, size_t count, double inflation)
{
    double weight = 0;
    double known_weight = 0;
    double sum = 0;     /* of weight^2 x variance */
    double squares = 0; /* of the same, by degrees of freedom (Welch 1947, Satterthwaite 1946) */
    for (size_t i = 0; i < count; i++) {
        weight += stretches[i].weight;
        if (stretches[i].degrees == 0)
            continue;
        double part = stretches[i].weight * stretches[i].weight * stretches[i].variance;
        known_weight += stretches[i].weight;
        sum += part;
        squares += part * part / (double)stretches[i].degrees;
    }
    if (known_weight <= 0)
        return NAN;
    if (sum <= 0)
        return 0;
    double degrees = floor(sum * sum / squares + 1e-9);
    double variance = sum / known_weight / weight; /* sum / known^2 is that of the known part's mean */
    return sim_interval_t(degrees > 1 ? (size_t)degrees : 1) * sqrt(variance * inflation);
}
