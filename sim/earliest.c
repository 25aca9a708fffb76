/* earliest.c - growing the tournament. */
#include "sim/earliest.h"

/* Lays out the places for `leaf_count` leaves. With no times set the lowest number of each four wins. */
static void lay_out(struct sim_earliest *earliest, uint32_t leaf_count)
{
    uint32_t inner_count = (leaf_count - 1) / 3;
    earliest->shape.leaf_count = leaf_count;
    earliest->shape.leaf_start = SIM_EARLIEST_ROOT + inner_count;
    sim_array_resize(&earliest->winners, earliest->shape.leaf_start + leaf_count);
    size_t old_count = earliest->times.count;
    sim_array_resize(&earliest->times, leaf_count);
    sim_time_ns *times = earliest->times.items;
    uint32_t *winners = earliest->winners.items;
    for (size_t i = old_count; i < leaf_count; i++)
        times[i] = SIM_TIME_NEVER;
    for (uint32_t i = 0; i < leaf_count; i++)
        winners[earliest->shape.leaf_start + i] = i;
    for (uint32_t place = earliest->shape.leaf_start - 1; place >= SIM_EARLIEST_ROOT; place--)
        winners[place] = winners[4 * place - 8];
    for (uint32_t i = 0; i < leaf_count; i++)
        sim_earliest_set(earliest, i, times[i]);
}

void sim_earliest_init(struct sim_earliest *earliest)
{
    *earliest = (struct sim_earliest){0};
    sim_array_init(&earliest->times, sizeof(sim_time_ns));
    sim_array_init(&earliest->winners, sizeof(uint32_t));
    lay_out(earliest, 4);
}

void sim_earliest_release(struct sim_earliest *earliest)
{
    sim_array_release(&earliest->times);
    sim_array_release(&earliest->winners);
}

void sim_earliest_enter(struct sim_earliest *earliest, struct sim_state *state)
{
    sim_state_enter_block(state, "earliest", &earliest->shape, sizeof earliest->shape);
    sim_state_enter(state, "earliest times", &earliest->times);
    sim_state_enter(state, "earliest winners", &earliest->winners);
}

void sim_earliest_reserve(struct sim_earliest *earliest, uint32_t count)
{
    uint32_t leaf_count = earliest->shape.leaf_count;
    while (leaf_count < count)
        leaf_count *= 4;
    if (leaf_count > earliest->shape.leaf_count)
        lay_out(earliest, leaf_count);
}
