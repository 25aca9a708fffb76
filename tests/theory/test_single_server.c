/* test_single_server.c - one server, first come first served: M/M/1, M/G/1 and GI/M/1.
 *
 * Service has mean 1 s, so the arrival rate is the load. A speed that is e wrong changes the waiting time by about
 * e / (1 - load): at load 0.9 an interval of 5 % notices a speed that is 0.5 % off.
 *
 * M/M/1 and M/G/1: Kleinrock, Queueing Systems I (1975), sections 3.2 and 5.6; GI/M/1: section 6.4.
 */
#include <gsl/gsl_integration.h>
#include <math.h>

#include "tests/theory_world.h"

/* ---- M/M/1 ---- */

/* Latency is exponential with rate 1 - load. The share of the latencies below a percentile of theory is compared,
 * which the buckets of the histogram disturb far less than the percentile itself.
 */
static double percentile_s(double load, double share)
{
    return -log(1 - share) / (1 - load);
}

static void measure_mm1(const struct theory_run *run, double load, double *values)
{
    values[0] = theory_mean_s(run, DURATION_WAIT);
    values[1] = theory_mean_s(run, DURATION_LATENCY);
    values[2] = theory_number(run);
    values[3] = theory_level(run, run->pool.state_ns[CONTAINER_BUSY]);
    values[4] = theory_share_within(run, DURATION_LATENCY, percentile_s(load, 0.5));
    values[5] = 1 - theory_share_within(run, DURATION_LATENCY, percentile_s(load, 0.95));
    values[6] = sim_histogram_quantile(&run->durations[DURATION_LATENCY], 0.95) / 1e9;
    values[7] = theory_share_waiting(run);
}

static void measure_mm1_half(const struct theory_run *run, double *values)
{
    measure_mm1(run, 0.5, values);
}

static void measure_mm1_high(const struct theory_run *run, double *values)
{
    measure_mm1(run, 0.9, values);
}

static void compare_mm1(double load, double window_s, double width, uint64_t seed, theory_measure *measure)
{
    struct theory_queue queue;
    theory_queue_init(&queue, load, window_s);
    const struct theory_claim claims[] = {
        {"M/M/1 mean wait", load / (1 - load), width},
        {"M/M/1 mean latency", 1 / (1 - load), width},
        {"M/M/1 mean number", load / (1 - load), width},
        {"M/M/1 utilisation", load, 0.0075},
        {"M/M/1 share below the median", 0.5, width},
        {"M/M/1 share above p95", 0.05, 4 * width},
        {"M/M/1 p95 of latency", percentile_s(load, 0.95), 1.2 * width},
        {"M/M/1 share that waits", load, 0.01},
    };
    THEORY_COMPARE(&queue, seed, measure, claims);
}

START_TEST(mm1_half)
{
    compare_mm1(0.5, 1.2e5, 0.02, 1, measure_mm1_half);
}
END_TEST

START_TEST(mm1_high)
{
    compare_mm1(0.9, 3e5, 0.05, 2, measure_mm1_high);
}
END_TEST

/* The same queue with room for all inside the container, whose engine has one slot. */
static void measure_inside(const struct theory_run *run, double *values)
{
    values[0] = theory_mean_s(run, DURATION_LATENCY);
    values[1] = theory_number(run);
    values[2] = theory_level(run, run->pool.batch_integral);
    values[3] = theory_level(run, run->pool.main_busy_ns);
}

START_TEST(mm1_inside)
{
    const double load = 0.6;
    struct theory_queue queue;
    theory_queue_init(&queue, load, 8e4);
    queue.pool.max_inputs = 100;
    queue.pool.profile.slots = 1;
    const struct theory_claim claims[] = {
        {"M/M/1 inside: mean latency", 1 / (1 - load), 0.025},
        {"M/M/1 inside: mean number", load / (1 - load), 0.025},
        {"M/M/1 inside: mean in progress", load, 0.01},
        {"M/M/1 inside: utilisation", load, 0.01},
    };
    THEORY_COMPARE(&queue, 3, measure_inside, claims);
}
END_TEST

/* ---- M/G/1 ---- */

static void measure_mg1(const struct theory_run *run, double *values)
{
    values[0] = theory_mean_s(run, DURATION_WAIT);
    values[1] = theory_number(run);
    values[2] = theory_share_waiting(run);
    values[3] = theory_level(run, run->pool.state_ns[CONTAINER_BUSY]);
}

/* Pollaczek and Khinchine: mean wait = load (1 + cv^2) / (2 (1 - load)) for service of mean 1. */
static void compare_mg1(struct sim_distribution work, double cv_squared, double load, double window_s, uint64_t seed)
{
    struct theory_queue queue;
    theory_queue_init(&queue, load, window_s);
    queue.class.work = work;
    double wait_s = load * (1 + cv_squared) / (2 * (1 - load));
    const struct theory_claim claims[] = {
        {"M/G/1 mean wait", wait_s, 0.04},
        {"M/G/1 mean number", load * (wait_s + 1), 0.03},
        {"M/G/1 share that waits", load, 0.01},
        {"M/G/1 utilisation", load, 0.01},
    };
    THEORY_COMPARE(&queue, seed, measure_mg1, claims);
}

START_TEST(mg1_fixed)
{
    compare_mg1(theory_fixed(1), 0, 0.8, 6e4, 4);
}
END_TEST

START_TEST(mg1_lognormal)
{
    compare_mg1(theory_lognormal(1, 2), 4, 0.5, 4e5, 5);
}
END_TEST

/* 0.9 with mean 0.5 s and 0.1 with mean 5.5 s: second moment 2 (0.9 x 0.25 + 0.1 x 30.25) = 6.5. */
START_TEST(mg1_hyperexponential)
{
    struct sim_arena *arena = sim_arena_create();
    compare_mg1(theory_hyperexponential(arena, 0.9, 0.5, 5.5), 5.5, 0.5, 1e5, 6);
    sim_arena_destroy(arena);
}
END_TEST

/* ---- GI/M/1 ---- */

/* Laplace transform of the gaps between arrivals. */
typedef double gap_transform(double s);

static const double renewal_load = 0.7;

/* Gamma gaps of squared cv 4. */
static double gamma_transform(double s)
{
    return pow(1 + s * 4 / renewal_load, -0.25);
}

/* Weibull gaps of shape 1/2 are scale x E^2 with E exponential: mean 2 scale, squared cv 24 / 4 - 1 = 5. */
static double weibull_integrand(double e, void *s)
{
    return exp(-*(double *)s * e * e / (2 * renewal_load) - e);
}

static double weibull_transform(double s)
{
    gsl_integration_workspace *workspace = gsl_integration_workspace_alloc(1000);
    gsl_function integrand = {.function = weibull_integrand, .params = &s};
    double result;
    double error;
    gsl_integration_qagiu(&integrand, 0, 1e-12, 1e-10, 1000, workspace, &result, &error);
    gsl_integration_workspace_free(workspace);
    return result;
}

/* The share that waits is the root below 1 of x = A(1 - x), and the wait of those is exponential with rate 1 - x. */
static double share_waiting(gap_transform *transform)
{
    double x = 0;
    for (int i = 0; i < 2000; i++)
        x = transform(1 - x);
    return x;
}

static void measure_renewal(const struct theory_run *run, double *values)
{
    values[0] = theory_share_waiting(run);
    values[1] = theory_mean_s(run, DURATION_WAIT);
    values[2] = theory_level(run, run->pool.state_ns[CONTAINER_BUSY]);
}

static void compare_renewal(int process, double cv, gap_transform *transform, uint64_t seed)
{
    struct theory_queue queue;
    theory_queue_init(&queue, renewal_load, 1.2e5);
    queue.workload.arrivals.process = process;
    queue.workload.arrivals.cv = cv;
    double share = share_waiting(transform);
    const struct theory_claim claims[] = {
        {"GI/M/1 share that waits", share, 0.01},
        {"GI/M/1 mean wait", share / (1 - share), 0.04},
        {"GI/M/1 utilisation", renewal_load, 0.01},
    };
    THEORY_COMPARE(&queue, seed, measure_renewal, claims);
}

START_TEST(gamma_gaps)
{
    compare_renewal(ARRIVAL_GAMMA, 2, gamma_transform, 7);
}
END_TEST

START_TEST(weibull_gaps)
{
    compare_renewal(ARRIVAL_WEIBULL, sqrt(5), weibull_transform, 8);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {mm1_half,   mm1_high,    mm1_inside, mg1_fixed, mg1_lognormal, mg1_hyperexponential,
                                  gamma_gaps, weibull_gaps};
    return THEORY_MAIN("single_server", tests);
}
