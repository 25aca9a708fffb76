/* test_trace.c - a run saved and loaded says the same, and nothing but a whole trace is believed. */
#include <check.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/json.h"
#include "analysis/load.h"
#include "analysis/report.h"
#include "analysis/trace.h"
#include "sim/table.h"
#include "tests/unit/example_run.h"

static char folder[] = "/tmp/capsim-trace-XXXXXX";
static char path[64];
static struct example example;
static struct run_result *result;

static void set_up(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/run.h5", folder);
    example_init(&example);
}

static void tear_down(void)
{
    run_result_destroy(result);
    result = NULL;
    (void)unlink(path);
    ck_assert_int_eq(rmdir(folder), 0); /* nothing else was left behind */
}

/* Report and JSON of a summary as one text, to be released with free(). */
static char *said_of(const struct summary *summary)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    report_print(summary, false, out);
    json_print(summary, out);
    (void)fclose(out);
    return text;
}

static void add_series(int32_t intervals)
{
    for (size_t r = 0; r < result->replication_count; r++) {
        struct replication_result *replication = &result->replications[r];
        replication->series = sim_allocate((size_t)intervals, sizeof *replication->series);
        replication->series_count = (size_t)intervals;
        for (int32_t i = 0; i < intervals; i++)
            replication->series[i] = (struct series_row){.replication = (int32_t)r,
                                                         .from_ns = i * SIM_SECOND,
                                                         .to_ns = (i + 1) * SIM_SECOND,
                                                         .arrived = 10 + i,
                                                         .cost_usd = 0.1 * i};
    }
}

/* Two alerts, of which each replication has seen the first at work. */
static void add_alerts(void)
{
    static struct alert_config alerts[] = {
        {"queue", "tts", 0, GAUGE_QUEUE, ALERT_ABOVE, 3, 9, 0, 0, SIM_SECOND},
        {"unused", "tts", 0, GAUGE_CONTAINER_UTILISATION, ALERT_BELOW, 0.2, NAN, 0, 0, SIM_SECOND}};
    static struct condition_config condition = {GAUGE_QUEUE, 3, NAN, NAN, NAN, 0, 0};
    static struct rule_config rule = {"long-queue", &condition, 1, 1, 0};
    example.pool.controller = (struct controller_config){SIM_SECOND, 0, 0, &rule, 1};
    example.config.alerts = alerts;
    example.config.alert_count = 2;
    for (size_t r = 0; r < result->replication_count; r++) {
        struct sim_array *rows = &result->replications[r].alerts;
        size_t place = sim_array_add(rows);
        ((struct alert_row *)rows->items)[place] = (struct alert_row){.replication = (int32_t)r,
                                                                      .level = ALERT_CRITICAL,
                                                                      .goes_on = 1,
                                                                      .from_ns = (20 + (sim_time_ns)r) * SIM_SECOND,
                                                                      .to_ns = 60 * SIM_SECOND};
    }
}

/* Writes the example with its rows; what it said is returned. */
static char *write_run(int32_t replications, size_t blocks, bool keep_rows)
{
    result = example_run(&example, replications, blocks, keep_rows);
    result->replications[0].blocks[1].pools[0].kv_integral = (sim_int128)1 << 100; /* needs both halves */
    add_series(5);
    static struct price_change later = {"2026-07-01", 90 * SIM_DAY, 1800000000000};
    example.pool.prices = &later;
    example.pool.price_count = 1;
    static struct served_config served[] = {{"A100-80GB", 0.3, 0, 1.5, BILLED_AS_REQUESTED, -1, 0, 80, 0},
                                            {"L4", 0.2, 0, 0.5, BILLED_AS_OWN, 0.1, 0, 24, 800000000000}};
    example.pool.served_by = served;
    example.pool.served_count = 2;
    example.pool.interruption_rate_per_s = 0.01;
    example.classes[1].memory_gb = 3;
    add_alerts();
    struct note_list notes = {0};
    load_notes(&example.config, &notes);
    const struct summary_source source = {.notes = &notes, .version = "1.2.3", .commit = "abcdef"};
    struct summary *summary = summary_create(result, &source);
    struct sim_error error;
    struct trace_writer *writer;
    ck_assert_int_eq(trace_writer_open(path, &example.config, &writer, &error), SIM_OK);
    if (keep_rows)
        ck_assert_int_eq(trace_writer_requests(writer, result->rows, result->row_count, &error), SIM_OK);
    const struct container_row container = {.how = STARTED_FULL, .end_cause = END_RETIRED, .gpus = 1};
    const struct decision_row decision = {.reason = SCALING_RULE, .rule = 1, .wanted = 2};
    ck_assert_int_eq(trace_writer_containers(writer, &container, 1, &error), SIM_OK);
    ck_assert_int_eq(trace_writer_decisions(writer, &decision, 1, &error), SIM_OK);
    const struct trace_content content = {.summary = summary,
                                          .notes = &notes,
                                          .scenario = "name: example\n",
                                          .resolved = "name: example\nseed: 7\n",
                                          .rows_complete = keep_rows};
    ck_assert_int_eq(trace_writer_finish(writer, &content, &error), SIM_OK);
    char *said = said_of(summary);
    summary_destroy(summary);
    note_list_release(&notes);
    return said;
}

static char *said_of_file(void)
{
    struct sim_error error = {0};
    struct trace *trace;
    ck_assert_msg(trace_load(path, &trace, &error) == SIM_OK, "%s", error.message);
    const struct summary_source source = {
        .samples = trace->samples, .notes = &trace->notes, .version = trace->version, .commit = trace->commit};
    struct summary *summary = summary_create(trace->result, &source);
    char *said = said_of(summary);
    ck_assert_str_eq(trace->scenario, "name: example\n");
    ck_assert_str_eq(trace->resolved, "name: example\nseed: 7\n");
    summary_destroy(summary);
    trace_destroy(trace);
    return said;
}

START_TEST(says_the_same_when_loaded)
{
    const bool keep_rows = _i % 2 == 1;
    const bool is_batched = _i / 2 == 1;
    char *live = is_batched ? write_run(1, 30, keep_rows) : write_run(4, 1, keep_rows);
    char *loaded = said_of_file();
    ck_assert_str_eq(live, loaded);
    free(live);
    free(loaded);
}
END_TEST

static bool is_same_class(const struct result_block *a, const struct result_block *b, int class_index)
{
    bool is_same = memcmp(&a->requests[class_index], &b->requests[class_index], sizeof *a->requests) == 0;
    for (int i = 0; i < DURATION_COUNT; i++)
        is_same = is_same && sim_histogram_pack_equal(&a->durations[class_index][i], &b->durations[class_index][i]);
    return is_same;
}

/* Every member of the first pool; what is between them is zero in both. */
static bool is_same_pool(const struct result_block *a, const struct result_block *b)
{
    const char *bytes = (const char *)a->pools;
    return memcmp(bytes, (const char *)b->pools, sizeof(struct pool_tally)) == 0;
}

static bool is_same_interval(const struct series_row *a, const struct series_row *b)
{
    return a->replication == b->replication && a->pool == b->pool && a->from_ns == b->from_ns && a->to_ns == b->to_ns &&
           a->arrived == b->arrived && a->completed == b->completed && a->queue_mean == b->queue_mean &&
           a->running_mean == b->running_mean && a->starting_mean == b->starting_mean && a->busy_mean == b->busy_mean &&
           a->idle_mean == b->idle_mean && a->draining_mean == b->draining_mean && a->cost_usd == b->cost_usd;
}

START_TEST(keeps_every_sum)
{
    struct sim_error error = {0};
    struct trace *trace;
    free(write_run(3, 2, false));
    ck_assert_int_eq(trace_load(path, &trace, &error), SIM_OK);
    for (size_t r = 0; r < 3; r++) {
        const struct replication_result *live = &result->replications[r];
        const struct replication_result *loaded = &trace->result->replications[r];
        ck_assert_uint_eq(live->block_count, loaded->block_count);
        ck_assert_int_eq(live->bill_nusd[0], loaded->bill_nusd[0]);
        ck_assert_int_eq(live->saturated_ns[0], loaded->saturated_ns[0]);
        ck_assert_int_eq(live->first_arrival_ns, loaded->first_arrival_ns);
        ck_assert_int_eq(live->last_completion_ns, loaded->last_completion_ns);
        for (size_t b = 0; b < live->block_count; b++) {
            ck_assert_int_eq(live->blocks[b].from_ns, loaded->blocks[b].from_ns);
            ck_assert_int_eq(live->blocks[b].to_ns, loaded->blocks[b].to_ns);
            for (int i = 0; i < 2; i++)
                ck_assert(is_same_class(&live->blocks[b], &loaded->blocks[b], i));
            ck_assert(is_same_pool(&live->blocks[b], &loaded->blocks[b]));
        }
        ck_assert_uint_eq(loaded->series_count, 5);
        for (int i = 0; i < 5; i++)
            ck_assert(is_same_interval(&live->series[i], &loaded->series[i]));
    }
    const struct pool_config *pool = &trace->result->config->pools[0];
    ck_assert_str_eq(pool->price.source, example.pool.price.source);
    ck_assert(pool->price_count == 1 && pool->prices[0].gpu_pusd_per_h == 1800000000000);
    ck_assert(pool->prices[0].from_ns == 90 * SIM_DAY);
    ck_assert_uint_eq(pool->served_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct served_config *given = &example.pool.served_by[i];
        const struct served_config *served = &pool->served_by[i];
        ck_assert_str_eq(served->gpu, given->gpu);
        ck_assert(served->share == given->share && served->speed == given->speed);
        ck_assert(served->billed_as == given->billed_as && served->attempt_failure == given->attempt_failure);
        ck_assert(served->memory_gb == given->memory_gb && served->gpu_pusd_per_h == given->gpu_pusd_per_h);
    }
    ck_assert(trace->result->config->workloads[0].classes[1].memory_gb == 3);
    trace_destroy(trace);
}
END_TEST

static void copy_file(const char *from, const char *to, long size)
{
    FILE *in = fopen(from, "rb");
    FILE *out = fopen(to, "wb");
    for (int c; size-- > 0 && (c = fgetc(in)) != EOF;)
        fputc(c, out);
    (void)fclose(in);
    (void)fclose(out);
}

START_TEST(equal_runs_give_equal_bytes)
{
    char other[80];
    (void)snprintf(other, sizeof other, "%s/other.h5", folder);
    free(write_run(2, 1, true));
    copy_file(path, other, 1L << 30);
    run_result_destroy(result);
    free(write_run(2, 1, true));
    FILE *a = fopen(path, "rb");
    FILE *b = fopen(other, "rb");
    int c;
    long place = 0;
    for (; (c = fgetc(a)) == fgetc(b) && c != EOF; place++)
        ;
    ck_assert_msg(c == EOF, "files differ at byte %ld", place);
    (void)fclose(a);
    (void)fclose(b);
    (void)unlink(other);
}
END_TEST

static void expect_refusal(enum sim_status expected, const char *part_of_message)
{
    struct sim_error error = {0};
    struct trace *trace;
    ck_assert_int_eq(trace_load(path, &trace, &error), expected);
    ck_assert_ptr_null(trace);
    ck_assert_str_eq(error.file, path);
    ck_assert_msg(strstr(error.message, part_of_message) != NULL, "message: %s", error.message);
}

START_TEST(refuses_what_is_no_trace)
{
    char whole[80];
    (void)snprintf(whole, sizeof whole, "%s/whole.h5", folder);
    expect_refusal(SIM_CANNOT_READ, "No such file");
    FILE *text = fopen(path, "w");
    fputs("capsim: 1\n", text);
    (void)fclose(text);
    expect_refusal(SIM_NOT_A_TRACE, "not an HDF5 file");
    (void)unlink(path);
    free(write_run(2, 1, true));
    struct stat status;
    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_int_eq(rename(path, whole), 0);
    copy_file(whole, path, status.st_size / 2);
    expect_refusal(SIM_CANNOT_READ, "truncated");
    (void)unlink(whole);
}
END_TEST

START_TEST(refuses_another_format)
{
    struct sim_error error;
    struct sim_table_writer *writer;
    ck_assert_int_eq(sim_table_writer_open(path, 0, &writer, &error), SIM_OK);
    ck_assert_int_eq(sim_table_writer_int64(writer, "", "format", 2, &error), SIM_OK);
    ck_assert_int_eq(sim_table_writer_finish(writer, &error), SIM_OK);
    expect_refusal(SIM_NOT_A_TRACE, "format 2");
}
END_TEST

/* Rows that are missing, though the file says that all are there. */
START_TEST(refuses_rows_that_disagree_with_the_sums)
{
    struct sim_error error;
    struct trace_writer *writer;
    result = example_run(&example, 2, 1, true);
    const struct summary_source source = {.version = "1", .commit = "a"};
    struct summary *summary = summary_create(result, &source);
    struct note_list notes = {0};
    ck_assert_int_eq(trace_writer_open(path, &example.config, &writer, &error), SIM_OK);
    ck_assert_int_eq(trace_writer_requests(writer, result->rows, result->row_count - 1, &error), SIM_OK);
    const struct trace_content content = {summary, &notes, "", "", true};
    ck_assert_int_eq(trace_writer_finish(writer, &content, &error), SIM_OK);
    expect_refusal(SIM_NOT_A_TRACE, "rows and its histograms disagree");
    summary_destroy(summary);
}
END_TEST

START_TEST(an_abandoned_trace_leaves_nothing)
{
    struct sim_error error;
    struct trace_writer *writer;
    ck_assert_int_eq(trace_writer_open(path, &example.config, &writer, &error), SIM_OK);
    trace_writer_abandon(writer);
    ck_assert_int_ne(access(path, F_OK), 0);
    char nowhere[96];
    (void)snprintf(nowhere, sizeof nowhere, "%s/none/run.h5", folder);
    ck_assert_int_eq(trace_writer_open(nowhere, &example.config, &writer, &error), SIM_CANNOT_WRITE);
    ck_assert_ptr_null(writer);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_set_timeout(core, 60);
    tcase_add_loop_test(core, says_the_same_when_loaded, 0, 4);
    tcase_add_test(core, keeps_every_sum);
    tcase_add_test(core, equal_runs_give_equal_bytes);
    tcase_add_test(core, refuses_what_is_no_trace);
    tcase_add_test(core, refuses_another_format);
    tcase_add_test(core, refuses_rows_that_disagree_with_the_sums);
    tcase_add_test(core, an_abandoned_trace_leaves_nothing);
    suite_add_tcase(suite, core);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
