/* test_networks.c - requests that pass several stages, or the same one again: networks with a product form.
 *
 * A container that shares its speed is a symmetric queue and a fixed stage is one with a server for each, so in a
 * network of them the number in the shared stage has the law that it has alone under the same load, whatever the laws
 * of the times and however the visits of one request depend on each other (Kelly, 1979, sections 3.3 and 3.4).
 */
#include <math.h>

#include "tests/theory_world.h"

/* ---- retries ---- */

static void measure_retries(const struct theory_run *run, double *values)
{
    values[0] = theory_level(run, run->pool.inputs_integral);
    values[1] = (double)run->requests.attempts / (double)run->requests.arrived;
    values[2] = (double)run->requests.outcomes[OUTCOME_FAILED] / (double)run->requests.arrived;
    values[3] = theory_level(run, run->pool.main_busy_ns);
    values[4] = theory_mean_s(run, DURATION_LATENCY);
}

/* An attempt fails with probability p at its end and is repeated up to twice, after 10 s and 20 s, with the same work.
 * A request that needs j attempts, with probability p^(j - 1) (1 - p) / (1 - p^3) of the completed ones, spends
 * j / (1 - load) s in the container on average.
 */
START_TEST(retries)
{
    const double p = 0.3;
    const double rate = 0.5;
    double attempts = 1 + p + p * p;
    double load = rate * attempts;
    double visit_s = 1 / (1 - load);
    double latency_s = (visit_s + p * (2 * visit_s + 10) + p * p * (3 * visit_s + 30)) * (1 - p) / (1 - p * p * p);
    struct theory_queue queue;
    theory_queue_init(&queue, rate, 1e5);
    queue.class.work = theory_lognormal(1, 1);
    queue.pool.max_inputs = 200;
    queue.pool.profile.base_s = 0;
    queue.pool.profile.per_running_s = 1;
    queue.pool.attempt_failure = p;
    queue.pool.retries = 2;
    queue.pool.retry_delay_ns = 10 * SIM_SECOND;
    queue.pool.retry_delay_max_ns = SIM_HOUR;
    queue.pool.retry_backoff = 2;
    const struct theory_claim claims[] = {
        {"retries: mean number inside", load / (1 - load), 0.035},
        {"retries: attempts", attempts, 0.005},
        {"retries: share that fails", p * p * p, 0.03},
        {"retries: busy", load, 0.01},
        {"retries: latency of completed ones", latency_s, 0.02},
    };
    THEORY_COMPARE(&queue, 1, measure_retries, claims);
}
END_TEST

/* ---- stages before and after ---- */

static const double stage_load = 0.6;

static void measure_stages(const struct theory_run *run, double *values)
{
    values[0] = theory_mean_s(run, DURATION_LATENCY);
    values[1] = theory_mean_s(run, DURATION_WAIT);
    values[2] = theory_level(run, run->pool.inputs_integral);
    values[3] = theory_level(run, run->pool.batch_integral);
    values[4] = theory_level(run, run->pool.main_busy_ns);
}

START_TEST(stages)
{
    struct stage_config before[] = {
        {.name = "network", .time_s = theory_exponential(0.5)},
        {.name = "unpacking", .time_s = theory_exponential(2), .holds_slot = true},
    };
    struct stage_config after[] = {
        {.name = "packing", .time_s = theory_lognormal(1.5, 1), .holds_slot = true},
        {.name = "network", .time_s = theory_exponential(0.25)},
    };
    double shared_s = 1 / (1 - stage_load);
    struct theory_queue queue;
    theory_queue_init(&queue, stage_load, 8e4);
    queue.pool.max_inputs = 200;
    queue.pool.profile.base_s = 0;
    queue.pool.profile.per_running_s = 1;
    queue.pool.profile.before = before;
    queue.pool.profile.before_count = 2;
    queue.pool.profile.after = after;
    queue.pool.profile.after_count = 2;
    const struct theory_claim claims[] = {
        {"stages: mean latency", 0.5 + 2 + shared_s + 1.5 + 0.25, 0.01},
        {"stages: mean wait", 0.5, 0.01},
        {"stages: mean inside", stage_load * (2 + shared_s + 1.5), 0.02},
        {"stages: mean in the shared one", stage_load * shared_s, 0.025},
        {"stages: shared one busy", stage_load, 0.01},
    };
    THEORY_COMPARE(&queue, 2, measure_stages, claims);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {retries, stages};
    return THEORY_MAIN("networks", tests);
}
