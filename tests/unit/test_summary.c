/* test_summary.c - intervals, what is withheld, limits, and exact percentiles, on a run made by hand. */
#include <check.h>
#include <stdio.h>

#include "analysis/summary.h"
#include "sim/interval.h"
#include "tests/unit/example_run.h"

static struct example example;
static struct run_result *result;
static struct summary *summary;

static void summarise(int32_t replications, size_t blocks, bool keep_rows)
{
    example_init(&example);
    result = example_run(&example, replications, blocks, keep_rows);
    const struct summary_source source = {.version = "test", .commit = "test"};
    summary = summary_create(result, &source);
}

static void summarise_again(void)
{
    const struct summary_source source = {.version = "test", .commit = "test"};
    summary_destroy(summary);
    summary = summary_create(result, &source);
}

static void tear_down(void)
{
    summary_destroy(summary);
    run_result_destroy(result);
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Latencies in seconds of the counted, completed requests of replications [from, to), sorted: one at least. */
static size_t latencies(int32_t from, int32_t to, double *values)
{
    size_t count = 0;
    for (int32_t r = from; r < to; r++)
        for (int64_t i = 0; i < 1000; i++) {
            struct request_row row = example_row(r, i);
            if (row.is_counted && row.outcome == OUTCOME_COMPLETED)
                values[count++] = (double)(row.end_ns - row.arrival_ns) / 1e9;
        }
    ck_assert_uint_gt(count, 0);
    qsort(values, count, sizeof *values, by_size);
    return count;
}

/* Type 7 straight from its definition. */
static double quantile(const double *sorted, size_t count, double share)
{
    double place = (double)(count - 1) * share;
    size_t below = (size_t)place;
    if (below + 1 == count)
        return sorted[below];
    return sorted[below] + (place - (double)below) * (sorted[below + 1] - sorted[below]);
}

static double share_at_most(double level, const double *values, size_t count)
{
    size_t within = 0;
    for (size_t i = 0; i < count; i++)
        within += values[i] <= level;
    return (double)within / (double)count;
}

/* How far from 0.95 the ends of the interval lie, from four replications (analysis/sections.h). */
static double reach_of_shares(double level, const double *all, size_t count)
{
    double squares = 0;
    double values[4000] = {0};
    for (int32_t r = 0; r < 4; r++) {
        double own = (double)latencies(r, r + 1, values);
        double move =
            4 * own / (double)count * (share_at_most(level, all, count) - share_at_most(level, values, (size_t)own));
        squares += move * move;
    }
    double s = sqrt(squares / 3 / 4);
    double degrees = 2 / (2.0 / 3 + 6 * (s / 0.05) * (s / 0.05));
    ck_assert(degrees > 2 && degrees < 3);
    double place = (1 / degrees - 1.0 / 3) / (1.0 / 2 - 1.0 / 3);
    return s * (sim_interval_t(3) + place * (sim_interval_t(2) - sim_interval_t(3)));
}

START_TEST(percentiles_of_kept_rows_are_exact)
{
    double values[4000] = {0};
    summarise(4, 1, true);
    size_t count = latencies(0, 4, values);
    const struct summary_row *row = summary_find(summary, "all", "latency_p95_s");
    ck_assert(summary->is_exact);
    ck_assert_double_eq_tol(row->estimate.value, quantile(values, count, 0.95), 1e-12);
    ck_assert_uint_eq(row->estimate.count, count);
    double all[4000];
    memcpy(all, values, sizeof all);
    double reach = reach_of_shares(row->estimate.value, all, count);
    ck_assert_double_gt(reach, 0.001);
    ck_assert_double_eq_tol(row->estimate.low, quantile(all, count, 0.95 - reach), 1e-9);
    ck_assert_double_eq_tol(row->estimate.high, quantile(all, count, 0.95 + reach), 1e-9);
    tear_down();
}
END_TEST

/* What functions of several figures are made of (analysis/figure.h): with batches too, of which some may be empty. */
START_TEST(values_of_a_percentile_spread_like_its_interval)
{
    static const size_t blocks[] = {1, 30};
    for (size_t i = 0; i < 2; i++) {
        double values[30];
        size_t count = blocks[i] > 1 ? blocks[i] : 4;
        summarise(blocks[i] > 1 ? 1 : 4, blocks[i], false);
        const struct summary_row *row = summary_find(summary, "all", "latency_p90_s");
        ck_assert(isfinite(row->estimate.low) && row->estimate.low < row->estimate.value);
        summary_sections(summary, NULL, row->scope, row->metric, values);
        struct sim_interval interval = sim_interval_of_sections(row->estimate.value, values, count);
        ck_assert_double_eq_tol(interval.half_width, (row->estimate.high - row->estimate.low) / 2, 1e-9);
        double mean = 0;
        for (size_t k = 0; k < count; k++)
            mean += values[k] / (double)count;
        ck_assert_double_eq_tol(mean, row->estimate.value, 1e-9);
        tear_down();
    }
}
END_TEST

START_TEST(percentiles_without_rows_come_from_histograms)
{
    double values[4000] = {0};
    summarise(4, 1, false);
    size_t count = latencies(0, 4, values);
    double exact = quantile(values, count, 0.95);
    double value = summary_value(summary, "all", "latency_p95_s");
    ck_assert(!summary->is_exact);
    ck_assert_double_eq_tol(value, exact, exact * SIM_HISTOGRAM_ERROR);
    tear_down();
}
END_TEST

START_TEST(totals_are_those_of_one_run)
{
    summarise(4, 1, false);
    ck_assert_double_eq(summary_value(summary, "all", "requests_arrived"), 900);
    double cost = 0;
    for (int i = 0; i < 4; i++)
        cost += (double)result->replications[i].bill_nusd[0] / 1e9 / 4;
    ck_assert_double_eq_tol(summary_value(summary, "all", "cost_usd"), cost, 1e-12);
    ck_assert_int_eq(summary->request_count, 3600);
    tear_down();
}
END_TEST

/* Blocks are scaled to the window, so that they estimate the same thing. */
START_TEST(one_replication_is_cut_into_batches)
{
    summarise(1, 30, false);
    ck_assert(summary->is_batched);
    const struct summary_row *row = summary_find(summary, "all", "requests_failed");
    double sections[30];
    for (size_t b = 0; b < 30; b++) {
        const struct request_tally *tallies = result->replications[0].blocks[b + 1].requests;
        sections[b] = 30.0 * (double)(tallies[0].outcomes[OUTCOME_FAILED] + tallies[1].outcomes[OUTCOME_FAILED]);
    }
    struct sim_interval interval = sim_interval_of_sections(row->estimate.value, sections, 30);
    ck_assert_double_eq_tol(row->estimate.high, interval.estimate + interval.half_width, 1e-9);
    ck_assert_double_eq_tol(row->estimate.lag_1, sim_interval_lag_1(sections, 30), 1e-9);
    tear_down();
}
END_TEST

START_TEST(one_section_has_no_interval)
{
    summarise(1, 1, false);
    const struct estimate *estimate = &summary_find(summary, "all", "latency_mean_s")->estimate;
    ck_assert(isfinite(estimate->value) && isnan(estimate->low));
    ck_assert_str_eq(estimate->reason, sim_interval_reason_text(SIM_INTERVAL_ONE_SECTION));
    tear_down();
}
END_TEST

START_TEST(thin_tails_are_withheld)
{
    summarise(4, 1, true); /* 3,528 completed: 176 beyond p95, 35 beyond p99 */
    const struct estimate *estimate = &summary_find(summary, "all", "latency_p99_s")->estimate;
    ck_assert(isnan(estimate->value) && isnan(estimate->low));
    ck_assert_str_eq(estimate->reason, "withheld: fewer than 50 samples beyond it");
    ck_assert(isfinite(summary_value(summary, "all", "latency_p95_s")));
    ck_assert(isfinite(summary_value(summary, "all", "latency_max_s")));
    tear_down();
}
END_TEST

START_TEST(saturation_withholds_percentiles_and_keeps_cost)
{
    summarise(4, 1, false);
    result->replications[2].saturated_ns[0] = 42 * SIM_SECOND;
    summarise_again();
    ck_assert_int_eq(summary->saturated_ns, 42 * SIM_SECOND);
    ck_assert(isnan(summary_value(summary, "all", "latency_p50_s")));
    ck_assert(isnan(summary_value(summary, "class/long", "latency_p50_s")));
    ck_assert(isnan(summary_find(summary, "all", "latency_mean_s")->estimate.low));
    ck_assert(isfinite(summary_find(summary, "all", "cost_usd")->estimate.low));
    ck_assert_int_eq(summary->limits[0].verdict, VERDICT_MISSED); /* not unknown: --assert must notice */
    tear_down();
}
END_TEST

/* 1 % in flight is allowed; 8 % hide p95 and leave p90. */
START_TEST(requests_in_flight_hide_the_tail)
{
    summarise(4, 1, false);
    for (int r = 0; r < 4; r++) {
        struct request_tally *tally = result->replications[r].blocks[1].requests;
        tally->outcomes[OUTCOME_IN_FLIGHT] += 63;
        tally->outcomes[OUTCOME_FAILED] -= 5;
    }
    summarise_again();
    ck_assert(isnan(summary_value(summary, "all", "latency_p95_s")));
    ck_assert(isfinite(summary_value(summary, "all", "latency_p90_s")));
    ck_assert(isnan(summary_find(summary, "all", "latency_mean_s")->estimate.low));
    ck_assert_uint_ge(summary->notes.count, 1);
    tear_down();
}
END_TEST

static size_t count_warnings(const char *part)
{
    size_t found = 0;
    for (size_t i = 0; i < summary->notes.count; i++)
        found += summary->notes.items[i].kind == NOTE_WARNING && strstr(summary->notes.items[i].text, part);
    return found;
}

/* Requests of a pool that a migration touches may have been served in another; and it may turn too often. */
START_TEST(migrations_withhold_and_warn)
{
    summarise(2, 1, false);
    example.workload.migration = (struct migration_config){.to = "tts", .above = 2, .below = 1};
    for (int i = 0; i < 2; i++)
        result->replications[i].blocks[1].pools->migrations = 3;
    summarise_again();
    const struct summary_row *row = summary_find(summary, "pool/tts", "latency_p50_s");
    ck_assert(isnan(row->estimate.value));
    ck_assert_ptr_nonnull(strstr(row->estimate.reason, "migration"));
    ck_assert(summary_value(summary, "pool/tts", "containers_mean") > 0);
    ck_assert(summary_value(summary, "workload/callers", "latency_p50_s") > 0);
    ck_assert(summary_value(summary, "all", "migrations") == 3);
    ck_assert_uint_eq(count_warnings("flapping"), 0);
    result->replications[0].blocks[1].pools->migrations = 5;
    summarise_again();
    ck_assert_uint_eq(count_warnings("flapping: callers turned 4 times"), 1);
}
END_TEST

START_TEST(limits_are_judged)
{
    summarise(4, 1, true);
    ck_assert_uint_eq(summary->limit_count, 3);
    ck_assert_int_eq(summary->limits[0].verdict, VERDICT_MET); /* p95 is 1.35 s, at most 2 */
    ck_assert(summary->limits[0].is_clear);
    ck_assert_int_eq(summary->limits[1].verdict, VERDICT_MISSED); /* latency_p50 without its unit: 0.9 s, at most 0.3 */
    ck_assert_int_eq(summary->limits[2].verdict, VERDICT_MET);    /* utilisation 0.84, at least 0.5 */
    ck_assert(summary_is_missed(summary));
    example.slos[1].metric = "latency_p99_s";
    example.slos[2].scope = "pool/none";
    summarise_again();
    ck_assert_int_eq(summary->limits[1].verdict, VERDICT_UNKNOWN); /* withheld */
    ck_assert_int_eq(summary->limits[2].verdict, VERDICT_UNKNOWN);
    ck_assert_ptr_null(summary->limits[2].row);
    ck_assert(!summary_is_missed(summary));
    tear_down();
}
END_TEST

START_TEST(a_limit_is_missed_when_nothing_completes)
{
    summarise(2, 1, false);
    for (int r = 0; r < 2; r++)
        for (int i = 0; i < 2; i++) {
            struct result_block *block = &result->replications[r].blocks[1];
            struct request_tally *tally = &block->requests[i];
            for (int k = 0; k < DURATION_COUNT; k++)
                sim_histogram_pack_release(&block->durations[i][k]);
            *tally = (struct request_tally){.arrived = tally->arrived, .attempts = tally->attempts};
            tally->outcomes[OUTCOME_TIMED_OUT] = tally->arrived;
        }
    summarise_again();
    ck_assert(isnan(summary->limits[0].row->estimate.value));
    ck_assert_int_eq(summary->limits[0].verdict, VERDICT_MISSED);
    ck_assert(summary_is_missed(summary));
    tear_down();
}
END_TEST

START_TEST(intervals_stay_where_values_can_be)
{
    summarise(1, 30, false);
    for (size_t i = 0; i < summary->row_count; i++) {
        const struct summary_row *row = &summary->rows[i];
        if (isnan(row->estimate.low))
            continue;
        ck_assert(row->estimate.low >= 0 && row->estimate.low <= row->estimate.value);
        ck_assert(row->estimate.high >= row->estimate.value);
        ck_assert(strcmp(row->metric->unit, "ratio") != 0 || row->estimate.high <= 1);
    }
    tear_down();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("summary");
    TCase *core = tcase_create("core");
    tcase_add_test(core, percentiles_of_kept_rows_are_exact);
    tcase_add_test(core, values_of_a_percentile_spread_like_its_interval);
    tcase_add_test(core, percentiles_without_rows_come_from_histograms);
    tcase_add_test(core, totals_are_those_of_one_run);
    tcase_add_test(core, one_replication_is_cut_into_batches);
    tcase_add_test(core, one_section_has_no_interval);
    tcase_add_test(core, thin_tails_are_withheld);
    tcase_add_test(core, saturation_withholds_percentiles_and_keeps_cost);
    tcase_add_test(core, requests_in_flight_hide_the_tail);
    tcase_add_test(core, migrations_withhold_and_warn);
    tcase_add_test(core, limits_are_judged);
    tcase_add_test(core, a_limit_is_missed_when_nothing_completes);
    tcase_add_test(core, intervals_stay_where_values_can_be);
    suite_add_tcase(suite, core);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
