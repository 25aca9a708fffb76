/* test_random.c - Philox against published vectors and Random123 itself, streams against their promises. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <Random123/philox.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "sim/random.h"
#include "sim/random_gsl.h"
#include "tests/splitmix.h"

/* philox4x64-10 of the file kat_vectors of Random123: counter, key, result. */
static const uint64_t known_answers[][10] = {
    {0, 0, 0, 0, 0, 0, 0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b},
    {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, 0x87b092c3013fe90b, 0x438c3c67be8d0224,
     0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0},
    {0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89, 0x452821e638d01377,
     0xbe5466cf34e90c6c, 0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6},
};

START_TEST(blocks_are_the_published_ones)
{
    uint64_t words[4];
    sim_random_block(known_answers[_i], known_answers[_i] + 4, words);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(words[i], known_answers[_i][6 + i]);
}
END_TEST

START_TEST(blocks_are_those_of_random123)
{
    struct sim_random source;
    sim_random_init(&source, 20, 0, 0, 0, 0);
    for (int round = 0; round < 1000; round++) {
        philox4x64_ctr_t counter;
        philox4x64_key_t key;
        for (int i = 0; i < 4; i++)
            counter.v[i] = sim_random_next(&source);
        for (int i = 0; i < 2; i++)
            key.v[i] = sim_random_next(&source);
        uint64_t words[4];
        sim_random_block(counter.v, key.v, words);
        philox4x64_ctr_t expected = philox4x64(counter, key);
        ck_assert_mem_eq(words, expected.v, sizeof words);
    }
}
END_TEST

/* The words of a stream are the blocks of its counter, in order, however many are drawn. */
START_TEST(stream_walks_through_its_blocks)
{
    struct sim_random stream;
    sim_random_init(&stream, 7, 3, 9, 11, 13);
    const uint64_t key[2] = {7, (uint64_t)3 << 32 | 9};
    for (uint64_t block = 0; block < 1000; block++) {
        uint64_t words[4];
        sim_random_block((const uint64_t[4]){13, block, 11, 0}, key, words);
        for (int i = 0; i < 4; i++)
            ck_assert_uint_eq(sim_random_next(&stream), words[i]);
    }
}
END_TEST

START_TEST(copy_goes_on_from_the_same_place)
{
    struct sim_random stream;
    sim_random_init(&stream, 1, 2, 3, 4, 5);
    for (int i = 0; i < 6; i++)
        sim_random_next(&stream);
    struct sim_random copy = stream;
    for (int i = 0; i < 20; i++)
        ck_assert_uint_eq(sim_random_next(&copy), sim_random_next(&stream));
}
END_TEST

/* Changing one bit of any part of the name changes about half of the bits of the words. */
static void init_from(struct sim_random *stream, const uint64_t name[5])
{
    sim_random_init(stream, name[0], (uint32_t)name[1], (uint32_t)name[2], name[3], name[4]);
}

START_TEST(every_part_of_the_name_counts)
{
    static const int widths[5] = {64, 32, 32, 64, 64};
    int bits_changed = 0;
    int names = 0;
    for (int part = 0; part < 5; part++) {
        for (int bit = 0; bit < widths[part]; bit++) {
            uint64_t name[5] = {1, 0, 2, 0, 0};
            struct sim_random before;
            struct sim_random after;
            init_from(&before, name);
            name[part] ^= UINT64_C(1) << bit;
            init_from(&after, name);
            for (int i = 0; i < 4; i++)
                bits_changed += __builtin_popcountll(sim_random_next(&before) ^ sim_random_next(&after));
            names++;
        }
    }
    /* 256 names of 256 bits: binomial with mean 32768 and deviation 128. */
    ck_assert_int_eq(names, 256);
    ck_assert_int_ge(bits_changed, 32768 - 5 * 128);
    ck_assert_int_le(bits_changed, 32768 + 5 * 128);
}
END_TEST

START_TEST(a_moved_stream_is_the_one_of_that_index)
{
    struct sim_random whole;
    struct sim_random moved;
    sim_random_init(&whole, 5, 6, 7, 8, 77);
    sim_random_init(&moved, 5, 6, 7, 8, 0);
    for (int i = 0; i < 6; i++)
        sim_random_next(&moved);
    sim_random_move(&moved, 77);
    for (int i = 0; i < 9; i++)
        ck_assert_uint_eq(sim_random_next(&moved), sim_random_next(&whole));
}
END_TEST

/* Draws of neighbouring names: the correlation of n pairs has deviation 1 / sqrt(n). */
START_TEST(neighbours_are_not_correlated)
{
    const int count = 200000;
    double sum = 0;
    for (int i = 0; i < count; i++) {
        uint64_t name[5] = {20, 1, 2, 3, 4};
        struct sim_random one;
        struct sim_random other;
        name[_i] += (uint64_t)i;
        init_from(&one, name);
        name[_i]++;
        init_from(&other, name);
        double x = (double)(sim_random_next(&one) >> 11) * 0x1p-53 - 0.5;
        double y = (double)(sim_random_next(&other) >> 11) * 0x1p-53 - 0.5;
        sum += 12 * x * y;
    }
    ck_assert_double_lt(fabs(sum), 4.5 * sqrt(count));
}
END_TEST

/* The stated seed, and from there the published generator. */
START_TEST(brief_words_are_those_of_splitmix)
{
    struct splitmix outer = {5 + 8 * UINT64_C(0x9E3779B97F4A7C15)};
    struct splitmix inner = {splitmix_next(&outer) + 3 * SIM_RANDOM_PART_STEP};
    struct sim_random_brief brief = sim_random_brief(5, 9, 3);
    for (int i = 0; i < 10; i++)
        ck_assert_uint_eq(sim_random_brief_next(&brief), splitmix_next(&inner));
}
END_TEST

/* Words of neighbouring salts, indices and parts: correlation, and bits of both. A part is tried at consecutive
 * indices, as it is used.
 */
START_TEST(brief_neighbours_are_not_correlated)
{
    const int count = 200000;
    double sum = 0;
    int64_t bits = 0;
    for (uint64_t i = 0; i < (uint64_t)count; i++) {
        struct sim_random_brief one = sim_random_brief(_i == 0 ? i : 20, i, 1);
        struct sim_random_brief other =
            sim_random_brief(_i == 0 ? i + 1 : 20, i + (_i == 1 || _i == 4), _i == 2 ? 2 : 1);
        uint64_t first = sim_random_brief_next(&one);
        if (_i >= 3) /* the first word and the second one of the same, or of the index before */
            sim_random_brief_next(&other);
        uint64_t second = sim_random_brief_next(&other);
        double x = (double)(first >> 11) * 0x1p-53 - 0.5;
        double y = (double)(second >> 11) * 0x1p-53 - 0.5;
        sum += 12 * x * y;
        bits += __builtin_popcountll(first ^ second);
    }
    ck_assert_double_lt(fabs(sum), 4.5 * sqrt(count));
    ck_assert_double_lt(fabs((double)bits - 32.0 * count), 4.5 * sqrt(16.0 * count));
}
END_TEST

START_TEST(gsl_draws_the_words_of_the_stream)
{
    gsl_rng *rng = gsl_rng_alloc(&sim_random_gsl_type);
    struct sim_random stream;
    sim_random_gsl_key(rng, 1, 2, 3, 4, 5);
    sim_random_init(&stream, 1, 2, 3, 4, 5);
    for (int i = 0; i < 10; i++)
        ck_assert_uint_eq(gsl_rng_get(rng), sim_random_next(&stream));
    ck_assert(gsl_rng_uniform(rng) == (double)(sim_random_next(&stream) >> 11) * 0x1p-53);
    gsl_rng_set(rng, 99);
    sim_random_init(&stream, 99, 0, 0, 0, 0);
    ck_assert_uint_eq(gsl_rng_get(rng), sim_random_next(&stream));
    gsl_rng_free(rng);
}
END_TEST

/* Mean of n Poisson draws of mean 3: deviation sqrt(3 / n). */
START_TEST(gsl_distributions_work)
{
    const int count = 100000;
    gsl_rng *rng = gsl_rng_alloc(&sim_random_gsl_type);
    sim_random_gsl_key(rng, 20, 0, 0, 0, 0);
    double sum = 0;
    int sixes = 0;
    for (int i = 0; i < count; i++) {
        sum += gsl_ran_poisson(rng, 3);
        sixes += gsl_rng_uniform_int(rng, 6) == 5;
    }
    ck_assert_double_lt(fabs(sum / count - 3), 5 * sqrt(3.0 / count));
    ck_assert_double_lt(fabs(sixes - count / 6.0), 5 * sqrt(count * 5.0 / 36));
    gsl_rng_free(rng);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("random");
    TCase *cases = tcase_create("random");
    tcase_add_loop_test(cases, blocks_are_the_published_ones, 0, 3);
    tcase_add_test(cases, blocks_are_those_of_random123);
    tcase_add_test(cases, stream_walks_through_its_blocks);
    tcase_add_test(cases, copy_goes_on_from_the_same_place);
    tcase_add_test(cases, every_part_of_the_name_counts);
    tcase_add_test(cases, a_moved_stream_is_the_one_of_that_index);
    tcase_add_loop_test(cases, neighbours_are_not_correlated, 0, 5);
    tcase_add_test(cases, brief_words_are_those_of_splitmix);
    tcase_add_loop_test(cases, brief_neighbours_are_not_correlated, 0, 5);
    tcase_add_test(cases, gsl_draws_the_words_of_the_stream);
    tcase_add_test(cases, gsl_distributions_work);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
