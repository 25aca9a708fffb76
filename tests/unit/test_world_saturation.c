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
}

/* A queue that grows by one a second from the beginning, with a series or without. */
static void overload(size_t series_count)
{
    load_one_server(2);
    c.options.series_count = series_count;
    case_run(&c);
    ck_assert_int_eq(c.result.saturated_ns[0], 0);
}

START_TEST(overload_is_noticed)
{
    overload(0);
}
END_TEST

START_TEST(overload_is_noticed_with_a_series)
{
    overload(77);
}
END_TEST

/* Clients who leave after 5 s keep the queue short, but every second one is not served. */
START_TEST(overload_is_noticed_when_clients_give_up)
{
    load_one_server(2);
    c.workloads[0].client_timeout_ns = seconds(5);
    c.workloads[0].cancel_on_disconnect = true;
    case_run(&c);
    ck_assert_int_eq(c.result.saturated_ns[0], 0);
    ck_assert_int_lt(case_pool(&c)->queue_max, 30);
}
END_TEST

/* Many leave at once although the server is idle for half of the time: they are impatient. */
START_TEST(impatience_is_not_saturation)
{
    load_one_server(0.9);
    c.workloads[0].client_timeout_ns = seconds(1.1);
    c.workloads[0].cancel_on_disconnect = true;
    case_run(&c);
    ck_assert_int_gt(case_requests(&c)->outcomes[OUTCOME_TIMED_OUT], 600);
    ck_assert_int_eq(c.result.saturated_ns[0], -1);
}
END_TEST

/* ---- windows alone ---- */

static sim_time_ns judge(const int64_t *queues, size_t count, int64_t arrived)
{
    struct saturation_window windows[40] = {{0}};
    for (size_t i = 0; i < count; i++)
        windows[i] = (struct saturation_window){.arrived = arrived, .queue = queues[i], .is_over = 1};
    return saturation_since_ns(windows, 40, 1, SIM_DAY);
}

START_TEST(windows_of_a_run)
{
    ck_assert_int_eq(saturation_window_ns(365 * SIM_DAY), SIM_DAY);
    ck_assert_uint_eq(saturation_window_count(365 * SIM_DAY), 365);
    ck_assert_int_eq(saturation_window_ns(10 * SIM_DAY), 3 * SIM_HOUR);
    ck_assert_int_eq(saturation_window_ns(3600 * SIM_SECOND), 60 * SIM_SECOND);
    ck_assert_uint_eq(saturation_window_count(3601 * SIM_SECOND), 61);
    ck_assert_int_eq(saturation_window_ns(1), SIM_SECOND);
    ck_assert_uint_eq(saturation_window_count(1), 1);
}
END_TEST

/* Growth that begins in window 3, falls back at weekends, and does not come down; then one that does. */
START_TEST(a_queue_that_lasts)
{
    const int64_t growing[] = {0, 2, 1, 40, 80, 70, 60, 100, 140, 180, 220, 210, 200, 240, 280};
    const int64_t shrinking[] = {0, 0, 0, 400, 380, 340, 300, 270, 220, 180, 140, 120, 80, 70, 60};
    const int64_t constant[] = {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9};
    ck_assert_int_eq(judge(growing, 15, 100), 3 * SIM_DAY);
    ck_assert_int_eq(judge(growing, 12, 100), -1); /* nine windows */
    ck_assert_int_eq(judge(shrinking, 15, 100), -1);
    ck_assert_int_eq(judge(constant, 15, 100), -1);
    ck_assert_int_eq(judge(growing, 15, 1000), -1); /* less than a twentieth */
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
    const TTest *const tests[] = {overload_is_noticed,
                                  overload_is_noticed_with_a_series,
                                  overload_is_noticed_when_clients_give_up,
                                  impatience_is_not_saturation,
                                  a_busy_server_is_not_saturated,
                                  a_burst_is_not_saturation,
                                  a_full_queue_only_counts,
                                  windows_of_a_run,
                                  a_queue_that_lasts,
                                  NULL};
    return case_main("saturation", tests);
}
