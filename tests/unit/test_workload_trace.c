/* test_workload_trace.c - arrivals from files: times, tokens, scale, repetition, and rows that are wrong. */
#include <stdio.h>
#include <unistd.h>

#include "models/workload.h"
#include "tests/world_case.h"

static struct world_case c;
static struct workload workload;
static char path[] = "/tmp/test_workload_trace_XXXXXX";

static void write_file(const char *text)
{
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    FILE *file = fdopen(descriptor, "w");
    fputs(text, file);
    fclose(file);
    case_init(&c);
    struct arrival_config *arrivals = &c.workloads[0].arrivals;
    arrivals->process = ARRIVAL_TRACE;
    arrivals->file = path;
    arrivals->time_column = "t";
    arrivals->input_tokens_column = "";
    arrivals->output_tokens_column = "";
}

static void start(uint64_t seed)
{
    struct sim_error error = {0};
    enum sim_status status = workload_init(&workload, &c.config, 0, seed, 0, &error);
    ck_assert_msg(status == SIM_OK, "%s", error.message);
    unlink(path);
}

static void expect(double at_s)
{
    const struct request_draw *draw = workload_peek(&workload);
    ck_assert_ptr_nonnull(draw);
    assert_at(draw->arrival_ns, at_s);
    workload_advance(&workload);
}

static void expect_error(int line, const char *text)
{
    struct sim_error error = {0};
    ck_assert_int_eq(workload_init(&workload, &c.config, 0, 1, 0, &error), SIM_BAD_INPUT);
    unlink(path);
    ck_assert_int_eq(error.line, line);
    ck_assert_str_eq(error.file, path);
    ck_assert_msg(strstr(error.message, text) != NULL, "%s", error.message);
    workload_release(&workload);
}

START_TEST(times_count_from_the_first_row)
{
    write_file("x,t\n1,100\n2,100\n3,102.5\n");
    start(1);
    expect(0);
    expect(0);
    expect(2.5);
    ck_assert_ptr_null(workload_peek(&workload));
    workload_release(&workload);
}
END_TEST

START_TEST(dates_are_times)
{
    write_file("t\n2024-02-28 23:59:59.5\n2024-02-29 00:00:01\n");
    start(1);
    expect(0);
    expect(1.5);
    workload_release(&workload);
}
END_TEST

START_TEST(gaps_are_scaled)
{
    write_file("t\n10\n14\n15\n");
    c.workloads[0].arrivals.time_scale = 0.5;
    start(1);
    expect(0);
    expect(2);
    expect(2.5);
    workload_release(&workload);
}
END_TEST

/* Three rows over 6 s: the mean gap is 3 s, so it begins anew after 9 s. */
START_TEST(repeats_after_a_mean_gap)
{
    write_file("t\n5\n6\n11\n");
    c.workloads[0].arrivals.repeat = true;
    start(1);
    static const double times[] = {0, 1, 6, 9, 10, 15, 18};
    uint64_t last_key = 0;
    for (int i = 0; i < 7; i++) {
        uint64_t key = workload_peek(&workload)->key;
        ck_assert(i == 0 || key > last_key);
        last_key = key;
        expect(times[i]);
    }
    ck_assert_double_eq_tol(workload_offered_rate(&workload), 3 / 9.0, 1e-12);
    workload_release(&workload);
}
END_TEST

START_TEST(tokens_of_the_file_or_of_the_class)
{
    write_file("out,t,in\n5,0,100\n0,1,0\n");
    c.workloads[0].arrivals.input_tokens_column = "in";
    c.workloads[0].arrivals.output_tokens_column = "out";
    c.classes[0][0].input_tokens = fixed(11);
    c.classes[0][0].output_tokens = fixed(22);
    start(1);
    ck_assert_int_eq(workload_peek(&workload)->input_tokens, 100);
    ck_assert_int_eq(workload_peek(&workload)->output_tokens, 5);
    workload_advance(&workload);
    ck_assert_int_eq(workload_peek(&workload)->input_tokens, 11);
    ck_assert_int_eq(workload_peek(&workload)->output_tokens, 22);
    workload_release(&workload);
}
END_TEST

/* A third of 30,000 rows, each by itself: another share keeps a superset. */
START_TEST(keeps_a_share)
{
    static char text[300000];
    static bool is_kept[30000];
    char *end = text + sprintf(text, "t\n");
    for (int i = 0; i < 30000; i++)
        end += sprintf(end, "%d\n", i);
    for (int round = 0; round < 2; round++) {
        strcpy(path, "/tmp/test_workload_trace_XXXXXX");
        write_file(text);
        c.workloads[0].arrivals.keep = round == 0 ? 1 / 3.0 : 2 / 3.0;
        start(1);
        int count = 0, both = 0;
        for (const struct request_draw *draw; (draw = workload_peek(&workload)); workload_advance(&workload)) {
            int row = (int)(draw->arrival_ns / SIM_SECOND);
            both += is_kept[row];
            is_kept[row] = true;
            count++;
        }
        ck_assert_int_lt(abs(count - 10000 * (round + 1)), 4 * 82);
        if (round == 1)
            ck_assert_int_gt(both, 10000 - 4 * 82);
        workload_release(&workload);
    }
}
END_TEST

START_TEST(unsorted_rows)
{
    write_file("t\n1\n3\n2\n");
    expect_error(4, "before that of the row above");
}
END_TEST

START_TEST(times_that_are_none)
{
    write_file("t\n1\nsoon\n");
    expect_error(3, "soon");
}
END_TEST

START_TEST(tokens_out_of_range)
{
    write_file("t,in\n1,5\n\n2,-1\n");
    c.workloads[0].arrivals.input_tokens_column = "in";
    expect_error(4, "tokens");
}
END_TEST

START_TEST(a_missing_column)
{
    write_file("time\n1\n");
    expect_error(1, "t");
}
END_TEST

START_TEST(no_rows)
{
    write_file("t\n");
    expect_error(0, "no rows");
}
END_TEST

/* A million times 31 years are no time any more. */
START_TEST(scaled_beyond_time)
{
    write_file("t\n0\n1e9\n");
    c.workloads[0].arrivals.time_scale = 1e6;
    expect_error(3, "time_scale");
}
END_TEST

START_TEST(no_file)
{
    case_init(&c);
    c.workloads[0].arrivals.process = ARRIVAL_TRACE;
    c.workloads[0].arrivals.file = "/nowhere/trace.csv";
    c.workloads[0].arrivals.time_column = "t";
    ck_assert_int_eq(workload_init(&workload, &c.config, 0, 1, 0, NULL), SIM_CANNOT_READ);
    workload_release(&workload);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {times_count_from_the_first_row,
                                  dates_are_times,
                                  gaps_are_scaled,
                                  repeats_after_a_mean_gap,
                                  tokens_of_the_file_or_of_the_class,
                                  keeps_a_share,
                                  unsorted_rows,
                                  times_that_are_none,
                                  tokens_out_of_range,
                                  a_missing_column,
                                  no_rows,
                                  scaled_beyond_time,
                                  no_file};
    return case_main("workload from a trace", tests, sizeof tests / sizeof *tests);
}
