/* detrend.h - how sure a mean is whose batches follow a known trend.
 *
 * In a growing year the values of days differ because more is asked of the system, and because it is Sunday; an
 * interval has to say how much they would differ if the same days were lived again. So each stretch of days (a month)
 * is fitted by weighted least squares with a constant, the expected level of the day and its weekday, and what is left
 * over is the noise:
 *
 *     value[i] = a + b level[i] + c[group[i]] + e[i],   variance of e[i] = s^2 / weight[i]
 *     s^2 = sum of weight e^2 / (n - columns),   variance of the weighted mean = s^2 / sum of weights
 *
 * (Draper & Smith, Applied Regression Analysis, 1998, chapters 9 and 14.) A total is a mean of paces, weighted with the
 * length of the days; a mean or a quantile of requests is weighted with their number. The estimate itself is not
 * fitted: a missed curvature makes the interval wider, never the value wrong.
 *
 * Neighbouring days may be alike for other reasons (a queue that lasts, a slow drift of the rate). Fitting hides part
 * of it: residuals e = M noise, with M the projection, are less correlated than the noise and too small. So the noise
 * is taken as a first-order autoregression with correlation r, whose r is the one that makes the expected products of
 * neighbouring residuals, tr(M R(r) M shift) against tr(M R(r)), what was found in all stretches together; no
 * approximation but the model. A mean of n points is then
 *
 *     ((1 + r) / (1 - r) - 2 r (1 - r^n) / (n (1 - r)^2)) (n - columns) / tr(M R(r))
 *
 * times as variable as above (Law, Simulation Modeling and Analysis, 2015, section 4.4, for the first factor). Where
 * r exceeds 0.2 weeks are batches too: if sums of residuals over seven points vary more than such an autoregression
 * makes them, there is a longer memory, and the variance grows in proportion. A negative r narrows nothing.
 *
 * + - * / and square roots only: the same bits on every machine.
 */
#ifndef SIM_DETREND_H
#define SIM_DETREND_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/interval.h"

enum {
    SIM_DETREND_GROUPS = 7,
    SIM_DETREND_POINTS_MIN = 7,        /* fewer give no interval */
    SIM_DETREND_POINTS_FOR_GROUPS = 21 /* fewer are fitted without groups */
};

struct sim_detrend_point {
    double value;  /* a point without a finite value is left out */
    double weight; /* one of weight 0 too */
    double level;
    int group; /* 0 to SIM_DETREND_GROUPS - 1 */
};

/* A fitted stretch. */
struct sim_detrend {
    size_t count;    /* points used */
    size_t degrees;  /* of freedom; 0: too few points */
    double weight;   /* of the points used */
    double variance; /* of their weighted mean, for independent noise */
};

enum {
    SIM_DETREND_GRID = 10 /* correlations 0, 0.1 .. 0.9 */
};

/* What the residuals of all stretches say about neighbours; zero at first. The arrays hold what is expected for the
 * correlations of the grid.
 */
struct sim_detrend_memory {
    double degrees;
    double products; /* of neighbours */
    double expected_products[SIM_DETREND_GRID];
    double squares; /* of sums over seven neighbours */
    double expected_squares[SIM_DETREND_GRID];
    double inflation[SIM_DETREND_GRID]; /* x degrees */
};

/* Fits points in order of time. `memory`, if not NULL, learns from what is left over. */
struct sim_detrend sim_detrend_fit(const struct sim_detrend_point *points, size_t count,
                                   struct sim_detrend_memory *memory);

/* Lag-1 correlation of the noise, at most 0.9; NaN where nothing was learnt. */
double sim_detrend_lag_1(const struct sim_detrend_memory *memory);

/* By how much neighbours make the variance of a mean larger; 1 or more. */
double sim_detrend_inflation(const struct sim_detrend_memory *memory);

/* Half width of the 95 % interval of a mean made of stretches, each with the share weight / sum of weights. A stretch
 * without an own variance counts with the mean variance of the others. NaN if there is none.
 */
double sim_detrend_half_width(const struct sim_detrend *stretches, size_t count, double inflation);

#endif
