/* test_sweep.c - files of points: what they hold, and what belongs together; the merged tables. */
#include "analysis/sweep.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/json_part.h"
#include "analysis/sweep_table.h"
#include "sim/table.h"

static const char scenario_path[] = "tests/unit/sweep/small.yaml";
static const char *const vary[] = {"pools.tts.max_inputs=[4, 6]", "pools.tts.scaledown_window=[60 s, 90 s, 2 min]"};

static struct diagnostic_list problems;
static struct sweep sweep;
static struct sim_error error;
static char folder[] = "/tmp/capsim-sweep-XXXXXX";

static void setup(void)
{
    json_part_begin();
    diagnostic_init(&problems);
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void teardown(void)
{
    char command[128];
    sweep_release(&sweep);
    diagnostic_release(&problems);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static enum sim_status create(const char *const *setting, size_t shard, size_t shard_count, bool may_resume)
{
    const struct points_request request = {
        .path = scenario_path, .settings = setting, .setting_count = setting ? 1 : 0, .vary = vary, .vary_count = 2};
    const struct sweep_share share = {.shard = shard, .shard_count = shard_count, .may_resume = may_resume};
    sweep_release(&sweep);
    enum sim_status status = sweep_create(&sweep, &request, folder, &problems, &error);
    return status == SIM_OK ? sweep_want(&sweep, &share, &error) : status;
}

static void run_wanted(void)
{
    for (size_t i = 0; i < sweep.wanted_count; i++)
        ck_assert_int_eq(sweep_run_point(&sweep, sweep.wanted[i], 1, NULL, &error), SIM_OK);
}

START_TEST(test_names)
{
    size_t index;
    char *path = sweep_file_path("a/b", 12);
    ck_assert_str_eq(path, "a/b/point-000012.json");
    free(path);
    ck_assert(sweep_file_is_named("point-000012.json", &index));
    ck_assert_uint_eq(index, 12);
    static const char *const others[] = {
        "point-12.json",      "point-000012.json.part", "point- 00012.json", "point-000012.jsonpoint",
        "point-0000123.json", "point-+00012.json",      "point-000012",      "",
        "xpoint-000012.json"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_msg(!sweep_file_is_named(others[i], &index), "%s", others[i]);
}
END_TEST

/* Every point is in one shard, whatever their number. */
START_TEST(test_shards)
{
    for (size_t count = 1; count <= 8; count++) {
        int seen[6] = {0};
        for (size_t shard = 1; shard <= count; shard++) {
            ck_assert_int_eq(create(NULL, shard, count, false), SIM_OK);
            for (size_t i = 0; i < sweep.wanted_count; i++)
                seen[sweep.wanted[i]]++;
        }
        for (size_t i = 0; i < 6; i++)
            ck_assert_int_eq(seen[i], 1);
    }
}
END_TEST

/* Totals of a run are means over replications, so their sections show what the value is made of. */
START_TEST(test_sections)
{
    struct sweep_file file;
    ck_assert_int_eq(create(NULL, 4, 6, false), SIM_OK);
    run_wanted();
    char *path = sweep_file_path(folder, 3);
    ck_assert_int_eq(sweep_file_read(&file, path, &error), SIM_OK);
    ck_assert_str_eq(file.status, "ok");
    ck_assert_uint_eq(file.path_count, 2);
    ck_assert_str_eq(sweep_file_varied(&file, 1), "pools.tts.scaledown_window");
    ck_assert_str_eq(sweep_file_value(&file, 0), "6");
    ck_assert_str_eq(sweep_file_value(&file, 1), "60 s");
    ck_assert_int_eq(file.seed, 1);
    ck_assert_int_eq(file.replications, 4);
    size_t seen = 0;
    for (size_t i = 0; i < file.row_count; i++) {
        const struct trace_summary_row row = sweep_file_row(&file, i);
        const json_t *sections = json_object_get(json_array_get(file.rows, i), "sections");
        ck_assert_uint_eq(json_array_size(sections), 4);
        if (strcmp(row.metric, "requests_arrived") != 0 && strcmp(row.metric, "cost_usd") != 0)
            continue;
        double sum = 0;
        for (size_t k = 0; k < 4; k++)
            sum += json_number_value(json_array_get(sections, k));
        ck_assert_double_eq_tol(sum / 4, row.value, 1e-9 * row.value);
        seen++;
    }
    ck_assert_uint_ge(seen, 4); /* of all, and of the pool, the workload or the class */
    sweep_file_release(&file);
    free(path);
}
END_TEST

START_TEST(test_resume)
{
    static const char *const other_seed[] = {"seed=2"};
    ck_assert_int_eq(create(NULL, 2, 3, false), SIM_OK);
    ck_assert_uint_eq(sweep.wanted_count, 2);
    run_wanted();
    ck_assert_int_eq(create(NULL, 2, 3, false), SIM_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(error.message, "2 points of this sweep are there already"));
    ck_assert_int_eq(create(NULL, 1, 3, false), SIM_OK); /* other points may be in the same folder */
    ck_assert_int_eq(create(NULL, 1, 1, true), SIM_OK);
    ck_assert_uint_eq(sweep.finished_count, 2);
    ck_assert_uint_eq(sweep.wanted_count, 4);
    ck_assert_uint_eq(sweep.wanted[1], 2);
    ck_assert_int_eq(create(other_seed, 1, 1, true), SIM_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(error.message, "belongs to another scenario"));
}
END_TEST

START_TEST(test_stop)
{
    volatile bool stop = true;
    ck_assert_int_eq(create(NULL, 1, 1, false), SIM_OK);
    ck_assert_int_eq(sweep_run_point(&sweep, 0, 1, &stop, &error), SIM_INTERRUPTED);
    char *path = sweep_file_path(folder, 0);
    ck_assert_int_ne(access(path, F_OK), 0);
    free(path);
}
END_TEST

START_TEST(test_merge)
{
    struct sweep_merge merge;
    const char *const folders[] = {folder};
    ck_assert_int_eq(create(NULL, 1, 2, false), SIM_OK);
    run_wanted();
    ck_assert_int_eq(sweep_merge_create(&merge, folders, 1, &error), SIM_BAD_INPUT);
    ck_assert_str_eq(error.message, "3 of 6 points are missing: 1, 3, 5");
    sweep_merge_release(&merge);
    ck_assert_int_eq(create(NULL, 2, 2, false), SIM_OK);
    run_wanted();
    ck_assert_int_eq(sweep_merge_create(&merge, folders, 1, &error), SIM_OK);
    ck_assert_uint_eq(merge.count, 6);
    ck_assert(merge.columns[0].is_number);
    ck_assert_str_eq(merge.columns[0].unit, "");
    ck_assert(!merge.columns[1].is_number); /* 60 s and 2 min */
    sweep_merge_release(&merge);
    const char *const twice[] = {folder, folder};
    ck_assert_int_eq(sweep_merge_create(&merge, twice, 2, &error), SIM_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(error.message, "point 0 is also in"));
    sweep_merge_release(&merge);
}
END_TEST

struct read_point {
    int64_t point;
    double inputs;
    const char *window;
    const char *status;
};

static const struct sim_field read_columns[] = {
    {.name = "point", .type = SIM_FIELD_INT64, .offset = offsetof(struct read_point, point)},
    {.name = "pools.tts.max_inputs", .type = SIM_FIELD_DOUBLE, .offset = offsetof(struct read_point, inputs)},
    {.name = "pools.tts.scaledown_window", .type = SIM_FIELD_TEXT, .offset = offsetof(struct read_point, window)},
    {.name = "status", .type = SIM_FIELD_TEXT, .offset = offsetof(struct read_point, status)},
};
static const struct sim_field_table read_table = {"point", read_columns, 4, sizeof(struct read_point)};

START_TEST(test_table)
{
    struct sweep_merge merge;
    struct sim_table_reader *reader;
    struct sim_array points;
    char path[128];
    const char *const folders[] = {folder};
    ck_assert_int_eq(create(NULL, 1, 1, false), SIM_OK);
    run_wanted();
    snprintf(path, sizeof path, "%s/merged.h5", folder);
    ck_assert_int_eq(sweep_merge_create(&merge, folders, 1, &error), SIM_OK);
    ck_assert_int_eq(sweep_table_write(&merge, path, &error), SIM_OK);
    sweep_merge_release(&merge);
    ck_assert_int_eq(sim_table_reader_open(path, &reader, &error), SIM_OK);
    sim_array_init(&points, sizeof(struct read_point));
    ck_assert_int_eq(sim_table_reader_load(reader, "points", &read_table, &points, &error), SIM_OK);
    ck_assert_uint_eq(points.count, 6);
    const struct read_point *row = points.items;
    ck_assert_int_eq(row[5].point, 5);
    ck_assert_double_eq(row[5].inputs, 6);
    ck_assert_str_eq(row[5].window, "2 min");
    ck_assert_str_eq(row[0].window, "60 s");
    ck_assert_str_eq(row[5].status, "ok");
    sim_array_release(&points);
    sim_table_reader_close(reader);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sweep");
    TCase *tests = tcase_create("sweep");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, test_names);
    tcase_add_test(tests, test_shards);
    tcase_add_test(tests, test_sections);
    tcase_add_test(tests, test_resume);
    tcase_add_test(tests, test_stop);
    tcase_add_test(tests, test_merge);
    tcase_add_test(tests, test_table);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
