/* test_memory.c - allocation that cannot fail, growing, and the arena. */
#include <check.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"

static void assert_zero(const void *memory, size_t size)
{
    const unsigned char *bytes = memory;
    for (size_t i = 0; i < size; i++)
        ck_assert_uint_eq(bytes[i], 0);
}

START_TEST(allocated_memory_is_zeroed)
{
    char *memory = sim_allocate(100, 7);
    assert_zero(memory, 700);
    free(memory);
}
END_TEST

START_TEST(nothing_can_be_allocated)
{
    void *no_items = sim_allocate(0, 8);
    void *no_size = sim_allocate(8, 0);
    ck_assert_ptr_nonnull(no_items);
    ck_assert_ptr_nonnull(no_size);
    free(no_items);
    free(no_size);
}
END_TEST

START_TEST(growing_keeps_items_and_zeroes_the_rest)
{
    uint32_t *items = NULL;
    size_t capacity = 0;
    for (size_t needed = 1; needed < 5000; needed++) {
        size_t before = capacity;
        items = sim_grow(items, &capacity, needed, sizeof *items);
        ck_assert_uint_ge(capacity, needed);
        ck_assert_uint_le(capacity, needed < 8 ? 16 : 2 * needed);
        assert_zero(items + before, (capacity - before) * sizeof *items);
        items[needed - 1] = (uint32_t)needed;
    }
    for (uint32_t i = 0; i < 4999; i++)
        ck_assert_uint_eq(items[i], i + 1);
    free(items);
}
END_TEST

START_TEST(growing_does_nothing_where_there_is_room)
{
    size_t capacity = 0;
    char *items = sim_grow(NULL, &capacity, 10, 1);
    size_t before = capacity;
    ck_assert_ptr_eq(sim_grow(items, &capacity, before, 1), items);
    ck_assert_uint_eq(capacity, before);
    ck_assert_ptr_null(sim_grow(NULL, &(size_t){0}, 0, 1));
    free(items);
}
END_TEST

START_TEST(more_than_there_is_ends_the_program)
{
    sim_allocate(SIZE_MAX / 2, 1);
}
END_TEST

START_TEST(a_product_that_overflows_ends_the_program)
{
    sim_allocate(SIZE_MAX / 2, 4);
}
END_TEST

START_TEST(growing_beyond_everything_ends_the_program)
{
    size_t capacity = 0;
    sim_grow(NULL, &capacity, _i ? SIZE_MAX : SIZE_MAX / 4, 8);
}
END_TEST

START_TEST(an_arena_gives_zeroed_aligned_memory_that_stays)
{
    struct sim_arena *arena = sim_arena_create();
    char *pieces[200];
    for (size_t i = 0; i < 200; i++) {
        pieces[i] = sim_arena_allocate(arena, i, 3);
        ck_assert_uint_eq((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        assert_zero(pieces[i], i * 3);
        memset(pieces[i], (int)i, i * 3);
    }
    for (size_t i = 0; i < 200; i++)
        for (size_t k = 0; k < i * 3; k++)
            ck_assert_int_eq((unsigned char)pieces[i][k], (int)i);
    sim_arena_destroy(arena);
}
END_TEST

START_TEST(an_arena_copies_text)
{
    struct sim_arena *arena = sim_arena_create();
    char text[] = "l40s";
    char *copy = sim_arena_text(arena, text);
    text[0] = 'X';
    ck_assert_str_eq(copy, "l40s");
    ck_assert_str_eq(sim_arena_text(arena, ""), "");
    sim_arena_destroy(arena);
}
END_TEST

START_TEST(no_arena_can_be_destroyed)
{
    sim_arena_destroy(NULL);
}
END_TEST

START_TEST(an_arena_refuses_a_product_that_overflows)
{
    sim_arena_allocate(sim_arena_create(), SIZE_MAX / 2, 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("memory");
    TCase *tests = tcase_create("memory");
    tcase_add_test(tests, allocated_memory_is_zeroed);
    tcase_add_test(tests, nothing_can_be_allocated);
    tcase_add_test(tests, growing_keeps_items_and_zeroes_the_rest);
    tcase_add_test(tests, growing_does_nothing_where_there_is_room);
    tcase_add_exit_test(tests, more_than_there_is_ends_the_program, 3);
    tcase_add_exit_test(tests, a_product_that_overflows_ends_the_program, 3);
    tcase_add_loop_exit_test(tests, growing_beyond_everything_ends_the_program, 3, 0, 2);
    tcase_add_test(tests, an_arena_gives_zeroed_aligned_memory_that_stays);
    tcase_add_test(tests, an_arena_copies_text);
    tcase_add_test(tests, no_arena_can_be_destroyed);
    tcase_add_exit_test(tests, an_arena_refuses_a_product_that_overflows, 3);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
