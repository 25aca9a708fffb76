/* test_pricing.c - rates of containers and bills, against exact fractions. */
#include "models/pricing.h"
#include "tests/splitmix.h"
#include "tests/world_case.h"

START_TEST(rates_add_up)
{
    struct pool_config pool = {.gpu_count = 3,
                               .cpu_cores = 0.125,
                               .memory_gib = 10,
                               .price = {.gpu_pusd_per_h = 1950000000000,
                                         .core_pusd_per_h = 47160000000,
                                         .memory_pusd_per_gib_h = 7992000000}};
    ck_assert_int_eq(pricing_container_rate(&pool), 5850000000000 + 5895000000 + 79920000000);
    pool.gpu_count = 0;
    pool.cpu_cores = 0;
    pool.memory_gib = 0;
    ck_assert_int_eq(pricing_container_rate(&pool), 0);
}
END_TEST

/* $3.6/h is a nanodollar per 1,000 ns: halves go up. */
START_TEST(rounds_once_halves_up)
{
    const int64_t rate = 3600000000000;
    ck_assert_int_eq(pricing_bill_nusd(0, rate), 0);
    ck_assert_int_eq(pricing_bill_nusd(499, rate), 0);
    ck_assert_int_eq(pricing_bill_nusd(500, rate), 1);
    ck_assert_int_eq(pricing_bill_nusd(1499, rate), 1);
    ck_assert_int_eq(pricing_bill_nusd(SIM_HOUR, rate), 3600000000);
    ck_assert_int_eq(pricing_bill_nusd(SIM_HOUR, 1950000000001), 1950000000);
    ck_assert_int_eq(pricing_bill_nusd(1000 * SIM_HOUR, 1950000000001), 1950000000001);
}
END_TEST

/* The bill b is right if 2 |b x 3.6e15 - t x r| is at most 3.6e15. */
START_TEST(nearest_nanodollar)
{
    struct splitmix random = {1};
    for (int i = 0; i < 100000; i++) {
        sim_int128 time_ns = splitmix_below(&random, (int64_t)1 << (1 + splitmix_below(&random, 61)));
        int64_t rate = splitmix_below(&random, (int64_t)1 << (1 + splitmix_below(&random, 44)));
        sim_int128 exact = time_ns * rate;
        sim_int128 divisor = (sim_int128)3600 * 1000000000000;
        sim_int128 difference = 2 * (pricing_bill_nusd(time_ns, rate) * divisor - exact);
        if (exact / divisor < INT64_MAX / 2)
            ck_assert_msg(difference <= divisor && difference > -divisor, "case %d", i);
    }
}
END_TEST

/* 100,000 containers at $5 for ten years: $43.8 billion. */
START_TEST(large_fleets_fit)
{
    sim_int128 time_ns = (sim_int128)100000 * 87600 * SIM_HOUR;
    ck_assert_int_eq(pricing_bill_nusd(time_ns, 1000000000000), INT64_C(8760000000) * 1000000000);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {rates_add_up, rounds_once_halves_up, nearest_nanodollar, large_fleets_fit};
    return case_main("pricing", tests, sizeof tests / sizeof *tests);
}
