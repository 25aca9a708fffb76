/* test_scenario.c - whole scenarios: what is filled, what is written out, what the catalogue adds. */
#include "scenarios/scenario.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scenarios/catalogue.h"
#include "scenarios/explain.h"

static struct diagnostic_list problems;

static void setup(void)
{
    setenv("CAPSIM_CATALOGUE", "tests/unit/catalogue", 1);
    diagnostic_init(&problems);
}

static void teardown(void)
{
    diagnostic_release(&problems);
}

static struct scenario *load(const char *path, const char *const *settings, size_t count)
{
    struct scenario *scenario;
    if (scenario_load(path, settings, count, &scenario, &problems) != SIM_OK) {
        diagnostic_print(&problems, stdout);
        ck_abort_msg("%s was refused", path);
    }
    ck_assert_uint_eq(problems.count, 0);
    return scenario;
}

START_TEST(test_configuration)
{
    struct scenario *scenario = load("tests/unit/valid/tts.yaml", NULL, 0);
    const struct world_config *config = &scenario->config;
    ck_assert_str_eq(config->name, "tts-modal");
    ck_assert(config->duration_ns == SIM_DAY && config->warm_up_ns == 600 * SIM_SECOND);
    ck_assert(config->workload_count == 1 && config->pool_count == 1 && config->slo_count == 1);
    const struct workload_config *workload = &config->workloads[0];
    ck_assert(workload->arrivals.rate_per_s == 15 && workload->pool_index == 0 && workload->class_count == 2);
    ck_assert(fabs(sim_distribution_mean(&workload->classes[1].work) - 4) < 1e-9);
    ck_assert(workload->classes[0].output_tokens.kind == 0);
    const struct pool_config *pool = &config->pools[0];
    ck_assert(pool->gpu_count == 1 && pool->gpu_memory_gb == 48);
    ck_assert(pool->price.gpu_pusd_per_h == INT64_C(1951200000000));
    ck_assert(pool->price.core_pusd_per_h == INT64_C(47160000000));
    ck_assert_str_eq(pool->price.kind, "serverless");
    ck_assert_str_ne(pool->price.date, "");
    ck_assert(pool->profile.stage == STAGE_PROCESSOR_SHARING && pool->profile.slots == 16);
    ck_assert(pool->profile.startup_count == 1 && pool->profile.startup[0].removed_by_snapshot);
    ck_assert(config->slos[0].at_most == 2 && isnan(config->slos[0].at_least));
    ck_assert_ptr_nonnull(strstr(scenario->text, "arrivals: {process: poisson, rate: 15 req/s}"));
    scenario_destroy(scenario);
}
END_TEST

START_TEST(test_derived)
{
    static const char *const settings[] = {"pools.tts.scaledown_window=5 min", "quotas.gpus=50",
                                           "budget.per_month=$5000", "pools.tts.budget.per_month=$4e3"};
    struct scenario *scenario = load("tests/unit/valid/derived.yaml", settings, 4);
    const struct world_config *config = &scenario->config;
    ck_assert_str_eq(config->name, "derived");
    ck_assert(config->pool_count == 2 && config->workload_count == 1 && config->workloads[0].pool_index == 1);
    ck_assert(config->pools[0].max_inputs == 20 && config->pools[0].buffer_containers == 0);
    ck_assert(config->pools[0].scaledown_window_ns == 300 * SIM_SECOND && config->quotas[0].gpus == 50);
    ck_assert(config->budget.per_month_pusd == INT64_C(5000000000000000));
    ck_assert(config->pools[0].budget.per_month_pusd == INT64_C(4000000000000000));
    ck_assert(config->pools[1].budget.per_month_pusd == 0);
    ck_assert(config->pools[1].gpu_count == 2 && config->pools[1].price.gpu_pusd_per_h == INT64_C(1390000000000));
    scenario_destroy(scenario);
}
END_TEST

/* The resolved text says the same as the file: reading it gives the same resolved text. */
START_TEST(test_resolved_reads_back)
{
    static const char *const paths[] = {"tests/unit/valid/tts.yaml",           "tests/unit/valid/derived.yaml",
                                        "tests/unit/valid/every_process.yaml", "tests/unit/valid/schedule.yaml",
                                        "tests/unit/valid/models.yaml",        "tests/unit/valid/rules.yaml",
                                        "tests/unit/valid/hardware.yaml"};
    struct scenario *scenario = load(paths[_i], NULL, 0);
    char path[] = "tests/unit/valid/resolved-XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    size_t size = strlen(scenario->resolved);
    ck_assert_int_eq(write(file, scenario->resolved, size), (ssize_t)size);
    close(file);
    struct scenario *again = load(path, NULL, 0);
    unlink(path);
    ck_assert_str_eq(again->resolved, scenario->resolved);
    ck_assert(again->config.duration_ns == scenario->config.duration_ns);
    ck_assert(again->config.pools[0].price.gpu_pusd_per_h == scenario->config.pools[0].price.gpu_pusd_per_h);
    scenario_destroy(again);
    scenario_destroy(scenario);
}
END_TEST

/* 14 + 4.5 + 4 + 0.5 GB of 24 leave room for five requests of 2000 tokens x 0.1 MB. */
START_TEST(test_models)
{
    struct scenario *scenario = load("tests/unit/valid/models.yaml", NULL, 0);
    const struct world_config *config = &scenario->config;
    ck_assert_uint_eq(config->model_count, 5);
    ck_assert(config->models[0].workload_index == 0 && config->models[0].class_index == 0);
    ck_assert(config->models[1].workload_index == -1 && config->models[1].class_index == -1);
    ck_assert(config->sizing.gpu_count == 2 && config->sizing.gpus_max == 4 && config->sizing.cpu_memory_gb == 16);
    const struct pool_config *pools = config->pools;
    ck_assert(pools[0].max_inputs == 5 && pools[0].container_gb == 24 && pools[0].models_gb == 23);
    ck_assert(pools[1].max_inputs == 3 && pools[1].container_gb == 48 && pools[1].models_gb == 10);
    ck_assert(pools[1].models[0].precision_index == 1 && pools[0].models[0].precision_index == 0);
    ck_assert(pools[2].max_inputs == 1 && pools[2].container_gb == 16 && pools[2].models_gb == 1);
    ck_assert_ptr_nonnull(strstr(scenario->resolved, "max_inputs: 5"));
    ck_assert(pools[0].reserved_memory_gb == 23 && pools[2].reserved_memory_gb == 0);
    const struct class_config *classes = config->workloads[0].classes;
    ck_assert(fabs(classes[0].memory_gb - 0.2) < 1e-12 && classes[1].memory_gb == 0);
    scenario_destroy(scenario);
}
END_TEST

/* Each GPU is asked for when those before it cannot be had; the profile was measured on the first of them. */
START_TEST(test_hardware)
{
    struct scenario *scenario = load("tests/unit/valid/hardware.yaml", NULL, 0);
    const struct pool_config *pools = scenario->config.pools;
    const struct served_config *served = pools[0].served_by;
    ck_assert_uint_eq(pools[0].served_count, 3);
    ck_assert_double_eq_tol(served[0].share, 0.7, 1e-12);
    ck_assert_double_eq_tol(served[1].share, 0.15, 1e-12);
    ck_assert_double_eq_tol(served[2].share, 0.03, 1e-12);
    ck_assert(served[0].speed == 0.25 && served[1].speed == 1.5 && served[2].speed == 0.5);
    ck_assert(served[0].gpu_pusd_per_h == INT64_C(1100000000000));
    ck_assert(served[1].gpu_pusd_per_h == 0 && served[2].gpu_pusd_per_h == INT64_C(500000000000));
    ck_assert(served[0].attempt_failure < 0 && served[1].attempt_failure == 0.01);
    ck_assert(served[0].memory_gb == 24 && served[1].memory_gb == 80 && pools[0].reserved_memory_gb == 20);
    ck_assert(pools[1].single_use && pools[1].interruption_notice_ns == 5 * SIM_SECOND);
    ck_assert_double_eq_tol(pools[1].interruption_rate_per_s, 3 / 86400.0, 1e-15);
    ck_assert(scenario->config.workloads[0].classes[0].memory_gb == 0.5);
    const struct class_config *job = &scenario->config.workloads[1].classes[0];
    ck_assert(job->checkpoint_ns == 1800 * SIM_SECOND && job->checkpoint_write_ns == 60 * SIM_SECOND);
    scenario_destroy(scenario);
}
END_TEST

/* From Monday 2026-01-05, 06:00. */
START_TEST(test_rules)
{
    struct scenario *scenario = load("tests/unit/valid/rules.yaml", NULL, 0);
    const struct pool_config *pool = &scenario->config.pools[0];
    const struct controller_config *controller = &pool->controller;
    ck_assert(pool->power_w == 350 && pool->idle_power_w == 60);
    ck_assert(controller->period_ns == 30 * SIM_SECOND && controller->delay_ns == 10 * SIM_SECOND);
    ck_assert(controller->rule_count == 3 && controller->rules[1].add == 2 && controller->rules[2].remove == 1);
    const struct condition_config *queue = &controller->rules[0].when[0];
    ck_assert(gauge_side(queue) == GAUGE_ABOVE && gauge_limit(queue) == 20 && queue->for_ns == 60 * SIM_SECOND);
    ck_assert_uint_eq(gauge_periods(queue, controller->period_ns), 0);
    const struct condition_config *slow = &controller->rules[1].when[0];
    ck_assert(slow->measure == GAUGE_LATENCY_P95 && gauge_limit(slow) == 3);
    ck_assert_uint_eq(gauge_periods(slow, controller->period_ns), 10);
    ck_assert(controller->rules[2].when_count == 2 && gauge_side(&controller->rules[2].when[1]) == GAUGE_AT_MOST);
    const struct alert_config *alerts = scenario->config.alerts;
    ck_assert(scenario->config.alert_count == 2 && alerts[0].pool_index == 0 && alerts[0].critical == 0.05);
    struct condition_config unused = gauge_alert_condition(&alerts[1], ALERT_WARNING);
    ck_assert(gauge_side(&unused) == GAUGE_BELOW && gauge_limit(&unused) == 0.2 && isnan(alerts[1].critical));
    scenario_destroy(scenario);
}
END_TEST

START_TEST(test_schedule)
{
    struct scenario *scenario = load("tests/unit/valid/schedule.yaml", NULL, 0);
    const struct world_config *config = &scenario->config;
    const struct pool_config *pool = &config->pools[0];
    ck_assert(config->start_ns == (INT64_C(1767571200) + 21600) * SIM_SECOND);
    ck_assert(pool->schedule_count == 3 && pool->price_count == 2 && config->quota_count == 2);
    ck_assert(pool->schedule[0].days == 31 && pool->schedule[1].days == 64 && pool->schedule[2].days == 0);
    ck_assert(pool->schedule[0].hours_from_ns == 20 * SIM_HOUR && pool->schedule[0].hours_to_ns == 7 * SIM_HOUR);
    ck_assert(pool->schedule[0].from_ns == INT64_MIN && pool->schedule[0].to_ns == SIM_TIME_NEVER);
    ck_assert(pool->schedule[2].from_ns == 55 * SIM_DAY - 6 * SIM_HOUR);
    ck_assert(pool->schedule[2].to_ns == 239 * SIM_DAY - 6 * SIM_HOUR);
    ck_assert(pool->schedule[0].set.given ==
              (1u << SETTING_MIN_CONTAINERS | 1u << SETTING_BUFFER_CONTAINERS | 1u << SETTING_SCALEDOWN_WINDOW));
    ck_assert(pool->schedule[2].set.max_containers == 20 && pool->schedule[2].set.target_inputs == 4);
    ck_assert(pool->prices[0].from_ns < 0 && pool->prices[1].from_ns == 177 * SIM_DAY + 6 * SIM_HOUR);
    ck_assert(pool->prices[1].gpu_pusd_per_h == INT64_C(1800000000000));
    ck_assert(config->quotas[0].until_ns == 55 * SIM_DAY - 6 * SIM_HOUR && config->quotas[1].gpus == 20);
    scenario_destroy(scenario);
}
END_TEST

START_TEST(test_settings_that_are_wrong)
{
    static const char *const settings[] = {"pools.tts.max_inputs=abc", "pools.tts.max_input=1", "sed=5"};
    struct scenario *scenario;
    ck_assert(scenario_load("tests/unit/valid/tts.yaml", settings, 3, &scenario, &problems) == SIM_BAD_INPUT);
    ck_assert_ptr_null(scenario);
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    diagnostic_print(&problems, out);
    fclose(out);
    ck_assert_str_eq(text, "--set:1:22: error: 'max_inputs': expected a number, not 'abc'\n"
                           "    pools.tts.max_inputs=abc\n"
                           "                         ^\n"
                           "--set:1:11: error: unknown key 'max_input' in pool\n"
                           "    pools.tts.max_input=1\n"
                           "              ^\n"
                           "did you mean 'max_inputs'?\n"
                           "--set:1:1: error: unknown key 'sed' in scenario\n"
                           "    sed=5\n"
                           "    ^\n"
                           "did you mean 'seed'?\n");
    free(text);
}
END_TEST

START_TEST(test_split_gpu)
{
    char name[16];
    int64_t count;
    ck_assert(catalogue_split_gpu("L40S", name, sizeof name, &count) && count == 1 && strcmp(name, "L40S") == 0);
    ck_assert(catalogue_split_gpu("A100-80GB x 2", name, sizeof name, &count) && count == 2);
    ck_assert_str_eq(name, "A100-80GB");
    ck_assert(catalogue_split_gpu("H100 x 64", name, sizeof name, &count) && count == 64);
    static const char *const bad[] = {"",       " L4",     "L4 x",     "L4 x ",
                                      "L4 x 0", "L4 x 65", "L4 x 100", "L4 x 2 ",
                                      "L4x 2",  "L4 y 2",  "L4 x -1",  "a-name-that-is-far-too-long"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!catalogue_split_gpu(bad[i], name, sizeof name, &count), "'%s'", bad[i]);
}
END_TEST

/* Without the variable the catalogue of this checkout is found, going up from the program. */
START_TEST(test_catalogue_of_the_checkout)
{
    unsetenv("CAPSIM_CATALOGUE");
    struct scenario *scenario = load("tests/unit/valid/tts.yaml", NULL, 0);
    ck_assert(scenario->config.pools[0].price.gpu_pusd_per_h > 0);
    scenario_destroy(scenario);
}
END_TEST

START_TEST(test_catalogue_elsewhere)
{
    struct scenario *scenario;
    setenv("CAPSIM_CATALOGUE", "/nowhere", 1);
    ck_assert(scenario_load("tests/unit/valid/tts.yaml", NULL, 0, &scenario, &problems) == SIM_BAD_INPUT);
    ck_assert_str_eq(problems.kept[0].message, "cannot read '/nowhere/gpus.yaml': No such file or directory");
}
END_TEST

static void expect_explanation(const char *key, const char *expected)
{
    struct sim_error error;
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    ck_assert_msg(explain_key(&world_config_table, key, out, &error) == SIM_OK, "%s", key);
    fclose(out);
    ck_assert_msg(strncmp(text, expected, strlen(expected)) == 0, "%s", text);
    free(text);
}

START_TEST(test_explain)
{
    expect_explanation(
        "pools.max_inputs",
        "pools.max_inputs\n"
        "  most requests inside a container; with models that say what a request takes, left out: what memory "
        "allows\n"
        "  kind: whole number\n"
        "  range: from 1 to 4096\n"
        "  default: 1\n");
    expect_explanation("max_inputs", "pools.max_inputs\n");
    expect_explanation("workloads.arrivals.process", "workloads.arrivals.process\n"
                                                     "  how requests arrive\n"
                                                     "  kind: one of poisson, gamma, weibull, burst, closed, trace, "
                                                     "sessions\n"
                                                     "  required\n");
    expect_explanation("alerts.measure",
                       "alerts.measure\n  what is looked at\n  kind: one of\n    queue                      requests "
                       "waiting\n    present ");
    expect_explanation("duration",
                       "duration\n  length of the run\n  kind: time, in s\n  range: 0 s or more\n  required\n");
    expect_explanation("quotas", "quotas\n  limits shared by all pools: keys, or a list of them one after another\n  "
                                 "kind: list of items with keys\n  optional\n  keys:\n    gpus ");
    expect_explanation("", "scenario\n  keys:\n    capsim ");
}
END_TEST

START_TEST(test_explain_unknown)
{
    static const char *const keys[][2] = {
        {"max_input", "there is no key 'max_input' in 'scenario'; did you mean 'max_inputs'?"},
        {"pools.max_input", "there is no key 'max_input' in 'pools.max_input'; did you mean 'max_inputs'?"},
        {"pools.max_inputs.x", "there is no key 'x' in 'pools.max_inputs.x'"},
        {"pools.", "there is no key '' in 'pools.'"},
        {"zzzzzz", "there is no key 'zzzzzz' in 'scenario'"},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct sim_error error;
        ck_assert(explain_key(&world_config_table, keys[i][0], stdout, &error) == SIM_BAD_INPUT);
        ck_assert_str_eq(error.message, keys[i][1]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scenario");
    TCase *cases = tcase_create("scenario");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, test_configuration);
    tcase_add_test(cases, test_derived);
    tcase_add_loop_test(cases, test_resolved_reads_back, 0, 7);
    tcase_add_test(cases, test_rules);
    tcase_add_test(cases, test_models);
    tcase_add_test(cases, test_hardware);
    tcase_add_test(cases, test_schedule);
    tcase_add_test(cases, test_settings_that_are_wrong);
    tcase_add_test(cases, test_split_gpu);
    tcase_add_test(cases, test_catalogue_of_the_checkout);
    tcase_add_test(cases, test_catalogue_elsewhere);
    tcase_add_test(cases, test_explain);
    tcase_add_test(cases, test_explain_unknown);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
