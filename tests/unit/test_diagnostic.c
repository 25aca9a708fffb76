/* test_diagnostic.c - how problems look, and what is meant by a misspelt name. */
#include "scenarios/diagnostic.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/suggest.h"

static struct diagnostic_list problems;
static struct source source;

static void setup(void)
{
    diagnostic_init(&problems);
}

static void teardown(void)
{
    diagnostic_release(&problems);
}

static struct place at(const char *text, int line, int column)
{
    source = (struct source){.name = "s.yaml", .text = text, .size = strlen(text)};
    return (struct place){&source, line, column};
}

static void expect_print(const char *expected)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    diagnostic_print(&problems, out);
    fclose(out);
    ck_assert_str_eq(text, expected);
    free(text);
}

START_TEST(test_form)
{
    diagnostic_add_suggestion(&problems, at("a: 1\r\n  bee: 2\r\n", 2, 3), "bees", "unknown key '%s'", "bee");
    expect_print("s.yaml:2:3: error: unknown key 'bee'\n"
                 "      bee: 2\n"
                 "      ^\n"
                 "did you mean 'bees'?\n");
}
END_TEST

START_TEST(test_places_that_are_missing)
{
    diagnostic_add(&problems, (struct place){0}, "cannot read 'x': gone");
    diagnostic_add(&problems, at("a", 7, 1), "far away");
    expect_print("error: cannot read 'x': gone\ns.yaml:7:1: error: far away\n");
}
END_TEST

START_TEST(test_caret_counts_characters)
{
    diagnostic_add(&problems, at("\tk\xC3\xB6\xE2\x82\xAC: x", 1, 6), "here");
    expect_print("s.yaml:1:6: error: here\n"
                 "    \tk\xC3\xB6\xE2\x82\xAC: x\n"
                 "    \t    ^\n");
}
END_TEST

START_TEST(test_control_characters_are_not_sent_on)
{
    diagnostic_add(&problems,
                   at("a: \x1B[2J\xC2\x9B"
                      "1m",
                      1, 1),
                   "bad '\x1B[31m'\n");
    expect_print("s.yaml:1:1: error: bad '?[31m'?\n"
                 "    a: ?[2J?1m\n"
                 "    ^\n");
}
END_TEST

START_TEST(test_long_lines_are_cut)
{
    char line[1001];
    memset(line, 'x', 1000);
    line[1000] = '\0';
    line[500] = '!';
    diagnostic_add(&problems, at(line, 1, 501), "here");
    char expected[400];
    snprintf(expected, sizeof expected, "s.yaml:1:501: error: here\n    %.60s!%.59s\n    %60s^\n", line, line, "");
    expect_print(expected);
}
END_TEST

START_TEST(test_order_and_number)
{
    static const char text[] = "1\n2\n3\n";
    diagnostic_add(&problems, at(text, 3, 1), "third");
    diagnostic_add(&problems, at(text, 1, 9), "first");
    diagnostic_add(&problems, at(text, 2, 1), "second");
    diagnostic_add(&problems, at(text, 2, 1), "second again");
    for (int i = 0; i < 19; i++)
        diagnostic_add(&problems, at(text, 4, 1), "more %d", i);
    diagnostic_add(&problems, at(text, 2, 1), "second again");
    ck_assert_uint_eq(problems.count, 23);
    ck_assert(diagnostic_is_full(&problems));
    ck_assert_uint_eq(problems.kept_count, 20);
    static const char *const order[] = {"first", "second", "second again", "third"};
    for (size_t i = 0; i < 4; i++)
        ck_assert_str_eq(problems.kept[i].message, order[i]);
    char *printed;
    size_t size;
    FILE *out = open_memstream(&printed, &size);
    diagnostic_print(&problems, out);
    fclose(out);
    ck_assert_ptr_nonnull(strstr(printed, "\nand 3 more\n"));
    free(printed);
}
END_TEST

START_TEST(test_distance)
{
    ck_assert_uint_eq(suggest_distance("", ""), 0);
    ck_assert_uint_eq(suggest_distance("abc", ""), 3);
    ck_assert_uint_eq(suggest_distance("kitten", "sitting"), 3);
    ck_assert_uint_eq(suggest_distance("seed", "sede"), 1);
    ck_assert_uint_eq(suggest_distance("max_input", "max_inputs"), 1);
    ck_assert_uint_eq(suggest_distance("flaw", "lawn"), 2);
}
END_TEST

START_TEST(test_suggestions)
{
    struct suggestion search = suggest_begin("max_input");
    suggest_offer(&search, "min_inputs");
    suggest_offer(&search, "max_inputs");
    suggest_offer(&search, "max_batch");
    ck_assert_str_eq(search.nearest, "max_inputs");
    search = suggest_begin("gpu");
    suggest_offer(&search, "slo");
    ck_assert_ptr_null(search.nearest);
    suggest_offer(&search, "gpus");
    ck_assert_str_eq(search.nearest, "gpus");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("diagnostic");
    TCase *cases = tcase_create("diagnostic");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, test_form);
    tcase_add_test(cases, test_places_that_are_missing);
    tcase_add_test(cases, test_caret_counts_characters);
    tcase_add_test(cases, test_control_characters_are_not_sent_on);
    tcase_add_test(cases, test_long_lines_are_cut);
    tcase_add_test(cases, test_order_and_number);
    tcase_add_test(cases, test_distance);
    tcase_add_test(cases, test_suggestions);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
