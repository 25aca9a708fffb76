/* row_queue.h - rows on their way from simulating threads to the one that writes them.
 *
 * Every replication has a lane. Rows leave in the order of the replications, and within a lane exactly as they came,
 * call by call: so what is written does not depend on how threads take turns. Memory is bounded: a thread that is
 * ahead waits once the lanes together hold too many rows, and the first lane waits only for the writer.
 */
#ifndef ANALYSIS_ROW_QUEUE_H
#define ANALYSIS_ROW_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

enum row_kind {
    ROW_REQUEST,
    ROW_CONTAINER,
    ROW_DECISION
};

/* Rows of one call. */
struct row_batch {
    struct row_batch *next;
    enum row_kind kind;
    size_t count;
    max_align_t rows[]; /* `count` of them, of whatever size they are */
};

struct row_queue;

struct row_queue *row_queue_create(size_t lane_count, size_t row_limit);
void row_queue_destroy(struct row_queue *queue);

/* From the thread that simulates `lane`: copies the rows. Waits as said above. After row_queue_cancel it drops them. */
void row_queue_push(struct row_queue *queue, size_t lane, enum row_kind kind, const void *rows, size_t count,
                    size_t row_size);

/* Nothing more comes in this lane. */
void row_queue_finish(struct row_queue *queue, size_t lane);

enum row_queue_state {
    ROW_QUEUE_ROWS,    /* *batch is the next one, to be released with free() */
    ROW_QUEUE_WAITING, /* nothing came for `wait_ms` milliseconds */
    ROW_QUEUE_DONE     /* every lane has finished and is empty */
};

/* From the writing thread. */
enum row_queue_state row_queue_take(struct row_queue *queue, long wait_ms, struct row_batch **batch);

/* Lets every waiting thread go on; what is still pushed is dropped. */
void row_queue_cancel(struct row_queue *queue);

#endif
