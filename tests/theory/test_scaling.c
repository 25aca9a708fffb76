/* test_scaling.c - containers that start and go: M/M/k with set-up times and delayed switch-off, as a Markov chain.
 *
 * The chain (theory_chain.h) is exact, ticks included. Set-up times are exponential and never cancelled: a container
 * that nobody wants any more becomes ready and idles out, which the chain does too. Gandhi, Doroudi, Harchol-Balter
 * and Scheller-Wolf, Exact analysis of the M/M/k/setup class of Markov chains (2014), is the family.
 */
#include <math.h>

#include "tests/theory_chain.h"
#include "tests/theory_world.h"

static void measure(const struct theory_run *run, double *values)
{
    values[0] = theory_level(run, run->pool.queue_integral);
    values[1] = theory_level(run, run->pool.inputs_integral);
    values[2] = theory_mean_s(run, DURATION_WAIT);
    values[3] = theory_share_waiting(run);
    values[4] = theory_level(run, run->pool.state_ns[CONTAINER_STARTING]);
    values[5] = theory_level(run, run->pool.state_ns[CONTAINER_BUSY]);
    values[6] = theory_level(run, run->pool.state_ns[CONTAINER_IDLE]);
    values[7] = (double)run->pool.starts[STARTED_FULL] / run->window_s;
}

static void scaling_queue_init(struct theory_queue *queue, const struct theory_chain_parameters *chain, double window_s)
{
    theory_queue_init(queue, chain->arrivals_per_s, window_s);
    theory_queue_scales(queue, chain->highest, theory_exponential(1 / chain->starts_per_s));
    queue->class.work = theory_fixed(1);
    queue->pool.profile.stage = STAGE_INDEPENDENT;
    queue->pool.profile.service_s = theory_exponential(1 / chain->services_per_s);
    queue->pool.min_containers = chain->lowest;
    queue->pool.max_inputs = chain->target;
    queue->pool.tick_ns = sim_time_from_s(chain->tick_s);
    queue->pool.scaledown_window_ns = chain->window_ticks * queue->pool.tick_ns;
}

static void compare(const struct theory_chain_parameters *chain, double window_s, double width, uint64_t seed)
{
    struct theory_queue queue;
    scaling_queue_init(&queue, chain, window_s);
    struct theory_chain_levels levels = theory_chain_solve(chain);
    ck_assert_double_lt(levels.at_queue_max, 1e-9);
    ck_assert_double_eq_tol(levels.inputs, chain->arrivals_per_s / chain->services_per_s, 1e-8);
    const struct theory_claim claims[] = {
        {"scaling: mean queue", levels.queue, width},
        {"scaling: mean inputs", levels.inputs, width},
        {"scaling: mean wait", levels.queue / chain->arrivals_per_s, width},
        {"scaling: share that waits", levels.waiting_share, width},
        {"scaling: starting", levels.starting, width},
        {"scaling: busy", levels.busy, width},
        {"scaling: idle", levels.idle, width},
        {"scaling: starts per second", levels.starting * chain->starts_per_s, width},
    };
    THEORY_COMPARE(&queue, seed, measure, claims);
}

/* ---- the chain itself against formulas ---- */

/* With as many containers at least as at most it is M/M/3: Erlang C at load a is (a^3 / 3!) 3 / (3 - a) over that plus
 * 1 + a + a^2 / 2, and the mean queue is C a / (3 - a).
 */
START_TEST(chain_of_kept_containers)
{
    const double a = 2.4;
    const struct theory_chain_parameters chain = {.arrivals_per_s = a,
                                                  .services_per_s = 1,
                                                  .starts_per_s = 1,
                                                  .tick_s = 1,
                                                  .lowest = 3,
                                                  .highest = 3,
                                                  .target = 1,
                                                  .queue_max = 200};
    struct theory_chain_levels levels = theory_chain_solve(&chain);
    double waiting = a * a * a / 6 * 3 / (3 - a);
    waiting /= waiting + 1 + a + a * a / 2;
    ck_assert_double_eq_tol(levels.waiting_share, waiting, 1e-8);
    ck_assert_double_eq_tol(levels.queue, waiting * a / (3 - a), 1e-7);
    ck_assert_double_eq_tol(levels.starting, 0, 1e-12);
}
END_TEST

/* One container that is off as soon as it is idle, with set-ups of rate s: the mean time in the system is
 * 1 / (service rate - arrival rate) + 1 / s (Welch 1964). Ticks of 2 ms leave an error of that order.
 */
START_TEST(chain_of_one_container)
{
    const struct theory_chain_parameters chain = {.arrivals_per_s = 0.5,
                                                  .services_per_s = 1,
                                                  .starts_per_s = 0.25,
                                                  .tick_s = 0.002,
                                                  .highest = 1,
                                                  .target = 1,
                                                  .queue_max = 100};
    struct theory_chain_levels levels = theory_chain_solve(&chain);
    ck_assert_double_eq_tol((levels.queue + levels.inputs) / 0.5, 1 / (1 - 0.5) + 4, 0.006);
}
END_TEST

/* ---- worlds against the chain ---- */

/* Off at the first tick without work: the idle time is what the ticks leave. */
START_TEST(switched_off_at_once)
{
    const struct theory_chain_parameters chain = {.arrivals_per_s = 1.2,
                                                  .services_per_s = 1,
                                                  .starts_per_s = 0.5,
                                                  .tick_s = 0.25,
                                                  .highest = 4,
                                                  .target = 1,
                                                  .queue_max = 120};
    compare(&chain, 2e4, 0.03, 1);
}
END_TEST

/* One container: the set-up queue of Welch (1964) with a delay before switching off. */
START_TEST(one_container)
{
    const struct theory_chain_parameters chain = {.arrivals_per_s = 0.3,
                                                  .services_per_s = 1,
                                                  .starts_per_s = 0.25,
                                                  .tick_s = 1,
                                                  .window_ticks = 5,
                                                  .highest = 1,
                                                  .target = 1,
                                                  .queue_max = 120};
    compare(&chain, 1e5, 0.03, 2);
}
END_TEST

START_TEST(delayed_switch_off)
{
    const struct theory_chain_parameters chain = {.arrivals_per_s = 1.2,
                                                  .services_per_s = 1,
                                                  .starts_per_s = 0.5,
                                                  .tick_s = 1,
                                                  .window_ticks = 4,
                                                  .highest = 4,
                                                  .target = 1,
                                                  .queue_max = 120};
    compare(&chain, 3e4, 0.03, 13);
}
END_TEST

/* min_containers counts what is starting as alive. */
START_TEST(one_is_kept)
{
    const struct theory_chain_parameters chain = {.arrivals_per_s = 0.8,
                                                  .services_per_s = 1,
                                                  .starts_per_s = 0.5,
                                                  .tick_s = 0.5,
                                                  .window_ticks = 2,
                                                  .lowest = 1,
                                                  .highest = 3,
                                                  .target = 1,
                                                  .queue_max = 120};
    compare(&chain, 3e4, 0.03, 4);
}
END_TEST

/* Several requests in a container: want = ceil(requests / 3), the fullest takes the next. */
START_TEST(several_inside)
{
    const struct theory_chain_parameters chain = {.arrivals_per_s = 4,
                                                  .services_per_s = 1,
                                                  .starts_per_s = 0.5,
                                                  .tick_s = 0.5,
                                                  .window_ticks = 3,
                                                  .highest = 3,
                                                  .target = 3,
                                                  .queue_max = 200};
    compare(&chain, 2e4, 0.05, 5);
}
END_TEST

/* ---- a start that nobody waits for any more ---- */

/* Two requests come at 0.5 s. The first finds no container alive and causes a start at once, the other start comes at
 * the tick of 1 s; both take 10 s. The clients give up after 5 s, so nothing is left to serve. The containers become
 * ready all the same, at 10.5 s and 11 s, and go at the tick of 15 s, the first at which they have idled for 4 s.
 */
START_TEST(start_is_not_cancelled)
{
    struct theory_queue queue;
    theory_queue_init(&queue, 0, 100);
    theory_queue_scales(&queue, 5, theory_fixed(10));
    queue.config.warm_up_ns = 0;
    queue.config.duration_ns = 100 * SIM_SECOND;
    queue.workload.arrivals.process = ARRIVAL_BURST;
    queue.workload.arrivals.count = 2;
    queue.workload.arrivals.at_ns = SIM_SECOND / 2;
    queue.workload.client_timeout_ns = 5 * SIM_SECOND;
    queue.workload.cancel_on_disconnect = true;
    queue.pool.scaledown_window_ns = 4 * SIM_SECOND;
    struct theory_run *run = theory_run_create(&queue, 1, 0);
    ck_assert_int_eq(run->requests.outcomes[OUTCOME_TIMED_OUT], 2);
    ck_assert_int_eq(run->pool.starts[STARTED_FULL], 2);
    ck_assert_int_eq((int64_t)run->pool.state_ns[CONTAINER_STARTING], 20 * SIM_SECOND);
    ck_assert_int_eq((int64_t)run->pool.state_ns[CONTAINER_BUSY], 0);
    ck_assert_int_eq((int64_t)run->pool.state_ns[CONTAINER_IDLE], 4500000000 + 4000000000);
    theory_run_destroy(run);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {chain_of_kept_containers, chain_of_one_container,
                                  switched_off_at_once,     one_container,
                                  delayed_switch_off,       one_is_kept,
                                  several_inside,           start_is_not_cancelled};
    return THEORY_MAIN("scaling", tests);
}
