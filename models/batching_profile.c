/* batching_profile.c - the parameters of continuous batching, checked and turned into integers once. */
#include <math.h>

#include "models/batching_internal.h"

/* 2^-16 ns per second. */
static const double UNITS_PER_S = 65536e9;

/* The longest step allowed, in units: a stretch of BATCHING_SLOTS such steps fits into 62 bits. */
static const uint64_t STEP_HIGHEST = (uint64_t)1 << 50;

static enum sim_status reject(struct sim_error *error, const char *what, double found, const char *expected)
{
    return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "%s is %.12g, expected %s", what, found, expected);
}

static bool is_length(double seconds)
{
    return seconds >= 0 && seconds * UNITS_PER_S < (double)STEP_HIGHEST;
}

static uint64_t to_units(double seconds)
{
    return (uint64_t)floor(seconds * UNITS_PER_S + 0.5);
}

static enum sim_status check_numbers(const struct batching_parameters *from, struct sim_error *error)
{
    int64_t block = from->kv_block;
    if (from->max_batch < 1 || from->max_batch > BATCHING_BATCH_HIGHEST)
        return reject(error, "max_batch", (double)from->max_batch, "1 to 4096");
    if (from->token_budget < from->max_batch || from->token_budget > (int64_t)1 << 30)
        return reject(error, "token_budget", (double)from->token_budget, "max_batch to 2^30");
    if (block < 1 || block > BATCHING_BLOCK_HIGHEST || (block & (block - 1)))
        return reject(error, "kv_block", (double)block, "a power of two, 1 to 256");
    if (from->kv_tokens < block || from->kv_tokens > (int64_t)1 << 30)
        return reject(error, "kv_tokens", (double)from->kv_tokens, "kv_block to 2^30");
    if (!(from->watermark >= 0 && from->watermark < 1))
        return reject(error, "watermark", from->watermark, "0 to below 1");
    if (!is_length(from->cached_token_s))
        return reject(error, "the time per cached token in seconds", from->cached_token_s, "0 to below 17");
    if (!is_length(from->prefill_token_s))
        return reject(error, "the time per prefill token in seconds", from->prefill_token_s, "0 to below 17");
    return SIM_OK;
}

static enum sim_status check_curve(const struct batching_point *points, size_t count, struct sim_error *error)
{
    if (count == 0)
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "the step times need at least one point");
    for (size_t i = 0; i < count; i++) {
        if (points[i].batch < 1 || points[i].batch > BATCHING_BATCH_HIGHEST)
            return reject(error, "the batch size of a step time", (double)points[i].batch, "1 to 4096");
        if (!is_length(points[i].step_s))
            return reject(error, "a step time in seconds", points[i].step_s, "0 to below 17");
        if (i == 0)
            continue;
        if (points[i].batch <= points[i - 1].batch)
            return reject(error, "a batch size", (double)points[i].batch, "more than that of the point before");
        if (points[i].step_s < points[i - 1].step_s)
            return reject(error, "a step time in seconds", points[i].step_s,
                          "at least that of the smaller batch: more work cannot take less time");
    }
    return SIM_OK;
}

/* c0 in seconds. `at` is the first point that is not below `batch`, or the number of points. */
static double curve_at(const struct batching_point *points, size_t count, size_t at, int64_t batch)
{
    if (at == 0 || (at == count && count == 1))
        return points[0].step_s;
    if (at == count)
        at = count - 1;
    const struct batching_point *low = &points[at - 1], *high = &points[at];
    if (batch == high->batch)
        return high->step_s;
    double slope = (high->step_s - low->step_s) / (double)(high->batch - low->batch);
    return low->step_s + slope * (double)(batch - low->batch);
}

/* False if the curve leaves the range on its way to max_batch. */
static bool fill_curve(struct batching_profile *profile, const struct batching_parameters *from)
{
    uint64_t lowest = (uint64_t)1 << BATCHING_FRACTION_BITS;
    size_t at = 0;
    for (uint32_t batch = 1; batch <= profile->max_batch; batch++) {
        while (at < from->point_count && from->points[at].batch < batch)
            at++;
        double length_s = curve_at(from->points, from->point_count, at, batch);
        if (!is_length(length_s))
            return false;
        uint64_t length = to_units(length_s);
        lowest = length > lowest ? length : lowest;
        profile->base[batch] = lowest;
    }
    return true;
}

static bool is_short_enough(const struct batching_profile *profile, const struct batching_parameters *from)
{
    sim_uint128 longest = (sim_uint128)profile->cached_token * (uint64_t)from->kv_tokens;
    longest += (sim_uint128)profile->prefill_token * profile->token_budget;
    longest += profile->base[profile->max_batch];
    return longest < STEP_HIGHEST;
}

enum sim_status batching_profile_init(struct batching_profile *profile, const struct batching_parameters *parameters,
                                      struct sim_error *error)
{
    enum sim_status status = check_numbers(parameters, error);
    if (status == SIM_OK)
        status = check_curve(parameters->points, parameters->point_count, error);
    if (status != SIM_OK)
        return status;
    *profile = (struct batching_profile){
        .cached_token = to_units(parameters->cached_token_s),
        .prefill_token = to_units(parameters->prefill_token_s),
        .token_budget = (uint32_t)parameters->token_budget,
        .max_batch = (uint32_t)parameters->max_batch,
        .block_count = (uint32_t)(parameters->kv_tokens / parameters->kv_block),
        .block_shift = (uint32_t)__builtin_ctzll((uint64_t)parameters->kv_block),
        .whole_prompt = parameters->whole_prompt,
        .keeps_preempted = parameters->keeps_preempted,
        .overwrites_preempted = parameters->keeps_preempted && parameters->overwrites_preempted,
        .scheduled_ahead = parameters->scheduled_ahead,
    };
    profile->is_plain = !profile->overwrites_preempted && !profile->scheduled_ahead;
    profile->watermark = (uint32_t)(parameters->watermark * (double)profile->block_count);
    if (!fill_curve(profile, parameters) || !is_short_enough(profile, parameters))
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0,
                             "the longest step, max_batch requests with full memory and a full token budget, "
                             "takes 17 s or more");
    return SIM_OK;
}
