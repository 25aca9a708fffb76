/* test_precision_coverage.c - do intervals still hold the truth when runs end as soon as these are narrow?
 *
 * M/M/5 at 4 customers a second: mean wait 0.554113 s (Erlang C), to be known within 10 %. Seeds are 1, 2, 3, ... What
 * is lost by stopping early is to be small: at most two points of 95 % on top of chance.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/precision.h"
#include "analysis/summary.h"
#include "scenarios/scenario.h"
#include "tests/effort.h"

#define WAIT_S 0.554113

struct tally {
    unsigned held;
    size_t replications;
};

static void look(const struct run_result *result, struct tally *tally)
{
    const struct summary_source source = {.version = "", .commit = ""};
    struct summary *summary = summary_create(result, &source);
    const struct estimate *estimate = &summary_find(summary, "all", "wait_mean_s")->estimate;
    tally->held += estimate->low <= WAIT_S && WAIT_S <= estimate->high;
    tally->replications += result->replication_count;
    summary_destroy(summary);
}

static void try_seed(unsigned seed, struct tally *tally)
{
    char setting[32];
    const char *settings[] = {setting};
    struct scenario *scenario;
    struct diagnostic_list problems;
    struct precision precision;
    struct run_result *result;
    struct sim_error error;
    const struct runner_options options = {.jobs = 0};
    snprintf(setting, sizeof setting, "seed=%u", seed);
    diagnostic_init(&problems);
    ck_assert_int_eq(scenario_load("tests/unit/compare/servers.yaml", settings, 1, &scenario, &problems), SIM_OK);
    ck_assert_int_eq(precision_parse(&precision, "wait_mean=10%", 200, &error), SIM_OK);
    ck_assert_int_eq(precision_run(&precision, &scenario->config, &options, &result, &error), SIM_OK);
    ck_assert(precision.goals[0].reached <= 0.1);
    look(result, tally);
    run_result_destroy(result);
    scenario_destroy(scenario);
    diagnostic_release(&problems);
}

START_TEST(test_stopping)
{
    struct tally tally = {0, 0};
    unsigned count = test_effort(20, 60, 2000);
    for (unsigned seed = 1; seed <= count; seed++)
        try_seed(seed, &tally);
    double share = (double)tally.held / count;
    if (getenv("CAPSIM_SHOW"))
        printf("%.1f %% of %u, %.1f replications\n", 100 * share, count, (double)tally.replications / count);
    double slack = 3.3 * sqrt(0.95 * 0.05 / count);
    ck_assert_msg(share >= 0.93 - slack && share <= 0.95 + slack, "%.1f %% of %u intervals", 100 * share, count);
    ck_assert(tally.replications > 11 * (size_t)count);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("precision coverage");
    TCase *tests = tcase_create("precision coverage");
    tcase_set_timeout(tests, 3000);
    tcase_add_test(tests, test_stopping);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
