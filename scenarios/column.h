/* column.h - one column of numbers from a CSV file with a line of names. */
#ifndef SCENARIOS_COLUMN_H
#define SCENARIOS_COLUMN_H

#include <stddef.h>

#include "sim/error.h"
#include "sim/memory.h"

/* Larger files are refused: a distribution is drawn from a table in memory. */
#define COLUMN_FILE_SIZE_MAX ((size_t)64 << 20)

struct column {
    double *values; /* in the arena */
    size_t count;   /* 1 or more */
};

/* Reads the column called `name`. Fields are separated by commas and may stand in double quotes; empty lines are
 * skipped. SIM_CANNOT_READ for a file that cannot be read or is too large; SIM_BAD_INPUT, with the line in the
 * message, when there is no such column, no row, or a field of the column is no number from 0 up.
 * Cost: linear in the file.
 */
SIM_MUST_USE enum sim_status column_read(const char *path, const char *name, struct sim_arena *arena,
                                         struct column *column, struct sim_error *error);

#endif
