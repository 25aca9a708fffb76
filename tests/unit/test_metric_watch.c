/* test_metric_watch.c - times of alerts and energy, worked out by hand. */
#include <check.h>

#include "analysis/cell.h"
#include "analysis/metric.h"
#include "tests/unit/example_run.h"

static struct example example;
static struct run_result *result;
static struct scope_list scopes;
static struct alert_config alerts[2];

static void add_row(int32_t alert, int32_t level, double from_s, double to_s)
{
    struct sim_array *rows = &result->replications[0].alerts;
    size_t place = sim_array_add(rows);
    ((struct alert_row *)rows->items)[place] = (struct alert_row){
        .alert = alert, .level = level, .from_ns = sim_time_from_s(from_s), .to_ns = sim_time_from_s(to_s)};
}

/* A window from 10 to 100 s in two blocks of 45 s. */
static void set_up(void)
{
    example_init(&example);
    alerts[0] = (struct alert_config){.name = "queue", .pool = "tts", .warning = 5, .critical = 9};
    alerts[1] = (struct alert_config){.name = "slow", .pool = "tts", .warning = NAN, .critical = 2};
    example.config.alerts = alerts;
    example.config.alert_count = 2;
    result = example_run(&example, 1, 2, false);
    scopes = scope_list_create(&example.config);
    add_row(0, ALERT_WARNING, 2, 6); /* before the window */
    add_row(0, ALERT_WARNING, 8, 20);
    add_row(0, ALERT_WARNING, 50, 60); /* from one block into the other */
    add_row(0, ALERT_CRITICAL, 52, 53);
    add_row(1, ALERT_CRITICAL, 70, 100);
}

static void tear_down(void)
{
    scope_list_release(&scopes);
    run_result_destroy(result);
}

static double value_in(const char *scope, const char *metric, int block)
{
    struct cell *cell = cell_create(result, NULL, scope_find(&scopes, scope));
    const struct metric *found = metric_find(metric);
    ck_assert_ptr_nonnull(found);
    if (block > 0)
        cell_add_block(cell, result, 0, (size_t)block);
    else
        cell_add_replication(cell, result, 0);
    double value = found->value(found, cell);
    cell_destroy(cell);
    return value;
}

static bool applies(const char *scope, const char *metric)
{
    return metric_applies(metric_find(metric), &example.config, scope_find(&scopes, scope));
}

START_TEST(within_the_window)
{
    ck_assert_double_eq(value_in("alert/queue", "alert_warning_count", 0), 2);
    ck_assert_double_eq_tol(value_in("alert/queue", "alert_warning_s", 0), 20, 1e-9);
    ck_assert_double_eq_tol(value_in("alert/queue", "alert_warning_longest_s", 0), 10, 1e-9);
    ck_assert_double_eq_tol(value_in("alert/queue", "alert_warning_first_s", 0), 10, 1e-9);
    ck_assert_double_eq(value_in("alert/queue", "alert_critical_count", 0), 1);
    ck_assert_double_eq_tol(value_in("alert/queue", "alert_critical_s", 0), 1, 1e-9);
    ck_assert_double_eq_tol(value_in("alert/slow", "alert_critical_s", 0), 30, 1e-9);
    ck_assert_double_eq_tol(value_in("alert/slow", "alert_critical_first_s", 0), 70, 1e-9);
}
END_TEST

/* Of a block what a whole window at its pace would give. */
START_TEST(by_block)
{
    ck_assert_double_eq_tol(value_in("alert/queue", "alert_warning_s", 1), 2 * 15, 1e-9);
    ck_assert_double_eq_tol(value_in("alert/queue", "alert_warning_s", 2), 2 * 5, 1e-9);
    ck_assert_double_eq(value_in("alert/queue", "alert_warning_count", 1), 2 * 2);
    ck_assert_double_eq(value_in("alert/queue", "alert_warning_count", 2), 0);
}
END_TEST

START_TEST(where_they_apply)
{
    ck_assert(applies("alert/queue", "alert_warning_s"));
    ck_assert(applies("alert/slow", "alert_critical_s"));
    ck_assert(!applies("alert/slow", "alert_warning_s"));
    ck_assert(!applies("all", "alert_warning_s"));
    ck_assert(!applies("alert/slow", "latency_p95_s"));
    ck_assert(!applies("all", "rule_additions"));
    ck_assert(!applies("all", "energy_high_kwh"));
    example.pool.power_w = 300;
    ck_assert(applies("pool/tts", "energy_high_kwh"));
    ck_assert(!applies("pool/tts", "energy_kwh"));
    example.pool.idle_power_w = 100;
    ck_assert(applies("pool/tts", "energy_kwh"));
    example.pool.served_count = 1; /* and which GPU did the work is not known */
    ck_assert(!applies("pool/tts", "energy_high_kwh"));
    example.pool.served_count = 0;
}
END_TEST

/* Two containers of two GPUs each for half an hour, one of them at work for 9 minutes: 2 GPU hours, 0.3 of them. */
START_TEST(energy)
{
    example.pool.power_w = 300;
    example.pool.idle_power_w = 100;
    example.pool.gpu_count = 2;
    for (int b = 1; b <= 2; b++) {
        struct pool_tally *tally = &result->replications[0].blocks[b].pools[0];
        *tally = (struct pool_tally){.main_busy_ns = (sim_int128)(b == 1 ? 540 : 0) * SIM_SECOND};
        tally->state_ns[CONTAINER_BUSY] = (sim_int128)600 * SIM_SECOND;
        tally->state_ns[CONTAINER_STARTING] = (sim_int128)1200 * SIM_SECOND;
    }
    ck_assert_double_eq_tol(value_in("all", "energy_low_kwh", 0), 0.2, 1e-9);
    ck_assert_double_eq_tol(value_in("pool/tts", "energy_kwh", 0), 0.2 + 0.3 * 0.2, 1e-9);
    ck_assert_double_eq_tol(value_in("all", "energy_high_kwh", 0), 0.6, 1e-9);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics of alerts and energy");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, within_the_window);
    tcase_add_test(core, by_block);
    tcase_add_test(core, where_they_apply);
    tcase_add_test(core, energy);
    suite_add_tcase(suite, core);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
