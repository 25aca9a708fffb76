/* test_migration.c - thresholds, the moving window, and the share that moves. */
#include "models/migration.h"

#include <check.h>
#include <math.h>

static struct migration_config config;
static struct migration state;
static sim_time_ns now;

static void set_up(void)
{
    config = (struct migration_config){.to = "other",
                                       .above = 80,
                                       .below = 60,
                                       .window_ns = 12 * SIM_SECOND,
                                       .over_ns = 100 * SIM_SECOND,
                                       .back = true};
    state = (struct migration){.looks = 0};
    now = 0;
}

/* Looks with so many users present, as often as a window has looks; how often the direction turned. */
static int stay(int64_t users)
{
    int turns = 0;
    sim_level_set(&state.present, now, users);
    for (int i = 0; i < MIGRATION_LOOKS; i++) {
        now += migration_period_ns(&config);
        turns += migration_look(&config, &state, now);
    }
    return turns;
}

static double share_after(double s)
{
    return migration_share(&config, &state, now + sim_time_from_s(s));
}

START_TEST(nothing_before_a_whole_window)
{
    sim_level_set(&state.present, 0, 1000);
    for (int i = 1; i < MIGRATION_LOOKS; i++) {
        now += migration_period_ns(&config);
        ck_assert(!migration_look(&config, &state, now));
    }
    ck_assert(migration_share(&config, &state, now) == 0);
    now += migration_period_ns(&config);
    ck_assert(migration_look(&config, &state, now));
}
END_TEST

/* The first look of a window that is steady but for its end turns the direction: eleven looks of a second follow. */
START_TEST(share_rises_and_falls_in_lines)
{
    ck_assert_int_eq(stay(80), 0); /* not above */
    ck_assert_int_eq(stay(81), 1);
    ck_assert(fabs(share_after(0) - 0.11) < 1e-12);
    ck_assert(fabs(share_after(25) - 0.36) < 1e-12);
    ck_assert(share_after(100) == 1 && share_after(1e6) == 1);
    ck_assert_int_eq(stay(70), 0); /* between the two nothing changes */
    ck_assert_int_eq(stay(60), 0);
    ck_assert_int_eq(stay(59), 1); /* after 36 s */
    ck_assert(fabs(share_after(0) - 0.25) < 1e-12);
    ck_assert(fabs(share_after(20) - 0.05) < 1e-12);
    ck_assert(share_after(26) == 0 && share_after(1e6) == 0);
}
END_TEST

START_TEST(at_once)
{
    config.over_ns = 0;
    ck_assert_int_eq(stay(100), 1);
    ck_assert(share_after(0) == 1);
    ck_assert_int_eq(stay(10), 1);
    ck_assert(share_after(0) == 0);
}
END_TEST

START_TEST(for_good)
{
    config.back = false;
    ck_assert_int_eq(stay(100), 1);
    ck_assert_int_eq(stay(0), 0);
    ck_assert(share_after(1e6) == 1);
}
END_TEST

/* Half of the window at 100 and half at 50 is 75 on average. */
START_TEST(the_window_moves)
{
    ck_assert_int_eq(stay(50), 0);
    sim_level_set(&state.present, now, 100);
    int64_t looks = 0;
    do {
        now += migration_period_ns(&config);
        looks++;
    } while (!migration_look(&config, &state, now));
    ck_assert_int_eq(looks, 8); /* 50 + 50 x looks / 12 > 80 */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("migration");
    TCase *tcase = tcase_create("migration");
    tcase_add_checked_fixture(tcase, set_up, NULL);
    tcase_add_test(tcase, nothing_before_a_whole_window);
    tcase_add_test(tcase, share_rises_and_falls_in_lines);
    tcase_add_test(tcase, at_once);
    tcase_add_test(tcase, for_good);
    tcase_add_test(tcase, the_window_moves);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
