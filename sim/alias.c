/* alias.c - building the table in integers, so that all columns fill up exactly. */
#include "sim/alias.h"

#include <math.h>
#include <stdlib.h>

#define TOTAL_MAX 1e305
#define COLUMN_UNITS (UINT64_C(1) << (64 - SIM_ALIAS_OTHER_BITS))

static enum sim_status check_weights(const double *weights, size_t count, double *total, struct sim_error *error)
{
    if (count == 0 || count > SIM_ALIAS_COUNT_MAX)
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "found %zu weights, expected 1 to %zu", count,
                             SIM_ALIAS_COUNT_MAX);
    for (size_t i = 0; i < count; i++) {
        if (!(weights[i] >= 0 && weights[i] < INFINITY))
            return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "weight %zu is %g, expected 0 or more", i + 1,
                                 weights[i]);
        *total += weights[i];
    }
    if (*total == 0)
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "the weights add up to 0, expected more than 0");
    if (*total > TOTAL_MAX)
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "the weights add up to %g, expected at most %g", *total,
                             TOTAL_MAX);
    return SIM_OK;
}

/* Probabilities in units of 1 / (count * COLUMN_UNITS). They add up to count * COLUMN_UNITS exactly: what rounding
 * leaves over, at most count / 2 units, goes to the largest, which has at least COLUMN_UNITS.
 */
static void shares_of(uint64_t *shares, const double *weights, size_t count, double total)
{
    uint64_t sum = 0;
    size_t largest = 0;
    for (size_t i = 0; i < count; i++) {
        shares[i] = (uint64_t)(weights[i] / total * (double)count * (double)COLUMN_UNITS + 0.5);
        sum += shares[i];
        if (weights[i] > weights[largest])
            largest = i;
    }
    shares[largest] += count * COLUMN_UNITS - sum;
}

/* Each column that its own index does not fill is filled up by one that has more than it needs. `poor` and `rich`
 * are stacks that grow towards each other in one array.
 */
static void fill_columns(uint64_t *entries, uint64_t *shares, size_t *stacks, size_t count)
{
    size_t poor = 0;
    size_t rich = count;
    for (size_t i = 0; i < count; i++) {
        entries[i] = i; /* the other is itself: the whole column */
        if (shares[i] < COLUMN_UNITS)
            stacks[poor++] = i;
        else
            stacks[--rich] = i;
    }
    while (poor > 0) {
        size_t taker = stacks[--poor];
        size_t giver = stacks[rich];
        entries[taker] = shares[taker] << SIM_ALIAS_OTHER_BITS | giver;
        shares[giver] -= COLUMN_UNITS - shares[taker];
        if (shares[giver] < COLUMN_UNITS) {
            rich++;
            stacks[poor++] = giver;
        }
    }
}

enum sim_status sim_alias_init(struct sim_alias *alias, struct sim_arena *arena, const double *weights, size_t count,
                               struct sim_error *error)
{
    double total = 0;
    enum sim_status status = check_weights(weights, count, &total, error);
    if (status != SIM_OK)
        return status;
    uint64_t *entries = sim_arena_allocate(arena, count, sizeof *entries);
    uint64_t *shares = sim_allocate(count, sizeof *shares);
    size_t *stacks = sim_allocate(count, sizeof *stacks);
    shares_of(shares, weights, count, total);
    fill_columns(entries, shares, stacks, count);
    free(shares);
    free(stacks);
    *alias = (struct sim_alias){entries, count};
    return SIM_OK;
}
