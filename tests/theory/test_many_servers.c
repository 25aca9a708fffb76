/* test_many_servers.c - several servers: M/M/c, M/G/infinity, a closed loop of clients, and Erlang's loss formula. */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "tests/theory_world.h"

/* ---- M/M/c ---- */

/* Erlang C: share of arrivals that find all c servers busy at offered load a < c, from Erlang's loss formula by its
 * recursion (Cooper, Introduction to Queueing Theory, 1981, section 3.4).
 */
static double erlang_c(int c, double a)
{
    double loss = 1;
    for (int k = 1; k <= c; k++)
        loss = a * loss / (k + a * loss);
    return c * loss / (c - a * (1 - loss));
}

enum {
    SERVERS = 10
};

static const double offered = 9;

static void measure_mmc(const struct theory_run *run, double *values)
{
    values[0] = theory_share_waiting(run);
    values[1] = theory_mean_s(run, DURATION_WAIT);
    values[2] = theory_level(run, run->pool.queue_integral);
    values[3] = theory_level(run, run->pool.state_ns[CONTAINER_BUSY]);
    values[4] = theory_share_within(run, DURATION_WAIT, 1);
}

/* Wait is 0 with probability 1 - C, else exponential with rate c - a. The order in which free servers are taken
 * makes no difference.
 */
static void compare_mmc(int order, uint64_t seed)
{
    double waiting = erlang_c(SERVERS, offered);
    struct theory_queue queue;
    theory_queue_init(&queue, offered, 3e4);
    queue.pool.min_containers = SERVERS;
    queue.pool.dispatch_order = order;
    const struct theory_claim claims[] = {
        {"M/M/10 share that waits", waiting, 0.02},
        {"M/M/10 mean wait", waiting / (SERVERS - offered), 0.06},
        {"M/M/10 mean queue", offered * waiting / (SERVERS - offered), 0.06},
        {"M/M/10 servers busy", offered, 0.005},
        {"M/M/10 share that waits up to 1 s", 1 - waiting * exp(-(SERVERS - offered)), 0.02},
    };
    THEORY_COMPARE(&queue, seed, measure_mmc, claims);
}

START_TEST(mmc_fullest)
{
    compare_mmc(DISPATCH_FULLEST, 1);
}
END_TEST

START_TEST(mmc_random)
{
    compare_mmc(DISPATCH_RANDOM, 2);
}
END_TEST

/* ---- M/G/infinity ---- */

static const double mean_number = 20;

static int compare_times(const void *a, const void *b)
{
    sim_time_ns x = *(const sim_time_ns *)a;
    sim_time_ns y = *(const sim_time_ns *)b;
    return (x > y) - (x < y);
}

enum {
    LARGEST = 200
};

/* Counts in seen[n] the arrivals of the window that find n requests present. */
static void count_seen(const struct theory_run *run, double *seen)
{
    sim_time_ns *arrivals = sim_allocate(run->row_count, sizeof *arrivals);
    sim_time_ns *ends = sim_allocate(run->row_count, sizeof *ends);
    for (size_t i = 0; i < run->row_count; i++) {
        arrivals[i] = run->rows[i].arrival_ns;
        ends[i] = run->rows[i].end_ns;
    }
    qsort(arrivals, run->row_count, sizeof *arrivals, compare_times);
    qsort(ends, run->row_count, sizeof *ends, compare_times);
    size_t ended = 0;
    for (size_t i = 0; i < run->row_count; i++) {
        while (ends[ended] <= arrivals[i])
            ended++;
        if (arrivals[i] >= run->result.blocks[1].from_ns)
            seen[i - ended < LARGEST ? i - ended : LARGEST - 1]++;
    }
    free(arrivals);
    free(ends);
}

/* Mean, variance and both tails of what arrivals see, and the mean of the level over time. */
static void measure_infinite(const struct theory_run *run, double *values)
{
    double seen[LARGEST] = {0};
    double mean = 0;
    double square = 0;
    double low = 0;
    double high = 0;
    count_seen(run, seen);
    double total = 0;
    for (int n = 0; n < LARGEST; n++)
        total += seen[n];
    for (int n = 0; n < LARGEST; n++) {
        mean += n * seen[n] / total;
        square += (double)n * n * seen[n] / total;
        low += n <= 12 ? seen[n] / total : 0;
        high += n >= 28 ? seen[n] / total : 0;
    }
    values[0] = mean;
    values[1] = square - mean * mean;
    values[2] = low;
    values[3] = high;
    values[4] = theory_number(run);
    values[5] = theory_mean_s(run, DURATION_LATENCY);
}

/* The number present is Poisson whatever the law of the service time; arrivals see what time sees. */
START_TEST(infinite_servers)
{
    struct theory_queue queue;
    theory_queue_init(&queue, mean_number / 2, 1e4);
    queue.pool.max_inputs = LARGEST;
    queue.pool.profile.stage = STAGE_INDEPENDENT;
    queue.pool.profile.service_s = theory_lognormal(2, 1);
    queue.class.work = theory_fixed(1);
    queue.keeps_rows = true;
    const struct theory_claim claims[] = {
        {"M/G/inf mean that arrivals see", mean_number, 0.005},
        {"M/G/inf variance that arrivals see", mean_number, 0.025},
        {"M/G/inf P(n <= 12)", gsl_cdf_poisson_P(12, mean_number), 0.065},
        {"M/G/inf P(n >= 28)", gsl_cdf_poisson_Q(27, mean_number), 0.065},
        {"M/G/inf mean over time", mean_number, 0.005},
        {"M/G/inf mean latency", 2, 0.005},
    };
    THEORY_COMPARE(&queue, 3, measure_infinite, claims);
}
END_TEST

/* ---- a closed loop: the machine repairman ---- */

enum {
    CLIENTS = 12,
    REPAIRMEN = 3
};

static const double think_s = 4;

static void measure_closed(const struct theory_run *run, double *values)
{
    values[0] = (double)run->requests.arrived / run->window_s;
    values[1] = theory_number(run);
    values[2] = theory_mean_s(run, DURATION_WAIT);
    values[3] = theory_level(run, run->pool.state_ns[CONTAINER_BUSY]);
}

/* n of the clients are served or wait: a birth and death chain with births (N - n) / think and deaths min(n, c). */
START_TEST(closed_loop)
{
    double weight = 1;
    double sum = 0;
    double number = 0;
    double busy = 0;
    for (int n = 0; n <= CLIENTS; n++) {
        int serving = n < REPAIRMEN ? n : REPAIRMEN;
        sum += weight;
        number += n * weight;
        busy += serving * weight;
        weight *= (CLIENTS - n) / think_s / (n + 1 < REPAIRMEN ? n + 1 : REPAIRMEN);
    }
    number /= sum;
    busy /= sum;
    struct theory_queue queue;
    theory_queue_init(&queue, 0, 3e4);
    queue.workload.arrivals.process = ARRIVAL_CLOSED;
    queue.workload.arrivals.clients = CLIENTS;
    queue.workload.arrivals.think_s = theory_exponential(think_s);
    queue.pool.min_containers = REPAIRMEN;
    const struct theory_claim claims[] = {
        {"closed loop: requests per second", busy, 0.005},
        {"closed loop: mean number", number, 0.01},
        {"closed loop: mean wait", (number - busy) / busy, 0.02},
        {"closed loop: servers busy", busy, 0.005},
    };
    THEORY_COMPARE(&queue, 4, measure_closed, claims);
}
END_TEST

/* ---- Erlang B: who finds all servers busy is rejected ---- */

static void measure_loss(const struct theory_run *run, double *values)
{
    values[0] = (double)run->requests.outcomes[OUTCOME_REJECTED] / (double)run->requests.arrived;
    values[1] = theory_level(run, run->pool.inputs_integral);
}

/* B(c, a) by its recursion; it holds for any law of service (Erlang 1917; Sevastyanov 1957). */
static void compare_loss(struct sim_distribution work, uint64_t seed)
{
    const double asked = 4;
    const int servers = 5;
    double blocked = 1;
    for (int c = 1; c <= servers; c++)
        blocked = asked * blocked / (c + asked * blocked);
    struct theory_queue queue;
    theory_queue_init(&queue, asked, 2e4);
    queue.class.work = work;
    queue.pool.min_containers = servers;
    queue.pool.admission_limit = servers;
    const struct theory_claim claims[] = {
        {"Erlang B: share rejected", blocked, 0.02},
        {"Erlang B: mean number", asked * (1 - blocked), 0.01},
    };
    THEORY_COMPARE(&queue, seed, measure_loss, claims);
}

START_TEST(loss_exponential)
{
    compare_loss(theory_exponential(1), 21);
}
END_TEST

START_TEST(loss_lognormal)
{
    compare_loss(theory_lognormal(1, 2), 22);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {mmc_fullest, mmc_random,       infinite_servers,
                                  closed_loop, loss_exponential, loss_lognormal};
    return THEORY_MAIN("many_servers", tests);
}
