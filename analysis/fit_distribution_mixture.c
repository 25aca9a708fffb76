/* fit_distribution_mixture.c - two lognormals by expectation-maximisation (Dempster, Laird, Rubin, JRSS B 39, 1977).
 *
 * The likelihood of a mixture has no maximum: a part that shrinks onto one value makes it infinite. So no part may be
 * less than a twentieth as wide as the other (Hathaway, Annals of Statistics 13, 1985), and one of fewer than five
 * values is none.
 */
#include <math.h>

#include "analysis/fit_distribution_internal.h"
#include "sim/elementary.h"

#define WIDTH_RATIO_MIN 0.05
#define PART_VALUES_MIN 5.0

enum {
    STEPS_SHORT = 20, /* of each start, before the best is chosen */
    STEPS_MAX = 400
};

/* Sums over the values, weighted by how likely each belongs to the part. */
struct part_sums {
    double weight;
    double first;
    double second;
};

/* From the places of both parts to their sums; returns the likelihood but for what is the same for all. */
static double expect(const struct fit_sample *sample, const struct fit_shape *shape, struct part_sums sums[2])
{
    double centre = sample->mean_log;
    double factor[2] = {shape->of.mixture.share / shape->of.mixture.sigma[0],
                        (1 - shape->of.mixture.share) / shape->of.mixture.sigma[1]};
    double likelihood = 0;
    sums[0] = sums[1] = (struct part_sums){0};
    for (size_t i = 0; i < sample->count; i++) {
        double density[2];
        for (int part = 0; part < 2; part++) {
            double z = (sample->logs[i] - shape->of.mixture.mu[part]) / shape->of.mixture.sigma[part];
            density[part] = fmax(factor[part] * sim_exp(-z * z / 2), 1e-300);
        }
        double total = density[0] + density[1];
        double x = sample->logs[i] - centre;
        likelihood += sim_log(total);
        for (int part = 0; part < 2; part++) {
            double weight = density[part] / total;
            sums[part].weight += weight;
            sums[part].first += weight * x;
            sums[part].second += weight * x * x;
        }
    }
    return likelihood;
}

static void keep_width(double sigma[2])
{
    double widest = fmax(sigma[0], sigma[1]);
    for (int part = 0; part < 2; part++)
        sigma[part] = fmax(sigma[part], WIDTH_RATIO_MIN * widest);
}

static void maximise(const struct fit_sample *sample, const struct part_sums sums[2], struct fit_shape *shape)
{
    for (int part = 0; part < 2; part++) {
        double weight = fmax(sums[part].weight, 1e-9);
        double mean = sums[part].first / weight;
        double variance = sums[part].second / weight - mean * mean;
        shape->of.mixture.mu[part] = sample->mean_log + mean;
        shape->of.mixture.sigma[part] = sqrt(fmax(variance, 0));
    }
    keep_width(shape->of.mixture.sigma);
    shape->of.mixture.share = sums[0].weight / (double)sample->count;
}

/* Climbs until a step gains less than could ever matter in a comparison. */
static double climb(const struct fit_sample *sample, struct fit_shape *shape, int steps_max)
{
    struct part_sums sums[2];
    double reached = expect(sample, shape, sums);
    for (int i = 0; i < steps_max; i++) {
        maximise(sample, sums, shape);
        double next = expect(sample, shape, sums);
        bool is_done = next - reached < 1e-6;
        reached = next;
        if (is_done)
            break;
    }
    return reached;
}

static void order(struct fit_shape *shape)
{
    if (shape->of.mixture.mu[0] <= shape->of.mixture.mu[1])
        return;
    double mu = shape->of.mixture.mu[0], sigma = shape->of.mixture.sigma[0];
    shape->of.mixture.mu[0] = shape->of.mixture.mu[1];
    shape->of.mixture.sigma[0] = shape->of.mixture.sigma[1];
    shape->of.mixture.mu[1] = mu;
    shape->of.mixture.sigma[1] = sigma;
    shape->of.mixture.share = 1 - shape->of.mixture.share;
}

/* Parts below and from `split` on, each with its own mean and deviation. */
static struct fit_shape start_at(const struct fit_sample *sample, size_t split)
{
    struct part_sums sums[2] = {{0}};
    for (size_t i = 0; i < sample->count; i++) {
        double x = sample->logs[i] - sample->mean_log;
        struct part_sums *part = &sums[i >= split];
        part->weight++;
        part->first += x;
        part->second += x * x;
    }
    struct fit_shape shape = {.family = FIT_DISTRIBUTION_MIXTURE};
    maximise(sample, sums, &shape);
    return shape;
}

/* Where the two sides differ most: the split that leaves the least variance within them. */
static size_t clearest_split(const struct fit_sample *sample)
{
    double best = -1, left = 0;
    size_t split = sample->count / 2;
    double n = (double)sample->count;
    for (size_t i = 1; i < sample->count; i++) {
        left += sample->logs[i - 1] - sample->mean_log; /* the right side has the same with the other sign */
        double between = left * left * n / ((double)i * (n - (double)i));
        if (between > best) {
            best = between;
            split = i;
        }
    }
    return split;
}

/* One narrow part within a wide one. */
static struct fit_shape start_within(const struct fit_sample *sample)
{
    struct fit_shape shape = {.family = FIT_DISTRIBUTION_MIXTURE};
    shape.of.mixture.share = 0.5;
    for (int part = 0; part < 2; part++) {
        shape.of.mixture.mu[part] = sample->mean_log;
        shape.of.mixture.sigma[part] = sample->deviation_log * (part == 0 ? 0.5 : 1.5);
    }
    return shape;
}

/* From each start a little way, from the best of them to the end (Biernacki, Celeux, Govaert, Computational Statistics
 * and Data Analysis 41, 2003).
 */
bool fit_distribution_mixture_fit(const struct fit_sample *sample, struct fit_shape *shape)
{
    struct fit_shape starts[4] = {start_at(sample, clearest_split(sample)), start_at(sample, sample->count / 10),
                                  start_at(sample, sample->count - sample->count / 10), start_within(sample)};
    double best = -INFINITY;
    for (int i = 0; i < 4; i++) {
        double reached = climb(sample, &starts[i], STEPS_SHORT);
        if (reached > best) {
            best = reached;
            *shape = starts[i];
        }
    }
    climb(sample, shape, STEPS_MAX);
    order(shape);
    double n = (double)sample->count;
    double share = shape->of.mixture.share;
    return n * share >= PART_VALUES_MIN && n * (1 - share) >= PART_VALUES_MIN;
}

struct fit_shape fit_distribution_mixture_refit(const struct fit_sample *sample, const struct fit_shape *shape)
{
    struct fit_shape again = *shape;
    climb(sample, &again, STEPS_MAX);
    order(&again);
    return again;
}
