/* rate_table.h - a measured rate from a CSV file. */
#ifndef MODELS_RATE_TABLE_H
#define MODELS_RATE_TABLE_H

#include "models/config.h"
#include "sim/error.h"
#include "sim/memory.h"

/* Reads the file that `table` names and sets rows, row_count and period_ns. Rows are in order of time, counted from the
 * first one; a repetition begins one step after the last row, as long as the step before it (one hour after a single
 * row). *mean_per_s is the mean of the straight lines over a period.
 * SIM_BAD_INPUT, with the line where there is one, for no rows, rows out of order, rates below 0 or without end, and a
 * table of zeros; SIM_CANNOT_READ for a file that cannot be read.
 */
SIM_MUST_USE enum sim_status rate_table_load(struct rate_table_config *table, struct sim_arena *arena,
                                             double *mean_per_s, struct sim_error *error);

#endif
