/* bench_mm1.c - cost of one customer of an M/M/1 queue at load 0.9, through the engine's public interface.
 *
 * Two sources, arrivals and the server; the number of customers over time and a histogram of the times they spend
 * are kept, which is what a simulation of a queue is for. The mean time is printed beside the one of theory, so that
 * what is fast is also right. Each figure is the least of several short runs.
 */
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "sim/engine.h"
#include "sim/histogram.h"
#include "sim/random.h"
#include "sim/running.h"
#include "sim/variate.h"

enum {
    RING = 1 << 14, /* room for so many customers at a time */
    REPEATS = 9
};

#define SERVICE_NS 1e6
#define LOAD 0.9

enum source {
    SERVER,
    ARRIVALS
};

/* Brief words by number; the stream serves the few draws that need a second one. */
struct draws {
    struct sim_random stream;
    uint64_t salt;
    uint64_t index;
};

struct world {
    struct sim_engine engine;
    struct draws gaps;
    struct draws services;
    struct sim_level present;
    struct sim_histogram spent;
    uint32_t sources[2];
    uint64_t arrived;
    uint64_t served;
    sim_time_ns arrivals_ns[RING];
};

static void draws_init(struct draws *draws, uint32_t purpose)
{
    sim_random_init(&draws->stream, 1, 0, purpose, 0, 0);
    draws->salt = sim_random_next(&draws->stream);
    draws->index = 0;
}

static sim_time_ns draw_ns(struct draws *draws, double mean_ns)
{
    struct sim_random_brief words = sim_random_brief(draws->salt, draws->index++, 0);
    uint64_t word = sim_random_brief_next(&words);
    return (sim_time_ns)(sim_variate_exponential_word(word, &draws->stream) * mean_ns);
}

static void begin_service(struct world *world, sim_time_ns now_ns)
{
    sim_engine_schedule(&world->engine, world->sources[SERVER], now_ns + draw_ns(&world->services, SERVICE_NS));
}

static void handle(void *context, struct sim_event event)
{
    struct world *world = context;
    sim_time_ns now_ns = world->engine.clock.now_ns;
    if (event.kind == ARRIVALS) {
        world->arrivals_ns[world->arrived++ % RING] = now_ns;
        sim_engine_schedule(&world->engine, world->sources[ARRIVALS],
                            now_ns + draw_ns(&world->gaps, SERVICE_NS / LOAD));
        sim_level_add(&world->present, now_ns, 1);
        if (world->present.level == 1)
            begin_service(world, now_ns);
    } else {
        sim_histogram_add(&world->spent, now_ns - world->arrivals_ns[world->served++ % RING]);
        sim_level_add(&world->present, now_ns, -1);
        if (world->present.level > 0)
            begin_service(world, now_ns);
    }
}

static void world_init(struct world *world)
{
    sim_engine_init(&world->engine);
    draws_init(&world->gaps, 1);
    draws_init(&world->services, 2);
    for (uint32_t kind = SERVER; kind <= ARRIVALS; kind++)
        world->sources[kind] = sim_engine_add(&world->engine, kind, kind, 0);
    sim_engine_schedule(&world->engine, world->sources[ARRIVALS], 0);
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* others compute here too */
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int main(void)
{
    static struct world world;
    double best_ns = INFINITY;
    world_init(&world);
    for (int repeat = 1; repeat <= REPEATS; repeat++) {
        uint64_t before = world.served;
        double start = now_s();
        sim_engine_run_until(&world.engine, repeat * 600 * SIM_SECOND, false, handle, &world);
        best_ns = fmin(best_ns, (now_s() - start) * 1e9 / (double)(world.served - before));
    }
    printf("%.1f ns per customer (2 events; must 45, aim 30), least of %d; %llu customers\n", best_ns, REPEATS,
           (unsigned long long)world.served);
    printf("mean time %.3f services (theory %.3f), mean number %.3f (theory %.3f)\n",
           sim_histogram_mean(&world.spent) / SERVICE_NS, 1 / (1 - LOAD),
           (double)sim_level_integral(&world.present, world.engine.clock.now_ns) / (double)world.engine.clock.now_ns,
           LOAD / (1 - LOAD));
    sim_engine_release(&world.engine);
    return 0;
}
