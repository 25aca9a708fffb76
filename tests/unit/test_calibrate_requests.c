/* test_calibrate_requests.c - from the log of an engine to its profile, and what it had inside. */
#include <check.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/calibrate_series.h"
#include "analysis/fit_requests.h"
#include "tests/calibrate_case.h"
#include "tests/effort.h"

enum {
    REQUESTS = 60,
    TIMES = 12
};

static char folder[] = "/tmp/test_calibrate_requests_XXXXXX";
static char log_path[64], series_path[64], svg_path[64];
static struct calibrate_case calibrated;

/* A log of steps of 12 ms, 0.6 us and 90 us, and what was inside every second. */
static void write_log(void)
{
    static const struct batching_point curve[] = {{1, 1}};
    static const double parameters[FIT_REQUESTS_PARAMETERS] = {12e-3, 0.6e-6, 90e-6, 0};
    struct fit_request requests[REQUESTS];
    struct fit_requests_times times[REQUESTS];
    struct fit_requests_state states[TIMES];
    const struct fit_requests_problem problem = {.requests = requests,
                                                 .count = REQUESTS,
                                                 .server = {.points = curve,
                                                            .point_count = 1,
                                                            .token_budget = 512,
                                                            .max_batch = 32,
                                                            .kv_tokens = 4000,
                                                            .kv_block = 16}};
    for (uint32_t i = 0; i < REQUESTS; i++)
        requests[i] =
            (struct fit_request){.arrival_s = 0.11 * i, .input = 40 + i * 37 % 300, .output = 1 + i * 53 % 200};
    for (int i = 0; i < TIMES; i++)
        states[i].time_s = 1 + i;
    ck_assert(fit_requests_simulate(&problem, parameters, times, states, TIMES));
    FILE *log = fopen(log_path, "w"), *series = fopen(series_path, "w");
    ck_assert(log && series);
    fprintf(log, "came,in,out,first,last\n");
    for (int i = 0; i < REQUESTS; i++)
        fprintf(log, "%.9f,%u,%u,%.9f,%.9f\n", requests[i].arrival_s, requests[i].input, requests[i].output,
                times[i].first_s, times[i].last_s);
    fprintf(series, "t,running,waiting,kv\n");
    for (int i = 0; i < TIMES; i++)
        fprintf(series, "%g,%g,%g,%g\n", states[i].time_s, states[i].running, states[i].waiting,
                100 * states[i].memory);
    ck_assert(fclose(log) == 0 && fclose(series) == 0);
}

static void start(void)
{
    gsl_set_error_handler_off();
    if (folder[sizeof folder - 2] == 'X')
        ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(log_path, sizeof log_path, "%s/log.csv", folder);
    snprintf(series_path, sizeof series_path, "%s/series.csv", folder);
    snprintf(svg_path, sizeof svg_path, "%s/log.svg", folder);
    write_log();
}

static void stop(void)
{
    calibrate_case_release(&calibrated);
    unlink(log_path);
    unlink(series_path);
    unlink(svg_path);
    rmdir(folder);
}

static enum sim_status run(const char *memory, const char *fit, struct sim_error *error)
{
    char text[2000];
    snprintf(text, sizeof text,
             "measurements: 1\nname: engine\nsource: made for this test\nprofile:\n"
             "  {stage: continuous-batching, token_budget: 512 tokens, max_batch: 32, %skv_watermark: 0%%}\n"
             "data:\n  - {name: log, kind: requests, file: %s, %s,\n"
             "     columns: {arrival: came, input_tokens: in, output_tokens: out, first: first, last: last},\n"
             "     units: {arrival: s, first: s, last: s}}\n"
             "  - {name: inside, kind: series, file: %s, columns: {time: t, running: running, waiting: waiting, "
             "kv_use: kv}, units: {time: s, kv_use: \"%%\"}}\n",
             memory, log_path, fit, series_path);
    return calibrate_case_run(&calibrated, text, 1, error);
}

static void expect_parameter(const char *name, double value)
{
    const struct calibration_parameter *found = calibrate_case_parameter(&calibrated, name);
    ck_assert_msg(fabs(found->value / value - 1) < 2e-3 && found->low <= found->value && found->value <= found->high,
                  "%s is %g, %g to %g", name, found->value, found->low, found->high);
}

/* The log explains itself: half of it, or the first part of its time. */
START_TEST(a_log_becomes_a_profile)
{
    static const char *const fits[] = {"fit: odd", "fit: first, fit_share: 60%"};
    struct sim_error error = {.message = ""};
    for (int i = 0; i < 2; i++) {
        ck_assert_msg(run("kv_tokens: 4000 tokens, ", fits[i], &error) == SIM_OK, "%s", error.message);
        expect_parameter("step", 12e-3);
        expect_parameter("per_cached_token", 0.6e-6);
        expect_parameter("per_prefill_token", 90e-6);
        const struct profile_config *profile = &calibrated.calibration->profile;
        ck_assert_uint_eq(profile->step_curve_count, 1);
        ck_assert_double_eq_tol(profile->step_curve[0].time_s, 12e-3, 3e-5);
        ck_assert_int_gt(profile->calibrated_running, 1);
        ck_assert_double_lt(calibrate_rms(calibrated.calibration, true), 2e-3);
        ck_assert_double_lt(fabs(calibrate_case_error(&calibrated, "the whole log", "makespan", "")->relative), 1e-3);
        calibrate_case_said(&calibrated, "moving-block bootstrap");
        calibrate_case_release(&calibrated);
    }
}
END_TEST

START_TEST(what_was_inside_is_drawn)
{
    struct sim_error error = {.message = ""};
    char text[8192] = "";
    ck_assert_msg(run("kv_tokens: 4000 tokens, ", "fit: odd", &error) == SIM_OK, "%s", error.message);
    const struct calibration_series *series = calibrated.calibration->series.items;
    ck_assert_uint_eq(calibrated.calibration->series.count, 3);
    ck_assert_str_eq(series[2].name, "kv_use");
    for (size_t i = 0; i < TIMES; i++)
        ck_assert_double_eq_tol(series[2].ours[i], series[2].theirs[i], 0.02);
    ck_assert_int_eq(calibrate_series_draw(calibrated.calibration, svg_path, &error), SIM_OK);
    FILE *svg = fopen(svg_path, "r");
    ck_assert_ptr_nonnull(svg);
    ck_assert_uint_gt(fread(text, 1, sizeof text - 1, svg), 1000);
    fclose(svg);
    ck_assert_ptr_nonnull(strstr(text, "waiting</text>"));
    ck_assert_ptr_nonnull(strstr(text, "</svg>"));
    calibrated.calibration->series.count = 0;
    ck_assert_int_eq(calibrate_series_draw(calibrated.calibration, svg_path, &error), SIM_BAD_INPUT);
}
END_TEST

START_TEST(memory_has_to_be_known)
{
    struct sim_error error = {.message = ""};
    ck_assert_int_eq(run("", "fit: odd", &error), SIM_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(error.message, "'kv_tokens'"));
    calibrate_case_release(&calibrated);
    ck_assert_int_eq(run("kv_tokens: 400 tokens, ", "fit: odd", &error), SIM_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(error.message, "does not fit into 400 tokens of memory"));
}
END_TEST

/* vLLM on an RTX 4090: what is asked of the file is reached. Some 15 s. */
START_TEST(published_log)
{
    if (test_effort(0, 0, 1) == 0)
        return;
    calibrate_case_load(&calibrated, "scenarios/measurements/vllm_rtx4090.yaml", 1);
    const struct measurements *measurements = calibrated.measurements;
    ck_assert_uint_eq(measurements->accept_count, 8);
    for (size_t a = 0; a < measurements->accept_count; a++) {
        double figure = calibrate_figure(calibrated.calibration, &measurements->accepts[a]);
        ck_assert_msg(figure <= measurements->accepts[a].at_most, "%s, %s: %.4f", measurements->accepts[a].data,
                      measurements->accepts[a].metric, figure);
    }
    calibrate_case_said(&calibrated, "can hardly be told apart");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("calibration by a request log");
    TCase *test_case = tcase_create("logs");
    tcase_set_timeout(test_case, 300);
    tcase_add_checked_fixture(test_case, start, stop);
    tcase_add_test(test_case, a_log_becomes_a_profile);
    tcase_add_test(test_case, what_was_inside_is_drawn);
    tcase_add_test(test_case, memory_has_to_be_known);
    tcase_add_test(test_case, published_log);
    suite_add_tcase(suite, test_case);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
