/* test_calibrate_gpus.c - speeds of GPUs, and what a table does not say. */
#include <check.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/calibrate.h"

static struct measurements *measurements;
static struct calibration *calibration;

static enum sim_status run(const char *path, struct sim_error *error)
{
    struct diagnostic_list problems;
    const struct calibrate_options options = {.seed = 1};
    diagnostic_init(&problems);
    enum sim_status status = measurements_load(path, NULL, &measurements, &problems);
    if (status != SIM_OK)
        diagnostic_print(&problems, stdout);
    ck_assert_int_eq(status, SIM_OK);
    diagnostic_release(&problems);
    return calibrate_run(measurements, &options, &calibration, error);
}

static enum sim_status run_table(const char *table, struct sim_error *error)
{
    char path[] = "/tmp/capsim_gpusXXXXXX";
    close(mkstemp(path));
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file,
            "measurements: 1\nname: own\nsource: this test\nprofile: {stage: processor-sharing, base_time: 1 s}\n"
            "data:\n  - name: own\n    kind: gpus\n%s",
            table);
    fclose(file);
    enum sim_status status = run(path, error);
    remove(path);
    return status;
}

static void stop(void)
{
    calibrate_destroy(calibration);
    measurements_destroy(measurements);
    calibration = NULL;
}

static const struct calibration_parameter *parameter(const char *name)
{
    const struct calibration_parameter *parameters = calibration->parameters.items;
    for (size_t i = 0; i < calibration->parameters.count; i++)
        if (strcmp(parameters[i].name, name) == 0)
            return &parameters[i];
    ck_abort_msg("no parameter '%s'", name);
    return NULL;
}

START_TEST(measured_once_has_no_interval)
{
    struct sim_error error;
    ck_assert_int_eq(run("scenarios/measurements/tts-gpus.yaml", &error), SIM_OK);
    ck_assert_uint_eq(calibration->parameters.count, 8); /* not the reference */
    ck_assert_double_eq_tol(parameter("speed of H100")->value, 1.2, 1e-9);
    ck_assert_double_nan(parameter("speed of H100")->low);
    ck_assert_ptr_nonnull(strstr(parameter("speed of H100")->note, "1.13 to 1.28"));
    ck_assert_uint_eq(calibration->warnings.count, 1);
    stop();
}
END_TEST

/* Less time is faster; repeats give an interval; the first row is the reference. */
START_TEST(times_and_repeats)
{
    struct sim_error error;
    ck_assert_int_eq(run_table("    rows:\n      - {label: L4, mean: 200 ms}\n      - {label: L4, mean: 202 ms}\n"
                               "      - {label: A40, mean: 100 ms}\n      - {label: A40, mean: 101 ms}\n",
                               &error),
                     SIM_OK);
    const struct calibration_parameter *speed = parameter("speed of A40");
    ck_assert_double_eq_tol(speed->value, 2, 1e-3);
    ck_assert(speed->low < 2 && speed->high > 2 && speed->low > 1.9 && speed->high < 2.1);
    ck_assert_uint_eq(calibration->warnings.count, 0);
    stop();
}
END_TEST

START_TEST(what_cannot_be_compared_is_refused)
{
    struct sim_error error;
    ck_assert_int_eq(run_table("    reference: H100\n    rows:\n      - {label: L4, mean: 200 ms}\n"
                               "      - {label: A40, mean: 100 ms}\n",
                               &error),
                     SIM_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(error.message, "no row of its reference 'H100'"));
    stop();
    ck_assert_int_eq(
        run_table("    rows:\n      - {label: L4, mean: 200 ms}\n      - {label: A40, memory: 48 GB}\n", &error),
        SIM_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(error.message, "no measure that says how fast"));
    stop();
}
END_TEST

int main(void)
{
    gsl_set_error_handler_off();
    Suite *suite = suite_create("calibrate_gpus");
    TCase *tests = tcase_create("calibrate_gpus");
    tcase_add_test(tests, measured_once_has_no_interval);
    tcase_add_test(tests, times_and_repeats);
    tcase_add_test(tests, what_cannot_be_compared_is_refused);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
