/* state.h - the whole changing state of a simulation, so that it can be copied, saved and compared.
 *
 * What changes during a run lives in arrays of plain items: integers and doubles, ids instead of pointers. Each
 * owner enters its arrays in one register. Copying and saving then need no knowledge of what the items mean.
 * Comparing does: two states that behave alike from now on may differ in numbering and leftovers, so each owner
 * feeds what matters, in an order that does not depend on history, to a digest.
 */
#ifndef SIM_STATE_H
#define SIM_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "sim/error.h"

/* A growable array. Items are zeroed when the array grows; growing moves them, so nobody keeps a pointer. */
struct sim_array {
    void *items;
    size_t item_size;
    size_t count;
    size_t capacity;
};

void sim_array_init(struct sim_array *array, size_t item_size);
void sim_array_release(struct sim_array *array);

/* Sets the number of items. Items that come back after shrinking are zeroed too. */
void sim_array_resize(struct sim_array *array, size_t count);

/* Adds one zeroed item at the end and returns its index. */
size_t sim_array_add(struct sim_array *array);

/* The arrays and plain structs that together are a state, in the order of entry. The register borrows them. */
struct sim_state_entry {
    const char *name;
    struct sim_array *array; /* NULL for a struct */
    void *block;             /* NULL for an array */
    size_t block_size;
};

struct sim_state {
    struct sim_state_entry *entries;
    size_t count;
    size_t capacity;
};

void sim_state_init(struct sim_state *state);
void sim_state_release(struct sim_state *state);

/* Enters an array, or a struct of `size` bytes without pointers. `name` tells states apart that were built in
 * different ways.
 */
void sim_state_enter(struct sim_state *state, const char *name, struct sim_array *array);
void sim_state_enter_block(struct sim_state *state, const char *name, void *block, size_t size);

/* Makes `to` equal to `from`. Both were built in the same way: same names and item sizes in the same order. */
void sim_state_copy(struct sim_state *to, const struct sim_state *from);

/* Appends the state to `bytes`, an array of 1-byte items. The form is that of this machine and version. */
void sim_state_save(const struct sim_state *state, struct sim_array *bytes);

/* Restores what sim_state_save wrote. SIM_BAD_INPUT when the bytes belong to another kind of state or are cut;
 * the state is then unchanged.
 */
SIM_MUST_USE enum sim_status sim_state_load(struct sim_state *state, const void *bytes, size_t size);

/* A 128-bit fingerprint of a sequence of numbers; equal sequences give equal fingerprints, different ones differ
 * but for one chance in 2^128 (no defence against an adversary).
 */
struct sim_digest {
    uint64_t low;
    uint64_t high;
};

void sim_digest_init(struct sim_digest *digest);
void sim_digest_add(struct sim_digest *digest, uint64_t value);

#endif
