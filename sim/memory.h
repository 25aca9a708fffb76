/* memory.h - allocation that cannot fail, and an arena for things that die together.
 *
 * When memory runs out the program ends with exit code 3 and a message; no caller has to check.
 */
#ifndef SIM_MEMORY_H
#define SIM_MEMORY_H

#include <stddef.h>

/* Zeroed memory for `count` items of `size` bytes; free() releases it. count * size may be 0. */
void *sim_allocate(size_t count, size_t size);

/* Makes room for at least `needed` items, doubling, and returns the new place of `items` (NULL at first). The
 * added part is zeroed. *capacity is updated. Does nothing while needed <= *capacity.
 */
void *sim_grow(void *items, size_t *capacity, size_t needed, size_t size);

/* Ends the program as above, for a library that could not get what it needs. */
_Noreturn void sim_out_of_memory(void);

/* Memory that is released in one go: strings and tables of a configuration. */
struct sim_arena;

struct sim_arena *sim_arena_create(void);
void sim_arena_destroy(struct sim_arena *arena);

/* Zeroed memory, aligned for any type, that lives as long as the arena. */
void *sim_arena_allocate(struct sim_arena *arena, size_t count, size_t size);

/* A copy of `text` that lives as long as the arena. */
char *sim_arena_text(struct sim_arena *arena, const char *text);

#endif
