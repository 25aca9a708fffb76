/* test_world_failures.c - clients that give up, attempts that fail, containers that crash. */
#include "tests/unit/world_served.h"

static struct world_case c;

/* ---- clients that give up ---- */

/* Three at 0 for one server of 5 s and a patience of 6 s: the first is served, the second is given up while it runs,
 * the third while it waits. Their work goes on, until 15.
 */
START_TEST(work_goes_on_without_its_client)
{
    init_fixed(&c, 1, 1, 5);
    case_burst(&c, 0, 0, 3);
    c.workloads[0].client_timeout_ns = seconds(6);
    case_run(&c);
    expect(case_request(&c, 0, 0), 0, 5, OUTCOME_COMPLETED);
    expect(case_request(&c, 0, 1), 5, 6, OUTCOME_TIMED_OUT);
    expect(case_request(&c, 0, 2), -1, 6, OUTCOME_TIMED_OUT);
    assert_at(case_life(&c, 0)->busy_ns, 15);
    ck_assert_int_eq(case_requests(&c)->arrived, 3);
    ck_assert_int_eq(case_requests(&c)->outcomes[OUTCOME_TIMED_OUT], 2);
    ck_assert_int_eq(case_pool(&c)->completed, 3);
}
END_TEST

START_TEST(cancelled_on_disconnect)
{
    init_fixed(&c, 1, 1, 5);
    case_burst(&c, 0, 0, 3);
    c.workloads[0].client_timeout_ns = seconds(6);
    c.workloads[0].cancel_on_disconnect = true;
    case_burst(&c, 1, 5.5, 1); /* takes the slot that becomes free at 6 */
    case_run(&c);
    expect(case_request(&c, 0, 1), 5, 6, OUTCOME_TIMED_OUT);
    expect(case_request(&c, 0, 2), 6, 6, OUTCOME_TIMED_OUT); /* gets the slot and gives it up in one instant */
    expect(case_request(&c, 1, 0), 6, 11, OUTCOME_COMPLETED);
    assert_at(case_life(&c, 0)->busy_ns, 11);
}
END_TEST

START_TEST(deadlines_are_kept_by_who_ends_with_them)
{
    init_fixed(&c, 1, 1, 5);
    c.workloads[0].client_timeout_ns = seconds(5);
    c.pools[0].timeout_ns = seconds(5);
    case_run(&c);
    expect(case_request(&c, 0, 0), 0, 5, OUTCOME_COMPLETED);
}
END_TEST

/* The answer is ready at 5 and reaches the client at 6; it had patience until 5.5. */
START_TEST(too_late_on_the_way_back)
{
    init_fixed(&c, 1, 1, 5);
    c.workloads[0].client_timeout_ns = seconds(5.5);
    c.pools[0].profile.after_count = 1;
    c.after[0][0] = (struct stage_config){"network", fixed(1), false};
    case_run(&c);
    expect(case_request(&c, 0, 0), 0, 5.5, OUTCOME_TIMED_OUT);
    assert_at(case_life(&c, 0)->busy_ns, 5);
}
END_TEST

/* ---- attempts that fail ---- */

START_TEST(timeout_counts_execution_only)
{
    init_fixed(&c, 1, 1, 5);
    c.pools[0].timeout_ns = seconds(3);
    case_burst(&c, 0, 0, 2);
    case_run(&c);
    expect(case_request(&c, 0, 0), 0, 3, OUTCOME_TIMED_OUT);
    expect(case_request(&c, 0, 1), 3, 6, OUTCOME_TIMED_OUT);
}
END_TEST

/* Attempts 0-3, 4-7, 9-12: pauses of 1 and 2 s. The service starts with the first. */
START_TEST(retries_back_off)
{
    init_fixed(&c, 1, 1, 5);
    c.pools[0].timeout_ns = seconds(3);
    c.pools[0].retries = 2;
    c.pools[0].retry_backoff = 2;
    case_run(&c);
    expect(case_request(&c, 0, 0), 0, 12, OUTCOME_TIMED_OUT);
    ck_assert_int_eq(case_request(&c, 0, 0)->tries, 3);
    assert_at(case_life(&c, 0)->busy_ns, 9);
    case_release(&c);
    c.pools[0].retry_delay_max_ns = seconds(1.5);
    case_run(&c);
    expect(case_request(&c, 0, 0), 0, 11.5, OUTCOME_TIMED_OUT);
}
END_TEST

START_TEST(failures_are_retried)
{
    init_fixed(&c, 1, 1, 1);
    c.pools[0].attempt_failure = 1;
    c.pools[0].retries = 1;
    case_run(&c);
    expect(case_request(&c, 0, 0), 0, 3, OUTCOME_FAILED);
    ck_assert_int_eq(case_request(&c, 0, 0)->tries, 2);
    ck_assert_int_eq(case_pool(&c)->completed, 0);
}
END_TEST

START_TEST(half_of_the_attempts_fail)
{
    init_fixed(&c, 1, 1, 0.01);
    c.pools[0].attempt_failure = 0.5;
    case_burst(&c, 0, 0, 10000);
    case_run(&c);
    int64_t failed = case_requests(&c)->outcomes[OUTCOME_FAILED];
    ck_assert_int_gt(failed, 4800); /* 4 standard deviations of 50 */
    ck_assert_int_lt(failed, 5200);
}
END_TEST

/* ---- crashes ---- */

/* The container that crashed within (from_s, to_s), if it is the only one; -1 otherwise. */
static double only_crash_s(double from_s, double to_s)
{
    double crash_s = -1;
    for (size_t i = 0; i < c.rows.container_count; i++) {
        const struct container_row *row = &c.rows.containers[i];
        if (row->end_cause != END_CRASHED || row->end_ns > seconds(to_s))
            continue;
        if (crash_s >= 0 || row->end_ns < seconds(from_s))
            return -1;
        crash_s = sim_time_to_s(row->end_ns);
    }
    return crash_s;
}

/* Two of workload 0 run, two of workload 1 wait. After the crash the first two go first again, when the new
 * container is ready 10 s later.
 */
START_TEST(a_crash_sends_back_to_the_head)
{
    int crashes = 0;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        init_fixed(&c, 1, 2, 30);
        c.options.seed = seed;
        c.pools[0].crash_rate_per_s = 0.01;
        case_burst(&c, 0, 0, 2);
        case_burst(&c, 1, 1, 2);
        case_run(&c);
        double crash_s = only_crash_s(1, 110);
        if (crash_s >= 0 && crash_s < 30) {
            crashes++;
            const struct request_row *row = case_request(&c, 0, 1);
            ck_assert_int_eq(row->tries, 2);
            expect(row, 0, crash_s + 40, OUTCOME_COMPLETED);
            ck_assert_int_eq(row->container, 1);
            expect(case_request(&c, 1, 0), crash_s + 40, crash_s + 70, OUTCOME_COMPLETED);
            assert_at(case_life(&c, 0)->busy_ns, crash_s);
            assert_at(case_life(&c, 1)->requested_ns, crash_s);
        }
        case_release(&c);
    }
    ck_assert_int_gt(crashes, 5); /* of about 20 or more expected */
}
END_TEST

/* Two containers, one request: if the serving one crashes, the other takes over at once. */
START_TEST(a_crash_moves_to_who_has_room)
{
    int moves = 0;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        init_fixed(&c, 2, 1, 50);
        c.options.seed = seed;
        c.pools[0].crash_rate_per_s = 0.01;
        case_run(&c);
        double crash_s = only_crash_s(0, 110);
        if (crash_s >= 0 && crash_s < 50 && case_request(&c, 0, 0)->tries == 2) {
            expect(case_request(&c, 0, 0), 0, crash_s + 50, OUTCOME_COMPLETED);
            moves++;
        }
        case_release(&c);
    }
    ck_assert_int_gt(moves, 5);
}
END_TEST

/* One retry after a timeout of 20 s, whether or not the container crashed before. */
START_TEST(a_crash_is_no_retry)
{
    int crashes = 0;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        init_fixed(&c, 1, 1, 30);
        c.options.seed = seed;
        c.pools[0].crash_rate_per_s = 0.01;
        c.pools[0].timeout_ns = seconds(20);
        c.pools[0].retries = 1;
        case_run(&c);
        double crash_s = only_crash_s(0, 90);
        if (crash_s >= 0 && crash_s < 20) {
            expect(case_request(&c, 0, 0), 0, crash_s + 10 + 20 + 1 + 20, OUTCOME_TIMED_OUT);
            ck_assert_int_eq(case_request(&c, 0, 0)->tries, 3);
            crashes++;
        }
        case_release(&c);
    }
    ck_assert_int_gt(crashes, 5); /* of about 20 or more expected */
}
END_TEST

/* Ticks, not crashes, are when a pool with ticks is looked at. */
START_TEST(a_crash_waits_for_the_tick)
{
    case_init(&c);
    c.pools[0].min_containers = 1;
    c.pools[0].crash_rate_per_s = 0.1;
    case_run(&c);
    ck_assert_int_gt(case_pool(&c)->crashes, 3);
    for (size_t i = 1; i < c.rows.decision_count; i++)
        ck_assert_int_eq(c.rows.decisions[i].time_ns % SIM_SECOND, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {work_goes_on_without_its_client,
                                  cancelled_on_disconnect,
                                  deadlines_are_kept_by_who_ends_with_them,
                                  too_late_on_the_way_back,
                                  timeout_counts_execution_only,
                                  retries_back_off,
                                  failures_are_retried,
                                  half_of_the_attempts_fail,
                                  a_crash_sends_back_to_the_head,
                                  a_crash_moves_to_who_has_room,
                                  a_crash_is_no_retry,
                                  a_crash_waits_for_the_tick,
                                  NULL};
    return case_main("failures", tests);
}
