/* test_by_month.c - months add up to the run, whatever falls on their borders, and empty ones say why they are empty.
 */
#include <math.h>

#include "analysis/breaks.h"
#include "analysis/cell.h"
#include "analysis/json.h"
#include "analysis/report.h"
#include "analysis/runner.h"
#include "analysis/summary.h"
#include "models/pricing.h"
#include "tests/world_case.h"

static struct world_case c;
static struct run_result *result;
static struct summary *summary;

/* From 20 January to 5 April 2026: partial, 28, 31 days, partial. About 900 requests a day of 20 s each. */
static void begin(double rate_per_s)
{
    case_init(&c);
    case_serve(&c, 20);
    c.config.start = "2026-01-20";
    c.config.start_ns = 20473 * SIM_DAY;
    c.config.duration_ns = 75 * SIM_DAY;
    c.config.warm_up_ns = SIM_HOUR;
    c.pools[0].scaledown_window_ns = seconds(120);
    c.pools[0].price.gpu_pusd_per_h = INT64_C(1950000000000);
    c.workloads[0].arrivals.process = ARRIVAL_POISSON;
    c.workloads[0].arrivals.rate_per_s = rate_per_s;
}

static void summarise(int64_t replications)
{
    c.config.replications = replications;
    const struct runner_options options = {.jobs = 1};
    const struct summary_source source = {.version = "test", .commit = "test"};
    struct sim_error error;
    ck_assert_int_eq(runner_run(&c.config, &options, &result, &error), SIM_OK);
    summary = summary_create(result, &source);
}

static void release(void)
{
    summary_destroy(summary);
    run_result_destroy(result);
}

static double sum_over_months(enum scope_kind kind, const char *metric)
{
    double sum = 0;
    for (size_t i = 0; i < summary->scopes.count; i++)
        if (summary->scopes.items[i].kind == kind)
            sum += summary_value(summary, summary->scopes.items[i].name, metric);
    return sum;
}

/* Cost is added up in picodollars per hour x ns; the bills differ from it by the rounding of each life. */
static void check_costs(void)
{
    struct cell *all = cell_create(result, NULL, &summary->scopes.items[0]);
    sim_int128 cost = 0;
    for (size_t i = 0; i < summary->scopes.count; i++) {
        if (summary->scopes.items[i].kind != SCOPE_MONTH)
            continue;
        struct cell *month = cell_create(result, NULL, &summary->scopes.items[i]);
        for (size_t r = 0; r < result->replication_count; r++)
            cell_add_replication(month, result, r);
        for (int k = 0; k < CONTAINER_STATE_COUNT; k++)
            cost += month->pools.cost[k];
        cell_destroy(month);
    }
    for (size_t r = 0; r < result->replication_count; r++)
        cell_add_replication(all, result, r);
    int64_t lives = 1;
    for (int k = 0; k < CONTAINER_STATE_COUNT; k++)
        cost -= all->pools.cost[k];
    for (int k = 0; k < CONTAINER_START_COUNT; k++)
        lives += all->pools.starts[k];
    ck_assert(cost == 0);
    for (int k = 0; k < CONTAINER_STATE_COUNT; k++)
        cost += all->pools.cost[k];
    int64_t rounded = pricing_sum_nusd(cost) - all->bill_nusd;
    ck_assert_int_le(rounded, lives / 2 + 1);
    ck_assert_int_ge(rounded, -(lives / 2 + 1));
    cell_destroy(all);
}

START_TEST(months_add_up)
{
    static const char *const totals[] = {"requests_arrived", "requests_completed", "requests_timed_out",
                                         "attempts",         "cold_starts",        "gpu_hours",
                                         "cost_usd",         "cost_idle_usd"};
    begin(0.01);
    c.workloads[0].client_timeout_ns = seconds(30);
    c.pools[0].max_containers = 2;
    summarise(_i == 0 ? 1 : 3);
    for (size_t i = 0; i < sizeof totals / sizeof *totals; i++) {
        double total = summary_value(summary, "all", totals[i]);
        ck_assert_msg(total > 0, "%s", totals[i]);
        ck_assert_msg(fabs(sum_over_months(SCOPE_MONTH, totals[i]) - total) < 1e-5 + 1e-12 * total, "%s", totals[i]);
    }
    double cost = summary_value(summary, "pool/p0", "cost_usd"); /* there is one pool */
    ck_assert(fabs(sum_over_months(SCOPE_POOL_MONTH, "cost_usd") - cost) < 1e-5 + 1e-12 * cost);
    ck_assert_ptr_nonnull(summary_find(summary, "pool/p0/2026-02", "containers_mean"));
    ck_assert_ptr_null(summary_find(summary, "pool/p0/2026-02", "requests_arrived"));
    check_costs();
    ck_assert_ptr_null(summary_find(summary, "month/2026-05", "cost_usd"));
    ck_assert_ptr_null(summary_find(summary, "month/2026-03", "cost_usd_per_month"));
    release();
}
END_TEST

/* A rate is a rate: that of a partial month is not divided by a whole one. And every month has an interval but the
 * last, whose four days are too few.
 */
START_TEST(rates_and_intervals)
{
    begin(0.01);
    summarise(1);
    ck_assert(summary->is_dated);
    ck_assert_uint_eq(summary->section_count, 75);
    static const char *const months[] = {"month/2026-01", "month/2026-02", "month/2026-03", "month/2026-04"};
    for (size_t i = 0; i < 4; i++) {
        const struct summary_row *row = summary_find(summary, months[i], "throughput_rps");
        ck_assert_double_eq_tol(row->estimate.value, 0.01, 0.001);
        ck_assert_int_eq(isfinite(row->estimate.low), i < 3);
        ck_assert_int_eq(row->estimate.reason[0] != '\0', i == 3);
    }
    const struct summary_row *march = summary_find(summary, "month/2026-03", "requests_arrived");
    double spread = 1.96 * sqrt(march->estimate.value); /* of Poisson arrivals */
    ck_assert_double_eq_tol(march->estimate.high - march->estimate.value, spread, 0.6 * spread);
    release();
}
END_TEST

/* Whatever is asked of a request at midnight, it belongs to the day on which it arrived. */
START_TEST(midnight)
{
    begin(1e-8);
    case_burst(&c, 1, 12 * 86400.0 - 1, 3); /* the last second of January: served in February */
    case_burst(&c, 2, 40 * 86400.0, 2);     /* the first instant of March */
    c.pools[0].max_containers = 1;
    summarise(1);
    ck_assert_double_eq(summary_value(summary, "month/2026-01", "requests_completed"), 3);
    ck_assert_double_eq(summary_value(summary, "month/2026-02", "requests_arrived"), 0);
    ck_assert_double_eq(summary_value(summary, "month/2026-03", "requests_completed"), 2);
    ck_assert_double_gt(summary_value(summary, "month/2026-02", "cost_usd"), 0);
    release();
}
END_TEST

/* March has no request: shares and percentiles have none either, and say so; nothing printed is not a number. */
START_TEST(a_month_without_requests)
{
    char *text = NULL;
    size_t size = 0;
    begin(1e-8);
    case_burst(&c, 1, 86400.0, 300);
    summarise(_i == 0 ? 1 : 2);
    static const char *const metrics[] = {"latency_p50_s", "latency_p95_s", "latency_mean_s",
                                          "cost_usd_per_1k_requests", "cold_request_share"};
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        const struct summary_row *row = summary_find(summary, "month/2026-03", metrics[i]);
        ck_assert(isnan(row->estimate.value));
        ck_assert_str_ne(row->estimate.reason, "");
    }
    ck_assert_double_eq(summary_value(summary, "month/2026-03", "requests_arrived"), 0);
    ck_assert_double_eq(summary_value(summary, "month/2026-03", "cost_usd"), 0);
    FILE *out = open_memstream(&text, &size);
    json_print(summary, out);
    report_print(summary, false, out);
    (void)fclose(out);
    ck_assert_ptr_null(strstr(text, "nan"));
    ck_assert_ptr_null(strstr(text, "inf"));
    ck_assert_ptr_nonnull(strstr(text, "2026-03"));
    free(text);
    release();
}
END_TEST

/* ---- what breaks ---- */

/* One request on 2 February, which a container serves in 10 + 20 s, and six on 2 March. */
static void begin_bursts(void)
{
    begin(1e-8);
    case_burst(&c, 1, 13 * 86400.0, 1);
    case_burst(&c, 2, 41 * 86400.0, 6);
}

static const struct break_found *only_break(void)
{
    ck_assert_uint_eq(summary->breaks.count, 1);
    const struct break_found *found = summary->breaks.items;
    ck_assert_str_eq(found->month, "2026-03");
    return found;
}

START_TEST(max_containers_breaks)
{
    begin_bursts();
    c.pools[0].max_containers = 2;
    summarise(_i == 0 ? 1 : 2);
    const struct break_found *found = only_break();
    ck_assert_str_eq(found->kind, "max_containers");
    ck_assert_str_eq(found->scope, "pool/p0");
    ck_assert_double_eq(found->limit, 2);
    ck_assert_double_eq(found->enough, 6);
    release();
    c.pools[0].max_containers = 6;
    summarise(1);
    ck_assert_uint_eq(summary->breaks.count, 0);
    release();
}
END_TEST

START_TEST(the_quota_breaks)
{
    struct quota_config quota = {.gpus = 7, .until = "", .until_ns = SIM_TIME_NEVER};
    begin_bursts();
    c.config.quotas = &quota;
    c.config.quota_count = 1;
    c.pools[0].gpu_count = 2;
    summarise(1);
    const struct break_found *found = only_break();
    ck_assert_str_eq(found->kind, "quota");
    ck_assert_double_eq(found->limit, 6); /* three containers of two */
    ck_assert_double_eq(found->enough, 12);
    release();
}
END_TEST

/* $1.95/h: 150 s of one container in February, six times that in March. */
START_TEST(the_budget_breaks)
{
    begin_bursts();
    c.config.budget.per_month_pusd = INT64_C(400000000000);
    summarise(_i == 0 ? 1 : 2);
    const struct break_found *found = only_break();
    ck_assert_str_eq(found->kind, "budget");
    ck_assert_str_eq(found->scope, "all");
    ck_assert_double_eq_tol(found->limit, 0.4, 1e-12);
    ck_assert_double_eq_tol(found->value, 6 * 150 * 1.95 / 3600, 0.02);
    ck_assert_double_eq(found->value, summary_value(summary, "month/2026-03", "cost_usd"));
    release();
    c.config.budget.per_month_pusd = 0;
    c.pools[0].budget.per_month_pusd = INT64_C(400000000000);
    summarise(1);
    ck_assert_str_eq(only_break()->scope, "pool/p0");
    release();
}
END_TEST

/* The class of the six waits in March; there is no figure of it before. */
START_TEST(a_limit_breaks)
{
    begin_bursts();
    c.pools[0].max_containers = 1;
    c.slos[0] = (struct slo_config){"workload/w2", "latency_mean_s", 40, NAN};
    c.config.slo_count = 1;
    summarise(1);
    ck_assert_uint_eq(summary->breaks.count, 2);
    const struct break_found *found = summary->breaks.items;
    ck_assert_str_eq(found->kind, "slo");
    ck_assert_str_eq(found->scope, "workload/w2");
    ck_assert_str_eq(found->month, "2026-03");
    ck_assert_double_eq_tol(found->value, 10 + 20 * 3.5, 1);
    ck_assert_double_eq(found->enough, 6);
    release();
    c.slos[0].at_most = 100;
    c.pools[0].max_containers = 0;
    summarise(1);
    ck_assert_uint_eq(summary->breaks.count, 0);
    release();
}
END_TEST

/* Four containers' work for one, from the first day on. */
START_TEST(saturation_breaks)
{
    begin(0.2);
    c.pools[0].max_containers = 1;
    c.pools[0].queue_limit = 100;
    c.workloads[0].client_timeout_ns = seconds(3600);
    c.workloads[0].cancel_on_disconnect = true;
    summarise(1);
    const struct break_found *found = (const struct break_found *)summary->breaks.items + 1;
    ck_assert_uint_eq(summary->breaks.count, 2);
    ck_assert_str_eq(found->kind, "saturated");
    ck_assert_str_eq(found->month, "2026-01");
    ck_assert_double_ge(found->enough, 4);
    ck_assert_double_le(found->enough, 5);
    ck_assert(isnan(summary_value(summary, "month/2026-02", "latency_p50_s")));
    ck_assert(strncmp(summary->saturated_from, "2026-01-20 00:", 14) == 0); /* when the queue is full */
    release();
}
END_TEST

/* Nothing but bursts has no months: there is no pace to tell. Nor has a run without a date. */
START_TEST(runs_without_months)
{
    begin(0.01);
    c.workloads[0].arrivals.process = ARRIVAL_BURST;
    summarise(1);
    ck_assert_ptr_null(summary_find(summary, "month/2026-03", "cost_usd"));
    release();
    begin(0.001);
    c.config.start = "";
    summarise(1);
    ck_assert_uint_eq(summary->section_count, 30);
    ck_assert(!summary->is_dated);
    release();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("by month");
    TCase *tests = tcase_create("by month");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, months_add_up, 0, 2);
    tcase_add_test(tests, rates_and_intervals);
    tcase_add_test(tests, midnight);
    tcase_add_loop_test(tests, a_month_without_requests, 0, 2);
    tcase_add_test(tests, runs_without_months);
    tcase_add_loop_test(tests, max_containers_breaks, 0, 2);
    tcase_add_test(tests, the_quota_breaks);
    tcase_add_loop_test(tests, the_budget_breaks, 0, 2);
    tcase_add_test(tests, a_limit_breaks);
    tcase_add_test(tests, saturation_breaks);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
