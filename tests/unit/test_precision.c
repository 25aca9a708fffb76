/* test_precision.c - what is asked for, when it stops, and that batches make the run that one batch would have made. */
#include "analysis/precision.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/summary.h"
#include "scenarios/scenario.h"

static struct scenario *scenario;
static struct diagnostic_list problems;
static struct precision precision;
static struct sim_error error;

static void setup(void)
{
    setenv("CAPSIM_CATALOGUE", "scenarios/catalogue", 1);
    diagnostic_init(&problems);
    ck_assert_int_eq(scenario_load("tests/unit/compare/servers.yaml", NULL, 0, &scenario, &problems), SIM_OK);
}

static void teardown(void)
{
    scenario_destroy(scenario);
    diagnostic_release(&problems);
}

static struct run_result *run(const char *text, size_t most)
{
    struct run_result *result;
    const struct runner_options options = {.jobs = 2};
    ck_assert_msg(precision_parse(&precision, text, most, &error) == SIM_OK, "%s", error.message);
    ck_assert_msg(precision_run(&precision, &scenario->config, &options, &result, &error) == SIM_OK, "%s",
                  error.message);
    ck_assert_uint_eq(result->replication_count, precision.replication_count);
    return result;
}

START_TEST(test_parse)
{
    ck_assert_int_eq(precision_parse(&precision, "latency_p95=2%, cost=0.01", 50, &error), SIM_OK);
    ck_assert_uint_eq(precision.count, 2);
    ck_assert_str_eq(precision.goals[0].metric->name, "latency_p95_s");
    ck_assert_str_eq(precision.goals[1].metric->name, "cost_usd");
    ck_assert(precision.goals[0].share == 0.02 && precision.goals[1].share == 0.01);
}
END_TEST

static const struct {
    const char *text;
    const char *message;
} wrong[] = {
    {"", "METRIC=SHARE"},
    {"latency_p95", "METRIC=SHARE"},
    {"latency_p95=2%,", "METRIC=SHARE"},
    {"latency_p59=2%", "did you mean 'latency_p50_s'?"},
    {"latency_p95=2 s", "needs a share such as 2%"},
    {"latency_p95=0%", "needs a share such as 2%"},
    {"latency_p95=100%", "needs a share such as 2%"},
    {"latency_max=2%", "has no interval"},
};

START_TEST(test_refused)
{
    ck_assert_int_eq(precision_parse(&precision, wrong[_i].text, 50, &error), SIM_BAD_INPUT);
    ck_assert_msg(strstr(error.message, wrong[_i].message) != NULL, "%s", error.message);
}
END_TEST

static double value_of(const struct run_result *result, const char *metric, double *low)
{
    const struct summary_source source = {.version = "", .commit = ""};
    struct summary *summary = summary_create(result, &source);
    struct estimate estimate = summary_find(summary, "all", metric)->estimate;
    *low = estimate.low;
    summary_destroy(summary);
    return estimate.value;
}

/* 10, 15 and 23 replications in three batches are the 23 of one run. */
START_TEST(test_batches)
{
    struct run_result *whole;
    const struct runner_options options = {.jobs = 2};
    struct run_result *parts = run("wait_mean=0.01%", 23);
    ck_assert_uint_eq(parts->replication_count, 23);
    ck_assert_uint_eq(precision.look_count, 3);
    scenario->config.replications = 23;
    ck_assert_int_eq(runner_run(&scenario->config, &options, &whole, &error), SIM_OK);
    static const char *const metrics[] = {"wait_mean_s", "wait_p95_s", "cost_usd", "requests_arrived"};
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        double low;
        double whole_low;
        double value = value_of(parts, metrics[i], &low);
        ck_assert(value == value_of(whole, metrics[i], &whole_low) && low == whole_low);
    }
    run_result_destroy(parts);
    run_result_destroy(whole);
}
END_TEST

START_TEST(test_stops)
{
    struct note_list notes = {0};
    struct run_result *result = run("wait_mean=15%,requests_arrived=5%", 200);
    ck_assert(precision.replication_count < 200);
    for (size_t i = 0; i < 2; i++)
        ck_assert(precision.goals[i].reached <= precision.goals[i].share);
    double low;
    double value = value_of(result, "wait_mean_s", &low);
    ck_assert((value - low) / value <= 0.15);
    precision_note(&precision, &notes);
    ck_assert(notes.count == 2 && notes.items[0].kind == NOTE_FACT && notes.items[1].kind == NOTE_FACT);
    note_list_release(&notes);
    run_result_destroy(result);
}
END_TEST

/* One replication too few for a batch goes with the one before: it would be cut into batches of its own. */
START_TEST(test_no_single_one)
{
    struct run_result *result = run("wait_mean=0.01%", 11);
    struct note_list notes = {0};
    ck_assert(result->replication_count == 11 && precision.look_count == 1);
    for (size_t i = 0; i < 11; i++)
        ck_assert_uint_eq(result->replications[i].block_count, 2);
    precision_note(&precision, &notes);
    ck_assert(notes.count == 1 && notes.items[0].kind == NOTE_WARNING);
    ck_assert_ptr_nonnull(strstr(notes.items[0].text, "was asked for, after 11 replications"));
    note_list_release(&notes);
    run_result_destroy(result);
}
END_TEST

/* A percentile of a saturated pool never comes, whatever is run. */
START_TEST(test_hopeless)
{
    scenario->config.workloads[0].arrivals.rate_per_s = 50;
    scenario->config.pools[0].queue_limit = 1000;
    struct run_result *result = run("wait_p95=1%", 200);
    struct note_list notes = {0};
    ck_assert(precision.replication_count == 10 && precision.look_count == 1);
    precision_note(&precision, &notes);
    ck_assert(notes.items[0].kind == NOTE_WARNING && strstr(notes.items[0].text, "the pool is saturated"));
    note_list_release(&notes);
    run_result_destroy(result);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("precision");
    TCase *tests = tcase_create("precision");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_parse);
    tcase_add_loop_test(tests, test_refused, 0, (int)(sizeof wrong / sizeof *wrong));
    tcase_add_test(tests, test_batches);
    tcase_add_test(tests, test_stops);
    tcase_add_test(tests, test_no_single_one);
    tcase_add_test(tests, test_hopeless);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
