/* test_sensitivity.c - the rules that no platform publishes: their keys, and a scenario's other readings. */
#include "analysis/sensitivity.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/runner.h"
#include "analysis/sensitivity_report.h"
#include "models/autoscaler.h"
#include "scenarios/binding.h"

static const char scenario_path[] = "tests/unit/valid/tts.yaml";

static struct diagnostic_list problems;
static struct scenario *scenario;
static struct sensitivity_list list;

static void setup(void)
{
    setenv("CAPSIM_CATALOGUE", "tests/unit/catalogue", 1);
    diagnostic_init(&problems);
}

static void teardown(void)
{
    diagnostic_release(&problems);
}

/* The list of the example with settings, ended by NULL, on top. */
static void list_with(const char *const *settings)
{
    size_t count = 0;
    while (settings[count])
        count++;
    if (scenario_load(scenario_path, settings, count, &scenario, &problems) != SIM_OK) {
        diagnostic_print(&problems, stdout);
        ck_abort_msg("the example does not load");
    }
    sensitivity_list_create(&list, &scenario->config);
}

static void release(void)
{
    sensitivity_list_release(&list);
    scenario_destroy(scenario);
}

static bool has(const char *name)
{
    return sensitivity_list_find(&list, name) != NULL;
}

START_TEST(every_rule_is_a_key_with_a_default)
{
    const struct sim_field_table *pool = binding_find_field(&world_config_table, "pools")->table;
    for (size_t i = 0; autoscaler_policies[i]; i++)
        for (const struct inferred_rule *rule = autoscaler_policies[i]->inferred; rule->rule; rule++) {
            if (!rule->key)
                continue;
            const struct sim_field *field = binding_find_field(pool, rule->key);
            ck_assert_msg(field != NULL, "%s is no key", rule->key);
            ck_assert(field->initial && field->initial[0]);
            ck_assert_msg(strstr(field->help, "(inferred"), "the help of %s does not say that it is inferred",
                          rule->key);
            ck_assert_ptr_nonnull(rule->values[0]);
            ck_assert(rule->measure && rule->measure[0]);
            ck_assert_ptr_eq(inferred_find(rule->key), rule);
        }
    ck_assert_ptr_null(inferred_find("max_inputs"));
}
END_TEST

/* And the other way round: no key says that it is inferred and is in no list. */
START_TEST(every_inferred_key_is_a_rule)
{
    const struct sim_field_table *pool = binding_find_field(&world_config_table, "pools")->table;
    for (size_t i = 0; i < pool->count; i++)
        if (strstr(pool->fields[i].help, "(inferred"))
            ck_assert_msg(inferred_find(pool->fields[i].name) != NULL, "%s is in no list", pool->fields[i].name);
}
END_TEST

/* Each loads, and gives another scenario; none is the same as another. */
START_TEST(every_reading_changes_something)
{
    static const char *const settings[] = {"pools.tts.over_factor=0.25", "pools.tts.snapshots=true",
                                           "pools.tts.buffer_containers=1", NULL};
    list_with(settings);
    ck_assert_uint_ge(list.count, 10);
    const struct scenario_settings base = {.settings = settings, .setting_count = 3};
    char **texts = calloc(list.count, sizeof *texts);
    for (size_t i = 0; i < list.count; i++) {
        const struct sensitivity_reading *reading = &list.items[i];
        struct scenario *other;
        ck_assert_msg(sensitivity_load(scenario_path, &base, &reading, 1, &other, &problems) == SIM_OK,
                      "%s does not load", reading->name);
        ck_assert_str_ne(other->resolved, scenario->resolved);
        ck_assert_str_ne(reading->was, reading->value);
        texts[i] = strdup(other->resolved);
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(texts[i], texts[k]);
        scenario_destroy(other);
    }
    for (size_t i = 0; i < list.count; i++)
        free(texts[i]);
    free(texts);
    release();
}
END_TEST

START_TEST(several_readings_go_together)
{
    static const char *const none[] = {NULL};
    list_with(none);
    const struct sensitivity_reading *two[] = {sensitivity_list_find(&list, "tick=5 s"),
                                               sensitivity_list_find(&list, "bill_starting=false")};
    const struct scenario_settings base = {.varied = NULL};
    struct scenario *other;
    ck_assert_int_eq(sensitivity_load(scenario_path, &base, two, 2, &other, &problems), SIM_OK);
    ck_assert_int_eq(other->config.pools[0].tick_ns, 5 * SIM_SECOND);
    ck_assert(!other->config.pools[0].bill_starting);
    scenario_destroy(other);
    release();
}
END_TEST

/* What the scenario says itself is no other reading, the default is then; and rules that decide nothing are left out.
 */
START_TEST(only_what_matters)
{
    static const char *const plain[] = {"pools.tts.buffer_containers=0", "pools.tts.snapshots=false", NULL};
    list_with(plain);
    ck_assert(has("dispatch_order=random") && has("tick=5 s") && has("bill_starting=false"));
    ck_assert(!has("dispatch_order=fullest") && !has("tick=1 s") && !has("bill_starting=true"));
    ck_assert(!has("active_hold=1 s") && !has("worker_types=1") && !has("early_min=10 s"));
    release();
    static const char *const other[] = {"pools.tts.buffer_containers=2", "pools.tts.tick=500 ms",
                                        "pools.tts.active_hold=1200 s", "pools.tts.over_factor=0.5", NULL};
    list_with(other);
    ck_assert(has("tick=1 s") && !has("tick=0.5 s"));
    ck_assert(has("active_hold=0 s") && has("active_hold=1 s") && !has("active_hold=20 min"));
    ck_assert(has("over_factor=0") && has("over_factor=1") && !has("over_factor=0.5") && has("early_min=10 s"));
    ck_assert_str_eq(sensitivity_list_find(&list, "tick=1 s")->was, "500 ms");
    release();
    static const char *const fixed[] = {"pools.tts.platform=fixed", NULL};
    list_with(fixed);
    ck_assert_uint_eq(list.count, 0);
    release();
}
END_TEST

/* A stop leaves out what was not finished, and says so; what was is there. */
START_TEST(interrupted)
{
    static const char *const settings[] = {"duration=20 min", "replications=2", NULL};
    volatile bool is_stopped = true;
    struct sim_error error;
    struct run_result *result;
    struct sensitivity_run run;
    const struct runner_options options = {.jobs = 1};
    list_with(settings);
    ck_assert_int_eq(runner_run(&scenario->config, &options, &result, &error), SIM_OK);
    const struct summary_source source = {.version = "", .commit = ""};
    struct summary *summary = summary_create(result, &source);
    const struct sensitivity_request request = {
        .subject = {.path = scenario_path, .settings = {.settings = settings, .setting_count = 2}},
        .base = summary,
        .jobs = 1,
        .stop = &is_stopped,
        .is_quiet = true};
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    ck_assert_int_eq(sensitivity_run_create(&run, &request, &error), SIM_OK);
    ck_assert(!run.is_whole);
    ck_assert(!run.cases[0].is_done);
    ck_assert_uint_eq(run.together_count, 0);
    sensitivity_report_print(&run, false, out);
    fclose(out);
    ck_assert_ptr_nonnull(strstr(text, "as the scenario says"));
    ck_assert_ptr_nonnull(strstr(text, "Interrupted: 0 of "));
    free(text);
    sensitivity_run_release(&run);
    summary_destroy(summary);
    run_result_destroy(result);
    release();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sensitivity");
    TCase *tests = tcase_create("list");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, every_rule_is_a_key_with_a_default);
    tcase_add_test(tests, every_inferred_key_is_a_rule);
    tcase_add_test(tests, every_reading_changes_something);
    tcase_add_test(tests, several_readings_go_together);
    tcase_add_test(tests, only_what_matters);
    tcase_add_test(tests, interrupted);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
