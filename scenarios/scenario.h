/* scenario.h - a scenario file becomes a checked configuration.
 *
 * In this order: read the file and its bases (merge.h), take in profiles that are named as files, apply the
 * settings, bind the tree to the tables of models/config.h (binding.h), look up GPUs and prices (catalogue.h), prepare
 * the rates of arrivals (shape.h), and check what must hold between values (check.h). Every step reports what it finds
 * and the next still runs where it can, so a person sees all problems at once.
 */
#ifndef SCENARIOS_SCENARIO_H
#define SCENARIOS_SCENARIO_H

#include "models/config.h"
#include "scenarios/diagnostic.h"
#include "scenarios/reference.h"

struct scenario {
    struct sim_arena *arena; /* owns everything below */
    struct world_config config;
    struct reference_list references; /* what no run looks at */
    bool has_world;                   /* false: a list of claims about other scenarios; config and resolved are empty */
    const char *path;
    const char *text;     /* of the file, as it was given */
    const char *resolved; /* the same with bases, profiles, settings and defaults: resolved.h */
};

/* Loads `path` with `setting_count` settings PATH=VALUE. On SIM_OK *scenario is the caller's, to be destroyed; there
 * are then no problems in the list. Otherwise SIM_BAD_INPUT, the problems are in the list, which the caller has
 * initialised, and *scenario is NULL.
 *
 * A path in the scenario is relative to the file in which it stands; on the command line, to the working directory.
 */
SIM_MUST_USE enum sim_status scenario_load(const char *path, const char *const *settings, size_t setting_count,
                                           struct scenario **scenario, struct diagnostic_list *problems);

/* What is set beside the file. */
struct scenario_settings {
    const struct reference_variant *variant; /* whose settings are applied first; NULL: none */
    const char *const *settings;             /* PATH=VALUE */
    size_t setting_count;
    const char *const *varied; /* the same, applied last; problems call them "--vary" */
    size_t varied_count;
};

/* The same for `capsim verify`: with settings of a variant, in which paths are relative to the file where it stands;
 * and for a file that may also be a mere list of claims about other scenarios, which has `reference` and nothing that
 * could be run: has_world is then false.
 */
SIM_MUST_USE enum sim_status scenario_load_with(const char *path, const struct scenario_settings *settings,
                                                struct scenario **scenario, struct diagnostic_list *problems);

/* Whether the settings could be right at all: there are such keys, and the values are of their kind and range. What
 * must hold between values, and what catalogues say, is not looked at. SIM_BAD_INPUT with the problems in the list.
 */
SIM_MUST_USE enum sim_status scenario_check_settings(const char *path, const struct scenario_settings *settings,
                                                     struct diagnostic_list *problems);

/* Gives a scenario with `warm_up: auto` the warm-up that was found, in its configuration and in `resolved`. */
void scenario_set_warm_up(struct scenario *scenario, sim_time_ns warm_up_ns);

void scenario_destroy(struct scenario *scenario);

#endif
