/* test_calibrate_sharing.c - from data simulated with known parameters, the 95 % intervals cover them in 95 % of
 * trials.
 *
 * A trial is what one script would measure, once: bursts of 2, 6, 12 and 30 requests to a container of twelve slots,
 * with wall time, median and 95th percentile. The fit knows the slots, not the times nor the spread of the work. A
 * coverage is refused if chance alone would be as far from 95 % less than once in a thousand times.
 */
#include <check.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/calibrate_sharing_internal.h"
#include "sim/memory.h"
#include "tests/effort.h"

enum {
    LOADS = 4,
    PARAMETERS = 3
};

static const double truth[PARAMETERS] = {0.5, 0.03, 0.15};
static const char *const names[PARAMETERS] = {"base_time", "per_running", "work_cv"};
static const int64_t loads[LOADS] = {2, 6, 12, 30};
static const int64_t slots = 12;

/* Not to be copied: the parts point at each other. */
struct trial {
    struct measurements measurements;
    struct measurement_table table;
    struct measurement_row rows[LOADS];
    struct calibrate_options options;
    struct calibration calibration;
};

static void measure(struct measurement_row *row, const struct measurement_table *table, uint64_t seed)
{
    const struct experiment_script script = experiment_script_of(table, row);
    struct profile_config profile = {.name = "truth",
                                     .stage = STAGE_PROCESSOR_SHARING,
                                     .base_s = truth[0],
                                     .per_running_s = truth[1],
                                     .slots = slots,
                                     .first_output = 1};
    struct experiment_service service = {.profile = &profile, .containers = 1};
    struct experiment_figures figures;
    ck_assert_int_eq(sim_distribution_lognormal(&service.work, 1, truth[2], NULL), SIM_OK);
    ck_assert_int_eq(experiment_run(&script, &service, seed, 1, false, &figures, NULL), SIM_OK);
    row->values[MEASURE_WALL] = figures.mean[MEASURE_WALL];
    row->values[MEASURE_P50] = figures.mean[MEASURE_P50];
    row->values[MEASURE_P95] = figures.mean[MEASURE_P95];
}

/* Chance of the measurement and of the fit are never the same. */
static void set_up(struct trial *trial, uint64_t number)
{
    trial->table = (struct measurement_table){.name = "bursts",
                                              .kind = MEASUREMENT_BURST,
                                              .percentile_rule = PERCENTILE_LINEAR,
                                              .repeats = 1,
                                              .rows = trial->rows,
                                              .row_count = LOADS};
    for (size_t i = 0; i < LOADS; i++) {
        struct measurement_row *row = &trial->rows[i];
        *row = (struct measurement_row){.label = "", .file = "", .line = 1};
        for (int m = 0; m < MEASURE_COUNT; m++)
            row->values[m] = NAN;
        row->values[MEASURE_REQUESTS] = (double)loads[i];
        measure(row, &trial->table, 1000003 * (number + 1) + i);
    }
    trial->measurements = (struct measurements){.path = "trial", .tables = &trial->table, .table_count = 1};
    trial->measurements.profile =
        (struct profile_config){.name = "fit", .stage = STAGE_PROCESSOR_SHARING, .slots = slots, .first_output = 1};
    trial->options = (struct calibrate_options){.seed = number};
    trial->calibration = (struct calibration){
        .measurements = &trial->measurements, .options = &trial->options, .profile = trial->measurements.profile};
}

static void count_covered(uint64_t number, unsigned *covered)
{
    struct trial trial;
    struct calibrate_sharing_data data;
    struct calibrate_sharing_fit fit;
    const struct calibrate_sharing_shape shape = {
        .form = MEASUREMENT_FORM_LINE, .slots = slots, .containers = 1, .rule = PERCENTILE_LINEAR};
    set_up(&trial, number);
    calibrate_sharing_gather(&data, &trial.calibration);
    ck_assert_int_eq(calibrate_sharing_search(&data, &shape, SHARING_ALL, NULL, 1, &fit, NULL), SIM_OK);
    ck_assert_int_eq(calibrate_sharing_spread(&data, &fit, 2, NULL), SIM_OK);
    ck_assert_uint_eq(fit.count, PARAMETERS);
    for (int i = 0; i < PARAMETERS; i++)
        covered[i] += fit.low[i] <= truth[i] && truth[i] <= fit.high[i];
    if (getenv("CAPSIM_SHOW"))
        printf("trial %llu: base %.4f (%.4f .. %.4f), rise %.5f (%.5f .. %.5f), cv %.4f (%.4f .. %.4f), misfit %.1f of "
               "%zu\n",
               (unsigned long long)number, fit.values[0], fit.low[0], fit.high[0], fit.values[1], fit.low[1],
               fit.high[1], fit.values[2], fit.low[2], fit.high[2], fit.misfit, fit.rank);
    fflush(stdout);
    calibrate_sharing_forget(&data);
}

START_TEST(test_intervals_cover)
{
    unsigned trials = test_effort(2, 8, 2000);
    unsigned covered[PARAMETERS] = {0};
    for (unsigned i = 0; i < trials; i++)
        count_covered(i, covered);
    for (int i = 0; i < PARAMETERS; i++) {
        double below = gsl_cdf_binomial_P(covered[i], 0.95, trials);
        double above = covered[i] > 0 ? gsl_cdf_binomial_Q(covered[i] - 1, 0.95, trials) : 1;
        printf("%s: %u of %u intervals cover\n", names[i], covered[i], trials);
        ck_assert_msg(below > 0.0005 && above > 0.0005, "%s: %u of %u intervals cover", names[i], covered[i], trials);
    }
}
END_TEST

int main(void)
{
    (void)gsl_set_error_handler_off();
    Suite *suite = suite_create("calibrate_sharing");
    TCase *cases = tcase_create("calibrate_sharing");
    tcase_set_timeout(cases, 3600);
    tcase_add_test(cases, test_intervals_cover);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
