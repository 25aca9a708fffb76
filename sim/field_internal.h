/* field_internal.h - one line for each field of a table, for the files that describe keys.
 *
 * `owner` is the struct, `member` where the value goes, `key` its name in the file; the rest is as in sim/field.h.
 */
#ifndef SIM_FIELD_INTERNAL_H
#define SIM_FIELD_INTERNAL_H

#include <stddef.h>

#include "sim/field.h"

#define ITEM(owner, member, key, kind, unit_text, low, high, initial_text, help_text)                           \
    {                                                                                                           \
        .name = (key), .type = SIM_FIELD_##kind, .offset = offsetof(struct owner, member), .unit = (unit_text), \
        .lowest = (low), .highest = (high), .initial = (initial_text), .help = (help_text)                      \
    }
#define CHOICE(owner, member, key, names, initial_text, help_text)                                     \
    {                                                                                                  \
        .name = (key), .type = SIM_FIELD_CHOICE, .offset = offsetof(struct owner, member), .unit = "", \
        .initial = (initial_text), .help = (help_text), .choices = (names)                             \
    }
/* A time, or one of some words. */
#define TIME_OR(owner, member, key, names, initial_text, help_text)                                   \
    {                                                                                                 \
        .name = (key), .type = SIM_FIELD_TIME, .offset = offsetof(struct owner, member), .unit = "s", \
        .initial = (initial_text), .help = (help_text), .choices = (names)                            \
    }
/* A choice whose names need a line each. */
#define EXPLAINED(owner, member, key, names, lines, initial_text, help_text)                           \
    {                                                                                                  \
        .name = (key), .type = SIM_FIELD_CHOICE, .offset = offsetof(struct owner, member), .unit = "", \
        .initial = (initial_text), .help = (help_text), .choices = (names), .choice_helps = (lines)    \
    }
#define CHOICES(owner, member, key, names, initial_text, help_text)                                     \
    {                                                                                                   \
        .name = (key), .type = SIM_FIELD_CHOICES, .offset = offsetof(struct owner, member), .unit = "", \
        .initial = (initial_text), .help = (help_text), .choices = (names)                              \
    }
#define RECORD(owner, member, key, record_table, initial_text, help_text)                              \
    {                                                                                                  \
        .name = (key), .type = SIM_FIELD_RECORD, .offset = offsetof(struct owner, member), .unit = "", \
        .initial = (initial_text), .help = (help_text), .table = (record_table)                        \
    }
#define LIST(owner, member, counter, key, item_table, initial_text, help_text)                       \
    {                                                                                                \
        .name = (key), .type = SIM_FIELD_LIST, .offset = offsetof(struct owner, member), .unit = "", \
        .initial = (initial_text), .help = (help_text), .table = (item_table),                       \
        .count_offset = offsetof(struct owner, counter)                                              \
    }
/* Items may be plain values: the member `bare_key` of an item without other keys. */
#define VALUES(owner, member, counter, key, item_table, bare_key, initial_text, help_text)           \
    {                                                                                                \
        .name = (key), .type = SIM_FIELD_LIST, .offset = offsetof(struct owner, member), .unit = "", \
        .initial = (initial_text), .help = (help_text), .table = (item_table), .bare = (bare_key),   \
        .count_offset = offsetof(struct owner, counter)                                              \
    }
#define TABLE(variable, item_name, owner, item_fields)                      \
    static const struct sim_field_table variable = {item_name, item_fields, \
                                                    sizeof(item_fields) / sizeof *(item_fields), sizeof(struct owner)}

/* A required key has no default; an optional one without a default has the default "". */
#define REQUIRED NULL
#define NO_DEFAULT ""

#endif
