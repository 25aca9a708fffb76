/* test_dynamic.c - batches of a queue, instances, and what slows them; figures by hand.
 *
 * tests/property/test_dynamic.c has the comparison with a slow program.
 */
#include <math.h>

#include "models/dynamic.h"
#include "tests/world_case.h"

static struct world_case c;
static struct dynamic_plan plan;
static void *state;

/* Batches of up to 4 of 1 s and 0.5 s for each request, by two instances. */
static struct profile_config *start(void)
{
    case_init(&c);
    struct profile_config *profile = &c.pools[0].profile;
    profile->stage = STAGE_DYNAMIC_BATCHING;
    profile->base_s = 1;
    profile->per_running_s = 0.5;
    profile->max_batch_size = 4;
    profile->instances = 2;
    profile->slowdown = c.slowdown[0];
    return profile;
}

static void make(void)
{
    ck_assert_int_eq(dynamic_plan_init(&plan, &c.pools[0].profile, 10, NULL), SIM_OK);
    state = sim_allocate(1, dynamic_size(&plan));
    dynamic_init(&plan, state);
}

static void release(void)
{
    free(state);
    dynamic_plan_release(&plan);
}

static void submit(double at_s, uint32_t request)
{
    dynamic_submit(&plan, state, seconds(at_s), request, (struct dynamic_need){UINT64_C(1) << 24, UINT64_C(1) << 32});
}

/* The next end is that of `request`, then. */
static void expect(uint32_t request, double at_s)
{
    struct dynamic_event event = {0};
    while (!dynamic_take(&plan, state, dynamic_next(&plan, state), &event))
        ck_assert_int_ne(event.time_ns, SIM_TIME_NEVER);
    ck_assert_uint_eq(event.request, request);
    assert_at(event.time_ns, at_s);
}

/* The first is taken alone; the others have come when the second instance is looked at, at the end of its nanosecond.
 */
START_TEST(who_is_there_is_taken)
{
    start();
    make();
    submit(0, 1);
    submit(1, 2);
    submit(1, 3);
    expect(1, 1.5);
    expect(2, 3);
    expect(3, 3);
    ck_assert_int_eq(dynamic_next(&plan, state), SIM_TIME_NEVER);
    release();
}
END_TEST

START_TEST(a_batch_has_a_largest_size)
{
    start()->instances = 1;
    make();
    for (uint32_t i = 0; i < 6; i++)
        submit(0, i);
    for (uint32_t i = 0; i < 4; i++)
        expect(i, 3);
    expect(4, 5);
    expect(5, 5);
    release();
}
END_TEST

/* Both have 1.5 s of work. Alone until 0.5 s, then at half the speed until the first has done the 1 s that it lacks.
 * The second, of which 0.5 s is left, is alone again.
 */
START_TEST(instances_slow_each_other)
{
    struct profile_config *profile = start();
    profile->slowdown[0] = (struct slowdown_point){2, 2};
    profile->slowdown_count = 1;
    make();
    submit(0, 1);
    submit(0.5, 2);
    expect(1, 2.5);
    expect(2, 3);
    release();
}
END_TEST

/* Each batch of one hands over for 1 s, in which the other instance is not slowed: the second has done 0.5 s at 1.5 s.
 */
START_TEST(handing_over_slows_nobody)
{
    struct profile_config *profile = start();
    profile->slowdown[0] = (struct slowdown_point){2, 2};
    profile->slowdown_count = 1;
    profile->handover_s = 1;
    make();
    submit(0, 1);
    submit(0.5, 2);
    submit(0.6, 3);
    expect(1, 3.5);
    expect(2, 4);
    expect(3, 6); /* from 3.5 s on, while the second hands over */
    release();
}
END_TEST

START_TEST(a_batch_waits_to_fill)
{
    struct profile_config *profile = start();
    profile->wait_ns = seconds(1);
    make();
    submit(0, 1);
    ck_assert_int_eq(dynamic_next(&plan, state), seconds(1) + 1);
    for (uint32_t i = 2; i <= 5; i++)
        submit(0.5, i);
    expect(5, 3);                     /* from 1.5 s on */
    for (uint32_t i = 1; i <= 4; i++) /* full at 0.5 s */
        expect(i, 3.5);
    release();
}
END_TEST

/* 1 and 2 are in a batch, 3 waits. The batch goes on as if both were in it. */
START_TEST(who_gives_up)
{
    struct profile_config *profile = start();
    profile->instances = 1;
    make();
    submit(0, 1);
    submit(0, 2);
    submit(1, 3);
    submit(1, 4);
    uint32_t inside[10];
    ck_assert_uint_eq(dynamic_inside(&plan, state, inside), 4);
    for (uint32_t i = 0; i < 4; i++)
        ck_assert_uint_eq(inside[i], i + 1);
    dynamic_cancel(&plan, state, seconds(1), 1);
    dynamic_cancel(&plan, state, seconds(1), 3);
    ck_assert_uint_eq(dynamic_inside(&plan, state, inside), 2);
    expect(2, 2);
    expect(4, 3.5);
    struct dynamic_sums sums = dynamic_totals(&plan, state, seconds(9));
    ck_assert_int_eq(sums.busy_ns, seconds(3.5));
    ck_assert_int_eq((int64_t)sums.batch_integral, seconds(5.5));
    release();
}
END_TEST

START_TEST(times_of_batches)
{
    struct profile_config *profile = start();
    ck_assert_double_eq(dynamic_batch_s(profile, 3), 2.5);
    c.curves[0][0] = (struct curve_point){2, 1};
    c.curves[0][1] = (struct curve_point){4, 2};
    profile->curve = c.curves[0];
    profile->curve_count = 2;
    ck_assert_double_eq(dynamic_batch_s(profile, 1), 1);
    ck_assert_double_eq(dynamic_batch_s(profile, 3), 1.5);
    ck_assert_double_eq(dynamic_batch_s(profile, 6), 3);
}
END_TEST

START_TEST(slowdown_between_points)
{
    struct profile_config *profile = start();
    ck_assert_double_eq(dynamic_slowdown(profile, 9), 1);
    profile->slowdown[0] = (struct slowdown_point){3, 2};
    profile->slowdown[1] = (struct slowdown_point){5, 4};
    profile->slowdown_count = 2;
    ck_assert_double_eq(dynamic_slowdown(profile, 1), 1);
    ck_assert_double_eq(dynamic_slowdown(profile, 2), 1.5);
    ck_assert_double_eq(dynamic_slowdown(profile, 3), 2);
    ck_assert_double_eq(dynamic_slowdown(profile, 4), 3);
    ck_assert_double_eq(dynamic_slowdown(profile, 9), 4);
    profile->slowdown[0] = (struct slowdown_point){1, 2}; /* then what is called alone is not */
    ck_assert_double_eq(dynamic_slowdown(profile, 1), 2);
}
END_TEST

/* The mean of the spread is 1, and a batch has that of its first request. */
START_TEST(spread_of_a_batch)
{
    struct profile_config *profile = start();
    profile->batch_spread = 0.5;
    make();
    double sum = 0;
    double squares = 0;
    for (uint64_t i = 0; i < 20000; i++) {
        struct sim_random stream;
        sim_random_init(&stream, 1, 0, 0, 0, i);
        double spread = (double)dynamic_need(&plan, 1, &stream).spread / 0x1p32;
        sum += spread / 20000;
        squares += spread * spread / 20000;
    }
    ck_assert_double_eq_tol(sum, 1, 4 * 0.5 / sqrt(20000));
    ck_assert_double_eq_tol(squares - sum * sum, 0.25, 0.03);
    dynamic_submit(&plan, state, 0, 1, (struct dynamic_need){UINT64_C(1) << 24, UINT64_C(1) << 31});
    dynamic_submit(&plan, state, 0, 2, (struct dynamic_need){UINT64_C(1) << 24, UINT64_C(1) << 33});
    expect(1, 1);
    expect(2, 1);
    release();
}
END_TEST

/* Five clients who never think, one instance, batches of at most 3: who leaves is back in the same nanosecond, so that
 * all batches are full, three requests in 2.5 s.
 */
START_TEST(clients_in_turn)
{
    struct profile_config *profile = start();
    profile->instances = 1;
    profile->max_batch_size = 3;
    case_fix(&c, 1);
    c.pools[0].max_inputs = 10;
    c.workloads[0].arrivals = (struct arrival_config){.process = ARRIVAL_CLOSED, .clients = 5, .think_s = fixed(0)};
    c.config.duration_ns = seconds(450);
    case_run(&c);
    ck_assert_uint_ge(c.rows.request_count, 540);
    for (size_t i = 0; i < 540; i++) {
        size_t batch = 1 + i / 3;
        assert_at(c.rows.requests[i].end_ns, 2.5 * (double)batch);
    }
    case_release(&c);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {who_is_there_is_taken,
                                  a_batch_has_a_largest_size,
                                  instances_slow_each_other,
                                  handing_over_slows_nobody,
                                  a_batch_waits_to_fill,
                                  who_gives_up,
                                  times_of_batches,
                                  slowdown_between_points,
                                  spread_of_a_batch,
                                  clients_in_turn,
                                  NULL};
    return case_main("dynamic", tests);
}
