/* test_report.c - figures for people, and the three forms of a summary. */
#include <check.h>
#include <jansson.h>
#include <stdio.h>

#include "analysis/csv.h"
#include "analysis/format.h"
#include "analysis/json.h"
#include "analysis/load.h"
#include "analysis/report.h"
#include "tests/unit/example_run.h"

static struct example example;
static struct run_result *result;
static struct summary *summary;
static struct note_list notes;

static void summarise(int32_t replications, size_t blocks)
{
    result = example_run(&example, replications, blocks, true);
    load_notes(&example.config, &notes);
    const struct summary_source source = {.notes = &notes, .version = "1.2.3", .commit = "abcdef"};
    summary = summary_create(result, &source);
}

static void set_up(void)
{
    example_init(&example);
}

static void tear_down(void)
{
    summary_destroy(summary);
    run_result_destroy(result);
    note_list_release(&notes);
}

static char *printed(void (*print)(FILE *out))
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    print(out);
    (void)fclose(out);
    return text;
}

static void print_plain(FILE *out)
{
    report_print(summary, false, out);
}

static void print_colored(FILE *out)
{
    report_print(summary, true, out);
}

static void print_json(FILE *out)
{
    json_print(summary, out);
}

static void print_csv(FILE *out)
{
    csv_print(summary, out);
}

START_TEST(figures_have_four_digits_and_units)
{
    ck_assert_str_eq(format_figure(0.04125, "USD", -1).text, "$0.04125");
    ck_assert_str_eq(format_figure(1424.3, "USD", -1).text, "$1,424");
    ck_assert_str_eq(format_figure(1234567.8, "", -1).text, "1,234,568");
    ck_assert_str_eq(format_figure(-1234.5, "", 1).text, "-1,234.5");
    ck_assert_str_eq(format_figure(123, "s", 0).text, "123 s");
    ck_assert_str_eq(format_figure(0.613, "ratio", -1).text, "61.30 %");
    ck_assert_str_eq(format_figure(1.2344, "s", -1).text, "1.234 s");
    ck_assert_str_eq(format_figure(9.9999, "s", -1).text, "10.00 s");
    ck_assert_str_eq(format_figure(0.99999, "s", -1).text, "1.000 s");
    ck_assert_str_eq(format_figure(NAN, "s", -1).text, "-");
    ck_assert_str_eq(format_figure(0, "s", -1).text, "0 s");
    ck_assert_str_eq(format_count(12844210).text, "12,844,210");
    ck_assert_str_eq(format_count(-999).text, "-999");
    ck_assert_int_eq(format_decimals(0.5, 3), 3);
    ck_assert_int_eq(format_decimals(99.96, 3), 0);
    ck_assert_int_eq(format_decimals(99.94, 3), 1);
}
END_TEST

START_TEST(spans_are_whole_numbers_of_a_unit)
{
    ck_assert_str_eq(format_span(SIM_DAY).text, "1 day");
    ck_assert_str_eq(format_span(30 * SIM_DAY).text, "30 days");
    ck_assert_str_eq(format_span(730 * SIM_HOUR).text, "730 h");
    ck_assert_str_eq(format_span(90 * SIM_SECOND).text, "90 s");
    ck_assert_str_eq(format_span(10 * 60 * SIM_SECOND).text, "10 min");
    ck_assert_str_eq(format_span(SIM_SECOND / 2).text, "0.5 s");
    ck_assert_str_eq(format_span(0).text, "0 s");
}
END_TEST

/* By state: 10 % starting, 150 to 159 % busy and 40 to 31 % idle of 200, in the mean of four replications 0.85 away. */
START_TEST(report_begins_with_the_dollar)
{
    summarise(4, 1);
    char *text = printed(print_plain);
    const char *first = "Each dollar for tts: $0.80 serving, $0.15 idle, $0.05 starting\n";
    ck_assert_int_eq(strncmp(text, first, strlen(first)), 0);
    ck_assert_ptr_nonnull(strstr(text, "example: 100 s less 10 s warm-up, 4 replications, seed 7, 3,600 requests"));
    ck_assert_ptr_nonnull(strstr(text, "(withheld: fewer than 50 samples beyond it)"));
    ck_assert_ptr_nonnull(strstr(text, "  met     latency_p95_s of all is 1.349 s, at most 2.000 s\n"));
    ck_assert_ptr_nonnull(strstr(text, "  missed  latency_p50 of class/long"));
    ck_assert_ptr_nonnull(strstr(text, "https://modal.com/pricing"));
    ck_assert_ptr_nonnull(strstr(text, "fit error: 2.9 % RMS on five"));
    ck_assert_ptr_nonnull(strstr(text, "bill_starting"));
    ck_assert_ptr_nonnull(strstr(text, "exact, type 7, from every request"));
    free(text);
}
END_TEST

START_TEST(report_fits_a_terminal)
{
    summarise(1, 30);
    char *text = printed(print_plain);
    ck_assert_ptr_null(strstr(text, "nan"));
    ck_assert_ptr_null(strchr(text, '\033'));
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, "\n");
        ck_assert_msg(length <= 100, "too wide: %.*s", (int)length, line);
        ck_assert_msg(length == 0 || line[length - 1] != ' ', "ends in a space: %.*s|", (int)length, line);
    }
    char *colored = printed(print_colored);
    ck_assert_ptr_nonnull(strstr(colored, "\033[31mmissed"));
    free(colored);
    free(text);
}
END_TEST

START_TEST(report_tells_of_saturation)
{
    result = example_run(&example, 4, 1, true);
    result->replications[1].saturated_ns[0] = 90 * SIM_SECOND;
    const struct summary_source source = {.version = "1", .commit = "a"};
    summary = summary_create(result, &source);
    char *text = printed(print_plain);
    ck_assert_ptr_nonnull(strstr(text, "Saturated: more is asked of pool tts than it can serve, from 90 s on\n"));
    free(text);
}
END_TEST

static void check_row(const json_t *row)
{
    static const char *const texts[] = {"scope", "metric", "unit"};
    static const char *const numbers[] = {"value", "low", "high"};
    for (size_t i = 0; i < 3; i++) {
        ck_assert(json_is_string(json_object_get(row, texts[i])));
        const json_t *number = json_object_get(row, numbers[i]);
        ck_assert(json_is_null(number) || json_is_real(number));
    }
    ck_assert(json_is_integer(json_object_get(row, "count")));
    bool has_gap = json_is_null(json_object_get(row, "value")) || json_is_null(json_object_get(row, "low"));
    ck_assert_int_eq(has_gap, json_is_string(json_object_get(row, "reason")));
}

START_TEST(json_has_the_agreed_form)
{
    summarise(4, 1);
    char *text = printed(print_json);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(root);
    ck_assert_int_eq(json_integer_value(json_object_get(root, "format")), 1);
    ck_assert_str_eq(json_string_value(json_object_get(root, "scenario")), "example");
    ck_assert_int_eq(json_integer_value(json_object_get(root, "seed")), 7);
    ck_assert_int_eq(json_integer_value(json_object_get(root, "replications")), 4);
    ck_assert_str_eq(json_string_value(json_object_get(root, "status")), "ok");
    const json_t *metrics = json_object_get(root, "metrics");
    ck_assert_uint_eq(json_array_size(metrics), summary->row_count);
    for (size_t i = 0; i < json_array_size(metrics); i++) {
        const json_t *row = json_array_get(metrics, i);
        check_row(row);
        double value = json_real_value(json_object_get(row, "value"));
        if (isfinite(summary->rows[i].estimate.value))
            ck_assert_double_eq(value, summary->rows[i].estimate.value); /* comes back as it was */
    }
    ck_assert_uint_eq(json_array_size(json_object_get(root, "slo")), 3);
    const json_t *price = json_array_get(json_object_get(root, "prices"), 0);
    ck_assert_double_eq(json_real_value(json_object_get(price, "container_usd_per_h")), 1.8);
    ck_assert(json_is_array(json_object_get(root, "warnings")));
    json_decref(root);
    free(text);
}
END_TEST

START_TEST(csv_has_the_same_columns)
{
    summarise(4, 1);
    char *text = printed(print_csv);
    const char *header = "scope,metric,unit,value,low,high,count\n";
    ck_assert_int_eq(strncmp(text, header, strlen(header)), 0);
    size_t lines = 0;
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        size_t commas = 0;
        for (size_t i = 0; i < strcspn(line, "\n"); i++)
            commas += line[i] == ',';
        ck_assert_uint_eq(commas, 6);
        lines++;
    }
    ck_assert_uint_eq(lines, summary->row_count + 1);
    ck_assert_ptr_nonnull(strstr(text, "\nall,requests_arrived,,900,900,900,3600\n"));
    ck_assert_ptr_nonnull(strstr(text, "\nall,latency_p99_s,s,,,,3528\n"));
    free(text);
}
END_TEST

/* Capacity: four at once on the curve 0.1 s at 1, 0.2 s at 8, so 0.142857 s per unit of work at 4; mean work 0.6 x
 * 0.55 + 0.4 x 4 = 1.93 units.
 */
START_TEST(load_is_compared_with_capacity)
{
    ck_assert_double_eq_tol(load_container_capacity(&example.config, 0), 4 / (1.93 * (0.1 + 0.3 / 7)), 1e-9);
    ck_assert_double_eq(load_offered(&example.config, 0), 10);
    ck_assert_int_eq(load_containers(&example.config, 0, 0), 10);
    struct quota_config quota = {.gpus = 1, .until_ns = SIM_TIME_NEVER};
    example.config.quotas = &quota;
    example.config.quota_count = 1;
    ck_assert_int_eq(load_containers(&example.config, 0, 0), 1);
    example.workload.arrivals.rate_per_s = 15;
    example.pool.profile.calibrated_running = 2;
    load_notes(&example.config, &notes);
    ck_assert_ptr_nonnull(strstr(notes.items[0].text, "grows without end"));
    ck_assert_int_eq(notes.items[0].kind, NOTE_WARNING);
    ck_assert_ptr_nonnull(strstr(notes.items[1].text, "measured up to 2 only"));
    ck_assert_double_eq(load_expected_requests(&example.config, 3), 4500);
    note_list_release(&notes);
    summary = NULL;
    result = NULL;
}
END_TEST

/* Ten hours at 20 req/s. One container, which serves 14.5, from hour 3 to 5 by the schedule, and in hour 9 by the
 * quota. */
START_TEST(load_is_compared_with_the_caps_of_the_hour)
{
    struct schedule_config entry = {.name = "low",
                                    .from_ns = 3 * SIM_HOUR,
                                    .to_ns = 5 * SIM_HOUR,
                                    .set = {.given = 1u << SETTING_MAX_CONTAINERS, .max_containers = 1}};
    struct quota_config quotas[] = {{.gpus = 50, .until_ns = 9 * SIM_HOUR}, {.gpus = 1, .until_ns = SIM_TIME_NEVER}};
    example.pool.schedule = &entry;
    example.pool.schedule_count = 1;
    example.config.quotas = quotas;
    example.config.quota_count = 2;
    example.config.duration_ns = 10 * SIM_HOUR;
    example.workload.arrivals.rate_per_s = 20;
    struct load_course course = load_course(&example.config, 0, load_container_capacity(&example.config, 0));
    ck_assert_double_eq_tol(course.peak_rps, 20, 1e-9);
    ck_assert(course.containers_least == 1 && course.containers_most == 10);
    ck_assert_int_eq(course.first_above_ns, 3 * SIM_HOUR);
    ck_assert_double_eq_tol(course.share_above, 0.3, 1e-12);
    load_notes(&example.config, &notes);
    ck_assert_str_eq(notes.items[0].text,
                     "tts: 20 req/s offered, about 14.5 to 145 req/s can be served by 1 to 10 containers");
    ck_assert_int_eq(notes.items[1].kind, NOTE_WARNING);
    ck_assert_ptr_nonnull(strstr(notes.items[1].text, "from day 1, 03:00 on"));
    note_list_release(&notes);
    summary = NULL;
    result = NULL;
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, load_is_compared_with_capacity);
    tcase_add_test(core, load_is_compared_with_the_caps_of_the_hour);
    tcase_add_test(core, report_begins_with_the_dollar);
    tcase_add_test(core, report_fits_a_terminal);
    tcase_add_test(core, report_tells_of_saturation);
    tcase_add_test(core, json_has_the_agreed_form);
    tcase_add_test(core, csv_has_the_same_columns);
    TCase *plain = tcase_create("plain");
    tcase_add_test(plain, figures_have_four_digits_and_units);
    tcase_add_test(plain, spans_are_whole_numbers_of_a_unit);
    suite_add_tcase(suite, core);
    suite_add_tcase(suite, plain);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
