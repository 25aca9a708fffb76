/* sensitivity_report.h - what hangs on what is not published, for people. */
#ifndef ANALYSIS_SENSITIVITY_REPORT_H
#define ANALYSIS_SENSITIVITY_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/sensitivity_run.h"

struct sensitivity_text {
    char text[64];
};

/* "+2,671 +- 1,504", in ( ) where it cannot be told from zero; "no change"; "" where nothing is known. */
struct sensitivity_text sensitivity_report_change(const struct sensitivity_change *change, const struct metric *metric);

/* How a metric is called in a heading. */
const char *sensitivity_report_title(const struct metric *metric);

/* A table of readings, the band, and what could be measured about those that change something. */
void sensitivity_report_print(const struct sensitivity_run *run, bool use_color, FILE *out);

#endif
