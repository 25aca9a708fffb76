/* calibrate_write.h - a calibration as a profile file, with how it came about. */
#ifndef ANALYSIS_CALIBRATE_WRITE_H
#define ANALYSIS_CALIBRATE_WRITE_H

#include "analysis/calibrate.h"

/* Writes the profile to `path`, and readings that cannot be told from it beside it, as NAME.yaml. What profile_write.h
 * reports; the readings are written first, so that the profile never names files that are not there.
 */
SIM_MUST_USE enum sim_status calibrate_write(struct calibration *calibration, const char *path,
                                             struct sim_error *error);

#endif
