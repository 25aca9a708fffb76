/* fit_requests_internal.h - a server that is asked again and again how it would have served one log. */
#ifndef ANALYSIS_FIT_REQUESTS_INTERNAL_H
#define ANALYSIS_FIT_REQUESTS_INTERNAL_H

#include "analysis/fit_requests.h"

struct fit_requests_server {
    const struct fit_requests_problem *problem;
    struct batching_profile profile;
    struct batching *server;
    struct batching_completion *completions;
    struct batching_totals totals; /* of the latest run */
};

void fit_requests_server_init(struct fit_requests_server *server, const struct fit_requests_problem *problem);
void fit_requests_server_release(struct fit_requests_server *server);

/* Takes the parameters over; SIM_BAD_INPUT if they are out of range. */
SIM_MUST_USE enum sim_status fit_requests_server_set(struct fit_requests_server *server, const double *parameters,
                                                     struct sim_error *error);

/* Serves the log. states may be NULL. */
void fit_requests_server_run(struct fit_requests_server *server, double delay_s, struct fit_requests_times *times,
                             struct fit_requests_state *states, size_t state_count);

#endif
