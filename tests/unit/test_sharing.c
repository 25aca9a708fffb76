/* test_sharing.c - processor sharing: finish times computed by hand, and against a slow reference. */
#include <math.h>

#include "models/sharing_internal.h"
#include "tests/splitmix.h"
#include "tests/world_case.h"

enum {
    REQUESTS_HIGHEST = 24,
    CASES = 1000
};

/* One unit of work takes k seconds with k running: everybody gets 1/k of a second per second. With powers of two
 * running, that is exact in the integers of the plan.
 */
static const struct profile_config even = {
    .name = "even", .stage = STAGE_PROCESSOR_SHARING, .per_running_s = 1, .first_output = 1};

struct server {
    struct sharing_plan plan;
    void *state;
};

static struct server make(const struct profile_config *profile, uint32_t max_inputs)
{
    struct server server;
    ck_assert_int_eq(sharing_plan_init(&server.plan, profile, max_inputs, NULL), SIM_OK);
    server.state = sim_allocate(1, sharing_size(&server.plan));
    sharing_init(&server.plan, server.state);
    return server;
}

static void release(struct server *server)
{
    free(server->state);
    sharing_plan_release(&server->plan);
}

static void submit(struct server *server, double at_s, uint32_t request, double work)
{
    sharing_submit(&server->plan, server->state, seconds(at_s), request, sharing_demand(&server->plan, work));
}

static void expect(struct server *server, double at_s, uint32_t request, bool is_first_output)
{
    struct sharing_event event;
    assert_at(sharing_next(&server->plan, server->state), at_s);
    ck_assert(sharing_take(&server->plan, server->state, seconds(at_s), &event));
    ck_assert_uint_eq(event.request, request);
    ck_assert_int_eq(event.is_first_output, is_first_output);
}

START_TEST(one_alone_takes_its_work)
{
    struct server server = make(&even, 4);
    ck_assert_int_eq(sharing_next(&server.plan, server.state), SIM_TIME_NEVER);
    submit(&server, 5, 7, 2.5);
    ck_assert_uint_eq(sharing_running(server.state), 1);
    struct sharing_event event;
    ck_assert(!sharing_take(&server.plan, server.state, seconds(7.5) - 1, &event));
    expect(&server, 7.5, 7, false);
    ck_assert(!sharing_take(&server.plan, server.state, seconds(7.5), &event));
    ck_assert_uint_eq(sharing_running(server.state), 0);
    ck_assert_int_eq(sharing_next(&server.plan, server.state), SIM_TIME_NEVER);
    release(&server);
}
END_TEST

/* Work 4 at 0 and work 1 at 2: the first has 2 left, both run at half speed. The second ends at 4, the first has 1
 * left and ends at 5.
 */
START_TEST(a_second_one_slows_the_first)
{
    struct server server = make(&even, 4);
    submit(&server, 0, 10, 4);
    submit(&server, 2, 11, 1);
    expect(&server, 4, 11, false);
    expect(&server, 5, 10, false);
    struct sharing_sums sums = sharing_totals(&server.plan, server.state, seconds(9));
    ck_assert_int_eq((int64_t)sums.batch_integral, seconds(7));
    ck_assert_int_eq((int64_t)sums.busy_ns, seconds(5));
    release(&server);
}
END_TEST

/* Four of work 1 at quarter speed; two are cancelled at 2, with 1/2 left; the others go on at half speed. Equals end
 * in the order in which they came.
 */
START_TEST(cancelled_ones_give_their_share_back)
{
    struct server server = make(&even, 4);
    for (uint32_t i = 0; i < 4; i++)
        submit(&server, 0, 9 - i, 1);
    sharing_cancel(&server.plan, server.state, seconds(2), 8);
    sharing_cancel(&server.plan, server.state, seconds(2), 7);
    ck_assert_uint_eq(sharing_running(server.state), 2);
    expect(&server, 3, 9, false);
    expect(&server, 3, 6, false);
    release(&server);
}
END_TEST

/* One slot: 1 s each, first come first served. One that waits gives up, and the one that runs. */
START_TEST(waits_inside_for_slots)
{
    struct profile_config profile = even;
    profile.slots = 1;
    struct server server = make(&profile, 4);
    for (uint32_t i = 0; i < 4; i++)
        submit(&server, 0, i, 1);
    ck_assert_uint_eq(sharing_running(server.state), 1);
    expect(&server, 1, 0, false);
    submit(&server, 1, 4, 1);
    sharing_cancel(&server.plan, server.state, seconds(1.5), 2);
    expect(&server, 2, 1, false);
    sharing_cancel(&server.plan, server.state, seconds(2.5), 3);
    expect(&server, 3.5, 4, false);
    release(&server);
}
END_TEST

START_TEST(first_output_at_its_share)
{
    struct profile_config profile = even;
    profile.first_output = 0.25;
    struct server server = make(&profile, 2);
    submit(&server, 0, 1, 4);
    expect(&server, 1, 1, true);
    submit(&server, 2, 2, 1); /* at half speed: first output after 0.5 s, end after 2 s */
    expect(&server, 2.5, 2, true);
    expect(&server, 4, 2, false);
    expect(&server, 5, 1, false);
    submit(&server, 6, 3, 4);
    sharing_cancel(&server.plan, server.state, seconds(6.5), 3);
    ck_assert_int_eq(sharing_next(&server.plan, server.state), SIM_TIME_NEVER);
    ck_assert_uint_eq(sharing_running(server.state), 0);
    release(&server);
}
END_TEST

/* Alone after a quarter of the work, as one of two after half of it: the number at the beginning decides. */
START_TEST(first_output_by_number_running)
{
    struct share_point shares[] = {{1, 0.25}, {2, 0.5}};
    struct profile_config profile = even;
    profile.first_output = 0.3;
    profile.first_output_curve = shares;
    profile.first_output_count = 2;
    struct server server = make(&profile, 2);
    submit(&server, 0, 1, 10);
    expect(&server, 2.5, 1, true);
    submit(&server, 2.5, 2, 6);
    expect(&server, 8.5, 2, true);
    expect(&server, 14.5, 2, false);
    expect(&server, 16, 1, false);
    release(&server);
}
END_TEST

START_TEST(first_output_at_once)
{
    struct profile_config profile = even;
    profile.first_output = 0;
    struct server server = make(&profile, 2);
    submit(&server, 3, 1, 1);
    expect(&server, 3, 1, true);
    expect(&server, 4, 1, false);
    release(&server);
}
END_TEST

/* k requests of work 1 that start together all end after t(k), to the rounding of the speed: half a unit of at least
 * 16384 / t(k) t(1).
 */
static void check_unit_time(const struct profile_config *profile, uint32_t k, double expected_s)
{
    struct server server = make(profile, 16);
    for (uint32_t i = 0; i < k; i++)
        submit(&server, 0, i, 1);
    ck_assert_double_eq_tol(sim_time_to_s(sharing_next(&server.plan, server.state)), expected_s, 2e-4 * expected_s);
    release(&server);
}

/* 1 s up to 2 running, then linear to 4 s at 8, and on along the last slope. */
START_TEST(measured_curve)
{
    static struct curve_point curve[] = {{2, 1}, {8, 4}};
    const struct profile_config profile = {
        .name = "curve", .stage = STAGE_PROCESSOR_SHARING, .curve = curve, .curve_count = 2, .first_output = 1};
    static const double unit_s[] = {1, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5};
    for (uint32_t k = 1; k <= 10; k++)
        check_unit_time(&profile, k, unit_s[k - 1]);
}
END_TEST

START_TEST(base_and_slope)
{
    const struct profile_config profile = {
        .name = "line", .stage = STAGE_PROCESSOR_SHARING, .base_s = 0.475, .per_running_s = 0.02, .first_output = 1};
    for (uint32_t k = 1; k <= 16; k++)
        check_unit_time(&profile, k, 0.475 + 0.02 * k);
}
END_TEST

START_TEST(independent_ones_do_not_notice_each_other)
{
    const struct profile_config profile = {.name = "alone", .stage = STAGE_INDEPENDENT, .first_output = 1};
    for (uint32_t k = 1; k <= 16; k++)
        check_unit_time(&profile, k, 1);
}
END_TEST

START_TEST(times_must_be_above_0)
{
    struct profile_config profile = {.name = "nothing", .stage = STAGE_PROCESSOR_SHARING, .first_output = 1};
    struct sharing_plan plan;
    struct sim_error error;
    ck_assert_int_eq(sharing_plan_init(&plan, &profile, 4, &error), SIM_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(error.message, "nothing"));
}
END_TEST

/* The next event of all, however far away, and its time. */
static struct sharing_event take_next(struct server *server)
{
    struct sharing_event event;
    sim_time_ns now_ns = 0;
    while (!sharing_take(&server->plan, server->state, now_ns, &event))
        now_ns = event.time_ns;
    return event;
}

/* A year of undisturbed service, at half the speed: nothing is cut. Equal ones end in their order, at one instant. */
START_TEST(long_demands_are_kept)
{
    const struct profile_config profile = {
        .name = "even", .stage = STAGE_PROCESSOR_SHARING, .per_running_s = 1, .first_output = 1};
    struct server server = make(&profile, 2);
    submit(&server, 0, 1, 4e7);
    submit(&server, 0, 2, 4e7);
    for (uint32_t request = 1; request <= 2; request++) {
        struct sharing_event event = take_next(&server);
        ck_assert_uint_eq(event.request, request);
        ck_assert_int_eq(event.time_ns, seconds(8e7));
    }
    ck_assert(sharing_demand(&server.plan, 0) == 1);
    release(&server);
}
END_TEST

/* 4000 requests for 2e5 s each, 50 times: the sum of their times is 4e19 ns, beyond 2^63. */
START_TEST(sums_of_many_years)
{
    const struct profile_config profile = {
        .name = "alone", .stage = STAGE_PROCESSOR_SHARING, .base_s = 1, .first_output = 1};
    struct server server = make(&profile, 4000);
    sim_time_ns now_ns = 0;
    for (int round = 0; round < 50; round++) {
        for (uint32_t i = 0; i < 4000; i++)
            sharing_submit(&server.plan, server.state, now_ns, i, sharing_demand(&server.plan, 2e5));
        for (int i = 0; i < 4000; i++)
            now_ns = take_next(&server).time_ns;
    }
    struct sharing_sums sums = sharing_totals(&server.plan, server.state, now_ns);
    ck_assert(sums.batch_integral == (sim_int128)4000 * now_ns);
    ck_assert_int_eq((int64_t)sums.busy_ns, now_ns);
    release(&server);
}
END_TEST

/* ---- against a reference that keeps what each has left ---- */

struct reference {
    const struct sharing_plan *plan;
    sim_time_ns now_ns;
    uint32_t count; /* inside; the first `slots` of them run */
    uint32_t requests[REQUESTS_HIGHEST];
    int64_t left[REQUESTS_HIGHEST];
};

static uint32_t running_of(const struct reference *reference)
{
    return reference->count < reference->plan->slots ? reference->count : reference->plan->slots;
}

static void reference_advance(struct reference *reference, sim_time_ns now_ns)
{
    uint32_t running = running_of(reference);
    for (uint32_t i = 0; i < running; i++)
        reference->left[i] -= (int64_t)reference->plan->speed[running].units_per_ns * (now_ns - reference->now_ns);
    reference->now_ns = now_ns;
}

static void reference_remove(struct reference *reference, uint32_t place)
{
    reference->count--;
    for (uint32_t i = place; i < reference->count; i++) {
        reference->requests[i] = reference->requests[i + 1];
        reference->left[i] = reference->left[i + 1];
    }
}

/* Time of the next end, and who it is: least left, then first come. */
static sim_time_ns reference_next(const struct reference *reference, uint32_t *place)
{
    uint32_t running = running_of(reference);
    if (!running)
        return SIM_TIME_NEVER;
    *place = 0;
    for (uint32_t i = 1; i < running; i++)
        if (reference->left[i] < reference->left[*place])
            *place = i;
    int64_t speed = (int64_t)reference->plan->speed[running].units_per_ns;
    int64_t left = reference->left[*place] > 0 ? reference->left[*place] : 0;
    return reference->now_ns + (left + speed - 1) / speed;
}

static void draw_profile(struct profile_config *profile, struct splitmix *random)
{
    *profile = (struct profile_config){.name = "random", .stage = STAGE_PROCESSOR_SHARING, .first_output = 1};
    profile->base_s = (double)(1 + splitmix_below(random, 1000)) * (splitmix_chance(random, 30) ? 1e-9 : 1e-3);
    profile->per_running_s = profile->base_s * (double)splitmix_below(random, 3);
    profile->slots = splitmix_below(random, 5);
}

/* Brings both to now_ns, looking at the server in between, and compares every end on the way. */
static void run_both(struct server *server, struct reference *reference, sim_time_ns now_ns, struct splitmix *random,
                     uint64_t seed)
{
    for (;;) {
        uint32_t place = 0;
        sim_time_ns next_ns = reference_next(reference, &place);
        ck_assert_msg(sharing_next(&server->plan, server->state) == next_ns, "seed %lu", (unsigned long)seed);
        if (next_ns > now_ns)
            break;
        sim_time_ns look_ns = reference->now_ns + splitmix_below(random, next_ns - reference->now_ns + 1);
        sharing_totals(&server->plan, server->state, look_ns);
        reference_advance(reference, next_ns);
        struct sharing_event event;
        bool is_taken = sharing_take(&server->plan, server->state, next_ns, &event);
        ck_assert_msg(is_taken && event.request == reference->requests[place], "seed %lu", (unsigned long)seed);
        reference_remove(reference, place);
    }
    reference_advance(reference, now_ns);
}

static void play(struct server *server, uint64_t seed, struct splitmix *random)
{
    struct reference reference = {.plan = &server->plan};
    sim_time_ns unit_ns = (sim_time_ns)(server->plan.demand_per_work / (double)server->plan.speed[1].units_per_ns) + 1;
    for (uint32_t request = 0; request < 60; request++) {
        sim_time_ns gap_ns = splitmix_chance(random, 20) ? 0 : splitmix_below(random, 2 * unit_ns);
        run_both(server, &reference, reference.now_ns + gap_ns, random, seed);
        if (reference.count && splitmix_chance(random, 20)) {
            uint32_t place = (uint32_t)splitmix_below(random, reference.count);
            sharing_cancel(&server->plan, server->state, reference.now_ns, reference.requests[place]);
            reference_remove(&reference, place);
        } else if (reference.count < server->plan.max_inputs) {
            int64_t demand = (int64_t)sharing_demand(&server->plan, (double)(1 + splitmix_below(random, 4)) / 2);
            sharing_submit(&server->plan, server->state, reference.now_ns, request, (sim_uint128)demand);
            reference.requests[reference.count] = request;
            reference.left[reference.count++] = demand;
        }
        ck_assert_uint_eq(sharing_running(server->state), running_of(&reference));
    }
    run_both(server, &reference, SIM_TIME_NEVER - 1, random, seed);
    ck_assert_uint_eq(reference.count, 0);
}

START_TEST(agrees_with_the_reference)
{
    for (uint64_t seed = 1; seed <= CASES; seed++) {
        struct splitmix random = {seed};
        struct profile_config profile;
        draw_profile(&profile, &random);
        struct server server = make(&profile, (uint32_t)(1 + splitmix_below(&random, REQUESTS_HIGHEST - 1)));
        play(&server, seed, &random);
        release(&server);
    }
}
END_TEST

/* ---- the short ways against the long ones ---- */

/* Every speed, and times to the end of 1 unit to 2^62 of them. */
START_TEST(reciprocals_divide)
{
    struct profile_config profile = {.name = "p", .base_s = 0.001, .per_running_s = 0.37, .first_output = 1};
    struct server server = make(&profile, 4000);
    struct splitmix random = {3};
    struct sharing *state = server.state;
    state->ends.count = 1;
    for (uint32_t k = 1; k <= 4000; k++) {
        uint64_t units_per_ns = server.plan.speed[k].units_per_ns;
        uint64_t left = splitmix_next(&random) >> (2 + k % 62);
        left = k % 3 ? left | 1 : (left / units_per_ns + 1) * units_per_ns;
        state->running = k;
        sharing_ends(state)->target = state->progress + left;
        ck_assert_uint_eq((uint64_t)sharing_next(&server.plan, state), (left - 1) / units_per_ns + 1);
    }
    release(&server);
}
END_TEST

static void expect_same_end(struct server *slow, struct server *quick, uint64_t seed)
{
    sim_time_ns now_ns = sharing_next(&slow->plan, slow->state);
    ck_assert_msg(sharing_inline_end(&quick->plan, quick->state) == now_ns, "seed %llu", (unsigned long long)seed);
    sharing_advance(&quick->plan, quick->state, now_ns);
    struct sharing_event event;
    uint32_t request;
    while (sharing_take(&slow->plan, slow->state, now_ns, &event))
        ck_assert_msg(sharing_inline_take(&quick->plan, quick->state, &request) && request == event.request,
                      "seed %llu", (unsigned long long)seed);
    ck_assert_msg(!sharing_inline_take(&quick->plan, quick->state, &request), "seed %llu", (unsigned long long)seed);
}

/* Works of whole units, so that several end at one instant. */
START_TEST(the_plain_case_in_line)
{
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct splitmix random = {seed};
        struct server slow = make(&even, 12);
        struct server quick = make(&even, 12);
        ck_assert(slow.plan.is_plain);
        sim_time_ns now_ns = 0;
        for (uint32_t request = 0; request < 200; request++) {
            now_ns += splitmix_below(&random, 5) * SIM_SECOND;
            while (sharing_next(&slow.plan, slow.state) <= now_ns || sharing_running(slow.state) == 12) {
                sim_time_ns next_ns = sharing_next(&slow.plan, slow.state);
                now_ns = next_ns > now_ns ? next_ns : now_ns;
                expect_same_end(&slow, &quick, seed);
            }
            sim_uint128 demand = sharing_demand(&slow.plan, (double)(1 + splitmix_below(&random, 3)));
            sharing_submit(&slow.plan, slow.state, now_ns, request, demand);
            sharing_inline_submit(&quick.plan, quick.state, now_ns, request, demand);
        }
        ck_assert(memcmp(slow.state, quick.state, sharing_size(&slow.plan)) == 0);
        release(&slow);
        release(&quick);
    }
}
END_TEST

/* ---- digests ---- */

static uint64_t name_of(void *context, uint32_t request)
{
    return request + *(uint64_t *)context;
}

static struct sim_digest digest_of(const struct server *server, double at_s, uint64_t offset)
{
    struct sim_digest digest;
    sim_digest_init(&digest);
    sharing_digest(&server->plan, server->state, seconds(at_s), &digest, name_of, &offset);
    return digest;
}

/* The same two half done, with other numbers at another time of another past. */
START_TEST(digests_forget_the_past)
{
    struct server one = make(&even, 4);
    struct server other = make(&even, 4);
    submit(&one, 0, 1, 1);
    submit(&one, 0, 2, 2);
    submit(&other, 3, 77, 1);
    expect(&other, 4, 77, false);
    submit(&other, 100, 11, 1);
    submit(&other, 100, 12, 2);
    struct sim_digest a = digest_of(&one, 1, 10);
    struct sim_digest b = digest_of(&other, 101, 0);
    ck_assert(a.low == b.low && a.high == b.high);
    b = digest_of(&other, 101.5, 0);
    ck_assert(a.low != b.low);
    b = digest_of(&other, 101, 1);
    ck_assert(a.low != b.low);
    release(&one);
    release(&other);
}
END_TEST

/* Who comes first ends first among equals: servers that differ in this are different. */
START_TEST(digests_know_the_turns)
{
    struct server one = make(&even, 4);
    struct server other = make(&even, 4);
    submit(&one, 0, 1, 1);
    submit(&one, 0, 2, 1);
    submit(&other, 0, 2, 1);
    submit(&other, 0, 1, 1);
    struct sim_digest a = digest_of(&one, 1, 0);
    struct sim_digest b = digest_of(&other, 1, 0);
    ck_assert(a.low != b.low);
    release(&one);
    release(&other);
}
END_TEST

START_TEST(copies_are_servers)
{
    struct server server = make(&even, 4);
    submit(&server, 0, 1, 1);
    struct server copy = {server.plan, sim_allocate(1, sharing_size(&server.plan))};
    memcpy(copy.state, server.state, sharing_size(&server.plan));
    submit(&server, 0, 2, 1);
    expect(&copy, 1, 1, false);
    expect(&server, 2, 1, false);
    free(copy.state);
    release(&server);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {one_alone_takes_its_work,
                                  a_second_one_slows_the_first,
                                  cancelled_ones_give_their_share_back,
                                  waits_inside_for_slots,
                                  first_output_at_its_share,
                                  first_output_by_number_running,
                                  first_output_at_once,
                                  measured_curve,
                                  base_and_slope,
                                  independent_ones_do_not_notice_each_other,
                                  times_must_be_above_0,
                                  long_demands_are_kept,
                                  sums_of_many_years,
                                  agrees_with_the_reference,
                                  reciprocals_divide,
                                  the_plain_case_in_line,
                                  digests_forget_the_past,
                                  digests_know_the_turns,
                                  copies_are_servers,
                                  NULL};
    return case_main("sharing", tests);
}
