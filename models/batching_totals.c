/* batching_totals.c - sums over steps without visiting them. */
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
