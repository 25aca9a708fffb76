/* test_progress.c - what a job takes with its checkpoints, and what is kept of it. */
#include <check.h>
#include <stdlib.h>

#include "models/progress.h"
#include "tests/splitmix.h"
#include "tests/world_case.h"

static const struct progress_rule rule = {.every_ns = 100, .write_ns = 10};

START_TEST(checkpoints_lie_between)
{
    ck_assert_int_eq(progress_span_ns(rule, 0), 0);
    ck_assert_int_eq(progress_span_ns(rule, 1), 1);
    ck_assert_int_eq(progress_span_ns(rule, 100), 100);
    ck_assert_int_eq(progress_span_ns(rule, 101), 111);
    ck_assert_int_eq(progress_span_ns(rule, 250), 270);
    ck_assert_int_eq(progress_span_ns(rule, INT64_MAX), SIM_TIME_NEVER);
}
END_TEST

/* A checkpoint counts when it is written: at 110, 220, ... */
START_TEST(whole_stretches_are_kept)
{
    const sim_time_ns elapsed_ns[] = {-5, 0, 100, 109, 110, 219, 220, 1000};
    const sim_time_ns kept_ns[] = {0, 0, 0, 0, 100, 100, 200, 250};
    for (size_t i = 0; i < 8; i++)
        ck_assert_int_eq(progress_kept_ns(rule, 250, elapsed_ns[i], false), kept_ns[i]);
}
END_TEST

/* What was done 10 before the end is kept. */
START_TEST(nothing_is_lost_with_notice)
{
    const sim_time_ns elapsed_ns[] = {0, 5, 10, 60, 110, 115, 120, 121, 170, 1000};
    const sim_time_ns kept_ns[] = {0, 0, 0, 50, 100, 100, 100, 101, 150, 250};
    for (size_t i = 0; i < 10; i++)
        ck_assert_int_eq(progress_kept_ns(rule, 250, elapsed_ns[i], true), kept_ns[i]);
}
END_TEST

/* Whatever the rule: kept work is work done, never less with notice, and never less after a longer time. */
START_TEST(kept_work_was_done)
{
    struct splitmix random = {1};
    for (int i = 0; i < 100000; i++) {
        struct progress_rule any = {1 + splitmix_below(&random, 50), splitmix_below(&random, 20)};
        sim_time_ns work_ns = splitmix_below(&random, 500);
        sim_time_ns elapsed_ns = splitmix_below(&random, 800);
        sim_time_ns kept_ns = progress_kept_ns(any, work_ns, elapsed_ns, false);
        sim_time_ns noticed_ns = progress_kept_ns(any, work_ns, elapsed_ns, true);
        ck_assert(kept_ns >= 0 && kept_ns <= work_ns && kept_ns <= elapsed_ns);
        ck_assert(noticed_ns >= kept_ns && noticed_ns <= work_ns && noticed_ns <= elapsed_ns);
        ck_assert(progress_kept_ns(any, work_ns, elapsed_ns + 1, false) >= kept_ns);
        ck_assert(progress_kept_ns(any, work_ns, elapsed_ns + 1, true) >= noticed_ns);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {checkpoints_lie_between, whole_stretches_are_kept, nothing_is_lost_with_notice,
                                  kept_work_was_done, NULL};
    return case_main("progress", tests);
}
