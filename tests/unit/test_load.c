/* test_load.c - what is offered over a run, and when it is first too much. */
#include "analysis/load.h"

#include <stdio.h>

#include "tests/shape_case.h"

static struct shape_case s;

/* 10 req/s over ten days, 30 from 13:00 on the fourth to the end of the fifth, 20 on the sixth. */
static void init(void)
{
    shape_init(&s, ARRIVAL_POISSON, 10);
    s.world.config.duration_ns = 10 * SIM_DAY;
    s.events[0] = (struct event_config){.from_ns = 3 * SIM_DAY + 13 * SIM_HOUR, .to_ns = 5 * SIM_DAY, .factor = 3};
    s.events[1] = (struct event_config){.from_ns = 5 * SIM_DAY, .to_ns = 6 * SIM_DAY, .factor = 2};
    s.arrivals->shape.events = s.events;
    s.arrivals->shape.event_count = 2;
    case_fix(&s.world, 25); /* one request a second each */
}

START_TEST(the_course_of_a_load)
{
    init();
    ck_assert_double_eq_tol(load_offered(&s.world.config, 0), 10 + (35 * 20 + 24 * 10) / 240.0, 1e-9);
    ck_assert_double_eq_tol(load_expected_requests(&s.world.config, 3), 3 * 3600 * (2400 + 35 * 20 + 24 * 10), 1e-3);
    struct load_course course = load_course(&s.world.config, 0, 1);
    ck_assert_double_eq_tol(course.peak_rps, 30, 1e-9);
    ck_assert_int_eq(course.peak_ns, 3 * SIM_DAY + 13 * SIM_HOUR);
    ck_assert_int_eq(course.first_above_ns, 3 * SIM_DAY + 13 * SIM_HOUR);
    ck_assert_double_eq_tol(course.share_above, 35 / 240.0, 1e-12);
    course = load_course(&s.world.config, 0, 31 / 25.0);
    ck_assert(course.first_above_ns == SIM_TIME_NEVER && course.share_above == 0);
}
END_TEST

static void expect_note(enum note_kind kind, const char *text)
{
    struct note_list notes = {0};
    load_notes(&s.world.config, &notes);
    bool is_found = false;
    for (size_t i = 0; i < notes.count; i++)
        is_found |= notes.items[i].kind == kind && strstr(notes.items[i].text, text);
    for (size_t i = 0; i < notes.count && !is_found; i++)
        printf("%s\n", notes.items[i].text);
    ck_assert_msg(is_found, "no such note: %s", text);
    note_list_release(&notes);
}

START_TEST(notes_say_when)
{
    init();
    expect_note(NOTE_FACT, "p0: 13.92 req/s offered on average, 30 in the busiest hour (2026-01-08 13:00); about 25 "
                           "req/s can be served by 25 containers (56 %, busiest hour 120 %)");
    expect_note(NOTE_WARNING, "p0: from 2026-01-08 13:00 on, more is offered in some hours (15 % of the run)");
    s.world.config.start = "";
    expect_note(NOTE_WARNING, "p0: from day 4, 13:00 on, more");
    s.arrivals->shape.event_count = 0;
    expect_note(NOTE_FACT, "p0: 10 req/s offered, about 25 req/s can be served by 25 containers (40 %)");
}
END_TEST

/* The quota is enough for the fourth and fifth day, and then too low for the sixth. */
START_TEST(caps_may_change)
{
    init();
    struct quota_config quotas[] = {{.gpus = 31, .until_ns = 5 * SIM_DAY}, {.gpus = 15, .until_ns = SIM_TIME_NEVER}};
    case_fix(&s.world, 40);
    s.world.config.quotas = quotas;
    s.world.config.quota_count = 2;
    struct load_course course = load_course(&s.world.config, 0, 1);
    ck_assert_int_eq(course.first_above_ns, 5 * SIM_DAY);
    ck_assert_double_eq_tol(course.share_above, 0.1, 1e-12);
    ck_assert(course.containers_least == 15 && course.containers_most == 31);
    expect_note(NOTE_WARNING, "p0: from 2026-01-10 00:00 on, more is offered in some hours (10 % of the run) than the");
}
END_TEST

/* A constant workload beside one that changes. */
START_TEST(workloads_add_up)
{
    init();
    case_init_workload(&s.world, 1);
    s.world.config.workload_count = 2;
    s.world.workloads[1].arrivals.process = ARRIVAL_GAMMA;
    s.world.workloads[1].arrivals.rate_per_s = 5;
    struct load_course course = load_course(&s.world.config, 0, 1);
    ck_assert_double_eq_tol(course.peak_rps, 35, 1e-9);
    ck_assert_double_eq_tol(course.share_above, 59 / 240.0, 1e-12);
    s.world.workloads[1].pool_index = 1;
    ck_assert_double_eq_tol(load_course(&s.world.config, 0, 1).peak_rps, 30, 1e-9);
}
END_TEST

/* Limits that nothing can pass, and rules that undo each other. */
START_TEST(rules_that_do_nothing_good)
{
    init();
    s.world.pools[0].max_containers = 40;
    s.world.workloads[0].client_timeout_ns = 30 * SIM_SECOND;
    case_rule(&s.world, case_condition(GAUGE_QUEUE, GAUGE_ABOVE, 20), 1)->name = "long";
    case_rule(&s.world, case_condition(GAUGE_QUEUE, GAUGE_AT_MOST, 20), -1)->name = "short";
    case_rule(&s.world, case_condition(GAUGE_SLOT_UTILISATION, GAUGE_ABOVE, 0.8), 1)->name = "busy";
    case_rule(&s.world, case_condition(GAUGE_SLOT_UTILISATION, GAUGE_BELOW, 0.6), -1)->name = "free";
    case_rule(&s.world, case_condition(GAUGE_LATENCY_P95, GAUGE_ABOVE, 30), 1)->name = "slow";
    case_rule(&s.world, case_condition(GAUGE_QUEUE, GAUGE_BELOW, 0), -1)->name = "nobody";
    case_alert(&s.world, GAUGE_CONTAINERS, 8, 40);
    case_alert(&s.world, GAUGE_FAILED_SHARE, 0.01, 1);
    case_alert(&s.world, GAUGE_GPU_MEMORY, 0.95, NAN);
    expect_note(NOTE_WARNING, "p0: rule 'long' adds while queue is beyond 20 and rule 'short' removes up to 20: with "
                              "nothing between, they undo each other");
    expect_note(NOTE_WARNING, "p0: with 2 containers or fewer, what rule 'busy' adds brings slot_utilisation from 0.8 "
                              "to 0.533, where rule 'free' removes it again");
    expect_note(NOTE_WARNING, "p0, rule 'slow' can never act: latency_p95 above 30, but 30 is the client_timeout");
    expect_note(NOTE_WARNING, "p0, rule 'nobody' can never act: queue is never less than 0");
    expect_note(NOTE_WARNING, "p0, alert 'alert', level critical, can never act: containers above 40, but 40 is the "
                              "most containers");
    expect_note(NOTE_WARNING, "level critical, can never act: failed_share above 1, but 1 is all there is");
    expect_note(NOTE_WARNING, "can never act: gpu_memory above 0.95, but 0 is all that is known");
    s.world.pools[0].max_containers = 0;
    expect_note(NOTE_WARNING, "p0: its rules may add containers without end");
}
END_TEST

/* A request a second on the requested GPU, two on the other; and a start of 10 s before each. */
START_TEST(what_containers_can_serve)
{
    init();
    static struct served_config other = {.gpu = "A100-80GB", .share = 0.25, .speed = 2, .attempt_failure = -1};
    struct pool_config *pool = &s.world.pools[0];
    ck_assert_double_eq_tol(load_container_capacity(&s.world.config, 0), 1, 1e-12);
    pool->served_by = &other;
    pool->served_count = 1;
    ck_assert_double_eq_tol(load_container_capacity(&s.world.config, 0), 0.75 + 0.25 * 2, 1e-12);
    pool->single_use = true;
    ck_assert_double_eq_tol(load_container_capacity(&s.world.config, 0), 0.75 / 11 + 0.25 / 10.5, 1e-12);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {the_course_of_a_load,
                                  notes_say_when,
                                  caps_may_change,
                                  workloads_add_up,
                                  rules_that_do_nothing_good,
                                  what_containers_can_serve,
                                  NULL};
    return case_main("load", tests);
}
