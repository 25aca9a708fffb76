/* value.h - one text into one member of a struct, as its field says. */
#ifndef SCENARIOS_VALUE_H
#define SCENARIOS_VALUE_H

#include <stdbool.h>

#include "scenarios/source.h"
#include "sim/field.h"

/* Who owns copies, and which text paths are relative to (NULL: the working directory). */
struct value_context {
    struct sim_arena *arena;
    const struct source *source;
};

struct value_problem {
    char message[512];
    const char *suggestion; /* NULL: none */
    int column;             /* within the text, from 1; 0: the whole of it */
};

/* Checks `text` against the field, a scalar one, and stores it in `item`; of several choices, this one alone. False
 * when it does not fit: then `item` is as before and `problem` says why.
 */
bool value_store(const struct sim_field *field, const char *text, const struct value_context *context, void *item,
                 struct value_problem *problem);

/* The value of a member that was left out: 0, false, the text "", in the unit "any" NaN. */
void value_clear(const struct sim_field *field, void *item);

/* The text of a scalar member as a file would give it, to six digits; false where there is none. */
bool value_text(const struct sim_field *field, const void *item, char *text, size_t size);

/* The allowed range as a person reads it, such as "from 1 to 4096" or "0 s or more"; "" where there is none. */
void value_range_text(const struct sim_field *field, char *text, size_t size);

/* Whether the text has the form of a name: a to z, then a to z, 0 to 9 or '-'. */
bool value_is_name(const char *text);

#endif
