/* test_fit_steps.c - coefficients of step times that are known are found, prompts take what the engine takes for them,
 * and rows that fall are named.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/fit_steps.h"
#include "models/batching.h"
#include "sim/memory.h"

#define PER_CACHED 0.2e-6
#define PER_PREFILL 150e-6
#define BUDGET 2048

static const struct fit_steps_known nothing = {.token_budget = BUDGET, .per_cached = NAN, .per_prefill = NAN};

static const double batches[] = {1, 2, 4, 8, 16, 32, 64};
static const double bases[] = {0.045, 0.045, 0.0452, 0.046, 0.048, 0.052, 0.068};
enum {
    BATCHES = 7,
    ROWS = BATCHES + 4
};

static void assert_close(double found, double expected, double tolerance)
{
    ck_assert_msg(fabs(found - expected) <= tolerance * fabs(expected), "%.12g instead of %.12g", found, expected);
}

static struct fit_steps_row row_of(double batch, double input, double base)
{
    struct fit_steps_row row = {.batch = batch,
                                .input = input,
                                .cached = batch * (input + 63),
                                .token_error = 0.001 * base,
                                .prompt_error = 0.001,
                                .degrees = 4};
    row.token_s = base + PER_CACHED * row.cached;
    row.prompt_s = batch * input <= BUDGET ? base + PER_PREFILL * batch * input : NAN;
    return row;
}

/* Every batch with prompts of 512 tokens, batch 1 with other lengths too. */
static void make_rows(struct fit_steps_row rows[ROWS])
{
    for (size_t i = 0; i < BATCHES; i++)
        rows[i] = row_of(batches[i], 512, bases[i]);
    for (size_t i = BATCHES; i < ROWS; i++)
        rows[i] = row_of(1, 256 * pow(2, (double)(i - BATCHES)), bases[0]);
}

START_TEST(exact_rows_give_exact_coefficients)
{
    struct fit_steps_row rows[ROWS];
    make_rows(rows);
    struct fit_steps *steps = fit_steps_create(rows, ROWS, FIT_CURVE_MONOTONE, &nothing);
    assert_close(steps->per_cached.value, PER_CACHED, 1e-9);
    assert_close(steps->per_prefill.value, PER_PREFILL, 1e-9);
    for (size_t i = 0; i < BATCHES; i++)
        assert_close(fit_curve_at(steps->base, batches[i]), bases[i], 1e-9);
    assert_close(fit_steps_token_s(steps, 64, 50000), bases[6] + PER_CACHED * 50000, 1e-9);
    ck_assert(steps->is_cached_known && steps->is_prefill_known && !steps->uses_long_prompts);
    fit_steps_destroy(steps);
}
END_TEST

/* First output of the last of `count` prompts that the engine of the simulator is given at once. */
static double engine_prompt_s(const struct batching_profile *profile, uint32_t count, uint32_t input)
{
    struct batching *server = sim_allocate(1, batching_size(count));
    double last_s = 0;
    uint32_t left = count;
    batching_init(server, count);
    for (uint32_t i = 0; i < count; i++)
        batching_submit(profile, server, 0, i, input, 0, 200);
    while (left > 0) {
        struct batching_completion completion;
        sim_time_ns next_ns = batching_next(profile, server);
        while (batching_take(profile, server, next_ns, &completion, 1)) {
            last_s = fmax(last_s, (double)completion.first_ns * 1e-9);
            left--;
        }
    }
    free(server);
    return last_s;
}

START_TEST(prompts_take_what_the_engine_takes)
{
    struct fit_steps_row rows[ROWS];
    struct batching_point points[BATCHES];
    for (size_t i = 0; i < BATCHES; i++)
        points[i] = (struct batching_point){(int64_t)batches[i], bases[i]};
    const struct batching_parameters parameters = {.points = points,
                                                   .point_count = BATCHES,
                                                   .cached_token_s = PER_CACHED,
                                                   .prefill_token_s = PER_PREFILL,
                                                   .token_budget = BUDGET,
                                                   .max_batch = 64,
                                                   .kv_tokens = 1 << 20,
                                                   .kv_block = 16};
    static struct batching_profile profile;
    ck_assert_int_eq(batching_profile_init(&profile, &parameters, NULL), SIM_OK);
    make_rows(rows);
    struct fit_steps *steps = fit_steps_create(rows, ROWS, FIT_CURVE_MONOTONE, &nothing);
    static const uint32_t cases[][2] = {{1, 1},   {1, 512}, {1, 2048}, {1, 2049}, {1, 8192}, {3, 700},
                                        {4, 512}, {7, 300}, {64, 512}, {30, 37},  {64, 33},  {5, 5000}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_close(fit_steps_prompt_s(steps, cases[i][0], cases[i][1]),
                     engine_prompt_s(&profile, cases[i][0], cases[i][1]), 1e-6);
    fit_steps_destroy(steps);
}
END_TEST

START_TEST(what_is_known_is_kept)
{
    struct fit_steps_row rows[ROWS];
    struct fit_steps_known known = {.token_budget = BUDGET, .per_cached = 0.1e-6, .per_prefill = 1e-4};
    make_rows(rows);
    struct fit_steps *steps = fit_steps_create(rows, ROWS, FIT_CURVE_MONOTONE, &known);
    assert_close(steps->per_cached.value, 0.1e-6, 0);
    assert_close(steps->per_prefill.value, 1e-4, 0);
    ck_assert_double_nan(steps->per_cached.low);
    fit_steps_destroy(steps);
}
END_TEST

/* Without rows of one batch that differ in cached tokens nothing is known of them. */
START_TEST(cached_tokens_may_be_unknown)
{
    struct fit_steps_row rows[ROWS];
    make_rows(rows);
    struct fit_steps *steps = fit_steps_create(rows, BATCHES, FIT_CURVE_MONOTONE, &nothing);
    ck_assert(!steps->is_cached_known);
    assert_close(steps->per_cached.value, 0, 0);
    assert_close(fit_steps_token_s(steps, 32, 1e6), rows[5].token_s, 1e-12);
    fit_steps_destroy(steps);
}
END_TEST

START_TEST(batches_are_held_out_one_by_one)
{
    struct fit_steps_row rows[ROWS];
    double token[ROWS], prompt[ROWS];
    make_rows(rows);
    fit_steps_hold_out(rows, ROWS, FIT_CURVE_MONOTONE, &nothing, token, prompt);
    ck_assert_double_nan(token[0]);
    ck_assert_double_nan(token[6]);
    ck_assert_double_nan(token[7]);
    for (size_t i = 1; i + 1 < BATCHES; i++) {
        double share = (batches[i] - batches[i - 1]) / (batches[i + 1] - batches[i - 1]);
        double base = bases[i - 1] + share * (bases[i + 1] - bases[i - 1]);
        assert_close(1 + token[i], (base + PER_CACHED * rows[i].cached) / rows[i].token_s, 1e-9);
    }
    ck_assert(isfinite(prompt[1]) && isnan(prompt[4]));
}
END_TEST

/* Batch 64 fell to what 4 would take, as if the batch had not run whole; batch 2 is lower by what repeats explain. */
START_TEST(rows_that_fall_are_named)
{
    struct fit_steps_row rows[ROWS];
    struct fit_steps_anomaly found[ROWS];
    make_rows(rows);
    for (size_t i = 0; i < BATCHES; i++)
        rows[i].prompt_s = 0.1 * rows[i].batch;
    ck_assert_uint_eq(fit_steps_find_anomalies(rows, ROWS, &nothing, found), 0);
    rows[1].token_s *= 0.9995;
    rows[6].prompt_s = 0.41;
    ck_assert_uint_eq(fit_steps_find_anomalies(rows, ROWS, &nothing, found), 1);
    ck_assert(found[6].prompt_falls && !found[6].token_falls);
    ck_assert_uint_eq(found[6].than, 5);
    ck_assert(!found[1].prompt_falls && !found[1].token_falls);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fit_steps");
    TCase *tests = tcase_create("fit_steps");
    tcase_add_test(tests, exact_rows_give_exact_coefficients);
    tcase_add_test(tests, prompts_take_what_the_engine_takes);
    tcase_add_test(tests, what_is_known_is_kept);
    tcase_add_test(tests, cached_tokens_may_be_unknown);
    tcase_add_test(tests, batches_are_held_out_one_by_one);
    tcase_add_test(tests, rows_that_fall_are_named);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
