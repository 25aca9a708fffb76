/* test_processor_sharing.c - requests that share one container: insensitive to all but the mean of the work.
 *
 * With n in progress each moves on at speed 1 / t(n). Under Poisson arrivals of rate r and work of mean 1 the number
 * present has p(n) proportional to the product of r t(k) / k over k = 1 .. n, whatever the law of the work, since the
 * discipline is symmetric (Kelly, Reversibility and Stochastic Networks, 1979, section 3.3); t(k) = k is egalitarian
 * processor sharing with mean sojourn 1 / (1 - r), and x / (1 - r) for those of work x (Sakata, Noguchi, Oizumi 1969).
 */
#include "tests/theory_world.h"

enum {
    LARGEST = 400 /* requests present: beyond, the probability is below 1e-9 */
};

/* Stationary law of the number present, with at most `slots` in progress. */
struct law {
    double number;
    double in_progress;
    double busy;
};

static struct law law_of(const struct profile_config *profile, double rate, int slots)
{
    struct law law = {0};
    double weight = 1;
    double sum = 0;
    for (int n = 0; n < LARGEST; n++) {
        int serving = n < slots ? n : slots;
        sum += weight;
        law.number += n * weight;
        law.in_progress += serving * weight;
        law.busy += n ? weight : 0;
        int next = n + 1 < slots ? n + 1 : slots;
        weight *= rate * (profile->base_s + profile->per_running_s * next) / next;
    }
    return (struct law){law.number / sum, law.in_progress / sum, law.busy / sum};
}

static void measure(const struct theory_run *run, double *values)
{
    values[0] = theory_number(run);
    values[1] = theory_mean_s(run, DURATION_LATENCY);
    values[2] = theory_level(run, run->pool.batch_integral);
    values[3] = theory_level(run, run->pool.main_busy_ns);
}

static void sharing_queue_init(struct theory_queue *queue, double base_s, double per_running_s,
                               struct sim_distribution work, double rate, double window_s)
{
    theory_queue_init(queue, rate, window_s);
    queue->class.work = work;
    queue->pool.max_inputs = LARGEST;
    queue->pool.profile.base_s = base_s;
    queue->pool.profile.per_running_s = per_running_s;
}

static void compare(struct theory_queue *queue, double width, uint64_t seed)
{
    double rate = queue->workload.arrivals.rate_per_s;
    int64_t slots = queue->pool.profile.slots;
    struct law law = law_of(&queue->pool.profile, rate, slots ? (int)slots : LARGEST);
    const struct theory_claim claims[] = {
        {"sharing: mean number", law.number, width},
        {"sharing: mean latency", law.number / rate, width},
        {"sharing: mean in progress", law.in_progress, width},
        {"sharing: busy", law.busy, width},
    };
    THEORY_COMPARE(queue, seed, measure, claims);
}

/* ---- t(k) = k ---- */

static void compare_egalitarian(struct sim_distribution work, uint64_t seed)
{
    const double load = 0.7;
    struct theory_queue queue;
    sharing_queue_init(&queue, 0, 1, work, load, 1e5);
    struct law law = law_of(&queue.pool.profile, load, LARGEST);
    ck_assert_double_eq_tol(law.number, load / (1 - load), 1e-9);
    compare(&queue, 0.04, seed);
}

START_TEST(egalitarian_exponential)
{
    compare_egalitarian(theory_exponential(1), 1);
}
END_TEST

START_TEST(egalitarian_lognormal)
{
    compare_egalitarian(theory_lognormal(1, 2), 2);
}
END_TEST

START_TEST(egalitarian_fixed)
{
    compare_egalitarian(theory_fixed(1), 3);
}
END_TEST

/* ---- two sizes: sojourn is in proportion to the work ---- */

static void measure_sizes(const struct theory_run *run, double *values)
{
    for (size_t i = 0; i < 2; i++)
        values[i] = sim_histogram_pack_mean(&run->result.blocks[1].durations[i][DURATION_LATENCY]) / 1e9;
    values[2] = (double)run->result.blocks[1].requests[0].arrived / run->window_s;
}

START_TEST(sizes)
{
    const double load = 0.6;
    struct class_config classes[] = {
        {.name = "short", .share = 0.75, .work = theory_fixed(0.4)},
        {.name = "long", .share = 0.25, .work = theory_fixed(2.8)},
    };
    struct theory_queue queue;
    sharing_queue_init(&queue, 0, 1, theory_fixed(1), load, 1e5);
    queue.workload.classes = classes;
    queue.workload.class_count = 2;
    const struct theory_claim claims[] = {
        {"sharing: latency of short ones", 0.4 / (1 - load), 0.02},
        {"sharing: latency of long ones", 2.8 / (1 - load), 0.02},
        {"sharing: short ones per second", 0.75 * load, 0.01},
    };
    THEORY_COMPARE(&queue, 4, measure_sizes, claims);
}
END_TEST

/* ---- t(k) = a + b k, as measured on real engines ---- */

static void compare_affine(struct sim_distribution work, uint64_t seed)
{
    struct theory_queue queue;
    sharing_queue_init(&queue, 0.5, 0.05, work, 8, 1e4);
    compare(&queue, 0.02, seed);
}

START_TEST(affine_exponential)
{
    compare_affine(theory_exponential(1), 5);
}
END_TEST

START_TEST(affine_lognormal)
{
    compare_affine(theory_lognormal(1, 2), 6);
}
END_TEST

/* Eight slots in the engine: those beyond wait first come first served, and with exponential work the number present
 * is a birth and death chain.
 */
START_TEST(affine_with_slots)
{
    struct theory_queue queue;
    sharing_queue_init(&queue, 0.5, 0.05, theory_exponential(1), 7, 1.2e4);
    queue.pool.profile.slots = 8;
    compare(&queue, 0.03, 7);
}
END_TEST

/* The same with the limit at the container: those beyond wait in the pool's queue. */
START_TEST(affine_with_queue)
{
    struct theory_queue queue;
    sharing_queue_init(&queue, 0.5, 0.05, theory_exponential(1), 7, 1.2e4);
    struct law law = law_of(&queue.pool.profile, 7, 8);
    queue.pool.max_inputs = 8;
    const struct theory_claim claims[] = {
        {"sharing behind a queue: mean number", law.number, 0.03},
        {"sharing behind a queue: mean latency", law.number / 7, 0.03},
        {"sharing behind a queue: in progress", law.in_progress, 0.01},
        {"sharing behind a queue: busy", law.busy, 0.01},
    };
    THEORY_COMPARE(&queue, 8, measure, claims);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {egalitarian_exponential, egalitarian_lognormal, egalitarian_fixed, sizes,
                                  affine_exponential,      affine_lognormal,      affine_with_slots, affine_with_queue};
    return THEORY_MAIN("processor_sharing", tests);
}
