/* shape.h - `arrivals.shape` of a scenario: its dates, its measured table, and what must hold between its keys. */
#ifndef SCENARIOS_SHAPE_H
#define SCENARIOS_SHAPE_H

#include "models/config.h"
#include "scenarios/diagnostic.h"
#include "scenarios/node.h"

/* Prepares the rates of all workloads of a configuration bound from `root`: turns users into rates, texts of moments
 * into times after the start, and rates and users of a growth into factors; gives plain daily factors their hours; and
 * reads rate tables into the arena. Reports what does not fit. Whole months after the start are calendar months where
 * the start has a date, else so many times `month`.
 */
void shape_prepare(struct world_config *config, const struct node *root, struct sim_arena *arena,
                   struct diagnostic_list *problems);

#endif
