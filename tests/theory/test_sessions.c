/* test_sessions.c - users who stay: Erlang's loss and delay formulas, M/G/infinity, turns, and moving to another pool.
 */
#include <math.h>

#include "tests/theory_world.h"

/* Sessions of that length begin at rate_per_s, in containers with that many places. */
static void begin_sessions(struct theory_queue *queue, double rate_per_s, double window_s,
                           struct sim_distribution length, int64_t places)
{
    theory_queue_init(queue, rate_per_s, window_s);
    queue->workload.arrivals.process = ARRIVAL_SESSIONS;
    queue->workload.arrivals.session_s = length;
    queue->pool.max_inputs = places;
}

/* ---- blocked: M/G/c/c ---- */

static const double offered = 16;

enum {
    CONTAINERS = 5,
    PLACES = 4
};

/* Cooper, Introduction to Queueing Theory, 1981, section 3.3. */
static double erlang_b(int c, double a)
{
    double loss = 1;
    for (int k = 1; k <= c; k++)
        loss = a * loss / (k + a * loss);
    return loss;
}

static void measure_loss(const struct theory_run *run, double *values)
{
    values[0] = (double)run->requests.outcomes[OUTCOME_REJECTED] / (double)run->requests.arrived;
    values[1] = theory_number(run);
    values[2] = theory_mean_s(run, DURATION_LATENCY);
    ck_assert(theory_share_waiting(run) == 0);
}

/* Who finds all places taken is turned away; the law of the length makes no difference. */
static void compare_loss(struct sim_distribution length, uint64_t seed)
{
    struct theory_queue queue;
    double loss = erlang_b(CONTAINERS * PLACES, offered);
    begin_sessions(&queue, offered / 600, 3e6, length, PLACES);
    queue.pool.min_containers = CONTAINERS;
    queue.pool.admission_limit = (int64_t)CONTAINERS * PLACES;
    const struct theory_claim claims[] = {
        {"sessions: share blocked", loss, 0.03},
        {"sessions: users present", offered * (1 - loss), 0.005},
        {"sessions: mean length", 600, 0.006},
    };
    THEORY_COMPARE(&queue, seed, measure_loss, claims);
}

START_TEST(blocked_exponential)
{
    compare_loss(theory_exponential(600), 1);
}
END_TEST

START_TEST(blocked_fixed)
{
    compare_loss(theory_fixed(600), 2);
}
END_TEST

START_TEST(blocked_lognormal)
{
    compare_loss(theory_lognormal(600, 1.5), 3);
}
END_TEST

/* ---- waiting: M/M/c ---- */

static void measure_delay(const struct theory_run *run, double *values)
{
    values[0] = theory_share_waiting(run);
    values[1] = theory_mean_s(run, DURATION_WAIT);
}

START_TEST(waiting)
{
    struct theory_queue queue;
    const int places = CONTAINERS * PLACES;
    double loss = erlang_b(places, offered);
    double delay = places * loss / (places - offered * (1 - loss));
    begin_sessions(&queue, offered / 600, 6e6, theory_exponential(600), PLACES);
    queue.pool.min_containers = CONTAINERS;
    const struct theory_claim claims[] = {
        {"sessions: share that waits", delay, 0.03},
        {"sessions: mean wait", delay * 600 / (places - offered), 0.06},
    };
    THEORY_COMPARE(&queue, 4, measure_delay, claims);
}
END_TEST

static void measure_impatience(const struct theory_run *run, double *values)
{
    values[0] = (double)run->requests.outcomes[OUTCOME_TIMED_OUT] / (double)run->requests.arrived;
    values[1] = theory_level(run, run->pool.inputs_integral);
}

/* One place, and users who wait a fixed time for its begin (M/M/1+D): Barrer, "Queuing with impatient customers and
 * ordered service", Operations Research 5, 1957. With a = rate x length, the share that gives up is
 * (1 - a) a e / (1 - a a e), e = exp(-(1 - a) patience / length). A session that has begun is never given up.
 */
START_TEST(giving_up)
{
    struct theory_queue queue;
    const double a = 0.8;
    const double patience = 300;
    double lost = (1 - a) * a * exp(-(1 - a) * patience / 600) / (1 - a * a * exp(-(1 - a) * patience / 600));
    begin_sessions(&queue, a / 600, 1.2e7, theory_exponential(600), 1);
    queue.workload.client_timeout_ns = sim_time_from_s(patience);
    const struct theory_claim claims[] = {
        {"sessions: share that gives up", lost, 0.015},
        {"sessions: users inside", a * (1 - lost), 0.008},
    };
    THEORY_COMPARE(&queue, 5, measure_impatience, claims);
}
END_TEST

/* ---- M/G/infinity, with pods that are ordered as needed ---- */

static void measure_present(const struct theory_run *run, double *values)
{
    values[0] = theory_number(run);
    values[1] = theory_mean_s(run, DURATION_LATENCY);
}

START_TEST(room_for_all)
{
    struct theory_queue queue;
    begin_sessions(&queue, 20.0 / 600, 3e6, theory_lognormal(600, 1), 10);
    theory_queue_scales(&queue, 0, theory_fixed(0));
    queue.pool.platform = PLATFORM_FIXED;
    queue.pool.autoscaler = AUTOSCALER_TARGET;
    queue.pool.min_containers = 20;
    queue.pool.target_inputs = 0;
    const struct theory_claim claims[] = {
        {"sessions: users present", 20, 0.005},
        {"sessions: mean length", 600, 0.003},
    };
    THEORY_COMPARE(&queue, 6, measure_present, claims);
}
END_TEST

/* ---- turns ---- */

static void measure_turns(const struct theory_run *run, double *values)
{
    values[0] = (double)run->requests.turns / (double)run->requests.arrived;
    values[1] = theory_mean_s(run, DURATION_TURN);
    values[2] = theory_mean_s(run, DURATION_LATENCY);
}

/* A session of exponential length goes on after a turn and a pause with probability f = E exp(-(turn + pause) / mean),
 * whatever went before: 1 / (1 - f) turns. It lasts until its time is over, or the turn that is going on then, of which
 * mean x (1 - exp(-turn / mean)) has passed on average: each turn adds turn - that.
 */
START_TEST(turns_of_a_session)
{
    struct theory_queue queue;
    const double mean_s = 60;
    const double pause_s = 4;
    const double turn_s = 2;
    double passed = exp(-turn_s / mean_s);
    double turns = 1 / (1 - passed / (1 + pause_s / mean_s));
    begin_sessions(&queue, 0.2, 6e4, theory_exponential(mean_s), 100);
    queue.workload.arrivals.takes_turns = true;
    queue.workload.arrivals.think_s = theory_exponential(pause_s);
    queue.pool.profile.stage = STAGE_INDEPENDENT;
    queue.pool.profile.service_s = theory_fixed(turn_s);
    queue.class.work = theory_fixed(1);
    const struct theory_claim claims[] = {
        {"sessions: turns", turns, 0.01},
        {"sessions: turn", turn_s, 0.001},
        {"sessions: mean length", mean_s + turns * (turn_s - mean_s * (1 - passed)), 0.01},
    };
    THEORY_COMPARE(&queue, 7, measure_turns, claims);
}
END_TEST

static void measure_turn(const struct theory_run *run, double *values)
{
    values[0] = theory_mean_s(run, DURATION_TURN);
}

/* As many users as there are places, always: the next begins as soon as one leaves, and most are turned away. They take
 * turns at a server that is shared, so it is the machine repairman's, whatever the law of the work (Kleinrock, Queueing
 * Systems 2, 1976, section 4.12).
 */
START_TEST(shared_turns)
{
    enum {
        USERS = 8
    };
    struct theory_queue queue;
    const double turn_s = 1.5;
    const double pause_s = 10;
    double weight = 1;
    double sum = 0;
    for (int n = 0; n <= USERS; n++) {
        sum += weight;
        weight *= (USERS - n) * turn_s / pause_s;
    }
    double turns_per_s = (1 - 1 / sum) / turn_s;
    begin_sessions(&queue, 0.2, 3e5, theory_fixed(2e4), USERS);
    queue.pool.admission_limit = USERS;
    queue.workload.arrivals.takes_turns = true;
    queue.workload.arrivals.think_s = theory_exponential(pause_s);
    queue.class.work = theory_lognormal(1, 0.7);
    queue.pool.profile.base_s = 0;
    queue.pool.profile.per_running_s = turn_s;
    const struct theory_claim claims[] = {
        {"sessions: latency of a shared turn", USERS / turns_per_s - pause_s, 0.003},
    };
    THEORY_COMPARE(&queue, 8, measure_turn, claims);
}
END_TEST

/* ---- to another pool ---- */

static const double window_s = 1200;
static const double over_s = 1e4;

/* Of the users who come while the share rises, and after: the share that goes to the second pool. */
static void measure_migration(const struct theory_run *run, double *values)
{
    double counts[5] = {0};
    double moved[5] = {0};
    for (size_t i = 0; i < run->row_count; i++) {
        double since = (sim_time_to_s(run->rows[i].arrival_ns) - window_s) / over_s;
        int part = since < 0 ? 4 : since < 1 ? (int)(3 * since) : 3;
        counts[part]++;
        moved[part] += run->rows[i].pool == 1;
    }
    for (int i = 0; i < 4; i++)
        values[i] = moved[i] / counts[i];
    ck_assert(moved[4] == 0);
    ck_assert_int_eq(run->result.blocks[0].pools[1].migrations + run->result.blocks[1].pools[1].migrations, 1);
}

/* More users than one from the begin on: the direction turns when a whole window has been seen, and the share of new
 * sessions that move rises in a straight line.
 */
START_TEST(migration)
{
    struct theory_queue queue;
    begin_sessions(&queue, 0.1, 2e4, theory_exponential(600), 200);
    struct pool_config pools[2] = {queue.pool, queue.pool};
    pools[1].name = "other";
    queue.config.pools = pools;
    queue.config.pool_count = 2;
    queue.workload.migration = (struct migration_config){.to = "other",
                                                         .to_index = 1,
                                                         .above = 1,
                                                         .below = 0.5,
                                                         .window_ns = sim_time_from_s(window_s),
                                                         .over_ns = sim_time_from_s(over_s),
                                                         .back = true};
    queue.keeps_rows = true;
    const struct theory_claim claims[] = {
        {"migration: first third", 1.0 / 6, 0.1},
        {"migration: second third", 0.5, 0.05},
        {"migration: last third", 5.0 / 6, 0.05},
        {"migration: afterwards", 1, 0.001},
    };
    THEORY_COMPARE(&queue, 9, measure_migration, claims);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {blocked_exponential, blocked_fixed,      blocked_lognormal, waiting,  giving_up,
                                  room_for_all,        turns_of_a_session, shared_turns,      migration};
    return THEORY_MAIN("sessions", tests);
}
