/* theory_world.c - textbook queues as worlds. */
#include "tests/theory_world.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/interval.h"
#include "tests/effort.h"

static void ok(enum sim_status status, const struct sim_error *error)
{
    ck_assert_msg(status == SIM_OK, "%s", error->message);
}

struct sim_distribution theory_fixed(double value)
{
    struct sim_distribution distribution;
    struct sim_error error;
    ok(sim_distribution_fixed(&distribution, value, &error), &error);
    return distribution;
}

struct sim_distribution theory_exponential(double mean)
{
    struct sim_distribution distribution;
    struct sim_error error;
    ok(sim_distribution_exponential(&distribution, mean, &error), &error);
    return distribution;
}

struct sim_distribution theory_lognormal(double mean, double cv)
{
    struct sim_distribution distribution;
    struct sim_error error;
    ok(sim_distribution_lognormal(&distribution, mean, cv, &error), &error);
    return distribution;
}

struct sim_distribution theory_hyperexponential(struct sim_arena *arena, double p, double mean, double other)
{
    struct sim_distribution distribution;
    struct sim_error error;
    const double shares[] = {p, 1 - p};
    const struct sim_distribution parts[] = {theory_exponential(mean), theory_exponential(other)};
    ok(sim_distribution_mixture(&distribution, arena, shares, parts, 2, &error), &error);
    return distribution;
}

void theory_queue_init(struct theory_queue *queue, double rate_per_s, double window_s)
{
    *queue = (struct theory_queue){0};
    queue->class = (struct class_config){.name = "all", .share = 1, .work = theory_exponential(1)};
    queue->workload = (struct workload_config){
        .name = "callers",
        .pool = "server",
        .arrivals = {.process = ARRIVAL_POISSON, .rate_per_s = rate_per_s, .time_scale = 1, .keep = 1},
        .classes = &queue->class,
        .class_count = 1,
        .client_timeout_ns = SIM_TIME_NEVER,
    };
    queue->pool = (struct pool_config){
        .name = "server",
        .platform = PLATFORM_FIXED,
        .gpu_count = 1,
        .price = {.gpu_pusd_per_h = 3600000000000},
        .min_containers = 1,
        .max_inputs = 1,
        .timeout_ns = SIM_TIME_NEVER,
        .retry_backoff = 1,
        .queue_limit = INT64_MAX,
        .tick_ns = SIM_SECOND,
        .poll_ns = 3 * SIM_SECOND,
        .pending_weight = 1,
        .bill_starting = true,
        .allocation_s = theory_fixed(0),
        .worker_types = 1,
        .profile = {.name = "server", .stage = STAGE_PROCESSOR_SHARING, .base_s = 1, .first_output = 1},
    };
    queue->config = (struct world_config){
        .format = 1,
        .name = "theory",
        .start = "",
        .duration_ns = sim_time_from_s(window_s * 1.1),
        .warm_up_ns = sim_time_from_s(window_s * 0.1),
        .drain_ns = SIM_HOUR,
        .replications = THEORY_REPLICATIONS,
        .workloads = &queue->workload,
        .workload_count = 1,
        .pools = &queue->pool,
        .pool_count = 1,
    };
}

void theory_queue_scales(struct theory_queue *queue, int64_t max_containers, struct sim_distribution startup_s)
{
    queue->phase = (struct phase_config){.name = "boot", .time_s = startup_s, .billed = true};
    queue->pool.platform = PLATFORM_MODAL_FUNCTION;
    queue->pool.min_containers = 0;
    queue->pool.max_containers = max_containers;
    queue->pool.profile.startup = &queue->phase;
    queue->pool.profile.startup_count = 1;
}

static void keep_rows(void *context, const struct request_row *rows, size_t count)
{
    struct theory_run *run = context;
    if (run->row_count + count > run->row_room) {
        run->row_room = 2 * (run->row_count + count);
        run->rows = realloc(run->rows, run->row_room * sizeof *run->rows);
        ck_assert_ptr_nonnull(run->rows);
    }
    for (size_t i = 0; i < count; i++)
        run->rows[run->row_count++] = rows[i];
}

struct theory_run *theory_run_create(const struct theory_queue *queue, uint64_t seed, uint32_t replication)
{
    struct theory_run *run = sim_allocate(1, sizeof *run);
    struct world_options options = {
        .seed = seed,
        .replication = replication,
        .block_count = 1,
        .keep_one_in = queue->keeps_rows ? 1 : 0,
        .series_count = queue->series_count,
        .sink = {.context = run, .requests = keep_rows},
    };
    struct world *world;
    struct sim_error error;
    ok(world_create(&queue->config, &options, &world, &error), &error);
    world_finish(world);
    struct ledger ledger;
    world_take(world, &ledger);
    ok(ledger_audit(&ledger, &queue->config, &error), &error);
    run->result = ledger_close(&ledger, &queue->config);
    world_destroy(world);
    run->window_s = sim_time_to_s(queue->config.duration_ns - queue->config.warm_up_ns);
    run->pool = run->result.blocks[1].pools[0];
    const struct result_block *window = &run->result.blocks[1];
    for (size_t i = 0; i < result_class_count(&queue->config); i++) {
        request_tally_merge(&run->requests, &window->requests[i]);
        for (int k = 0; k < DURATION_COUNT; k++)
            sim_histogram_pack_unpack(&window->durations[i][k], &run->durations[k]);
    }
    return run;
}

void theory_run_destroy(struct theory_run *run)
{
    replication_result_release(&run->result);
    free(run->rows);
    free(run);
}

/* ---- figures of a run ---- */

double theory_level(const struct theory_run *run, sim_int128 integral)
{
    return (double)integral / 1e9 / run->window_s;
}

double theory_number(const struct theory_run *run)
{
    return theory_level(run, run->pool.queue_integral + run->pool.inputs_integral);
}

double theory_mean_s(const struct theory_run *run, enum tally_duration duration)
{
    return sim_histogram_mean(&run->durations[duration]) / 1e9;
}

double theory_share_within(const struct theory_run *run, enum tally_duration duration, double limit_s)
{
    return sim_histogram_share_at_most(&run->durations[duration], sim_time_from_s(limit_s));
}

double theory_share_waiting(const struct theory_run *run)
{
    return 1 - sim_histogram_share_at_most(&run->durations[DURATION_WAIT], 0);
}

/* ---- comparing ---- */

/* Half width of the 99.9 % interval. */
static double half_width_of(struct sim_interval interval)
{
    if (interval.reason != SIM_INTERVAL_GIVEN)
        return INFINITY;
    double degrees = (double)(interval.section_count - 1);
    return interval.half_width * gsl_cdf_tdist_Pinv(0.9995, degrees) / gsl_cdf_tdist_Pinv(0.975, degrees);
}

static bool holds(const struct theory_claim *claim, const double *values, uint64_t seed)
{
    struct sim_interval interval = sim_interval_of_mean(values, THEORY_REPLICATIONS);
    double half_width = half_width_of(interval);
    double widest = fabs(claim->expected) * claim->width * test_effort(12, 3, 1) / 3;
    bool contains = fabs(interval.estimate - claim->expected) <= half_width;
    bool is_narrow = half_width <= widest;
    if (getenv("CAPSIM_SHOW") || !contains || !is_narrow)
        fprintf(stderr, "  %s%-34s expected %.6g, found %.6g +- %.2g (%.2f %%, at most %.2f %%), seed %llu\n",
                contains && is_narrow ? "" : "FAILS ", claim->name, claim->expected, interval.estimate, half_width,
                100 * half_width / fabs(claim->expected), 100 * widest / fabs(claim->expected),
                (unsigned long long)seed);
    return contains && is_narrow;
}

void theory_compare(struct theory_queue *queue, uint64_t seed, theory_measure *measure,
                    const struct theory_claim *claims, size_t claim_count)
{
    double values[THEORY_CLAIMS_MAX][THEORY_REPLICATIONS];
    ck_assert_uint_le(claim_count, THEORY_CLAIMS_MAX);
    sim_time_ns window_ns = queue->config.duration_ns - queue->config.warm_up_ns;
    queue->config.duration_ns = queue->config.warm_up_ns + window_ns / 16 * test_effort(1, 16, 256);
    for (uint32_t r = 0; r < THEORY_REPLICATIONS; r++) {
        struct theory_run *run = theory_run_create(queue, seed, r);
        double measured[THEORY_CLAIMS_MAX];
        measure(run, measured);
        for (size_t i = 0; i < claim_count; i++)
            values[i][r] = measured[i];
        theory_run_destroy(run);
    }
    int failed = 0;
    for (size_t i = 0; i < claim_count; i++)
        failed += !holds(&claims[i], values[i], seed);
    ck_assert_msg(failed == 0, "%d of %zu claims do not hold, seed %llu", failed, claim_count,
                  (unsigned long long)seed);
}

int theory_main(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, test_effort(600, 600, 7200));
    for (size_t i = 0; i < count; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
