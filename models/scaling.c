/* scaling.c - when the policy is asked, and what is done about its answer; and the polls of dynamic concurrency. */
#include "models/world_internal.h"

/* ---- the number of containers ---- */

static int64_t alive(const struct pool *pool)
{
    return pool->state.starting + pool->state.ready;
}

/* Most containers of this pool that the GPU quota leaves room for. */
static int64_t allowed_by_quota(const struct world *world, const struct pool *pool)
{
    int64_t quota = world->now.quota_gpus;
    int64_t gpus = pool->config->gpu_count;
    if (quota == 0 || gpus == 0)
        return INT64_MAX;
    int64_t mine = (alive(pool) + pool->state.allocating) * gpus;
    int64_t left = quota - (world->now.gpus_in_use - mine); /* draining containers still hold theirs */
    return left > 0 ? left / gpus : 0;
}

static struct autoscaler_decision ask(const struct pool *pool, const struct autoscaler_observation *seen)
{
    return pool->policy->want(pool->config, &pool->state.settings, seen);
}

static struct autoscaler_observation observe(const struct world *world, const struct pool *pool)
{
    return (struct autoscaler_observation){
        .now_ns = now_ns(world),
        .last_arrival_ns = pool->state.last_arrival_ns,
        .pending = pool->state.pending,
        .running = pool->state.levels.inputs.level,
        .starting = pool->state.starting + pool->state.allocating,
        .ready = pool->state.ready,
        .allowed = allowed_by_quota(world, pool),
    };
}

/* Keeps what is wanted beyond all caps. Between two looks the answer counts as unchanged. */
static void note_demand(struct world *world, struct pool *pool, const struct autoscaler_observation *seen)
{
    struct pool_levels *levels = &pool->state.levels;
    int64_t target = pool_target(pool);
    int64_t demand = (seen->pending + seen->running + target - 1) / target;
    int64_t most = pool->state.settings.max_containers;
    int64_t present = seen->starting + seen->ready;
    bool lacks = pool->policy->has_ticks && seen->pending > 0 && demand > present;
    bool is_capped = lacks && most > 0 && present >= most;
    bool is_scarce = lacks && !is_capped && present >= seen->allowed;
    sim_level_set(&levels->demand, now_ns(world), demand);
    sim_level_set(&levels->capped, now_ns(world), is_capped);
    sim_level_set(&levels->scarce, now_ns(world), is_scarce);
}

void scaling_note_demand(struct world *world, struct pool *pool)
{
    struct autoscaler_observation seen = observe(world, pool);
    note_demand(world, pool, &seen);
}

void scaling_evaluate(struct world *world, struct pool *pool)
{
    struct autoscaler_observation seen = observe(world, pool);
    struct autoscaler_decision decision = ask(pool, &seen);
    note_demand(world, pool, &seen);
    int64_t missing = decision.wanted - seen.starting - seen.ready;
    int64_t limit = pool->config->start_limit;
    if (missing <= 0)
        return;
    if (limit > 0 && missing > limit)
        missing = limit;
    books_decision(world, pool, &seen, decision.wanted, decision.reason);
    for (int64_t i = 0; i < missing; i++)
        container_request(world, pool);
}

/* The busy container with the fewest requests inside. */
static uint32_t least_busy(const struct pool *pool)
{
    uint32_t least = CONTAINER_NONE;
    for (uint32_t i = 0; i < pool->containers.count; i++) {
        const struct container *c = pool_container(pool, i);
        bool is_busy = c->phase == PHASE_READY && c->state == CONTAINER_BUSY;
        if (is_busy && (least == CONTAINER_NONE || c->inputs < pool_container(pool, least)->inputs))
            least = i;
    }
    return least;
}

/* Containers beyond the most that there may be: the longest idle first, then those that are nearly empty. Starting ones
 * are left alone; they go when they are ready.
 */
static void shed(struct world *world, struct pool *pool)
{
    for (;;) {
        struct autoscaler_observation seen = observe(world, pool);
        if (seen.ready <= ask(pool, &seen).most)
            return;
        uint32_t leaving = pool->state.idle_first == CONTAINER_NONE ? least_busy(pool) : pool->state.idle_first;
        books_decision(world, pool, &seen, seen.starting + seen.ready - 1, SCALING_SURPLUS);
        container_drain(world, pool, leaving);
    }
}

/* From the longest idle on, until one may not go. */
static void scale_down(struct world *world, struct pool *pool)
{
    for (;;) {
        struct autoscaler_observation seen = observe(world, pool);
        struct autoscaler_decision decision = ask(pool, &seen);
        uint32_t candidate = pool->state.idle_first;
        enum scaling_reason reason;
        if (candidate == CONTAINER_NONE || alive(pool) <= decision.wanted)
            return;
        sim_time_ns idle_ns = now_ns(world) - pool_container(pool, candidate)->idle_since_ns;
        if (!pool->policy->may_retire(pool->config, &pool->state.settings, idle_ns, alive(pool), decision.wanted,
                                      &reason))
            return;
        books_decision(world, pool, &seen, seen.starting + seen.ready - 1, reason);
        container_end(world, pool, candidate, END_RETIRED);
    }
}

/* The one that was allocated last, of several at once the one in the last place. */
static uint32_t newest_starting(const struct pool *pool)
{
    uint32_t newest = CONTAINER_NONE;
    for (uint32_t i = 0; i < pool->containers.count; i++) {
        const struct container *c = pool_container(pool, i);
        bool is_starting = c->phase == PHASE_STARTING || c->phase == PHASE_CREATING;
        if (is_starting && (newest == CONTAINER_NONE || c->allocated_ns >= pool_container(pool, newest)->allocated_ns))
            newest = i;
    }
    return newest;
}

/* Starting containers go first, since they serve nobody yet. */
static void cancel_starting(struct world *world, struct pool *pool)
{
    while (pool->state.starting > 0) {
        struct autoscaler_observation seen = observe(world, pool);
        if (alive(pool) <= ask(pool, &seen).wanted)
            return;
        books_decision(world, pool, &seen, seen.starting + seen.ready - 1, SCALING_SURPLUS);
        container_end(world, pool, newest_starting(pool), END_CANCELLED);
    }
}

static void look(struct world *world, struct pool *pool)
{
    if (pool->config->cancel_starting)
        cancel_starting(world, pool);
    scaling_evaluate(world, pool);
    shed(world, pool);
    scale_down(world, pool);
}

void scaling_tick_event(struct world *world, struct pool *pool)
{
    look(world, pool);
    sim_engine_schedule(&world->engine, pool->state.tick_source, now_ns(world) + pool->config->tick_ns);
}

void scaling_review_request(struct world *world, struct pool *pool)
{
    pool->state.needs_review = true;
    sim_engine_schedule(&world->engine, world->now.review_source, now_ns(world));
}

void scaling_review_event(struct world *world)
{
    for (size_t i = 0; i < world->config->pool_count; i++) {
        struct pool *pool = &world->pools[i];
        if (!pool->state.needs_review)
            continue;
        pool->state.needs_review = false;
        look(world, pool);
    }
}

void scaling_gpus_freed(struct world *world)
{
    if (world->now.quota_gpus == 0)
        return;
    for (size_t i = 0; i < world->config->pool_count; i++) {
        struct pool *pool = &world->pools[i];
        bool is_short = alive(pool) + pool->state.allocating < pool->state.settings.min_containers;
        if (!pool->policy->has_ticks && is_short)
            scaling_review_request(world, pool);
    }
}

void scaling_start(struct world *world, struct pool *pool)
{
    struct autoscaler_observation seen = observe(world, pool);
    bool is_guess = pool->guessed_containers > 0;
    int64_t least = is_guess ? pool->guessed_containers : pool->state.settings.min_containers;
    int64_t count = least < seen.allowed ? least : seen.allowed;
    if (count > 0)
        books_decision(world, pool, &seen, count, SCALING_START);
    for (int64_t i = 0; i < count; i++) {
        if (is_guess || pool->config->start_state == START_WARM)
            container_start_warm(world, pool);
        else
            container_request(world, pool);
    }
    sim_time_ns tick_ns = pool->config->tick_ns;
    if (pool->policy->has_ticks)
        sim_engine_schedule(&world->engine, pool->state.tick_source, (now_ns(world) / tick_ns + 1) * tick_ns);
}

/* ---- polls of dynamic concurrency ----
 *
 * Each ready container asks every `poll` how many requests it may take. The answer is its target unless requests
 * wait, so polls matter only while some wait or a container still has more than its target. Only then is there an
 * event: the containers stand in order of the phase of their polls, and one source goes round from one to the next.
 * Without this a thousand containers would poll 333 times a second for nothing.
 */

static struct poll *poll_at(const struct pool *pool, size_t place)
{
    return (struct poll *)pool->polls.items + place;
}

/* First place whose phase is not before phase_ns. */
static size_t poll_place(const struct pool *pool, sim_time_ns phase_ns)
{
    size_t low = 0;
    size_t high = pool->polls.count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (poll_at(pool, middle)->phase_ns < phase_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Sets the event of the next poll, at from_ns or later. */
static void schedule_poll(struct world *world, struct pool *pool, sim_time_ns from_ns)
{
    sim_time_ns period_ns = pool->config->poll_ns;
    sim_time_ns round_ns = from_ns / period_ns * period_ns;
    size_t place = poll_place(pool, from_ns - round_ns);
    if (place == pool->polls.count) {
        place = 0;
        round_ns += period_ns;
    }
    pool->state.is_poll_pending = true;
    sim_engine_schedule(&world->engine, pool->state.poll_source, round_ns + poll_at(pool, place)->phase_ns);
}

static bool polls_matter(const struct pool *pool)
{
    return pool->polls.count > 0 && (pool->state.pending > 0 || pool->state.raised > 0);
}

void scaling_poll_arm(struct world *world, struct pool *pool)
{
    if (!pool->state.is_poll_pending && polls_matter(pool))
        schedule_poll(world, pool, now_ns(world));
}

void scaling_poll_join(struct world *world, struct pool *pool, uint32_t container, sim_time_ns first_ns)
{
    sim_time_ns phase_ns = first_ns % pool->config->poll_ns;
    size_t place = poll_place(pool, phase_ns);
    sim_array_add(&pool->polls);
    for (size_t i = pool->polls.count - 1; i > place; i--)
        *poll_at(pool, i) = *poll_at(pool, i - 1);
    *poll_at(pool, place) = (struct poll){phase_ns, container, 0};
    if (polls_matter(pool))
        schedule_poll(world, pool, now_ns(world));
}

void scaling_poll_leave(struct world *world, struct pool *pool, uint32_t container)
{
    size_t place = 0;
    while (poll_at(pool, place)->container != container)
        place++;
    for (; place + 1 < pool->polls.count; place++)
        *poll_at(pool, place) = *poll_at(pool, place + 1);
    sim_array_resize(&pool->polls, pool->polls.count - 1);
    if (pool->polls.count == 0) {
        sim_engine_cancel(&world->engine, pool->state.poll_source);
        pool->state.is_poll_pending = false;
    }
}

void scaling_poll_forget(struct world *world, struct pool *pool)
{
    sim_array_resize(&pool->polls, 0);
    sim_engine_cancel(&world->engine, pool->state.poll_source);
    pool->state.is_poll_pending = false;
}

/* What the platform answers: the target when nobody waits, else an even share of all requests [inferred]. */
static uint32_t allowed_now(const struct pool *pool)
{
    int64_t pending = pool->state.pending;
    int64_t sharing = pool->config->poll_share == POLL_SHARE_ALIVE ? alive(pool) : pool->state.ready;
    int64_t ready = sharing > 1 ? sharing : 1;
    uint32_t target = pool_target(pool);
    if (pending == 0)
        return target;
    int64_t share = (pending + pool->state.levels.inputs.level + ready - 1) / ready;
    if (share < target)
        return target;
    return (uint32_t)(share < pool->config->max_inputs ? share : pool->config->max_inputs);
}

static void set_allowed(struct world *world, struct pool *pool, uint32_t container)
{
    struct container *c = pool_container(pool, container);
    uint32_t allowed = allowed_now(pool);
    if (allowed == c->allowed)
        return;
    pool->state.raised += (allowed > pool_target(pool)) - (c->allowed > pool_target(pool));
    c->allowed = allowed;
    service_fill(world, pool, container);
}

/* [inferred] Those that are ready take what a poll would allow them, those that start begin with the new target. */
void scaling_target_changed(struct world *world, struct pool *pool)
{
    pool->state.raised = 0;
    for (uint32_t i = 0; i < pool->containers.count; i++) {
        struct container *c = pool_container(pool, i);
        if (c->phase == PHASE_READY && c->state != CONTAINER_DRAINING)
            pool->state.raised += c->allowed > pool_target(pool);
        else if (c->phase != PHASE_READY)
            c->allowed = pool_target(pool);
    }
    for (uint32_t i = 0; i < pool->containers.count; i++) {
        const struct container *c = pool_container(pool, i);
        if (c->phase == PHASE_READY && c->state != CONTAINER_DRAINING)
            set_allowed(world, pool, i);
    }
    scaling_poll_arm(world, pool);
}

void scaling_poll_event(struct world *world, struct pool *pool)
{
    sim_time_ns phase_ns = now_ns(world) % pool->config->poll_ns;
    pool->state.is_poll_pending = false;
    for (size_t i = poll_place(pool, phase_ns); i < pool->polls.count && poll_at(pool, i)->phase_ns == phase_ns; i++)
        set_allowed(world, pool, poll_at(pool, i)->container);
    if (polls_matter(pool))
        schedule_poll(world, pool, now_ns(world) + 1);
}
