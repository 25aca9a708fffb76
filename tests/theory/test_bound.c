/* test_bound.c - does no simulation fall below its bounds?
 *
 * Random small scenarios, with pools of several kinds and rules. Of each the mean over replications is compared with
 * the bound: it may lie below by chance only, five standard errors at most. Bounds that say nothing would pass too, so
 * it is counted how many say much.
 */
#include <check.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis/bound.h"
#include "analysis/runner.h"
#include "analysis/summary.h"
#include "scenarios/scenario.h"
#include "sim/interval.h"
#include "tests/effort.h"
#include "tests/splitmix.h"

#define SEED 20260105
/* Standard errors, from 8 replications, that a mean may lie below its bound: Student's t exceeds 5 once in a thousand
 * times and 18 once in ten million, which is for many scenarios.
 */
#define ERRORS ((double)test_effort(5, 5, 18))
#define UNSEEN 1e-4 /* share of a mean that comes from what is too rare to happen in a test */

enum {
    REPLICATIONS = 8
};

static const char *const bounded[] = {"cost_usd_per_month", "cost_usd",      "latency_mean_s", "latency_p50_s",
                                      "latency_p90_s",      "latency_p95_s", "latency_p99_s"};

enum {
    BOUNDED_COUNT = sizeof bounded / sizeof *bounded
};

/* How often a bound is at least half of what came out. */
struct tally {
    unsigned near[BOUNDED_COUNT];
    unsigned overloaded;
    unsigned close_to_capacity;
};

/* ---- Scenarios ---- */

static double between(struct splitmix *random, double low, double high)
{
    return low + (high - low) * (double)splitmix_below(random, 1000001) / 1e6;
}

static const char *one_of(struct splitmix *random, const char *const *choices, int64_t count)
{
    return choices[splitmix_below(random, count)];
}

static void write_class(struct splitmix *random, const char *name, int64_t share, FILE *out)
{
    static const char *const forms[] = {"lognormal(%.3f, 0.5)", "exponential(%.3f)", "fixed(%.3f)", "gamma(%.3f, 0.7)",
                                        "uniform(0, %.3f)"};
    char work[64];
    (void)snprintf(work, sizeof work, one_of(random, forms, 5), between(random, 0.2, 3));
    fprintf(out, "      - {name: %s, share: %lld%%, work: \"%s\"}\n", name, (long long)share, work);
}

static void write_stage(struct splitmix *random, FILE *out)
{
    bool is_curve = splitmix_chance(random, 30);
    double base_s = between(random, 0.02, 0.6);
    if (splitmix_chance(random, 25))
        fprintf(out, "    profile: {name: p, stage: independent, service_time: \"fixed(%.4f s)\",\n", base_s);
    else if (is_curve)
        fprintf(
            out,
            "    profile: {name: p, stage: processor-sharing, curve: [{running: 1, time: %.4f s}, {running: 4, time: "
            "%.4f s}, {running: 9, time: %.4f s}],\n",
            base_s, base_s * between(random, 1, 3), base_s * between(random, 3, 6));
    else
        fprintf(out, "    profile: {name: p, stage: processor-sharing, base_time: %.4f s, per_running: %.4f s,\n",
                base_s, base_s * between(random, 0, 0.5));
    if (splitmix_chance(random, 50))
        fputs(
            "      before: [{name: network, time: \"uniform(20 ms, 50 ms)\", holds_slot: false}, {name: parse, time: 5 "
            "ms}],\n",
            out);
    if (splitmix_chance(random, 50))
        fputs("      after: [{name: decode, time: \"exponential(30 ms)\"}],\n", out);
    fprintf(out, "      startup: [{name: boot, time: \"%s\"}]}\n",
            splitmix_chance(random, 50) ? "fixed(7 s)" : "lognormal(9 s, 0.8)");
}

static void write_pool(struct splitmix *random, FILE *out)
{
    static const char *const windows[] = {"2 s", "20 s", "90 s"};
    static const char *const orders[] = {"fullest", "longest-waiting", "least-loaded", "random"};
    static const char *const timeouts[] = {"120 s", "3 s", "never"};
    int64_t max_inputs = 1 + splitmix_below(random, 8);
    int64_t most = 1 + splitmix_below(random, 9);
    int64_t least = splitmix_below(random, 1 + (most < 3 ? most : 3));
    bool is_fixed = splitmix_chance(random, 15);
    bool is_target = !is_fixed && splitmix_chance(random, 25);
    fprintf(
        out,
        "pools:\n  - name: tts\n    platform: %s\n    price: $2/h\n    max_inputs: %lld\n    min_containers: %lld\n",
        is_fixed ? "fixed" : "modal-function", (long long)max_inputs, (long long)(is_fixed ? most : least));
    fprintf(out, "    start_state: %s\n    dispatch_order: %s\n    timeout: %s\n    startup_timeout: %s\n",
            splitmix_chance(random, 80) ? "warm" : "cold", one_of(random, orders, 4), one_of(random, timeouts, 3),
            splitmix_chance(random, 20) ? "10 s" : "100 s");
    if (is_target)
        fputs("    autoscaler: target\n", out);
    if (!is_fixed)
        fprintf(out,
                "    max_containers: %lld\n    buffer_containers: %lld\n    scaledown_window: %s\n    target_inputs: "
                "%lld\n",
                (long long)most, (long long)splitmix_below(random, 4), one_of(random, windows, 3),
                1 + (long long)splitmix_below(random, max_inputs));
    if (!is_fixed && !is_target && splitmix_chance(random, 30))
        fprintf(out, "    over_factor: 0.5\n    cancel_starting: %s\n    tick: 5 s\n",
                splitmix_chance(random, 50) ? "true" : "false");
    if (!is_fixed && !is_target && splitmix_chance(random, 20))
        fprintf(out, "    %s\n", splitmix_chance(random, 50) ? "start_limit: 1" : "pending_weight: 30%");
    if (splitmix_chance(random, 15))
        fputs("    bill_starting: false\n", out);
    write_stage(random, out);
}

static void write_scenario(struct splitmix *random, FILE *out)
{
    int64_t share = 10 + splitmix_below(random, 81);
    fprintf(
        out,
        "capsim: 1\nname: random\nduration: 30 min\nwarm_up: %s\nseed: %lld\nreplications: %d\nworkloads:\n  - name: "
        "callers\n    pool: tts\n    arrivals: {process: poisson, rate: %.3f req/s}\n%s    classes:\n",
        splitmix_chance(random, 20) ? "0 s" : "5 min", (long long)splitmix_below(random, 1000000), REPLICATIONS,
        exp(between(random, -2, 3.2)), splitmix_chance(random, 20) ? "    client_timeout: 20 s\n" : "");
    write_class(random, "short", share, out);
    write_class(random, "long", 100 - share, out);
    write_pool(random, out);
}

static struct scenario *load_random(unsigned number, char *path, char **text)
{
    struct splitmix random = {SEED + number};
    struct diagnostic_list problems;
    struct scenario *scenario;
    size_t size;
    FILE *out = open_memstream(text, &size);
    ck_assert_ptr_nonnull(out);
    write_scenario(&random, out);
    ck_assert_int_eq(fclose(out), 0);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(*text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    diagnostic_init(&problems);
    if (scenario_load(path, NULL, 0, &scenario, &problems) != SIM_OK) {
        diagnostic_print(&problems, stderr);
        ck_abort_msg("scenario %u cannot be loaded:\n%s", number, *text);
    }
    diagnostic_release(&problems);
    return scenario;
}

/* ---- Comparing ---- */

/* Mean over the replications, and its standard error. */
static double mean_of(const struct summary *summary, const struct summary_row *row, double *standard_error)
{
    double values[REPLICATIONS];
    summary_sections(summary, NULL, row->scope, row->metric, values);
    struct sim_interval interval = sim_interval_of_mean(values, REPLICATIONS);
    *standard_error = interval.half_width / sim_interval_t(REPLICATIONS - 1);
    return interval.estimate;
}

/* Whether (nearly) nobody gave up or was killed: latencies of the others are shorter ones. */
static bool all_complete(const struct summary *summary)
{
    double arrived = summary_value(summary, "all", "requests_arrived");
    return summary_value(summary, "all", "requests_completed") >= 0.9999 * arrived;
}

static void compare_bounds(const struct scenario *scenario, const struct summary *summary, unsigned number,
                           const char *text, struct tally *tally)
{
    for (size_t i = 0; i < BOUNDED_COUNT; i++) {
        double bound = bound_lowest(&scenario->config, metric_find(bounded[i]));
        const struct summary_row *row = summary_find(summary, "all", bounded[i]);
        double standard_error;
        double mean = mean_of(summary, row, &standard_error);
        if (i >= 2 && !all_complete(summary))
            return;
        if (!isfinite(mean) || !isfinite(standard_error))
            continue; /* too few requests */
        tally->near[i] += bound >= mean / 2;
        if (mean < bound * (1 - UNSEEN) - ERRORS * standard_error)
            ck_abort_msg("scenario %u: %s is %.17g +- %.3g, and cannot be below %.17g:\n%s", number, bounded[i], mean,
                         standard_error, bound, text);
    }
}

/* Where some are killed, those that complete are short, and may be more. */
static void compare_capacity(const struct scenario *scenario, const struct summary *summary, unsigned number,
                             const char *text, struct tally *tally)
{
    struct bound_capacity capacity = bound_capacity(&scenario->config);
    double standard_error;
    double served = mean_of(summary, summary_find(summary, "all", "throughput_rps"), &standard_error);
    tally->overloaded += capacity.is_exceeded;
    tally->close_to_capacity += served > capacity.served_rps * 0.8;
    if (all_complete(summary) && isfinite(capacity.served_rps) &&
        served > capacity.served_rps + ERRORS * standard_error)
        ck_abort_msg("scenario %u: %.6g req/s were served, and %.6g are possible:\n%s", number, served,
                     capacity.served_rps, text);
}

static void try_scenario(unsigned number, struct tally *tally)
{
    char path[] = "/tmp/test_bound_XXXXXX";
    char *text;
    struct run_result *result;
    struct sim_error error;
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(close(file), 0);
    struct scenario *scenario = load_random(number, path, &text);
    ck_assert_int_eq(unlink(path), 0);
    const struct runner_options options = {.jobs = 1};
    ck_assert_int_eq(runner_run(&scenario->config, &options, &result, &error), SIM_OK);
    const struct summary_source source = {.version = "", .commit = ""};
    struct summary *summary = summary_create(result, &source);
    compare_bounds(scenario, summary, number, text, tally);
    compare_capacity(scenario, summary, number, text, tally);
    summary_destroy(summary);
    run_result_destroy(result);
    scenario_destroy(scenario);
    free(text);
}

START_TEST(test_nothing_falls_below_its_bounds)
{
    unsigned count = test_effort(40, 120, 5000);
    struct tally tally = {0};
    printf("seed %d, %u scenarios\n", SEED, count);
    (void)fflush(stdout);
    for (unsigned i = 0; i < count; i++)
        try_scenario(i, &tally);
    for (size_t i = 0; i < BOUNDED_COUNT; i++)
        printf("%s: at least half of what came out in %u\n", bounded[i], tally.near[i]);
    printf("overloaded: %u; served at least 80 %% of what is possible: %u\n", tally.overloaded,
           tally.close_to_capacity);
    ck_assert_uint_gt(tally.near[0], count / 4);
    ck_assert_uint_gt(tally.near[2], count / 4);
    ck_assert_uint_gt(tally.overloaded, count / 50);
    ck_assert_uint_gt(tally.close_to_capacity, count / 40);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bound");
    TCase *tests = tcase_create("bounds");
    tcase_set_timeout(tests, 600);
    tcase_add_test(tests, test_nothing_falls_below_its_bounds);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
