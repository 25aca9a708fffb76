/* fit_distribution.c - the choice among families. */
#include "analysis/fit_distribution.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/fit_distribution_internal.h"
#include "sim/elementary.h"
#include "sim/random.h"
#include "sim/variate.h"

#define VALUE_MAX 1e100

static const char *const names[FIT_DISTRIBUTION_FAMILY_COUNT] = {"",        "fixed",   "lognormal", "gamma",
                                                                 "weibull", "mixture", "empirical"};

const char *fit_distribution_name(enum fit_distribution_family family)
{
    return names[family];
}

void fit_distribution_add(struct fit_distribution *fit, const char *name, double value, double low, double high)
{
    sim_assert(fit->parameter_count < FIT_DISTRIBUTION_PARAMETERS_MAX);
    fit->parameters[fit->parameter_count++] = (struct fit_distribution_parameter){name, value, low, high};
}

static void warn(struct fit_distribution *fit, const char *text)
{
    sim_assert(fit->warning_count < FIT_DISTRIBUTION_WARNINGS_MAX);
    fit->warnings[fit->warning_count++] = text;
}

static enum sim_status take_values(const struct fit_distribution_request *request, struct fit_sample *sample,
                                   struct sim_error *error)
{
    if (request->count == 0)
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "no values; expected at least one");
    for (size_t i = 0; i < request->count; i++)
        if (!(request->values[i] > 0 && request->values[i] <= VALUE_MAX))
            return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "value %zu is %g, expected more than 0", i,
                                 request->values[i]);
    fit_distribution_sample_init(sample, request->count);
    memcpy(sample->values, request->values, request->count * sizeof *sample->values);
    fit_distribution_sample_prepare(sample);
    return SIM_OK;
}

static enum sim_status make_fixed(const struct fit_sample *sample, struct fit_distribution *fit,
                                  struct sim_error *error)
{
    fit->family = fit->best = FIT_DISTRIBUTION_FIXED;
    fit_distribution_add(fit, "mean", sample->mean, NAN, NAN);
    if (sample->count == 1)
        warn(fit, "one observation has no spread");
    else if (sample->values[0] == sample->values[sample->count - 1])
        warn(fit, "equal observations show no spread");
    return sim_distribution_fixed(&fit->distribution, sample->mean, error);
}

/* Fits one family; false where it cannot have this spread. */
static bool try_family(enum fit_distribution_family family, const struct fit_sample *sample, struct sim_arena *arena,
                       struct fit_shape *shape, struct fit_distribution *fit, struct sim_error *error)
{
    bool is_mixture = family == FIT_DISTRIBUTION_MIXTURE;
    struct sim_distribution distribution;
    if (is_mixture && !fit_distribution_mixture_fit(sample, shape)) {
        (void)sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "too few values for the smaller part of a mixture");
        return false;
    }
    if (!is_mixture)
        *shape = fit_distribution_family_fit(family, sample);
    if (fit_distribution_family_build(shape, arena, &distribution, error) != SIM_OK)
        return false;
    double parameters = is_mixture ? 5 : 2;
    fit->log_likelihood[family] = fit_distribution_family_likelihood(shape, sample);
    fit->bic[family] = parameters * sim_log((double)sample->count) - 2 * fit->log_likelihood[family];
    return true;
}

static bool is_tried(const struct fit_distribution_request *request, enum fit_distribution_family family)
{
    if (request->family != FIT_DISTRIBUTION_CHOOSE)
        return family == request->family;
    return family != FIT_DISTRIBUTION_MIXTURE || request->count >= FIT_DISTRIBUTION_MIXTURE_MIN;
}

/* The shape with the lowest BIC; false where no family can have this spread. */
static bool choose(const struct fit_distribution_request *request, const struct fit_sample *sample,
                   struct sim_arena *arena, struct fit_shape *best, struct fit_distribution *fit,
                   struct sim_error *error)
{
    bool is_found = false;
    for (enum fit_distribution_family family = FIT_DISTRIBUTION_LOGNORMAL; family <= FIT_DISTRIBUTION_MIXTURE;
         family++) {
        struct fit_shape shape;
        if (!is_tried(request, family) || !try_family(family, sample, arena, &shape, fit, error))
            continue;
        double margin = family == FIT_DISTRIBUTION_MIXTURE ? FIT_DISTRIBUTION_MIXTURE_MARGIN : 0;
        if (!is_found || fit->bic[family] < fit->bic[best->family] - margin)
            *best = shape;
        is_found = true;
    }
    return is_found;
}

static void add_resampled(struct fit_distribution *fit, const char *name, double value, double *resampled,
                          unsigned count)
{
    double low, high;
    fit_distribution_ends(resampled, count, &low, &high);
    fit_distribution_add(fit, name, value, low, high);
}

static void mean_and_cv(const double *values, size_t count, double *mean, double *cv)
{
    double sum = 0, squares = 0, n = (double)count;
    for (size_t i = 0; i < count; i++)
        sum += values[i] / n;
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - sum) * (values[i] - sum) / n;
    *mean = sum;
    *cv = sqrt(squares) / sum;
}

/* The sample as it is, its mean and cv with intervals from drawing it anew (Efron, Annals of Statistics 7, 1979). */
static enum sim_status make_empirical(const struct fit_distribution_request *request, const struct fit_sample *sample,
                                      struct sim_arena *arena, struct fit_distribution *fit, struct sim_error *error)
{
    unsigned count = fit_distribution_bootstraps(request, sample->count);
    double *drawn = sim_allocate(sample->count, sizeof *drawn);
    double *means = sim_allocate(count, sizeof *means);
    double *cvs = sim_allocate(count, sizeof *cvs);
    for (unsigned b = 0; b < count; b++) {
        struct sim_random stream;
        sim_random_init(&stream, request->seed, b, FIT_DISTRIBUTION_PURPOSE_RESAMPLE, 0, 0);
        for (size_t i = 0; i < sample->count; i++)
            drawn[i] = sample->values[sim_variate_below(&stream, sample->count)];
        mean_and_cv(drawn, sample->count, &means[b], &cvs[b]);
    }
    double mean, cv;
    mean_and_cv(sample->values, sample->count, &mean, &cv);
    fit->family = FIT_DISTRIBUTION_EMPIRICAL;
    fit->parameter_count = 0;
    add_resampled(fit, "mean", mean, means, count);
    add_resampled(fit, "cv", cv, cvs, count);
    free(drawn);
    free(means);
    free(cvs);
    return sim_distribution_empirical(&fit->distribution, arena, sample->values, NULL, sample->count, error);
}

static enum sim_status keep_best(const struct fit_distribution_request *request, const struct fit_sample *sample,
                                 const struct fit_shape *shape, struct sim_arena *arena, struct fit_distribution *fit,
                                 struct sim_error *error)
{
    fit->family = fit->best = shape->family;
    enum sim_status status = fit_distribution_family_build(shape, arena, &fit->distribution, error);
    if (status != SIM_OK)
        return status;
    bool is_mixture = shape->family == FIT_DISTRIBUTION_MIXTURE;
    if (sample->count >= FIT_DISTRIBUTION_TEST_MIN || is_mixture)
        fit_distribution_goodness(request, sample, shape, fit);
    if (!is_mixture)
        fit_distribution_interval(sample, shape, fit);
    if (request->family == FIT_DISTRIBUTION_CHOOSE && sample->count < FIT_DISTRIBUTION_FAMILY_MIN)
        warn(fit, "too few observations to tell the family of the distribution");
    if (!(fit->p_value < FIT_DISTRIBUTION_REJECTED))
        return SIM_OK;
    warn(fit, "the best family of distributions does not fit (Anderson-Darling, p below 0.01)");
    bool may_be_empirical = request->family == FIT_DISTRIBUTION_CHOOSE && !request->is_parametric;
    return may_be_empirical && sample->count >= FIT_DISTRIBUTION_MIXTURE_MIN
               ? make_empirical(request, sample, arena, fit, error)
               : SIM_OK;
}

static enum sim_status fit_sample(const struct fit_distribution_request *request, const struct fit_sample *sample,
                                  struct sim_arena *arena, struct fit_distribution *fit, struct sim_error *error)
{
    struct fit_shape best;
    bool is_spread = sample->values[0] < sample->values[sample->count - 1] && sample->deviation_log > 0;
    if (request->family == FIT_DISTRIBUTION_FIXED || !is_spread)
        return make_fixed(sample, fit, error);
    if (request->family == FIT_DISTRIBUTION_EMPIRICAL) {
        fit->best = FIT_DISTRIBUTION_EMPIRICAL;
        return make_empirical(request, sample, arena, fit, error);
    }
    if (choose(request, sample, arena, &best, fit, error))
        return keep_best(request, sample, &best, arena, fit, error);
    if (request->family == FIT_DISTRIBUTION_CHOOSE && !request->is_parametric)
        return make_empirical(request, sample, arena, fit, error);
    return SIM_BAD_INPUT;
}

enum sim_status fit_distribution(const struct fit_distribution_request *request, struct sim_arena *arena,
                                 struct fit_distribution *fit, struct sim_error *error)
{
    struct fit_sample sample;
    *fit = (struct fit_distribution){.count = request->count, .anderson_darling = NAN, .p_value = NAN, .distance = NAN};
    for (int i = 0; i < FIT_DISTRIBUTION_FAMILY_COUNT; i++)
        fit->log_likelihood[i] = fit->bic[i] = NAN;
    enum sim_status status = take_values(request, &sample, error);
    if (status != SIM_OK)
        return status;
    status = fit_sample(request, &sample, arena, fit, error);
    fit_distribution_sample_release(&sample);
    return status;
}
