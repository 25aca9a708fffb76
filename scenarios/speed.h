/* speed.h - profiles on other GPUs than those they were measured on.
 *
 * A profile that names its GPU and the speeds of others serves pools of any of them: the times of the main stage are
 * divided by the speed. One number for everything is what tables of throughput by GPU give; it says nothing of memory,
 * start-up and the stages around the main one, which stay as they are.
 */
#ifndef SCENARIOS_SPEED_H
#define SCENARIOS_SPEED_H

#include "models/config.h"
#include "scenarios/diagnostic.h"
#include "scenarios/node.h"

/* Changes the profile of each pool whose GPU is not the profile's. A problem where the profile has no speed for it.
 * Pools or profiles without a GPU stay as they are. Once for a configuration.
 */
void speed_apply(struct world_config *config, const struct node *root, struct diagnostic_list *problems);

#endif
