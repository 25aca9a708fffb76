/* test_stage.c - the main stages behind one interface. */
#include "models/stage.h"
#include "tests/world_case.h"

static struct world_case c;
static struct stage_plan plan;
static void *state;
static struct sim_random stream;

static void start(enum stage_kind kind)
{
    case_init(&c);
    struct pool_config *pool = &c.pools[0];
    struct profile_config *profile = &pool->profile;
    pool->max_inputs = 4;
    profile->stage = (int32_t)kind;
    profile->service_s = fixed(2);
    profile->step_curve = c.curves[0];
    profile->step_curve_count = 1;
    c.curves[0][0] = (struct curve_point){1, 0.1};
    profile->token_budget = 1000;
    profile->max_batch = 4;
    profile->max_batch_size = 2;
    profile->instances = 1;
    profile->kv_tokens = 100;
    profile->kv_block = 1;
}

static void make(void)
{
    struct sim_error error = {0};
    enum sim_status status = stage_plan_init(&plan, &c.pools[0], 0, &error);
    ck_assert_msg(status == SIM_OK, "%s", error.message);
    state = sim_allocate(1, stage_size(&plan));
    stage_init(&plan, state);
    ck_assert_int_eq(stage_next(&plan, state), SIM_TIME_NEVER);
    sim_random_init(&stream, 1, 0, 0, 0, 0);
}

static void release(void)
{
    free(state);
    stage_plan_release(&plan);
}

static void submit(double at_s, uint32_t request, struct request_draw draw, double prefix_hit)
{
    stage_submit(&plan, state, seconds(at_s), request, stage_need(&plan, &draw, prefix_hit, &stream));
}

/* The next event with something in it. */
static void expect(uint32_t request, bool is_end, double first_s, double at_s)
{
    struct stage_event event;
    sim_time_ns now_ns = 0;
    for (int i = 0; i < 100; i++) {
        now_ns = stage_next(&plan, state);
        ck_assert_int_ne(now_ns, SIM_TIME_NEVER);
        if (!stage_take(&plan, state, now_ns, &event))
            continue;
        assert_at(now_ns, at_s);
        ck_assert_uint_eq(event.request, request);
        ck_assert_int_eq(event.is_end, is_end);
        assert_at(event.first_ns, first_s);
        assert_at(event.time_ns, at_s);
        return;
    }
    ck_abort_msg("nothing happens");
}

START_TEST(processor_sharing)
{
    start(STAGE_PROCESSOR_SHARING);
    make();
    ck_assert(stage_fits(&plan, &(struct request_draw){.input_tokens = 1000000}));
    submit(1, 5, (struct request_draw){.work = 2.5}, 0);
    expect(5, true, 3.5, 3.5);
    struct stage_totals totals = stage_totals(&plan, state, seconds(9));
    ck_assert_int_eq((int64_t)totals.batch_integral, seconds(2.5));
    ck_assert_int_eq((int64_t)totals.busy_ns, seconds(2.5));
    release();
}
END_TEST

/* 30 tokens at 20 a unit, work 2: 3 units. */
START_TEST(work_in_tokens)
{
    start(STAGE_PROCESSOR_SHARING);
    c.pools[0].profile.tokens_per_work = 20;
    c.pools[0].profile.first_output = 0.25;
    make();
    submit(0, 5, (struct request_draw){.work = 2, .output_tokens = 30}, 0);
    expect(5, false, 0.75, 0.75);
    expect(5, true, -1, 3);
    release();
}
END_TEST

START_TEST(independent)
{
    start(STAGE_INDEPENDENT);
    make();
    submit(0, 1, (struct request_draw){.work = 1}, 0);
    submit(1, 2, (struct request_draw){.work = 3}, 0); /* three times the service time */
    expect(1, true, 2, 2);
    stage_cancel(&plan, state, seconds(3), 2);
    ck_assert_int_eq(stage_next(&plan, state), SIM_TIME_NEVER);
    release();
}
END_TEST

/* A prompt of 10 and 3 tokens out: three steps. A request without tokens counts as one of 1 and 1. */
START_TEST(continuous_batching)
{
    start(STAGE_CONTINUOUS_BATCHING);
    make();
    submit(0, 1, (struct request_draw){.input_tokens = 10, .output_tokens = 3}, 0);
    expect(1, true, 0.1, 0.3);
    submit(1, 2, (struct request_draw){0}, 0);
    expect(2, true, 1.1, 1.1);
    struct stage_totals totals = stage_totals(&plan, state, seconds(9));
    ck_assert_int_eq((int64_t)totals.busy_ns, seconds(0.4));
    ck_assert_int_eq((int64_t)totals.batch_integral, seconds(0.4));
    ck_assert_int_eq(totals.kv_max, 12);
    release();
}
END_TEST

/* 10 ms for each token of a prompt, half of which is cached. */
START_TEST(prefix_hits_need_no_prefill)
{
    start(STAGE_CONTINUOUS_BATCHING);
    c.pools[0].profile.per_prefill_token_s = 0.01;
    make();
    submit(0, 1, (struct request_draw){.input_tokens = 10, .output_tokens = 1}, 0.5);
    expect(1, true, 0.15, 0.15);
    release();
}
END_TEST

START_TEST(what_fits)
{
    start(STAGE_CONTINUOUS_BATCHING);
    make();
    ck_assert(stage_fits(&plan, &(struct request_draw){.input_tokens = 98, .output_tokens = 3}));
    ck_assert(!stage_fits(&plan, &(struct request_draw){.input_tokens = 98, .output_tokens = 4}));
    release();
}
END_TEST

/* A cancelled one keeps its place until its step ends; as many new ones as the container takes can come meanwhile,
 * under the same numbers.
 */
START_TEST(room_for_who_comes_after_a_cancel)
{
    start(STAGE_CONTINUOUS_BATCHING);
    make();
    for (uint32_t i = 0; i < 4; i++)
        submit(0, i, (struct request_draw){.input_tokens = 1, .output_tokens = 9}, 0);
    for (uint32_t i = 0; i < 4; i++)
        stage_cancel(&plan, state, seconds(0.05), i);
    for (uint32_t i = 0; i < 4; i++)
        submit(0.05, i, (struct request_draw){.input_tokens = 1, .output_tokens = 1}, 0);
    for (uint32_t i = 0; i < 4; i++)
        expect(i, true, 0.2, 0.2);
    release();
}
END_TEST

/* The first two wait for each other or for half a second, the third waits for them. */
START_TEST(dynamic_batching)
{
    start(STAGE_DYNAMIC_BATCHING);
    c.pools[0].profile.per_running_s = 0.25;
    c.pools[0].profile.wait_ns = seconds(0.5);
    make();
    submit(1, 5, (struct request_draw){.work = 1}, 0);
    submit(1.25, 6, (struct request_draw){.work = 1}, 0);
    submit(2, 7, (struct request_draw){.work = 2}, 0);
    expect(5, true, 2.75, 2.75);
    expect(6, true, 2.75, 2.75);
    expect(7, true, 4.25, 4.25);
    submit(5, 8, (struct request_draw){.work = 1}, 0);
    stage_cancel(&plan, state, seconds(5), 8);
    ck_assert_int_eq(stage_next(&plan, state), SIM_TIME_NEVER);
    struct stage_totals totals = stage_totals(&plan, state, seconds(9));
    ck_assert_int_eq((int64_t)totals.busy_ns, seconds(3));
    ck_assert_int_eq((int64_t)totals.batch_integral, seconds(4.5));
    release();
}
END_TEST

START_TEST(profiles_that_cannot_be)
{
    struct sim_error error = {0};
    start(STAGE_CONTINUOUS_BATCHING);
    c.pools[0].profile.token_budget = 2; /* below max_batch */
    ck_assert_int_eq(stage_plan_init(&plan, &c.pools[0], 0, &error), SIM_BAD_INPUT);
    ck_assert_str_ne(error.message, "");
    stage_plan_release(&plan);
    start(STAGE_PROCESSOR_SHARING);
    c.pools[0].profile.base_s = 0;
    ck_assert_int_eq(stage_plan_init(&plan, &c.pools[0], 0, &error), SIM_BAD_INPUT);
    stage_plan_release(&plan);
    start(STAGE_DYNAMIC_BATCHING);
    c.pools[0].profile.base_s = 0;
    ck_assert_int_eq(stage_plan_init(&plan, &c.pools[0], 0, &error), SIM_BAD_INPUT);
    c.pools[0].profile.base_s = 1;
    c.pools[0].profile.instances = 0;
    ck_assert_int_eq(stage_plan_init(&plan, &c.pools[0], 0, &error), SIM_BAD_INPUT);
    stage_plan_release(&plan);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {processor_sharing,
                                  work_in_tokens,
                                  independent,
                                  continuous_batching,
                                  dynamic_batching,
                                  prefix_hits_need_no_prefill,
                                  what_fits,
                                  room_for_who_comes_after_a_cancel,
                                  profiles_that_cannot_be,
                                  NULL};
    return case_main("stage", tests);
}
