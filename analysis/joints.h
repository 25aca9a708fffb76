/* joints.h - where a long run is cut.
 *
 * A run of a week or more has a joint every day, or every few days so that there are about a hundred, at the hour of
 * the day at which the least is expected to arrive: the less is going on, the sooner a world that began shortly before
 * without a past is in the same state as one that has been there from the beginning. At a joint every world takes a
 * form that does not depend on its past (world_joint), so joints belong to the run: they follow from the scenario
 * alone, never from the number of threads or from what is kept.
 */
#ifndef ANALYSIS_JOINTS_H
#define ANALYSIS_JOINTS_H

#include <stdbool.h>
#include <stddef.h>

#include "models/config.h"

struct joints {
    sim_time_ns *times; /* ascending, inside (0, duration) */
    size_t count;
};

struct joints joints_of(const struct world_config *config);
void joints_release(struct joints *joints);

/* Whether worlds can begin in the middle of the run: what arrives later must not depend on what was answered before,
 * nor on all earlier arrivals.
 */
bool joints_can_guess(const struct world_config *config);

#endif
