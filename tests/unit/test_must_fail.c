/* test_must_fail.c - a test with a planted fault: it has to fail, which proves that failing is noticed. */
#include <check.h>
#include <stdlib.h>

START_TEST(two_and_two)
{
    ck_assert_int_eq(2 + 2, 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("must fail");
    TCase *tests = tcase_create("planted");
    tcase_add_test(tests, two_and_two);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
