/* random_gsl.c - the three functions that GSL wants of a generator. */
#include "sim/random_gsl.h"

#include <limits.h>

#include "sim/error.h"
#include "sim/random.h"
#include "sim/variate.h"

_Static_assert(ULONG_MAX == UINT64_MAX, "GSL hands out unsigned long, which has to hold a whole word");

static void set(void *state, unsigned long seed)
{
    sim_random_init(state, seed, 0, 0, 0, 0);
}

static unsigned long get(void *state)
{
    return sim_random_next(state);
}

static double get_double(void *state)
{
    return sim_variate_uniform(state);
}

const gsl_rng_type sim_random_gsl_type = {
    .name = "philox4x64-10",
    .max = ULONG_MAX,
    .min = 0,
    .size = sizeof(struct sim_random),
    .set = set,
    .get = get,
    .get_double = get_double,
};

void sim_random_gsl_key(gsl_rng *rng, uint64_t seed, uint32_t replication, uint32_t purpose, uint64_t entity,
                        uint64_t index)
{
    sim_assert(rng->type == &sim_random_gsl_type);
    sim_random_init(rng->state, seed, replication, purpose, entity, index);
}
