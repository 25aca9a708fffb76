/* months.h - the calendar months of a run, and where a run of months is cut into blocks.
 *
 * A run is told by month if its scenario has a `start` and it lasts two calendar months at least (from the start to
 * the same day and hour two months later). One replication is then cut at every midnight: days are the batches from
 * which its intervals come. Several replications, whose spread gives the intervals, are cut at months only.
 * All dates are UTC. The first and the last month may be partial; what lies in the warm-up belongs to no month.
 */
#ifndef MODELS_MONTHS_H
#define MODELS_MONTHS_H

#include <stdbool.h>
#include <stddef.h>

#include "models/config.h"
#include "sim/calendar.h"
#include "sim/state.h"

struct month {
    sim_time_ns from_ns; /* since the start of the run, like to_ns */
    sim_time_ns to_ns;
    char name[8]; /* "2026-01" */
};

/* Whether the run is told by month. */
bool months_apply(const struct world_config *config);

/* The months of the window [warm_up, duration) in order, struct month; none if months do not apply. */
void months_list(const struct world_config *config, struct sim_array *months);

/* Where the blocks of the window end, sim_time_ns, the last at the duration: `count` equal ones, or if that is 0 those
 * of the calendar; a single one where it is 0 and months do not apply.
 */
void months_block_ends(const struct world_config *config, size_t count, struct sim_array *ends);

/* The date and time of day at a time of the run. */
struct sim_calendar_date months_date(const struct world_config *config, sim_time_ns time_ns);

#endif
