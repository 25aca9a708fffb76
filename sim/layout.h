/* layout.h - how an array of structs, described by a table of fields, lies as rows in a file.
 *
 * A row of the file is packed: the columns stand one after another without gaps, in the order of the fields.
 *
 *   field               column
 *   UINT8 INT32 INT64   little-endian integer of the same size
 *   DOUBLE              IEEE double, little-endian
 *   TIME                64-bit integer, always in nanoseconds
 *   BOOL                one byte, 0 or 1
 *   CHOICE              the name of the choice as text, as wide as the longest name
 *   TEXT                text of `highest` bytes (64 where that is 0)
 *
 * Text is followed by at least one zero byte, so its column is one byte wider; h5dump prints it plainly then. Names are
 * stored as text, not as numbers, because pandas shows the numbers behind HDF5's enumerations.
 */
#ifndef SIM_LAYOUT_H
#define SIM_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/field.h"
#include "sim/text_pool.h"

struct sim_layout_column {
    const struct sim_field *field;
    size_t offset; /* in a row of the file */
    size_t size;
    char *names; /* SIM_FIELD_CHOICE: every choice, padded to `name_size` bytes */
    size_t name_count;
    size_t name_size;
};

struct sim_layout {
    struct sim_layout_column *columns;
    size_t count;
    size_t row_size;  /* in the file */
    size_t item_size; /* of the struct */
};

/* The layout of a table. Fields that only a scenario can hold fail an assertion. Borrows the table. */
void sim_layout_init(struct sim_layout *layout, const struct sim_field_table *fields);
void sim_layout_release(struct sim_layout *layout);

/* The unit in which a column is stored: that of the field, but "ns" for times. */
const char *sim_layout_unit(const struct sim_field *field);

/* Rewrites `count` structs as row_size planes of plane_size bytes each: plane j holds byte j of every row. This is
 * what HDF5's shuffle filter makes of packed rows. A choice outside its list fails an assertion; text that is too
 * long is cut, not within a UTF-8 character.
 */
void sim_layout_shuffle(const struct sim_layout *layout, const void *items, size_t count, size_t plane_size,
                        unsigned char *planes);

/* Turns `count` packed rows into structs; members without a column are not touched. Texts point into the pool.
 * Returns count, or the index of the first row with a choice or a truth value that is none; *column is then its
 * column.
 */
size_t sim_layout_unpack(const struct sim_layout *layout, const unsigned char *rows, size_t count, void *items,
                         struct sim_text_pool *texts, const struct sim_layout_column **column);

#endif
