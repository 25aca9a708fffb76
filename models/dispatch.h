/* dispatch.h - which container with room gets the next request.
 *
 * Containers with room are kept in lists by the number of requests inside, most recently active first (at equal
 * times the oldest first), and the non-empty lists in a bitmap; those without room are in one more list, so that
 * moving a container needs no question whose answer cannot be predicted. Finding one, and moving one when a request
 * starts or ends, costs the same whatever the number of containers. A container is active when a request comes or
 * goes, or when what it may take changes: what happens to those inside is not seen outside. The platform does not
 * publish its order: all of these are readings of it (design: `dispatch_order`, inferred).
 *
 *   fullest          most requests inside, then most recently active, then oldest
 *   least-loaded     fewest requests inside, then longest inactive
 *   longest-waiting  the one that has waited longest since it last asked for a request
 *   random           any, equally likely
 */
#ifndef MODELS_DISPATCH_H
#define MODELS_DISPATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "models/config.h"
#include "sim/inline.h"
#include "sim/random.h"
#include "sim/state.h"

#define DISPATCH_NONE UINT32_MAX

/* A container, or the head of the list of a level: lists are rings, so that neither joining nor leaving one asks
 * whether it is empty. Heads come first, by level, that of those without room last; containers follow.
 */
struct dispatch_node {
    sim_time_ns active_ns;
    uint32_t age; /* number of the life: lower is older */
    uint32_t inputs;
    uint32_t level; /* of the list that it is in; no_room: is full or not ready */
    uint32_t previous;
    uint32_t next;
    uint32_t place; /* among those with room, for the random order */
};

enum {
    DISPATCH_WORDS = 65
}; /* levels 0 to 4096 */

struct dispatch_head {
    int32_t order;
    bool goes_by_load;
    uint32_t no_room;    /* level of those without room; number of the other levels */
    uint32_t word_count; /* in use */
    uint32_t padding;
    uint64_t words[DISPATCH_WORDS]; /* bit l % 64 of word l / 64: level l has containers with room */
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

/* The container's turn among those with as many requests inside; 0: it has no room. */
uint32_t dispatch_rank(const struct dispatch *dispatch, uint32_t container);

/* Containers 0 to count - 1 move: i to places[i], each keeping its turn. At equal times the lower place counts as the
 * older from now on, and all of them as older than a life with a number of `count` or more.
 */
void dispatch_move(struct dispatch *dispatch, const uint32_t *places, uint32_t count);

/* Feeds the turns of all containers. */
void dispatch_digest(const struct dispatch *dispatch, struct sim_digest *digest);

/* What dispatch_update and dispatch_choose do in the orders that are not by load, and for least-loaded. */
void dispatch_update_turn(struct dispatch *dispatch, struct dispatch_node *node, uint32_t inputs, bool has_room);
uint32_t dispatch_choose_otherwise(const struct dispatch *dispatch, struct sim_random *random);

static inline struct dispatch_node *dispatch_nodes(const struct dispatch *dispatch)
{
    return dispatch->nodes.items;
}

static inline struct dispatch_node *dispatch_node(const struct dispatch *dispatch, uint32_t container)
{
    return dispatch_nodes(dispatch) + dispatch->head.no_room + 1 + container;
}

/* Out of its list, and into the list of a level: in front of all that were active before, behind those active at the
 * same instant that are older. Where turns count, the one that asks last is the last in turn, also at the same instant.
 */
static inline void dispatch_relist(struct dispatch *dispatch, struct dispatch_node *node, uint32_t level)
{
    struct dispatch_head *head = &dispatch->head;
    struct dispatch_node *nodes = dispatch_nodes(dispatch);
    uint32_t me = (uint32_t)(node - nodes);
    nodes[node->previous].next = node->next;
    nodes[node->next].previous = node->previous;
    head->words[node->level / 64] &= ~((uint64_t)(nodes[node->level].next == node->level) << node->level % 64);
    uint32_t after = level;
    uint32_t before = nodes[level].next;
    while (SIM_RARELY(nodes[before].active_ns == node->active_ns) && before != level && nodes[before].age < node->age &&
           head->order != DISPATCH_LONGEST_WAITING) {
        after = before;
        before = nodes[before].next;
    }
    node->level = level;
    node->previous = after;
    node->next = before;
    nodes[after].next = me;
    nodes[before].previous = me;
    head->words[level / 64] |= (uint64_t)(level != head->no_room) << level % 64;
}

/* The container is active at now_ns with `inputs` requests inside, and has room for another or not. */
static inline void dispatch_update(struct dispatch *dispatch, uint32_t container, uint32_t inputs, bool has_room,
                                   sim_time_ns now_ns)
{
    struct dispatch_node *node = dispatch_node(dispatch, container);
    node->active_ns = now_ns;
    if (SIM_RARELY(!dispatch->head.goes_by_load)) {
        dispatch_update_turn(dispatch, node, inputs, has_room);
        return;
    }
    uint32_t is_full = (uint32_t)has_room - 1; /* all bits or none: whether it has room cannot be predicted */
    dispatch_relist(dispatch, node, (inputs & ~is_full) | (dispatch->head.no_room & is_full));
}

/* Who is next; DISPATCH_NONE if nobody has room. `random` is asked in the random order only. */
static inline uint32_t dispatch_choose(const struct dispatch *dispatch, struct sim_random *random)
{
    const struct dispatch_head *head = &dispatch->head;
    if (SIM_RARELY(head->order != DISPATCH_FULLEST))
        return dispatch_choose_otherwise(dispatch, random);
    uint32_t word = head->word_count - 1;
    while (SIM_RARELY(word > 0) && head->words[word] == 0)
        word--;
    if (head->words[word] == 0)
        return DISPATCH_NONE;
    uint32_t level = word * 64 + 63 - (uint32_t)__builtin_clzll(head->words[word]);
    return dispatch_nodes(dispatch)[level].next - head->no_room - 1;
}

#endif
