/* test_timestamp.c - texts to nanoseconds; expected values by hand, from `date -u +%s`, or from timegm(). */
#include <check.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/timestamp.h"

static const struct {
    const char *text;
    sim_time_ns time_ns;
} good[] = {
    {"0", 0},
    {"12", 12000000000},
    {"-0.25", -250000000},
    {"+1.5", 1500000000},
    {".5", 500000000},
    {"57.15786004066467", 57157860041}, /* ...040|66467 ns: up */
    {"0.0000000004", 0},
    {"0.0000000005", 1},
    {"-0.0000000005", -1},
    {"0.99999999949999", 999999999},
    {"0.9999999995", 1000000000},
    {"1.5e3", 1500000000000},
    {"1E-9", 1},
    {"5e-10", 1},
    {"4e-10", 0},
    {"1e-999", 0},
    {"0e999", 0},
    {"000000000000000000000000000000000000000007", 7000000000},
    {"9223372036.854775807", INT64_MAX},
    {"-9223372036.854775807", -INT64_MAX},
    {" 3 ", 3000000000},
    {"2023-11-16 18:15:46.6805900", 1700158546680590000},
    {"2023-11-16T18:15:46.680590", 1700158546680590000},
    {"2023-11-16T18:15:46Z", 1700158546000000000},
    {"2023-11-16T18:15:46+02:00", 1700151346000000000},
    {"2023-11-16T18:15:46.5-00:30", 1700160346500000000},
    {"2023-11-16 18:15:46.1234567895", 1700158546123456790},
    {"2023-11-16 18:15", 1700158500000000000},
    {"2023-11-16T18:15Z", 1700158500000000000},
    {"2000-02-29", 951782400000000000},
    {"1969-12-31 23:59:59", -1000000000},
    {"1969-12-31 23:59:59.75", -250000000},
};

static const char *const bad[] = {"",
                                  " ",
                                  "-",
                                  ".",
                                  "e5",
                                  "1e",
                                  "1e1234",
                                  "1.2.3",
                                  "1 2",
                                  "0x10",
                                  "nan",
                                  "inf",
                                  "12s",
                                  "--1",
                                  "9223372036.854775808",
                                  "1e30",
                                  "2023-02-29",
                                  "1900-02-29",
                                  "2023-13-01",
                                  "2023-00-01",
                                  "2023-04-31",
                                  "2023-04-00",
                                  "1677-12-31",
                                  "2262-01-01",
                                  "2023-1-16",
                                  "2023-11-16T",
                                  "2023-11-16 24:00:00",
                                  "2023-11-16 18:60:00",
                                  "2023-11-16 23:59:60",
                                  "2023-11-16 18:15:4",
                                  "2023-11-16 18:15:",
                                  "2023-11-16 18",
                                  "2023-11-16 18:1",
                                  "2023-11-16 18:15:461",
                                  "2023-11-16 18:15:46x",
                                  "2023-11-16 18:15:46+2",
                                  "2023-11-16 18:15:46+25:00",
                                  "2023-11-16 18:15:46ZZ"};

START_TEST(good_texts)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        sim_time_ns time_ns = 42;
        ck_assert_msg(sim_timestamp_parse(good[i].text, &time_ns), "'%s'", good[i].text);
        ck_assert_msg(time_ns == good[i].time_ns, "'%s': %" PRId64, good[i].text, time_ns);
    }
}
END_TEST

START_TEST(bad_texts)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        sim_time_ns time_ns = 42;
        ck_assert_msg(!sim_timestamp_parse(bad[i], &time_ns), "'%s': %" PRId64, bad[i], time_ns);
        ck_assert_int_eq(time_ns, 42);
    }
}
END_TEST

START_TEST(every_day_agrees_with_the_c_library)
{
    struct tm first = {.tm_year = 1678 - 1900, .tm_mday = 1};
    struct tm last = {.tm_year = 2261 - 1900, .tm_mon = 11, .tm_mday = 31};
    for (time_t day = timegm(&first); day <= timegm(&last); day += 86400) {
        struct tm date;
        char text[64];
        sim_time_ns time_ns = 0;
        time_t second = day + 37 * (day / 86400 & 1023);
        gmtime_r(&second, &date);
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &date);
        ck_assert_msg(sim_timestamp_parse(text, &time_ns), "'%s'", text);
        ck_assert_msg(time_ns == second * SIM_SECOND, "'%s': %" PRId64, text, time_ns);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("timestamp");
    TCase *tests = tcase_create("timestamp");
    tcase_add_test(tests, good_texts);
    tcase_add_test(tests, bad_texts);
    tcase_add_test(tests, every_day_agrees_with_the_c_library);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
