/* test_jobs.c - how long jobs take whose container is interrupted now and then, with checkpoints and without.
 *
 * One client sends a job as soon as the one before is done, to one container that starts anew when it is lost. With
 * interruptions at rate l in running time, a stretch of length s that has to be run without one, and a restart of r in
 * which there is none, takes
 *
 *     (1 / l + r) (exp(l s) - 1)
 *
 * on average, and is begun anew exp(l s) - 1 times (Duda, "The effects of checkpointing on program execution time",
 * Information Processing Letters 16, 1983; Daly, "A higher order estimate of the optimum checkpoint interval for
 * restart dumps", Future Generation Computer Systems 22, 2006, has the same with interruptions in the restart too). A
 * job without checkpoints is one stretch; with them it is as many as it has checkpoints, and one: times add up.
 */
#include <math.h>

#include "tests/theory_world.h"

static const double rate = 1.0 / 100;
static const double restart_s = 10;
static const double job_s = 200;

static double stretch_s(double length_s)
{
    return (1 / rate + restart_s) * expm1(rate * length_s);
}

static void init_jobs(struct theory_queue *queue, double window_s)
{
    theory_queue_init(queue, 1, window_s);
    queue->workload.arrivals.process = ARRIVAL_CLOSED;
    queue->workload.arrivals.clients = 1;
    queue->workload.arrivals.think_s = theory_fixed(0);
    queue->class.work = theory_fixed(1);
    queue->phase = (struct phase_config){.name = "restart", .time_s = theory_fixed(restart_s), .billed = true};
    queue->pool.profile.startup = &queue->phase;
    queue->pool.profile.startup_count = 1;
    queue->pool.profile.stage = STAGE_INDEPENDENT;
    queue->pool.profile.service_s = theory_fixed(job_s);
    queue->pool.timeout_ns = SIM_TIME_NEVER;
    queue->pool.interruption_rate_per_s = rate;
}

static void measure(const struct theory_run *run, double *values)
{
    double jobs = (double)run->pool.completed;
    values[0] = theory_mean_s(run, DURATION_LATENCY);
    values[1] = (double)run->pool.interruptions / jobs;
    values[2] = (double)run->pool.lost_ns / 1e9 / jobs;
}

START_TEST(without_checkpoints)
{
    struct theory_queue queue;
    init_jobs(&queue, 1e6);
    const struct theory_claim claims[] = {
        {"no checkpoints: time of a job", stretch_s(job_s), 0.03},
        {"no checkpoints: interruptions", expm1(rate * job_s), 0.03},
        {"no checkpoints: lost work", expm1(rate * job_s) / rate - job_s, 0.04},
    };
    THEORY_COMPARE(&queue, 1, measure, claims);
}
END_TEST

START_TEST(with_checkpoints)
{
    const double every_s = 20;
    const double stretches = job_s / every_s;
    struct theory_queue queue;
    init_jobs(&queue, 1e6);
    queue.class.checkpoint_ns = sim_time_from_s(every_s);
    const struct theory_claim claims[] = {
        {"checkpoints: time of a job", stretches * stretch_s(every_s), 0.005},
        {"checkpoints: interruptions", stretches * expm1(rate * every_s), 0.015},
        {"checkpoints: lost work", stretches * expm1(rate * every_s) / rate - job_s, 0.03},
    };
    THEORY_COMPARE(&queue, 2, measure, claims);
}
END_TEST

/* Every stretch but the last ends with the writing of a checkpoint. */
START_TEST(checkpoints_that_take_time)
{
    const double every_s = 20;
    const double write_s = 4;
    const double others = job_s / every_s - 1;
    struct theory_queue queue;
    init_jobs(&queue, 1e6);
    queue.class.checkpoint_ns = sim_time_from_s(every_s);
    queue.class.checkpoint_write_ns = sim_time_from_s(write_s);
    const struct theory_claim claims[] = {
        {"writing: time of a job", others * stretch_s(every_s + write_s) + stretch_s(every_s), 0.005},
        {"writing: interruptions", others * expm1(rate * (every_s + write_s)) + expm1(rate * every_s), 0.015},
    };
    THEORY_COMPARE(&queue, 3, measure, claims);
}
END_TEST

/* P(a Poisson number of that mean is k). */
static double poisson(int k, double mean)
{
    double term = exp(-mean);
    for (int i = 1; i <= k; i++)
        term *= mean / i;
    return term;
}

/* With notice of n a job loses nothing and runs on meanwhile, as its successor starts. Notice k comes at running time
 * x + (k - 1) n, where x is the sum of k exponential times, and costs r - n; or, if the job is done u < n later, r - u
 * for the job that follows. Each job begins with a new container, or with one that has no memory.
 */
static double notices_cost_s(double notice_s)
{
    const int steps = 200000;
    const double step_s = job_s / steps;
    double cost_s = 0;
    for (int k = 1; (k - 1) * notice_s < job_s; k++)
        for (int i = 0; i < steps; i++) {
            double at_s = (i + 0.5) * step_s;
            double sum_s = at_s - (k - 1) * notice_s;
            double left_s = job_s - at_s;
            if (sum_s > 0)
                cost_s += rate * poisson(k - 1, rate * sum_s) * step_s * (restart_s - fmin(left_s, notice_s));
        }
    return cost_s;
}

START_TEST(with_notice)
{
    const double notice_s = 6;
    struct theory_queue queue;
    init_jobs(&queue, 1e6);
    queue.class.checkpoint_ns = sim_time_from_s(1e6);
    queue.pool.interruption_notice_ns = sim_time_from_s(notice_s);
    const struct theory_claim claims[] = {
        {"notice: time of a job", job_s + notices_cost_s(notice_s), 0.002},
    };
    THEORY_COMPARE(&queue, 4, measure, claims);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {without_checkpoints, with_checkpoints, checkpoints_that_take_time, with_notice};
    return THEORY_MAIN("jobs", tests);
}
