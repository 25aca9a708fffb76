/* test_world.c - what holds in any world: random scenarios, run in one go, in pieces, copied, saved and interleaved.
 *
 * A failure prints the seed of its scenario.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/pricing.h"
#include "models/world_internal.h"
#include "tests/property/world_random.h"

enum {
    CASES = 600,
    PIECES = 12
};

/* ---- fingerprints: equal rows and tallies feed alike ---- */

static size_t field_size(const struct sim_field *field)
{
    switch (field->type) {
    case SIM_FIELD_UINT8:
        return 1;
    case SIM_FIELD_INT32:
    case SIM_FIELD_CHOICE:
        return 4;
    default:
        return 8;
    }
}

/* By column, because rows have gaps between their members. */
static void feed_rows(struct sim_digest *digest, const struct sim_field_table *table, const void *rows, size_t count)
{
    sim_digest_add(digest, count);
    for (size_t i = 0; i < count; i++) {
        for (size_t f = 0; f < table->count; f++) {
            uint64_t value = 0;
            memcpy(&value, (const char *)rows + i * table->item_size + table->fields[f].offset,
                   field_size(&table->fields[f]));
            sim_digest_add(digest, value);
        }
    }
}

static void feed_words(struct sim_digest *digest, const void *memory, size_t size)
{
    for (size_t i = 0; i < size; i += 8) {
        uint64_t word;
        memcpy(&word, (const char *)memory + i, 8);
        sim_digest_add(digest, word);
    }
}

static void feed_durations(struct sim_digest *digest, const struct sim_histogram_pack *packs)
{
    for (int i = 0; i < DURATION_COUNT; i++) {
        sim_digest_add(digest, (uint64_t)packs[i].sum);
        sim_digest_add(digest, packs[i].size);
        for (size_t k = 0; k < packs[i].size; k++)
            sim_digest_add(digest, packs[i].bytes[k]);
    }
}

static void feed_result(struct sim_digest *digest, const struct world_case *c)
{
    const struct replication_result *result = &c->result;
    for (size_t b = 0; b < result->block_count; b++) {
        for (size_t i = 0; i < result_class_count(&c->config); i++) {
            feed_words(digest, &result->blocks[b].requests[i], sizeof(struct request_tally));
            feed_durations(digest, result->blocks[b].durations[i]);
        }
        for (size_t i = 0; i < c->config.pool_count; i++)
            feed_words(digest, &result->blocks[b].pools[i], sizeof(struct pool_tally));
    }
    feed_rows(digest, &series_row_table, result->series, result->series_count);
    for (size_t i = 0; i < c->config.pool_count; i++) {
        sim_digest_add(digest, (uint64_t)result->bill_nusd[i]);
        sim_digest_add(digest, (uint64_t)result->saturated_ns[i]);
    }
    sim_digest_add(digest, (uint64_t)result->first_arrival_ns);
    sim_digest_add(digest, (uint64_t)result->last_completion_ns);
    sim_digest_add(digest, result->event_count);
}

static void feed_all_rows(struct sim_digest *digest, const struct case_rows *rows)
{
    feed_rows(digest, &request_row_table, rows->requests, rows->request_count);
    feed_rows(digest, &container_row_table, rows->containers, rows->container_count);
    feed_rows(digest, &decision_row_table, rows->decisions, rows->decision_count);
}

static struct sim_digest fingerprint(const struct world_case *c, bool with_rows)
{
    struct sim_digest digest;
    sim_digest_init(&digest);
    feed_result(&digest, c);
    if (with_rows)
        feed_all_rows(&digest, &c->rows);
    return digest;
}

static bool same(struct sim_digest a, struct sim_digest b)
{
    return a.low == b.low && a.high == b.high;
}

/* ---- what every finished run has to show ---- */

#define claim(condition) ck_assert_msg(condition, "seed %lu: " #condition, (unsigned long)c->options.seed)

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

static struct rates rates_of(const struct pool_config *pool)
{
    struct rates rates = {INT64_MAX, 0};
    for (size_t i = 0; i <= pool->price_count; i++) {
        int64_t rate = pricing_period_rate(pool, i);
        rates.lowest = rate < rates.lowest ? rate : rates.lowest;
        rates.highest = rate > rates.highest ? rate : rates.highest;
    }
    return rates;
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
        struct rates rates = rates_of(pool);
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
            limit = pool->platform == PLATFORM_FIXED ? settings.min_containers : settings.max_containers;
            next_ns = schedule_settings_next(&c->config, pool, at_ns);
            if (limit == 0 && pool->platform == PLATFORM_FIXED)
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
            changes[count++] = (struct change){row->requested_ns, weight};
            changes[count++] = (struct change){last_ns < 0 ? SIM_TIME_NEVER : last_ns, -weight};
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
        changes[count++] = (struct change){row->start_ns, 1};
        changes[count++] = (struct change){row->end_ns, -1};
    }
    claim(highest_level(changes, count) <= pool->max_inputs);
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
            claim(row->arrival_ns <= row->start_ns && row->start_ns <= row->first_ns && row->first_ns <= row->end_ns);
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
        int64_t starts[CONTAINER_START_COUNT] = {0};
        for (size_t i = 0; i < c->rows.container_count; i++) {
            const struct container_row *row = &c->rows.containers[i];
            if (row->pool != (int32_t)p)
                continue;
            states_ns[CONTAINER_STARTING] += row->starting_ns;
            states_ns[CONTAINER_BUSY] += row->busy_ns;
            states_ns[CONTAINER_IDLE] += row->idle_ns;
            states_ns[CONTAINER_DRAINING] += row->draining_ns;
            starts[row->how] += row->ready_ns >= c->config.warm_up_ns && row->ready_ns < c->config.duration_ns;
        }
        for (size_t b = 1; b < c->result.block_count; b++) {
            const struct pool_tally *tally = &c->result.blocks[b].pools[p];
            for (int s = 0; s < CONTAINER_STATE_COUNT; s++)
                states_ns[s] -= tally->state_ns[s];
            for (int h = 0; h < CONTAINER_START_COUNT; h++)
                starts[h] -= tally->starts[h];
        }
        for (int s = 0; s < CONTAINER_STATE_COUNT; s++)
            claim(states_ns[s] == 0);
        for (int h = 0; h < CONTAINER_START_COUNT; h++)
            claim(starts[h] == 0);
    }
}

START_TEST(books_agree_with_rows)
{
    for (uint64_t seed = 1; seed <= CASES; seed++) {
        struct world_case *c = sim_allocate(1, sizeof *c);
        draw_case(c, seed);
        case_create(c);
        case_finish(c);
        check_containers(c);
        check_container_limits(c);
        check_requests(c);
        check_tallies(c);
        check_callers(c);
        check_pools(c);
        case_release(c);
        free(c);
    }
}
END_TEST

/* ---- the same run in other ways ---- */

static struct world_case *start_case(uint64_t seed)
{
    struct world_case *c = sim_allocate(1, sizeof *c);
    draw_case(c, seed);
    case_create(c);
    return c;
}

static void drop(struct world_case *c)
{
    case_release(c);
    free(c);
}

/* Whoever waits in a queue waits because no container has room. */
static void check_no_room_is_wasted(const struct world_case *c)
{
    for (size_t i = 0; i < c->config.pool_count; i++) {
        const struct pool *pool = &c->world->pools[i];
        struct sim_random random;
        sim_random_init(&random, 1, 0, 0, 0, 0);
        claim(pool->state.pending == 0 || dispatch_choose(&pool->dispatch, &random) == DISPATCH_NONE);
        claim(pool->state.pending == (int64_t)pool->state.queue.count);
    }
}

START_TEST(pieces_change_nothing)
{
    for (uint64_t seed = 1; seed <= CASES; seed++) {
        struct splitmix random = {~seed};
        struct world_case *whole = start_case(seed);
        struct world_case *c = start_case(seed);
        struct world_case *other = start_case(seed + 1); /* goes on in between, and is not noticed */
        case_finish(whole);
        for (int i = 0; i < PIECES; i++) {
            sim_time_ns step_ns = splitmix_below(&random, c->config.duration_ns / 5);
            world_run_until(c->world, world_now(c->world) + step_ns);
            world_run_until(other->world, world_now(other->world) + step_ns);
            check_no_room_is_wasted(c);
        }
        case_finish(c);
        claim(same(fingerprint(whole, true), fingerprint(c, true)));
        drop(whole);
        drop(c);
        drop(other);
    }
}
END_TEST

/* Rows that come after those of `before`, of each kind. */
static struct sim_digest fingerprint_of_rest(const struct case_rows *all, const struct case_rows *rest)
{
    struct sim_digest digest;
    sim_digest_init(&digest);
    struct case_rows tail = *all;
    tail.requests += all->request_count - rest->request_count;
    tail.containers += all->container_count - rest->container_count;
    tail.decisions += all->decision_count - rest->decision_count;
    tail.request_count = rest->request_count;
    tail.container_count = rest->container_count;
    tail.decision_count = rest->decision_count;
    feed_all_rows(&digest, &tail);
    return digest;
}

static void forget_rows(struct world_case *c)
{
    c->rows.request_count = c->rows.container_count = c->rows.decision_count = 0;
}

/* What a world in the middle of its run hands to `c`, which has run somewhere else: its state as it is, or as bytes. */
static void hand_over(struct world_case *from, struct world_case *c, bool as_bytes)
{
    if (!as_bytes) {
        sim_state_copy(world_state(c->world), world_state(from->world));
        return;
    }
    struct sim_array bytes;
    sim_array_init(&bytes, 1);
    sim_state_save(world_state(from->world), &bytes);
    ck_assert_int_eq(sim_state_load(world_state(c->world), bytes.items, bytes.count), SIM_OK);
    sim_array_release(&bytes);
}

/* Brings the world to a time, and what it has counted until then into *ledger. */
static void run_span(struct world_case *c, sim_time_ns until_ns, struct ledger *ledger)
{
    world_run_until(c->world, until_ns);
    world_take(c->world, ledger);
}

/* Two worlds, one after the other, against one that did it all. Container rows know only what their world has seen. */
static void check_handing_over(uint64_t seed, bool as_bytes)
{
    struct splitmix random = {~seed};
    struct world_case *whole = start_case(seed);
    struct world_case *first = start_case(seed);
    struct world_case *c = start_case(seed);
    struct ledger ledger;
    struct ledger elsewhere;
    struct ledger rest;
    struct sim_error error;
    run_span(first, splitmix_below(&random, first->config.duration_ns), &ledger);
    run_span(c, splitmix_below(&random, c->config.duration_ns), &elsewhere);
    hand_over(first, c, as_bytes);
    claim(world_now(c->world) == world_now(first->world));
    c->world->request_row_count = 0; /* rows that wait for the sink belong to whoever made them */
    forget_rows(c);
    world_finish(c->world);
    world_take(c->world, &rest);
    ledger_append(&ledger, &c->config, &rest);
    enum sim_status status = ledger_audit(&ledger, &c->config, &error);
    ck_assert_msg(status == SIM_OK, "seed %lu: %s", (unsigned long)seed, error.message);
    c->result = ledger_close(&ledger, &c->config);
    case_finish(whole);
    claim(same(fingerprint(whole, false), fingerprint(c, false)));
    whole->rows.container_count = c->rows.container_count = 0;
    struct case_rows *tail = &c->rows;
    claim(same(fingerprint_of_rest(&whole->rows, tail), fingerprint_of_rest(tail, tail)));
    ledger_release(&elsewhere, &c->config);
    ledger_release(&rest, &c->config);
    drop(whole);
    drop(first);
    drop(c);
}

START_TEST(spans_of_two_worlds_add_up)
{
    for (uint64_t seed = 1; seed <= CASES; seed++)
        check_handing_over(seed, false);
}
END_TEST

START_TEST(a_checkpoint_goes_on_alike)
{
    for (uint64_t seed = 1; seed <= CASES / 4; seed++)
        check_handing_over(seed, true);
}
END_TEST

/* ---- guesses ---- */

static struct world_case *start_memoryless(uint64_t seed, sim_time_ns start_ns)
{
    struct world_case *c = sim_allocate(1, sizeof *c);
    draw_case(c, seed);
    for (size_t i = 0; i < c->config.workload_count; i++) {
        c->workloads[i].arrivals.process = ARRIVAL_POISSON;
        c->workloads[i].arrivals.rate_per_s = 0.2 * (double)(1 + (seed + i) % 8);
    }
    c->options.start_ns = start_ns;
    c->options.series_count = 0;
    c->config.duration_ns *= 4;
    case_create(c);
    return c;
}

static struct sim_digest digest_at_joint(struct world_case *c, sim_time_ns joint_ns)
{
    struct sim_digest digest;
    world_run_until(c->world, joint_ns);
    world_joint(c->world);
    sim_digest_init(&digest);
    world_digest(c->world, &digest);
    return digest;
}

/* What is left of the run after a joint, counted by the world that is there. */
static struct sim_digest rest_of_run(struct world_case *c)
{
    struct ledger ledger;
    world_take(c->world, &ledger);
    ledger_release(&ledger, &c->config);
    world_finish(c->world);
    world_take(c->world, &ledger);
    c->result = ledger_close(&ledger, &c->config);
    return fingerprint(c, false);
}

/* A world that began shortly before a joint, without the past, and comes to the same fingerprint there. */
START_TEST(who_is_alike_at_a_joint_goes_on_alike)
{
    int alike = 0;
    for (uint64_t seed = 1; seed <= CASES; seed++) {
        struct world_case *c = start_memoryless(seed, 0);
        sim_time_ns joint_ns = c->config.duration_ns / 2;
        struct world_case *guess = start_memoryless(seed, joint_ns / 2);
        if (same(digest_at_joint(c, joint_ns), digest_at_joint(guess, joint_ns))) {
            alike++;
            claim(same(rest_of_run(c), rest_of_run(guess)));
        }
        drop(c);
        drop(guess);
    }
    printf("%d of %d guesses were right\n", alike, CASES);
    ck_assert_int_ge(alike, CASES / 10);
}
END_TEST

/* ---- chance ---- */

START_TEST(seeds_decide)
{
    int differing = 0;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct world_case *c = start_case(seed);
        case_finish(c);
        struct sim_digest first = fingerprint(c, true);
        case_release(c);
        case_run(c);
        claim(same(first, fingerprint(c, true)));
        case_release(c);
        c->options.seed += 1000000;
        case_run(c);
        differing += !same(first, fingerprint(c, true));
        drop(c);
    }
    ck_assert_int_gt(differing, 90); /* all but those in which nothing is drawn */
}
END_TEST

static int compare_callers(const void *a, const void *b)
{
    const struct request_row *x = a;
    const struct request_row *y = b;
    const int64_t of_x[] = {x->class_index, x->arrival_ns, x->input_tokens, x->output_tokens};
    const int64_t of_y[] = {y->class_index, y->arrival_ns, y->input_tokens, y->output_tokens};
    for (int i = 0; i < 4; i++)
        if (of_x[i] != of_y[i])
            return of_x[i] < of_y[i] ? -1 : 1;
    return 0;
}

/* Another platform, other limits, failures: everything but the callers. */
static void change_policies(struct world_case *c, struct splitmix *random)
{
    for (size_t i = 0; i < c->config.pool_count; i++) {
        struct pool_config *pool = &c->pools[i];
        draw_scaling(random, pool);
        draw_startup(random, pool, c->startup[i]);
        draw_main_stage(c, random, &pool->profile, i);
        pool->max_inputs = between(random, 1, 6);
        pool->target_inputs = 0;
        pool->crash_rate_per_s = 0.01;
        pool->attempt_failure = 0.1;
        pool->retries = 1;
    }
}

START_TEST(policies_do_not_change_the_callers)
{
    for (uint64_t seed = 1; seed <= 150; seed++) {
        struct splitmix random = {~seed};
        struct world_case *c = sim_allocate(1, sizeof *c);
        draw_case(c, seed);
        for (size_t i = 0; i < c->config.workload_count; i++)
            if (c->workloads[i].arrivals.process == ARRIVAL_CLOSED)
                c->workloads[i].arrivals.process = ARRIVAL_POISSON;
        case_run(c);
        struct case_rows before = c->rows;
        c->rows = (struct case_rows){0};
        case_release(c);
        change_policies(c, &random);
        case_run(c);
        claim(before.request_count == c->rows.request_count);
        if (before.request_count > 0) { /* or there is nothing to point at */
            qsort(before.requests, before.request_count, sizeof *before.requests, compare_callers);
            qsort(c->rows.requests, c->rows.request_count, sizeof *c->rows.requests, compare_callers);
        }
        for (size_t i = 0; i < before.request_count; i++)
            claim(compare_callers(&before.requests[i], &c->rows.requests[i]) == 0);
        case_rows_release(&before);
        drop(c);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("worlds");
    TCase *tests = tcase_create("worlds");
    tcase_set_timeout(tests, 600);
    tcase_add_test(tests, books_agree_with_rows);
    tcase_add_test(tests, pieces_change_nothing);
    tcase_add_test(tests, spans_of_two_worlds_add_up);
    tcase_add_test(tests, a_checkpoint_goes_on_alike);
    tcase_add_test(tests, who_is_alike_at_a_joint_goes_on_alike);
    tcase_add_test(tests, seeds_decide);
    tcase_add_test(tests, policies_do_not_change_the_callers);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
