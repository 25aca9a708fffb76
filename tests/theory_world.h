/* theory_world.h - textbook queues as worlds, and what they measure against what formulas say.
 *
 * A queue is run THEORY_REPLICATIONS times with the seed that the test names, fixed before anybody looked. A claim
 * about it holds if the 99.9 % t interval of the mean over the replications contains the expected value, and if that
 * interval is narrow: a wide one would agree with anything. Widths and lengths are chosen so that a typical interval
 * takes two thirds of what is allowed at most. A claim that fails is a matter for longer runs or for the code, never
 * for another seed.
 *
 * With CAPSIM_TEST_EFFORT=long (effort.h) runs are 16 times as long and intervals must be a third as wide; with quick
 * 16 times shorter and 4 times as wide. CAPSIM_SHOW=1 prints every comparison. Functions here end the test on failure.
 */
#ifndef TESTS_THEORY_WORLD_H
#define TESTS_THEORY_WORLD_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/world.h"
#include "sim/memory.h"

enum {
    THEORY_REPLICATIONS = 30,
    THEORY_CLAIMS_MAX = 16
};

/* One workload of one class, and one pool. Not to be copied: the parts point at each other. */
struct theory_queue {
    struct world_config config;
    struct workload_config workload;
    struct class_config class;
    struct pool_config pool;
    struct phase_config phase; /* the only phase of a start, if there is one */
    size_t series_count;
    bool keeps_rows;
};

/* What one replication left. */
struct theory_run {
    double window_s;
    struct request_tally requests; /* of the window, like the durations */
    struct sim_histogram durations[DURATION_COUNT];
    struct pool_tally pool;
    struct replication_result result;
    struct request_row *rows; /* in the order in which the requests ended */
    size_t row_count;
    size_t row_room;
};

/* Fills values[0], values[1], ... in the order of the claims. */
typedef void theory_measure(const struct theory_run *run, double *values);

struct theory_claim {
    const char *name;
    double expected;
    double width; /* the half width may be this share of the expected value */
};

/* ---- distributions; theory_hyperexponential is exponential with mean `mean` with probability p, else `other` ---- */

struct sim_distribution theory_fixed(double value);
struct sim_distribution theory_exponential(double mean);
struct sim_distribution theory_lognormal(double mean, double cv);
struct sim_distribution theory_hyperexponential(struct sim_arena *arena, double p, double mean, double other);

/* ---- queues ---- */

/* Poisson arrivals at one server with exponential service of mean 1 s: M/M/1. Tests change what they want different.
 * The window of every replication has window_s, after a tenth of that as warm-up. A container costs 1 nanodollar per
 * microsecond.
 */
void theory_queue_init(struct theory_queue *queue, double rate_per_s, double window_s);

/* Containers come and go, 0 to max_containers; a start is one phase of the given length. */
void theory_queue_scales(struct theory_queue *queue, int64_t max_containers, struct sim_distribution startup_s);

/* Runs one replication, which must pass its own audit. */
struct theory_run *theory_run_create(const struct theory_queue *queue, uint64_t seed, uint32_t replication);
void theory_run_destroy(struct theory_run *run);

/* ---- figures of a run ---- */

/* Mean of a level over the window, from its integral. */
double theory_level(const struct theory_run *run, sim_int128 integral);

/* Mean number of requests in the pool: waiting and inside containers. */
double theory_number(const struct theory_run *run);

/* Of the completed requests: mean of a duration, share of them within a limit, share that waited at all. */
double theory_mean_s(const struct theory_run *run, enum tally_duration duration);
double theory_share_within(const struct theory_run *run, enum tally_duration duration, double limit_s);
double theory_share_waiting(const struct theory_run *run);

/* ---- comparing ---- */

/* Runs the queue and asserts all claims about what `measure` finds. */
void theory_compare(struct theory_queue *queue, uint64_t seed, theory_measure *measure,
                    const struct theory_claim *claims, size_t claim_count);

#define THEORY_COMPARE(queue, seed, measure, claims) \
    theory_compare(queue, seed, measure, claims, sizeof(claims) / sizeof(claims)[0])

/* Runs the tests; what main returns. */
int theory_main(const char *name, const TTest *const *tests, size_t count);

#define THEORY_MAIN(name, tests) theory_main(name, tests, sizeof(tests) / sizeof(tests)[0])

#endif
