/* test_measurements.c - tables of measurements: what is read from them, and what is refused (tests/invalid_files.h). */
#include "scenarios/measurements.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "tests/invalid_files.h"

static struct invalid_files files;
static struct diagnostic_list problems;

static void setup(void)
{
    diagnostic_init(&problems);
}

static void teardown(void)
{
    diagnostic_release(&problems);
}

START_TEST(test_invalid)
{
    struct invalid_expectation expectation;
    struct measurements *measurements;
    invalid_files_expect(&files, _i, &expectation);
    ck_assert_msg(measurements_load(expectation.path, NULL, &measurements, &problems) == SIM_BAD_INPUT,
                  "%s was accepted", expectation.path);
    ck_assert_ptr_null(measurements);
    invalid_files_compare(&expectation, &problems);
}
END_TEST

START_TEST(test_there_are_files)
{
    ck_assert_int_ge(files.count, 25);
}
END_TEST

static struct measurements *load(const char *path, const char *hold_out)
{
    struct measurements *measurements;
    if (measurements_load(path, hold_out, &measurements, &problems) != SIM_OK) {
        diagnostic_print(&problems, stdout);
        ck_abort_msg("%s was refused", path);
    }
    return measurements;
}

START_TEST(test_rows_in_the_file)
{
    struct measurements *measurements = load("scenarios/measurements/tts-a100-bursts.yaml", NULL);
    const struct measurement_table *table = &measurements->tables[0];
    char name[64];
    ck_assert(table->kind == MEASUREMENT_BURST && table->row_count == 7);
    ck_assert(table->rows[2].values[MEASURE_REQUESTS] == 15 && table->rows[2].is_held_out);
    ck_assert(table->rows[0].values[MEASURE_P50] == 0.736 && !table->rows[0].is_held_out);
    ck_assert(isnan(table->rows[0].values[MEASURE_MEAN]) && table->rows[1].line == table->rows[0].line + 1);
    measurements_row_name(table, &table->rows[6], name, sizeof name);
    ck_assert_str_eq(name, "requests 50");
    ck_assert(measurements_knows(measurements, "before") && !measurements_knows(measurements, "slots"));
    ck_assert_ptr_eq(measurements_find(measurements, MEASUREMENT_BURST), table);
    ck_assert_ptr_null(measurements_find(measurements, MEASUREMENT_STEPS));
    measurements_destroy(measurements);
}
END_TEST

START_TEST(test_rows_in_a_csv)
{
    struct measurements *measurements = load("scenarios/measurements/tts-cosyvoice2-l20.yaml", "whole:10");
    const struct measurement_table *whole = &measurements->tables[0];
    const struct measurement_table *first = &measurements->tables[1];
    ck_assert(whole->row_count == 6 && first->row_count == 6 && whole->samples == 26);
    ck_assert(fabs(whole->rows[0].values[MEASURE_MEAN] - 0.83366) < 1e-12 && whole->rows[0].line == 2);
    ck_assert(fabs(first->rows[5].values[MEASURE_FIRST_MEAN] - 1.21498) < 1e-12 && first->rows[5].line == 13);
    ck_assert(whole->rows[5].is_held_out && !first->rows[5].is_held_out && whole->rows[1].is_held_out);
    measurements_destroy(measurements);
}
END_TEST

START_TEST(test_wrong_hold_out)
{
    static const char *const wrong[] = {"nowhere:5", "whole:7", "2"};
    struct measurements *measurements;
    ck_assert(measurements_load("scenarios/measurements/tts-cosyvoice2-l20.yaml", wrong[_i], &measurements,
                                &problems) == SIM_BAD_INPUT);
    ck_assert_uint_ge(problems.count, 1);
}
END_TEST

int main(void)
{
    invalid_files_find(&files, "tests/unit/measurements");
    Suite *suite = suite_create("measurements");
    TCase *cases = tcase_create("measurements");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, test_there_are_files);
    tcase_add_loop_test(cases, test_invalid, 0, files.count);
    tcase_add_test(cases, test_rows_in_the_file);
    tcase_add_test(cases, test_rows_in_a_csv);
    tcase_add_loop_test(cases, test_wrong_hold_out, 0, 3);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
