/* calibrate_distribution.c - a fitted distribution as parameters and sentences of a calibration. */
#include "analysis/calibrate_distribution.h"

#include <math.h>
#include <string.h>

#include "scenarios/distribution_text.h"

const char *calibrate_distribution_text(struct calibration *calibration, const struct sim_distribution *distribution,
                                        const char *unit)
{
    char text[400];
    sim_assert(distribution_text_write(distribution, unit, text, sizeof text));
    return calibrate_text(calibration, "%s", text);
}

/* "lognormal(...); 12 observations, Anderson-Darling p 0.43" */
static const char *note_of(struct calibration *calibration, const struct fit_distribution *fit, const char *text)
{
    if (fit->count == 1)
        return calibrate_text(calibration, "%s; one observation", text);
    if (isnan(fit->p_value))
        return calibrate_text(calibration, "%s; %zu observations", text, fit->count);
    if (fit->family == fit->best)
        return calibrate_text(calibration, "%s; %zu observations, Anderson-Darling p %.2g", text, fit->count,
                              fit->p_value);
    return calibrate_text(calibration, "%s; %zu observations; %s, the best family, is off by up to %.1f %% (p %.2g)",
                          text, fit->count, fit_distribution_name(fit->best), 100 * fit->distance, fit->p_value);
}

void calibrate_distribution_add(struct calibration *calibration, const char *name, const char *unit,
                                const struct fit_distribution *fit, const char *text)
{
    for (size_t i = 0; i < fit->parameter_count; i++) {
        const struct fit_distribution_parameter *from = &fit->parameters[i];
        bool is_length = strncmp(from->name, "mean", 4) == 0;
        bool is_plain = strcmp(from->name, "mean") == 0;
        const struct calibration_parameter parameter = {
            .name = is_plain ? name : calibrate_text(calibration, "%s %s", name, from->name),
            .unit = is_length ? unit : "ratio",
            .value = from->value,
            .low = from->low,
            .high = from->high,
            .note = i == 0 ? note_of(calibration, fit, text) : NULL,
        };
        calibrate_add_parameter(calibration, &parameter);
    }
}
