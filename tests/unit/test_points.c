/* test_points.c - what is varied: grids, Sobol points, and what is refused. */
#include "analysis/points.h"

#include <check.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const char scenario_path[] = "tests/unit/valid/tts.yaml";

static struct diagnostic_list problems;
static struct points points;

static void setup(void)
{
    setenv("CAPSIM_CATALOGUE", "tests/unit/catalogue", 1);
    diagnostic_init(&problems);
}

static void teardown(void)
{
    diagnostic_release(&problems);
}

static bool create(const char *const *vary, size_t count, size_t sobol)
{
    const struct points_request request = {.path = scenario_path, .vary = vary, .vary_count = count, .sobol = sobol};
    bool is_good = points_create(&points, &request, &problems);
    if (!is_good)
        diagnostic_print(&problems, stdout);
    return is_good;
}

START_TEST(test_grid)
{
    static const char *const vary[] = {"pools.tts.max_inputs=[12, 20]",
                                       "workloads.callers.classes.short.work=[\"lognormal(1, 0.3)\", 'fixed(2)', 3]"};
    char name[128];
    ck_assert(create(vary, 2, 0));
    ck_assert_uint_eq(points.count, 6);
    ck_assert_str_eq(points.items[1].values[0].setting, "pools.tts.max_inputs=12");
    ck_assert_str_eq(points.items[1].values[1].text, "fixed(2)");
    ck_assert_str_eq(points.items[3].values[1].setting, "workloads.callers.classes.short.work=lognormal(1, 0.3)");
    points_name(&points, 3, name, sizeof name);
    ck_assert_str_eq(name, "max_inputs=20, work=lognormal(1, 0.3)");
    points_name(&points, 3, name, 12);
    ck_assert_str_eq(name, "max_inputs=");
    struct scenario *scenario;
    ck_assert_int_eq(points_load(&points, 4, &scenario, &problems), SIM_OK);
    ck_assert_int_eq(scenario->config.pools[0].max_inputs, 20);
    ck_assert_double_eq(sim_distribution_mean(&scenario->config.workloads[0].classes[0].work), 2);
    scenario_destroy(scenario);
}
END_TEST

/* Lists and mappings are values too, and equal ends of paths are told apart. */
START_TEST(test_values_of_any_kind)
{
    static const char arrivals[] = "workloads.callers.arrivals=[{process: poisson, rate: 3 req/s}, "
                                   "{process: gamma, rate: 3 req/s, cv: 2}]";
    static const char *const vary[] = {arrivals, "pools.tts.timeout=[120 s, 2 min]", "pools.tts.startup_timeout=[60 s]",
                                       "workloads.callers.client_timeout=[60 s]"};
    char name[256];
    ck_assert(create(vary, 4, 0));
    ck_assert_uint_eq(points.count, 4);
    ck_assert_str_eq(points.items[3].values[0].text, "{process: gamma, rate: 3 req/s, cv: 2}");
    points_name(&points, 3, name, sizeof name);
    ck_assert_str_eq(name, "arrivals={process: gamma, rate: 3 req/s, cv: 2}, timeout=2 min, startup_timeout=60 s, "
                           "client_timeout=60 s");
    struct scenario *scenario;
    ck_assert_int_eq(points_load(&points, 3, &scenario, &problems), SIM_OK);
    ck_assert_double_eq(scenario->config.workloads[0].arrivals.rate_per_s, 3);
    ck_assert_int_eq(scenario->config.pools[0].timeout_ns, 120 * SIM_SECOND);
    scenario_destroy(scenario);
}
END_TEST

/* A combination that is refused is no problem of the list. */
START_TEST(test_invalid_point)
{
    static const char *const vary[] = {"pools.tts.max_inputs=[6, 12]", "pools.tts.target_inputs=[4, 8]"};
    struct scenario *scenario;
    ck_assert(create(vary, 2, 0));
    for (size_t i = 0; i < 4; i++) {
        struct diagnostic_list own;
        diagnostic_init(&own);
        enum sim_status status = points_load(&points, i, &scenario, &own);
        ck_assert_int_eq(status, i == 1 ? SIM_BAD_INPUT : SIM_OK);
        if (i == 1)
            ck_assert_ptr_nonnull(strstr(points_reason(&own), "target_inputs"));
        else
            ck_assert_str_eq(points_reason(&own), "");
        scenario_destroy(scenario);
        diagnostic_release(&own);
    }
}
END_TEST

static const struct {
    const char *vary[2];
    const char *message;
    int column;
} wrong[] = {
    {{"pools.tts.max_inputs"}, "expected PATH=[VALUE, VALUE, ...]", 1},
    {{"=[1]"}, "expected PATH=[VALUE, VALUE, ...]", 1},
    {{"pools.tts.max_inputs=12"}, "expected a list of values, as in pools.tts.max_inputs=[12, ...]", 22},
    {{"pools.tts.max_inputs={a: 1}"}, "expected a list of values", 22},
    {{"pools.tts.max_inputs=[]"}, "the list of values is empty", 22},
    {{"pools.tts.max_inputs="}, "there is nothing in it", 0},
    {{"pools.tts.max_inputs=[1, 2, 1]"}, "the value '1' occurs twice", 29},
    {{"pools.tts.max_inputs=[1, 2"}, NULL, 0},
    {{"pools.tts.max_inputs=[1]", "pools.tts.max_inputs=[2]"}, "'pools.tts.max_inputs' is varied twice", 1},
    {{"pools.tts.profile.slots=[1]", "pools.tts.profile=[a.yaml]"}, "change the same value", 1},
    {{"pools.tts.max_input=[12]"}, "unknown key 'max_input' in pool", 11},
    {{"pools.ttt.max_inputs=[12]"}, "the list has no item 'ttt'", 7},
    {{"pools.tts.max_inputs=[12, 20 s]"}, NULL, 22},
    {{"pools.tts.max_inputs=[12, -1]"}, NULL, 22},
    {{"pools.tts.timeout=[2 min, 120]"}, NULL, 19},
    {{"pools..max_inputs=[1]"}, "a part of the path is empty", 7},
};

START_TEST(test_refused)
{
    size_t count = wrong[_i].vary[1] ? 2 : 1;
    ck_assert(!create(wrong[_i].vary, count, 0));
    ck_assert_str_eq(problems.kept[0].place.source->name, "--vary");
    if (wrong[_i].message)
        ck_assert_msg(strstr(problems.kept[0].message, wrong[_i].message) != NULL, "%s", problems.kept[0].message);
    if (wrong[_i].column > 0)
        ck_assert_int_eq(problems.kept[0].place.column, wrong[_i].column);
}
END_TEST

/* All that is wrong with the values is said at once; what is wrong with the scenario only once. */
START_TEST(test_several_problems)
{
    static const char *const vary[] = {"pools.tts.max_inputs=[12, many, few]", "pools.tts.timeout=[2 min, 120]"};
    ck_assert(!create(vary, 2, 0));
    ck_assert_uint_eq(problems.count, 3);
    const char *const wide[] = {"pools.tts.max_inputs=[1, 2, 3]"};
    const struct points_request request = {
        .path = "tests/unit/invalid/no_such_file.yaml", .vary = wide, .vary_count = 1};
    struct diagnostic_list own;
    diagnostic_init(&own);
    ck_assert(!points_create(&points, &request, &own));
    ck_assert_uint_eq(own.count, 1);
    diagnostic_release(&own);
}
END_TEST

START_TEST(test_too_many)
{
    char values[4096] = "";
    char argument[3][5000];
    const char *vary[3];
    for (int i = 1; i <= 101; i++)
        sprintf(values + strlen(values), "%s%d", i > 1 ? ", " : "", i);
    sprintf(argument[0], "pools.tts.max_inputs=[%s]", values);
    sprintf(argument[1], "pools.tts.max_containers=[%s]", values);
    sprintf(argument[2], "pools.tts.buffer_containers=[%s]", values);
    for (int i = 0; i < 3; i++)
        vary[i] = argument[i];
    ck_assert(!create(vary, 3, 0));
    ck_assert_ptr_nonnull(strstr(problems.kept[0].message, "more than 1000000 points"));
}
END_TEST

/* The first points of Sobol's sequence are 1/2, 3/4, 1/4 (Bratley & Fox 1988). */
START_TEST(test_sobol)
{
    static const char *const vary[] = {"pools.tts.scaledown_window=[60 s, 300 s]", "pools.tts.max_inputs=[10, 12]",
                                       "pools.tts.price.gpu=[$1/h, $2/h]"};
    ck_assert(create(vary, 2, 3));
    ck_assert_uint_eq(points.count, 3);
    ck_assert_str_eq(points.items[0].values[0].text, "180 s");
    ck_assert_str_eq(points.items[1].values[0].text, "240 s");
    ck_assert_str_eq(points.items[2].values[0].text, "120 s");
    ck_assert_str_eq(points.items[0].values[1].setting, "pools.tts.max_inputs=11");
    ck_assert_str_eq(points.items[1].values[1].text, "10");
    ck_assert_str_eq(points.items[2].values[1].text, "12");
}
END_TEST

/* Whole numbers: each as often as the others, and none twice. */
START_TEST(test_sobol_whole)
{
    static const char *const vary[] = {"pools.tts.max_inputs=[8, 15]"};
    int seen[16] = {0};
    ck_assert(create(vary, 1, 100));
    ck_assert_uint_eq(points.count, 8);
    for (size_t i = 0; i < points.count; i++)
        seen[strtol(points.items[i].values[0].text, NULL, 10)]++;
    for (int i = 8; i < 16; i++)
        ck_assert_int_eq(seen[i], 1);
}
END_TEST

START_TEST(test_sobol_refused)
{
    static const char *const one[] = {"pools.tts.max_inputs=[8]"};
    static const char *const units[] = {"pools.tts.timeout=[60 s, 2 min]"};
    static const char *const words[] = {"pools.tts.platform=[fixed, modal-function]"};
    static const char *const order[] = {"pools.tts.max_inputs=[12, 8]"};
    static const char *const *const all[] = {one, units, words, order};
    ck_assert(!create(all[_i], 1, 4));
    ck_assert_ptr_nonnull(strstr(problems.kept[0].message, "--sobol needs two"));
}
END_TEST

/* ---- Several things at once ---- */

struct counting {
    int done[100];
    size_t fails_from;
};

static enum sim_status count_one(void *context, size_t index, unsigned jobs, struct sim_error *error)
{
    struct counting *counting = context;
    counting->done[index]++;
    ck_assert_uint_ge(jobs, 1);
    if (index >= counting->fails_from)
        return sim_error_set(error, SIM_AUDIT_FAILED, NULL, 0, "number %zu", index);
    return SIM_OK;
}

START_TEST(test_do)
{
    struct counting counting = {.fails_from = 100};
    const struct points_work work = {.count = 100, .jobs = (unsigned)_i, .context = &counting, .each = count_one};
    struct sim_error error;
    ck_assert_int_eq(points_do(&work, &error), SIM_OK);
    for (size_t i = 0; i < 100; i++)
        ck_assert_int_eq(counting.done[i], 1);
    counting.fails_from = 30;
    ck_assert_int_eq(points_do(&work, &error), SIM_AUDIT_FAILED);
    ck_assert_str_eq(error.message, "number 30");
    bool stop = true;
    const struct points_work stopped = {
        .count = 100, .jobs = 2, .stop = &stop, .context = &counting, .each = count_one};
    counting.fails_from = 100;
    ck_assert_int_eq(points_do(&stopped, &error), SIM_INTERRUPTED);
    const struct points_work nothing = {.count = 0, .each = count_one};
    ck_assert_int_eq(points_do(&nothing, &error), SIM_OK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("points");
    TCase *tests = tcase_create("points");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_grid);
    tcase_add_test(tests, test_values_of_any_kind);
    tcase_add_test(tests, test_invalid_point);
    tcase_add_loop_test(tests, test_refused, 0, (int)(sizeof wrong / sizeof *wrong));
    tcase_add_test(tests, test_several_problems);
    tcase_add_test(tests, test_too_many);
    tcase_add_test(tests, test_sobol);
    tcase_add_test(tests, test_sobol_whole);
    tcase_add_loop_test(tests, test_sobol_refused, 0, 4);
    tcase_add_loop_test(tests, test_do, 0, 5);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
