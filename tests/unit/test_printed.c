/* test_printed.c - numbers as documents print them. */
#include "scenarios/printed.h"

#include <check.h>
#include <stdlib.h>

static const struct {
    const char *text;
    double value;
    double half_unit;
} numbers[] = {
    {"1404", 1404, 0.5},   {"280.80", 280.8, 0.005}, {"-216", -216, 0.5}, {"1,424", 1424, 0.5},
    {"1.5e3", 1500, 50},   {" 0.93 ", 0.93, 0.005},  {"+4.0", 4, 0.05},   {"12,345,678.9", 12345678.9, 0.05},
    {"2e-3", 0.002, 5e-4},
};

START_TEST(a_number)
{
    struct printed_number number;
    ck_assert_msg(printed_parse(numbers[_i].text, &number), "%s", numbers[_i].text);
    ck_assert_double_eq_tol(number.value, numbers[_i].value, 1e-12);
    ck_assert_double_eq_tol(number.half_unit, numbers[_i].half_unit, 1e-12);
}
END_TEST

static const char *const others[] = {"",       "L4",  "80+",    "8-10", "1,42",       "1.",
                                     "4 of 5", "- 3", "1,4244", "--1",  "0.28, 0.17", "0x10"};

START_TEST(no_number)
{
    struct printed_number number;
    ck_assert_msg(!printed_parse(others[_i], &number), "%s", others[_i]);
}
END_TEST

START_TEST(a_range)
{
    struct printed_number low, high;
    ck_assert(printed_parse_range("2.0-2.5", &low, &high));
    ck_assert(low.value == 2 && high.value == 2.5 && high.half_unit == 0.05);
    ck_assert(printed_parse_range("8 - 10", &low, &high));
    ck_assert(low.value == 8 && high.value == 10);
    ck_assert(!printed_parse_range("10-8", &low, &high));
    ck_assert(!printed_parse_range("2025-03-10", &low, &high));
    ck_assert(!printed_parse_range("20", &low, &high));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("printed");
    TCase *cases = tcase_create("printed");
    tcase_add_loop_test(cases, a_number, 0, sizeof numbers / sizeof *numbers);
    tcase_add_loop_test(cases, no_number, 0, sizeof others / sizeof *others);
    tcase_add_test(cases, a_range);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
