/* test_calibrate_dynamic.c - dynamic batching from tables that a known server would have given, and from ones that no
 * server can give.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/experiment.h"
#include "tests/calibrate_case.h"

#define KNOWN                                                                   \
    "measurements: 1\nname: known\nsource: a test\n"                            \
    "profile:\n  stage: dynamic-batching\n  max_batch_size: 8\n  wait: 10 us\n" \
    "  before: [{name: network, time: \"lognormal(0.2 ms, 0.05)\", holds_slot: false}]\n"
#define OFFLINE                                                \
    "data:\n  - name: offline\n    kind: offline\n    rows:\n" \
    "      - {batch: 1, mean: 6.71 ms, p95: 7.03 ms}\n      - {batch: 8, mean: 13.71 ms, p95: 14.41 ms}\n"

enum {
    CLIENTS_MAX = 9
};

static struct calibrate_case c;
static char text[8192];

static void tear_down(void)
{
    calibrate_case_release(&c);
}

/* Two instances; a batch of b takes 5.2 ms + b ms alone, and half as long again in company. */
static struct profile_config server(double handover_s)
{
    static struct slowdown_point slowdown[1] = {{2, 1.5}};
    static struct stage_config network[1] = {{.name = "network"}};
    ck_assert_int_eq(sim_distribution_lognormal(&network[0].time_s, 0.0002, 0.05, NULL), SIM_OK);
    return (struct profile_config){.name = "known",
                                   .source = "",
                                   .fit_error = "",
                                   .slot_limit = "",
                                   .stage = STAGE_DYNAMIC_BATCHING,
                                   .base_s = 0.0052,
                                   .per_running_s = 0.001,
                                   .first_output = 1,
                                   .max_batch_size = 8,
                                   .wait_ns = 10000,
                                   .instances = 2,
                                   .slowdown = slowdown,
                                   .slowdown_count = 1,
                                   .handover_s = handover_s,
                                   .batch_spread = 0.03,
                                   .before = network,
                                   .before_count = 1};
}

static void append(const char *part)
{
    size_t size = strlen(text);
    ck_assert_uint_lt(size + strlen(part), sizeof text);
    snprintf(text + size, sizeof text - size, "%s", part);
}

/* A row of what the server would have shown to that many clients. */
static void append_row(const struct profile_config *profile, int clients)
{
    char row[400];
    const struct experiment_script script = {
        .kind = MEASUREMENT_CLOSED, .count = clients, .samples = 4000, .repeats = 1, .latency_s = 0.02};
    const struct experiment_service service = {.profile = profile, .containers = 1};
    struct experiment_figures figures;
    ck_assert_int_eq(experiment_run(&script, &service, 77, 10, false, &figures, NULL), SIM_OK);
    double in_stage_s = figures.in_stage_s;
    double batch = figures.mean[MEASURE_THROUGHPUT] * in_stage_s / 2;
    double copies_s = profile->handover_s * fmax(batch, 1);
    snprintf(row, sizeof row,
             "      - {clients: %d, mean: %.6f s, p50: %.6f s, p95: %.6f s, throughput: %.3f req/s, copy_in: %.10f s, "
             "compute: %.7f s, copy_out: %.10f s}\n",
             clients, figures.mean[MEASURE_MEAN], figures.mean[MEASURE_P50], figures.mean[MEASURE_P95],
             figures.mean[MEASURE_THROUGHPUT], copies_s / 10, in_stage_s - copies_s, 0.9 * copies_s);
    append(row);
}

static void append_loop(const char *hold_out, double handover_s)
{
    struct profile_config profile = server(handover_s);
    append("  - name: loop\n    kind: closed\n    samples: 1000\n    hold_out: ");
    append(hold_out);
    append("\n    rows:\n");
    for (int clients = 1; clients <= CLIENTS_MAX; clients += 2)
        append_row(&profile, clients);
}

static void run(void)
{
    struct sim_error error = {0};
    ck_assert_msg(calibrate_case_run(&c, text, 1, &error) == SIM_OK, "%s", error.message);
}

static void expect(const char *name, double value, double tolerance)
{
    double got = calibrate_case_parameter(&c, name)->value;
    ck_assert_msg(fabs(got / value - 1) <= tolerance, "%s is %g, expected %g", name, got, value);
}

/* The line that holds with both instances busy, 1.5 (5.2 ms + b ms), at batches of 1 and 3, which the rows had. */
static void expect_line(void)
{
    double base_s = calibrate_case_parameter(&c, "base_time")->value;
    double per_running_s = calibrate_case_parameter(&c, "per_running")->value;
    ck_assert_double_eq_tol(base_s + per_running_s, 0.0093, 0.0003);
    ck_assert_double_eq_tol(base_s + 3 * per_running_s, 0.0123, 0.0004);
}

static void expect_errors_below(double most)
{
    const struct calibration_error *errors = c.calibration->errors.items;
    for (size_t i = 0; i < c.calibration->errors.count; i++)
        ck_assert_msg(errors[i].variant[0] || fabs(errors[i].relative) < most, "%s %s: %.1f %%", errors[i].row,
                      errors[i].metric, 100 * errors[i].relative);
}

/* From the batches alone and one row of the loop: all parameters, and what other clients would see. */
START_TEST(a_known_server_is_found)
{
    snprintf(text, sizeof text, "%s", KNOWN OFFLINE);
    append_loop("[1, 3, 5, 9]", 0.0003);
    run();
    expect("instances", 2, 0);
    expect("slowdown", 1.5, 0.05);
    expect("handover", 0.0003, 0.05);
    expect("batch_spread", 0.03, 0.1);
    expect("curve 1", 0.0062, 0.01);
    expect_errors_below(0.04);
    const struct profile_config *profile = &c.calibration->profile;
    ck_assert_int_eq(profile->instances, 2);
    ck_assert_uint_eq(profile->curve_count, 2);
    ck_assert_uint_eq(profile->slowdown_count, 1);
    const struct calibration_parameter *slowdown = calibrate_case_parameter(&c, "slowdown");
    ck_assert(slowdown->low < 1.5 && slowdown->high > 1.5);
    calibrate_case_said(&c, "only 1 row of closed loops is fitted");
}
END_TEST

/* Without batches timed alone. */
START_TEST(two_rows_give_a_line)
{
    snprintf(text, sizeof text, "%s", KNOWN "  instances: 2\ndata:\n");
    append_loop("[1, 5, 7]", 1e-7);
    run();
    expect_line();
    ck_assert_double_lt(fabs(calibrate_case_error(&c, "clients 7", "mean", "")->relative), 0.03);
    calibrate_case_said(&c, "fewer than 2 clients are extrapolated");
}
END_TEST

/* Batches that take longer alone than anybody in the loop waits. */
START_TEST(tables_that_contradict_each_other)
{
    snprintf(text, sizeof text, "%s",
             KNOWN "  instances: 2\ndata:\n  - name: offline\n    kind: offline\n    rows:\n"
                   "      - {batch: 1, mean: 15 ms, p95: 16 ms}\n      - {batch: 8, mean: 20 ms, p95: 21 ms}\n");
    append_loop("[1, 5, 7]", 1e-7);
    run();
    calibrate_case_said(&c, "contradict each other: one client takes 6.41 ms in a closed loop and 15 ms alone");
    calibrate_case_said(&c, "contradict each other: 3 clients take 1");
    calibrate_case_said(&c, "'offline' is left out of the fit");
    expect_line();
    ck_assert_double_gt(fabs(calibrate_case_error(&c, "clients 1", "mean", "with the batches timed alone")->relative),
                        0.5);
    ck_assert_uint_eq(c.calibration->profile.curve_count, 0);
}
END_TEST

START_TEST(too_few_figures)
{
    struct sim_error error = {0};
    snprintf(text, sizeof text, "%s",
             KNOWN "data:\n  - name: loop\n    kind: closed\n    rows:\n"
                   "      - {clients: 1, mean: 6 ms}\n      - {clients: 2, mean: 7 ms}\n");
    ck_assert_int_eq(calibrate_case_run(&c, text, 1, &error), SIM_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(error.message, "cannot tell 3 parameters apart"));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("calibrate_dynamic");
    tcase_add_checked_fixture(tests, NULL, tear_down);
    tcase_add_test(tests, a_known_server_is_found);
    tcase_add_test(tests, two_rows_give_a_line);
    tcase_add_test(tests, tables_that_contradict_each_other);
    tcase_add_test(tests, too_few_figures);
    Suite *suite = suite_create("calibrate_dynamic");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
