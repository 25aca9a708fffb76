/* test_world_jobs.c - containers for one request, interruptions, and jobs with checkpoints. */
#include "tests/unit/world_served.h"

static struct world_case c;

/* One warm container, and a job of job_s seconds alone. */
static void init_job(double job_s)
{
    init_fixed(&c, 1, 1, 1);
    c.config.duration_ns = seconds(100000);
    c.pools[0].timeout_ns = SIM_TIME_NEVER;
    c.pools[0].profile.stage = STAGE_INDEPENDENT;
    c.pools[0].profile.service_s = fixed(job_s);
}

/* When the first container was lost; its successor starts then and is ready 10 s later. */
static double loss_s(enum container_end cause)
{
    for (size_t i = 0; i < c.rows.container_count; i++)
        if (c.rows.containers[i].container == 0 && c.rows.containers[i].end_cause == (int32_t)cause)
            return sim_time_to_s(c.rows.containers[i].end_ns);
    return -1;
}

/* Runs with the first seed from `seed` on at which the first container is lost, and the second is not before the
 * job's end. Crashes and interruptions come once in 1,000 s.
 */
static double run_until_lost_once(uint64_t seed)
{
    for (;; seed++) {
        c.options.seed = seed;
        case_run(&c);
        const struct request_row *row = case_request(&c, 0, 0);
        const struct pool_tally *tally = case_pool(&c);
        enum container_end cause = c.pools[0].crash_rate_per_s > 0 ? END_CRASHED : END_INTERRUPTED;
        double first_s = loss_s(cause);
        double second_s = 1e9;
        for (size_t i = 0; i < c.rows.container_count; i++)
            if (c.rows.containers[i].container == 1 && c.rows.containers[i].end_ns >= 0)
                second_s = sim_time_to_s(c.rows.containers[i].end_ns);
        bool is_once = first_s >= 0 && first_s < sim_time_to_s(row->end_ns) && second_s > sim_time_to_s(row->end_ns);
        ck_assert(tally->crashes == 0 || tally->interruptions == 0);
        if (is_once)
            return first_s;
        case_release(&c);
    }
}

/* ---- containers for one request ---- */

/* Three at once: three containers that serve 1 s each and are gone. */
START_TEST(one_request_each)
{
    case_init(&c);
    c.pools[0].single_use = true;
    case_burst(&c, 0, 0, 3);
    case_run(&c);
    ck_assert_uint_eq(c.rows.container_count, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_str_eq(container_end_names[c.rows.containers[i].end_cause], "used");
        ck_assert_int_eq(c.rows.containers[i].end_ns, c.rows.containers[i].ready_ns + SIM_SECOND);
        assert_at(c.rows.containers[i].busy_ns, 1);
        assert_at(c.rows.containers[i].idle_ns, 0);
    }
}
END_TEST

/* A fixed pool replaces what is used up: 10 s of start before each request. */
START_TEST(a_fixed_pool_starts_anew)
{
    init_fixed(&c, 1, 1, 1);
    c.pools[0].single_use = true;
    case_burst(&c, 0, 0, 3);
    case_run(&c);
    expect(case_request(&c, 0, 0), 0, 1, OUTCOME_COMPLETED);
    expect(case_request(&c, 0, 1), 11, 12, OUTCOME_COMPLETED);
    expect(case_request(&c, 0, 2), 22, 23, OUTCOME_COMPLETED);
}
END_TEST

START_TEST(a_failed_attempt_uses_it_up_too)
{
    init_fixed(&c, 1, 1, 1);
    c.pools[0].single_use = true;
    c.pools[0].attempt_failure = 1;
    c.pools[0].retries = 1;
    case_run(&c);
    expect(case_request(&c, 0, 0), 0, 12, OUTCOME_FAILED);
    ck_assert_int_eq(case_pool(&c)->starts[STARTED_FULL], 2);
}
END_TEST

/* ---- jobs ---- */

/* Steps times seconds per step. */
START_TEST(work_multiplies)
{
    init_job(4);
    c.classes[0][0].work = fixed(4220);
    case_run(&c);
    expect(case_request(&c, 0, 0), 0, 16880, OUTCOME_COMPLETED);
}
END_TEST

/* 100 s of work with a checkpoint of 2 s after every 30 s: three of them. */
START_TEST(checkpoints_take_time)
{
    init_job(100);
    c.classes[0][0].checkpoint_ns = seconds(30);
    c.classes[0][0].checkpoint_write_ns = seconds(2);
    case_run(&c);
    expect(case_request(&c, 0, 0), 0, 106, OUTCOME_COMPLETED);
}
END_TEST

START_TEST(a_crash_without_checkpoints_loses_all)
{
    init_job(500);
    c.pools[0].crash_rate_per_s = 1e-3;
    double first_s = run_until_lost_once(1);
    expect(case_request(&c, 0, 0), 0, first_s + 10 + 500, OUTCOME_COMPLETED);
    ck_assert_double_eq_tol((double)case_pool(&c)->lost_ns / 1e9, first_s, 1e-6);
}
END_TEST

START_TEST(a_crash_loses_what_no_checkpoint_holds)
{
    for (uint64_t seed = 1; seed < 20; seed++) {
        init_job(500);
        c.classes[0][0].checkpoint_ns = seconds(60);
        c.pools[0].crash_rate_per_s = 1e-3;
        double first_s = run_until_lost_once(100 * seed);
        double kept_s = (double)(int64_t)(first_s / 60) * 60;
        ck_assert_double_eq_tol(sim_time_to_s(case_request(&c, 0, 0)->end_ns), first_s + 10 + 500 - kept_s, 1e-6);
        ck_assert_double_eq_tol((double)case_pool(&c)->lost_ns / 1e9, first_s - kept_s, 1e-6);
        case_release(&c);
    }
}
END_TEST

/* Twice as fast: a checkpoint after 60 s of running holds 120 s of the work. */
START_TEST(checkpoints_hold_work)
{
    init_job(1000);
    c.classes[0][0].checkpoint_ns = seconds(60);
    c.pools[0].crash_rate_per_s = 1e-3;
    c.pools[0].served_count = 1;
    c.served[0][0] = (struct served_config){.gpu = "other", .share = 1, .speed = 2, .attempt_failure = -1};
    double first_s = run_until_lost_once(1);
    double kept_s = (double)(int64_t)(first_s / 60) * 60;
    ck_assert_double_eq_tol(sim_time_to_s(case_request(&c, 0, 0)->end_ns), first_s + 10 + 500 - kept_s, 1e-6);
}
END_TEST

/* The attempt may take 100 s: three of them, each from the checkpoint at 90 s of the one before, after pauses of 1 s.
 */
START_TEST(timeouts_keep_checkpoints)
{
    init_job(250);
    c.classes[0][0].checkpoint_ns = seconds(45);
    c.pools[0].timeout_ns = seconds(100);
    c.pools[0].retries = 5;
    case_run(&c);
    expect(case_request(&c, 0, 0), 0, 100 + 1 + 100 + 1 + 70, OUTCOME_COMPLETED);
    ck_assert_int_eq(case_request(&c, 0, 0)->tries, 3);
}
END_TEST

/* The same job again, not another one: its time is drawn once. */
START_TEST(a_job_stays_the_same)
{
    init_job(0);
    ck_assert_int_eq(sim_distribution_exponential(&c.pools[0].profile.service_s, 500, NULL), SIM_OK);
    c.classes[0][0].checkpoint_ns = seconds(1000);
    c.pools[0].crash_rate_per_s = 1e-3;
    double first_s = run_until_lost_once(2);
    double again_s = sim_time_to_s(case_request(&c, 0, 0)->end_ns) - first_s - 10;
    case_release(&c);
    c.pools[0].crash_rate_per_s = 0;
    case_run(&c);
    ck_assert_double_eq_tol(again_s, sim_time_to_s(case_request(&c, 0, 0)->end_ns), 1e-6);
}
END_TEST

/* ---- interruptions ---- */

/* An idle container goes at once, whatever the notice. */
START_TEST(idle_ones_go_at_once)
{
    init_fixed(&c, 1, 1, 1);
    c.config.duration_ns = seconds(10000);
    c.pools[0].interruption_rate_per_s = 1e-2;
    c.pools[0].interruption_notice_ns = seconds(30);
    case_run(&c);
    ck_assert_int_gt(case_pool(&c)->interruptions, 60);
    ck_assert_int_eq(case_pool(&c)->crashes, 0);
    for (size_t i = 1; i < c.rows.container_count; i++)
        ck_assert_int_eq(c.rows.containers[i].draining_ns, 0);
}
END_TEST

/* The successor starts at the notice: it is ready when the old one goes. What is done by then is kept. */
START_TEST(notice_saves_the_work)
{
    init_job(500);
    c.classes[0][0].checkpoint_ns = seconds(1e6);
    c.pools[0].interruption_rate_per_s = 1e-3;
    c.pools[0].interruption_notice_ns = seconds(20);
    double first_s = run_until_lost_once(1);
    expect(case_request(&c, 0, 0), 0, 500, OUTCOME_COMPLETED);
    assert_at(case_life(&c, 0)->draining_ns, 20);
    assert_at(case_life(&c, 1)->ready_ns, first_s - 10);
    ck_assert_int_eq((int64_t)case_pool(&c)->lost_ns, 0);
}
END_TEST

/* Writing takes the last 15 of the 20 s of notice; with 25 s there is no time for it. */
START_TEST(notice_has_to_be_enough)
{
    init_job(500);
    c.classes[0][0].checkpoint_ns = seconds(1e6);
    c.classes[0][0].checkpoint_write_ns = seconds(15);
    c.pools[0].interruption_rate_per_s = 1e-3;
    c.pools[0].interruption_notice_ns = seconds(20);
    run_until_lost_once(1);
    expect(case_request(&c, 0, 0), 0, 515, OUTCOME_COMPLETED);
    case_release(&c);
    c.classes[0][0].checkpoint_write_ns = seconds(25);
    double first_s = run_until_lost_once(1);
    expect(case_request(&c, 0, 0), 0, first_s + 500, OUTCOME_COMPLETED);
}
END_TEST

/* Requests that end within the notice do; the container is gone with the last of them. */
START_TEST(short_requests_end_in_time)
{
    init_fixed(&c, 1, 4, 3);
    c.config.duration_ns = seconds(1000);
    c.workloads[0].arrivals.process = ARRIVAL_CLOSED;
    c.workloads[0].arrivals.clients = 4;
    c.pools[0].interruption_rate_per_s = 1e-2;
    c.pools[0].interruption_notice_ns = seconds(5);
    case_run(&c);
    ck_assert_int_gt(case_pool(&c)->interruptions, 3);
    ck_assert_int_eq((int64_t)case_pool(&c)->lost_ns, 0);
    for (size_t i = 0; i < c.rows.request_count; i++)
        ck_assert_int_eq(c.rows.requests[i].tries, 1);
    for (size_t i = 0; i < c.rows.container_count; i++)
        ck_assert_int_le(c.rows.containers[i].draining_ns, seconds(3));
}
END_TEST

/* Of 3 crashes and 1 interruption an hour a quarter are interruptions. */
START_TEST(both_have_their_shares)
{
    init_fixed(&c, 20, 1, 1);
    c.startup[0][0].time_s = fixed(0);
    c.config.duration_ns = 100 * SIM_HOUR;
    c.pools[0].crash_rate_per_s = 3.0 / 3600;
    c.pools[0].interruption_rate_per_s = 1.0 / 3600;
    case_run(&c);
    ck_assert_int_lt(llabs(case_pool(&c)->interruptions - 2000), 180); /* 4 standard deviations */
    ck_assert_int_lt(llabs(case_pool(&c)->crashes - 6000), 310);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {one_request_each,
                                  a_fixed_pool_starts_anew,
                                  a_failed_attempt_uses_it_up_too,
                                  work_multiplies,
                                  checkpoints_take_time,
                                  a_crash_without_checkpoints_loses_all,
                                  a_crash_loses_what_no_checkpoint_holds,
                                  checkpoints_hold_work,
                                  timeouts_keep_checkpoints,
                                  a_job_stays_the_same,
                                  idle_ones_go_at_once,
                                  notice_saves_the_work,
                                  notice_has_to_be_enough,
                                  short_requests_end_in_time,
                                  both_have_their_shares,
                                  NULL};
    return case_main("jobs", tests);
}
