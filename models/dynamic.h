/* dynamic.h - dynamic batching: requests are collected and served together (Triton's dynamic batcher, @modal.batched).
 *
 * Requests wait in one queue. One of the `instances` of the model, when it is free, takes the oldest max_batch_size of
 * them as soon as there are that many, or all of them as soon as the oldest has waited for `wait`; with a wait of 0 it
 * takes at once whatever is there. All of a batch leave together, so it is fixed when it starts: who comes later
 * waits.
 *
 * A batch has a part that shares the GPU with the batches of other instances, and a handover that does not:
 *
 *   t(W) x spread     alone; with k instances in this part each is slowed by the factor f(k). W is the work in the
 *                     batch, its size where every request has work 1, and t a line or a measured curve
 *   h B               afterwards, for B requests: results are copied and sent one after the other. The instance stays
 *                     taken and slows nobody
 *
 * Instances that share are requests of processor sharing (sharing.h), so all of it is exact in integers of
 * nanoseconds and does not depend on when anybody looks. The spread is drawn when a request enters, from its own
 * stream; a batch has that of its first request.
 *
 * Order within one nanosecond: ends of batches, by number of instance, then calls in the order in which they are made
 * (submit, cancel), then starts of batches: whoever comes in the nanosecond in which a batch starts is in it.
 *
 * The plan is shared and constant. The state of a container is one flat block without pointers: copying it is memcpy.
 */
#ifndef MODELS_DYNAMIC_H
#define MODELS_DYNAMIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/config.h"
#include "models/sharing.h"
#include "sim/distribution.h"
#include "sim/error.h"
#include "sim/random.h"
#include "sim/state.h"
#include "sim/time.h"

#define DYNAMIC_INSTANCES_HIGHEST 64
#define DYNAMIC_BATCH_HIGHEST 4096

struct dynamic_plan {
    uint32_t max_inputs;
    uint32_t max_batch;
    uint32_t instances;
    sim_time_ns wait_ns;
    sim_time_ns handover_ns; /* of one request */
    struct sim_distribution spread;
    const struct profile_config *profile; /* t(W) */
    struct sharing_plan sharing;          /* a "request" is an instance, of work in seconds alone */
    size_t sharing_offset;                /* in a state */
};

/* What a request brings: work in 2^-24 of one request's, and the spread of a batch that it begins, in 2^-32. */
struct dynamic_need {
    uint64_t work;
    uint64_t spread;
};

/* The end of one request. */
struct dynamic_event {
    uint32_t request;
    sim_time_ns time_ns; /* also of what is not yet taken: that of dynamic_next */
};

/* Summed over instances, in requests x ns and ns: batch_integral / busy_ns is the mean size of the batches, weighted
 * by how long they take.
 */
struct dynamic_sums {
    sim_int128 batch_integral;
    int64_t busy_ns;
    int64_t padding;
};

/* Builds the plan of a profile with that stage, which outlives it. Fails on batches of nobody, and on those that take
 * no time.
 */
SIM_MUST_USE enum sim_status dynamic_plan_init(struct dynamic_plan *plan, const struct profile_config *profile,
                                               uint32_t max_inputs, struct sim_error *error);
void dynamic_plan_release(struct dynamic_plan *plan);

/* Batches and their handover take 1 / factor of the time from now on; factor > 0. */
void dynamic_plan_speed_up(struct dynamic_plan *plan, double factor);

/* Seconds that a batch of that much work takes alone without its handover: the line, or the curve with straight lines
 * between its points, flat before the first, and with the slope of the last two beyond.
 */
double dynamic_batch_s(const struct profile_config *profile, double work);

/* How many times longer a batch takes with `busy` instances at work, 1 or more of them: straight lines between the
 * points of `slowdown` and 1 at one instance, flat beyond the last.
 */
double dynamic_slowdown(const struct profile_config *profile, uint32_t busy);

/* What a request of that much work brings. One word of the stream, or a few. */
struct dynamic_need dynamic_need(const struct dynamic_plan *plan, double work, struct sim_random *random);

/* Bytes of one container's state, and an empty one in memory of that size. */
size_t dynamic_size(const struct dynamic_plan *plan);
void dynamic_init(const struct dynamic_plan *plan, void *memory);

/* A request enters at now_ns; what happens up to then has been taken. At most max_inputs are inside. Cost: constant,
 * and what happened since the last call.
 */
void dynamic_submit(const struct dynamic_plan *plan, void *memory, sim_time_ns now_ns, uint32_t request,
                    struct dynamic_need need);

/* When to look again; SIM_TIME_NEVER if nobody is inside. Not later than the next end if nobody enters, and always
 * after the latest call unless ends wait to be taken: the start of a batch is known one nanosecond after it. Cost: the
 * number of instances.
 */
sim_time_ns dynamic_next(const struct dynamic_plan *plan, const void *memory);

/* The next end up to now_ns, with the time at which it was; false if there is none. Call until false before anything
 * below, and before somebody enters.
 */
bool dynamic_take(const struct dynamic_plan *plan, void *memory, sim_time_ns now_ns, struct dynamic_event *event);

/* Takes a request out, which must be inside. A batch that has started goes on as if it were still there. Cost: the
 * number inside.
 */
void dynamic_cancel(const struct dynamic_plan *plan, void *memory, sim_time_ns now_ns, uint32_t request);

/* Numbers of all requests inside, those in batches by instance, then those who wait; returns how many. */
uint32_t dynamic_inside(const struct dynamic_plan *plan, const void *memory, uint32_t *requests);

struct dynamic_sums dynamic_totals(const struct dynamic_plan *plan, void *memory, sim_time_ns now_ns);

/* The totals count from now_ns on. */
void dynamic_forget_totals(const struct dynamic_plan *plan, void *memory, sim_time_ns now_ns);

/* Feeds what decides about the future from now_ns on: each batch with what is left of it, each request by the name that
 * `name` gives it.
 */
void dynamic_digest(const struct dynamic_plan *plan, void *memory, sim_time_ns now_ns, struct sim_digest *digest,
                    uint64_t (*name)(void *context, uint32_t request), void *context);

#endif
