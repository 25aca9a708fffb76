/* table_internal.h - the calls of HDF5 that tables need, so that only table.c knows its types.
 *
 * Identifiers are HDF5's, negative when there is none. Functions that return bool say whether they succeeded;
 * sim_table_reason() then tells why not.
 */
#ifndef SIM_TABLE_INTERNAL_H
#define SIM_TABLE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/chunk.h"
#include "sim/layout.h"
#include "sim/memory.h"
#include "sim/part_file.h"

struct sim_table_reason {
    char text[300];
};

/* HDF5's own words, from deepest inside, for the call that failed last. */
struct sim_table_reason sim_table_reason(void);

struct sim_table_file {
    int64_t id;
    int64_t driver; /* of a file being written, else negative */
};

/* A new file on top of an open part file, which keeps what goes wrong with the disk: HDF5 does not notice. */
bool sim_table_create(struct sim_table_file *file, struct sim_part_file *part);

bool sim_table_is_hdf5(const char *path);
bool sim_table_open(struct sim_table_file *file, const char *path);
bool sim_table_flush(const struct sim_table_file *file);

/* Closes everything that is open in the file. */
bool sim_table_close(struct sim_table_file *file);

/* Closes a dataset; negative ids are let pass. */
void sim_table_close_object(int64_t id);

/* An empty table; groups on the way are created. Negative on failure. */
int64_t sim_table_create_dataset(const struct sim_table_file *file, const char *name, const struct sim_layout *layout,
                                 size_t chunk_rows);
bool sim_table_write_chunk(int64_t dataset, const struct sim_chunk *chunk);

bool sim_table_has(const struct sim_table_file *file, const char *name);

/* Opens a table and gives the columns of `layout` the places and widths that they have in this file. Negative when
 * it does not fit; the reason continues "table 'name' ...".
 */
int64_t sim_table_open_dataset(const struct sim_table_file *file, const char *name, struct sim_layout *layout,
                               uint64_t *row_count, struct sim_table_reason *reason);

/* Reads packed rows of the layout's row_size. */
bool sim_table_read_rows(int64_t dataset, uint64_t first, size_t count, void *rows);

/* Attributes of "" (the root), a group or a table; a value that is there is replaced. */
bool sim_table_write_int64(const struct sim_table_file *file, const char *object, const char *name, int64_t value);
bool sim_table_write_double(const struct sim_table_file *file, const char *object, const char *name, double value);
bool sim_table_write_text(const struct sim_table_file *file, const char *object, const char *name, const char *text);
bool sim_table_read_int64(const struct sim_table_file *file, const char *object, const char *name, int64_t *value);
bool sim_table_read_double(const struct sim_table_file *file, const char *object, const char *name, double *value);

/* A copy in the arena, or NULL. */
const char *sim_table_read_text(const struct sim_table_file *file, const char *object, const char *name,
                                struct sim_arena *arena);

#endif
