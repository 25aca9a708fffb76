/* test_histogram_pack.c - nothing is lost by packing, whatever the order, and damaged bytes are refused. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/histogram_pack.h"
#include "sim/memory.h"
#include "tests/pack_values.h"
#include "tests/splitmix.h"
#include "tests/world_case.h"

static struct sim_histogram *create(void)
{
    return sim_allocate(1, sizeof(struct sim_histogram));
}

/* Values of very different sizes: gaps between buckets, runs of buckets, large counts, both ends of the range. */
static int64_t draw(struct splitmix *random)
{
    switch (splitmix_below(random, 4)) {
    case 0:
        return splitmix_below(random, 600);
    case 1:
        return 1000000 + splitmix_below(random, 100000);
    case 2:
        return (int64_t)(splitmix_next(random) >> (1 + splitmix_below(random, 62)));
    default:
        return splitmix_below(random, 10) ? 0 : INT64_MAX;
    }
}

static void fill(struct sim_histogram *histogram, struct splitmix *random)
{
    for (int64_t left = splitmix_below(random, 300); left > 0; left--) {
        int64_t times = splitmix_below(random, 3) ? 1 : 1 + splitmix_below(random, INT64_C(1) << 40);
        sim_histogram_add_n(histogram, draw(random), (uint64_t)times);
    }
}

/* Parts packed one by one into one pack, or each alone and merged from the end: the pack of the whole. */
START_TEST(order_does_not_matter)
{
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct splitmix random = {seed};
        struct sim_histogram *whole = create(), *part = create(), *back = create();
        struct sim_histogram_pack parts[3] = {{0}}, taken = {0}, merged = {0}, packed = {0};
        for (int i = 0; i < 3; i++) {
            fill(part, &random);
            sim_histogram_merge(whole, part);
            struct sim_histogram *copy = create();
            sim_histogram_merge(copy, part);
            sim_histogram_pack_take(&parts[i], copy);
            free(copy);
            sim_histogram_pack_take(&taken, part);
            ck_assert_uint_eq(part->count, 0);
        }
        for (int i = 2; i >= 0; i--)
            sim_histogram_pack_merge(&merged, &parts[i]);
        sim_histogram_pack_unpack(&taken, back);
        ck_assert_msg(sim_histogram_equal(whole, back), "seed %d", (int)seed);
        sim_histogram_pack_take(&packed, whole);
        ck_assert_msg(sim_histogram_pack_equal(&packed, &taken), "seed %d", (int)seed);
        ck_assert_msg(sim_histogram_pack_equal(&packed, &merged), "seed %d", (int)seed);
        for (int i = 0; i < 3; i++)
            sim_histogram_pack_release(&parts[i]);
        sim_histogram_pack_release(&taken);
        sim_histogram_pack_release(&merged);
        sim_histogram_pack_release(&packed);
        free(whole);
        free(part);
        free(back);
    }
}
END_TEST

START_TEST(figures_are_those_of_the_histogram)
{
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct splitmix random = {seed};
        struct sim_histogram *histogram = create(), *copy = create();
        fill(histogram, &random);
        sim_histogram_add(histogram, 12345);
        sim_histogram_merge(copy, histogram);
        struct sim_histogram_pack pack = {0};
        sim_histogram_pack_take(&pack, copy);
        ck_assert_int_eq(sim_histogram_pack_minimum(&pack), sim_histogram_minimum(histogram));
        ck_assert_int_eq(sim_histogram_pack_maximum(&pack), sim_histogram_maximum(histogram));
        ck_assert_double_eq(sim_histogram_pack_mean(&pack), sim_histogram_mean(histogram));
        struct sim_histogram_pack_place place = {0};
        struct sim_histogram_row packed, plain;
        for (size_t position = 0; sim_histogram_next(histogram, &position, &plain);) {
            ck_assert(sim_histogram_pack_next(&pack, &place, &packed));
            ck_assert_mem_eq(&packed, &plain, sizeof plain);
        }
        ck_assert(!sim_histogram_pack_next(&pack, &place, &packed));
        sim_histogram_pack_release(&pack);
        free(histogram);
        free(copy);
    }
}
END_TEST

START_TEST(an_empty_pack)
{
    struct sim_histogram_pack pack = {0}, other = {0};
    struct sim_histogram *histogram = create();
    sim_histogram_pack_take(&pack, histogram);
    sim_histogram_pack_merge(&pack, &other);
    ck_assert_uint_eq(pack.size, 0);
    ck_assert_int_eq(sim_histogram_pack_minimum(&pack), -1);
    ck_assert_int_eq(sim_histogram_pack_maximum(&pack), -1);
    ck_assert(isnan(sim_histogram_pack_mean(&pack)));
    pack_value(&other, 7);
    ck_assert(!sim_histogram_pack_equal(&pack, &other));
    sim_histogram_pack_merge(&pack, &other);
    ck_assert(sim_histogram_pack_equal(&pack, &other));
    sim_histogram_pack_release(&other);
    sim_histogram_pack_merge(&pack, &other);
    ck_assert_uint_eq(pack.count, 1);
    sim_histogram_pack_release(&pack);
    free(histogram);
}
END_TEST

/* A thousand requests a day around one latency take less than a hundredth of the histogram. */
START_TEST(it_is_small)
{
    struct splitmix random = {1};
    struct sim_histogram_pack pack = {0};
    struct sim_histogram *histogram = create();
    for (int i = 0; i < 1000; i++)
        sim_histogram_add(histogram, 1000000000 + splitmix_below(&random, 1000000000));
    sim_histogram_pack_take(&pack, histogram);
    ck_assert_uint_lt(pack.size, sizeof *histogram / 100);
    sim_histogram_pack_release(&pack);
    free(histogram);
}
END_TEST

static enum sim_status load(const struct sim_histogram_pack *saved, const unsigned char *bytes, size_t size,
                            struct sim_histogram_pack *loaded)
{
    struct sim_histogram *scratch = create();
    enum sim_status status = sim_histogram_pack_load(loaded, bytes, size, saved->sum, sim_histogram_pack_minimum(saved),
                                                     sim_histogram_pack_maximum(saved), scratch);
    ck_assert_uint_eq(scratch->count, 0);
    free(scratch);
    return status;
}

/* Every bit of every byte counts: with any one of them turned the values are others, or none. */
START_TEST(bytes_are_checked)
{
    struct splitmix random = {3};
    struct sim_histogram *histogram = create();
    struct sim_histogram_pack pack = {0}, loaded = {0};
    for (int i = 0; i < 20; i++)
        sim_histogram_add_n(histogram, draw(&random), 1 + (uint64_t)splitmix_below(&random, 1000));
    sim_histogram_pack_take(&pack, histogram);
    ck_assert_int_eq(load(&pack, pack.bytes, pack.size, &loaded), SIM_OK);
    ck_assert(sim_histogram_pack_equal(&pack, &loaded));
    sim_histogram_pack_release(&loaded);
    for (size_t size = 1; size < pack.size; size++) {
        if (load(&pack, pack.bytes, size, &loaded) == SIM_OK)
            ck_assert(!sim_histogram_pack_equal(&pack, &loaded));
        sim_histogram_pack_release(&loaded);
    }
    for (size_t bit = 0; bit < 8 * pack.size; bit++) {
        pack.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        if (load(&pack, pack.bytes, pack.size, &loaded) == SIM_OK)
            ck_assert_mem_eq(loaded.bytes, pack.bytes, pack.size);
        sim_histogram_pack_release(&loaded);
        pack.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    sim_histogram_pack_release(&pack);
    free(histogram);
}
END_TEST

/* Values 7 (twice) and 9: first bucket 7, count 2, gap of 1, count 1; and the same said in other ways. */
START_TEST(only_one_form_is_accepted)
{
    static const struct {
        const char *bytes;
        size_t size;
    } others[] = {{"\x07\x02\x00\x01", 4},
                  {"\x07\x82\x00\x00\x01\x01", 6},
                  {"\x07\x02\x00\x00\x00\x01\x01", 7},
                  {"\x07\x02\x00\x01\x01\x00", 6},
                  {"\x07\x02\x00\x01\x02", 5},
                  {"\x07\x02\x00\xff\xff\x01\x01", 7},
                  {"\x06\x00\x01\x02\x00\x01\x01", 7}};
    struct sim_histogram_pack pack = {0}, loaded = {0};
    pack_value(&pack, 9);
    pack_value(&pack, 7);
    pack_value(&pack, 7);
    ck_assert_uint_eq(pack.size, 5);
    ck_assert_mem_eq(pack.bytes, "\x07\x02\x00\x01\x01", 5);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        ck_assert_msg(load(&pack, (const unsigned char *)others[i].bytes, others[i].size, &loaded) == SIM_BAD_INPUT,
                      "case %zu", i);
        ck_assert_uint_eq(loaded.count, 0);
    }
    sim_histogram_pack_release(&pack);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {order_does_not_matter, figures_are_those_of_the_histogram, an_empty_pack, it_is_small,
                                  bytes_are_checked,     only_one_form_is_accepted,          NULL};
    return case_main("packed histograms", tests);
}
