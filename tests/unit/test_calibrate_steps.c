/* test_calibrate_steps.c - step tables that are published: what is found, left out, named, and how far it misses. */
#include <check.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/calibrate.h"

#define FOLDER "scenarios/measurements/"

static const char *const splitwise[] = {FOLDER "llama2-70b-a100-tp2.yaml", FOLDER "llama2-70b-a100-tp4.yaml",
                                        FOLDER "llama2-70b-a100-tp8.yaml", FOLDER "bloom-176b-a100-tp8.yaml"};
enum {
    SPLITWISE = sizeof splitwise / sizeof splitwise[0]
};

static struct measurements *measurements;
static struct calibration *calibration;

static enum sim_status run(const char *path, const char *hold_out, struct sim_error *error)
{
    struct diagnostic_list problems;
    const struct calibrate_options options = {.seed = 1};
    diagnostic_init(&problems);
    enum sim_status status = measurements_load(path, hold_out, &measurements, &problems);
    if (status != SIM_OK)
        diagnostic_print(&problems, stdout);
    ck_assert_int_eq(status, SIM_OK);
    diagnostic_release(&problems);
    return calibrate_run(measurements, &options, &calibration, error);
}

static void start(const char *path, const char *hold_out)
{
    struct sim_error error = {.message = ""};
    ck_assert_msg(run(path, hold_out, &error) == SIM_OK, "%s", error.message);
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

static bool has_text(const struct sim_array *texts, const char *part)
{
    for (size_t i = 0; i < texts->count; i++)
        if (strstr(((const char *const *)texts->items)[i], part))
            return true;
    return false;
}

START_TEST(accepted_errors_are_reached)
{
    for (size_t i = 0; i < SPLITWISE; i++) {
        start(splitwise[i], NULL);
        ck_assert_uint_eq(measurements->accept_count, 2);
        for (size_t a = 0; a < measurements->accept_count; a++) {
            double figure = calibrate_figure(calibration, &measurements->accepts[a]);
            ck_assert_msg(figure <= measurements->accepts[a].at_most, "%s: %.4f", splitwise[i], figure);
        }
        stop();
    }
}
END_TEST

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Median and largest of the token errors at held-out batches of all tables. */
static void held_out_errors(const char *variant, double *median, double *worst)
{
    double sizes[100] = {0};
    size_t count = 0;
    for (size_t i = 0; i < SPLITWISE; i++) {
        start(splitwise[i], NULL);
        const struct calibration_error *errors = calibration->errors.items;
        for (size_t e = 0; e < calibration->errors.count; e++)
            if (errors[e].is_held_out && strcmp(errors[e].metric, "token_time") == 0 &&
                strcmp(errors[e].variant, variant) == 0)
                sizes[count++] = fabs(errors[e].relative);
        stop();
    }
    ck_assert_uint_eq(count, 19);
    qsort(sizes, count, sizeof *sizes, by_size);
    *median = sizes[count / 2];
    *worst = sizes[count - 1];
}

START_TEST(a_straight_line_is_worse)
{
    double line[2], curve[2];
    held_out_errors("straight line", &line[0], &line[1]);
    held_out_errors("", &curve[0], &curve[1]);
    ck_assert_msg(curve[0] < line[0] && curve[1] < line[1], "median %.4f and %.4f, worst %.4f and %.4f", curve[0],
                  line[0], curve[1], line[1]);
}
END_TEST

/* Which rows are named, and whether they were left out. */
static void assert_anomalies(const char *path, const char *expected)
{
    char found[200] = "";
    start(path, NULL);
    const struct calibration_anomaly *anomalies = calibration->anomalies.items;
    for (size_t i = 0, length = 0; i < calibration->anomalies.count; i++)
        length += (size_t)snprintf(found + length, sizeof found - length, "%s %s;", anomalies[i].row,
                                   anomalies[i].is_left_out ? "out" : "pooled");
    ck_assert_str_eq(found, expected);
    stop();
}

START_TEST(rows_that_fall_are_named)
{
    assert_anomalies(splitwise[0], "batch 64 out;");
    assert_anomalies(splitwise[1], "batch 4 pooled;batch 8 pooled;");
    assert_anomalies(splitwise[2], "batch 2 pooled;");
    assert_anomalies(splitwise[3], "");
}
END_TEST

START_TEST(the_profile_is_the_curve)
{
    start(splitwise[3], NULL);
    const struct profile_config *profile = &calibration->profile;
    ck_assert_uint_eq(profile->step_curve_count, 7);
    ck_assert_int_eq(profile->step_curve[6].running, 64);
    ck_assert_double_eq(profile->step_curve[6].time_s, parameter("step at 64 running")->value);
    ck_assert_double_eq(profile->per_cached_token_s, parameter("per_cached_token")->value);
    ck_assert_int_eq(profile->calibrated_running, 64);
    ck_assert(has_text(&calibration->warnings, "rows of one batch differ"));
    stop();
}
END_TEST

/* A batch that is held out by name is predicted, and nothing else is. */
START_TEST(held_out_rows_are_not_fitted)
{
    start(splitwise[1], "16");
    const struct calibration_error *errors = calibration->errors.items;
    size_t held_out = 0;
    for (size_t i = 0; i < calibration->errors.count; i++) {
        if (strcmp(errors[i].metric, "token_time") != 0)
            continue;
        held_out += errors[i].is_held_out;
        ck_assert(errors[i].is_held_out == (strncmp(errors[i].row, "batch 16,", 9) == 0));
    }
    ck_assert_uint_eq(held_out, 1);
    ck_assert_uint_eq(calibration->profile.step_curve_count, 6);
    stop();
}
END_TEST

static const char *const TABLE_HEAD = "measurements: 1\nname: own\nsource: this test\nprofile: {stage: "
                                      "continuous-batching, kv_tokens: 10000 tokens, max_batch: 8}\n";

static void write_file(const char *path, const char *rest)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(TABLE_HEAD, file);
    fputs(rest, file);
    fclose(file);
}

/* Without prompts, lengths and repeats: c0 alone, and it is said what is missing. */
START_TEST(little_data_gives_warnings)
{
    char path[] = "/tmp/capsim_stepsXXXXXX";
    close(mkstemp(path));
    write_file(path, "fit: {form: line}\ndata:\n  - name: own\n    kind: steps\n    rows:\n"
                     "      - {batch: 1, token_time: 10 ms}\n      - {batch: 4, token_time: 16 ms}\n"
                     "      - {batch: 2, token_time: 12 ms}\n");
    start(path, NULL);
    const struct profile_config *profile = &calibration->profile;
    ck_assert_uint_eq(profile->step_curve_count, 3);
    ck_assert_double_eq_tol(profile->step_curve[1].time_s, 0.012, 1e-3);
    ck_assert_double_eq(profile->per_cached_token_s, 0);
    ck_assert(has_text(&calibration->warnings, "long texts will come out too fast"));
    ck_assert(has_text(&calibration->warnings, "no prompt times"));
    ck_assert(has_text(&calibration->warnings, "only 3 batches"));
    ck_assert(has_text(&calibration->warnings, "max_batch is 8"));
    stop();
    remove(path);
}
END_TEST

START_TEST(too_few_batches_for_a_knee_are_refused)
{
    char path[] = "/tmp/capsim_stepsXXXXXX";
    struct sim_error error;
    close(mkstemp(path));
    write_file(path, "fit: {form: knee}\ndata:\n  - name: own\n    kind: steps\n    rows:\n"
                     "      - {batch: 1, token_time: 10 ms}\n      - {batch: 4, token_time: 16 ms}\n");
    ck_assert_int_eq(run(path, NULL, &error), SIM_BAD_INPUT);
    ck_assert(strstr(error.message, "too few batches") && error.line == 10);
    stop();
    remove(path);
}
END_TEST

START_TEST(batches_that_no_engine_has_are_refused)
{
    char path[] = "/tmp/capsim_stepsXXXXXX";
    struct sim_error error;
    close(mkstemp(path));
    write_file(path, "data:\n  - name: own\n    kind: steps\n    rows:\n"
                     "      - {batch: 1, token_time: 10 ms}\n      - {batch: 5000, token_time: 16 ms}\n");
    ck_assert_int_eq(run(path, NULL, &error), SIM_BAD_INPUT);
    ck_assert(strstr(error.message, "a batch of 5000") && error.line == 10);
    stop();
    remove(path);
}
END_TEST

int main(void)
{
    gsl_set_error_handler_off();
    Suite *suite = suite_create("calibrate_steps");
    TCase *tests = tcase_create("calibrate_steps");
    tcase_add_test(tests, accepted_errors_are_reached);
    tcase_add_test(tests, a_straight_line_is_worse);
    tcase_add_test(tests, rows_that_fall_are_named);
    tcase_add_test(tests, the_profile_is_the_curve);
    tcase_add_test(tests, held_out_rows_are_not_fitted);
    tcase_add_test(tests, little_data_gives_warnings);
    tcase_add_test(tests, too_few_batches_for_a_knee_are_refused);
    tcase_add_test(tests, batches_that_no_engine_has_are_refused);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
