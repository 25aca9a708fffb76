/* report_months.h - the part of the report that goes month by month. */
#ifndef ANALYSIS_REPORT_MONTHS_H
#define ANALYSIS_REPORT_MONTHS_H

#include <stdio.h>

#include "analysis/style.h"
#include "analysis/summary.h"

/* Nothing for a run that is not told by month. */
void report_months_print(const struct summary *summary, const struct style *style, FILE *out);

#endif
