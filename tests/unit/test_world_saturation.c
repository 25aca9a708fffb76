/* test_world_saturation.c - a pool that cannot keep up says so, and costs nothing more. */
#include "tests/world_case.h"

static struct world_case c;

/* One container that takes 1 s a request; `rate` arrive in a second, for an hour, in intervals of a minute. */
static void load_one_server(double rate_per_s)
{
    case_init(&c);
    case_fix(&c, 1);
    case_serve(&c, 1);
    c.workloads[0].arrivals.process = ARRIVAL_POISSON;
    c.workloads[0].arrivals.rate_per_s = rate_per_s;
    c.config.duration_ns = seconds(3600);
    c.config.drain_ns = 0;
    c.options.series_count = 60;
}

/* Ten minutes of a queue that grows by one a second. */
START_TEST(overload_is_noticed)
{
    load_one_server(2);
    case_run(&c);
    sim_time_ns saturated_ns = c.result.saturated_ns[0];
    ck_assert_int_ge(saturated_ns, seconds(600));
    ck_assert_int_le(saturated_ns, seconds(900));
}
END_TEST

START_TEST(a_busy_server_is_not_saturated)
{
    load_one_server(0.9);
    case_run(&c);
    ck_assert_int_eq(c.result.saturated_ns[0], -1);
}
END_TEST

/* A burst is worked off: the queue shrinks again. */
START_TEST(a_burst_is_not_saturation)
{
    case_init(&c);
    case_fix(&c, 1);
    case_serve(&c, 1);
    case_burst(&c, 0, 0, 500);
    c.config.duration_ns = seconds(3600);
    c.options.series_count = 60;
    case_run(&c);
    ck_assert_int_eq(c.result.saturated_ns[0], -1);
}
END_TEST

/* Beyond the limit requests are counted and not kept: all are accounted for, and no more than 100 wait. */
START_TEST(a_full_queue_only_counts)
{
    load_one_server(3);
    c.pools[0].queue_limit = 100;
    case_run(&c);
    const struct request_tally *tally = case_requests(&c);
    int64_t completed = tally->outcomes[OUTCOME_COMPLETED];
    ck_assert_int_ge(c.result.saturated_ns[0], 0);
    ck_assert_int_lt(c.result.saturated_ns[0], seconds(300));
    ck_assert_int_le(case_pool(&c)->queue_max, 100);
    ck_assert_int_ge(completed, 3590);
    ck_assert_int_eq(completed + tally->outcomes[OUTCOME_IN_FLIGHT], tally->arrived);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {overload_is_noticed, a_busy_server_is_not_saturated, a_burst_is_not_saturation,
                                  a_full_queue_only_counts, NULL};
    return case_main("saturation", tests);
}
