/* test_calibrate_walls.c - published walls of whole batches: how far the engine misses them, within and beyond its
 * memory.
 */
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

static void stop(void)
{
    calibrate_destroy(calibration);
    measurements_destroy(measurements);
    calibration = NULL;
}

static void assert_reached(const char *path)
{
    struct sim_error error = {.message = ""};
    ck_assert_msg(run(path, &error) == SIM_OK, "%s", error.message);
    ck_assert_uint_eq(measurements->accept_count, 2);
    for (size_t a = 0; a < measurements->accept_count; a++) {
        double figure = calibrate_figure(calibration, &measurements->accepts[a]);
        ck_assert_msg(figure <= measurements->accepts[a].at_most, "%s: %.4f", path, figure);
    }
    ck_assert_double_lt(calibrate_rms(calibration, false), 0.012);
    ck_assert_uint_eq(calibration->warnings.count, 0);
}

/* Without any of them in the fit, what needs six times the memory comes out right too. */
START_TEST(published_tables)
{
    assert_reached("scenarios/measurements/llama3-8b-a100-vllm.yaml");
    stop();
    assert_reached("scenarios/measurements/llama2-7b-a100-vllm.yaml");
    const struct calibration_error *errors = calibration->errors.items;
    size_t beyond = 0;
    for (size_t i = 0; i < calibration->errors.count; i++) {
        bool is_beyond = errors[i].is_held_out && strncmp(errors[i].row, "batch 64,", 9) == 0;
        ck_assert(!is_beyond || fabs(errors[i].relative) < 0.08);
        beyond += is_beyond;
    }
    ck_assert_uint_eq(beyond, 3);
    stop();
}
END_TEST

static enum sim_status run_table(const char *profile, const char *rows, struct sim_error *error)
{
    char path[] = "/tmp/capsim_wallsXXXXXX";
    close(mkstemp(path));
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file,
            "measurements: 1\nname: own\nsource: this test\nprofile: {stage: continuous-batching, %s}\n"
            "data:\n  - name: own\n    kind: offline\n    rows:\n%s",
            profile, rows);
    fclose(file);
    enum sim_status status = run(path, error);
    remove(path);
    return status;
}

START_TEST(what_cannot_be_told_apart_is_said)
{
    struct sim_error error = {.message = ""};
    const char *rows = "      - {batch: 1, input_tokens: 100 tokens, output_tokens: 100 tokens, wall: 1 s}\n"
                       "      - {batch: 1, input_tokens: 200 tokens, output_tokens: 200 tokens, wall: 2.1 s}\n"
                       "      - {batch: 4, input_tokens: 100 tokens, output_tokens: 100 tokens, wall: 1.5 s}\n"
                       "      - {batch: 4, input_tokens: 200 tokens, output_tokens: 200 tokens, wall: 3.2 s}\n";
    ck_assert_msg(run_table("kv_tokens: 10000 tokens", rows, &error) == SIM_OK, "%s", error.message);
    ck_assert_uint_eq(calibration->warnings.count, 1);
    ck_assert_ptr_nonnull(strstr(*(const char *const *)calibration->warnings.items, "cannot tell prefill"));
    ck_assert_uint_eq(calibration->profile.step_curve_count, 2);
    stop();
    ck_assert_int_eq(run_table("kv_tokens: 300 tokens", rows, &error), SIM_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(error.message, "too few rows that fit"));
    stop();
}
END_TEST

int main(void)
{
    gsl_set_error_handler_off();
    Suite *suite = suite_create("calibrate_walls");
    TCase *tests = tcase_create("calibrate_walls");
    tcase_add_test(tests, published_tables);
    tcase_add_test(tests, what_cannot_be_told_apart_is_said);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
