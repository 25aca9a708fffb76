/* test_world_service.c - requests: queue, dispatch, order at one instant, stages, closed loops. */
#include "tests/unit/world_served.h"

static struct world_case c;

START_TEST(first_come_first_served)
{
    init_fixed(&c, 1, 1, 2);
    case_burst(&c, 0, 1, 3);
    case_run(&c);
    for (size_t i = 0; i < 3; i++)
        expect(case_request(&c, 0, i), 1 + 2.0 * (double)i, 3 + 2.0 * (double)i, OUTCOME_COMPLETED);
    ck_assert_int_eq((int64_t)case_pool(&c)->queue_integral, seconds(6)); /* 0 + 2 + 4 */
    ck_assert_int_eq((int64_t)case_pool(&c)->inputs_integral, seconds(6));
    ck_assert_int_eq(case_pool(&c)->queue_max, 2);
    assert_at(case_life(&c, 0)->busy_ns, 6);
}
END_TEST

/* ---- dispatch ---- */

/* Containers of three requests at 0, 1 and 2 s. */
static void run_order(enum dispatch_order order, double base_s, int32_t containers[3])
{
    init_fixed(&c, 3, 3, base_s);
    c.pools[0].dispatch_order = (int32_t)order;
    for (size_t i = 0; i < 3; i++)
        case_burst(&c, i, (double)i, 1);
    case_run(&c);
    for (int32_t i = 0; i < 3; i++)
        containers[i] = case_request(&c, i, 0)->container;
    case_release(&c);
}

START_TEST(orders_of_dispatch)
{
    int32_t to[3];
    run_order(DISPATCH_FULLEST, 10, to);
    ck_assert(to[0] == 0 && to[1] == 0 && to[2] == 0);
    run_order(DISPATCH_FULLEST, 0.5, to); /* all empty at each arrival: the most recently active */
    ck_assert(to[0] == 0 && to[1] == 0 && to[2] == 0);
    run_order(DISPATCH_LEAST_LOADED, 10, to);
    ck_assert(to[0] != to[1] && to[1] != to[2] && to[0] != to[2]);
    run_order(DISPATCH_LONGEST_WAITING, 10, to);
    ck_assert(to[0] != to[1] && to[1] != to[2] && to[0] != to[2]);
    run_order(DISPATCH_LONGEST_WAITING, 0.5, to);
    ck_assert(to[0] != to[1] && to[1] != to[2] && to[0] != to[2]);
}
END_TEST

/* The first request's first output, at 1.5 s, is no activity: its container has been inactive for longer. */
START_TEST(what_happens_inside_keeps_the_turns)
{
    init_fixed(&c, 2, 2, 3);
    c.pools[0].dispatch_order = DISPATCH_LEAST_LOADED;
    c.pools[0].profile.first_output = 0.5;
    for (size_t i = 0; i < 3; i++)
        case_burst(&c, i, (double)i, 1);
    case_run(&c);
    assert_at(case_request(&c, 0, 0)->first_ns, 1.5);
    ck_assert_int_ne(case_request(&c, 1, 0)->container, case_request(&c, 0, 0)->container);
    ck_assert_int_eq(case_request(&c, 2, 0)->container, case_request(&c, 0, 0)->container);
}
END_TEST

START_TEST(random_order_is_even)
{
    init_fixed(&c, 4, 1, 0.001);
    c.pools[0].dispatch_order = DISPATCH_RANDOM;
    c.workloads[0].arrivals.process = ARRIVAL_CLOSED;
    c.workloads[0].arrivals.clients = 1;
    c.workloads[0].arrivals.think_s = fixed(0.05);
    case_run(&c);
    int64_t counts[4] = {0};
    for (size_t i = 0; i < c.rows.request_count; i++)
        counts[c.rows.requests[i].container]++;
    for (int i = 0; i < 4; i++) { /* of 3922; 4 standard deviations are 108 */
        ck_assert_int_gt(counts[i], 980 - 109);
        ck_assert_int_lt(counts[i], 981 + 109);
    }
}
END_TEST

/* ---- order at one instant ---- */

START_TEST(who_is_done_leaves_before_anybody_comes)
{
    init_fixed(&c, 1, 1, 5);
    case_burst(&c, 1, 5, 1);
    case_run(&c);
    expect(case_request(&c, 1, 0), 5, 10, OUTCOME_COMPLETED);
    ck_assert_int_eq(case_pool(&c)->queue_max, 0);
}
END_TEST

START_TEST(ready_before_arrivals)
{
    case_init(&c);
    case_burst(&c, 1, 11, 1);
    c.pools[0].max_containers = 1;
    c.pools[0].startup_timeout_ns = seconds(10);
    c.workloads[0].client_timeout_ns = seconds(10.5);
    c.workloads[0].cancel_on_disconnect = true;
    case_burst(&c, 1, 10, 1);
    case_run(&c);
    expect(case_request(&c, 0, 0), 10, 10.5, OUTCOME_TIMED_OUT);
    expect(case_request(&c, 1, 0), 10.5, 11.5, OUTCOME_COMPLETED);
    ck_assert(!case_request(&c, 1, 0)->is_cold);
}
END_TEST

START_TEST(arrivals_before_ticks)
{
    case_init(&c);
    case_burst(&c, 1, 1, 1);
    case_run(&c);
    ck_assert_uint_ge(c.rows.decision_count, 2);
    assert_at(c.rows.decisions[1].time_ns, 1);
    ck_assert_int_eq(c.rows.decisions[1].pending, 2);
}
END_TEST

/* ---- stages ---- */

/* Outside 0.2, inside 0.3, main 1, inside 0.4, outside 0.5. Two at 1 s for one slot: the slot is taken from 1.2 to
 * 2.9 and from 2.9 to 4.6.
 */
START_TEST(stages_inside_and_outside)
{
    init_fixed(&c, 1, 1, 1);
    case_burst(&c, 0, 1, 2);
    c.pools[0].profile.before_count = 2;
    c.before[0][0] = (struct stage_config){"network", fixed(0.2), false};
    c.before[0][1] = (struct stage_config){"decode", fixed(0.3), true};
    c.pools[0].profile.after_count = 2;
    c.after[0][0] = (struct stage_config){"encode", fixed(0.4), true};
    c.after[0][1] = (struct stage_config){"network", fixed(0.5), false};
    case_run(&c);
    expect(case_request(&c, 0, 0), 1.2, 3.4, OUTCOME_COMPLETED);
    expect(case_request(&c, 0, 1), 2.9, 5.1, OUTCOME_COMPLETED);
    assert_at(case_request(&c, 0, 0)->arrival_ns, 1);
    assert_at(case_request(&c, 0, 0)->first_ns, 3.4); /* all at the end */
    assert_at(case_life(&c, 0)->busy_ns, 3.4);
    ck_assert_int_eq((int64_t)case_pool(&c)->main_busy_ns, seconds(2));
    case_release(&c);
    c.pools[0].profile.first_output = 0.5;
    case_run(&c);
    assert_at(case_request(&c, 0, 0)->first_ns, 2.5); /* 1.2 + 0.3 + 0.5 and the way back */
    ck_assert_int_eq((int64_t)case_durations(&c)[DURATION_TTFT].sum, seconds(1.5 + 3.2));
}
END_TEST

/* Alone in the main stage it takes 1 s, though another is in a stage before it in the same container. */
START_TEST(only_the_main_stage_is_shared)
{
    init_fixed(&c, 1, 2, 0);
    c.pools[0].profile.per_running_s = 1;
    c.pools[0].profile.before_count = 1;
    c.before[0][0] = (struct stage_config){"decode", fixed(5), true};
    case_burst(&c, 1, 4, 1);
    case_run(&c);
    expect(case_request(&c, 0, 0), 0, 6, OUTCOME_COMPLETED);
    expect(case_request(&c, 1, 0), 4, 10, OUTCOME_COMPLETED);
}
END_TEST

/* A request on its way when time is up was sent in the run: it counts, and the drain waits for it. */
START_TEST(on_the_way_at_the_end)
{
    init_fixed(&c, 1, 1, 1);
    case_burst(&c, 0, 199.5, 2);
    c.pools[0].profile.before_count = 1;
    c.before[0][0] = (struct stage_config){"network", fixed(3), false};
    case_run(&c);
    ck_assert_int_eq(case_requests(&c)->arrived, 2);
    expect(case_request(&c, 0, 1), 203.5, 204.5, OUTCOME_COMPLETED);
    case_release(&c);
    c.config.drain_ns = seconds(1);
    case_run(&c);
    ck_assert_int_eq(case_requests(&c)->arrived, 2);
    ck_assert_int_eq(case_requests(&c)->outcomes[OUTCOME_IN_FLIGHT], 2);
    ck_assert_uint_eq(c.rows.request_count, 2);
    assert_at(case_request(&c, 0, 0)->arrival_ns, 199.5);
}
END_TEST

/* ---- language models ---- */

static void init_batching(int64_t kv_tokens)
{
    init_fixed(&c, 1, 4, 1);
    struct profile_config *profile = &c.pools[0].profile;
    profile->stage = STAGE_CONTINUOUS_BATCHING;
    profile->step_curve = c.curves[0];
    profile->step_curve_count = 1;
    c.curves[0][0] = (struct curve_point){1, 0.1};
    profile->token_budget = 1000;
    profile->max_batch = 4;
    profile->kv_tokens = kv_tokens;
    profile->kv_block = 1;
    c.classes[0][0].input_tokens = fixed(50);
    c.classes[0][0].output_tokens = fixed(11);
}

/* One step for the prompt, which makes the first token, and ten for the others; 59 cached at most, less the last. */
START_TEST(batching_steps)
{
    init_batching(60);
    case_run(&c);
    expect(case_request(&c, 0, 0), 0, 1.1, OUTCOME_COMPLETED);
    assert_at(case_request(&c, 0, 0)->first_ns, 0.1);
    ck_assert_int_eq((int64_t)case_durations(&c)[DURATION_TPOT].sum, seconds(0.1));
    ck_assert_int_eq(case_requests(&c)->input_tokens, 50);
    ck_assert_int_eq(case_pool(&c)->output_tokens, 11);
    ck_assert_int_eq(case_pool(&c)->kv_max, 60);
}
END_TEST

START_TEST(too_long_for_the_memory)
{
    init_batching(59);
    c.workloads[0].arrivals.at_ns = seconds(2);
    case_run(&c);
    expect(case_request(&c, 0, 0), -1, 2, OUTCOME_REJECTED);
    ck_assert_int_eq(case_request(&c, 0, 0)->tries, 0);
    ck_assert_int_eq(case_requests(&c)->outcomes[OUTCOME_REJECTED], 1);
}
END_TEST

/* ---- closed loops ---- */

/* Two clients with a pause of 3 s: A is served 0-1, B 1-2, A comes again at 4, B at 5. */
START_TEST(closed_loop)
{
    init_fixed(&c, 1, 1, 1);
    c.config.duration_ns = seconds(10);
    c.workloads[0].arrivals.process = ARRIVAL_CLOSED;
    c.workloads[0].arrivals.clients = 2;
    c.workloads[0].arrivals.think_s = fixed(3);
    case_run(&c);
    static const double arrivals[] = {0, 0, 4, 5, 8, 9};
    ck_assert_uint_eq(c.rows.request_count, 6);
    for (size_t i = 0; i < 6; i++)
        assert_at(case_request(&c, 0, i)->arrival_ns, arrivals[i]);
    expect(case_request(&c, 0, 1), 1, 2, OUTCOME_COMPLETED);
    expect(case_request(&c, 0, 5), 9, 10, OUTCOME_COMPLETED);
}
END_TEST

/* Whoever gives up pauses too, and comes again, while the work goes on. */
START_TEST(closed_loop_that_gives_up)
{
    init_fixed(&c, 1, 1, 5);
    c.config.duration_ns = seconds(10);
    c.workloads[0].arrivals.process = ARRIVAL_CLOSED;
    c.workloads[0].arrivals.clients = 1;
    c.workloads[0].arrivals.think_s = fixed(3);
    c.workloads[0].client_timeout_ns = seconds(1);
    case_run(&c);
    static const double arrivals[] = {0, 4, 8};
    ck_assert_uint_eq(c.rows.request_count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_at(case_request(&c, 0, i)->arrival_ns, arrivals[i]);
    expect(case_request(&c, 0, 1), 5, 5, OUTCOME_TIMED_OUT); /* its turn comes when it gives up, and is taken */
    expect(case_request(&c, 0, 2), -1, 9, OUTCOME_TIMED_OUT);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {first_come_first_served,
                                  orders_of_dispatch,
                                  what_happens_inside_keeps_the_turns,
                                  random_order_is_even,
                                  who_is_done_leaves_before_anybody_comes,
                                  ready_before_arrivals,
                                  arrivals_before_ticks,
                                  stages_inside_and_outside,
                                  only_the_main_stage_is_shared,
                                  on_the_way_at_the_end,
                                  batching_steps,
                                  too_long_for_the_memory,
                                  closed_loop,
                                  closed_loop_that_gives_up,
                                  NULL};
    return case_main("service", tests);
}
