/* test_autoscaler.c - what the policies want, case by case from platform rules. */
#include "models/autoscaler.h"
#include "tests/world_case.h"

static struct pool_config pool;
static struct autoscaler_observation seen;

static void init(void)
{
    pool = (struct pool_config){.platform = PLATFORM_MODAL_FUNCTION,
                                .max_inputs = 10,
                                .target_inputs = 4,
                                .pending_weight = 1,
                                .scaledown_window_ns = seconds(60),
                                .early_min_ns = seconds(2)};
    seen = (struct autoscaler_observation){.now_ns = seconds(1000), .last_arrival_ns = -1, .allowed = INT64_MAX};
}

static struct pool_settings in_force(void)
{
    const struct world_config config = {.pools = &pool, .pool_count = 1};
    return schedule_settings_at(&config, &pool, 0);
}

static void expect(int64_t wanted, enum scaling_reason reason)
{
    struct pool_settings settings = in_force();
    struct autoscaler_decision decision = autoscaler_of(&pool)->want(&pool, &settings, &seen);
    ck_assert_int_eq(decision.wanted, wanted);
    ck_assert_str_eq(scaling_reason_names[decision.reason], scaling_reason_names[reason]);
}

START_TEST(need_is_rounded_up)
{
    init();
    static const int64_t wanted[] = {0, 1, 1, 1, 1, 2, 2, 2, 2, 3};
    for (int64_t i = 0; i < 10; i++) {
        seen.pending = i / 2;
        seen.running = i - i / 2;
        expect(wanted[i], SCALING_DEMAND);
    }
    pool.target_inputs = 0; /* as max_inputs */
    seen.pending = 11;
    seen.running = 0;
    expect(2, SCALING_DEMAND);
}
END_TEST

/* The public log: 95 wait beside 5 in one container each, and 31 more are begun. One waiting request always counts. */
START_TEST(waiting_ones_may_count_less)
{
    init();
    pool.pending_weight = 0.32;
    pool.target_inputs = 1;
    seen.pending = 95;
    seen.running = 5;
    expect(36, SCALING_DEMAND);
    seen.pending = 1;
    seen.running = 0;
    expect(1, SCALING_DEMAND);
    pool.target_inputs = 4;
    seen.pending = 30; /* 9.6 */
    seen.running = 10;
    expect(5, SCALING_DEMAND);
}
END_TEST

/* Pods that are ordered as needed: the buffer is always kept, and idle ones go after the window. */
START_TEST(target)
{
    enum scaling_reason reason;
    init();
    pool.platform = PLATFORM_FIXED;
    pool.autoscaler = AUTOSCALER_TARGET;
    expect(0, SCALING_BUFFER);
    pool.buffer_containers = 1;
    expect(1, SCALING_BUFFER);
    seen.running = 9;
    expect(4, SCALING_DEMAND);
    seen.ready = 3;
    expect(4, SCALING_BUFFER);
    pool.max_containers = 3;
    expect(3, SCALING_BUFFER);
    seen.allowed = 2;
    expect(2, SCALING_BUFFER);
    seen.running = 0;
    pool.min_containers = 2;
    expect(2, SCALING_MINIMUM);
    struct pool_settings settings = in_force();
    ck_assert(!autoscaler_target.may_retire(&pool, &settings, seconds(59.9), 3, 2, &reason));
    ck_assert(autoscaler_target.may_retire(&pool, &settings, seconds(60), 3, 2, &reason));
    pool.autoscaler = AUTOSCALER_FIXED;
    ck_assert(autoscaler_of(&pool) == &autoscaler_fixed);
}
END_TEST

START_TEST(buffer_while_active)
{
    init();
    pool.buffer_containers = 3;
    expect(0, SCALING_DEMAND); /* nobody has ever come */
    seen.running = 1;
    seen.ready = 1;
    expect(4, SCALING_BUFFER);
    seen.running = 0;
    seen.last_arrival_ns = seconds(940);
    expect(3, SCALING_BUFFER);
    seen.last_arrival_ns--;
    expect(0, SCALING_DEMAND);
    pool.active_hold_ns = seconds(100);
    expect(3, SCALING_BUFFER);
}
END_TEST

START_TEST(clamped)
{
    init();
    pool.min_containers = 2;
    expect(2, SCALING_MINIMUM);
    seen.pending = 100;
    expect(25, SCALING_DEMAND);
    pool.max_containers = 20;
    pool.buffer_containers = 2;
    expect(20, SCALING_DEMAND);
    seen.allowed = 7;
    expect(7, SCALING_DEMAND);
}
END_TEST

static int retires(double idle_s, int64_t alive, int64_t wanted)
{
    enum scaling_reason reason;
    struct pool_settings settings = in_force();
    if (!autoscaler_of(&pool)->may_retire(&pool, &settings, seconds(idle_s), alive, wanted, &reason))
        return -1;
    return (int)reason;
}

START_TEST(retiring)
{
    init();
    ck_assert_int_eq(retires(59.9, 100, 0), -1);
    ck_assert_int_eq(retires(60, 1, 0), SCALING_IDLE);
    pool.over_factor = 0.5;
    ck_assert_int_eq(retires(2, 6, 4), -1); /* 2 is not more than 0.5 x 4 */
    ck_assert_int_eq(retires(2, 7, 4), SCALING_SURPLUS);
    ck_assert_int_eq(retires(1.9, 7, 4), -1);
    ck_assert_int_eq(retires(2, 1, 0), SCALING_SURPLUS); /* 1 is more than 0.5 x max(1, 0) */
}
END_TEST

START_TEST(fixed_keeps_its_number)
{
    init();
    pool.platform = PLATFORM_FIXED;
    pool.min_containers = 3;
    seen.pending = 1000;
    expect(3, SCALING_MINIMUM);
    seen.allowed = 2;
    expect(2, SCALING_MINIMUM);
    ck_assert_int_eq(retires(1e6, 10, 3), -1);
    ck_assert(!autoscaler_fixed.has_ticks);
    ck_assert(autoscaler_modal_function.has_ticks);
}
END_TEST

START_TEST(the_list_is_complete)
{
    size_t count = 0;
    for (; autoscaler_policies[count]; count++) {
        const struct autoscaler_policy *policy = autoscaler_policies[count];
        ck_assert(policy->name[0] && policy->summary[0] && policy->documented[0] && policy->inferred[0].rule);
        ck_assert_int_ge(policy->version, 1);
    }
    ck_assert_uint_ge(count, 2);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        need_is_rounded_up,     waiting_ones_may_count_less, target, buffer_while_active, clamped, retiring,
        fixed_keeps_its_number, the_list_is_complete,        NULL};
    return case_main("autoscaler", tests);
}
