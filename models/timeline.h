/* timeline.h - what goes on inside one container: a fixed stage, the main one, and another fixed stage.
 *
 * Outside it is seen only when a request leaves. All that comes before, entries into the main stage, first outputs and
 * ends there, is brought up to date in its order when somebody looks, and costs no event. So the times of it do
 * not depend on when anybody looks. What the stage after the main one takes is known from the start, which makes the
 * first time at which somebody leaves nearly always known ahead.
 *
 * At one instant: ends in the main stage, then entries into it, in the order in which they came to the container.
 *
 * Plans are constant and shared by the containers of a pool: an array with one for each GPU that they may have
 * (served.h), of which the first one is given here and stands for all. The state of one container is a block of
 * timeline_size bytes without pointers, and knows which plan is its own. Requests are those of the store: after_ns is
 * read, first_ns is written.
 */
#ifndef MODELS_TIMELINE_H
#define MODELS_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/request.h"
#include "models/stage.h"

struct timeline_plan {
    struct stage_plan stage;
    bool is_sharing;            /* the main stage is processor sharing */
    bool has_before;            /* requests spend time before the main stage */
    bool looks_ahead;           /* from the next end to when somebody leaves */
    sim_time_ns after_least_ns; /* no request spends less behind it, 0 or more */
    uint32_t places;            /* of a lane, a power of two */
    bool is_plain;              /* a main stage in its plain case (sharing_internal.h), and nothing else */
    size_t before_offset;       /* of the lanes' places in a state */
    size_t after_offset;
};

/* Fails like stage_plan_init. */
SIM_MUST_USE enum sim_status timeline_plan_init(struct timeline_plan *plan, const struct pool_config *pool,
                                                uint32_t gpu, bool has_before, bool is_after_constant,
                                                sim_time_ns after_least_ns, struct sim_error *error);
/* Requests may be kept (timeline_stay), and may come with a time before the main stage. To be called after
 * timeline_plan_init, before the plan is used.
 */
void timeline_plan_keep(struct timeline_plan *plan);
void timeline_plan_release(struct timeline_plan *plan);

size_t timeline_size(const struct timeline_plan *plan);
void timeline_init(const struct timeline_plan *plan, uint32_t gpu, void *memory);

/* Brings everything up to date, first outputs and sums included. */
void timeline_advance(const struct timeline_plan *plan, void *memory, const struct request_store *requests,
                      sim_time_ns now_ns);

/* A request comes, or has been taken, and is in no stage until it leaves at until_ns. */
void timeline_stay(const struct timeline_plan *plans, void *memory, uint32_t request, sim_time_ns until_ns);

/* Takes a request out; it must be inside. */
void timeline_cancel(const struct timeline_plan *plan, void *memory, const struct request_store *requests,
                     sim_time_ns now_ns, uint32_t request);

/* Numbers of all requests inside, at most max_inputs; returns how many. */
uint32_t timeline_inside(const struct timeline_plan *plan, const void *memory, uint32_t *requests);

/* Those of the main stage. */
struct stage_totals timeline_totals(const struct timeline_plan *plan, void *memory,
                                    const struct request_store *requests, sim_time_ns now_ns);
void timeline_forget_totals(const struct timeline_plan *plan, void *memory, sim_time_ns now_ns);

/* Feeds what decides about the future from now_ns on, after timeline_advance. */
void timeline_digest(const struct timeline_plan *plan, void *memory, sim_time_ns now_ns, struct sim_digest *digest,
                     uint64_t (*name)(void *context, uint32_t request), void *context);

#endif
