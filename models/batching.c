/* batching.c - what a step does, and jumping over steps in which nothing changes. */

#include "models/batching_wheel_internal.h"

#include <math.h>
#include <string.h>

#include "sim/memory.h"

size_t batching_size(uint32_t max_inputs)
{
    sim_assert(max_inputs >= 1 && max_inputs <= BATCHING_INPUTS_HIGHEST);
    size_t size = sizeof(struct batching) + max_inputs * sizeof(struct batching_request);
    return (size + 63) / 64 * 64;
}

void batching_init(struct batching *server, uint32_t max_inputs)
{
    struct batching_list empty = {BATCHING_NONE, BATCHING_NONE};
    memset(server, 0, batching_size(max_inputs));
    server->clock_ns = INT64_MIN;
    server->now_ns = INT64_MIN;
    server->known_ns = INT64_MIN;
    server->earliest = UINT64_MAX;
    server->running = empty;
    server->waiting = empty;
    server->completed = empty;
    server->prefilling = BATCHING_NONE;
    server->capacity = max_inputs;
    memset(server->slots, 0xFF, sizeof server->slots);
    server->unused = BATCHING_NONE;
    for (uint32_t i = max_inputs; i-- > 0;)
        batching_release(server, (uint16_t)i);
}

bool batching_fits(const struct batching_profile *profile, uint32_t prompt_tokens, uint32_t output_tokens)
{
    if (prompt_tokens == 0 || output_tokens == 0)
        return false;
    uint64_t cached = (uint64_t)prompt_tokens + output_tokens - 1;
    return batching_blocks(profile, cached) <= profile->block_count;
}

void batching_submit(const struct batching_profile *profile, struct batching *server, sim_time_ns now_ns,
                     uint32_t request_id, uint32_t prompt_tokens, uint32_t cached_prefix_tokens, uint32_t output_tokens)
{
    sim_assert(batching_fits(profile, prompt_tokens, output_tokens));
    batching_advance(profile, server, now_ns);
    uint16_t index = server->unused;
    sim_assert(index != BATCHING_NONE);
    struct batching_request *request = &server->requests[index];
    server->unused = request->next;
    request->id = request_id;
    request->total = prompt_tokens + output_tokens;
    request->prompt = prompt_tokens;
    request->prefix = cached_prefix_tokens < prompt_tokens ? cached_prefix_tokens : prompt_tokens - 1;
    request->preemptions = 0;
    request->is_cancelled = false;
    request->admitted_ns = SIM_TIME_NEVER;
    request->first_ns = SIM_TIME_NEVER;
    request->completed_ns = now_ns;
    if (server->waiting.head == BATCHING_NONE && server->running_count < profile->max_batch)
        batching_cut(server, now_ns, profile->scheduled_ahead);
    if (!server->running_count && server->waiting.head == BATCHING_NONE && server->clock_ns < now_ns) {
        server->clock_ns = now_ns;
        server->clock_fraction = 0;
    }
    batching_append(server, &server->waiting, index);
}

size_t batching_take(const struct batching_profile *profile, struct batching *server, sim_time_ns now_ns,
                     struct batching_completion *completions, size_t capacity)
{
    batching_advance(profile, server, now_ns);
    size_t count = 0;
    while (count < capacity && server->completed.head != BATCHING_NONE) {
        uint16_t index = server->completed.head;
        const struct batching_request *request = &server->requests[index];
        completions[count++] = (struct batching_completion){.request_id = request->id,
                                                            .preemptions = request->preemptions,
                                                            .admitted_ns = request->admitted_ns,
                                                            .first_ns = request->first_ns,
                                                            .completed_ns = request->completed_ns};
        batching_unlink(server, &server->completed, index);
        batching_release(server, index);
    }
    return count;
}

static void set_stretch(struct batching *server, uint64_t steps, uint64_t first, uint64_t growth)
{
    server->planned = (uint32_t)steps;
    server->first = first;
    server->growth = growth;
    server->end_ns = server->clock_ns;
    server->end_fraction = server->clock_fraction;
    batching_later(&server->end_ns, &server->end_fraction, batching_duration(first, growth, steps));
}

/* How many steps of the decoders the memory holds before one needs a block that is not there. In as many steps as a
 * block has tokens each decoder needs one block; the rest is walked step by step.
 */
static uint64_t steps_in_memory(const struct batching_profile *profile, const struct batching *server)
{
    uint32_t mask = batching_block_mask(profile);
    uint64_t unused = profile->block_count - batching_blocks_held(profile, server) - server->leaving_blocks;
    uint64_t rounds = unused / server->decoders;
    uint64_t steps = rounds << profile->block_shift;
    unused -= rounds * server->decoders;
    for (;;) {
        uint32_t needed = server->residues[-(uint32_t)(server->step + steps) & mask];
        if (needed > unused)
            return steps;
        unused -= needed;
        steps++;
    }
}

/* Plans `steps` steps in which only decoders run. */
static void plan_decoding(const struct batching_profile *profile, struct batching *server, uint64_t steps)
{
    server->step_prefill = 0;
    server->step_cached = server->cached;
    set_stretch(server, steps, profile->base[server->decoders] + profile->cached_token * server->cached,
                profile->cached_token * server->decoders);
}

/* Number of steps in which only decoders run, up to a completion, the end of memory, or the longest stretch. */
static uint64_t decoding_steps(const struct batching_profile *profile, const struct batching *server)
{
    uint64_t steps = server->earliest - server->step + 1;
    steps = steps < BATCHING_SLOTS ? steps : BATCHING_SLOTS;
    uint64_t cached = server->cached + server->decoders * steps;
    if ((cached >> profile->block_shift) + server->decoders + server->leaving_blocks > profile->block_count) {
        uint64_t limit = steps_in_memory(profile, server);
        if (server->leaving && limit > 1) /* there is more memory after the first */
            limit = 1;
        steps = steps < limit ? steps : limit;
    }
    return steps;
}

/* Blocks that are free once the decoders have theirs for the next step. A lower bound that costs little, until it is
 * too low; then the exact number.
 */
struct room {
    int64_t blocks;
    bool is_exact;
};

static void make_exact(const struct batching_profile *profile, const struct batching *server, struct room *room)
{
    if (room->is_exact)
        return;
    uint64_t bound = (server->cached >> profile->block_shift) + server->decoders;
    uint64_t held = batching_blocks_held(profile, server) + batching_blocks_needed(profile, server);
    room->blocks += (int64_t)bound - (int64_t)held;
    room->is_exact = true;
}

static bool take_room(const struct batching_profile *profile, const struct batching *server, struct room *room,
                      uint64_t blocks, uint64_t reserve)
{
    if ((int64_t)(blocks + reserve) > room->blocks)
        make_exact(profile, server, room);
    if ((int64_t)(blocks + reserve) > room->blocks)
        return false;
    room->blocks -= (int64_t)blocks;
    return true;
}

/* The next step as it is put together: what it computes beside the decoders. */
struct prefill {
    struct room room;
    uint32_t budget; /* tokens left */
    uint32_t tokens; /* to be computed */
    uint64_t cached; /* at the start, of all in the step */
};

/* Lets a request that is running (again) compute `chunk` tokens of its prompt. */
static void schedule_chunk(struct batching *server, struct prefill *prefill, uint16_t index, uint32_t chunk)
{
    struct batching_request *request = &server->requests[index];
    prefill->cached += request->done;
    prefill->tokens += chunk;
    prefill->budget -= chunk;
    request->done += chunk;
    if (request->done == request->prompt) {
        request->finish = server->step + (request->total - request->prompt) - 1;
        batching_wheel_add(server, index);
    }
}

static uint32_t chunk_of(uint32_t tokens, uint32_t budget)
{
    return tokens < budget ? tokens : budget;
}

/* Goes on with the prompt that is not done; false if the memory is short. */
static bool continue_prompt(const struct batching_profile *profile, struct batching *server, struct prefill *prefill)
{
    uint16_t index = server->prefilling;
    const struct batching_request *request = &server->requests[index];
    uint32_t chunk = chunk_of(request->prompt - request->done, prefill->budget);
    uint64_t blocks = batching_blocks(profile, profile->whole_prompt ? request->prompt : request->done + chunk);
    if (!take_room(profile, server, &prefill->room, blocks, 0))
        return false;
    schedule_chunk(server, prefill, index, chunk);
    return true;
}

/* Whether the first of the waiting was known when the step at the boundary was decided. */
static bool is_first_known(const struct batching_profile *profile, const struct batching *server)
{
    return !profile->scheduled_ahead || server->requests[server->waiting.head].completed_ns <= server->known_ns;
}

/* Blocks of a request that it gave up when it was preempted and that it still finds. */
static uint32_t blocks_left(const struct batching_profile *profile, const struct batching *server,
                            const struct batching_request *request, struct room *room)
{
    if (!profile->overwrites_preempted || !request->preemptions)
        return 0;
    make_exact(profile, server, room);
    return room->blocks > 0 ? batching_blocks_left(profile, server, request, (uint64_t)room->blocks) : 0;
}

/* Admits the first of the waiting; false if it has to go on waiting. */
static bool admit(const struct batching_profile *profile, struct batching *server, struct prefill *prefill)
{
    uint16_t index = server->waiting.head;
    if (index == BATCHING_NONE || server->running_count + server->leaving == profile->max_batch || !prefill->budget)
        return false;
    struct batching_request *request = &server->requests[index];
    uint32_t left = 0;
    if (!profile->is_plain) {
        if (!is_first_known(profile, server))
            return false;
        left = blocks_left(profile, server, request, &prefill->room);
    }
    uint32_t cached = left << profile->block_shift;
    cached = request->prefix > cached ? request->prefix : cached;
    uint32_t chunk = chunk_of(request->prompt - cached, prefill->budget);
    uint64_t blocks = batching_blocks(profile, profile->whole_prompt ? request->prompt : cached + chunk);
    if (!take_room(profile, server, &prefill->room, blocks, server->running_count ? profile->watermark : 0))
        return false;
    server->returned -= left;
    batching_unlink(server, &server->waiting, index);
    batching_append(server, &server->running, index);
    server->running_count++;
    if (server->prefilling == BATCHING_NONE)
        server->prefilling = index;
    if (request->admitted_ns == SIM_TIME_NEVER)
        request->admitted_ns = server->clock_ns;
    request->done = cached;
    schedule_chunk(server, prefill, index, chunk);
    return true;
}

/* What the next step does. */
enum next_step {
    NOTHING_PREFILLED,
    PLANNED,
    NOBODY_LEFT /* for all have been preempted */
};

/* Plans a step of decoders after preemption. */
static enum next_step preempt(const struct batching_profile *profile, struct batching *server)
{
    batching_preempt(profile, server);
    if (!server->decoders)
        return NOBODY_LEFT;
    plan_decoding(profile, server, 1);
    return PLANNED;
}

/* Plans the next step with what is to be prefilled in it, and without a decision if there is nothing. */
static enum next_step plan_prefill(const struct batching_profile *profile, struct batching *server)
{
    struct prefill prefill = {
        .room.blocks = (int64_t)profile->block_count - (int64_t)server->leaving_blocks -
                       (int64_t)((server->cached >> profile->block_shift) + server->decoders),
        .budget = profile->token_budget - server->decoders,
        .cached = server->cached,
    };
    if (server->prefilling != BATCHING_NONE && !continue_prompt(profile, server, &prefill))
        return preempt(profile, server);
    while (admit(profile, server, &prefill))
        continue;
    if (!prefill.tokens)
        return NOTHING_PREFILLED;
    server->step_prefill = prefill.tokens;
    server->step_cached = prefill.cached;
    set_stretch(server, 1,
                profile->base[server->running_count] + profile->cached_token * prefill.cached +
                    profile->prefill_token * prefill.tokens,
                0);
    return PLANNED;
}

/* Plans the stretch that starts at the boundary. Returns false if there is none: nobody is in it, or its start may
 * still be joined and what happens then cannot be taken back.
 */
static bool plan_known(const struct batching_profile *profile, struct batching *server, bool is_over)
{
    bool is_waited = server->waiting.head != BATCHING_NONE;
    if (is_waited || server->prefilling != BATCHING_NONE) {
        if (!is_over)
            return false;
        enum next_step next = plan_prefill(profile, server);
        if (next != NOTHING_PREFILLED)
            return next == PLANNED;
    }
    if (!server->decoders)
        return false;
    uint64_t steps = decoding_steps(profile, server);
    if (!steps)
        return is_over && preempt(profile, server) == PLANNED;
    if (is_waited && profile->scheduled_ahead && (server->leaving || !is_first_known(profile, server)))
        steps = 1; /* more is known for the next */
    plan_decoding(profile, server, steps);
    return true;
}

/* Where nobody would be in the step as it was decided ahead: takes in what is known by now. */
static bool knows_more(const struct batching_profile *profile, struct batching *server, bool is_over)
{
    if (!profile->scheduled_ahead || !is_over || server->running_count || server->waiting.head == BATCHING_NONE)
        return false;
    batching_forget_leaving(server);
    server->known_ns = SIM_TIME_NEVER;
    return true;
}

static bool plan(const struct batching_profile *profile, struct batching *server, sim_time_ns now_ns)
{
    bool is_over = server->clock_ns < now_ns; /* no call can come before the start any more */
    do {
        if (plan_known(profile, server, is_over))
            return true;
    } while (knows_more(profile, server, is_over));
    return false;
}

void batching_advance(const struct batching_profile *profile, struct batching *server, sim_time_ns now_ns)
{
    sim_assert(now_ns >= server->now_ns);
    server->now_ns = now_ns;
    for (;;) {
        if (!server->planned && !plan(profile, server, now_ns))
            return;
        if (server->end_ns > now_ns)
            return;
        batching_end_stretch(profile, server);
    }
}

/* Those whose prompt is done after the step become decoders, with their first token. */
static void end_prefill(const struct batching_profile *profile, struct batching *server)
{
    uint16_t index = server->prefilling;
    while (index != BATCHING_NONE) {
        struct batching_request *request = &server->requests[index];
        if (request->done < request->prompt)
            break;
        if (request->first_ns == SIM_TIME_NEVER)
            request->first_ns = server->clock_ns;
        server->decoders++;
        server->cached += request->prompt;
        server->residues[batching_residue(profile, request)]++;
        server->totals.output_tokens++;
        index = request->next;
    }
    server->prefilling = index;
}

/* Those who have all their output leave. */
static void complete(const struct batching_profile *profile, struct batching *server)
{
    uint64_t finish = server->earliest;
    while (server->earliest == finish) {
        uint16_t index = server->slots[finish % BATCHING_SLOTS];
        while (server->requests[index].finish != finish)
            index = server->requests[index].finish_next;
        struct batching_request *request = &server->requests[index];
        request->completed_ns = server->clock_ns;
        if (!profile->is_plain)
            batching_leave(profile, server, index);
        batching_remove_running(profile, server, index);
        if (request->is_cancelled) {
            batching_release(server, index);
            server->cancelled--;
        } else {
            batching_append(server, &server->completed, index);
        }
    }
}

/* What is known when the step after the planned stretch is decided, at the start of its last step. */
static void decide(struct batching *server)
{
    uint32_t fraction = server->clock_fraction;
    server->known_ns = server->clock_ns;
    batching_later(&server->known_ns, &fraction, batching_duration(server->first, server->growth, server->planned - 1));
    batching_forget_leaving(server);
}

void batching_end_stretch(const struct batching_profile *profile, struct batching *server)
{
    uint32_t steps = server->planned;
    if (profile->scheduled_ahead)
        decide(server);
    batching_account(&server->totals, server, steps, batching_duration(server->first, server->growth, steps));
    server->cached += (uint64_t)server->decoders * steps;
    server->step += steps;
    server->clock_ns = server->end_ns;
    server->clock_fraction = server->end_fraction;
    server->planned = 0;
    if (server->step_prefill)
        end_prefill(profile, server);
    if (server->earliest < server->step)
        complete(profile, server);
    if (server->cancelled)
        batching_remove_cancelled(profile, server);
}

/* Solves first n + growth n (n - 1) / 2 = units, in the form that does not cancel where growth is small; what
 * rounding does to it is mended with integers.
 */
uint32_t batching_steps_until(const struct batching *server, sim_time_ns now_ns)
{
    if (server->clock_ns >= now_ns)
        return 0;
    uint64_t units = ((uint64_t)(now_ns - server->clock_ns) << BATCHING_FRACTION_BITS) - server->clock_fraction;
    double growth = (double)(int64_t)server->growth, linear = (double)(int64_t)server->first - 0.5 * growth;
    double target = (double)(int64_t)units; /* all three are below 2^63, and signed numbers convert faster */
    double root = sqrt(linear * linear + 2 * growth * target);
    uint64_t steps = (uint64_t)(int64_t)(2 * target / (linear + root)) + 1;
    while (batching_duration(server->first, server->growth, steps - 1) >= units)
        steps--;
    while (batching_duration(server->first, server->growth, steps) < units)
        steps++;
    return (uint32_t)steps;
}

void batching_cut(struct batching *server, sim_time_ns now_ns, uint32_t decided)
{
    if (!server->planned)
        return;
    uint32_t steps = batching_steps_until(server, now_ns) + decided;
    if (steps < server->planned)
        set_stretch(server, steps, server->first, server->growth);
}
