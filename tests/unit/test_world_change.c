/* test_world_change.c - settings, prices and quotas that change while a world runs. */
#include "models/pricing.h"
#include "sim/calendar.h"
#include "tests/world_case.h"

static struct world_case c;

static struct setting_config least(int64_t min_containers)
{
    return (struct setting_config){.given = 1u << SETTING_MIN_CONTAINERS, .min_containers = min_containers};
}

static struct setting_config most(int64_t max_containers)
{
    return (struct setting_config){.given = 1u << SETTING_MAX_CONTAINERS, .max_containers = max_containers};
}

/* Ready containers of pool 0 at a time, from the rows. */
static int ready_at(double time_s)
{
    int count = 0;
    for (size_t i = 0; i < c.rows.container_count; i++) {
        const struct container_row *row = &c.rows.containers[i];
        bool has_begun = row->ready_ns >= 0 && row->ready_ns <= seconds(time_s);
        if (row->pool == 0 && has_begun && (row->end_ns < 0 || row->end_ns > seconds(time_s)))
            count++;
    }
    return count;
}

static void price(double from_s, int64_t usd_per_h_1e12)
{
    c.prices[0][c.pools[0].price_count++] =
        (struct price_change){.from = "", .from_ns = seconds(from_s), .gpu_pusd_per_h = usd_per_h_1e12};
}

/* ---- settings ---- */

/* At 100.5 s, which is no tick, two containers are wanted: requested at that instant, ready 10 s later. */
START_TEST(a_raised_minimum_starts_containers_at_its_instant)
{
    case_init(&c);
    c.config.workload_count = 0;
    *case_schedule(&c, seconds(100.5), SIM_TIME_NEVER) = least(2);
    case_run(&c);
    ck_assert_uint_eq(c.rows.container_count, 2);
    assert_at(case_life(&c, 0)->requested_ns, 100.5);
    assert_at(case_life(&c, 1)->ready_ns, 110.5);
    ck_assert_int_eq(c.rows.decisions[0].reason, SCALING_MINIMUM);
    case_release(&c);
}
END_TEST

/* Off for 60 s: the container goes when it has idled for its window, and is there again when it is wanted. */
START_TEST(a_lowered_minimum_lets_containers_idle_out)
{
    case_init(&c);
    c.config.workload_count = 0;
    c.pools[0].min_containers = 1;
    c.pools[0].scaledown_window_ns = seconds(20);
    *case_schedule(&c, seconds(50), seconds(110)) = least(0);
    case_run(&c);
    assert_at(case_life(&c, 0)->end_ns, 50); /* idle since 0 */
    assert_at(case_life(&c, 1)->requested_ns, 110);
    assert_at(case_life(&c, 1)->ready_ns, 120);
    assert_at(case_life(&c, 1)->end_ns, -1);
    case_release(&c);
}
END_TEST

START_TEST(a_window_in_force)
{
    case_init(&c);
    *case_schedule(&c, seconds(31), SIM_TIME_NEVER) =
        (struct setting_config){.given = 1u << SETTING_SCALEDOWN_WINDOW, .scaledown_window_ns = seconds(20)};
    case_run(&c);
    assert_at(case_life(&c, 0)->end_ns, 31); /* idle from 11 s on */
    case_release(&c);
}
END_TEST

/* Five are busy for 40 s when only two are allowed: three take nothing more and end when they are empty. */
START_TEST(above_a_lowered_maximum_busy_containers_drain)
{
    case_init(&c);
    case_serve(&c, 40);
    case_burst(&c, 0, 0, 5);
    case_burst(&c, 1, 20, 5);
    c.pools[0].max_containers = 5;
    *case_schedule(&c, seconds(30), SIM_TIME_NEVER) = most(2);
    case_run(&c);
    ck_assert_uint_eq(c.rows.container_count, 5);
    ck_assert_int_eq(ready_at(49.9), 5);
    ck_assert_int_eq(ready_at(51), 2);
    for (int life = 0; life < 3; life++) {
        const struct container_row *row = case_life(&c, life);
        double ready_s = life == 0 ? 10 : 11; /* the first is requested on arrival, the others on the tick */
        assert_at(row->drain_ns, 30);
        assert_at(row->end_ns, ready_s + 40);
        assert_at(row->draining_ns, ready_s + 10);
        assert_at(row->busy_ns, 30 - ready_s);
        ck_assert_int_eq(row->end_cause, END_RETIRED);
    }
    ck_assert_int_eq((int64_t)case_pool(&c)->state_ns[CONTAINER_DRAINING], seconds(20 + 21 + 21));
    ck_assert_int_eq(case_requests(&c)->outcomes[OUTCOME_COMPLETED], 5);
    case_release(&c);
}
END_TEST

START_TEST(above_a_lowered_maximum_idle_containers_go_at_once)
{
    case_init(&c);
    case_burst(&c, 0, 0, 5);
    *case_schedule(&c, seconds(30.25), SIM_TIME_NEVER) = most(2);
    case_run(&c);
    ck_assert_int_eq(ready_at(30.2), 5);
    ck_assert_int_eq(ready_at(30.25), 2);
    ck_assert_int_eq(ready_at(71.9), 2);
    ck_assert_int_eq(ready_at(72), 0);
    case_release(&c);
}
END_TEST

/* A fixed pool has 1, 3 and 1 again. At 100 s the two with the fewest requests inside leave: those that are empty. */
START_TEST(a_fixed_pool_follows)
{
    case_init(&c);
    case_fix(&c, 1);
    case_serve(&c, 30);
    case_burst(&c, 0, 90, 1);
    *case_schedule(&c, seconds(50), seconds(100)) = least(3);
    case_run(&c);
    ck_assert_int_eq(ready_at(59.9), 1);
    ck_assert_int_eq(ready_at(60), 3);
    ck_assert_int_eq(ready_at(99.9), 3);
    ck_assert_int_eq(ready_at(100), 1);
    ck_assert_int_eq(case_requests(&c)->outcomes[OUTCOME_COMPLETED], 1);
    ck_assert_int_eq(case_pool(&c)->containers_max, 3);
    case_release(&c);
}
END_TEST

/* None at all: the busy one drains, who comes later waits until there is one again. */
START_TEST(a_fixed_pool_closes)
{
    case_init(&c);
    case_fix(&c, 1);
    case_serve(&c, 30);
    case_burst(&c, 0, 40, 1);
    case_burst(&c, 1, 60, 1);
    *case_schedule(&c, seconds(50), seconds(100)) = least(0);
    case_run(&c);
    assert_at(case_life(&c, 0)->drain_ns, 50);
    assert_at(case_life(&c, 0)->end_ns, 70);
    assert_at(case_life(&c, 1)->requested_ns, 100);
    assert_at(case_request(&c, 1, 0)->start_ns, 110);
    case_release(&c);
}
END_TEST

/* A start that is under way when its container is not wanted any more goes on; the container ends when it is ready. */
START_TEST(a_fixed_pool_sends_away_what_starts)
{
    case_init(&c);
    case_fix(&c, 1);
    c.config.workload_count = 0;
    *case_schedule(&c, seconds(50), seconds(55)) = least(2);
    case_run(&c);
    ck_assert_uint_eq(c.rows.container_count, 2);
    int64_t ended_ns = case_life(&c, 0)->end_ns < 0 ? case_life(&c, 1)->end_ns : case_life(&c, 0)->end_ns;
    assert_at(ended_ns, 60);
    case_release(&c);
}
END_TEST

/* Two requests inside at first, four from 20 s on, which waiting ones use at once; one more container for the rest. */
START_TEST(a_raised_target)
{
    case_init(&c);
    case_fix(&c, 1);
    case_serve(&c, 100);
    case_burst(&c, 0, 0, 6);
    c.pools[0].max_inputs = 4;
    c.pools[0].target_inputs = 2;
    c.pools[0].poll_ns = seconds(1000);
    *case_schedule(&c, seconds(20), SIM_TIME_NEVER) =
        (struct setting_config){.given = 1u << SETTING_TARGET_INPUTS, .target_inputs = 4};
    case_run(&c);
    int started[2] = {0, 0};
    for (size_t i = 0; i < 6; i++) {
        started[0] += case_request(&c, 0, i)->start_ns == 0;
        started[1] += case_request(&c, 0, i)->start_ns == seconds(20);
    }
    ck_assert_int_eq(started[0], 2);
    ck_assert_int_eq(started[1], 2);
    case_release(&c);
}
END_TEST

/* Three days from a Friday. One container is kept from 8 to 18 on weekdays, and none else; a start takes 10 s, and an
 * idle container goes after a minute.
 */
START_TEST(to_zero_outside_business_hours)
{
    static const double calls_h[CASE_WORKLOADS] = {3, 9, 33}; /* at night, on Friday, on Saturday */
    case_init(&c);
    ck_assert(sim_calendar_day_start(2026, 1, 2, &c.config.start_ns));
    c.config.duration_ns = 3 * SIM_DAY;
    for (size_t i = 0; i < CASE_WORKLOADS; i++)
        case_burst(&c, i, calls_h[i] * 3600, 1);
    *case_schedule(&c, INT64_MIN, SIM_TIME_NEVER) = least(1);
    c.schedules[0][0].days = 31;
    c.schedules[0][0].hours_from_ns = 8 * SIM_HOUR;
    c.schedules[0][0].hours_to_ns = 18 * SIM_HOUR;
    case_run(&c);
    ck_assert_uint_eq(c.rows.container_count, 3);
    ck_assert(case_request(&c, 0, 0)->is_cold && !case_request(&c, 1, 0)->is_cold && case_request(&c, 2, 0)->is_cold);
    assert_at(case_request(&c, 1, 0)->start_ns, 9 * 3600);
    assert_at(case_life(&c, 0)->end_ns, 3 * 3600 + 11 + 60);
    assert_at(case_life(&c, 1)->requested_ns, 8 * 3600);
    assert_at(case_life(&c, 1)->end_ns, 18 * 3600);
    ck_assert_int_eq(ready_at(7.9 * 3600) + ready_at(18.1 * 3600) + ready_at(34 * 3600) + ready_at(60 * 3600), 0);
    ck_assert_int_eq(c.result.bill_nusd[0], 2 * seconds(71) + seconds(10 * 3600));
    case_release(&c);
}
END_TEST

/* Ten requests at once on two days: two containers at most on the first, five from the second on. */
START_TEST(a_larger_pool_from_a_date)
{
    case_init(&c);
    case_serve(&c, 100);
    c.config.duration_ns = 2 * SIM_DAY;
    case_burst(&c, 0, 3600, 10);
    case_burst(&c, 1, 3600 + 86400, 10);
    c.pools[0].max_containers = 2;
    *case_schedule(&c, SIM_DAY, SIM_TIME_NEVER) = most(5);
    case_run(&c);
    ck_assert_int_eq(ready_at(3600 + 60), 2);
    ck_assert_int_eq(ready_at(86400 + 3600 + 60), 5);
    ck_assert_uint_eq(c.rows.container_count, 7);
    case_release(&c);
}
END_TEST

/* ---- prices ---- */

/* 3 s at 542 000 and 7 s at 500 000.000000277 nanodollars per second: 5 126 000.0000019. */
START_TEST(a_price_changes_within_a_life)
{
    case_init(&c);
    case_fix(&c, 1);
    c.config.workload_count = 0;
    c.config.duration_ns = seconds(10);
    c.pools[0].price.gpu_pusd_per_h = 1951200000000; /* $0.000542/s */
    price(3, 1800000000001);
    case_run(&c);
    ck_assert_int_eq(c.result.bill_nusd[0], 1626000 + 3500000);
    ck_assert(case_pool(&c)->cost[CONTAINER_IDLE] ==
              (sim_int128)seconds(3) * 1951200000000 + (sim_int128)seconds(7) * 1800000000001);
    ck_assert_int_eq(case_life(&c, 0)->cost_nusd, 5126000);
    case_release(&c);
}
END_TEST

/* Half a nanodollar before and half a one after: each alone would be rounded up to 1, and so is the whole. */
START_TEST(a_bill_is_rounded_once)
{
    case_init(&c);
    case_fix(&c, 1);
    c.config.workload_count = 0;
    c.config.duration_ns = 2;
    c.pools[0].price.gpu_pusd_per_h = 1800 * INT64_C(1000000000000); /* half a nanodollar per ns */
    c.prices[0][0] = (struct price_change){.from = "", .from_ns = 1, .gpu_pusd_per_h = 1800 * INT64_C(1000000000000)};
    c.pools[0].price_count = 1;
    case_run(&c);
    ck_assert_int_eq(c.result.bill_nusd[0], 1);
    case_release(&c);
}
END_TEST

/* A price that began before the run holds from its begin; the warm-up is not billed. */
START_TEST(prices_before_the_window)
{
    case_init(&c);
    case_fix(&c, 2);
    c.config.workload_count = 0;
    c.config.duration_ns = seconds(100);
    c.config.warm_up_ns = seconds(10);
    c.options.block_count = 3;
    c.options.series_count = 7;
    price(-5, INT64_C(7200000000000000));  /* $2 per second */
    price(5, INT64_C(10800000000000000));  /* $3 */
    price(40, INT64_C(18000000000000000)); /* $5 */
    price(100, INT64_C(36000000000000000));
    case_run(&c);
    ck_assert_int_eq(c.result.bill_nusd[0], 2 * (30 * seconds(3) + 60 * seconds(5)));
    double cost = 0;
    for (size_t i = 0; i < c.result.series_count; i++)
        cost += c.result.series[i].cost_usd;
    ck_assert_double_eq_tol(cost, 2 * (5 * 2 + 35 * 3 + 60 * 5), 1e-6);
    case_release(&c);
}
END_TEST

START_TEST(starts_that_are_not_billed)
{
    case_init(&c);
    c.pools[0].bill_starting = false;
    c.config.duration_ns = seconds(50);
    price(5, INT64_C(7200000000000000));
    price(20, INT64_C(3600000000000000));
    case_run(&c);
    ck_assert_int_eq(c.result.bill_nusd[0], 10 * seconds(2) + 30 * seconds(1)); /* ready at 10 s */
    ck_assert(case_pool(&c)->cost[CONTAINER_STARTING] == 0);
    case_release(&c);
}
END_TEST

/* ---- quotas ---- */

/* Five are wanted and two allowed until 40.5 s, then four: at that instant. */
START_TEST(a_quota_rises)
{
    case_init(&c);
    case_serve(&c, 100);
    case_burst(&c, 0, 0, 5);
    case_quota(&c, 2);
    case_quota(&c, 4);
    c.quotas[0].until_ns = seconds(40.5);
    case_run(&c);
    ck_assert_uint_eq(c.rows.container_count, 4);
    assert_at(case_life(&c, 1)->requested_ns, 1);
    assert_at(case_life(&c, 2)->requested_ns, 40.5);
    assert_at(case_life(&c, 3)->requested_ns, 40.5);
    case_release(&c);
}
END_TEST

/* A fixed pool gets what the quota leaves it, and the rest when the quota rises, or when another pool lets go. */
START_TEST(a_fixed_pool_gets_the_rest_later)
{
    case_init(&c);
    case_fix(&c, 3);
    c.config.pool_count = 2;
    c.workloads[0].pool_index = 1;
    c.pools[1].scaledown_window_ns = seconds(20);
    c.pools[1].min_containers = 1;
    c.schedules[1][0] =
        (struct schedule_config){.name = "off", .from_ns = seconds(30.5), .to_ns = SIM_TIME_NEVER, .set = least(0)};
    c.pools[1].schedule_count = 1;
    case_quota(&c, 2);
    case_quota(&c, 3);
    c.quotas[0].until_ns = seconds(90);
    case_run(&c);
    assert_at(case_life(&c, 1)->requested_ns, 0);
    assert_at(case_life(&c, 2)->requested_ns, 90);
    case_release(&c);
    c.quotas[0].gpus = 3; /* two of them, and one of the other pool until it is idle for 20 s */
    c.pools[0].min_containers = 2;
    *case_schedule(&c, 1, SIM_TIME_NEVER) = least(3);
    case_run(&c);
    assert_at(case_life(&c, 2)->requested_ns, 30.5);
    case_release(&c);
    c.schedules[1][0].from_ns = seconds(20.5); /* the other one goes on the tick at which its window is over */
    case_run(&c);
    assert_at(case_life(&c, 2)->requested_ns, 21);
    case_release(&c);
}
END_TEST

/* A lowered quota takes nothing away; nothing new comes until there is room. */
START_TEST(a_quota_falls)
{
    case_init(&c);
    case_serve(&c, 20);
    case_burst(&c, 0, 0, 4);
    case_burst(&c, 1, 60, 4);
    c.pools[0].scaledown_window_ns = seconds(5);
    case_quota(&c, 4);
    case_quota(&c, 1);
    c.quotas[0].until_ns = seconds(15);
    case_run(&c);
    ck_assert_int_eq(ready_at(29.9), 4);
    ck_assert_uint_eq(c.rows.container_count, 5);
    assert_at(case_life(&c, 4)->requested_ns, 60);
    case_release(&c);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_raised_minimum_starts_containers_at_its_instant,
                                  a_lowered_minimum_lets_containers_idle_out,
                                  a_window_in_force,
                                  above_a_lowered_maximum_busy_containers_drain,
                                  above_a_lowered_maximum_idle_containers_go_at_once,
                                  a_fixed_pool_follows,
                                  a_fixed_pool_closes,
                                  a_fixed_pool_sends_away_what_starts,
                                  a_raised_target,
                                  to_zero_outside_business_hours,
                                  a_larger_pool_from_a_date,
                                  a_price_changes_within_a_life,
                                  a_bill_is_rounded_once,
                                  prices_before_the_window,
                                  starts_that_are_not_billed,
                                  a_quota_rises,
                                  a_fixed_pool_gets_the_rest_later,
                                  a_quota_falls,
                                  NULL};
    return case_main("world_change", tests);
}
