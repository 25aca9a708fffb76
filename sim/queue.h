/* queue.h - pending times of many event sources, the earliest first.
 *
 * Every source has a slot, and a slot has at most one pending time. Scheduling a slot again moves it, which is what
 * simulations of queues mostly do: the next departure of a server changes with each arrival. Order is total: by
 * time, then by rank, then by the order of scheduling.
 *
 * The structure is a tournament of fours. The keys of the slots are the leaves; each inner node holds the smallest
 * of its four children, so the root is the earliest event. Four 16-byte keys are one cache line, and finding their
 * minimum needs no branch that could be mispredicted: moving any slot costs one such step per level, log4 of the
 * number of slots. Measured against an indexed 4-ary heap it is 1.4 times as fast at 8 to 256 slots, 2 at 1e4 and
 * 9 at 1e6 (tests/bench/bench_queue.c).
 */
#ifndef SIM_QUEUE_H
#define SIM_QUEUE_H

#include <stdint.h>

#include "sim/integer.h"
#include "sim/state.h"
#include "sim/time.h"

enum {
    SIM_QUEUE_LEVELS_MAX = 13
};

#define SIM_QUEUE_SLOTS_MAX (1u << 24)
#define SIM_QUEUE_RANKS_MAX 16u
#define SIM_QUEUE_SEQUENCE_MAX ((UINT64_C(1) << 36) - 1)

/* time << 64 | rank << 60 | sequence << 24 | slot: comparing keys compares (time, rank, sequence). */
typedef sim_uint128 sim_queue_key;

#define SIM_QUEUE_NOTHING (~(sim_queue_key)0)

struct sim_queue_shape {
    uint64_t sequence;                          /* of the next key */
    uint32_t levels;                            /* above the leaves; the root is at this level */
    uint32_t level_start[SIM_QUEUE_LEVELS_MAX]; /* where each level's keys begin */
};

struct sim_queue {
    struct sim_queue_shape shape;
    struct sim_array keys; /* leaves first, then level by level to the root */
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

/* The earliest key, SIM_QUEUE_NOTHING if none is pending. */
static inline sim_queue_key sim_queue_first(const struct sim_queue *queue)
{
    return sim_queue_keys(queue)[queue->shape.level_start[queue->shape.levels]];
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

/* Sets a leaf and plays its matches up to the root; stops early where the winner stays the same. */
static inline void sim_queue_put(struct sim_queue *queue, uint32_t slot, sim_queue_key key)
{
    sim_queue_key *keys = sim_queue_keys(queue);
    keys[slot] = key;
    uint32_t place = slot;
    for (uint32_t level = 0; level < queue->shape.levels; level++) {
        place >>= 2;
        const sim_queue_key *four = keys + queue->shape.level_start[level] + 4 * place;
        sim_queue_key winner =
            sim_queue_smaller(sim_queue_smaller(four[0], four[1]), sim_queue_smaller(four[2], four[3]));
        sim_queue_key *node = keys + queue->shape.level_start[level + 1] + place;
        if (*node == winner)
            return;
        *node = winner;
    }
}

/* Makes `slot` pending at `time_ns` (not negative, before SIM_TIME_NEVER), in place of what it had pending. */
static inline void sim_queue_schedule(struct sim_queue *queue, uint32_t slot, sim_time_ns time_ns, uint32_t rank)
{
    if (queue->shape.sequence > SIM_QUEUE_SEQUENCE_MAX)
        sim_queue_renumber(queue);
    uint64_t low = (uint64_t)rank << 60 | queue->shape.sequence++ << 24 | slot;
    sim_queue_put(queue, slot, (sim_queue_key)(uint64_t)time_ns << 64 | low);
}

static inline void sim_queue_cancel(struct sim_queue *queue, uint32_t slot)
{
    sim_queue_put(queue, slot, SIM_QUEUE_NOTHING);
}

static inline sim_queue_key sim_queue_pending(const struct sim_queue *queue, uint32_t slot)
{
    return sim_queue_keys(queue)[slot];
}

#endif
