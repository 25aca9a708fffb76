/* arrivals.c - clients: requests come, give up, and come again. */
#include "models/world_internal.h"

#include "sim/inline.h"
#include "sim/variate.h"

static struct pool *pool_of(struct world *world, const struct request_draw *draw)
{
    return &world->pools[draw->pool];
}

/* Time that every request of the pool spends outside before it reaches the queue, if it is the same for all. */
static sim_time_ns constant_approach_ns(const struct pool *pool)
{
    const struct stage_group *group = &pool->groups[SIDE_BEFORE_OUTSIDE];
    return group->is_constant ? group->constant_ns : 0;
}

/* The same of the workload. Where its requests go to several pools each has its own. */
static sim_time_ns shared_approach_ns(const struct world *world, const struct workload *workload)
{
    return workload->is_spread ? 0 : constant_approach_ns(&world->pools[workload->pool]);
}

/* Arrivals stop at the end of the run: what the clients send later is not sent. */
SIM_ALWAYS_INLINE void schedule_next(struct world *world, struct workload *workload, sim_time_ns approach_ns)
{
    const struct request_draw *draw = workload_peek(workload);
    if (SIM_RARELY(!draw) || draw->arrival_ns >= world->config->duration_ns)
        return;
    sim_time_ns entry_ns = draw->arrival_ns + approach_ns;
    sim_engine_schedule(&world->engine, world->arrivals[workload->number].source, entry_ns);
}

static void schedule_client(struct world *world, const struct client *client, sim_time_ns sent_ns)
{
    if (sent_ns >= world->config->duration_ns)
        return;
    sim_time_ns entry_ns = sent_ns + shared_approach_ns(world, &world->workloads[client->workload]);
    sim_engine_schedule(&world->engine, client->source, entry_ns);
}

/* In a world that begins in the middle they start there; where that is no guess, the true state comes over it. */
static void start_clients(struct world *world, uint32_t workload)
{
    world->arrivals[workload].client_base = (uint32_t)world->clients.count;
    for (int64_t i = 0; i < world->config->workloads[workload].arrivals.clients; i++) {
        uint32_t number = (uint32_t)sim_array_add(&world->clients);
        struct client *client = (struct client *)world->clients.items + number;
        client->workload = workload;
        client->number = (uint32_t)i;
        client->source = sim_engine_add(&world->engine, RANK_ARRIVAL, EVENT_CLIENT, number);
        schedule_client(world, client, world->options.start_ns);
    }
}

static void schedule_look(struct world *world, uint32_t workload)
{
    sim_time_ns period_ns = migration_period_ns(&world->config->workloads[workload].migration);
    sim_engine_schedule(&world->engine, world->arrivals[workload].migration_source, now_ns(world) + period_ns);
}

static void start_migration(struct world *world, uint32_t workload)
{
    struct arrival_state *arrivals = &world->arrivals[workload];
    arrivals->migration = (struct migration){.since_ns = 0};
    sim_level_init(&arrivals->migration.present, now_ns(world), 0);
    arrivals->migration_source = sim_engine_add(&world->engine, RANK_MIGRATION, EVENT_MIGRATION, workload);
    schedule_look(world, workload);
}

void arrivals_migration_event(struct world *world, uint32_t workload)
{
    const struct workload_config *config = &world->config->workloads[workload];
    struct migration *migration = &world->arrivals[workload].migration;
    if (migration_look(&config->migration, migration, now_ns(world)))
        books_pool(world, &world->pools[migration->is_away ? config->migration.to_index : config->pool_index])
            ->migrations++;
    schedule_look(world, workload);
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
            schedule_next(world, &world->workloads[i], shared_approach_ns(world, &world->workloads[i]));
        if (world->workloads[i].migrates)
            start_migration(world, i);
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

/* A timer is set only when none is running: one timer serves all of a workload. */
SIM_NEVER_INLINE static void follow(struct world *world, const struct workload *workload, uint32_t request)
{
    struct arrival_state *arrivals = &world->arrivals[workload->number];
    if (workload->migrates)
        sim_level_move(&arrivals->migration.present, now_ns(world), 1);
    if (!workload->gives_up)
        return;
    request_list_append(&world->requests, &arrivals->waiting, LIST_CLIENT, request);
    request_at(&world->requests, request)->is_waited_for = true;
    if (!arrivals->is_timeout_pending)
        arm_client_timeout(world, workload->number);
}

SIM_ALWAYS_INLINE uint32_t store_request(struct world *world, const struct workload *workload,
                                         const struct request_draw *draw)
{
    uint32_t request = request_store_add(&world->requests, draw);
    world->now.audit.arrived++;
    sim_level_move(&world->now.in_system, now_ns(world), 1);
    request_at(&world->requests, request)->stored_ns = now_ns(world);
    books_arrived(world, draw);
    if (SIM_RARELY(workload->is_followed))
        follow(world, workload, request);
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
    sim_time_ns sum_ns = group->added_ns;
    for (size_t i = 0; i < group->count; i++)
        if (group->stages[i].holds_slot == group->holds_slot)
            sum_ns += sim_time_from_s(
                sim_distribution_sample_word(&group->stages[i].time_s, sim_random_brief_next(&words), &stream));
    return sum_ns;
}

static void approach(struct world *world, const struct pool *pool, uint32_t request)
{
    struct request *stored = request_at(&world->requests, request);
    sim_time_ns approach_ns = arrivals_stage_ns(world, pool, SIDE_BEFORE_OUTSIDE, stored);
    stored->source = sim_engine_add(&world->engine, RANK_ARRIVAL, EVENT_ENTRY, request);
    sim_engine_schedule(&world->engine, stored->source, now_ns(world) + approach_ns);
}

/* A request comes: to the queue, or first through the stages outside if they differ from request to request. */
SIM_ALWAYS_INLINE void come(struct world *world, const struct workload *workload, struct pool *pool,
                            const struct request_draw *draw)
{
    uint32_t request = store_request(world, workload, draw);
    if (!SIM_RARELY(!pool->groups[SIDE_BEFORE_OUTSIDE].is_constant))
        service_enter(world, pool, request);
    else
        approach(world, pool, request);
}

/* To one of several pools: that of its class, unless new sessions go elsewhere now. */
SIM_NEVER_INLINE static void come_to_one_of(struct world *world, const struct workload *workload,
                                            const struct request_draw *draw)
{
    const struct workload_config *config = workload->config;
    struct request_draw sent = *draw;
    bool may_move =
        workload->migrates && !workload_config_has_own_pool(config, draw->class_index - workload->class_base);
    const struct migration *migration = &world->arrivals[workload->number].migration;
    if (may_move &&
        workload_migration_luck(workload, draw->key) < migration_share(&config->migration, migration, now_ns(world)))
        sent.pool = (uint32_t)config->migration.to_index;
    approach(world, pool_of(world, &sent), store_request(world, workload, &sent));
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
    sim_time_ns sent_ns = entry_ns - shared_approach_ns(world, &world->workloads[client->workload]);
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
    if (SIM_RARELY(sender->is_spread))
        come_to_one_of(world, sender, workload_peek(sender));
    else
        come(world, sender, pool, workload_peek(sender));
    workload_advance(sender);
    schedule_next(world, sender, SIM_RARELY(sender->is_spread) ? 0 : constant_approach_ns(pool));
}

void arrivals_client_event(struct world *world, uint32_t number)
{
    struct client *client = (struct client *)world->clients.items + number;
    struct request_draw draw;
    const struct workload *workload = &world->workloads[client->workload];
    sim_time_ns sent_ns = now_ns(world) - shared_approach_ns(world, workload);
    workload_draw_client(workload, client->number, client->turn++, sent_ns, &draw);
    if (workload->is_spread)
        come_to_one_of(world, workload, &draw);
    else
        come(world, workload, &world->pools[workload->pool], &draw);
}

void arrivals_entry_event(struct world *world, uint32_t request)
{
    struct request *stored = request_at(&world->requests, request);
    sim_engine_remove(&world->engine, stored->source);
    service_enter(world, pool_of(world, &stored->draw), request);
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

void arrivals_served(struct world *world, uint32_t request)
{
    struct request *stored = request_at(&world->requests, request);
    uint32_t workload = stored->draw.workload;
    if (!world->workloads[workload].gives_up || !stored->is_waited_for)
        return;
    stored->is_waited_for = false;
    request_list_remove(&world->requests, &world->arrivals[workload].waiting, LIST_CLIENT, request);
}

void arrivals_left(struct world *world, uint32_t request)
{
    const struct request *stored = request_at(&world->requests, request);
    const struct workload *workload = &world->workloads[stored->draw.workload];
    if (workload->migrates)
        sim_level_move(&world->arrivals[workload->number].migration.present, now_ns(world), -1);
    arrivals_served(world, request);
}

/* The client hears no more. Its request goes on unless the workload cancels on disconnect; a session never begins. */
static void give_up(struct world *world, uint32_t request)
{
    struct request *stored = request_at(&world->requests, request);
    uint32_t workload = stored->draw.workload;
    arrivals_served(world, request);
    books_outcome(world, request, OUTCOME_TIMED_OUT, client_deadline_ns(world, stored));
    stored->is_client_gone = true;
    arrivals_answered(world, request, now_ns(world));
    if (world->config->workloads[workload].cancel_on_disconnect || world->workloads[workload].is_sessions) {
        service_withdraw(world, pool_of(world, &stored->draw), request);
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
