/* test_bytes.c - what was put in comes out again, and nothing beyond the end. */
#include <check.h>
#include <stdlib.h>

#include "sim/bytes.h"

START_TEST(values_come_back_in_order)
{
    struct sim_array bytes;
    struct sim_array numbers;
    struct sim_array again;
    uint32_t first = 7;
    int64_t last = -3;
    sim_array_init(&bytes, 1);
    sim_array_init(&numbers, sizeof(uint64_t));
    sim_array_init(&again, sizeof(uint64_t));
    sim_array_resize(&again, 9);
    sim_array_resize(&numbers, 5);
    for (uint64_t i = 0; i < 5; i++)
        ((uint64_t *)numbers.items)[i] = i * i;
    sim_bytes_put(&bytes, &first, sizeof first);
    sim_bytes_put_array(&bytes, &numbers);
    sim_bytes_put(&bytes, &last, sizeof last);
    struct sim_bytes_reader reader = {bytes.items, bytes.count};
    first = 0;
    last = 0;
    ck_assert(sim_bytes_get(&reader, &first, sizeof first));
    ck_assert(sim_bytes_get_array(&reader, &again));
    ck_assert(sim_bytes_get(&reader, &last, sizeof last));
    ck_assert_uint_eq(first, 7);
    ck_assert_int_eq(last, -3);
    ck_assert_uint_eq(again.count, 5);
    ck_assert_uint_eq(((uint64_t *)again.items)[4], 16);
    ck_assert(!sim_bytes_get(&reader, &first, 1));
    sim_array_release(&bytes);
    sim_array_release(&numbers);
    sim_array_release(&again);
}
END_TEST

START_TEST(a_count_beyond_the_end_fails)
{
    const uint64_t count = UINT64_MAX / 8;
    struct sim_bytes_reader reader = {(const char *)&count, sizeof count};
    struct sim_array items;
    sim_array_init(&items, 16);
    ck_assert(!sim_bytes_get_array(&reader, &items));
    ck_assert_uint_eq(items.count, 0);
    sim_array_release(&items);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bytes");
    TCase *core = tcase_create("core");
    tcase_add_test(core, values_come_back_in_order);
    tcase_add_test(core, a_count_beyond_the_end_fails);
    suite_add_tcase(suite, core);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
