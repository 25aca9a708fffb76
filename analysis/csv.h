/* csv.h - the tidy rows of a summary as CSV: scope, metric, unit, value, low, high, count. What is missing is empty. */
#ifndef ANALYSIS_CSV_H
#define ANALYSIS_CSV_H

#include <stdio.h>

#include "analysis/summary.h"

/* Errors show on the stream. Names hold no characters that CSV would need quoted. */
void csv_print(const struct summary *summary, FILE *out);

#endif
