/* test_elementary.c - exp and log against long double, whose 64 bits show errors of a thousandth of an ulp. */
#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>

#include "sim/elementary.h"
#include "sim/elementary_internal.h"
#include "sim/variate.h"

#define SEED 20
#define POINTS 1000000

/* Distance of `value` from `truth` in units in the last place of a double of that size. */
static double ulps(double value, long double truth)
{
    int exponent;
    frexpl(truth, &exponent);
    if (exponent < DBL_MIN_EXP)
        exponent = DBL_MIN_EXP;
    return (double)fabsl((value - truth) / ldexpl(1, exponent - DBL_MANT_DIG));
}

static double worst_exp(double low, double high)
{
    struct sim_random stream;
    sim_random_init(&stream, SEED, 0, 0, 0, 0);
    double worst = 0;
    for (int i = 0; i < POINTS; i++) {
        double x = low + (high - low) * sim_variate_uniform(&stream);
        worst = fmax(worst, ulps(sim_exp(x), expl(x)));
    }
    return worst;
}

START_TEST(exp_is_within_its_bound)
{
    ck_assert_double_lt(worst_exp(-708.39, 709.78), 0.52);
    ck_assert_double_lt(worst_exp(-10, 10), 0.52);
    ck_assert_double_lt(worst_exp(-0.01, 0.01), 0.52);
    ck_assert_double_lt(worst_exp(-745.13, -708.39), 1.02);
}
END_TEST

START_TEST(exp_knows_its_limits)
{
    ck_assert(sim_exp(0) == 1);
    ck_assert(sim_exp(-0.0) == 1);
    ck_assert(sim_exp(0x1p-1074) == 1);
    ck_assert(sim_exp(INFINITY) == INFINITY);
    ck_assert(sim_exp(-INFINITY) == 0);
    ck_assert(isnan(sim_exp(NAN)));
    ck_assert(sim_exp(0x1.62e42fefa39efp9) < INFINITY); /* the last double below log(2^1024) */
    ck_assert(sim_exp(0x1.62e42fefa39f0p9) == INFINITY);
    ck_assert(sim_exp(1e300) == INFINITY);
    ck_assert(sim_exp(-745.1) == 0x1p-1074);
    ck_assert(sim_exp(-745.2) == 0);
    ck_assert(sim_exp(-746) == 0);
    ck_assert(sim_exp(-1e300) == 0);
}
END_TEST

START_TEST(log_is_within_its_bound)
{
    struct sim_random stream;
    sim_random_init(&stream, SEED, 1, 0, 0, 0);
    double worst = 0;
    for (int i = 0; i < POINTS; i++) {
        double any = sim_elementary_from_bits(sim_random_next(&stream) >> 1);
        if (isfinite(any))
            worst = fmax(worst, ulps(sim_log(any), logl(any)));
        double near_one = 0.5 + 1.5 * sim_variate_open(&stream);
        worst = fmax(worst, ulps(sim_log(near_one), logl(near_one)));
        double nearer = 1 + (sim_variate_uniform(&stream) - 0.5) * 0x1p-6;
        if (nearer != 1)
            worst = fmax(worst, ulps(sim_log(nearer), logl(nearer)));
        double subnormal = sim_elementary_from_bits((sim_random_next(&stream) >> 12) + 1);
        worst = fmax(worst, ulps(sim_log(subnormal), logl(subnormal)));
    }
    ck_assert_double_lt(worst, 0.52);
}
END_TEST

START_TEST(log_knows_its_limits)
{
    ck_assert(sim_log(1) == 0);
    ck_assert(sim_log(0.0) == -INFINITY);
    ck_assert(sim_log(-0.0) == -INFINITY);
    ck_assert(sim_log(INFINITY) == INFINITY);
    ck_assert(isnan(sim_log(-1)));
    ck_assert(isnan(sim_log(-INFINITY)));
    ck_assert(isnan(sim_log(NAN)));
    ck_assert(sim_log(0x1p-1074) == (double)logl(0x1p-1074));
    ck_assert(sim_log(DBL_MAX) == (double)logl(DBL_MAX));
}
END_TEST

/* Around every border of the two tables, where a wrong entry or a wrong index would show. */
START_TEST(borders_between_table_entries_are_smooth)
{
    double worst = 0;
    for (int i = -300; i <= 300; i++) {
        double border = (i + 0.5) * M_LN2 / SIM_ELEMENTARY_TABLE_SIZE;
        for (double x = border - 1e-12; x < border + 1e-12; x += 1e-14)
            worst = fmax(worst, ulps(sim_exp(x), expl(x)));
    }
    for (int i = 160; i <= 400; i++) {
        double border = i / 256.0;
        double x = border;
        for (int step = 0; step < 20; step++, x = nextafter(x, 0))
            if (x != 1)
                worst = fmax(worst, ulps(sim_log(x), logl(x)));
    }
    ck_assert_double_lt(worst, 0.52);
}
END_TEST

START_TEST(tables_hold_what_they_say)
{
    for (int i = 0; i < SIM_ELEMENTARY_TABLE_SIZE; i++) {
        long double power = exp2l(i / (long double)SIM_ELEMENTARY_TABLE_SIZE);
        const struct sim_elementary_table_power *entry = &sim_elementary_table_powers[i];
        ck_assert(entry->power == (double)power);
        ck_assert_double_lt((double)fabsl(entry->power + (long double)entry->power * entry->tail - power), 0x1p-62);
        const struct sim_elementary_table_logarithm *log = &sim_elementary_table_logarithms[i];
        ck_assert(log->inverse * 1024 == nearbyint(log->inverse * 1024));
        ck_assert(log->high * 0x1p42 == nearbyint(log->high * 0x1p42));
        ck_assert_double_lt((double)fabsl((long double)log->high + log->low + logl(log->inverse)), 0x1p-63);
    }
}
END_TEST

START_TEST(relatives_agree_with_long_double)
{
    for (double x = 1e-12; x < 30; x *= 1.1) {
        ck_assert_double_lt(ulps(sim_expm1(x), expm1l(x)), 4);
        ck_assert_double_lt(ulps(sim_expm1(-x), expm1l(-x)), 4);
        ck_assert_double_lt(ulps(sim_log1p(x), log1pl(x)), 4);
        ck_assert_double_lt(ulps(sim_pow(x, 0.75), powl(x, 0.75L)), 64);
        ck_assert_double_lt((double)fabsl(sim_log_gamma(x) - lgammal(x)), 2e-14);
    }
    ck_assert_double_lt(fabs(sim_log_gamma(171) / gsl_sf_lngamma(171) - 1), 1e-15);
    ck_assert(sim_pow(0, 2) == 0);
    ck_assert(sim_pow(0, 0) == 1);
    ck_assert(sim_pow(1, 1e308) == 1);
    ck_assert(sim_log1p(INFINITY) == INFINITY);
}
END_TEST

START_TEST(normal_distribution_function_agrees_with_erfc)
{
    for (double x = -9; x <= 9; x += 0.01) {
        ck_assert_double_lt((double)fabsl(sim_normal_cdf(x) - erfcl(-x / sqrtl(2)) / 2), 1e-15);
        ck_assert_double_lt(fabs(sim_normal_density(x) - exp(-x * x / 2) / sqrt(2 * M_PI)), 1e-15);
    }
    ck_assert(isnan(sim_normal_cdf(NAN)));
    ck_assert(sim_normal_cdf(INFINITY) == 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("elementary");
    TCase *cases = tcase_create("elementary");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, exp_is_within_its_bound);
    tcase_add_test(cases, exp_knows_its_limits);
    tcase_add_test(cases, log_is_within_its_bound);
    tcase_add_test(cases, log_knows_its_limits);
    tcase_add_test(cases, borders_between_table_entries_are_smooth);
    tcase_add_test(cases, tables_hold_what_they_say);
    tcase_add_test(cases, relatives_agree_with_long_double);
    tcase_add_test(cases, normal_distribution_function_agrees_with_erfc);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
