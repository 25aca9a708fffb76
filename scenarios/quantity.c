/* quantity.c - a number, its unit, and the unit that is wanted. */
#include "scenarios/quantity.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "scenarios/decimal.h"
#include "scenarios/unit.h"

#define UNIT_TEXT_SIZE 32

/* What a person should have written, by unit. */
struct example {
    const char *unit;
    const char *text;
};

static const struct example examples[] = {
    {"", "a number"},
    {"any", "a number or a quantity such as '2 s' or '70%'"},
    {"s", "a time such as '180 s' or '2 h'"},
    {"1/s", "a rate such as '15 req/s' or '900 req/min'"},
    {"token", "a number of tokens such as '400' or '400 tokens'"},
    {"ratio", "a share such as '0.7' or '70%'"},
    {"GB", "a size such as '24 GB'"},
    {"GiB", "a size such as '24 GiB'"},
    {"USD", "an amount such as '$250'"},
    {"USD/h", "a price such as '$1.95/h' or '$0.000542/s'"},
    {"USD/month", "a price such as '$250/month'"},
    {"USD/core/h", "a price such as '$0.0473/core/h'"},
    {"USD/GiB/h", "a price such as '$0.008/GiB/h'"},
};

static enum sim_status refuse(struct sim_error *error, const char *text, const char *unit)
{
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        if (strcmp(examples[i].unit, unit) == 0)
            return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "expected %s, not '%s'", examples[i].text, text);
    return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "expected a quantity such as '1 %s', not '%s'", unit, text);
}

static enum sim_status refuse_size(struct sim_error *error, const char *text)
{
    return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "'%s' is too large", text);
}

/* "$1.95/h" has its unit in two places. */
static bool scan_unit(const char *rest, bool has_dollar, struct unit *unit)
{
    char text[UNIT_TEXT_SIZE];
    while (!has_dollar && *rest == ' ')
        rest++;
    if (has_dollar && *rest != '\0' && *rest != '/')
        return false;
    int size = snprintf(text, sizeof text, "%s%s", has_dollar ? "USD" : "", rest);
    return size >= 0 && (size_t)size < sizeof text && unit_parse(text, unit);
}

/* The number in `text`, in the unit `unit`, as a fraction. */
static enum sim_status scan(const char *text, const char *unit, struct decimal *decimal, struct sim_error *error)
{
    struct unit given, wanted;
    bool is_any = strcmp(unit, "any") == 0;
    bool is_known = unit_parse(is_any ? "" : unit, &wanted);
    sim_assert(is_known);
    bool has_dollar = text[0] == '$';
    const char *rest = decimal_scan(text + has_dollar, decimal);
    if (!rest || !scan_unit(rest, has_dollar, &given) || (!is_any && !unit_fits(&given, &wanted)))
        return refuse(error, text, unit);
    if (!decimal_scale(decimal, given.numerator, given.denominator, given.exponent) ||
        !decimal_scale(decimal, wanted.denominator, wanted.numerator, -wanted.exponent))
        return refuse_size(error, text);
    return SIM_OK;
}

enum sim_status quantity_parse(const char *text, const char *unit, double *value, struct sim_error *error)
{
    struct decimal decimal;
    enum sim_status status = scan(text, unit, &decimal, error);
    if (status != SIM_OK)
        return status;
    *value = decimal_to_double(&decimal);
    return isfinite(*value) ? SIM_OK : refuse_size(error, text);
}

enum sim_status quantity_parse_integer(const char *text, const char *unit, int64_t *value, struct sim_error *error)
{
    struct decimal decimal;
    enum sim_status status = scan(text, unit, &decimal, error);
    if (status != SIM_OK)
        return status;
    if (decimal_to_integer(&decimal, DECIMAL_EXACT, value))
        return SIM_OK;
    int64_t nearest;
    if (!decimal_to_integer(&decimal, DECIMAL_NEAREST, &nearest))
        return refuse_size(error, text);
    return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "expected a whole number, not '%s'", text);
}

enum sim_status quantity_parse_time(const char *text, sim_time_ns *time_ns, struct sim_error *error)
{
    struct decimal decimal;
    if (strcmp(text, "never") == 0) {
        *time_ns = SIM_TIME_NEVER;
        return SIM_OK;
    }
    enum sim_status status = scan(text, "s", &decimal, error);
    if (status != SIM_OK)
        return status;
    if (!decimal_scale(&decimal, 1, 1, 9) || !decimal_to_integer(&decimal, DECIMAL_NEAREST, time_ns) ||
        *time_ns > QUANTITY_LONGEST_NS || *time_ns < -QUANTITY_LONGEST_NS)
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "'%s' is longer than 73 years", text);
    return SIM_OK;
}

enum sim_status quantity_parse_money(const char *text, const char *unit, int64_t *pusd, struct sim_error *error)
{
    struct decimal decimal;
    enum sim_status status = scan(text, unit, &decimal, error);
    if (status != SIM_OK)
        return status;
    if (decimal_scale(&decimal, 1, 1, 12) && decimal_to_integer(&decimal, DECIMAL_EXACT, pusd))
        return SIM_OK;
    int64_t nearest;
    if (!decimal_to_integer(&decimal, DECIMAL_NEAREST, &nearest))
        return refuse_size(error, text);
    return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "'%s' is no whole number of picodollars (10^-12 USD)", text);
}

enum sim_status quantity_parse_money_per_h(const char *text, int64_t *pusd_per_h, struct sim_error *error)
{
    return quantity_parse_money(text, "USD/h", pusd_per_h, error);
}

/* A number of exactly `digits` digits, -1 if there is none; *text moves behind it. */
static int take_number(const char **text, int digits)
{
    int value = 0;
    for (int i = 0; i < digits; i++, ++*text) {
        if (**text < '0' || **text > '9')
            return -1;
        value = value * 10 + (**text - '0');
    }
    return value;
}

static bool take_letter(const char **text, const char *letters)
{
    if (**text == '\0' || !strchr(letters, **text))
        return false;
    ++*text;
    return true;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

static int64_t days_since_1970(int year, int month, int day)
{
    int before = year - 1;
    int64_t days = (int64_t)365 * (year - 1970) + (before / 4 - before / 100 + before / 400) - (1969 / 4 - 19 + 4);
    for (int m = 1; m < month; m++)
        days += month_days(year, m);
    return days + day - 1;
}

static bool scan_day(const char **text, int64_t *days)
{
    int year = take_number(text, 4);
    if (year < 1970 || !take_letter(text, "-"))
        return false;
    int month = take_number(text, 2);
    if (month < 1 || month > 12 || !take_letter(text, "-"))
        return false;
    int day = take_number(text, 2);
    if (day < 1 || day > month_days(year, month))
        return false;
    *days = days_since_1970(year, month, day);
    return true;
}

static bool scan_clock(const char **text, int64_t *seconds)
{
    int hour = take_number(text, 2);
    if (hour < 0 || hour > 23 || !take_letter(text, ":"))
        return false;
    int minute = take_number(text, 2);
    if (minute < 0 || minute > 59)
        return false;
    int second = take_letter(text, ":") ? take_number(text, 2) : 0;
    *seconds = hour * 3600 + minute * 60 + second;
    return second >= 0 && second <= 59;
}

enum sim_status quantity_parse_date(const char *text, int64_t *seconds, struct sim_error *error)
{
    const char *at = text;
    int64_t days = 0, clock = 0;
    bool is_date = scan_day(&at, &days);
    if (is_date && take_letter(&at, "T "))
        is_date = scan_clock(&at, &clock);
    if (!is_date || *at != '\0')
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0,
                             "expected a date such as '2026-01-05' or '2026-01-05T09:30', not '%s'", text);
    *seconds = days * 86400 + clock;
    return SIM_OK;
}
