/* test_shape.c - shapes of arrivals from their text: dates, months, users, tables; what is wrong is in invalid/. */
#include "scenarios/shape.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "models/rate.h"
#include "scenarios/scenario.h"

static struct diagnostic_list problems;
static struct scenario *scenario;

static void load(const char *path, const char *const *settings, size_t count)
{
    diagnostic_init(&problems);
    if (scenario_load(path, settings, count, &scenario, &problems) != SIM_OK) {
        diagnostic_print(&problems, stdout);
        ck_abort_msg("%s was refused", path);
    }
}

static void release(void)
{
    scenario_destroy(scenario);
    diagnostic_release(&problems);
}

/* From 31 January 2026, 06:00. */
static void check_people(const struct arrival_config *people)
{
    const struct shape_config *shape = &people->shape;
    ck_assert_double_eq_tol(people->rate_per_s, 5000 * 20 / 86400.0, 1e-12);
    ck_assert_int_eq(shape->growth.kind, GROWTH_LOGISTIC);
    ck_assert_double_eq(shape->growth.factor, 1.6);
    ck_assert_int_eq(shape->growth.over_ns, (365 + 28) * SIM_DAY); /* to 28 February 2027 */
    ck_assert_uint_eq(shape->daily_count, 24);
    for (int i = 0; i < 24; i++) {
        ck_assert_double_eq(shape->daily[i].factor, i);
        ck_assert_int_eq(shape->daily[i].at_ns, i * SIM_HOUR + SIM_HOUR / 2);
    }
    ck_assert(shape->weekly_count == 7 && shape->weekly[6].factor == 7);
    ck_assert(shape->monthly_count == 12 && shape->monthly[11].factor == 12);
    ck_assert_uint_eq(shape->event_count, 2);
    ck_assert_str_eq(shape->events[0].name, "launch");
    ck_assert_int_eq(shape->events[0].from_ns, 42 * SIM_HOUR);
    ck_assert_int_eq(shape->events[0].to_ns, 78 * SIM_HOUR);
    ck_assert_int_eq(shape->events[0].ramp_ns, 2 * SIM_HOUR);
    ck_assert_int_eq(shape->events[1].from_ns, 3 * SIM_DAY);
    ck_assert_int_eq(shape->events[1].to_ns, 28 * SIM_DAY); /* 28 February */
    ck_assert(shape->drift.sd == 0.2 && shape->drift.correlation_ns == 2 * SIM_DAY);
}

START_TEST(texts_become_times_and_factors)
{
    load("tests/unit/valid/shape.yaml", NULL, 0);
    check_people(&scenario->config.workloads[0].arrivals);
    const struct arrival_config *programs = &scenario->config.workloads[1].arrivals;
    ck_assert_double_eq(programs->rate_per_s, 2); /* the mean of the table */
    ck_assert_double_eq(programs->shape.table.rows[1].factor, 1.5);
    const struct growth_point *points = programs->shape.growth.points;
    ck_assert(points[0].at_ns == 0 && points[1].at_ns == 28 * SIM_DAY && points[2].at_ns == 365 * SIM_DAY);
    ck_assert(points[0].factor == 1 && points[1].factor == 3 && points[2].factor == 0.5);
    ck_assert_int_eq(programs->shape.daily[1].at_ns, 18 * SIM_HOUR);
    /* 06:00: half of the table's first rate, 1/s. */
    ck_assert_double_eq_tol(rate_at(&scenario->config, 1, 0), 0.5, 1e-12);
    /* Saturday, January, 06:00 between the hours 5 and 6. */
    ck_assert_double_eq_tol(rate_at(&scenario->config, 0, 0), 5000 * 20 / 86400.0 * 6 * 1 * 5.5, 1e-9);
    release();
}
END_TEST

/* The resolved text gives the same rates. */
START_TEST(resolved_text_is_a_scenario)
{
    char path[] = "tests/unit/valid/resolved_XXXXXX";
    double rates[2][2];
    load("tests/unit/valid/shape.yaml", NULL, 0);
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    FILE *file = fdopen(descriptor, "w");
    fputs(scenario->resolved, file);
    fclose(file);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < 2; i++)
            rates[round][i] = rate_expected(&scenario->config, i, 0, 14 * SIM_DAY);
        release();
        load(round == 0 ? path : "tests/unit/valid/shape.yaml", NULL, 0);
    }
    unlink(path);
    release();
    ck_assert(rates[0][0] == rates[1][0] && rates[0][1] == rates[1][1] && rates[0][0] > 0);
}
END_TEST

START_TEST(settings_reach_into_shapes)
{
    static const char *const settings[] = {"workloads.people.arrivals.shape.growth.to_users=10000",
                                           "workloads.people.arrivals.shape.events.launch.factor=9",
                                           "workloads.people.arrivals.shape.weekly=[1, 1, 1, 1, 1, 1, 2]"};
    load("tests/unit/valid/shape.yaml", settings, 3);
    const struct shape_config *shape = &scenario->config.workloads[0].arrivals.shape;
    ck_assert(shape->growth.factor == 2 && shape->events[0].factor == 9 && shape->weekly[6].factor == 2);
    release();
}
END_TEST

/* Without a date, months are those of `month`. */
START_TEST(months_without_a_date)
{
    static const char *const settings[] = {"workloads.callers.arrivals.shape.growth={kind: linear, factor: 3, over: 2 "
                                           "months}"};
    load("scenarios/bench-batching.yaml", settings, 1);
    ck_assert_int_eq(scenario->config.workloads[0].arrivals.shape.growth.over_ns, 1460 * SIM_HOUR);
    release();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shape");
    TCase *tests = tcase_create("shape");
    tcase_add_test(tests, texts_become_times_and_factors);
    tcase_add_test(tests, resolved_text_is_a_scenario);
    tcase_add_test(tests, settings_reach_into_shapes);
    tcase_add_test(tests, months_without_a_date);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
