/* suggest.h - the known name that a wrong one was probably meant to be. */
#ifndef SCENARIOS_SUGGEST_H
#define SCENARIOS_SUGGEST_H

#include <stddef.h>

/* Number of insertions, deletions, replacements and swaps of neighbours that turn one word into the other
 * (optimal string alignment). Words of more than 63 bytes are as far apart as the longer one is long.
 */
size_t suggest_distance(const char *left, const char *right);

/* A search over names that arrive one by one. */
struct suggestion {
    const char *word;
    const char *nearest; /* NULL while nothing is near */
    size_t distance;
};

/* Begins a search for names like `word`, which is borrowed, as all names are. */
struct suggestion suggest_begin(const char *word);

/* Offers a name. It is kept if it is nearer than those before it and at most a third of the word (at least one
 * change) away; of equally near ones the first stays.
 */
void suggest_offer(struct suggestion *suggestion, const char *name);

#endif
