/* sharing.c - processor sharing on one running number. */
#include "models/sharing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"

/* One request in progress: where it ends, as progress modulo 2^64. */
struct entry {
    uint64_t target;
    uint32_t request;
    uint32_t turn; /* 2 x order of entry, + 1 for the first output; decides between equal targets */
};

struct waiting {
    int64_t demand;
    uint32_t request;
    uint32_t padding;
};

/* Followed by the heap of entries (two per slot if first outputs are events) and the ring of waiting ones. */
struct sharing {
    uint64_t progress;
    sim_time_ns since_ns; /* progress is that of this instant */
    uint32_t running;
    uint32_t entry_count;
    uint32_t waiting_first;
    uint32_t waiting_count;
    uint32_t next_turn;
    uint32_t padding;
    struct sharing_sums sums;
};

static inline bool has_first_output(const struct sharing_plan *plan)
{
    return plan->first_per_1024 < 1024;
}

static struct entry *entries_of(const struct sharing *state)
{
    return (struct entry *)(uintptr_t)(state + 1);
}

static struct waiting *waiting_of(const struct sharing_plan *plan, const struct sharing *state)
{
    return (struct waiting *)(entries_of(state) + plan->slots * (has_first_output(plan) ? 2 : 1));
}

size_t sharing_size(const struct sharing_plan *plan)
{
    size_t entries = plan->slots * (has_first_output(plan) ? 2 : 1);
    return sizeof(struct sharing) + entries * sizeof(struct entry) +
           (plan->max_inputs - plan->slots) * sizeof(struct waiting);
}

void sharing_init(const struct sharing_plan *plan, void *state)
{
    memset(state, 0, sharing_size(plan));
}

/* Linear between the points of a measured curve, flat before the first, along the last slope beyond the last. */
static double curve_at(const struct curve_point *curve, size_t count, double running)
{
    if (running <= (double)curve[0].running || count == 1)
        return curve[0].time_s;
    size_t i = 1;
    while (i + 1 < count && (double)curve[i].running < running)
        i++;
    double share = (running - (double)curve[i - 1].running) / (double)(curve[i].running - curve[i - 1].running);
    return curve[i - 1].time_s + share * (curve[i].time_s - curve[i - 1].time_s);
}

/* Seconds of one unit of work with `running` in progress. Independent requests have their time as work. */
static double unit_time_s(const struct profile_config *profile, uint32_t running)
{
    if (profile->stage == STAGE_INDEPENDENT)
        return 1;
    if (profile->curve_count)
        return curve_at(profile->curve, profile->curve_count, running);
    return profile->base_s + profile->per_running_s * running;
}

/* Most bits of demand per nanosecond so that a demand of span_ns stays below 2^62. */
static int fraction_bits(sim_time_ns span_ns)
{
    int bits = 0;
    while (bits < 24 && span_ns < (sim_time_ns)1 << (61 - bits))
        bits++;
    return bits;
}

enum sim_status sharing_plan_init(struct sharing_plan *plan, const struct profile_config *profile, uint32_t max_inputs,
                                  sim_time_ns timeout_ns, struct sim_error *error)
{
    const sim_time_ns longest_ns = (sim_time_ns)1 << 46;
    *plan = (struct sharing_plan){.max_inputs = max_inputs, .slots = max_inputs};
    if (profile->slots && profile->slots < max_inputs)
        plan->slots = (uint32_t)profile->slots;
    plan->first_per_1024 = (uint32_t)lround(profile->first_output * 1024);
    double fastest_s = INFINITY;
    for (uint32_t k = 1; k <= plan->slots; k++) {
        double time_s = unit_time_s(profile, k);
        if (!(time_s > 0))
            return sim_error_set(error, SIM_BAD_INPUT, NULL, 0,
                                 "profile %s: the time of one unit of work with %u running must be above 0",
                                 profile->name, k);
        fastest_s = fmin(fastest_s, time_s);
    }
    sim_time_ns span_ns = timeout_ns < longest_ns ? timeout_ns + SIM_SECOND : longest_ns;
    double scale = ldexp(1, fraction_bits(span_ns));
    plan->demand_per_work = fastest_s * 1e9 * scale;
    plan->demand_max = (double)span_ns * scale;
    plan->speed = sim_allocate(plan->slots + 1, sizeof *plan->speed);
    plan->ns_per_demand = sim_allocate(plan->slots + 1, sizeof *plan->ns_per_demand);
    for (uint32_t k = 1; k <= plan->slots; k++) {
        double speed = round(scale * fastest_s / unit_time_s(profile, k));
        plan->speed[k] = speed < 1 ? 1 : (uint64_t)speed;
        plan->ns_per_demand[k] = 1 / (double)plan->speed[k];
    }
    return SIM_OK;
}

void sharing_plan_release(struct sharing_plan *plan)
{
    free(plan->speed);
    free(plan->ns_per_demand);
    *plan = (struct sharing_plan){0};
}

int64_t sharing_demand(const struct sharing_plan *plan, double work)
{
    double demand = work * plan->demand_per_work;
    if (!(demand > 1))
        return 1;
    return (int64_t)(demand < plan->demand_max ? demand : plan->demand_max);
}

/* Brings progress up to now_ns. Nobody's target lies before it: events are taken when they are due. */
static void advance(const struct sharing_plan *plan, struct sharing *state, sim_time_ns now_ns)
{
    if (state->running) {
        sim_time_ns span_ns = now_ns - state->since_ns;
        state->progress += plan->speed[state->running] * (uint64_t)span_ns;
        state->sums.batch_integral += (sim_int128)span_ns * state->running;
        state->sums.busy_ns += span_ns;
    }
    state->since_ns = now_ns;
}

static bool is_first_output(struct entry entry)
{
    return entry.turn & 1;
}

/* Earlier target first, then who came first. Targets lie within 2^62 of one another, so the sign of the difference
 * tells even where progress has passed 2^64.
 */
static bool goes_before(struct entry a, struct entry b)
{
    int64_t difference = (int64_t)(a.target - b.target);
    if (difference != 0)
        return difference < 0;
    return (int32_t)(a.turn - b.turn) < 0;
}

static void heap_rise(const struct sharing *state, uint32_t place, struct entry entry)
{
    struct entry *entries = entries_of(state);
    while (place > 0 && goes_before(entry, entries[(place - 1) / 2])) {
        entries[place] = entries[(place - 1) / 2];
        place = (place - 1) / 2;
    }
    entries[place] = entry;
}

static void heap_sink(const struct sharing *state, uint32_t place, struct entry entry)
{
    struct entry *entries = entries_of(state);
    for (;;) {
        uint32_t child = 2 * place + 1;
        if (child >= state->entry_count)
            break;
        if (child + 1 < state->entry_count && goes_before(entries[child + 1], entries[child]))
            child++;
        if (!goes_before(entries[child], entry))
            break;
        entries[place] = entries[child];
        place = child;
    }
    entries[place] = entry;
}

static void heap_add(struct sharing *state, struct entry entry)
{
    heap_rise(state, state->entry_count++, entry);
}

static void heap_pop(struct sharing *state)
{
    struct entry last = entries_of(state)[--state->entry_count];
    if (state->entry_count)
        heap_sink(state, 0, last);
}

static void heap_remove(struct sharing *state, uint32_t place)
{
    struct entry last = entries_of(state)[--state->entry_count];
    if (place == state->entry_count)
        return;
    if (place > 0 && goes_before(last, entries_of(state)[(place - 1) / 2]))
        heap_rise(state, place, last);
    else
        heap_sink(state, place, last);
}

static void begin(const struct sharing_plan *plan, struct sharing *state, uint32_t request, int64_t demand)
{
    uint32_t turn = 2 * state->next_turn++;
    state->running++;
    heap_add(state, (struct entry){state->progress + (uint64_t)demand, request, turn});
    if (has_first_output(plan)) {
        uint64_t until_first = (uint64_t)demand / 1024 * plan->first_per_1024;
        heap_add(state, (struct entry){state->progress + until_first, request, turn + 1});
    }
}

static void begin_waiting(const struct sharing_plan *plan, struct sharing *state)
{
    struct waiting *ring = waiting_of(plan, state);
    uint32_t ring_size = plan->max_inputs - plan->slots;
    while (state->waiting_count && state->running < plan->slots) {
        struct waiting next = ring[state->waiting_first];
        state->waiting_first = (state->waiting_first + 1) % ring_size;
        state->waiting_count--;
        begin(plan, state, next.request, next.demand);
    }
}

void sharing_submit(const struct sharing_plan *plan, void *memory, sim_time_ns now_ns, uint32_t request, int64_t demand)
{
    struct sharing *state = memory;
    advance(plan, state, now_ns);
    if (state->running < plan->slots) {
        begin(plan, state, request, demand);
        return;
    }
    uint32_t ring_size = plan->max_inputs - plan->slots;
    sim_assert(state->waiting_count < ring_size);
    uint32_t place = (state->waiting_first + state->waiting_count++) % ring_size;
    waiting_of(plan, state)[place] = (struct waiting){demand, request, 0};
}

/* The division is a multiplication by the reciprocal, put right by comparing integers: a third of the time. */
sim_time_ns sharing_next(const struct sharing_plan *plan, const void *memory)
{
    const struct sharing *state = memory;
    if (!state->entry_count)
        return SIM_TIME_NEVER;
    int64_t left = (int64_t)(entries_of(state)[0].target - state->progress);
    if (left <= 0)
        return state->since_ns;
    uint64_t speed = plan->speed[state->running];
    uint64_t span = (uint64_t)((double)left * plan->ns_per_demand[state->running]);
    while (span * speed < (uint64_t)left)
        span++;
    while ((span - 1) * speed >= (uint64_t)left)
        span--;
    return state->since_ns + (sim_time_ns)span;
}

bool sharing_take(const struct sharing_plan *plan, void *memory, sim_time_ns now_ns, struct sharing_event *event)
{
    struct sharing *state = memory;
    advance(plan, state, now_ns);
    if (!state->entry_count)
        return false;
    struct entry first = entries_of(state)[0];
    if ((int64_t)(first.target - state->progress) > 0)
        return false;
    heap_pop(state);
    *event = (struct sharing_event){first.request, is_first_output(first)};
    if (!is_first_output(first)) {
        state->running--;
        if (state->waiting_count)
            begin_waiting(plan, state);
    }
    return true;
}

static bool cancel_waiting(const struct sharing_plan *plan, struct sharing *state, uint32_t request)
{
    struct waiting *ring = waiting_of(plan, state);
    uint32_t ring_size = plan->max_inputs - plan->slots;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < state->waiting_count; i++) {
        struct waiting item = ring[(state->waiting_first + i) % ring_size];
        if (item.request != request)
            ring[(state->waiting_first + kept++) % ring_size] = item;
    }
    bool found = kept < state->waiting_count;
    state->waiting_count = kept;
    return found;
}

void sharing_cancel(const struct sharing_plan *plan, void *memory, sim_time_ns now_ns, uint32_t request)
{
    struct sharing *state = memory;
    advance(plan, state, now_ns);
    if (cancel_waiting(plan, state, request))
        return;
    bool found = false;
    for (uint32_t i = 0; i < state->entry_count;) {
        if (entries_of(state)[i].request == request) {
            found = true;
            heap_remove(state, i);
            i = 0; /* what took its place may belong to the request too, and may have risen */
        } else {
            i++;
        }
    }
    sim_assert(found);
    state->running--;
    begin_waiting(plan, state);
}

uint32_t sharing_running(const void *memory)
{
    return ((const struct sharing *)memory)->running;
}

struct sharing_sums sharing_totals(const struct sharing_plan *plan, void *memory, sim_time_ns now_ns)
{
    struct sharing *state = memory;
    advance(plan, state, now_ns);
    return state->sums;
}

struct named {
    uint64_t left;
    uint64_t name;
    uint32_t turn;
};

static int compare_named(const void *a, const void *b)
{
    const struct named *x = a;
    const struct named *y = b;
    if (x->left != y->left)
        return x->left < y->left ? -1 : 1;
    int32_t turns = (int32_t)(x->turn - y->turn);
    return (turns > 0) - (turns < 0);
}

void sharing_digest(const struct sharing_plan *plan, const void *memory, sim_time_ns now_ns, struct sim_digest *digest,
                    uint64_t (*name)(void *context, uint32_t request), void *context)
{
    const struct sharing *state = memory;
    uint64_t passed = state->running ? plan->speed[state->running] * (uint64_t)(now_ns - state->since_ns) : 0;
    struct named *order = sim_allocate(state->entry_count, sizeof *order);
    for (uint32_t i = 0; i < state->entry_count; i++) {
        struct entry entry = entries_of(state)[i];
        order[i] = (struct named){entry.target - state->progress - passed,
                                  name(context, entry.request) << 1 | is_first_output(entry), entry.turn};
    }
    qsort(order, state->entry_count, sizeof *order, compare_named);
    sim_digest_add(digest, state->entry_count);
    for (uint32_t i = 0; i < state->entry_count; i++) {
        sim_digest_add(digest, order[i].left);
        sim_digest_add(digest, order[i].name);
    }
    free(order);
    sim_digest_add(digest, state->waiting_count);
    for (uint32_t i = 0; i < state->waiting_count; i++) {
        uint32_t place = (state->waiting_first + i) % (plan->max_inputs - plan->slots);
        sim_digest_add(digest, (uint64_t)waiting_of(plan, state)[place].demand);
        sim_digest_add(digest, name(context, waiting_of(plan, state)[place].request));
    }
}
