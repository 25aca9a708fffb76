/* test_calendar.c - against gmtime_r and timegm of the C library, day by day, and dates known by hand. */
#include <check.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "sim/calendar.h"

static sim_time_ns day(int year, int month, int number)
{
    sim_time_ns start_ns = 0;
    ck_assert_msg(sim_calendar_day_start(year, month, number, &start_ns), "%d-%d-%d", year, month, number);
    return start_ns;
}

START_TEST(every_day_agrees_with_the_c_library)
{
    sim_time_ns last_ns = day(2261, 12, 31);
    int64_t count = 0;
    for (sim_time_ns day_ns = day(1678, 1, 1); day_ns <= last_ns; day_ns += SIM_DAY, count++) {
        int64_t clock_s = count * 7919 % 86400;
        time_t second = (time_t)(day_ns / SIM_SECOND + clock_s);
        struct tm there;
        gmtime_r(&second, &there);
        struct sim_calendar_date here = sim_calendar_split(day_ns + clock_s * SIM_SECOND + 123456789);
        ck_assert_msg(here.year == there.tm_year + 1900 && here.month == there.tm_mon + 1 && here.day == there.tm_mday,
                      "%" PRId64 ": %d-%d-%d", (int64_t)second, here.year, here.month, here.day);
        ck_assert_int_eq(here.weekday, (there.tm_wday + 6) % 7);
        ck_assert_int_eq(here.hour, there.tm_hour);
        ck_assert_int_eq(here.minute, there.tm_min);
        ck_assert_int_eq(here.second, there.tm_sec);
        ck_assert_int_eq(here.nanosecond, 123456789);
        ck_assert_int_eq(day(here.year, here.month, here.day), day_ns);
        ck_assert_int_eq(sim_calendar_month_start(day_ns + clock_s), day(here.year, here.month, 1));
        if (here.year < 2261 || here.month < 12)
            ck_assert_int_eq(sim_calendar_next_month(day_ns + clock_s),
                             day(here.year + here.month / 12, here.month % 12 + 1, 1));
    }
    ck_assert_int_eq(count, 584 * 365 + 584 / 4 - 1 - 4); /* without 2000 of 1700, 1800, 1900, 2100, 2200 */
}
END_TEST

START_TEST(dates_known_by_hand)
{
    ck_assert_int_eq(day(1970, 1, 1), 0);
    ck_assert_int_eq(day(2026, 1, 5), INT64_C(1767571200) * SIM_SECOND);
    ck_assert_int_eq(sim_calendar_split(day(2026, 1, 5)).weekday, 0);
    struct sim_calendar_date eve = sim_calendar_split(-1);
    ck_assert(eve.year == 1969 && eve.month == 12 && eve.day == 31 && eve.weekday == 2 && eve.hour == 23);
    ck_assert(eve.minute == 59 && eve.second == 59 && eve.nanosecond == 999999999);
}
END_TEST

START_TEST(days_that_do_not_exist_are_refused)
{
    static const int wrong[][3] = {{1677, 12, 31}, {2262, 1, 1},  {2026, 0, 1},  {2026, 13, 1},
                                   {2026, 4, 31},  {2026, 2, 29}, {1900, 2, 29}, {2026, 1, 0}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        sim_time_ns start_ns = 42;
        ck_assert(!sim_calendar_day_start(wrong[i][0], wrong[i][1], wrong[i][2], &start_ns));
        ck_assert_int_eq(start_ns, 42);
    }
}
END_TEST

START_TEST(months_are_added)
{
    sim_time_ns clock_ns = 13 * SIM_HOUR + 7;
    ck_assert_int_eq(sim_calendar_add_months(day(2026, 1, 5) + clock_ns, 12), day(2027, 1, 5) + clock_ns);
    ck_assert_int_eq(sim_calendar_add_months(day(2026, 1, 31) + clock_ns, 1), day(2026, 2, 28) + clock_ns);
    ck_assert_int_eq(sim_calendar_add_months(day(2024, 1, 31), 1), day(2024, 2, 29));
    ck_assert_int_eq(sim_calendar_add_months(day(2026, 11, 30), 3), day(2027, 2, 28));
    ck_assert_int_eq(sim_calendar_add_months(day(2026, 1, 5), -1), day(2025, 12, 5));
    ck_assert_int_eq(sim_calendar_add_months(day(2026, 12, 31), -24), day(2024, 12, 31));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("calendar");
    TCase *tests = tcase_create("calendar");
    tcase_add_test(tests, every_day_agrees_with_the_c_library);
    tcase_add_test(tests, dates_known_by_hand);
    tcase_add_test(tests, days_that_do_not_exist_are_refused);
    tcase_add_test(tests, months_are_added);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
