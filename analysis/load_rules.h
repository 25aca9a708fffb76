/* load_rules.h - what can be said of rules and alerts before a run. */
#ifndef ANALYSIS_LOAD_RULES_H
#define ANALYSIS_LOAD_RULES_H

#include "analysis/note.h"
#include "models/config.h"

/* Adds warnings of limits that cannot be passed, and of rules that undo each other; and how controllers are read. */
void load_rules_notes(const struct world_config *config, struct note_list *notes);

#endif
