/* open_blocks.c - finding a block's histograms, and packing those of another to make room. */
#include "models/open_blocks.h"

#include <stdlib.h>

#include "sim/memory.h"

void open_blocks_init(struct open_blocks *open)
{
    *open = (struct open_blocks){.recent = open->places};
    for (int i = 0; i < OPEN_BLOCKS_COUNT; i++)
        open->places[i].block = SIZE_MAX;
}

void open_blocks_release(struct open_blocks *open)
{
    for (int i = 0; i < OPEN_BLOCKS_COUNT; i++)
        free(open->places[i].durations);
    open_blocks_init(open);
}

static void pack(struct open_block *place, struct replication_result *result)
{
    if (place->block == SIZE_MAX)
        return;
    struct result_block *block = &result->blocks[place->block];
    for (size_t i = 0; i < result->class_count; i++)
        for (int k = 0; k < DURATION_COUNT; k++)
            sim_histogram_pack_take(&block->durations[i][k], &place->durations[i][k]);
    place->block = SIZE_MAX;
}

void open_blocks_close(struct open_blocks *open, struct replication_result *result)
{
    for (int i = 0; i < OPEN_BLOCKS_COUNT; i++)
        pack(&open->places[i], result);
}

void open_blocks_find(struct open_blocks *open, struct replication_result *result, size_t block)
{
    struct open_block *found = &open->places[0];
    for (int i = 0; i < OPEN_BLOCKS_COUNT && found->block != block; i++) {
        struct open_block *place = &open->places[i];
        if (place->block == block || place->used < found->used)
            found = place;
    }
    if (found->block != block) {
        pack(found, result);
        if (!found->durations)
            found->durations = sim_allocate(result->class_count, sizeof *found->durations);
        found->block = block;
    }
    found->used = ++open->lookups;
    open->recent = found;
}
