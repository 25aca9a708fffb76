/* test_batching.c - the batching server on cases that can be worked out by hand.
 *
 * Lengths are given in nanoseconds: a step of `b` requests with `k` cached and `p` prefill tokens lasts
 * c0(b) + c1 k + c2 p.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/batching.h"
#include "sim/memory.h"

enum {
    INPUTS = 16
};

/* 1 us for one request, 100 ns more for each further one, 10 ns per prefill token, 1 ns per cached token. */
static const struct batching_point curve[] = {{1, 1000e-9}, {5, 1400e-9}};

static struct batching_parameters usual(void)
{
    return (struct batching_parameters){.points = curve,
                                        .point_count = 2,
                                        .cached_token_s = 1e-9,
                                        .prefill_token_s = 10e-9,
                                        .token_budget = 1000,
                                        .max_batch = 10,
                                        .kv_tokens = 16000,
                                        .kv_block = 16};
}

static struct batching_profile profile;
static struct batching *server;

static void start(struct batching_parameters parameters)
{
    struct sim_error error = {.message = "no message"};
    ck_assert_msg(batching_profile_init(&profile, &parameters, &error) == SIM_OK, "%s", error.message);
    server = sim_allocate(1, batching_size(INPUTS));
    batching_init(server, INPUTS);
}

static void start_usual(void)
{
    start(usual());
}

static void stop(void)
{
    free(server);
    server = NULL;
}

static void submit(sim_time_ns now_ns, uint32_t id, uint32_t prompt, uint32_t prefix, uint32_t output)
{
    batching_submit(&profile, server, now_ns, id, prompt, prefix, output);
}

/* Goes to the next completion, of which there is one, and takes it. */
static struct batching_completion wait_for_one(void)
{
    struct batching_completion completion;
    for (;;) {
        sim_time_ns next_ns = batching_next(&profile, server);
        ck_assert_int_ne(next_ns, SIM_TIME_NEVER);
        if (batching_take(&profile, server, next_ns, &completion, 1)) {
            ck_assert_int_le(completion.completed_ns, next_ns);
            return completion;
        }
    }
}

static void expect(struct batching_completion completion, uint32_t id, sim_time_ns admitted_ns, sim_time_ns first_ns,
                   sim_time_ns completed_ns)
{
    ck_assert_uint_eq(completion.request_id, id);
    ck_assert_int_eq(completion.admitted_ns, admitted_ns);
    ck_assert_int_eq(completion.first_ns, first_ns);
    ck_assert_int_eq(completion.completed_ns, completed_ns);
}

/* Prefill of 100 tokens: 1000 + 1000 ns. Then 9 steps with 100, 101, ... 108 tokens cached: 9 x 1000 + 936. */
START_TEST(one_request_is_a_closed_form)
{
    submit(5000, 7, 100, 0, 10);
    ck_assert_int_eq(batching_next(&profile, server), 5000 + 2000 + 9936);
    expect(wait_for_one(), 7, 5000, 7000, 16936);
    ck_assert_int_eq(batching_next(&profile, server), SIM_TIME_NEVER);

    struct batching_totals totals = batching_totals(&profile, server, 20000);
    ck_assert(totals.busy_time == (sim_uint128)11936 * 65536);
    ck_assert(totals.batch_time == (sim_uint128)11936 * 65536);
    /* sum of k (1000 + k) for k = 100 to 108: 936 x 1000 + 97404 */
    ck_assert(totals.cached_time == (sim_uint128)(936000 + 97404) * 65536);
    ck_assert_uint_eq(totals.cached_max, 109);
    ck_assert_uint_eq(totals.steps, 10);
    ck_assert_uint_eq(totals.output_tokens, 10);
    ck_assert_uint_eq(totals.prefill_tokens, 100);
}
END_TEST

/* In the middle of the third step, [8100, 9201): two steps and 400 ns of one with 101 tokens cached. */
START_TEST(totals_count_part_of_a_step)
{
    submit(5000, 7, 100, 0, 10);
    struct batching_totals totals = batching_totals(&profile, server, 8500);
    ck_assert(totals.busy_time == (sim_uint128)3500 * 65536);
    ck_assert(totals.cached_time == (sim_uint128)(100 * 1100 + 101 * 400) * 65536);
    ck_assert_uint_eq(totals.steps, 2);
    ck_assert_uint_eq(totals.output_tokens, 2);
    ck_assert_uint_eq(totals.cached_max, 101);
}
END_TEST

/* One output token: the prefill is all. All of the prompt cached: one token is computed all the same. */
START_TEST(one_token)
{
    submit(0, 1, 100, 100, 1);
    expect(wait_for_one(), 1, 0, 1000 + 99 + 10, 1109);
}
END_TEST

/* A budget of 40: chunks of 40, 40 and 20 with 0, 40 and 80 tokens cached: 1400 + 1440 + 1280. */
START_TEST(prompt_in_chunks)
{
    stop();
    struct batching_parameters parameters = usual();
    parameters.token_budget = 40;
    start(parameters);
    submit(0, 1, 100, 0, 1);
    expect(wait_for_one(), 1, 0, 4120, 4120);
}
END_TEST

/* The second joins where the first step ends: at 2000 one decoder (100 cached) and a prefill of 50 run, until
 * 2000 + 1100 + 100 + 500 = 3700. Then both decode: 1100 + 101 + 50 = 1251 until 4951; both are complete.
 */
static void expect_joined_at_2000(sim_time_ns arrival_ns)
{
    submit(0, 1, 100, 0, 3);
    batching_take(&profile, server, arrival_ns, NULL, 0);
    submit(arrival_ns, 2, 50, 0, 2);
    expect(wait_for_one(), 1, 0, 2000, 4951);
    expect(wait_for_one(), 2, 2000, 3700, 4951);
}

START_TEST(arrival_within_a_step_joins_the_next)
{
    expect_joined_at_2000(1);
}
END_TEST

START_TEST(arrival_in_the_nanosecond_of_a_boundary_joins)
{
    expect_joined_at_2000(2000);
}
END_TEST

/* One nanosecond later it joins at 2000 + 1100 = 3100: 1100 + 101 + 500 until 4801, when the first is complete;
 * then the second decodes alone with 50 cached: 1050.
 */
START_TEST(arrival_after_the_boundary_waits_for_a_step)
{
    submit(0, 1, 100, 0, 3);
    submit(2001, 2, 50, 0, 2);
    expect(wait_for_one(), 1, 0, 2000, 4801);
    expect(wait_for_one(), 2, 3100, 4801, 5851);
}
END_TEST

/* A batch of one: the others wait in order. 1000 + 100 each. */
START_TEST(the_rest_waits)
{
    stop();
    struct batching_parameters parameters = usual();
    parameters.max_batch = 1;
    start(parameters);
    for (uint32_t id = 1; id <= 3; id++)
        submit(0, id, 10, 0, 1);
    for (uint32_t id = 1; id <= 3; id++)
        expect(wait_for_one(), id, (id - 1) * 1100, id * 1100, id * 1100);
}
END_TEST

/* Two blocks of 4 tokens, and no time for tokens. Both prompts of 3 take a block each; the second step fills them,
 * in the third the first needs a block more, so the second is preempted. It returns when the first is complete, with
 * 5 tokens to compute. Steps: 1100, 1100, then 1000 each: the first has 5 tokens at 2200 + 3000, the second its
 * third at once after a step of 1000, and its fifth 2000 later.
 */
START_TEST(preempted_by_hand)
{
    stop();
    struct batching_parameters parameters = usual();
    parameters.cached_token_s = parameters.prefill_token_s = 0;
    parameters.kv_tokens = 8;
    parameters.kv_block = 4;
    start(parameters);
    submit(0, 1, 3, 0, 5);
    submit(0, 2, 3, 0, 5);
    expect(wait_for_one(), 1, 0, 1100, 5200);
    struct batching_completion second = wait_for_one();
    expect(second, 2, 0, 1100, 8200);
    ck_assert_uint_eq(second.preemptions, 1);
    ck_assert_uint_eq(batching_totals(&profile, server, 9000).preemptions, 1);
    ck_assert_uint_eq(batching_totals(&profile, server, 9000).prefill_tokens, 3 + 3 + 5);
}
END_TEST

/* 10 blocks of 16 tokens, a watermark of 2: beside a request of 7 blocks, one of 2 has to wait, one of 1 not. */
START_TEST(watermark_keeps_blocks_free)
{
    for (uint32_t blocks = 1; blocks <= 2; blocks++) {
        stop();
        struct batching_parameters parameters = usual();
        parameters.kv_tokens = 160;
        parameters.watermark = 0.2;
        start(parameters);
        submit(0, 1, 7 * 16, 0, 1);
        submit(0, 2, 16 * blocks, 0, 1);
        sim_time_ns alone_ns = 1000 + 10 * 7 * 16, both_ns = 1100 + 10 * 8 * 16;
        expect(wait_for_one(), 1, 0, blocks == 1 ? both_ns : alone_ns, blocks == 1 ? both_ns : alone_ns);
        ck_assert_int_eq(wait_for_one().admitted_ns, blocks == 1 ? 0 : alone_ns);
    }
}
END_TEST

/* Budget 16, memory 4 blocks. The second prompt has 3 blocks; chunk by chunk it starts beside the first, which holds
 * 2; reserved as a whole it waits.
 */
START_TEST(whole_prompt_is_reserved)
{
    for (int whole = 0; whole <= 1; whole++) {
        stop();
        struct batching_parameters parameters = usual();
        parameters.kv_tokens = 64;
        parameters.token_budget = 16;
        parameters.whole_prompt = whole;
        start(parameters);
        submit(0, 1, 16, 0, 8);
        submit(0, 2, 48, 0, 1);
        struct batching_completion first = wait_for_one(), second = wait_for_one();
        ck_assert_uint_eq(first.request_id, 1);
        ck_assert_int_eq(second.admitted_ns, whole ? first.completed_ns : first.first_ns);
    }
}
END_TEST

static void start_ahead(int64_t max_batch)
{
    stop();
    struct batching_parameters parameters = usual();
    parameters.max_batch = max_batch;
    parameters.scheduled_ahead = true;
    start(parameters);
}

/* Steps of the first: until 2000, 3100, 4201. What is submitted after the start of one is not in the next. */
START_TEST(scheduled_ahead_joins_a_step_later)
{
    start_ahead(10);
    submit(0, 1, 100, 0, 3);
    submit(1, 2, 50, 0, 2);
    expect(wait_for_one(), 1, 0, 2000, 4801);
    expect(wait_for_one(), 2, 3100, 4801, 5851);
    start_ahead(10);
    submit(0, 1, 100, 0, 3);
    submit(2001, 2, 50, 0, 1);
    expect(wait_for_one(), 1, 0, 2000, 4201);
    expect(wait_for_one(), 2, 4201, 5701, 5701);
}
END_TEST

/* One step, and nobody in the next as it was decided when that began: decided again when it ends. */
START_TEST(scheduled_ahead_and_run_dry)
{
    start_ahead(10);
    submit(0, 1, 100, 0, 1);
    submit(1500, 2, 100, 0, 1);
    expect(wait_for_one(), 1, 0, 2000, 2000);
    expect(wait_for_one(), 2, 2000, 4000, 4000);
}
END_TEST

/* A batch of two: the second is complete at 1300, but that was not known at 0, when the next step was decided. That
 * one, with the first alone, lasts 1010; the third is in the one after: 1100 + 11 + 100.
 */
START_TEST(scheduled_ahead_leaves_a_step_later)
{
    start_ahead(2);
    submit(0, 1, 10, 0, 3);
    submit(0, 2, 10, 0, 1);
    submit(0, 3, 10, 0, 1);
    expect(wait_for_one(), 2, 0, 1300, 1300);
    expect(wait_for_one(), 1, 0, 1300, 3521);
    expect(wait_for_one(), 3, 2310, 3521, 3521);
}
END_TEST

/* Three blocks of 4 tokens. Both prompts, of 3 and 7, fill their blocks in the second step; in the third the first
 * needs one more and the second, with 8 tokens cached, is preempted. The first takes the last block of it. It comes
 * back with 9 tokens: those of its first block are there, 5 are computed; all 9 if nothing is kept, 1 if all is.
 */
START_TEST(what_is_preempted_is_overwritten)
{
    static const uint64_t computed_again[] = {9, 1, 5};
    for (int kept = 0; kept <= 2; kept++) {
        stop();
        struct batching_parameters parameters = usual();
        parameters.kv_tokens = 12;
        parameters.kv_block = 4;
        parameters.keeps_preempted = kept > 0;
        parameters.overwrites_preempted = kept > 1;
        start(parameters);
        submit(0, 1, 3, 0, 5);
        submit(0, 2, 7, 0, 5);
        ck_assert_uint_eq(wait_for_one().request_id, 1);
        struct batching_completion second = wait_for_one();
        ck_assert_uint_eq(second.preemptions, 1);
        ck_assert_uint_eq(batching_totals(&profile, server, second.completed_ns).prefill_tokens,
                          3 + 7 + computed_again[kept]);
    }
}
END_TEST

/* Waiting ones leave at once; running ones at the end of their step, and their end is not reported. */
START_TEST(cancelled_ones_leave)
{
    stop();
    struct batching_parameters parameters = usual();
    parameters.max_batch = 1;
    start(parameters);
    for (uint32_t id = 1; id <= 3; id++)
        submit(0, id, 100, 0, 10);
    ck_assert(batching_cancel(&profile, server, 500, 2));
    ck_assert(!batching_cancel(&profile, server, 500, 2));
    ck_assert(batching_cancel(&profile, server, 2000 + 1, 1));
    ck_assert(!batching_cancel(&profile, server, 2000 + 1, 1));
    expect(wait_for_one(), 3, 3100, 5100, 3100 + 11936);
    ck_assert(!batching_cancel(&profile, server, 20000, 3));
    ck_assert_int_eq(batching_next(&profile, server), SIM_TIME_NEVER);
}
END_TEST

/* On a boundary a running one leaves before the next step starts. */
START_TEST(cancelled_on_a_boundary)
{
    submit(0, 1, 100, 0, 10);
    submit(0, 2, 100, 0, 2);
    ck_assert(batching_cancel(&profile, server, 1100 + 2000, 1));
    expect(wait_for_one(), 2, 0, 3100, 3100 + 1100);
}
END_TEST

START_TEST(completions_come_in_order_of_admission)
{
    for (uint32_t id = 5; id >= 1; id--)
        submit(0, id, 10, 0, 4);
    struct batching_completion completions[5];
    ck_assert_uint_eq(batching_take(&profile, server, SIM_SECOND, completions, 2), 2);
    ck_assert_int_eq(batching_next(&profile, server), completions[0].completed_ns);
    ck_assert_uint_eq(batching_take(&profile, server, SIM_SECOND, completions + 2, 3), 3);
    for (uint32_t i = 0; i < 5; i++)
        ck_assert_uint_eq(completions[i].request_id, 5 - i);
}
END_TEST

/* Between points the curve is straight, below the first it is flat, beyond the last it goes on. */
START_TEST(curve_is_straight_between_points)
{
    static const struct batching_point points[] = {{2, 10e-9}, {4, 20e-9}, {6, 50e-9}};
    static const double expected_ns[] = {0, 10, 10, 15, 20, 35, 50, 65, 80};
    struct batching_parameters parameters = usual();
    parameters.points = points;
    parameters.point_count = 3;
    stop();
    start(parameters);
    for (int batch = 1; batch <= 8; batch++)
        ck_assert_uint_eq(profile.base[batch], (uint64_t)(expected_ns[batch] * 65536));
    parameters.point_count = 1;
    stop();
    start(parameters);
    for (int batch = 1; batch <= 8; batch++)
        ck_assert_uint_eq(profile.base[batch], 10 * 65536);
}
END_TEST

/* A step takes a nanosecond at least, so time goes on. */
START_TEST(a_step_lasts_a_nanosecond)
{
    static const struct batching_point nothing = {1, 0};
    struct batching_parameters parameters = usual();
    parameters.points = &nothing;
    parameters.point_count = 1;
    parameters.cached_token_s = parameters.prefill_token_s = 0;
    stop();
    start(parameters);
    submit(10, 1, 5, 0, 9);
    expect(wait_for_one(), 1, 10, 11, 19);
}
END_TEST

START_TEST(what_does_not_fit_is_known)
{
    stop();
    struct batching_parameters parameters = usual();
    parameters.kv_tokens = 47; /* two whole blocks */
    start(parameters);
    ck_assert(batching_fits(&profile, 30, 3));
    ck_assert(!batching_fits(&profile, 30, 4));
    ck_assert(!batching_fits(&profile, 0, 3));
    ck_assert(!batching_fits(&profile, 3, 0));
    ck_assert(!batching_fits(&profile, UINT32_MAX, UINT32_MAX));
}
END_TEST

static void expect_rejected(struct batching_parameters parameters, const char *part)
{
    struct batching_profile rejected;
    struct sim_error error;
    ck_assert_int_eq(batching_profile_init(&rejected, &parameters, &error), SIM_BAD_INPUT);
    ck_assert_msg(strstr(error.message, part) != NULL, "\"%s\" does not say \"%s\"", error.message, part);
}

#define EXPECT_REJECTED(member, value, part)          \
    do {                                              \
        struct batching_parameters changed = usual(); \
        changed.member = (value);                     \
        expect_rejected(changed, part);               \
    } while (0)

START_TEST(bad_parameters_are_named)
{
    static const struct batching_point falling[] = {{1, 2e-3}, {4, 1e-3}};
    static const struct batching_point doubled[] = {{4, 1e-3}, {4, 2e-3}};
    static const struct batching_point steep[] = {{1, 1}, {2, 10}};
    EXPECT_REJECTED(points, falling, "less time");
    EXPECT_REJECTED(points, doubled, "batch size");
    EXPECT_REJECTED(points, steep, "longest step");
    EXPECT_REJECTED(point_count, 0, "at least one point");
    EXPECT_REJECTED(max_batch, 0, "max_batch");
    EXPECT_REJECTED(max_batch, 4097, "max_batch");
    EXPECT_REJECTED(token_budget, 9, "token_budget");
    EXPECT_REJECTED(kv_block, 12, "kv_block");
    EXPECT_REJECTED(kv_block, 512, "kv_block");
    EXPECT_REJECTED(kv_tokens, 15, "kv_tokens");
    EXPECT_REJECTED(watermark, 1, "watermark");
    EXPECT_REJECTED(watermark, NAN, "watermark");
    EXPECT_REJECTED(cached_token_s, -1e-9, "cached token");
    EXPECT_REJECTED(prefill_token_s, NAN, "prefill token");
    EXPECT_REJECTED(prefill_token_s, INFINITY, "prefill token");
    EXPECT_REJECTED(cached_token_s, 2e-3, "longest step");
}
END_TEST

static struct sim_digest digest_at(sim_time_ns now_ns)
{
    struct sim_digest digest;
    sim_digest_init(&digest);
    batching_digest(&profile, server, now_ns, NULL, NULL, &digest);
    return digest;
}

static bool same(struct sim_digest a, struct sim_digest b)
{
    return a.low == b.low && a.high == b.high;
}

/* The digest of a server with one request, 3000 ns after it came, unless something is different. */
static struct sim_digest digest_of_one(sim_time_ns arrival_ns, uint32_t prompt, uint32_t prefix, uint32_t output)
{
    stop();
    start_usual();
    submit(arrival_ns, 1, prompt, prefix, output);
    return digest_at(arrival_ns + 3000);
}

START_TEST(digest_sees_what_matters)
{
    struct sim_digest one = digest_of_one(0, 100, 0, 10);
    ck_assert(same(one, digest_of_one(SIM_DAY, 100, 0, 10)));
    ck_assert(!same(one, digest_of_one(0, 101, 0, 10)));
    ck_assert(!same(one, digest_of_one(0, 100, 1, 10)));
    ck_assert(!same(one, digest_of_one(0, 100, 0, 11)));
    digest_of_one(0, 100, 0, 10);
    ck_assert(!same(one, digest_at(3001)));
    digest_of_one(0, 100, 0, 10);
    submit(3000, 2, 100, 0, 10);
    ck_assert(!same(one, digest_at(3000)));
    digest_of_one(0, 100, 0, 10);
    batching_cancel(&profile, server, 3000, 1);
    ck_assert(!same(one, digest_at(3000)));
}
END_TEST

START_TEST(empty_servers_are_alike)
{
    struct sim_digest fresh = digest_at(0);
    submit(0, 1, 100, 0, 10);
    wait_for_one();
    ck_assert(same(fresh, digest_at(SIM_SECOND)));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("batching");
    TCase *test_case = tcase_create("by hand");
    tcase_add_checked_fixture(test_case, start_usual, stop);
    tcase_add_test(test_case, one_request_is_a_closed_form);
    tcase_add_test(test_case, totals_count_part_of_a_step);
    tcase_add_test(test_case, one_token);
    tcase_add_test(test_case, prompt_in_chunks);
    tcase_add_test(test_case, arrival_within_a_step_joins_the_next);
    tcase_add_test(test_case, arrival_in_the_nanosecond_of_a_boundary_joins);
    tcase_add_test(test_case, arrival_after_the_boundary_waits_for_a_step);
    tcase_add_test(test_case, the_rest_waits);
    tcase_add_test(test_case, preempted_by_hand);
    tcase_add_test(test_case, watermark_keeps_blocks_free);
    tcase_add_test(test_case, whole_prompt_is_reserved);
    tcase_add_test(test_case, scheduled_ahead_joins_a_step_later);
    tcase_add_test(test_case, scheduled_ahead_and_run_dry);
    tcase_add_test(test_case, scheduled_ahead_leaves_a_step_later);
    tcase_add_test(test_case, what_is_preempted_is_overwritten);
    tcase_add_test(test_case, cancelled_ones_leave);
    tcase_add_test(test_case, cancelled_on_a_boundary);
    tcase_add_test(test_case, completions_come_in_order_of_admission);
    tcase_add_test(test_case, curve_is_straight_between_points);
    tcase_add_test(test_case, a_step_lasts_a_nanosecond);
    tcase_add_test(test_case, what_does_not_fit_is_known);
    tcase_add_test(test_case, bad_parameters_are_named);
    tcase_add_test(test_case, digest_sees_what_matters);
    tcase_add_test(test_case, empty_servers_are_alike);
    suite_add_tcase(suite, test_case);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
