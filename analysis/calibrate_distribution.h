/* calibrate_distribution.h - a fitted distribution as parameters and sentences of a calibration. */
#ifndef ANALYSIS_CALIBRATE_DISTRIBUTION_H
#define ANALYSIS_CALIBRATE_DISTRIBUTION_H

#include "analysis/calibrate.h"
#include "analysis/fit_distribution.h"

/* Adds the parameters of `fit` as "<name>", its mean, and "<name> cv"; of a mixture, those of its parts too. `text`,
 * the distribution as scenarios write it, and how well it fits become the note of the first. Warnings of the fit are
 * the caller's.
 */
void calibrate_distribution_add(struct calibration *calibration, const char *name, const char *unit,
                                const struct fit_distribution *fit, const char *text);

/* The text of a distribution that is not empirical, owned by the calibration. */
const char *calibrate_distribution_text(struct calibration *calibration, const struct sim_distribution *distribution,
                                        const char *unit);

#endif
