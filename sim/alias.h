/* alias.h - drawing an index with given probabilities from one word, whatever their number.
 *
 * Walker's alias method (Walker 1977; the table is built as in Vose, "A linear algorithm for generating random
 * numbers with a given distribution", IEEE TSE 17(9), 1991): count columns of equal probability, each shared by at
 * most two indices.
 */
#ifndef SIM_ALIAS_H
#define SIM_ALIAS_H

#include <stddef.h>
#include <stdint.h>

#include "sim/error.h"
#include "sim/integer.h"
#include "sim/memory.h"

#define SIM_ALIAS_COUNT_MAX ((size_t)1 << 22)
#define SIM_ALIAS_OTHER_BITS 24

/* Plain and copyable; `entries` belongs to the arena it was built in. An entry is the share of the column's own index
 * in units of 2^-40, and below that, in 24 bits, the index that has the rest.
 */
struct sim_alias {
    const uint64_t *entries;
    uint64_t count;
};

/* Builds the table for the probabilities weights[i] / sum. Weights are at least 0 and add up to more than 0, at most
 * 1e305; count is 1 to SIM_ALIAS_COUNT_MAX: else SIM_BAD_INPUT. Each probability is exact within 2^-40; an
 * index with weight 0 is never drawn. Equal weights give equal tables on every machine. Cost: linear in count.
 */
SIM_MUST_USE enum sim_status sim_alias_init(struct sim_alias *alias, struct sim_arena *arena, const double *weights,
                                            size_t count, struct sim_error *error);

/* An index from one word: the high bits choose the column, the next 40 who has it. */
static inline uint64_t sim_alias_draw(const struct sim_alias *alias, uint64_t word)
{
    sim_uint128 product = (sim_uint128)word * alias->count;
    uint64_t column = (uint64_t)(product >> 64);
    uint64_t entry = alias->entries[column];
    uint64_t other = entry % (UINT64_C(1) << SIM_ALIAS_OTHER_BITS);
    return (uint64_t)product >> SIM_ALIAS_OTHER_BITS < entry >> SIM_ALIAS_OTHER_BITS ? column : other;
}

#endif
