/* test_quantity.c - numbers and units. Expected values are written out by hand. */
#include "scenarios/quantity.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double parse(const char *text, const char *unit)
{
    double value = NAN;
    struct sim_error error = {0};
    if (quantity_parse(text, unit, &value, &error) != SIM_OK)
        ck_abort_msg("'%s' in %s: %s", text, unit, error.message);
    return value;
}

static void refuse(const char *text, const char *unit, const char *expected)
{
    double value;
    struct sim_error error = {0};
    ck_assert_msg(quantity_parse(text, unit, &value, &error) == SIM_BAD_INPUT, "'%s' in '%s' was accepted", text, unit);
    ck_assert_msg(strstr(error.message, expected), "'%s': %s", text, error.message);
}

START_TEST(test_units)
{
    ck_assert(parse("180 s", "s") == 180);
    ck_assert(parse("2 h", "s") == 7200);
    ck_assert(parse("250 ms", "s") == 0.25);
    ck_assert(parse("10 min", "s") == 600);
    ck_assert(parse("1 day", "s") == 86400);
    ck_assert(parse("365days", "s") == 31536000);
    ck_assert(parse("15 req/s", "1/s") == 15);
    ck_assert(parse("900 req/min", "1/s") == 15);
    ck_assert(parse("100 req/min", "1/s") == 100.0 / 60);
    ck_assert(parse("0 /h", "1/s") == 0);
    ck_assert(parse("36/h", "1/s") == 0.01);
    ck_assert(parse("$1.95/h", "USD/h") == 1.95);
    ck_assert(parse("1.95 USD/h", "USD/h") == 1.95);
    ck_assert(parse("$0.000542/s", "USD/h") == 1.9512);
    ck_assert(parse("$0.0000131/core/s", "USD/core/h") == 0.04716);
    ck_assert(parse("24 GB", "GB") == 24);
    ck_assert(parse("24 GiB", "GB") == 25.769803776);
    ck_assert(parse("24 GB", "GiB") == 24e9 / 0x1p30);
    ck_assert(parse("70%", "ratio") == 0.7);
    ck_assert(parse("70 %", "ratio") == 0.7);
    ck_assert(parse("0.7", "ratio") == 0.7);
    ck_assert(parse("1e3", "") == 1000);
    ck_assert(parse("400 tokens", "token") == 400);
    ck_assert(parse("400", "token") == 400);
    ck_assert(parse("-1.5e-3", "") == -0.0015);
    ck_assert(parse("864 GB/s", "GB/s") == 864);
}
END_TEST

/* Each spelling of one value is the same double. */
START_TEST(test_equal_spellings)
{
    ck_assert(parse("0.1 ms", "s") == 0.0001);
    ck_assert(parse("100 us", "s") == 0.0001);
    ck_assert(parse("0.3 ms", "s") == 0.0003);
    ck_assert(parse("7%", "ratio") == 0.07);
    ck_assert(parse("29%", "ratio") == 0.29);
}
END_TEST

START_TEST(test_refused)
{
    refuse("180", "s", "expected a time such as '180 s' or '2 h', not '180'");
    refuse("5 GB", "s", "expected a time");
    refuse("5 tokens/s", "s", "expected a time");
    refuse("15", "1/s", "expected a rate such as '15 req/s'");
    refuse("15 s", "1/s", "expected a rate");
    refuse("50%/s", "1/s", "expected a rate");
    refuse("1.95", "USD/h", "expected a price such as '$1.95/h'");
    refuse("$1.95", "USD/h", "expected a price");
    refuse("$1.95 USD/h", "USD/h", "expected a price");
    refuse("$250/month", "USD/h", "expected a price");
    refuse("$0.1/h", "USD/core/h", "expected a price");
    refuse("5 requests", "token", "expected a number of tokens");
    refuse("5 req", "", "expected a number, not");
    refuse("70%", "", "expected a number, not");
    refuse("24", "W", "expected a quantity such as '1 W'");
    static const char *const no_numbers[] = {
        "",
        " ",
        "abc",
        "0x10",
        "inf",
        "nan",
        "NaN",
        "1_000",
        "1,000",
        "1.",
        ".5",
        "1e",
        "1e+",
        "--1",
        "+-1",
        "1 2",
        "007",
        "00",
        "1.2.3",
        "1e999",
        "1e301",
        "$",
        "1$",
        "1;",
        "0x1p3",
        "1f",
        "1234567890123456789",
        "0.1234567890123456789",
        "\u00A01",
        "1e99999999999999999999",
    };
    for (size_t i = 0; i < sizeof no_numbers / sizeof *no_numbers; i++)
        refuse(no_numbers[i], "", "expected a number, not");
    refuse("1e300 TB", "B", "too large");
}
END_TEST

START_TEST(test_trailing_zeros_are_no_digits)
{
    ck_assert(parse("1000000000000000000000", "") == 1e21);
    ck_assert(parse("1.5000000000000000000000", "") == 1.5);
    ck_assert(parse("0.000000000000000000000000000001", "") == 1e-30);
    ck_assert(parse("100.25", "") == 100.25);
    ck_assert(parse("120.0", "") == 120);
    ck_assert(parse("0", "") == 0);
    ck_assert(parse("0.0", "") == 0);
    ck_assert(parse("0e5", "") == 0);
}
END_TEST

START_TEST(test_integers)
{
    int64_t value;
    struct sim_error error;
    ck_assert(quantity_parse_integer("1e3", "", &value, &error) == SIM_OK && value == 1000);
    ck_assert(quantity_parse_integer("12.0", "", &value, &error) == SIM_OK && value == 12);
    ck_assert(quantity_parse_integer("-7", "", &value, &error) == SIM_OK && value == -7);
    ck_assert(quantity_parse_integer("9e18", "", &value, &error) == SIM_OK && value == INT64_C(9000000000000000000));
    ck_assert(quantity_parse_integer("9007199254740993", "", &value, &error) == SIM_OK &&
              value == INT64_C(9007199254740993));
    ck_assert(quantity_parse_integer("1.5", "", &value, &error) == SIM_BAD_INPUT);
    ck_assert_str_eq(error.message, "expected a whole number, not '1.5'");
    ck_assert(quantity_parse_integer("1e-200", "", &value, &error) == SIM_BAD_INPUT);
    ck_assert_str_eq(error.message, "expected a whole number, not '1e-200'");
    ck_assert(quantity_parse_integer("1e19", "", &value, &error) == SIM_BAD_INPUT);
    ck_assert_str_eq(error.message, "'1e19' is too large");
    ck_assert(quantity_parse_integer("1e300", "", &value, &error) == SIM_BAD_INPUT);
    ck_assert_str_eq(error.message, "'1e300' is too large");
}
END_TEST

START_TEST(test_times)
{
    sim_time_ns time_ns;
    struct sim_error error;
    ck_assert(quantity_parse_time("0.1 s", &time_ns, &error) == SIM_OK && time_ns == 100000000);
    ck_assert(quantity_parse_time("365 days", &time_ns, &error) == SIM_OK && time_ns == INT64_C(31536000000000000));
    ck_assert(quantity_parse_time("0.5 ns", &time_ns, &error) == SIM_OK && time_ns == 1);
    ck_assert(quantity_parse_time("0.49 ns", &time_ns, &error) == SIM_OK && time_ns == 0);
    ck_assert(quantity_parse_time("-0.5 ns", &time_ns, &error) == SIM_OK && time_ns == -1);
    ck_assert(quantity_parse_time("1e-200 s", &time_ns, &error) == SIM_OK && time_ns == 0);
    ck_assert(quantity_parse_time("never", &time_ns, &error) == SIM_OK && time_ns == SIM_TIME_NEVER);
    ck_assert(quantity_parse_time("2305843009 s", &time_ns, &error) == SIM_OK &&
              time_ns == INT64_C(2305843009000000000));
    ck_assert(quantity_parse_time("2305843010 s", &time_ns, &error) == SIM_BAD_INPUT);
    ck_assert_str_eq(error.message, "'2305843010 s' is longer than 73 years");
    ck_assert(quantity_parse_time("-2305843010 s", &time_ns, &error) == SIM_BAD_INPUT);
    ck_assert(quantity_parse_time("9223372037 s", &time_ns, &error) == SIM_BAD_INPUT);
}
END_TEST

START_TEST(test_money_is_exact)
{
    int64_t pusd;
    struct sim_error error;
    ck_assert(quantity_parse_money_per_h("$0.000542/s", &pusd, &error) == SIM_OK && pusd == INT64_C(1951200000000));
    ck_assert(quantity_parse_money_per_h("$1.95/h", &pusd, &error) == SIM_OK && pusd == INT64_C(1950000000000));
    ck_assert(quantity_parse_money_per_h("$0.01/min", &pusd, &error) == SIM_OK && pusd == INT64_C(600000000000));
    ck_assert(quantity_parse_money_per_h("$0.000000000001/h", &pusd, &error) == SIM_OK && pusd == 1);
    ck_assert(quantity_parse_money_per_h("$24/day", &pusd, &error) == SIM_OK && pusd == INT64_C(1000000000000));
    ck_assert(quantity_parse_money_per_h("$1/day", &pusd, &error) == SIM_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(error.message, "picodollars"));
    ck_assert(quantity_parse_money_per_h("$1e8/h", &pusd, &error) == SIM_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(error.message, "too large"));
    ck_assert(quantity_parse_money("$0.00000222/GiB/s", "USD/GiB/h", &pusd, &error) == SIM_OK &&
              pusd == INT64_C(7992000000));
    ck_assert(quantity_parse_money("$250/month", "USD/month", &pusd, &error) == SIM_OK &&
              pusd == INT64_C(250000000000000));
}
END_TEST

/* Seconds from `date -u -d ... +%s`. */
START_TEST(test_dates)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } good[] = {
        {"1970-01-01", 0},
        {"1972-03-01", 68256000},
        {"2000-02-29", 951782400},
        {"2026-01-05", 1767571200},
        {"2026-01-05T09:30", 1767605400},
        {"2026-01-05 09:30:15", 1767605415},
        {"2100-03-01", 4107542400},
        {"9999-12-31T23:59:59", 253402300799},
    };
    static const char *const bad[] = {"2026-02-29",
                                      "2100-02-29",
                                      "2026-13-01",
                                      "2026-00-01",
                                      "2026-01-00",
                                      "2026-1-5",
                                      "26-01-05",
                                      "2026-01-05T24:00",
                                      "2026-01-05T09:60",
                                      "2026-01-05T",
                                      "2026-01-05x",
                                      "1969-12-31",
                                      "",
                                      "2026/01/05",
                                      "09:30"};
    int64_t seconds;
    struct sim_error error;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ck_assert_msg(quantity_parse_date(good[i].text, &seconds, &error) == SIM_OK, "%s", good[i].text);
        ck_assert_int_eq(seconds, good[i].seconds);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(quantity_parse_date(bad[i], &seconds, &error) == SIM_BAD_INPUT, "%s", bad[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("quantity");
    TCase *cases = tcase_create("quantity");
    tcase_add_test(cases, test_units);
    tcase_add_test(cases, test_equal_spellings);
    tcase_add_test(cases, test_refused);
    tcase_add_test(cases, test_trailing_zeros_are_no_digits);
    tcase_add_test(cases, test_integers);
    tcase_add_test(cases, test_times);
    tcase_add_test(cases, test_money_is_exact);
    tcase_add_test(cases, test_dates);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
