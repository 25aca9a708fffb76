/* test_world_rules.c - a controller looks, decides and waits for its effect; alerts keep their times. */
#include "tests/world_case.h"

static struct world_case c;

static void expect_decision(size_t number, double at_s, int32_t before, int32_t wanted, int32_t rule)
{
    ck_assert_uint_lt(number, c.rows.decision_count);
    const struct decision_row *row = &c.rows.decisions[number];
    assert_at(row->time_ns, at_s);
    ck_assert_int_eq(row->wanted_before, before);
    ck_assert_int_eq(row->wanted, wanted);
    ck_assert_int_eq(row->rule, rule);
    ck_assert_int_eq(row->reason == SCALING_RULE, rule > 0);
}

/* Ten at 0.5 to one pod that serves one a second; another pod takes 10 s to come. The controller looks every 2 s. */
static void init_pods(void)
{
    case_init(&c);
    case_fix(&c, 1);
    case_burst(&c, 0, 0.5, 10);
    c.pools[0].max_containers = 3;
    c.pools[0].controller.period_ns = seconds(2);
    c.pools[0].controller.delay_ns = seconds(1);
    case_rule(&c, case_condition(GAUGE_QUEUE, GAUGE_ABOVE, 3), 1);
}

/* Waiting at 2: eight; at 4: six; at 6: four, but there are three pods then, and more are not allowed. The first pod is
 * idle from 10.5, the second from 13, the third from 15. At 18 the second has idled for 5 s, which is not more than 5.
 */
START_TEST(pods_are_ordered_and_returned)
{
    init_pods();
    case_rule(&c, case_condition(GAUGE_IDLE_TIME, GAUGE_ABOVE, 5), -1);
    case_run(&c);
    expect_decision(1, 2, 1, 2, 1);
    expect_decision(2, 3, 1, 2, 0);
    expect_decision(3, 4, 2, 3, 1);
    expect_decision(4, 5, 2, 3, 0);
    expect_decision(5, 16, 3, 2, 2);
    expect_decision(6, 17, 3, 2, 0);
    expect_decision(7, 20, 2, 1, 2);
    expect_decision(8, 21, 2, 1, 0);
    ck_assert_uint_eq(c.rows.decision_count, 9);
    assert_at(case_life(&c, 0)->end_ns, 17);
    assert_at(case_life(&c, 1)->ready_ns, 13);
    assert_at(case_life(&c, 1)->end_ns, 21);
    assert_at(case_life(&c, 2)->ready_ns, 15);
    assert_at(case_life(&c, 2)->end_ns, -1);
    ck_assert_int_eq(case_pool(&c)->rule_additions, 2);
    ck_assert_int_eq(case_pool(&c)->rule_removals, 2);
}
END_TEST

START_TEST(between_decisions_it_cools_down)
{
    init_pods();
    c.pools[0].controller.cooldown_ns = seconds(4);
    case_run(&c);
    expect_decision(1, 2, 1, 2, 1);
    expect_decision(3, 6, 2, 3, 1);
}
END_TEST

/* The effect of the decision at 2 comes at 5; until then there is no other. */
START_TEST(one_decision_at_a_time)
{
    init_pods();
    c.pools[0].controller.delay_ns = seconds(3);
    case_run(&c);
    expect_decision(1, 2, 1, 2, 1);
    expect_decision(2, 5, 1, 2, 0);
    expect_decision(3, 6, 2, 3, 1);
}
END_TEST

START_TEST(without_a_delay_at_once)
{
    init_pods();
    c.pools[0].controller.delay_ns = 0;
    case_run(&c);
    expect_decision(1, 2, 1, 2, 1);
    expect_decision(2, 2, 1, 2, 0);
}
END_TEST

START_TEST(who_leaves_the_most_decides)
{
    init_pods();
    case_rule(&c, case_condition(GAUGE_QUEUE, GAUGE_ABOVE, 0), -1);
    case_rule(&c, case_condition(GAUGE_QUEUE, GAUGE_ABOVE, 4), 2);
    case_rule(&c, case_condition(GAUGE_QUEUE, GAUGE_ABOVE, 5), 2);
    case_run(&c);
    expect_decision(1, 2, 1, 3, 3);
}
END_TEST

START_TEST(all_conditions_of_a_rule)
{
    init_pods();
    c.conditions[0][0][1] = case_condition(GAUGE_QUEUE, GAUGE_AT_MOST, 6);
    c.rules[0][0].when_count = 2;
    case_run(&c);
    expect_decision(1, 4, 1, 2, 1);
}
END_TEST

/* Met at the looks at 2, 4 and 6. */
START_TEST(a_condition_that_lasts)
{
    init_pods();
    c.conditions[0][0][0].for_ns = seconds(4);
    case_run(&c);
    expect_decision(1, 6, 1, 2, 1);
}
END_TEST

/* A pool of a platform: two containers have started for the burst when the rule asks for one more than these. It takes
 * its word back at the look after the last answer, at 21, and the platform retires what has idled for its window of
 * 20 s: the three that are idle since 12.
 */
START_TEST(a_platform_keeps_its_own_rules)
{
    case_init(&c);
    case_burst(&c, 0, 0.5, 2);
    c.pools[0].max_containers = 9;
    c.pools[0].scaledown_window_ns = seconds(20);
    c.pools[0].controller.period_ns = seconds(3);
    c.pools[0].controller.cooldown_ns = seconds(15);
    case_rule(&c, case_condition(GAUGE_PRESENT, GAUGE_AT_LEAST, 2), 1);
    case_rule(&c, case_condition(GAUGE_PRESENT, GAUGE_AT_MOST, 0), -3);
    case_run(&c);
    expect_decision(0, 0.5, 0, 1, 0);
    expect_decision(1, 1, 1, 2, 0);
    expect_decision(2, 3, 0, 3, 1);
    expect_decision(3, 3, 2, 3, 0);
    expect_decision(4, 18, 3, 0, 2);
    ck_assert_uint_eq(c.rows.container_count, 3);
    assert_at(case_life(&c, 2)->ready_ns, 13);
    assert_at(case_life(&c, 0)->end_ns, 32); /* idle since 11.5 */
    assert_at(case_life(&c, 1)->end_ns, 32);
    assert_at(case_life(&c, 2)->end_ns, 33);
}
END_TEST

/* What a schedule sets holds beneath what the controller asks for, and its maximum above. */
START_TEST(within_what_a_schedule_sets)
{
    init_pods();
    struct setting_config *set = case_schedule(&c, 0, seconds(4));
    set->given = 1u << SETTING_MAX_CONTAINERS;
    set->max_containers = 1;
    case_run(&c);
    expect_decision(1, 4, 1, 2, 1);
}
END_TEST

/* ---- alerts ---- */

static void expect_alert(size_t number, int32_t level, double from_s, double to_s, bool goes_on)
{
    ck_assert_uint_lt(number, c.result.alerts.count);
    const struct alert_row *row = (const struct alert_row *)c.result.alerts.items + number;
    ck_assert_int_eq(row->level, level);
    assert_at(row->from_ns, from_s);
    assert_at(row->to_ns, to_s);
    ck_assert_int_eq(row->goes_on, goes_on);
    ck_assert(!row->is_continued);
}

/* Waiting at 1: nine, at every second one less. */
START_TEST(alerts_keep_their_times)
{
    init_pods();
    c.pools[0].controller.rule_count = 0;
    case_alert(&c, GAUGE_QUEUE, 3, 6);
    case_run(&c);
    ck_assert_uint_eq(c.result.alerts.count, 2);
    expect_alert(0, ALERT_WARNING, 1, 7, false);
    expect_alert(1, ALERT_CRITICAL, 1, 4, false);
}
END_TEST

START_TEST(an_alert_that_lasts_to_the_end)
{
    init_pods();
    struct alert_config *alert = case_alert(&c, GAUGE_CONTAINER_UTILISATION, 0.2, NAN);
    alert->side = ALERT_BELOW;
    alert->window_ns = seconds(10);
    alert->for_ns = seconds(5);
    case_run(&c);
    /* Busy from 0.5 to 10.5, and two more pods idle from 13 and 15 on. Of the last 10 s it was busy for 3.5 s of 10 + 4
     * + 2 at 17, and for 2.5 s of 10 + 5 + 3 at 18, which is less than a fifth.
     */
    ck_assert_uint_eq(c.result.alerts.count, 1);
    expect_alert(0, ALERT_WARNING, 23, 200, true);
}
END_TEST

/* Models take 2 of 8 GB and every request 1 GB: three are inside from 0.5 to 5.5. */
START_TEST(gpu_memory)
{
    case_init(&c);
    case_fix(&c, 1);
    case_serve(&c, 5);
    case_burst(&c, 0, 0.5, 3);
    c.pools[0].max_inputs = 4;
    c.pools[0].gpu_memory_gb = 8;
    c.pools[0].reserved_memory_gb = 2;
    c.classes[0][0].memory_gb = 1;
    case_alert(&c, GAUGE_GPU_MEMORY, 0.6, 0.63);
    case_run(&c);
    ck_assert_uint_eq(c.result.alerts.count, 1);
    expect_alert(0, ALERT_WARNING, 1, 6, false);
}
END_TEST

/* The same run in spans; their alerts join to what one span sees. */
START_TEST(alerts_go_on_from_span_to_span)
{
    struct ledger whole;
    struct ledger next;
    init_pods();
    case_alert(&c, GAUGE_QUEUE, 3, 6);
    case_create(&c);
    world_run_until(c.world, seconds(2));
    world_take(c.world, &whole);
    for (int at_s = 3; at_s < 9; at_s += 2) {
        world_run_until(c.world, seconds(at_s));
        world_take(c.world, &next);
        ledger_append(&whole, &c.config, &next);
        ledger_release(&next, &c.config);
    }
    world_finish(c.world);
    world_take(c.world, &next);
    ledger_append(&whole, &c.config, &next);
    ledger_release(&next, &c.config);
    c.result = ledger_close(&whole, &c.config);
    ck_assert_uint_eq(c.result.alerts.count, 2);
    expect_alert(0, ALERT_WARNING, 1, 7, false);
    expect_alert(1, ALERT_CRITICAL, 1, 4, false);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {pods_are_ordered_and_returned,  between_decisions_it_cools_down,
                                  one_decision_at_a_time,         without_a_delay_at_once,
                                  who_leaves_the_most_decides,    all_conditions_of_a_rule,
                                  a_condition_that_lasts,         a_platform_keeps_its_own_rules,
                                  within_what_a_schedule_sets,    alerts_keep_their_times,
                                  an_alert_that_lasts_to_the_end, gpu_memory,
                                  alerts_go_on_from_span_to_span, NULL};
    return case_main("rules", tests);
}
