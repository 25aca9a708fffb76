/* test_batching.c - the jumping server against the plain one, on random scripts of calls.
 *
 * A script is played to the jumping server, looked at in between at random, copied, shifted in time, or played with
 * a fault that has to show.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"
#include "tests/effort.h"
#include "tests/property/batching_script.h"

enum {
    CASES = 3000,
    LONG_CASES = 40,
    FAULT_CASES = 300
};

/* What goes wrong on purpose. */
enum fault {
    NO_FAULT,
    STEP_ONE_UNIT_LONGER,
    BLOCK_MISSING,
    WATERMARK_MISSING,
    JOIN_ONE_NS_LATE,
    TIE_FLIPPED,
    CANCEL_FORGOTTEN,
    PREFIX_FORGOTTEN,
    DECIDED_LATE,
    NOTHING_OVERWRITTEN,
    FAULTS
};

/* How a script is played. */
struct play {
    enum fault fault;
    bool only_completions; /* are compared */
    bool looks;            /* at random times in between */
    sim_time_ns shift_ns;  /* added to all times */
    uint32_t max_inputs;
    uint64_t seed;
};

/* A server that plays a script, and what it has reported. */
struct player {
    const struct script *script;
    const struct play *play;
    struct batching_profile profile;
    struct batching *server;
    struct random random;
    sim_time_ns now_ns; /* with the shift */
    struct batching_completion completions[CALLS_HIGHEST + 1];
    size_t completion_count;
    bool is_fault_done;     /* of the faults that happen once */
    const char *difference; /* NULL: none so far */
};

static void player_init(struct player *player, const struct script *script, const struct play *play)
{
    *player = (struct player){.script = script, .play = play, .profile = script->profile, .random = {play->seed}};
    if (play->fault == STEP_ONE_UNIT_LONGER)
        player->profile.base[1]++;
    if (play->fault == BLOCK_MISSING)
        player->profile.block_count--;
    if (play->fault == WATERMARK_MISSING)
        player->profile.watermark = 0;
    if (play->fault == DECIDED_LATE)
        player->profile.scheduled_ahead = false;
    if (play->fault == NOTHING_OVERWRITTEN)
        player->profile.overwrites_preempted = false;
    player->server = sim_allocate(1, batching_size(play->max_inputs));
    batching_init(player->server, play->max_inputs);
    player->now_ns = INT64_MIN;
}

static void differ(struct player *player, const char *what)
{
    if (!player->difference)
        player->difference = what;
}

static void take(struct player *player, size_t most)
{
    size_t room = CALLS_HIGHEST + 1 - player->completion_count;
    player->completion_count +=
        batching_take(&player->profile, player->server, player->now_ns, player->completions + player->completion_count,
                      most < room ? most : room);
}

static bool totals_equal(const struct batching_totals *a, const struct batching_totals *b)
{
    return a->busy_time == b->busy_time && a->batch_time == b->batch_time && a->cached_time == b->cached_time &&
           a->cached_max == b->cached_max && a->steps == b->steps && a->output_tokens == b->output_tokens &&
           a->prefill_tokens == b->prefill_tokens && a->preemptions == b->preemptions;
}

static void compare_totals(struct player *player, const struct batching_totals *expected, const char *what)
{
    struct batching_totals totals = batching_totals(&player->profile, player->server, player->now_ns);
    if (!player->play->only_completions && !totals_equal(&totals, expected))
        differ(player, what);
}

static void compare_load(struct player *player, const struct batching_load *expected)
{
    struct batching_load load = batching_load(&player->profile, player->server, player->now_ns);
    if (!player->play->only_completions &&
        (load.running != expected->running || load.waiting != expected->waiting || load.blocks != expected->blocks))
        differ(player, "load on the way");
}

/* Something that must change nothing. */
static void look(struct player *player)
{
    struct sim_digest digest;
    switch (below(&player->random, 5)) {
    case 0:
        batching_next(&player->profile, player->server);
        break;
    case 1:
        take(player, below(&player->random, 3));
        break;
    case 2:
        batching_totals(&player->profile, player->server, player->now_ns);
        break;
    case 3:
        batching_load(&player->profile, player->server, player->now_ns);
        break;
    default:
        sim_digest_init(&digest);
        batching_digest(&player->profile, player->server, player->now_ns, NULL, NULL, &digest);
    }
}

/* Looks at times up to `until_ns`, and leaves time there. */
static void look_until(struct player *player, sim_time_ns until_ns)
{
    if (until_ns < player->now_ns)
        until_ns = player->now_ns;
    for (int i = (int)below(&player->random, 4); player->play->looks && i > 0; i--) {
        if (player->now_ns != INT64_MIN) {
            uint64_t gap = (uint64_t)(until_ns - player->now_ns);
            player->now_ns += (sim_time_ns)below(&player->random, gap + 1);
            look(player);
        }
    }
    player->now_ns = until_ns;
    if (player->play->looks && chance(&player->random, 50))
        look(player);
}

static void submit(struct player *player, const struct call *call)
{
    uint32_t prefix = player->play->fault == PREFIX_FORGOTTEN ? 0 : call->prefix;
    if (batching_fits(&player->profile, call->prompt, call->output))
        batching_submit(&player->profile, player->server, player->now_ns, call->id, call->prompt, prefix, call->output);
}

/* The time said by batching_next, against that of the plain server. */
static void check_next(struct player *player, const struct call *call)
{
    sim_time_ns next_ns = batching_next(&player->profile, player->server);
    sim_time_ns expected_ns = call->next_ns;
    if (expected_ns != SIM_TIME_NEVER)
        expected_ns += player->play->shift_ns;
    if (next_ns > expected_ns)
        differ(player, "next is too late");
    if (next_ns <= player->now_ns && !batching_take(&player->profile, player->server, player->now_ns, NULL, 0) &&
        expected_ns > player->now_ns)
        differ(player, "next does not move on");
    if (player->script->is_ample && !player->profile.scheduled_ahead && next_ns != expected_ns)
        differ(player, "next is not exact");
}

static void play_call(struct player *player, const struct call *call)
{
    bool is_late = player->play->fault == JOIN_ONE_NS_LATE && call->is_on_boundary && !player->is_fault_done;
    player->is_fault_done |= is_late;
    look_until(player, call->now_ns + player->play->shift_ns + is_late);
    compare_totals(player, &call->before, "sums on the way");
    compare_load(player, &call->load);
    if (call->kind == SUBMIT)
        submit(player, call);
    else if (player->play->fault != CANCEL_FORGOTTEN &&
             batching_cancel(&player->profile, player->server, player->now_ns, call->id) != call->was_there)
        differ(player, "answer of cancel");
    if (!player->play->looks && !player->play->only_completions) {
        take(player, CALLS_HIGHEST);
        check_next(player, call);
    }
}

/* Lets the server say when there is something to take, until it is empty. */
static void drain(struct player *player)
{
    int calls = 0;
    for (;;) {
        sim_time_ns next_ns = batching_next(&player->profile, player->server);
        if (next_ns == SIM_TIME_NEVER)
            break;
        player->now_ns = next_ns > player->now_ns ? next_ns : player->now_ns;
        take(player, CALLS_HIGHEST);
        if (calls++ > 1000000) {
            differ(player, "never empty");
            return;
        }
    }
}

static bool completions_equal(const struct batching_completion *a, const struct batching_completion *b,
                              sim_time_ns shift_ns)
{
    return a->request_id == b->request_id && a->preemptions == b->preemptions &&
           a->admitted_ns == b->admitted_ns + shift_ns && a->first_ns == b->first_ns + shift_ns &&
           a->completed_ns == b->completed_ns + shift_ns;
}

static void compare_end(struct player *player)
{
    const struct script *script = player->script;
    if (player->completion_count != script->completion_count) {
        differ(player, "number of completions");
        return;
    }
    for (size_t i = 0; i < script->completion_count; i++)
        if (!completions_equal(&player->completions[i], &script->completions[i], player->play->shift_ns))
            differ(player, "completions");
    sim_time_ns end_ns = script->end_ns + player->play->shift_ns;
    player->now_ns = player->now_ns > end_ns ? player->now_ns : end_ns;
    compare_totals(player, &script->totals, "sums at the end");
}

/* The calls from `first` on, in order, or with the first two at one nanosecond exchanged. */
static void play_calls(struct player *player, size_t first, size_t end)
{
    const struct script *script = player->script;
    for (size_t i = first; i < end; i++) {
        const struct call *call = &script->calls[i], *other = &script->calls[i + 1];
        bool flips = player->play->fault == TIE_FLIPPED && !player->is_fault_done && i + 1 < end &&
                     call->kind == SUBMIT && other->kind == SUBMIT && call->now_ns == other->now_ns;
        if (flips) {
            play_call(player, other);
            player->is_fault_done = true;
            i++;
        }
        play_call(player, call);
    }
}

static const char *play_script(const struct script *script, const struct play *play)
{
    struct player player;
    player_init(&player, script, play);
    play_calls(&player, 0, script->count);
    drain(&player);
    compare_end(&player);
    free(player.server);
    return player.difference;
}

/* Plays, takes a copy of the bytes in the middle, and goes on with both. */
static const char *play_copied(const struct script *script, const struct play *play)
{
    struct player player;
    player_init(&player, script, play);
    size_t middle = script->count / 2;
    play_calls(&player, 0, middle);
    struct player copy = player;
    copy.random.state++;
    copy.server = sim_allocate(1, batching_size(play->max_inputs));
    memcpy(copy.server, player.server, batching_size(play->max_inputs));
    struct player *both[] = {&player, &copy};
    for (int i = 0; i < 2; i++) {
        play_calls(both[i], middle, script->count);
        drain(both[i]);
        compare_end(both[i]);
        free(both[i]->server);
    }
    return player.difference ? player.difference : copy.difference;
}

static void expect_equal(uint64_t seed, bool is_long)
{
    struct script script;
    draw_script(&script, seed, is_long);
    struct play quiet = {.max_inputs = CALLS_HIGHEST, .seed = seed};
    struct play looking = {.looks = true, .max_inputs = CALLS_HIGHEST, .seed = seed};
    struct play shifted = {.looks = true, .shift_ns = 730 * SIM_DAY + 12345, .max_inputs = 1000, .seed = seed + 1};
    const char *difference = play_script(&script, &quiet);
    if (!difference)
        difference = play_copied(&script, &looking);
    if (!difference)
        difference = play_script(&script, &shifted);
    if (difference)
        ck_abort_msg("seed %llu: %s", (unsigned long long)seed, difference);
}

START_TEST(jumping_equals_stepping)
{
    for (uint64_t seed = 1; seed <= test_effort(CASES / 20, CASES, 10 * CASES); seed++)
        expect_equal(seed, false);
}
END_TEST

/* Outputs that go round the wheel, and stretches of the greatest length. */
START_TEST(long_outputs_equal_stepping)
{
    for (uint64_t seed = 1000001; seed <= 1000000 + test_effort(LONG_CASES / 20, LONG_CASES, 10 * LONG_CASES); seed++)
        expect_equal(seed, true);
}
END_TEST

/* Each fault shows in a good part of the scripts, in the completions alone but for a step that is longer by less
 * than a nanosecond. It cannot in those where it changes nothing: a lost
 * block where memory is ample, a late arrival where none is on a boundary or the batch is full anyway, a forgotten
 * cancel where nobody gives up (one script in five) or only those who are complete; and the last two where steps are
 * not scheduled ahead (three in five), or blocks not overwritten (four in five).
 */
START_TEST(faults_show)
{
    static const int least_percent[FAULTS] = {0, 90, 40, 10, 40, 40, 40, 50, 25, 5};
    for (int fault = NO_FAULT + 1; fault < FAULTS; fault++) {
        int shown = 0;
        for (uint64_t seed = 1; seed <= FAULT_CASES; seed++) {
            struct script script;
            draw_script(&script, seed, false);
            struct play play = {.fault = (enum fault)fault,
                                .only_completions = fault != STEP_ONE_UNIT_LONGER,
                                .max_inputs = CALLS_HIGHEST,
                                .seed = seed};
            shown += play_script(&script, &play) != NULL;
        }
        ck_assert_msg(shown * 100 >= least_percent[fault] * FAULT_CASES, "fault %d showed in %d of %d scripts", fault,
                      shown, FAULT_CASES);
    }
}
END_TEST

/* The scripts are of use only if they reach the hard cases. */
START_TEST(scripts_reach_the_hard_cases)
{
    int preempted = 0, cancelled = 0, tied = 0;
    for (uint64_t seed = 1; seed <= FAULT_CASES; seed++) {
        struct script script;
        draw_script(&script, seed, false);
        preempted += script.totals.preemptions > 0;
        for (size_t i = 1; i < script.count; i++) {
            cancelled += script.calls[i].was_there;
            tied += script.calls[i].now_ns == script.calls[i - 1].now_ns;
        }
    }
    ck_assert_int_gt(preempted, FAULT_CASES / 4);
    ck_assert_int_gt(cancelled, FAULT_CASES / 2);
    ck_assert_int_gt(tied, FAULT_CASES);
}
END_TEST

/* A past that leaves the server empty, but its places, step numbers and rounds of the wheel changed. */
static void live_through(struct player *player, const struct script *past)
{
    for (size_t i = 0; i < past->count; i++) {
        const struct call *call = &past->calls[i];
        player->now_ns = call->now_ns;
        take(player, CALLS_HIGHEST);
        player->completion_count = 0;
        if (call->kind == SUBMIT && batching_fits(&player->profile, call->prompt, call->output))
            submit(player, call);
    }
    drain(player);
    player->completion_count = 0;
}

static uint64_t place_in_script(void *context, uint32_t request_id)
{
    const struct script *script = context;
    size_t i = 0;
    while (script->calls[i].id != request_id)
        i++;
    return i;
}

static struct sim_digest digest_of(struct player *player, sim_time_ns now_ns, struct script *script)
{
    struct sim_digest digest;
    sim_digest_init(&digest);
    player->now_ns = now_ns > player->now_ns ? now_ns : player->now_ns;
    batching_digest(&player->profile, player->server, player->now_ns, place_in_script, script, &digest);
    return digest;
}

/* The same calls at another time and after another life: equal digests after every call and between them. */
static void expect_equal_digests(uint64_t seed)
{
    struct script script, past;
    draw_script(&script, seed, false);
    draw_script(&past, seed + 500000, false);
    struct play plain = {.max_inputs = CALLS_HIGHEST, .seed = seed};
    struct play later = {
        .looks = true, .shift_ns = 20 * 365 * SIM_DAY + 77, .max_inputs = 2 * CALLS_HIGHEST, .seed = seed};
    struct player a, b;
    player_init(&a, &script, &plain);
    player_init(&b, &script, &later);
    live_through(&b, &past);
    for (size_t i = 0; i < script.count; i++) {
        const struct call *call = &script.calls[i];
        struct player *both[] = {&a, &b};
        for (int p = 0; p < 2; p++) {
            look_until(both[p], call->now_ns + both[p]->play->shift_ns);
            if (call->kind == SUBMIT)
                submit(both[p], call);
            else
                batching_cancel(&both[p]->profile, both[p]->server, both[p]->now_ns, call->id);
            take(both[p], CALLS_HIGHEST);
        }
        sim_time_ns gap_ns = i + 1 < script.count ? script.calls[i + 1].now_ns - call->now_ns : 1000;
        sim_time_ns at_ns = call->now_ns + (sim_time_ns)below(&a.random, (uint64_t)gap_ns + 1);
        struct sim_digest of_a = digest_of(&a, at_ns, &script);
        struct sim_digest of_b = digest_of(&b, at_ns + later.shift_ns, &script);
        ck_assert_msg(of_a.low == of_b.low && of_a.high == of_b.high, "seed %llu, call %zu", (unsigned long long)seed,
                      i);
    }
    free(a.server);
    free(b.server);
}

START_TEST(digest_forgets_the_past)
{
    for (uint64_t seed = 1; seed <= test_effort(CASES / 80, CASES / 4, CASES); seed++)
        expect_equal_digests(seed);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("batching property");
    TCase *test_case = tcase_create("scripts");
    tcase_set_timeout(test_case, 120);
    tcase_add_test(test_case, jumping_equals_stepping);
    tcase_add_test(test_case, long_outputs_equal_stepping);
    tcase_add_test(test_case, faults_show);
    tcase_add_test(test_case, scripts_reach_the_hard_cases);
    tcase_add_test(test_case, digest_forgets_the_past);
    suite_add_tcase(suite, test_case);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
