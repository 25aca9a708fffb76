/* batching_digest.c - what a server will do, in numbers that do not depend on how it came there. */
#include "models/batching_internal.h"

/* The moment that a digest is taken for: the first boundary not before now_ns. */
struct moment {
    const struct batching_profile *profile;
    const struct batching *server;
    struct sim_digest *digest;
    batching_name_function *name;
    void *context;
    sim_time_ns now_ns;
    sim_time_ns end_ns;   /* the boundary */
    uint64_t step;        /* number of the step that starts there */
    bool is_in_step;      /* the boundary is not yet reached */
    sim_time_ns known_ns; /* what is submitted later does not count at the boundary */
};

static void add(const struct moment *moment, uint64_t value)
{
    sim_digest_add(moment->digest, value);
}

static void add_time(const struct moment *moment, sim_time_ns time_ns)
{
    bool is_known = time_ns != SIM_TIME_NEVER;
    add(moment, is_known);
    add(moment, is_known ? (uint64_t)time_ns - (uint64_t)moment->now_ns : 0);
}

/* What every request has; `first_ns` is that of its first token as it will be at the boundary. */
static void add_request(const struct moment *moment, const struct batching_request *request, sim_time_ns first_ns)
{
    if (moment->name)
        add(moment, moment->name(moment->context, request->id));
    add(moment, request->total);
    add(moment, request->prefix);
    add(moment, request->preemptions);
    add_time(moment, request->admitted_ns);
    add_time(moment, first_ns);
}

static void add_running(const struct moment *moment)
{
    const struct batching *server = moment->server;
    bool is_prefilling = false;
    add(moment, server->running_count);
    for (uint16_t index = server->running.head; index != BATCHING_NONE; index = server->requests[index].next) {
        const struct batching_request *request = &server->requests[index];
        is_prefilling |= index == server->prefilling;
        bool is_decoder = !is_prefilling || request->done == request->prompt;
        bool is_first = is_decoder && request->first_ns == SIM_TIME_NEVER;
        add_request(moment, request, is_first ? moment->end_ns : request->first_ns);
        add(moment, request->is_cancelled);
        add(moment, is_decoder);
        add(moment, is_decoder ? request->finish - moment->step : request->done);
        add(moment, is_decoder ? 0 : request->prompt);
    }
}

static void add_waiting(const struct moment *moment)
{
    const struct batching *server = moment->server;
    for (uint16_t index = server->waiting.head; index != BATCHING_NONE; index = server->requests[index].next) {
        const struct batching_request *request = &server->requests[index];
        add_request(moment, request, request->first_ns);
        add(moment, request->prompt);
        if (moment->profile->scheduled_ahead)
            add(moment, request->completed_ns <= moment->known_ns);
        if (moment->profile->overwrites_preempted && request->preemptions) {
            uint64_t leaving = moment->is_in_step ? server->leaving_blocks : 0;
            add(moment, request->done);
            add(moment, server->returned + leaving - request->finish);
        }
    }
    add(moment, UINT64_MAX);
}

/* Who left at the boundary, where that matters for the step after it. */
static void add_leaving(const struct moment *moment)
{
    const struct batching *server = moment->server;
    bool is_known_waiting = server->waiting.head != BATCHING_NONE &&
                            server->requests[server->waiting.head].completed_ns <= moment->known_ns;
    bool matters = !moment->is_in_step && (server->running_count || is_known_waiting);
    add(moment, matters ? server->leaving : 0);
    add(moment, matters ? server->leaving_blocks : 0);
}

static void add_completed(const struct moment *moment)
{
    const struct batching *server = moment->server;
    for (uint16_t index = server->completed.head; index != BATCHING_NONE; index = server->requests[index].next) {
        add_request(moment, &server->requests[index], server->requests[index].first_ns);
        add_time(moment, server->requests[index].completed_ns);
    }
    add(moment, UINT64_MAX);
}

void batching_digest(const struct batching_profile *profile, struct batching *server, sim_time_ns now_ns,
                     batching_name_function *name, void *context, struct sim_digest *digest)
{
    batching_advance(profile, server, now_ns);
    struct moment moment = {.profile = profile,
                            .server = server,
                            .digest = digest,
                            .name = name,
                            .context = context,
                            .now_ns = now_ns,
                            .end_ns = server->clock_ns,
                            .step = server->step,
                            .known_ns = server->known_ns};
    uint32_t fraction = server->clock_fraction;
    uint32_t steps = server->planned ? batching_steps_until(server, now_ns) : 0;
    batching_later(&moment.end_ns, &fraction, batching_duration(server->first, server->growth, steps));
    moment.step += steps;
    bool is_past = moment.end_ns < now_ns; /* idle, and the fraction of its last step is forgotten */
    bool is_in_step = moment.end_ns > now_ns;
    if (steps) {
        uint32_t known_fraction = server->clock_fraction;
        moment.is_in_step = true;
        moment.known_ns = server->clock_ns;
        batching_later(&moment.known_ns, &known_fraction, batching_duration(server->first, server->growth, steps - 1));
    }
    add(&moment, is_past ? 0 : (uint64_t)(moment.end_ns - now_ns));
    add(&moment, is_past ? 0 : fraction);
    add(&moment, is_in_step ? server->step_cached + (uint64_t)server->decoders * (steps - 1) : 0);
    add(&moment, is_in_step ? server->step_prefill : 0);
    add_running(&moment);
    add_waiting(&moment);
    if (profile->scheduled_ahead)
        add_leaving(&moment);
    add_completed(&moment);
}
