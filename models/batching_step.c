/* batching_step.c - continuous batching as one would first write it. */
#include "models/batching_step.h"

#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"

/* A request is at one place of one of three lists. */
struct member {
    struct batching_completion report;
    uint32_t known;   /* tokens of prompt and output so far */
    uint32_t total;   /* of prompt and output when it is complete */
    uint32_t prefix;  /* tokens that are cached when it is admitted */
    uint32_t cached;  /* tokens */
    uint32_t chunk;   /* tokens that it computes in the step in progress */
    uint64_t blocks;  /* held */
    bool is_decoding; /* its prompt is done */
    bool is_cancelled;
};

struct list {
    struct member *members;
    size_t count;
    size_t capacity;
};

struct batching_step {
    const struct batching_profile *profile;
    sim_int128 clock; /* end of the last step that is over, 2^-16 ns */
    sim_int128 end;   /* of the step in progress */
    bool is_in_step;
    uint64_t step_cached; /* tokens cached at its start */
    struct list running;
    struct list waiting;
    struct list completed;
    struct batching_totals totals;
};

static void insert(struct list *list, size_t place, struct member member)
{
    list->members = sim_grow(list->members, &list->capacity, list->count + 1, sizeof member);
    memmove(&list->members[place + 1], &list->members[place], (list->count - place) * sizeof member);
    list->members[place] = member;
    list->count++;
}

static struct member take_out(struct list *list, size_t place)
{
    struct member member = list->members[place];
    list->count--;
    memmove(&list->members[place], &list->members[place + 1], (list->count - place) * sizeof member);
    return member;
}

struct batching_step *batching_step_create(const struct batching_profile *profile)
{
    struct batching_step *server = sim_allocate(1, sizeof *server);
    server->profile = profile;
    server->clock = (sim_int128)INT64_MIN * 65536;
    return server;
}

void batching_step_destroy(struct batching_step *server)
{
    free(server->running.members);
    free(server->waiting.members);
    free(server->completed.members);
    free(server);
}

static void copy_list(struct list *to, const struct list *from)
{
    *to = (struct list){0};
    for (size_t i = 0; i < from->count; i++)
        insert(to, i, from->members[i]);
}

struct batching_step *batching_step_copy(const struct batching_step *server)
{
    struct batching_step *copy = sim_allocate(1, sizeof *copy);
    *copy = *server;
    copy_list(&copy->running, &server->running);
    copy_list(&copy->waiting, &server->waiting);
    copy_list(&copy->completed, &server->completed);
    return copy;
}

static sim_time_ns ns_of(sim_int128 instant)
{
    return (sim_time_ns)(instant >> 16);
}

static uint64_t blocks_for(const struct batching_step *server, uint64_t tokens)
{
    uint64_t block = (uint64_t)1 << server->profile->block_shift;
    return (tokens + block - 1) / block;
}

static uint64_t blocks_unused(const struct batching_step *server)
{
    uint64_t held = 0;
    for (size_t i = 0; i < server->running.count; i++)
        held += server->running.members[i].blocks;
    sim_assert(held <= server->profile->block_count);
    return server->profile->block_count - held;
}

static void preempt_latest(struct batching_step *server)
{
    struct member member = take_out(&server->running, server->running.count - 1);
    if (server->profile->keeps_preempted)
        member.prefix = member.cached;
    member.cached = 0;
    member.blocks = 0;
    member.is_decoding = false;
    member.report.preemptions++;
    server->totals.preemptions++;
    insert(&server->waiting, 0, member);
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Gives every running request its tokens and blocks. Returns whether somebody was preempted for it. */
static bool schedule_running(struct batching_step *server, uint32_t *budget)
{
    bool is_short = false;
    for (size_t i = 0; i < server->running.count; i++) {
        struct member *member = &server->running.members[i];
        uint32_t chunk = smaller(member->known - member->cached, *budget);
        uint64_t wanted = blocks_for(server, member->cached + chunk);
        uint64_t needed = wanted > member->blocks ? wanted - member->blocks : 0;
        while (i < server->running.count && needed > blocks_unused(server)) {
            preempt_latest(server);
            is_short = true;
        }
        if (i == server->running.count)
            break;
        sim_assert(chunk > 0);
        member->chunk = chunk;
        member->blocks += needed;
        *budget -= chunk;
    }
    return is_short;
}

static void schedule_waiting(struct batching_step *server, uint32_t budget)
{
    const struct batching_profile *profile = server->profile;
    while (server->waiting.count && budget && server->running.count < profile->max_batch) {
        const struct member *first = &server->waiting.members[0];
        uint32_t chunk = smaller(first->known - first->prefix, budget);
        uint64_t needed = blocks_for(server, profile->whole_prompt ? first->known : first->prefix + chunk);
        uint64_t spared = server->running.count ? profile->watermark : 0;
        if (needed + spared > blocks_unused(server))
            return;
        struct member member = take_out(&server->waiting, 0);
        member.cached = member.prefix;
        member.blocks = needed;
        member.chunk = chunk;
        if (member.report.admitted_ns == SIM_TIME_NEVER)
            member.report.admitted_ns = ns_of(server->clock);
        insert(&server->running, server->running.count, member);
        budget -= chunk;
    }
}

static void start_step(struct batching_step *server)
{
    const struct batching_profile *profile = server->profile;
    uint32_t budget = profile->token_budget;
    if (!schedule_running(server, &budget))
        schedule_waiting(server, budget);
    uint64_t cached = 0, prefill = 0;
    for (size_t i = 0; i < server->running.count; i++) {
        const struct member *member = &server->running.members[i];
        cached += member->cached;
        prefill += member->is_decoding ? 0 : member->chunk;
    }
    server->step_cached = cached;
    server->is_in_step = true;
    server->end = server->clock + profile->base[server->running.count] +
                  (sim_int128)(cached * profile->cached_token + prefill * profile->prefill_token);
}

/* Adds a part of the step in progress to the sums. */
static void add_time(const struct batching_step *server, struct batching_totals *totals, sim_int128 part)
{
    totals->busy_time += (sim_uint128)part;
    totals->batch_time += (sim_uint128)part * server->running.count;
    totals->cached_time += (sim_uint128)part * server->step_cached;
}

/* What the step in progress has done for one request. */
static void end_chunk(struct batching_step *server, struct member *member)
{
    member->cached += member->chunk;
    if (!member->is_decoding)
        server->totals.prefill_tokens += member->chunk;
    member->is_decoding = member->cached == member->known;
    if (!member->is_decoding)
        return;
    member->known++;
    server->totals.output_tokens++;
    if (member->report.first_ns == SIM_TIME_NEVER)
        member->report.first_ns = ns_of(server->clock);
}

static void end_step(struct batching_step *server)
{
    add_time(server, &server->totals, server->end - server->clock);
    server->totals.steps++;
    server->clock = server->end;
    server->is_in_step = false;
    uint64_t cached = 0;
    for (size_t i = 0; i < server->running.count; i++) {
        end_chunk(server, &server->running.members[i]);
        cached += server->running.members[i].cached;
    }
    server->totals.cached_max = cached > server->totals.cached_max ? cached : server->totals.cached_max;
    for (size_t i = 0; i < server->running.count;) {
        const struct member *member = &server->running.members[i];
        if (!member->is_cancelled && member->known < member->total) {
            i++;
            continue;
        }
        struct member gone = take_out(&server->running, i);
        gone.report.completed_ns = ns_of(server->clock);
        if (!gone.is_cancelled)
            insert(&server->completed, server->completed.count, gone);
    }
}

/* Ends the steps that end by now_ns and starts those that start before it. */
static void advance(struct batching_step *server, sim_time_ns now_ns)
{
    for (;;) {
        if (server->is_in_step) {
            if (ns_of(server->end) > now_ns)
                return;
            end_step(server);
        }
        if (ns_of(server->clock) >= now_ns || server->running.count + server->waiting.count == 0)
            return;
        start_step(server);
    }
}

void batching_step_submit(struct batching_step *server, sim_time_ns now_ns, uint32_t request_id, uint32_t prompt_tokens,
                          uint32_t cached_prefix_tokens, uint32_t output_tokens)
{
    advance(server, now_ns);
    if (server->running.count + server->waiting.count == 0 && ns_of(server->clock) < now_ns)
        server->clock = (sim_int128)now_ns * 65536;
    struct member member = {
        .report = {.request_id = request_id, .admitted_ns = SIM_TIME_NEVER, .first_ns = SIM_TIME_NEVER},
        .known = prompt_tokens,
        .total = prompt_tokens + output_tokens,
        .prefix = smaller(cached_prefix_tokens, prompt_tokens - 1),
    };
    insert(&server->waiting, server->waiting.count, member);
}

static size_t find(const struct list *list, uint32_t request_id)
{
    size_t place = 0;
    while (place < list->count && list->members[place].report.request_id != request_id)
        place++;
    return place;
}

bool batching_step_cancel(struct batching_step *server, sim_time_ns now_ns, uint32_t request_id)
{
    advance(server, now_ns);
    size_t place = find(&server->waiting, request_id);
    if (place < server->waiting.count) {
        take_out(&server->waiting, place);
        return true;
    }
    place = find(&server->running, request_id);
    if (place == server->running.count || server->running.members[place].is_cancelled)
        return false;
    if (server->is_in_step)
        server->running.members[place].is_cancelled = true;
    else
        take_out(&server->running, place);
    return true;
}

size_t batching_step_take(struct batching_step *server, sim_time_ns now_ns, struct batching_completion *completions,
                          size_t capacity)
{
    advance(server, now_ns);
    size_t count = 0;
    while (count < capacity && server->completed.count)
        completions[count++] = take_out(&server->completed, 0).report;
    return count;
}

struct batching_totals batching_step_totals(struct batching_step *server, sim_time_ns now_ns)
{
    advance(server, now_ns);
    struct batching_totals totals = server->totals;
    if (server->is_in_step)
        add_time(server, &totals, (sim_int128)now_ns * 65536 - server->clock);
    return totals;
}

sim_time_ns batching_step_boundary(struct batching_step *server, sim_time_ns now_ns)
{
    advance(server, now_ns);
    if (server->is_in_step)
        return ns_of(server->end);
    return server->running.count + server->waiting.count ? now_ns : SIM_TIME_NEVER;
}
