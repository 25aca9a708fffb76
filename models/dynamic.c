/* dynamic.c - a queue, and instances that each serve one batch of it at a time. */
#include "models/dynamic.h"

#include <math.h>
#include <string.h>

#include "sim/memory.h"

#define WORK_UNIT 0x1p24
#define SPREAD_UNIT 0x1p32

enum {
    NONE = 0 /* links are number + 1 */
};

enum phase {
    PHASE_FREE,
    PHASE_SHARING,
    PHASE_HANDOVER
};

/* A request, in the queue, in a batch, among those who have ended, or unused. */
struct place {
    struct dynamic_need need;
    sim_time_ns entered_ns;
    uint32_t request;
    uint32_t next;
};

struct place_list {
    uint32_t first;
    uint32_t last;
    uint32_t count;
};

struct instance {
    struct place_list members; /* without those who were taken out */
    uint32_t size;             /* with them */
    uint32_t phase;
    uint32_t padding;
    sim_time_ns due_ns; /* end of the batch, in PHASE_HANDOVER */
};

/* Followed by the instances, the places, and the state of processor sharing. */
struct dynamic {
    sim_time_ns since_ns; /* all that happens before it has happened, and at it the ends and the calls so far */
    struct place_list queue;
    struct place_list ended; /* at since_ns, not yet taken */
    struct place_list unused;
    uint32_t padding;
    uint32_t busy;    /* instances with a batch */
    uint32_t serving; /* requests in the batches */
    struct dynamic_sums sums;
};

static struct instance *instances_of(const struct dynamic *state)
{
    return (struct instance *)(uintptr_t)(state + 1);
}

static struct place *places_of(const struct dynamic_plan *plan, const struct dynamic *state)
{
    return (struct place *)(instances_of(state) + plan->instances);
}

static void *sharing_of(const struct dynamic_plan *plan, const struct dynamic *state)
{
    return (void *)((uintptr_t)state + plan->sharing_offset);
}

/* ---- the plan ---- */

double dynamic_batch_s(const struct profile_config *profile, double work)
{
    const struct curve_point *curve = profile->curve;
    if (!profile->curve_count)
        return profile->base_s + profile->per_running_s * work;
    if (work <= (double)curve[0].running || profile->curve_count == 1)
        return curve[0].time_s;
    size_t i = 1;
    while (i + 1 < profile->curve_count && (double)curve[i].running < work)
        i++;
    double share = (work - (double)curve[i - 1].running) / (double)(curve[i].running - curve[i - 1].running);
    return curve[i - 1].time_s + share * (curve[i].time_s - curve[i - 1].time_s);
}

double dynamic_slowdown(const struct profile_config *profile, uint32_t busy)
{
    double from = 1;
    double factor = 1;
    for (size_t i = 0; i < profile->slowdown_count; i++) {
        const struct slowdown_point *point = &profile->slowdown[i];
        double to = (double)point->busy;
        if (busy <= to)
            return to > from ? factor + (busy - from) / (to - from) * (point->factor - factor) : point->factor;
        from = to;
        factor = point->factor;
    }
    return factor;
}

/* Seconds alone as work, and the slowdown as the time of one second with that many. */
static enum sim_status share_instances(struct dynamic_plan *plan, struct sim_error *error)
{
    struct curve_point points[DYNAMIC_INSTANCES_HIGHEST];
    for (uint32_t k = 1; k <= plan->instances; k++)
        points[k - 1] = (struct curve_point){k, dynamic_slowdown(plan->profile, k)};
    struct profile_config shared = {
        .name = plan->profile->name,
        .stage = STAGE_PROCESSOR_SHARING,
        .curve = points,
        .curve_count = plan->instances,
        .first_output = 1,
    };
    return sharing_plan_init(&plan->sharing, &shared, plan->instances, error);
}

enum sim_status dynamic_plan_init(struct dynamic_plan *plan, const struct profile_config *profile, uint32_t max_inputs,
                                  struct sim_error *error)
{
    *plan = (struct dynamic_plan){
        .max_inputs = max_inputs,
        .max_batch = (uint32_t)profile->max_batch_size,
        .instances = (uint32_t)profile->instances,
        .wait_ns = profile->wait_ns,
        .handover_ns = sim_time_from_s(profile->handover_s),
        .profile = profile,
    };
    if (plan->max_batch < 1 || plan->instances < 1 || plan->instances > DYNAMIC_INSTANCES_HIGHEST)
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "profile %s: no batch or no instance", profile->name);
    if (!(dynamic_batch_s(profile, 1) > 0))
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "profile %s: the time of a batch of one must be above 0",
                             profile->name);
    enum sim_status status = profile->batch_spread > 0
                                 ? sim_distribution_lognormal(&plan->spread, 1, profile->batch_spread, error)
                                 : sim_distribution_fixed(&plan->spread, 1, error);
    if (status == SIM_OK)
        status = share_instances(plan, error);
    size_t size =
        sizeof(struct dynamic) + plan->instances * sizeof(struct instance) + (size_t)max_inputs * sizeof(struct place);
    plan->sharing_offset = (size + 15) / 16 * 16;
    return status;
}

void dynamic_plan_speed_up(struct dynamic_plan *plan, double factor)
{
    sharing_plan_speed_up(&plan->sharing, factor);
    plan->handover_ns = sim_time_from_s(plan->profile->handover_s / factor);
}

void dynamic_plan_release(struct dynamic_plan *plan)
{
    sharing_plan_release(&plan->sharing);
    *plan = (struct dynamic_plan){0};
}

static uint64_t units(double value, double unit)
{
    double scaled = round(value * unit);
    return scaled < 1 ? 1 : scaled < 0x1p62 ? (uint64_t)scaled : UINT64_C(1) << 62;
}

struct dynamic_need dynamic_need(const struct dynamic_plan *plan, double work, struct sim_random *random)
{
    return (struct dynamic_need){units(work, WORK_UNIT),
                                 units(sim_distribution_sample(&plan->spread, random), SPREAD_UNIT)};
}

size_t dynamic_size(const struct dynamic_plan *plan)
{
    return plan->sharing_offset + sharing_size(&plan->sharing);
}

/* ---- lists of places ---- */

static void append(struct place *places, struct place_list *list, uint32_t number)
{
    places[number].next = NONE;
    if (list->count++)
        places[list->last].next = number + 1;
    else
        list->first = number;
    list->last = number;
}

static uint32_t take_first(const struct place *places, struct place_list *list)
{
    uint32_t number = list->first;
    list->first = places[number].next - 1;
    list->count--;
    return number;
}

/* Whether it was there. */
static bool take_out(struct place *places, struct place_list *list, struct place_list *unused, uint32_t request)
{
    bool found = false;
    for (uint32_t i = list->count; i > 0; i--) {
        uint32_t number = take_first(places, list);
        bool is_it = places[number].request == request;
        append(places, is_it ? unused : list, number);
        found |= is_it;
    }
    return found;
}

void dynamic_init(const struct dynamic_plan *plan, void *memory)
{
    struct dynamic *state = memory;
    memset(memory, 0, dynamic_size(plan));
    sharing_init(&plan->sharing, sharing_of(plan, state));
    for (uint32_t i = 0; i < plan->max_inputs; i++)
        append(places_of(plan, state), &state->unused, i);
}

/* ---- batches ---- */

static sim_time_ns later(sim_time_ns from_ns, sim_time_ns span_ns)
{
    return from_ns < SIM_TIME_NEVER - span_ns ? from_ns + span_ns : SIM_TIME_NEVER;
}

/* When the next batch starts if nobody comes before: at the end of that nanosecond. */
static sim_time_ns start_of(const struct dynamic_plan *plan, const struct dynamic *state)
{
    if (!state->queue.count || state->busy == plan->instances)
        return SIM_TIME_NEVER;
    sim_time_ns due_ns = later(places_of(plan, state)[state->queue.first].entered_ns, plan->wait_ns);
    return state->queue.count >= plan->max_batch || due_ns < state->since_ns ? state->since_ns : due_ns;
}

static uint32_t first_free(const struct dynamic_plan *plan, const struct dynamic *state)
{
    uint32_t number = 0;
    while (instances_of(state)[number].phase != PHASE_FREE)
        number++;
    sim_assert(number < plan->instances);
    return number;
}

/* At since_ns. */
static void start_batch(const struct dynamic_plan *plan, struct dynamic *state)
{
    struct place *places = places_of(plan, state);
    uint32_t number = first_free(plan, state);
    struct instance *instance = &instances_of(state)[number];
    double spread = (double)places[state->queue.first].need.spread / SPREAD_UNIT;
    uint32_t size = state->queue.count < plan->max_batch ? state->queue.count : plan->max_batch;
    sim_uint128 work = 0;
    instance->members = (struct place_list){0};
    for (uint32_t i = 0; i < size; i++) {
        uint32_t place = take_first(places, &state->queue);
        work += places[place].need.work;
        append(places, &instance->members, place);
    }
    instance->size = size;
    instance->phase = PHASE_SHARING;
    state->busy++;
    state->serving += size;
    double time_s = dynamic_batch_s(plan->profile, (double)work / WORK_UNIT) * spread;
    sharing_submit(&plan->sharing, sharing_of(plan, state), state->since_ns, number,
                   sharing_demand(&plan->sharing, time_s));
}

/* Its members join those who have ended, at since_ns. */
static void end_batch(const struct dynamic_plan *plan, struct dynamic *state, struct instance *instance)
{
    struct place *places = places_of(plan, state);
    while (instance->members.count)
        append(places, &state->ended, take_first(places, &instance->members));
    instance->phase = PHASE_FREE;
    state->busy--;
    state->serving -= instance->size;
}

/* ---- time passes ---- */

static void move_to(struct dynamic *state, sim_time_ns now_ns)
{
    sim_time_ns span_ns = now_ns - state->since_ns;
    state->since_ns = now_ns;
    state->sums.batch_integral += (sim_int128)state->serving * span_ns;
    state->sums.busy_ns += (int64_t)state->busy * span_ns;
}

/* The instance whose handover is over first, at equal times the lowest one; NULL if there is none. */
static struct instance *first_due(const struct dynamic_plan *plan, const struct dynamic *state)
{
    struct instance *first = NULL;
    for (uint32_t i = 0; i < plan->instances; i++) {
        struct instance *instance = &instances_of(state)[i];
        if (instance->phase == PHASE_HANDOVER && (!first || instance->due_ns < first->due_ns))
            first = instance;
    }
    return first;
}

/* The next of what happens up to now_ns, but for starts at now_ns. False if nothing does. */
static bool step(const struct dynamic_plan *plan, struct dynamic *state, sim_time_ns now_ns)
{
    struct instance *due = first_due(plan, state);
    sim_time_ns start_ns = start_of(plan, state);
    sim_time_ns until_ns = start_ns < now_ns ? start_ns : now_ns;
    if (due && due->due_ns < until_ns)
        until_ns = due->due_ns;
    struct sharing_event shared;
    if (sharing_take(&plan->sharing, sharing_of(plan, state), until_ns, &shared)) {
        struct instance *instance = &instances_of(state)[shared.request];
        instance->phase = PHASE_HANDOVER;
        instance->due_ns = later(shared.time_ns, plan->handover_ns * instance->size);
        return true;
    }
    if (due && due->due_ns == until_ns) {
        move_to(state, until_ns);
        end_batch(plan, state, due);
        return true;
    }
    if (start_ns >= now_ns)
        return false;
    move_to(state, start_ns);
    start_batch(plan, state);
    return true;
}

/* Everything up to now_ns; nobody's end is among it. */
static void advance(const struct dynamic_plan *plan, struct dynamic *state, sim_time_ns now_ns)
{
    while (step(plan, state, now_ns))
        sim_assert(!state->ended.count);
    move_to(state, now_ns);
}

bool dynamic_take(const struct dynamic_plan *plan, void *memory, sim_time_ns now_ns, struct dynamic_event *event)
{
    struct dynamic *state = memory;
    while (!state->ended.count)
        if (!step(plan, state, now_ns)) {
            move_to(state, now_ns);
            event->time_ns = dynamic_next(plan, memory);
            return false;
        }
    uint32_t place = take_first(places_of(plan, state), &state->ended);
    *event = (struct dynamic_event){places_of(plan, state)[place].request, state->since_ns};
    append(places_of(plan, state), &state->unused, place);
    return true;
}

sim_time_ns dynamic_next(const struct dynamic_plan *plan, const void *memory)
{
    const struct dynamic *state = memory;
    if (state->ended.count)
        return state->since_ns;
    sim_time_ns next_ns = later(start_of(plan, state), 1);
    sim_time_ns shared_ns = sharing_next(&plan->sharing, sharing_of(plan, state));
    const struct instance *due = first_due(plan, state);
    next_ns = shared_ns < next_ns ? shared_ns : next_ns;
    return due && due->due_ns < next_ns ? due->due_ns : next_ns;
}

void dynamic_submit(const struct dynamic_plan *plan, void *memory, sim_time_ns now_ns, uint32_t request,
                    struct dynamic_need need)
{
    struct dynamic *state = memory;
    advance(plan, state, now_ns);
    sim_assert(state->unused.count);
    uint32_t place = take_first(places_of(plan, state), &state->unused);
    places_of(plan, state)[place] = (struct place){need, now_ns, request, NONE};
    append(places_of(plan, state), &state->queue, place);
}

void dynamic_cancel(const struct dynamic_plan *plan, void *memory, sim_time_ns now_ns, uint32_t request)
{
    struct dynamic *state = memory;
    advance(plan, state, now_ns);
    struct place *places = places_of(plan, state);
    bool found = take_out(places, &state->queue, &state->unused, request);
    for (uint32_t i = 0; !found && i < plan->instances; i++)
        found = take_out(places, &instances_of(state)[i].members, &state->unused, request);
    sim_assert(found);
}

/* ---- looking in ---- */

static uint32_t list_places(const struct place *places, const struct place_list *list, uint32_t *requests)
{
    uint32_t number = list->first;
    for (uint32_t i = 0; i < list->count; i++) {
        requests[i] = places[number].request;
        number = places[number].next - 1;
    }
    return list->count;
}

uint32_t dynamic_inside(const struct dynamic_plan *plan, const void *memory, uint32_t *requests)
{
    const struct dynamic *state = memory;
    const struct place *places = places_of(plan, state);
    uint32_t count = 0;
    for (uint32_t i = 0; i < plan->instances; i++)
        count += list_places(places, &instances_of(state)[i].members, requests + count);
    count += list_places(places, &state->queue, requests + count);
    return count + list_places(places, &state->ended, requests + count);
}

struct dynamic_sums dynamic_totals(const struct dynamic_plan *plan, void *memory, sim_time_ns now_ns)
{
    struct dynamic *state = memory;
    advance(plan, state, now_ns);
    return state->sums;
}

void dynamic_forget_totals(const struct dynamic_plan *plan, void *memory, sim_time_ns now_ns)
{
    struct dynamic *state = memory;
    advance(plan, state, now_ns);
    state->sums = (struct dynamic_sums){0};
}

/* ---- the digest ---- */

static uint64_t name_instance(void *context, uint32_t instance)
{
    (void)context;
    return instance;
}

static void add_names(struct sim_digest *digest, const struct place *places, const struct place_list *list,
                      uint64_t (*name)(void *context, uint32_t request), void *context)
{
    uint32_t number = list->first;
    sim_digest_add(digest, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        sim_digest_add(digest, name(context, places[number].request));
        number = places[number].next - 1;
    }
}

static void add_queue(const struct dynamic_plan *plan, const struct dynamic *state, struct sim_digest *digest)
{
    uint32_t number = state->queue.first;
    for (uint32_t i = 0; i < state->queue.count; i++) {
        const struct place *place = &places_of(plan, state)[number];
        sim_time_ns due_ns = later(place->entered_ns, plan->wait_ns);
        sim_digest_add(digest, due_ns > state->since_ns ? (uint64_t)(due_ns - state->since_ns) : 0);
        sim_digest_add(digest, place->need.work);
        sim_digest_add(digest, place->need.spread);
        number = place->next - 1;
    }
}

void dynamic_digest(const struct dynamic_plan *plan, void *memory, sim_time_ns now_ns, struct sim_digest *digest,
                    uint64_t (*name)(void *context, uint32_t request), void *context)
{
    struct dynamic *state = memory;
    advance(plan, state, now_ns);
    const struct place *places = places_of(plan, state);
    add_names(digest, places, &state->queue, name, context);
    add_queue(plan, state, digest);
    for (uint32_t i = 0; i < plan->instances; i++) {
        const struct instance *instance = &instances_of(state)[i];
        sim_digest_add(digest, instance->phase);
        if (instance->phase == PHASE_FREE)
            continue;
        sim_digest_add(digest, instance->size);
        sim_digest_add(digest, instance->phase == PHASE_HANDOVER ? (uint64_t)(instance->due_ns - now_ns) : 0);
        add_names(digest, places, &instance->members, name, context);
    }
    sharing_digest(&plan->sharing, sharing_of(plan, state), now_ns, digest, name_instance, NULL);
}
