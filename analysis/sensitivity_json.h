/* sensitivity_json.h - what hangs on what is not published, for programs. */
#ifndef ANALYSIS_SENSITIVITY_JSON_H
#define ANALYSIS_SENSITIVITY_JSON_H

#include <jansson.h>

#include "analysis/sensitivity_run.h"

/* One object for every reading, and for those that are read so together. */
json_t *sensitivity_json_cases(const struct sensitivity_run *run);

/* One object for every figure: its lowest and highest value under one reading at a time. */
json_t *sensitivity_json_band(const struct sensitivity_run *run);

/* An object for what a metric changes: value, low and high of the change, whether it is told from zero, and the reason
 * if something is missing.
 */
json_t *sensitivity_json_change(const struct metric *metric, const struct sensitivity_change *change);

/* The names of rules and values, what they were, and what to measure. */
json_t *sensitivity_json_reading(const struct sensitivity_reading *reading);

#endif
