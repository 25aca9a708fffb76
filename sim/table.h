/* table.h - tables of structs, texts and numbers in HDF5 files. The only place that knows HDF5.
 *
 * Each table is one compound dataset, shuffled and deflated, that h5py, h5dump and pandas.read_hdf(file, name) read
 * unaided. Columns are the members that a sim_field_table describes, stored as layout.h says: choices as text, truth
 * values as HDF5 bit fields (pandas: bool; h5py: 0 or 1), times as integers in ns. Attributes of the dataset give
 * each column's unit and help: unit_<column>, help_<column>. Texts are variable-length UTF-8, of any length.
 *
 * Equal calls give equal bytes, whatever the number of threads. HDF5 is not made for threads: all writers and
 * readers of a process are used by one thread at a time.
 */
#ifndef SIM_TABLE_H
#define SIM_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/error.h"
#include "sim/field.h"
#include "sim/state.h"

/* ---- Writing ----
 *
 * A file is written as PATH.part, flushed as it grows, and gets its name when it is finished; the root attribute
 * `complete` is 0 until then and 1 afterwards. After the first error, which is SIM_CANNOT_WRITE with the system's
 * reason, every call returns the same error again; nothing ever appears under the final name.
 *
 * Object names are paths without a leading slash, "requests" or "series/pools"; groups are made as needed. "" is
 * the root.
 */
struct sim_table_writer;

/* worker_count: threads that compress; 0 leaves it to the caller's. One worker takes nine tenths of the cost off the
 * caller.
 */
SIM_MUST_USE enum sim_status sim_table_writer_open(const char *path, unsigned worker_count,
                                                   struct sim_table_writer **writer, struct sim_error *error);

/* Creates an empty table; *table is its number for sim_table_writer_append. `fields` and its names are borrowed until
 * the writer is gone. Two objects of one name are an error.
 */
SIM_MUST_USE enum sim_status sim_table_writer_add(struct sim_table_writer *writer, const char *name,
                                                  const struct sim_field_table *fields, size_t *table,
                                                  struct sim_error *error);

/* Appends `count` structs. They are copied, but texts (SIM_FIELD_TEXT) must stay until the writer is gone. Bytes go
 * out when a chunk of some thousand rows is full, so an error may show up some calls later.
 * Cost: copying, and compressing where there are no workers; waits when these cannot keep up.
 */
SIM_MUST_USE enum sim_status sim_table_writer_append(struct sim_table_writer *writer, size_t table, const void *items,
                                                     size_t count, struct sim_error *error);

/* Attributes of an object that exists: a table, a group or the root. A value that is there is replaced; it keeps
 * its type.
 */
SIM_MUST_USE enum sim_status sim_table_writer_int64(struct sim_table_writer *writer, const char *object,
                                                    const char *name, int64_t value, struct sim_error *error);
SIM_MUST_USE enum sim_status sim_table_writer_double(struct sim_table_writer *writer, const char *object,
                                                     const char *name, double value, struct sim_error *error);
SIM_MUST_USE enum sim_status sim_table_writer_text(struct sim_table_writer *writer, const char *object,
                                                   const char *name, const char *text, struct sim_error *error);

/* Writes what is left, makes it durable, gives the file its name. The writer is gone, whatever is returned; after an
 * error so is the part, and an older file of the name is as it was.
 */
SIM_MUST_USE enum sim_status sim_table_writer_finish(struct sim_table_writer *writer, struct sim_error *error);

/* Removes the part. The writer is gone. NULL is allowed. */
void sim_table_writer_abandon(struct sim_table_writer *writer);

/* ---- Reading ----
 *
 * SIM_CANNOT_READ: the file is missing, cut or damaged. SIM_NOT_A_TRACE: it is something else, is not complete, or
 * lacks what is asked for.
 */
struct sim_table_reader;

SIM_MUST_USE enum sim_status sim_table_reader_open(const char *path, struct sim_table_reader **reader,
                                                   struct sim_error *error);

/* Also releases the texts that were read. NULL is allowed. */
void sim_table_reader_close(struct sim_table_reader *reader);

/* Whether there is a table or group of this name. */
bool sim_table_reader_has(struct sim_table_reader *reader, const char *name);

/* Finds a table and its columns, by name; columns that are no fields are ignored. *table is its number for the calls
 * below. SIM_NOT_A_TRACE when there is no such table, or a column is missing or has another type (texts of any width
 * are of one type). `fields` is borrowed until the reader is closed.
 */
SIM_MUST_USE enum sim_status sim_table_reader_find(struct sim_table_reader *reader, const char *name,
                                                   const struct sim_field_table *fields, size_t *table,
                                                   struct sim_error *error);

/* Number of rows in the file. */
uint64_t sim_table_reader_count(const struct sim_table_reader *reader, size_t table);

/* Reads rows [first, first + count), which must exist, into an array of structs; members that are no fields are left
 * alone. Texts live as long as the reader. SIM_NOT_A_TRACE for a choice that the field does not have.
 */
SIM_MUST_USE enum sim_status sim_table_reader_rows(struct sim_table_reader *reader, size_t table, uint64_t first,
                                                   size_t count, void *items, struct sim_error *error);

/* Finds a table and reads all its rows into `items`, an array of the fields' item size, which is resized. */
SIM_MUST_USE enum sim_status sim_table_reader_load(struct sim_table_reader *reader, const char *name,
                                                   const struct sim_field_table *fields, struct sim_array *items,
                                                   struct sim_error *error);

/* Attributes; SIM_NOT_A_TRACE when there is none of that name and type. A text lives as long as the reader. */
SIM_MUST_USE enum sim_status sim_table_reader_int64(struct sim_table_reader *reader, const char *object,
                                                    const char *name, int64_t *value, struct sim_error *error);
SIM_MUST_USE enum sim_status sim_table_reader_double(struct sim_table_reader *reader, const char *object,
                                                     const char *name, double *value, struct sim_error *error);
SIM_MUST_USE enum sim_status sim_table_reader_text(struct sim_table_reader *reader, const char *object,
                                                   const char *name, const char **text, struct sim_error *error);

#endif
