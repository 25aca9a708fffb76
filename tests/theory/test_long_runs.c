/* test_long_runs.c - weeks in a container: what is known exactly must still come out exactly. */
#include "tests/theory_world.h"

/* 4,000 jobs of 10 h in one container, each followed by the next at once: the level is constant for 60 days, which is
 * more than 2^63 requests x ns.
 */
START_TEST(full_for_weeks)
{
    struct theory_queue queue;
    theory_queue_init(&queue, 0, 1);
    queue.config.warm_up_ns = 0;
    queue.config.duration_ns = 60 * SIM_DAY;
    queue.workload.arrivals.process = ARRIVAL_CLOSED;
    queue.workload.arrivals.clients = 4000;
    queue.workload.arrivals.think_s = theory_fixed(0);
    queue.class.work = theory_fixed(1);
    queue.pool.max_inputs = 4000;
    queue.pool.profile.stage = STAGE_INDEPENDENT;
    queue.pool.profile.service_s = theory_fixed(36000);
    struct theory_run *run = theory_run_create(&queue, 1, 0);
    sim_int128 expected = (sim_int128)queue.config.duration_ns * 4000;
    ck_assert(run->pool.inputs_integral == expected);
    ck_assert(run->pool.batch_integral == expected);
    ck_assert(run->pool.main_busy_ns == queue.config.duration_ns);
    theory_run_destroy(run);
}
END_TEST

/* A job of a month, without a timeout: nothing is cut. */
START_TEST(long_job)
{
    struct theory_queue queue;
    theory_queue_init(&queue, 0, 1);
    queue.config.warm_up_ns = 0;
    queue.config.duration_ns = 60 * SIM_DAY;
    queue.workload.arrivals.process = ARRIVAL_BURST;
    queue.workload.arrivals.count = 1;
    queue.class.work = theory_fixed(1);
    queue.pool.profile.stage = STAGE_INDEPENDENT;
    queue.pool.profile.service_s = theory_fixed(30 * 24 * 3600);
    struct theory_run *run = theory_run_create(&queue, 1, 0);
    ck_assert_int_eq(sim_histogram_maximum(&run->durations[DURATION_LATENCY]), 30 * SIM_DAY);
    theory_run_destroy(run);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {full_for_weeks, long_job};
    return THEORY_MAIN("long_runs", tests);
}
