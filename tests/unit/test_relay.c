/* test_relay.c - who may simulate what, and which segments are true. Worlds are played by fingerprints. */
#include <check.h>
#include <stdlib.h>

#include "analysis/relay.h"
#include "tests/unit/example_run.h"

enum {
    JOINTS = 5
};

static struct example example;
static struct relay relay;

static void set_up(void)
{
    sim_time_ns joints[JOINTS];
    example_init(&example);
    for (int i = 0; i < JOINTS; i++)
        joints[i] = (sim_time_ns)(i + 1) * 10 * SIM_SECOND;
    relay_init(&relay, &example.config, joints, JOINTS);
}

static void tear_down(void)
{
    relay_release(&relay);
}

/* The fingerprint of the true state at the end of a segment. */
static struct sim_digest truth(size_t segment)
{
    return (struct sim_digest){segment + 1, 77};
}

static struct sim_digest error_of(size_t segment)
{
    return (struct sim_digest){segment + 1, 78};
}

static size_t take(enum relay_claim wanted, size_t ahead)
{
    size_t segment = SIZE_MAX;
    ck_assert_int_eq(relay_take(&relay, ahead, &segment), wanted);
    return segment;
}

/* Counts one arrival in the warm-up for every segment that is whole. */
static void end(size_t segment, struct sim_digest state)
{
    struct ledger ledger = {.lives = ledger_lives_create(&example.config), .audit = {.arrived = 1}};
    struct sim_array bytes;
    replication_result_init(&ledger.result, &example.config, 2);
    sim_array_init(&bytes, 1);
    relay_end(&relay, segment, state, &ledger, &bytes);
}

START_TEST(alone_it_is_one_after_another)
{
    for (size_t i = 0; i <= JOINTS; i++) {
        ck_assert(!relay_is_over(&relay));
        ck_assert_uint_eq(take(RELAY_TRUTH, 0), i);
        take(RELAY_NOTHING, 0);
        end(i, truth(i));
    }
    ck_assert(relay_is_over(&relay));
    ck_assert_int_eq(relay.total.audit.arrived, JOINTS + 1);
    ck_assert_uint_eq(relay.guessed, 0);
}
END_TEST

START_TEST(a_right_guess_is_kept)
{
    ck_assert_uint_eq(take(RELAY_TRUTH, 2), 0);
    ck_assert_uint_eq(take(RELAY_GUESS, 2), 1);
    ck_assert_uint_eq(take(RELAY_GUESS, 2), 2);
    take(RELAY_NOTHING, 2);
    ck_assert(relay_start(&relay, 1, truth(0)));
    end(1, truth(1));
    ck_assert_uint_eq(relay.settled, 0);
    end(0, truth(0));
    ck_assert_uint_eq(relay.settled, 2);
    ck_assert_uint_eq(relay.guessed, 1);
    ck_assert_uint_eq(relay.wrong, 0);
}
END_TEST

/* It had come to its end before the truth was known, and is simulated again. */
START_TEST(a_wrong_guess_is_forgotten)
{
    take(RELAY_TRUTH, 1);
    take(RELAY_GUESS, 1);
    ck_assert(relay_start(&relay, 1, error_of(0)));
    end(1, error_of(1));
    end(0, truth(0));
    ck_assert_uint_eq(relay.settled, 1);
    ck_assert_uint_eq(relay.wrong, 1);
    ck_assert_uint_eq(take(RELAY_TRUTH, 1), 1);
    end(1, truth(1));
    ck_assert_int_eq(relay.total.audit.arrived, 2);
}
END_TEST

START_TEST(a_guess_in_progress_is_told)
{
    take(RELAY_TRUTH, 1);
    take(RELAY_GUESS, 1);
    ck_assert(relay_start(&relay, 1, error_of(0)));
    end(0, truth(0));
    ck_assert(relay.segments[1].is_void);
    end(1, error_of(1));
    ck_assert_uint_eq(relay.settled, 1);
    ck_assert_uint_eq(take(RELAY_TRUTH, 1), 1);
    ck_assert(!relay.segments[1].is_void);
}
END_TEST

START_TEST(a_guess_that_comes_late_is_judged_at_once)
{
    take(RELAY_TRUTH, 1);
    take(RELAY_GUESS, 1);
    end(0, truth(0));
    ck_assert(!relay_start(&relay, 1, error_of(0)));
    ck_assert_uint_eq(take(RELAY_TRUTH, 1), 1);
}
END_TEST

/* The second segment was right about its own end, but it followed from a wrong beginning. */
START_TEST(what_follows_from_a_wrong_guess_is_judged_by_the_truth)
{
    take(RELAY_TRUTH, 2);
    take(RELAY_GUESS, 2);
    take(RELAY_GUESS, 2);
    relay_start(&relay, 1, error_of(0));
    relay_start(&relay, 2, error_of(1));
    end(2, error_of(2));
    end(1, error_of(1));
    end(0, truth(0));
    ck_assert_uint_eq(take(RELAY_TRUTH, 2), 1);
    end(1, truth(1));
    ck_assert_uint_eq(relay.settled, 2);
    ck_assert_uint_eq(relay.wrong, 2);
}
END_TEST

START_TEST(what_is_settled_can_be_saved)
{
    struct sim_array bytes;
    struct sim_error error;
    sim_array_init(&bytes, 1);
    for (size_t i = 0; i < 3; i++) {
        take(RELAY_TRUTH, 0);
        end(i, truth(i));
    }
    relay_save(&relay, &bytes);
    for (size_t cut = 0; cut < bytes.count; cut += 41) {
        struct sim_bytes_reader reader = {bytes.items, cut};
        relay_release(&relay);
        set_up();
        ck_assert_int_eq(relay_load(&relay, &reader, &error), SIM_BAD_INPUT);
    }
    struct sim_bytes_reader reader = {bytes.items, bytes.count};
    relay_release(&relay);
    set_up();
    ck_assert_int_eq(relay_load(&relay, &reader, &error), SIM_OK);
    ck_assert_uint_eq(relay.settled, 3);
    ck_assert_int_eq(relay.total.audit.arrived, 3);
    ck_assert_uint_eq(take(RELAY_TRUTH, 0), 3);
    sim_array_release(&bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("relay");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, alone_it_is_one_after_another);
    tcase_add_test(core, a_right_guess_is_kept);
    tcase_add_test(core, a_wrong_guess_is_forgotten);
    tcase_add_test(core, a_guess_in_progress_is_told);
    tcase_add_test(core, a_guess_that_comes_late_is_judged_at_once);
    tcase_add_test(core, what_follows_from_a_wrong_guess_is_judged_by_the_truth);
    tcase_add_test(core, what_is_settled_can_be_saved);
    suite_add_tcase(suite, core);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
