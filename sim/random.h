/* random.h - streams of random words that are addressed, not carried along.
 *
 * A stream is named by (seed, replication, purpose, entity, index), and its words depend on nothing else: who drew
 * before, how much, and in which order do not matter. So a changed policy shifts no other draw, and any piece of a
 * run can be simulated by itself. The words are those of Philox4x64-10 (Salmon, Moraes, Dror, Shaw: "Parallel random
 * numbers: as easy as 1, 2, 3", SC 2011) as Random123 computes it; a name has 2^64 blocks of four words.
 *
 * Distinct names never share a block: the key of the cipher is (seed, replication, purpose), the counter is (index,
 * block, entity). Three numbers that belong together are packed by the caller, for instance hour << 40 | number in
 * the hour as index.
 */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#define SIM_RANDOM_BLOCK_WORDS 4

/* Places of the counter. Place 3 is 0. */
enum sim_random_place {
    SIM_RANDOM_INDEX = 0,
    SIM_RANDOM_BLOCK = 1,
    SIM_RANDOM_ENTITY = 2
};

/* A stream and its position. Plain: a copy goes on from the same place. */
struct sim_random {
    uint64_t key[2];
    uint64_t counter[4]; /* of the block that is computed next */
    uint64_t words[SIM_RANDOM_BLOCK_WORDS];
    uint64_t used; /* words of the block that are gone, 0 to 4 */
};

/* The block of a counter and a key: the published function, without state. */
void sim_random_block(const uint64_t counter[4], const uint64_t key[2], uint64_t words[SIM_RANDOM_BLOCK_WORDS]);

/* The next block into stream->words; moves the counter on. For sim_random_next. */
void sim_random_refill(struct sim_random *stream);

/* Puts `stream` at the start of the named stream. Any value of any part is allowed. */
static inline void sim_random_init(struct sim_random *stream, uint64_t seed, uint32_t replication, uint32_t purpose,
                                   uint64_t entity, uint64_t index)
{
    stream->key[0] = seed;
    stream->key[1] = (uint64_t)replication << 32 | purpose;
    stream->counter[SIM_RANDOM_INDEX] = index;
    stream->counter[SIM_RANDOM_BLOCK] = 0;
    stream->counter[SIM_RANDOM_ENTITY] = entity;
    stream->counter[3] = 0;
    stream->used = SIM_RANDOM_BLOCK_WORDS;
}

/* Moves `stream` to the start of another index. Three stores. */
static inline void sim_random_move(struct sim_random *stream, uint64_t index)
{
    stream->counter[SIM_RANDOM_INDEX] = index;
    stream->counter[SIM_RANDOM_BLOCK] = 0;
    stream->used = SIM_RANDOM_BLOCK_WORDS;
}

/* The next word: 64 independent fair bits. */
static inline uint64_t sim_random_next(struct sim_random *stream)
{
    if (stream->used == SIM_RANDOM_BLOCK_WORDS)
        sim_random_refill(stream);
    return stream->words[stream->used++];
}

/* A few words at a tenth of the cost of a block, for what is drawn so often that a block for each is felt: requests.
 * They are those of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014),
 * whose seed is the mixed sum of a salt, a word of Philox, and an index.
 */
struct sim_random_brief {
    uint64_t state;
};

#define SIM_RANDOM_GOLDEN UINT64_C(0x9E3779B97F4A7C15)    /* golden ratio */
#define SIM_RANDOM_PART_STEP UINT64_C(0xBB67AE8584CAA73B) /* square root of 3, less 1 */

/* The mixing of SplitMix64: a bijection in which every bit of the word changes each bit of the result in about half of
 * all cases.
 */
static inline uint64_t sim_random_mix(uint64_t word)
{
    word = (word ^ (word >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    word = (word ^ (word >> 27)) * UINT64_C(0x94D049BB133111EB);
    return word ^ (word >> 31);
}

/* The start of the words for `part` of what `index` names. Parts are small numbers, so that those of one index are
 * far from each other.
 */
static inline struct sim_random_brief sim_random_brief(uint64_t salt, uint64_t index, uint64_t part)
{
    uint64_t own = sim_random_mix(salt + index * SIM_RANDOM_GOLDEN);
    return (struct sim_random_brief){own + part * SIM_RANDOM_PART_STEP};
}

static inline uint64_t sim_random_brief_next(struct sim_random_brief *brief)
{
    brief->state += SIM_RANDOM_GOLDEN;
    return sim_random_mix(brief->state);
}

#endif
