/* test_world_books.c - what is counted: the window, blocks, intervals, bills, the end of the run. */
#include "models/world_internal.h"
#include "tests/world_case.h"

static struct world_case c;

/* One warm container until 20 s, of which the first 5 warm up; a request takes 3 s. */
static void init_window(void)
{
    case_init(&c);
    case_fix(&c, 1);
    case_serve(&c, 3);
    c.config.duration_ns = seconds(20);
    c.config.warm_up_ns = seconds(5);
}

START_TEST(the_warm_up_is_not_counted)
{
    init_window();
    case_burst(&c, 0, 4, 1);
    case_burst(&c, 1, 5, 1);
    case_run(&c);
    const struct container_row *life = case_life(&c, 0);
    assert_at(life->busy_ns, 5); /* 5 to 10 */
    assert_at(life->idle_ns, 10);
    ck_assert_int_eq(life->cost_nusd, seconds(15));
    ck_assert_int_eq(c.result.blocks[0].requests[0].arrived, 1);
    ck_assert_int_eq(c.result.blocks[0].requests[0].outcomes[OUTCOME_COMPLETED], 1);
    ck_assert_int_eq(c.result.blocks[1].requests[0].arrived, 0);
    ck_assert_int_eq(c.result.blocks[1].requests[1].arrived, 1); /* at the border: in the window */
    ck_assert(!case_request(&c, 0, 0)->is_counted);
    ck_assert(case_request(&c, 1, 0)->is_counted);
    ck_assert_int_eq(c.result.blocks[0].pools[0].starts[STARTED_WARM], 1);
    ck_assert_int_eq(case_pool(&c)->completed, 2); /* in the window, whenever they came */
    ck_assert_int_eq((int64_t)case_pool(&c)->main_busy_ns, seconds(5));
    ck_assert_int_eq((int64_t)case_pool(&c)->queue_integral, seconds(2));
    ck_assert_int_eq((int64_t)case_pool(&c)->ready_slot_integral, seconds(15));
}
END_TEST

START_TEST(lives_of_the_warm_up_cost_nothing)
{
    case_init(&c);
    c.pools[0].scaledown_window_ns = seconds(5);
    c.config.warm_up_ns = seconds(50);
    case_run(&c);
    assert_at(case_life(&c, 0)->end_ns, 16);
    ck_assert_int_eq(case_life(&c, 0)->cost_nusd, 0);
    ck_assert_int_eq(c.result.bill_nusd[0], 0);
    ck_assert_int_eq(case_pool(&c)->starts[STARTED_FULL], 0);
}
END_TEST

/* Blocks of 5 s from 5 s on; busy from 8 to 14. */
START_TEST(blocks_share_the_window)
{
    init_window();
    c.options.block_count = 3;
    case_serve(&c, 6);
    case_burst(&c, 0, 8, 1);
    case_run(&c);
    ck_assert_uint_eq(c.result.block_count, 4);
    for (size_t i = 1; i < 4; i++) {
        assert_at(c.result.blocks[i].from_ns, 5.0 * (double)i);
        assert_at(c.result.blocks[i].to_ns, 5.0 * (double)i + 5);
    }
    ck_assert_int_eq((int64_t)c.result.blocks[1].pools[0].state_ns[CONTAINER_BUSY], seconds(2));
    ck_assert_int_eq((int64_t)c.result.blocks[2].pools[0].state_ns[CONTAINER_BUSY], seconds(4));
    ck_assert_int_eq((int64_t)c.result.blocks[3].pools[0].state_ns[CONTAINER_BUSY], 0);
    ck_assert_int_eq(c.result.blocks[1].requests[0].outcomes[OUTCOME_COMPLETED], 1); /* the block of its arrival */
    ck_assert_int_eq(c.result.blocks[2].pools[0].completed, 1);                      /* the block of its end */
}
END_TEST

static void gather(struct sim_histogram_pack *sums)
{
    for (int k = 0; k < DURATION_COUNT; k++)
        sums[k] = (struct sim_histogram_pack){0};
    for (size_t b = 0; b < c.result.block_count; b++)
        for (size_t i = 0; i < result_class_count(&c.config); i++)
            for (int k = 0; k < DURATION_COUNT; k++)
                sim_histogram_pack_merge(&sums[k], &c.result.blocks[b].durations[i][k]);
}

/* Two callers are answered by turns, one many blocks after it came: their blocks are packed and opened again, and
 * hold what one block for all of them holds.
 */
START_TEST(late_answers_reach_their_blocks)
{
    struct sim_histogram_pack one[DURATION_COUNT], many[DURATION_COUNT];
    case_init(&c);
    case_fix(&c, 2);
    case_serve(&c, 1);
    c.pools[1] = c.pools[0];
    c.pools[1].name = "p1";
    c.pools[1].max_inputs = 60;
    c.config.pool_count = 2;
    case_burst(&c, 0, 0, 100);
    case_burst(&c, 1, 21, 60);
    c.workloads[1].pool = "p1";
    c.workloads[1].arrivals.process = ARRIVAL_POISSON;
    c.workloads[1].arrivals.rate_per_s = 3;
    case_run(&c);
    gather(one);
    case_release(&c);
    c.options.block_count = 40;
    case_run(&c);
    ck_assert_uint_eq(c.result.blocks[1].durations[0][DURATION_LATENCY].count, 100);
    ck_assert_int_eq(sim_histogram_pack_maximum(&c.result.blocks[1].durations[0][DURATION_LATENCY]), seconds(50));
    for (size_t b = 1; b <= 40; b++)
        ck_assert_int_eq((int64_t)c.result.blocks[b].durations[1][DURATION_LATENCY].count,
                         c.result.blocks[b].requests[1].outcomes[OUTCOME_COMPLETED]);
    gather(many);
    for (int k = 0; k < DURATION_COUNT; k++) {
        ck_assert(sim_histogram_pack_equal(&one[k], &many[k]));
        sim_histogram_pack_release(&one[k]);
        sim_histogram_pack_release(&many[k]);
    }
}
END_TEST

START_TEST(intervals_of_the_series)
{
    init_window();
    c.options.series_count = 4;
    case_burst(&c, 0, 4, 2); /* served 4 to 7 and 7 to 10 */
    case_run(&c);
    ck_assert_uint_eq(c.result.series_count, 4);
    static const double busy[] = {0.2, 1, 0, 0};
    static const double queue[] = {0.2, 0.4, 0, 0};
    static const int64_t completed[] = {0, 1, 1, 0}; /* who ends at 10 ends in the interval that begins there */
    for (size_t i = 0; i < 4; i++) {
        const struct series_row *row = &c.result.series[i];
        assert_at(row->from_ns, 5 * (double)i);
        assert_at(row->to_ns, 5 * (double)i + 5);
        ck_assert_double_eq_tol(row->busy_mean, busy[i], 1e-12);
        ck_assert_double_eq_tol(row->idle_mean, 1 - busy[i], 1e-12);
        ck_assert_double_eq_tol(row->queue_mean, queue[i], 1e-12);
        ck_assert_int_eq(row->completed, completed[i]);
        ck_assert_int_eq(row->arrived, i == 0 ? 2 : 0);
        ck_assert_double_eq_tol(row->cost_usd, 5, 1e-12);
    }
}
END_TEST

/* 71 s at $1.95/h x 2 GPUs, $0.0473/h x 2.5 cores and $0.008/h x 16 GiB: 71 x 4.14625 / 3600. */
START_TEST(bills_to_the_nanodollar)
{
    case_init(&c);
    struct pool_config *pool = &c.pools[0];
    pool->gpu_count = 2;
    pool->cpu_cores = 2.5;
    pool->memory_gib = 16;
    pool->price = (struct price_config){.gpu_pusd_per_h = INT64_C(1950000000000),
                                        .core_pusd_per_h = INT64_C(47300000000),
                                        .memory_pusd_per_gib_h = INT64_C(8000000000)};
    case_run(&c);
    ck_assert_int_eq(case_life(&c, 0)->cost_nusd, 81773264); /* 81,773,263.888... */
    ck_assert_int_eq(c.result.bill_nusd[0], 81773264);
}
END_TEST

START_TEST(in_flight_when_the_drain_ends)
{
    init_window();
    case_burst(&c, 0, 19, 1);
    c.config.drain_ns = seconds(1);
    case_run(&c);
    ck_assert_int_eq(case_requests(&c)->outcomes[OUTCOME_IN_FLIGHT], 1);
    assert_at(case_request(&c, 0, 0)->start_ns, 19);
    assert_at(case_request(&c, 0, 0)->end_ns, -1);
    case_release(&c);
    c.config.drain_ns = seconds(3);
    case_run(&c);
    ck_assert_int_eq(case_requests(&c)->outcomes[OUTCOME_COMPLETED], 1);
    assert_at(case_request(&c, 0, 0)->end_ns, 22);
    ck_assert_int_eq(c.result.bill_nusd[0], seconds(15));
}
END_TEST

/* What happens in the drain counts for its requests, and nowhere else. */
START_TEST(the_drain_is_not_the_window)
{
    case_init(&c);
    c.config.duration_ns = seconds(5);
    case_run(&c);
    ck_assert_int_eq(case_requests(&c)->outcomes[OUTCOME_COMPLETED], 1);
    assert_at(case_request(&c, 0, 0)->end_ns, 11);
    ck_assert_int_eq(case_pool(&c)->completed, 0);
    ck_assert_int_eq(case_pool(&c)->starts[STARTED_FULL], 0);
    ck_assert_int_eq((int64_t)case_pool(&c)->main_busy_ns, 0);
    ck_assert_int_eq(c.result.bill_nusd[0], seconds(5));
    assert_at(c.result.last_completion_ns, 11);
}
END_TEST

START_TEST(no_arrivals_after_the_end)
{
    init_window();
    case_burst(&c, 0, 20, 1);
    case_run(&c);
    ck_assert_uint_eq(world_arrived(c.world), 0);
    ck_assert_int_eq(c.result.first_arrival_ns, -1);
    ck_assert_int_eq(c.result.last_completion_ns, -1);
}
END_TEST

/* The first to be sent reaches its pool last. */
START_TEST(first_arrival_is_the_first_sent)
{
    init_window();
    c.config.pool_count = 2;
    case_burst(&c, 0, 1, 1);
    c.pools[0].profile.before_count = 1;
    c.before[0][0] = (struct stage_config){"network", fixed(2), false};
    case_burst(&c, 1, 2, 1);
    c.workloads[1].pool = "p1";
    c.workloads[1].pool_index = 1;
    case_run(&c);
    assert_at(c.result.first_arrival_ns, 1);
}
END_TEST

/* From the fourth that waits on, at 2 s. */
START_TEST(saturated_from_the_limit_on)
{
    init_window();
    c.pools[0].queue_limit = 4;
    case_serve(&c, 100);
    case_burst(&c, 0, 1, 4);
    case_burst(&c, 1, 2, 1);
    case_run(&c);
    assert_at(c.result.saturated_ns[0], 2);
}
END_TEST

START_TEST(a_sample_of_the_rows)
{
    init_window();
    case_serve(&c, 0.001);
    case_burst(&c, 0, 6, 10000);
    c.options.keep_one_in = 10;
    case_run(&c);
    ck_assert_uint_gt(c.rows.request_count, 880); /* 4 standard deviations of 30 */
    ck_assert_uint_lt(c.rows.request_count, 1120);
    ck_assert_int_eq(c.rows.requests[0].weight, 10);
    case_release(&c);
    c.options.keep_one_in = 0;
    case_run(&c);
    ck_assert_uint_eq(c.rows.request_count, 0);
    ck_assert_int_eq(case_requests(&c)->arrived, 10000);
}
END_TEST

START_TEST(limits_of_single_requests)
{
    init_window();
    case_burst(&c, 0, 6, 3); /* latencies 3, 6 and 9 s */
    c.slos[0] = (struct slo_config){"all", "latency_p95_s", 6, NAN};
    c.config.slo_count = 1;
    case_run(&c);
    ck_assert_int_eq(case_requests(&c)->within_limits, 2);
    case_release(&c);
    c.slos[1] = (struct slo_config){"class/first", "wait_p50_s", 2, NAN};
    c.config.slo_count = 2;
    case_run(&c);
    ck_assert_int_eq(case_requests(&c)->within_limits, 1);
}
END_TEST

/* 10 s of start, 1 s of service, 189 s idle in 200: once by state, and what each part is of the bill. */
START_TEST(states_fill_the_life)
{
    case_init(&c);
    c.pools[0].scaledown_window_ns = seconds(1000);
    case_run(&c);
    const struct pool_tally *tally = case_pool(&c);
    ck_assert_int_eq((int64_t)tally->state_ns[CONTAINER_STARTING], seconds(10));
    ck_assert_int_eq((int64_t)tally->state_ns[CONTAINER_BUSY], seconds(1));
    ck_assert_int_eq((int64_t)tally->state_ns[CONTAINER_IDLE], seconds(189));
    assert_at(case_life(&c, 0)->end_ns, -1);
    ck_assert_int_eq(c.result.bill_nusd[0], seconds(200));
}
END_TEST

START_TEST(a_run_can_be_stopped)
{
    static volatile bool stop = true;
    init_window();
    c.options.stop = &stop;
    case_run(&c);
    ck_assert(c.result.interrupted);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {the_warm_up_is_not_counted,    lives_of_the_warm_up_cost_nothing,
                                  blocks_share_the_window,       late_answers_reach_their_blocks,
                                  intervals_of_the_series,       bills_to_the_nanodollar,
                                  in_flight_when_the_drain_ends, the_drain_is_not_the_window,
                                  no_arrivals_after_the_end,     first_arrival_is_the_first_sent,
                                  saturated_from_the_limit_on,   a_sample_of_the_rows,
                                  limits_of_single_requests,     states_fill_the_life,
                                  a_run_can_be_stopped,          NULL};
    return case_main("books", tests);
}
