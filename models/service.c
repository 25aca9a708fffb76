/* service.c - requests in a pool's queue and inside its containers.
 *
 * A request waits in the queue until a container with room takes it. What goes on inside is the container's own
 * (timeline.h) until the request leaves; then its slot is free again. One event source per pool stands for
 * whoever leaves next, or is looked after for its deadline, in any of its containers.
 */
#include "models/timeline_internal.h"
#include "models/world_internal.h"

#include "sim/inline.h"
#include "sim/variate.h"

static struct request *at(const struct world *world, uint32_t request)
{
    return request_at(&world->requests, request);
}

/* ---- the queue ---- */

static void change_pending(struct world *world, struct pool *pool, int change)
{
    pool->state.pending += change;
    sim_level_add(&pool->state.levels.queue, now_ns(world), change);
}

static void take_from_queue(struct world *world, struct pool *pool, uint32_t request)
{
    request_list_remove(&world->requests, &pool->state.queue, LIST_POOL, request);
    change_pending(world, pool, -1);
}

/* ---- into and out of a container ---- */

/* One event stands for whatever comes first inside the containers of a pool: keeping the earliest of them here costs
 * a third of keeping each in the event queue.
 */
SIM_ALWAYS_INLINE void set_next(struct world *world, struct pool *pool, uint32_t container, sim_time_ns next_ns)
{
    sim_earliest_set(&pool->services, container, next_ns);
    sim_engine_keep(&world->engine, pool->state.service_source, sim_earliest_time(&pool->services));
}

void service_stop(struct world *world, struct pool *pool, uint32_t container)
{
    set_next(world, pool, container, SIM_TIME_NEVER);
}

void service_advance_all(struct world *world)
{
    for (size_t i = 0; i < world->config->pool_count; i++) {
        const struct pool *pool = &world->pools[i];
        for (uint32_t k = 0; k < pool->containers.count; k++)
            timeline_advance(pool->plans, pool_inside(pool, k), &world->requests, now_ns(world));
    }
}

SIM_ALWAYS_INLINE sim_time_ns next_inside_ns(const struct world *world, const struct pool *pool, uint32_t container,
                                             const struct container *c)
{
    sim_time_ns next_ns = timeline_next(pool->plans, pool_inside(pool, container), &world->requests, now_ns(world));
    return c->check_ns < next_ns ? c->check_ns : next_ns;
}

/* After somebody came or went: when something happens next, and the container's place for dispatch. */
SIM_ALWAYS_INLINE void settle(struct world *world, struct pool *pool, uint32_t container)
{
    const struct container *c = pool_container(pool, container);
    set_next(world, pool, container, next_inside_ns(world, pool, container, c));
    bool has_room = (c->phase == PHASE_READY) & (c->inputs < c->allowed);
    dispatch_update(&pool->dispatch, container, c->inputs, has_room, now_ns(world));
}

static struct stage_need draw_need_of(const struct world *world, const struct stage_plan *stage,
                                      const struct request *r)
{
    struct sim_random random;
    if (stage->draws)
        sim_random_init(&random, world->options.seed, world->options.replication, PURPOSE_SERVICE,
                        (uint64_t)r->tries << 32 | r->draw.workload, r->draw.key);
    return stage_need(stage, &r->draw, world->classes[r->draw.class_index].prefix_hit, &random);
}

/* Where containers have different GPUs, or requests write checkpoints. */
SIM_NEVER_INLINE static struct stage_need draw_special_need(const struct world *world, const struct pool *pool,
                                                            const struct request *r)
{
    if (service_job_is(world, pool, r))
        return service_job_need(world, pool, r);
    return draw_need_of(world, &pool->plans[pool_container(pool, r->container)->gpu].stage, r);
}

static struct stage_need draw_need(const struct world *world, const struct pool *pool, const struct request *r)
{
    if (SIM_RARELY(pool->has_special_needs))
        return draw_special_need(world, pool, r);
    return draw_need_of(world, &pool->plans[0].stage, r);
}

struct stage_need service_need(const struct world *world, const struct pool *pool, const struct request *r)
{
    return draw_need(world, pool, r);
}

SIM_ALWAYS_INLINE struct stage_need need_of(const struct world *world, const struct pool *pool, const struct request *r)
{
    const struct stage_plan *stage = &pool->plans[0].stage;
    if (SIM_RARELY(!stage->takes_drawn_work))
        return draw_need(world, pool, r);
    return (struct stage_need){.demand = sharing_inline_demand(&stage->sharing, r->draw.work)};
}

static void fail_attempt(struct world *world, struct pool *pool, uint32_t request, enum request_outcome outcome);

/* Binds a request, which is in no list, to a container with room. The caller settles it. */
SIM_ALWAYS_INLINE void begin_attempt(struct world *world, struct pool *pool, uint32_t container, uint32_t request)
{
    struct request *r = at(world, request);
    r->container = container;
    r->life = pool_container(pool, container)->life;
    r->tries++;
    r->attempt_ns = now_ns(world);
    if (r->start_ns < 0) {
        r->start_ns = now_ns(world);
        r->is_cold = pool_container(pool, container)->ready_ns > r->draw.arrival_ns;
    }
    if (SIM_RARELY(pool->has_memory) && !service_memory_take(world, pool, container, r)) {
        fail_attempt(world, pool, request, OUTCOME_FAILED);
        return;
    }
    r->place = PLACE_INSIDE;
    if (SIM_RARELY(pool->has_sessions) && sessions_begin(world, pool, request))
        return;
    r->after_ns = arrivals_stage_ns(world, pool, SIDE_AFTER_INSIDE, r);
    container_inputs_change(world, pool, container, 1);
    timeline_enter(pool->plans, pool_inside(pool, container), &world->requests, now_ns(world),
                   arrivals_stage_ns(world, pool, SIDE_BEFORE_INSIDE, r), request, need_of(world, pool, r));
}

static void begin_waiting(struct world *world, struct pool *pool, uint32_t container)
{
    uint32_t request = pool->state.queue.first;
    take_from_queue(world, pool, request);
    begin_attempt(world, pool, container, request);
}

SIM_ALWAYS_INLINE void fill(struct world *world, struct pool *pool, uint32_t container)
{
    const struct container *c = pool_container(pool, container);
    while (SIM_RARELY(pool->state.queue.count > 0) && c->phase == PHASE_READY && c->inputs < c->allowed)
        begin_waiting(world, pool, container);
    settle(world, pool, container);
}

void service_fill(struct world *world, struct pool *pool, uint32_t container)
{
    fill(world, pool, container);
}

/* The container that ends when it is empty is. */
SIM_NEVER_INLINE static void end_empty(struct world *world, struct pool *pool, uint32_t container)
{
    const struct container *c = pool_container(pool, container);
    bool is_used = c->state != CONTAINER_DRAINING;
    enum container_end cause = c->is_interrupted ? END_INTERRUPTED : END_RETIRED;
    container_end(world, pool, container, is_used ? END_USED : cause);
    if (is_used && !pool->policy->has_ticks)
        scaling_evaluate(world, pool);
}

/* A draining container ends when it is empty; any other takes waiting requests. */
SIM_ALWAYS_INLINE void fill_or_end(struct world *world, struct pool *pool, uint32_t container)
{
    const struct container *c = pool_container(pool, container);
    if (SIM_RARELY(c->ends_empty) && c->inputs == 0)
        end_empty(world, pool, container);
    else
        fill(world, pool, container);
}

static void reject(struct world *world, uint32_t request)
{
    books_outcome(world, request, OUTCOME_REJECTED, now_ns(world));
    arrivals_answered(world, request, now_ns(world));
    arrivals_forget(world, request);
}

/* The queue is at its limit, so the pool is saturated: who comes now counts as in flight and is not stored. */
static void count_only(struct world *world, uint32_t request)
{
    books_outcome(world, request, OUTCOME_IN_FLIGHT, -1);
    arrivals_forget(world, request);
}

static void wait_in_queue(struct world *world, struct pool *pool, uint32_t request)
{
    at(world, request)->place = PLACE_QUEUE;
    request_list_append(&world->requests, &pool->state.queue, LIST_POOL, request);
    change_pending(world, pool, 1);
    if (pool->state.pending >= pool->config->queue_limit && pool->state.full_ns < 0)
        pool->state.full_ns = now_ns(world);
    scaling_poll_arm(world, pool);
}

/* The container with room that the request should go to; DISPATCH_NONE if there is none. */
SIM_ALWAYS_INLINE uint32_t choose(const struct world *world, const struct pool *pool, const struct request *r)
{
    if (!SIM_RARELY(pool->dispatch.head.order == DISPATCH_RANDOM))
        return dispatch_choose(&pool->dispatch, NULL);
    struct sim_random random;
    sim_random_init(&random, world->options.seed, world->options.replication, PURPOSE_DISPATCH,
                    (uint64_t)r->tries << 32 | r->draw.workload, r->draw.key);
    return dispatch_choose(&pool->dispatch, &random);
}

void service_dispatch(struct world *world, struct pool *pool)
{
    while (pool->state.queue.count) {
        uint32_t container = choose(world, pool, at(world, pool->state.queue.first));
        if (container == DISPATCH_NONE)
            return;
        begin_waiting(world, pool, container);
        settle(world, pool, container);
    }
}

static bool is_refused(const struct pool *pool)
{
    int64_t limit = pool->config->admission_limit;
    return limit > 0 && pool->state.pending + pool->state.levels.inputs.level >= limit;
}

void service_enter(struct world *world, struct pool *pool, uint32_t request)
{
    struct request *r = at(world, request);
    pool->state.last_arrival_ns = now_ns(world);
    if (SIM_RARELY(is_refused(pool) || !stage_fits(&pool->plans[0].stage, &r->draw))) {
        reject(world, request);
        return;
    }
    if (SIM_RARELY(pool->state.pending >= pool->config->queue_limit)) {
        count_only(world, request);
        return;
    }
    uint32_t container = SIM_RARELY(pool->state.queue.count > 0) ? DISPATCH_NONE : choose(world, pool, r);
    if (SIM_RARELY(container == DISPATCH_NONE)) {
        wait_in_queue(world, pool, request);
    } else {
        begin_attempt(world, pool, container, request);
        settle(world, pool, container);
    }
    if (SIM_RARELY(pool->state.starting + pool->state.ready == 0))
        scaling_evaluate(world, pool);
}

/* ---- ends of attempts ---- */

static bool attempt_fails(const struct world *world, const struct pool *pool, const struct request *r)
{
    struct sim_random stream;
    sim_random_init(&stream, world->options.seed, world->options.replication, PURPOSE_FAILURE,
                    (uint64_t)r->tries << 32 | r->draw.workload, r->draw.key);
    return sim_variate_uniform(&stream) < served_failure(pool->config, pool_container(pool, r->container)->gpu);
}

/* The slot is free; the request is in no list and in no container. */
static void leave_container(struct world *world, struct pool *pool, uint32_t request)
{
    container_inputs_change(world, pool, at(world, request)->container, -1);
    if (pool->has_memory)
        service_memory_leave(world, pool, at(world, request));
}

/* What is rarely looked after when a request has been served; whether its attempt failed. */
SIM_NEVER_INLINE static bool ends_badly(struct world *world, struct pool *pool, struct request *r)
{
    if (pool->has_memory)
        service_memory_leave(world, pool, r);
    if (!pool->may_fail || !attempt_fails(world, pool, r))
        return false;
    service_job_fail(world, pool, r);
    return true;
}

static void fail_attempt(struct world *world, struct pool *pool, uint32_t request, enum request_outcome outcome)
{
    if (++at(world, request)->failures <= pool->config->retries) {
        arrivals_retry(world, pool, request);
        return;
    }
    books_outcome(world, request, outcome, now_ns(world));
    if (!at(world, request)->is_client_gone)
        arrivals_answered(world, request, now_ns(world));
    arrivals_forget(world, request);
}

SIM_ALWAYS_INLINE void complete(struct world *world, struct pool *pool, uint32_t request)
{
    struct request *r = at(world, request);
    container_inputs_change(world, pool, r->container, -1);
    if (SIM_RARELY(pool->is_watched) && ends_badly(world, pool, r)) {
        fail_attempt(world, pool, request, OUTCOME_FAILED);
        return;
    }
    if (!world->is_streaming[pool->number])
        r->first_ns = now_ns(world);
    sim_time_ns way_back_ns = arrivals_stage_ns(world, pool, SIDE_AFTER_OUTSIDE, r);
    if (r->first_ns >= 0)
        r->first_ns += way_back_ns;
    sim_time_ns end_ns = now_ns(world) + way_back_ns;
    const struct workload *workload = &world->workloads[r->draw.workload];
    sim_time_ns patience_ns = workload->client_timeout_ns;
    struct pool_tally *tally = books_pool(world, pool);
    tally->completed++;
    tally->output_tokens += r->draw.output_tokens;
    if (SIM_RARELY(end_ns - r->draw.arrival_ns > patience_ns)) {
        end_ns = r->draw.arrival_ns + patience_ns;
        books_outcome(world, request, OUTCOME_TIMED_OUT, end_ns);
    } else {
        books_outcome(world, request, OUTCOME_COMPLETED, end_ns);
    }
    if (!r->is_client_gone)
        arrivals_answered(world, request, end_ns);
    arrivals_forget(world, request);
}

/* Out of the container, which has been advanced; the slot is not yet free. */
static void pull_out(struct world *world, struct pool *pool, uint32_t request)
{
    timeline_cancel(pool->plans, pool_inside(pool, at(world, request)->container), &world->requests, now_ns(world),
                    request);
}

void service_withdraw(struct world *world, struct pool *pool, uint32_t request)
{
    struct request *r = at(world, request);
    switch ((enum request_place)r->place) {
    case PLACE_QUEUE:
        take_from_queue(world, pool, request);
        break;
    case PLACE_OUTSIDE:
    case PLACE_RETRY:
        sim_engine_remove(&world->engine, r->source);
        break;
    case PLACE_INSIDE:
        timeline_advance(pool->plans, pool_inside(pool, r->container), &world->requests, now_ns(world));
        pull_out(world, pool, request);
        leave_container(world, pool, request);
        fill_or_end(world, pool, r->container);
        break;
    }
}

/* ---- timeouts ----
 *
 * No request inside a container can be older than the container is busy. So nothing is kept per request: a container
 * that has been busy for as long as the timeout looks through its requests once, and then again when the oldest of
 * them may have come to its deadline.
 */

/* Earlier attempts first. */
static bool began_earlier(const struct world *world, uint32_t a, uint32_t b)
{
    const struct request *x = at(world, a);
    const struct request *y = at(world, b);
    if (x->attempt_ns != y->attempt_ns)
        return x->attempt_ns < y->attempt_ns;
    return x->draw.workload != y->draw.workload ? x->draw.workload < y->draw.workload : x->draw.key < y->draw.key;
}

/* The requests inside in the order in which their attempts began, in the pool's scratch space; returns how many. */
static uint32_t list_inside(const struct world *world, const struct pool *pool, uint32_t container)
{
    uint32_t *list = pool->scratch;
    uint32_t count = timeline_inside(pool->plans, pool_inside(pool, container), list);
    for (uint32_t i = 1; i < count; i++) {
        uint32_t moved = list[i];
        uint32_t place = i;
        for (; place > 0 && began_earlier(world, moved, list[place - 1]); place--)
            list[place] = list[place - 1];
        list[place] = moved;
    }
    return count;
}

/* A request that ends at its deadline has kept it: it has been taken before. */
static void end_overdue(struct world *world, struct pool *pool, uint32_t container)
{
    sim_time_ns timeout_ns = pool->config->timeout_ns;
    uint32_t count = list_inside(world, pool, container);
    pool_container(pool, container)->check_ns = SIM_TIME_NEVER;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t request = pool->scratch[i];
        sim_time_ns deadline_ns = at(world, request)->attempt_ns + timeout_ns;
        if (deadline_ns > now_ns(world)) {
            pool_container(pool, container)->check_ns = deadline_ns;
            return;
        }
        service_job_cut(world, pool, at(world, request), 0);
        pull_out(world, pool, request);
        leave_container(world, pool, request);
        fail_attempt(world, pool, request, OUTCOME_TIMED_OUT);
    }
}

void service_look_again(struct world *world, struct pool *pool, uint32_t container)
{
    struct container *c = pool_container(pool, container);
    c->check_ns = SIM_TIME_NEVER;
    if (c->inputs && pool->config->timeout_ns != SIM_TIME_NEVER) {
        list_inside(world, pool, container);
        c->check_ns = at(world, pool->scratch[0])->attempt_ns + pool->config->timeout_ns;
    }
    set_next(world, pool, container, next_inside_ns(world, pool, container, c));
}

/* Who leaves the container that is first; another one that is due at the same instant has the next event. Where nobody
 * leaves, nobody outside sees anything, and the container keeps its turn in dispatch.
 */
void service_event(struct world *world, struct pool *pool)
{
    uint32_t container = sim_earliest_number(&pool->services);
    struct container *c = pool_container(pool, container);
    uint32_t inputs = c->inputs;
    void *inside = pool_inside(pool, container);
    timeline_pass(pool->plans, inside, &world->requests, now_ns(world));
    for (uint32_t request; timeline_take(pool->plans, inside, now_ns(world), &request);)
        if (!(SIM_RARELY(pool->has_sessions) && sessions_go_on(world, pool, request)))
            complete(world, pool, request);
    if (SIM_RARELY(now_ns(world) >= c->check_ns))
        end_overdue(world, pool, container);
    if (c->inputs < inputs)
        fill_or_end(world, pool, container);
    else
        set_next(world, pool, container, next_inside_ns(world, pool, container, c));
}

/* From the newest to the oldest, so that the oldest ends at the head of the queue. */
void service_evict(struct world *world, struct pool *pool, uint32_t container, sim_time_ns notice_ns)
{
    for (uint32_t i = list_inside(world, pool, container); i-- > 0;) {
        uint32_t request = pool->scratch[i];
        service_job_cut(world, pool, at(world, request), notice_ns);
        leave_container(world, pool, request);
        at(world, request)->place = PLACE_QUEUE;
        at(world, request)->first_ns = -1;
        request_list_prepend(&world->requests, &pool->state.queue, LIST_POOL, request);
        change_pending(world, pool, 1);
    }
    timeline_init(pool->plans, pool_container(pool, container)->gpu, pool_inside(pool, container));
    settle(world, pool, container);
    if (pool->state.pending)
        scaling_poll_arm(world, pool);
}
