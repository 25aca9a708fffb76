/* bench_histogram.c - nanoseconds per value added to a histogram, a level and a total, and per quantile.
 *
 * The values are drawn before the clock starts. "one" is always the same bucket, "narrow" a service time that varies by
 * a tenth, "wide" an exponential wait, "all" every octave alike. The lowest of 9 rounds is printed: on a shared machine
 * the others measure the neighbours.
 */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/histogram.h"
#include "sim/quantile.h"
#include "sim/running.h"

#define COUNT 65536
#define REPEATS 64
#define ROUNDS 9

static double now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* Does its work on COUNT values; what it computes goes to *result, so that it is not optimised away. */
typedef void work_function(const int64_t *values, int64_t *result);

static double lowest_ns(work_function *work, const int64_t *values, int64_t *result)
{
    double lowest = INFINITY;
    for (int round = 0; round < ROUNDS; round++) {
        double start = now_ns();
        for (int i = 0; i < REPEATS; i++)
            work(values, result);
        lowest = fmin(lowest, (now_ns() - start) / ((double)COUNT * REPEATS));
    }
    return lowest;
}

/* The loop alone, to be subtracted by eye. */
static void work_loop(const int64_t *values, int64_t *result)
{
    for (size_t i = 0; i < COUNT; i++)
        *result += values[i];
}

static void work_histogram(const int64_t *values, int64_t *result)
{
    static struct sim_histogram histogram;
    for (size_t i = 0; i < COUNT; i++)
        sim_histogram_add(&histogram, values[i]);
    *result += (int64_t)histogram.count;
}

/* As in a run, where neighbouring values belong to different classes: the additions do not wait for each other. */
static void work_four_histograms(const int64_t *values, int64_t *result)
{
    static struct sim_histogram histograms[4];
    for (size_t i = 0; i < COUNT; i++)
        sim_histogram_add(&histograms[i % 4], values[i]);
    *result += (int64_t)histograms[0].count;
}

static void work_level(const int64_t *values, int64_t *result)
{
    struct sim_level level = {0};
    for (size_t i = 0; i < COUNT; i++)
        sim_level_add(&level, (sim_time_ns)i, (values[i] & 2) - 1);
    *result += (int64_t)level.moment;
}

static void work_total(const int64_t *values, int64_t *result)
{
    struct sim_total total = {0};
    for (size_t i = 0; i < COUNT; i++)
        sim_total_add(&total, values[i]);
    *result += (int64_t)total.sum;
}

static void draw(int64_t values[4][COUNT])
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, 1);
    for (size_t i = 0; i < COUNT; i++) {
        values[0][i] = 1000000000;
        values[1][i] = (int64_t)(1e9 * (1 + 0.1 * gsl_rng_uniform(rng)));
        values[2][i] = (int64_t)gsl_ran_exponential(rng, 1e9);
        values[3][i] = (int64_t)pow(2, 62 * gsl_rng_uniform(rng));
    }
    gsl_rng_free(rng);
}

static void print_quantiles(const int64_t *wide)
{
    static struct sim_histogram histogram;
    static int64_t copy[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        sim_histogram_add(&histogram, wide[i]);
    double start = now_ns();
    double sum = 0;
    for (int i = 0; i < 1000; i++)
        sum += sim_histogram_quantile(&histogram, 0.95);
    printf("%-34s %8.2f us\n", "p95 of the wide histogram", (now_ns() - start) / 1e6);
    double lowest = INFINITY;
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < COUNT; i++)
            copy[i] = wide[i];
        start = now_ns();
        sum += sim_quantile(copy, COUNT, 0.95);
        lowest = fmin(lowest, (now_ns() - start) / COUNT);
    }
    printf("%-34s %8.2f ns per value (checksum %.6g)\n", "exact p95 of wide values", lowest, sum);
}

int main(void)
{
    static int64_t values[4][COUNT];
    static const char *const names[] = {"one", "narrow", "wide", "all"};
    int64_t result = 0;
    draw(values);
    printf("%-34s %8.2f ns\n", "loop alone", lowest_ns(work_loop, values[2], &result));
    for (size_t i = 0; i < 4; i++)
        printf("histogram, %-23s %8.2f ns\n", names[i], lowest_ns(work_histogram, values[i], &result));
    printf("%-34s %8.2f ns\n", "four histograms in turn, wide", lowest_ns(work_four_histograms, values[2], &result));
    printf("%-34s %8.2f ns\n", "level", lowest_ns(work_level, values[2], &result));
    printf("%-34s %8.2f ns\n", "total", lowest_ns(work_total, values[2], &result));
    print_quantiles(values[2]);
    printf("checksum %lld\n", (long long)result);
    return EXIT_SUCCESS;
}
