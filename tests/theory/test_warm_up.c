/* test_warm_up.c - is the warm-up that is found long enough, and no longer than it has to be?
 *
 * M/M/1 at load 0.9 that begins empty: the mean latency is 10 s, and the intervals of runs whose warm-up was found must
 * hold it in 95 % of the cases. And a pool whose only container takes 600 s to start: the queue of that time is worked
 * off as a known drift. Seeds are 1, 2, 3, ...
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/runner.h"
#include "analysis/summary.h"
#include "analysis/warm_up.h"
#include "tests/effort.h"

static struct scenario *load(const char *const *settings)
{
    struct scenario *scenario;
    struct diagnostic_list problems;
    size_t count = 0;
    while (settings[count])
        count++;
    diagnostic_init(&problems);
    ck_assert_int_eq(scenario_load("scenarios/mm1.yaml", settings, count, &scenario, &problems), SIM_OK);
    diagnostic_release(&problems);
    return scenario;
}

static bool is_held(unsigned seed, double *warm_up_s)
{
    char setting[32];
    const char *settings[] = {"duration=12 h", "warm_up=auto", setting, NULL};
    struct sim_error error;
    struct run_result *result;
    snprintf(setting, sizeof setting, "seed=%u", seed);
    struct scenario *scenario = load(settings);
    const struct warm_up_options options = {.jobs = 1};
    ck_assert_msg(warm_up_resolve(scenario, &options, NULL, &error) == SIM_OK, "%s", error.message);
    const struct runner_options with = {.jobs = 1};
    ck_assert_int_eq(runner_run(&scenario->config, &with, &result, &error), SIM_OK);
    const struct summary_source source = {.version = "", .commit = ""};
    struct summary *summary = summary_create(result, &source);
    const struct estimate *estimate = &summary_find(summary, "all", "latency_mean_s")->estimate;
    bool is_it = estimate->low <= 10 && 10 <= estimate->high;
    *warm_up_s += sim_time_to_s(scenario->config.warm_up_ns);
    summary_destroy(summary);
    run_result_destroy(result);
    scenario_destroy(scenario);
    return is_it;
}

START_TEST(queue_that_begins_empty)
{
    unsigned count = test_effort(5, 20, 150);
    unsigned held = 0;
    double warm_up_s = 0;
    for (unsigned seed = 1; seed <= count; seed++)
        held += is_held(seed, &warm_up_s);
    double slack = 3.3 * sqrt(0.95 * 0.05 / count);
    if (getenv("CAPSIM_SHOW"))
        printf("%.1f %% of %u, warm-up %.0f s on average\n", 100.0 * held / count, count, warm_up_s / count);
    ck_assert_msg(held >= (0.95 - slack) * count, "%u of %u", held, count);
}
END_TEST

static struct warm_up find(const char *const *settings, unsigned jobs)
{
    struct sim_error error;
    struct warm_up found;
    struct scenario *scenario = load(settings);
    const struct warm_up_options options = {.jobs = jobs};
    ck_assert_msg(warm_up_find(scenario, &options, &found, &error) == SIM_OK, "%s", error.message);
    found.pool = "";
    scenario_destroy(scenario);
    return found;
}

/* 300 customers come while the container starts, at 0.5 a second; then two are served for each that comes, so half of
 * the 600 s times 1 / (1 - 0.5) later the queue is where it stays: at 1200 s.
 */
START_TEST(start_that_takes_600_s)
{
    static const char *const settings[] = {"duration=1 day",
                                           "warm_up=auto",
                                           "pools.server.start_state=cold",
                                           "pools.server.startup_timeout=1 h",
                                           "pools.server.profile.startup=[{name: boot, time: 600 s}]",
                                           "workloads.customers.arrivals.rate=0.5 /s",
                                           NULL};
    struct warm_up one = find(settings, 1);
    struct warm_up three = find(settings, 3);
    double found_s = sim_time_to_s(one.warm_up_ns);
    ck_assert_msg(found_s >= 1000 && found_s <= 2400, "%g s", found_s);
    ck_assert_int_eq(one.warm_up_ns, three.warm_up_ns);
    ck_assert_int_eq(one.pilot_ns, three.pilot_ns);
}
END_TEST

/* Asked for more than it serves, it never settles. */
START_TEST(nothing_settles_under_too_much_load)
{
    static const char *const settings[] = {"duration=1 day", "warm_up=auto", "workloads.customers.arrivals.rate=1.2 /s",
                                           NULL};
    struct warm_up found = find(settings, 1);
    ck_assert(found.is_saturated);
    ck_assert_int_eq(found.warm_up_ns, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("warm-up");
    TCase *tests = tcase_create("warm-up");
    tcase_set_timeout(tests, 3000);
    tcase_add_test(tests, queue_that_begins_empty);
    tcase_add_test(tests, start_that_takes_600_s);
    tcase_add_test(tests, nothing_settles_under_too_much_load);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
