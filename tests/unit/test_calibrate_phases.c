/* test_calibrate_phases.c - starts by phase: observations become distributions, single ones fixed times. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/random.h"
#include "tests/calibrate_case.h"

#define HEAD                                         \
    "measurements: 1\nname: start\nsource: a test\n" \
    "profile:\n  stage: processor-sharing\n  base_time: 1 s\n"

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

static const struct phase_config *phase(size_t index)
{
    ck_assert_uint_lt(index, c.calibration->profile.startup_count);
    return &c.calibration->profile.startup[index];
}

/* The phases that are published for one service: 61 s, where the text says about 60. */
START_TEST(published_phases_are_fixed_and_add_up_to_more_than_is_said)
{
    calibrate_case_load(&c, "scenarios/measurements/tts-start.yaml", 1);
    static const char *const names[] = {"boot", "imports", "engine", "model", "decoder"};
    static const double times_s[] = {1, 5, 30, 20, 5};
    ck_assert_uint_eq(c.calibration->profile.startup_count, 5);
    for (size_t i = 0; i < 5; i++) {
        ck_assert_str_eq(phase(i)->name, names[i]);
        ck_assert_int_eq(phase(i)->time_s.kind, SIM_DISTRIBUTION_FIXED);
        ck_assert_double_eq(phase(i)->time_s.of.fixed.value, times_s[i]);
        ck_assert(!phase(i)->removed_by_snapshot && phase(i)->billed);
    }
    ck_assert_double_eq(calibrate_case_error(&c, "total", "time", "")->ours, 61);
    ck_assert(isnan(calibrate_case_parameter(&c, "startup boot")->low));
    calibrate_case_said(&c, "add up to 61 s, 'total' says 60 s");
    calibrate_case_said(&c, "one observation has no spread: taken as fixed for boot, imports, engine, model, decoder");
}
END_TEST

/* Three figures for one start are three starts. */
START_TEST(a_start_from_a_snapshot_restores_what_is_not_booted)
{
    static const char *const files[] = {"scenarios/measurements/tts-start-snapshot.yaml",
                                        "scenarios/measurements/tts-start-planned.yaml"};
    static const double restore_s[] = {50, 9};
    for (size_t i = 0; i < 2; i++) {
        calibrate_case_load(&c, files[i], 1);
        ck_assert(!phase(0)->removed_by_snapshot && phase(1)->removed_by_snapshot && phase(4)->removed_by_snapshot);
        ck_assert_double_eq(c.calibration->profile.snapshot_restore_s.of.fixed.value, restore_s[i]);
        calibrate_case_release(&c);
    }
}
END_TEST

/* Forty starts of a lognormal of mean 30 s, cv 0.2, and of a boot of 2 s. The standard error of their mean is 0.95 s;
 * whether intervals hold the truth as often as they say is for the theory test of the fit.
 */
START_TEST(several_observations_become_a_distribution)
{
    char text[8000] = HEAD "data:\n  - name: starts\n    kind: phases\n    rows:\n";
    struct sim_distribution truth;
    struct sim_random stream;
    ck_assert_int_eq(sim_distribution_lognormal(&truth, 30, 0.2, NULL), SIM_OK);
    sim_random_init(&stream, 5, 0, 1, 0, 0);
    for (int i = 0; i < 40; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used,
                 "      - {label: boot, time: 2 s}\n      - {label: engine, time: %.6f s}\n",
                 sim_distribution_sample(&truth, &stream));
    }
    run(text);
    ck_assert_int_eq(phase(0)->time_s.kind, SIM_DISTRIBUTION_FIXED);
    ck_assert_int_ne(phase(1)->time_s.kind, SIM_DISTRIBUTION_FIXED);
    const struct calibration_parameter *mean = calibrate_case_parameter(&c, "startup engine");
    const struct calibration_parameter *cv = calibrate_case_parameter(&c, "startup engine cv");
    ck_assert_double_eq_tol(mean->value, 30, 4);
    ck_assert(mean->low < mean->value && mean->value < mean->high && mean->high - mean->low < 6);
    ck_assert(cv->low < cv->value && cv->value < cv->high && cv->value > 0.1 && cv->value < 0.3);
    ck_assert_msg(strstr(mean->note, "40 observations, Anderson-Darling p") != NULL, "%s", mean->note);
    calibrate_case_said(&c, "startup boot: equal observations show no spread");
}
END_TEST

START_TEST(a_measured_restore_is_held_against_a_measured_total)
{
    run(HEAD "  startup: [{name: boot, time: 1 s}, {name: load, time: 9 s, removed_by_snapshot: true, billed: false}]\n"
             "data:\n  - name: starts\n    kind: phases\n    rows:\n"
             "      - {label: load, time: 20 s}\n"
             "      - {label: snapshot restore, time: 4 s}\n"
             "      - {label: snapshot create, time: 6 s}\n"
             "      - {label: total with snapshot, time: 6 s}\n");
    ck_assert_double_eq(phase(0)->time_s.of.fixed.value, 1); /* known, not measured */
    ck_assert_double_eq(phase(1)->time_s.of.fixed.value, 20);
    ck_assert(!phase(1)->billed);
    ck_assert_double_eq(c.calibration->profile.snapshot_restore_s.of.fixed.value, 4);
    ck_assert_double_eq(c.calibration->profile.snapshot_create_s.of.fixed.value, 6);
    ck_assert_double_eq(calibrate_case_error(&c, "total with snapshot", "time", "")->ours, 5);
    calibrate_case_said(&c, "add up to 5 s, 'total with snapshot' says 6 s");
}
END_TEST

START_TEST(a_snapshot_must_remove_something)
{
    run(HEAD "data:\n  - name: starts\n    kind: phases\n    rows:\n"
             "      - {label: boot, time: 2 s}\n      - {label: snapshot restore, time: 4 s}\n");
    calibrate_case_said(&c, "no phase is removed by a snapshot");
}
END_TEST

START_TEST(a_total_shorter_than_what_stays_is_refused)
{
    struct sim_error error = {0};
    const char *text = HEAD "  startup: [{name: boot, time: 2 s}, {name: load, time: 9 s, removed_by_snapshot: true}]\n"
                            "data:\n  - name: starts\n    kind: phases\n    rows:\n"
                            "      - {label: load, time: 20 s}\n"
                            "      - {label: total with snapshot, time: 1.5 s}\n";
    ck_assert_int_eq(calibrate_case_run(&c, text, 1, &error), SIM_BAD_INPUT);
    ck_assert_int_eq(error.line, 13);
    ck_assert_msg(strstr(error.message, "not longer than the phases that a snapshot leaves, 2 s"), "%s", error.message);
}
END_TEST

START_TEST(held_out_starts_are_predicted)
{
    run(HEAD
        "data:\n  - name: starts\n    kind: phases\n    fit: odd\n    rows:\n"
        "      - {label: boot, time: 2 s}\n      - {label: boot, time: 2.2 s}\n      - {label: load, time: 9 s}\n");
    const struct calibration_error *error = calibrate_case_error(&c, "boot", "time", "");
    ck_assert(error->is_held_out);
    ck_assert_double_eq_tol(error->relative, 2 / 2.2 - 1, 1e-12);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("calibration of starts");
    TCase *tests = tcase_create("calibration of starts");
    tcase_add_checked_fixture(tests, NULL, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, published_phases_are_fixed_and_add_up_to_more_than_is_said);
    tcase_add_test(tests, a_start_from_a_snapshot_restores_what_is_not_booted);
    tcase_add_test(tests, several_observations_become_a_distribution);
    tcase_add_test(tests, a_measured_restore_is_held_against_a_measured_total);
    tcase_add_test(tests, a_snapshot_must_remove_something);
    tcase_add_test(tests, a_total_shorter_than_what_stays_is_refused);
    tcase_add_test(tests, held_out_starts_are_predicted);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
