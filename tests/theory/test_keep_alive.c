/* test_keep_alive.c - one container kept for a while after the last request: P(cold), container seconds and bills.
 *
 * Requests come in a Poisson stream of rate r and take next to no time, as does a start. A container that has idled
 * for the window w is retired at the next tick. Arrivals are uniform over the time d between ticks and w is a multiple
 * of d, so an idle container is kept for w + U with U uniform over (0, d): the next request is cold with probability
 *
 *     P = E exp(-r (w + U)) = exp(-r w) (1 - exp(-r d)) / (r d)
 *
 * By renewal theory the container is alive for a share 1 - P of the time, since E min(gap, w + U) = (1 - P) / r.
 */
#include <math.h>

#include "tests/theory_world.h"

static const double instant_s = 1e-6;

static void measure(const struct theory_run *run, double *values)
{
    double lives = (double)run->pool.starts[STARTED_FULL];
    double alive_s = (double)(run->pool.state_ns[CONTAINER_IDLE] + run->pool.state_ns[CONTAINER_BUSY]) / 1e9;
    values[0] = (double)run->requests.cold / (double)run->requests.outcomes[OUTCOME_COMPLETED];
    values[1] = lives / run->window_s;
    values[2] = alive_s / run->window_s;
    values[3] = alive_s / lives;
    values[4] = (double)run->result.bill_nusd[0] / run->window_s;
}

static void compare(double rate_per_s, int window_ticks, uint64_t seed)
{
    const double tick_s = 1;
    const double nusd_per_s = 1e6;
    double kept = exp(-rate_per_s * window_ticks * tick_s);
    double cold = kept * (1 - exp(-rate_per_s * tick_s)) / (rate_per_s * tick_s);
    struct theory_queue queue;
    theory_queue_init(&queue, rate_per_s, 2e4 / rate_per_s);
    theory_queue_scales(&queue, 1, theory_fixed(instant_s));
    queue.class.work = theory_fixed(1);
    queue.pool.profile.base_s = instant_s;
    queue.pool.scaledown_window_ns = sim_time_from_s(window_ticks * tick_s);
    const struct theory_claim claims[] = {
        {"keep-alive: P(cold)", cold, 0.015},
        {"keep-alive: lives per second", rate_per_s * cold, 0.02},
        {"keep-alive: share of the time alive", 1 - cold, 0.015},
        {"keep-alive: mean life in s", (1 - cold) / (rate_per_s * cold), 0.03},
        {"keep-alive: nanodollars per second", nusd_per_s * (1 - cold), 0.015},
    };
    THEORY_COMPARE(&queue, seed, measure, claims);
}

START_TEST(long_window)
{
    compare(0.03, 20, 1);
}
END_TEST

/* Here the wait for a tick changes P(cold) by 14 %. */
START_TEST(short_window)
{
    compare(0.3, 3, 2);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {long_window, short_window};
    return THEORY_MAIN("keep_alive", tests);
}
