/* test_giving_up.c - clients that give up and attempts that are cut off, at one server with exponential service. */
#include <math.h>

#include "tests/theory_world.h"

static double share(const struct theory_run *run, enum request_outcome outcome)
{
    return (double)run->requests.outcomes[outcome] / (double)run->requests.arrived;
}

static void measure(const struct theory_run *run, double *values)
{
    values[0] = share(run, OUTCOME_TIMED_OUT);
    values[1] = theory_level(run, run->pool.state_ns[CONTAINER_BUSY]);
    values[2] = theory_mean_s(run, DURATION_LATENCY);
    values[3] = theory_number(run);
}

/* A request is cancelled when its client has waited for w, even while it is served. The work in the system that will
 * be done jumps at an arrival from v to min(v + service, w), so it never exceeds w; level crossing gives its density
 * r p exp((r - 1) v) below w with p the share of the time that it is 0, for arrivals at rate r and service of mean 1
 * (Gnedenko and Kovalenko, Introduction to Queueing Theory, 1968, chapter 1). With d = 1 - r:
 *
 *     1 / p = 1 + r A,   A = (1 - exp(-d w)) / d,   P(given up) = p exp(-d w)
 *     P(wait + service > t) = p exp(-d t) + r p (exp(-d t) - exp(-d w)) / d   for t below w
 */
START_TEST(cancelled)
{
    const double rate = 1.2;
    const double patience_s = 3;
    double d = 1 - rate;
    double last = exp(-d * patience_s);
    double area = (1 - last) / d;
    double empty = 1 / (1 + rate * area);
    double given_up = empty * last;
    double sojourn = empty * area + rate * empty * (area - patience_s * last) / d;
    struct theory_queue queue;
    theory_queue_init(&queue, rate, 3e4);
    queue.workload.client_timeout_ns = sim_time_from_s(patience_s);
    queue.workload.cancel_on_disconnect = true;
    const struct theory_claim claims[] = {
        {"cancelled: share given up", given_up, 0.015},
        {"cancelled: utilisation", 1 - empty, 0.01},
        {"cancelled: latency of the others", (sojourn - patience_s * given_up) / (1 - given_up), 0.01},
        {"cancelled: mean number", rate * sojourn, 0.01},
    };
    THEORY_COMPARE(&queue, 1, measure, claims);
}
END_TEST

/* Clients go, their requests stay: M/M/1, where P(latency > w) = exp(-(1 - r) w). */
START_TEST(served_for_nothing)
{
    const double rate = 0.6;
    const double patience_s = 3;
    double d = 1 - rate;
    double given_up = exp(-d * patience_s);
    struct theory_queue queue;
    theory_queue_init(&queue, rate, 8e4);
    queue.workload.client_timeout_ns = sim_time_from_s(patience_s);
    const struct theory_claim claims[] = {
        {"for nothing: share given up", given_up, 0.025},
        {"for nothing: utilisation", rate, 0.01},
        {"for nothing: latency of the others", 1 / d - patience_s * given_up / (1 - given_up), 0.02},
        {"for nothing: mean number", rate / d, 0.03},
    };
    THEORY_COMPARE(&queue, 2, measure, claims);
}
END_TEST

/* The platform ends an attempt after w: M/G/1 with service min(S, w), whose moments are 1 - exp(-w) and
 * 2 (1 - exp(-w) (1 + w)). Only completed requests have a latency: their wait, and service given that it is below w.
 */
START_TEST(attempt_is_cut_off)
{
    const double rate = 0.8;
    const double limit_s = 2;
    double cut_off = exp(-limit_s);
    double load = rate * (1 - cut_off);
    double wait_s = rate * 2 * (1 - cut_off * (1 + limit_s)) / (2 * (1 - load));
    struct theory_queue queue;
    theory_queue_init(&queue, rate, 5e4);
    queue.pool.timeout_ns = sim_time_from_s(limit_s);
    const struct theory_claim claims[] = {
        {"cut off: share", cut_off, 0.015},
        {"cut off: utilisation", load, 0.01},
        {"cut off: latency of the others", wait_s + 1 - limit_s * cut_off / (1 - cut_off), 0.025},
        {"cut off: mean number", rate * wait_s + load, 0.03},
    };
    THEORY_COMPARE(&queue, 3, measure, claims);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {cancelled, served_for_nothing, attempt_is_cut_off};
    return THEORY_MAIN("giving_up", tests);
}
