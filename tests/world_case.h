/* world_case.h - a small scenario made by hand, run, and everything that came out of it.
 *
 * case_init makes the smallest useful scenario: one workload that sends one request at time 0, one class of work 1,
 * and one pool of Modal containers that start in 10 s and serve one request a second, one at a time. Tests change
 * what they are about and call case_run. One dollar per second is the price, so that a bill in nanodollars is a
 * time in nanoseconds.
 */
#ifndef TESTS_WORLD_CASE_H
#define TESTS_WORLD_CASE_H

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/world.h"
#include "sim/memory.h"

enum {
    CASE_WORKLOADS = 3,
    CASE_POOLS = 3,
    CASE_CLASSES = 2, /* of a workload */
    CASE_STAGES = 3,
    CASE_POINTS = 4,
    CASE_CHANGES = 4, /* of prices, of settings, of the quota */
    CASE_RULES = 4,   /* of a pool, each with up to two conditions */
    CASE_ALERTS = 3
};

struct case_rows {
    struct request_row *requests;
    size_t request_count, request_capacity;
    struct container_row *containers;
    size_t container_count, container_capacity;
    struct decision_row *decisions;
    size_t decision_count, decision_capacity;
};

struct world_case {
    struct world_config config;
    struct workload_config workloads[CASE_WORKLOADS];
    struct class_config classes[CASE_WORKLOADS][CASE_CLASSES];
    struct pool_config pools[CASE_POOLS];
    struct stage_config before[CASE_POOLS][CASE_STAGES];
    struct stage_config after[CASE_POOLS][CASE_STAGES];
    struct phase_config startup[CASE_POOLS][CASE_STAGES];
    struct curve_point curves[CASE_POOLS][CASE_POINTS];
    struct slowdown_point slowdown[CASE_POOLS][CASE_POINTS];
    struct slo_config slos[2];
    struct day_point daily[CASE_WORKLOADS][CASE_POINTS];
    struct event_config events[CASE_WORKLOADS][2];
    struct price_change prices[CASE_POOLS][CASE_CHANGES];
    struct served_config served[CASE_POOLS][SERVED_MAX];
    struct schedule_config schedules[CASE_POOLS][CASE_CHANGES];
    struct quota_config quotas[CASE_CHANGES];
    struct condition_config conditions[CASE_POOLS][CASE_RULES][2];
    struct rule_config rules[CASE_POOLS][CASE_RULES];
    struct alert_config alerts[CASE_ALERTS];
    struct world_options options;
    struct case_rows rows;
    struct world *world;
    struct replication_result result;
};

static inline sim_time_ns seconds(double s)
{
    return sim_time_from_s(s);
}

static inline struct sim_distribution fixed(double value)
{
    struct sim_distribution distribution;
    ck_assert_int_eq(sim_distribution_fixed(&distribution, value, NULL), SIM_OK);
    return distribution;
}

static inline void case_keep_requests(void *context, const struct request_row *rows, size_t count)
{
    struct case_rows *kept = context;
    kept->requests =
        sim_grow(kept->requests, &kept->request_capacity, kept->request_count + count, sizeof *kept->requests);
    memcpy(kept->requests + kept->request_count, rows, count * sizeof *rows);
    kept->request_count += count;
}

static inline void case_keep_containers(void *context, const struct container_row *rows, size_t count)
{
    struct case_rows *kept = context;
    kept->containers =
        sim_grow(kept->containers, &kept->container_capacity, kept->container_count + count, sizeof *kept->containers);
    memcpy(kept->containers + kept->container_count, rows, count * sizeof *rows);
    kept->container_count += count;
}

static inline void case_keep_decisions(void *context, const struct decision_row *rows, size_t count)
{
    struct case_rows *kept = context;
    kept->decisions =
        sim_grow(kept->decisions, &kept->decision_capacity, kept->decision_count + count, sizeof *kept->decisions);
    memcpy(kept->decisions + kept->decision_count, rows, count * sizeof *rows);
    kept->decision_count += count;
}

static inline void case_rows_release(struct case_rows *rows)
{
    free(rows->requests);
    free(rows->containers);
    free(rows->decisions);
    *rows = (struct case_rows){0};
}

static inline void case_init_workload(struct world_case *c, size_t number)
{
    static const char *const names[CASE_WORKLOADS] = {"w0", "w1", "w2"};
    c->workloads[number] = (struct workload_config){
        .name = names[number],
        .pool = "p0",
        .arrivals = {.process = ARRIVAL_BURST, .count = 1, .keep = 1, .time_scale = 1, .think_s = fixed(0)},
        .classes = c->classes[number],
        .class_count = 1,
        .client_timeout_ns = SIM_TIME_NEVER,
    };
    for (size_t i = 0; i < CASE_CLASSES; i++)
        c->classes[number][i] = (struct class_config){.name = i ? "second" : "first", .share = 1};
}

static inline void case_init_pool(struct world_case *c, size_t number)
{
    static const char *const names[CASE_POOLS] = {"p0", "p1", "p2"};
    c->startup[number][0] = (struct phase_config){.name = "boot", .time_s = fixed(10), .billed = true};
    c->pools[number] = (struct pool_config){
        .name = names[number],
        .platform = PLATFORM_MODAL_FUNCTION,
        .gpu_count = 1,
        .price = {.gpu_pusd_per_h = INT64_C(3600000000000000)},
        .scaledown_window_ns = seconds(60),
        .max_inputs = 1,
        .timeout_ns = seconds(300),
        .retry_delay_ns = seconds(1),
        .retry_backoff = 1,
        .retry_delay_max_ns = seconds(60),
        .queue_limit = 1000000,
        .tick_ns = seconds(1),
        .poll_ns = seconds(3),
        .early_min_ns = seconds(2),
        .pending_weight = 1,
        .bill_starting = true,
        .prices = c->prices[number],
        .gpu = names[number],
        .served_by = c->served[number],
        .schedule = c->schedules[number],
        .controller = {.period_ns = seconds(1), .rules = c->rules[number]},
        .allocation_s = fixed(0),
        .worker_types = 1,
        .profile =
            {
                .name = "profile",
                .stage = STAGE_PROCESSOR_SHARING,
                .base_s = 1,
                .first_output = 1,
                .before = c->before[number],
                .after = c->after[number],
                .startup = c->startup[number],
                .startup_count = 1,
                .snapshot_create_s = fixed(0),
                .snapshot_restore_s = fixed(0),
            },
    };
}

static inline void case_init(struct world_case *c)
{
    *c = (struct world_case){0};
    c->config = (struct world_config){
        .format = 1,
        .name = "case",
        .start = "",
        .duration_ns = seconds(200),
        .drain_ns = seconds(600),
        .month_ns = 730 * SIM_HOUR,
        .replications = 1,
        .workloads = c->workloads,
        .workload_count = 1,
        .pools = c->pools,
        .pool_count = 1,
        .slos = c->slos,
        .alerts = c->alerts,
        .quotas = c->quotas,
    };
    for (size_t i = 0; i < CASE_WORKLOADS; i++)
        case_init_workload(c, i);
    for (size_t i = 0; i < CASE_POOLS; i++)
        case_init_pool(c, i);
    c->options = (struct world_options){
        .seed = 1,
        .block_count = 1,
        .keep_one_in = 1,
        .sink = {NULL, case_keep_requests, case_keep_containers, case_keep_decisions},
    };
}

/* One unit of work takes this long, whoever else is there. */
static inline void case_serve(struct world_case *c, double base_s)
{
    c->pools[0].profile.base_s = base_s;
}

/* A burst of `count` requests at `at_s` from workload `number`, to pool 0. */
static inline void case_burst(struct world_case *c, size_t number, double at_s, int64_t count)
{
    c->workloads[number].arrivals.count = count;
    c->workloads[number].arrivals.at_ns = seconds(at_s);
    if (c->config.workload_count <= number)
        c->config.workload_count = number + 1;
}

/* All pools together have that many GPUs from the end of the last quota on, for ever. */
static inline void case_quota(struct world_case *c, int64_t gpus)
{
    c->quotas[c->config.quota_count++] = (struct quota_config){.gpus = gpus, .until_ns = SIM_TIME_NEVER};
}

/* Pool 0 has other settings from one time to another. The caller fills in what is set. */
static inline struct setting_config *case_schedule(struct world_case *c, sim_time_ns from_ns, sim_time_ns to_ns)
{
    struct schedule_config *entry = &c->schedules[0][c->pools[0].schedule_count++];
    *entry = (struct schedule_config){.name = "entry", .from_ns = from_ns, .to_ns = to_ns};
    return &entry->set;
}

/* A measure against one limit; a rule of pool 0 with one condition; and an alert of pool 0. */
static inline struct condition_config case_condition(enum gauge measure, enum gauge_comparison side, double limit)
{
    return (struct condition_config){
        .measure = (int32_t)measure,
        .above = side == GAUGE_ABOVE ? limit : NAN,
        .at_least = side == GAUGE_AT_LEAST ? limit : NAN,
        .at_most = side == GAUGE_AT_MOST ? limit : NAN,
        .below = side == GAUGE_BELOW ? limit : NAN,
    };
}

static inline struct rule_config *case_rule(struct world_case *c, struct condition_config condition, int64_t change)
{
    size_t number = c->pools[0].controller.rule_count++;
    c->conditions[0][number][0] = condition;
    c->rules[0][number] = (struct rule_config){
        .name = "rule",
        .when = c->conditions[0][number],
        .when_count = 1,
        .add = change > 0 ? change : 0,
        .remove = change < 0 ? -change : 0,
    };
    return &c->rules[0][number];
}

static inline struct alert_config *case_alert(struct world_case *c, enum gauge measure, double warning, double critical)
{
    struct alert_config *alert = &c->alerts[c->config.alert_count++];
    *alert = (struct alert_config){
        .name = "alert",
        .pool = "p0",
        .measure = (int32_t)measure,
        .warning = warning,
        .critical = critical,
        .period_ns = seconds(1),
    };
    return alert;
}

/* `count` containers that are ready at time 0 and stay; nothing scales. */
static inline void case_fix(struct world_case *c, int64_t count)
{
    c->pools[0].platform = PLATFORM_FIXED;
    c->pools[0].min_containers = count;
}

static inline void case_create(struct world_case *c)
{
    struct sim_error error = {0};
    c->options.sink.context = &c->rows;
    enum sim_status status = world_create(&c->config, &c->options, &c->world, &error);
    ck_assert_msg(status == SIM_OK, "%s", error.message);
}

static inline void case_finish(struct world_case *c)
{
    struct sim_error error = {0};
    world_finish(c->world);
    struct ledger ledger;
    world_take(c->world, &ledger);
    enum sim_status status = ledger_audit(&ledger, &c->config, &error);
    ck_assert_msg(status == SIM_OK, "%s", error.message);
    c->result = ledger_close(&ledger, &c->config);
}

static inline void case_run(struct world_case *c)
{
    case_create(c);
    case_finish(c);
}

/* Releases what the run left; the scenario may be run again. */
static inline void case_release(struct world_case *c)
{
    replication_result_release(&c->result);
    world_destroy(c->world);
    c->world = NULL;
    case_rows_release(&c->rows);
}

static inline const struct pool_tally *case_pool(const struct world_case *c)
{
    return &c->result.blocks[1].pools[0];
}

static inline const struct request_tally *case_requests(const struct world_case *c)
{
    return &c->result.blocks[1].requests[0];
}

static inline const struct sim_histogram_pack *case_durations(const struct world_case *c)
{
    return c->result.blocks[1].durations[0];
}

/* The row of the n-th request of a workload with one class, in order of their ends. */
static inline const struct request_row *case_request(const struct world_case *c, int32_t workload, size_t n)
{
    for (size_t i = 0; i < c->rows.request_count; i++)
        if (c->rows.requests[i].class_index == workload && n-- == 0)
            return &c->rows.requests[i];
    ck_abort_msg("workload %d has no such request", workload);
}

/* The container row of a life of pool 0. */
static inline const struct container_row *case_life(const struct world_case *c, int32_t life)
{
    for (size_t i = 0; i < c->rows.container_count; i++)
        if (c->rows.containers[i].pool == 0 && c->rows.containers[i].container == life)
            return &c->rows.containers[i];
    ck_abort_msg("no row of container %d", life);
}

/* Runs the tests of a list that ends with NULL; the exit code of the program. */
static inline int case_main(const char *name, const TTest *const *tests)
{
    Suite *suite = suite_create(name);
    TCase *group = tcase_create(name);
    tcase_set_timeout(group, 120);
    for (; *tests; tests++)
        tcase_add_test(group, *tests);
    suite_add_tcase(suite, group);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Times in rows against seconds; -1 ns is "never". */
#define assert_at(time_ns, expected_s) ck_assert_int_eq(time_ns, ((expected_s) < 0 ? -1 : seconds(expected_s)))

#endif
