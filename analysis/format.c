/* format.c - numbers to text; nothing depends on the locale. */
#include "analysis/format.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    LINE_WIDTH = 96
};

int format_decimals(double value, int significant)
{
    double size = fabs(value);
    if (!(size > 0) || !isfinite(size))
        return 0;
    double half_digit = 0.5; /* what rounds up to 10 has one digit more before the point */
    for (int i = 1; i < significant; i++)
        half_digit /= 10;
    int decimals = significant - 1;
    for (; decimals > 0 && size >= 10 - half_digit; decimals--)
        size /= 10;
    for (; decimals < 9 && size < 1 - half_digit / 10; decimals++)
        size *= 10;
    return decimals;
}

/* Puts commas between thousands of the digits before the point. */
static void separate(char *text, size_t size)
{
    size_t whole = strspn(text, "-0123456789");
    size_t sign = text[0] == '-';
    for (size_t place = whole; place > sign + 3;) {
        place -= 3;
        size_t length = strlen(text);
        if (length + 2 > size)
            return;
        memmove(text + place + 1, text + place, length - place + 1);
        text[place] = ',';
    }
}

struct format_text format_figure(double value, const char *unit, int decimals)
{
    struct format_text out = {"-"};
    if (!isfinite(value))
        return out;
    bool is_share = strcmp(unit, "ratio") == 0;
    bool is_money = strcmp(unit, "USD") == 0;
    double shown = is_share ? 100 * value : value;
    if (decimals < 0)
        decimals = format_decimals(shown, 4);
    char number[40];
    (void)snprintf(number, sizeof number, "%.*f", decimals, shown);
    separate(number, sizeof number);
    const char *after = is_share ? " %" : is_money ? "" : unit;
    const char *space = after == unit && unit[0] != '\0' ? " " : "";
    (void)snprintf(out.text, sizeof out.text, "%s%.30s%s%.10s", is_money ? "$" : "", number, space, after);
    return out;
}

struct format_text format_count(int64_t count)
{
    struct format_text out;
    (void)snprintf(out.text, sizeof out.text, "%lld", (long long)count);
    separate(out.text, sizeof out.text);
    return out;
}

struct format_text format_span(sim_time_ns span_ns)
{
    static const struct {
        sim_time_ns length_ns;
        const char *one;
        const char *many;
    } units[] = {{SIM_DAY, "day", "days"}, {SIM_HOUR, "h", "h"}, {60 * SIM_SECOND, "min", "min"}};
    struct format_text out;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (span_ns <= 0 || span_ns % units[i].length_ns != 0)
            continue;
        long long number = span_ns / units[i].length_ns;
        (void)snprintf(out.text, sizeof out.text, "%lld %s", number, number > 1 ? units[i].many : units[i].one);
        return out;
    }
    (void)snprintf(out.text, sizeof out.text, "%.9g s", sim_time_to_s(span_ns));
    return out;
}

void format_wrapped(const char *text, int indent, FILE *out)
{
    int column = indent;
    while (*text) {
        size_t length = strcspn(text, " ");
        if (column > indent && column + 1 + (int)length > LINE_WIDTH) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', out);
            column++;
        }
        fprintf(out, "%.*s", (int)length, text);
        column += (int)length;
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}
