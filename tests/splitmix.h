/* splitmix.h - random numbers of the tests' own: splitmix64 (Steele, Lea, Flood 2014). */
#ifndef TESTS_SPLITMIX_H
#define TESTS_SPLITMIX_H

#include <stdbool.h>
#include <stdint.h>

struct splitmix {
    uint64_t state;
};

static inline uint64_t splitmix_next(struct splitmix *random)
{
    uint64_t z = random->state += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

/* 0 to below `count`. */
static inline int64_t splitmix_below(struct splitmix *random, int64_t count)
{
    return (int64_t)(splitmix_next(random) % (uint64_t)count);
}

static inline bool splitmix_chance(struct splitmix *random, int64_t percent)
{
    return splitmix_below(random, 100) < percent;
}

#endif
