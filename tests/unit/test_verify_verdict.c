/* test_verify_verdict.c - when a row is confirmed, off or contradicted. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/verify_internal.h"

struct judgement {
    const char *theirs;
    double number;
    const char *text; /* NULL: ours is the number */
    int32_t kind;
    double tolerance; /* NaN: none; 100 and more: 100 + share */
    int holds;        /* -1: not said */
    int32_t verdict;
};

static const struct judgement judgements[] = {
    /* Half a unit of the last printed digit, ends included. */
    {"43", 43.4783, NULL, REFERENCE_ARITHMETIC, NAN, -1, REFERENCE_CONFIRMED},
    {"43", 43.5, NULL, REFERENCE_ARITHMETIC, NAN, -1, REFERENCE_CONFIRMED},
    {"43", 43.51, NULL, REFERENCE_ARITHMETIC, NAN, -1, REFERENCE_OFF},
    {"43.0", 43.4783, NULL, REFERENCE_ARITHMETIC, NAN, -1, REFERENCE_OFF},
    {"280.80", 280.804, NULL, REFERENCE_ARITHMETIC, NAN, -1, REFERENCE_CONFIRMED},
    {"0.3", 0.1 + 0.2, NULL, REFERENCE_ARITHMETIC, 0, -1, REFERENCE_CONFIRMED},
    {"-216", -216.2, NULL, REFERENCE_ARITHMETIC, NAN, -1, REFERENCE_CONFIRMED},
    {"-216", 216, NULL, REFERENCE_ARITHMETIC, NAN, -1, REFERENCE_OFF},
    /* A tenth for what was measured; what the row says goes before. */
    {"200", 219, NULL, REFERENCE_MEASURED, NAN, -1, REFERENCE_CONFIRMED},
    {"200", 221, NULL, REFERENCE_MEASURED, NAN, -1, REFERENCE_OFF},
    {"200", 219, NULL, REFERENCE_MEASURED, 100.05, -1, REFERENCE_OFF},
    {"200", 209, NULL, REFERENCE_CLAIM, 100.05, -1, REFERENCE_CONFIRMED},
    {"200", 203, NULL, REFERENCE_MEASURED, 2, -1, REFERENCE_OFF},
    /* What is concluded goes before the figure. */
    {"43", 43, NULL, REFERENCE_CLAIM, NAN, 0, REFERENCE_CONTRADICTED},
    {"43", 99, NULL, REFERENCE_CLAIM, NAN, 0, REFERENCE_CONTRADICTED},
    {"43", 99, NULL, REFERENCE_CLAIM, NAN, 1, REFERENCE_OFF},
    {"43", 43, NULL, REFERENCE_CLAIM, NAN, 1, REFERENCE_CONFIRMED},
    /* Ranges. */
    {"8-10", 9.2, NULL, REFERENCE_CLAIM, NAN, -1, REFERENCE_CONFIRMED},
    {"8-10", 7.5, NULL, REFERENCE_CLAIM, NAN, -1, REFERENCE_CONFIRMED},
    {"8-10", 7.4, NULL, REFERENCE_CLAIM, NAN, -1, REFERENCE_OFF},
    {"8-10", 10.6, NULL, REFERENCE_CLAIM, NAN, -1, REFERENCE_OFF},
    {"300-800", 850, NULL, REFERENCE_MEASURED, NAN, -1, REFERENCE_CONFIRMED},
    /* Text. */
    {"L4", 0, "L4", REFERENCE_CLAIM, NAN, -1, REFERENCE_CONFIRMED},
    {"L4", 0, "L40", REFERENCE_CLAIM, NAN, -1, REFERENCE_OFF},
    {"L4", 0, "A40", REFERENCE_CLAIM, NAN, 0, REFERENCE_CONTRADICTED},
    {"L4=24; A40=48", 0, "L4=24.0;  A40=48 ", REFERENCE_INPUT, NAN, -1, REFERENCE_CONFIRMED},
    {"L4=24; A40=48", 0, "L4=24.0; A40=48", REFERENCE_INPUT, NAN, -1, REFERENCE_CONFIRMED},
    {"L4=24; A40=48", 0, "L4=24; A40=47", REFERENCE_INPUT, NAN, -1, REFERENCE_OFF},
    {"L4=24; A40=48", 0, "L4=24", REFERENCE_INPUT, NAN, -1, REFERENCE_OFF},
    {"0.28, 0.17, 0.18", 0, "0.282, 0.171, 0.18", REFERENCE_ARITHMETIC, NAN, -1, REFERENCE_CONFIRMED},
    {"12/8", 0, "12.0/8.0", REFERENCE_INPUT, NAN, -1, REFERENCE_CONFIRMED},
    {"12/8", 0, "12/9", REFERENCE_INPUT, NAN, -1, REFERENCE_OFF},
    {"A100-80GB", 0, "A100-80GB", REFERENCE_INPUT, NAN, -1, REFERENCE_CONFIRMED},
    {"A100-80GB", 0, "A101-80GB", REFERENCE_INPUT, NAN, -1, REFERENCE_OFF},
    {"2025-03-10", 0, "2025-03-11", REFERENCE_INPUT, NAN, -1, REFERENCE_OFF},
    {"70+", 70, NULL, REFERENCE_CLAIM, NAN, -1, REFERENCE_OFF},
    {"warning=> 2; critical=> 5", 0, "warning=> 2; critical=> 5", REFERENCE_RULE, NAN, -1, REFERENCE_CONFIRMED},
    {"batch", 3, NULL, REFERENCE_RULE, NAN, -1, REFERENCE_OFF},
};

START_TEST(a_row)
{
    const struct judgement *judgement = &judgements[_i];
    struct reference_row reference = {.theirs = judgement->theirs, .kind = judgement->kind};
    reference.is_tolerance_share = judgement->tolerance >= 100;
    reference.tolerance = judgement->tolerance - (reference.is_tolerance_share ? 100 : 0);
    struct verify_row row = {.row = &reference, .low = NAN, .high = NAN};
    row.ours.kind = judgement->text ? FORMULA_TEXT : FORMULA_NUMBER;
    row.ours.text = judgement->text;
    row.ours.number = judgement->number;
    bool holds = judgement->holds == 1;
    verify_verdict_judge(&row, judgement->holds < 0 ? NULL : &holds);
    ck_assert_msg(row.verdict == judgement->verdict, "%d: '%s' and '%s' or %g: %s", _i, judgement->theirs,
                  judgement->text ? judgement->text : "", judgement->number, reference_verdict_text(row.verdict));
}
END_TEST

START_TEST(truth)
{
    struct reference_row reference = {.theirs = "", .kind = REFERENCE_CLAIM, .tolerance = NAN};
    struct verify_row row = {.row = &reference, .low = NAN, .high = NAN};
    row.ours.kind = FORMULA_TRUTH;
    row.ours.is_true = true;
    verify_verdict_judge(&row, NULL);
    ck_assert_int_eq(row.verdict, REFERENCE_CONFIRMED);
    row.ours.is_true = false;
    verify_verdict_judge(&row, NULL);
    ck_assert_int_eq(row.verdict, REFERENCE_CONTRADICTED);
}
END_TEST

START_TEST(how_far_off_and_how_clear)
{
    struct reference_row reference = {.theirs = "10", .kind = REFERENCE_CLAIM, .tolerance = 1};
    struct verify_row row = {.row = &reference, .low = 11.5, .high = 12.5};
    row.ours.number = 12;
    verify_verdict_judge(&row, NULL);
    ck_assert(row.verdict == REFERENCE_OFF && row.difference == 2 && row.allowed == 1 && row.is_clear);
    row.low = 10.9;
    verify_verdict_judge(&row, NULL);
    ck_assert(row.verdict == REFERENCE_OFF && !row.is_clear);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verify_verdict");
    TCase *cases = tcase_create("verify_verdict");
    tcase_add_loop_test(cases, a_row, 0, sizeof judgements / sizeof *judgements);
    tcase_add_test(cases, truth);
    tcase_add_test(cases, how_far_off_and_how_clear);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
