/* test_result.c - numbering of classes, merging of tallies, tables of columns. */
#include "models/result.h"
#include "tests/splitmix.h"
#include "tests/world_case.h"

static struct world_case c;

START_TEST(classes_are_counted_through)
{
    case_init(&c);
    c.config.workload_count = 3;
    c.workloads[0].class_count = 2;
    ck_assert_uint_eq(result_class_count(&c.config), 4);
    ck_assert_uint_eq(result_class_index(&c.config, 0, 0), 0);
    ck_assert_uint_eq(result_class_index(&c.config, 0, 1), 1);
    ck_assert_uint_eq(result_class_index(&c.config, 1, 0), 2);
    ck_assert_uint_eq(result_class_index(&c.config, 2, 0), 3);
}
END_TEST

START_TEST(an_empty_replication)
{
    struct replication_result result;
    case_init(&c);
    c.config.pool_count = 2;
    replication_result_init(&result, &c.config, 3);
    ck_assert_uint_eq(result.block_count, 3);
    ck_assert_int_eq(result.first_arrival_ns, -1);
    ck_assert_int_eq(result.last_completion_ns, -1);
    ck_assert_int_eq(result.saturated_ns[1], -1);
    ck_assert_int_eq(result.bill_nusd[1], 0);
    ck_assert_int_eq(result.blocks[2].pools[1].completed, 0);
    ck_assert_int_eq(result.blocks[2].requests[0].arrived, 0);
    replication_result_release(&result);
    ck_assert_uint_eq(result.block_count, 0);
    run_result_destroy(NULL);
    struct run_result *run = run_result_create(&c.config, 2);
    ck_assert_uint_eq(run->replication_count, 2);
    run_result_destroy(run);
}
END_TEST

/* Every member is a sum, but three that are maxima: merged twice into nothing, all sums double. */
START_TEST(pool_tallies_merge)
{
    struct splitmix random = {1};
    struct pool_tally one = {0}, sum = {0}, twice;
    for (size_t i = 0; i < sizeof one / 8; i++) {
        uint64_t word = (uint64_t)splitmix_below(&random, 1000000);
        memcpy((char *)&one + 8 * i, &word, 8);
    }
    pool_tally_merge(&sum, &one);
    ck_assert_int_eq(sum.kv_max, one.kv_max);
    ck_assert(memcmp(&sum, &one, sizeof one - 8) == 0); /* the last word may be a gap */
    twice = sum;
    pool_tally_merge(&twice, &one);
    size_t unchanged = 0;
    for (size_t i = 0; i < sizeof one / 8; i++) {
        uint64_t before, after;
        memcpy(&before, (char *)&one + 8 * i, 8);
        memcpy(&after, (char *)&twice + 8 * i, 8);
        unchanged += before == after && before != 0;
        ck_assert(before == after || after == 2 * before || i == sizeof one / 8 - 1);
    }
    ck_assert_uint_le(unchanged, 4);
    ck_assert_int_eq(twice.kv_max, one.kv_max);
    ck_assert_int_eq(twice.queue_max, one.queue_max);
    ck_assert_int_eq(twice.containers_max, one.containers_max);
    struct pool_tally greater = {.kv_max = INT64_MAX};
    pool_tally_merge(&twice, &greater);
    ck_assert_int_eq(twice.kv_max, INT64_MAX);
}
END_TEST

START_TEST(request_tallies_merge)
{
    static struct request_tally one, sum;
    one = (struct request_tally){.arrived = 10,
                                 .outcomes = {1, 2, 3, 4, 0},
                                 .attempts = 12,
                                 .cold = 5,
                                 .within_limits = 1,
                                 .input_tokens = 100,
                                 .output_tokens = 200};
    for (int i = 0; i < DURATION_COUNT; i++)
        sim_histogram_add(&one.durations[i], 1000 * (i + 1));
    request_tally_merge(&sum, &one);
    ck_assert_mem_eq(&sum, &one, sizeof one);
    request_tally_merge(&sum, &one);
    ck_assert_int_eq(sum.arrived, 20);
    ck_assert_int_eq(sum.outcomes[OUTCOME_TIMED_OUT], 8);
    ck_assert_int_eq(sum.attempts, 24);
    ck_assert_int_eq(sum.cold, 10);
    ck_assert_int_eq(sum.within_limits, 2);
    ck_assert_int_eq(sum.input_tokens, 200);
    ck_assert_int_eq(sum.output_tokens, 400);
    for (int i = 0; i < DURATION_COUNT; i++)
        ck_assert_uint_eq(sum.durations[i].count, 2);
}
END_TEST

static void check_table(const struct sim_field_table *table, const char *name, size_t size)
{
    ck_assert_str_eq(table->name, name);
    ck_assert_uint_eq(table->item_size, size);
    for (size_t i = 0; i < table->count; i++) {
        ck_assert_uint_lt(table->fields[i].offset, size);
        ck_assert_str_ne(table->fields[i].help, "");
        for (size_t k = 0; k < i; k++) {
            ck_assert_str_ne(table->fields[i].name, table->fields[k].name);
            ck_assert_uint_ne(table->fields[i].offset, table->fields[k].offset);
        }
    }
}

START_TEST(tables_of_columns)
{
    check_table(&request_row_table, "requests", sizeof(struct request_row));
    check_table(&container_row_table, "containers", sizeof(struct container_row));
    check_table(&decision_row_table, "decisions", sizeof(struct decision_row));
    check_table(&series_row_table, "series", sizeof(struct series_row));
    ck_assert_uint_eq(request_row_table.count, 15);
    ck_assert_uint_eq(container_row_table.count, 18);
    ck_assert_uint_eq(decision_row_table.count, 10);
    ck_assert_uint_eq(series_row_table.count, 13);
}
END_TEST

static size_t length_of(const char *const *names)
{
    size_t count = 0;
    while (names[count])
        count++;
    return count;
}

START_TEST(every_number_has_a_name)
{
    ck_assert_uint_eq(length_of(outcome_names), OUTCOME_COUNT);
    ck_assert_uint_eq(length_of(container_start_names), CONTAINER_START_COUNT);
    ck_assert_uint_eq(length_of(container_end_names), CONTAINER_END_COUNT);
    ck_assert_uint_eq(length_of(scaling_reason_names), SCALING_REASON_COUNT);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {classes_are_counted_through, an_empty_replication, pool_tallies_merge,
                                  request_tallies_merge,       tables_of_columns,    every_number_has_a_name};
    return case_main("results", tests, sizeof tests / sizeof *tests);
}
