/* text_pool.c - a hash table of texts. */
#include "sim/text_pool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"

struct sim_text_pool {
    struct sim_arena *arena;
    const char **slots; /* open addressing, a power of two of places, at most half of them taken */
    size_t capacity;
    size_t count;
};

struct sim_text_pool *sim_text_pool_create(void)
{
    struct sim_text_pool *pool = sim_allocate(1, sizeof *pool);
    pool->arena = sim_arena_create();
    pool->capacity = 64;
    pool->slots = sim_allocate(pool->capacity, sizeof *pool->slots);
    return pool;
}

void sim_text_pool_destroy(struct sim_text_pool *pool)
{
    if (!pool)
        return;
    sim_arena_destroy(pool->arena);
    free(pool->slots);
    free(pool);
}

/* FNV-1a. */
static uint64_t hash_of(const char *text, size_t length)
{
    uint64_t hash = 0xCBF29CE484222325;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * 0x100000001B3;
    return hash ^ hash >> 32;
}

static const char **find_slot(const struct sim_text_pool *pool, const char *text, size_t length)
{
    size_t at = hash_of(text, length) & (pool->capacity - 1);
    while (pool->slots[at] && (strncmp(pool->slots[at], text, length) != 0 || pool->slots[at][length]))
        at = (at + 1) & (pool->capacity - 1);
    return &pool->slots[at];
}

static void enlarge(struct sim_text_pool *pool)
{
    struct sim_text_pool larger = {.arena = pool->arena, .capacity = 2 * pool->capacity, .count = pool->count};
    larger.slots = sim_allocate(larger.capacity, sizeof *larger.slots);
    for (size_t i = 0; i < pool->capacity; i++)
        if (pool->slots[i])
            *find_slot(&larger, pool->slots[i], strlen(pool->slots[i])) = pool->slots[i];
    free(pool->slots);
    *pool = larger;
}

const char *sim_text_pool_keep(struct sim_text_pool *pool, const char *text, size_t length)
{
    const char **slot = find_slot(pool, text, length);
    if (*slot)
        return *slot;
    char *copy = memcpy(sim_arena_allocate(pool->arena, length + 1, 1), text, length);
    *slot = copy;
    if (2 * ++pool->count > pool->capacity)
        enlarge(pool);
    return copy;
}
