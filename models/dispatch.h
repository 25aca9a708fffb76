/* dispatch.h - which container with room gets the next request.
 *
 * Containers with room are kept in lists by the number of requests inside, most recently active first (at equal
 * times the oldest first), and the non-empty lists in a bitmap; so finding one, and moving one when a request starts
 * or ends, costs the same whatever the number of containers. The platform does not publish its order: all of these
 * are readings of it (design: `dispatch_order`, inferred).
 *
 *   fullest          most requests inside, then most recently active, then oldest
 *   least-loaded     fewest requests inside, then longest inactive
 *   longest-waiting  the one that has waited longest since it last asked for a request
 *   random           any, equally likely
 */
#ifndef MODELS_DISPATCH_H
#define MODELS_DISPATCH_H

#include <stdint.h>

#include "models/config.h"
#include "sim/random.h"
#include "sim/state.h"

#define DISPATCH_NONE UINT32_MAX

/* A container, or the head of the list of a level: lists are rings, so that neither joining nor leaving one asks
 * whether it is empty. Heads come first, by level; containers follow.
 */
struct dispatch_node {
    sim_time_ns active_ns;
    uint32_t age; /* number of the life: lower is older */
    uint32_t inputs;
    uint32_t level; /* of the list that it is in; DISPATCH_NONE: has no room or is not ready */
    uint32_t previous;
    uint32_t next;
    uint32_t place; /* among those with room, for the random order */
};

enum {
    DISPATCH_WORDS = 65
}; /* levels 0 to 4095, and one word of bits per 64 of them */

struct dispatch_head {
    int32_t order;
    uint32_t heads;                 /* number of levels */
    uint64_t words[DISPATCH_WORDS]; /* bit l % 64 of word l / 64: level l has containers */
    uint64_t summary[2];            /* bit w: words[w] is not 0 */
};

struct dispatch {
    struct dispatch_head head;
    struct sim_array nodes; /* struct dispatch_node: heads, then containers */
    struct sim_array roomy; /* uint32_t: the containers with room, for the random order */
};

void dispatch_init(struct dispatch *dispatch, enum dispatch_order order, uint32_t max_inputs);
void dispatch_release(struct dispatch *dispatch);
void dispatch_enter(struct dispatch *dispatch, struct sim_state *state);

/* Makes room for containers 0 to count - 1; new ones have no room for requests. */
void dispatch_reserve(struct dispatch *dispatch, uint32_t count);

/* A new life of that number begins in the container's place. */
void dispatch_begin_life(struct dispatch *dispatch, uint32_t container, uint32_t life);

/* The container is active at now_ns with `inputs` requests inside, and has room for another or not. */
void dispatch_update(struct dispatch *dispatch, uint32_t container, uint32_t inputs, bool has_room, sim_time_ns now_ns);

/* The container's turn among those with as many requests inside; 0: it has no room. */
uint32_t dispatch_rank(const struct dispatch *dispatch, uint32_t container);

/* Containers 0 to count - 1 move: i to places[i], each keeping its turn. At equal times the lower place counts as the
 * older from now on, and all of them as older than a life with a number of `count` or more.
 */
void dispatch_move(struct dispatch *dispatch, const uint32_t *places, uint32_t count);

/* Feeds the turns of all containers. */
void dispatch_digest(const struct dispatch *dispatch, struct sim_digest *digest);

/* Who is next; DISPATCH_NONE if nobody has room. `random` is asked in the random order only. */
uint32_t dispatch_choose(const struct dispatch *dispatch, struct sim_random *random);

#endif
