/* workload.h - who sends requests: arrival times, classes, and what is drawn for each request.
 *
 * Chance is addressed, not carried along: request i of the arrival cell (hour) h of a workload draws the same gap,
 * class, tokens and work in every run of a seed, whatever else differs. Draws are made in blocks ahead of time.
 *
 * Poisson arrivals start anew in each cell, which changes nothing about them. Gamma and Weibull gaps run across
 * cells. Where the rate has a shape (rate.h), gaps have mean 1 in operational time: between two arrivals the integral
 * of the rate grows by a gap. Sessions arrive as Poisson requests do. A closed loop has no arrival process: each client
 * sends its next request after the answer and a pause.
 */
#ifndef MODELS_WORKLOAD_H
#define MODELS_WORKLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "models/config.h"
#include "models/rate_cell.h"
#include "models/request.h"
#include "sim/alias.h"
#include "sim/inline.h"
#include "sim/memory.h"
#include "sim/random.h"
#include "sim/state.h"

/* Purposes of random streams in a world: what is drawn, for which entity and index. */
enum random_purpose {
    PURPOSE_REQUEST = 1, /* workload; key of the request: what brief words do not suffice for */
    PURPOSE_KEEP,        /* workload; row of the trace */
    PURPOSE_THINK,       /* workload; key */
    PURPOSE_STAGE,       /* workload, try and side; key: the same */
    PURPOSE_SERVICE,     /* workload and try; key */
    PURPOSE_FAILURE,     /* workload and try; key */
    PURPOSE_SAMPLE,      /* workload; key */
    PURPOSE_CONTAINER,   /* pool and number at that instant; time of the request for it */
    PURPOSE_DISPATCH,    /* workload and try; key */
    PURPOSE_JOINT,       /* pool; time of the joint */
    PURPOSE_DRIFT,       /* workload; step of the path */
    PURPOSE_SALT,        /* workload; 0 */
    PURPOSE_HARDWARE,    /* as PURPOSE_CONTAINER */
    PURPOSE_SESSION,     /* workload; key */
    PURPOSE_TURN,        /* workload and turn; key */
    PURPOSE_MIGRATION    /* workload; key */
};

/* What of a request is drawn from brief words (sim/random.h), with the workload's salt and its key as index. */
enum workload_part {
    PART_REQUEST, /* gap, class, tokens and work */
    PART_STAGE    /* and from here on: 4 numbers for each try, of which one for each side */
};

/* Above those: one number for each turn of a session. */
#define WORKLOAD_PART_TURN (UINT64_C(1) << 40)

struct trace_arrival {
    sim_time_ns time_ns; /* since the first row */
    int32_t input_tokens;
    int32_t output_tokens; /* 0: drawn from the class */
};

/* Where the arrivals stand. */
struct workload_state {
    sim_time_ns time_ns; /* of the latest arrival that was drawn, or the start of the cell */
    uint64_t cell;
    uint64_t index;     /* in the cell; row of the trace; request of the burst */
    uint32_t draw_next; /* of the draws made ahead */
    uint32_t draw_count;
    double operational; /* rate with a shape: its integral from the start of the cell to the latest arrival */
};

enum {
    WORKLOAD_DRAWS_AHEAD = 16
};

/* What is drawn for requests of a class, made ready. */
struct class_draw {
    struct request_draw marks; /* those that are the same for all */
    double mu;                 /* of the work's lognormal distribution, where */
    double sigma;
    bool is_plain; /* the work is all that is drawn, and lognormal */
};

struct workload {
    const struct workload_config *config;
    uint32_t number;
    uint32_t pool;
    uint32_t class_base;      /* number of its first class through all workloads */
    struct sim_random random; /* addressed at this workload's requests */
    uint64_t salt;            /* of brief words for them */
    struct sim_distribution gap;
    double gap_mean_ns;
    bool is_closed;
    bool is_sessions;
    bool is_spread;   /* over several pools */
    bool gives_up;    /* its clients wait only so long */
    bool migrates;    /* where its sessions begin depends on how many there are */
    bool is_followed; /* one of the last two: who waits, or how many are present, is known at any time */
    sim_time_ns
        client_timeout_ns; /* after which an answer is late; never for sessions, who wait only for their begin */
    struct sim_alias class_choice;
    struct class_draw *classes;
    struct sim_arena *arena;
    struct trace_arrival *trace;
    size_t trace_count;
    sim_time_ns trace_span_ns; /* from one repetition of the trace to the next */
    struct rate_cell *shaped;  /* the rate in the current cell; NULL: constant */
    struct workload_state state;
    struct request_draw draws[WORKLOAD_DRAWS_AHEAD];

    /* Of a rate with a shape. */
    struct rate rate;
    double mean_rate_per_s;
    uint64_t cell_count; /* up to the end of the run, after which nothing is drawn */
};

SIM_MUST_USE enum sim_status workload_init(struct workload *workload, const struct world_config *config, size_t number,
                                           uint64_t seed, uint32_t replication, struct sim_error *error);
void workload_release(struct workload *workload);
void workload_enter(struct workload *workload, struct sim_state *state);

/* Draws the next arrivals, when all that were drawn are used up. For workload_peek. */
void workload_refill(struct workload *workload);

/* The next arrival; NULL when there are no more, and for a closed loop. Valid until workload_advance. */
static inline const struct request_draw *workload_peek(struct workload *workload)
{
    struct workload_state *state = &workload->state;
    if (SIM_RARELY(state->draw_next == state->draw_count)) {
        workload_refill(workload);
        if (state->draw_next == state->draw_count)
            return NULL;
    }
    return &workload->draws[state->draw_next];
}

static inline void workload_advance(struct workload *workload)
{
    workload->state.draw_next++;
}

/* As if everything that arrives before time_ns, 0 or more, had been drawn and dropped: what follows is the same,
 * request by request and key by key. Where that cannot be, gamma and weibull gaps start anew with the hour, a closed
 * loop does nothing. Costs the draws of one hour at most.
 */
void workload_skip_to(struct workload *workload, sim_time_ns time_ns);

/* Closed loop: what client `client` (from 0) sends as its `turn`-th request (from 0) at now_ns. */
void workload_draw_client(const struct workload *workload, uint64_t client, uint64_t turn, sim_time_ns now_ns,
                          struct request_draw *draw);

/* Closed loop: the pause of a client after the request with that key. */
sim_time_ns workload_think_ns(const struct workload *workload, uint64_t key);

/* Sessions: how long the one with that key lasts, and its pause after a turn, counted from 0. */
sim_time_ns workload_session_ns(const struct workload *workload, uint64_t key);
sim_time_ns workload_pause_ns(const struct workload *workload, uint64_t turn, uint64_t key);

/* Sessions: puts what is drawn for a later turn in place of what the request was drawn with. The key becomes one of the
 * turn's own.
 */
void workload_draw_turn(const struct workload *workload, uint64_t turn, struct request_draw *draw);

/* Sessions: a number from 0 to 1 that is compared with the share of those that move to the other pool. */
double workload_migration_luck(const struct workload *workload, uint64_t key);

/* Closed loop: who sent the request with that key. */
uint64_t workload_client_of(uint64_t key);

/* Mean requests per second that the workload offers, over the run where they change; 0 for bursts, NaN for closed
 * loops. */
double workload_offered_rate(const struct workload *workload);

#endif
