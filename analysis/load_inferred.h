/* load_inferred.h - what had to be assumed about a platform. */
#ifndef ANALYSIS_LOAD_INFERRED_H
#define ANALYSIS_LOAD_INFERRED_H

#include "analysis/note.h"
#include "models/config.h"

/* Adds what the pool's platform does not publish, and how it is read. */
void load_inferred_notes(const struct pool_config *pool, struct note_list *notes);

/* "tts: dispatch_order, tick": by pool, the rules that no platform publishes and that decide something; "" where there
 * are none. To be released with free().
 */
char *load_inferred_text(const struct world_config *config);

#endif
