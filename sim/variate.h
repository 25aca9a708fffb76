/* variate.h - random numbers of the standard distributions, one word each nearly always.
 *
 * Every draw comes in two forms. The plain one takes its words from a stream. The `_word` one takes a word that is
 * already at hand and goes to the stream only when this word does not suffice (2.2 % of exponentials, 1.5 % of
 * normals); x_word(sim_random_next(s), s) is the same as x(s), bit for bit. Nothing here calls libm: equal words give
 * equal bits on every machine.
 */
#ifndef SIM_VARIATE_H
#define SIM_VARIATE_H

#include <math.h>
#include <stdint.h>

#include "sim/integer.h"
#include "sim/random.h"
#include "sim/variate_table.h"

/* Uniform in [0, 1): the multiples of 2^-53. */
static inline double sim_variate_uniform_word(uint64_t word)
{
    return (double)(int64_t)(word >> 11) * 0x1p-53;
}

static inline double sim_variate_uniform(struct sim_random *stream)
{
    return sim_variate_uniform_word(sim_random_next(stream));
}

/* Uniform in (0, 1): the odd multiples of 2^-53, so that neither log(u) nor log(1 - u) is infinite. */
static inline double sim_variate_open_word(uint64_t word)
{
    return ((double)(int64_t)(word >> 12) + 0.5) * 0x1p-52;
}

static inline double sim_variate_open(struct sim_random *stream)
{
    return sim_variate_open_word(sim_random_next(stream));
}

/* The rare ways of the functions below. */
uint64_t sim_variate_below_again(sim_uint128 product, struct sim_random *stream, uint64_t limit);
double sim_variate_exponential_again(uint64_t word, struct sim_random *stream);
double sim_variate_normal_again(uint64_t word, struct sim_random *stream);

/* Integer in [0, limit), each exactly equally likely; limit > 0. Lemire, "Fast random integer generation in an
 * interval", ACM TOMACS 29(1), 2019. A word is rejected with probability below limit / 2^64.
 */
static inline uint64_t sim_variate_below_word(uint64_t word, struct sim_random *stream, uint64_t limit)
{
    sim_uint128 product = (sim_uint128)word * limit;
    if ((uint64_t)product < limit)
        return sim_variate_below_again(product, stream, limit);
    return (uint64_t)(product >> 64);
}

static inline uint64_t sim_variate_below(struct sim_random *stream, uint64_t limit)
{
    return sim_variate_below_word(sim_random_next(stream), stream, limit);
}

/* Exponential with mean 1, at least 0. The low 8 bits of the word choose the layer, the high 53 the place in it. */
static inline double sim_variate_exponential_word(uint64_t word, struct sim_random *stream)
{
    const struct sim_variate_table_layer *layer = &sim_variate_table_exponential[word % SIM_VARIATE_TABLE_LAYERS];
    double x = (double)(int64_t)(word >> 11) * layer->scale;
    if (x < layer->inner)
        return x;
    return sim_variate_exponential_again(word, stream);
}

static inline double sim_variate_exponential(struct sim_random *stream)
{
    return sim_variate_exponential_word(sim_random_next(stream), stream);
}

/* Standard normal. The low 8 bits choose the layer, the high 54 are place and sign. */
static inline double sim_variate_normal_word(uint64_t word, struct sim_random *stream)
{
    const struct sim_variate_table_layer *layer = &sim_variate_table_normal[word % SIM_VARIATE_TABLE_LAYERS];
    double x = (double)((int64_t)word >> 10) * layer->scale;
    if (fabs(x) < layer->inner)
        return x;
    return sim_variate_normal_again(word, stream);
}

static inline double sim_variate_normal(struct sim_random *stream)
{
    return sim_variate_normal_word(sim_random_next(stream), stream);
}

/* What depends on the shape of a gamma distribution only. */
struct sim_variate_gamma_shape {
    double size;     /* d of the method: shape - 1/3, shape raised by 1 if it is below 1 */
    double spread;   /* c: 1 / sqrt(9 d) */
    double exponent; /* 1 / shape if shape < 1, else 0 */
};

/* shape > 0 and finite. */
struct sim_variate_gamma_shape sim_variate_gamma_shape(double shape);

/* Gamma with the given shape and scale 1, so that mean and variance are the shape. Marsaglia and Tsang, "A simple
 * method for generating gamma variables", ACM TOMS 26(3), 2000: one normal and one uniform for at least 95 % of
 * draws, and an exponential for shapes below 1. Below a shape of about 0.01 many draws are too small for a double and
 * are 0.
 */
double sim_variate_gamma_word(uint64_t word, struct sim_random *stream, const struct sim_variate_gamma_shape *shape);

static inline double sim_variate_gamma(struct sim_random *stream, const struct sim_variate_gamma_shape *shape)
{
    return sim_variate_gamma_word(sim_random_next(stream), stream, shape);
}

#endif
