/* reference_queue.c - the plainest possible event queue. */
#include "tests/reference_queue.h"

void reference_queue_schedule(struct reference_queue *queue, uint32_t slot, int64_t time_ns, uint32_t rank)
{
    queue->items[slot] = (struct reference_item){true, time_ns, rank, queue->scheduled++};
}

void reference_queue_cancel(struct reference_queue *queue, uint32_t slot)
{
    queue->items[slot].is_pending = false;
}

static bool is_before(const struct reference_item *a, const struct reference_item *b)
{
    if (a->time_ns != b->time_ns)
        return a->time_ns < b->time_ns;
    if (a->rank != b->rank)
        return a->rank < b->rank;
    return a->order < b->order;
}

bool reference_queue_first(const struct reference_queue *queue, uint32_t *slot)
{
    const struct reference_item *first = 0;
    for (uint32_t i = 0; i < REFERENCE_SLOTS_MAX; i++) {
        const struct reference_item *item = &queue->items[i];
        if (item->is_pending && (!first || is_before(item, first)))
            first = item;
    }
    if (first)
        *slot = (uint32_t)(first - queue->items);
    return first;
}
