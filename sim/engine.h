/* engine.h - the clock and the loop: what happens next, and who is told.
 *
 * Whoever can make something happen is a source: an arrival process, a server, a timer. A source has a rank, which
 * orders events of the same instant, and a kind and an index, which say to the handler what it is. It has at most
 * one pending event. The engine advances the clock to the earliest one and calls the handler; it knows nothing of
 * what the events mean.
 */
#ifndef SIM_ENGINE_H
#define SIM_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/inline.h"
#include "sim/queue.h"

struct sim_event {
    uint32_t kind;
    uint32_t index;
};

/* Called at engine->clock.now_ns; may add and remove sources, schedule and cancel. */
typedef void sim_handler(void *world, struct sim_event event);

struct sim_source {
    uint32_t rank; /* SIM_QUEUE_RANKS_MAX: removed */
    uint32_t kind;
    uint32_t index;
    uint32_t next_free; /* among removed sources: slot + 1 of the next one, 0 at the end */
};

struct sim_clock {
    sim_time_ns now_ns;
    uint64_t event_count; /* events handled so far */
    uint32_t first_free;  /* slot + 1 of a removed source, 0 if there is none */
    uint32_t padding;
};

struct sim_engine {
    struct sim_clock clock;
    struct sim_queue queue;
    struct sim_array sources; /* struct sim_source, by slot */
};

void sim_engine_init(struct sim_engine *engine);
void sim_engine_release(struct sim_engine *engine);
void sim_engine_enter(struct sim_engine *engine, struct sim_state *state);

/* Adds a source with nothing pending and returns its number, which stays valid until it is removed. rank is below
 * SIM_QUEUE_RANKS_MAX; lower ranks go first. Numbers of removed sources are used again.
 * The first two sources of an engine are the cheapest to schedule (sim/queue.h): they should be those that move most.
 */
uint32_t sim_engine_add(struct sim_engine *engine, uint32_t rank, uint32_t kind, uint32_t index);

/* Removes a source and what it had pending. */
void sim_engine_remove(struct sim_engine *engine, uint32_t source);

/* Handles all events before `end_ns`, and those at end_ns only if `inclusive`; the clock then stands at end_ns.
 * Events of one instant go by rank, then in the order in which they were scheduled. While an event is handled its
 * source has nothing pending; the state is copied and saved between runs only, not by a handler.
 */
void sim_engine_run_until(struct sim_engine *engine, sim_time_ns end_ns, bool inclusive, sim_handler *handler,
                          void *world);

/* For sim_engine_schedule: what is not on the way of most events. */
void sim_engine_schedule_otherwise(struct sim_engine *engine, uint32_t source, sim_time_ns time_ns);

/* Makes the source's event happen at `time_ns`, not before now, in place of what was pending. SIM_TIME_NEVER
 * cancels. Cost: log4 of the number of sources.
 */
static inline void sim_engine_schedule(struct sim_engine *engine, uint32_t source, sim_time_ns time_ns)
{
    if (SIM_RARELY(source >= SIM_QUEUE_EXPRESS_COUNT || time_ns == SIM_TIME_NEVER)) {
        sim_engine_schedule_otherwise(engine, source, time_ns);
        return;
    }
    sim_assert(time_ns >= engine->clock.now_ns);
    const struct sim_source *sources = engine->sources.items;
    sim_queue_schedule_express(&engine->queue, source, time_ns, sources[source].rank);
}

/* sim_engine_schedule, unless the source's event is pending for that very time: then it keeps its turn. */
static inline void sim_engine_keep(struct sim_engine *engine, uint32_t source, sim_time_ns time_ns)
{
    if (sim_queue_key_time(*sim_queue_leaf(&engine->queue, source)) != time_ns)
        sim_engine_schedule(engine, source, time_ns);
}

static inline void sim_engine_cancel(struct sim_engine *engine, uint32_t source)
{
    sim_queue_cancel(&engine->queue, source);
}

#endif
