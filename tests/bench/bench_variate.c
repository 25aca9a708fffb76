/* bench_variate.c - nanoseconds per draw, with the words at hand, from brief words, and from a stream.
 *
 * The first column is the price of the variate alone; the second includes a brief word for each, as the hot path pays
 * it; the third draws one word after another from one stream. Each figure is the median of REPEATS loops over WORDS
 * draws.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/distribution.h"
#include "sim/elementary.h"
#include "sim/memory.h"

enum {
    WORDS = 16384,
    REPEATS = 101
};

struct source {
    struct sim_random stream;
    const struct sim_distribution *distribution;
    const struct sim_alias *alias;
    struct sim_variate_gamma_shape shape;
};

typedef double loop(struct source *source, const uint64_t *words, size_t count);

/* Three loops per expression, which may use `word`, `x` (uniform in [0, 1), from the word) and `source`. */
#define LOOPS(name, expression)                                                              \
    static double name##_at_hand(struct source *source, const uint64_t *words, size_t count) \
    {                                                                                        \
        double sum = 0;                                                                      \
        for (size_t i = 0; i < count; i++) {                                                 \
            uint64_t word = words[i];                                                        \
            sum += (double)(expression);                                                     \
        }                                                                                    \
        (void)source;                                                                        \
        return sum;                                                                          \
    }                                                                                        \
    static double name##_brief(struct source *source, const uint64_t *words, size_t count)   \
    {                                                                                        \
        double sum = 0;                                                                      \
        for (size_t i = 0; i < count; i++) {                                                 \
            struct sim_random_brief brief = sim_random_brief(words[0], i, 0);                \
            uint64_t word = sim_random_brief_next(&brief);                                   \
            sum += (double)(expression);                                                     \
        }                                                                                    \
        (void)source;                                                                        \
        return sum;                                                                          \
    }                                                                                        \
    static double name##_stream(struct source *source, const uint64_t *words, size_t count)  \
    {                                                                                        \
        double sum = 0;                                                                      \
        for (size_t i = 0; i < count; i++) {                                                 \
            uint64_t word = sim_random_next(&source->stream);                                \
            sum += (double)(expression);                                                     \
        }                                                                                    \
        (void)words;                                                                         \
        return sum;                                                                          \
    }

LOOPS(word, word)
LOOPS(uniform, sim_variate_uniform_word(word))
LOOPS(below, sim_variate_below_word(word, &source->stream, 1000))
LOOPS(alias, sim_alias_draw(source->alias, word))
LOOPS(exponential, sim_variate_exponential_word(word, &source->stream))
LOOPS(normal, sim_variate_normal_word(word, &source->stream))
LOOPS(gamma, sim_variate_gamma_word(word, &source->stream, &source->shape))
LOOPS(own_exp, sim_exp(8 * sim_variate_uniform_word(word) - 4))
LOOPS(libm_exp, exp(8 * sim_variate_uniform_word(word) - 4))
LOOPS(own_log, sim_log(8 * sim_variate_open_word(word)))
LOOPS(libm_log, log(8 * sim_variate_open_word(word)))
LOOPS(sample, sim_distribution_sample_word(source->distribution, word, &source->stream))

static double now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static volatile double sink; /* keeps the loops from being dropped */

/* Median time of one draw. */
static double median_ns(loop *run, struct source *source, const uint64_t *words)
{
    double times[REPEATS];
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        double start = now_ns();
        sink = run(source, words, WORDS);
        times[repeat] = (now_ns() - start) / WORDS;
    }
    qsort(times, REPEATS, sizeof times[0], compare);
    return times[REPEATS / 2];
}

static void print_row(const char *name, loop *at_hand, loop *brief, loop *from_stream, struct source *source)
{
    uint64_t *words = sim_allocate(WORDS, sizeof *words);
    sim_random_init(&source->stream, 20, 0, 0, 0, 0);
    for (size_t i = 0; i < WORDS; i++)
        words[i] = sim_random_next(&source->stream);
    printf("%-28s %8.2f %8.2f %8.2f\n", name, median_ns(at_hand, source, words), median_ns(brief, source, words),
           median_ns(from_stream, source, words));
    free(words);
}

#define ROW(text, name) print_row(text, name##_at_hand, name##_brief, name##_stream, &source)

static void print_variates(struct sim_arena *arena)
{
    enum {
        LENGTHS = 4096
    };
    double weights[LENGTHS];
    for (int i = 0; i < LENGTHS; i++)
        weights[i] = 1.0 / (1 + i);
    struct sim_alias alias;
    sim_assert(sim_alias_init(&alias, arena, weights, LENGTHS, NULL) == SIM_OK);
    struct source source = {.alias = &alias, .shape = sim_variate_gamma_shape(4)};
    ROW("word, as double", word);
    ROW("uniform", uniform);
    ROW("integer below 1000", below);
    ROW("alias table of 4096", alias);
    ROW("exponential", exponential);
    ROW("normal", normal);
    ROW("gamma, shape 4", gamma);
    source.shape = sim_variate_gamma_shape(0.25);
    ROW("gamma, shape 1/4", gamma);
    ROW("sim_exp", own_exp);
    ROW("exp of libm", libm_exp);
    ROW("sim_log", own_log);
    ROW("log of libm", libm_log);
}

static void print_distribution(const char *name, const struct sim_distribution *distribution)
{
    struct source source = {.distribution = distribution};
    ROW(name, sample);
}

static void print_distributions(struct sim_arena *arena)
{
    struct sim_distribution d[8];
    sim_assert(sim_distribution_fixed(&d[0], 1, NULL) == SIM_OK);
    sim_assert(sim_distribution_exponential(&d[1], 1, NULL) == SIM_OK);
    sim_assert(sim_distribution_uniform(&d[2], 1, 2, NULL) == SIM_OK);
    sim_assert(sim_distribution_lognormal(&d[3], 55, 0.3, NULL) == SIM_OK);
    sim_assert(sim_distribution_gamma(&d[4], 1, 0.5, NULL) == SIM_OK);
    sim_assert(sim_distribution_weibull(&d[5], 1, 0.5, NULL) == SIM_OK);
    sim_assert(sim_distribution_normal(&d[6], 1, 0.3, NULL) == SIM_OK);
    struct sim_distribution mixture;
    sim_assert(sim_distribution_mixture(&mixture, arena, (const double[]){3, 1}, d + 2, 2, NULL) == SIM_OK);
    static const char *const names[] = {"fixed", "exponential", "uniform", "lognormal", "gamma", "weibull", "normal"};
    for (int i = 0; i < 7; i++)
        print_distribution(names[i], &d[i]);
    print_distribution("mixture, uniform and lognormal", &mixture);
}

int main(void)
{
    struct sim_arena *arena = sim_arena_create();
    printf("%-28s %8s %8s %8s\n", "ns per draw", "at hand", "brief", "stream");
    print_variates(arena);
    printf("by sim_distribution_sample_word\n");
    print_distributions(arena);
    sim_arena_destroy(arena);
    return EXIT_SUCCESS;
}
