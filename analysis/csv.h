/* csv.h - the tidy rows of a summary as CSV: scope, metric, unit, value, low, high, count. What is missing is empty;
 * numbers have as many digits as it takes to get the same double back.
 */
#ifndef ANALYSIS_CSV_H
#define ANALYSIS_CSV_H

#include <stdio.h>

#include "analysis/summary.h"

/* Errors show on the stream. Names hold no characters that CSV would need quoted. */
void csv_print(const struct summary *summary, FILE *out);

/* A comma and a number; nothing behind the comma where it is not finite. */
void csv_print_number(double value, FILE *out);

/* The rows alone, each after a first column that says `scenario`. */
void csv_print_rows(const struct summary *summary, const char *scenario, FILE *out);

#endif
