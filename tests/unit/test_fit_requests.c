/* test_fit_requests.c - a log that the simulator made is explained by the coefficients that made it. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/fit_requests.h"

enum {
    REQUESTS = 60
};

static const double truth[FIT_REQUESTS_PARAMETERS] = {12e-3, 0.6e-6, 90e-6, 0};
static const struct batching_point curve[] = {{1, 12e-3}};
static struct fit_request requests[REQUESTS];
static struct fit_requests_times times[REQUESTS];

/* Lengths and gaps without chance; memory for about ten requests, so that some are preempted. */
static struct fit_requests_problem make_log(void)
{
    struct fit_requests_problem problem = {.requests = requests,
                                           .count = REQUESTS,
                                           .until_s = INFINITY,
                                           .server = {.points = curve,
                                                      .point_count = 1,
                                                      .token_budget = 512,
                                                      .max_batch = 32,
                                                      .kv_tokens = 4000,
                                                      .kv_block = 16,
                                                      .whole_prompt = true,
                                                      .keeps_preempted = true,
                                                      .overwrites_preempted = true,
                                                      .scheduled_ahead = true},
                                           .seed = 1};
    for (uint32_t i = 0; i < REQUESTS; i++)
        requests[i] = (struct fit_request){
            .arrival_s = 2 + 0.11 * i, .input = 40 + i * 37 % 300, .output = 1 + i * 53 % 200, .is_fitted = true};
    ck_assert(fit_requests_simulate(&problem, truth, times, NULL, 0));
    for (int i = 0; i < REQUESTS; i++) {
        requests[i].first_s = times[i].first_s;
        requests[i].last_s = times[i].last_s;
    }
    return problem;
}

static void expect_truth(const struct fit_requests *fit, double tolerance)
{
    for (int i = 0; i < FIT_REQUESTS_DELAY; i++)
        ck_assert_msg(fabs(fit->parameters[i].value / truth[i] - 1) < tolerance, "parameter %d is %g, not %g", i,
                      fit->parameters[i].value, truth[i]);
}

START_TEST(coefficients_are_found)
{
    struct fit_requests_problem problem = make_log();
    struct fit_requests fit;
    uint32_t preemptions = 0;
    for (int i = 0; i < REQUESTS; i++)
        preemptions += times[i].preemptions;
    ck_assert_uint_gt(preemptions, 5);
    ck_assert_int_eq(fit_requests_run(&problem, &fit, NULL), SIM_OK);
    expect_truth(&fit, 1e-3);
    ck_assert_double_lt(fit.rms_s, 1e-4);
    ck_assert_uint_eq(fit.seen, 2 * REQUESTS);
    ck_assert_double_nan(fit.parameters[0].low);
    ck_assert_double_eq_tol(fit.typical.value, truth[0] + truth[1] * fit.typical_cached, 2e-5);
}
END_TEST

START_TEST(known_coefficients_stay)
{
    struct fit_requests_problem problem = make_log();
    struct fit_requests fit;
    problem.is_known[FIT_REQUESTS_STEP] = problem.is_known[FIT_REQUESTS_CACHED] = true;
    problem.server.cached_token_s = truth[FIT_REQUESTS_CACHED];
    ck_assert_int_eq(fit_requests_run(&problem, &fit, NULL), SIM_OK);
    ck_assert_double_eq_tol(fit.parameters[FIT_REQUESTS_PREFILL].value, truth[FIT_REQUESTS_PREFILL], 1e-8);
    problem.is_known[FIT_REQUESTS_PREFILL] = problem.is_known[FIT_REQUESTS_DELAY] = true;
    problem.server.prefill_token_s = truth[FIT_REQUESTS_PREFILL];
    problem.replicates = 2;
    ck_assert_int_eq(fit_requests_run(&problem, &fit, NULL), SIM_OK);
    ck_assert_double_lt(fit.rms_s, 1e-9);
}
END_TEST

/* Whatever is written behind the end of what may be seen. */
START_TEST(the_future_is_not_seen)
{
    struct fit_requests_problem problem = make_log();
    struct fit_requests fits[2];
    problem.until_s = 6;
    ck_assert_int_eq(fit_requests_run(&problem, &fits[0], NULL), SIM_OK);
    expect_truth(&fits[0], 2e-3);
    ck_assert_uint_lt(fits[0].seen, 2 * REQUESTS);
    for (int i = 0; i < REQUESTS; i++) {
        requests[i].first_s = requests[i].first_s > 6 ? 1000 : requests[i].first_s;
        requests[i].last_s = requests[i].last_s > 6 ? 2000 : requests[i].last_s;
    }
    ck_assert_int_eq(fit_requests_run(&problem, &fits[1], NULL), SIM_OK);
    for (int i = 0; i < FIT_REQUESTS_PARAMETERS; i++)
        ck_assert(fits[0].parameters[i].value == fits[1].parameters[i].value);
}
END_TEST

/* The first: 40 tokens in three blocks, at once and alone; all have left at the end. */
START_TEST(states_are_those_of_the_server)
{
    struct fit_requests_problem problem = make_log();
    struct fit_requests_state states[] = {{.time_s = 1}, {.time_s = 2.001}, {.time_s = 8}, {.time_s = 1000}};
    ck_assert(fit_requests_simulate(&problem, truth, times, states, 4));
    ck_assert(states[0].running == 0 && states[0].waiting == 0 && states[0].memory == 0);
    ck_assert(states[1].running == 1 && states[1].waiting == 0);
    ck_assert_double_eq_tol(states[1].memory, 3.0 / 250, 1e-12);
    ck_assert(states[2].running > 1 && states[2].waiting > 0 && states[2].memory > 0.8);
    ck_assert(states[3].running == 0 && states[3].memory == 0);
}
END_TEST

START_TEST(logs_that_cannot_be_fitted)
{
    struct fit_requests_problem problem = make_log();
    struct fit_requests fit;
    struct sim_error error = {.message = ""};
    problem.count = 4;
    ck_assert_int_eq(fit_requests_run(&problem, &fit, &error), SIM_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(error.message, "at least 10 first and last tokens, not 8"));
    problem.count = REQUESTS;
    requests[20].input = 4000;
    ck_assert_int_eq(fit_requests_run(&problem, &fit, &error), SIM_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(error.message, "request 21 of the log"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fit of a request log");
    TCase *test_case = tcase_create("without noise");
    tcase_set_timeout(test_case, 120);
    tcase_add_test(test_case, coefficients_are_found);
    tcase_add_test(test_case, known_coefficients_stay);
    tcase_add_test(test_case, the_future_is_not_seen);
    tcase_add_test(test_case, states_are_those_of_the_server);
    tcase_add_test(test_case, logs_that_cannot_be_fitted);
    suite_add_tcase(suite, test_case);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
