/* batching_next.c - looks ahead to the next completion without moving. */
#include "models/batching_internal.h"

/* Stretches that are looked at before an earlier time is good enough. */
#define LOOK_AHEAD_STRETCHES 64

/* The server at a boundary to come, as far as it decides about time. Nobody leaves on the way there, so those who run
 * now still do.
 */
struct ahead {
    sim_time_ns clock_ns;
    uint32_t clock_fraction;
    uint32_t running;
    uint32_t prompt_left;   /* of the running request in prefill; 0: there is none */
    uint32_t prompt_output; /* its tokens of output to come */
    uint16_t waiting;       /* the first who still waits */
    uint64_t cached;        /* of all who run */
    uint64_t step;
    uint64_t earliest;
};

/* The end of the planned stretch, or the boundary if none is planned. */
static struct ahead boundary(const struct batching *server)
{
    struct ahead ahead = {
        .clock_ns = server->clock_ns,
        .clock_fraction = server->clock_fraction,
        .running = server->running_count,
        .waiting = server->waiting.head,
        .cached = server->cached,
        .step = server->step + server->planned,
        .earliest = server->earliest,
    };
    if (server->planned) {
        ahead.clock_ns = server->end_ns;
        ahead.clock_fraction = server->end_fraction;
        ahead.cached = server->step_cached + (uint64_t)server->decoders * server->planned + server->step_prefill;
    }
    if (server->prefilling == BATCHING_NONE)
        return ahead;
    const struct batching_request *latest = &server->requests[server->running.tail];
    ahead.prompt_left = latest->prompt - latest->done;
    ahead.prompt_output = latest->total - latest->prompt;
    if (!server->planned)
        ahead.cached += latest->done;
    return ahead;
}

/* Whether the blocks for `tokens` tokens of `requests` requests, some part of each last block empty, are there for
 * certain.
 */
static bool has_room(const struct batching_profile *profile, uint64_t tokens, uint64_t requests)
{
    uint64_t empty = requests * batching_block_mask(profile);
    return (tokens + empty) >> profile->block_shift <= (uint64_t)profile->block_count - profile->watermark;
}

/* Computes what the budget allows of the prompt in prefill; returns how many tokens. */
static uint32_t compute_prompt(struct ahead *ahead, uint32_t budget)
{
    uint32_t chunk = ahead->prompt_left < budget ? ahead->prompt_left : budget;
    ahead->prompt_left -= chunk;
    if (chunk && !ahead->prompt_left) {
        uint64_t finish = ahead->step + ahead->prompt_output - 1;
        ahead->earliest = finish < ahead->earliest ? finish : ahead->earliest;
    }
    return chunk;
}

/* Puts the next step together; returns its prefill tokens. ahead->cached becomes that at the start of the step. */
static uint32_t fill_step(const struct batching_profile *profile, const struct batching *server, struct ahead *ahead)
{
    uint32_t decoders = ahead->running - (ahead->prompt_left > 0);
    uint32_t budget = profile->token_budget - decoders;
    uint32_t tokens = compute_prompt(ahead, budget);
    while (ahead->waiting != BATCHING_NONE && tokens < budget && ahead->running < profile->max_batch) {
        const struct batching_request *request = &server->requests[ahead->waiting];
        ahead->waiting = request->next;
        ahead->running++;
        ahead->cached += request->prefix;
        ahead->prompt_left = request->prompt - request->prefix;
        ahead->prompt_output = request->total - request->prompt;
        tokens += compute_prompt(ahead, budget - tokens);
    }
    return tokens;
}

/* Whether it takes more to say what a step to come does than is looked at here. */
static bool is_hard(const struct batching_profile *profile, const struct batching *server, const struct ahead *ahead)
{
    if (profile->is_plain)
        return server->cancelled;
    if (profile->scheduled_ahead || server->cancelled)
        return true;
    return profile->overwrites_preempted && ahead->waiting != BATCHING_NONE &&
           server->requests[ahead->waiting].preemptions;
}

/* Goes over the next step, or over the stretch to the next completion if nothing is prefilled; false, without
 * going, if the memory may be short.
 */
static bool go_on(const struct batching_profile *profile, const struct batching *server, struct ahead *ahead)
{
    uint32_t decoders = ahead->running - (ahead->prompt_left > 0);
    uint32_t prefill = fill_step(profile, server, ahead);
    uint64_t steps = prefill ? 1 : ahead->earliest - ahead->step + 1;
    steps = steps < BATCHING_SLOTS ? steps : BATCHING_SLOTS;
    uint64_t first =
        profile->base[ahead->running] + profile->cached_token * ahead->cached + profile->prefill_token * prefill;
    ahead->cached += decoders * steps + prefill;
    uint64_t reserved = profile->whole_prompt ? ahead->prompt_left : 0;
    if (!has_room(profile, ahead->cached + reserved, ahead->running))
        return false;
    uint64_t units = batching_duration(first, profile->cached_token * decoders, steps);
    batching_later(&ahead->clock_ns, &ahead->clock_fraction, units);
    ahead->step += steps;
    return true;
}

sim_time_ns batching_next(const struct batching_profile *profile, const struct batching *server)
{
    if (server->completed.head != BATCHING_NONE)
        return server->requests[server->completed.head].completed_ns;
    if (server->planned && server->earliest < server->step + server->planned)
        return server->end_ns;
    if (!server->running_count && server->waiting.head == BATCHING_NONE)
        return SIM_TIME_NEVER;
    struct ahead ahead = boundary(server);
    for (int i = 0; i < LOOK_AHEAD_STRETCHES && !is_hard(profile, server, &ahead) && go_on(profile, server, &ahead);
         i++)
        if (ahead.earliest < ahead.step)
            return ahead.clock_ns;
    batching_later(&ahead.clock_ns, &ahead.clock_fraction, profile->base[1]);
    return ahead.clock_ns;
}
