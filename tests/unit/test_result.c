/* test_result.c - numbering of classes, merging of tallies, tables of columns. */
#include "models/result.h"
#include "tests/pack_values.h"
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

/* Every member is a sum, but those that are maxima: merged twice into nothing, all sums double. */
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
    ck_assert_uint_le(unchanged, 6);
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
}
END_TEST

/* ---- whole replications ---- */

enum {
    BLOCKS = 5
};

/* Some of everything; blocks beyond `end` are untouched. */
static void fill_replication(struct replication_result *result, struct splitmix *random, size_t first, size_t end)
{
    c.config.pool_count = 2;
    c.config.workload_count = 2;
    replication_result_init(result, &c.config, BLOCKS);
    result->series_count = 2;
    result->series = sim_allocate(2, sizeof *result->series);
    result->series[first > 0] = (struct series_row){.to_ns = 100, .arrived = splitmix_below(random, 1000)};
    for (size_t b = 0; b < BLOCKS; b++) {
        struct result_block *block = &result->blocks[b];
        block->from_ns = (sim_time_ns)b * SIM_HOUR;
        block->to_ns = block->from_ns + SIM_HOUR;
        for (size_t i = 0; i < 2 && b >= first && b < end; i++) {
            block->requests[i].arrived = splitmix_below(random, 1000000);
            block->pools[i].queue_integral = (sim_int128)splitmix_next(random) * 1000;
            block->pools[i].queue_max = splitmix_below(random, 100);
            for (int k = 0; k < DURATION_COUNT; k++)
                for (int n = 0; n < 3; n++)
                    pack_value(&block->durations[i][k], splitmix_below(random, 10000));
        }
    }
    result->bill_nusd[1] = splitmix_below(random, 1000000);
    result->event_count = splitmix_next(random) >> 8;
    result->last_completion_ns = splitmix_below(random, SIM_HOUR);
}

static void save(const struct replication_result *result, struct sim_array *bytes)
{
    sim_array_init(bytes, 1);
    replication_result_save(result, &c.config, bytes);
}

static bool is_same(const struct replication_result *a, const struct replication_result *b)
{
    struct sim_array of_a, of_b;
    save(a, &of_a);
    save(b, &of_b);
    bool same = of_a.count == of_b.count && memcmp(of_a.items, of_b.items, of_a.count) == 0;
    sim_array_release(&of_a);
    sim_array_release(&of_b);
    return same;
}

START_TEST(spans_merge_in_any_grouping)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct replication_result one, two, three, left, right;
        struct splitmix random = {seed}, again = {seed};
        case_init(&c);
        fill_replication(&one, &random, 0, 3);
        fill_replication(&two, &random, 2, 4);
        fill_replication(&three, &random, 4, 5);
        fill_replication(&left, &again, 0, 3); /* left: (one + two) + three */
        replication_result_merge(&left, &two, &c.config);
        replication_result_merge(&left, &three, &c.config);
        replication_result_merge(&two, &three, &c.config);
        right = one; /* one + (two + three) */
        replication_result_merge(&right, &two, &c.config);
        ck_assert_msg(is_same(&left, &right), "seed %d", (int)seed);
        replication_result_release(&right);
        replication_result_release(&left);
        replication_result_release(&two);
        replication_result_release(&three);
    }
}
END_TEST

START_TEST(saved_and_loaded_it_is_the_same)
{
    struct replication_result result, loaded;
    struct splitmix random = {5};
    struct sim_array bytes;
    struct sim_error error;
    case_init(&c);
    fill_replication(&result, &random, 1, 4);
    save(&result, &bytes);
    ck_assert_int_eq(replication_result_load(&loaded, &c.config, bytes.items, bytes.count, &error), SIM_OK);
    ck_assert(is_same(&result, &loaded));
    ck_assert_int_eq(loaded.blocks[2].requests[1].arrived, result.blocks[2].requests[1].arrived);
    ck_assert_int_eq(loaded.bill_nusd[1], result.bill_nusd[1]);
    ck_assert_uint_eq(loaded.series_count, 2);
    replication_result_release(&loaded);
    replication_result_release(&result);
    sim_array_release(&bytes);
}
END_TEST

/* Bytes are cut at every length, one is added, and the configuration is another. */
START_TEST(what_is_not_a_saved_result_is_refused)
{
    struct replication_result result, loaded;
    struct splitmix random = {6};
    struct sim_array bytes;
    struct sim_error error;
    case_init(&c);
    fill_replication(&result, &random, 1, 3);
    save(&result, &bytes);
    for (size_t size = 0; size < bytes.count; size += size < 600 ? 1 : 13) {
        char *cut = malloc(size + 1); /* no longer, so that reading beyond is noticed */
        memcpy(cut, bytes.items, size);
        ck_assert_int_eq(replication_result_load(&loaded, &c.config, cut, size, &error), SIM_BAD_INPUT);
        ck_assert_uint_eq(loaded.block_count, 0);
        free(cut);
    }
    sim_array_resize(&bytes, bytes.count + 1);
    ck_assert_int_eq(replication_result_load(&loaded, &c.config, bytes.items, bytes.count, &error), SIM_BAD_INPUT);
    ck_assert_str_eq(error.message, "saved counts of a run are cut, damaged or of another kind");
    c.config.workload_count = 1;
    ck_assert_int_eq(replication_result_load(&loaded, &c.config, bytes.items, bytes.count - 1, &error), SIM_BAD_INPUT);
    c.config.workload_count = 2;
    ck_assert_int_eq(replication_result_load(&loaded, &c.config, bytes.items, bytes.count - 1, &error), SIM_OK);
    replication_result_release(&loaded);
    replication_result_release(&result);
    sim_array_release(&bytes);
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
    ck_assert_uint_eq(container_row_table.count, 19);
    ck_assert_uint_eq(decision_row_table.count, 11);
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
    const TTest *const tests[] = {classes_are_counted_through,
                                  an_empty_replication,
                                  pool_tallies_merge,
                                  request_tallies_merge,
                                  spans_merge_in_any_grouping,
                                  saved_and_loaded_it_is_the_same,
                                  what_is_not_a_saved_result_is_refused,
                                  tables_of_columns,
                                  every_number_has_a_name,
                                  NULL};
    return case_main("results", tests);
}
