/* test_speed.c - one profile on several GPUs. */
#include "scenarios/speed.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scenarios/scenario.h"

static struct diagnostic_list problems;

static void setup(void)
{
    diagnostic_init(&problems);
}

static void teardown(void)
{
    diagnostic_release(&problems);
}

/* NULL where it is refused. */
static struct scenario *load(const char *gpu, const char *profile)
{
    char path[] = "/tmp/capsim_speedXXXXXX";
    struct scenario *scenario = NULL;
    close(mkstemp(path));
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fprintf(
        file,
        "capsim: 1\nname: speeds\nduration: 1 h\nwarm_up: 1 min\n"
        "workloads: [{name: w, pool: p, arrivals: {process: poisson, rate: 1 req/s}, classes: [{name: c, work: 1}]}]\n"
        "pools:\n  - {name: p, platform: fixed, price: $1/h, min_containers: 1, max_inputs: 4%s%s,\n     profile: "
        "{name: own, "
        "stage: processor-sharing, curve: [{running: 1, time: 100 ms}, {running: 4, time: 160 ms}]%s}}\n",
        gpu[0] ? ", gpu: " : "", gpu, profile);
    fclose(file);
    (void)!scenario_load(path, NULL, 0, &scenario, &problems);
    remove(path);
    return scenario;
}

static void assert_time(const char *gpu, const char *profile, double time_s)
{
    struct scenario *scenario = load(gpu, profile);
    if (!scenario)
        diagnostic_print(&problems, stdout);
    ck_assert_ptr_nonnull(scenario);
    ck_assert_double_eq_tol(scenario->config.pools[0].profile.curve[1].time_s, time_s, 1e-12);
    scenario_destroy(scenario);
}

START_TEST(times_are_divided_by_the_speed)
{
    const char *profile = ", gpu: L40S, speeds: [{gpu: T4, factor: 0.5}, {gpu: A100-80GB x 2, factor: 1.6}]";
    assert_time("L40S", profile, 0.16);
    assert_time("T4", profile, 0.32);
    assert_time("A100-80GB x 2", profile, 0.1);
    assert_time("", profile, 0.16);
    assert_time("H100", "", 0.16);
}
END_TEST

START_TEST(a_speed_is_not_guessed)
{
    ck_assert_ptr_null(load("A100-80GB", ", gpu: L40S, speeds: [{gpu: T4, factor: 0.5}]"));
    ck_assert_uint_eq(problems.count, 1);
    ck_assert_ptr_nonnull(strstr(problems.kept[0].message, "was measured on 'L40S'"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("speed");
    TCase *tests = tcase_create("speed");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, times_are_divided_by_the_speed);
    tcase_add_test(tests, a_speed_is_not_guessed);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
