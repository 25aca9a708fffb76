/* format.h - figures as people read them: four significant digits, units, thousands separated. */
#ifndef ANALYSIS_FORMAT_H
#define ANALYSIS_FORMAT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/time.h"

struct format_text {
    char text[48];
};

/* Digits after the point that show `value` to `significant` (1 to 6) digits; 0 to 9. */
int format_decimals(double value, int significant);

/* A figure in a unit of metric.h: "$0.0413", "1.234 s", "61.3 %" for ratios that are shares, "12,844". NaN: "-".
 * decimals: digits after the point, of the percentage where it is one; -1: four significant digits.
 */
struct format_text format_figure(double value, const char *unit, int decimals);

/* Whole number with thousands separated by commas. */
struct format_text format_count(int64_t count);

/* A span in the largest unit of which it is a whole number: "90 s", "10 min", "730 h", "1 day". */
struct format_text format_span(sim_time_ns span_ns);

/* A paragraph of at most 96 columns, broken between words, and a new line. It begins in column `indent`, and so do the
 * lines that follow.
 */
void format_wrapped(const char *text, int indent, FILE *out);

#endif
