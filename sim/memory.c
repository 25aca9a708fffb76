/* memory.c - allocation that cannot fail, and the arena. */
#include "sim/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/error.h"

static _Noreturn void out_of_memory(size_t count, size_t size)
{
    fprintf(stderr, "capsim: out of memory (%zu items of %zu bytes)\n", count, size);
    _Exit(3);
}

_Noreturn void sim_out_of_memory(void)
{
    fputs("capsim: out of memory\n", stderr);
    _Exit(3);
}

void *sim_allocate(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);
    if (!memory)
        out_of_memory(count, size);
    return memory;
}

void *sim_grow(void *items, size_t *capacity, size_t needed, size_t size)
{
    if (needed <= *capacity)
        return items;
    size_t grown = *capacity ? *capacity : 16;
    while (grown < needed && grown <= SIZE_MAX / 2)
        grown *= 2;
    if (grown < needed || grown > SIZE_MAX / size)
        out_of_memory(needed, size);
    char *memory = realloc(items, grown * size);
    if (!memory)
        out_of_memory(grown, size);
    memset(memory + *capacity * size, 0, (grown - *capacity) * size);
    *capacity = grown;
    return memory;
}

/* The payload is aligned for any type because the header's size is a multiple of that alignment. */
struct arena_piece {
    _Alignas(max_align_t) struct arena_piece *next;
};

struct sim_arena {
    struct arena_piece *pieces;
};

struct sim_arena *sim_arena_create(void)
{
    return sim_allocate(1, sizeof(struct sim_arena));
}

void sim_arena_destroy(struct sim_arena *arena)
{
    if (!arena)
        return;
    while (arena->pieces) {
        struct arena_piece *next = arena->pieces->next;
        free(arena->pieces);
        arena->pieces = next;
    }
    free(arena);
}

void *sim_arena_allocate(struct sim_arena *arena, size_t count, size_t size)
{
    sim_assert(size == 0 || count <= (SIZE_MAX - sizeof(struct arena_piece)) / size);
    struct arena_piece *piece = sim_allocate(1, sizeof(struct arena_piece) + count * size);
    piece->next = arena->pieces;
    arena->pieces = piece;
    return piece + 1;
}

char *sim_arena_text(struct sim_arena *arena, const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(sim_arena_allocate(arena, size, 1), text, size);
}
