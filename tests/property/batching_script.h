/* batching_script.h - random scripts of calls to a batching server, for test_batching.c.
 *
 * A script is drawn while the plain server runs it, so that calls can be put on its step boundaries; it carries what
 * the plain server answered.
 */
#ifndef TESTS_PROPERTY_BATCHING_SCRIPT_H
#define TESTS_PROPERTY_BATCHING_SCRIPT_H

#include <check.h>

#include "models/batching.h"
#include "models/batching_step.h"

enum {
    CALLS_HIGHEST = 60,
    POINTS = 3
};

static const double UNIT_S = 1 / 65536e9;

struct random {
    uint64_t state;
};

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t draw(struct random *random)
{
    uint64_t z = random->state += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

/* 0 to below `count`. */
static uint64_t below(struct random *random, uint64_t count)
{
    return draw(random) % count;
}

static bool chance(struct random *random, uint64_t percent)
{
    return below(random, 100) < percent;
}

enum call_kind {
    SUBMIT,
    CANCEL
};

struct call {
    enum call_kind kind;
    sim_time_ns now_ns;
    uint32_t id, prompt, prefix, output;
    bool was_there;                /* what CANCEL returns */
    bool is_on_boundary;           /* a step of others starts in its nanosecond */
    struct batching_totals before; /* sums at now_ns */
    struct batching_load load;     /* at now_ns */
    sim_time_ns next_ns;           /* next completion after it */
};

struct script {
    struct batching_point points[POINTS];
    struct batching_parameters parameters;
    struct batching_profile profile;
    bool is_ample; /* memory never short, few prefill steps, nobody gives up: batching_next has to be exact */
    size_t count;
    struct call calls[CALLS_HIGHEST];
    struct batching_completion completions[CALLS_HIGHEST];
    size_t completion_count;
    sim_time_ns end_ns;
    struct batching_totals totals; /* at the end */
};

static void draw_profile(struct script *script, struct random *random, bool is_long)
{
    uint64_t scale = (uint64_t)1 << (16 + below(random, 22)); /* a step from 1 ns to some ms */
    int64_t max_batch = (int64_t)(1 + below(random, chance(random, 10) ? CALLS_HIGHEST : 8));
    int64_t block = (int64_t)1 << below(random, 6);
    uint64_t length = scale;
    for (int i = 0; i < POINTS; i++) {
        script->points[i] = (struct batching_point){1 + 3 * i, (double)length * UNIT_S};
        length += below(random, scale);
    }
    int64_t most_tokens = script->is_ample ? 100000 : is_long ? 30000 : (int64_t)(20 + below(random, 200));
    script->parameters = (struct batching_parameters){
        .points = script->points,
        .point_count = POINTS,
        .cached_token_s = chance(random, 20) ? 0 : (double)below(random, scale / 64) * UNIT_S,
        .prefill_token_s = chance(random, 20) ? 0 : (double)below(random, scale / 8) * UNIT_S,
        .token_budget = max_batch + (int64_t)below(random, 40) + (script->is_ample ? 200 : 0),
        .max_batch = max_batch,
        .kv_tokens = most_tokens > block ? most_tokens : block,
        .kv_block = block,
        .watermark = chance(random, 50) ? 0 : 0.01 * (double)below(random, 30),
        .whole_prompt = chance(random, 40),
        .keeps_preempted = chance(random, 40),
        .overwrites_preempted = chance(random, 50),
        .scheduled_ahead = chance(random, 40),
    };
    ck_assert_int_eq(batching_profile_init(&script->profile, &script->parameters, NULL), SIM_OK);
}

static void draw_request(const struct script *script, struct random *random, bool is_long, struct call *call)
{
    do {
        call->prompt = (uint32_t)(1 + below(random, is_long ? 3 : chance(random, 20) ? 200 : 30));
        call->output = (uint32_t)(1 + below(random, chance(random, 20) ? 100 : 20));
        if (is_long) /* some a round of the wheel, 4096 steps, apart */
            call->output += chance(random, 50) ? 4096 * (uint32_t)below(random, 3) : (uint32_t)below(random, 12000);
    } while (!batching_fits(&script->profile, call->prompt, call->output));
    call->prefix = chance(random, 70) ? 0 : (uint32_t)below(random, call->prompt + 3);
}

/* A time from `now_ns` on: ties and step boundaries are frequent, years rare. */
static sim_time_ns draw_time(struct batching_step *server, struct random *random, sim_time_ns now_ns)
{
    sim_time_ns boundary_ns = batching_step_boundary(server, now_ns);
    uint64_t way = below(random, 100);
    if (way < 30 || (way < 75 && boundary_ns == SIM_TIME_NEVER))
        return now_ns;
    if (way < 60)
        return boundary_ns;
    if (way < 70)
        return boundary_ns + 1;
    if (way < 75)
        return boundary_ns > now_ns ? boundary_ns - 1 : now_ns;
    if (way < 97)
        return now_ns + (sim_time_ns)below(random, (uint64_t)1 << below(random, 27));
    return now_ns + 365 * SIM_DAY;
}

/* When the plain server completes the next request, if nothing else happens; the server is not touched. */
static sim_time_ns next_completion(const struct batching_step *server, sim_time_ns now_ns)
{
    struct batching_completion completion;
    struct batching_step *copy = batching_step_copy(server);
    while (now_ns != SIM_TIME_NEVER && !batching_step_take(copy, now_ns, &completion, 1)) {
        sim_time_ns boundary_ns = batching_step_boundary(copy, now_ns);
        now_ns = boundary_ns > now_ns ? boundary_ns : now_ns + 1;
    }
    batching_step_destroy(copy);
    return now_ns == SIM_TIME_NEVER ? SIM_TIME_NEVER : completion.completed_ns;
}

static void take_plain(struct script *script, struct batching_step *server, sim_time_ns now_ns)
{
    script->completion_count += batching_step_take(server, now_ns, script->completions + script->completion_count,
                                                   CALLS_HIGHEST - script->completion_count);
}

/* Draws the call and makes it. */
static void draw_call(struct script *script, struct random *random, bool is_long, struct batching_step *server,
                      sim_time_ns now_ns)
{
    struct call *call = &script->calls[script->count++];
    *call = (struct call){
        .now_ns = now_ns, .before = batching_step_totals(server, now_ns), .load = batching_step_load(server, now_ns)};
    if (!script->is_ample && script->count > 1 && chance(random, 10)) {
        call->kind = CANCEL;
        call->id = script->calls[below(random, script->count - 1)].id;
        call->was_there = batching_step_cancel(server, now_ns, call->id);
    } else {
        call->is_on_boundary = batching_step_boundary(server, now_ns) == now_ns;
        call->id = (uint32_t)script->count * 2654435761u;
        draw_request(script, random, is_long, call);
        batching_step_submit(server, now_ns, call->id, call->prompt, call->prefix, call->output);
    }
    take_plain(script, server, now_ns);
    call->next_ns = next_completion(server, now_ns);
}

static void draw_script(struct script *script, uint64_t seed, bool is_long)
{
    struct random random = {seed};
    *script = (struct script){.is_ample = chance(&random, 20)};
    draw_profile(script, &random, is_long);
    struct batching_step *server = batching_step_create(&script->profile);
    size_t count = 1 + below(&random, is_long ? 8 : CALLS_HIGHEST);
    sim_time_ns now_ns = chance(&random, 50) ? 0 : (sim_time_ns)below(&random, 1000000);
    while (script->count < count) {
        now_ns = draw_time(server, &random, now_ns);
        draw_call(script, &random, is_long, server, now_ns);
    }
    for (;;) {
        take_plain(script, server, now_ns);
        sim_time_ns boundary_ns = batching_step_boundary(server, now_ns);
        if (boundary_ns == SIM_TIME_NEVER)
            break;
        now_ns = boundary_ns > now_ns ? boundary_ns : now_ns + 1;
    }
    script->end_ns = now_ns;
    script->totals = batching_step_totals(server, now_ns);
    batching_step_destroy(server);
}

#endif
