/* random.c - blocks of Philox4x64-10.
 *
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011), section 3.3. Written
 * here over four scalars because gcc keeps the arrays of Random123 in memory, which costs 40 % more time; the unit
 * test compares with Random123 itself.
 */
#include "sim/random.h"

#include "sim/inline.h"
#include "sim/integer.h"

#define MULTIPLIER_0 UINT64_C(0xD2E7470EE14C6C93)
#define MULTIPLIER_1 UINT64_C(0xCA5A826395121157)
#define KEY_STEP_0 UINT64_C(0x9E3779B97F4A7C15) /* golden ratio */
#define KEY_STEP_1 UINT64_C(0xBB67AE8584CAA73B) /* square root of 3, less 1 */

struct block {
    uint64_t word0, word1, word2, word3;
};

/* What a round needs must stay in registers, so the helpers are inlined whatever their size. */
SIM_ALWAYS_INLINE struct block round_with(struct block in, uint64_t key0, uint64_t key1)
{
    sim_uint128 product0 = (sim_uint128)MULTIPLIER_0 * in.word0;
    sim_uint128 product1 = (sim_uint128)MULTIPLIER_1 * in.word2;
    return (struct block){(uint64_t)(product1 >> 64) ^ in.word1 ^ key0, (uint64_t)product1,
                          (uint64_t)(product0 >> 64) ^ in.word3 ^ key1, (uint64_t)product0};
}

/* Round `number` (from 0) of the cipher with the given key. */
SIM_ALWAYS_INLINE struct block round_number(struct block in, const uint64_t key[2], uint64_t number)
{
    return round_with(in, key[0] + number * KEY_STEP_0, key[1] + number * KEY_STEP_1);
}

SIM_ALWAYS_INLINE void keep(uint64_t words[SIM_RANDOM_BLOCK_WORDS], struct block block)
{
    words[0] = block.word0;
    words[1] = block.word1;
    words[2] = block.word2;
    words[3] = block.word3;
}

#define FOR_TEN_ROUNDS(ROUND) ROUND(0) ROUND(1) ROUND(2) ROUND(3) ROUND(4) ROUND(5) ROUND(6) ROUND(7) ROUND(8) ROUND(9)

void sim_random_block(const uint64_t counter[4], const uint64_t key[2], uint64_t words[SIM_RANDOM_BLOCK_WORDS])
{
    struct block block = {counter[0], counter[1], counter[2], counter[3]};
#define ROUND(number) block = round_number(block, key, number);
    FOR_TEN_ROUNDS(ROUND)
#undef ROUND
    keep(words, block);
}

void sim_random_refill(struct sim_random *stream)
{
    sim_random_block(stream->counter, stream->key, stream->words);
    stream->counter[SIM_RANDOM_BLOCK]++;
    stream->used = 0;
}
