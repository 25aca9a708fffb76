/* sweep_table.h - a merged sweep as an HDF5 file and as text.
 *
 * Tables of the file: `points` has a row per point with a column for every path that is varied (a number where all
 * values are numbers in one unit, else a text); `summary` has the metric rows of all points. As text, every row of the
 * summary carries the values of its point.
 */
#ifndef ANALYSIS_SWEEP_TABLE_H
#define ANALYSIS_SWEEP_TABLE_H

#include <stdio.h>

#include "analysis/sweep_merge.h"

SIM_MUST_USE enum sim_status sweep_table_write(const struct sweep_merge *merge, const char *path,
                                               struct sim_error *error);

/* point, one column per path, status, scope, metric, unit, value, low, high, count; a point whose values do not go
 * together has one line without a metric. Errors of the stream show there.
 */
SIM_MUST_USE enum sim_status sweep_table_csv(const struct sweep_merge *merge, FILE *out, struct sim_error *error);

/* One object: what the points have in common, `points`, and `metrics` with the columns of the CSV. */
SIM_MUST_USE enum sim_status sweep_table_json(const struct sweep_merge *merge, FILE *out, struct sim_error *error);

/* A line per point: what is varied, cost and latency. */
SIM_MUST_USE enum sim_status sweep_table_print(const struct sweep_merge *merge, FILE *out, struct sim_error *error);

/* One of these three. */
SIM_MUST_USE enum sim_status sweep_table_show(const struct sweep_merge *merge, bool is_json, bool is_csv, FILE *out,
                                              struct sim_error *error);

#endif
