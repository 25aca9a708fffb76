/* report_source.h - the end of a report: warnings, and what its figures rest on. */
#ifndef ANALYSIS_REPORT_SOURCE_H
#define ANALYSIS_REPORT_SOURCE_H

#include <stdio.h>

#include "analysis/style.h"
#include "analysis/summary.h"

void report_source_print(const struct summary *summary, const struct style *style, FILE *out);

#endif
