/* diagnostic.h - problems of a scenario: collected, then shown together.
 *
 * Whoever reads a scenario goes on after a problem where it can, so that a person sees all of them at once:
 *
 *     tts.yaml:17:5: error: unknown key 'max_input' of a pool
 *         max_input: 12
 *         ^
 *     did you mean 'max_inputs'?
 */
#ifndef SCENARIOS_DIAGNOSTIC_H
#define SCENARIOS_DIAGNOSTIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "scenarios/source.h"

#define DIAGNOSTIC_KEPT_MAX 20

struct diagnostic {
    struct place place;
    const char *message;    /* without a full stop or a new line */
    const char *suggestion; /* NULL: none */
};

/* The first problems, in the order of their places, and the number of all. The arena holds everything that places
 * refer to: sources and nodes live as long as the list.
 */
struct diagnostic_list {
    struct sim_arena *arena;
    struct diagnostic kept[DIAGNOSTIC_KEPT_MAX];
    size_t kept_count;
    size_t count;
    int source_count; /* sources read so far: the number of the next one */
};

void diagnostic_init(struct diagnostic_list *list);
void diagnostic_release(struct diagnostic_list *list);

/* Adds a problem. The text is copied. */
void diagnostic_add(struct diagnostic_list *list, struct place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with a name that was probably meant; NULL for none. */
void diagnostic_add_suggestion(struct diagnostic_list *list, struct place place, const char *suggestion,
                               const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Whether further problems are only counted: then it is not worth finding out what was meant. */
bool diagnostic_is_full(const struct diagnostic_list *list);

/* Adds what a function reported; its line, if it has one, is a line of place.source. */
void diagnostic_add_error(struct diagnostic_list *list, struct place place, const struct sim_error *error);

/* Prints all that were kept, and how many more there are. Control characters in messages and lines are shown as
 * '?', and of long lines the part around the place, so that a hostile file cannot play with the terminal.
 */
void diagnostic_print(const struct diagnostic_list *list, FILE *out);

#endif
