/* test_world_pieces.c - the same run in pieces, interleaved with another, copied, saved, handed over and guessed.
 *
 * A failure prints the seed of its scenario.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/world_internal.h"
#include "tests/effort.h"
#include "tests/property/world_fingerprint.h"

enum {
    CASES = 600,
    PIECES = 12
};

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
    for (uint64_t seed = 1; seed <= test_effort(CASES / 20, CASES, 10 * CASES); seed++) {
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
        drop_case(whole);
        drop_case(c);
        drop_case(other);
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

/* As a run begins a segment whose true state is known: its own past, which is a guess, is written over. */
static struct world_case *start_in_the_middle(uint64_t seed)
{
    struct world_case *c = sim_allocate(1, sizeof *c);
    draw_case(c, seed);
    c->options.start_ns = c->config.duration_ns / 3;
    case_create(c);
    return c;
}

/* Two worlds, one after the other, against one that did it all. Container rows know only what their world has seen. */
static void check_handing_over(uint64_t seed, bool as_bytes)
{
    struct splitmix random = {~seed};
    struct world_case *whole = start_case(seed);
    struct world_case *first = start_case(seed);
    struct world_case *c = as_bytes ? start_in_the_middle(seed) : start_case(seed);
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
    drop_case(whole);
    drop_case(first);
    drop_case(c);
}

START_TEST(spans_of_two_worlds_add_up)
{
    for (uint64_t seed = 1; seed <= test_effort(CASES / 20, CASES, 10 * CASES); seed++)
        check_handing_over(seed, false);
}
END_TEST

START_TEST(a_checkpoint_goes_on_alike)
{
    for (uint64_t seed = 1; seed <= test_effort(CASES / 80, CASES / 4, CASES); seed++)
        check_handing_over(seed, true);
}
END_TEST

static struct world_case *start_memoryless(uint64_t seed, sim_time_ns start_ns)
{
    struct world_case *c = sim_allocate(1, sizeof *c);
    draw_case(c, seed);
    for (size_t i = 0; i < c->config.workload_count; i++) {
        bool keeps_sessions = c->workloads[i].arrivals.process == ARRIVAL_SESSIONS;
        c->workloads[i].arrivals.process = keeps_sessions ? ARRIVAL_SESSIONS : ARRIVAL_POISSON;
        c->workloads[i].migration.to = NULL;
        c->workloads[i].arrivals.rate_per_s = 0.1 * (double)(1 + (seed + i) % 8);
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
    unsigned alike = 0;
    unsigned cases = test_effort(CASES / 20, CASES, 10 * CASES);
    for (uint64_t seed = 1; seed <= cases; seed++) {
        struct world_case *c = start_memoryless(seed, 0);
        sim_time_ns joint_ns = c->config.duration_ns / 2;
        struct world_case *guess = start_memoryless(seed, joint_ns / 2);
        if (same(digest_at_joint(c, joint_ns), digest_at_joint(guess, joint_ns))) {
            alike++;
            claim(same(rest_of_run(c), rest_of_run(guess)));
        }
        drop_case(c);
        drop_case(guess);
    }
    printf("%u of %u guesses were right\n", alike, cases);
    ck_assert_uint_ge(alike, cases / 10);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {pieces_change_nothing, spans_of_two_worlds_add_up, a_checkpoint_goes_on_alike,
                                  who_is_alike_at_a_joint_goes_on_alike, NULL};
    return case_main("world in pieces", tests);
}
