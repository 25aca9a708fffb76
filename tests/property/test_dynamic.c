/* test_dynamic.c - dynamic batching against a program that goes from nanosecond to nanosecond, on random calls.
 *
 * The slow one keeps what is left of every batch and its requests in plain arrays, and does in each nanosecond what
 * dynamic.h says happens in it. Ends and sums have to agree, whoever looks and whenever.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "models/dynamic.h"
#include "sim/memory.h"
#include "tests/effort.h"
#include "tests/splitmix.h"

enum {
    CASES = 3000,
    FAULT_CASES = 200,
    CALLS = 60,
    INSIDE_HIGHEST = 12,
    INSTANCES = 4,
    END_NS = 20000
};

/* What goes wrong on purpose. */
enum fault {
    NO_FAULT,
    WAIT_ONE_LONGER,
    HANDOVER_FORGOTTEN,
    SLOWDOWN_FORGOTTEN,
    ONE_INSTANCE_MORE,
    BATCH_ONE_LARGER,
    CANCEL_FORGOTTEN,
    SPREAD_DOUBLED,
    FAULTS
};

struct call {
    sim_time_ns now_ns;
    bool is_cancel;
    uint32_t request;
    struct dynamic_need need;
    struct dynamic_sums before; /* at now_ns */
};

struct script {
    struct profile_config profile;
    struct slowdown_point slowdown[2];
    struct dynamic_plan plan;
    struct call calls[CALLS];
    struct dynamic_event ends[CALLS];
    size_t end_count;
    struct dynamic_sums sums; /* at END_NS */
};

/* ---- the slow one ---- */

struct slow_request {
    uint32_t request;
    struct dynamic_need need;
    sim_time_ns entered_ns;
    bool is_gone;
};

struct slow_instance {
    struct slow_request batch[INSIDE_HIGHEST];
    uint32_t size; /* 0: free */
    bool is_sharing;
    sim_int128 left;
    sim_time_ns due_ns;
};

struct slow {
    struct script *script;
    sim_time_ns now_ns;
    struct slow_request queue[INSIDE_HIGHEST];
    uint32_t queued;
    uint32_t inside;
    struct slow_instance instances[INSTANCES];
    struct dynamic_sums sums;
};

static uint32_t slow_sharing(const struct slow *slow)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < INSTANCES; i++)
        count += slow->instances[i].size && slow->instances[i].is_sharing;
    return count;
}

static void slow_start(struct slow *slow)
{
    const struct dynamic_plan *plan = &slow->script->plan;
    for (uint32_t i = 0; i < plan->instances; i++) {
        struct slow_instance *instance = &slow->instances[i];
        bool is_ready = slow->queued >= plan->max_batch ||
                        (slow->queued && slow->now_ns >= slow->queue[0].entered_ns + plan->wait_ns);
        if (instance->size || !is_ready)
            continue;
        uint32_t size = slow->queued < plan->max_batch ? slow->queued : plan->max_batch;
        double work = 0;
        for (uint32_t k = 0; k < size; k++)
            work += (double)slow->queue[k].need.work / 0x1p24;
        double spread = (double)slow->queue[0].need.spread / 0x1p32;
        memcpy(instance->batch, slow->queue, size * sizeof *slow->queue);
        memmove(slow->queue, slow->queue + size, (slow->queued - size) * sizeof *slow->queue);
        slow->queued -= size;
        instance->size = size;
        instance->is_sharing = true;
        instance->left = (sim_int128)sharing_demand(&plan->sharing, dynamic_batch_s(plan->profile, work) * spread);
    }
}

static void slow_end(struct slow *slow, struct slow_instance *instance)
{
    struct script *script = slow->script;
    for (uint32_t k = 0; k < instance->size; k++)
        if (!instance->batch[k].is_gone) {
            script->ends[script->end_count++] = (struct dynamic_event){instance->batch[k].request, slow->now_ns};
            slow->inside--;
        }
    instance->size = 0;
}

/* What is going on goes on for one nanosecond, at whose end batches end. */
static void slow_tick(struct slow *slow)
{
    const struct dynamic_plan *plan = &slow->script->plan;
    slow_start(slow);
    uint32_t sharing = slow_sharing(slow);
    slow->now_ns++;
    for (uint32_t i = 0; i < plan->instances; i++) {
        struct slow_instance *instance = &slow->instances[i];
        slow->sums.batch_integral += instance->size;
        slow->sums.busy_ns += instance->size > 0;
        if (!instance->size || !instance->is_sharing)
            continue;
        instance->left -= plan->sharing.speed[sharing].units_per_ns;
        instance->is_sharing = instance->left > 0;
        instance->due_ns = slow->now_ns + plan->handover_ns * instance->size;
    }
    for (uint32_t i = 0; i < plan->instances; i++)
        if (slow->instances[i].size && !slow->instances[i].is_sharing && slow->instances[i].due_ns == slow->now_ns)
            slow_end(slow, &slow->instances[i]);
}

static void slow_cancel(struct slow *slow, uint32_t request)
{
    uint32_t kept = 0;
    for (uint32_t k = 0; k < slow->queued; k++)
        if (slow->queue[k].request != request)
            slow->queue[kept++] = slow->queue[k];
    slow->queued = kept;
    for (uint32_t i = 0; i < INSTANCES; i++)
        for (uint32_t k = 0; k < slow->instances[i].size; k++)
            slow->instances[i].batch[k].is_gone |= slow->instances[i].batch[k].request == request;
    slow->inside--;
}

/* The number of one of those inside, by chance. */
static uint32_t slow_anyone(const struct slow *slow, struct splitmix *random)
{
    uint32_t numbers[INSIDE_HIGHEST];
    uint32_t count = 0;
    for (uint32_t k = 0; k < slow->queued; k++)
        numbers[count++] = slow->queue[k].request;
    for (uint32_t i = 0; i < INSTANCES; i++)
        for (uint32_t k = 0; k < slow->instances[i].size; k++)
            if (!slow->instances[i].batch[k].is_gone)
                numbers[count++] = slow->instances[i].batch[k].request;
    ck_assert_uint_eq(count, slow->inside);
    return numbers[splitmix_below(random, count)];
}

/* ---- scripts ---- */

static double ns(int64_t count)
{
    return (double)count * 1e-9;
}

static void draw_plan(struct script *script, struct splitmix *random)
{
    script->slowdown[0] = (struct slowdown_point){2, 0.5 + 0.25 * (double)splitmix_below(random, 8)};
    script->slowdown[1] = (struct slowdown_point){4, 1 + 0.3 * (double)splitmix_below(random, 8)};
    script->profile = (struct profile_config){
        .name = "drawn",
        .stage = STAGE_DYNAMIC_BATCHING,
        .base_s = ns(1 + splitmix_below(random, 30)),
        .per_running_s = ns(splitmix_below(random, 10)),
        .max_batch_size = (int64_t)(1 + splitmix_below(random, 6)),
        .wait_ns = splitmix_below(random, 2) ? 0 : (sim_time_ns)splitmix_below(random, 30),
        .instances = (int64_t)(1 + splitmix_below(random, INSTANCES)),
        .slowdown = script->slowdown,
        .slowdown_count = (size_t)splitmix_below(random, 3),
        .handover_s = splitmix_below(random, 2) ? 0 : ns(splitmix_below(random, 6)),
    };
    uint32_t max_inputs = (uint32_t)(1 + splitmix_below(random, INSIDE_HIGHEST));
    ck_assert_int_eq(dynamic_plan_init(&script->plan, &script->profile, max_inputs, NULL), SIM_OK);
}

static void draw_call(struct slow *slow, struct splitmix *random, struct call *call, uint32_t number)
{
    int64_t gap = splitmix_below(random, 3) ? splitmix_below(random, 1 + splitmix_below(random, 40)) : 0;
    for (int64_t i = 0; i < gap || slow->inside == slow->script->plan.max_inputs; i++)
        slow_tick(slow);
    *call = (struct call){.now_ns = slow->now_ns, .request = number, .before = slow->sums};
    if (slow->inside && splitmix_below(random, 10) == 0) {
        call->is_cancel = true;
        call->request = slow_anyone(slow, random);
        slow_cancel(slow, call->request);
        return;
    }
    call->need = (struct dynamic_need){UINT64_C(1) << 24, UINT64_C(1) << 32};
    if (splitmix_below(random, 2))
        call->need = (struct dynamic_need){(uint64_t)splitmix_below(random, 1 << 26),
                                           (uint64_t)splitmix_below(random, INT64_C(1) << 33)};
    slow->queue[slow->queued++] = (struct slow_request){number, call->need, slow->now_ns, false};
    slow->inside++;
}

static void script_init(struct script *script, uint64_t seed)
{
    struct splitmix random = {seed};
    *script = (struct script){0};
    draw_plan(script, &random);
    struct slow slow = {.script = script};
    for (uint32_t i = 0; i < CALLS; i++)
        draw_call(&slow, &random, &script->calls[i], i);
    while (slow.now_ns < END_NS)
        slow_tick(&slow);
    ck_assert_uint_eq(slow.inside, 0);
    script->sums = slow.sums;
}

/* ---- playing them ---- */

struct player {
    const struct script *script;
    struct dynamic_plan plan;
    struct splitmix random;
    bool looks;
    sim_time_ns shift_ns;
    enum fault fault;
    void *state;
    sim_time_ns now_ns; /* with the shift */
    size_t end_count;
    struct sim_digest digest; /* of the states before the calls */
    bool is_different;
};

static void take_until(struct player *player, sim_time_ns now_ns)
{
    struct dynamic_event event;
    while (dynamic_take(&player->plan, player->state, now_ns, &event)) {
        const struct dynamic_event *expected = &player->script->ends[player->end_count];
        player->is_different |= player->end_count == player->script->end_count || event.request != expected->request ||
                                event.time_ns != expected->time_ns + player->shift_ns;
        player->end_count += player->end_count < player->script->end_count;
    }
    player->is_different |= event.time_ns <= now_ns;
    player->now_ns = now_ns;
}

static uint64_t name_of(void *context, uint32_t request)
{
    (void)context;
    return request;
}

/* Something that must change nothing. */
static void look(struct player *player, sim_time_ns until_ns)
{
    struct sim_digest digest;
    void *copy = sim_allocate(1, dynamic_size(&player->plan));
    sim_digest_init(&digest);
    take_until(player, player->now_ns + splitmix_below(&player->random, until_ns - player->now_ns + 1));
    memcpy(copy, player->state, dynamic_size(&player->plan));
    dynamic_totals(&player->plan, player->state, player->now_ns);
    dynamic_digest(&player->plan, player->state, player->now_ns, &digest, name_of, NULL);
    free(player->state);
    player->state = copy;
    if (splitmix_chance(&player->random, 50)) /* whenever it says that there is something */
        while (dynamic_next(&player->plan, player->state) <= until_ns)
            take_until(player, dynamic_next(&player->plan, player->state));
}

static void go_to(struct player *player, sim_time_ns now_ns, const struct dynamic_sums *sums)
{
    for (int64_t looks = player->looks ? splitmix_below(&player->random, 4) : 0; looks > 0; looks--)
        look(player, now_ns);
    take_until(player, now_ns);
    struct dynamic_sums found = dynamic_totals(&player->plan, player->state, now_ns);
    player->is_different |= found.batch_integral != sums->batch_integral || found.busy_ns != sums->busy_ns;
    dynamic_digest(&player->plan, player->state, now_ns, &player->digest, name_of, NULL);
}

static void make_call(struct player *player, const struct call *call)
{
    struct dynamic_need need = call->need;
    need.spread += player->fault == SPREAD_DOUBLED && call->request % 2 ? need.spread : 0;
    if (!call->is_cancel)
        dynamic_submit(&player->plan, player->state, player->now_ns, call->request, need);
    else if (player->fault != CANCEL_FORGOTTEN)
        dynamic_cancel(&player->plan, player->state, player->now_ns, call->request);
}

/* With more places than needed: a fault may leave more inside. */
static void plan_fault(struct player *player)
{
    struct profile_config *profile = sim_allocate(1, sizeof *profile);
    *profile = player->script->profile;
    profile->wait_ns += player->fault == WAIT_ONE_LONGER;
    profile->max_batch_size += player->fault == BATCH_ONE_LARGER;
    profile->instances += player->fault == ONE_INSTANCE_MORE;
    if (player->fault == HANDOVER_FORGOTTEN)
        profile->handover_s = 0;
    if (player->fault == SLOWDOWN_FORGOTTEN)
        profile->slowdown_count = 0;
    uint32_t places = player->fault == NO_FAULT ? player->script->plan.max_inputs : CALLS;
    ck_assert_int_eq(dynamic_plan_init(&player->plan, profile, places, NULL), SIM_OK);
}

/* Returns whether all is as the slow one said. */
static bool play(struct player *player)
{
    const struct script *script = player->script;
    plan_fault(player);
    sim_digest_init(&player->digest);
    player->now_ns = player->shift_ns;
    player->state = sim_allocate(1, dynamic_size(&player->plan));
    dynamic_init(&player->plan, player->state);
    for (size_t i = 0; i < CALLS && !player->is_different; i++) {
        go_to(player, script->calls[i].now_ns + player->shift_ns, &script->calls[i].before);
        if (!player->is_different)
            make_call(player, &script->calls[i]);
    }
    if (!player->is_different)
        go_to(player, END_NS + player->shift_ns, &script->sums);
    free(player->state);
    free((void *)(uintptr_t)player->plan.profile);
    dynamic_plan_release(&player->plan);
    return !player->is_different && player->end_count == script->end_count;
}

static struct script script;

START_TEST(agrees_with_the_slow_one)
{
    for (uint64_t seed = 1; seed <= test_effort(CASES / 20, CASES, 10 * CASES); seed++) {
        script_init(&script, seed);
        struct player plain = {.script = &script};
        struct player looked = {.script = &script, .looks = true, .random = {seed}};
        struct player later = {.script = &script, .looks = true, .random = {~seed}, .shift_ns = 365 * SIM_DAY};
        ck_assert_msg(play(&plain), "seed %llu", (unsigned long long)seed);
        ck_assert_msg(play(&looked), "seed %llu, with looks", (unsigned long long)seed);
        ck_assert_msg(play(&later), "seed %llu, a year later", (unsigned long long)seed);
        ck_assert_mem_eq(&looked.digest, &plain.digest, sizeof plain.digest);
        ck_assert_mem_eq(&later.digest, &plain.digest, sizeof plain.digest);
        dynamic_plan_release(&script.plan);
    }
}
END_TEST

START_TEST(faults_show)
{
    int found[FAULTS] = {0};
    for (uint64_t seed = 1; seed <= FAULT_CASES; seed++) {
        script_init(&script, seed);
        for (enum fault fault = NO_FAULT + 1; fault < FAULTS; fault++) {
            struct player player = {.script = &script, .fault = fault};
            found[fault] += !play(&player);
        }
        dynamic_plan_release(&script.plan);
    }
    for (enum fault fault = NO_FAULT + 1; fault < FAULTS; fault++)
        ck_assert_msg(found[fault] > FAULT_CASES / 20, "fault %d shows in %d cases", (int)fault, found[fault]);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("dynamic");
    tcase_add_test(tests, agrees_with_the_slow_one);
    tcase_add_test(tests, faults_show);
    Suite *suite = suite_create("dynamic");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
