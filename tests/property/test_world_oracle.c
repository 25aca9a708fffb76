/* test_world_oracle.c - fixed pools of processor-sharing containers against a slow program that does only this.
 *
 * The slow one keeps what every request has left, looks at all containers for the next end, and reads the orders of
 * dispatch literally. Starts and ends have to agree in every nanosecond.
 */
#include "models/sharing.h"
#include "models/workload.h"
#include "tests/effort.h"
#include "tests/splitmix.h"
#include "tests/world_case.h"

enum {
    CASES = 300,
    CONTAINERS_HIGHEST = 5,
    INPUTS_HIGHEST = 6
};

struct slow_container {
    sim_time_ns since_ns;
    sim_time_ns active_ns;
    uint64_t asked; /* turn in which it last began to wait for a request */
    uint32_t count;
    uint32_t requests[INPUTS_HIGHEST];
    int64_t left[INPUTS_HIGHEST];
};

struct slow_pool {
    const struct world_case *c;
    struct sharing_plan plan;
    struct slow_container containers[CONTAINERS_HIGHEST];
    struct request_row *rows; /* by arrival */
    int64_t *demands;
    uint32_t arrived, taken; /* the queue is what lies between */
    uint64_t turns;
};

static void slow_advance(struct slow_pool *pool, struct slow_container *container, sim_time_ns now_ns)
{
    for (uint32_t i = 0; i < container->count; i++)
        container->left[i] -= (int64_t)pool->plan.speed[container->count].units_per_ns * (now_ns - container->since_ns);
    container->since_ns = now_ns;
}

static sim_time_ns slow_next(const struct slow_pool *pool, const struct slow_container *container)
{
    sim_time_ns next_ns = SIM_TIME_NEVER;
    for (uint32_t i = 0; i < container->count; i++) {
        int64_t speed = (int64_t)pool->plan.speed[container->count].units_per_ns;
        int64_t left = container->left[i] > 0 ? container->left[i] : 0;
        sim_time_ns end_ns = container->since_ns + (left + speed - 1) / speed;
        next_ns = end_ns < next_ns ? end_ns : next_ns;
    }
    return next_ns;
}

static bool has_room(const struct slow_pool *pool, const struct slow_container *container)
{
    return container->count < (uint32_t)pool->c->pools[0].max_inputs;
}

static void slow_start(struct slow_pool *pool, struct slow_container *container, sim_time_ns now_ns)
{
    uint32_t request = pool->taken++;
    slow_advance(pool, container, now_ns);
    container->requests[container->count] = request;
    container->left[container->count++] = pool->demands[request];
    container->active_ns = now_ns;
    container->asked = ++pool->turns;
    pool->rows[request].start_ns = now_ns;
}

static void slow_end(struct slow_pool *pool, struct slow_container *container, sim_time_ns now_ns)
{
    bool had_room = has_room(pool, container);
    slow_advance(pool, container, now_ns);
    for (uint32_t i = 0; i < container->count;) {
        if (container->left[i] > 0) {
            i++;
            continue;
        }
        pool->rows[container->requests[i]].end_ns = now_ns;
        container->count--;
        for (uint32_t k = i; k < container->count; k++) {
            container->requests[k] = container->requests[k + 1];
            container->left[k] = container->left[k + 1];
        }
    }
    container->active_ns = now_ns;
    if (!had_room)
        container->asked = ++pool->turns;
    while (pool->taken < pool->arrived && has_room(pool, container))
        slow_start(pool, container, now_ns);
}

/* The order taken literally; where it leaves a choice, containers are alike and times do not depend on it. */
static bool goes_before(int32_t order, const struct slow_container *a, const struct slow_container *b)
{
    if (order == DISPATCH_LONGEST_WAITING)
        return a->asked < b->asked;
    if (a->count != b->count)
        return order == DISPATCH_FULLEST ? a->count > b->count : a->count < b->count;
    return order == DISPATCH_FULLEST ? a->active_ns > b->active_ns : a->active_ns < b->active_ns;
}

static void slow_arrive(struct slow_pool *pool, sim_time_ns now_ns)
{
    struct slow_container *best = NULL;
    bool is_queue_empty = pool->taken == pool->arrived;
    pool->arrived++;
    for (int64_t i = 0; i < pool->c->pools[0].min_containers; i++) {
        struct slow_container *container = &pool->containers[i];
        if (has_room(pool, container) && (!best || goes_before(pool->c->pools[0].dispatch_order, container, best)))
            best = container;
    }
    if (best && is_queue_empty)
        slow_start(pool, best, now_ns);
}

/* Handles the earliest end, or the next arrival if that is before it. False if there is neither. */
static bool slow_step(struct slow_pool *pool, uint32_t count)
{
    sim_time_ns arrival_ns = pool->arrived < count ? pool->rows[pool->arrived].arrival_ns : SIM_TIME_NEVER;
    sim_time_ns end_ns = SIM_TIME_NEVER;
    struct slow_container *ending = NULL;
    for (int i = 0; i < CONTAINERS_HIGHEST; i++) {
        sim_time_ns next_ns = slow_next(pool, &pool->containers[i]);
        if (next_ns < end_ns) {
            end_ns = next_ns;
            ending = &pool->containers[i];
        }
    }
    if (arrival_ns == SIM_TIME_NEVER && !ending)
        return false;
    if (ending && end_ns <= arrival_ns)
        slow_end(pool, ending, end_ns);
    else
        slow_arrive(pool, arrival_ns);
    return true;
}

static void draw_case(struct world_case *c, uint64_t seed)
{
    struct splitmix random = {seed};
    case_init(c);
    case_fix(c, 1 + splitmix_below(&random, CONTAINERS_HIGHEST));
    struct pool_config *pool = &c->pools[0];
    pool->max_inputs = 1 + splitmix_below(&random, INPUTS_HIGHEST);
    pool->dispatch_order = (int32_t)splitmix_below(&random, 3);
    pool->timeout_ns = splitmix_chance(&random, 50) ? SIM_TIME_NEVER : seconds(3000);
    pool->profile.base_s = (double)splitmix_below(&random, 100) / 100 + 0.01;
    pool->profile.per_running_s = (double)splitmix_below(&random, 100) / 100;
    double unit_s = pool->profile.base_s + pool->profile.per_running_s * (double)pool->max_inputs;
    double capacity_per_s = (double)(pool->min_containers * pool->max_inputs) / unit_s;
    c->workloads[0].arrivals.process = ARRIVAL_POISSON;
    c->workloads[0].arrivals.rate_per_s = capacity_per_s * (0.3 + 0.1 * (double)splitmix_below(&random, 7));
    c->config.duration_ns = seconds(300 / c->workloads[0].arrivals.rate_per_s);
    c->config.drain_ns = seconds(100000);
    ck_assert_int_eq(sim_distribution_gamma(&c->classes[0][0].work, 1, 0.8, NULL), SIM_OK);
    c->options.seed = seed;
}

/* The callers, as the workload draws them. */
static uint32_t draw_callers(struct slow_pool *pool, const struct world_case *c)
{
    struct workload workload;
    size_t row_capacity = 0, demand_capacity = 0;
    uint32_t count = 0;
    ck_assert_int_eq(workload_init(&workload, &c->config, 0, c->options.seed, 0, NULL), SIM_OK);
    for (const struct request_draw *draw; (draw = workload_peek(&workload)) && draw->arrival_ns < c->config.duration_ns;
         workload_advance(&workload)) {
        pool->rows = sim_grow(pool->rows, &row_capacity, count + 1, sizeof *pool->rows);
        pool->demands = sim_grow(pool->demands, &demand_capacity, count + 1, sizeof *pool->demands);
        pool->rows[count].arrival_ns = draw->arrival_ns;
        pool->demands[count++] = (int64_t)sharing_demand(&pool->plan, draw->work);
    }
    workload_release(&workload);
    return count;
}

static int compare_arrivals(const void *a, const void *b)
{
    const struct request_row *x = a;
    const struct request_row *y = b;
    return (x->arrival_ns > y->arrival_ns) - (x->arrival_ns < y->arrival_ns);
}

START_TEST(agrees_with_the_slow_one)
{
    static struct world_case c;
    for (uint64_t seed = 1; seed <= test_effort(CASES / 20, CASES, 10 * CASES); seed++) {
        draw_case(&c, seed);
        struct slow_pool pool = {.c = &c};
        const struct pool_config *config = &c.pools[0];
        ck_assert_int_eq(sharing_plan_init(&pool.plan, &config->profile, (uint32_t)config->max_inputs, NULL), SIM_OK);
        for (int64_t i = 0; i < config->min_containers; i++)
            pool.containers[i].asked = ++pool.turns;
        uint32_t count = draw_callers(&pool, &c);
        while (slow_step(&pool, count))
            continue;
        case_run(&c);
        ck_assert_msg(c.rows.request_count == count, "seed %lu", (unsigned long)seed);
        qsort(c.rows.requests, count, sizeof *c.rows.requests, compare_arrivals);
        for (uint32_t i = 0; i < count; i++) {
            const struct request_row *row = &c.rows.requests[i];
            ck_assert_msg(row->arrival_ns == pool.rows[i].arrival_ns && row->start_ns == pool.rows[i].start_ns &&
                              row->end_ns == pool.rows[i].end_ns,
                          "seed %lu, request %u", (unsigned long)seed, i);
        }
        case_release(&c);
        free(pool.rows);
        free(pool.demands);
        sharing_plan_release(&pool.plan);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {agrees_with_the_slow_one, NULL};
    return case_main("worlds against a slow one", tests);
}
