/* vary.h - what is varied: `PATH=[VALUE, VALUE, ...]`, as often as there are paths.
 *
 * Paths and values are those of `--set`; a value is any YAML, so one that holds a comma is quoted. The values of all
 * paths form a grid, in the order given, the last path fastest. Or there are as many points as are asked for, spread
 * evenly between two ends of each path: a Sobol sequence (Bratley & Fox, ACM TOMS 14, 1988, algorithm 659; gsl_qrng).
 */
#ifndef ANALYSIS_VARY_H
#define ANALYSIS_VARY_H

#include <stdbool.h>
#include <stddef.h>

#include "scenarios/diagnostic.h"

enum {
    VARY_PATHS_MAX = 40, /* of which a Sobol sequence knows how to go on evenly */
    VARY_POINTS_MAX = 1000000,
    VARY_SOBOL_MAX = 10000
};

struct vary_value {
    const char *text;    /* as written, without quotes */
    const char *setting; /* PATH=VALUE */
};

struct vary_path {
    const char *path;
    struct place place; /* of the whole argument */
    struct vary_value *values;
    size_t count; /* at least 1 */
};

struct vary {
    struct vary_path *paths;
    size_t count;
};

/* Reads the arguments. Everything belongs to the list's arena. False after problems: no `=`, no list, an empty one, a
 * value that occurs twice, a path that is given twice or is part of another.
 */
bool vary_parse(struct vary *vary, const char *const *arguments, size_t count, struct diagnostic_list *problems);

/* Points of the grid; 0: more than VARY_POINTS_MAX. */
size_t vary_grid_count(const struct vary *vary);

/* The values of point `index` of the grid: `values` has room for one per path. */
void vary_grid_point(const struct vary *vary, size_t index, struct vary_value *values);

/* The first `count` points of the Sobol sequence between the two values of each path, less those that come out equal to
 * an earlier one, since whole numbers stay whole. values: room for count x paths, point by point. Returns how many;
 * 0 after problems: a path without exactly two values, or whose values are no numbers in the same unit.
 */
size_t vary_sobol(const struct vary *vary, size_t count, struct vary_value *values, struct diagnostic_list *problems);

#endif
