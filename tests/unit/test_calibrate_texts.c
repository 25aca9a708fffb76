/* test_calibrate_texts.c - requests by length of text: work, first output, audio, and rows that contradict. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/calibrate_case.h"

#define HEAD "measurements: 1\nname: texts\nsource: a test\n"

static struct calibrate_case c;

static void tear_down(void)
{
    calibrate_case_release(&c);
}

static void run(const char *text)
{
    struct sim_error error = {0};
    ck_assert_msg(calibrate_case_run(&c, text, 1, &error) == SIM_OK, "%s", error.message);
}

static void expect(const char *name, double value, double relative)
{
    double got = calibrate_case_parameter(&c, name)->value;
    ck_assert_msg(fabs(got / value - 1) <= relative, "%s is %g, expected %g", name, got, value);
}

/* Texts whose times are exact: 100 ms before, 1 s of work per 100 characters, 60 ms after, first output at 30 %. */
START_TEST(exact_texts_give_their_numbers_back)
{
    run(HEAD "profile:\n  stage: processor-sharing\n  base_time: 450 ms\n  per_running: 50 ms\n"
             "  before: [{name: net, time: 100 ms}]\n  after: [{name: end, time: 60 ms}]\n"
             "data:\n  - name: t\n    kind: texts\n    rows:\n"
             "      - {characters: 50, time: 660 ms, first_mean: 250 ms, audio: 2 s, rtf: 0.33}\n"
             "      - {characters: 100, time: 1160 ms, first_mean: 400 ms, audio: 4 s, rtf: 0.29}\n"
             "      - {characters: 300, time: 3160 ms, first_mean: 1000 ms, audio: 12 s}\n");
    expect("text_time", 0.16, 1e-9);
    expect("text_time_per_character", 0.01, 1e-9);
    expect("text_first_output", 0.1, 1e-9);
    expect("text_first_output_per_character", 0.003, 1e-9);
    expect("audio_per_character", 0.04, 1e-9);
    expect("work characters 50", 1, 1e-9);
    expect("work characters 300", 6, 1e-9);
    expect("first_output", 0.3, 1e-9);
    ck_assert_double_eq_tol(c.calibration->profile.first_output, 0.3, 1e-9);
    ck_assert_uint_eq(c.calibration->anomalies.count, 0);
    ck_assert_uint_eq(c.calibration->warnings.count, 0);
    for (size_t i = 0; i < c.calibration->errors.count; i++)
        ck_assert(fabs(((const struct calibration_error *)c.calibration->errors.items)[i].relative) < 1e-9);
}
END_TEST

/* The published table: the total is nearly a line, the first output is none, and the audio of the long text is odd. */
START_TEST(the_published_table_contradicts_itself)
{
    calibrate_case_load(&c, "scenarios/measurements/tts-texts.yaml", 1);
    expect("work short", 0.8786, 1e-3);
    expect("work medium", 2.643, 1e-3);
    expect("work long", 6.913, 1e-3);
    expect("first_output", 0.36, 0.01);
    const struct measurement_accept line = {.data = "texts", .metric = "time", .load = "", .figure = ACCEPT_WORST};
    ck_assert(calibrate_figure(c.calibration, &line) < 0.03);
    ck_assert(fabs(calibrate_case_error(&c, "medium", "first_mean", "straight line in characters")->relative) > 0.3);
    calibrate_case_said(&c, "4.95 ms from 20 to 150, 0.974 ms from 150 to 500");
    calibrate_case_said(&c, "8 s of audio are 0.016 s per character");
    calibrate_case_said(&c, "its real-time factor would make it 21.1 s");
    calibrate_case_said(&c,
                        "the real-time factor 0.28 is not time / audio, 0.564; it is nearer to first output / audio");
    ck_assert_uint_eq(c.calibration->anomalies.count, 4);
}
END_TEST

START_TEST(without_a_unit_the_first_text_is_one)
{
    run(HEAD "profile: {stage: independent, service_time: fixed(2 s), first_output: 50%}\n"
             "data:\n  - name: t\n    kind: texts\n    rows:\n"
             "      - {characters: 50, time: 1 s, first_mean: 0.5 s}\n      - {characters: 100, time: 3 s}\n");
    expect("work characters 50", 0.5, 1e-9);
    expect("work characters 100", 1.5, 1e-9);
    calibrate_case_release(&c);
    run(HEAD "profile: {stage: processor-sharing}\n"
             "data:\n  - name: t\n    kind: texts\n    rows:\n"
             "      - {characters: 50, time: 1 s}\n      - {characters: 100, time: 3 s}\n");
    ck_assert_double_eq(c.calibration->profile.base_s, 1);
    ck_assert_int_eq(c.calibration->profile.calibrated_running, 1);
    expect("work characters 100", 3, 1e-9);
    calibrate_case_said(&c, "does not say how long a unit of work takes");
}
END_TEST

START_TEST(a_text_faster_than_its_fixed_stages_is_refused)
{
    struct sim_error error = {0};
    const char *text = HEAD "profile: {stage: processor-sharing, base_time: 1 s, before: [{name: n, time: 1 s}]}\n"
                            "data:\n  - name: t\n    kind: texts\n    rows:\n"
                            "      - {characters: 50, time: 3 s}\n      - {characters: 10, time: 0.9 s}\n";
    ck_assert_int_eq(calibrate_case_run(&c, text, 1, &error), SIM_BAD_INPUT);
    ck_assert_int_eq(error.line, 10);
    ck_assert_msg(strstr(error.message, "not longer than the fixed stages"), "%s", error.message);
}
END_TEST

START_TEST(a_held_out_text_is_predicted)
{
    run(HEAD "profile: {stage: processor-sharing, base_time: 1 s}\n"
             "data:\n  - name: t\n    kind: texts\n    hold_out: [200]\n    rows:\n"
             "      - {characters: 100, time: 1 s}\n      - {characters: 200, time: 2.2 s}\n"
             "      - {characters: 300, time: 3 s}\n");
    const struct calibration_error *error = calibrate_case_error(&c, "characters 200", "time", "");
    ck_assert(error->is_held_out);
    ck_assert_double_eq_tol(error->ours, 2, 1e-9);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("calibration of texts");
    TCase *tests = tcase_create("calibration of texts");
    tcase_add_checked_fixture(tests, NULL, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, exact_texts_give_their_numbers_back);
    tcase_add_test(tests, the_published_table_contradicts_itself);
    tcase_add_test(tests, without_a_unit_the_first_text_is_one);
    tcase_add_test(tests, a_text_faster_than_its_fixed_stages_is_refused);
    tcase_add_test(tests, a_held_out_text_is_predicted);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
