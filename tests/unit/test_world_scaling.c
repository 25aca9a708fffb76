/* test_world_scaling.c - how many containers there are, and how many inputs each may take. */
#include "tests/world_case.h"

static struct world_case c;

static void expect_decision(size_t number, double at_s, int32_t before, int32_t wanted, enum scaling_reason reason)
{
    ck_assert_uint_lt(number, c.rows.decision_count);
    const struct decision_row *row = &c.rows.decisions[number];
    assert_at(row->time_ns, at_s);
    ck_assert_int_eq(row->wanted_before, before);
    ck_assert_int_eq(row->wanted, wanted);
    ck_assert_int_eq(row->reason, (int)reason);
}

/* Ten at once: the first finds nothing alive and starts one; the tick sees them all. */
START_TEST(demand)
{
    case_init(&c);
    case_burst(&c, 0, 0.5, 10);
    c.pools[0].max_inputs = 3;
    c.pools[0].target_inputs = 2;
    case_run(&c);
    expect_decision(0, 0.5, 0, 1, SCALING_DEMAND);
    expect_decision(1, 1, 1, 5, SCALING_DEMAND);
    ck_assert_int_eq(c.rows.decisions[1].pending, 10);
    ck_assert_int_eq(case_pool(&c)->containers_max, 5);
}
END_TEST

START_TEST(at_most_max_containers)
{
    case_init(&c);
    case_burst(&c, 0, 0.5, 10);
    c.pools[0].max_containers = 3;
    case_run(&c);
    ck_assert_int_eq(case_pool(&c)->containers_max, 3);
    expect_decision(1, 1, 1, 3, SCALING_DEMAND);
}
END_TEST

START_TEST(at_most_what_the_quota_leaves)
{
    case_init(&c);
    case_burst(&c, 0, 0.5, 10);
    c.pools[0].gpu_count = 2;
    case_quota(&c, 5);
    case_run(&c);
    ck_assert_int_eq(case_pool(&c)->containers_max, 2);
}
END_TEST

/* One GPU for two pools. The first is retired at the tick at 16; pool 0 ticks before pool 1 does. */
START_TEST(pools_share_the_quota)
{
    case_init(&c);
    case_quota(&c, 1);
    c.config.pool_count = 2;
    c.pools[0].scaledown_window_ns = seconds(5);
    case_burst(&c, 1, 3, 1);
    c.workloads[1].pool = "p1";
    c.workloads[1].pool_index = 1;
    case_run(&c);
    assert_at(case_request(&c, 0, 0)->end_ns, 11);
    assert_at(case_life(&c, 0)->end_ns, 16);
    assert_at(case_request(&c, 1, 0)->start_ns, 26);
}
END_TEST

/* Wants 1 + 2 at the arrival. Active until 60, so the two idle since 10 and the one since 11 all go at the end. */
START_TEST(buffer_while_active)
{
    case_init(&c);
    c.pools[0].buffer_containers = 2;
    case_run(&c);
    expect_decision(0, 0, 0, 3, SCALING_DEMAND);
    assert_at(case_request(&c, 0, 0)->start_ns, 10);
    ck_assert_uint_eq(c.rows.container_count, 3);
    assert_at(c.rows.containers[0].end_ns, 70);
    assert_at(c.rows.containers[1].end_ns, 70);
    assert_at(c.rows.containers[2].end_ns, 71);
}
END_TEST

/* The same with an activity of 100 s: one goes at 70, two are kept until the tick after 100. */
START_TEST(buffer_holds)
{
    case_init(&c);
    c.pools[0].buffer_containers = 2;
    c.pools[0].active_hold_ns = seconds(100);
    case_run(&c);
    assert_at(c.rows.containers[0].end_ns, 70);
    assert_at(c.rows.containers[1].end_ns, 101);
    assert_at(c.rows.containers[2].end_ns, 101);
    expect_decision(1, 70, 3, 2, SCALING_IDLE);
    expect_decision(2, 101, 2, 1, SCALING_IDLE);
}
END_TEST

START_TEST(never_below_the_minimum)
{
    case_init(&c);
    case_burst(&c, 0, 5, 3);
    c.pools[0].min_containers = 1;
    c.pools[0].scaledown_window_ns = seconds(5);
    case_run(&c);
    int kept = 0;
    for (size_t i = 0; i < c.rows.container_count; i++)
        kept += c.rows.containers[i].end_ns < 0;
    ck_assert_int_eq(kept, 1);
    expect_decision(0, 0, 0, 1, SCALING_START);
}
END_TEST

/* Idle from 10.5 for 5 s; gone at the next tick. */
START_TEST(retires_on_ticks)
{
    case_init(&c);
    case_serve(&c, 0.5);
    c.pools[0].scaledown_window_ns = seconds(5);
    case_run(&c);
    assert_at(case_life(&c, 0)->end_ns, 16);
    case_release(&c);
    c.pools[0].tick_ns = seconds(7);
    case_run(&c);
    assert_at(case_life(&c, 0)->end_ns, 21);
}
END_TEST

/* A window that is over exactly at a tick. */
START_TEST(retires_when_the_window_is_over)
{
    case_init(&c);
    c.pools[0].scaledown_window_ns = seconds(5);
    case_run(&c);
    assert_at(case_life(&c, 0)->end_ns, 16);
}
END_TEST

/* Three ready at 10, 11 and 11. The first serves at 10 and 11, the second at 11; the third is idle from 11, the
 * others from 12. All are surplus: each goes after 2 s.
 */
START_TEST(substantial_surplus_goes_early)
{
    case_init(&c);
    case_burst(&c, 0, 0, 3);
    c.pools[0].over_factor = 0.5;
    case_run(&c);
    ck_assert_int_eq(c.rows.containers[0].container, 2);
    assert_at(c.rows.containers[0].end_ns, 13);
    assert_at(c.rows.containers[1].end_ns, 14);
    assert_at(c.rows.containers[2].end_ns, 14);
    expect_decision(2, 13, 3, 2, SCALING_SURPLUS);
}
END_TEST

/* The second starts at the tick at 1 and is never needed; a surplus of 1 is not more than 1 x the want of 1. The
 * first one, idle from 3, goes when its window is over.
 */
START_TEST(small_surplus_stays)
{
    case_init(&c);
    case_burst(&c, 0, 0, 3);
    c.pools[0].over_factor = 1;
    c.pools[0].min_containers = 1;
    case_run(&c);
    ck_assert_int_eq(c.rows.containers[0].container, 0);
    assert_at(c.rows.containers[0].end_ns, 63);
}
END_TEST

/* Its only request is gone at 3; the start goes on all the same, and idles out. */
START_TEST(starting_ones_are_not_cancelled)
{
    case_init(&c);
    c.workloads[0].client_timeout_ns = seconds(3);
    c.workloads[0].cancel_on_disconnect = true;
    case_run(&c);
    assert_at(case_life(&c, 0)->ready_ns, 10);
    assert_at(case_life(&c, 0)->end_ns, 70);
    assert_at(case_life(&c, 0)->busy_ns, 0);
    ck_assert_int_eq(case_request(&c, 0, 0)->outcome, OUTCOME_TIMED_OUT);
}
END_TEST

/* Unless the platform is read so: at the tick at 3 nobody is there any more. */
START_TEST(starting_ones_are_cancelled)
{
    case_init(&c);
    c.workloads[0].client_timeout_ns = seconds(3);
    c.workloads[0].cancel_on_disconnect = true;
    c.pools[0].cancel_starting = true;
    case_run(&c);
    const struct container_row *life = case_life(&c, 0);
    ck_assert_int_eq(life->end_cause, END_CANCELLED);
    ck_assert_int_eq(life->ready_ns, -1);
    assert_at(life->end_ns, 3);
    assert_at(life->starting_ns, 3);
    ck_assert_int_eq(case_pool(&c)->starts[STARTED_FULL], 0);
}
END_TEST

/* Five wanted at the tick at 1, two still at that at 2 when three of the five have given up: the newest goes first. */
START_TEST(the_newest_is_cancelled_first)
{
    case_init(&c);
    case_burst(&c, 0, 0.5, 3);
    case_burst(&c, 1, 1.5, 2);
    c.workloads[1].client_timeout_ns = seconds(2);
    c.workloads[1].cancel_on_disconnect = true;
    c.pools[0].cancel_starting = true;
    case_run(&c);
    size_t cancelled = 0;
    for (size_t i = 0; i < c.rows.container_count; i++) {
        const struct container_row *row = &c.rows.containers[i];
        if (row->end_cause != END_CANCELLED)
            continue;
        assert_at(row->requested_ns, 2);
        assert_at(row->end_ns, 4);
        cancelled++;
    }
    ck_assert_uint_eq(cancelled, 2);
    ck_assert_uint_eq(c.rows.container_count, 5);
}
END_TEST

/* One at the arrival that finds none, then one at each tick. */
START_TEST(so_many_at_a_time)
{
    case_init(&c);
    case_burst(&c, 0, 0.5, 4);
    c.pools[0].start_limit = 1;
    case_run(&c);
    ck_assert_uint_eq(c.rows.container_count, 4);
    assert_at(case_life(&c, 0)->requested_ns, 0.5);
    for (int32_t i = 1; i < 4; i++)
        assert_at(case_life(&c, i)->requested_ns, i);
}
END_TEST

/* It holds the slot: of two in a container with one slot, the second waits for both fetches. */
START_TEST(fetching_takes_time)
{
    case_init(&c);
    case_fix(&c, 1);
    case_burst(&c, 0, 10, 2);
    c.pools[0].fetch_latency_ns = seconds(0.25);
    case_run(&c);
    assert_at(case_request(&c, 0, 0)->end_ns, 11.25);
    assert_at(case_request(&c, 0, 1)->start_ns, 11.25);
    assert_at(case_request(&c, 0, 1)->end_ns, 12.5);
}
END_TEST

/* Waiting for a GPU is not being alive: each arrival finds no container alive and is seen at once. */
START_TEST(arrivals_during_a_stock_out)
{
    case_init(&c);
    c.pools[0].allocation_s = fixed(30);
    case_burst(&c, 0, 0.25, 1);
    case_burst(&c, 1, 0.5, 1);
    case_run(&c);
    expect_decision(0, 0.25, 0, 1, SCALING_DEMAND);
    expect_decision(1, 0.5, 1, 2, SCALING_DEMAND);
}
END_TEST

/* Who waits for a GPU counts in what is written down, before and after: a retirement takes away one. */
START_TEST(decisions_count_those_without_a_gpu)
{
    case_init(&c);
    c.pools[0].scaledown_window_ns = seconds(5);
    c.pools[0].buffer_containers = 1;
    case_burst(&c, 0, 0.5, 2);
    size_t retired_meanwhile = 0;
    ck_assert_int_eq(sim_distribution_uniform(&c.pools[0].allocation_s, 0, 40, NULL), SIM_OK);
    for (c.options.seed = 1; c.options.seed <= 40; c.options.seed++) {
        case_run(&c);
        for (size_t i = 0; i < c.rows.decision_count; i++) {
            const struct decision_row *row = &c.rows.decisions[i];
            if (row->reason != SCALING_IDLE)
                continue;
            ck_assert_int_eq(row->wanted, row->wanted_before - 1);
            retired_meanwhile += row->starting > 0;
        }
        case_release(&c);
    }
    ck_assert_uint_gt(retired_meanwhile, 0);
}
END_TEST

START_TEST(fixed_pools_do_not_scale)
{
    case_init(&c);
    case_fix(&c, 2);
    case_burst(&c, 0, 0, 50);
    case_run(&c);
    ck_assert_uint_eq(c.rows.decision_count, 1);
    ck_assert_uint_eq(c.rows.container_count, 2);
    assert_at(case_request(&c, 0, 49)->end_ns, 25);
}
END_TEST

/* ---- polls ---- */

/* One warm container that may take 4 and aims at 1. Three come at 10: one at once, two at the first poll, which is
 * at U + 3 k. All take 20 s. From the poll after that on it may take 1 again: who comes at 31, when two are inside,
 * waits for a poll, or for both to be gone, though three fitted before.
 */
START_TEST(polls_raise_at_once_and_lower_by_attrition)
{
    double lowest = 3, highest = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        case_init(&c);
        case_fix(&c, 1);
        c.options.seed = seed;
        c.pools[0].max_inputs = 4;
        c.pools[0].target_inputs = 1;
        case_serve(&c, 20);
        case_burst(&c, 0, 10, 3);
        case_burst(&c, 1, 31, 1);
        case_run(&c);
        assert_at(case_request(&c, 0, 0)->start_ns, 10);
        sim_time_ns poll_ns = case_request(&c, 0, 1)->start_ns;
        ck_assert_int_eq(case_request(&c, 0, 2)->start_ns, poll_ns);
        ck_assert_int_ge(poll_ns, seconds(10));
        ck_assert_int_lt(poll_ns, seconds(13));
        sim_time_ns end_ns = poll_ns + seconds(20);
        sim_time_ns next_ns = poll_ns;
        while (next_ns < seconds(31))
            next_ns += seconds(3);
        if (end_ns > seconds(31))
            ck_assert_int_eq(case_request(&c, 1, 0)->start_ns, end_ns < next_ns ? end_ns : next_ns);
        double phase = sim_time_to_s(poll_ns % seconds(3));
        lowest = phase < lowest ? phase : lowest;
        highest = phase > highest ? phase : highest;
        case_release(&c);
    }
    ck_assert_double_lt(lowest, 0.5); /* each fails with (5/6)^40 = 7e-4 */
    ck_assert_double_gt(highest, 2.5);
}
END_TEST

/* Two containers and six at once: shares of 3 for each. At the first poll P + R = 6, at the second too. */
START_TEST(polls_give_even_shares)
{
    case_init(&c);
    case_fix(&c, 2);
    c.pools[0].max_inputs = 10;
    c.pools[0].target_inputs = 1;
    case_serve(&c, 20);
    case_burst(&c, 0, 10, 6);
    case_run(&c);
    int inside[2] = {0};
    for (size_t i = 0; i < 6; i++)
        inside[case_request(&c, 0, i)->container]++;
    ck_assert_int_eq(inside[0], 3);
    ck_assert_int_eq(inside[1], 3);
    ck_assert_int_lt(case_request(&c, 0, 5)->start_ns, seconds(13));
}
END_TEST

/* The same six for one that is ready and one that starts: divided among both, three at the first poll. */
START_TEST(polls_may_count_those_that_start)
{
    for (int32_t share = POLL_SHARE_READY; share <= POLL_SHARE_ALIVE; share++) {
        case_init(&c);
        c.pools[0].min_containers = 1;
        c.pools[0].max_containers = 2;
        c.pools[0].max_inputs = 10;
        c.pools[0].target_inputs = 1;
        c.pools[0].poll_share = share;
        case_serve(&c, 20);
        case_burst(&c, 0, 10, 6);
        case_run(&c);
        size_t early = 0;
        for (size_t i = 0; i < 6; i++)
            early += case_request(&c, 0, i)->start_ns < seconds(14);
        ck_assert_uint_eq(early, share == POLL_SHARE_READY ? 6 : 3);
        case_release(&c);
    }
}
END_TEST

START_TEST(polls_do_not_exceed_max_inputs)
{
    case_init(&c);
    case_fix(&c, 1);
    c.pools[0].max_inputs = 4;
    c.pools[0].target_inputs = 2;
    case_serve(&c, 20);
    case_burst(&c, 0, 10, 9);
    case_run(&c);
    int at_first = 0;
    for (size_t i = 0; i < 9; i++)
        at_first += case_request(&c, 0, i)->start_ns < seconds(13);
    ck_assert_int_eq(at_first, 4);
}
END_TEST

/* A container that becomes ready polls for the first time within 3 s of that. */
START_TEST(first_poll_counts_from_ready)
{
    case_init(&c);
    c.pools[0].max_containers = 1;
    c.pools[0].max_inputs = 2;
    c.pools[0].target_inputs = 1;
    case_serve(&c, 20);
    case_burst(&c, 0, 0, 2);
    case_run(&c);
    assert_at(case_request(&c, 0, 0)->start_ns, 10);
    ck_assert_int_ge(case_request(&c, 0, 1)->start_ns, seconds(10));
    ck_assert_int_lt(case_request(&c, 0, 1)->start_ns, seconds(13));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {demand,
                                  at_most_max_containers,
                                  at_most_what_the_quota_leaves,
                                  pools_share_the_quota,
                                  buffer_while_active,
                                  buffer_holds,
                                  never_below_the_minimum,
                                  retires_on_ticks,
                                  retires_when_the_window_is_over,
                                  substantial_surplus_goes_early,
                                  small_surplus_stays,
                                  starting_ones_are_not_cancelled,
                                  arrivals_during_a_stock_out,
                                  decisions_count_those_without_a_gpu,
                                  fixed_pools_do_not_scale,
                                  polls_raise_at_once_and_lower_by_attrition,
                                  polls_give_even_shares,
                                  polls_may_count_those_that_start,
                                  starting_ones_are_cancelled,
                                  the_newest_is_cancelled_first,
                                  so_many_at_a_time,
                                  fetching_takes_time,
                                  polls_do_not_exceed_max_inputs,
                                  first_poll_counts_from_ready,
                                  NULL};
    return case_main("scaling", tests);
}
