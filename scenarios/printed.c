/* printed.c - reading numbers digit by digit. */
#include "scenarios/printed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    DIGITS_MAX = 64
};

static bool is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t\r\n");
}

/* Whether a comma at `text` stands between thousands: three digits follow, and no fourth. */
static bool is_thousands(const char *text)
{
    return text[0] == ',' && is_digit(text[1]) && is_digit(text[2]) && is_digit(text[3]) && !is_digit(text[4]);
}

/* Copies sign, digits and point without commas; returns where they end. */
static const char *copy_digits(const char *text, char *plain, int *decimals)
{
    size_t count = 0;
    bool has_point = false;
    const char *at = text;
    *decimals = 0;
    if (*at == '-' || *at == '+')
        plain[count++] = *at++;
    const char *first = at;
    for (; count < DIGITS_MAX - 1; at++) {
        bool is_point = *at == '.' && !has_point && at > first && is_digit(at[1]);
        if (*at == ',' && !has_point && at > first && is_thousands(at))
            continue;
        if (!is_digit(*at) && !is_point)
            break;
        *decimals += has_point;
        has_point = has_point || is_point;
        plain[count++] = *at;
    }
    plain[count] = '\0';
    return at > first ? at : text;
}

/* The exponent after the digits; 0 where there is none. */
static long read_exponent(const char **at)
{
    const char *digits = *at + 1;
    if (**at != 'e' && **at != 'E')
        return 0;
    digits += *digits == '-' || *digits == '+';
    if (!is_digit(*digits))
        return 0;
    long exponent = strtol(*at + 1, NULL, 10);
    *at = digits + strspn(digits, "0123456789");
    return exponent;
}

bool printed_begin(const char *text, struct printed_number *number, size_t *size)
{
    char plain[DIGITS_MAX];
    int decimals;
    *size = 0;
    const char *end = copy_digits(text, plain, &decimals);
    if (end == text)
        return false;
    double exponent = (double)read_exponent(&end);
    number->value = strtod(plain, NULL) * pow(10, exponent);
    number->half_unit = 0.5 * pow(10, exponent - decimals);
    *size = (size_t)(end - text);
    return isfinite(number->value);
}

bool printed_parse(const char *text, struct printed_number *number)
{
    size_t size;
    const char *begin = skip_blanks(text);
    return printed_begin(begin, number, &size) && *skip_blanks(begin + size) == '\0';
}

bool printed_parse_range(const char *text, struct printed_number *low, struct printed_number *high)
{
    size_t size;
    const char *at = skip_blanks(text);
    if (!printed_begin(at, low, &size))
        return false;
    at = skip_blanks(at + size);
    if (*at != '-')
        return false;
    return printed_parse(at + 1, high) && high->value > low->value;
}
