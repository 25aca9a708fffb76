/* test_timeline.c - what goes on inside a container, against a slow program that goes from event to event.
 *
 * The slow one keeps what every request has left and stops at each entry, first output and end. Times are few
 * nanoseconds apart, so that much happens at the same instant. Who leaves, when, in which order, and with which first
 * output has to agree, however often anybody looks in between.
 */
#include "models/timeline_internal.h"
#include "tests/effort.h"
#include "tests/splitmix.h"
#include "tests/world_case.h"

enum {
    CASES = 6000,
    STEPS = 60,
    INPUTS_HIGHEST = 12
};

struct guest {
    uint32_t request;
    sim_time_ns due_ns; /* before and behind the main stage */
    sim_time_ns first_ns;
    sim_time_ns after_ns;
    int64_t left; /* in the main stage, of demand */
    int64_t until_first;
    struct stage_need need;
};

struct guests {
    uint32_t count;
    struct guest items[INPUTS_HIGHEST];
};

struct slow {
    const struct timeline_plan *plan;
    sim_time_ns now_ns;
    struct guests before, main, after, gone;
    void *batching; /* its main stage, if that is not one of sharing */
    sim_int128 batch_integral;
};

struct script {
    uint64_t seed;
    struct splitmix random;
    struct pool_config pool;
    struct curve_point curve[2];
    sim_time_ns before_ns, before_width_ns, after_ns, after_width_ns;
    bool is_exact; /* nobody ever looks in vain */
    struct timeline_plan plan;
    struct request_store requests;
    void *eager; /* looked at now and then */
    void *lazy;  /* only when it must be */
    struct slow slow;
};

/* ---- the slow one ---- */

static struct guest take_guest(struct guests *guests, uint32_t place)
{
    struct guest taken = guests->items[place];
    guests->count--;
    for (uint32_t i = place; i < guests->count; i++)
        guests->items[i] = guests->items[i + 1];
    return taken;
}

/* The one that is due first, of those the one that came first; the count if there is none. */
static uint32_t first_due(const struct guests *guests)
{
    uint32_t first = 0;
    for (uint32_t i = 1; i < guests->count; i++)
        if (guests->items[i].due_ns < guests->items[first].due_ns)
            first = i;
    return first;
}

static sim_time_ns due_of(const struct guests *guests)
{
    return guests->count ? guests->items[first_due(guests)].due_ns : SIM_TIME_NEVER;
}

static uint32_t running_of(const struct slow *slow)
{
    uint32_t slots = slow->plan->stage.sharing.slots;
    return slow->main.count < slots ? slow->main.count : slots;
}

static int64_t speed_of(const struct slow *slow)
{
    return (int64_t)slow->plan->stage.sharing.speed[running_of(slow)].units_per_ns;
}

static sim_time_ns reached(const struct slow *slow, int64_t left)
{
    return slow->now_ns + (left > 0 ? (left + speed_of(slow) - 1) / speed_of(slow) : 0);
}

static sim_time_ns slow_next(const struct slow *slow)
{
    sim_time_ns next_ns = timeline_earlier(due_of(&slow->before), due_of(&slow->after));
    if (slow->batching)
        return timeline_earlier(next_ns, stage_next(&slow->plan->stage, slow->batching));
    for (uint32_t i = 0; i < running_of(slow); i++) {
        const struct guest *guest = &slow->main.items[i];
        next_ns = timeline_earlier(next_ns, reached(slow, guest->left));
        if (guest->first_ns < 0)
            next_ns = timeline_earlier(next_ns, reached(slow, guest->until_first));
    }
    return next_ns;
}

static void slow_pass(struct slow *slow, sim_time_ns now_ns)
{
    int64_t span = now_ns - slow->now_ns;
    uint32_t running = running_of(slow);
    slow->batch_integral += (sim_int128)running * span;
    for (uint32_t i = 0; i < running && !slow->batching; i++) {
        slow->main.items[i].left -= (int64_t)slow->plan->stage.sharing.speed[running].units_per_ns * span;
        slow->main.items[i].until_first -= (int64_t)slow->plan->stage.sharing.speed[running].units_per_ns * span;
    }
    slow->now_ns = now_ns;
}

static void slow_end_main(struct slow *slow, uint32_t place)
{
    struct guest guest = take_guest(&slow->main, place);
    if (guest.first_ns < 0)
        guest.first_ns = slow->now_ns;
    guest.due_ns = slow->now_ns + guest.after_ns;
    slow->after.items[slow->after.count++] = guest;
}

/* First outputs, and ends in the order in which the work was done; who waited begins at once. */
static void slow_sharing(struct slow *slow)
{
    for (uint32_t i = 0; i < running_of(slow); i++)
        if (slow->main.items[i].first_ns < 0 && slow->main.items[i].until_first <= 0 && slow->main.items[i].left > 0)
            slow->main.items[i].first_ns = slow->now_ns;
    uint32_t running = running_of(slow);
    for (;;) {
        uint32_t place = running;
        for (uint32_t i = 0; i < running; i++)
            if (slow->main.items[i].left <= 0 &&
                (place == running || slow->main.items[i].left < slow->main.items[place].left))
                place = i;
        if (place == running)
            return;
        slow_end_main(slow, place);
        running--;
    }
}

static void slow_batching(struct slow *slow)
{
    struct stage_event event;
    while (stage_take(&slow->plan->stage, slow->batching, slow->now_ns, &event)) {
        uint32_t place = 0;
        while (slow->main.items[place].request != event.request)
            place++;
        slow->main.items[place].first_ns = event.first_ns;
        slow_end_main(slow, place);
    }
}

static void slow_enter_main(struct slow *slow, struct guest guest)
{
    const struct sharing_plan *sharing = &slow->plan->stage.sharing;
    if (slow->batching) {
        stage_submit(&slow->plan->stage, slow->batching, slow->now_ns, guest.request, guest.need);
    } else {
        guest.left = (int64_t)guest.need.demand;
        guest.until_first = sharing->first_per_1024 < 1024 ? guest.left / 1024 * sharing->first_per_1024 : guest.left;
    }
    slow->main.items[slow->main.count++] = guest;
}

static void slow_run(struct slow *slow, sim_time_ns until_ns)
{
    for (sim_time_ns next_ns; (next_ns = slow_next(slow)) <= until_ns;) {
        slow_pass(slow, next_ns);
        if (slow->batching)
            slow_batching(slow);
        else
            slow_sharing(slow);
        while (due_of(&slow->before) <= slow->now_ns)
            slow_enter_main(slow, take_guest(&slow->before, first_due(&slow->before)));
        while (due_of(&slow->after) <= slow->now_ns)
            slow->gone.items[slow->gone.count++] = take_guest(&slow->after, first_due(&slow->after));
        if (slow->gone.count)
            return;
    }
    slow_pass(slow, until_ns);
}

static void slow_cancel(struct slow *slow, uint32_t request)
{
    struct guests *const places[] = {&slow->before, &slow->main, &slow->after};
    for (int k = 0; k < 3; k++)
        for (uint32_t i = 0; i < places[k]->count; i++)
            if (places[k]->items[i].request == request) {
                take_guest(places[k], i);
                if (k == 1 && slow->batching)
                    stage_cancel(&slow->plan->stage, slow->batching, slow->now_ns, request);
                return;
            }
    ck_abort_msg("nobody to cancel");
}

/* ---- scripts ---- */

static void draw_main_stage(struct script *s)
{
    struct splitmix *random = &s->random;
    struct profile_config *profile = &s->pool.profile;
    s->pool.max_inputs = 1 + splitmix_below(random, INPUTS_HIGHEST);
    profile->name = "random";
    profile->first_output = splitmix_chance(random, 50) ? 1 : (double)splitmix_below(random, 100) / 100;
    profile->base_s = (double)(1 + splitmix_below(random, 10)) * 1e-9;
    profile->per_running_s = profile->base_s * (double)splitmix_below(random, 3) / 2;
    profile->slots = splitmix_chance(random, 30) ? 1 + splitmix_below(random, 4) : 0;
    static const int32_t kinds[] = {STAGE_CONTINUOUS_BATCHING, STAGE_DYNAMIC_BATCHING, STAGE_PROCESSOR_SHARING};
    int64_t kind = splitmix_below(random, 8);
    profile->stage = kinds[kind < 2 ? kind : 2];
    profile->max_batch_size = 1 + splitmix_below(random, 5);
    profile->wait_ns = splitmix_below(random, 12);
    profile->instances = 1 + splitmix_below(random, 3);
    profile->handover_s = (double)splitmix_below(random, 3) * 1e-9;
    s->curve[0] = (struct curve_point){1, 5e-9};
    s->curve[1] = (struct curve_point){8, 12e-9};
    profile->step_curve = s->curve;
    profile->step_curve_count = 2;
    profile->per_prefill_token_s = 1e-9;
    profile->token_budget = 16;
    profile->max_batch = 1 + splitmix_below(random, 6);
    profile->kv_tokens = 20 + splitmix_below(random, 40);
    profile->kv_block = 1;
}

/* A fixed stage: none, the same for all, or different ones. */
static void draw_side(struct splitmix *random, sim_time_ns *least_ns, sim_time_ns *width_ns)
{
    int64_t kind = splitmix_below(random, 3);
    *least_ns = kind ? splitmix_below(random, 20) + (kind == 1) : 0;
    *width_ns = kind == 2 ? 1 + splitmix_below(random, 30) : 0;
}

static void make(struct script *s, uint64_t seed)
{
    *s = (struct script){.seed = seed, .random = {seed}};
    draw_main_stage(s);
    draw_side(&s->random, &s->before_ns, &s->before_width_ns);
    draw_side(&s->random, &s->after_ns, &s->after_width_ns);
    bool has_before = s->before_ns + s->before_width_ns > 0;
    struct sim_error error = {0};
    ck_assert_msg(timeline_plan_init(&s->plan, &s->pool, 0, has_before, s->after_width_ns == 0, s->after_ns, &error) ==
                      SIM_OK,
                  "%s", error.message);
    s->is_exact =
        stage_is_sharing(&s->plan.stage) && s->plan.stage.sharing.slots == (uint32_t)s->pool.max_inputs && !has_before;
    request_store_init(&s->requests);
    s->eager = sim_allocate(1, timeline_size(&s->plan));
    s->lazy = sim_allocate(1, timeline_size(&s->plan));
    timeline_init(&s->plan, 0, s->eager);
    timeline_init(&s->plan, 0, s->lazy);
    s->slow = (struct slow){.plan = &s->plan};
    if (!stage_is_sharing(&s->plan.stage)) {
        s->slow.batching = sim_allocate(1, stage_size(&s->plan.stage));
        stage_init(&s->plan.stage, s->slow.batching);
    }
}

static void release(struct script *s)
{
    timeline_plan_release(&s->plan);
    request_store_release(&s->requests);
    free(s->eager);
    free(s->lazy);
    free(s->slow.batching);
}

static sim_time_ns draw_time(struct splitmix *random, sim_time_ns least_ns, sim_time_ns width_ns)
{
    return least_ns + (width_ns ? splitmix_below(random, width_ns + 1) : 0);
}

static void enter(struct script *s)
{
    uint32_t request = request_store_add(&s->requests, &(struct request_draw){0});
    struct request *r = request_at(&s->requests, request);
    r->after_ns = draw_time(&s->random, s->after_ns, s->after_width_ns);
    r->first_ns = -1;
    sim_time_ns before_ns = draw_time(&s->random, s->before_ns, s->before_width_ns);
    struct stage_need need = {.demand = (sim_uint128)(1 + splitmix_below(&s->random, 40)) << 22};
    if (s->plan.stage.is_dynamic)
        need = (struct stage_need){.dynamic = {(uint64_t)splitmix_below(&s->random, 1 << 26),
                                               (uint64_t)splitmix_below(&s->random, 1 << 30) * 8}};
    else if (s->slow.batching)
        need = (struct stage_need){.prompt_tokens = 1 + (uint32_t)splitmix_below(&s->random, 12),
                                   .output_tokens = 1 + (uint32_t)splitmix_below(&s->random, 8)};
    sim_time_ns now_ns = s->slow.now_ns;
    timeline_enter(&s->plan, s->eager, &s->requests, now_ns, before_ns, request, need);
    timeline_enter(&s->plan, s->lazy, &s->requests, now_ns, before_ns, request, need);
    struct guest guest = {
        .request = request, .due_ns = now_ns + before_ns, .first_ns = -1, .after_ns = r->after_ns, .need = need};
    if (s->plan.has_before)
        s->slow.before.items[s->slow.before.count++] = guest;
    else
        slow_enter_main(&s->slow, guest);
}

static uint32_t count_inside(const struct slow *slow)
{
    return slow->before.count + slow->main.count + slow->after.count;
}

static uint64_t name_of(void *context, uint32_t request)
{
    (void)context;
    return request;
}

/* Both are brought up to date and hold the same; sums are those of the slow one. */
static void look(struct script *s)
{
    struct sim_digest digests[2];
    void *const memories[2] = {s->eager, s->lazy};
    uint32_t inside[2][INPUTS_HIGHEST];
    for (int i = 0; i < 2; i++) {
        struct stage_totals totals = timeline_totals(&s->plan, memories[i], &s->requests, s->slow.now_ns);
        if (!s->slow.batching)
            ck_assert_msg(totals.batch_integral == s->slow.batch_integral, "seed %lu", (unsigned long)s->seed);
        sim_digest_init(&digests[i]);
        timeline_digest(&s->plan, memories[i], s->slow.now_ns, &digests[i], name_of, NULL);
        ck_assert_uint_eq(timeline_inside(&s->plan, memories[i], inside[i]), count_inside(&s->slow));
    }
    ck_assert_msg(digests[0].low == digests[1].low, "seed %lu", (unsigned long)s->seed);
    ck_assert_int_eq(memcmp(inside[0], inside[1], count_inside(&s->slow) * sizeof inside[0][0]), 0);
}

/* Somebody leaves, or it is looked in vain. */
static void visit(struct script *s, void *memory, sim_time_ns now_ns)
{
    timeline_pass(&s->plan, memory, &s->requests, now_ns);
    for (uint32_t i = 0; i < s->slow.gone.count; i++) {
        const struct guest *guest = &s->slow.gone.items[i];
        uint32_t request = REQUEST_NONE;
        ck_assert_msg(timeline_take(&s->plan, memory, now_ns, &request) && request == guest->request,
                      "seed %lu at %ld: %u, not %u", (unsigned long)s->seed, (long)now_ns, request, guest->request);
        ck_assert_msg(s->plan.is_plain || request_at(&s->requests, request)->first_ns == guest->first_ns,
                      "seed %lu: first output", (unsigned long)s->seed);
    }
    uint32_t request;
    ck_assert_msg(!timeline_take(&s->plan, memory, now_ns, &request), "seed %lu", (unsigned long)s->seed);
}

/* All three to until_ns. When the lazy one says that somebody leaves, it is visited, and never too late. */
static void run(struct script *s, sim_time_ns until_ns)
{
    for (;;) {
        timeline_pass(&s->plan, s->lazy, &s->requests, s->slow.now_ns);
        sim_time_ns next_ns = timeline_next(&s->plan, s->lazy, &s->requests, s->slow.now_ns);
        ck_assert_msg(next_ns > s->slow.now_ns, "seed %lu", (unsigned long)s->seed);
        sim_time_ns look_ns = s->slow.now_ns + splitmix_below(&s->random, 20);
        if (look_ns < next_ns && look_ns < until_ns)
            timeline_advance(&s->plan, s->eager, &s->requests, look_ns);
        slow_run(&s->slow, timeline_earlier(next_ns, until_ns));
        if (next_ns > until_ns && !s->slow.gone.count)
            return;
        ck_assert_msg(s->slow.now_ns == next_ns, "seed %lu: %ld, not %ld", (unsigned long)s->seed, (long)next_ns,
                      (long)s->slow.now_ns);
        ck_assert_msg(s->slow.gone.count || !s->is_exact, "seed %lu: in vain", (unsigned long)s->seed);
        visit(s, s->eager, next_ns);
        visit(s, s->lazy, next_ns);
        for (uint32_t i = 0; i < s->slow.gone.count; i++)
            request_store_remove(&s->requests, s->slow.gone.items[i].request);
        s->slow.gone.count = 0;
    }
}

static void cancel_one(struct script *s)
{
    uint32_t inside[INPUTS_HIGHEST];
    timeline_advance(&s->plan, s->eager, &s->requests, s->slow.now_ns);
    timeline_advance(&s->plan, s->lazy, &s->requests, s->slow.now_ns);
    uint32_t count = timeline_inside(&s->plan, s->eager, inside);
    uint32_t request = inside[splitmix_below(&s->random, count)];
    timeline_cancel(&s->plan, s->eager, &s->requests, s->slow.now_ns, request);
    timeline_cancel(&s->plan, s->lazy, &s->requests, s->slow.now_ns, request);
    slow_cancel(&s->slow, request);
    request_store_remove(&s->requests, request);
}

/* A crash: everybody is gone, and sums start anew. */
static void evict(struct script *s)
{
    uint32_t inside[INPUTS_HIGHEST];
    uint32_t count = timeline_inside(&s->plan, s->lazy, inside);
    for (uint32_t i = 0; i < count; i++)
        request_store_remove(&s->requests, inside[i]);
    timeline_init(&s->plan, 0, s->eager);
    timeline_init(&s->plan, 0, s->lazy);
    s->slow.before.count = s->slow.main.count = s->slow.after.count = 0;
    s->slow.batch_integral = 0;
    if (s->slow.batching)
        stage_init(&s->plan.stage, s->slow.batching);
}

START_TEST(agrees_with_the_slow_one)
{
    static struct script s;
    for (uint64_t seed = 1; seed <= test_effort(CASES / 20, CASES, 10 * CASES); seed++) {
        make(&s, seed);
        int busy = seed % 2 ? 30 : 75;
        for (int step = 0; step < STEPS; step++) {
            if (!splitmix_chance(&s.random, busy))
                run(&s, s.slow.now_ns + splitmix_below(&s.random, 40));
            if (splitmix_chance(&s.random, 20))
                look(&s);
            if (splitmix_chance(&s.random, 2))
                evict(&s);
            else if (count_inside(&s.slow) && splitmix_chance(&s.random, 15))
                cancel_one(&s);
            else if (count_inside(&s.slow) < (uint32_t)s.pool.max_inputs)
                enter(&s);
        }
        run(&s, s.slow.now_ns + SIM_SECOND);
        ck_assert_uint_eq(count_inside(&s.slow), 0);
        ck_assert_int_eq(timeline_next(&s.plan, s.lazy, &s.requests, s.slow.now_ns), SIM_TIME_NEVER);
        release(&s);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {agrees_with_the_slow_one, NULL};
    return case_main("timeline", tests);
}
