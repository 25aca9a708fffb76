/* node.c - building and searching trees. */
#include "scenarios/node.h"

#include <string.h>

struct node *node_create(struct sim_arena *arena, enum node_kind kind, struct place place)
{
    struct node *node = sim_arena_allocate(arena, 1, sizeof *node);
    node->kind = kind;
    node->place = place;
    node->text = "";
    return node;
}

struct node *node_create_scalar(struct sim_arena *arena, const char *text, struct place place)
{
    struct node *node = node_create(arena, NODE_SCALAR, place);
    node->text = sim_arena_text(arena, text);
    return node;
}

void node_append(struct node *parent, struct node *child)
{
    sim_assert(parent->kind != NODE_SCALAR && !child->next);
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    parent->count++;
}

void node_remove(struct node *parent, const struct node *child)
{
    struct node *before = NULL;
    for (struct node *at = parent->first; at != child; at = at->next) {
        sim_assert(at);
        before = at;
    }
    if (before)
        before->next = child->next;
    else
        parent->first = child->next;
    if (parent->last == child)
        parent->last = before;
    parent->count--;
}

void node_assign(struct node *node, const struct node *other)
{
    struct node assigned = *other;
    assigned.key = node->key;
    assigned.key_place = node->key_place;
    assigned.next = node->next;
    *node = assigned;
}

struct node *node_copy(struct sim_arena *arena, const struct node *node)
{
    struct node *copy = sim_arena_allocate(arena, 1, sizeof *copy);
    *copy = *node;
    copy->first = copy->last = copy->next = NULL;
    copy->count = 0;
    for (const struct node *child = node->first; child; child = child->next)
        node_append(copy, node_copy(arena, child));
    return copy;
}

struct node *node_member(const struct node *node, const char *key)
{
    if (!node || node->kind != NODE_MAPPING)
        return NULL;
    for (struct node *member = node->first; member; member = member->next)
        if (strcmp(member->key, key) == 0)
            return member;
    return NULL;
}

const char *node_item_name(const struct node *item)
{
    const struct node *name = node_member(item, "name");
    if (!name)
        name = node_member(item, "id");
    return name && name->kind == NODE_SCALAR && !node_is_null(name) ? name->text : NULL;
}

struct node *node_item(const struct node *node, const char *name)
{
    if (!node || node->kind != NODE_SEQUENCE)
        return NULL;
    for (struct node *item = node->first; item; item = item->next) {
        const char *found = node_item_name(item);
        if (found && strcmp(found, name) == 0)
            return item;
    }
    return NULL;
}

bool node_is_named_list(const struct node *node)
{
    if (node->kind != NODE_SEQUENCE || !node->first)
        return false;
    for (const struct node *item = node->first; item; item = item->next)
        if (!node_item_name(item))
            return false;
    return true;
}

bool node_is_null(const struct node *node)
{
    if (node->kind != NODE_SCALAR || node->is_quoted)
        return false;
    const char *text = node->text;
    return text[0] == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0 || strcmp(text, "Null") == 0 ||
           strcmp(text, "NULL") == 0;
}

const char *node_kind_text(const struct node *node)
{
    switch (node->kind) {
    case NODE_MAPPING:
        return "a mapping";
    case NODE_SEQUENCE:
        return "a list";
    case NODE_SCALAR:
        break;
    }
    return "a value";
}

void node_offer_names(const struct node *node, struct suggestion *suggestion)
{
    for (const struct node *child = node->first; child; child = child->next) {
        const char *name = node->kind == NODE_MAPPING ? child->key : node_item_name(child);
        if (name)
            suggest_offer(suggestion, name);
    }
}
