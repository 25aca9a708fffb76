/* batching_totals.c - sums over steps without visiting them, and who is inside. */
#include "models/batching_internal.h"

/* The part of the step in progress that lies before now_ns. */
static void account_part(struct batching_totals *totals, const struct batching *server, uint32_t steps_ended,
                         sim_time_ns now_ns)
{
    sim_time_ns start_ns = server->clock_ns;
    uint32_t start_fraction = server->clock_fraction;
    batching_later(&start_ns, &start_fraction, batching_duration(server->first, server->growth, steps_ended));
    if (start_ns >= now_ns)
        return;
    uint64_t units = ((uint64_t)(now_ns - start_ns) << BATCHING_FRACTION_BITS) - start_fraction;
    totals->busy_time += units;
    totals->batch_time += (sim_uint128)units * server->running_count;
    totals->cached_time += (sim_uint128)units * (server->step_cached + (uint64_t)server->decoders * steps_ended);
}

struct batching_totals batching_totals(const struct batching_profile *profile, struct batching *server,
                                       sim_time_ns now_ns)
{
    batching_advance(profile, server, now_ns);
    struct batching_totals totals = server->totals;
    if (!server->planned || server->clock_ns >= now_ns)
        return totals;
    uint32_t ended = batching_steps_until(server, now_ns + 1) - 1;
    if (ended)
        batching_account(&totals, server, ended, batching_duration(server->first, server->growth, ended));
    account_part(&totals, server, ended, now_ns);
    return totals;
}

/* Unsigned numbers wrap around: what is added up to now_ns brings them back to 0. */
void batching_forget_totals(const struct batching_profile *profile, struct batching *server, sim_time_ns now_ns)
{
    struct batching_totals totals = batching_totals(profile, server, now_ns);
    server->totals.busy_time -= totals.busy_time;
    server->totals.batch_time -= totals.batch_time;
    server->totals.cached_time -= totals.cached_time;
    server->totals.preemptions = 0;
    server->totals.cached_max = 0;
}

/* Tokens whose blocks a running request holds; decoders have had so many tokens since the boundary. */
static uint32_t tokens_held(const struct batching_profile *profile, const struct batching *server,
                            const struct batching_request *request, bool is_decoder, uint32_t since)
{
    if (is_decoder)
        return batching_length(server, request) + since;
    return profile->whole_prompt ? request->prompt : request->done;
}

struct batching_load batching_load(const struct batching_profile *profile, struct batching *server, sim_time_ns now_ns)
{
    batching_advance(profile, server, now_ns);
    struct batching_load load = {.running = server->running_count};
    uint32_t since = 0; /* tokens of each decoder, that of the step in progress included */
    if (server->planned && server->clock_ns < now_ns)
        since = batching_steps_until(server, now_ns);
    bool is_decoder = true;
    for (uint16_t i = server->running.head; i != BATCHING_NONE; i = server->requests[i].next) {
        is_decoder = is_decoder && i != server->prefilling;
        load.blocks += batching_blocks(profile, tokens_held(profile, server, &server->requests[i], is_decoder, since));
    }
    for (uint16_t i = server->waiting.head; i != BATCHING_NONE; i = server->requests[i].next)
        load.waiting++;
    return load;
}
