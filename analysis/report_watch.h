/* report_watch.h - the parts of the report about alerts and energy. */
#ifndef ANALYSIS_REPORT_WATCH_H
#define ANALYSIS_REPORT_WATCH_H

#include <stdio.h>

#include "analysis/style.h"
#include "analysis/summary.h"

/* Nothing of alerts for a scenario without any, nothing of energy where no power is known. */
void report_watch_print(const struct summary *summary, const struct style *style, FILE *out);

#endif
