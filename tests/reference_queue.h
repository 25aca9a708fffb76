/* reference_queue.h - the plainest possible event queue: a list that is searched from end to end.
 *
 * Tests compare sim/queue.h and sim/engine.h with it. It shares nothing with them but the meaning: order by time,
 * then rank, then order of scheduling, and one pending time per slot.
 */
#ifndef TESTS_REFERENCE_QUEUE_H
#define TESTS_REFERENCE_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    REFERENCE_SLOTS_MAX = 512
};

struct reference_item {
    bool is_pending;
    int64_t time_ns;
    uint32_t rank;
    uint64_t order;
};

struct reference_queue {
    struct reference_item items[REFERENCE_SLOTS_MAX];
    uint64_t scheduled; /* so far */
};

void reference_queue_schedule(struct reference_queue *queue, uint32_t slot, int64_t time_ns, uint32_t rank);
void reference_queue_cancel(struct reference_queue *queue, uint32_t slot);

/* The slot that is next; false if none is pending. */
bool reference_queue_first(const struct reference_queue *queue, uint32_t *slot);

#endif
