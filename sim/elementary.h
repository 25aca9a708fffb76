/* elementary.h - exp, log and a few relations, with the same bits on every machine.
 *
 * Made of + - * / sqrt and bit operations on doubles, which IEEE 754 defines exactly. The libm of a machine is
 * free in the last bits of exp and log, so simulated results may not use it. No errno, no exceptions promised.
 * Errors are in units in the last place (ulp) of the true result; the unit test measures them.
 */
#ifndef SIM_ELEMENTARY_H
#define SIM_ELEMENTARY_H

#include <stdint.h>
#include <string.h>

/* e^x within 0.52 ulp, 1.02 where the result is subnormal (below 2.2e-308). Infinity above 709.79, 0 below -745.2; NaN
 * for NaN. Takes as long as that of glibc.
 */
double sim_exp(double x);

/* Natural logarithm within 0.52 ulp, for subnormal x too. -infinity for 0, NaN for negative x. Takes 1.6 times as long
 * as that of glibc.
 */
double sim_log(double x);

/* For setting things up; a few ulp. */
double sim_expm1(double x);          /* e^x - 1, accurate near 0 */
double sim_log1p(double x);          /* log(1 + x), accurate near 0 */
double sim_pow(double x, double y);  /* x^y for x >= 0; relative error about |y log x| * 2e-16 */
double sim_log_gamma(double x);      /* logarithm of the gamma function, x > 0; absolute error about 1e-14 below 30 */
double sim_normal_cdf(double x);     /* standard normal distribution function; absolute error below 1e-15 */
double sim_normal_density(double x); /* standard normal density */

/* The bits of a double, and back. */
static inline uint64_t sim_elementary_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double sim_elementary_from_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

#endif
