/* container.c - one container's life: request, GPU, start-up phases or snapshot, ready, idle and busy, end. */
#include "models/world_internal.h"

#include "models/pricing.h"
#include "sim/variate.h"

static sim_time_ns draw_ns(struct container *c, const struct sim_distribution *distribution)
{
    return sim_time_from_s(sim_distribution_sample(distribution, &c->random));
}

static void set_phase_timer(struct world *world, const struct container *c, sim_time_ns at_ns)
{
    sim_engine_schedule(&world->engine, c->phase_source, at_ns);
}

/* A container that serves needs no timer for phases, unless it may crash. The fewer sources there are, the faster is
 * every event.
 */
static void drop_phase_timer(struct world *world, struct container *c)
{
    if (c->phase_source == SOURCE_NONE)
        return;
    sim_engine_remove(&world->engine, c->phase_source);
    c->phase_source = SOURCE_NONE;
}

/* ---- states: alive, and billed or not ---- */

static void move_state(struct world *world, struct pool *pool, const struct container *c, int change)
{
    sim_level_add(&pool->state.levels.states[c->state], now_ns(world), change);
    if (SIM_RARELY(c->gpu))
        sim_level_add(&pool_served(pool, c->gpu)->states[c->state], now_ns(world), change);
}

static void enter_state(struct world *world, struct pool *pool, struct container *c, enum container_state state)
{
    c->state = (uint8_t)state;
    move_state(world, pool, c, 1);
}

static void leave_state(struct world *world, struct pool *pool, uint32_t container)
{
    container_book(world, pool, container);
    move_state(world, pool, pool_container(pool, container), -1);
}

static void set_unbilled(struct world *world, struct pool *pool, uint32_t container, bool is_unbilled)
{
    struct container *c = pool_container(pool, container);
    if (c->is_unbilled == is_unbilled)
        return;
    container_book(world, pool, container);
    sim_level_add(&pool->state.levels.unbilled, now_ns(world), is_unbilled ? 1 : -1);
    if (c->gpu)
        sim_level_add(&pool_served(pool, c->gpu)->unbilled, now_ns(world), is_unbilled ? 1 : -1);
    c->is_unbilled = is_unbilled;
}

void container_book_stage(struct world *world, struct pool *pool, uint32_t container)
{
    struct container *c = pool_container(pool, container);
    struct stage_totals totals =
        timeline_totals(pool->plans, pool_inside(pool, container), &world->requests, now_ns(world));
    struct pool_tally *tally = books_pool(world, pool);
    tally->batch_integral += totals.batch_integral - c->totals.batch_integral;
    tally->main_busy_ns += totals.busy_ns - c->totals.busy_ns;
    tally->kv_integral += totals.kv_integral - c->totals.kv_integral;
    tally->preemptions += totals.preemptions - c->totals.preemptions;
    if (totals.kv_max > tally->kv_max)
        tally->kv_max = totals.kv_max;
    c->totals = totals;
    if (pool->has_memory && c->phase == PHASE_READY)
        service_memory_note(world, pool, container);
}

static int64_t rate_pusd_per_h(const struct pool *pool, const struct container *c)
{
    return SIM_RARELY(c->gpu) ? pricing_served_rate(pool->config, pool->state.price_period, c->gpu)
                              : pool->state.rate_pusd_per_h;
}

void container_book(struct world *world, struct pool *pool, uint32_t container)
{
    struct container *c = pool_container(pool, container);
    sim_time_ns span_ns = now_ns(world) - c->state_since_ns;
    c->state_since_ns = now_ns(world);
    if (world->now.is_draining)
        return;
    c->state_ns[c->state] += span_ns;
    if (c->is_unbilled)
        c->unbilled_ns += span_ns;
    else if (c->state != CONTAINER_STARTING || pool->config->bill_starting)
        c->cost += (sim_int128)span_ns * rate_pusd_per_h(pool, c);
}

/* ---- idle ones, in order of idleness ---- */

static void idle_append(struct pool *pool, uint32_t container)
{
    struct container *c = pool_container(pool, container);
    c->idle_previous = pool->state.idle_last;
    c->idle_next = CONTAINER_NONE;
    if (pool->state.idle_last == CONTAINER_NONE)
        pool->state.idle_first = container;
    else
        pool_container(pool, pool->state.idle_last)->idle_next = container;
    pool->state.idle_last = container;
}

static void idle_remove(struct pool *pool, uint32_t container)
{
    const struct container *c = pool_container(pool, container);
    if (c->idle_previous == CONTAINER_NONE)
        pool->state.idle_first = c->idle_next;
    else
        pool_container(pool, c->idle_previous)->idle_next = c->idle_next;
    if (c->idle_next == CONTAINER_NONE)
        pool->state.idle_last = c->idle_previous;
    else
        pool_container(pool, c->idle_next)->idle_previous = c->idle_previous;
}

static void enter_idle(struct world *world, struct pool *pool, uint32_t container)
{
    struct container *c = pool_container(pool, container);
    enter_state(world, pool, c, CONTAINER_IDLE);
    c->idle_since_ns = now_ns(world);
    idle_append(pool, container);
}

void container_become_busy(struct world *world, struct pool *pool, uint32_t container)
{
    struct container *c = pool_container(pool, container);
    sim_time_ns timeout_ns = pool->config->timeout_ns;
    c->check_ns = timeout_ns == SIM_TIME_NEVER ? SIM_TIME_NEVER : now_ns(world) + timeout_ns;
    leave_state(world, pool, container);
    idle_remove(pool, container);
    enter_state(world, pool, c, CONTAINER_BUSY);
}

void container_become_idle(struct world *world, struct pool *pool, uint32_t container)
{
    struct container *c = pool_container(pool, container);
    c->check_ns = SIM_TIME_NEVER;
    if (c->state == CONTAINER_DRAINING)
        return;
    leave_state(world, pool, container);
    enter_idle(world, pool, container);
}

/* ---- places ---- */

static uint32_t add_place(struct pool *pool)
{
    uint32_t container = (uint32_t)sim_array_add(&pool->containers);
    sim_assert(container < 1u << CONTAINER_BITS);
    sim_array_resize(&pool->timelines, container + 1);
    sim_earliest_reserve(&pool->services, container + 1);
    dispatch_reserve(&pool->dispatch, container + 1);
    return container;
}

/* Its stream is not that of the start: a container starts alike whatever it gets. */
static uint32_t draw_gpu(const struct world *world, const struct pool *pool)
{
    struct sim_random random;
    if (pool->config->served_count == 0)
        return 0;
    sim_random_init(&random, world->options.seed, world->options.replication, PURPOSE_HARDWARE,
                    (uint64_t)pool->number << 32 | pool->state.requested_at_instant, (uint64_t)now_ns(world));
    return served_choose(pool->config, sim_variate_uniform(&random));
}

/* A place with a new life in it, which is neither alive nor billed yet. */
static uint32_t begin_life(struct world *world, struct pool *pool)
{
    struct pool_state *state = &pool->state;
    uint32_t container;
    if (state->first_free) {
        container = state->first_free - 1;
        state->first_free = pool_container(pool, container)->next_free;
    } else {
        container = add_place(pool);
    }
    struct container *c = pool_container(pool, container);
    *c = (struct container){.requested_ns = now_ns(world),
                            .allocated_ns = -1,
                            .ready_ns = -1,
                            .worker_type = -1,
                            .life = state->next_life++,
                            .origin = LEDGER_NEW_LIFE,
                            .check_ns = SIM_TIME_NEVER,
                            .drain_ns = -1,
                            .allowed = pool_target(pool),
                            .phase_source = sim_engine_add(&world->engine, RANK_PHASE_END, EVENT_PHASE,
                                                           container_event(pool->number, container)),
                            .phase = PHASE_ALLOCATING,
                            .how = STARTED_FULL,
                            .ends_empty = pool->config->single_use};
    state->requested_at_instant = state->last_request_ns == now_ns(world) ? state->requested_at_instant + 1 : 0;
    state->last_request_ns = now_ns(world);
    sim_random_init(&c->random, world->options.seed, world->options.replication, PURPOSE_CONTAINER,
                    (uint64_t)pool->number << 32 | state->requested_at_instant, (uint64_t)now_ns(world));
    c->gpu = (uint8_t)draw_gpu(world, pool);
    timeline_init(pool->plans, c->gpu, pool_inside(pool, container));
    dispatch_begin_life(&pool->dispatch, container, c->life);
    state->allocating++;
    world->now.gpus_in_use += pool->config->gpu_count;
    return container;
}

static struct snapshot *snapshot_of(const struct pool *pool, const struct container *c)
{
    return (struct snapshot *)pool->snapshots.items + c->worker_type;
}

/* ---- ready, crash and end ---- */

static void become_ready(struct world *world, struct pool *pool, uint32_t container)
{
    struct container *c = pool_container(pool, container);
    pool->state.starting--;
    pool->state.ready++;
    set_unbilled(world, pool, container, false);
    leave_state(world, pool, container);
    c->phase = PHASE_READY;
    c->ready_ns = now_ns(world);
    enter_idle(world, pool, container);
    books_pool(world, pool)->starts[c->how]++;
    if (container_is_mortal(pool))
        container_fate_begin(world, pool, container);
    else
        drop_phase_timer(world, c);
    if (pool->has_polls) {
        double phase = sim_variate_uniform(&c->random);
        scaling_poll_join(world, pool, container, now_ns(world) + (sim_time_ns)(phase * (double)pool->config->poll_ns));
    }
    service_fill(world, pool, container);
    if (!pool->policy->has_ticks && (pool->config->schedule_count > 0 || pool->config->controller.rule_count > 0))
        scaling_review_request(world, pool);
}

static void allocate(struct world *world, struct pool *pool, uint32_t container)
{
    struct container *c = pool_container(pool, container);
    c->allocated_ns = now_ns(world);
    c->state_since_ns = now_ns(world);
    pool->state.allocating--;
    pool->state.starting++;
    sim_level_add(&pool->state.levels.alive, now_ns(world), 1);
    enter_state(world, pool, c, CONTAINER_STARTING);
    c->worker_type = (int32_t)sim_variate_below(&c->random, (uint64_t)pool->config->worker_types);
}

/* A ready container is not among those any more that take requests. */
static void leave_ready(struct world *world, struct pool *pool, uint32_t container)
{
    struct container *c = pool_container(pool, container);
    if (c->allowed > pool_target(pool))
        pool->state.raised--;
    c->allowed = 0;
    if (pool->has_polls)
        scaling_poll_leave(world, pool, container);
    pool->state.ready--;
}

void container_drain(struct world *world, struct pool *pool, uint32_t container)
{
    struct container *c = pool_container(pool, container);
    if (c->inputs == 0) {
        container_end(world, pool, container, END_RETIRED);
        return;
    }
    leave_ready(world, pool, container);
    leave_state(world, pool, container);
    enter_state(world, pool, c, CONTAINER_DRAINING);
    c->drain_ns = now_ns(world);
    c->ends_empty = true;
    pool->state.draining++;
    service_fill(world, pool, container);
}

void container_end(struct world *world, struct pool *pool, uint32_t container, enum container_end cause)
{
    struct container *c = pool_container(pool, container);
    if (c->phase == PHASE_CREATING)
        snapshot_of(pool, c)->is_being_created = false;
    if (c->phase == PHASE_READY) {
        container_book_stage(world, pool, container);
        if (c->state == CONTAINER_DRAINING) {
            pool->state.draining--;
        } else {
            idle_remove(pool, container);
            leave_ready(world, pool, container);
        }
    } else {
        pool->state.starting--;
    }
    set_unbilled(world, pool, container, false);
    leave_state(world, pool, container);
    sim_level_add(&pool->state.levels.alive, now_ns(world), -1);
    drop_phase_timer(world, c);
    service_stop(world, pool, container);
    world->now.gpus_in_use -= pool->config->gpu_count;
    c->phase = PHASE_FREE;
    dispatch_update(&pool->dispatch, container, 0, false, now_ns(world));
    books_container_row(world, pool, container, cause);
    c->next_free = pool->state.first_free;
    pool->state.first_free = container + 1;
    scaling_gpus_freed(world);
}

/* ---- starting ---- */

static sim_time_ns start_deadline_ns(const struct pool *pool, const struct container *c)
{
    sim_time_ns limit_ns =
        pool->config->startup_timeout_ns ? pool->config->startup_timeout_ns : pool->config->timeout_ns;
    return limit_ns == SIM_TIME_NEVER ? SIM_TIME_NEVER : c->allocated_ns + limit_ns;
}

/* A step of the start takes span_ns, or until the start's deadline if that comes first. */
static void take_time(struct world *world, struct pool *pool, struct container *c, sim_time_ns span_ns)
{
    sim_time_ns end_ns = span_ns < SIM_TIME_NEVER - now_ns(world) ? now_ns(world) + span_ns : SIM_TIME_NEVER;
    sim_time_ns deadline_ns = start_deadline_ns(pool, c);
    c->will_fail = end_ns > deadline_ns;
    set_phase_timer(world, c, c->will_fail ? deadline_ns : end_ns);
}

static bool is_restoring(const struct container *c)
{
    return c->how == STARTED_RESTORED;
}

/* Whether the start has passed the first phase that a snapshot removes: there the restore takes place. */
static bool is_restore_step(const struct profile_config *profile, uint32_t step)
{
    if (!profile->startup[step].removed_by_snapshot)
        return false;
    for (uint32_t i = 0; i < step; i++)
        if (profile->startup[i].removed_by_snapshot)
            return false;
    return true;
}

/* Begins the next phase of the start from c->start_step on; false when there is none left. */
static bool begin_phase(struct world *world, struct pool *pool, uint32_t container)
{
    struct container *c = pool_container(pool, container);
    const struct profile_config *profile = &pool->config->profile;
    for (; c->start_step < profile->startup_count; c->start_step++) {
        const struct phase_config *phase = &profile->startup[c->start_step];
        if (is_restoring(c) && is_restore_step(profile, c->start_step)) {
            set_unbilled(world, pool, container, false);
            take_time(world, pool, c, draw_ns(c, &profile->snapshot_restore_s));
            return true;
        }
        if (is_restoring(c) && phase->removed_by_snapshot)
            continue;
        set_unbilled(world, pool, container, !phase->billed);
        take_time(world, pool, c, draw_ns(c, &phase->time_s));
        return true;
    }
    return false;
}

static void finish_phases(struct world *world, struct pool *pool, uint32_t container)
{
    struct container *c = pool_container(pool, container);
    struct snapshot *snapshot = snapshot_of(pool, c);
    if (pool->config->snapshots && c->how == STARTED_FULL && !snapshot->is_complete && !snapshot->is_being_created) {
        snapshot->is_being_created = true;
        c->phase = PHASE_CREATING;
        set_unbilled(world, pool, container, false);
        take_time(world, pool, c, draw_ns(c, &pool->config->profile.snapshot_create_s));
        return;
    }
    become_ready(world, pool, container);
}

static void begin_start(struct world *world, struct pool *pool, uint32_t container)
{
    allocate(world, pool, container);
    struct container *c = pool_container(pool, container);
    c->phase = PHASE_STARTING;
    double luck = sim_variate_uniform(&c->random);
    if (pool->config->snapshots && snapshot_of(pool, c)->is_complete && luck >= pool->config->snapshot_miss)
        c->how = STARTED_RESTORED;
    if (!begin_phase(world, pool, container))
        finish_phases(world, pool, container);
}

/* The restore has taken its time; it may have failed, and then everything begins anew without a snapshot. */
static void end_phase(struct world *world, struct pool *pool, uint32_t container)
{
    struct container *c = pool_container(pool, container);
    bool was_restore = is_restoring(c) && is_restore_step(&pool->config->profile, c->start_step);
    c->start_step++;
    if (was_restore && sim_variate_uniform(&c->random) < pool->config->snapshot_failure) {
        c->how = STARTED_FALLEN_BACK;
        c->start_step = 0;
    }
    if (!begin_phase(world, pool, container))
        finish_phases(world, pool, container);
}

static void fail_start(struct world *world, struct pool *pool, uint32_t container)
{
    books_pool(world, pool)->failed_starts++;
    container_end(world, pool, container, END_START_TIMEOUT);
    if (!pool->policy->has_ticks)
        scaling_evaluate(world, pool);
}

void container_phase_event(struct world *world, struct pool *pool, uint32_t container)
{
    struct container *c = pool_container(pool, container);
    if (c->phase == PHASE_ALLOCATING) {
        begin_start(world, pool, container);
    } else if (c->phase == PHASE_READY) {
        container_fate_event(world, pool, container);
    } else if (c->will_fail) {
        fail_start(world, pool, container);
    } else if (c->phase == PHASE_CREATING) {
        *snapshot_of(pool, c) = (struct snapshot){.is_complete = true};
        books_pool(world, pool)->snapshots_created++;
        become_ready(world, pool, container);
    } else {
        end_phase(world, pool, container);
    }
}

/* In a world that begins in the middle the first ones have the GPUs that are likely there. */
static void become_guessed(struct pool *pool, uint32_t container)
{
    struct container *c = pool_container(pool, container);
    uint32_t place = c->life;
    if (pool->guessed_containers == 0 || pool->config->served_count == 0)
        return;
    c->gpu = 0;
    for (uint32_t i = 0; i < pool->config->served_count && c->gpu == 0; i++) {
        if (place < pool->guessed_gpus[i])
            c->gpu = (uint8_t)(i + 1);
        else
            place -= (uint32_t)pool->guessed_gpus[i];
    }
    timeline_init(pool->plans, c->gpu, pool_inside(pool, container));
}

void container_request(struct world *world, struct pool *pool)
{
    uint32_t container = begin_life(world, pool);
    struct container *c = pool_container(pool, container);
    sim_time_ns wait_ns = draw_ns(c, &pool->config->allocation_s);
    set_phase_timer(world, c, now_ns(world) + wait_ns);
}

void container_start_warm(struct world *world, struct pool *pool)
{
    uint32_t container = begin_life(world, pool);
    become_guessed(pool, container);
    allocate(world, pool, container);
    pool_container(pool, container)->how = STARTED_WARM;
    become_ready(world, pool, container);
}
