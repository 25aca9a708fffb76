/* test_verify.c - rows against runs: values, intervals, pairs, and what is refused. */
#include "analysis/verify.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct verify_runs *runs;
static struct verify_file file;

static void setup(void)
{
    setenv("CAPSIM_CATALOGUE", "scenarios/catalogue", 1);
    runs = verify_runs_create(NULL, 0, 1, NULL);
}

static void teardown(void)
{
    verify_release(&file);
    verify_runs_destroy(runs);
}

static void load(const char *path)
{
    const struct scenario_settings settings = {0};
    bool is_good = verify_load(&file, path, &settings);
    diagnostic_print(&file.problems, stdout);
    ck_assert(is_good);
}

static enum sim_status answer(const char *prefix)
{
    struct sim_error error;
    const struct verify_choice choice = {.prefix = prefix};
    ck_assert_uint_gt(verify_choose(&file, &choice), 0);
    return verify_answer(&file, runs, &error);
}

static const struct verify_row *row_of(const char *id)
{
    for (size_t i = 0; i < file.row_count; i++)
        if (strcmp(file.rows[i].row->id, id) == 0)
            return &file.rows[i];
    ck_abort_msg("no row %s", id);
    return NULL;
}

static double half_width(const char *id)
{
    const struct verify_row *row = row_of(id);
    ck_assert(isfinite(row->low) && isfinite(row->high));
    return (row->high - row->low) / 2;
}

START_TEST(verdicts)
{
    load("tests/unit/verify/servers.yaml");
    ck_assert_int_eq(answer(NULL), SIM_OK);
    for (size_t i = 0; i < file.row_count; i++) {
        const struct verify_row *row = &file.rows[i];
        bool has_value = strcmp(row->row->id, "withheld") != 0;
        ck_assert_msg(row->verdict == (has_value ? row->row->expect : REFERENCE_NO_VALUE), "%s: %s, %g", row->row->id,
                      reference_verdict_text(row->verdict), row->ours.number);
    }
    ck_assert_ptr_nonnull(strstr(row_of("withheld")->problem, "withheld: fewer than"));
    ck_assert_uint_eq(file.run_count, 4);
    ck_assert(isnan(row_of("theory")->low) && isnan(row_of("turned")->low));
    /* What is true or false is looked at in draws of the replications. */
    ck_assert(row_of("turned")->of == 100 && row_of("turned")->alike == 100 && row_of("saved")->alike == 100);
    ck_assert(row_of("close")->of == 100 && row_of("close")->alike > 20 && row_of("close")->alike < 80);
    ck_assert(row_of("turned")->is_clear && !row_of("close")->is_clear);
    ck_assert(row_of("wait")->of == 0 && row_of("steps")->of == 0);
}
END_TEST

/* Both variants have the same customers, so chance falls out of the difference. */
START_TEST(pairs)
{
    load("tests/unit/verify/servers.yaml");
    ck_assert_int_eq(answer(NULL), SIM_OK);
    double unpaired = hypot(half_width("wait"), half_width("wait-six"));
    ck_assert_msg(half_width("saved") < 0.9 * unpaired, "%g, unpaired %g", half_width("saved"), unpaired);
    /* Runs of different kinds: the ends of both intervals. */
    ck_assert_double_gt(half_width("mixed"), half_width("wait") / row_of("wait")->ours.number);
    ck_assert_str_eq(row_of("mixed")->interval, "from those of its figures");
    /* A figure as it is has the interval of the report. */
    const struct verify_run *run = NULL;
    struct sim_error error;
    run = verify_runs_load(runs, "tests/unit/verify/servers.yaml", NULL, &error);
    const struct estimate *estimate = &summary_find(run->summary, "all", "wait_mean_s")->estimate;
    ck_assert(estimate->low == row_of("wait")->low && estimate->high == row_of("wait")->high);
}
END_TEST

START_TEST(only_what_is_asked_for_runs)
{
    load("tests/unit/verify/servers.yaml");
    ck_assert_int_eq(answer("chain-2"), SIM_OK);
    /* The figures of other rows are printed, but the data behind them are asked for. */
    ck_assert_uint_eq(file.run_count, 1);
    ck_assert_int_eq(row_of("chain-2")->verdict, REFERENCE_CONFIRMED);
    ck_assert_int_eq(answer("price"), SIM_OK);
    ck_assert_uint_eq(file.run_count, 0);
}
END_TEST

START_TEST(a_list_of_claims)
{
    load("tests/unit/verify/claims.yaml");
    ck_assert_int_eq(answer(NULL), SIM_OK);
    ck_assert_uint_eq(file.run_count, 2);
    for (size_t i = 0; i < file.row_count; i++)
        ck_assert_msg(file.rows[i].verdict == REFERENCE_CONFIRMED, "%s", file.rows[i].row->id);
}
END_TEST

START_TEST(a_base)
{
    load("tests/unit/verify/derived.yaml");
    ck_assert_int_eq(answer(NULL), SIM_OK);
    ck_assert(row_of("own")->is_answered && row_of("wait-six")->is_answered && !row_of("wait")->is_answered);
    ck_assert_int_eq(row_of("own")->verdict, REFERENCE_CONFIRMED);
    ck_assert_int_eq(row_of("wait-six")->verdict, REFERENCE_CONFIRMED);
    ck_assert_uint_eq(file.run_count, 1);
}
END_TEST

/* ---- What is refused ---- */

static const struct {
    const char *ours;
    const char *message;
} wrong[] = {
    {"1", "ours depends on nothing that was loaded or simulated"},
    {"theirs('x')", "ours depends on nothing that was loaded or simulated"},
    {"theirs('unknown')", "ours depends on nothing that was loaded or simulated"},
    {"constant", "ours depends on nothing that was loaded or simulated"},
    {"erlang_c(4, 5)", "ours depends on nothing that was loaded or simulated"},
    {"metric('wait_mean_s', 'all', 'servers') * 0 + 1", "ours is the same whatever is loaded and simulated"},
    {"(value('duration', 's', 'servers') and 1) + #pairs_text{}", "ours is the same whatever is loaded"},
    {"value('name', nil, 'servers') and 'one'", "ours is the same whatever is loaded"},
    {"metric('wait_mean', 'all', 'servrs')", "there is no variant 'servrs'; did you mean 'servers'?"},
    {"size('chat', '', 'servers')", "there is no model 'chat'"},
    {"fits('chat', '', 'L4', 'servers')", "there is no model 'chat'"},
    {"pack('L5', {}, 'servers')", "the catalogue has no GPU 'L5'"},
    {"pool_memory('server', 'servers')", "there is no pool 'server' that holds models"},
    {"metric('wait_mean')", "this file is a list of claims: name a variant"},
    {"metric('wait_meen_s', 'all', 'servers')", "there is no metric 'wait_meen_s'; did you mean 'wait_mean_s'?"},
    {"metric('wait_mean_s', 'pool/x', 'servers')", "'servers' has no scope 'pool/x'"},
    {"metric('containers_mean', 'class/customer', 'servers')", "in the scope 'class/customer'"},
    {"value('pools.server.max_input', '', 'servers')", "did you mean 'max_inputs'?"},
    {"value('pools.server', '', 'servers')", "'pools.server' is a mapping, not a value"},
    {"value('duration', 'GB', 'servers')", "'2 h'"},
    {"gpu('L5').memory", "the catalogue has no GPU 'L5'; did you mean 'L4'?"},
    {"price('modal', 'L4', 'spot')", "the catalogue has no price"},
    {"theirs('y')", "this file has no row 'y'"},
    {"ours('x')", "the row 'x' depends on itself"},
    {"slo_met('servers')", "the scenario has no limits (slo)"},
    {"first(1, 2.5, is_saturated)", "end must be a whole number, not 2.5"},
    {"value('replications', '', 'servers') / 0", "ours is no finite number"},
    {"nil", "expected a number, a text, true or false, but it is nil"},
};

static void write_claim(char *path, const char *ours)
{
    int descriptor = mkstemp(path);
    FILE *out = fdopen(descriptor, "w");
    fprintf(out,
            "capsim: 1\nname: x\nvariants:\n  - {name: servers, scenario: %s/tests/unit/verify/servers.yaml}\n"
            "define: |\n  constant = 7\nreference:\n"
            "  - {id: unknown, kind: claim, claim: c, theirs: \"3\", untestable: u, expect: untestable}\n"
            "  - {id: x, kind: claim, claim: c, theirs: \"1\", expect: confirmed, ours: \"%s\"}\n",
            getcwd((char[4096]){0}, 4096), ours);
    fclose(out);
}

START_TEST(what_is_wrong)
{
    char path[] = "/tmp/capsim-verify-XXXXXX";
    write_claim(path, wrong[_i].ours);
    load(path);
    enum sim_status status = answer(NULL);
    unlink(path);
    ck_assert_msg(status == SIM_BAD_INPUT && file.problems.count == 1, "%s was accepted", wrong[_i].ours);
    const struct diagnostic *problem = &file.problems.kept[0];
    ck_assert_msg(strstr(problem->message, wrong[_i].message), "%s: %s", wrong[_i].ours, problem->message);
    ck_assert_int_eq(problem->place.line, 9);
    ck_assert_ptr_nonnull(strstr(problem->message, "row 'x': "));
}
END_TEST

START_TEST(wrong_syntax)
{
    char path[] = "/tmp/capsim-verify-XXXXXX";
    const struct scenario_settings settings = {0};
    write_claim(path, "1 +");
    ck_assert(!verify_load(&file, path, &settings));
    unlink(path);
    ck_assert_uint_eq(file.problems.count, 1);
    ck_assert_int_eq(file.problems.kept[0].place.line, 9);
}
END_TEST

/* Rows about models, answered from a catalogue of their own. */
START_TEST(models_and_gpus)
{
    setenv("CAPSIM_CATALOGUE", "tests/unit/catalogue_size", 1);
    load("tests/unit/verify/models.yaml");
    ck_assert_int_eq(answer(NULL), SIM_OK);
    ck_assert_uint_eq(file.row_count, 10);
    for (size_t i = 0; i < file.row_count; i++)
        ck_assert_msg(file.rows[i].verdict == file.rows[i].row->expect, "row %s", file.rows[i].row->id);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verify");
    TCase *cases = tcase_create("verify");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, verdicts);
    tcase_add_test(cases, pairs);
    tcase_add_test(cases, only_what_is_asked_for_runs);
    tcase_add_test(cases, a_list_of_claims);
    tcase_add_test(cases, a_base);
    tcase_add_loop_test(cases, what_is_wrong, 0, sizeof wrong / sizeof *wrong);
    tcase_add_test(cases, wrong_syntax);
    tcase_add_test(cases, models_and_gpus);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
