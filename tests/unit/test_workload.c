/* test_workload.c - arrival processes, classes and draws that do not depend on anything else. */
#include <math.h>

#include "models/workload.h"
#include "tests/world_case.h"

static struct world_case c;
static struct workload workload;

static void start(uint64_t seed, uint32_t replication)
{
    struct sim_error error = {0};
    enum sim_status status = workload_init(&workload, &c.config, 0, seed, replication, &error);
    ck_assert_msg(status == SIM_OK, "%s", error.message);
}

static void init(enum arrival_process process, double rate_per_s)
{
    case_init(&c);
    c.workloads[0].arrivals.process = (int32_t)process;
    c.workloads[0].arrivals.rate_per_s = rate_per_s;
    ck_assert_int_eq(sim_distribution_lognormal(&c.classes[0][0].output_tokens, 100, 1, NULL), SIM_OK);
    ck_assert_int_eq(sim_distribution_lognormal(&c.classes[0][0].input_tokens, 200, 1, NULL), SIM_OK);
}

static struct request_draw next(void)
{
    const struct request_draw *draw = workload_peek(&workload);
    ck_assert_ptr_nonnull(draw);
    struct request_draw copy = *draw;
    workload_advance(&workload);
    return copy;
}

/* 180 an hour: the squared deviations of 2,000 hours, over 180, are chi-square with 2,000 degrees, sd 63. */
START_TEST(poisson_counts_by_cell)
{
    enum {
        CELLS = 2000
    };
    static double counts[CELLS];
    init(ARRIVAL_POISSON, 0.05);
    start(1, 0);
    sim_time_ns before_ns = 0;
    for (;;) {
        struct request_draw draw = next();
        ck_assert_int_ge(draw.arrival_ns, before_ns);
        before_ns = draw.arrival_ns;
        if (draw.arrival_ns >= CELLS * SIM_HOUR)
            break;
        ck_assert_uint_eq(draw.key >> 40, (uint64_t)(draw.arrival_ns / SIM_HOUR));
        counts[draw.arrival_ns / SIM_HOUR]++;
    }
    double sum = 0, total = 0;
    for (int i = 0; i < CELLS; i++) {
        sum += (counts[i] - 180) * (counts[i] - 180) / 180;
        total += counts[i];
    }
    ck_assert_double_gt(sum, CELLS - 4 * 63.2);
    ck_assert_double_lt(sum, CELLS + 4 * 63.2);
    ck_assert_double_lt(fabs(total - 360000), 4 * 600);
    workload_release(&workload);
}
END_TEST

/* Mean and coefficient of variation of 200,000 gaps; the sampling error of the wildest is 0.7 %. */
static void check_gaps(enum arrival_process process, double cv)
{
    enum {
        GAPS = 200000
    };
    init(process, 4);
    c.workloads[0].arrivals.cv = cv;
    start(2, 0);
    double sum = 0, squares = 0;
    sim_time_ns before_ns = 0;
    for (int i = 0; i < GAPS; i++) {
        sim_time_ns now_ns = next().arrival_ns;
        double gap_s = sim_time_to_s(now_ns - before_ns);
        sum += gap_s;
        squares += gap_s * gap_s;
        before_ns = now_ns;
    }
    double mean = sum / GAPS;
    double deviation = sqrt(squares / GAPS - mean * mean);
    ck_assert_double_eq_tol(mean, 0.25, 4 * 0.25 * cv / sqrt(GAPS));
    ck_assert_double_eq_tol(deviation / mean, cv, 0.03 * cv);
    workload_release(&workload);
}

START_TEST(gaps_have_their_variation)
{
    check_gaps(ARRIVAL_POISSON, 1);
    check_gaps(ARRIVAL_GAMMA, 0.5);
    check_gaps(ARRIVAL_GAMMA, 2);
    check_gaps(ARRIVAL_WEIBULL, 0.5);
    check_gaps(ARRIVAL_WEIBULL, 2);
}
END_TEST

static int compare_keys(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

START_TEST(keys_are_unique)
{
    enum {
        KEYS = 20000
    };
    static uint64_t keys[KEYS];
    static const enum arrival_process processes[] = {ARRIVAL_POISSON, ARRIVAL_GAMMA, ARRIVAL_WEIBULL};
    for (int p = 0; p < 3; p++) {
        init(processes[p], 0.003); /* ten an hour: many ends of cells */
        c.workloads[0].arrivals.cv = 2;
        start(3, 0);
        for (int i = 0; i < KEYS; i++)
            keys[i] = next().key;
        qsort(keys, KEYS, sizeof *keys, compare_keys);
        for (int i = 1; i < KEYS; i++)
            ck_assert_uint_ne(keys[i], keys[i - 1]);
        workload_release(&workload);
    }
}
END_TEST

static void check_marks(const struct request_draw *a, const struct request_draw *b)
{
    ck_assert_uint_eq(a->key, b->key);
    ck_assert_uint_eq(a->class_index, b->class_index);
    ck_assert_int_eq(a->input_tokens, b->input_tokens);
    ck_assert_int_eq(a->output_tokens, b->output_tokens);
    ck_assert(a->work == b->work);
}

/* At 1,000 times the rate the same requests come, 1,000 times as close together. */
START_TEST(draws_do_not_depend_on_the_rate)
{
    enum {
        COUNT = 20
    };
    struct request_draw slow[COUNT];
    init(ARRIVAL_POISSON, 0.01);
    ck_assert_int_eq(sim_distribution_gamma(&c.classes[0][0].work, 1, 0.7, NULL), SIM_OK);
    start(4, 0);
    for (int i = 0; i < COUNT; i++)
        slow[i] = next();
    workload_release(&workload);
    c.workloads[0].arrivals.rate_per_s = 10;
    start(4, 0);
    for (int i = 0; i < COUNT; i++) {
        struct request_draw fast = next();
        check_marks(&slow[i], &fast);
        ck_assert_double_eq_tol((double)slow[i].arrival_ns, 1000 * (double)fast.arrival_ns, 1000.0 * COUNT);
    }
    workload_release(&workload);
}
END_TEST

START_TEST(draws_do_not_depend_on_the_rest)
{
    init(ARRIVAL_POISSON, 5);
    start(5, 1);
    struct workload first = workload;
    c.config.workload_count = 3;
    c.config.pool_count = 2;
    c.config.duration_ns = seconds(1);
    c.pools[0].max_inputs = 7;
    c.workloads[0].client_timeout_ns = seconds(1);
    start(5, 1);
    for (int i = 0; i < 1000; i++) {
        struct request_draw mine = next();
        const struct request_draw *other = workload_peek(&first);
        check_marks(&mine, other);
        ck_assert_int_eq(mine.arrival_ns, other->arrival_ns);
        workload_advance(&first);
    }
    workload_release(&workload);
    workload_release(&first);
}
END_TEST

START_TEST(seeds_replications_and_workloads_differ)
{
    sim_time_ns first_ns[4];
    init(ARRIVAL_POISSON, 5);
    c.workloads[1] = c.workloads[0];
    c.config.workload_count = 2;
    for (uint32_t i = 0; i < 3; i++) {
        start(i == 1 ? 7 : 6, i == 2 ? 1 : 0);
        first_ns[i] = next().arrival_ns;
        workload_release(&workload);
    }
    ck_assert_int_eq(workload_init(&workload, &c.config, 1, 6, 0, NULL), SIM_OK);
    struct request_draw draw = next();
    first_ns[3] = draw.arrival_ns;
    ck_assert_uint_eq(draw.class_index, 1);
    ck_assert_uint_eq(draw.workload, 1);
    workload_release(&workload);
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < i; k++)
            ck_assert_int_ne(first_ns[i], first_ns[k]);
}
END_TEST

START_TEST(classes_have_their_shares)
{
    init(ARRIVAL_POISSON, 5);
    c.workloads[0].class_count = 2;
    c.classes[0][0].share = 0.3;
    c.classes[0][1].share = 0.7;
    start(8, 0);
    int first = 0;
    for (int i = 0; i < 40000; i++) {
        struct request_draw draw = next();
        first += draw.class_index == 0;
        ck_assert_int_eq(draw.class_index == 0, draw.output_tokens > 0); /* the second class has no tokens */
    }
    ck_assert_int_lt(abs(first - 12000), 368); /* 4 standard deviations */
    workload_release(&workload);
}
END_TEST

/* The brief words of a request have nothing to do with each other, nor with those of the next. Classes have their
 * shares, whatever the class before was, and gaps and work do not depend on them; all within 4 standard deviations.
 */
START_TEST(classes_gaps_and_work_are_independent)
{
    const int count = 40000;
    init(ARRIVAL_POISSON, 5);
    c.workloads[0].class_count = 2;
    for (size_t i = 0; i < 2; i++) {
        c.classes[0][i] = (struct class_config){.share = i ? 0.7 : 0.3};
        ck_assert_int_eq(sim_distribution_lognormal(&c.classes[0][i].work, 1, 0.5, NULL), SIM_OK);
    }
    start(8, 0);
    struct request_draw before = next();
    int first = 0, twice = 0;
    double gap_s = 0, work = 0;
    for (int i = 0; i < count; i++) {
        struct request_draw draw = next();
        if (draw.class_index == 0) {
            first++;
            twice += before.class_index == 0;
            gap_s += sim_time_to_s(draw.arrival_ns - before.arrival_ns);
            work += draw.work;
        }
        before = draw;
    }
    ck_assert_double_eq_tol(first, 0.3 * count, 4 * sqrt(0.21 * count));
    ck_assert_double_eq_tol(twice, 0.3 * first, 4 * sqrt(0.21 * first));
    ck_assert_double_eq_tol(gap_s / first, 0.2, 4 * 0.2 / sqrt(first));
    ck_assert_double_eq_tol(work / first, 1, 4 * 0.5 / sqrt(first));
    workload_release(&workload);
}
END_TEST

START_TEST(tokens_and_work)
{
    init(ARRIVAL_POISSON, 5);
    c.classes[0][0].output_tokens = fixed(0.2);
    c.classes[0][0].input_tokens = fixed(7.5);
    c.classes[0][0].work = fixed(3.25);
    c.classes[0][0].audio_s = fixed(12);
    start(9, 0);
    struct request_draw draw = next();
    ck_assert_int_eq(draw.output_tokens, 1); /* at least one */
    ck_assert_int_eq(draw.input_tokens, 8);
    ck_assert(draw.work == 3.25 && draw.audio_s == 12);
    workload_release(&workload);
    init(ARRIVAL_POISSON, 5);
    c.classes[0][0].output_tokens.kind = SIM_DISTRIBUTION_NONE;
    start(9, 0);
    draw = next();
    ck_assert_int_eq(draw.output_tokens, 0);
    ck_assert(draw.work == 1 && draw.audio_s == 0);
    workload_release(&workload);
}
END_TEST

START_TEST(bursts)
{
    init(ARRIVAL_BURST, 0);
    c.workloads[0].arrivals.count = 3;
    c.workloads[0].arrivals.at_ns = 5;
    start(1, 0);
    for (uint64_t i = 0; i < 3; i++) {
        struct request_draw draw = next();
        ck_assert_int_eq(draw.arrival_ns, 5);
        ck_assert_uint_eq(draw.key, i);
    }
    ck_assert_ptr_null(workload_peek(&workload));
    ck_assert_ptr_null(workload_peek(&workload));
    ck_assert(workload_offered_rate(&workload) == 0);
    workload_release(&workload);
}
END_TEST

START_TEST(clients_of_a_closed_loop)
{
    init(ARRIVAL_CLOSED, 0);
    ck_assert_int_eq(sim_distribution_exponential(&c.workloads[0].arrivals.think_s, 2, NULL), SIM_OK);
    start(1, 0);
    ck_assert_ptr_null(workload_peek(&workload));
    ck_assert(isnan(workload_offered_rate(&workload)));
    struct request_draw a, b;
    workload_draw_client(&workload, 77, 1234, 99, &a);
    workload_draw_client(&workload, 3, 0, 100, &b);
    ck_assert_int_eq(a.arrival_ns, 99);
    ck_assert_uint_eq(workload_client_of(a.key), 77);
    workload_draw_client(&workload, 77, 1234, 5, &b); /* the same whenever it is drawn */
    check_marks(&a, &b);
    ck_assert_int_eq(workload_think_ns(&workload, a.key), workload_think_ns(&workload, b.key));
    double sum_s = 0;
    for (uint64_t i = 0; i < 40000; i++)
        sum_s += sim_time_to_s(workload_think_ns(&workload, i));
    ck_assert_double_eq_tol(sum_s / 40000, 2, 4 * 0.01);
    workload_release(&workload);
}
END_TEST

START_TEST(no_rate_no_arrivals)
{
    init(ARRIVAL_POISSON, 0);
    start(1, 0);
    ck_assert_ptr_null(workload_peek(&workload));
    workload_release(&workload);
}
END_TEST

/* Nobody comes for 70 years, or very few do: time goes on and never back. */
START_TEST(hardly_any_rate_hardly_any_arrivals)
{
    static const enum arrival_process processes[] = {ARRIVAL_POISSON, ARRIVAL_GAMMA, ARRIVAL_WEIBULL};
    static const double rates_per_s[] = {1e-9, 1e-12, 1e-300};
    for (int i = 0; i < 9; i++) {
        init(processes[i / 3], rates_per_s[i % 3]);
        c.workloads[0].arrivals.cv = 2;
        start((uint64_t)i, 0);
        sim_time_ns before_ns = 0;
        int count = 0;
        for (const struct request_draw *draw;
             (draw = workload_peek(&workload)) && draw->arrival_ns < 70 * 365 * SIM_DAY; workload_advance(&workload)) {
            ck_assert_int_ge(draw->arrival_ns, before_ns);
            before_ns = draw->arrival_ns;
            count++;
        }
        ck_assert_int_le(count, i % 3 == 0 ? 50 : i % 3 == 1 ? 10 : 0); /* 2.2 and 0.002 expected, in clumps */
        workload_release(&workload);
    }
}
END_TEST

START_TEST(states_can_be_copied)
{
    struct sim_state from, to;
    init(ARRIVAL_GAMMA, 5);
    c.workloads[0].arrivals.cv = 2;
    start(11, 0);
    struct workload other = workload;
    for (int i = 0; i < 100; i++)
        next();
    sim_state_init(&from);
    sim_state_init(&to);
    workload_enter(&workload, &from);
    workload_enter(&other, &to);
    sim_state_copy(&to, &from);
    for (int i = 0; i < 100; i++) {
        struct request_draw mine = next();
        check_marks(&mine, workload_peek(&other));
        ck_assert_int_eq(mine.arrival_ns, workload_peek(&other)->arrival_ns);
        workload_advance(&other);
    }
    sim_state_release(&from);
    sim_state_release(&to);
    workload_release(&workload);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {poisson_counts_by_cell,
                                  gaps_have_their_variation,
                                  keys_are_unique,
                                  draws_do_not_depend_on_the_rate,
                                  draws_do_not_depend_on_the_rest,
                                  seeds_replications_and_workloads_differ,
                                  classes_have_their_shares,
                                  classes_gaps_and_work_are_independent,
                                  tokens_and_work,
                                  bursts,
                                  clients_of_a_closed_loop,
                                  no_rate_no_arrivals,
                                  hardly_any_rate_hardly_any_arrivals,
                                  states_can_be_copied,
                                  NULL};
    return case_main("workload", tests);
}
