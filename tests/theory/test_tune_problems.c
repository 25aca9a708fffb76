/* test_tune_problems.c - does tune find the best setting where it is known?
 *
 * Problems stand in tests/tune_problems.c, scenarios in tests/theory/tune/. What is true of each setting, the mean over
 * replications of the objective and of the limited figures, comes from 1,000 replications with seeds of their own, kept
 * in tests/theory/tune/NAME.csv, which
 *
 *     build/release/tests/theory/test_tune_problems truth [NAME...]
 *
 * writes; `try` counts answers. Where there is a formula it is compared with that.
 *
 * An answer is right if the chosen setting is beyond no limit by the tolerance and its objective is within the
 * indifference of the best setting that is within all limits by the tolerance; `infeasible` is right if there is no
 * such setting. The long form runs each problem 200 times: at least 95 % of all answers must be right or `undecided`,
 * 90 % of those of each problem, and at most 10 % undecided where the best is clear by three times the indifference.
 * The short form refutes a confidence of 95 % only where as many wrong answers would come by chance with a probability
 * below 0.001.
 */
#include <check.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/runner.h"
#include "analysis/tune.h"
#include "tests/effort.h"
#include "tests/tune_problems.h"

#define FOLDER "tests/theory/tune/"
#define SHARE 0.01 /* indifference and tolerance */
#define TRUTH_SEED 770000000
#define TRUTH_REPLICATIONS 1000

enum {
    LIMITS_MAX = PROBLEM_LIMITS_MAX,
    POINTS_MAX = 32
};

/* Objective and limited figures of every setting: mean and standard error. */
struct truth {
    size_t count;
    double mean[POINTS_MAX][1 + LIMITS_MAX];
    double error[POINTS_MAX][1 + LIMITS_MAX];
};

/* Also outside of a test, where Check's own assertions do not work. */
static void require(bool claim, const char *what, const char *problem)
{
    if (claim)
        return;
    (void)fprintf(stderr, "%s: %s\n", what, problem);
    abort();
}

static size_t length_of(const char *const *texts, size_t most)
{
    size_t count = 0;
    while (count < most && texts[count])
        count++;
    return count;
}

/* ---- Making the truth ---- */

static void parse_goal(struct tune_goal *goal, const struct problem *problem)
{
    struct sim_error error;
    enum sim_status status =
        tune_goal_parse(goal, problem->minimise, problem->limits, length_of(problem->limits, LIMITS_MAX), &error);
    require(status == SIM_OK, problem->name, error.message);
}

/* Value 0 is the objective. */
static void figures_of(const struct tune_goal *goal, const struct run_result *result, size_t replication,
                       double *figures)
{
    double values[TUNE_METRICS_MAX];
    tune_goal_values(goal, result, replication, values);
    figures[0] = tune_goal_objective(goal, values);
    for (size_t l = 0; l < goal->limit_count; l++)
        figures[1 + l] = values[goal->limits[l].metric];
}

static void print_point(FILE *file, const struct tune_goal *goal, const struct run_result *result, size_t point)
{
    double values[TRUTH_REPLICATIONS][1 + LIMITS_MAX];
    for (size_t r = 0; r < TRUTH_REPLICATIONS; r++)
        figures_of(goal, result, r, values[r]);
    (void)fprintf(file, "%zu", point);
    for (size_t f = 0; f <= goal->limit_count; f++) {
        double mean = gsl_stats_mean(&values[0][f], 1 + LIMITS_MAX, TRUTH_REPLICATIONS);
        double deviation = gsl_stats_sd_m(&values[0][f], 1 + LIMITS_MAX, TRUTH_REPLICATIONS, mean);
        (void)fprintf(file, ",%.9g,%.3g", mean, deviation / sqrt(TRUTH_REPLICATIONS));
    }
    (void)fprintf(file, "\n");
}

static struct points_request points_request_of(const struct problem *problem, char *path, size_t size)
{
    (void)snprintf(path, size, FOLDER "%s.yaml", problem->scenario);
    return (struct points_request){.path = path,
                                   .settings = &problem->setting,
                                   .setting_count = problem->setting != NULL,
                                   .vary = problem->vary,
                                   .vary_count = length_of(problem->vary, PROBLEM_VARY_MAX)};
}

static void run_truth(FILE *file, const struct tune_goal *goal, const struct points *points,
                      struct diagnostic_list *bad)
{
    for (size_t i = 0; i < points->count; i++) {
        struct scenario *scenario;
        struct run_result *result;
        struct sim_error error;
        require(points_load(points, i, &scenario, bad) == SIM_OK, goal->metrics[0]->name, "a setting cannot be loaded");
        struct world_config config = scenario->config;
        config.seed = TRUTH_SEED;
        config.replications = TRUTH_REPLICATIONS;
        const struct runner_options options = {.jobs = 0};
        require(runner_run(&config, &options, &result, &error) == SIM_OK, scenario->config.name, error.message);
        print_point(file, goal, result, i);
        run_result_destroy(result);
        scenario_destroy(scenario);
    }
}

static void write_truth(const struct problem *problem)
{
    char path[128];
    char name[128];
    struct points points;
    struct tune_goal goal;
    struct diagnostic_list bad;
    diagnostic_init(&bad);
    struct points_request request = points_request_of(problem, path, sizeof path);
    require(points_create(&points, &request, &bad), problem->name, points_reason(&bad));
    parse_goal(&goal, problem);
    (void)snprintf(name, sizeof name, FOLDER "%s.csv", problem->name);
    FILE *file = fopen(name, "w");
    require(file != NULL, name, "cannot be written");
    (void)fprintf(file, "# test_tune_problems truth: %d replications, seed %d; minimise %s\n", TRUTH_REPLICATIONS,
                  TRUTH_SEED, problem->minimise);
    (void)fprintf(file, "point,objective,standard error");
    for (size_t l = 0; l < goal.limit_count; l++)
        (void)fprintf(file, ",%s,standard error", problem->limits[l]);
    (void)fprintf(file, "\n");
    run_truth(file, &goal, &points, &bad);
    (void)fclose(file);
    diagnostic_release(&bad);
}

static void read_truth(struct truth *truth, const struct problem *problem)
{
    char name[128];
    char line[512];
    (void)snprintf(name, sizeof name, FOLDER "%s.csv", problem->name);
    FILE *file = fopen(name, "r");
    require(file != NULL, name, "cannot be opened");
    *truth = (struct truth){0};
    while (fgets(line, sizeof line, file)) {
        if (line[0] < '0' || line[0] > '9')
            continue;
        char *at = line;
        require(strtoul(at, &at, 10) == truth->count, name, "a setting is missing");
        for (size_t f = 0; f <= length_of(problem->limits, LIMITS_MAX); f++) {
            truth->mean[truth->count][f] = strtod(at + 1, &at);
            truth->error[truth->count][f] = strtod(at + 1, &at);
        }
        truth->count++;
    }
    (void)fclose(file);
}

/* ---- Judging ---- */

enum outcome {
    RIGHT,
    UNDECIDED,
    WRONG,
    OUTCOMES
};

/* How far the true figures of a setting are above the limits, in tolerances; chance in the truth is in its favour by
 * `errors` standard errors of it.
 */
static double excess(const struct tune_goal *goal, const struct truth *truth, size_t point, double errors)
{
    double most = -INFINITY;
    for (size_t l = 0; l < goal->limit_count; l++) {
        double limit = goal->limits[l].value;
        double figure = truth->mean[point][1 + l] - errors * truth->error[point][1 + l];
        most = fmax(most, (figure - limit) / (SHARE * limit));
    }
    return most;
}

/* TUNE_NOBODY: no setting is within all limits by the tolerance. */
static size_t best_of(const struct tune_goal *goal, const struct truth *truth)
{
    size_t best = TUNE_NOBODY;
    for (size_t i = 0; i < truth->count; i++) {
        bool is_lower = best == TUNE_NOBODY || truth->mean[i][0] < truth->mean[best][0];
        if (excess(goal, truth, i, 0) <= -1 && is_lower)
            best = i;
    }
    return best;
}

/* Whether nobody else is within three indifferences of the best, and no better one within three tolerances of a limit.
 */
static bool is_clear(const struct tune_goal *goal, const struct truth *truth)
{
    size_t best = best_of(goal, truth);
    for (size_t i = 0; i < truth->count; i++) {
        bool is_near =
            best == TUNE_NOBODY || truth->mean[i][0] < truth->mean[best][0] + 3 * SHARE * fabs(truth->mean[best][0]);
        if (i != best && is_near && excess(goal, truth, i, 0) < 3)
            return false;
    }
    return best == TUNE_NOBODY || excess(goal, truth, best, 0) < -3;
}

static enum outcome outcome_of(const struct tune *tune, const struct truth *truth)
{
    const struct tune_goal *goal = &tune->goal;
    size_t best = best_of(goal, truth);
    if (tune->answer == TUNE_ANSWER_UNDECIDED)
        return UNDECIDED;
    if (tune->answer == TUNE_ANSWER_INFEASIBLE)
        return best == TUNE_NOBODY ? RIGHT : WRONG;
    require(tune->answer == TUNE_ANSWER_BEST, "tune", "no answer");
    double most = INFINITY;
    if (best != TUNE_NOBODY)
        most = truth->mean[best][0] + SHARE * fabs(truth->mean[best][0]) + 2 * truth->error[best][0];
    bool is_good = truth->mean[tune->best][0] - 2 * truth->error[tune->best][0] <= most;
    return is_good && excess(goal, truth, tune->best, 2) < 1 ? RIGHT : WRONG;
}

/* ---- Trials ---- */

struct trials {
    const struct problem *problem;
    const struct truth *truth;
    enum outcome *outcomes;
    size_t *replications;
};

static enum sim_status try_once(void *context, size_t index, unsigned jobs, struct sim_error *error)
{
    const struct trials *trials = context;
    const struct problem *problem = trials->problem;
    char path[128];
    char seed[32];
    const char *const settings[] = {seed, problem->setting};
    struct tune tune;
    struct diagnostic_list bad;
    (void)jobs;
    (void)snprintf(seed, sizeof seed, "seed=%zu", 1 + index);
    struct tune_request request = {.points = points_request_of(problem, path, sizeof path),
                                   .objective = problem->minimise,
                                   .limits = problem->limits,
                                   .limit_count = length_of(problem->limits, LIMITS_MAX),
                                   .confidence = 0.95,
                                   .indifference = SHARE,
                                   .tolerance = SHARE,
                                   .replication_max = TUNE_MOST_WHOLE};
    request.points.settings = settings;
    request.points.setting_count++;
    const struct tune_watch watch = {.jobs = 1};
    diagnostic_init(&bad);
    enum sim_status status = tune_run(&tune, &request, &watch, &bad, error);
    if (status == SIM_OK) {
        trials->outcomes[index] = outcome_of(&tune, trials->truth);
        trials->replications[index] = tune.short_count + tune.guide_count + tune.whole_count;
    }
    tune_release(&tune);
    diagnostic_release(&bad);
    return status;
}

/* Returns how often there was which answer. */
static void try_problem(const struct problem *problem, size_t count, unsigned counts[OUTCOMES])
{
    struct truth truth;
    struct tune_goal goal;
    struct sim_error error;
    read_truth(&truth, problem);
    parse_goal(&goal, problem);
    struct trials trials = {.problem = problem, .truth = &truth};
    trials.outcomes = calloc(count, sizeof *trials.outcomes);
    trials.replications = calloc(count, sizeof *trials.replications);
    const struct points_work work = {.count = count, .context = &trials, .each = try_once};
    enum sim_status status = points_do(&work, &error);
    require(status == SIM_OK, problem->name, error.message);
    double total = 0;
    for (int o = 0; o < OUTCOMES; o++)
        counts[o] = 0;
    for (size_t i = 0; i < count; i++) {
        counts[trials.outcomes[i]]++;
        total += (double)trials.replications[i];
    }
    free(trials.outcomes);
    free(trials.replications);
    size_t best = best_of(&goal, &truth);
    printf("%-30s best %3d%s right %4u  undecided %4u  wrong %4u  replications %6.0f\n", problem->name,
           best == TUNE_NOBODY ? -1 : (int)best, is_clear(&goal, &truth) ? " (clear)" : "        ", counts[RIGHT],
           counts[UNDECIDED], counts[WRONG], total / (double)count);
    (void)fflush(stdout);
}

static void assert_not_refuted(const char *name, unsigned wrong, unsigned count)
{
    double chance = wrong > 0 ? gsl_cdf_binomial_Q(wrong - 1, 0.05, count) : 1;
    ck_assert_msg(chance >= 0.001, "%s: %u of %u answers are wrong", name, wrong, count);
}

static void assert_good_enough(const struct problem *problem, const unsigned counts[OUTCOMES], unsigned count)
{
    struct truth truth;
    struct tune_goal goal;
    read_truth(&truth, problem);
    parse_goal(&goal, problem);
    ck_assert_msg(counts[WRONG] * 10 <= count, "%s: %u of %u wrong", problem->name, counts[WRONG], count);
    ck_assert_msg(!is_clear(&goal, &truth) || counts[UNDECIDED] * 10 <= count, "%s: %u of %u undecided", problem->name,
                  counts[UNDECIDED], count);
}

START_TEST(finds_the_best_setting)
{
    unsigned count = test_effort(1, 1, 200);
    unsigned tried = 0;
    unsigned wrong = 0;
    for (size_t i = 0; i < tune_problem_count; i += test_effort(4, 1, 1)) {
        unsigned counts[OUTCOMES];
        try_problem(&tune_problems[i], count, counts);
        assert_not_refuted(tune_problems[i].name, counts[WRONG], count);
        if (count >= 200)
            assert_good_enough(&tune_problems[i], counts, count);
        tried += count;
        wrong += counts[WRONG];
    }
    assert_not_refuted("all", wrong, tried);
    ck_assert_msg(count < 200 || wrong * 20 <= tried, "%u of %u wrong", wrong, tried);
}
END_TEST

/* Runs are finite and begin empty, so they may miss the formula by a part of the tolerance. */
START_TEST(truth_agrees_with_formulas)
{
    for (size_t i = 0; i < tune_problem_count; i++) {
        const struct problem *problem = &tune_problems[i];
        size_t last = length_of(problem->limits, LIMITS_MAX);
        struct truth truth;
        read_truth(&truth, problem);
        for (size_t p = 0; p < truth.count && problem->formula; p++) {
            double formula = problem->formula(p);
            double miss = fabs(truth.mean[p][last] - formula);
            ck_assert_msg(miss <= 4 * truth.error[p][last] + 0.004 * formula, "%s, setting %zu: %g instead of %g",
                          problem->name, p, truth.mean[p][last], formula);
        }
    }
}
END_TEST

static bool is_named(const char *name, int count, char **names)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return count == 0;
}

/* By hand: `truth [NAME...]` writes what is true of the settings, `try [NAME...]` counts answers. */
static int run_by_hand(const char *what, int count, char **names)
{
    for (size_t i = 0; i < tune_problem_count; i++) {
        unsigned counts[OUTCOMES];
        if (!is_named(tune_problems[i].name, count, names))
            continue;
        if (strcmp(what, "truth") == 0)
            write_truth(&tune_problems[i]);
        else
            try_problem(&tune_problems[i], test_effort(1, 1, 200), counts);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return run_by_hand(argv[1], argc - 2, argv + 2);
    TCase *cases = tcase_create("tune_problems");
    tcase_set_timeout(cases, test_effort(60, 120, 7200));
    tcase_add_test(cases, truth_agrees_with_formulas);
    tcase_add_test(cases, finds_the_best_setting);
    Suite *suite = suite_create("tune_problems");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
