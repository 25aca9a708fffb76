/* test_world_memory.c - GPU memory: who takes it, who fails for want of it, and what is counted. */
#include "tests/unit/world_served.h"

static struct world_case c;

/* One warm container of 24 GB that takes four requests of 5 s, which need gb each. */
static void init_memory(double reserved_gb, double gb)
{
    init_fixed(&c, 1, 4, 5);
    c.pools[0].gpu_memory_gb = 24;
    c.pools[0].reserved_memory_gb = reserved_gb;
    c.classes[0][0].memory_gb = gb;
}

/* 14 + 3 x 3 GB are 23 GB: the fourth has no room. */
START_TEST(who_does_not_fit_fails_at_once)
{
    init_memory(14, 3);
    case_burst(&c, 0, 0, 4);
    case_run(&c);
    expect(case_request(&c, 0, 0), 0, 0, OUTCOME_FAILED);
    for (size_t i = 1; i < 4; i++)
        expect(case_request(&c, 0, i), 0, 5, OUTCOME_COMPLETED);
    ck_assert_int_eq(case_pool(&c)->out_of_memory, 1);
    ck_assert_int_eq(case_pool(&c)->memory_max, INT64_C(23000000000));
    ck_assert_int_eq(case_pool(&c)->memory_share_max, INT64_C(958333333));
}
END_TEST

START_TEST(what_fits_exactly_fits)
{
    init_memory(14, 2.5);
    case_burst(&c, 0, 0, 4);
    case_run(&c);
    ck_assert_int_eq(case_pool(&c)->out_of_memory, 0);
    ck_assert_int_eq(case_pool(&c)->memory_share_max, 1000000000);
}
END_TEST

/* It comes again 6 s later, when the others are gone. */
START_TEST(retries_find_room)
{
    init_memory(14, 3);
    case_burst(&c, 0, 0, 4);
    c.pools[0].retries = 1;
    c.pools[0].retry_delay_ns = seconds(6);
    case_run(&c);
    expect(case_request(&c, 0, 3), 0, 11, OUTCOME_COMPLETED);
    ck_assert_int_eq(case_request(&c, 0, 3)->tries, 2);
    ck_assert_int_eq(case_pool(&c)->out_of_memory, 1);
}
END_TEST

/* Without any pause attempts fail one after the other in one instant, and then it is over. */
START_TEST(retries_without_a_pause_end)
{
    init_memory(14, 3);
    case_burst(&c, 0, 0, 4);
    c.pools[0].retries = 3;
    c.pools[0].retry_delay_ns = 0;
    case_run(&c);
    expect(case_request(&c, 0, 0), 0, 0, OUTCOME_FAILED);
    ck_assert_int_eq(case_request(&c, 0, 0)->tries, 4);
    ck_assert_int_eq(case_pool(&c)->out_of_memory, 4);
}
END_TEST

/* 12 GB for 5 of 200 s beside 12 GB all the time: of 24 GB half, and a half of 5/200. */
START_TEST(use_is_averaged_over_ready_time)
{
    init_memory(12, 12);
    case_run(&c);
    double share = (double)case_pool(&c)->memory_integral / (double)case_pool(&c)->memory_room;
    ck_assert_double_eq_tol(share, 0.5 + 0.5 * 5 / 200, 1e-12);
}
END_TEST

START_TEST(a_larger_gpu_holds_more)
{
    init_memory(14, 3);
    case_burst(&c, 0, 0, 4);
    c.pools[0].served_count = 1;
    c.served[0][0] =
        (struct served_config){.gpu = "A100-80GB", .share = 1, .speed = 1, .attempt_failure = -1, .memory_gb = 80};
    case_run(&c);
    ck_assert_int_eq(case_pool(&c)->out_of_memory, 0);
    ck_assert_int_eq(case_pool(&c)->memory_max, INT64_C(26000000000));
    ck_assert_int_eq((int64_t)(case_pool(&c)->memory_room / SIM_SECOND), INT64_C(80000000000) * 200);
}
END_TEST

/* Timeouts and clients that give up leave no memory behind. */
START_TEST(memory_is_given_back)
{
    init_memory(14, 3);
    c.pools[0].timeout_ns = seconds(2);
    c.workloads[0].client_timeout_ns = seconds(2.5);
    c.workloads[0].cancel_on_disconnect = true;
    case_burst(&c, 0, 0, 3);
    case_burst(&c, 1, 1, 1);
    c.workloads[1].client_timeout_ns = seconds(1.5);
    c.workloads[1].cancel_on_disconnect = true;
    case_create(&c);
    world_run_until(c.world, seconds(5));
    case_finish(&c);
    double share = (double)case_pool(&c)->memory_integral / (double)case_pool(&c)->memory_room;
    ck_assert_double_eq_tol(share, (14.0 * 200 + 3 * 3 * 2) / 24 / 200, 1e-12);
}
END_TEST

/* What a crash sends back takes its memory anew. */
START_TEST(crashes_free_it)
{
    init_memory(14, 3);
    c.config.duration_ns = seconds(2000);
    c.pools[0].crash_rate_per_s = 0.05;
    c.workloads[0].arrivals.process = ARRIVAL_CLOSED;
    c.workloads[0].arrivals.clients = 3;
    case_run(&c);
    ck_assert_int_gt(case_pool(&c)->crashes, 20);
    ck_assert_int_eq(case_pool(&c)->out_of_memory, 0);
    ck_assert_int_eq(case_pool(&c)->memory_max, INT64_C(23000000000));
}
END_TEST

START_TEST(unknown_memory_is_not_watched)
{
    init_memory(14, 3);
    c.pools[0].gpu_memory_gb = 0;
    case_burst(&c, 0, 0, 4);
    case_run(&c);
    ck_assert_int_eq(case_requests(&c)->outcomes[OUTCOME_COMPLETED], 4);
    ck_assert(case_pool(&c)->memory_room == 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {who_does_not_fit_fails_at_once,
                                  what_fits_exactly_fits,
                                  retries_find_room,
                                  retries_without_a_pause_end,
                                  use_is_averaged_over_ready_time,
                                  a_larger_gpu_holds_more,
                                  memory_is_given_back,
                                  crashes_free_it,
                                  unknown_memory_is_not_watched,
                                  NULL};
    return case_main("memory", tests);
}
