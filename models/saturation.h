/* saturation.h - when a pool began to be asked for more than it can serve.
 *
 * A run is cut into windows of a length that people use: the longest of which sixty fit, at most a day, so that long
 * runs compare the same hour of each day. A world counts in every window what came, what gave up, and how many slots
 * were in use; from these counts, and from nothing that decides about the future, it is judged at the end whether a
 * pool was saturated when the run ended, and since when. So it does not matter how a run was cut, or whether it leaves
 * a trace. A pool is saturated when, for ten windows or more, up to the end,
 *
 * - its queue was never short (at most a twentieth of what came in the window), has grown by a twentieth of all that
 *   came in them, and is longer than it was half-way: a burst that is being worked off is not saturation; or
 * - in every window at least a twentieth of what came timed out, while nineteen in twenty slots of the ready containers
 *   were in use: clients that give up keep a queue short. Who gives up although there is room is impatient.
 *
 * It began with the first of these windows. Twentieths and ten are ours, chosen so that chance does not reach them.
 */
#ifndef MODELS_SATURATION_H
#define MODELS_SATURATION_H

#include <stddef.h>
#include <stdint.h>

#include "sim/integer.h"
#include "sim/time.h"

struct saturation_window {
    sim_int128 inputs_integral; /* requests inside containers x ns */
    sim_int128 slot_integral;   /* max_inputs x ready containers x ns */
    int64_t arrived;
    int64_t given_up; /* requests that timed out, mostly because their clients left */
    int64_t queue;    /* at the end */
    int64_t is_over;  /* 1 when it was seen to its end */
};

sim_time_ns saturation_window_ns(sim_time_ns duration_ns);

/* Windows of a run, the last of which may be shorter: at least 1. */
size_t saturation_window_count(sim_time_ns duration_ns);

/* When saturation began that lasted to the end; -1: it did not. windows[i x stride] are those of one pool in order, of
 * which the first that is not over, if any, ends the run.
 */
sim_time_ns saturation_since_ns(const struct saturation_window *windows, size_t count, size_t stride,
                                sim_time_ns window_ns);

#endif
