/* json.h - a summary as one JSON object (design: format 1), and as CSV. Bytes depend on the summary only. */
#ifndef ANALYSIS_JSON_H
#define ANALYSIS_JSON_H

#include <stdio.h>

#include "analysis/sensitivity_run.h"
#include "analysis/summary.h"

/* Writes the object and a new line. Real numbers have 17 significant digits, which is exact; what is missing is null,
 * and its row has a `reason`. Errors show on the stream.
 */
void json_print(const struct summary *summary, FILE *out);

/* The same with `sensitivity`, a list of readings, `sensitivity_band`, and whether that is all of them. */
void json_print_sensitivity(const struct summary *summary, const struct sensitivity_run *sensitivity, FILE *out);

#endif
