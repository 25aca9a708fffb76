/* test_fit_requests.c - are the coefficients of a server found again in a log of it, and does the interval say how
 * well?
 *
 * The simulator's server, with known coefficients, serves random requests with memory so short that some are preempted;
 * every time that it notes is off by chance. The hypothesis that 95 % intervals hold the known value in 95 % of the
 * logs is given up only where chance would do as badly in less than one of a thousand tests (binomial distribution).
 */
#include <check.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/fit_requests.h"
#include "tests/effort.h"

#define SEED 7
#define NOISE_S 5e-3

enum {
    REQUESTS = 80,
    REPLICATES = 60
};

static const double truth[FIT_REQUESTS_PARAMETERS] = {12e-3, 0.6e-6, 90e-6, 0.2};
static const char *const names[] = {"step", "per cached token", "per prefill token", "delay", "typical step"};

struct count {
    unsigned tried, low, high; /* truth below and above the interval */
};

/* Fitted, so that it says nothing. */
static const struct batching_point unused_curve[] = {{1, 1e-3}};

/* A server like that of an 8 B model on a small GPU. */
static struct batching_parameters server_of_log(void)
{
    return (struct batching_parameters){.points = unused_curve,
                                        .point_count = 1,
                                        .token_budget = 1024,
                                        .max_batch = 64,
                                        .kv_tokens = 12000,
                                        .kv_block = 16,
                                        .whole_prompt = true,
                                        .keeps_preempted = true,
                                        .overwrites_preempted = true,
                                        .scheduled_ahead = true};
}

static struct fit_requests_problem draw_log(gsl_rng *rng, struct fit_request *requests,
                                            struct fit_requests_times *times)
{
    struct fit_requests_problem problem = {.requests = requests,
                                           .count = REQUESTS,
                                           .until_s = INFINITY,
                                           .server = server_of_log(),
                                           .replicates = REPLICATES,
                                           .seed = SEED};
    double now_s = 3;
    for (int i = 0; i < REQUESTS; i++) {
        requests[i] = (struct fit_request){.arrival_s = now_s,
                                           .input = 20 + (uint32_t)gsl_rng_uniform_int(rng, 800),
                                           .output = 1 + (uint32_t)gsl_rng_uniform_int(rng, 300),
                                           .is_fitted = true};
        now_s += gsl_ran_exponential(rng, 0.15);
    }
    ck_assert(fit_requests_simulate(&problem, truth, times, NULL, 0));
    for (int i = 0; i < REQUESTS; i++) {
        requests[i].first_s = times[i].first_s + gsl_ran_gaussian(rng, NOISE_S);
        requests[i].last_s = times[i].last_s + gsl_ran_gaussian(rng, NOISE_S);
    }
    return problem;
}

static void count_one(struct count *count, const struct fit_requests_value *found, double known)
{
    ck_assert_msg(found->low <= found->value && found->value <= found->high, "%g %g %g", found->low, found->value,
                  found->high);
    count->tried++;
    count->low += known < found->low;
    count->high += known > found->high;
}

static void expect_95_percent(const char *name, const struct count *count)
{
    unsigned missed = count->low + count->high;
    printf("  %s outside its interval in %u of %u logs (below %u, above %u)\n", name, missed, count->tried, count->low,
           count->high);
    ck_assert_msg(gsl_cdf_binomial_Q(missed, 0.05, count->tried) > 0.001, "seed %d: %s", SEED, name);
}

START_TEST(known_coefficients_are_in_their_intervals)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, SEED);
    struct count counts[FIT_REQUESTS_PARAMETERS + 1] = {{0}};
    uint64_t preemptions = 0;
    for (unsigned trial = 0; trial < test_effort(2, 6, 400); trial++) {
        struct fit_request requests[REQUESTS];
        struct fit_requests_times times[REQUESTS];
        struct fit_requests_problem problem = draw_log(rng, requests, times);
        struct fit_requests fit;
        ck_assert_int_eq(fit_requests_run(&problem, &fit, NULL), SIM_OK);
        for (int i = 0; i < REQUESTS; i++)
            preemptions += times[i].preemptions;
        for (int i = 0; i < FIT_REQUESTS_PARAMETERS; i++)
            count_one(&counts[i], &fit.parameters[i], truth[i]);
        double typical = truth[FIT_REQUESTS_STEP] + truth[FIT_REQUESTS_CACHED] * fit.typical_cached;
        count_one(&counts[FIT_REQUESTS_PARAMETERS], &fit.typical, typical);
    }
    ck_assert_uint_gt(preemptions, 0);
    printf("  preemptions %llu\n", (unsigned long long)preemptions);
    for (int i = 0; i <= FIT_REQUESTS_PARAMETERS; i++)
        expect_95_percent(names[i], &counts[i]);
    gsl_rng_free(rng);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fit of a request log");
    TCase *test_case = tcase_create("recovery");
    tcase_set_timeout(test_case, 3600);
    tcase_add_test(test_case, known_coefficients_are_in_their_intervals);
    suite_add_tcase(suite, test_case);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
