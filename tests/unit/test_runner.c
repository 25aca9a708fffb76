/* test_runner.c - the number of threads changes nothing, and a run can be stopped. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/json.h"
#include "analysis/runner.h"
#include "analysis/summary.h"
#include "tests/unit/example_run.h"

static struct example example;

static void set_up(void)
{
    example_init(&example);
    example.config.replications = 5;
    example.config.duration_ns = 600 * SIM_SECOND;
}

/* Everything that passed the consumer, in order. */
struct received {
    struct sim_array requests;
    size_t containers;
    size_t decisions;
    size_t calls_left; /* the consumer fails when none is left */
};

static enum sim_status take_requests(void *context, const struct request_row *rows, size_t count,
                                     struct sim_error *error)
{
    struct received *received = context;
    if (received->calls_left-- == 0)
        return sim_error_set(error, SIM_CANNOT_WRITE, "disk", 0, "is full");
    size_t first = received->requests.count;
    sim_array_resize(&received->requests, first + count);
    memcpy((struct request_row *)received->requests.items + first, rows, count * sizeof *rows);
    return SIM_OK;
}

static enum sim_status take_containers(void *context, const struct container_row *rows, size_t count,
                                       struct sim_error *error)
{
    (void)rows;
    (void)error;
    ((struct received *)context)->containers += count;
    return SIM_OK;
}

static enum sim_status take_decisions(void *context, const struct decision_row *rows, size_t count,
                                      struct sim_error *error)
{
    (void)rows;
    (void)error;
    ((struct received *)context)->decisions += count;
    return SIM_OK;
}

static struct runner_options options_of(struct received *received, unsigned jobs)
{
    *received = (struct received){.calls_left = SIZE_MAX};
    sim_array_init(&received->requests, sizeof(struct request_row));
    return (struct runner_options){.jobs = jobs,
                                   .keep_one_in = 1,
                                   .keep_series = true,
                                   .consumer = {received, take_requests, take_containers, take_decisions}};
}

static char *json_of(const struct run_result *result)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    const struct summary_source source = {.version = "test", .commit = "test"};
    struct summary *summary = summary_create(result, &source);
    json_print(summary, out);
    summary_destroy(summary);
    (void)fclose(out);
    return text;
}

START_TEST(threads_change_nothing)
{
    struct received one;
    struct received many;
    struct run_result *one_result;
    struct run_result *many_result;
    struct sim_error error;
    struct runner_options options = options_of(&one, 1);
    ck_assert_int_eq(runner_run(&example.config, &options, &one_result, &error), SIM_OK);
    options = options_of(&many, 4);
    ck_assert_int_eq(runner_run(&example.config, &options, &many_result, &error), SIM_OK);
    ck_assert_uint_gt(one.requests.count, 5000); /* 10 req/s for 600 s, five times */
    ck_assert_uint_eq(one.requests.count, many.requests.count);
    ck_assert_int_eq(memcmp(one.requests.items, many.requests.items, one.requests.count * sizeof(struct request_row)),
                     0);
    ck_assert_uint_eq(one.containers, many.containers);
    ck_assert_uint_eq(one.decisions, many.decisions);
    char *one_text = json_of(one_result);
    char *many_text = json_of(many_result);
    ck_assert_str_eq(one_text, many_text);
    free(one_text);
    free(many_text);
    run_result_destroy(one_result);
    run_result_destroy(many_result);
    sim_array_release(&one.requests);
    sim_array_release(&many.requests);
}
END_TEST

/* A run of ten days as JSON, with how the work was divided. */
static char *long_run(struct runner_options options, struct runner_account *account)
{
    struct run_result *result;
    struct sim_error error;
    example.config.duration_ns = 10 * SIM_DAY;
    example.config.replications = 1;
    options.account = account;
    enum sim_status status = runner_run(&example.config, &options, &result, &error);
    ck_assert_msg(status == SIM_OK, "%s", error.message);
    char *text = json_of(result);
    run_result_destroy(result);
    return text;
}

/* With rows a world is never changed at a joint: that is the whole run in one line. */
START_TEST(segments_change_nothing)
{
    const double rates[] = {0.02, 1, 8};
    struct runner_account account;
    struct received received;
    example.workload.arrivals.rate_per_s = rates[_i];
    char *serial = long_run((struct runner_options){.jobs = 1}, &account);
    ck_assert_uint_eq(account.guessed, 0);
    char *parallel = long_run((struct runner_options){.jobs = 3}, &account);
    ck_assert_str_eq(serial, parallel);
    ck_assert_uint_gt(account.guessed, 3);
    struct runner_options options = options_of(&received, 3);
    options.consumer.requests = NULL;
    char *whole = long_run(options, &account);
    ck_assert_uint_eq(account.segments, 1);
    ck_assert_str_eq(serial, whole);
    free(serial);
    free(parallel);
    free(whole);
    sim_array_release(&received.requests);
}
END_TEST

/* Rules and alerts look at windows that reach over joints. */
START_TEST(segments_change_nothing_about_rules)
{
    struct condition_config busy = {GAUGE_SLOT_UTILISATION, 0.7, NAN, NAN, NAN, 0, 0};
    struct condition_config calm = {GAUGE_LATENCY_P95, NAN, NAN, NAN, 2, 600 * SIM_SECOND, 600 * SIM_SECOND};
    struct rule_config rules[] = {{"busy", &busy, 1, 1, 0}, {"calm", &calm, 1, 0, 1}};
    struct alert_config alerts[] = {
        {"rate", "tts", 0, GAUGE_REQUEST_RATE, ALERT_ABOVE, 8.5, 10, 60 * SIM_SECOND, 0, 15 * SIM_SECOND},
        {"slow", "tts", 0, GAUGE_TTFT_P95, ALERT_ABOVE, 0.2, NAN, 0, 30 * SIM_SECOND, 15 * SIM_SECOND},
        {"idle", "tts", 0, GAUGE_IDLE_TIME, ALERT_ABOVE, 20, 300, 0, 0, 15 * SIM_SECOND}};
    struct runner_account account;
    example.workload.arrivals.rate_per_s = 8;
    example.pool.controller = (struct controller_config){60 * SIM_SECOND, 10 * SIM_SECOND, 0, rules, 2};
    example.config.alerts = alerts;
    example.config.alert_count = 3;
    char *serial = long_run((struct runner_options){.jobs = 1}, &account);
    ck_assert_uint_eq(account.guessed, 0);
    char *parallel = long_run((struct runner_options){.jobs = 3}, &account);
    ck_assert_str_eq(serial, parallel);
    ck_assert_uint_gt(account.guessed, 3);
    ck_assert_uint_lt(account.again, account.guessed);
    ck_assert_ptr_nonnull(strstr(serial, "alert_warning_count"));
    free(serial);
    free(parallel);
}
END_TEST

/* Users who come and stay: worlds that begin in the middle find their way, unless they would have to know how many
 * there were, and whether a migration goes on.
 */
START_TEST(segments_of_sessions)
{
    struct runner_account account;
    example.workload.arrivals.process = ARRIVAL_SESSIONS;
    example.workload.arrivals.rate_per_s = 0.02;
    example.workload.arrivals.session_s =
        (struct sim_distribution){.kind = SIM_DISTRIBUTION_FIXED, .of.fixed.value = 60};
    example.workload.arrivals.takes_turns = true;
    example.workload.arrivals.think_s = (struct sim_distribution){.kind = SIM_DISTRIBUTION_FIXED, .of.fixed.value = 5};
    struct pool_config pools[2] = {example.pool, example.pool};
    if (_i == 1) {
        pools[1].name = "other";
        example.config.pools = pools;
        example.config.pool_count = 2;
        example.workload.migration = (struct migration_config){.to = "other",
                                                               .to_index = 1,
                                                               .above = 2,
                                                               .below = 1,
                                                               .window_ns = SIM_HOUR,
                                                               .over_ns = SIM_DAY,
                                                               .back = true};
    }
    char *serial = long_run((struct runner_options){.jobs = 1}, &account);
    char *parallel = long_run((struct runner_options){.jobs = 2}, &account);
    ck_assert_str_eq(serial, parallel);
    if (_i == 0)
        ck_assert_uint_gt(account.guessed, account.again);
    else
        ck_assert_uint_eq(account.guessed, 0);
    free(serial);
    free(parallel);
}
END_TEST

/* Containers with other GPUs, which are interrupted, and whose memory is not always enough. */
START_TEST(segments_change_nothing_about_hardware)
{
    struct runner_account account;
    struct served_config served[] = {
        {.gpu = "A100-80GB", .share = 0.3, .speed = 1.5, .attempt_failure = -1, .memory_gb = 80},
        {.gpu = "L4",
         .share = 0.3,
         .speed = 0.5,
         .billed_as = BILLED_AS_OWN,
         .attempt_failure = 0.01,
         .memory_gb = 24,
         .gpu_pusd_per_h = INT64_C(800000000000)},
    };
    example.workload.arrivals.rate_per_s = 4;
    example.pool.served_by = served;
    example.pool.served_count = 2;
    example.pool.crash_rate_per_s = 1.0 / 3600;
    example.pool.interruption_rate_per_s = 5.0 / 3600;
    example.pool.interruption_notice_ns = SIM_SECOND;
    example.pool.reserved_memory_gb = 14;
    example.classes[0].memory_gb = 2;
    example.classes[1].memory_gb = 5;
    char *serial = long_run((struct runner_options){.jobs = 1}, &account);
    ck_assert_uint_eq(account.guessed, 0);
    char *parallel = long_run((struct runner_options){.jobs = 3}, &account);
    ck_assert_str_eq(serial, parallel);
    ck_assert_uint_gt(account.guessed, 3);
    ck_assert_uint_lt(account.again, account.guessed);
    ck_assert_ptr_nonnull(strstr(serial, "other_gpu_share"));
    free(serial);
    free(parallel);
}
END_TEST

/* Jobs of hours, each in a container of its own: they reach over several joints. */
START_TEST(segments_change_nothing_about_jobs)
{
    struct runner_account account;
    struct phase_config pod = {"pod", {.kind = SIM_DISTRIBUTION_FIXED, .of.fixed.value = 120}, false, true};
    example.workload.arrivals.rate_per_s = 1.0 / 3600;
    example.pool.max_inputs = 1;
    example.pool.single_use = true;
    example.pool.timeout_ns = SIM_TIME_NEVER;
    example.pool.interruption_rate_per_s = 1.0 / 7200;
    example.pool.interruption_notice_ns = 30 * SIM_SECOND;
    example.pool.profile.stage = STAGE_INDEPENDENT;
    example.pool.profile.first_output = 1;
    example.pool.profile.service_s = (struct sim_distribution){.kind = SIM_DISTRIBUTION_FIXED, .of.fixed.value = 7200};
    example.pool.profile.startup = &pod;
    example.pool.profile.startup_count = 1;
    example.classes[0].checkpoint_ns = 600 * SIM_SECOND;
    example.classes[0].checkpoint_write_ns = 60 * SIM_SECOND;
    char *serial = long_run((struct runner_options){.jobs = 1}, &account);
    char *parallel = long_run((struct runner_options){.jobs = 3}, &account);
    ck_assert_str_eq(serial, parallel);
    ck_assert_uint_gt(account.guessed, 0);
    ck_assert_ptr_nonnull(strstr(serial, "interruptions"));
    free(serial);
    free(parallel);
}
END_TEST

/* All wait for ever longer: no world that begins in the middle can guess how many. */
START_TEST(wrong_guesses_change_nothing)
{
    struct runner_account account;
    example.workload.arrivals.rate_per_s = 1.05;
    example.pool.max_containers = 1;
    example.pool.max_inputs = 1;
    example.pool.profile.curve_count = 1;
    example.classes[0].share = 0;
    example.classes[1].share = 1;
    example.classes[1].output_tokens =
        (struct sim_distribution){.kind = SIM_DISTRIBUTION_FIXED, .of.fixed.value = 1000};
    char *serial = long_run((struct runner_options){.jobs = 1}, &account);
    char *parallel = long_run((struct runner_options){.jobs = 2}, &account);
    ck_assert_str_eq(serial, parallel);
    ck_assert_uint_gt(account.guessed, 0);
    ck_assert_uint_eq(account.again, account.guessed);
    free(serial);
    free(parallel);
}
END_TEST

START_TEST(replications_differ_and_come_in_order)
{
    struct received received;
    struct run_result *result;
    struct sim_error error;
    struct runner_options options = options_of(&received, 2);
    ck_assert_int_eq(runner_run(&example.config, &options, &result, &error), SIM_OK);
    const struct request_row *rows = received.requests.items;
    for (size_t i = 1; i < received.requests.count; i++)
        ck_assert_int_ge(rows[i].replication, rows[i - 1].replication);
    ck_assert_int_eq(rows[received.requests.count - 1].replication, 4);
    ck_assert_int_ne(result->replications[0].blocks[1].requests[0].arrived,
                     result->replications[1].blocks[1].requests[0].arrived);
    run_result_destroy(result);
    sim_array_release(&received.requests);
}
END_TEST

START_TEST(rows_agree_with_histograms)
{
    struct received received;
    struct run_result *result;
    struct sim_error error;
    struct runner_options options = options_of(&received, 2);
    example.config.replications = _i == 0 ? 3 : 1;
    ck_assert_int_eq(runner_run(&example.config, &options, &result, &error), SIM_OK);
    struct sim_array ends;
    runner_block_ends(&example.config, &ends);
    ck_assert_uint_eq(result->replications[0].block_count, ends.count + 1);
    for (size_t i = 0; i < ends.count; i++)
        ck_assert_int_eq(result->replications[0].blocks[i + 1].to_ns, ((sim_time_ns *)ends.items)[i]);
    struct samples *samples = samples_create(&example.config, result->replication_count, ends.items, ends.count);
    sim_array_release(&ends);
    samples_add(samples, received.requests.items, received.requests.count);
    ck_assert(samples_agree(samples, result));
    samples_destroy(samples);
    run_result_destroy(result);
    sim_array_release(&received.requests);
}
END_TEST

START_TEST(a_stopped_run_has_no_result)
{
    volatile bool stop = true;
    struct received received;
    struct run_result *result;
    struct sim_error error;
    struct runner_options options = options_of(&received, 2);
    options.stop = &stop;
    ck_assert_int_eq(runner_run(&example.config, &options, &result, &error), SIM_INTERRUPTED);
    ck_assert_ptr_null(result);
    sim_array_release(&received.requests);
}
END_TEST

struct stopper {
    volatile bool stop;
};

static void stop_after_a_while(void *context, const struct runner_progress *progress)
{
    (void)progress;
    struct stopper *stopper = context;
    stopper->stop = true;
}

START_TEST(a_long_run_that_is_stopped_leaves_what_there_is)
{
    struct stopper stopper = {false};
    struct run_result *result;
    struct sim_error error;
    example.config.duration_ns = 26000 * SIM_DAY;
    example.config.replications = _i == 0 ? 3 : 1;
    struct runner_options options = {
        .jobs = 2, .stop = &stopper.stop, .progress = stop_after_a_while, .progress_context = &stopper};
    ck_assert_int_eq(runner_run(&example.config, &options, &result, &error), SIM_OK);
    ck_assert_int_eq(result->ending, RUN_INTERRUPTED);
    ck_assert_uint_eq(result->replication_count, 1);
    const struct replication_result *one = &result->replications[0];
    sim_time_ns reached_ns = one->blocks[one->block_count - 1].to_ns;
    ck_assert_int_gt(reached_ns, example.config.warm_up_ns);
    ck_assert_int_lt(reached_ns, example.config.duration_ns);
    int64_t settled = 0;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        settled += one->blocks[1].requests[0].outcomes[i];
    ck_assert_int_gt(settled, 0);
    ck_assert_int_eq(settled, one->blocks[1].requests[0].arrived);
    run_result_destroy(result);
}
END_TEST

START_TEST(a_full_disk_ends_the_run_with_its_reason)
{
    struct received received;
    struct run_result *result;
    struct sim_error error;
    struct runner_options options = options_of(&received, 2);
    received.calls_left = 1;
    ck_assert_int_eq(runner_run(&example.config, &options, &result, &error), SIM_CANNOT_WRITE);
    ck_assert_str_eq(error.message, "is full");
    ck_assert_ptr_null(result);
    sim_array_release(&received.requests);
}
END_TEST

START_TEST(a_world_that_cannot_be_made_is_reported)
{
    struct received received;
    struct run_result *result;
    struct sim_error error;
    example.workload.arrivals.process = ARRIVAL_TRACE;
    example.workload.arrivals.file = "/no/such/file.csv";
    struct runner_options options = options_of(&received, 2);
    ck_assert_int_ne(runner_run(&example.config, &options, &result, &error), SIM_OK);
    ck_assert(strstr(error.message, "No such file") || strstr(error.file, "file.csv"));
    ck_assert_ptr_null(result);
    sim_array_release(&received.requests);
}
END_TEST

START_TEST(series_have_lengths_that_people_use)
{
    ck_assert_uint_eq(runner_series_count(60 * SIM_SECOND), 60);
    ck_assert_uint_eq(runner_series_count(SIM_HOUR), 720);       /* 5 s */
    ck_assert_uint_eq(runner_series_count(SIM_DAY), 1440);       /* 1 min */
    ck_assert_uint_eq(runner_series_count(7 * SIM_DAY), 1008);   /* 10 min */
    ck_assert_uint_eq(runner_series_count(365 * SIM_DAY), 1460); /* 6 h */
    for (sim_time_ns duration_ns = 1; duration_ns < 4000 * SIM_DAY; duration_ns = duration_ns * 3 + 7) {
        size_t count = runner_series_count(duration_ns);
        ck_assert(count >= 1 && count <= 1500);
    }
}
END_TEST

static size_t block_count(void)
{
    struct sim_array ends;
    runner_block_ends(&example.config, &ends);
    size_t count = ends.count;
    ck_assert_int_eq(((sim_time_ns *)ends.items)[count - 1], example.config.duration_ns);
    sim_array_release(&ends);
    return count;
}

START_TEST(one_replication_is_cut_unless_it_is_a_burst)
{
    ck_assert_uint_eq(block_count(), 1);
    example.config.replications = 1;
    ck_assert_uint_eq(block_count(), 30);
    example.workload.arrivals.process = ARRIVAL_BURST;
    ck_assert_uint_eq(block_count(), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("runner");
    TCase *core = tcase_create("core");
    tcase_set_timeout(core, 60);
    tcase_add_checked_fixture(core, set_up, NULL);
    tcase_add_test(core, threads_change_nothing);
    tcase_add_loop_test(core, segments_change_nothing, 0, 3);
    tcase_add_test(core, segments_change_nothing_about_rules);
    tcase_add_loop_test(core, segments_of_sessions, 0, 2);
    tcase_add_test(core, segments_change_nothing_about_hardware);
    tcase_add_test(core, segments_change_nothing_about_jobs);
    tcase_add_test(core, wrong_guesses_change_nothing);
    tcase_add_test(core, replications_differ_and_come_in_order);
    tcase_add_loop_test(core, rows_agree_with_histograms, 0, 2);
    tcase_add_test(core, a_stopped_run_has_no_result);
    tcase_add_loop_test(core, a_long_run_that_is_stopped_leaves_what_there_is, 0, 2);
    tcase_add_test(core, a_full_disk_ends_the_run_with_its_reason);
    tcase_add_test(core, a_world_that_cannot_be_made_is_reported);
    tcase_add_test(core, series_have_lengths_that_people_use);
    tcase_add_test(core, one_replication_is_cut_unless_it_is_a_burst);
    suite_add_tcase(suite, core);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
