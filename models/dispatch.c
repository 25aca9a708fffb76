/* dispatch.c - lists of containers by load. */
#include "models/dispatch.h"

#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"
#include "sim/variate.h"

/* Containers come after the heads of all lists. */
static uint32_t heads_of(const struct dispatch *dispatch)
{
    return dispatch->head.no_room + 1;
}

void dispatch_init(struct dispatch *dispatch, enum dispatch_order order, uint32_t max_inputs)
{
    *dispatch = (struct dispatch){
        .head = {.order = (int32_t)order,
                 .goes_by_load = order == DISPATCH_FULLEST || order == DISPATCH_LEAST_LOADED,
                 .no_room = max_inputs + 1,
                 .word_count = (max_inputs + 1) / 64 + 1},
    };
    sim_assert(max_inputs + 1 < 64 * DISPATCH_WORDS);
    sim_array_init(&dispatch->nodes, sizeof(struct dispatch_node));
    sim_array_init(&dispatch->roomy, sizeof(uint32_t));
    sim_array_resize(&dispatch->nodes, heads_of(dispatch));
    for (uint32_t i = 0; i < heads_of(dispatch); i++)
        dispatch_nodes(dispatch)[i] = (struct dispatch_node){.active_ns = -1, .level = i, .previous = i, .next = i};
}

void dispatch_release(struct dispatch *dispatch)
{
    sim_array_release(&dispatch->nodes);
    sim_array_release(&dispatch->roomy);
}

void dispatch_enter(struct dispatch *dispatch, struct sim_state *state)
{
    sim_state_enter_block(state, "dispatch", &dispatch->head, sizeof dispatch->head);
    sim_state_enter(state, "dispatch nodes", &dispatch->nodes);
    sim_state_enter(state, "dispatch roomy", &dispatch->roomy);
}

void dispatch_reserve(struct dispatch *dispatch, uint32_t count)
{
    while (dispatch->nodes.count < heads_of(dispatch) + count) {
        uint32_t added = (uint32_t)sim_array_add(&dispatch->nodes);
        struct dispatch_node *node = dispatch_nodes(dispatch) + added;
        *node = (struct dispatch_node){.level = dispatch->head.no_room, .previous = added, .next = added};
        dispatch_relist(dispatch, node, dispatch->head.no_room);
    }
}

void dispatch_begin_life(struct dispatch *dispatch, uint32_t container, uint32_t life)
{
    dispatch_node(dispatch, container)->age = life;
}

static bool has_room_now(const struct dispatch *dispatch, const struct dispatch_node *node)
{
    return node->level != dispatch->head.no_room;
}

static void enter_roomy(struct dispatch *dispatch, uint32_t container)
{
    uint32_t place = (uint32_t)sim_array_add(&dispatch->roomy);
    ((uint32_t *)dispatch->roomy.items)[place] = container;
    dispatch_node(dispatch, container)->place = place;
}

static void leave_roomy(struct dispatch *dispatch, uint32_t container)
{
    uint32_t *roomy = dispatch->roomy.items;
    uint32_t place = dispatch_node(dispatch, container)->place;
    uint32_t last = roomy[dispatch->roomy.count - 1];
    roomy[place] = last;
    dispatch_node(dispatch, last)->place = place;
    sim_array_resize(&dispatch->roomy, dispatch->roomy.count - 1);
}

/* In the order longest-waiting all containers with room are in the list of level 0, the longest waiting one last, and
 * keep their places until they ask again.
 */
static void update_waiting(struct dispatch *dispatch, struct dispatch_node *node, uint32_t inputs, bool has_room)
{
    bool keeps_place = has_room_now(dispatch, node) && has_room && inputs <= node->inputs;
    node->inputs = inputs;
    if (!keeps_place)
        dispatch_relist(dispatch, node, has_room ? 0 : dispatch->head.no_room);
}

void dispatch_update_turn(struct dispatch *dispatch, struct dispatch_node *node, uint32_t inputs, bool has_room)
{
    if (dispatch->head.order == DISPATCH_LONGEST_WAITING) {
        update_waiting(dispatch, node, inputs, has_room);
        return;
    }
    uint32_t container = (uint32_t)(node - dispatch_node(dispatch, 0));
    bool had_room = has_room_now(dispatch, node);
    if (had_room && !has_room)
        leave_roomy(dispatch, container);
    else if (has_room && !had_room)
        enter_roomy(dispatch, container);
    dispatch_relist(dispatch, node, has_room ? inputs : dispatch->head.no_room);
}

uint32_t dispatch_rank(const struct dispatch *dispatch, uint32_t container)
{
    const struct dispatch_node *nodes = dispatch_nodes(dispatch);
    if (!has_room_now(dispatch, dispatch_node(dispatch, container)))
        return 0;
    uint32_t rank = 0;
    for (uint32_t i = heads_of(dispatch) + container; i >= heads_of(dispatch); i = nodes[i].previous)
        rank++;
    return rank;
}

/* Where a node is after the move: heads stay. */
static uint32_t moved_node(const struct dispatch *dispatch, const uint32_t *places, uint32_t node)
{
    uint32_t heads = heads_of(dispatch);
    return node < heads ? node : heads + places[node - heads];
}

static void renew_roomy(struct dispatch *dispatch, uint32_t count)
{
    sim_array_resize(&dispatch->roomy, 0);
    for (uint32_t i = 0; i < count; i++)
        if (has_room_now(dispatch, dispatch_node(dispatch, i)))
            enter_roomy(dispatch, i);
}

void dispatch_move(struct dispatch *dispatch, const uint32_t *places, uint32_t count)
{
    uint32_t heads = heads_of(dispatch);
    struct dispatch_node *old = sim_allocate(heads + count, sizeof *old);
    memcpy(old, dispatch_nodes(dispatch), (heads + count) * sizeof *old);
    for (uint32_t i = 0; i < heads + count; i++) {
        struct dispatch_node *node = dispatch_nodes(dispatch) + moved_node(dispatch, places, i);
        *node = old[i];
        if (i >= heads)
            node->age = places[i - heads];
        node->previous = moved_node(dispatch, places, node->previous);
        node->next = moved_node(dispatch, places, node->next);
    }
    free(old);
    if (dispatch->head.order == DISPATCH_RANDOM)
        renew_roomy(dispatch, count);
}

void dispatch_digest(const struct dispatch *dispatch, struct sim_digest *digest)
{
    const struct dispatch_node *nodes = dispatch_nodes(dispatch);
    for (uint32_t level = 0; level < dispatch->head.no_room; level++)
        for (uint32_t i = nodes[level].next; i != level; i = nodes[i].next)
            sim_digest_add(digest, (uint64_t)level << 32 | (i - heads_of(dispatch)));
}

static uint32_t least_loaded(const struct dispatch *dispatch)
{
    const struct dispatch_head *head = &dispatch->head;
    for (uint32_t word = 0; word < head->word_count; word++)
        if (head->words[word]) {
            uint32_t level = word * 64 + (uint32_t)__builtin_ctzll(head->words[word]);
            return dispatch_nodes(dispatch)[level].previous - heads_of(dispatch);
        }
    return DISPATCH_NONE;
}

static uint32_t longest_waiting(const struct dispatch *dispatch)
{
    return dispatch->head.words[0] ? dispatch_nodes(dispatch)[0].previous - heads_of(dispatch) : DISPATCH_NONE;
}

uint32_t dispatch_choose_otherwise(const struct dispatch *dispatch, struct sim_random *random)
{
    const uint32_t *roomy = dispatch->roomy.items;
    switch (dispatch->head.order) {
    case DISPATCH_LEAST_LOADED:
        return least_loaded(dispatch);
    case DISPATCH_LONGEST_WAITING:
        return longest_waiting(dispatch);
    default:
        return dispatch->roomy.count ? roomy[sim_variate_below(random, dispatch->roomy.count)] : DISPATCH_NONE;
    }
}
