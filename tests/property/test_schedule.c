/* test_schedule.c - random schedules against a reference that asks the C library for the weekday and the time of every
 * second.
 */
#include <stdio.h>
#include <time.h>

#include "models/schedule.h"
#include "tests/effort.h"
#include "tests/splitmix.h"
#include "tests/world_case.h"

enum {
    CASES = 40
};
#define DAYS INT64_C(9)
#define HALF_HOURS INT64_C(48)
#define HALF_HOUR_S INT64_C(1800)
#define SECONDS (DAYS * HALF_HOURS * HALF_HOUR_S)

/* What people write, in place of what the loader makes of it. */
struct written {
    bool days[7]; /* from Sunday, as the C library counts */
    bool has_days;
    int64_t from_half; /* half hours of the day; equal: all day */
    int64_t to_half;
    time_t from;
    time_t to;
};

static struct world_case c;
static struct written texts[CASE_CHANGES];

static void draw_entry(struct splitmix *random, size_t number)
{
    struct written *text = &texts[number];
    struct schedule_config *entry = &c.schedules[0][number];
    time_t start = (time_t)(c.config.start_ns / SIM_SECOND);
    *text = (struct written){.has_days = splitmix_chance(random, 60), .from = INT64_MIN, .to = INT64_MAX};
    for (int i = 0; i < 7 && text->has_days; i++)
        text->days[i] = splitmix_chance(random, 50);
    text->days[3] |= text->has_days;
    if (splitmix_chance(random, 70)) {
        text->from_half = splitmix_below(random, HALF_HOURS);
        text->to_half = splitmix_below(random, HALF_HOURS + 1);
    }
    if (text->from_half == text->to_half)
        text->from_half = text->to_half = 0;
    if (splitmix_chance(random, 40))
        text->from = start + (time_t)(splitmix_below(random, DAYS * HALF_HOURS) - HALF_HOURS) * HALF_HOUR_S;
    if (splitmix_chance(random, 40))
        text->to = start + (time_t)splitmix_below(random, DAYS * HALF_HOURS) * HALF_HOUR_S;
    *entry = (struct schedule_config){
        .name = "entry",
        .hours_from_ns = text->from_half * HALF_HOUR_S * SIM_SECOND,
        .hours_to_ns = text->to_half * HALF_HOUR_S * SIM_SECOND,
        .from_ns = text->from == INT64_MIN ? INT64_MIN : (text->from - start) * SIM_SECOND,
        .to_ns = text->to == INT64_MAX ? SIM_TIME_NEVER : (text->to - start) * SIM_SECOND,
        .set = {.given = 1u << SETTING_MIN_CONTAINERS, .min_containers = splitmix_below(random, 5)},
    };
    for (int i = 0; i < 7; i++)
        entry->days |= text->days[i] << (i + 6) % 7;
}

/* From a random half hour of a random day of two years. */
static void draw(uint64_t seed)
{
    struct splitmix random = {seed};
    case_init(&c);
    case_fix(&c, 1 + splitmix_below(&random, 3));
    c.config.workload_count = 0;
    c.config.duration_ns = DAYS * SIM_DAY;
    c.config.start_ns = (INT64_C(1767225600) + splitmix_below(&random, 730 * HALF_HOURS) * HALF_HOUR_S) * SIM_SECOND;
    c.pools[0].schedule_count = 1 + (size_t)splitmix_below(&random, CASE_CHANGES);
    c.pools[0].profile.startup_count = 0;
    for (size_t i = 0; i < c.pools[0].schedule_count; i++)
        draw_entry(&random, i);
}

static bool holds(const struct written *text, time_t now, const struct tm *tm)
{
    int64_t second = tm->tm_hour * 3600 + tm->tm_min * 60 + tm->tm_sec;
    bool is_before = second < text->from_half * HALF_HOUR_S;
    bool is_after = second >= text->to_half * HALF_HOUR_S;
    bool is_overnight = text->from_half > text->to_half;
    int day = is_overnight && is_before ? (tm->tm_wday + 6) % 7 : tm->tm_wday;
    if (now < text->from || now >= text->to || (text->has_days && !text->days[day]))
        return false;
    if (text->from_half == text->to_half)
        return true;
    return is_overnight ? !is_before || !is_after : !is_before && !is_after;
}

static int64_t wanted_at(time_t now)
{
    int64_t wanted = c.pools[0].min_containers;
    struct tm tm;
    gmtime_r(&now, &tm);
    for (size_t i = 0; i < c.pools[0].schedule_count; i++)
        if (holds(&texts[i], now, &tm))
            wanted = c.schedules[0][i].set.min_containers;
    return wanted;
}

/* Check counts every assertion, which would take longer than the test. */
#define claim(condition)                                                                          \
    do {                                                                                          \
        if (!(condition))                                                                         \
            ck_abort_msg("seed %lu, second %ld: " #condition, (unsigned long)seed, (long)second); \
    } while (0)

/* Every second has the settings of the reference, and none changes before it is said to. */
START_TEST(settings_of_every_second)
{
    for (uint64_t seed = 1; seed <= test_effort(CASES / 20, CASES, 10 * CASES); seed++) {
        draw(seed);
        time_t start = (time_t)(c.config.start_ns / SIM_SECOND);
        sim_time_ns next_ns = 0;
        int64_t before = -1;
        for (time_t second = 0; second < SECONDS; second++) {
            int64_t wanted = wanted_at(start + second);
            sim_time_ns now = second * SIM_SECOND;
            claim(schedule_settings_at(&c.config, &c.pools[0], now).min_containers == wanted);
            claim(wanted == before || now == next_ns);
            if (now == next_ns)
                next_ns = schedule_settings_next(&c.config, &c.pools[0], now);
            claim(next_ns > now);
            before = wanted;
        }
    }
}
END_TEST

/* A fixed pool without work and with starts that take no time has that many containers in every second. */
START_TEST(containers_of_every_second)
{
    static int64_t change[SECONDS + 1];
    for (uint64_t seed = 1; seed <= test_effort(CASES / 20, CASES, 10 * CASES); seed++) {
        draw(seed);
        case_run(&c);
        memset(change, 0, sizeof change);
        for (size_t i = 0; i < c.rows.container_count; i++) {
            const struct container_row *row = &c.rows.containers[i];
            change[row->ready_ns / SIM_SECOND]++;
            change[row->end_ns < 0 ? SECONDS : row->end_ns / SIM_SECOND]--;
        }
        int64_t there = 0;
        for (time_t second = 0; second < SECONDS; second++) {
            there += change[second];
            claim(there == wanted_at((time_t)(c.config.start_ns / SIM_SECOND) + second));
        }
        case_release(&c);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {settings_of_every_second, containers_of_every_second, NULL};
    return case_main("schedules", tests);
}
