/* decimal.c - scanning, scaling and rounding of decimal fractions. */
#include "scenarios/decimal.h"

#include <stdio.h>
#include <stdlib.h>

#include "sim/error.h"

#define DIGITS_MAX 18
#define EXPONENT_MAX 300

static bool is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

/* Adds digits to the number; those after the point also lower the exponent. NULL when there are too many. */
static const char *scan_digits(const char *text, struct decimal *decimal, int exponent_step)
{
    const sim_uint128 limit = 1000000000000000000; /* 10^DIGITS_MAX */
    int zeros = 0;                                 /* seen but not yet entered, as trailing zeros mean nothing */
    for (; is_digit(*text); text++) {
        zeros++;
        if (*text == '0')
            continue;
        for (; zeros > 0; zeros--) {
            decimal->numerator *= 10;
            decimal->exponent += exponent_step;
            if (decimal->numerator >= limit)
                return NULL;
        }
        decimal->numerator += (unsigned)(*text - '0');
    }
    /* Zeros at the end of the whole part count, those after the point do not. */
    if (exponent_step == 0)
        decimal->exponent += zeros;
    return text;
}

static const char *scan_exponent(const char *text, int *exponent)
{
    if (*text != 'e' && *text != 'E')
        return text;
    bool is_negative = text[1] == '-';
    const char *digits = text + 1 + (text[1] == '-' || text[1] == '+');
    if (!is_digit(*digits))
        return NULL;
    int value = 0;
    for (; is_digit(*digits); digits++) {
        value = value * 10 + (*digits - '0');
        if (value > EXPONENT_MAX)
            return NULL;
    }
    *exponent += is_negative ? -value : value;
    return digits;
}

/* Moves powers of ten from the exponent into the number, so that the digits after the point can be added. */
static bool settle_exponent(struct decimal *decimal)
{
    const sim_uint128 limit = 1000000000000000000;
    for (; decimal->exponent > 0; decimal->exponent--) {
        decimal->numerator *= 10;
        if (decimal->numerator >= limit)
            return false;
    }
    return true;
}

const char *decimal_scan(const char *text, struct decimal *decimal)
{
    *decimal = (struct decimal){.denominator = 1};
    if (*text == '-' || *text == '+')
        decimal->is_negative = *text++ == '-';
    if (!is_digit(*text) || (text[0] == '0' && is_digit(text[1])))
        return NULL;
    text = scan_digits(text, decimal, 0);
    if (text && *text == '.') {
        if (!is_digit(text[1]) || !settle_exponent(decimal))
            return NULL;
        text = scan_digits(text + 1, decimal, -1);
    }
    if (text)
        text = scan_exponent(text, &decimal->exponent);
    if (decimal->exponent > EXPONENT_MAX || decimal->exponent < -EXPONENT_MAX)
        return NULL;
    if (decimal->numerator == 0)
        decimal->exponent = 0;
    return text;
}

static sim_uint128 common_divisor(sim_uint128 a, sim_uint128 b)
{
    while (b != 0) {
        sim_uint128 rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static bool multiply(sim_uint128 *product, uint64_t factor)
{
    if (factor != 0 && *product > ((sim_uint128)1 << 127) / factor)
        return false;
    *product *= factor;
    return true;
}

bool decimal_scale(struct decimal *decimal, uint64_t numerator, uint64_t denominator, int exponent)
{
    if (!multiply(&decimal->numerator, numerator) || !multiply(&decimal->denominator, denominator))
        return false;
    decimal->exponent += exponent;
    sim_assert(decimal->denominator > 0);
    sim_uint128 divisor = common_divisor(decimal->numerator, decimal->denominator);
    sim_assert(divisor > 0);
    decimal->numerator /= divisor;
    decimal->denominator /= divisor;
    /* A ten in the denominator is an exponent, which costs no rounding. */
    for (; decimal->denominator % 10 == 0; decimal->denominator /= 10)
        decimal->exponent--;
    return true;
}

double decimal_to_double(const struct decimal *decimal)
{
    const uint64_t split = 1000000000000000000;
    char text[80];
    uint64_t low = (uint64_t)(decimal->numerator % split);
    sim_uint128 rest = decimal->numerator / split;
    snprintf(text, sizeof text, "%llu%018llu%018llue%d", (unsigned long long)(rest / split),
             (unsigned long long)(rest % split), (unsigned long long)low, decimal->exponent);
    double value = strtod(text, NULL) / (double)decimal->denominator;
    return decimal->is_negative ? -value : value;
}

/* |value| as a fraction without an exponent. */
static bool expand(const struct decimal *decimal, sim_uint128 *numerator, sim_uint128 *denominator)
{
    *numerator = decimal->numerator;
    *denominator = decimal->denominator;
    for (int exponent = decimal->exponent; exponent > 0; exponent--)
        if (!multiply(numerator, 10))
            return false;
    for (int exponent = decimal->exponent; exponent < 0; exponent++)
        if (!multiply(denominator, 10))
            return false;
    return true;
}

bool decimal_to_integer(const struct decimal *decimal, enum decimal_rounding rounding, int64_t *value)
{
    sim_uint128 numerator, denominator;
    if (decimal->numerator == 0) {
        *value = 0;
        return true;
    }
    if (!expand(decimal, &numerator, &denominator)) {
        /* More than 2^127 as a whole number is too large; as a denominator it leaves nothing to round to. */
        *value = 0;
        return decimal->exponent < 0 && rounding == DECIMAL_NEAREST;
    }
    sim_uint128 whole = numerator / denominator, rest = numerator % denominator;
    if (rest != 0 && rounding == DECIMAL_EXACT)
        return false;
    if (rest >= denominator - rest)
        whole++;
    if (whole > INT64_MAX)
        return false;
    *value = decimal->is_negative ? -(int64_t)whole : (int64_t)whole;
    return true;
}
