/* calibrate_page.h - a calibration as a page for a browser. */
#ifndef ANALYSIS_CALIBRATE_PAGE_H
#define ANALYSIS_CALIBRATE_PAGE_H

#include "analysis/calibrate.h"

/* Writes one HTML file without references to others: the error of every figure as a picture, the report, and what was
 * measured over time where there is such a table. SIM_CANNOT_WRITE.
 */
SIM_MUST_USE enum sim_status calibrate_page_write(const struct calibration *calibration, const char *path,
                                                  struct sim_error *error);

#endif
