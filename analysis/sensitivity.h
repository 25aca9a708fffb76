/* sensitivity.h - what hangs on the rules that no platform publishes (models/inferred.h).
 *
 * A reading sets one of these rules otherwise, in every pool where it decides something and says something else now:
 * how a platform works is the same for all pools on it. What a reading changes is shown against the scenario as it is,
 * on the same callers.
 */
#ifndef ANALYSIS_SENSITIVITY_H
#define ANALYSIS_SENSITIVITY_H

#include <stddef.h>

#include "models/inferred.h"
#include "scenarios/scenario.h"

/* One reading other than the scenario's. */
struct sensitivity_reading {
    const struct inferred_rule *rule; /* its key, and what could be measured */
    const char *name;                 /* "dispatch_order=random": key and value, as --set takes them after the pool */
    const char *value;
    const char *was;             /* value of the first pool that it changes */
    const char *const *settings; /* PATH=VALUE, one for each pool that it changes */
    size_t setting_count;        /* at least 1 */
};

struct sensitivity_list {
    struct sensitivity_reading *items; /* rule by rule in the order of the policies' lists */
    size_t count;                      /* 0: nothing that is inferred decides anything here */
    struct sim_arena *arena;           /* owns it all */
};

/* Every other reading of a scenario, to be released. Depends on the configuration only. */
void sensitivity_list_create(struct sensitivity_list *list, const struct world_config *config);
void sensitivity_list_release(struct sensitivity_list *list);

/* The reading called `name`; NULL: the scenario has none of that name, so it is the same under it. */
const struct sensitivity_reading *sensitivity_list_find(const struct sensitivity_list *list, const char *name);

/* Loads the scenario again as before (`settings`), with `count` readings on top of it all. As scenario_load_with. */
SIM_MUST_USE enum sim_status sensitivity_load(const char *path, const struct scenario_settings *settings,
                                              const struct sensitivity_reading *const *readings, size_t count,
                                              struct scenario **scenario, struct diagnostic_list *problems);

#endif
