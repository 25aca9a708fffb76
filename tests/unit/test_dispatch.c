/* test_dispatch.c - who gets the next request, against a literal reading of each order. */
#include "models/dispatch.h"
#include "tests/splitmix.h"
#include "tests/world_case.h"

enum {
    CONTAINERS = 9,
    CASES = 400
};

struct seen {
    sim_time_ns active_ns;
    uint64_t asked; /* number of the call with which it last began to wait for a request */
    uint32_t age, inputs;
    bool has_room;
};

/* Whether a goes before b. Ties of least-loaded are left open: -1. */
static int goes_before(enum dispatch_order order, const struct seen *a, const struct seen *b)
{
    if (order == DISPATCH_LONGEST_WAITING)
        return a->asked < b->asked;
    if (a->inputs != b->inputs)
        return order == DISPATCH_FULLEST ? a->inputs > b->inputs : a->inputs < b->inputs;
    if (a->active_ns != b->active_ns)
        return order == DISPATCH_FULLEST ? a->active_ns > b->active_ns : a->active_ns < b->active_ns;
    return order == DISPATCH_FULLEST ? a->age < b->age : -1;
}

static void check_choice(struct dispatch *dispatch, enum dispatch_order order, const struct seen *seen,
                         unsigned long seed)
{
    struct sim_random stream;
    sim_random_init(&stream, 1, 0, 0, 0, 0);
    uint32_t chosen = dispatch_choose(dispatch, &stream);
    uint32_t roomy = 0;
    for (uint32_t i = 0; i < CONTAINERS; i++)
        roomy += seen[i].has_room;
    if (roomy == 0) {
        ck_assert_msg(chosen == DISPATCH_NONE, "seed %lu", seed);
        return;
    }
    ck_assert_msg(chosen < CONTAINERS && seen[chosen].has_room, "seed %lu", seed);
    if (order == DISPATCH_RANDOM)
        return;
    for (uint32_t i = 0; i < CONTAINERS; i++)
        if (i != chosen && seen[i].has_room)
            ck_assert_msg(goes_before(order, &seen[i], &seen[chosen]) != 1, "seed %lu: %u not %u", seed, i, chosen);
}

/* One container takes a request, loses one, becomes full, goes away or begins a new life. */
static void change(struct seen *c, struct splitmix *random, uint32_t max_inputs, uint32_t *next_life, uint64_t call)
{
    uint32_t before = c->inputs;
    bool had_room = c->has_room;
    if (splitmix_chance(random, 10)) {
        c->inputs = 0;
        c->has_room = false;
        return;
    }
    if (!had_room && before == 0)
        c->age = (*next_life)++;
    else if (splitmix_chance(random, 50) && before < max_inputs)
        c->inputs++;
    else if (before > 0)
        c->inputs--;
    c->has_room = c->inputs < max_inputs && !splitmix_chance(random, 10);
    if (c->has_room && (!had_room || c->inputs > before))
        c->asked = call;
}

static void play(enum dispatch_order order, unsigned long seed)
{
    struct splitmix random = {seed};
    struct seen seen[CONTAINERS] = {0};
    struct dispatch dispatch;
    uint32_t max_inputs = (uint32_t)(splitmix_chance(&random, 20) ? 4096 : 1 + splitmix_below(&random, 5));
    uint32_t next_life = 0;
    sim_time_ns now_ns = 0;
    dispatch_init(&dispatch, order, max_inputs);
    dispatch_reserve(&dispatch, CONTAINERS);
    for (uint64_t call = 1; call <= 100; call++) {
        uint32_t container = (uint32_t)splitmix_below(&random, CONTAINERS);
        struct seen *c = &seen[container];
        now_ns += splitmix_below(&random, 3);
        uint32_t age = c->age;
        change(c, &random, max_inputs, &next_life, call);
        c->active_ns = now_ns;
        if (c->age != age || next_life == 1)
            dispatch_begin_life(&dispatch, container, c->age);
        dispatch_update(&dispatch, container, c->inputs, c->has_room, now_ns);
        check_choice(&dispatch, order, seen, seed);
    }
    dispatch_release(&dispatch);
}

START_TEST(orders_taken_literally)
{
    for (unsigned long seed = 1; seed <= CASES; seed++)
        for (int order = DISPATCH_FULLEST; order <= DISPATCH_RANDOM; order++)
            play((enum dispatch_order)order, seed);
}
END_TEST

START_TEST(levels_up_to_4096)
{
    struct dispatch dispatch;
    dispatch_init(&dispatch, DISPATCH_FULLEST, 4096);
    dispatch_reserve(&dispatch, 3);
    static const uint32_t inputs[] = {0, 4095, 64};
    for (uint32_t i = 0; i < 3; i++)
        dispatch_update(&dispatch, i, inputs[i], true, 1);
    ck_assert_uint_eq(dispatch_choose(&dispatch, NULL), 1);
    dispatch_update(&dispatch, 1, 4096, false, 2);
    ck_assert_uint_eq(dispatch_choose(&dispatch, NULL), 2);
    dispatch_update(&dispatch, 2, 0, false, 2);
    ck_assert_uint_eq(dispatch_choose(&dispatch, NULL), 0);
    dispatch_update(&dispatch, 0, 0, false, 2);
    ck_assert_uint_eq(dispatch_choose(&dispatch, NULL), DISPATCH_NONE);
    dispatch_release(&dispatch);
}
END_TEST

/* It took a request at 1 and lost it at 5; another took one at 5. The first has waited longer. */
START_TEST(an_end_keeps_the_turn)
{
    struct dispatch dispatch;
    dispatch_init(&dispatch, DISPATCH_LONGEST_WAITING, 2);
    dispatch_reserve(&dispatch, 2);
    dispatch_begin_life(&dispatch, 1, 1);
    dispatch_update(&dispatch, 1, 0, true, 0);
    dispatch_update(&dispatch, 0, 1, true, 1);
    dispatch_update(&dispatch, 0, 0, true, 5);
    dispatch_update(&dispatch, 1, 1, true, 5);
    ck_assert_uint_eq(dispatch_choose(&dispatch, NULL), 0);
    dispatch_release(&dispatch);
}
END_TEST

START_TEST(random_is_even)
{
    struct dispatch dispatch;
    struct sim_random stream;
    int counts[4] = {0};
    dispatch_init(&dispatch, DISPATCH_RANDOM, 2);
    dispatch_reserve(&dispatch, 4);
    for (uint32_t i = 0; i < 4; i++)
        dispatch_update(&dispatch, i, i % 2, true, 0);
    dispatch_update(&dispatch, 1, 2, false, 0);
    for (uint64_t i = 0; i < 30000; i++) {
        sim_random_init(&stream, 5, 0, 0, 0, i);
        counts[dispatch_choose(&dispatch, &stream)]++;
    }
    ck_assert_int_eq(counts[1], 0);
    for (int i = 0; i < 4; i++)
        ck_assert(i == 1 || (counts[i] > 10000 - 327 && counts[i] < 10000 + 327)); /* 4 standard deviations */
    dispatch_release(&dispatch);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {orders_taken_literally, levels_up_to_4096, an_end_keeps_the_turn, random_is_even};
    return case_main("dispatch", tests, sizeof tests / sizeof *tests);
}
