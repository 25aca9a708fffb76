/* elementary.c - exp and log by table and short polynomial, after Tang (ACM TOMS 15, 1989, and 16, 1990), and what
 * follows from them.
 */
#include "sim/elementary.h"

#include <float.h>
#include <math.h>

#include "sim/elementary_internal.h"

_Static_assert(FLT_EVAL_METHOD == 0, "doubles must be computed as doubles, or bits differ between machines");

#define TABLE_SIZE SIM_ELEMENTARY_TABLE_SIZE
#define TABLE_BITS SIM_ELEMENTARY_TABLE_BITS
#define MANTISSA_BITS 52
#define EXPONENT_UNIT (UINT64_C(1) << MANTISSA_BITS)
#define INFINITY_BITS UINT64_C(0x7FF0000000000000)

/* log(2) / 128 in two parts, the first of 34 bits, so that its product with any count below 2^19 is exact. */
#define STEP_HIGH 0x1.62e42fef8p-8
#define STEP_LOW 0x1.1cf79abc9e3b4p-43
#define STEPS_PER_UNIT 0x1.71547652b82fep7 /* 128 / log(2) */

/* Adding this rounds to an integer and leaves it in the low bits. */
#define ROUNDER 0x1.8p52

/* e^x * 2^bias for |x| <= 746, where that is a normal number.
 *
 * x = (128 k + i) log(2) / 128 + rest with |rest| <= 0.0028, so e^x = 2^k * 2^(i/128) * e^rest. The series of e^rest
 * is cut after rest^5; what is left out is below 1e-18.
 */
static inline double exp_biased(double x, int64_t bias)
{
    double shifted = x * STEPS_PER_UNIT + ROUNDER;
    double steps = shifted - ROUNDER;
    uint64_t count = sim_elementary_bits(shifted);
    double rest = (x - steps * STEP_HIGH) - steps * STEP_LOW;
    const struct sim_elementary_table_power *entry = &sim_elementary_table_powers[count % TABLE_SIZE];
    uint64_t exponent = ((count >> TABLE_BITS) + (uint64_t)bias) << MANTISSA_BITS;
    double scale = sim_elementary_from_bits(sim_elementary_bits(entry->power) + exponent);
    double square = rest * rest;
    double series =
        square * (0.5 + rest * (1.0 / 6)) + (square * square) * (1.0 / 24 + rest * (1.0 / 120)) + entry->tail;
    return scale + scale * (rest + series);
}

/* Where the exponent of the result might not fit: one power of two is applied afterwards. */
static double exp_near_limits(double x)
{
    if (isnan(x))
        return x;
    if (x > 709.8)
        return INFINITY;
    if (x < -745.2)
        return 0.0;
    return x > 0 ? exp_biased(x, -1) * 2 : exp_biased(x, 1000) * 0x1p-1000;
}

double sim_exp(double x)
{
    if (!(fabs(x) < 670)) /* beyond, the correction that is added to the scale could be subnormal and lose bits */
        return exp_near_limits(x);
    return exp_biased(x, 0);
}

/* log(2) as a multiple of 2^-42 and the rest: like the table, so that exponent * high + high is exact. */
#define LOG_2_HIGH 0x1.62e42fefa38p-1
#define LOG_2_LOW 0x1.ef35793c7673p-45

/* log of a normal number x = z * 2^exponent, z in [0.703, 1.406).
 *
 * inverse * z - 1 = rest with |rest| < 0.008; the upper half of z times the short inverse is exact, so that rest is
 * off by one rounding, which is kept in `error`. Around z = 1 the inverse is 1 and its logarithm 0: no cancellation.
 */
static inline double log_normal(uint64_t bits, int64_t exponent_correction)
{
    uint64_t offset = bits - sim_elementary_bits(SIM_ELEMENTARY_LOG_LOWEST);
    uint64_t raised = offset & (UINT64_C(0xFFF) << MANTISSA_BITS);
    const struct sim_elementary_table_logarithm *entry =
        &sim_elementary_table_logarithms[(offset >> (MANTISSA_BITS - TABLE_BITS)) % TABLE_SIZE];
    double exponent = (double)(((int64_t)raised >> MANTISSA_BITS) + exponent_correction);
    double z = sim_elementary_from_bits(bits - raised);
    double z_high = sim_elementary_from_bits((bits - raised) & ~UINT64_C(0x7FFFFFF));
    double exact = z_high * entry->inverse - 1;
    double remainder = (z - z_high) * entry->inverse;
    double rest = exact + remainder;
    double error = (exact - rest) + remainder;
    double base = exponent * LOG_2_HIGH + entry->high;
    double high = base + rest;
    double low = ((base - high) + rest) + (exponent * LOG_2_LOW + entry->low + error);
    double square = rest * rest;
    double cubic = (1.0 / 3 - rest * 0.25) + square * ((0.2 - rest * (1.0 / 6)) + square * (1.0 / 7 - rest * 0.125));
    return high + (low + square * (rest * cubic - 0.5));
}

double sim_log(double x)
{
    uint64_t bits = sim_elementary_bits(x);
    if (bits - EXPONENT_UNIT < INFINITY_BITS - EXPONENT_UNIT)
        return log_normal(bits, 0);
    if (x == 0)
        return -INFINITY;
    if (isnan(x) || x < 0)
        return NAN;
    if (isinf(x))
        return x;
    return log_normal(sim_elementary_bits(x * 0x1p52), -52);
}

/* Both corrections are Kahan's: the error of the rounded inner step cancels in the quotient. */
double sim_expm1(double x)
{
    double power = sim_exp(x);
    if (power == 1)
        return x;
    if (fabs(x) > 1)
        return power - 1;
    return (power - 1) * x / sim_log(power);
}

double sim_log1p(double x)
{
    double sum = 1 + x;
    if (sum == 1)
        return x;
    if (isinf(sum))
        return sum;
    return sim_log(sum) * x / (sum - 1);
}

double sim_pow(double x, double y)
{
    if (y == 0 || x == 1)
        return 1;
    return sim_exp(y * sim_log(x));
}

/* Stirling's series (Abramowitz and Stegun 6.1.41) from 10 on, where the first term left out is below 1e-15; smaller
 * x are raised by gamma(x) = gamma(x + 1) / x.
 */
double sim_log_gamma(double x)
{
    const double half_log_2_pi = 0x1.d67f1c864beb5p-1;
    double product = 1;
    while (x < 10) {
        product *= x;
        x += 1;
    }
    double inverse = 1 / x;
    double square = inverse * inverse;
    double tail = 1.0 / 1680 - square * (1.0 / 1188 - square * (691.0 / 360360));
    double series = inverse * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * tail)));
    return (x - 0.5) * sim_log(x) - x + half_log_2_pi + series - sim_log(product);
}

double sim_normal_density(double x)
{
    return 0x1.9884533d43651p-2 * sim_exp(-0.5 * x * x);
}

/* 1/2 + density(x) (x + x^3/3 + x^5/(3 5) + x^7/(3 5 7) + ...): all terms of one sign. Marsaglia, "Evaluating the
 * normal distribution", Journal of Statistical Software 11(4), 2004. Beyond 8.5 the rest is below 1e-16.
 */
double sim_normal_cdf(double x)
{
    if (isnan(x))
        return x;
    if (fabs(x) > 8.5)
        return x > 0 ? 1 : 0;
    double term = x;
    double sum = x;
    double before = 0;
    for (int odd = 3; sum != before; odd += 2) {
        before = sum;
        term *= x * x / odd;
        sum += term;
    }
    return 0.5 + sim_normal_density(x) * sum;
}
