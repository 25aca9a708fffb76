/* test_batch_service.c - a server that takes all who wait, but at most b: M/D[1,b]/1 (dynamic batching without a wait).
 *
 * At the ends of batches the number left waiting is a Markov chain: from n it becomes n - min(n, b) and the arrivals of
 * one service time; after an idle time the next batch is the one who came. Its law is found by iteration. A cycle from
 * end to end has, in the queue, those who were not taken for the service time D and half a service time of arrivals;
 * the mean wait follows by Little's law (bulk service: Bailey, J. R. Stat. Soc. B 16, 1954; Neuts, Ann. Math. Stat. 38,
 * 1967).
 */
#include <math.h>
#include <string.h>

#include "tests/theory_world.h"

enum {
    LARGEST = 400 /* in the queue: beyond, the probability is below 1e-12 */
};

struct law {
    double wait_s;
    double batch; /* mean over batches; they are equally long */
    double busy;
};

static int taken(int waiting, int most)
{
    return waiting < most ? waiting : most;
}

/* arrivals[k]: probability of k in a service time. */
static void poisson(double mean, double *arrivals)
{
    arrivals[0] = exp(-mean);
    for (int k = 1; k < LARGEST; k++)
        arrivals[k] = arrivals[k - 1] * mean / k;
}

static void step(const double *law, const double *arrivals, int most, double *next)
{
    for (int n = 0; n < LARGEST; n++)
        next[n] = 0;
    for (int n = 0; n < LARGEST; n++)
        for (int k = 0, left = n - taken(n, most); left + k < LARGEST; k++)
            next[left + k] += law[n] * arrivals[k];
}

static struct law law_of(double rate, double service_s, int most)
{
    static double laws[2][LARGEST], arrivals[LARGEST];
    struct law law = {0};
    double cycle_s = 0, waiting_s = 0;
    poisson(rate * service_s, arrivals);
    memset(laws, 0, sizeof laws);
    laws[0][0] = 1;
    for (int i = 0; i < 4000; i++)
        step(laws[i % 2], arrivals, most, laws[(i + 1) % 2]);
    for (int n = 0; n < LARGEST; n++) {
        double p = laws[0][n];
        int size = taken(n, most);
        cycle_s += p * (service_s + (n ? 0 : 1 / rate));
        waiting_s += p * ((n - size) * service_s + rate * service_s * service_s / 2);
        law.batch += p * (n ? size : 1);
    }
    law.wait_s = waiting_s / cycle_s / rate;
    law.busy = service_s / cycle_s;
    return law;
}

static void measure(const struct theory_run *run, double *values)
{
    double busy_s = theory_level(run, run->pool.main_busy_ns);
    values[0] = theory_mean_s(run, DURATION_LATENCY) - 1;
    values[1] = theory_level(run, run->pool.batch_integral) / busy_s;
    values[2] = busy_s;
}

static void compare(double rate, int most, uint64_t seed)
{
    struct theory_queue queue;
    theory_queue_init(&queue, rate, 1e5 / rate);
    queue.class.work = theory_fixed(1);
    queue.pool.max_inputs = LARGEST;
    queue.pool.profile.stage = STAGE_DYNAMIC_BATCHING;
    queue.pool.profile.base_s = 1;
    queue.pool.profile.per_running_s = 0;
    queue.pool.profile.max_batch_size = most;
    queue.pool.profile.instances = 1;
    struct law law = law_of(rate, 1, most);
    const struct theory_claim claims[] = {
        {"M/D[1,b]/1 mean wait", law.wait_s, 0.01},
        {"M/D[1,b]/1 mean batch", law.batch, 0.01},
        {"M/D[1,b]/1 busy", law.busy, 0.01},
    };
    THEORY_COMPARE(&queue, seed, measure, claims);
}

/* b = 1 is M/D/1, whose mean wait is r / (2 (1 - r)). */
START_TEST(batches_of_two)
{
    ck_assert_double_eq_tol(law_of(0.6, 1, 1).wait_s, 0.6 / 0.8, 1e-9);
    compare(1.2, 2, 1);
}
END_TEST

START_TEST(batches_of_four)
{
    compare(3, 4, 2);
}
END_TEST

START_TEST(seldom_full)
{
    compare(2, 16, 3);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {batches_of_two, batches_of_four, seldom_full};
    return THEORY_MAIN("batch_service", tests);
}
