/* test_alerts.c - how much of the time an alert is active, where the distribution of what it watches is known.
 *
 * An alert is active from one look to the next if its limit was passed at the first, so over a long time its share is
 * the probability that the measure is beyond its limit at any moment.
 *
 *     M/M/1        more than k wait:               rho^(k + 2)
 *     Poisson      rate over w seconds above n/w:  P(N > n), N Poisson with mean rate x w
 *     M/M/1        median latency of a window that holds many requests: exceeds what half of them exceed or not
 */
#include <math.h>

#include "tests/theory_world.h"

enum {
    ALERTS = 2
};

static double share_active(const struct theory_run *run, int32_t alert)
{
    const struct alert_row *rows = run->result.alerts.items;
    sim_time_ns from_ns = run->result.blocks[1].from_ns;
    double active_s = 0;
    for (size_t i = 0; i < run->result.alerts.count; i++)
        if (rows[i].alert == alert && rows[i].to_ns > from_ns)
            active_s += sim_time_to_s(rows[i].to_ns - (rows[i].from_ns > from_ns ? rows[i].from_ns : from_ns));
    return active_s / run->window_s;
}

static void measure(const struct theory_run *run, double *values)
{
    for (int32_t i = 0; i < ALERTS; i++)
        values[i] = share_active(run, i);
}

static struct alert_config alert_above(enum gauge gauge, double limit, double window_s, double period_s)
{
    return (struct alert_config){
        .name = "alert",
        .measure = (int32_t)gauge,
        .warning = limit,
        .critical = NAN,
        .window_ns = sim_time_from_s(window_s),
        .period_ns = sim_time_from_s(period_s),
    };
}

START_TEST(those_who_wait)
{
    const double load = 0.7;
    struct theory_queue queue;
    struct alert_config alerts[ALERTS] = {alert_above(GAUGE_QUEUE, 2, 0, 0.5), alert_above(GAUGE_PRESENT, 1, 0, 3)};
    theory_queue_init(&queue, load, 1e5);
    queue.config.alerts = alerts;
    queue.config.alert_count = ALERTS;
    const struct theory_claim claims[] = {
        {"alerts: more than two wait", pow(load, 4), 0.02},
        {"alerts: more than one present", pow(load, 2), 0.02},
    };
    THEORY_COMPARE(&queue, 1, measure, claims);
}
END_TEST

/* P(N <= most). */
static double poisson(double mean, int most)
{
    double term = exp(-mean);
    double sum = term;
    for (int k = 1; k <= most; k++) {
        term *= mean / k;
        sum += term;
    }
    return sum;
}

START_TEST(those_who_come)
{
    const double rate = 0.7;
    struct theory_queue queue;
    struct alert_config alerts[ALERTS] = {alert_above(GAUGE_REQUEST_RATE, 0.95, 10, 2),
                                          alert_above(GAUGE_REQUEST_RATE, 0.95, 20, 5)};
    theory_queue_init(&queue, rate, 1e5);
    queue.config.alerts = alerts;
    queue.config.alert_count = ALERTS;
    const struct theory_claim claims[] = {
        {"alerts: more than 9 in 10 s", 1 - poisson(10 * rate, 9), 0.02},
        {"alerts: more than 19 in 20 s", 1 - poisson(20 * rate, 19), 0.03},
    };
    THEORY_COMPARE(&queue, 2, measure, claims);
}
END_TEST

/* Latencies of an empty system are its exponential services, so each of n in a window exceeds t with e^-t: the 95th
 * percentile is beyond t when more than n / 20 do. With fixed numbers of requests a binomial; here n is Poisson with
 * mean m, so the sum over n of its probabilities.
 */
static double percentile_is_beyond(double mean, double beyond)
{
    double share = 0;
    for (int n = 1; n < 60; n++) {
        double within = 0;
        for (int k = 0; k <= n / 20; k++)
            within +=
                exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(beyond) + (n - k) * log(1 - beyond));
        share += (poisson(mean, n) - poisson(mean, n - 1)) * (1 - within);
    }
    return share;
}

START_TEST(those_who_are_slow)
{
    const double rate = 0.1;
    struct theory_queue queue;
    struct alert_config alerts[ALERTS] = {alert_above(GAUGE_LATENCY_P95, 3, 200, 20),
                                          alert_above(GAUGE_LATENCY_P95, 2, 100, 10)};
    theory_queue_init(&queue, rate, 1e6);
    queue.pool.min_containers = 20; /* nobody waits */
    queue.config.alerts = alerts;
    queue.config.alert_count = ALERTS;
    const struct theory_claim claims[] = {
        {"alerts: p95 of about 20 requests above 3 s", percentile_is_beyond(200 * rate, exp(-3)), 0.02},
        {"alerts: p95 of about 10 requests above 2 s", percentile_is_beyond(100 * rate, exp(-2)), 0.02},
    };
    THEORY_COMPARE(&queue, 3, measure, claims);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {those_who_wait, those_who_come, those_who_are_slow};
    return THEORY_MAIN("alerts", tests);
}
