/* test_profile_write.c - a profile that was written loads again, and serves in the same way. */
#include "scenarios/profile_write.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scenarios/scenario.h"

static const char *const profiles[] = {"scenarios/profiles/tts-l40s.yaml", "scenarios/profiles/llama2-70b-a100.yaml",
                                       "scenarios/profiles/cosyvoice2-l20.yaml",
                                       "scenarios/profiles/tts-l40s-verified.yaml"};

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

/* Any scenario will do whose classes have all that a profile may need. */
static struct scenario *load(const char *profile)
{
    char setting[300];
    const char *const settings[] = {setting, "workloads.callers.classes.short.input_tokens=100 tokens",
                                    "workloads.callers.classes.short.output_tokens=100 tokens",
                                    "workloads.callers.classes.long.input_tokens=100 tokens",
                                    "workloads.callers.classes.long.output_tokens=100 tokens"};
    struct scenario *scenario;
    snprintf(setting, sizeof setting, "pools.tts.profile=%s", profile);
    if (scenario_load("tests/unit/valid/tts.yaml", settings, 5, &scenario, &problems) != SIM_OK) {
        diagnostic_print(&problems, stdout);
        ck_abort_msg("%s was refused", profile);
    }
    return scenario;
}

static bool is_near(double one, double other)
{
    return fabs(one - other) <= 1e-5 * fabs(one);
}

static void compare_curves(const struct curve_point *one, const struct curve_point *other, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ck_assert(one[i].running == other[i].running && is_near(one[i].time_s, other[i].time_s));
}

static void compare(const struct profile_config *one, const struct profile_config *other)
{
    ck_assert_str_eq(one->name, other->name);
    ck_assert_str_eq(one->source, other->source);
    ck_assert_str_eq(one->fit_error, other->fit_error);
    ck_assert_int_eq(one->stage, other->stage);
    ck_assert(is_near(one->base_s, other->base_s) && is_near(one->per_running_s, other->per_running_s));
    ck_assert(one->slots == other->slots && is_near(one->first_output, other->first_output));
    ck_assert(one->kv_tokens == other->kv_tokens && one->max_batch == other->max_batch);
    ck_assert(is_near(one->per_prefill_token_s, other->per_prefill_token_s));
    ck_assert(one->calibrated_running == other->calibrated_running && one->curve_count == other->curve_count);
    ck_assert(one->step_curve_count == other->step_curve_count);
    compare_curves(one->curve, other->curve, one->curve_count);
    compare_curves(one->step_curve, other->step_curve, one->step_curve_count);
    ck_assert(one->first_output_count == other->first_output_count);
    ck_assert(one->before_count == other->before_count && one->after_count == other->after_count);
    for (size_t i = 0; i < one->before_count; i++)
        ck_assert(
            one->before[i].holds_slot == other->before[i].holds_slot &&
            is_near(sim_distribution_mean(&one->before[i].time_s), sim_distribution_mean(&other->before[i].time_s)));
    ck_assert(one->startup_count == other->startup_count);
    for (size_t i = 0; i < one->startup_count; i++)
        ck_assert(one->startup[i].removed_by_snapshot == other->startup[i].removed_by_snapshot);
    ck_assert(one->calibrated.error_count == other->calibrated.error_count);
    ck_assert(one->calibrated.parameter_count == other->calibrated.parameter_count);
    ck_assert(one->reading_count == other->reading_count);
}

START_TEST(test_loads_again)
{
    char path[] = "tests/unit/valid/written-XXXXXX";
    int file = mkstemp(path);
    struct sim_error error;
    ck_assert_int_ge(file, 0);
    close(file);
    struct scenario *given = load(profiles[_i]);
    const struct profile_config *profile = &given->config.pools[0].profile;
    ck_assert_int_eq(profile_write(profile, "A comment.\n\nOf two parts.", path, &error), SIM_OK);
    struct scenario *again = load(path);
    unlink(path);
    compare(profile, &again->config.pools[0].profile);
    scenario_destroy(again);
    scenario_destroy(given);
}
END_TEST

/* The values of an empirical distribution stand in a file that a profile cannot know. */
START_TEST(test_refuses_what_has_no_text)
{
    static const double values[] = {1, 2, 3};
    struct sim_arena *arena = sim_arena_create();
    struct stage_config stage = {.name = "odd", .holds_slot = true};
    struct profile_config profile = {
        .name = "p", .source = "", .fit_error = "", .slot_limit = "", .before = &stage, .before_count = 1};
    struct sim_error error;
    profile.calibrated.measurements = "";
    profile.calibrated.date = "";
    ck_assert_int_eq(sim_distribution_empirical(&stage.time_s, arena, values, NULL, 3, NULL), SIM_OK);
    ck_assert_int_eq(profile_write(&profile, "", "tests/unit/valid/never.yaml", &error), SIM_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(error.message, "'time'"));
    ck_assert_int_ne(access("tests/unit/valid/never.yaml", F_OK), 0);
    sim_arena_destroy(arena);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("profile_write");
    TCase *cases = tcase_create("profile_write");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, test_loads_again, 0, (int)(sizeof profiles / sizeof *profiles));
    tcase_add_test(cases, test_refuses_what_has_no_text);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
