/* bytes.h - values laid one after another in an array of bytes, and taken out again in the same order.
 *
 * The form is that of this machine and version: for what the same program reads again. Reading believes nothing: what
 * goes beyond the end fails.
 */
#ifndef SIM_BYTES_H
#define SIM_BYTES_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/state.h"

/* Appends `size` bytes to an array of 1-byte items. */
void sim_bytes_put(struct sim_array *bytes, const void *data, size_t size);

/* The same with the items of an array, and how many there are. */
void sim_bytes_put_array(struct sim_array *bytes, const struct sim_array *array);

struct sim_bytes_reader {
    const char *next;
    size_t left;
};

/* Takes `size` bytes; false, with `data` unchanged, if there are not as many. */
bool sim_bytes_get(struct sim_bytes_reader *reader, void *data, size_t size);

/* Replaces the items of an array, which has its item size. */
bool sim_bytes_get_array(struct sim_bytes_reader *reader, struct sim_array *array);

#endif
