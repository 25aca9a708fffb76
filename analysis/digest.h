/* digest.h - 32 hexadecimal digits that stand for all that a run depends on.
 *
 * Two sweeps belong together if their digests are equal: the text of the scenario says most of it, but not what stands
 * in the files that it names, nor what the catalogue says.
 */
#ifndef ANALYSIS_DIGEST_H
#define ANALYSIS_DIGEST_H

#include "analysis/points.h"
#include "scenarios/scenario.h"

enum {
    DIGEST_TEXT_SIZE = 33
};

/* The resolved text, the prices, tables of distributions, and the bytes of files that are read during a run. */
void digest_scenario(const struct scenario *scenario, char text[DIGEST_TEXT_SIZE]);

/* The paths, and the values of all points. */
void digest_points(const struct points *points, char text[DIGEST_TEXT_SIZE]);

#endif
