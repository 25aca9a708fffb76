/* timestamp.c - decimal and calendar arithmetic in integers. */
#include "sim/timestamp.h"

#include <string.h>

#include "sim/calendar.h"
#include "sim/integer.h"

static bool is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

/* The digits of a decimal number: `text` without its point, which stands after the first `whole` digits. */
struct decimal {
    const char *text; /* digits with at most one point among them */
    int length;       /* of the text, point included */
    int whole;
};

static const char *scan_decimal(const char *text, struct decimal *decimal)
{
    const char *end = text;
    const char *point = NULL;
    int digits = 0;
    for (; is_digit(*end) || (*end == '.' && !point); end++) {
        if (*end == '.')
            point = end;
        else
            digits++;
    }
    if (digits == 0 || end - text > 1000)
        return NULL;
    *decimal = (struct decimal){text, (int)(end - text), (int)((point ? point : end) - text)};
    return end;
}

/* The number times 10^shift, rounded half up, if it is at most `highest`. */
static bool scale_decimal(struct decimal decimal, int shift, uint64_t highest, uint64_t *result)
{
    sim_uint128 value = 0;
    int place = decimal.whole + shift; /* digits still to come before the new point */
    for (int i = 0; i < decimal.length && place >= 0; i++) {
        if (decimal.text[i] == '.')
            continue;
        unsigned digit = (unsigned)(decimal.text[i] - '0');
        if (place == 0)
            value += digit >= 5;
        else
            value = 10 * value + digit;
        if (value > highest)
            return false;
        place--;
    }
    for (; place > 0 && value > 0; place--) {
        value *= 10;
        if (value > highest)
            return false;
    }
    *result = (uint64_t)value;
    return true;
}

/* An exponent, e or E with at most three digits, if there is one. NULL when it is none. */
static const char *scan_exponent(const char *text, int *exponent)
{
    *exponent = 0;
    if (*text != 'e' && *text != 'E')
        return text;
    bool is_negative = *++text == '-';
    if (*text == '-' || *text == '+')
        text++;
    const char *start = text;
    for (; is_digit(*text) && text - start < 3; text++)
        *exponent = 10 * *exponent + (*text - '0');
    if (text == start)
        return NULL;
    if (is_negative)
        *exponent = -*exponent;
    return text;
}

static const char *parse_seconds(const char *text, sim_time_ns *time_ns)
{
    bool is_negative = *text == '-';
    struct decimal decimal;
    uint64_t ns;
    int exponent;
    if (*text == '-' || *text == '+')
        text++;
    text = scan_decimal(text, &decimal);
    text = text ? scan_exponent(text, &exponent) : NULL;
    if (!text || !scale_decimal(decimal, exponent + 9, INT64_MAX, &ns))
        return NULL;
    *time_ns = is_negative ? -(int64_t)ns : (int64_t)ns;
    return text;
}

/* Exactly `count` digits and then, unless it is 0, the letter `after`. */
static const char *scan_number(const char *text, int count, char after, int *number)
{
    *number = 0;
    if (!text)
        return NULL;
    for (int i = 0; i < count; i++, text++) {
        if (!is_digit(*text))
            return NULL;
        *number = 10 * *number + (*text - '0');
    }
    if (!after)
        return text;
    return *text == after ? text + 1 : NULL;
}

/* Z, +HH:MM, -HH:MM or nothing; *offset_s is what UTC is behind by. */
static const char *scan_zone(const char *text, int64_t *offset_s)
{
    *offset_s = 0;
    if (*text == 'Z')
        return text + 1;
    if (*text != '+' && *text != '-')
        return text;
    int hours;
    int minutes;
    int sign = *text == '-' ? -1 : 1;
    text = scan_number(text + 1, 2, ':', &hours);
    text = scan_number(text, 2, 0, &minutes);
    if (!text || hours > 23 || minutes > 59)
        return NULL;
    *offset_s = sign * (INT64_C(3600) * hours + INT64_C(60) * minutes);
    return text;
}

/* HH:MM or HH:MM:SS with any number of decimals, as ns since midnight. */
static const char *scan_clock(const char *text, int64_t *ns)
{
    int hours;
    int minutes;
    int seconds = 0;
    struct decimal decimal;
    uint64_t second_ns = 0;
    text = scan_number(text, 2, ':', &hours);
    text = scan_number(text, 2, 0, &minutes);
    if (text && *text == ':') {
        if (!scan_number(text + 1, 2, 0, &seconds))
            return NULL;
        text = scan_decimal(text + 1, &decimal);
        if (!text || decimal.whole != 2 || !scale_decimal(decimal, 9, INT64_MAX, &second_ns))
            return NULL;
    }
    if (!text || hours > 23 || minutes > 59 || seconds > 59)
        return NULL;
    *ns = SIM_HOUR * hours + 60 * SIM_SECOND * minutes + (int64_t)second_ns;
    return text;
}

static const char *parse_wall_clock(const char *text, sim_time_ns *time_ns)
{
    int year;
    int month;
    int day;
    sim_time_ns day_ns;
    int64_t clock_ns = 0;
    int64_t offset_s = 0;
    text = scan_number(text, 4, '-', &year);
    text = scan_number(text, 2, '-', &month);
    text = scan_number(text, 2, 0, &day);
    if (!text || !sim_calendar_day_start(year, month, day, &day_ns))
        return NULL;
    if (*text == 'T' || (*text == ' ' && is_digit(text[1]))) {
        text = scan_clock(text + 1, &clock_ns);
        text = text ? scan_zone(text, &offset_s) : NULL;
    }
    if (text)
        *time_ns = day_ns + clock_ns - offset_s * SIM_SECOND;
    return text;
}

bool sim_timestamp_parse(const char *text, sim_time_ns *time_ns)
{
    sim_time_ns parsed_ns;
    int year;
    text += strspn(text, " \t");
    const char *end =
        scan_number(text, 4, '-', &year) ? parse_wall_clock(text, &parsed_ns) : parse_seconds(text, &parsed_ns);
    if (!end || end[strspn(end, " \t")])
        return false;
    *time_ns = parsed_ns;
    return true;
}
