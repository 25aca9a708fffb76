/* binding.c - walking a table and a mapping together. */
#include "scenarios/binding.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/value.h"

struct binding {
    struct sim_arena *arena;
    struct diagnostic_list *problems;
};

static void fill(const struct binding *binding, const struct sim_field_table *table, struct node *node, char *item);

const struct sim_field *binding_find_field(const struct sim_field_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->fields[i].name, name) == 0)
            return &table->fields[i];
    return NULL;
}

static void report_unknown_keys(const struct binding *binding, const struct sim_field_table *table,
                                const struct node *node)
{
    for (const struct node *member = node->first; member; member = member->next) {
        if (binding_find_field(table, member->key))
            continue;
        struct suggestion search = suggest_begin(member->key);
        for (size_t i = 0; i < table->count && !diagnostic_is_full(binding->problems); i++)
            suggest_offer(&search, table->fields[i].name);
        diagnostic_add_suggestion(binding->problems, member->key_place, search.nearest, "unknown key '%s' in %s",
                                  member->key, table->name);
    }
}

static int compare_item_names(const void *left, const void *right)
{
    const struct node *const *a = left;
    const struct node *const *b = right;
    int order = strcmp(node_item_name(*a), node_item_name(*b));
    if (order != 0)
        return order;
    return ((*a)->place.line > (*b)->place.line) - ((*a)->place.line < (*b)->place.line);
}

static void report_equal_names(const struct binding *binding, const struct sim_field *field, const struct node *list)
{
    if (list->count < 2 || !binding_find_field(field->table, "name"))
        return;
    const struct node **sorted = sim_allocate(list->count, sizeof(struct node *));
    size_t count = 0;
    for (const struct node *item = list->first; item; item = item->next)
        if (node_member(item, "name") && node_item_name(item))
            sorted[count++] = item;
    qsort(sorted, count, sizeof(struct node *), compare_item_names);
    for (size_t i = 1; i < count; i++)
        if (strcmp(node_item_name(sorted[i - 1]), node_item_name(sorted[i])) == 0)
            diagnostic_add(binding->problems, node_member(sorted[i], "name")->place,
                           "two items of '%s' are called '%s'", field->name, node_item_name(sorted[i]));
    free(sorted);
}

/* Gives every member its value for being left out, so that no text is a null pointer after a problem. */
static void clear(const struct sim_field_table *table, char *item)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct sim_field *field = &table->fields[i];
        if (field->type == SIM_FIELD_RECORD)
            clear(field->table, item + field->offset);
        else
            value_clear(field, item);
    }
}

__attribute__((format(printf, 3, 4))) static void reject(const struct binding *binding, struct node *node,
                                                         const char *format, ...)
{
    char message[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    diagnostic_add(binding->problems, node->place, "%s", message);
    node->is_wrong = true;
}

/* Turns a plain value into the mapping that it stands for. */
static void give_key(const struct binding *binding, const struct sim_field *field, struct node *node)
{
    if (!field->bare || node->kind != NODE_SCALAR || node->is_wrong)
        return;
    struct node *value = node_copy(binding->problems->arena, node);
    value->key = field->bare;
    value->key_place = node->place;
    struct node mapping = *node_create(binding->problems->arena, NODE_MAPPING, node->place);
    node_append(&mapping, value);
    node_assign(node, &mapping);
}

static void fill_list(const struct binding *binding, const struct sim_field *field, struct node *node, char *item)
{
    if (node->kind != NODE_SEQUENCE) {
        reject(binding, node, "'%s' needs a list, not %s", field->name, node_kind_text(node));
        return;
    }
    if (node->count == 0 && !field->initial)
        reject(binding, node, "'%s' needs at least one item", field->name);
    size_t size = field->table->item_size;
    char *items = sim_arena_allocate(binding->arena, node->count, size);
    memcpy(item + field->offset, &items, sizeof items);
    memcpy(item + field->count_offset, &node->count, sizeof node->count);
    for (struct node *child = node->first; child; child = child->next, items += size) {
        clear(field->table, items);
        give_key(binding, field, child);
        fill(binding, field->table, child, items);
    }
    report_equal_names(binding, field, node);
}

static void fill_scalar(const struct binding *binding, const struct sim_field *field, struct node *node, char *item)
{
    if (node->kind != NODE_SCALAR) {
        reject(binding, node, "'%s' needs a value, not %s", field->name, node_kind_text(node));
        return;
    }
    struct value_problem problem = {0};
    struct value_context context = {.arena = binding->arena, .source = node->place.source};
    if (value_store(field, node->text, &context, item, &problem))
        return;
    struct place place = node->place;
    /* In quotes the text begins one column further. */
    if (problem.column > 0)
        place.column += problem.column - 1 + node->is_quoted;
    diagnostic_add_suggestion(binding->problems, place, problem.suggestion, "'%s': %s", field->name, problem.message);
    node->is_wrong = true;
}

/* Several choices: one by itself, or a list of them. */
static void fill_choices(const struct binding *binding, const struct sim_field *field, struct node *node, char *item)
{
    int32_t bits = 0;
    if (node->kind == NODE_SCALAR) {
        fill_scalar(binding, field, node, item);
        return;
    }
    if (node->kind != NODE_SEQUENCE || node->count == 0) {
        reject(binding, node, "'%s' needs a list of values", field->name);
        return;
    }
    for (struct node *child = node->first; child; child = child->next) {
        int32_t bit = 0;
        fill_scalar(binding, field, child, item);
        memcpy(&bit, item + field->offset, sizeof bit);
        bits |= bit;
        node->is_wrong = node->is_wrong || child->is_wrong;
    }
    memcpy(item + field->offset, &bits, sizeof bits);
}

static void fill_given(const struct binding *binding, const struct sim_field *field, struct node *node, char *item)
{
    if (field->type == SIM_FIELD_RECORD)
        fill(binding, field->table, node, item + field->offset);
    else if (field->type == SIM_FIELD_LIST)
        fill_list(binding, field, node, item);
    else if (field->type == SIM_FIELD_CHOICES)
        fill_choices(binding, field, node, item);
    else
        fill_scalar(binding, field, node, item);
}

static void fill_default(const struct binding *binding, const struct sim_field *field, struct place place, char *item)
{
    struct value_context context = {.arena = binding->arena};
    struct value_problem problem = {0};
    if (field->type == SIM_FIELD_RECORD) {
        struct node empty = {.kind = NODE_MAPPING, .place = place};
        fill(binding, field->table, &empty, item + field->offset);
    } else if (field->initial[0] != '\0') {
        bool is_stored = value_store(field, field->initial, &context, item, &problem);
        sim_assert(is_stored);
    }
}

static void fill_field(const struct binding *binding, const struct sim_field_table *table,
                       const struct sim_field *field, const struct node *node, char *item)
{
    struct node *given = node_member(node, field->name);
    bool is_null = given && node_is_null(given);
    if (given && given->is_wrong)
        return;
    /* A default underneath a given value stays if the value does not fit. */
    if (field->initial && (!given || is_null || field->type != SIM_FIELD_RECORD))
        fill_default(binding, field, node->place, item);
    if (given && !is_null)
        fill_given(binding, field, given, item);
    else if (!field->initial && is_null)
        reject(binding, given, "the required key '%s' of %s has no value", field->name, table->name);
    else if (!field->initial)
        diagnostic_add(binding->problems, node->place, "the required key '%s' is missing in %s", field->name,
                       table->name);
}

static void fill(const struct binding *binding, const struct sim_field_table *table, struct node *node, char *item)
{
    if (node->is_wrong)
        return;
    if (node->kind != NODE_MAPPING) {
        reject(binding, node, "expected the keys of %s, not %s", table->name, node_kind_text(node));
        return;
    }
    report_unknown_keys(binding, table, node);
    for (size_t i = 0; i < table->count; i++)
        fill_field(binding, table, &table->fields[i], node, item);
}

void binding_fill(const struct sim_field_table *table, struct node *node, void *item, struct sim_arena *arena,
                  struct diagnostic_list *problems)
{
    struct binding binding = {.arena = arena, .problems = problems};
    clear(table, item);
    fill(&binding, table, node, item);
}
