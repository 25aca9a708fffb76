/* calibrate_series.h - what a calibration has over time: as a table, and as a picture. */
#ifndef ANALYSIS_CALIBRATE_SERIES_H
#define ANALYSIS_CALIBRATE_SERIES_H

#include <stdio.h>

#include "analysis/calibrate.h"
#include "analysis/style.h"

/* A dozen of the times, theirs and ours side by side; nothing where there is no series. */
void calibrate_series_print(const struct calibration *calibration, const struct style *style, FILE *out);

/* The picture of calibrate_series_draw as part of a page; nothing where there is no series. */
void calibrate_series_put(const struct calibration *calibration, FILE *out);

/* Writes every series, theirs and ours, as one SVG file without references to others. SIM_BAD_INPUT where there is no
 * series, SIM_CANNOT_WRITE.
 */
SIM_MUST_USE enum sim_status calibrate_series_draw(const struct calibration *calibration, const char *path,
                                                   struct sim_error *error);

#endif
