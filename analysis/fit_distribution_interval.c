/* fit_distribution_interval.c - intervals of mean and cv by profile likelihood.
 *
 * An end of the interval of a parameter is where the likelihood, the other parameter chosen best, has fallen by half of
 * n log(1 + t^2 / (n - 1)), t being Student's quantile: for the mean of normal values that is exactly Student's
 * interval, and with n it becomes the usual 1.92 (Venzon, Moolgavkar, Applied Statistics 37, 1988).
 */
#include <gsl/gsl_cdf.h>
#include <math.h>

#include "analysis/fit_distribution_internal.h"
#include "sim/elementary.h"

#define FARTHEST 40.0 /* on the logarithmic scale; what lies beyond is as good as infinite */

enum {
    SECTIONS = 16, /* leave the place to 0.004 steps, and the likelihood, which is level there, to 1e-5 */
    SECANTS = 40
};

struct profile {
    const struct fit_sample *sample;
    struct fit_shape best;
    double log_own; /* of the best: of sigma, or of the shape */
    double step;    /* about the standard error of a logarithm */
    double wanted;  /* likelihood at the ends */
};

static double likelihood(const struct profile *profile, double log_mean, double log_own)
{
    struct fit_shape shape = fit_distribution_family_make(profile->best.family, sim_exp(log_mean), sim_exp(log_own));
    double value = fit_distribution_family_likelihood(&shape, profile->sample);
    return isfinite(value) ? value : -INFINITY;
}

/* With the own parameter given, the best mean is known for each family. */
static double likelihood_of_own(const struct profile *profile, double log_own)
{
    double own = sim_exp(log_own);
    struct fit_shape shape = fit_distribution_family_best_with(profile->best.family, own, profile->sample);
    double value = fit_distribution_family_likelihood(&shape, profile->sample);
    return isfinite(value) ? value : -INFINITY;
}

/* With the mean given, the best own parameter: points are moved until the highest is enclosed, then golden sections
 * (Kiefer, Proceedings of the AMS 4, 1953).
 */
static double likelihood_of_mean(const struct profile *profile, double log_mean)
{
    const double golden = 0.3819660112501051;
    double stride = 4 * profile->step;
    double middle = profile->log_own;
    double top = likelihood(profile, log_mean, middle);
    double left = middle - stride, right = middle + stride;
    double at = likelihood(profile, log_mean, left);
    while (at > top && stride < FARTHEST) {
        right = middle;
        middle = left;
        top = at;
        left -= 2 * stride;
        stride *= 2;
        at = likelihood(profile, log_mean, left);
    }
    at = likelihood(profile, log_mean, right);
    while (at > top && stride < FARTHEST) {
        left = middle;
        middle = right;
        top = at;
        right += 2 * stride;
        stride *= 2;
        at = likelihood(profile, log_mean, right);
    }
    for (int i = 0; i < SECTIONS; i++) {
        bool is_right = right - middle > middle - left;
        double next = is_right ? middle + golden * (right - middle) : middle - golden * (middle - left);
        at = likelihood(profile, log_mean, next);
        bool is_higher = at > top;
        double outer = is_higher ? middle : next; /* what encloses the higher of the two from now on */
        if (is_right == is_higher)
            left = outer;
        else
            right = outer;
        if (is_higher) {
            middle = next;
            top = at;
        }
    }
    return top;
}

typedef double course(const struct profile *profile, double place);

/* Between two places, one above and one below what is wanted: secants, of which a side that stays twice counts half
 * (the Illinois method; Dowell, Jarratt, BIT 11, 1971); about seven of them.
 */
static double crossing(const struct profile *profile, course *along, double inside, double outside)
{
    double above = along(profile, inside) - profile->wanted;
    double below = along(profile, outside) - profile->wanted;
    double place = outside;
    int side = 0; /* that moved last: 1 inside, -1 outside */
    for (int i = 0; i < SECANTS && fabs(outside - inside) > 1e-7 * profile->step; i++) {
        bool is_straight = isfinite(below) && above - below > 0;
        double last = place;
        place = is_straight ? inside + (outside - inside) * above / (above - below) : (inside + outside) / 2;
        double at = along(profile, place) - profile->wanted;
        if (fabs(place - last) <= 1e-7 * profile->step)
            break;
        if (at > 0) {
            inside = place;
            above = at;
            below *= side == 1 ? 0.5 : 1;
            side = 1;
        } else {
            outside = place;
            below = at;
            above *= side == -1 ? 0.5 : 1;
            side = -1;
        }
    }
    return place;
}

/* Where the likelihood has fallen to what is wanted, in one direction from the best place. */
static double end_of(const struct profile *profile, course *along, double best, double step, int direction)
{
    double inside = best;
    double outside = best + direction * step;
    double stride = step;
    while (along(profile, outside) > profile->wanted) {
        inside = outside;
        outside += direction * stride;
        stride *= 2;
        if (fabs(outside - best) > FARTHEST)
            return direction < 0 ? -INFINITY : INFINITY;
    }
    return crossing(profile, along, inside, outside);
}

static double cv_at(const struct profile *profile, double log_own)
{
    if (isinf(log_own)) /* sigma 0 and endless shapes have no spread */
        return (log_own > 0) == (profile->best.family == FIT_DISTRIBUTION_LOGNORMAL) ? INFINITY : 0;
    return fit_distribution_family_cv(profile->best.family, sim_exp(log_own));
}

void fit_distribution_interval(const struct fit_sample *sample, const struct fit_shape *shape,
                               struct fit_distribution *fit)
{
    double n = (double)sample->count;
    double t = gsl_cdf_tdist_Pinv(0.975, n - 1);
    double own = fit_distribution_family_own(shape), mean = fit_distribution_family_mean(shape);
    struct profile profile = {.sample = sample, .best = *shape, .log_own = sim_log(own)};
    profile.step = 1 / sqrt(n);
    profile.wanted = fit_distribution_family_likelihood(shape, sample) - n * sim_log1p(t * t / (n - 1)) / 2;
    double log_mean = sim_log(mean);
    double mean_step = profile.step * fmin(1, fit_distribution_family_cv(shape->family, own));
    double low = end_of(&profile, likelihood_of_mean, log_mean, mean_step, -1);
    double high = end_of(&profile, likelihood_of_mean, log_mean, mean_step, 1);
    fit_distribution_add(fit, "mean", mean, sim_exp(low), sim_exp(high));
    double ends[2] = {cv_at(&profile, end_of(&profile, likelihood_of_own, profile.log_own, profile.step, -1)),
                      cv_at(&profile, end_of(&profile, likelihood_of_own, profile.log_own, profile.step, 1))};
    fit_distribution_add(fit, "cv", fit_distribution_family_cv(shape->family, own), fmin(ends[0], ends[1]),
                         fmax(ends[0], ends[1]));
}
