/* test_world_chance.c - what is drawn: by the seed alone, and the callers the same whatever the policies do.
 *
 * A failure prints the seed of its scenario.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/property/world_fingerprint.h"

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
        drop_case(c);
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

static void sort_callers(struct case_rows *rows)
{
    if (rows->requests) /* or there is nothing to point at */
        qsort(rows->requests, rows->request_count, sizeof *rows->requests, compare_callers);
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
        sort_callers(&before);
        sort_callers(&c->rows);
        for (size_t i = 0; i < c->rows.request_count; i++)
            claim(compare_callers(&before.requests[i], &c->rows.requests[i]) == 0);
        case_rows_release(&before);
        drop_case(c);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {seeds_decide, policies_do_not_change_the_callers, NULL};
    return case_main("chance", tests);
}
