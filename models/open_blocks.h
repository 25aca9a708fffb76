/* open_blocks.h - histograms of the few blocks of a result that are being filled.
 *
 * A block of a result keeps its histograms packed. Values are added to plain ones here: of the block that is going on,
 * and of a few before it, whose requests are still answered. When another block is asked for, the one not used for
 * longest is packed away; values that come for it even later are added to the pack in the same way. The result does not
 * depend on when that happened.
 */
#ifndef MODELS_OPEN_BLOCKS_H
#define MODELS_OPEN_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "models/result.h"

enum {
    OPEN_BLOCKS_COUNT = 3
};

struct open_block {
    size_t block;                                      /* SIZE_MAX: none */
    uint64_t used;                                     /* when it was last looked for */
    struct sim_histogram (*durations)[DURATION_COUNT]; /* by class; NULL until the place is used */
};

struct open_blocks {
    struct open_block places[OPEN_BLOCKS_COUNT];
    struct open_block *recent; /* the last one asked for */
    uint64_t lookups;
};

void open_blocks_init(struct open_blocks *open);
void open_blocks_release(struct open_blocks *open);

/* Packs everything into the result's blocks. */
void open_blocks_close(struct open_blocks *open, struct replication_result *result);

/* Makes `block` the recent one. */
void open_blocks_find(struct open_blocks *open, struct replication_result *result, size_t block);

/* The histograms of a class in a block of the result, until another block is asked for. */
static inline struct sim_histogram *open_blocks_durations(struct open_blocks *open, struct replication_result *result,
                                                          size_t block, size_t class_index)
{
    if (open->recent->block != block)
        open_blocks_find(open, result, block);
    return open->recent->durations[class_index];
}

#endif
