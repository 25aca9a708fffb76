/* queue.c - growing the tournament, and renumbering its keys. */
#include "sim/queue.h"

#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"

/* Makes room for `leaf_count` leaves, a power of four, and fills all keys with SIM_QUEUE_NOTHING. The inner nodes
 * are leaf_count / 4 + leaf_count / 16 + ... + 1 = (leaf_count - 1) / 3.
 */
static void lay_out(struct sim_queue *queue, uint32_t leaf_count)
{
    queue->shape.leaf_count = leaf_count;
    queue->shape.leaf_start = SIM_QUEUE_ROOT + (leaf_count - 1) / 3;
    sim_array_resize(&queue->keys, queue->shape.leaf_start + leaf_count);
    memset(queue->keys.items, 0xff, queue->keys.count * queue->keys.item_size);
}

void sim_queue_init(struct sim_queue *queue)
{
    *queue = (struct sim_queue){0};
    sim_array_init(&queue->keys, sizeof(sim_queue_key));
    lay_out(queue, 4);
}

void sim_queue_release(struct sim_queue *queue)
{
    sim_array_release(&queue->keys);
}

void sim_queue_enter(struct sim_queue *queue, struct sim_state *state)
{
    sim_state_enter_block(state, "queue shape", &queue->shape, sizeof queue->shape);
    sim_state_enter(state, "queue keys", &queue->keys);
}

uint32_t sim_queue_capacity(const struct sim_queue *queue)
{
    return queue->shape.leaf_count;
}

static sim_queue_key *copy_of_leaves(const struct sim_queue *queue, uint32_t count)
{
    sim_queue_key *copy = sim_allocate(count, sizeof *copy);
    for (uint32_t slot = 0; slot < count; slot++)
        copy[slot] = *sim_queue_leaf(queue, slot);
    return copy;
}

void sim_queue_reserve(struct sim_queue *queue, uint32_t slot_count)
{
    uint32_t old_count = sim_queue_capacity(queue);
    sim_assert(slot_count <= SIM_QUEUE_SLOTS_MAX);
    if (slot_count <= old_count)
        return;
    sim_queue_key *old = copy_of_leaves(queue, old_count);
    uint32_t leaf_count = old_count;
    while (leaf_count < slot_count)
        leaf_count *= 4;
    lay_out(queue, leaf_count);
    for (uint32_t slot = 0; slot < old_count; slot++)
        sim_queue_put(queue, slot, old[slot]);
    free(old);
}

static int compare_keys(const void *a, const void *b)
{
    sim_queue_key left = *(const sim_queue_key *)a;
    sim_queue_key right = *(const sim_queue_key *)b;
    return (left > right) - (left < right);
}

void sim_queue_renumber(struct sim_queue *queue)
{
    uint32_t slot_count = sim_queue_capacity(queue);
    sim_queue_key *order = copy_of_leaves(queue, slot_count);
    qsort(order, slot_count, sizeof *order, compare_keys);
    queue->shape.sequence = 0;
    for (uint32_t i = 0; i < slot_count && order[i] != SIM_QUEUE_NOTHING; i++) {
        sim_queue_key kept = order[i] & ~((sim_queue_key)SIM_QUEUE_SEQUENCE_MAX << 24);
        sim_queue_put(queue, sim_queue_key_slot(order[i]), kept | (sim_queue_key)queue->shape.sequence++ << 24);
    }
    free(order);
}
