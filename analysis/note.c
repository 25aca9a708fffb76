/* note.c - a growing list of texts. */
#include "analysis/note.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/memory.h"

const char *const note_kind_names[] = {"warning", "fact", "assumed", NULL};

static struct note *add(struct note_list *list, enum note_kind kind)
{
    list->items = sim_grow(list->items, &list->capacity, list->count + 1, sizeof *list->items);
    struct note *note = &list->items[list->count++];
    note->kind = kind;
    return note;
}

void note_add(struct note_list *list, enum note_kind kind, const char *format, ...)
{
    struct note *note = add(list, kind);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(note->text, sizeof note->text, format, arguments);
    va_end(arguments);
}

void note_add_all(struct note_list *list, const struct note_list *other)
{
    for (size_t i = 0; i < other->count; i++)
        *add(list, other->items[i].kind) = other->items[i];
}

void note_list_release(struct note_list *list)
{
    free(list->items);
    *list = (struct note_list){0};
}
