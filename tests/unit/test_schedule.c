/* test_schedule.c - which settings and quotas are in force when. */
#include "models/schedule.h"
#include "sim/calendar.h"
#include "tests/world_case.h"

static struct world_config config;
static struct pool_config pool;
static struct schedule_config entries[4];

enum {
    MON = 1,
    FRI = 1 << 4,
    SUN = 1 << 6
};

/* From Thursday, 2026-01-01 00:00. */
static void init(size_t count)
{
    pool = (struct pool_config){.min_containers = 1,
                                .max_containers = 10,
                                .buffer_containers = 2,
                                .scaledown_window_ns = seconds(60),
                                .max_inputs = 8,
                                .schedule = entries,
                                .schedule_count = count};
    config = (struct world_config){.pools = &pool, .pool_count = 1};
    ck_assert(sim_calendar_day_start(2026, 1, 1, &config.start_ns));
    for (size_t i = 0; i < count; i++)
        entries[i] = (struct schedule_config){
            .from_ns = INT64_MIN,
            .to_ns = SIM_TIME_NEVER,
            .set = {.given = 1u << SETTING_MIN_CONTAINERS, .min_containers = 100 + (int64_t)i}};
}

/* Days of January 2026 and hours; 1 is a Thursday, 2 a Friday, 5 a Monday. */
static sim_time_ns at(int day, double hour)
{
    return (day - 1) * SIM_DAY + seconds(hour * 3600);
}

static void hours(struct schedule_config *entry, double from, double to)
{
    entry->hours_from_ns = seconds(from * 3600);
    entry->hours_to_ns = seconds(to * 3600);
}

static void expect(sim_time_ns time_ns, int64_t least)
{
    ck_assert_int_eq(schedule_settings_at(&config, &pool, time_ns).min_containers, least);
}

START_TEST(without_a_schedule)
{
    init(0);
    struct pool_settings settings = schedule_settings_at(&config, &pool, at(3, 5));
    ck_assert(settings.min_containers == 1 && settings.max_containers == 10 && settings.buffer_containers == 2);
    ck_assert(settings.scaledown_window_ns == seconds(60) && settings.target_inputs == 8);
    ck_assert(schedule_settings_next(&config, &pool, 0) == SIM_TIME_NEVER);
}
END_TEST

START_TEST(from_the_first_instant_to_before_the_last)
{
    init(1);
    hours(&entries[0], 8, 18);
    expect(at(1, 8) - 1, 1);
    expect(at(1, 8), 100);
    expect(at(1, 18) - 1, 100);
    expect(at(1, 18), 1);
    ck_assert_int_eq(schedule_settings_next(&config, &pool, at(1, 8) - 1), at(1, 8));
    ck_assert_int_eq(schedule_settings_next(&config, &pool, at(1, 8)), at(1, 18));
    ck_assert_int_eq(schedule_settings_next(&config, &pool, at(1, 18)), at(2, 8));
}
END_TEST

START_TEST(until_midnight)
{
    init(2);
    hours(&entries[0], 22, 24);
    hours(&entries[1], 20, 0);
    entries[1].days = MON;
    expect(at(1, 22) - 1, 1);
    expect(at(1, 24) - 1, 100);
    expect(at(1, 24), 1);
    expect(at(5, 20), 101);
    expect(at(5, 24) - 1, 101);
    expect(at(5, 24), 1);
}
END_TEST

/* Overnight hours belong to the day on which they begin. */
START_TEST(overnight)
{
    init(1);
    hours(&entries[0], 20, 7);
    entries[0].days = FRI;
    expect(at(2, 6), 1); /* the night from Thursday */
    expect(at(2, 20) - 1, 1);
    expect(at(2, 20), 100);
    expect(at(2, 24), 100);
    expect(at(3, 7) - 1, 100);
    expect(at(3, 7), 1);
    expect(at(3, 20), 1); /* Saturday */
    entries[0].days = SUN;
    expect(at(5, 6.9), 100); /* Monday morning */
    expect(at(5, 20), 1);
}
END_TEST

START_TEST(whole_days)
{
    init(1);
    entries[0].days = MON | SUN;
    expect(at(4, 0) - 1, 1);
    expect(at(4, 0), 100);
    expect(at(6, 0) - 1, 100);
    expect(at(6, 0), 1);
    ck_assert_int_eq(schedule_settings_next(&config, &pool, at(4, 3)), at(5, 0));
}
END_TEST

/* Dates cut hours off, and may begin before the run. */
START_TEST(dates)
{
    init(2);
    hours(&entries[0], 20, 7);
    entries[0].from_ns = at(10, 0);
    entries[0].to_ns = at(12, 0);
    entries[1].from_ns = -SIM_DAY;
    entries[1].to_ns = at(1, 6);
    expect(at(9, 23), 1);
    expect(at(10, 0), 100); /* within the hours of the night before */
    expect(at(10, 7), 1);
    expect(at(11, 23), 100);
    expect(at(12, 0), 1);
    expect(0, 101);
    ck_assert_int_eq(schedule_settings_next(&config, &pool, 0), at(1, 6));
    ck_assert_int_eq(schedule_settings_next(&config, &pool, at(1, 6)), at(10, 0));
    ck_assert_int_eq(schedule_settings_next(&config, &pool, at(12, 0)), SIM_TIME_NEVER);
}
END_TEST

START_TEST(the_last_that_holds_wins)
{
    init(3);
    entries[0].from_ns = at(2, 0);
    entries[1].from_ns = at(3, 0);
    entries[1].set = (struct setting_config){.given = 1u << SETTING_MAX_CONTAINERS, .max_containers = 20};
    entries[2].from_ns = at(3, 0);
    entries[2].to_ns = at(4, 0);
    expect(at(2, 0), 100);
    expect(at(3, 0), 102);
    expect(at(4, 0), 100);
    ck_assert_int_eq(schedule_settings_at(&config, &pool, at(2, 0)).max_containers, 10);
    ck_assert_int_eq(schedule_settings_at(&config, &pool, at(4, 0)).max_containers, 20);
    ck_assert_int_eq(schedule_settings_at(&config, &pool, at(4, 0)).buffer_containers, 2);
}
END_TEST

/* Without a date, time 0 is midnight. */
START_TEST(hours_without_a_date)
{
    init(1);
    config.start_ns = 0;
    hours(&entries[0], 1, 2);
    expect(seconds(3600) - 1, 1);
    expect(seconds(3600), 100);
    expect(SIM_DAY + seconds(3600), 100);
}
END_TEST

START_TEST(a_start_within_a_day)
{
    init(1);
    config.start_ns += seconds(21 * 3600); /* Thursday 21:00 */
    hours(&entries[0], 20, 7);
    entries[0].days = FRI;
    expect(seconds(23 * 3600) - 1, 1);
    expect(seconds(23 * 3600), 100);
    expect(seconds(34 * 3600) - 1, 100);
    expect(seconds(34 * 3600), 1);
    ck_assert_int_eq(schedule_settings_next(&config, &pool, 0), seconds(10 * 3600));
}
END_TEST

START_TEST(targets)
{
    init(2);
    ck_assert_int_eq(schedule_lowest_target(&pool), 8);
    entries[0].set = (struct setting_config){.given = 1u << SETTING_TARGET_INPUTS, .target_inputs = 3};
    entries[0].to_ns = at(2, 0);
    entries[1].set = (struct setting_config){.given = 1u << SETTING_SCALEDOWN_WINDOW, .scaledown_window_ns = 70};
    ck_assert_int_eq(schedule_settings_at(&config, &pool, 0).target_inputs, 3);
    ck_assert_int_eq(schedule_settings_at(&config, &pool, at(2, 0)).target_inputs, 8);
    ck_assert_int_eq(schedule_settings_at(&config, &pool, 0).scaledown_window_ns, 70);
    ck_assert_int_eq(schedule_lowest_target(&pool), 3);
    ck_assert_int_eq(schedule_longest_window_ns(&pool), seconds(60));
}
END_TEST

START_TEST(quotas)
{
    struct quota_config list[] = {{.gpus = 10, .until_ns = at(5, 0)}, {.gpus = 20, .until_ns = SIM_TIME_NEVER}};
    init(0);
    ck_assert_int_eq(schedule_quota_at(&config, 0), 0);
    ck_assert_int_eq(schedule_quota_next(&config, 0), SIM_TIME_NEVER);
    config.quotas = list;
    config.quota_count = 2;
    ck_assert_int_eq(schedule_quota_at(&config, at(5, 0) - 1), 10);
    ck_assert_int_eq(schedule_quota_at(&config, at(5, 0)), 20);
    ck_assert_int_eq(schedule_quota_next(&config, 0), at(5, 0));
    ck_assert_int_eq(schedule_quota_next(&config, at(5, 0)), SIM_TIME_NEVER);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {without_a_schedule,
                                  from_the_first_instant_to_before_the_last,
                                  until_midnight,
                                  overnight,
                                  whole_days,
                                  dates,
                                  the_last_that_holds_wins,
                                  hours_without_a_date,
                                  a_start_within_a_day,
                                  targets,
                                  quotas,
                                  NULL};
    return case_main("schedule", tests);
}
