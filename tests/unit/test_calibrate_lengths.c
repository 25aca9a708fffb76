/* test_calibrate_lengths.c - logs of requests: lengths become distributions of a class. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/random.h"
#include "sim/variate.h"
#include "tests/calibrate_case.h"

enum {
    ROWS = 2000
};

static struct calibrate_case c;
static char log_path[] = "/tmp/test_calibrate_lengths_XXXXXX";

static void tear_down(void)
{
    calibrate_case_release(&c);
    unlink(log_path);
}

/* A log of prompts of a gamma distribution of mean 800, cv 0.7, and of answers that `answer` makes of each. */
static void write_log(int64_t (*answer)(int64_t prompt, struct sim_random *stream))
{
    struct sim_distribution prompts;
    struct sim_random stream;
    int descriptor = mkstemp(log_path);
    FILE *file = fdopen(descriptor, "w");
    ck_assert_int_eq(sim_distribution_gamma(&prompts, 800, 0.7, NULL), SIM_OK);
    sim_random_init(&stream, 7, 0, 1, 0, 0);
    fputs("time_s,prompt,answer\n", file);
    for (int i = 0; i < ROWS; i++) {
        int64_t prompt = 1 + (int64_t)sim_distribution_sample(&prompts, &stream);
        fprintf(file, "%d,%lld,%lld\n", i, (long long)prompt, (long long)answer(prompt, &stream));
    }
    fclose(file);
}

static const char *last_column = "", *last_unit = "";

static void run(const char *more)
{
    char text[1500];
    struct sim_error error = {0};
    snprintf(text, sizeof text,
             "measurements: 1\nname: log\nsource: a test\nprofile: {stage: processor-sharing, base_time: 1 s}\n"
             "data:\n  - name: chat\n    kind: requests\n    file: %s\n"
             "    columns: {arrival: time_s, %sinput_tokens: prompt, output_tokens: answer}\n"
             "    units: {arrival: s, %sinput_tokens: tokens, output_tokens: tokens}\n%s",
             log_path, last_column, last_unit, more);
    ck_assert_msg(calibrate_case_run(&c, text, 1, &error) == SIM_OK, "%s", error.message);
}

static int64_t two_kinds(int64_t prompt, struct sim_random *stream)
{
    struct sim_distribution kind;
    (void)prompt;
    bool is_short = sim_variate_uniform(stream) < 0.6;
    ck_assert_int_eq(sim_distribution_lognormal(&kind, is_short ? 40 : 600, 0.3, NULL), SIM_OK);
    return 1 + (int64_t)sim_distribution_sample(&kind, stream);
}

START_TEST(families_are_found_and_held_out_rows_agree)
{
    write_log(two_kinds);
    run("    fit: odd\n");
    const struct calibration_parameter *prompt = calibrate_case_parameter(&c, "input_tokens");
    ck_assert_msg(strncmp(prompt->note, "gamma(", 6) == 0, "%s", prompt->note);
    ck_assert(prompt->low < 800.5 && 800.5 < prompt->high);
    const struct calibration_parameter *share = calibrate_case_parameter(&c, "output_tokens share");
    ck_assert(share->low < 0.6 && 0.6 < share->high);
    ck_assert(fabs(calibrate_case_parameter(&c, "output_tokens mean_2")->value / 600.5 - 1) < 0.05);
    ck_assert(fabs(calibrate_case_error(&c, "held out", "input_tokens_mean", "")->relative) < 0.08);
    ck_assert(fabs(calibrate_case_error(&c, "held out", "output_tokens_mean", "")->relative) < 0.10);
    calibrate_case_said(&c, "{name: chat, input_tokens: \"gamma(");
    calibrate_case_said(&c, "output_tokens: \"mixture(0.");
    ck_assert_uint_eq(c.calibration->warnings.count, 0);
}
END_TEST

static int64_t steps(int64_t prompt, struct sim_random *stream)
{
    (void)stream;
    return prompt < 500 ? 0 : prompt < 1000 ? 16 : 500 + prompt / 4;
}

START_TEST(what_no_family_fits_is_named_as_a_column)
{
    write_log(steps);
    run("");
    const struct calibration_parameter *answer = calibrate_case_parameter(&c, "output_tokens");
    ck_assert_msg(strncmp(answer->note, "empirical(", 10) == 0 && strstr(answer->note, ", answer);"), "%s",
                  answer->note);
    calibrate_case_said(&c, "rows of 0 tokens are left out");
    calibrate_case_said(&c, "the best family of distributions does not fit");
    calibrate_case_said(&c, "lengths of prompts and answers have a rank correlation of 0.9");
}
END_TEST

static size_t count_named(const char *name)
{
    const struct calibration_parameter *parameters = c.calibration->parameters.items;
    size_t count = 0;
    for (size_t i = 0; i < c.calibration->parameters.count; i++)
        count += strcmp(parameters[i].name, name) == 0;
    return count;
}

/* Two tables are of this log, with other rows held out; what is asked of it is about times. */
START_TEST(a_log_with_times_tells_its_lengths_once)
{
    char second[400];
    write_log(two_kinds);
    snprintf(second, sizeof second,
             "    fit: odd\n  - name: again\n    kind: requests\n    file: %s\n    fit: first\n"
             "    columns: {arrival: time_s, last: time_s, input_tokens: prompt, output_tokens: answer}\n"
             "    units: {arrival: s, last: s, input_tokens: tokens, output_tokens: tokens}\n",
             log_path);
    last_column = "last: time_s, ";
    last_unit = "last: s, ";
    run(second);
    last_column = last_unit = "";
    ck_assert_uint_eq(count_named("input_tokens"), 1);
    ck_assert_uint_eq(count_named("output_tokens"), 1);
    const struct calibration_error *errors = c.calibration->errors.items;
    for (size_t i = 0; i < c.calibration->errors.count; i++)
        ck_assert_ptr_null(strstr(errors[i].metric, "_tokens"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("calibration of lengths");
    TCase *tests = tcase_create("calibration of lengths");
    tcase_add_checked_fixture(tests, NULL, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, families_are_found_and_held_out_rows_agree);
    tcase_add_test(tests, what_no_family_fits_is_named_as_a_column);
    tcase_add_test(tests, a_log_with_times_tells_its_lengths_once);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
