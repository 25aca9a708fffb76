/* merge.c - merging of trees. */
#include "scenarios/merge.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/reader.h"

/* The files being read, innermost first. */
struct chain {
    const char *path; /* without links and dots */
    const struct chain *outer;
    size_t length;
};

/* The next part of a dotted path: copied to `part`; *path moves behind the dot, to NULL after the last. */
static void take_part(const char **path, char *part, size_t size)
{
    size_t length = strcspn(*path, ".");
    size_t kept = length < size ? length : size - 1;
    memcpy(part, *path, kept);
    part[kept] = '\0';
    *path = (*path)[length] == '.' ? *path + length + 1 : NULL;
}

static struct node *item_at(const struct node *list, const char *index_text)
{
    if (*index_text == '\0' || strlen(index_text) > 6 || strspn(index_text, "0123456789") != strlen(index_text))
        return NULL;
    struct node *item = list->first;
    for (long index = strtol(index_text, NULL, 10); item && index > 0; index--)
        item = item->next;
    return item;
}

/* The member or item that one part of a path names. */
static struct node *find_part(const struct node *node, const char *part)
{
    if (node->kind == NODE_MAPPING)
        return node_member(node, part);
    struct node *item = node_item(node, part);
    return item || node->kind != NODE_SEQUENCE ? item : item_at(node, part);
}

/* Merging compares each with each. Two thousand keys meeting two thousand are no scenario. */
#define COMPARISON_MAX 4000000

static bool is_too_much(size_t base_count, const struct node *over, struct diagnostic_list *problems)
{
    if (over->count == 0 || base_count <= COMPARISON_MAX / over->count)
        return false;
    diagnostic_add(problems, over->place, "too many keys or items to merge them with those of the base");
    return true;
}

/* Removing */

#define PART_SIZE 128

/* Removes what the path names, the first part being looked up in `node`. False if it is not there. */
static bool remove_path(struct node *node, const char *path)
{
    char part[PART_SIZE];
    for (;;) {
        take_part(&path, part, sizeof part);
        struct node *child = find_part(node, part);
        if (!child)
            return false;
        if (!path) {
            node_remove(node, child);
            return true;
        }
        node = child;
    }
}

/* Removes the item `name` from those of the mapping's lists that have it. Returns from how many. */
static size_t remove_item(const struct node *mapping, const char *name)
{
    size_t count = 0;
    for (struct node *member = mapping->first; member; member = member->next) {
        const struct node *item = node_item(member, name);
        if (!item)
            continue;
        node_remove(member, item);
        count++;
    }
    return count;
}

static void report_missing(const struct node *target, const struct node *name, struct diagnostic_list *problems)
{
    struct suggestion search = suggest_begin(name->text);
    if (!diagnostic_is_full(problems))
        node_offer_names(target, &search);
    for (const struct node *member = target->first; member && !diagnostic_is_full(problems); member = member->next)
        if (member->kind == NODE_SEQUENCE)
            node_offer_names(member, &search);
    diagnostic_add_suggestion(problems, name->place, search.nearest, "the base has no '%s' to remove", name->text);
}

static void remove_name(struct node *target, const struct node *name, struct diagnostic_list *problems)
{
    if (name->kind != NODE_SCALAR) {
        diagnostic_add(problems, name->place, "expected a name to remove, not %s", node_kind_text(name));
        return;
    }
    if (remove_path(target, name->text))
        return;
    size_t count = target->kind == NODE_MAPPING ? remove_item(target, name->text) : 0;
    if (count == 0)
        report_missing(target, name, problems);
    else if (count > 1)
        diagnostic_add(problems, name->place, "several lists have a '%s'; write LIST.%s", name->text, name->text);
}

static void remove_names(struct node *target, const struct node *names, struct diagnostic_list *problems)
{
    if (names->kind != NODE_SEQUENCE) {
        diagnostic_add(problems, names->place, "'remove' needs a list of names, not %s", node_kind_text(names));
        return;
    }
    size_t searched = target->count;
    for (const struct node *member = target->first; member; member = member->next)
        searched += member->count;
    if (is_too_much(searched, names, problems))
        return;
    for (const struct node *name = names->first; name; name = name->next)
        remove_name(target, name, problems);
}

/* Merging */

static void merge_mapping(struct node *base, struct node *over, struct diagnostic_list *problems);

static void merge_list(struct node *base, struct node *over, struct diagnostic_list *problems)
{
    if (is_too_much(base->count, over, problems))
        return;
    struct node *next;
    for (struct node *item = over->first; item; item = next) {
        next = item->next;
        item->next = NULL;
        struct node *existing = node_item(base, node_item_name(item));
        if (existing)
            merge_mapping(existing, item, problems);
        else
            node_append(base, item);
    }
}

static bool is_removal(const struct node *node)
{
    return node->kind == NODE_MAPPING && node->count == 1 && strcmp(node->first->key, "remove") == 0;
}

/* `over` is detached: it belongs to no list or mapping any more. */
static void merge_member(struct node *base, struct node *over, struct diagnostic_list *problems)
{
    struct node *existing = node_member(base, over->key);
    if (!existing)
        node_append(base, over);
    else if (existing->kind == NODE_MAPPING && over->kind == NODE_MAPPING)
        merge_mapping(existing, over, problems);
    else if (existing->kind == NODE_SEQUENCE && is_removal(over))
        remove_names(existing, over->first, problems);
    else if (node_is_named_list(existing) && node_is_named_list(over))
        merge_list(existing, over, problems);
    else {
        existing->key_place = over->key_place;
        node_assign(existing, over);
    }
}

static void merge_mapping(struct node *base, struct node *over, struct diagnostic_list *problems)
{
    const struct node *names = node_member(over, "remove");
    if (names) {
        remove_names(base, names, problems);
        node_remove(over, names);
    }
    base->place = over->place;
    if (is_too_much(base->count, over, problems))
        return;
    struct node *next;
    for (struct node *member = over->first; member; member = next) {
        next = member->next;
        member->next = NULL;
        merge_member(base, member, problems);
    }
}

/* Reading */

static struct node *read_in_chain(const char *path, struct place from, const struct chain *outer,
                                  struct diagnostic_list *problems);

/* The base of `root`, merged with it; `root` itself when it has none. The chain names the file of `root`. */
static struct node *apply_base(struct node *root, const struct chain *chain, struct diagnostic_list *problems)
{
    struct node *base = node_member(root, "base");
    const struct node *names = node_member(root, "remove");
    if (!base && names) {
        diagnostic_add(problems, names->key_place, "there is no 'base' to remove from");
        node_remove(root, names);
    }
    if (!base)
        return root;
    node_remove(root, base);
    if (base->kind != NODE_SCALAR || node_is_null(base)) {
        diagnostic_add(problems, base->place, "'base' needs the name of one file");
        return root;
    }
    const char *path = source_resolve(base->place.source, base->text, problems->arena);
    struct node *merged = read_in_chain(path, base->place, chain, problems);
    if (!merged)
        return NULL;
    merge_mapping(merged, root, problems);
    return merged;
}

static bool is_in_chain(const struct chain *chain, const char *path)
{
    for (; chain; chain = chain->outer)
        if (strcmp(chain->path, path) == 0)
            return true;
    return false;
}

static struct node *read_in_chain(const char *path, struct place from, const struct chain *outer,
                                  struct diagnostic_list *problems)
{
    char *real = realpath(path, NULL);
    struct chain chain = {.path = real ? real : path, .outer = outer, .length = outer ? outer->length + 1 : 1};
    struct node *root = NULL;
    if (is_in_chain(outer, chain.path))
        diagnostic_add(problems, from, "'%s' is based on itself", path);
    else if (chain.length > MERGE_BASES_MAX)
        diagnostic_add(problems, from, "more than %d files are based on each other", MERGE_BASES_MAX);
    else
        root = reader_read_file(path, from, problems);
    if (root && root->kind != NODE_MAPPING) {
        diagnostic_add(problems, root->place, "expected a mapping of keys to values, not %s", node_kind_text(root));
        root = NULL;
    }
    if (root)
        root = apply_base(root, &chain, problems);
    free(real);
    return root;
}

struct node *merge_read(const char *path, struct place from, struct diagnostic_list *problems)
{
    return read_in_chain(path, from, NULL, problems);
}

/* Settings */

static void report_no_part(const struct node *node, const char *part, struct place place,
                           struct diagnostic_list *problems)
{
    if (node->kind == NODE_SCALAR) {
        diagnostic_add(problems, place, "there is no '%s' within the value '%s'", part, node->text);
        return;
    }
    struct suggestion search = suggest_begin(part);
    node_offer_names(node, &search);
    diagnostic_add_suggestion(problems, place, search.nearest, "the list has no item '%s'", part);
}

static struct node *create_member(struct node *mapping, const char *key, struct place place,
                                  struct diagnostic_list *problems)
{
    struct node *member = node_create(problems->arena, NODE_MAPPING, place);
    member->key = sim_arena_text(problems->arena, key);
    member->key_place = place;
    node_append(mapping, member);
    return member;
}

/* The node that `path` names, created where mappings lack it; NULL after a problem. `place` is that of the path. */
static struct node *reach(struct node *node, const char *path, struct place place, struct diagnostic_list *problems)
{
    char part[PART_SIZE];
    const char *begin = path;
    for (const char *rest = path; rest;) {
        struct place part_place = place;
        part_place.column += (int)(rest - begin);
        take_part(&rest, part, sizeof part);
        struct node *child = find_part(node, part);
        if (part[0] == '\0') {
            diagnostic_add(problems, part_place, "a part of the path is empty");
            return NULL;
        }
        if (!child && node->kind != NODE_MAPPING) {
            report_no_part(node, part, part_place, problems);
            return NULL;
        }
        if (!child)
            child = create_member(node, part, part_place, problems);
        if (!rest)
            child->key_place = part_place;
        node = child;
    }
    return node;
}

void merge_set(struct node *root, const char *setting, struct diagnostic_list *problems)
{
    merge_set_from(root, setting, "--set", problems);
}

void merge_set_from(struct node *root, const char *setting, const char *name, struct diagnostic_list *problems)
{
    struct source *source = sim_arena_allocate(problems->arena, 1, sizeof *source);
    struct sim_error error;
    enum sim_status status = source_take_text(name, setting, strlen(setting), problems->arena, source, &error);
    source->number = problems->source_count++;
    struct place place = {source, 1, 1};
    if (status != SIM_OK) {
        diagnostic_add_error(problems, place, &error);
        return;
    }
    const char *equals = strchr(source->text, '=');
    if (!equals) {
        diagnostic_add(problems, place, "expected PATH=VALUE, as in pools.tts.max_inputs=20");
        return;
    }
    size_t size = (size_t)(equals - source->text);
    char *path = sim_arena_allocate(problems->arena, size + 1, 1);
    memcpy(path, source->text, size);
    struct place value_place = {source, 1, (int)size + 2};
    const struct node *value = reader_read_part(value_place, equals + 1, problems);
    struct node *target = value ? reach(root, path, place, problems) : NULL;
    if (target)
        node_assign(target, value);
}
