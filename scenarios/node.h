/* node.h - a scenario as a tree: mappings, sequences and scalars, each with its place.
 *
 * Nodes belong to an arena and are changed in place while bases and settings are merged. What keys mean is not
 * known here: binding.h.
 */
#ifndef SCENARIOS_NODE_H
#define SCENARIOS_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "scenarios/source.h"
#include "scenarios/suggest.h"

/* Bounds on what one text may hold. No scenario comes near; hostile ones end here. */
#define NODE_DEPTH_MAX 32
#define NODE_COUNT_MAX 100000

enum node_kind {
    NODE_SCALAR,
    NODE_MAPPING,
    NODE_SEQUENCE
};

struct node {
    enum node_kind kind;
    struct place place;     /* of the value */
    const char *key;        /* in a mapping: what it is called there; otherwise NULL */
    struct place key_place; /* in a mapping: of the key */
    const char *text;       /* of a scalar, unquoted */
    bool is_quoted;         /* a scalar in quotes or a block scalar: text whatever it says */
    bool is_wrong;          /* a problem with the value was reported: no conclusions from it */
    struct node *first;     /* members or items, in order */
    struct node *last;
    struct node *next; /* in the same mapping or sequence */
    size_t count;
};

/* A new node without members. */
struct node *node_create(struct sim_arena *arena, enum node_kind kind, struct place place);

/* A scalar with a copy of `text`. */
struct node *node_create_scalar(struct sim_arena *arena, const char *text, struct place place);

/* Adds a member or an item at the end. The child belongs to one parent only. */
void node_append(struct node *parent, struct node *child);

/* Takes a child out. */
void node_remove(struct node *parent, const struct node *child);

/* Gives `node` the value of `other`, keeping its own key and its place in its parent. Members move along: `other`
 * must not be used afterwards.
 */
void node_assign(struct node *node, const struct node *other);

/* A deep copy. Its depth is that of `node`, which is bounded. */
struct node *node_copy(struct sim_arena *arena, const struct node *node);

/* The member called `key`; NULL if there is none or `node` is no mapping. */
struct node *node_member(const struct node *node, const char *key);

/* The item whose name is `name`; NULL if there is none or `node` is no sequence. */
struct node *node_item(const struct node *node, const char *name);

/* The item's name: the text of its member `name`, or of `id` where it has no such member; NULL if it has neither. */
const char *node_item_name(const struct node *item);

/* True for a sequence with at least one item whose items all have names. */
bool node_is_named_list(const struct node *node);

/* True for a scalar that says nothing: empty, `~` or `null`, not in quotes. */
bool node_is_null(const struct node *node);

/* "a mapping", "a list" or "a value". */
const char *node_kind_text(const struct node *node);

/* Offers the keys of a mapping, or the names of a list's items, to a search for what was meant. */
void node_offer_names(const struct node *node, struct suggestion *suggestion);

#endif
