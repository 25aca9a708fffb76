/* test_select.c - selection of the best point on observations written by hand. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/select.h"

#define POINTS_MAX 8

/* Small deviations with mean 0 over any eight. */
static double wobble(size_t point, size_t replication)
{
    static const double values[8] = {0.3, -0.2, 0.1, -0.4, 0.5, -0.1, 0.2, -0.4};
    return values[(replication + 3 * point) % 8];
}

struct setting {
    double means[POINTS_MAX];
    double figures[POINTS_MAX][2];
    double noise;
    double figure_noise;
};

static struct select_plan plan_of(size_t count)
{
    return (struct select_plan){
        .count = count, .indifference = 0.5, .error = 0.05, .bound_error = 0.005, .first = 8, .most = 200};
}

static void observe(struct select *select, const struct setting *setting, const struct select_want *want)
{
    for (size_t r = want->from; r < want->from + want->count; r++) {
        double figures[2];
        for (size_t l = 0; l < 2; l++)
            figures[l] = setting->figures[want->point][l] + setting->figure_noise * wobble(want->point + 1, r);
        select_observe(select, want->point, setting->means[want->point] + setting->noise * wobble(want->point, r),
                       figures);
    }
}

static void go_on(struct select *select, const struct setting *setting)
{
    struct select_want wants[POINTS_MAX];
    size_t count = 0;
    while ((count = select_wanted(select, wants)) > 0) {
        for (size_t i = 0; i < count; i++)
            observe(select, setting, &wants[i]);
        select_judge(select);
    }
}

static struct select *started(const struct select_plan *plan)
{
    struct select *select = select_create(plan);
    for (size_t i = 0; i < plan->count; i++)
        select_enter(select, i);
    return select;
}

static struct select *finished(const struct select_plan *plan, const struct setting *setting)
{
    struct select *select = started(plan);
    go_on(select, setting);
    return select;
}

START_TEST(one_point_is_the_best)
{
    struct select_plan plan = plan_of(1);
    struct setting setting = {.means = {3}, .noise = 1};
    struct select *select = finished(&plan, &setting);
    ck_assert_int_eq(select_answer(select), SELECT_DECIDED);
    ck_assert_uint_eq(select_best(select), 0);
    ck_assert_uint_eq(select_count(select, 0), 8);
    ck_assert_double_eq(select_gap(select), 0);
    ck_assert_double_eq(select_case_error(select), 0.05);
    select_destroy(select);
}
END_TEST

START_TEST(nothing_is_said_before_it_is_judged)
{
    struct select_plan plan = plan_of(2);
    struct select *select = started(&plan);
    ck_assert_int_eq(select_answer(select), SELECT_GOING_ON);
    ck_assert_uint_eq(select_best(select), SELECT_NOBODY);
    ck_assert_uint_eq(select_nearest(select), SELECT_NOBODY);
    ck_assert(isinf(select_upper_limit(select)) && isinf(select_gap(select)));
    ck_assert(isnan(select_objective(select, 0).mean) && isinf(select_difference(select, 0, 1).high));
    select_destroy(select);
    select_destroy(NULL);
}
END_TEST

START_TEST(the_lowest_mean_wins)
{
    struct select_plan plan = plan_of(3);
    struct setting setting = {.means = {9, 4, 6}, .noise = 1};
    struct select *select = finished(&plan, &setting);
    ck_assert_int_eq(select_answer(select), SELECT_DECIDED);
    ck_assert_uint_eq(select_best(select), 1);
    ck_assert_int_eq(select_state(select, 0), SELECT_BEATEN);
    ck_assert_int_eq(select_state(select, 1), SELECT_BEST);
    ck_assert_double_eq_tol(select_difference(select, 0, 1).mean, 5, 0.1);
    ck_assert_double_lt(select_gap(select), 0.5);
    ck_assert_double_eq_tol(select_objective(select, 1).mean, 4, 0.1);
    ck_assert_double_gt(select_upper_limit(select), 4);
    select_destroy(select);
}
END_TEST

START_TEST(equal_points_cannot_be_told_apart)
{
    struct select_plan plan = plan_of(4);
    struct setting setting = {.means = {5, 4, 4, 4.3}};
    struct select *select = finished(&plan, &setting); /* no noise at all, as of fixed pools */
    ck_assert_int_eq(select_answer(select), SELECT_DECIDED);
    ck_assert_uint_eq(select_best(select), 1);
    ck_assert_int_eq(select_state(select, 2), SELECT_LEVEL);
    ck_assert_int_eq(select_state(select, 3), SELECT_BEATEN); /* without noise it is known to be worse */
    ck_assert_uint_eq(select_count(select, 2), 8);
    ck_assert_double_eq(select_gap(select), 0);
    select_destroy(select);
}
END_TEST

START_TEST(no_indifference_and_no_noise_still_end)
{
    struct select_plan plan = plan_of(3);
    plan.indifference = 0;
    struct setting setting = {.means = {4, 4, 3}};
    struct select *select = finished(&plan, &setting);
    ck_assert_int_eq(select_answer(select), SELECT_DECIDED);
    ck_assert_uint_eq(select_best(select), 2);
    select_destroy(select);
}
END_TEST

/* Noise that all points share cancels, however large. */
START_TEST(shared_noise_cancels)
{
    struct select_plan plan = plan_of(2);
    struct select *select = started(&plan);
    for (size_t r = 0; r < 8; r++) {
        double common = 1000 * wobble(0, r);
        select_observe(select, 0, common + 1, NULL);
        select_observe(select, 1, common, NULL);
    }
    select_judge(select);
    ck_assert_int_eq(select_answer(select), SELECT_DECIDED);
    ck_assert_uint_eq(select_best(select), 1);
    select_destroy(select);
}
END_TEST

START_TEST(limits_exclude_the_cheap)
{
    static const double limits[] = {2, 10};
    static const double tolerances[] = {0.1, 0.1};
    struct select_plan plan = plan_of(5);
    plan.limit_count = 2;
    plan.limits = limits;
    plan.tolerances = tolerances;
    struct setting setting = {.means = {1, 2, 3, 4, 5},
                              .figures = {{3, 9}, {1, 11}, {1, 9}, {1, 9}, {2, 9}},
                              .noise = 0.1,
                              .figure_noise = 0.1};
    struct select *select = finished(&plan, &setting);
    ck_assert_int_eq(select_answer(select), SELECT_DECIDED);
    ck_assert_uint_eq(select_best(select), 2);
    ck_assert_int_eq(select_state(select, 0), SELECT_INFEASIBLE);
    ck_assert_int_eq(select_feasibility(select, 1), SELECT_BEYOND);
    ck_assert_int_eq(select_state(select, 3), SELECT_BEATEN);
    ck_assert(select_is_on_limit(select, 4, 0) && !select_is_on_limit(select, 4, 1));
    size_t limit = 9;
    ck_assert_double_eq_tol(select_excess(select, 0, &limit), 0.5, 0.02);
    ck_assert_uint_eq(limit, 0);
    ck_assert_double_eq_tol(select_figure(select, 1, 1).mean, 11, 0.1);
    ck_assert_uint_eq(select_case_count(select), 6);
    ck_assert_double_eq(select_case_error(select), 0.05 / 6);
    select_destroy(select);
}
END_TEST

START_TEST(a_figure_equal_to_the_limit_is_decided)
{
    static const double limits[] = {2};
    static const double tolerances[] = {0};
    struct select_plan plan = plan_of(2);
    plan.limit_count = 1;
    plan.limits = limits;
    plan.tolerances = tolerances;
    struct setting setting = {.means = {1, 2}, .figures = {{2.001}, {2}}};
    struct select *select = finished(&plan, &setting);
    ck_assert_int_eq(select_answer(select), SELECT_DECIDED);
    ck_assert_uint_eq(select_best(select), 1);
    select_destroy(select);
}
END_TEST

START_TEST(nothing_feasible_names_the_nearest)
{
    static const double limits[] = {2};
    static const double tolerances[] = {0.02};
    struct select_plan plan = plan_of(3);
    plan.limit_count = 1;
    plan.limits = limits;
    plan.tolerances = tolerances;
    struct setting setting = {.means = {1, 2, 3}, .figures = {{4}, {2.5}, {3}}, .figure_noise = 0.1};
    struct select *select = finished(&plan, &setting);
    ck_assert_int_eq(select_answer(select), SELECT_NONE_FEASIBLE);
    ck_assert_uint_eq(select_best(select), SELECT_NOBODY);
    ck_assert_uint_eq(select_nearest(select), 1);
    ck_assert_double_eq_tol(select_excess(select, 1, NULL), 0.25, 0.02);
    select_destroy(select);
}
END_TEST

START_TEST(the_end_of_observations_is_undecided)
{
    struct select_plan plan = plan_of(3);
    plan.most = 20;
    plan.indifference = 0.01;
    struct setting setting = {.means = {1, 1, 90}, .noise = 1};
    struct select *select = finished(&plan, &setting);
    ck_assert_int_eq(select_answer(select), SELECT_UNDECIDED);
    ck_assert_uint_eq(select_count(select, 0), 20);
    ck_assert_uint_eq(select_count(select, 1), 20);
    ck_assert_int_eq(select_state(select, 2), SELECT_BEATEN);
    ck_assert_uint_ne(select_best(select), SELECT_NOBODY);
    ck_assert_double_gt(select_gap(select), 0.01);
    select_destroy(select);
}
END_TEST

/* A better point comes when the others are settled: it begins at replication 0, and catches up. */
START_TEST(late_points_catch_up)
{
    struct select_plan plan = plan_of(3);
    struct setting setting = {.means = {5, 5.7, 4}, .noise = 4};
    struct select *select = select_create(&plan);
    select_enter(select, 0);
    select_enter(select, 1);
    go_on(select, &setting);
    size_t before = select_count(select, 0);
    ck_assert_uint_gt(before, 8);
    ck_assert_int_eq(select_answer(select), SELECT_DECIDED);
    ck_assert_uint_eq(select_best(select), 0);
    ck_assert_double_lt(select_upper_limit(select), 7);

    select_enter(select, 2);
    struct select_want wants[POINTS_MAX];
    ck_assert_uint_eq(select_wanted(select, wants), 1);
    ck_assert_uint_eq(wants[0].point, 2);
    ck_assert_uint_eq(wants[0].from, 0);
    ck_assert_uint_eq(wants[0].count, 8);
    go_on(select, &setting);
    ck_assert_int_eq(select_answer(select), SELECT_DECIDED);
    ck_assert_uint_eq(select_best(select), 2);
    ck_assert_uint_eq(select_difference(select, 0, 2).count, select_count(select, 2));
    ck_assert_uint_le(select_count(select, 2), before);
    select_destroy(select);
}
END_TEST

START_TEST(points_rejected_beforehand_do_not_count)
{
    struct select_plan plan = plan_of(5);
    struct setting setting = {.means = {0, 1, 2, 3, 4}, .noise = 0.1};
    struct select *select = select_create(&plan);
    select_reject(select, 0);
    select_reject(select, 1);
    for (size_t i = 2; i < 5; i++)
        select_enter(select, i);
    ck_assert_uint_eq(select_case_count(select), 2);
    go_on(select, &setting);
    ck_assert_uint_eq(select_best(select), 2);
    select_reject(select, 2); /* later ones do */
    ck_assert_uint_eq(select_case_count(select), 2);
    ck_assert_uint_eq(select_best(select), SELECT_NOBODY);
    select_judge(select);
    go_on(select, &setting);
    ck_assert_uint_eq(select_best(select), 3);
    ck_assert_int_eq(select_answer(select), SELECT_DECIDED);
    select_destroy(select);
}
END_TEST

START_TEST(all_rejected_is_none_feasible)
{
    struct select_plan plan = plan_of(2);
    struct select *select = select_create(&plan);
    select_reject(select, 0);
    select_reject(select, 1);
    ck_assert_int_eq(select_answer(select), SELECT_NONE_FEASIBLE);
    ck_assert_double_eq(select_case_error(select), 0.05);
    select_destroy(select);
}
END_TEST

START_TEST(the_indifference_may_be_a_share)
{
    struct select_plan plan = plan_of(2);
    plan.indifference = 0;
    plan.indifference_share = 0.01;
    struct setting setting = {.means = {-200, -199}, .noise = 0.2};
    struct select *select = finished(&plan, &setting);
    ck_assert_double_eq_tol(select_indifference(select), 2, 0.01);
    ck_assert_int_eq(select_answer(select), SELECT_DECIDED);
    select_destroy(select);
}
END_TEST

/* Half widths at 8 observations: 1.9 and 2.8. */
START_TEST(states_say_how_a_point_compares)
{
    struct select_plan plan = plan_of(4);
    plan.indifference = 1.8;
    static const double means[] = {0, 0.3, 1.9, 9};
    static const double noise[] = {0, 1, 1.5, 1.5};
    struct select *select = started(&plan);
    for (size_t i = 0; i < 4; i++) {
        for (size_t r = 0; r < 8; r++)
            select_observe(select, i, means[i] + (r % 2 == 0 ? noise[i] : -noise[i]), NULL);
    }
    select_judge(select);
    ck_assert_int_eq(select_answer(select), SELECT_DECIDED);
    ck_assert_uint_eq(select_best(select), 0);
    ck_assert_int_eq(select_state(select, 1), SELECT_LEVEL);
    ck_assert_int_eq(select_state(select, 2), SELECT_PASSED);
    ck_assert_int_eq(select_state(select, 3), SELECT_BEATEN);
    ck_assert_str_eq(select_state_text(SELECT_LEVEL), "as good within the indifference");
    ck_assert_double_le(select_gap(select), 1.8);
    select_destroy(select);
}
END_TEST

START_TEST(what_is_no_number_is_not_observed)
{
    struct select_plan plan = plan_of(1);
    struct select *select = started(&plan);
    select_observe(select, 0, NAN, NULL);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("select");
    tcase_add_test(cases, one_point_is_the_best);
    tcase_add_test(cases, nothing_is_said_before_it_is_judged);
    tcase_add_test(cases, the_lowest_mean_wins);
    tcase_add_test(cases, equal_points_cannot_be_told_apart);
    tcase_add_test(cases, no_indifference_and_no_noise_still_end);
    tcase_add_test(cases, shared_noise_cancels);
    tcase_add_test(cases, limits_exclude_the_cheap);
    tcase_add_test(cases, a_figure_equal_to_the_limit_is_decided);
    tcase_add_test(cases, nothing_feasible_names_the_nearest);
    tcase_add_test(cases, the_end_of_observations_is_undecided);
    tcase_add_test(cases, late_points_catch_up);
    tcase_add_test(cases, points_rejected_beforehand_do_not_count);
    tcase_add_test(cases, all_rejected_is_none_feasible);
    tcase_add_test(cases, the_indifference_may_be_a_share);
    tcase_add_test(cases, states_say_how_a_point_compares);
    tcase_add_exit_test(cases, what_is_no_number_is_not_observed, 3);
    Suite *suite = suite_create("select");
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
