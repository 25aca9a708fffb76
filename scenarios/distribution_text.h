/* distribution_text.h - distributions as scenarios write them.
 *
 *     fixed(5 s), or just 5 s       lognormal(mean, cv)   lognormal(median=, sigma=)
 *     exponential(mean)             gamma(mean, cv)       weibull(mean, cv)
 *     uniform(low, high)            normal(mean, cv)      (cut off at 0)
 *     empirical(file.csv, column)   mixture(70%: fixed(1 s), 30%: fixed(9 s))
 *
 * Arguments may be named (`gamma(mean=2 s, cv=0.3)`); named ones come after the others. Means, medians and ends
 * carry the unit of the key; cv, sigma and the shares of a mixture are ratios.
 */
#ifndef SCENARIOS_DISTRIBUTION_TEXT_H
#define SCENARIOS_DISTRIBUTION_TEXT_H

#include <stdbool.h>

#include "scenarios/source.h"
#include "sim/distribution.h"

/* What the text means depends on the key it stands for. */
struct distribution_context {
    const char *unit; /* of values, see quantity.h */
    double lowest;    /* range of means, medians, ends and values; equal ends: not limited */
    double highest;
    const struct source *source; /* what paths are relative to; may be NULL */
    struct sim_arena *arena;     /* owns the tables of the distribution */
};

/* Makes the distribution. SIM_BAD_INPUT for everything that is wrong in the text (the column, from 1, is in the
 * error when it is known), SIM_CANNOT_READ for the file of an empirical one.
 */
SIM_MUST_USE enum sim_status distribution_text_parse(const char *text, const struct distribution_context *context,
                                                     struct sim_distribution *distribution, struct sim_error *error);

/* Writes the text that makes this distribution, its numbers to six digits; in seconds or tokens where `unit` is "s" or
 * "token", without a unit otherwise. False, and "" as text, where there is no such text: empirical ones stand in a file
 * that the caller names himself (`empirical(FILE, COLUMN)`), distributions that were not given, and text longer than
 * `size`, which 80 characters for each part are enough for.
 */
bool distribution_text_write(const struct sim_distribution *distribution, const char *unit, char *text, size_t size);

#endif
