/* check.h - what must hold between the values of a scenario.
 *
 * Tables check each value by itself; here are references (a workload's pool), sums (shares), orders (min before max)
 * and what a choice needs (a Poisson process its rate). Values that were found wrong before are left out, so that no
 * problem is reported twice.
 */
#ifndef SCENARIOS_CHECK_H
#define SCENARIOS_CHECK_H

#include "models/config.h"
#include "scenarios/catalogue.h"
#include "scenarios/diagnostic.h"
#include "scenarios/node.h"

/* Checks a configuration bound from `root`, and sets what its comments leave to the loader: pool_index, times. */
void check_scenario(struct world_config *config, const struct node *root, struct diagnostic_list *problems);

/* Checks one profile, bound from `node` (check_profile.c). */
void check_profile(const struct profile_config *profile, const struct node *node, struct diagnostic_list *problems);

/* Checks that those of a workload's classes that use the pool with that number have what its profile needs
 * (check_profile.c).
 */
void check_profile_needs(const struct profile_config *profile, size_t pool, const struct workload_config *workload,
                         const struct node *node, struct diagnostic_list *problems);

/* Checks prices, quotas and settings that depend on time, and sets what they hold in simulated time
 * (check_schedule.c). `start_ns` has been set.
 */
void check_schedule(struct world_config *config, const struct node *root, struct diagnostic_list *problems);

/* Refuses `warm_up: auto` where load or settings change with time (check_warm_up.c). */
void check_warm_up(const struct world_config *config, const struct node *root, struct diagnostic_list *problems);

/* Checks models and sizing, sets what refers to them, and whether what pools hold fits their containers. A pool's
 * max_inputs that was left out becomes what memory allows, where models say what a request takes; in the tree too
 * (check_models.c). GPUs and their memory have been filled in.
 */
void check_models(struct world_config *config, const struct catalogue *catalogue, const struct node *root,
                  struct diagnostic_list *problems);

/* GB that a request inside a container of the pool may add: that of its most demanding model. */
double check_pool_input_gb(const struct world_config *config, const struct pool_config *pool);
/* Checks rules and alerts, and sets the pools of alerts (check_rules.c). */
void check_rules(struct world_config *config, const struct node *root, struct diagnostic_list *problems);

/* The number of the pool called `name`; -1 and a problem at the member `key` of the node if there is none. */
int32_t check_find_pool(const struct world_config *config, const char *name, const char *key, const struct node *node,
                        struct diagnostic_list *problems);

/* Checks the pools of classes and the migration of a workload, and sets what of them is left to the loader
 * (check_sessions.c). The workload's own pool is known.
 */
void check_sessions(const struct world_config *config, struct workload_config *workload, const struct node *node,
                    struct diagnostic_list *problems);

/* Checks the GPUs that the pool's containers may get, and fills in their memory, prices, speeds and shares
 * (check_served.c). `day` is as in catalogue_find_price.
 */
void check_served(const struct catalogue *catalogue, struct pool_config *pool, const char *day, const struct node *node,
                  struct diagnostic_list *problems);

/* Checks what says how containers end and what their requests keep and need (check_hardware.c). */
void check_hardware_pool(const struct pool_config *pool, const struct node *node, struct diagnostic_list *problems);
void check_hardware_classes(const struct world_config *config, const struct workload_config *workload,
                            const struct node *node, struct diagnostic_list *problems);

/* GB of key-value cache that a container of the pool reserves: what continuous batching has, where a model of the pool
 * says what a token takes; else 0. Requests then take no cache of their own.
 */
double check_pool_cache_gb(const struct world_config *config, const struct pool_config *pool);

/* For all sources: the member `key` unless it is missing or null; whether it may be relied on (missing or not
 * wrong); and its place, or that of the mapping.
 */
const struct node *check_given(const struct node *node, const char *key);
bool check_is_sound(const struct node *node, const char *key);
struct place check_place(const struct node *node, const char *key);

/* A key that belongs to some values of a choice only. Sets of choices are bits, 1 << choice. */
struct check_key {
    const char *key;
    unsigned meant_for;
    unsigned needed_by;
};

/* Checks the keys of `node`, described by `table`, when its member `choice_key` is the choice number `choice`: those
 * that it needs must be there, those that mean nothing for it must not, unless they say what is the default anyway.
 */
void check_keys(const struct check_key *keys, size_t count, const struct sim_field_table *table, const char *choice_key,
                int32_t choice, const struct node *node, struct diagnostic_list *problems);

#endif
