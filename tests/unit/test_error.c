/* test_error.c - statuses have texts, errors say where, and a broken assumption ends the program. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/error.h"

START_TEST(every_status_has_its_own_text)
{
    static const enum sim_status all[] = {
#define MEMBER(name, text) name,
        SIM_STATUS_LIST(MEMBER)
#undef MEMBER
    };
    size_t count = sizeof all / sizeof all[0];
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq((int)all[i], (int)i);
        ck_assert_uint_gt(strlen(sim_status_text(all[i])), 0);
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(sim_status_text(all[i]), sim_status_text(all[k]));
    }
    ck_assert_str_eq(sim_status_text(SIM_OK), "done");
}
END_TEST

START_TEST(a_number_that_is_no_status_has_a_text)
{
    ck_assert_str_eq(sim_status_text((enum sim_status)1000), "unknown status");
}
END_TEST

START_TEST(an_error_is_filled_and_its_status_returned)
{
    struct sim_error error;
    memset(&error, 0x55, sizeof error);
    enum sim_status status = sim_error_set(&error, SIM_BAD_INPUT, "a.yaml", 12, "expected %d, found %s", 3, "x");
    ck_assert_int_eq(status, SIM_BAD_INPUT);
    ck_assert_int_eq(error.status, SIM_BAD_INPUT);
    ck_assert_str_eq(error.file, "a.yaml");
    ck_assert_int_eq(error.line, 12);
    ck_assert_int_eq(error.column, 0);
    ck_assert_str_eq(error.message, "expected 3, found x");
}
END_TEST

START_TEST(file_and_error_may_be_absent)
{
    struct sim_error error;
    memset(&error, 0x55, sizeof error);
    ck_assert_int_eq(sim_error_set(&error, SIM_CANNOT_READ, NULL, 0, "no file"), SIM_CANNOT_READ);
    ck_assert_str_eq(error.file, "");
    ck_assert_int_eq(sim_error_set(NULL, SIM_CANNOT_WRITE, "f", 1, "%s", "nobody listens"), SIM_CANNOT_WRITE);
}
END_TEST

START_TEST(long_texts_are_cut)
{
    char text[2000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct sim_error error;
    ck_assert_int_eq(sim_error_set(&error, SIM_BAD_INPUT, text, 1, "%s", text), SIM_BAD_INPUT);
    ck_assert_uint_eq(strlen(error.file), sizeof error.file - 1);
    ck_assert_uint_eq(strlen(error.message), sizeof error.message - 1);
}
END_TEST

START_TEST(a_claim_that_holds_costs_nothing)
{
    int evaluated = 0;
    sim_assert(++evaluated == 1);
    ck_assert_int_eq(evaluated, 1);
}
END_TEST

START_TEST(a_claim_that_does_not_hold_ends_the_program)
{
    sim_assert(1 + 1 == 3);
}
END_TEST

/* A child fails an assertion with its standard error in a file; the parent reads exit code and message. */
START_TEST(the_message_names_claim_and_place)
{
    FILE *said = tmpfile();
    ck_assert_ptr_nonnull(said);
    pid_t child = fork();
    if (child == 0) {
        dup2(fileno(said), STDERR_FILENO);
        sim_assert_failed("queue_length >= 0", "sim/queue.c", 42);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 3);
    rewind(said);
    char message[300] = "";
    ck_assert_ptr_nonnull(fgets(message, sizeof message, said));
    ck_assert_ptr_nonnull(strstr(message, "sim/queue.c:42"));
    ck_assert_ptr_nonnull(strstr(message, "queue_length >= 0"));
    fclose(said);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("error");
    TCase *tests = tcase_create("error");
    tcase_add_test(tests, every_status_has_its_own_text);
    tcase_add_test(tests, a_number_that_is_no_status_has_a_text);
    tcase_add_test(tests, an_error_is_filled_and_its_status_returned);
    tcase_add_test(tests, file_and_error_may_be_absent);
    tcase_add_test(tests, long_texts_are_cut);
    tcase_add_test(tests, a_claim_that_holds_costs_nothing);
    tcase_add_exit_test(tests, a_claim_that_does_not_hold_ends_the_program, 3);
    tcase_add_test(tests, the_message_names_claim_and_place);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
