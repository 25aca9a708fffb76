/* earliest.h - which of many times is the earliest, when one of them changes at a time.
 *
 * For an owner of many alike things, such as the servers of a pool, that stands in the event queue once, for the
 * earliest of them. A tournament of fours as in queue.h, but over plain times: a match is three comparisons of 64
 * bits, and with up to 16 things a change costs two matches. At equal times the lowest number is first.
 */
#ifndef SIM_EARLIEST_H
#define SIM_EARLIEST_H

#include <stdint.h>

#include "sim/state.h"
#include "sim/time.h"

/* Places of the winners: the root, and the parent of place p is p / 4 + 2, so that siblings begin at a multiple of
 * four. The leaves are last, and hold their own numbers.
 */
#define SIM_EARLIEST_ROOT 3

struct sim_earliest_shape {
    uint32_t leaf_count; /* a power of four, at least 4 */
    uint32_t leaf_start; /* place of number 0 */
};

struct sim_earliest {
    struct sim_earliest_shape shape;
    struct sim_array times;   /* sim_time_ns by number; SIM_TIME_NEVER: none */
    struct sim_array winners; /* uint32_t by place */
};

void sim_earliest_init(struct sim_earliest *earliest);
void sim_earliest_release(struct sim_earliest *earliest);
void sim_earliest_enter(struct sim_earliest *earliest, struct sim_state *state);

/* Makes room for numbers 0 to count - 1; new ones have no time. */
void sim_earliest_reserve(struct sim_earliest *earliest, uint32_t count);

/* The number with the earliest time. */
static inline uint32_t sim_earliest_number(const struct sim_earliest *earliest)
{
    return ((const uint32_t *)earliest->winners.items)[SIM_EARLIEST_ROOT];
}

/* The earliest time; SIM_TIME_NEVER if there is none. */
static inline sim_time_ns sim_earliest_time(const struct sim_earliest *earliest)
{
    return ((const sim_time_ns *)earliest->times.items)[sim_earliest_number(earliest)];
}

/* Sets the time of a number and plays its matches up to the root. Who wins cannot be predicted, so there is no
 * branch: not for the winners, and none to stop early where another keeps winning. With them it took twice as long.
 */
static inline void sim_earliest_set(struct sim_earliest *earliest, uint32_t number, sim_time_ns time_ns)
{
    sim_time_ns *times = earliest->times.items;
    uint32_t *winners = earliest->winners.items;
    uint32_t place = earliest->shape.leaf_start + number;
    times[number] = time_ns;
    do {
        const uint32_t *four = winners + (place & ~3u);
        uint32_t left = four[0];
        uint32_t right = four[2];
        sim_time_ns left_ns = times[left];
        sim_time_ns right_ns = times[right];
        sim_time_ns other_ns = times[four[1]];
        left = other_ns < left_ns ? four[1] : left;
        left_ns = other_ns < left_ns ? other_ns : left_ns;
        other_ns = times[four[3]];
        right = other_ns < right_ns ? four[3] : right;
        right_ns = other_ns < right_ns ? other_ns : right_ns;
        place = place / 4 + 2;
        winners[place] = right_ns < left_ns ? right : left;
    } while (place != SIM_EARLIEST_ROOT);
}

#endif
