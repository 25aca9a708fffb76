/* stranger.c - what somebody else's program looks like: a clock that ticks every second, through the engine. */
#include <stdio.h>

#include "sim/engine.h"

struct ticker {
    struct sim_engine engine;
    uint32_t source;
    int count;
};

static void tick(void *world, struct sim_event event)
{
    struct ticker *ticker = world;
    (void)event;
    ticker->count++;
    sim_engine_schedule(&ticker->engine, ticker->source, ticker->engine.clock.now_ns + SIM_SECOND);
}

int main(void)
{
    struct ticker ticker = {.count = 0};
    sim_engine_init(&ticker.engine);
    ticker.source = sim_engine_add(&ticker.engine, 0, 0, 0);
    sim_engine_schedule(&ticker.engine, ticker.source, SIM_SECOND);
    sim_engine_run_until(&ticker.engine, 5 * SIM_SECOND, true, tick, &ticker);
    printf("ticks: %d, now: %lld ns\n", ticker.count, (long long)ticker.engine.clock.now_ns);
    sim_engine_release(&ticker.engine);
    return 0;
}
