/* test_little.c - Little's law between outputs that are counted apart: levels over time, series, and durations.
 *
 * The world's audit compares sums that one file keeps. Here the levels of a pool and the rows of the series stand
 * against the histograms of the requests.
 */
#include <math.h>

#include "tests/theory_world.h"

static sim_int128 sum_ns(const struct theory_run *run, enum tally_duration duration)
{
    return (sim_int128)run->durations[duration].sum;
}

/* Requests x seconds in the series: of those waiting, and of those inside containers. */
static void sum_series(const struct theory_run *run, double *waiting_s, double *inside_s)
{
    *waiting_s = 0;
    *inside_s = 0;
    for (size_t i = 0; i < run->result.series_count; i++) {
        const struct series_row *row = &run->result.series[i];
        *waiting_s += row->queue_mean * sim_time_to_s(row->to_ns - row->from_ns);
        *inside_s += row->running_mean * sim_time_to_s(row->to_ns - row->from_ns);
    }
}

/* A burst that is over before the run ends: every sum is the same to the nanosecond. */
START_TEST(burst)
{
    struct theory_queue queue;
    theory_queue_init(&queue, 0, 1000);
    theory_queue_scales(&queue, 7, theory_exponential(10));
    queue.config.warm_up_ns = 0;
    queue.config.duration_ns = 1000 * SIM_SECOND;
    queue.workload.arrivals.process = ARRIVAL_BURST;
    queue.workload.arrivals.count = 500;
    queue.workload.arrivals.at_ns = SIM_SECOND;
    queue.pool.max_inputs = 4;
    queue.pool.target_inputs = 2;
    queue.pool.profile.per_running_s = 0.3;
    queue.pool.scaledown_window_ns = 60 * SIM_SECOND;
    queue.series_count = 77;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct theory_run *run = theory_run_create(&queue, seed, 0);
        ck_assert_int_eq(run->requests.outcomes[OUTCOME_COMPLETED], 500);
        sim_int128 latency_ns = sum_ns(run, DURATION_LATENCY);
        sim_int128 wait_ns = sum_ns(run, DURATION_WAIT);
        ck_assert_msg(run->pool.queue_integral == wait_ns, "seed %d: queue", (int)seed);
        ck_assert_msg(run->pool.inputs_integral == latency_ns - wait_ns, "seed %d: inputs", (int)seed);
        ck_assert_msg(run->pool.batch_integral == latency_ns - wait_ns, "seed %d: batch", (int)seed);
        double waiting_s;
        double inside_s;
        sum_series(run, &waiting_s, &inside_s);
        ck_assert_double_eq_tol(waiting_s, (double)wait_ns / 1e9, 1e-6);
        ck_assert_double_eq_tol(inside_s, (double)(latency_ns - wait_ns) / 1e9, 1e-6);
        theory_run_destroy(run);
    }
}
END_TEST

/* L = lambda W in a window. They differ by the requests that cross its ends, no more than were ever present, each by
 * no more than the longest latency; that bound must be below 2 % of L.
 */
static void check_window(struct theory_queue *queue, uint64_t seed)
{
    struct theory_run *run = theory_run_create(queue, seed, 0);
    double rate = (double)run->requests.arrived / run->window_s;
    double most = (double)(run->pool.queue_max + run->pool.containers_max * queue->pool.max_inputs);
    double longest_s = sim_time_to_s(sim_histogram_maximum(&run->durations[DURATION_LATENCY]));
    double bound = 2 * most * longest_s / run->window_s;
    double number = theory_number(run);
    double product = rate * theory_mean_s(run, DURATION_LATENCY);
    double queue_product = rate * theory_mean_s(run, DURATION_WAIT);
    double queue_level = theory_level(run, run->pool.queue_integral);
    ck_assert_double_lt(bound, 0.02 * number);
    ck_assert_msg(fabs(number - product) <= bound, "seed %d: L = %g, lambda W = %g", (int)seed, number, product);
    ck_assert_msg(fabs(queue_level - queue_product) <= bound, "seed %d: queue %g, lambda wait %g", (int)seed,
                  queue_level, queue_product);
    theory_run_destroy(run);
}

START_TEST(kept_servers)
{
    struct theory_queue queue;
    theory_queue_init(&queue, 4.5, 1e5);
    queue.pool.min_containers = 5;
    check_window(&queue, 21);
}
END_TEST

START_TEST(scaling_servers)
{
    struct theory_queue queue;
    theory_queue_init(&queue, 3, 2e5);
    theory_queue_scales(&queue, 10, theory_lognormal(8, 0.5));
    queue.pool.max_inputs = 4;
    queue.pool.target_inputs = 2;
    queue.pool.profile.base_s = 0.5;
    queue.pool.profile.per_running_s = 0.3;
    queue.pool.scaledown_window_ns = 20 * SIM_SECOND;
    check_window(&queue, 22);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {burst, kept_servers, scaling_servers};
    return THEORY_MAIN("little", tests);
}
