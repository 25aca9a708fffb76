/* readings.h - a run under every other reading of the measurements behind its profiles.
 *
 * A calibration that cannot tell several explanations apart names the others in its profile (`readings`). The same
 * scenario with the same callers is then run with each of them in place of the profile, and the figures are shown
 * beside each other: how much of the answer hangs on what is not known.
 */
#ifndef ANALYSIS_READINGS_H
#define ANALYSIS_READINGS_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/summary.h"
#include "scenarios/scenario.h"

struct readings_request {
    const struct scenario *scenario;
    const char *const *settings; /* of the command line, which hold for the readings too */
    size_t setting_count;
    unsigned jobs;
    const volatile bool *stop;
};

/* Runs and prints the band. `summary`: of the run itself. SIM_BAD_INPUT, with the problems printed to stderr, where a
 * reading cannot be loaded; what runs report.
 */
SIM_MUST_USE enum sim_status readings_print(const struct readings_request *request, const struct summary *summary,
                                            FILE *out, struct sim_error *error);

#endif
