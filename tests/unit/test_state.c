/* test_state.c - arrays, and the register by which states are copied, saved and loaded. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sim/state.h"

struct world {
    struct {
        int64_t now;
        uint32_t count;
        uint32_t padding;
    } clock;
    struct sim_array numbers; /* uint32_t */
    struct sim_array pairs;   /* double[2] */
    struct sim_state state;
};

static void world_init(struct world *world)
{
    *world = (struct world){0};
    sim_array_init(&world->numbers, sizeof(uint32_t));
    sim_array_init(&world->pairs, 2 * sizeof(double));
    sim_state_init(&world->state);
    sim_state_enter_block(&world->state, "clock", &world->clock, sizeof world->clock);
    sim_state_enter(&world->state, "numbers", &world->numbers);
    sim_state_enter(&world->state, "pairs", &world->pairs);
}

static void world_release(struct world *world)
{
    sim_array_release(&world->numbers);
    sim_array_release(&world->pairs);
    sim_state_release(&world->state);
}

static void world_fill(struct world *world, uint32_t number_count, uint32_t pair_count, int64_t now)
{
    world->clock.now = now;
    sim_array_resize(&world->numbers, number_count);
    sim_array_resize(&world->pairs, pair_count);
    for (uint32_t i = 0; i < number_count; i++)
        ((uint32_t *)world->numbers.items)[i] = i * i + (uint32_t)now;
    for (uint32_t i = 0; i < 2 * pair_count; i++)
        ((double *)world->pairs.items)[i] = i / 3.0;
}

static void assert_filled(const struct world *world, uint32_t number_count, uint32_t pair_count, int64_t now)
{
    ck_assert_int_eq(world->clock.now, now);
    ck_assert_uint_eq(world->numbers.count, number_count);
    ck_assert_uint_eq(world->pairs.count, pair_count);
    for (uint32_t i = 0; i < number_count; i++)
        ck_assert_uint_eq(((uint32_t *)world->numbers.items)[i], i * i + (uint32_t)now);
    for (uint32_t i = 0; i < 2 * pair_count; i++)
        ck_assert_double_eq(((double *)world->pairs.items)[i], i / 3.0);
}

START_TEST(array_items_are_zeroed_also_when_they_come_back)
{
    struct sim_array array;
    sim_array_init(&array, sizeof(int));
    for (int i = 0; i < 100; i++) {
        ck_assert_uint_eq(sim_array_add(&array), (size_t)i);
        ck_assert_int_eq(((int *)array.items)[i], 0);
        ((int *)array.items)[i] = i + 1;
    }
    sim_array_resize(&array, 40);
    sim_array_resize(&array, 200);
    for (int i = 0; i < 200; i++)
        ck_assert_int_eq(((int *)array.items)[i], i < 40 ? i + 1 : 0);
    sim_array_release(&array);
    ck_assert_uint_eq(array.count, 0);
    ck_assert_uint_eq(sim_array_add(&array), 0);
    sim_array_release(&array);
}
END_TEST

START_TEST(an_array_of_nothing_fails_an_assertion)
{
    struct sim_array array;
    sim_array_init(&array, 0);
}
END_TEST

START_TEST(a_copy_is_equal_and_independent)
{
    static const uint32_t counts[][2] = {{0, 0}, {0, 5}, {3, 0}, {1000, 7}};
    for (size_t before = 0; before < 4; before++)
        for (size_t after = 0; after < 4; after++) {
            struct world from, to;
            world_init(&from);
            world_init(&to);
            world_fill(&from, counts[after][0], counts[after][1], 17);
            world_fill(&to, counts[before][0], counts[before][1], 99);
            sim_state_copy(&to.state, &from.state);
            world_fill(&from, 2, 2, 55);
            assert_filled(&to, counts[after][0], counts[after][1], 17);
            world_release(&from);
            world_release(&to);
        }
}
END_TEST

START_TEST(states_of_another_kind_are_not_copied)
{
    struct world from;
    world_init(&from);
    struct sim_state other;
    sim_state_init(&other);
    sim_state_enter_block(&other, "clock", &from.clock, sizeof from.clock);
    sim_state_enter(&other, _i ? "figures" : "numbers", &from.numbers);
    sim_state_enter(&other, "pairs", _i ? &from.pairs : &from.numbers);
    sim_state_copy(&other, &from.state);
}
END_TEST

START_TEST(what_is_saved_is_loaded)
{
    struct world from, to;
    world_init(&from);
    world_init(&to);
    world_fill(&from, 321, 12, 1234567890123);
    world_fill(&to, 400, 1, 3);
    struct sim_array bytes;
    sim_array_init(&bytes, 1);
    sim_array_resize(&bytes, 5); /* saving appends */
    sim_state_save(&from.state, &bytes);
    ck_assert_int_eq(sim_state_load(&to.state, (char *)bytes.items + 5, bytes.count - 5), SIM_OK);
    assert_filled(&to, 321, 12, 1234567890123);

    /* Saved again, it is the same bytes: nothing is left out and nothing added. */
    struct sim_array again;
    sim_array_init(&again, 1);
    sim_state_save(&to.state, &again);
    ck_assert_uint_eq(again.count, bytes.count - 5);
    ck_assert_mem_eq(again.items, (char *)bytes.items + 5, again.count);
    sim_array_release(&again);
    sim_array_release(&bytes);
    world_release(&from);
    world_release(&to);
}
END_TEST

START_TEST(cut_bytes_are_refused_and_change_nothing)
{
    struct world from, to;
    world_init(&from);
    world_init(&to);
    world_fill(&from, 3, 2, 1);
    world_fill(&to, 4, 1, 3);
    struct sim_array bytes;
    sim_array_init(&bytes, 1);
    sim_state_save(&from.state, &bytes);
    for (size_t size = 0; size < bytes.count; size++) {
        /* A copy of exactly this size lets the sanitizers see a read beyond the end. */
        char *cut = malloc(size ? size : 1);
        memcpy(cut, bytes.items, size);
        ck_assert_int_eq(sim_state_load(&to.state, cut, size), SIM_BAD_INPUT);
        free(cut);
    }
    sim_array_add(&bytes);
    ck_assert_int_eq(sim_state_load(&to.state, bytes.items, bytes.count), SIM_BAD_INPUT);
    assert_filled(&to, 4, 1, 3);
    sim_array_release(&bytes);
    world_release(&from);
    world_release(&to);
}
END_TEST

/* Every byte of the first header (name, item size, count) that is changed makes it another kind of state. */
START_TEST(bytes_of_another_kind_are_refused)
{
    struct world from, to;
    world_init(&from);
    world_init(&to);
    world_fill(&from, 3, 2, 1);
    world_fill(&to, 4, 1, 3);
    struct sim_array bytes;
    sim_array_init(&bytes, 1);
    sim_state_save(&from.state, &bytes);
    size_t header_size = (bytes.count - sizeof from.clock - 3 * sizeof(uint32_t) - 4 * sizeof(double)) / 3;
    for (size_t i = 0; i < header_size; i++) {
        ((char *)bytes.items)[i] ^= 0x40;
        ck_assert_int_eq(sim_state_load(&to.state, bytes.items, bytes.count), SIM_BAD_INPUT);
        ((char *)bytes.items)[i] ^= 0x40;
    }
    assert_filled(&to, 4, 1, 3);
    ck_assert_int_eq(sim_state_load(&to.state, bytes.items, bytes.count), SIM_OK);
    sim_array_release(&bytes);
    world_release(&from);
    world_release(&to);
}
END_TEST

static struct sim_digest digest_of(const uint64_t *values, size_t count)
{
    struct sim_digest digest;
    sim_digest_init(&digest);
    for (size_t i = 0; i < count; i++)
        sim_digest_add(&digest, values[i]);
    return digest;
}

static int compare_digests(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct sim_digest));
}

/* All sequences of up to seven numbers out of {0, 1, 2, 2^63, 2^64 - 1}; each half by itself must tell them apart. */
START_TEST(different_sequences_have_different_digests)
{
    static const uint64_t numbers[5] = {0, 1, 2, UINT64_C(1) << 63, UINT64_MAX};
    struct sim_digest *all = calloc(100000, sizeof *all);
    size_t count = 0;
    for (size_t length = 0, sequences = 1; length <= 7; length++, sequences *= 5)
        for (size_t code = 0; code < sequences; code++) {
            uint64_t values[7];
            for (size_t i = 0, rest = code; i < length; i++, rest /= 5)
                values[i] = numbers[rest % 5];
            all[count++] = digest_of(values, length);
        }
    ck_assert_uint_eq(count, 97656); /* (5^8 - 1) / 4 */
    for (int half = 0; half < 2; half++) {
        qsort(all, count, sizeof *all, compare_digests);
        for (size_t i = 1; i < count; i++)
            ck_assert_uint_ne(all[i].low, all[i - 1].low);
        for (size_t i = 0; i < count; i++)
            all[i] = (struct sim_digest){.low = all[i].high, .high = all[i].low};
    }
    free(all);
}
END_TEST

START_TEST(equal_sequences_have_equal_digests)
{
    static const uint64_t values[] = {3, 1, 4, 1, 5, 9, 2, 6};
    struct sim_digest a = digest_of(values, 8);
    struct sim_digest b = digest_of(values, 8);
    ck_assert_mem_eq(&a, &b, sizeof a);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("state");
    TCase *tests = tcase_create("state");
    tcase_add_test(tests, array_items_are_zeroed_also_when_they_come_back);
    tcase_add_exit_test(tests, an_array_of_nothing_fails_an_assertion, 3);
    tcase_add_test(tests, a_copy_is_equal_and_independent);
    tcase_add_loop_exit_test(tests, states_of_another_kind_are_not_copied, 3, 0, 2);
    tcase_add_test(tests, what_is_saved_is_loaded);
    tcase_add_test(tests, cut_bytes_are_refused_and_change_nothing);
    tcase_add_test(tests, bytes_of_another_kind_are_refused);
    tcase_add_test(tests, different_sequences_have_different_digests);
    tcase_add_test(tests, equal_sequences_have_equal_digests);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
