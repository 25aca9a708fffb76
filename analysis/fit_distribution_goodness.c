/* fit_distribution_goodness.c - Anderson-Darling statistic, its p-value by parametric bootstrap, and the intervals that
 * the same bootstrap gives a mixture.
 */
#include <math.h>
#include <stdlib.h>

#include "analysis/fit_distribution_internal.h"
#include "sim/elementary.h"
#include "sim/random.h"
#include "sim/variate.h"

unsigned fit_distribution_bootstraps(const struct fit_distribution_request *request, size_t count)
{
    if (request->bootstraps > 0)
        return request->bootstraps;
    sim_assert(count > 0);
    size_t affordable = 200000 / count;
    return affordable > 999 ? 999 : affordable < 199 ? 199 : (unsigned)affordable;
}

/* Anderson, Darling, JASA 49, 1954: -n - sum (2i - 1)(log F(x_i) + log(1 - F(x_n+1-i))) / n. Also the greatest
 * difference of the distribution functions, where it is asked for.
 */
static double statistic(const struct fit_shape *shape, const struct fit_sample *sample, double *distance)
{
    double n = (double)sample->count;
    double sum = 0, greatest = 0;
    for (size_t i = 0; i < sample->count; i++) {
        double below, above;
        fit_distribution_family_tails(shape, sample->values[i], sample->logs[i], &below, &above);
        double place = 2 * (double)i + 1;
        sum += place * sim_log(fmax(below, 1e-300)) + (2 * n - place) * sim_log(fmax(above, 1e-300));
        greatest = fmax(greatest, fmax(below - (double)i / n, (double)(i + 1) / n - below));
    }
    if (distance)
        *distance = greatest;
    return -n - sum / n;
}

static struct fit_shape refit(const struct fit_shape *shape, const struct fit_sample *sample)
{
    if (shape->family == FIT_DISTRIBUTION_MIXTURE)
        return fit_distribution_mixture_refit(sample, shape);
    return fit_distribution_family_fit(shape->family, sample);
}

static double sample_part(double mu, double sigma, struct sim_random *stream)
{
    return sim_exp(mu + sigma * sim_variate_normal(stream));
}

/* Values of the shape. They are those of sim_distribution_sample, or, of a mixture, have its distribution. */
static void draw(const struct fit_shape *shape, const struct sim_distribution *distribution, struct sim_random *stream,
                 struct fit_sample *sample)
{
    for (size_t i = 0; i < sample->count; i++) {
        if (shape->family == FIT_DISTRIBUTION_MIXTURE) {
            int part = sim_variate_uniform(stream) >= shape->of.mixture.share;
            sample->values[i] = sample_part(shape->of.mixture.mu[part], shape->of.mixture.sigma[part], stream);
        } else {
            sample->values[i] = fmax(sim_distribution_sample(distribution, stream), 1e-300);
        }
    }
    fit_distribution_sample_prepare(sample);
}

static bool is_spread(const struct fit_sample *sample)
{
    return sample->deviation_log > 0;
}

/* Parameters of mixtures, one column after another. */
struct collected {
    double *columns[FIT_DISTRIBUTION_PARAMETERS_MAX];
    size_t count;
};

static void mixture_parameters(const struct fit_shape *shape, double parameters[FIT_DISTRIBUTION_PARAMETERS_MAX])
{
    double share = shape->of.mixture.share;
    for (int part = 0; part < 2; part++) {
        double sigma = shape->of.mixture.sigma[part];
        parameters[2 + 2 * part] = sim_exp(shape->of.mixture.mu[part] + sigma * sigma / 2);
        parameters[3 + 2 * part] = fit_distribution_family_cv(FIT_DISTRIBUTION_LOGNORMAL, sigma);
    }
    parameters[0] = share * parameters[2] + (1 - share) * parameters[4];
    parameters[1] = share;
}

static void collect(struct collected *collected, const struct fit_shape *shape)
{
    double parameters[FIT_DISTRIBUTION_PARAMETERS_MAX];
    mixture_parameters(shape, parameters);
    for (int i = 0; i < FIT_DISTRIBUTION_PARAMETERS_MAX; i++)
        collected->columns[i][collected->count] = parameters[i];
    collected->count++;
}

/* Intervals about the parameters of `shape`, from how those of the bootstrap lie about those of `centre`, which they
 * were drawn from. A part of the values was drawn: by the root of its share the intervals are narrower.
 */
static void add_mixture(struct fit_distribution *fit, const struct fit_shape *shape, const struct fit_shape *centre,
                        struct collected *collected)
{
    static const char *const names[] = {"mean", "share", "mean_1", "cv_1", "mean_2", "cv_2"};
    double values[FIT_DISTRIBUTION_PARAMETERS_MAX];
    double centres[FIT_DISTRIBUTION_PARAMETERS_MAX];
    double narrowing = sqrt((double)fit->tested_count / (double)fit->count);
    mixture_parameters(shape, values);
    mixture_parameters(centre, centres);
    for (int i = 0; i < FIT_DISTRIBUTION_PARAMETERS_MAX; i++) {
        double *column = collected->columns[i];
        double low, high;
        fit_distribution_ends(column, collected->count, &low, &high);
        fit_distribution_add(fit, names[i], values[i], values[i] + narrowing * (low - centres[i]),
                             values[i] + narrowing * (high - centres[i]));
        free(column);
    }
}

/* At most FIT_DISTRIBUTION_TESTED_MAX of the values, each set as likely as another. */
static void choose_subset(const struct fit_distribution_request *request, const struct fit_sample *whole,
                          struct fit_sample *subset)
{
    size_t wanted = whole->count < FIT_DISTRIBUTION_TESTED_MAX ? whole->count : FIT_DISTRIBUTION_TESTED_MAX;
    struct sim_random stream;
    sim_random_init(&stream, request->seed, 0, FIT_DISTRIBUTION_PURPOSE_SUBSET, 0, 0);
    fit_distribution_sample_init(subset, wanted);
    size_t taken = 0;
    for (size_t i = 0; i < whole->count; i++)
        if (sim_variate_below(&stream, whole->count - i) < wanted - taken)
            subset->values[taken++] = whole->values[i];
    fit_distribution_sample_prepare(subset);
}

/* Draws from `shape` and fits again, `count` times; keeps how often what came fits no better than `reached`, and, of
 * mixtures, the parameters.
 */
struct bootstrap {
    uint64_t seed;
    const struct fit_shape *shape;
    struct sim_distribution distribution; /* of the shape; of mixtures unused */
    double reached;
    unsigned count;
    unsigned worse_count;
    struct collected collected;
};

static void repeat(struct bootstrap *bootstrap, size_t value_count)
{
    struct fit_sample drawn;
    fit_distribution_sample_init(&drawn, value_count);
    for (unsigned b = 0; b < bootstrap->count; b++) {
        struct sim_random stream;
        sim_random_init(&stream, bootstrap->seed, b, FIT_DISTRIBUTION_PURPOSE_TEST, 0, 0);
        draw(bootstrap->shape, &bootstrap->distribution, &stream, &drawn);
        struct fit_shape again = is_spread(&drawn) ? refit(bootstrap->shape, &drawn) : *bootstrap->shape;
        bootstrap->worse_count += statistic(&again, &drawn, NULL) >= bootstrap->reached;
        if (again.family == FIT_DISTRIBUTION_MIXTURE)
            collect(&bootstrap->collected, &again);
    }
    fit_distribution_sample_release(&drawn);
}

void fit_distribution_goodness(const struct fit_distribution_request *request, const struct fit_sample *sample,
                               const struct fit_shape *shape, struct fit_distribution *fit)
{
    struct fit_sample subset;
    (void)statistic(shape, sample, &fit->distance);
    choose_subset(request, sample, &subset);
    struct fit_shape fitted = subset.count < sample->count ? refit(shape, &subset) : *shape;
    struct bootstrap bootstrap = {.seed = request->seed,
                                  .shape = &fitted,
                                  .reached = statistic(&fitted, &subset, NULL),
                                  .count = fit_distribution_bootstraps(request, subset.count)};
    bool is_mixture = shape->family == FIT_DISTRIBUTION_MIXTURE;
    for (int i = 0; is_mixture && i < FIT_DISTRIBUTION_PARAMETERS_MAX; i++)
        bootstrap.collected.columns[i] = sim_allocate(bootstrap.count, sizeof **bootstrap.collected.columns);
    /* The spread of a part of the values may be just beyond the limits of the family. */
    if (is_mixture || fit_distribution_family_build(&fitted, NULL, &bootstrap.distribution, NULL) != SIM_OK)
        bootstrap.distribution = fit->distribution;
    repeat(&bootstrap, subset.count);
    fit->tested_count = subset.count;
    fit->anderson_darling = bootstrap.reached;
    fit->p_value = (1 + (double)bootstrap.worse_count) / (1 + (double)bootstrap.count);
    if (is_mixture)
        add_mixture(fit, shape, &fitted, &bootstrap.collected);
    fit_distribution_sample_release(&subset);
}
