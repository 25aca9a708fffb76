/* calibrate_report.h - a calibration as text for people, and as one JSON object. */
#ifndef ANALYSIS_CALIBRATE_REPORT_H
#define ANALYSIS_CALIBRATE_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/calibrate.h"

/* Prints parameters, the error of every row beside what chance alone would do, readings, how the fit was chosen,
 * warnings, and what was asked as reached or missed.
 */
void calibrate_report_print(const struct calibration *calibration, bool has_color, FILE *out);

/* The same as an object with "parameters", "errors", "readings", "anomalies", "notes", "warnings" and "accept". */
void calibrate_report_json(const struct calibration *calibration, FILE *out);

/* One row a figure that was asked for: what `make accuracy` makes its table of. */
void calibrate_report_csv(const struct calibration *calibration, FILE *out);

/* Whether an error that was asked for is missed. */
bool calibrate_report_is_missed(const struct calibration *calibration);

#endif
