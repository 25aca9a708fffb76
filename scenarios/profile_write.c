/* profile_write.c - from a struct to YAML, as its table of fields says. */
#include "scenarios/profile_write.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/resolved.h"
#include "scenarios/value.h"
#include "sim/memory.h"
#include "sim/part_file.h"

enum {
    TEXT_SIZE = 4096,
    ITEM_SIZE_MAX = 4096
};

struct writing {
    FILE *out;
    const char *unwritable; /* key of a distribution that has no text; NULL: none */
};

/* Whether the member is as it would be if its key were left out. */
static bool is_default(const struct sim_field *field, const char *item, const char *text)
{
    static const char zeros[sizeof(struct sim_distribution)];
    _Alignas(max_align_t) char plain[ITEM_SIZE_MAX] = {0};
    char other[TEXT_SIZE];
    struct value_problem problem;
    if (!field->initial)
        return false;
    if (field->initial[0] == '\0') {
        bool is_number = field->type == SIM_FIELD_DOUBLE || field->type == SIM_FIELD_INT64;
        return text[0] == '\0' || (is_number && memcmp(item + field->offset, zeros, sizeof(double)) == 0);
    }
    sim_assert(field->offset + sizeof(struct sim_distribution) <= sizeof plain);
    struct sim_arena *arena = sim_arena_create();
    const struct value_context context = {.arena = arena};
    bool is_same = value_store(field, field->initial, &context, plain, &problem) &&
                   value_text(field, plain, other, sizeof other) && strcmp(other, text) == 0;
    sim_arena_destroy(arena);
    return is_same;
}

/* ---- Records and lists ---- */

static void write_mapping(struct writing *writing, const struct sim_field_table *table, const char *item, int indent);

static const char *items_of(const struct sim_field *field, const char *item, size_t *count)
{
    const char *items;
    memcpy(&items, item + field->offset, sizeof items);
    memcpy(count, item + field->count_offset, sizeof *count);
    return items;
}

/* Whether the field says something; its text is filled in if it is a scalar. */
static bool has_value(struct writing *writing, const struct sim_field *field, const char *item, char *text)
{
    size_t count;
    if (field->type == SIM_FIELD_LIST) {
        (void)items_of(field, item, &count);
        return count > 0;
    }
    if (field->type == SIM_FIELD_RECORD) {
        for (size_t i = 0; i < field->table->count; i++)
            if (has_value(writing, &field->table->fields[i], item + field->offset, text))
                return true;
        return false;
    }
    if (!value_text(field, item, text, TEXT_SIZE)) {
        const struct sim_distribution *distribution = (const void *)(item + field->offset);
        if (field->type == SIM_FIELD_DISTRIBUTION && distribution->kind != SIM_DISTRIBUTION_NONE)
            writing->unwritable = field->name;
        return false;
    }
    return !is_default(field, item, text);
}

/* An item of a list in one line. */
static void write_item(struct writing *writing, const struct sim_field *list, const char *item)
{
    char text[TEXT_SIZE];
    bool is_first = true;
    fputs("- ", writing->out);
    if (list->bare) {
        for (size_t i = 0; i < list->table->count; i++)
            if (strcmp(list->table->fields[i].name, list->bare) == 0 &&
                has_value(writing, &list->table->fields[i], item, text))
                resolved_write_text(text, false, writing->out);
        fputc('\n', writing->out);
        return;
    }
    fputc('{', writing->out);
    for (size_t i = 0; i < list->table->count; i++) {
        const struct sim_field *field = &list->table->fields[i];
        if (!has_value(writing, field, item, text))
            continue;
        fprintf(writing->out, "%s%s: ", is_first ? "" : ", ", field->name);
        resolved_write_text(text, true, writing->out);
        is_first = false;
    }
    fputs("}\n", writing->out);
}

static void write_member(struct writing *writing, const struct sim_field *field, const char *item, const char *text,
                         int indent)
{
    size_t count;
    fprintf(writing->out, "%*s%s:", indent, "", field->name);
    if (field->type == SIM_FIELD_RECORD) {
        fputc('\n', writing->out);
        write_mapping(writing, field->table, item + field->offset, indent + 2);
    } else if (field->type == SIM_FIELD_LIST) {
        const char *items = items_of(field, item, &count);
        fputc('\n', writing->out);
        for (size_t i = 0; i < count; i++) {
            fprintf(writing->out, "%*s", indent + 2, "");
            write_item(writing, field, items + i * field->table->item_size);
        }
    } else {
        fputc(' ', writing->out);
        resolved_write_text(text, false, writing->out);
        fputc('\n', writing->out);
    }
}

static void write_mapping(struct writing *writing, const struct sim_field_table *table, const char *item, int indent)
{
    char text[TEXT_SIZE];
    for (size_t i = 0; i < table->count; i++)
        if (has_value(writing, &table->fields[i], item, text))
            write_member(writing, &table->fields[i], item, text, indent);
}

/* ---- The file ---- */

static void write_comment(const char *comment, FILE *out)
{
    while (*comment) {
        size_t size = strcspn(comment, "\n");
        fprintf(out, "#%s%.*s\n", size > 0 ? " " : "", (int)size, comment);
        comment += size + (comment[size] == '\n');
    }
}

enum sim_status profile_write(const struct profile_config *profile, const char *comment, const char *path,
                              struct sim_error *error)
{
    struct sim_part_file file;
    char *text = NULL;
    size_t size = 0;
    struct writing writing = {.out = open_memstream(&text, &size)};
    sim_assert(writing.out);
    write_comment(comment, writing.out);
    write_mapping(&writing, &profile_config_table, (const char *)profile, 0);
    bool is_written = fclose(writing.out) == 0;
    sim_assert(is_written);
    enum sim_status status = SIM_OK;
    if (writing.unwritable)
        status = sim_error_set(error, SIM_BAD_INPUT, path, 0,
                               "the distribution of '%s' cannot be written: it stands in a file of its own",
                               writing.unwritable);
    if (status == SIM_OK)
        status = sim_part_file_open(&file, path, error);
    if (status == SIM_OK) {
        sim_part_file_write(&file, 0, text, size);
        status = sim_part_file_finish(&file, error);
    }
    free(text);
    return status;
}
