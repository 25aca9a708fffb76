/* variate.c - the rare ways of the ziggurats, and gamma. */
#include "sim/variate.h"

#include "sim/elementary.h"
#include "sim/error.h"

uint64_t sim_variate_below_again(sim_uint128 product, struct sim_random *stream, uint64_t limit)
{
    sim_assert(limit > 0);
    uint64_t surplus = -limit % limit; /* 2^64 mod limit: so many low parts have to go */
    while ((uint64_t)product < surplus)
        product = (sim_uint128)sim_random_next(stream) * limit;
    return (uint64_t)(product >> 64);
}

/* A height, uniform over the layer, that lies below the density at x: then x is accepted. */
static double height_in_layer(const double *heights, uint64_t layer, struct sim_random *stream)
{
    return heights[layer] + sim_variate_uniform(stream) * (heights[layer + 1] - heights[layer]);
}

/* The tail of an exponential is an exponential that begins later. A rejected draw starts over with a new word. */
double sim_variate_exponential_again(uint64_t word, struct sim_random *stream)
{
    double offset = 0;
    for (;;) {
        uint64_t layer = word % SIM_VARIATE_TABLE_LAYERS;
        double x = (double)(int64_t)(word >> 11) * sim_variate_table_exponential[layer].scale;
        if (x < sim_variate_table_exponential[layer].inner)
            return offset + x;
        if (layer == 0)
            offset += SIM_VARIATE_TABLE_EXPONENTIAL_TAIL;
        else if (height_in_layer(sim_variate_table_exponential_heights, layer, stream) < sim_exp(-x))
            return offset + x;
        word = sim_random_next(stream);
    }
}

/* Marsaglia, "Generating a variable from the tail of the normal distribution", Technometrics 6, 1964. */
static double normal_tail(struct sim_random *stream)
{
    double beyond;
    double height;
    do {
        beyond = sim_variate_exponential(stream) / SIM_VARIATE_TABLE_NORMAL_TAIL;
        height = sim_variate_exponential(stream);
    } while (2 * height < beyond * beyond);
    return SIM_VARIATE_TABLE_NORMAL_TAIL + beyond;
}

double sim_variate_normal_again(uint64_t word, struct sim_random *stream)
{
    for (;;) {
        uint64_t layer = word % SIM_VARIATE_TABLE_LAYERS;
        double x = (double)((int64_t)word >> 10) * sim_variate_table_normal[layer].scale;
        if (fabs(x) < sim_variate_table_normal[layer].inner)
            return x;
        if (layer == 0)
            return copysign(normal_tail(stream), x);
        if (height_in_layer(sim_variate_table_normal_heights, layer, stream) < sim_exp(-0.5 * x * x))
            return x;
        word = sim_random_next(stream);
    }
}

struct sim_variate_gamma_shape sim_variate_gamma_shape(double shape)
{
    sim_assert(shape > 0 && shape < INFINITY);
    double raised = shape < 1 ? shape + 1 : shape;
    double size = raised - 1.0 / 3;
    return (struct sim_variate_gamma_shape){
        .size = size,
        .spread = 1 / sqrt(9 * size),
        .exponent = shape < 1 ? 1 / shape : 0,
    };
}

/* The squeeze (0.0331) spares the logarithms in all but a few per cent of draws. */
static int gamma_accepts(double normal, double cube, double size, double uniform)
{
    double square = normal * normal;
    if (uniform < 1 - 0.0331 * square * square)
        return 1;
    return sim_log(uniform) < 0.5 * square + size * (1 - cube + sim_log(cube));
}

double sim_variate_gamma_word(uint64_t word, struct sim_random *stream, const struct sim_variate_gamma_shape *shape)
{
    for (;; word = sim_random_next(stream)) {
        double normal = sim_variate_normal_word(word, stream);
        double root = 1 + shape->spread * normal;
        if (root <= 0)
            continue;
        double cube = root * root * root;
        if (!gamma_accepts(normal, cube, shape->size, sim_variate_open(stream)))
            continue;
        double draw = shape->size * cube;
        /* u^(1/shape) lowers the shape by 1 again, and -log u is an exponential. */
        return shape->exponent == 0 ? draw : draw * sim_exp(-sim_variate_exponential(stream) * shape->exponent);
    }
}
