/* batching_totals.c - sums over steps without visiting them. */
#include "models/batching_internal.h"

/* With k tokens cached at first, b more in each step, and steps of length first + growth i, the tokens weighed by
 * time are sum (k + b i) (first + growth i) over i below n, from the sums of i and of i i.
 */
void batching_account(struct batching_totals *totals, const struct batching *server, uint32_t steps, uint64_t units)
{
    uint64_t n = steps, sum = n * (n - 1) / 2, sum_of_squares = sum * (2 * n - 1) / 3;
    uint64_t decoders = server->decoders;
    totals->busy_time += units;
    totals->batch_time += (sim_uint128)units * server->running_count;
    totals->cached_time += (sim_uint128)units * server->step_cached;
    totals->cached_time += (sim_uint128)(server->first * decoders) * sum;
    totals->cached_time += (sim_uint128)(server->growth * decoders) * sum_of_squares;
    uint64_t cached = server->step_cached + decoders * n + server->step_prefill;
    totals->cached_max = cached > totals->cached_max ? cached : totals->cached_max;
    totals->steps += n;
    totals->output_tokens += decoders * n;
    totals->prefill_tokens += server->step_prefill;
}

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
