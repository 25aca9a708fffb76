/* test_months.c - which months a run has, and where it is cut. */
#include "models/months.h"
#include "sim/timestamp.h"
#include "tests/world_case.h"

static struct world_case c;
static struct sim_array found;

static void begin(const char *start, sim_time_ns duration_ns)
{
    case_init(&c);
    c.config.start = start;
    c.config.start_ns = 0;
    if (start[0] != '\0')
        ck_assert(sim_timestamp_parse(start, &c.config.start_ns));
    c.config.duration_ns = duration_ns;
}

static void expect_month(size_t place, const char *name, double days_from, double days_to)
{
    const struct month *month = (const struct month *)found.items + place;
    ck_assert_str_eq(month->name, name);
    ck_assert_int_eq(month->from_ns, (sim_time_ns)(days_from * 86400) * SIM_SECOND);
    ck_assert_int_eq(month->to_ns, (sim_time_ns)(days_to * 86400) * SIM_SECOND);
}

START_TEST(two_calendar_months_are_needed)
{
    begin("2026-01-05", 59 * SIM_DAY); /* to 5 March */
    ck_assert(months_apply(&c.config));
    c.config.duration_ns -= 1;
    ck_assert(!months_apply(&c.config));
    begin("2026-07-01", 61 * SIM_DAY);
    ck_assert(!months_apply(&c.config));
    begin("2026-07-01", 62 * SIM_DAY);
    ck_assert(months_apply(&c.config));
    begin("2025-12-31", 59 * SIM_DAY); /* to the last of February */
    ck_assert(months_apply(&c.config));
    begin("", 400 * SIM_DAY);
    ck_assert(!months_apply(&c.config));
    months_list(&c.config, &found);
    ck_assert_uint_eq(found.count, 0);
}
END_TEST

/* Begins and ends in the middle; the warm-up takes the first day and a half. */
START_TEST(months_of_a_run)
{
    begin("2027-12-15", 92 * SIM_DAY);
    c.config.warm_up_ns = SIM_DAY * 3 / 2;
    months_list(&c.config, &found);
    ck_assert_uint_eq(found.count, 4);
    expect_month(0, "2027-12", 1.5, 17);
    expect_month(1, "2028-01", 17, 48);
    expect_month(2, "2028-02", 48, 77); /* a leap year */
    expect_month(3, "2028-03", 77, 92);
    sim_array_release(&found);
}
END_TEST

START_TEST(a_year_has_twelve)
{
    begin("2026-01-01", 365 * SIM_DAY);
    months_list(&c.config, &found);
    ck_assert_uint_eq(found.count, 12);
    expect_month(1, "2026-02", 31, 59);
    expect_month(11, "2026-12", 334, 365);
    sim_array_release(&found);
}
END_TEST

/* A whole month of warm-up belongs to no month. */
START_TEST(the_warm_up_takes_a_month)
{
    begin("2026-01-01", 90 * SIM_DAY);
    c.config.warm_up_ns = 31 * SIM_DAY;
    months_list(&c.config, &found);
    ck_assert_uint_eq(found.count, 2);
    expect_month(0, "2026-02", 31, 59);
    expect_month(1, "2026-03", 59, 90);
    sim_array_release(&found);
}
END_TEST

START_TEST(days_end_at_midnight)
{
    begin("2026-01-05 18:00", 60 * SIM_DAY);
    c.config.warm_up_ns = SIM_HOUR;
    months_block_ends(&c.config, 0, &found);
    const sim_time_ns *ends = found.items;
    ck_assert_uint_eq(found.count, 61);
    ck_assert_int_eq(ends[0], 6 * SIM_HOUR);
    ck_assert_int_eq(ends[1], 30 * SIM_HOUR);
    ck_assert_int_eq(ends[59], 59 * SIM_DAY + 6 * SIM_HOUR);
    ck_assert_int_eq(ends[60], 60 * SIM_DAY);
    sim_array_release(&found);
}
END_TEST

/* The warm-up ends at midnight: there is no block without length. */
START_TEST(the_warm_up_takes_the_first_day)
{
    begin("2026-01-05", 60 * SIM_DAY);
    c.config.warm_up_ns = SIM_DAY;
    months_block_ends(&c.config, 0, &found);
    ck_assert_uint_eq(found.count, 59);
    ck_assert_int_eq(((sim_time_ns *)found.items)[0], 2 * SIM_DAY);
    sim_array_release(&found);
}
END_TEST

START_TEST(replications_are_cut_at_months)
{
    begin("2026-01-20", 70 * SIM_DAY);
    c.config.replications = 2;
    months_block_ends(&c.config, 0, &found);
    const sim_time_ns *ends = found.items;
    ck_assert_uint_eq(found.count, 3);
    ck_assert_int_eq(ends[0], 12 * SIM_DAY);
    ck_assert_int_eq(ends[1], 40 * SIM_DAY);
    ck_assert_int_eq(ends[2], 70 * SIM_DAY);
    sim_array_release(&found);
}
END_TEST

START_TEST(equal_blocks_know_no_calendar)
{
    begin("2026-01-20", 70 * SIM_DAY);
    c.config.warm_up_ns = SIM_DAY;
    months_block_ends(&c.config, 3, &found);
    ck_assert_uint_eq(found.count, 3);
    ck_assert_int_eq(((sim_time_ns *)found.items)[0], 24 * SIM_DAY);
    sim_array_release(&found);
    begin("", 70 * SIM_DAY);
    months_block_ends(&c.config, 0, &found);
    ck_assert_uint_eq(found.count, 1);
    sim_array_release(&found);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {two_calendar_months_are_needed,
                                  months_of_a_run,
                                  a_year_has_twelve,
                                  the_warm_up_takes_a_month,
                                  days_end_at_midnight,
                                  the_warm_up_takes_the_first_day,
                                  replications_are_cut_at_months,
                                  equal_blocks_know_no_calendar,
                                  NULL};
    return case_main("months", tests);
}
