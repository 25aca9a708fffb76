/* decimal.h - decimal numbers and fractions, exactly. */
#ifndef SCENARIOS_DECIMAL_H
#define SCENARIOS_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/integer.h"

/* +-numerator / denominator times 10^exponent. */
struct decimal {
    bool is_negative;
    sim_uint128 numerator;
    sim_uint128 denominator;
    int exponent;
};

enum decimal_rounding {
    DECIMAL_EXACT,  /* what is not whole is refused */
    DECIMAL_NEAREST /* halves away from zero */
};

/* Reads a number at the beginning of `text`: sign, digits, point between digits, exponent. Returns what follows it,
 * or NULL if there is no number, it has a leading zero, more than 18 significant digits or an exponent beyond
 * +-300. The denominator is 1.
 */
const char *decimal_scan(const char *text, struct decimal *decimal);

/* Multiplies by numerator / denominator times 10^exponent, in lowest terms. False where the product of the terms
 * does not fit 127 bits.
 */
bool decimal_scale(struct decimal *decimal, uint64_t numerator, uint64_t denominator, int exponent);

/* Nearest double where the denominator is 1 after decimal_scale, otherwise within one unit in the last place; infinity
 * where it is too large.
 */
double decimal_to_double(const struct decimal *decimal);

/* The whole number, if it is one (or is rounded to one) and fits. */
bool decimal_to_integer(const struct decimal *decimal, enum decimal_rounding rounding, int64_t *value);

#endif
