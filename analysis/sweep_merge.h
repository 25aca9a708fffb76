/* sweep_merge.h - the finished points of one sweep, gathered from the folders they were written to.
 *
 * Gathering refuses what would make a table wrong without showing: points that are missing or there twice, and files of
 * another program, scenario or list of points. What comes out depends on the files' contents alone.
 */
#ifndef ANALYSIS_SWEEP_MERGE_H
#define ANALYSIS_SWEEP_MERGE_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/sweep_file.h"

/* What is varied, and whether all its values are numbers in one unit. */
struct sweep_column {
    const char *path;
    bool is_number;
    const char *unit; /* of numbers; "" for counts */
};

struct sweep_merge {
    char **files; /* paths of the points' files, in order */
    size_t count;
    struct sweep_file first; /* the file of point 0 */
    struct sweep_column *columns;
    size_t column_count;
    struct sim_arena *arena;
};

/* Finds and checks the files of all points. SIM_CANNOT_READ, SIM_BAD_INPUT. To be released in any case. */
SIM_MUST_USE enum sim_status sweep_merge_create(struct sweep_merge *merge, const char *const *folders, size_t count,
                                                struct sim_error *error);
void sweep_merge_release(struct sweep_merge *merge);

/* The number at the beginning of a column's value. */
double sweep_merge_number(const char *value);

/* Calls `take` with every point, in order, until one call fails. Files are in memory one at a time. */
typedef enum sim_status (*sweep_merge_function)(void *context, const struct sweep_file *file, struct sim_error *error);
SIM_MUST_USE enum sim_status sweep_merge_each(const struct sweep_merge *merge, sweep_merge_function take, void *context,
                                              struct sim_error *error);

#endif
