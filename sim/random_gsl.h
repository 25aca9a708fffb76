/* random_gsl.h - a stream of random.h as a generator of GSL, so that every gsl_ran_* draws from addressed streams.
 *
 * For what is not drawn per request: GSL's own exponential costs several times that of variate.h.
 * GSL's functions use libm, so what they return may differ in the last bit between machines; simulated results must
 * not depend on them.
 */
#ifndef SIM_RANDOM_GSL_H
#define SIM_RANDOM_GSL_H

#include <stdint.h>

#include <gsl/gsl_rng.h>

/* For gsl_rng_alloc(&sim_random_gsl_type); the caller frees with gsl_rng_free. gsl_rng_set(rng, seed) chooses the
 * stream (seed, 0, 0, 0, 0). Integers are whole 64-bit words; gsl_rng_uniform is in [0, 1) with 53 bits.
 */
extern const gsl_rng_type sim_random_gsl_type;

/* Puts `rng`, which must be of sim_random_gsl_type, at the start of the named stream (see sim_random_init). */
void sim_random_gsl_key(gsl_rng *rng, uint64_t seed, uint32_t replication, uint32_t purpose, uint64_t entity,
                        uint64_t index);

#endif
