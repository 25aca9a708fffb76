/* vary.c - reading what is varied. */
#include "analysis/vary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/reader.h"
#include "scenarios/resolved.h"
#include "sim/memory.h"

/* ---- Values as text ---- */

static void write_flow(const struct node *node, FILE *out)
{
    bool is_mapping = node->kind == NODE_MAPPING;
    if (node->kind == NODE_SCALAR) {
        resolved_write_text(node->text, true, out);
        return;
    }
    fputc(is_mapping ? '{' : '[', out);
    for (const struct node *child = node->first; child; child = child->next) {
        if (is_mapping)
            fprintf(out, "%s: ", child->key);
        write_flow(child, out);
        fputs(child->next ? ", " : "", out);
    }
    fputc(is_mapping ? '}' : ']', out);
}

static void write_value(const struct node *node, bool is_setting, FILE *out)
{
    if (node->kind != NODE_SCALAR)
        write_flow(node, out);
    else if (is_setting && node->is_quoted)
        resolved_write_text(node->text, false, out);
    else
        fputs(node->text, out);
}

static const char *text_of(const char *path, const struct node *node, struct sim_arena *arena)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        sim_out_of_memory();
    if (path)
        fprintf(out, "%s=", path);
    write_value(node, path != NULL, out);
    if (fclose(out) != 0 || !text)
        sim_out_of_memory();
    const char *copy = sim_arena_text(arena, text);
    free(text);
    return copy;
}

/* ---- Arguments ---- */

static void take_values(struct vary_path *path, const struct node *list, struct diagnostic_list *problems)
{
    path->values = sim_arena_allocate(problems->arena, list->count, sizeof *path->values);
    for (const struct node *item = list->first; item; item = item->next) {
        const char *text = text_of(NULL, item, problems->arena);
        bool is_new = true;
        for (size_t i = 0; i < path->count && is_new; i++)
            is_new = strcmp(path->values[i].text, text) != 0;
        if (is_new)
            path->values[path->count++] = (struct vary_value){text, text_of(path->path, item, problems->arena)};
        else
            diagnostic_add(problems, item->place, "the value '%s' occurs twice", text);
    }
}

static void read_path(struct vary_path *path, const char *argument, struct diagnostic_list *problems)
{
    struct source *source = sim_arena_allocate(problems->arena, 1, sizeof *source);
    struct sim_error error;
    enum sim_status status = source_take_text("--vary", argument, strlen(argument), problems->arena, source, &error);
    source->number = problems->source_count++;
    path->place = (struct place){source, 1, 1};
    if (status != SIM_OK) {
        diagnostic_add_error(problems, path->place, &error);
        return;
    }
    const char *equals = strchr(source->text, '=');
    if (!equals || equals == source->text) {
        diagnostic_add(problems, path->place, "expected PATH=[VALUE, VALUE, ...], as in pools.tts.max_inputs=[8, 12]");
        return;
    }
    size_t size = (size_t)(equals - source->text);
    char *name = sim_arena_allocate(problems->arena, size + 1, 1);
    memcpy(name, source->text, size);
    path->path = name;
    struct place place = {source, 1, (int)size + 2};
    const struct node *list = reader_read_part(place, equals + 1, problems);
    if (list && list->kind != NODE_SEQUENCE)
        diagnostic_add(problems, place, "expected a list of values, as in %s=[%s, ...], not %s", name,
                       list->kind == NODE_SCALAR && list->text[0] ? list->text : "VALUE", node_kind_text(list));
    else if (list && list->count == 0)
        diagnostic_add(problems, place, "the list of values is empty");
    else if (list)
        take_values(path, list, problems);
}

/* Whether one path is the other, or leads to it. */
static bool is_within(const char *path, const char *other)
{
    size_t length = strlen(path);
    return strncmp(path, other, length) == 0 && (other[length] == '\0' || other[length] == '.');
}

static void refuse_doubles(const struct vary *vary, struct diagnostic_list *problems)
{
    for (size_t i = 0; i < vary->count; i++)
        for (size_t k = 0; k < i; k++) {
            const char *one = vary->paths[i].path;
            const char *other = vary->paths[k].path;
            if (!one || !other || !(is_within(one, other) || is_within(other, one)))
                continue;
            if (strcmp(one, other) == 0)
                diagnostic_add(problems, vary->paths[i].place, "'%s' is varied twice; put all values in one list", one);
            else
                diagnostic_add(problems, vary->paths[i].place, "'%s' and '%s' change the same value", other, one);
        }
}

bool vary_parse(struct vary *vary, const char *const *arguments, size_t count, struct diagnostic_list *problems)
{
    *vary = (struct vary){.paths = sim_arena_allocate(problems->arena, count, sizeof *vary->paths), .count = count};
    for (size_t i = 0; i < count; i++)
        read_path(&vary->paths[i], arguments[i], problems);
    if (count > VARY_PATHS_MAX)
        diagnostic_add(problems, vary->paths[VARY_PATHS_MAX].place, "more than %d paths are varied", VARY_PATHS_MAX);
    refuse_doubles(vary, problems);
    return problems->count == 0;
}

/* ---- The grid ---- */

size_t vary_grid_count(const struct vary *vary)
{
    size_t count = 1;
    for (size_t i = 0; i < vary->count; i++) {
        if (vary->paths[i].count > VARY_POINTS_MAX / count)
            return 0;
        count *= vary->paths[i].count;
    }
    return count;
}

void vary_grid_point(const struct vary *vary, size_t index, struct vary_value *values)
{
    for (size_t i = vary->count; i-- > 0;) {
        const struct vary_path *path = &vary->paths[i];
        values[i] = path->values[index % path->count];
        index /= path->count;
    }
}
