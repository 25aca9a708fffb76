/* test_formula.c - formulas give values, errors say where, and nothing gets out of the sandbox. */
#include "analysis/formula.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct formula *formula;
static struct sim_arena *arena;
static struct formula_value value;
static struct formula_error error;

static void setup(void)
{
    formula = formula_create(NULL);
    arena = sim_arena_create();
}

static void teardown(void)
{
    formula_destroy(formula);
    sim_arena_destroy(arena);
}

static bool evaluate(const char *define, const char *text)
{
    const struct formula_code shared = {.name = "define", .text = define};
    const struct formula_code code = {.name = "ours x", .text = text};
    return formula_evaluate(formula, define ? &shared : NULL, &code, NULL, arena, &value, &error);
}

static void expect_error(const char *text, const char *message)
{
    ck_assert_msg(!evaluate(NULL, text), "%s has a value", text);
    ck_assert_msg(strstr(error.message, message), "%s: %s", text, error.message);
}

START_TEST(values)
{
    ck_assert(evaluate(NULL, "(1 - 0.39 / 0.69) * 100") && value.kind == FORMULA_NUMBER);
    ck_assert_double_eq_tol(value.number, 43.478260869565, 1e-9);
    ck_assert(evaluate(NULL, "'L' .. 4") && value.kind == FORMULA_TEXT);
    ck_assert_str_eq(value.text, "L4");
    ck_assert(evaluate(NULL, "1 < 2") && value.kind == FORMULA_TRUTH && value.is_true);
    ck_assert(evaluate(NULL, "local x = 3\nlocal y = 4\nreturn x * y") && value.number == 12);
    ck_assert(evaluate("function f(x) return 2 * x end", "f(21)") && value.number == 42);
    ck_assert(evaluate(NULL, "('ab'):rep(2) .. string.format('%d', 3)"));
    ck_assert_str_eq(value.text, "abab3");
}
END_TEST

START_TEST(each_begins_anew)
{
    ck_assert(evaluate("n = (n or 0) + 1", "n") && value.number == 1);
    ck_assert(evaluate("n = (n or 0) + 1", "n") && value.number == 1);
    ck_assert(evaluate(NULL, "x = 5 return x") && value.number == 5);
    expect_error("x", "expected a number, a text, true or false, but it is nil");
    /* Not even tables of the language keep what is written into them... */
    ck_assert(evaluate("string = {format = 1}", "string.format") && value.number == 1);
    ck_assert(evaluate(NULL, "string.format('%d', 7)"));
    ck_assert_str_eq(value.text, "7");
}
END_TEST

START_TEST(errors_have_places)
{
    ck_assert(!evaluate("local a = 1\nfunction f() return a + nil end", "1 + f()"));
    ck_assert_str_eq(error.name, "define");
    ck_assert_int_eq(error.line, 2);
    ck_assert(!evaluate(NULL, "local a = 1\nlocal b = a.x.y\nreturn b"));
    ck_assert_str_eq(error.name, "ours x");
    ck_assert_int_eq(error.line, 2);
    const struct formula_code wrong = {.name = "ours y", .text = "1 +* 2"};
    ck_assert(!formula_check(formula, &wrong, false, &error));
    ck_assert_str_eq(error.name, "ours y");
    ck_assert_int_eq(error.line, 1);
    const struct formula_code body = {.name = "define", .text = "function f() return 1 end"};
    ck_assert(formula_check(formula, &body, true, &error));
}
END_TEST

static const char *const ways_out[] = {
    "os",          "io",           "require",        "load",         "loadfile",        "dofile",
    "debug",       "package",      "collectgarbage", "setmetatable", "getmetatable",    "rawset",
    "pcall",       "xpcall",       "coroutine",      "utf8",         "print",           "string.dump",
    "string.find", "string.match", "string.gsub",    "math.random",  "math.randomseed", "table.move",
    "_G",          "warn",         "string.gmatch",  "('').find",    "rawget",          "string.pack",
};

START_TEST(no_way_out)
{
    char text[64];
    snprintf(text, sizeof text, "type(%s)", ways_out[_i]);
    ck_assert(evaluate(NULL, text));
    ck_assert_msg(strcmp(value.text, "nil") == 0, "%s is a %s", ways_out[_i], value.text);
}
END_TEST

START_TEST(bounds)
{
    expect_error("while true do end return 1", "more than 50 million instructions");
    expect_error("local function f() return f() end return f()", "more than 50 million instructions");
    expect_error("local function f() return 1 + f() end return f()", "not enough memory");
    expect_error("local s = 'x' while true do s = s .. s end return s", "not enough memory");
    expect_error("local t = {} for i = 1, 1e9 do t[i] = i end return #t", "not enough memory");
    expect_error("('x'):rep(1e9)", "not enough memory");
    expect_error("#('x'):rep(1e18)", "too large");
    expect_error("#table.pack(table.unpack({}, 1, 1e7))", "too many results");
    ck_assert(evaluate(NULL, "1 + 1") && value.number == 2);
}
END_TEST

/* Binary code could break the machine. */
START_TEST(no_binary_code)
{
    expect_error("\x1bLua", "");
    const struct formula_code code = {.name = "x", .text = "\x1bLuaT"};
    ck_assert(!formula_check(formula, &code, true, &error));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("formula");
    TCase *cases = tcase_create("formula");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, values);
    tcase_add_test(cases, each_begins_anew);
    tcase_add_test(cases, errors_have_places);
    tcase_add_loop_test(cases, no_way_out, 0, sizeof ways_out / sizeof *ways_out);
    tcase_add_test(cases, bounds);
    tcase_add_test(cases, no_binary_code);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
