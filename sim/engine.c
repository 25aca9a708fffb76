/* engine.c - sources and the loop. */
#include "sim/engine.h"

void sim_engine_init(struct sim_engine *engine)
{
    *engine = (struct sim_engine){0};
    sim_queue_init(&engine->queue);
    sim_array_init(&engine->sources, sizeof(struct sim_source));
}

void sim_engine_release(struct sim_engine *engine)
{
    sim_queue_release(&engine->queue);
    sim_array_release(&engine->sources);
}

void sim_engine_enter(struct sim_engine *engine, struct sim_state *state)
{
    sim_state_enter_block(state, "clock", &engine->clock, sizeof engine->clock);
    sim_queue_enter(&engine->queue, state);
    sim_state_enter(state, "sources", &engine->sources);
}

static struct sim_source *source_at(const struct sim_engine *engine, uint32_t source)
{
    sim_assert(source < engine->sources.count);
    return (struct sim_source *)engine->sources.items + source;
}

uint32_t sim_engine_add(struct sim_engine *engine, uint32_t rank, uint32_t kind, uint32_t index)
{
    sim_assert(rank < SIM_QUEUE_RANKS_MAX);
    uint32_t slot;
    if (engine->clock.first_free) {
        slot = engine->clock.first_free - 1;
        engine->clock.first_free = source_at(engine, slot)->next_free;
    } else {
        slot = (uint32_t)sim_array_add(&engine->sources);
        sim_queue_reserve(&engine->queue, slot + 1);
    }
    *source_at(engine, slot) = (struct sim_source){.rank = rank, .kind = kind, .index = index};
    return slot;
}

void sim_engine_remove(struct sim_engine *engine, uint32_t source)
{
    struct sim_source *removed = source_at(engine, source);
    sim_assert(removed->rank < SIM_QUEUE_RANKS_MAX);
    sim_queue_cancel(&engine->queue, source);
    *removed = (struct sim_source){.rank = SIM_QUEUE_RANKS_MAX, .next_free = engine->clock.first_free};
    engine->clock.first_free = source + 1;
}

void sim_engine_schedule_otherwise(struct sim_engine *engine, uint32_t source, sim_time_ns time_ns)
{
    if (time_ns == SIM_TIME_NEVER) {
        sim_queue_cancel(&engine->queue, source);
        return;
    }
    sim_assert(time_ns >= engine->clock.now_ns);
    sim_queue_schedule(&engine->queue, source, time_ns, source_at(engine, source)->rank);
}

void sim_engine_run_until(struct sim_engine *engine, sim_time_ns end_ns, bool inclusive, sim_handler *handler,
                          void *world)
{
    sim_assert(end_ns >= engine->clock.now_ns);
    sim_queue_key limit = (sim_queue_key)((uint64_t)end_ns + inclusive) << 64;
    for (;;) {
        sim_queue_key key = sim_queue_first(&engine->queue);
        if (key >= limit)
            break;
        uint32_t slot = sim_queue_key_slot(key);
        const struct sim_source *source = (const struct sim_source *)engine->sources.items + slot;
        engine->clock.now_ns = sim_queue_key_time(key);
        engine->clock.event_count++;
        sim_queue_begin(&engine->queue, slot);
        handler(world, (struct sim_event){source->kind, source->index});
        sim_queue_end(&engine->queue, slot);
    }
    engine->clock.now_ns = end_ns;
}
