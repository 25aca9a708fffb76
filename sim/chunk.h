/* chunk.h - blocks of rows on their way into a file: shuffled and deflated, on other threads if wanted.
 *
 * The bytes are what a reader's inverse filters (inflate, then unshuffle) expect. They and the order in which chunks
 * come out do not depend on the number of threads or on timing: the queue is a ring of fixed size, its owner takes
 * the oldest chunk when it needs a place, never because one happens to be ready.
 *
 * All functions are called by one thread, the owner.
 */
#ifndef SIM_CHUNK_H
#define SIM_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/layout.h"

struct sim_chunk {
    /* Set by the owner before it is submitted. */
    const struct sim_layout *layout;
    size_t table;       /* which table the rows belong to; not looked at here */
    uint64_t first_row; /* their place in it; likewise */
    void *items;        /* an array of structs; the owner exchanges it for a buffer of its own */
    size_t items_size;  /* bytes that `items` has room for */
    size_t count;
    size_t chunk_rows; /* rows in a whole chunk; rows from `count` on are stored as zeros */

    /* Set when it comes out. */
    unsigned char *bytes;
    size_t size;
    bool is_deflated; /* false where deflating would not have made it smaller: then only shuffled */
    size_t capacity;
};

struct sim_chunk_queue;

/* worker_count 0: chunks are compressed by the owner while it submits them. */
struct sim_chunk_queue *sim_chunk_queue_create(unsigned worker_count);

/* Waits for what the workers are doing; chunks that were not taken are lost. Frees all `items`. */
void sim_chunk_queue_destroy(struct sim_chunk_queue *queue);

/* A place to fill and submit, or NULL while the ring is full. */
struct sim_chunk *sim_chunk_queue_place(struct sim_chunk_queue *queue);
void sim_chunk_queue_submit(struct sim_chunk_queue *queue);

/* The oldest chunk, waited for if need be; NULL when there is none. To be released before the next is taken. */
const struct sim_chunk *sim_chunk_queue_take(struct sim_chunk_queue *queue);
void sim_chunk_queue_release(struct sim_chunk_queue *queue);

#endif
