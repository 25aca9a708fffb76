/* test_monitor.c - one measure against one limit: what counts, for how long, and what a window forgets. */
#include <check.h>

#include "models/monitor.h"
#include "tests/world_case.h"

enum {
    PERIODS = 3
};

static struct monitor monitor;
static struct monitor_state state;
static struct monitor_sums periods[PERIODS];
static struct monitor_view view;

/* A window of three periods of a second where the measure has one. */
static void set(enum gauge measure, enum gauge_comparison side, double limit)
{
    struct condition_config condition = case_condition(measure, side, limit);
    if (gauge_kinds[measure].window != GAUGE_AT_INSTANT)
        condition.window_ns = seconds(PERIODS);
    monitor = monitor_of(&condition, 0, seconds(1));
    state = (struct monitor_state){.since_ns = -1};
    memset(periods, 0, sizeof periods);
    view = (struct monitor_view){.max_inputs = 10};
}

static bool looks(void)
{
    view.now_ns += seconds(1);
    return monitor_look(&monitor, &state, periods, &view);
}

static void complete(double latency_s, int times)
{
    struct monitor_request request = {OUTCOME_COMPLETED, seconds(latency_s), seconds(latency_s / 2),
                                      seconds(latency_s / 4)};
    for (int i = 0; i < times; i++)
        monitor_count(&monitor, &state, &request);
}

static void give_up(int times)
{
    struct monitor_request request = {.outcome = OUTCOME_TIMED_OUT};
    for (int i = 0; i < times; i++)
        monitor_count(&monitor, &state, &request);
}

START_TEST(comparisons)
{
    static const struct {
        enum gauge_comparison side;
        bool below, equal, beyond;
    } rows[] = {{GAUGE_ABOVE, false, false, true},
                {GAUGE_AT_LEAST, false, true, true},
                {GAUGE_AT_MOST, true, true, false},
                {GAUGE_BELOW, true, false, false}};
    for (size_t i = 0; i < 4; i++) {
        set(GAUGE_QUEUE, rows[i].side, 20);
        view.queue = 19;
        ck_assert_int_eq(looks(), rows[i].below);
        view.queue = 20;
        ck_assert_int_eq(looks(), rows[i].equal);
        view.queue = 21;
        ck_assert_int_eq(looks(), rows[i].beyond);
    }
}
END_TEST

/* 95 of 100 within the limit: the 95th percentile is the limit. One more beyond, and it is more. */
START_TEST(percentiles_are_exact)
{
    static const struct {
        enum gauge_comparison side;
        bool at_limit, beyond;
    } rows[] = {{GAUGE_ABOVE, false, true},
                {GAUGE_AT_LEAST, true, true},
                {GAUGE_AT_MOST, true, false},
                {GAUGE_BELOW, false, false}};
    for (size_t i = 0; i < 4; i++) {
        set(GAUGE_LATENCY_P95, rows[i].side, 3);
        complete(3, 95);
        complete(3.000001, 5);
        ck_assert_int_eq(looks(), rows[i].at_limit);
        set(GAUGE_LATENCY_P95, rows[i].side, 3);
        complete(3, 94);
        complete(3.000001, 6);
        ck_assert_int_eq(looks(), rows[i].beyond);
    }
}
END_TEST

START_TEST(a_window_slides)
{
    set(GAUGE_LATENCY_P50, GAUGE_ABOVE, 1);
    complete(2, 10);
    ck_assert(looks());
    complete(0.5, 9);
    ck_assert(looks());
    complete(0.5, 1);
    ck_assert(!looks()); /* ten of twenty */
    complete(2, 1);
    ck_assert(!looks()); /* the first ten are forgotten: one of eleven */
    ck_assert(!looks());
    ck_assert(looks());  /* that one alone */
    ck_assert(!looks()); /* nothing */
}
END_TEST

START_TEST(nothing_meets_no_limit)
{
    for (int measure = GAUGE_FAILED_SHARE; measure < GAUGE_COUNT; measure++)
        for (int side = GAUGE_ABOVE; side <= GAUGE_BELOW; side++) {
            set((enum gauge)measure, (enum gauge_comparison)side, 1);
            ck_assert(!looks());
        }
    set(GAUGE_SLOT_UTILISATION_OTHERS, GAUGE_BELOW, 0.6);
    view.ready = 1; /* there are no others */
    ck_assert(!looks());
}
END_TEST

START_TEST(a_condition_has_to_last)
{
    set(GAUGE_QUEUE, GAUGE_ABOVE, 20);
    monitor.for_ns = seconds(2);
    view.queue = 30;
    ck_assert(!looks());
    ck_assert(!looks());
    ck_assert(looks());
    view.queue = 20;
    ck_assert(!looks());
    view.queue = 30;
    ck_assert(!looks());
}
END_TEST

/* Four containers of ten slots, 24 requests inside; the least used has three, and takes five at present. */
START_TEST(utilisations)
{
    static const struct {
        enum gauge measure;
        double value;
    } rows[] = {{GAUGE_ALLOWED_UTILISATION, 24.0 / 30},
                {GAUGE_SLOT_UTILISATION_LEAST, 0.3},
                {GAUGE_SLOT_UTILISATION_OTHERS, 0.8},
                {GAUGE_ALLOWED_UTILISATION_LEAST, 0.6}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int beyond = 0; beyond < 2; beyond++) {
            set(rows[i].measure, GAUGE_ABOVE, rows[i].value + (beyond ? 1e-9 : -1e-9));
            view.ready = 4;
            view.inputs = 24;
            view.allowed = 30;
            view.least_inputs = 3;
            view.least_shared = (struct monitor_sums){3, 5};
            ck_assert_int_eq(looks(), !beyond);
        }
}
END_TEST

START_TEST(sums_over_time)
{
    set(GAUGE_CONTAINER_UTILISATION, GAUGE_BELOW, 0.2);
    view.sums.busy_ns = 1000; /* of before, which no window holds */
    state.before = (struct monitor_sums){1000, 1000};
    view.sums.busy_ns += 100;
    view.sums.idle_ns += 500;
    ck_assert(looks()); /* 100 of 600 */
    view.sums.busy_ns += 50;
    ck_assert(!looks()); /* 150 of 650 */
    set(GAUGE_REQUEST_RATE, GAUGE_ABOVE, 4);
    view.sums.arrived = 13;
    looks();
    looks();
    ck_assert(looks()); /* 13 in 3 s */
    ck_assert(!looks());
}
END_TEST

START_TEST(failures_and_means)
{
    set(GAUGE_FAILED_SHARE, GAUGE_ABOVE, 0.05);
    complete(1, 95);
    give_up(5);
    ck_assert(!looks());
    give_up(1);
    ck_assert(looks());
    set(GAUGE_WAIT_MEAN, GAUGE_ABOVE, 1);
    complete(2, 1);
    complete(6, 1);
    ck_assert(!looks()); /* waits of 0.5 and 1.5 s */
    complete(8, 1);
    ck_assert(looks());
}
END_TEST

static struct sim_digest digest_now(void)
{
    struct sim_digest digest;
    sim_digest_init(&digest);
    monitor_digest(&monitor, &state, periods, &view, &digest);
    return digest;
}

/* What a window has forgotten, and what was counted before it, make no difference. */
START_TEST(the_past_is_forgotten)
{
    struct sim_digest digests[2];
    for (int i = 0; i < 2; i++) {
        set(GAUGE_LATENCY_P95, GAUGE_ABOVE, 3);
        if (i == 1) {
            complete(5, 70);
            looks();
        } else {
            view.now_ns = seconds(1);
        }
        for (int k = 0; k < PERIODS; k++) {
            complete(4, k + 1);
            looks();
        }
        complete(1, 2);
        digests[i] = digest_now();
    }
    ck_assert(digests[0].low == digests[1].low && digests[0].high == digests[1].high);
    complete(1, 1);
    ck_assert(digests[0].low != digest_now().low);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        comparisons,  percentiles_are_exact, a_window_slides,    nothing_meets_no_limit, a_condition_has_to_last,
        utilisations, sums_over_time,        failures_and_means, the_past_is_forgotten,  NULL};
    return case_main("monitor", tests);
}
