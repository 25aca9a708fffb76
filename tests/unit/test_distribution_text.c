/* test_distribution_text.c - distributions as text. Means and variances are those of the textbook forms. */
#include "scenarios/distribution_text.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct sim_arena *arena;

static void setup(void)
{
    arena = sim_arena_create();
}

static void teardown(void)
{
    sim_arena_destroy(arena);
}

static enum sim_status parse_in(const char *text, const char *unit, struct sim_distribution *distribution,
                                struct sim_error *error)
{
    struct distribution_context context = {.unit = unit, .lowest = 0, .highest = 1000, .arena = arena};
    return distribution_text_parse(text, &context, distribution, error);
}

static void expect(const char *text, const char *unit, double mean, double deviation)
{
    struct sim_distribution distribution;
    struct sim_error error = {0};
    ck_assert_msg(parse_in(text, unit, &distribution, &error) == SIM_OK, "%s: %s", text, error.message);
    ck_assert_double_eq_tol(sim_distribution_mean(&distribution), mean, 1e-6 * (mean + 1e-9));
    ck_assert_double_eq_tol(sqrt(sim_distribution_variance(&distribution)), deviation, 1e-6 * (deviation + 1e-9));
}

static void refuse(const char *text, const char *unit, int column, const char *message)
{
    struct sim_distribution distribution;
    struct sim_error error = {0};
    ck_assert_msg(parse_in(text, unit, &distribution, &error) != SIM_OK, "'%s' was accepted", text);
    ck_assert_msg(strstr(error.message, message), "'%s': %s", text, error.message);
    ck_assert_msg(error.column == column, "'%s': column %d", text, error.column);
}

START_TEST(test_forms)
{
    expect("5 s", "s", 5, 0);
    expect("fixed(500 ms)", "s", 0.5, 0);
    expect("exponential(2 min)", "s", 120, 120);
    expect("uniform(2 s, 5 s)", "s", 3.5, 3 / sqrt(12));
    expect("lognormal(55, 0.3)", "token", 55, 16.5);
    expect("lognormal( 55 tokens , 30% )", "token", 55, 16.5);
    expect("gamma(2 s, 0.5)", "s", 2, 1);
    expect("weibull(2 s, 1)", "s", 2, 2);
    expect("gamma(cv=0.5, mean=2 s)", "s", 2, 1);
    expect("gamma(2 s, cv=0.5)", "s", 2, 1);
    expect("mixture(0.7: fixed(1 s), 30%: fixed(9 s))", "s", 3.4, sqrt(0.7 * 0.3) * 8);
    expect("mixture(50%: 1 s, 50%: mixture(50%: 2 s, 50%: 4 s))", "s", 2, sqrt(0.5 * 1 + 0.25 * 4 + 0.25 * 16 - 4));
    /* mean exp(s^2 / 2), variance (exp(s^2) - 1) exp(s^2) of a median of 1 */
    expect("lognormal(median=1 s, sigma=0.5)", "s", exp(0.125), sqrt((exp(0.25) - 1) * exp(0.25)));
    expect("fixed(3)", "", 3, 0);
}
END_TEST

START_TEST(test_refused)
{
    refuse("", "s", 1, "an argument is missing");
    refuse("exponential(1)", "s", 13, "expected a time such as '180 s' or '2 h', not '1'");
    refuse("exponential()", "s", 13, "an argument is missing");
    refuse("exponential(1 s", "s", 16, "expected ',' or ')'");
    refuse("exponential(1 s) x", "s", 18, "'x' is one too many");
    refuse("exponential(1 s, 2 s)", "s", 1, "expected exponential(mean), not 'exponential(1 s, 2 s)'");
    refuse("lognormal(5 s)", "s", 1, "expected lognormal(mean, cv)");
    refuse("lognormal(median=1 s, cv=1)", "s", 1, "expected lognormal(mean, cv)");
    refuse("lognormal(1 s, 2 s)", "s", 16, "expected a share");
    refuse("lognormal(mean=1 s, mean=2 s)", "s", 1, "expected lognormal(mean, cv)");
    refuse("gamma(2 s, mean=3 s)", "s", 1, "expected gamma(mean, cv)");
    refuse("lognorml(55, 0.3)", "token", 1, "there is no distribution 'lognorml'; did you mean 'lognormal'?");
    refuse("pareto(1 s)", "s", 1, "there is no distribution 'pareto'");
    refuse("uniform(3 s, 2 s)", "s", 1, "");
    refuse("fixed(2000 s)", "s", 7, "'2000 s' is not within 0 to 1000 s");
    refuse("fixed(-1 s)", "s", 7, "'-1 s' is not within 0 to 1000 s");
    refuse("exponential(0 s)", "s", 1, "mean");
    refuse("gamma(fixed(1 s), 1)", "s", 7, "expected a number, not 'fixed(1 s)'");
    refuse("mixture(0.5: 1 s, 0.4: 2 s)", "s", 1, "the shares of a mixture add up to 0.9, not to 1");
    refuse("mixture(1 s)", "s", 9, "expected a part such as '70%: fixed(1 s)'");
    refuse("mixture(x: 1 s)", "s", 12, "expected a share");
    refuse("mixture(100%: )", "s", 15, "an argument is missing");
    refuse("empirical(a.csv)", "s", 1, "expected empirical(file, column)");
    refuse("empirical(/nowhere/a.csv, x)", "s", 1, "cannot read '/nowhere/a.csv': No such file or directory");
    refuse("mixture(1:mixture(1:mixture(1:mixture(1:mixture(1:mixture(1:mixture(1:mixture(1:mixture(1:1 s)))))))))",
           "s", 81, "nested more than 8 deep");
}
END_TEST

static char path[] = "/tmp/capsim-test-XXXXXX";

static void write_file(const char *text)
{
    strcpy(path, "/tmp/capsim-test-XXXXXX");
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
}

START_TEST(test_empirical)
{
    char text[100];
    write_file("id,\"tokens, out\",x\r\n1,10,a\r\n\r\n2,\"30\",b\r\n3, 20 ,c\n");
    snprintf(text, sizeof text, "empirical(%s, x)", path);
    refuse(text, "", 1, ":2: expected a number from 0 up, not 'a'");
    snprintf(text, sizeof text, "empirical(%s, y)", path);
    refuse(text, "", 1, "has no column 'y'");
    snprintf(text, sizeof text, "empirical(%s, id)", path);
    expect(text, "", 2, sqrt(2.0 / 3));
    unlink(path);
    write_file("tokens\n10\n30\n20\n");
    snprintf(text, sizeof text, "empirical(%s, tokens)", path);
    expect(text, "token", 20, sqrt(200.0 / 3));
    unlink(path);
    write_file("tokens\n");
    snprintf(text, sizeof text, "empirical(%s, tokens)", path);
    refuse(text, "token", 1, "has no rows");
    unlink(path);
}
END_TEST

/* A text is parsed, written, and parsed again: the same distribution. */
static void expect_written(const char *text, const char *unit, const char *written)
{
    struct sim_distribution first, second;
    struct sim_error error = {0};
    char again[400];
    ck_assert_msg(parse_in(text, unit, &first, &error) == SIM_OK, "%s: %s", text, error.message);
    ck_assert_msg(distribution_text_write(&first, unit, again, sizeof again), "%s", text);
    ck_assert_str_eq(again, written);
    ck_assert_msg(parse_in(again, unit, &second, &error) == SIM_OK, "%s: %s", again, error.message);
    ck_assert_int_eq(first.kind, second.kind);
    double mean = sim_distribution_mean(&first), variance = sim_distribution_variance(&first);
    ck_assert_double_eq_tol(sim_distribution_mean(&second), mean, 2e-5 * mean);
    ck_assert_double_eq_tol(sim_distribution_variance(&second), variance, 2e-4 * variance + 1e-300);
}

START_TEST(test_written)
{
    expect_written("500 ms", "s", "fixed(0.5 s)");
    expect_written("exponential(3 tokens)", "token", "exponential(3 tokens)");
    expect_written("uniform(10 ms, 20 ms)", "s", "uniform(0.01 s, 0.02 s)");
    expect_written("lognormal(1.5, 30%)", "", "lognormal(1.5, 0.3)");
    expect_written("lognormal(median=1, sigma=4)", "", "lognormal(median=1, sigma=4)");
    expect_written("gamma(2 s, 0.51234567)", "s", "gamma(2 s, 0.512346)");
    expect_written("weibull(2 s, 1.25)", "s", "weibull(2 s, 1.25)");
    expect_written("normal(2 s, 0.8)", "s", "normal(2 s, 0.8)");
    expect_written("mixture(70%: fixed(1 s), 30%: mixture(0.5: fixed(2 s), 0.5: gamma(9 s, 1)))", "s",
                   "mixture(0.7: fixed(1 s), 0.3: mixture(0.5: fixed(2 s), 0.5: gamma(9 s, 1)))");
}
END_TEST

START_TEST(test_not_written)
{
    const double values[] = {1, 2};
    struct sim_distribution distribution = {0};
    char text[20] = "x";
    ck_assert(!distribution_text_write(&distribution, "s", text, sizeof text));
    ck_assert_str_eq(text, "");
    ck_assert_int_eq(sim_distribution_empirical(&distribution, arena, values, NULL, 2, NULL), SIM_OK);
    ck_assert(!distribution_text_write(&distribution, "s", text, sizeof text));
    ck_assert_int_eq(sim_distribution_lognormal(&distribution, 123456, 0.123456, NULL), SIM_OK);
    ck_assert(!distribution_text_write(&distribution, "s", text, sizeof text));
    ck_assert_str_eq(text, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("distribution_text");
    TCase *cases = tcase_create("distribution_text");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, test_forms);
    tcase_add_test(cases, test_refused);
    tcase_add_test(cases, test_empirical);
    tcase_add_test(cases, test_written);
    tcase_add_test(cases, test_not_written);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
