/* test_world_sessions.c - sessions in worlds: how long they stay, their turns, who waits, and which pool they are in.
 */
#include "tests/world_case.h"

static struct world_case c;

/* One place in one container that stays; a session about every hundred seconds. */
static void set_up(void)
{
    case_init(&c);
    case_fix(&c, 1);
    c.config.duration_ns = seconds(20000);
    c.config.drain_ns = seconds(1000);
    c.options.keep_one_in = 1;
    c.workloads[0].arrivals.process = ARRIVAL_SESSIONS;
    c.workloads[0].arrivals.rate_per_s = 0.01;
    c.workloads[0].arrivals.session_s = fixed(60);
    c.pools[0].timeout_ns = SIM_TIME_NEVER;
}

static void tear_down(void)
{
    case_release(&c);
}

static void take_turns(double pause_s)
{
    c.workloads[0].arrivals.takes_turns = true;
    c.workloads[0].arrivals.think_s = fixed(pause_s);
}

/* All sessions stay for as long, in nanoseconds. */
static void expect_length(double length_s)
{
    ck_assert_uint_gt(c.rows.request_count, 100);
    for (size_t i = 0; i < c.rows.request_count; i++) {
        const struct request_row *row = &c.rows.requests[i];
        ck_assert_int_eq(row->outcome, OUTCOME_COMPLETED);
        ck_assert_int_eq(row->end_ns - row->start_ns, seconds(length_s));
    }
}

START_TEST(holds_a_place)
{
    case_run(&c);
    expect_length(60);
    ck_assert_int_eq(case_requests(&c)->turns, 0);
    ck_assert(case_pool(&c)->main_busy_ns == 0); /* the main stage sees nobody */
    ck_assert(case_pool(&c)->inputs_integral > 0);
}
END_TEST

/* Turns of a second, begun every three: the last one is finished, the last pause is not. */
START_TEST(takes_turns_for_its_time)
{
    static const struct {
        double session_s, length_s;
        int64_t turns;
    } cases[] = {{10, 10, 4}, {9.5, 10, 4}, {9, 9, 3}, {11, 11, 4}, {0.5, 1, 1}};
    take_turns(2);
    c.workloads[0].arrivals.session_s = fixed(cases[_i].session_s);
    case_run(&c);
    expect_length(cases[_i].length_s);
    ck_assert_int_eq(case_requests(&c)->turns, cases[_i].turns * (int64_t)c.rows.request_count);
    ck_assert_uint_eq(case_durations(&c)[DURATION_TURN].count, (uint64_t)case_requests(&c)->turns);
    ck_assert(case_durations(&c)[DURATION_TURN].sum == (sim_uint128)case_requests(&c)->turns * (sim_uint128)SIM_SECOND);
}
END_TEST

/* Fixed stages inside belong to every turn, those outside to the session. */
START_TEST(stages_of_a_turn)
{
    take_turns(2);
    c.workloads[0].arrivals.session_s = fixed(10);
    c.pools[0].profile.before_count = 2;
    c.before[0][0] = (struct stage_config){"network", fixed(5), false};
    c.before[0][1] = (struct stage_config){"decode", fixed(0.25), true};
    c.pools[0].profile.after_count = 1;
    c.after[0][0] = (struct stage_config){"encode", fixed(0.25), true};
    case_run(&c);
    expect_length(10); /* turns of 1.5 s every 3.5 s: at 0, 3.5 and 7, then a pause until 10 */
    ck_assert_int_eq(case_requests(&c)->turns, 3 * (int64_t)c.rows.request_count);
    const struct request_row *first = case_request(&c, 0, 0);
    ck_assert_int_eq(first->start_ns - first->arrival_ns, seconds(5));
}
END_TEST

/* Tokens of all turns are counted, and each turn draws its own. */
START_TEST(tokens_of_turns)
{
    take_turns(2);
    c.workloads[0].arrivals.session_s = fixed(10);
    c.classes[0][0].output_tokens = fixed(7);
    case_run(&c);
    ck_assert_int_eq(case_requests(&c)->output_tokens, 7 * case_requests(&c)->turns);
}
END_TEST

/* Users give up before their session begins, never during it. */
START_TEST(patience_is_for_the_begin)
{
    size_t given_up = 0;
    c.workloads[0].arrivals.rate_per_s = 0.02;
    c.workloads[0].client_timeout_ns = seconds(30);
    case_run(&c);
    for (size_t i = 0; i < c.rows.request_count; i++) {
        const struct request_row *row = &c.rows.requests[i];
        if (row->outcome == OUTCOME_TIMED_OUT) {
            given_up++;
            ck_assert_int_eq(row->end_ns - row->arrival_ns, seconds(30));
            ck_assert_int_lt(row->start_ns, 0);
        } else {
            ck_assert_int_eq(row->outcome, OUTCOME_COMPLETED);
            ck_assert_int_eq(row->end_ns - row->start_ns, seconds(60));
            ck_assert_int_le(row->start_ns - row->arrival_ns, seconds(30));
        }
    }
    ck_assert_uint_gt(given_up, 20);
    ck_assert_int_eq(case_requests(&c)->outcomes[OUTCOME_TIMED_OUT], (int64_t)given_up);
}
END_TEST

/* The platform's timeout ends a session like any execution. */
START_TEST(timeout_of_the_platform)
{
    c.pools[0].timeout_ns = seconds(45);
    take_turns(2);
    case_run(&c);
    ck_assert_int_eq(case_requests(&c)->outcomes[OUTCOME_TIMED_OUT], (int64_t)c.rows.request_count);
    const struct request_row *first = case_request(&c, 0, 0);
    ck_assert_int_eq(first->end_ns - first->start_ns, seconds(45));
}
END_TEST

static void add_pool(void)
{
    c.config.pool_count = 2;
    c.pools[1].platform = PLATFORM_FIXED;
    c.pools[1].min_containers = 1;
    c.pools[1].timeout_ns = SIM_TIME_NEVER;
}

START_TEST(tiers)
{
    add_pool();
    c.workloads[0].class_count = 2;
    c.classes[0][0].share = 0.5;
    c.classes[0][1].share = 0.5;
    c.classes[0][1].pool = "p1";
    c.classes[0][1].pool_index = 1;
    c.pools[1].profile.before_count = 1;
    c.before[1][0] = (struct stage_config){"network", fixed(5), false};
    case_run(&c);
    for (size_t i = 0; i < c.rows.request_count; i++) {
        const struct request_row *row = &c.rows.requests[i];
        ck_assert_int_eq(row->pool, row->class_index);
        ck_assert_int_ge(row->start_ns - row->arrival_ns, row->class_index ? seconds(5) : 0);
    }
    ck_assert_int_eq(c.result.blocks[1].pools[1].completed, c.result.blocks[1].requests[1].arrived);
}
END_TEST

static void migrate(double above, double below, bool back)
{
    add_pool();
    for (int i = 0; i < 2; i++)
        c.pools[i].max_inputs = 100;
    c.workloads[0].arrivals.rate_per_s = 0.5; /* 30 users */
    c.workloads[0].migration = (struct migration_config){
        .to = "p1", .to_index = 1, .above = above, .below = below, .window_ns = seconds(60), .back = back};
}

static int64_t switches(void)
{
    return c.result.blocks[1].pools[0].migrations + c.result.blocks[1].pools[1].migrations;
}

/* Around 30 users a threshold of 30 is crossed all the time; the further the other one, the fewer switches follow. */
START_TEST(thresholds_apart_do_not_flap)
{
    static const double below[] = {29.9, 25, 15, 0};
    int64_t before = INT64_MAX;
    for (size_t i = 0; i < 4; i++) {
        migrate(30, below[i], true);
        case_run(&c);
        ck_assert_int_lt(switches(), before);
        before = switches();
        if (i < 3)
            case_release(&c);
    }
    ck_assert_int_eq(before, 1);
}
END_TEST

/* Who has begun stays; who comes after the migration is in the other pool; the old pods are retired once empty. */
START_TEST(old_containers_drain)
{
    migrate(20, 0, false);
    c.pools[0].autoscaler = AUTOSCALER_TARGET;
    c.pools[0].min_containers = 0;
    c.pools[0].max_inputs = 4;
    c.pools[0].scaledown_window_ns = seconds(10);
    case_run(&c);
    ck_assert_int_eq(switches(), 1);
    sim_time_ns last_ns = 0;
    for (size_t i = 0; i < c.rows.request_count; i++)
        if (c.rows.requests[i].pool == 0 && c.rows.requests[i].end_ns > last_ns)
            last_ns = c.rows.requests[i].end_ns;
    for (size_t i = 0; i < c.rows.container_count; i++) {
        if (c.rows.containers[i].pool != 0)
            continue;
        ck_assert_int_ge(c.rows.containers[i].end_ns, 0);
        ck_assert_int_le(c.rows.containers[i].end_ns, last_ns + seconds(11));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("world_sessions");
    TCase *tcase = tcase_create("world_sessions");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, takes_turns_for_its_time, 0, 5);
    const TTest *const tests[] = {holds_a_place,
                                  stages_of_a_turn,
                                  tokens_of_turns,
                                  patience_is_for_the_begin,
                                  timeout_of_the_platform,
                                  tiers,
                                  thresholds_apart_do_not_flap,
                                  old_containers_drain};
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
