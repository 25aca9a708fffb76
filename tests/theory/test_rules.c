/* test_rules.c - one pod or two, ordered and returned by rules: a queue whose stationary law is computed here.
 *
 * M/M/s with s = 1 or 2. A controller looks every T seconds: with `high` or more requests present it orders the second
 * pod, which is there at once, with `low` or fewer it returns it. Between looks that is a Markov chain in continuous
 * time, a look is a map of its states. The law that a look reproduces is found by iteration; levels are averaged over
 * the time between looks by uniformisation (Jensen 1953): with v the law after a look, P one step of the chain that
 * jumps with rate c, and N Poisson with mean c T, the law before the next look is the sum of P(N = k) v P^k, and its
 * mean over the time between is the sum of P(N > k) v P^k / (c T).
 */
#include <math.h>

#include "tests/theory_world.h"

enum {
    STATES = 120, /* requests present, from 0: more have no weight */
    STEPS = 60    /* terms of the sums over k */
};

struct chain {
    double arrivals_per_s;
    double services_per_s; /* of a pod */
    double period_s;
    int high;
    int low;
};

typedef double law[2][STATES]; /* by pods less one, and by requests present */

/* One step: each event has its share of the rate, and the rest stays. */
static void step(const struct chain *chain, double rate, law from, law to)
{
    for (int s = 0; s < 2; s++) {
        memset(to[s], 0, sizeof to[s]);
        for (int n = 0; n < STATES; n++) {
            double comes = n + 1 < STATES ? chain->arrivals_per_s / rate : 0;
            double goes = chain->services_per_s * (n < s + 1 ? n : s + 1) / rate;
            if (n + 1 < STATES)
                to[s][n + 1] += comes * from[s][n];
            if (n > 0)
                to[s][n - 1] += goes * from[s][n];
            to[s][n] += (1 - comes - goes) * from[s][n];
        }
    }
}

static void add(law sum, double weight, law term)
{
    for (int s = 0; s < 2; s++)
        for (int n = 0; n < STATES; n++)
            sum[s][n] += weight * term[s][n];
}

/* From the law after a look to that before the next, and the mean over the time between. */
static void pass(const struct chain *chain, law after, law before, law between)
{
    double rate = chain->arrivals_per_s + 2 * chain->services_per_s;
    double mean = rate * chain->period_s;
    double weight = exp(-mean);
    double beyond = 1 - weight;
    static law terms[2];
    memset(before, 0, sizeof(law));
    memset(between, 0, sizeof(law));
    memcpy(terms[0], after, sizeof(law));
    for (int k = 0; k < STEPS; k++) {
        add(before, weight, terms[k % 2]);
        add(between, beyond / mean, terms[k % 2]);
        step(chain, rate, terms[k % 2], terms[(k + 1) % 2]);
        weight *= mean / (k + 1);
        beyond -= weight;
    }
}

/* What the controller does; returns the share of looks that order a pod. */
static double look(const struct chain *chain, law before, law after)
{
    double orders = 0;
    memcpy(after, before, sizeof(law));
    for (int n = 0; n < STATES; n++) {
        int from = n >= chain->high ? 0 : n <= chain->low ? 1 : -1;
        if (from < 0)
            continue;
        orders += from == 0 ? before[0][n] : 0;
        after[1 - from][n] += after[from][n];
        after[from][n] = 0;
    }
    return orders;
}

struct levels {
    double present;
    double pods;
    double orders_per_s;
};

static struct levels solve(const struct chain *chain)
{
    static law after, before, between;
    struct levels levels = {0};
    memset(after, 0, sizeof after);
    after[0][0] = 1;
    for (int i = 0; i < 4000; i++) {
        pass(chain, after, before, between);
        levels.orders_per_s = look(chain, before, after) / chain->period_s;
    }
    for (int s = 0; s < 2; s++)
        for (int n = 0; n < STATES; n++) {
            levels.present += n * between[s][n];
            levels.pods += (s + 1) * between[s][n];
        }
    return levels;
}

static void measure(const struct theory_run *run, double *values)
{
    const sim_int128 *state_ns = run->pool.state_ns;
    values[0] = theory_number(run);
    values[1] = theory_level(run, state_ns[CONTAINER_STARTING] + state_ns[CONTAINER_BUSY] + state_ns[CONTAINER_IDLE]);
    values[2] = (double)run->pool.rule_additions / run->window_s;
    values[3] = (double)run->pool.rule_removals / run->window_s;
}

static struct condition_config present(double at_least, double at_most)
{
    return (struct condition_config){
        .measure = GAUGE_PRESENT, .above = NAN, .at_least = at_least, .at_most = at_most, .below = NAN};
}

static void compare(const struct chain *chain, double window_s, uint64_t seed)
{
    struct levels levels = solve(chain);
    struct condition_config conditions[] = {present(chain->high, NAN), present(NAN, chain->low)};
    struct rule_config rules[] = {{"more", &conditions[0], 1, 1, 0}, {"fewer", &conditions[1], 1, 0, 1}};
    struct theory_queue queue;
    theory_queue_init(&queue, chain->arrivals_per_s, window_s);
    queue.pool.profile.startup_count = 0;
    queue.pool.max_containers = 2;
    queue.pool.controller =
        (struct controller_config){.period_ns = sim_time_from_s(chain->period_s), .rules = rules, .rule_count = 2};
    const struct theory_claim claims[] = {
        {"rules: mean present", levels.present, 0.015},
        {"rules: mean number of pods", levels.pods, 0.015},
        {"rules: orders per second", levels.orders_per_s, 0.02},
        {"rules: returns per second", levels.orders_per_s, 0.02},
    };
    THEORY_COMPARE(&queue, seed, measure, claims);
}

/* With the second pod ordered at once and never returned it is M/M/2: a mean of 2 r / (1 - r^2) at load r. */
START_TEST(the_chain_itself)
{
    const struct chain chain = {1.2, 1, 0.5, 0, -1};
    struct levels levels = solve(&chain);
    ck_assert_double_eq_tol(levels.present, 1.2 / (1 - 0.36), 1e-6);
    ck_assert_double_eq_tol(levels.pods, 2, 1e-9);
}
END_TEST

START_TEST(looks_often)
{
    compare(&(struct chain){1.2, 1, 0.5, 4, 1}, 6e4, 1);
}
END_TEST

START_TEST(looks_seldom)
{
    compare(&(struct chain){0.9, 1, 5, 3, 0}, 1e5, 2);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {the_chain_itself, looks_often, looks_seldom};
    return THEORY_MAIN("rules", tests);
}
