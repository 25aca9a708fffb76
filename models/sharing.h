/* sharing.h - processor sharing: one container whose requests progress at a common speed.
 *
 * With k requests in progress one unit of work takes t(k) seconds: a + b k, or a measured curve. All k progress
 * alike, so one number, the progress that a request present from the start would have made, serves for all: a
 * request of demand d that enters at progress p leaves at p + d. Progress, demand and speed are integers in a unit
 * far below a nanosecond of undisturbed service; progress over a span of constant k is speed x span, exactly, so the
 * result does not depend on how often anybody looks.
 *
 * More than `slots` requests wait inside, first come first served. The state of one container is a block of
 * sharing_size bytes without pointers: copying it is memcpy.
 */
#ifndef MODELS_SHARING_H
#define MODELS_SHARING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/config.h"
#include "sim/error.h"
#include "sim/integer.h"
#include "sim/state.h"
#include "sim/time.h"

/* Units of demand in a nanosecond of the fastest service. A speed is a whole number of units per nanosecond, at a
 * thousandth of the full speed still exact to 3 in 100,000.
 */
enum {
    SHARING_UNIT_BITS = 24
};

/* Requests in progress and time with at least one, summed since the container was set up; in units x ns. */
struct sharing_sums {
    sim_int128 batch_integral; /* 292 requests fill 2^63 in a year */
    int64_t busy_ns;
    int64_t padding;
};

/* How fast requests progress, and how to divide by it: n / units_per_ns = (2 n x reciprocal >> 64) >> shift for every
 * n below 2^63. Granlund and Montgomery, "Division by invariant integers using multiplication", PLDI 1994.
 */
struct sharing_speed {
    uint64_t units_per_ns; /* demand units, 1 to 2^24 */
    uint64_t reciprocal;
    uint32_t shift;
    uint32_t first_per_1024; /* of a request that begins as one of so many: as in sharing_plan */
};

struct sharing_plan {
    uint32_t max_inputs;
    uint32_t slots;          /* requests in progress at once, 1 to max_inputs */
    uint32_t first_per_1024; /* share of the work until the first output, in 1/1024; 1024: all at the end */
    uint32_t lane_places;    /* twice as many as there can be entries, so that they are moved to the front but rarely */
    bool is_slower_by_more;  /* no speed is above that of fewer running */
    bool is_plain;           /* nobody waits inside for a slot, and nobody has an output before the end */
    double demand_per_work;  /* demand units of one unit of work */
    struct sharing_speed *speed; /* by requests in progress, 1 to slots; nobody progresses at 0 */
};

/* What happened to a request: its first output, or its end. */
struct sharing_event {
    uint32_t request;
    bool is_first_output;
    sim_time_ns time_ns; /* also of the event that is not yet taken: SIM_TIME_NEVER if there is none */
};

/* Builds the plan of a profile with the stage processor-sharing or independent. Fails on a profile without times. */
SIM_MUST_USE enum sim_status sharing_plan_init(struct sharing_plan *plan, const struct profile_config *profile,
                                               uint32_t max_inputs, struct sim_error *error);
void sharing_plan_release(struct sharing_plan *plan);

/* Every unit of work takes 1 / factor of the time from now on; factor > 0. */
void sharing_plan_speed_up(struct sharing_plan *plan, double factor);

/* Demand of `work` units, 1 at least; cut at 2^93, which is 18,000 years. */
sim_uint128 sharing_demand(const struct sharing_plan *plan, double work);

/* Bytes of one container's state, and an empty one in memory of that size. */
size_t sharing_size(const struct sharing_plan *plan);
void sharing_init(const struct sharing_plan *plan, void *state);

/* A request of that demand enters at now_ns; what happens up to then has been taken. At most max_inputs are inside.
 * Cost: those inside with later ends.
 */
void sharing_submit(const struct sharing_plan *plan, void *memory, sim_time_ns now_ns, uint32_t request,
                    sim_uint128 demand);

/* When the next request leaves or gives its first output if nobody enters; SIM_TIME_NEVER if there is none. May be
 * too early where that is minutes away; whoever takes what happens up to then and asks again knows more.
 */
sim_time_ns sharing_next(const struct sharing_plan *plan, const void *memory);

/* The next event up to now_ns, in order of time; false if there is none. Nobody needs to look at the time of an event:
 * it is the same whenever it is taken. Call until false before anything below, and before somebody enters.
 */
bool sharing_take(const struct sharing_plan *plan, void *memory, sim_time_ns now_ns, struct sharing_event *event);

/* Takes a request out before its end; it must be inside. Cost: the number inside. */
void sharing_cancel(const struct sharing_plan *plan, void *memory, sim_time_ns now_ns, uint32_t request);

/* Requests in progress. */
uint32_t sharing_running(const void *memory);

/* The sums up to now_ns. */
struct sharing_sums sharing_totals(const struct sharing_plan *plan, void *memory, sim_time_ns now_ns);

/* Numbers of all requests inside, in order of their ends, waiting ones last; returns how many. */
uint32_t sharing_inside(const struct sharing_plan *plan, const void *memory, uint32_t *requests);

/* The totals count from now_ns on. */
void sharing_forget_totals(const struct sharing_plan *plan, void *memory, sim_time_ns now_ns);

/* Feeds what decides about the future from now_ns on: each request, by the name that `name` gives it, and what is
 * left of its demand.
 */
void sharing_digest(const struct sharing_plan *plan, const void *memory, sim_time_ns now_ns, struct sim_digest *digest,
                    uint64_t (*name)(void *context, uint32_t request), void *context);

#endif
