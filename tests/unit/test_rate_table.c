/* test_rate_table.c - tables of measured rates: means, periods, and rows that are wrong. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "models/rate_table.h"

static char path[64];
static struct rate_table_config table;
static struct sim_arena *arena;
static double mean_per_s;

static enum sim_status load(const char *text, struct sim_error *error)
{
    strcpy(path, "/tmp/test_rate_table_XXXXXX");
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    FILE *file = fdopen(descriptor, "w");
    fputs(text, file);
    fclose(file);
    arena = sim_arena_create();
    table = (struct rate_table_config){.file = path, .time_column = "t", .rate_column = "rate"};
    enum sim_status status = rate_table_load(&table, arena, &mean_per_s, error);
    unlink(path);
    return status;
}

START_TEST(rows_become_factors)
{
    ck_assert_int_eq(load("t,rate\n100,2\n160,6\n400,4\n", NULL), SIM_OK);
    ck_assert_uint_eq(table.row_count, 3);
    ck_assert_int_eq(table.period_ns, 540 * SIM_SECOND);
    /* 60 s at 4 on average, 240 s at 5, and 240 s back from 4 to 2. */
    ck_assert_double_eq_tol(mean_per_s, (60 * 4 + 240 * 5 + 240 * 3) / 540.0, 1e-12);
    ck_assert_int_eq(table.rows[1].at_ns, 60 * SIM_SECOND);
    ck_assert_double_eq_tol(table.rows[1].factor * mean_per_s, 6, 1e-12);
    sim_arena_destroy(arena);
}
END_TEST

START_TEST(dates_and_a_single_row)
{
    ck_assert_int_eq(load("x,t,rate\na,2026-01-05 00:00,1\nb,2026-01-05 00:10,3\n", NULL), SIM_OK);
    ck_assert_int_eq(table.rows[1].at_ns, 600 * SIM_SECOND);
    sim_arena_destroy(arena);
    ck_assert_int_eq(load("t,rate\n7,3\n", NULL), SIM_OK);
    ck_assert_int_eq(table.period_ns, SIM_HOUR);
    ck_assert_double_eq(mean_per_s, 3);
    sim_arena_destroy(arena);
}
END_TEST

static const struct {
    const char *text;
    int line;
    const char *message;
} wrong[] = {
    {"t,rate\n", 0, "no rows"},
    {"t,rate\n0,1\n0,2\n", 3, "not after"},
    {"t,rate\n0,1\n\n5,1\n4,2\n", 5, "not after"},
    {"t,rate\n0,1\n1,-2\n", 3, "not from 0"},
    {"t,rate\n0,1e10\n", 2, "not from 0"},
    {"t,rate\n0,nan\n", 2, "rate"},
    {"t,rate\n0,x\n", 2, "rate"},
    {"t,rate\nx,1\n", 2, "t"},
    {"t,rate\n0,1\n5e9,1\n", 3, "out of range"},
    {"t,rate\n0,1\n3e9,1\n", 3, "73 years"},
    {"t,rate\n0,0\n5,0\n", 0, "all its rates are 0"},
    {"t,speed\n0,1\n", 1, "rate"},
};

START_TEST(wrong_tables_are_refused)
{
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct sim_error error = {0};
        ck_assert_msg(load(wrong[i].text, &error) == SIM_BAD_INPUT, "%s", wrong[i].text);
        ck_assert_msg(error.line == wrong[i].line && strstr(error.message, wrong[i].message), "%s: line %d: %s",
                      wrong[i].text, error.line, error.message);
        ck_assert_uint_eq(table.row_count, 0);
        sim_arena_destroy(arena);
    }
    table.file = "/nonexistent/rates.csv";
    ck_assert_int_eq(rate_table_load(&table, arena, &mean_per_s, NULL), SIM_CANNOT_READ);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rate_table");
    TCase *tests = tcase_create("rate_table");
    tcase_add_test(tests, rows_become_factors);
    tcase_add_test(tests, dates_and_a_single_row);
    tcase_add_test(tests, wrong_tables_are_refused);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
