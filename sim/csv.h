/* csv.h - comma-separated values, read row by row from plain or gzipped files, and fields written.
 *
 * The first line names the columns; the reader picks some by name. Fields may stand in double quotes, with "" for a
 * quote, and then hold commas and line ends. Lines end with LF or CRLF, the last one may lack it; empty lines are
 * skipped, as is a byte order mark. A row, with its quotes, has at most 64 KiB. Memory does not grow with the file.
 *
 * Errors say file and line. SIM_CANNOT_READ: the system or gzip could not deliver the bytes. SIM_BAD_INPUT: they are
 * not what is asked for.
 */
#ifndef SIM_CSV_H
#define SIM_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/error.h"
#include "sim/time.h"

struct sim_csv;

/* Reads the header and finds the `count` columns. They are numbered as in `columns`, which is borrowed until the
 * reader is closed. SIM_BAD_INPUT when one is not there (the message lists those that are) or is there twice.
 */
SIM_MUST_USE enum sim_status sim_csv_open(const char *path, const char *const *columns, size_t count,
                                          struct sim_csv **csv, struct sim_error *error);

/* The same, but columns may be missing; sim_csv_has says which. The fields of missing ones must not be read. */
SIM_MUST_USE enum sim_status sim_csv_open_choice(const char *path, const char *const *columns, size_t count,
                                                 struct sim_csv **csv, struct sim_error *error);
bool sim_csv_has(const struct sim_csv *csv, size_t column);

/* NULL is allowed. */
void sim_csv_close(struct sim_csv *csv);

/* Goes to the next row; *has_row is false at the end. SIM_BAD_INPUT when it has more or fewer fields than the
 * header, a quote is not closed, it is too long, or it holds a zero byte. Nothing can be read after an error.
 */
SIM_MUST_USE enum sim_status sim_csv_next(struct sim_csv *csv, bool *has_row, struct sim_error *error);

/* Calls `take` for each row that is left, until it or the reader fails; that status is returned. SIM_BAD_INPUT where
 * there is no row: `what` says of what at least one was expected, as "arrival".
 */
typedef enum sim_status sim_csv_take(void *owner, struct sim_error *error);
SIM_MUST_USE enum sim_status sim_csv_each(struct sim_csv *csv, sim_csv_take *take, void *owner, const char *what,
                                          struct sim_error *error);

/* Line of the current row, from 1; the first one when quotes stretch it over several. */
int sim_csv_line(const struct sim_csv *csv);

/* A field of the current row, without its quotes. Valid until the next call of sim_csv_next. */
const char *sim_csv_text(const struct sim_csv *csv, size_t column);

/* A field as a number; blanks around it are ignored. SIM_BAD_INPUT for anything else, with line, column and text. */
SIM_MUST_USE enum sim_status sim_csv_double(const struct sim_csv *csv, size_t column, double *value,
                                            struct sim_error *error);
SIM_MUST_USE enum sim_status sim_csv_int64(const struct sim_csv *csv, size_t column, int64_t *value,
                                           struct sim_error *error);

/* A field in seconds or as a wall-clock time, see timestamp.h. */
SIM_MUST_USE enum sim_status sim_csv_time(const struct sim_csv *csv, size_t column, sim_time_ns *time_ns,
                                          struct sim_error *error);

/* Writes one field, in quotes where it needs them. Commas and line ends are the caller's, as is ferror(). */
void sim_csv_write_text(FILE *file, const char *text);

#endif
