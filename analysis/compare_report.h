/* compare_report.h - a comparison as text, JSON and CSV. */
#ifndef ANALYSIS_COMPARE_REPORT_H
#define ANALYSIS_COMPARE_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/compare.h"
#include "analysis/compare_sensitivity.h"

/* The figures that people decide by, side by side with their differences, what chance had to do with it, and what to
 * make of it in words. has_all: every metric of every scope. Errors show on the stream.
 */
void compare_report_print(struct compare *compare, bool has_all, bool use_color, FILE *out);

/* The words: "saves $212 +- 9 a month; p95 is 40 ms +- 15 ms worse". One line for what can be told apart and one each
 * for what cannot, is the same, or is not known, each begun with `margin`.
 */
void compare_report_verdict(struct compare *compare, size_t item, const char *margin, FILE *out);

/* One object as of a run: `metrics` have a column `scenario`, and `differences` are what changes from a, the first, to
 * b. Every metric of every scope. With `sensitivity`, if there is one (NULL: not).
 */
void compare_report_json(struct compare *compare, const struct compare_sensitivity *sensitivity, FILE *out);

/* The metrics with a column `scenario`. */
void compare_report_csv(const struct compare *compare, FILE *out);

#endif
