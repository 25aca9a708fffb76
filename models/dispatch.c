/* dispatch.c - lists of containers by load. */
#include "models/dispatch.h"

#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"
#include "sim/variate.h"

static struct dispatch_node *nodes_of(const struct dispatch *dispatch)
{
    return dispatch->nodes.items;
}

static struct dispatch_node *node_at(const struct dispatch *dispatch, uint32_t container)
{
    return nodes_of(dispatch) + dispatch->head.heads + container;
}

void dispatch_init(struct dispatch *dispatch, enum dispatch_order order, uint32_t max_inputs)
{
    *dispatch = (struct dispatch){.head.order = (int32_t)order, .head.heads = max_inputs + 1};
    sim_assert(max_inputs < 64 * DISPATCH_WORDS);
    sim_array_init(&dispatch->nodes, sizeof(struct dispatch_node));
    sim_array_init(&dispatch->roomy, sizeof(uint32_t));
    sim_array_resize(&dispatch->nodes, max_inputs + 1);
    for (uint32_t i = 0; i <= max_inputs; i++)
        nodes_of(dispatch)[i] = (struct dispatch_node){.active_ns = -1, .previous = i, .next = i};
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
    while (dispatch->nodes.count < dispatch->head.heads + count) {
        size_t added = sim_array_add(&dispatch->nodes);
        nodes_of(dispatch)[added].level = DISPATCH_NONE;
    }
}

void dispatch_begin_life(struct dispatch *dispatch, uint32_t container, uint32_t life)
{
    node_at(dispatch, container)->age = life;
}

static void mark_used(struct dispatch_head *head, uint32_t level)
{
    head->words[level / 64] |= UINT64_C(1) << level % 64;
    head->summary[level / 4096] |= UINT64_C(1) << level / 64 % 64;
}

/* Whether a level is empty now cannot be predicted, so its bit is cleared or not without a branch. */
static void unmark_if(struct dispatch_head *head, uint32_t level, bool is_empty)
{
    uint64_t *word = &head->words[level / 64];
    *word &= ~((uint64_t)is_empty << level % 64);
    head->summary[level / 4096] &= ~((uint64_t)(*word == 0) << level / 64 % 64);
}

static uint32_t highest_level(const struct dispatch_head *head)
{
    uint32_t half = head->summary[1] ? 1 : 0;
    uint32_t word = half * 64 + 63 - (uint32_t)__builtin_clzll(head->summary[half]);
    return word * 64 + 63 - (uint32_t)__builtin_clzll(head->words[word]);
}

static uint32_t lowest_level(const struct dispatch_head *head)
{
    uint32_t half = head->summary[0] ? 0 : 1;
    uint32_t word = half * 64 + (uint32_t)__builtin_ctzll(head->summary[half]);
    return word * 64 + (uint32_t)__builtin_ctzll(head->words[word]);
}

/* In the order longest-waiting all containers are in the list of level 0, the longest waiting one last. */
static uint32_t list_level(const struct dispatch *dispatch, uint32_t inputs)
{
    return dispatch->head.order == DISPATCH_LONGEST_WAITING ? 0 : inputs;
}

static void leave(struct dispatch *dispatch, const struct dispatch_node *node)
{
    struct dispatch_node *nodes = nodes_of(dispatch);
    nodes[node->previous].next = node->next;
    nodes[node->next].previous = node->previous;
    unmark_if(&dispatch->head, node->level, nodes[node->level].next == node->level);
}

/* In front of all that were active before, behind those active at the same instant that are older. Where turns count,
 * the one that asks last is the last in turn, also at the same instant.
 */
static void join(struct dispatch *dispatch, struct dispatch_node *node, uint32_t level)
{
    struct dispatch_node *nodes = nodes_of(dispatch);
    bool has_turns = dispatch->head.order == DISPATCH_LONGEST_WAITING;
    uint32_t me = (uint32_t)(node - nodes);
    uint32_t after = level;
    uint32_t before = nodes[level].next;
    while (nodes[before].active_ns == node->active_ns && before != level && nodes[before].age < node->age &&
           !has_turns) {
        after = before;
        before = nodes[before].next;
    }
    node->level = level;
    node->previous = after;
    node->next = before;
    nodes[after].next = me;
    nodes[before].previous = me;
    mark_used(&dispatch->head, level);
}

static void enter_roomy(struct dispatch *dispatch, uint32_t container)
{
    uint32_t place = (uint32_t)sim_array_add(&dispatch->roomy);
    ((uint32_t *)dispatch->roomy.items)[place] = container;
    node_at(dispatch, container)->place = place;
}

static void leave_roomy(struct dispatch *dispatch, uint32_t container)
{
    uint32_t *roomy = dispatch->roomy.items;
    uint32_t place = node_at(dispatch, container)->place;
    uint32_t last = roomy[dispatch->roomy.count - 1];
    roomy[place] = last;
    node_at(dispatch, last)->place = place;
    sim_array_resize(&dispatch->roomy, dispatch->roomy.count - 1);
}

/* What the orders that do not go by load keep besides. Returns whether the container keeps its place in the list. */
static bool update_turn(struct dispatch *dispatch, uint32_t container, uint32_t inputs, bool has_room)
{
    const struct dispatch_node *node = node_at(dispatch, container);
    bool had_room = node->level != DISPATCH_NONE;
    if (dispatch->head.order == DISPATCH_LONGEST_WAITING)
        return had_room && has_room && inputs <= node->inputs;
    if (had_room && !has_room)
        leave_roomy(dispatch, container);
    else if (has_room && !had_room)
        enter_roomy(dispatch, container);
    return false;
}

static bool goes_by_load(const struct dispatch *dispatch)
{
    return dispatch->head.order == DISPATCH_FULLEST || dispatch->head.order == DISPATCH_LEAST_LOADED;
}

void dispatch_update(struct dispatch *dispatch, uint32_t container, uint32_t inputs, bool has_room, sim_time_ns now_ns)
{
    struct dispatch_node *node = node_at(dispatch, container);
    bool keeps_place = !goes_by_load(dispatch) && update_turn(dispatch, container, inputs, has_room);
    node->active_ns = now_ns;
    node->inputs = inputs;
    if (keeps_place)
        return;
    if (node->level != DISPATCH_NONE)
        leave(dispatch, node);
    if (has_room)
        join(dispatch, node, list_level(dispatch, inputs));
    else
        node->level = DISPATCH_NONE;
}

uint32_t dispatch_rank(const struct dispatch *dispatch, uint32_t container)
{
    const struct dispatch_node *nodes = nodes_of(dispatch);
    if (node_at(dispatch, container)->level == DISPATCH_NONE)
        return 0;
    uint32_t rank = 0;
    for (uint32_t i = dispatch->head.heads + container; i >= dispatch->head.heads; i = nodes[i].previous)
        rank++;
    return rank;
}

/* Where a node is after the move: heads stay. */
static uint32_t moved_node(const struct dispatch *dispatch, const uint32_t *places, uint32_t node)
{
    uint32_t heads = dispatch->head.heads;
    return node < heads ? node : heads + places[node - heads];
}

static void renew_roomy(struct dispatch *dispatch, uint32_t count)
{
    sim_array_resize(&dispatch->roomy, 0);
    for (uint32_t i = 0; i < count; i++)
        if (node_at(dispatch, i)->level != DISPATCH_NONE)
            enter_roomy(dispatch, i);
}

void dispatch_move(struct dispatch *dispatch, const uint32_t *places, uint32_t count)
{
    uint32_t heads = dispatch->head.heads;
    struct dispatch_node *old = sim_allocate(heads + count, sizeof *old);
    memcpy(old, nodes_of(dispatch), (heads + count) * sizeof *old);
    for (uint32_t i = 0; i < heads + count; i++) {
        struct dispatch_node *node = nodes_of(dispatch) + moved_node(dispatch, places, i);
        *node = old[i];
        if (i >= heads)
            node->age = places[i - heads];
        if (i < heads || node->level != DISPATCH_NONE) {
            node->previous = moved_node(dispatch, places, node->previous);
            node->next = moved_node(dispatch, places, node->next);
        }
    }
    free(old);
    if (dispatch->head.order == DISPATCH_RANDOM)
        renew_roomy(dispatch, count);
}

void dispatch_digest(const struct dispatch *dispatch, struct sim_digest *digest)
{
    const struct dispatch_node *nodes = nodes_of(dispatch);
    for (uint32_t level = 0; level < dispatch->head.heads; level++)
        for (uint32_t i = nodes[level].next; i != level; i = nodes[i].next)
            sim_digest_add(digest, (uint64_t)level << 32 | (i - dispatch->head.heads));
}

uint32_t dispatch_choose(const struct dispatch *dispatch, struct sim_random *random)
{
    const struct dispatch_head *head = &dispatch->head;
    if ((head->summary[0] | head->summary[1]) == 0)
        return DISPATCH_NONE;
    switch (head->order) {
    case DISPATCH_LEAST_LOADED:
        return nodes_of(dispatch)[lowest_level(head)].previous - head->heads;
    case DISPATCH_LONGEST_WAITING:
        return nodes_of(dispatch)[0].previous - head->heads;
    case DISPATCH_RANDOM:
        return ((const uint32_t *)dispatch->roomy.items)[sim_variate_below(random, dispatch->roomy.count)];
    default:
        return nodes_of(dispatch)[highest_level(head)].next - head->heads;
    }
}
