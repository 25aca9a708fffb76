/* test_metric.c - every metric against a value worked out by hand from one small run. */
#include <check.h>
#include <stdio.h>

#include "analysis/summary.h"
#include "tests/unit/example_run.h"

static struct example example;
static struct run_result *result;
static struct summary *summary;

/* One block of 100 s; containers at 1.80 USD/h. Two classes on one pool. */
static void set_up(void)
{
    example_init(&example);
    example.config.warm_up_ns = 0;
    example.config.month_ns = 10 * EXAMPLE_DURATION;
    for (int i = 0; i < 2; i++)
        example.classes[i].audio_s = (struct sim_distribution){.kind = SIM_DISTRIBUTION_FIXED, .of.fixed.value = 2};
    result = run_result_create(&example.config, 1);
    struct replication_result *replication = &result->replications[0];
    replication_result_init(replication, &example.config, 2);
    replication->first_arrival_ns = 1 * SIM_SECOND;
    replication->last_completion_ns = 91 * SIM_SECOND;
    struct result_block *block = &replication->blocks[1];
    block->to_ns = EXAMPLE_DURATION;
    struct request_tally *shorts = &block->requests[0];
    *shorts = (struct request_tally){.arrived = 200, .attempts = 210, .cold = 10, .within_limits = 150};
    shorts->outcomes[OUTCOME_COMPLETED] = 194;
    shorts->outcomes[OUTCOME_FAILED] = 3;
    shorts->outcomes[OUTCOME_TIMED_OUT] = 2;
    shorts->outcomes[OUTCOME_REJECTED] = 1;
    shorts->output_tokens = 19400;
    for (int i = 0; i < 194; i++) {
        pack_value(&block->durations[0][DURATION_LATENCY], SIM_SECOND / 2 + i * 1000000);
        pack_value(&block->durations[0][DURATION_WAIT], 0);
        pack_value(&block->durations[0][DURATION_TTFT], SIM_SECOND / 4);
        pack_value(&block->durations[0][DURATION_TPOT], 1000000);
        pack_value(&block->durations[0][DURATION_RTF], SIM_SECOND / 4);
    }
    struct request_tally *longs = &block->requests[1];
    *longs = (struct request_tally){.arrived = 100, .attempts = 100, .within_limits = 90, .output_tokens = 60000};
    longs->outcomes[OUTCOME_COMPLETED] = 100;
    for (int i = 0; i < 100; i++)
        pack_value(&block->durations[1][DURATION_LATENCY], 4 * SIM_SECOND);
    struct pool_tally *pool = &block->pools[0];
    *pool = (struct pool_tally){.unbilled_ns = (sim_int128)10 * SIM_SECOND,
                                .queue_integral = (sim_int128)50 * SIM_SECOND,
                                .inputs_integral = (sim_int128)300 * SIM_SECOND,
                                .ready_slot_integral = (sim_int128)800 * SIM_SECOND,
                                .batch_integral = (sim_int128)240 * SIM_SECOND,
                                .main_busy_ns = (sim_int128)120 * SIM_SECOND,
                                .queue_max = 9,
                                .containers_max = 4,
                                .failed_starts = 2,
                                .crashes = 1,
                                .completed = 280,
                                .output_tokens = 70000};
    pool->state_ns[CONTAINER_STARTING] = (sim_int128)40 * SIM_SECOND;
    pool->state_ns[CONTAINER_BUSY] = (sim_int128)150 * SIM_SECOND;
    pool->state_ns[CONTAINER_IDLE] = (sim_int128)50 * SIM_SECOND;
    pool->state_ns[CONTAINER_DRAINING] = (sim_int128)20 * SIM_SECOND;
    for (int i = 0; i < CONTAINER_STATE_COUNT; i++)
        pool->cost[i] = (pool->state_ns[i] - (i == CONTAINER_STARTING ? pool->unbilled_ns : 0)) *
                        pricing_container_rate(&example.config.pools[0]);
    pool->starts[STARTED_WARM] = 1;
    pool->starts[STARTED_FULL] = 5;
    pool->starts[STARTED_FALLEN_BACK] = 2;
    pool->starts[STARTED_RESTORED] = 4;
    replication->bill_nusd[0] = 125000000; /* 250 s billed at 0.0005 USD */
    const struct summary_source source = {.version = "test", .commit = "test"};
    summary = summary_create(result, &source);
}

static void tear_down(void)
{
    summary_destroy(summary);
    run_result_destroy(result);
}

struct expected {
    const char *scope;
    const char *metric;
    double value;
    double tolerance; /* relative: 1/256 where a histogram is asked for a quantile */
};

static const struct expected expected_values[] = {
    {"all", "requests_arrived", 300, 0},
    {"all", "requests_completed", 294, 0},
    {"all", "requests_failed", 3, 0},
    {"all", "requests_timed_out", 2, 0},
    {"all", "requests_rejected", 1, 0},
    {"all", "requests_in_flight", 0, 0},
    {"all", "attempts", 310, 0},
    {"class/short", "requests_arrived", 200, 0},
    {"workload/callers", "attempts", 310, 0},
    {"all", "throughput_rps", 2.8, 1e-12}, /* 280 completed in the window of 100 s */
    {"class/long", "throughput_rps", 1.0, 1e-12},
    {"all", "slo_attainment", 240.0 / 300, 1e-12},
    {"class/short", "slo_attainment", 0.75, 1e-12},
    {"all", "cold_request_share", 10.0 / 294, 1e-12},
    {"all", "makespan_s", 90, 1e-12},
    {"class/short", "latency_mean_s", 0.5965, 1e-12},
    {"all", "latency_mean_s", (194 * 0.5965 + 400) / 294, 1e-12},
    {"class/short", "latency_p50_s", 0.5965, 0.004},
    {"all", "latency_max_s", 4, 1e-12},
    {"class/short", "latency_max_s", 0.693, 1e-12},
    {"all", "wait_mean_s", 0, 0},
    {"all", "ttft_mean_s", 0.25, 1e-12},
    {"all", "ttft_p50_s", 0.25, 1e-12},
    {"all", "tpot_mean_s", 0.001, 1e-12},
    {"all", "tpot_p50_s", 0.001, 1e-12},
    {"all", "rtf_p50", 0.25, 1e-12},
    {"all", "containers_mean", 2.4, 1e-12}, /* (40 + 150 + 50) / 100 */
    {"pool/tts", "containers_max", 4, 0},
    {"all", "cold_starts", 7, 0},
    {"all", "snapshot_restores", 4, 0},
    {"all", "container_starts", 11, 0},
    {"all", "failed_starts", 2, 0},
    {"all", "crashes", 1, 0},
    {"all", "container_utilisation", 0.75, 1e-12},
    {"all", "slot_utilisation", 0.375, 1e-12},
    {"all", "batch_mean", 2, 1e-12},
    {"all", "queue_mean", 0.5, 1e-12},
    {"all", "queue_max", 9, 0},
    {"all", "cost_usd", 0.125, 1e-12},
    {"all", "cost_usd_per_1k_requests", 0.125 / 280 * 1000, 1e-12},
    {"pool/tts", "cost_usd_per_1m_output_tokens", 0.125 / 70000 * 1e6, 1e-12},
    {"all", "cost_usd_per_month", 1.25, 1e-12},
    {"all", "cost_busy_usd", 0.075, 1e-12},
    {"all", "cost_idle_usd", 0.025, 1e-12},
    {"all", "cost_starting_usd", 0.015, 1e-12}, /* 30 of the 40 s are billed */
    {"all", "cost_draining_usd", 0.01, 1e-12},
    {"all", "cost_without_starting_usd", 0.11, 1e-12},
    {"all", "gpu_hours", 260.0 / 3600, 1e-12},
    {"all", "output_tokens_per_s", 700, 1e-12},
    {"class/long", "output_tokens_per_s", 600, 1e-12},
};

START_TEST(has_the_value_worked_out_by_hand)
{
    const struct expected *expected = &expected_values[_i];
    const struct summary_row *row = summary_find(summary, expected->scope, expected->metric);
    ck_assert_msg(row != NULL, "%s of %s is missing", expected->metric, expected->scope);
    double off = fabs(row->estimate.value - expected->value);
    ck_assert_msg(off <= expected->tolerance * fabs(expected->value), "%s of %s is %.17g, not %.17g", expected->metric,
                  expected->scope, row->estimate.value, expected->value);
}
END_TEST

/* A list of names that does not come from the table under test. */
START_TEST(has_every_agreed_metric)
{
    static const char *const names[] = {
        "requests_arrived",
        "requests_completed",
        "requests_failed",
        "requests_timed_out",
        "requests_rejected",
        "requests_in_flight",
        "attempts",
        "throughput_rps",
        "slo_attainment",
        "latency_mean_s",
        "latency_p50_s",
        "latency_p90_s",
        "latency_p95_s",
        "latency_p99_s",
        "latency_max_s",
        "wait_mean_s",
        "wait_p95_s",
        "ttft_mean_s",
        "ttft_p50_s",
        "ttft_p95_s",
        "ttft_p99_s",
        "tpot_mean_s",
        "tpot_p50_s",
        "tpot_p95_s",
        "rtf_p50",
        "rtf_p95",
        "containers_mean",
        "containers_max",
        "cold_starts",
        "snapshot_restores",
        "container_starts",
        "cold_request_share",
        "container_utilisation",
        "slot_utilisation",
        "batch_mean",
        "kv_utilisation_mean",
        "kv_utilisation_max",
        "preemptions",
        "queue_mean",
        "queue_max",
        "makespan_s",
        "cost_usd",
        "cost_usd_per_1k_requests",
        "cost_usd_per_1m_output_tokens",
        "cost_usd_per_month",
        "cost_busy_usd",
        "cost_idle_usd",
        "cost_starting_usd",
        "cost_draining_usd",
        "gpu_hours",
        "output_tokens_per_s",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_msg(metric_find(names[i]) != NULL, "no metric %s", names[i]);
}
END_TEST

START_TEST(leaves_out_what_does_not_apply)
{
    ck_assert_ptr_null(summary_find(summary, "all", "kv_utilisation_mean"));
    ck_assert_ptr_null(summary_find(summary, "all", "preemptions"));
    ck_assert_ptr_null(summary_find(summary, "class/short", "cost_usd"));
    ck_assert_ptr_null(summary_find(summary, "workload/callers", "containers_mean"));
    ck_assert_ptr_null(summary_find(summary, "pool/tts", "makespan_s"));
}
END_TEST

START_TEST(finds_names_without_their_unit)
{
    ck_assert_str_eq(metric_find("latency_p95")->name, "latency_p95_s");
    ck_assert_str_eq(metric_find("throughput")->name, "throughput_rps");
    ck_assert_str_eq(metric_find("cost")->name, "cost_usd");
    ck_assert_str_eq(metric_find("cost_idle")->name, "cost_idle_usd");
    ck_assert_ptr_null(metric_find("latency"));
    ck_assert_ptr_null(metric_find("latency_p9"));
    ck_assert_ptr_null(metric_find(""));
}
END_TEST

START_TEST(measures_key_value_memory_in_tokens)
{
    example.pool.profile.stage = STAGE_CONTINUOUS_BATCHING;
    example.pool.profile.kv_tokens = 1000;
    example.pool.profile.kv_block = 16;
    struct pool_tally *pool = &result->replications[0].blocks[1].pools[0];
    pool->kv_integral = (sim_int128)50000 * SIM_SECOND; /* 200 s of ready containers with 1,000 tokens each */
    pool->kv_max = 900;
    pool->preemptions = 3;
    const struct summary_source source = {.version = "test", .commit = "test"};
    struct summary *batching = summary_create(result, &source);
    ck_assert_double_eq_tol(summary_value(batching, "all", "kv_utilisation_mean"), 0.25, 1e-12);
    ck_assert_double_eq_tol(summary_value(batching, "pool/tts", "kv_utilisation_max"), 0.9, 1e-12);
    ck_assert_double_eq(summary_value(batching, "all", "preemptions"), 3);
    summary_destroy(batching);
}
END_TEST

START_TEST(takes_the_throughput_of_a_burst_from_its_makespan)
{
    example.workload.arrivals.process = ARRIVAL_BURST;
    const struct summary_source source = {.version = "test", .commit = "test"};
    struct summary *burst = summary_create(result, &source);
    ck_assert_double_eq_tol(summary_value(burst, "all", "throughput_rps"), 294.0 / 90, 1e-12);
    summary_destroy(burst);
}
END_TEST

START_TEST(names_classes_that_occur_twice_after_their_workload)
{
    struct workload_config workloads[2] = {example.workload, example.workload};
    struct class_config other[1] = {{.name = "short", .share = 1}};
    workloads[1].name = "batch";
    workloads[1].classes = other;
    workloads[1].class_count = 1;
    struct world_config config = example.config;
    config.workloads = workloads;
    config.workload_count = 2;
    struct scope_list scopes = scope_list_create(&config);
    ck_assert_ptr_nonnull(scope_find(&scopes, "class/callers.short"));
    ck_assert_ptr_nonnull(scope_find(&scopes, "class/batch.short"));
    ck_assert_ptr_nonnull(scope_find(&scopes, "class/long"));
    ck_assert_ptr_null(scope_find(&scopes, "class/short"));
    scope_list_release(&scopes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metric");
    TCase *values = tcase_create("values");
    tcase_add_checked_fixture(values, set_up, tear_down);
    tcase_add_loop_test(values, has_the_value_worked_out_by_hand, 0, sizeof expected_values / sizeof *expected_values);
    tcase_add_test(values, has_every_agreed_metric);
    tcase_add_test(values, leaves_out_what_does_not_apply);
    tcase_add_test(values, finds_names_without_their_unit);
    tcase_add_test(values, measures_key_value_memory_in_tokens);
    tcase_add_test(values, takes_the_throughput_of_a_burst_from_its_makespan);
    tcase_add_test(values, names_classes_that_occur_twice_after_their_workload);
    suite_add_tcase(suite, values);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
