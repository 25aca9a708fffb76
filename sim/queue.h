/* queue.h - pending times of many event sources, the earliest first.
 *
 * Every source has a slot, and a slot has at most one pending time. Scheduling a slot again moves it, which is what
 * simulations of queues mostly do: the next departure of a server changes with each arrival. Order is total: by
 * time, then by rank, then by the order of scheduling.
 *
 * The structure is a tournament of fours. The keys of the slots are the leaves; each inner node holds the smallest
 * of its four children, so the root is the earliest event. Finding a minimum of four needs no branch that could be
 * mispredicted: moving any slot costs one such step per level, log4 of the number of slots. Against an indexed 4-ary
 * heap with the same keys it is about twice as fast at 8 to 1e4 slots, and 2.4 times at 1e6 (bench_queue.c).
 */
#ifndef SIM_QUEUE_H
#define SIM_QUEUE_H

#include <stdint.h>

#include "sim/inline.h"
#include "sim/integer.h"
#include "sim/state.h"
#include "sim/time.h"

/* The root's place among the keys. The children of the key at place p are at 4 p - 8 and the next three, so four
 * siblings begin at a multiple of four, and the parent of place p is p / 4 + 2.
 */
#define SIM_QUEUE_ROOT 3

/* Slots 0 and 1 have places of their own before the root: moving them plays no matches, and looking for the first
 * event compares three keys. They are for the sources that move most, such as the arrivals of an open system.
 */
#define SIM_QUEUE_EXPRESS 1
#define SIM_QUEUE_EXPRESS_COUNT 2

#define SIM_QUEUE_SLOTS_MAX (1u << 24)
#define SIM_QUEUE_RANKS_MAX 16u
#define SIM_QUEUE_SEQUENCE_MAX ((UINT64_C(1) << 36) - 1)

/* time << 64 | rank << 60 | sequence << 24 | slot: comparing keys compares (time, rank, sequence). */
typedef sim_uint128 sim_queue_key;

/* Later than every key; the only one whose time is negative. */
#define SIM_QUEUE_NOTHING (~(sim_queue_key)0)

struct sim_queue_shape {
    uint64_t sequence;   /* of the next key */
    uint32_t leaf_count; /* a power of four, at least 4 */
    uint32_t leaf_start; /* place of the first */
};

struct sim_queue {
    struct sim_queue_shape shape;
    struct sim_array keys; /* from SIM_QUEUE_ROOT on level by level; the leaves, by slot, are last */
};

void sim_queue_init(struct sim_queue *queue);
void sim_queue_release(struct sim_queue *queue);
void sim_queue_enter(struct sim_queue *queue, struct sim_state *state);

/* Makes room for slots 0 to slot_count - 1 (at most SIM_QUEUE_SLOTS_MAX); new ones have nothing pending. */
void sim_queue_reserve(struct sim_queue *queue, uint32_t slot_count);

/* Number of slots there is room for. */
uint32_t sim_queue_capacity(const struct sim_queue *queue);

/* Numbers the pending keys anew from 0, keeping their order. Called by itself when sequence numbers run out. */
void sim_queue_renumber(struct sim_queue *queue);

static inline sim_queue_key *sim_queue_keys(const struct sim_queue *queue)
{
    return queue->keys.items;
}

/* Where the key of a slot is kept. */
static inline sim_queue_key *sim_queue_leaf(const struct sim_queue *queue, uint32_t slot)
{
    return sim_queue_keys(queue) +
           (slot < SIM_QUEUE_EXPRESS_COUNT ? SIM_QUEUE_EXPRESS + slot : queue->shape.leaf_start + slot);
}

static inline sim_time_ns sim_queue_key_time(sim_queue_key key)
{
    return (sim_time_ns)(uint64_t)(key >> 64);
}

static inline uint32_t sim_queue_key_slot(sim_queue_key key)
{
    return (uint32_t)key & (SIM_QUEUE_SLOTS_MAX - 1);
}

static inline sim_queue_key sim_queue_smaller(sim_queue_key a, sim_queue_key b)
{
    return a < b ? a : b;
}

/* The earliest key, SIM_QUEUE_NOTHING if none is pending. */
static inline sim_queue_key sim_queue_first(const struct sim_queue *queue)
{
    const sim_queue_key *keys = sim_queue_keys(queue);
    sim_queue_key express = sim_queue_smaller(keys[SIM_QUEUE_EXPRESS], keys[SIM_QUEUE_EXPRESS + 1]);
    return sim_queue_smaller(keys[SIM_QUEUE_ROOT], express);
}

/* The key at `offset` bytes from the start. Siblings are 16, 32 and 48 apart in the bits of their offsets. */
static inline sim_queue_key *sim_queue_at(const struct sim_queue *queue, size_t offset)
{
    return (sim_queue_key *)((char *)queue->keys.items + offset);
}

/* Sets a leaf and plays its matches up to the root; stops early where the winner stays the same. The places of the
 * rivals depend on the slot alone, so the processor fetches and compares those of all levels at once; only the
 * winner is handed from level to level.
 */
static inline void sim_queue_put(struct sim_queue *queue, uint32_t slot, sim_queue_key key)
{
    if (slot < SIM_QUEUE_EXPRESS_COUNT) {
        sim_queue_keys(queue)[SIM_QUEUE_EXPRESS + slot] = key;
        return;
    }
    size_t offset = sizeof key * ((size_t)queue->shape.leaf_start + slot);
    *sim_queue_at(queue, offset) = key;
    do {
        sim_queue_key rival = sim_queue_smaller(*sim_queue_at(queue, offset ^ 16), *sim_queue_at(queue, offset ^ 32));
        rival = sim_queue_smaller(rival, *sim_queue_at(queue, offset ^ 48));
        key = sim_queue_smaller(key, rival);
        offset = (offset >> 6 << 4) + 32;
        sim_queue_key *node = sim_queue_at(queue, offset);
        /* Mostly the low halves, with their sequence numbers, differ: comparing them first saves work. */
        if ((uint64_t)*node == (uint64_t)key && *node == key)
            return;
        *node = key;
    } while (offset != 48);
}

/* The key that makes `slot` pending at `time_ns` (not negative, before SIM_TIME_NEVER), after all that have been. */
static inline sim_queue_key sim_queue_next_key(struct sim_queue *queue, uint32_t slot, sim_time_ns time_ns,
                                               uint32_t rank)
{
    if (SIM_RARELY(queue->shape.sequence > SIM_QUEUE_SEQUENCE_MAX))
        sim_queue_renumber(queue);
    uint64_t low = (uint64_t)rank << 60 | queue->shape.sequence++ << 24 | slot;
    return (sim_queue_key)(uint64_t)time_ns << 64 | low;
}

/* Makes `slot` pending at `time_ns`, in place of what it had pending. */
static inline void sim_queue_schedule(struct sim_queue *queue, uint32_t slot, sim_time_ns time_ns, uint32_t rank)
{
    sim_queue_put(queue, slot, sim_queue_next_key(queue, slot, time_ns, rank));
}

/* The same for a slot below SIM_QUEUE_EXPRESS_COUNT. */
static inline void sim_queue_schedule_express(struct sim_queue *queue, uint32_t slot, sim_time_ns time_ns,
                                              uint32_t rank)
{
    sim_queue_key key = sim_queue_next_key(queue, slot, time_ns, rank);
    sim_queue_keys(queue)[SIM_QUEUE_EXPRESS + slot] = key;
}

static inline void sim_queue_cancel(struct sim_queue *queue, uint32_t slot)
{
    sim_queue_put(queue, slot, SIM_QUEUE_NOTHING);
}

/* While an event is handled its slot has nothing pending, but the matches are played only once: either when the
 * handler schedules the slot again, which simulations do most of the time, or at the end. Between the two calls,
 * sim_queue_first may still give the key that was begun; the state is neither copied nor saved.
 */
static inline void sim_queue_begin(struct sim_queue *queue, uint32_t slot)
{
    *sim_queue_leaf(queue, slot) = SIM_QUEUE_NOTHING;
}

static inline void sim_queue_end(struct sim_queue *queue, uint32_t slot)
{
    if (slot >= SIM_QUEUE_EXPRESS_COUNT && sim_queue_key_time(*sim_queue_leaf(queue, slot)) < 0)
        sim_queue_cancel(queue, slot);
}

static inline sim_queue_key sim_queue_pending(const struct sim_queue *queue, uint32_t slot)
{
    return *sim_queue_leaf(queue, slot);
}

#endif
