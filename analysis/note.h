/* note.h - remarks that go with a result: what was assumed, and what should make the reader careful. */
#ifndef ANALYSIS_NOTE_H
#define ANALYSIS_NOTE_H

#include <stddef.h>

enum note_kind {
    NOTE_WARNING, /* figures may mislead */
    NOTE_FACT,
    NOTE_ASSUMED /* a rule that no vendor documents, or a figure that nobody measured */
};

struct note {
    enum note_kind kind;
    char text[400]; /* one sentence without a full stop */
};

struct note_list {
    struct note *items;
    size_t count;
    size_t capacity;
};

/* Texts that are too long are cut. */
void note_add(struct note_list *list, enum note_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds every note of `other`. */
void note_add_all(struct note_list *list, const struct note_list *other);

void note_list_release(struct note_list *list);

/* "warning", "fact", "assumed", ended by NULL. */
extern const char *const note_kind_names[];

#endif
