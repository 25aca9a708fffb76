/* fit_requests.h - what a step costs, from the log of a server that served requests in continuous batching.
 *
 * The log says when each request came, how many tokens it had, and when its first and its last token were there. The
 * simulator's own server (models/batching.h) serves the same requests; the coefficients of its steps,
 *
 *     step of B requests, K cached and P prefill tokens = c0(B) + c1 K + c2 P,
 *
 * are those with which its times are nearest to the log's. No step has to be measured. Coefficients that are known are
 * not fitted; c0 is fitted as one number for all batches, because in one log B and K rise and fall together.
 *
 * A fourth number, the delay, belongs to the log and not to the server: no step starts before it, since an engine's
 * first steps are slow.
 *
 * Nearest: the sum over first and last tokens of log(1 + (d / s)^2) is smallest, d being the difference in seconds and
 * s the time of a token. That is least squares for differences of the size of a step, and the most likely fit where
 * errors are Cauchy's: times are either right to about a step, or two requests have changed places in memory and they
 * are wrong by seconds, which must not rule the fit. What had not happened by `until_s` counts as far as the server
 * would have done it before. Such a sum has many valleys, so a whole population searches them.
 *
 * Intervals come from a moving-block bootstrap over requests in order of arrival, since neighbours err together
 * (Kuensch, Annals of Statistics 17, 1989): the fit is repeated with 20 blocks drawn anew, and an end is Student's
 * quantile times the standard deviation away. Degrees of freedom are the blocks less the fitted parameters, by which
 * the standard deviation is corrected too, since a fit is nearer to its own blocks than to others.
 */
#ifndef ANALYSIS_FIT_REQUESTS_H
#define ANALYSIS_FIT_REQUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/batching.h"

enum fit_requests_parameter {
    FIT_REQUESTS_STEP,    /* c0, seconds */
    FIT_REQUESTS_CACHED,  /* c1, seconds per token */
    FIT_REQUESTS_PREFILL, /* c2, seconds per token */
    FIT_REQUESTS_DELAY,   /* seconds after the first arrival */
    FIT_REQUESTS_PARAMETERS
};

/* One request of the log. Times are seconds on one clock. */
struct fit_request {
    double arrival_s;
    double first_s; /* NaN: not known */
    double last_s;
    uint32_t input;
    uint32_t output;
    bool is_fitted; /* the fit may see its first_s and last_s */
};

struct fit_requests_problem {
    const struct fit_request *requests; /* by arrival */
    size_t count;
    double until_s;                         /* the fit sees nothing later; INFINITY: all */
    struct batching_parameters server;      /* coefficients count where they are known */
    bool is_known[FIT_REQUESTS_PARAMETERS]; /* one that is not is fitted; the known delay is 0 */
    size_t replicates;                      /* of the bootstrap; 0: no intervals */
    uint64_t seed;
    const volatile bool *stop; /* ends the bootstrap early; NULL: nothing does */
};

struct fit_requests_value {
    double value;
    double low; /* 95 % interval; NaN without a bootstrap */
    double high;
    bool is_at_bound; /* 0, or as much as would explain the whole log alone */
};

struct fit_requests {
    struct fit_requests_value parameters[FIT_REQUESTS_PARAMETERS];
    struct fit_requests_value typical; /* a step at the log's mean load, which is known better than its parts */
    double typical_running;
    double typical_cached;
    double rms_s; /* of the differences that the fit saw */
    size_t seen;  /* how many */
    size_t replicates;
};

/* When the server would have had the tokens of a request. */
struct fit_requests_times {
    double first_s;
    double last_s;
    uint32_t preemptions;
};

/* Who is in the server at a time. */
struct fit_requests_state {
    double time_s;
    double running;
    double waiting;
    double memory; /* share of the blocks that are held, 0 to 1 */
};

/* SIM_BAD_INPUT: fewer than ten first and last tokens to see, a request that no memory of that size can hold, or
 * parameters of the server out of range. Cost: some ten thousand times that of simulating the log.
 */
SIM_MUST_USE enum sim_status fit_requests_run(const struct fit_requests_problem *problem, struct fit_requests *fit,
                                              struct sim_error *error);

/* The log as the server serves it with these parameters: `times` for each request, and, where `state_count` is not 0,
 * who is inside at the times that `states` name, which rise. Returns false if the parameters are out of range.
 */
bool fit_requests_simulate(const struct fit_requests_problem *problem, const double parameters[FIT_REQUESTS_PARAMETERS],
                           struct fit_requests_times *times, struct fit_requests_state *states, size_t state_count);

#endif
