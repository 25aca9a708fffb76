/* calibrate_case.h - a measurements file, as text or from the repository, and what calibrating makes of it. */
#ifndef TESTS_CALIBRATE_CASE_H
#define TESTS_CALIBRATE_CASE_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>

#include "analysis/calibrate.h"

struct calibrate_case {
    struct measurements *measurements;
    struct calibration *calibration;
};

/* Calibrates a file of the repository; the test fails if that is not possible. To be released. */
void calibrate_case_load(struct calibrate_case *c, const char *path, uint64_t seed);

/* Calibrates a file with this text, which may name other files absolutely. Returns the status; only after SIM_OK there
 * is a calibration. Measurements that do not load fail the test. To be released in each case.
 */
enum sim_status calibrate_case_run(struct calibrate_case *c, const char *text, uint64_t seed, struct sim_error *error);
void calibrate_case_release(struct calibrate_case *c);

/* The parameter of that name; the test fails without. */
const struct calibration_parameter *calibrate_case_parameter(const struct calibrate_case *c, const char *name);

/* The error of a measure, or of a figure, in the row of that name; `variant` "" for the fit itself. */
const struct calibration_error *calibrate_case_error(const struct calibrate_case *c, const char *row,
                                                     const char *metric, const char *variant);

/* Fails the test unless a warning, a note or an odd row has `part` in it. */
void calibrate_case_said(const struct calibrate_case *c, const char *part);

#endif
