/* test_world_start.c - how containers come up: phases, bills of phases, snapshots, failures and time limits. */
#include "tests/world_case.h"

static struct world_case c; /* a fresh one in the process of each test */

START_TEST(phases_follow_one_another)
{
    case_init(&c);
    case_burst(&c, 0, 1, 1);
    c.pools[0].allocation_s = fixed(4);
    c.pools[0].profile.startup_count = 3;
    c.startup[0][0] = (struct phase_config){.name = "boot", .time_s = fixed(2), .billed = true};
    c.startup[0][1] = (struct phase_config){.name = "load", .time_s = fixed(3), .billed = false};
    c.startup[0][2] = (struct phase_config){.name = "init", .time_s = fixed(5), .billed = true};
    case_run(&c);
    const struct container_row *life = case_life(&c, 0);
    assert_at(life->requested_ns, 1);
    assert_at(life->allocated_ns, 5);
    assert_at(life->ready_ns, 15);
    assert_at(life->end_ns, 76); /* idle from 16, for the window of 60 */
    assert_at(life->starting_ns, 10);
    assert_at(life->unbilled_ns, 3);
    assert_at(life->busy_ns, 1);
    assert_at(life->idle_ns, 60);
    ck_assert_int_eq(life->cost_nusd, seconds(68)); /* 10 - 3 + 1 + 60 */
    ck_assert_int_eq(life->how, STARTED_FULL);
    ck_assert_int_eq(life->end_cause, END_RETIRED);
    const struct request_row *request = case_request(&c, 0, 0);
    assert_at(request->start_ns, 15);
    assert_at(request->end_ns, 16);
    ck_assert(request->is_cold);
    ck_assert_int_eq(case_pool(&c)->starts[STARTED_FULL], 1);
    ck_assert_int_eq((int64_t)case_pool(&c)->unbilled_ns, seconds(3));
}
END_TEST

START_TEST(starting_can_be_free)
{
    case_init(&c);
    c.pools[0].bill_starting = false;
    case_run(&c);
    const struct container_row *life = case_life(&c, 0);
    assert_at(life->starting_ns, 10);
    ck_assert_int_eq(life->cost_nusd, seconds(61)); /* 1 busy, 60 idle */
    ck_assert_int_eq(c.result.bill_nusd[0], seconds(61));
}
END_TEST

START_TEST(no_phases_take_no_time)
{
    case_init(&c);
    c.pools[0].profile.startup_count = 0;
    case_run(&c);
    assert_at(case_life(&c, 0)->ready_ns, 0);
    assert_at(case_request(&c, 0, 0)->end_ns, 1);
    ck_assert(!case_request(&c, 0, 0)->is_cold); /* ready at the same instant, not after it */
}
END_TEST

/* boot 1 s, import 4 s and load 5 s that a snapshot removes, init 2 s; 3 s to create it, 1.5 s to restore it. Full
 * with creation 15 s, full without 12 s, restored 4.5 s.
 */
static void init_snapshots(void)
{
    case_init(&c);
    struct pool_config *pool = &c.pools[0];
    pool->snapshots = true;
    pool->scaledown_window_ns = seconds(5);
    pool->profile.startup_count = 3;
    c.startup[0][0] = (struct phase_config){"boot", fixed(1), false, true};
    c.startup[0][1] = (struct phase_config){"load", fixed(9), true, true};
    c.startup[0][2] = (struct phase_config){"init", fixed(2), false, true};
    pool->profile.snapshot_create_s = fixed(3);
    pool->profile.snapshot_restore_s = fixed(1.5);
}

START_TEST(the_first_creates_the_second_restores)
{
    init_snapshots();
    case_burst(&c, 1, 30, 1);
    case_run(&c);
    assert_at(case_life(&c, 0)->ready_ns, 15);
    assert_at(case_life(&c, 0)->end_ns, 21); /* idle from 16 */
    ck_assert_int_eq(case_life(&c, 0)->how, STARTED_FULL);
    assert_at(case_life(&c, 1)->requested_ns, 30);
    assert_at(case_life(&c, 1)->ready_ns, 34.5);
    ck_assert_int_eq(case_life(&c, 1)->how, STARTED_RESTORED);
    ck_assert_int_eq(case_pool(&c)->snapshots_created, 1);
    ck_assert_int_eq(case_pool(&c)->starts[STARTED_FULL], 1);
    ck_assert_int_eq(case_pool(&c)->starts[STARTED_RESTORED], 1);
}
END_TEST

START_TEST(two_removed_phases_are_one_restore)
{
    init_snapshots();
    c.startup[0][2].removed_by_snapshot = true;
    case_burst(&c, 1, 30, 1);
    case_run(&c);
    assert_at(case_life(&c, 1)->ready_ns, 32.5);
}
END_TEST

/* The second one starts at the tick at 1 and finds the first one creating at 13: it is ready at once. */
START_TEST(only_the_first_to_finish_creates)
{
    init_snapshots();
    case_burst(&c, 0, 0, 2);
    case_run(&c);
    assert_at(case_life(&c, 0)->ready_ns, 15);
    assert_at(case_life(&c, 1)->requested_ns, 1);
    assert_at(case_life(&c, 1)->ready_ns, 13);
    ck_assert_int_eq(case_pool(&c)->snapshots_created, 1);
    assert_at(case_request(&c, 0, 0)->start_ns, 13);
    assert_at(case_request(&c, 0, 1)->start_ns, 14);
}
END_TEST

/* A start that begins while the snapshot is being created is a full one, and does not create it again. */
START_TEST(begun_before_it_is_complete)
{
    init_snapshots();
    c.pools[0].scaledown_window_ns = seconds(100);
    case_burst(&c, 1, 13.5, 2); /* the tick at 14 starts two */
    case_run(&c);
    assert_at(case_life(&c, 1)->requested_ns, 14);
    assert_at(case_life(&c, 1)->ready_ns, 26);
    ck_assert_int_eq(case_life(&c, 1)->how, STARTED_FULL);
    ck_assert_int_eq(case_pool(&c)->snapshots_created, 1);
}
END_TEST

START_TEST(a_miss_is_a_full_start)
{
    init_snapshots();
    c.pools[0].snapshot_miss = 1;
    case_burst(&c, 1, 30, 1);
    case_run(&c);
    assert_at(case_life(&c, 1)->ready_ns, 42);
    ck_assert_int_eq(case_life(&c, 1)->how, STARTED_FULL);
    ck_assert_int_eq(case_pool(&c)->snapshots_created, 1);
}
END_TEST

/* 1 boot, 1.5 restore that fails, then 12 of a full start. */
START_TEST(a_failed_restore_falls_back)
{
    init_snapshots();
    c.pools[0].snapshot_failure = 1;
    case_burst(&c, 1, 30, 1);
    case_run(&c);
    assert_at(case_life(&c, 1)->ready_ns, 44.5);
    ck_assert_int_eq(case_life(&c, 1)->how, STARTED_FALLEN_BACK);
    ck_assert_int_eq(case_pool(&c)->snapshots_created, 1);
    ck_assert_int_eq(case_pool(&c)->starts[STARTED_FALLEN_BACK], 1);
}
END_TEST

/* A client that comes again and again, always to a new container. */
START_TEST(each_worker_type_has_its_snapshot)
{
    init_snapshots();
    c.config.duration_ns = seconds(3000);
    c.pools[0].worker_types = 3;
    c.workloads[0].arrivals.process = ARRIVAL_CLOSED;
    c.workloads[0].arrivals.clients = 1;
    c.workloads[0].arrivals.think_s = fixed(20);
    case_run(&c);
    int lives[3] = {0};
    for (size_t i = 0; i < c.rows.container_count; i++) {
        const struct container_row *life = &c.rows.containers[i];
        ck_assert_int_ge(life->worker_type, 0);
        ck_assert_int_lt(life->worker_type, 3);
        bool is_first = lives[life->worker_type]++ == 0;
        ck_assert_int_eq(life->how, is_first ? STARTED_FULL : STARTED_RESTORED);
    }
    ck_assert_int_eq(case_pool(&c)->snapshots_created, 3);
    for (int i = 0; i < 3; i++) /* about 115 lives: fewer than 20 of a type has a chance below 1e-4 */
        ck_assert_int_gt(lives[i], 20);
}
END_TEST

/* The start takes 10 s and may take 8: at 8 it is given up, and the tick at 8 asks for another. */
START_TEST(startup_timeout)
{
    case_init(&c);
    c.pools[0].startup_timeout_ns = seconds(8);
    c.config.duration_ns = seconds(20);
    case_run(&c);
    const struct container_row *life = case_life(&c, 0);
    assert_at(life->end_ns, 8);
    assert_at(life->ready_ns, -1);
    ck_assert_int_eq(life->end_cause, END_START_TIMEOUT);
    assert_at(life->starting_ns, 8);
    ck_assert_int_eq(life->cost_nusd, seconds(8));
    assert_at(case_life(&c, 1)->requested_ns, 8);
    assert_at(case_life(&c, 2)->requested_ns, 16);
    ck_assert_int_eq(case_pool(&c)->failed_starts, 2);
    ck_assert_int_eq(case_pool(&c)->starts[STARTED_FULL], 0);
    ck_assert_int_eq(case_requests(&c)->outcomes[OUTCOME_IN_FLIGHT], 1);
}
END_TEST

START_TEST(startup_timeout_counts_from_allocation)
{
    case_init(&c);
    c.pools[0].allocation_s = fixed(5);
    c.pools[0].startup_timeout_ns = seconds(10); /* just enough */
    case_run(&c);
    assert_at(case_life(&c, 0)->ready_ns, 15);
    case_release(&c);
    c.pools[0].startup_timeout_ns = 0; /* as timeout */
    c.pools[0].timeout_ns = seconds(9);
    case_run(&c);
    assert_at(case_life(&c, 0)->end_ns, 14);
}
END_TEST

/* The first one is given up while it creates the snapshot; the second one creates it. */
START_TEST(a_creation_that_is_given_up)
{
    init_snapshots();
    c.pools[0].startup_timeout_ns = seconds(14);
    c.config.duration_ns = seconds(40);
    case_run(&c);
    assert_at(case_life(&c, 0)->end_ns, 14);
    assert_at(case_life(&c, 1)->requested_ns, 14);
    assert_at(case_life(&c, 1)->end_ns, 28); /* its creation would have been over at 29 */
    ck_assert_int_eq(case_pool(&c)->snapshots_created, 0);
    ck_assert_int_eq(case_pool(&c)->failed_starts, 2);
}
END_TEST

START_TEST(warm_or_cold_at_time_0)
{
    case_init(&c);
    c.pools[0].min_containers = 2;
    case_run(&c);
    ck_assert_int_eq(case_pool(&c)->starts[STARTED_WARM], 2);
    ck_assert_int_eq(case_pool(&c)->starts[STARTED_FULL], 0);
    assert_at(case_life(&c, 0)->ready_ns, 0);
    assert_at(case_life(&c, 0)->end_ns, -1);
    assert_at(case_request(&c, 0, 0)->start_ns, 0);
    ck_assert(!case_request(&c, 0, 0)->is_cold);
    ck_assert_int_eq(c.result.bill_nusd[0], seconds(400));
    case_release(&c);
    c.pools[0].start_state = START_COLD;
    case_run(&c);
    ck_assert_int_eq(case_pool(&c)->starts[STARTED_FULL], 2);
    assert_at(case_life(&c, 1)->ready_ns, 10);
    ck_assert_int_eq(c.result.bill_nusd[0], seconds(400));
}
END_TEST

/* What has not got its GPU at the end was asked for all the same. */
START_TEST(still_waiting_for_a_gpu)
{
    case_init(&c);
    c.pools[0].allocation_s = fixed(1000);
    case_run(&c);
    const struct container_row *life = case_life(&c, 0);
    assert_at(life->requested_ns, 0);
    assert_at(life->allocated_ns, -1);
    ck_assert_int_eq(life->worker_type, -1);
    assert_at(life->ready_ns, -1);
    assert_at(life->end_ns, -1);
    ck_assert_int_eq(life->cost_nusd, 0);
    ck_assert_int_eq(case_pool(&c)->containers_max, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {phases_follow_one_another,
                                  starting_can_be_free,
                                  no_phases_take_no_time,
                                  the_first_creates_the_second_restores,
                                  two_removed_phases_are_one_restore,
                                  only_the_first_to_finish_creates,
                                  begun_before_it_is_complete,
                                  a_miss_is_a_full_start,
                                  a_failed_restore_falls_back,
                                  each_worker_type_has_its_snapshot,
                                  startup_timeout,
                                  startup_timeout_counts_from_allocation,
                                  a_creation_that_is_given_up,
                                  warm_or_cold_at_time_0,
                                  still_waiting_for_a_gpu};
    return case_main("starts of containers", tests, sizeof tests / sizeof *tests);
}
