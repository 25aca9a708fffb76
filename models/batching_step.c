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
    uint32_t lasting; /* tokens cached when it was preempted, as far as their blocks are not reused */
    uint32_t cached;  /* tokens */
    uint32_t chunk;   /* tokens that it computes in the step in progress */
    uint64_t blocks;  /* held */
    uint64_t name;    /* no other has had it */
    sim_time_ns submitted_ns;
    bool is_decoding; /* its prompt is done */
    bool is_cancelled;
};

struct list {
    struct member *members;
    size_t count;
    size_t capacity;
};

/* A block that nobody holds, and what is in it. */
struct free_block {
    uint64_t name;  /* of the request that had it; 0: none */
    uint64_t place; /* among the blocks of that request */
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
    struct list leaving;            /* gone, but the step that follows was decided before that was known */
    sim_time_ns known_ns;           /* what was submitted later was not known when the next step was decided */
    uint64_t names;                 /* given so far */
    struct free_block *free_blocks; /* in the order in which they are reused; only with overwrites_preempted */
    size_t free_count;
    size_t free_capacity;
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

static void add_free_block(struct batching_step *server, uint64_t name, uint64_t place)
{
    server->free_blocks =
        sim_grow(server->free_blocks, &server->free_capacity, server->free_count + 1, sizeof *server->free_blocks);
    server->free_blocks[server->free_count++] = (struct free_block){name, place};
}

static void remove_free_blocks(struct batching_step *server, size_t first, size_t count)
{
    server->free_count -= count;
    memmove(&server->free_blocks[first], &server->free_blocks[first + count],
            (server->free_count - first) * sizeof *server->free_blocks);
}

struct batching_step *batching_step_create(const struct batching_profile *profile)
{
    struct batching_step *server = sim_allocate(1, sizeof *server);
    server->profile = profile;
    server->clock = (sim_int128)INT64_MIN * 65536;
    server->known_ns = INT64_MIN;
    for (uint64_t i = 0; profile->overwrites_preempted && i < profile->block_count; i++)
        add_free_block(server, 0, 0);
    return server;
}

void batching_step_destroy(struct batching_step *server)
{
    free(server->running.members);
    free(server->waiting.members);
    free(server->completed.members);
    free(server->leaving.members);
    free(server->free_blocks);
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
    copy_list(&copy->leaving, &server->leaving);
    copy->free_blocks = NULL;
    copy->free_count = 0;
    copy->free_capacity = 0;
    for (size_t i = 0; i < server->free_count; i++)
        add_free_block(copy, server->free_blocks[i].name, server->free_blocks[i].place);
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
    for (size_t i = 0; i < server->leaving.count; i++)
        held += server->leaving.members[i].blocks;
    sim_assert(held <= server->profile->block_count);
    return server->profile->block_count - held;
}

/* Blocks come from the front of the free ones, and return to their end, the last one first. */
static void take_blocks(struct batching_step *server, uint64_t count)
{
    if (server->profile->overwrites_preempted)
        remove_free_blocks(server, 0, count);
}

static void return_blocks(struct batching_step *server, const struct member *member)
{
    for (uint64_t i = member->blocks; server->profile->overwrites_preempted && i > 0; i--)
        add_free_block(server, member->name, i - 1);
}

/* Where that block of the request is among the free ones; their number if it is not there any more. */
static size_t find_free_block(const struct batching_step *server, uint64_t name, uint64_t place)
{
    size_t at = 0;
    while (at < server->free_count && (server->free_blocks[at].name != name || server->free_blocks[at].place != place))
        at++;
    return at;
}

/* Full blocks of a preempted request that nobody has reused, from its first one on. */
static uint32_t blocks_left(const struct batching_step *server, const struct member *member)
{
    uint32_t count = 0, full = member->lasting >> server->profile->block_shift;
    while (count < full && find_free_block(server, member->name, count) < server->free_count)
        count++;
    return count;
}

static void preempt_latest(struct batching_step *server)
{
    struct member member = take_out(&server->running, server->running.count - 1);
    if (server->profile->overwrites_preempted)
        member.lasting = member.cached;
    else if (server->profile->keeps_preempted)
        member.prefix = member.cached;
    return_blocks(server, &member);
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
        take_blocks(server, needed);
        member->chunk = chunk;
        member->blocks += needed;
        *budget -= chunk;
    }
    return is_short;
}

/* Takes the blocks of a request that is admitted, of them those first that are still its own. */
static void take_all_blocks(struct batching_step *server, const struct member *member, uint64_t blocks)
{
    uint32_t left = blocks_left(server, member);
    for (uint32_t i = 0; i < left; i++)
        remove_free_blocks(server, find_free_block(server, member->name, i), 1);
    take_blocks(server, blocks - left);
}

static void schedule_waiting(struct batching_step *server, uint32_t budget)
{
    const struct batching_profile *profile = server->profile;
    while (server->waiting.count && budget && server->running.count + server->leaving.count < profile->max_batch) {
        const struct member *first = &server->waiting.members[0];
        if (profile->scheduled_ahead && first->submitted_ns > server->known_ns)
            return;
        uint32_t left = blocks_left(server, first) << profile->block_shift;
        uint32_t cached = first->prefix > left ? first->prefix : left;
        uint32_t chunk = smaller(first->known - cached, budget);
        uint64_t needed = blocks_for(server, profile->whole_prompt ? first->known : cached + chunk);
        uint64_t spared = server->running.count ? profile->watermark : 0;
        if (needed + spared > blocks_unused(server))
            return;
        struct member member = take_out(&server->waiting, 0);
        take_all_blocks(server, &member, needed);
        member.lasting = 0;
        member.cached = cached;
        member.blocks = needed;
        member.chunk = chunk;
        if (member.report.admitted_ns == SIM_TIME_NEVER)
            member.report.admitted_ns = ns_of(server->clock);
        insert(&server->running, server->running.count, member);
        budget -= chunk;
    }
}

/* Whoever has left lets go of blocks and place. */
static void forget_leaving(struct batching_step *server)
{
    while (server->leaving.count) {
        struct member member = take_out(&server->leaving, 0);
        return_blocks(server, &member);
    }
}

/* Decides what is in the step that starts now. Returns whether anybody is. */
static bool schedule(struct batching_step *server)
{
    uint32_t budget = server->profile->token_budget;
    if (!schedule_running(server, &budget))
        schedule_waiting(server, budget);
    forget_leaving(server);
    return server->running.count > 0;
}

static void start_step(struct batching_step *server)
{
    const struct batching_profile *profile = server->profile;
    if (!schedule(server)) {
        server->known_ns = SIM_TIME_NEVER;
        bool is_anybody = schedule(server);
        sim_assert(is_anybody);
    }
    server->known_ns = ns_of(server->clock);
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

/* Takes a running request out for good. */
static struct member leave(struct batching_step *server, size_t place)
{
    struct member member = take_out(&server->running, place);
    insert(&server->leaving, server->leaving.count, member);
    if (!server->profile->scheduled_ahead)
        forget_leaving(server);
    return member;
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
        struct member gone = leave(server, i);
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
        .name = ++server->names,
        .submitted_ns = now_ns,
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
        leave(server, place);
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

struct batching_load batching_step_load(struct batching_step *server, sim_time_ns now_ns)
{
    advance(server, now_ns);
    struct batching_load load = {(uint32_t)server->running.count, (uint32_t)server->waiting.count, 0};
    for (size_t i = 0; i < server->running.count; i++)
        load.blocks += server->running.members[i].blocks;
    return load;
}

sim_time_ns batching_step_boundary(struct batching_step *server, sim_time_ns now_ns)
{
    advance(server, now_ns);
    if (server->is_in_step)
        return ns_of(server->end);
    return server->running.count + server->waiting.count ? now_ns : SIM_TIME_NEVER;
}
