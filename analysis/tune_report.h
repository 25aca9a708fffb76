/* tune_report.h - the answer of `capsim tune`, in words, as JSON and as CSV. */
#ifndef ANALYSIS_TUNE_REPORT_H
#define ANALYSIS_TUNE_REPORT_H

#include <stdio.h>

#include "analysis/tune.h"

void tune_report_print(const struct tune *tune, bool use_color, FILE *out);

/* One object (design: format 1) with "status", "best", "indistinguishable", "rejected", "front" and "proof". */
void tune_report_json(const struct tune *tune, FILE *out);

/* One line per point and metric: point, one column per path, fate, metric, unit, value, low, high, count. */
void tune_report_csv(const struct tune *tune, FILE *out);

#endif
