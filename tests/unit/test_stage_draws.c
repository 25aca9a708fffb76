/* test_stage_draws.c - what the stages around the main one take, where it differs from request to request. */
#include "tests/world_case.h"

#include <math.h>

enum {
    COUNT = 20000
};

static struct world_case c;

static struct sim_distribution uniform(double low, double high)
{
    struct sim_distribution distribution;
    ck_assert_int_eq(sim_distribution_uniform(&distribution, low, high, NULL), SIM_OK);
    return distribution;
}

/* A burst for containers that are ready and have room for all: latency is 1 s and the stages. */
static void init_burst(void)
{
    case_init(&c);
    case_fix(&c, COUNT / 1000);
    c.pools[0].max_inputs = 1000;
    c.config.duration_ns = seconds(20);
    case_burst(&c, 0, 0, COUNT);
}

struct moments {
    double mean, variance, least, most;
};

/* Of what the latencies are above `base_s`. */
static struct moments stage_moments(double base_s)
{
    struct moments found = {.least = INFINITY};
    double squares = 0;
    ck_assert_uint_eq(c.rows.request_count, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        double extra_s = sim_time_to_s(c.rows.requests[i].end_ns - c.rows.requests[i].arrival_ns) - base_s;
        found.mean += extra_s / COUNT;
        squares += extra_s * extra_s / COUNT;
        found.least = fmin(found.least, extra_s);
        found.most = fmax(found.most, extra_s);
    }
    found.variance = squares - found.mean * found.mean;
    return found;
}

/* Two uniform stages and a fixed one: between 0.2 and 1.4 s, mean 0.8, variance (0.2^2 + 1) / 12, all within 5 standard
 * errors. With more uniform stages than there is room for, or a lognormal one, draws go another way.
 */
START_TEST(moments_of_uniform_stages)
{
    init_burst();
    c.pools[0].profile.after_count = 3;
    c.after[0][0] = (struct stage_config){"decode", uniform(0.1, 0.3), true};
    c.after[0][1] = (struct stage_config){"scale", uniform(0, 1), true};
    c.after[0][2] = (struct stage_config){"pack", fixed(0.1), true};
    case_run(&c);
    struct moments found = stage_moments(1);
    double variance = 1.04 / 12;
    ck_assert_double_eq_tol(found.mean, 0.8, 5 * sqrt(variance / COUNT));
    ck_assert_double_eq_tol(found.variance, variance, 5 * variance / sqrt(COUNT));
    ck_assert_double_ge(found.least, 0.2 - 1e-9);
    ck_assert_double_le(found.most, 1.4 + 1e-9);
}
END_TEST

START_TEST(moments_of_other_stages)
{
    init_burst();
    c.pools[0].profile.after_count = 2;
    c.after[0][0] = (struct stage_config){"decode", uniform(0, 1), true};
    ck_assert_int_eq(sim_distribution_lognormal(&c.after[0][1].time_s, 0.5, 0.2, NULL), SIM_OK);
    c.after[0][1].name = "scale";
    c.after[0][1].holds_slot = true;
    case_run(&c);
    struct moments found = stage_moments(1);
    double variance = 1.0 / 12 + 0.01;
    ck_assert_double_eq_tol(found.mean, 1, 5 * sqrt(variance / COUNT));
    ck_assert_double_eq_tol(found.variance, variance, 5 * variance / sqrt(COUNT));
}
END_TEST

/* The sides of a request draw apart: before and after together have the variance of two. */
START_TEST(sides_are_independent)
{
    init_burst();
    c.pools[0].profile.before_count = 2;
    c.before[0][0] = (struct stage_config){"network", uniform(0, 1), false};
    c.before[0][1] = (struct stage_config){"decode", uniform(0, 1), true};
    c.pools[0].profile.after_count = 2;
    c.after[0][0] = (struct stage_config){"encode", uniform(0, 1), true};
    c.after[0][1] = (struct stage_config){"network", uniform(0, 1), false};
    case_run(&c);
    struct moments found = stage_moments(1);
    ck_assert_double_eq_tol(found.mean, 2, 5 * sqrt(4.0 / 12 / COUNT));
    ck_assert_double_eq_tol(found.variance, 4.0 / 12, 5 * 4.0 / 12 * sqrt(2.0 / COUNT));
}
END_TEST

/* Who takes too long tries again and has another draw: with one chance in two, a quarter fails twice. */
START_TEST(retries_draw_anew)
{
    init_burst();
    c.pools[0].timeout_ns = seconds(1.5);
    c.pools[0].retries = 1;
    c.pools[0].profile.after_count = 1;
    c.after[0][0] = (struct stage_config){"decode", uniform(0, 1), true};
    case_run(&c);
    int lost = 0;
    for (size_t i = 0; i < COUNT; i++)
        lost += c.rows.requests[i].outcome != OUTCOME_COMPLETED;
    ck_assert_int_lt(abs(lost - COUNT / 4), (int)(5 * sqrt(COUNT * 3 / 16.0)));
}
END_TEST

static void release(void)
{
    case_release(&c);
}

int main(void)
{
    Suite *suite = suite_create("stage draws");
    TCase *cases = tcase_create("stage draws");
    tcase_add_checked_fixture(cases, NULL, release);
    tcase_add_test(cases, moments_of_uniform_stages);
    tcase_add_test(cases, moments_of_other_stages);
    tcase_add_test(cases, sides_are_independent);
    tcase_add_test(cases, retries_draw_anew);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
