/* test_world.c - what every finished run has to show: the books agree with the rows, and both with the rules.
 *
 * A failure prints the seed of its scenario.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/pricing.h"
#include "models/schedule.h"
#include "models/workload.h"
#include "tests/effort.h"
#include "tests/property/world_random.h"

enum {
    CASES = 600
};

static sim_time_ns overlap_ns(const struct world_case *c, sim_time_ns from_ns, sim_time_ns to_ns)
{
    sim_time_ns low = from_ns > c->config.warm_up_ns ? from_ns : c->config.warm_up_ns;
    sim_time_ns high = to_ns < c->config.duration_ns ? to_ns : c->config.duration_ns;
    return high > low ? high - low : 0;
}

struct rates {
    int64_t lowest;
    int64_t highest;
};

static struct rates rates_of(const struct pool_config *pool, uint32_t gpu)
{
    struct rates rates = {INT64_MAX, 0};
    for (size_t i = 0; i <= pool->price_count; i++) {
        int64_t rate = pricing_served_rate(pool, i, gpu);
        rates.lowest = rate < rates.lowest ? rate : rates.lowest;
        rates.highest = rate > rates.highest ? rate : rates.highest;
    }
    return rates;
}

/* The GPU of a container's row. */
static uint32_t gpu_of(const struct world_case *c, const struct container_row *row)
{
    for (uint32_t gpu = 0; gpu <= c->pools[row->pool].served_count; gpu++)
        if (served_name_number(&c->config, (size_t)row->pool, gpu) == row->gpu)
            return gpu;
    ck_abort_msg("seed %lu: the pool has no such GPU", (unsigned long)c->options.seed);
}

/* States fill the life, as far as it lies in the window; the bill is time x price. */
static void check_containers(const struct world_case *c)
{
    int64_t bills[CASE_POOLS] = {0};
    for (size_t i = 0; i < c->rows.container_count; i++) {
        const struct container_row *row = &c->rows.containers[i];
        const struct pool_config *pool = &c->pools[row->pool];
        sim_time_ns end_ns = row->end_ns < 0 ? SIM_TIME_NEVER : row->end_ns;
        sim_time_ns ready_ns = row->ready_ns < 0 ? end_ns : row->ready_ns;
        sim_time_ns starting_ns = row->allocated_ns < 0 ? 0 : overlap_ns(c, row->allocated_ns, ready_ns);
        claim(row->starting_ns == starting_ns);
        claim(row->busy_ns + row->idle_ns + row->draining_ns == overlap_ns(c, ready_ns, end_ns));
        claim(row->busy_ns >= 0 && row->idle_ns >= 0 && row->draining_ns >= 0);
        claim(row->unbilled_ns >= 0 && row->unbilled_ns <= row->starting_ns);
        claim(row->allocated_ns < 0 || row->allocated_ns >= row->requested_ns);
        sim_time_ns billed_ns = row->busy_ns + row->idle_ns + row->draining_ns;
        if (pool->bill_starting)
            billed_ns += row->starting_ns - row->unbilled_ns;
        struct rates rates = rates_of(pool, gpu_of(c, row));
        claim(row->cost_nusd >= pricing_bill_nusd(billed_ns, rates.lowest));
        claim(row->cost_nusd <= pricing_bill_nusd(billed_ns, rates.highest));
        claim(row->drain_ns < 0 || (row->drain_ns >= row->ready_ns && row->drain_ns <= end_ns));
        claim(row->draining_ns == (row->drain_ns < 0 ? 0 : overlap_ns(c, row->drain_ns, end_ns)));
        claim(row->cost_nusd >= 0);
        bills[row->pool] += row->cost_nusd;
    }
    for (size_t i = 0; i < c->config.pool_count; i++)
        claim(bills[i] == c->result.bill_nusd[i]);
}

struct change {
    sim_time_ns at_ns;
    int64_t by;
    int32_t class_index; /* of the request that comes or goes */
};

static int compare_changes(const void *a, const void *b)
{
    const struct change *x = a;
    const struct change *y = b;
    if (x->at_ns != y->at_ns)
        return x->at_ns < y->at_ns ? -1 : 1;
    return (x->by > y->by) - (x->by < y->by); /* who leaves goes first */
}

static int64_t highest_level(struct change *changes, size_t count)
{
    qsort(changes, count, sizeof *changes, compare_changes);
    int64_t level = 0;
    int64_t highest = 0;
    for (size_t i = 0; i < count; i++) {
        level += changes[i].by;
        highest = level > highest ? level : highest;
    }
    return highest;
}

/* The most containers of a pool, and GPUs of all, that are allowed at any time; 0: no limit. */
static int64_t highest_limit(const struct world_case *c, int32_t number)
{
    int64_t highest = 0;
    sim_time_ns next_ns;
    for (sim_time_ns at_ns = 0; at_ns != SIM_TIME_NEVER; at_ns = next_ns) {
        int64_t limit = schedule_quota_at(&c->config, at_ns);
        next_ns = schedule_quota_next(&c->config, at_ns);
        if (number >= 0) {
            const struct pool_config *pool = &c->pools[number];
            struct pool_settings settings = schedule_settings_at(&c->config, pool, at_ns);
            bool is_kept = autoscaler_of(pool) == &autoscaler_fixed && pool->controller.rule_count == 0;
            limit = is_kept ? settings.min_containers : settings.max_containers;
            next_ns = schedule_settings_next(&c->config, pool, at_ns);
            if (limit == 0 && is_kept)
                continue;
        }
        if (limit == 0)
            return 0;
        highest = limit > highest ? limit : highest;
    }
    return highest;
}

/* Containers from their request to their end: under the quota of GPUs; and until they drain under max_containers. */
static void check_container_limits(const struct world_case *c)
{
    struct change *changes = sim_allocate(2 * c->rows.container_count, sizeof *changes);
    for (int32_t pool = -1; pool < (int32_t)c->config.pool_count; pool++) {
        size_t count = 0;
        for (size_t i = 0; i < c->rows.container_count; i++) {
            const struct container_row *row = &c->rows.containers[i];
            if (pool >= 0 && row->pool != pool)
                continue;
            int64_t weight = pool >= 0 ? 1 : row->gpus;
            sim_time_ns last_ns = pool >= 0 && row->drain_ns >= 0 ? row->drain_ns : row->end_ns;
            changes[count++] = (struct change){row->requested_ns, weight, 0};
            changes[count++] = (struct change){last_ns < 0 ? SIM_TIME_NEVER : last_ns, -weight, 0};
        }
        int64_t limit = highest_limit(c, pool);
        int64_t highest = highest_level(changes, count);
        claim(limit == 0 || highest <= limit);
    }
    free(changes);
}

static const struct container_row *find_life(const struct world_case *c, int32_t pool, int32_t life)
{
    for (size_t i = 0; i < c->rows.container_count; i++)
        if (c->rows.containers[i].pool == pool && c->rows.containers[i].container == life)
            return &c->rows.containers[i];
    return NULL;
}

/* Whether what is outside after the container takes no time: then a request's end is that of its slot. */
static bool ends_inside(const struct pool_config *pool)
{
    for (size_t i = 0; i < pool->profile.after_count; i++)
        if (!pool->profile.after[i].holds_slot)
            return false;
    return true;
}

static int64_t memory_of(const struct world_case *c, int32_t class_index)
{
    size_t workload = 0;
    for (; (size_t)class_index >= c->workloads[workload].class_count; workload++)
        class_index -= (int32_t)c->workloads[workload].class_count;
    return llround(c->workloads[workload].classes[class_index].memory_gb * 1e9);
}

/* Requests that come and go become bytes. */
static void weigh_memory(const struct world_case *c, struct change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        changes[i].by *= memory_of(c, changes[i].class_index);
}

/* Requests that were inside one container for certain, between start and end. */
static void check_inputs(const struct world_case *c, const struct container_row *life, struct change *changes)
{
    size_t count = 0;
    const struct pool_config *pool = &c->pools[life->pool];
    for (size_t i = 0; i < c->rows.request_count; i++) {
        const struct request_row *row = &c->rows.requests[i];
        if (row->pool != life->pool || row->container != life->container || row->tries != 1 ||
            row->outcome != OUTCOME_COMPLETED || !ends_inside(pool))
            continue;
        changes[count++] = (struct change){row->start_ns, 1, row->class_index};
        changes[count++] = (struct change){row->end_ns, -1, row->class_index};
    }
    claim(highest_level(changes, count) <= pool->max_inputs);
    int64_t limit = served_memory_bytes(pool, gpu_of(c, life));
    if (pool->gpu_memory_gb == 0)
        return;
    weigh_memory(c, changes, count);
    claim(highest_level(changes, count) <= limit - llround(pool->reserved_memory_gb * 1e9));
}

/* Sessions have no first output where answers are streamed: their turns have. */
static bool is_session(const struct world_case *c, const struct request_row *row)
{
    size_t workload = 0;
    while (row->class_index >= (int32_t)result_class_index(&c->config, workload + 1, 0))
        workload++;
    return c->workloads[workload].arrivals.process == ARRIVAL_SESSIONS;
}

static void check_requests(const struct world_case *c)
{
    struct change *changes = sim_allocate(2 * c->rows.request_count, sizeof *changes);
    for (size_t i = 0; i < c->rows.container_count; i++)
        check_inputs(c, &c->rows.containers[i], changes);
    free(changes);
    for (size_t i = 0; i < c->rows.request_count; i++) {
        const struct request_row *row = &c->rows.requests[i];
        claim(row->arrival_ns >= 0 && row->arrival_ns < c->config.duration_ns);
        claim(row->is_counted == (row->arrival_ns >= c->config.warm_up_ns));
        claim((row->start_ns < 0) == (row->tries == 0) && (row->container < 0) == (row->tries == 0));
        if (row->outcome == OUTCOME_COMPLETED) {
            claim(row->arrival_ns <= row->start_ns && row->start_ns <= row->end_ns);
            claim(row->first_ns < 0 ? is_session(c, row)
                                    : row->start_ns <= row->first_ns && row->first_ns <= row->end_ns);
        }
        if (row->tries != 1)
            continue;
        const struct container_row *life = find_life(c, row->pool, row->container);
        claim(life != NULL);
        claim(life->ready_ns >= 0 && life->ready_ns <= row->start_ns);
        claim(life->end_ns < 0 || life->end_ns >= row->start_ns);
        claim(row->is_cold == (life->ready_ns > row->arrival_ns));
    }
}

/* The tallies again, from the rows. */
static void check_tallies(const struct world_case *c)
{
    size_t classes = result_class_count(&c->config);
    int64_t total = 0;
    for (size_t k = 0; k < classes; k++) {
        int64_t expected[OUTCOME_COUNT] = {0};
        int64_t outcomes[OUTCOME_COUNT] = {0};
        int64_t cold = 0, attempts = 0, arrived = 0;
        sim_uint128 latency_ns = 0, latency_sum_ns = 0;
        for (size_t i = 0; i < c->rows.request_count; i++) {
            const struct request_row *row = &c->rows.requests[i];
            if (row->class_index != (int32_t)k)
                continue;
            expected[row->outcome]++;
            attempts += row->tries;
            if (row->outcome == OUTCOME_COMPLETED) {
                cold += row->is_cold;
                latency_ns += (uint64_t)(row->end_ns - row->arrival_ns);
            }
        }
        for (size_t b = 0; b < c->result.block_count; b++) {
            const struct request_tally *tally = &c->result.blocks[b].requests[k];
            for (int o = 0; o < OUTCOME_COUNT; o++)
                outcomes[o] += tally->outcomes[o];
            cold -= tally->cold;
            attempts -= tally->attempts;
            arrived += tally->arrived;
            latency_sum_ns += c->result.blocks[b].durations[k][DURATION_LATENCY].sum;
        }
        int64_t sum = 0;
        for (int o = 0; o < OUTCOME_COUNT; o++) {
            claim(outcomes[o] == expected[o]);
            sum += outcomes[o];
        }
        claim(arrived == sum);
        claim(cold == 0);
        claim(attempts == 0);
        claim(latency_ns == latency_sum_ns);
        total += arrived;
    }
    claim(total == (int64_t)c->rows.request_count);
}

/* Everybody whom the workloads send in [0, duration) has a row. */
static void check_callers(const struct world_case *c)
{
    for (size_t w = 0; w < c->config.workload_count; w++) {
        if (c->workloads[w].arrivals.process == ARRIVAL_CLOSED)
            continue;
        static struct workload workload;
        ck_assert_int_eq(workload_init(&workload, &c->config, w, c->options.seed, c->options.replication, NULL),
                         SIM_OK);
        int64_t missing = 0;
        for (const struct request_draw *caller;
             (caller = workload_peek(&workload)) && caller->arrival_ns < c->config.duration_ns;
             workload_advance(&workload))
            missing++;
        int32_t first = (int32_t)result_class_index(&c->config, w, 0);
        int32_t end = (int32_t)result_class_index(&c->config, w + 1, 0);
        for (size_t i = 0; i < c->rows.request_count; i++)
            missing -= c->rows.requests[i].class_index >= first && c->rows.requests[i].class_index < end;
        claim(missing == 0);
        workload_release(&workload);
    }
}

/* Everything in the window, from the rows of containers. */
static void check_pools(const struct world_case *c)
{
    for (size_t p = 0; p < c->config.pool_count; p++) {
        sim_int128 states_ns[CONTAINER_STATE_COUNT] = {0};
        sim_int128 served_ns[SERVED_MAX + 1] = {0};
        int64_t starts[CONTAINER_START_COUNT] = {0};
        for (size_t i = 0; i < c->rows.container_count; i++) {
            const struct container_row *row = &c->rows.containers[i];
            if (row->pool != (int32_t)p)
                continue;
            states_ns[CONTAINER_STARTING] += row->starting_ns;
            states_ns[CONTAINER_BUSY] += row->busy_ns;
            states_ns[CONTAINER_IDLE] += row->idle_ns;
            states_ns[CONTAINER_DRAINING] += row->draining_ns;
            served_ns[gpu_of(c, row)] += row->starting_ns + row->busy_ns + row->idle_ns + row->draining_ns;
            starts[row->how] += row->ready_ns >= c->config.warm_up_ns && row->ready_ns < c->config.duration_ns;
        }
        for (size_t b = 1; b < c->result.block_count; b++) {
            const struct pool_tally *tally = &c->result.blocks[b].pools[p];
            for (int s = 0; s < CONTAINER_STATE_COUNT; s++)
                states_ns[s] -= tally->state_ns[s];
            for (int h = 0; h < CONTAINER_START_COUNT; h++)
                starts[h] -= tally->starts[h];
            for (int g = 0; g < SERVED_MAX; g++)
                served_ns[g + 1] -= tally->served_ns[g];
        }
        for (int s = 0; s < CONTAINER_STATE_COUNT; s++)
            claim(states_ns[s] == 0);
        for (int h = 0; h < CONTAINER_START_COUNT; h++)
            claim(starts[h] == 0);
        for (size_t b = 0; b < c->result.block_count; b++) {
            const struct pool_tally *tally = &c->result.blocks[b].pools[p];
            claim(tally->memory_integral >= 0 && tally->memory_integral <= tally->memory_room);
            claim(tally->memory_share_max >= 0 && tally->memory_share_max <= 1000000000);
            claim(c->pools[p].gpu_memory_gb > 0 || tally->out_of_memory == 0);
        }
        for (int g = 1; g <= SERVED_MAX; g++)
            claim(served_ns[g] == 0);
    }
}

START_TEST(books_agree_with_rows)
{
    for (uint64_t seed = 1; seed <= test_effort(CASES / 20, CASES, 10 * CASES); seed++) {
        struct world_case *c = start_case(seed);
        case_finish(c);
        check_containers(c);
        check_container_limits(c);
        check_requests(c);
        check_tallies(c);
        check_callers(c);
        check_pools(c);
        drop_case(c);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {books_agree_with_rows, NULL};
    return case_main("world", tests);
}
