/* report.h - the summary for people: where each dollar goes, the figures with their intervals, the limits, and what
 * the figures rest on. Fits 100 columns.
 */
#ifndef ANALYSIS_REPORT_H
#define ANALYSIS_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/summary.h"

/* use_color: headings and verdicts in bold, red and green (ANSI). Bytes depend on the summary and on use_color only.
 * Errors show on the stream.
 */
void report_print(const struct summary *summary, bool use_color, FILE *out);

#endif
