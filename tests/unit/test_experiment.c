/* test_experiment.c - what a script sees of services whose answer is known. */
#include "analysis/experiment.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static struct sim_distribution fixed(double value)
{
    struct sim_distribution distribution;
    ck_assert_int_eq(sim_distribution_fixed(&distribution, value, NULL), SIM_OK);
    return distribution;
}

static struct profile_config sharing(double base_s, double per_running_s, int64_t slots)
{
    return (struct profile_config){.name = "p",
                                   .stage = STAGE_PROCESSOR_SHARING,
                                   .base_s = base_s,
                                   .per_running_s = per_running_s,
                                   .slots = slots,
                                   .first_output = 1,
                                   .snapshot_create_s = {.kind = SIM_DISTRIBUTION_FIXED},
                                   .snapshot_restore_s = {.kind = SIM_DISTRIBUTION_FIXED}};
}

static struct experiment_figures run(const struct experiment_script *script, const struct profile_config *profile,
                                     struct sim_distribution work, int64_t containers, size_t count)
{
    const struct experiment_service service = {.profile = profile, .work = work, .containers = containers};
    struct experiment_figures figures;
    ck_assert_int_eq(experiment_run(script, &service, 1, count, false, &figures, NULL), SIM_OK);
    return figures;
}

/* Ten equal requests with ten slots end together after a + 10 b; with four slots in rounds of 4, 4 and 2. */
START_TEST(test_burst)
{
    const struct experiment_script script = {
        .kind = MEASUREMENT_BURST, .count = 10, .repeats = 1, .percentile_rule = PERCENTILE_LINEAR, .latency_s = 1};
    struct profile_config profile = sharing(1, 0.1, 0);
    struct experiment_figures figures = run(&script, &profile, fixed(1), 1, 2);
    ck_assert(fabs(figures.mean[MEASURE_WALL] - 2) < 1e-6 && fabs(figures.mean[MEASURE_P50] - 2) < 1e-6);
    ck_assert(fabs(figures.mean[MEASURE_THROUGHPUT] - 5) < 1e-5 && figures.deviation[MEASURE_WALL] < 1e-9);
    profile = sharing(1, 0.1, 4);
    figures = run(&script, &profile, fixed(1), 1, 1);
    ck_assert(fabs(figures.mean[MEASURE_WALL] - (1.4 + 1.4 + 1.2)) < 1e-6);
    ck_assert(fabs(figures.mean[MEASURE_P50] - 2.8) < 1e-6);
    ck_assert(fabs(figures.mean[MEASURE_MEAN] - (4 * 1.4 + 4 * 2.8 + 2 * 4.0) / 10) < 1e-6);
}
END_TEST

/* Two containers of four slots take eight at once, the last two wait. */
START_TEST(test_several_containers)
{
    const struct experiment_script script = {
        .kind = MEASUREMENT_BURST, .count = 10, .repeats = 1, .percentile_rule = PERCENTILE_LINEAR, .latency_s = 1};
    const struct profile_config profile = sharing(1, 0.1, 4);
    struct experiment_figures figures = run(&script, &profile, fixed(1), 2, 1);
    ck_assert(fabs(figures.mean[MEASURE_P50] - 1.4) < 1e-6);
    ck_assert(figures.mean[MEASURE_WALL] > 2.4 && figures.mean[MEASURE_WALL] < 2.8);
}
END_TEST

/* Little: n clients that never think get an answer each n / throughput; with equal speeds that is a + n b. */
START_TEST(test_closed_loop)
{
    const struct experiment_script script = {.kind = MEASUREMENT_CLOSED,
                                             .count = 8,
                                             .samples = 4000,
                                             .repeats = 1,
                                             .percentile_rule = PERCENTILE_LINEAR,
                                             .latency_s = 1.8};
    const struct profile_config profile = sharing(1, 0.1, 0);
    struct sim_distribution work;
    ck_assert_int_eq(sim_distribution_lognormal(&work, 1, 0.3, NULL), SIM_OK);
    struct experiment_figures figures = run(&script, &profile, work, 1, 4);
    ck_assert_uint_eq(figures.count, 4);
    ck_assert(fabs(figures.mean[MEASURE_MEAN] / 1.8 - 1) < 0.01);
    ck_assert(fabs(figures.mean[MEASURE_THROUGHPUT] * 1.8 / 8 - 1) < 0.01);
    ck_assert(isnan(figures.mean[MEASURE_WALL]));
    ck_assert(fabs(figures.deviation[MEASURE_MEAN] / (1.8 * 0.3 / sqrt(4000))) < 3);
}
END_TEST

/* Fixed requests at a tenth of the capacity: nearly all are alone. */
START_TEST(test_open)
{
    const struct experiment_script script = {
        .kind = MEASUREMENT_OPEN, .rate_per_s = 0.01, .repeats = 1, .percentile_rule = PERCENTILE_INDEX};
    const struct profile_config profile = sharing(1, 0, 0);
    struct experiment_figures figures = run(&script, &profile, fixed(1), 1, 1);
    ck_assert(fabs(figures.mean[MEASURE_P50] - 1) < 1e-6 && fabs(figures.mean[MEASURE_MEAN] - 1) < 1e-6);
    ck_assert(fabs(figures.mean[MEASURE_THROUGHPUT] - 0.01) < 1e-12);
}
END_TEST

START_TEST(test_percentile_rules)
{
    static const double values[] = {1, 2, 3, 4, 5};
    ck_assert(experiment_percentile(values, 5, 0.5, PERCENTILE_LINEAR) == 3);
    ck_assert(fabs(experiment_percentile(values, 5, 0.95, PERCENTILE_LINEAR) - 4.8) < 1e-12);
    ck_assert(experiment_percentile(values, 5, 0.95, PERCENTILE_INDEX) == 5);
    ck_assert(experiment_percentile(values, 5, 0.5, PERCENTILE_INDEX) == 3);
    ck_assert(experiment_percentile(values, 5, 1, PERCENTILE_INDEX) == 5);
    ck_assert(experiment_percentile(values, 5, 1, PERCENTILE_LINEAR) == 5);
}
END_TEST

/* The same callers: twice as slow is twice as long, to the rounding of nanoseconds. */
START_TEST(test_common_random_numbers)
{
    const struct experiment_script script = {
        .kind = MEASUREMENT_BURST, .count = 20, .repeats = 1, .percentile_rule = PERCENTILE_LINEAR, .latency_s = 1};
    struct sim_distribution work;
    ck_assert_int_eq(sim_distribution_lognormal(&work, 1, 0.3, NULL), SIM_OK);
    struct profile_config slow = sharing(2, 0.2, 6);
    struct profile_config fast = sharing(1, 0.1, 6);
    struct experiment_figures one = run(&script, &slow, work, 1, 5);
    struct experiment_figures other = run(&script, &fast, work, 1, 5);
    for (int m = MEASURE_WALL; m <= MEASURE_P99; m++)
        ck_assert(fabs(one.mean[m] / other.mean[m] - 2) < 1e-6);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("experiment");
    TCase *cases = tcase_create("experiment");
    tcase_add_test(cases, test_burst);
    tcase_add_test(cases, test_several_containers);
    tcase_add_test(cases, test_closed_loop);
    tcase_add_test(cases, test_open);
    tcase_add_test(cases, test_percentile_rules);
    tcase_add_test(cases, test_common_random_numbers);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
