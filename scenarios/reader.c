/* reader.c - libyaml's events become nodes. A stack of open collections stands in for recursion, so that its
 * height is the nesting and can be bounded before libyaml, which is slow on deep nesting, has read far.
 */
#include "scenarios/reader.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "sim/memory.h"

#define DIRECTIVE_MAX 16

struct open_collection {
    struct node *node;
    const char *key; /* of a mapping: read, but its value not yet; NULL: the next scalar is a key */
    struct place key_place;
};

struct anchor {
    const char *name;
    const struct node *node;
};

struct reader {
    yaml_parser_t parser;
    struct diagnostic_list *problems;
    struct place origin; /* where line 1, column 1 of the text is */
    size_t size;         /* of the text */
    struct open_collection open[NODE_DEPTH_MAX];
    size_t depth;
    struct anchor anchors[READER_ANCHOR_MAX];
    size_t anchor_count;
    size_t node_count;
    size_t document_count;
    struct node *root;
    bool is_over;
    bool has_failed;
};

static struct place place_of(const struct reader *reader, yaml_mark_t mark)
{
    int shift = mark.line == 0 ? reader->origin.column - 1 : 0;
    return (struct place){reader->origin.source, reader->origin.line + (int)mark.line, (int)mark.column + 1 + shift};
}

static void fail(struct reader *reader, struct place place, const char *message)
{
    diagnostic_add(reader->problems, place, "%s", message);
    reader->has_failed = true;
}

/* A collection that is open contains whatever is read now. */
static bool is_open(const struct reader *reader, const struct node *node)
{
    for (size_t i = 0; i < reader->depth; i++)
        if (reader->open[i].node == node)
            return true;
    return false;
}

static size_t node_total(const struct node *node)
{
    size_t total = 1;
    for (const struct node *child = node->first; child; child = child->next)
        total += node_total(child);
    return total;
}

static size_t node_height(const struct node *node)
{
    size_t height = 0;
    for (const struct node *child = node->first; child; child = child->next) {
        size_t below = node_height(child);
        if (below > height)
            height = below;
    }
    return node->kind == NODE_SCALAR ? 0 : height + 1;
}

/* Counts nodes before they are made. */
static bool has_room(struct reader *reader, size_t added, struct place place)
{
    reader->node_count += added;
    if (reader->node_count > NODE_COUNT_MAX)
        fail(reader, place, "more than 100,000 keys and values, aliases included");
    return !reader->has_failed;
}

/* Takes a scalar as the key of the innermost mapping. */
static void take_key(struct reader *reader, const struct node *scalar)
{
    struct open_collection *top = &reader->open[reader->depth - 1];
    if (strcmp(scalar->text, "<<") == 0 && !scalar->is_quoted)
        diagnostic_add(reader->problems, scalar->place,
                       "merge keys ('<<') are not known here; write the members out, or use 'base: FILE'");
    top->key = scalar->text;
    top->key_place = scalar->place;
}

static bool expects_key(const struct reader *reader)
{
    if (reader->depth == 0)
        return false;
    const struct open_collection *top = &reader->open[reader->depth - 1];
    return top->node->kind == NODE_MAPPING && !top->key;
}

/* Puts a complete or just opened node where it belongs. */
static void place_node(struct reader *reader, struct node *node)
{
    if (reader->depth == 0) {
        reader->root = node;
        return;
    }
    struct open_collection *top = &reader->open[reader->depth - 1];
    if (top->node->kind == NODE_MAPPING) {
        node->key = top->key;
        node->key_place = top->key_place;
        top->key = NULL;
    }
    node_append(top->node, node);
}

static void set_anchor(struct reader *reader, const yaml_char_t *name, const struct node *node)
{
    if (!name)
        return;
    size_t at = 0;
    while (at < reader->anchor_count && strcmp(reader->anchors[at].name, (const char *)name) != 0)
        at++;
    if (at == READER_ANCHOR_MAX) {
        fail(reader, node->place, "more than 256 anchors");
        return;
    }
    if (at == reader->anchor_count) {
        reader->anchors[at].name = sim_arena_text(reader->problems->arena, (const char *)name);
        reader->anchor_count++;
    }
    reader->anchors[at].node = node;
}

static void reject_tag(struct reader *reader, const yaml_char_t *tag, struct place place)
{
    if (tag)
        diagnostic_add(reader->problems, place, "tags ('%s') are not used in scenarios", (const char *)tag);
}

static void on_scalar(struct reader *reader, const yaml_event_t *event)
{
    struct place place = place_of(reader, event->start_mark);
    if (!has_room(reader, 1, place))
        return;
    reject_tag(reader, event->data.scalar.tag, place);
    struct node *node = node_create_scalar(reader->problems->arena, (const char *)event->data.scalar.value, place);
    node->is_quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    /* "\0" in double quotes is a NUL that the check of the text could not see. */
    if (strlen(node->text) != event->data.scalar.length)
        diagnostic_add(reader->problems, place, "the text contains a NUL byte");
    set_anchor(reader, event->data.scalar.anchor, node);
    if (expects_key(reader))
        take_key(reader, node);
    else
        place_node(reader, node);
}

static void open_collection(struct reader *reader, enum node_kind kind, const yaml_event_t *event,
                            const yaml_char_t *anchor, const yaml_char_t *tag)
{
    struct place place = place_of(reader, event->start_mark);
    if (reader->depth == NODE_DEPTH_MAX) {
        fail(reader, place, "nested more than 32 deep");
        return;
    }
    if (expects_key(reader)) {
        fail(reader, place, "a key must be a name, not a mapping or a list");
        return;
    }
    if (!has_room(reader, 1, place))
        return;
    reject_tag(reader, tag, place);
    struct node *node = node_create(reader->problems->arena, kind, place);
    set_anchor(reader, anchor, node);
    place_node(reader, node);
    reader->open[reader->depth++] = (struct open_collection){.node = node};
}

static int compare_keys(const void *left, const void *right)
{
    const struct node *const *a = left;
    const struct node *const *b = right;
    int order = strcmp((*a)->key, (*b)->key);
    if (order != 0)
        return order;
    if ((*a)->key_place.line != (*b)->key_place.line)
        return (*a)->key_place.line < (*b)->key_place.line ? -1 : 1;
    return ((*a)->key_place.column > (*b)->key_place.column) - ((*a)->key_place.column < (*b)->key_place.column);
}

/* Reports keys that occur twice and keeps the first of each. Sorted, because a hostile mapping may have 100,000
 * members.
 */
static void drop_duplicates(struct reader *reader, struct node *mapping)
{
    if (mapping->count < 2)
        return;
    struct node **sorted = sim_allocate(mapping->count, sizeof(struct node *));
    size_t count = 0;
    for (struct node *member = mapping->first; member; member = member->next)
        sorted[count++] = member;
    qsort(sorted, count, sizeof(struct node *), compare_keys);
    const struct node *first = sorted[0];
    for (size_t i = 1; i < count; i++) {
        if (strcmp(first->key, sorted[i]->key) != 0) {
            first = sorted[i];
            continue;
        }
        diagnostic_add(reader->problems, sorted[i]->key_place, "key '%s' occurs twice; the first is in line %d",
                       first->key, first->key_place.line);
        sorted[i]->key = NULL; /* marked for the sweep below */
    }
    free(sorted);
    struct node *member = mapping->first;
    mapping->first = mapping->last = NULL;
    mapping->count = 0;
    while (member) {
        struct node *next = member->next;
        member->next = NULL;
        if (member->key)
            node_append(mapping, member);
        member = next;
    }
}

static void close_collection(struct reader *reader)
{
    struct node *node = reader->open[--reader->depth].node;
    if (node->kind == NODE_MAPPING)
        drop_duplicates(reader, node);
}

/* Where an alias cannot be resolved, an empty value stands in so that reading can go on. */
static struct node *resolve_alias(struct reader *reader, const char *name, struct place place)
{
    const struct node *target = NULL;
    for (size_t i = 0; i < reader->anchor_count; i++)
        if (strcmp(reader->anchors[i].name, name) == 0)
            target = reader->anchors[i].node;
    if (!target)
        diagnostic_add(reader->problems, place, "alias '*%s' has no anchor '&%s' before it", name, name);
    else if (is_open(reader, target))
        diagnostic_add(reader->problems, place, "alias '*%s' stands inside the value that it names", name);
    else if (reader->depth + node_height(target) > NODE_DEPTH_MAX)
        fail(reader, place, "nested more than 32 deep");
    else if (has_room(reader, node_total(target), place))
        return node_copy(reader->problems->arena, target);
    struct node *nothing = node_create_scalar(reader->problems->arena, "", place);
    nothing->is_wrong = true;
    return nothing;
}

static void on_alias(struct reader *reader, const yaml_event_t *event)
{
    struct place place = place_of(reader, event->start_mark);
    if (!has_room(reader, 1, place))
        return;
    struct node *node = resolve_alias(reader, (const char *)event->data.alias.anchor, place);
    if (reader->has_failed)
        return;
    if (!expects_key(reader))
        place_node(reader, node);
    else if (node->kind == NODE_SCALAR)
        take_key(reader, node);
    else
        fail(reader, place, "a key must be a name, not a mapping or a list");
}

static void on_event(struct reader *reader, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (++reader->document_count > 1)
            fail(reader, place_of(reader, event->start_mark), "a second document begins; a scenario is one document");
        break;
    case YAML_SCALAR_EVENT:
        on_scalar(reader, event);
        break;
    case YAML_ALIAS_EVENT:
        on_alias(reader, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        open_collection(reader, NODE_SEQUENCE, event, event->data.sequence_start.anchor,
                        event->data.sequence_start.tag);
        break;
    case YAML_MAPPING_START_EVENT:
        open_collection(reader, NODE_MAPPING, event, event->data.mapping_start.anchor, event->data.mapping_start.tag);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        close_collection(reader);
        break;
    case YAML_STREAM_END_EVENT:
        reader->is_over = true;
        break;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
}

static void report_syntax(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    if (parser->error == YAML_MEMORY_ERROR)
        sim_out_of_memory();
    const char *problem = parser->problem ? parser->problem : "it cannot be read";
    /* What is missing at the end of the text is better shown where it was opened. */
    bool is_at_end = parser->context && parser->problem_mark.index >= reader->size;
    struct place place = place_of(reader, is_at_end ? parser->context_mark : parser->problem_mark);
    if (parser->context)
        diagnostic_add(reader->problems, place, "this is not YAML: %s %s", problem, parser->context);
    else
        diagnostic_add(reader->problems, place, "this is not YAML: %s", problem);
    reader->has_failed = true;
}

/* libyaml's time grows with the square of the number of directives (69 s for 100,000). */
static bool has_many_directives(const char *text)
{
    size_t count = 0;
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        count += *line == '%';
    }
    return count > DIRECTIVE_MAX;
}

static struct node *read_all(struct place origin, const char *text, size_t size, struct diagnostic_list *problems)
{
    if (has_many_directives(text)) {
        diagnostic_add(problems, origin, "more than %d lines begin with '%%'", DIRECTIVE_MAX);
        return NULL;
    }
    struct reader *reader = sim_allocate(1, sizeof *reader);
    reader->problems = problems;
    reader->origin = origin;
    reader->size = size;
    if (!yaml_parser_initialize(&reader->parser))
        sim_out_of_memory();
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader->parser, (const unsigned char *)text, size);
    while (!reader->is_over && !reader->has_failed) {
        yaml_event_t event;
        if (!yaml_parser_parse(&reader->parser, &event)) {
            report_syntax(reader);
            break;
        }
        on_event(reader, &event);
        yaml_event_delete(&event);
    }
    struct node *root = reader->has_failed ? NULL : reader->root;
    if (!reader->has_failed && !root)
        diagnostic_add(problems, origin, "there is nothing in it");
    yaml_parser_delete(&reader->parser);
    free(reader);
    return root;
}

static struct node *read_source(enum sim_status status, struct source *source, struct place from,
                                const struct sim_error *error, struct diagnostic_list *problems)
{
    source->number = problems->source_count++;
    if (status == SIM_OK)
        return read_all((struct place){source, 1, 1}, source->text, source->size, problems);
    if (status == SIM_CANNOT_READ)
        diagnostic_add(problems, from, "cannot read '%s': %s", error->file, error->message);
    else
        diagnostic_add_error(problems, (struct place){source, 1, 1}, error);
    return NULL;
}

struct node *reader_read_file(const char *path, struct place from, struct diagnostic_list *problems)
{
    struct source *source = sim_arena_allocate(problems->arena, 1, sizeof *source);
    struct sim_error error;
    enum sim_status status = source_read(path, problems->arena, source, &error);
    return read_source(status, source, from, &error, problems);
}

struct node *reader_read_text(const char *name, const char *text, size_t size, struct diagnostic_list *problems)
{
    struct source *source = sim_arena_allocate(problems->arena, 1, sizeof *source);
    struct sim_error error;
    enum sim_status status = source_take_text(name, text, size, problems->arena, source, &error);
    return read_source(status, source, (struct place){0}, &error, problems);
}

struct node *reader_read_part(struct place at, const char *text, struct diagnostic_list *problems)
{
    return read_all(at, text, strlen(text), problems);
}
