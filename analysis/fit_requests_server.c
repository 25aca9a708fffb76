/* fit_requests_server.c - serves the requests of a log with the simulator's own server. */
#include <math.h>
#include <stdlib.h>

#include "analysis/fit_requests_internal.h"
#include "sim/memory.h"

/* When everybody is done: a century. */
#define END_S 3e9

void fit_requests_server_init(struct fit_requests_server *server, const struct fit_requests_problem *problem)
{
    *server = (struct fit_requests_server){.problem = problem};
    server->server = sim_allocate(1, batching_size((uint32_t)problem->count));
    server->completions = sim_allocate(problem->count, sizeof *server->completions);
}

void fit_requests_server_release(struct fit_requests_server *server)
{
    free(server->server);
    free(server->completions);
}

enum sim_status fit_requests_server_set(struct fit_requests_server *server, const double *parameters,
                                        struct sim_error *error)
{
    const bool *is_known = server->problem->is_known;
    struct batching_parameters given = server->problem->server;
    const struct batching_point flat = {1, parameters[FIT_REQUESTS_STEP]};
    if (!is_known[FIT_REQUESTS_STEP]) {
        given.points = &flat;
        given.point_count = 1;
    }
    if (!is_known[FIT_REQUESTS_CACHED])
        given.cached_token_s = parameters[FIT_REQUESTS_CACHED];
    if (!is_known[FIT_REQUESTS_PREFILL])
        given.prefill_token_s = parameters[FIT_REQUESTS_PREFILL];
    return batching_profile_init(&server->profile, &given, error);
}

/* Times inside count from the first arrival. */
static sim_time_ns inside(const struct fit_requests_server *server, double time_s)
{
    return sim_time_from_s(time_s - server->problem->requests[0].arrival_s);
}

static struct fit_requests_state state_at(struct fit_requests_server *server, double time_s)
{
    struct batching_load load = batching_load(&server->profile, server->server, inside(server, time_s));
    return (struct fit_requests_state){.time_s = time_s,
                                       .running = load.running,
                                       .waiting = load.waiting,
                                       .memory = (double)load.blocks / server->profile.block_count};
}

static void take_times(struct fit_requests_server *server, struct fit_requests_times *times)
{
    double zero_s = server->problem->requests[0].arrival_s;
    size_t count = batching_take(&server->profile, server->server, sim_time_from_s(END_S), server->completions,
                                 server->problem->count);
    for (size_t i = 0; i < count; i++) {
        const struct batching_completion *done = &server->completions[i];
        times[done->request_id] = (struct fit_requests_times){.first_s = zero_s + sim_time_to_s(done->first_ns),
                                                              .last_s = zero_s + sim_time_to_s(done->completed_ns),
                                                              .preemptions = done->preemptions};
    }
}

void fit_requests_server_run(struct fit_requests_server *server, double delay_s, struct fit_requests_times *times,
                             struct fit_requests_state *states, size_t state_count)
{
    const struct fit_requests_problem *problem = server->problem;
    double begin_s = problem->requests[0].arrival_s + delay_s;
    size_t state = 0;
    batching_init(server->server, (uint32_t)problem->count);
    for (size_t i = 0; i < problem->count; i++) {
        const struct fit_request *request = &problem->requests[i];
        double arrival_s = fmax(request->arrival_s, begin_s);
        for (; state < state_count && states[state].time_s < arrival_s; state++)
            states[state] = state_at(server, states[state].time_s);
        batching_submit(&server->profile, server->server, inside(server, arrival_s), (uint32_t)i, request->input, 0,
                        request->output);
    }
    for (; state < state_count; state++)
        states[state] = state_at(server, states[state].time_s);
    take_times(server, times);
    server->totals = batching_totals(&server->profile, server->server, sim_time_from_s(END_S));
}

bool fit_requests_simulate(const struct fit_requests_problem *problem, const double parameters[FIT_REQUESTS_PARAMETERS],
                           struct fit_requests_times *times, struct fit_requests_state *states, size_t state_count)
{
    struct fit_requests_server server;
    fit_requests_server_init(&server, problem);
    bool is_set = fit_requests_server_set(&server, parameters, NULL) == SIM_OK;
    if (is_set)
        fit_requests_server_run(&server, parameters[FIT_REQUESTS_DELAY], times, states, state_count);
    fit_requests_server_release(&server);
    return is_set;
}
