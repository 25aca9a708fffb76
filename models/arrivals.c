/* arrivals.c - clients: requests come, give up, and come again. */
#include "models/world_internal.h"

#include "sim/inline.h"
#include "sim/variate.h"

static struct pool *pool_of(struct world *world, uint32_t workload)
{
    return &world->pools[world->workloads[workload].pool];
}

/* Time that every request of the pool spends outside before it reaches the queue, if it is the same for all. */
static sim_time_ns constant_approach_ns(const struct pool *pool)
{
    const struct stage_group *group = &pool->groups[SIDE_BEFORE_OUTSIDE];
    return group->is_constant ? group->constant_ns : 0;
}

/* Arrivals stop at the end of the run: what the clients send later is not sent. */
SIM_ALWAYS_INLINE void schedule_next(struct world *world, struct workload *workload, const struct pool *pool)
{
    const struct request_draw *draw = workload_peek(workload);
    if (SIM_RARELY(!draw) || draw->arrival_ns >= world->config->duration_ns)
        return;
    sim_time_ns entry_ns = draw->arrival_ns + constant_approach_ns(pool);
    sim_engine_schedule(&world->engine, world->arrivals[workload->number].source, entry_ns);
}

static void schedule_client(struct world *world, const struct client *client, sim_time_ns sent_ns)
{
    if (sent_ns >= world->config->duration_ns)
        return;
    sim_time_ns entry_ns = sent_ns + constant_approach_ns(pool_of(world, client->workload));
    sim_engine_schedule(&world->engine, client->source, entry_ns);
}

static void start_clients(struct world *world, uint32_t workload)
{
    world->arrivals[workload].client_base = (uint32_t)world->clients.count;
    for (int64_t i = 0; i < world->config->workloads[workload].arrivals.clients; i++) {
        uint32_t number = (uint32_t)sim_array_add(&world->clients);
        struct client *client = (struct client *)world->clients.items + number;
        client->workload = workload;
        client->number = (uint32_t)i;
        client->source = sim_engine_add(&world->engine, RANK_ARRIVAL, EVENT_CLIENT, number);
        schedule_client(world, client, 0);
    }
}

void arrivals_start(struct world *world)
{
    for (uint32_t i = 0; i < world->config->workload_count; i++) {
        struct arrival_state *arrivals = &world->arrivals[i];
        request_list_init(&arrivals->waiting);
        arrivals->timeout_source = sim_engine_add(&world->engine, RANK_TIMEOUT, EVENT_CLIENT_TIMEOUT, i);
        if (world->config->workloads[i].arrivals.process == ARRIVAL_CLOSED)
            start_clients(world, i);
        else
            schedule_next(world, &world->workloads[i], pool_of(world, i));
    }
}

static sim_time_ns client_deadline_ns(const struct world *world, const struct request *request)
{
    return request->draw.arrival_ns + world->config->workloads[request->draw.workload].client_timeout_ns;
}

static void arm_client_timeout(struct world *world, uint32_t workload)
{
    struct arrival_state *arrivals = &world->arrivals[workload];
    arrivals->is_timeout_pending = arrivals->waiting.count > 0;
    if (!arrivals->is_timeout_pending)
        return;
    sim_time_ns deadline_ns = client_deadline_ns(world, request_at(&world->requests, arrivals->waiting.first));
    sim_time_ns at_ns = deadline_ns > now_ns(world) ? deadline_ns : now_ns(world);
    sim_engine_schedule(&world->engine, arrivals->timeout_source, at_ns);
}

void arrivals_look_again(struct world *world)
{
    for (uint32_t i = 0; i < world->config->workload_count; i++) {
        sim_engine_cancel(&world->engine, world->arrivals[i].timeout_source);
        arm_client_timeout(world, i);
    }
}

/* Stores the request. Its timer is set only when none is running: one timer serves all of a workload. */
SIM_ALWAYS_INLINE uint32_t store_request(struct world *world, const struct workload *workload,
                                         const struct request_draw *draw)
{
    uint32_t request = request_store_add(&world->requests, draw);
    world->now.audit.arrived++;
    sim_level_move(&world->now.in_system, now_ns(world), 1);
    request_at(&world->requests, request)->stored_ns = now_ns(world);
    books_arrived(world, draw);
    if (SIM_RARELY(workload->gives_up)) {
        struct arrival_state *arrivals = &world->arrivals[draw->workload];
        request_list_append(&world->requests, &arrivals->waiting, LIST_CLIENT, request);
        if (!arrivals->is_timeout_pending)
            arm_client_timeout(world, draw->workload);
    }
    return request;
}

sim_time_ns arrivals_sample_stages_ns(const struct world *world, const struct pool *pool, enum stage_side side,
                                      const struct request *request)
{
    const struct stage_group *group = &pool->groups[side];
    struct sim_random_brief words = arrivals_stage_words(world, side, request);
    struct sim_random stream;
    uint64_t entity = (uint64_t)request->tries << 34 | (uint64_t)request->draw.workload << 2 | (uint64_t)side;
    sim_random_init(&stream, world->options.seed, world->options.replication, PURPOSE_STAGE, entity, request->draw.key);
    sim_time_ns sum_ns = 0;
    for (size_t i = 0; i < group->count; i++)
        if (group->stages[i].holds_slot == group->holds_slot)
            sum_ns += sim_time_from_s(
                sim_distribution_sample_word(&group->stages[i].time_s, sim_random_brief_next(&words), &stream));
    return sum_ns;
}

/* A request comes: to the queue, or first through the stages outside if they differ from request to request. */
SIM_ALWAYS_INLINE void come(struct world *world, const struct workload *workload, struct pool *pool,
                            const struct request_draw *draw)
{
    uint32_t request = store_request(world, workload, draw);
    if (!SIM_RARELY(!pool->groups[SIDE_BEFORE_OUTSIDE].is_constant)) {
        service_enter(world, pool, request);
        return;
    }
    struct request *stored = request_at(&world->requests, request);
    sim_time_ns approach_ns = arrivals_stage_ns(world, pool, SIDE_BEFORE_OUTSIDE, stored);
    stored->source = sim_engine_add(&world->engine, RANK_ARRIVAL, EVENT_ENTRY, request);
    sim_engine_schedule(&world->engine, stored->source, now_ns(world) + approach_ns);
}

static bool is_pending(const struct world *world, uint32_t source)
{
    return sim_queue_pending(&world->engine.queue, source) != SIM_QUEUE_NOTHING;
}

bool arrivals_under_way(const struct world *world)
{
    for (size_t i = 0; i < world->config->workload_count; i++)
        if (is_pending(world, world->arrivals[i].source))
            return true;
    for (size_t i = 0; i < world->clients.count; i++)
        if (is_pending(world, ((const struct client *)world->clients.items + i)->source))
            return true;
    return false;
}

/* What a client has sent by now and is still on its way; false if there is nothing. */
static bool draw_sent(struct world *world, struct client *client, struct request_draw *draw)
{
    if (!is_pending(world, client->source))
        return false;
    sim_time_ns entry_ns = sim_queue_key_time(sim_queue_pending(&world->engine.queue, client->source));
    sim_time_ns sent_ns = entry_ns - constant_approach_ns(pool_of(world, client->workload));
    workload_draw_client(&world->workloads[client->workload], client->number, client->turn, sent_ns, draw);
    return sent_ns <= now_ns(world);
}

void arrivals_close(struct world *world)
{
    for (size_t i = 0; i < world->config->workload_count; i++) {
        const struct request_draw *draw;
        while ((draw = workload_peek(&world->workloads[i])) && draw->arrival_ns < world->config->duration_ns &&
               draw->arrival_ns <= now_ns(world)) {
            store_request(world, &world->workloads[i], draw);
            workload_advance(&world->workloads[i]);
        }
    }
    for (size_t i = 0; i < world->clients.count; i++) {
        struct request_draw draw;
        if (draw_sent(world, (struct client *)world->clients.items + i, &draw))
            store_request(world, &world->workloads[draw.workload], &draw);
    }
}

void arrivals_event(struct world *world, uint32_t workload)
{
    struct workload *sender = &world->workloads[workload];
    struct pool *pool = &world->pools[sender->pool];
    come(world, sender, pool, workload_peek(sender));
    workload_advance(sender);
    schedule_next(world, sender, pool);
}

void arrivals_client_event(struct world *world, uint32_t number)
{
    struct client *client = (struct client *)world->clients.items + number;
    struct request_draw draw;
    sim_time_ns sent_ns = now_ns(world) - constant_approach_ns(pool_of(world, client->workload));
    workload_draw_client(&world->workloads[client->workload], client->number, client->turn++, sent_ns, &draw);
    come(world, &world->workloads[client->workload], pool_of(world, client->workload), &draw);
}

void arrivals_entry_event(struct world *world, uint32_t request)
{
    struct request *stored = request_at(&world->requests, request);
    sim_engine_remove(&world->engine, stored->source);
    service_enter(world, pool_of(world, stored->draw.workload), request);
}

void arrivals_retry(struct world *world, struct pool *pool, uint32_t request)
{
    struct request *stored = request_at(&world->requests, request);
    double delay_ns = (double)pool->config->retry_delay_ns;
    for (uint32_t i = 1; i < stored->failures && delay_ns < (double)pool->config->retry_delay_max_ns; i++)
        delay_ns *= pool->config->retry_backoff;
    if (delay_ns > (double)pool->config->retry_delay_max_ns)
        delay_ns = (double)pool->config->retry_delay_max_ns;
    stored->place = PLACE_RETRY;
    stored->first_ns = -1;
    stored->source = sim_engine_add(&world->engine, RANK_ARRIVAL, EVENT_ENTRY, request);
    sim_engine_schedule(&world->engine, stored->source, now_ns(world) + (sim_time_ns)delay_ns);
}

void arrivals_next_turn(struct world *world, uint32_t request, sim_time_ns at_ns)
{
    const struct request_draw *draw = &request_at(&world->requests, request)->draw;
    uint64_t client_number = world->arrivals[draw->workload].client_base + workload_client_of(draw->key);
    const struct client *client = (const struct client *)world->clients.items + client_number;
    schedule_client(world, client, at_ns + workload_think_ns(&world->workloads[draw->workload], draw->key));
}

void arrivals_stop_waiting(struct world *world, uint32_t request)
{
    const struct request *stored = request_at(&world->requests, request);
    if (!stored->is_client_gone)
        request_list_remove(&world->requests, &world->arrivals[stored->draw.workload].waiting, LIST_CLIENT, request);
}

/* The client hears no more. Its request goes on unless the workload cancels on disconnect. */
static void give_up(struct world *world, uint32_t request)
{
    struct request *stored = request_at(&world->requests, request);
    uint32_t workload = stored->draw.workload;
    request_list_remove(&world->requests, &world->arrivals[workload].waiting, LIST_CLIENT, request);
    books_outcome(world, request, OUTCOME_TIMED_OUT, client_deadline_ns(world, stored));
    stored->is_client_gone = true;
    arrivals_answered(world, request, now_ns(world));
    if (world->config->workloads[workload].cancel_on_disconnect) {
        service_withdraw(world, pool_of(world, workload), request);
        arrivals_forget(world, request);
    }
}

void arrivals_timeout_event(struct world *world, uint32_t workload)
{
    const struct request_list *waiting = &world->arrivals[workload].waiting;
    while (waiting->count && client_deadline_ns(world, request_at(&world->requests, waiting->first)) <= now_ns(world))
        give_up(world, waiting->first);
    arm_client_timeout(world, workload);
}
