/* test_invalid.c - every scenario in invalid/ is refused for exactly the reasons that its first lines name
 * (tests/invalid_files.h).
 */
#include <check.h>
#include <stdlib.h>

#include "scenarios/scenario.h"
#include "tests/invalid_files.h"

static struct invalid_files files;

START_TEST(test_invalid)
{
    struct invalid_expectation expectation;
    struct diagnostic_list problems;
    struct scenario *scenario;
    invalid_files_expect(&files, _i, &expectation);
    diagnostic_init(&problems);
    ck_assert_msg(scenario_load(expectation.path, expectation.settings, expectation.setting_count, &scenario,
                                &problems) == SIM_BAD_INPUT,
                  "%s was accepted", expectation.path);
    invalid_files_compare(&expectation, &problems);
    diagnostic_release(&problems);
}
END_TEST

START_TEST(test_there_are_files)
{
    ck_assert_int_ge(files.count, 40);
}
END_TEST

int main(void)
{
    setenv("CAPSIM_CATALOGUE", "tests/unit/catalogue", 1);
    invalid_files_find(&files, "tests/unit/invalid");
    Suite *suite = suite_create("invalid");
    TCase *cases = tcase_create("invalid");
    tcase_add_test(cases, test_there_are_files);
    tcase_add_loop_test(cases, test_invalid, 0, files.count);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
