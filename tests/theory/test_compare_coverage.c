/* test_compare_coverage.c - do intervals of differences hold the true difference in 95 % of the cases?
 *
 * M/M/5 against M/M/6 with the same customers, 4 a second, service 1 s, by `compare`. Erlang C at 4 is 0.554113 with
 * five servers and 0.284753 with six, so the mean waits are 0.554113 / (5 - 4) s and 0.284753 / (6 - 4) s, and their
 * 95th percentiles ln(0.554113 / 0.05) / 1 s and ln(0.284753 / 0.05) / 2 s. Seeds are 1, 2, 3, ... One experiment in
 * the other direction: seeds that differ, so nothing is paired. Other systems are in test_coverage.c.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/compare.h"
#include "tests/effort.h"

enum {
    FIGURE_COUNT = 2
};

static const struct {
    const char *metric;
    double truth;
} figures[FIGURE_COUNT] = {{"wait_mean_s", 0.284753 / 2 - 0.554113}, {"wait_p95_s", 0.869868 - 2.405364}};

struct tally {
    unsigned held[FIGURE_COUNT];
    double saved[FIGURE_COUNT]; /* variance ratios added up */
};

static void take(struct compare *compare, bool is_paired, struct tally *tally)
{
    for (size_t i = 0; i < FIGURE_COUNT; i++) {
        const struct summary_row *row = summary_find(compare->items[0].summary, "all", figures[i].metric);
        struct figure_difference difference = compare_difference(compare, 1, row);
        ck_assert_int_eq(difference.is_paired, is_paired);
        ck_assert(isfinite(difference.low));
        tally->held[i] += difference.low <= figures[i].truth && figures[i].truth <= difference.high;
        tally->saved[i] += difference.variance_ratio;
    }
}

static void run(struct compare *compare)
{
    struct sim_error error;
    ck_assert_msg(compare_run(compare, 0, NULL, NULL, &error) == SIM_OK, "%s", error.message);
}

static void run_variants(struct compare *compare, const char *path, const char *vary, unsigned seed)
{
    char setting[32];
    const char *settings[] = {setting};
    const struct points_request request = {
        .path = path, .settings = settings, .setting_count = 1, .vary = &vary, .vary_count = 1};
    struct sim_error error;
    snprintf(setting, sizeof setting, "seed=%u", seed);
    compare_init(compare);
    ck_assert_int_eq(compare_load_points(compare, &request, &error), SIM_OK);
    run(compare);
}

static void try_pair(unsigned seed, struct tally *tally)
{
    struct compare compare;
    run_variants(&compare, "tests/unit/compare/servers.yaml", "pools.server.min_containers=[5, 6]", seed);
    take(&compare, true, tally);
    compare_release(&compare);
}

/* Seed 2 n - 1 against seed 2 n. */
static void try_apart(unsigned number, struct tally *tally)
{
    static const char *const paths[] = {"tests/unit/compare/servers.yaml", "tests/unit/compare/six.yaml"};
    char setting[32];
    const char *settings[] = {setting};
    const struct scenario_settings all = {.settings = settings, .setting_count = 1};
    struct compare compare;
    struct compare other;
    struct sim_error error;
    compare_init(&compare);
    compare_init(&other);
    snprintf(setting, sizeof setting, "seed=%u", 2 * number - 1);
    ck_assert_int_eq(compare_load(&compare, paths, 2, &all, &error), SIM_OK);
    snprintf(setting, sizeof setting, "seed=%u", 2 * number);
    ck_assert_int_eq(compare_load(&other, paths, 2, &all, &error), SIM_OK);
    struct compare_item kept = compare.items[1];
    compare.items[1] = other.items[1];
    other.items[1] = kept;
    run(&compare);
    take(&compare, false, tally);
    compare_release(&compare);
    compare_release(&other);
}

/* Bounds are 3.3 standard errors of the number of experiments away from 95 %. */
static void assert_covers(const struct tally *tally, unsigned count)
{
    double slack = 3.3 * sqrt(0.95 * 0.05 / count);
    for (size_t i = 0; i < FIGURE_COUNT; i++) {
        double share = (double)tally->held[i] / count;
        if (getenv("CAPSIM_SHOW"))
            printf("%s: %.1f %% of %u, pairs save %.2f times the runs\n", figures[i].metric, 100 * share, count,
                   tally->saved[i] / count);
        ck_assert_msg(fabs(share - 0.95) <= slack, "%s: %.1f %% of %u intervals", figures[i].metric, 100 * share,
                      count);
    }
}

START_TEST(test_pairs)
{
    struct tally tally = {{0}, {0}};
    unsigned count = test_effort(20, 60, 2000);
    for (unsigned seed = 1; seed <= count; seed++)
        try_pair(seed, &tally);
    assert_covers(&tally, count);
    for (size_t i = 0; i < FIGURE_COUNT; i++)
        ck_assert_msg(tally.saved[i] / count > 1, "%s: %g", figures[i].metric, tally.saved[i] / count);
}
END_TEST

START_TEST(test_apart)
{
    struct tally tally = {{0}, {0}};
    unsigned count = test_effort(20, 60, 2000);
    for (unsigned number = 1; number <= count; number++)
        try_apart(number, &tally);
    assert_covers(&tally, count);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("compare coverage");
    TCase *tests = tcase_create("compare coverage");
    tcase_set_timeout(tests, 3000);
    tcase_add_test(tests, test_pairs);
    tcase_add_test(tests, test_apart);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
