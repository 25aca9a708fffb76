/* stage.h - the main stage of a container, whichever kind it is: processor sharing, continuous or dynamic
 * batching.
 *
 * A pool has one plan for each GPU that its containers may have (served.h), which differ in nothing but speed; each of
 * its containers has a block of stage_size bytes without pointers.
 */
#ifndef MODELS_STAGE_H
#define MODELS_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/batching.h"
#include "models/config.h"
#include "models/dynamic.h"
#include "models/request.h"
#include "models/sharing.h"

struct stage_plan {
    bool is_batching;      /* continuous batching */
    bool is_dynamic;       /* dynamic batching; neither: processor sharing */
    bool takes_drawn_work; /* processor sharing of the work that was drawn, as it is */
    bool draws;            /* what a request needs is drawn when it comes */
    uint32_t max_inputs;
    const struct profile_config *profile;
    struct sharing_plan sharing;
    struct dynamic_plan dynamic;
    struct batching_profile *batching; /* NULL unless is_batching */
};

/* What a request takes in the stage. */
struct stage_need {
    union {
        sim_uint128 demand;          /* sharing.h */
        struct dynamic_need dynamic; /* dynamic.h */
        struct {
            uint32_t prompt_tokens; /* batching.h */
            uint32_t cached_tokens;
            uint32_t output_tokens;
        };
    };
};

/* A request that gave its first output, ended, or both at once; times are those of the event itself. */
struct stage_event {
    uint32_t request;
    bool is_end;
    sim_time_ns first_ns; /* -1: not with this event */
    sim_time_ns time_ns;
};

/* Sums since the container's stage was empty for the first time; in units x ns. In dynamic batching those of all
 * instances.
 */
struct stage_totals {
    sim_int128 batch_integral; /* requests in progress */
    sim_int128 busy_ns;        /* at least one in progress */
    sim_int128 kv_integral;    /* cached tokens */
    int64_t kv_max;
    int64_t preemptions;
};

SIM_MUST_USE enum sim_status stage_plan_init(struct stage_plan *plan, const struct pool_config *pool, uint32_t gpu,
                                             struct sim_error *error);
void stage_plan_release(struct stage_plan *plan);

static inline bool stage_is_sharing(const struct stage_plan *plan)
{
    return !plan->is_batching && !plan->is_dynamic;
}

size_t stage_size(const struct stage_plan *plan);
void stage_init(const struct stage_plan *plan, void *state);

/* Whether a request can ever be served. */
bool stage_fits(const struct stage_plan *plan, const struct request_draw *draw);

/* `random` is asked only if plan->draws: by the stage independent for the request's service time, by dynamic batching
 * for the spread.
 */
/* Seconds of an independent request, on the GPU that was asked for, from the same stream. */
double stage_service_s(const struct stage_plan *plan, const struct request_draw *draw, struct sim_random *random);

struct stage_need stage_need(const struct stage_plan *plan, const struct request_draw *draw, double prefix_hit,
                             struct sim_random *random);

/* A request enters at now_ns. Events up to then have been taken. */
void stage_submit(const struct stage_plan *plan, void *state, sim_time_ns now_ns, uint32_t request,
                  struct stage_need need);

/* When to look again; SIM_TIME_NEVER if nothing is inside. */
sim_time_ns stage_next(const struct stage_plan *plan, const void *state);

/* The next event up to now_ns, with the time at which it was; false if there is none, and event->time_ns is then
 * stage_next. Call until false, before anything below.
 */
bool stage_take(const struct stage_plan *plan, void *state, sim_time_ns now_ns, struct stage_event *event);

/* Takes a request out. From continuous batching a running one leaves at the end of its step. */
void stage_cancel(const struct stage_plan *plan, void *state, sim_time_ns now_ns, uint32_t request);

/* Numbers of all requests inside, at most max_inputs; returns how many. */
uint32_t stage_inside(const struct stage_plan *plan, const void *state, uint32_t *requests);

struct stage_totals stage_totals(const struct stage_plan *plan, void *state, sim_time_ns now_ns);

/* The totals, fractions of a nanosecond included, count from now_ns on. */
void stage_forget_totals(const struct stage_plan *plan, void *state, sim_time_ns now_ns);

void stage_digest(const struct stage_plan *plan, void *state, sim_time_ns now_ns, struct sim_digest *digest,
                  uint64_t (*name)(void *context, uint32_t request), void *context);

#endif
