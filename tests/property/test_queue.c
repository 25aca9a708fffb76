/* test_queue.c - any sequence of operations on the queue gives what a plain list gives. */
#include <check.h>
#include <stdlib.h>

#include "sim/queue.h"
#include "tests/effort.h"
#include "tests/reference_queue.h"

/* The queue under test, registered so that it can be copied and saved, and the list it must agree with. */
struct pair {
    struct sim_queue queue;
    struct sim_state state;
    struct reference_queue reference;
};

static void pair_init(struct pair *pair)
{
    *pair = (struct pair){0};
    sim_queue_init(&pair->queue);
    sim_queue_enter(&pair->queue, &pair->state);
}

static void pair_release(struct pair *pair)
{
    sim_queue_release(&pair->queue);
    sim_state_release(&pair->state);
}

static void pair_schedule(struct pair *pair, uint32_t slot, int64_t time_ns, uint32_t rank)
{
    sim_queue_schedule(&pair->queue, slot, time_ns, rank);
    reference_queue_schedule(&pair->reference, slot, time_ns, rank);
}

static void pair_cancel(struct pair *pair, uint32_t slot)
{
    sim_queue_cancel(&pair->queue, slot);
    reference_queue_cancel(&pair->reference, slot);
}

/* True if both agree on what is first, and, if something is, on its slot, time and rank. */
static bool pair_agrees(const struct pair *pair)
{
    uint32_t slot;
    sim_queue_key first = sim_queue_first(&pair->queue);
    if (!reference_queue_first(&pair->reference, &slot))
        return first == SIM_QUEUE_NOTHING;
    const struct reference_item *item = &pair->reference.items[slot];
    return sim_queue_key_slot(first) == slot && sim_queue_key_time(first) == item->time_ns &&
           (uint32_t)((uint64_t)first >> 60) == item->rank && sim_queue_pending(&pair->queue, slot) == first;
}

static void pair_take(struct pair *pair)
{
    uint32_t slot;
    if (reference_queue_first(&pair->reference, &slot))
        pair_cancel(pair, slot);
}

/* Takes all events; false as soon as the two differ. */
static bool pair_drains_alike(struct pair *pair)
{
    uint32_t slot;
    while (pair_agrees(pair)) {
        if (!reference_queue_first(&pair->reference, &slot))
            return true;
        pair_cancel(pair, slot);
    }
    return false;
}

static uint64_t random_state;

/* SplitMix64 (Steele, Lea, Flood 2014); the modulus is far below 2^64, so its bias does not matter here. */
static uint32_t random_below(uint32_t limit)
{
    uint64_t z = random_state += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return (uint32_t)((z ^ z >> 31) % limit);
}

/* Replaces the pair's queue with another one, either copied or saved and loaded, and spoils the old one. */
static void pair_move_house(struct pair *pair)
{
    struct pair other;
    pair_init(&other);
    sim_queue_reserve(&other.queue, 1 + random_below(300));
    sim_queue_schedule(&other.queue, 0, 1, 1);
    if (random_below(2)) {
        sim_state_copy(&other.state, &pair->state);
    } else {
        struct sim_array bytes;
        sim_array_init(&bytes, 1);
        sim_state_save(&pair->state, &bytes);
        ck_assert_int_eq(sim_state_load(&other.state, bytes.items, bytes.count), SIM_OK);
        sim_array_release(&bytes);
    }
    sim_queue_schedule(&pair->queue, 0, 0, 0);
    sim_state_copy(&pair->state, &other.state);
    pair_release(&other);
}

static void random_operation(struct pair *pair, uint32_t *slot_count, uint32_t time_range)
{
    uint32_t what = random_below(1000);
    if (what < 550) {
        pair_schedule(pair, random_below(*slot_count), random_below(time_range), random_below(SIM_QUEUE_RANKS_MAX));
    } else if (what < 700) {
        pair_cancel(pair, random_below(*slot_count));
    } else if (what < 970) {
        pair_take(pair);
    } else if (what < 980) {
        pair_move_house(pair);
    } else if (what < 990 && *slot_count < REFERENCE_SLOTS_MAX) {
        *slot_count += 1 + random_below(REFERENCE_SLOTS_MAX - *slot_count) / 8;
        sim_queue_reserve(&pair->queue, *slot_count);
    } else if (what < 995) {
        /* A jump ahead changes no order; soon the numbers run out. */
        uint64_t ahead = SIM_QUEUE_SEQUENCE_MAX - random_below(20);
        if (pair->queue.shape.sequence < ahead)
            pair->queue.shape.sequence = ahead;
    }
}

START_TEST(any_sequence_of_operations_agrees)
{
    for (unsigned i = 0; i < test_effort(20, 300, 20000); i++) {
        uint64_t seed = 1000 + i;
        random_state = seed;
        struct pair pair;
        pair_init(&pair);
        uint32_t slot_count = 1 + random_below(4);
        uint32_t time_range = 1 + random_below(random_below(2) ? 5 : 1000000);
        for (unsigned step = 0; step < 1000; step++) {
            random_operation(&pair, &slot_count, time_range);
            ck_assert_msg(pair_agrees(&pair), "seed %llu, step %u", (unsigned long long)seed, step);
        }
        ck_assert_msg(pair_drains_alike(&pair), "seed %llu, draining", (unsigned long long)seed);
        pair_release(&pair);
    }
}
END_TEST

/* One of 16 operations on three slots: schedule at two times with two ranks, cancel, take. */
static void small_operation(struct pair *pair, uint32_t code)
{
    if (code < 12)
        pair_schedule(pair, code % 3, code / 3 % 2, code / 6);
    else if (code < 15)
        pair_cancel(pair, code % 3);
    else
        pair_take(pair);
}

/* Undoes everything, so that one pair serves all sequences. `room` sequence numbers are left. */
static void pair_restart(struct pair *pair, uint64_t room)
{
    for (uint32_t slot = 0; slot < 3; slot++)
        pair_cancel(pair, slot);
    pair->queue.shape.sequence = SIM_QUEUE_SEQUENCE_MAX + 1 - room;
}

/* Every sequence of operations up to a length, with numbers running out after 0, 1, 2, ... of them. */
START_TEST(every_short_sequence_agrees)
{
    unsigned length = test_effort(3, 4, 5);
    uint32_t sequences = 1u << 4 * length;
    struct pair pair;
    pair_init(&pair);
    for (uint64_t room = 0; room <= length; room++)
        for (uint32_t sequence = 0; sequence < sequences; sequence++) {
            pair_restart(&pair, room);
            for (unsigned step = 0; step < length; step++) {
                small_operation(&pair, sequence >> 4 * step & 15);
                ck_assert_msg(pair_agrees(&pair), "room %u, sequence %x, step %u", (unsigned)room, sequence, step);
            }
            ck_assert_msg(pair_drains_alike(&pair), "room %u, sequence %x", (unsigned)room, sequence);
        }
    pair_release(&pair);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("queue properties");
    TCase *tests = tcase_create("against a list");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, any_sequence_of_operations_agrees);
    tcase_add_test(tests, every_short_sequence_agrees);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
