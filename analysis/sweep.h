/* sweep.h - every point of a grid simulated and kept in a file of its own (sweep_file.h).
 *
 * Points are independent of each other, so a sweep can be spread in any way over threads, processes and machines,
 * killed and gone on with: the files are the same. What is killed loses the points that it was at.
 */
#ifndef ANALYSIS_SWEEP_H
#define ANALYSIS_SWEEP_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/points.h"
#include "analysis/sweep_file.h"

/* Which of the points are to be done. */
struct sweep_share {
    size_t shard;       /* from 1: every shard_count-th point, beginning with this one */
    size_t shard_count; /* 1: all points */
    bool may_resume;    /* leave out points that are finished; otherwise they are refused */
};

struct sweep {
    struct points points;
    struct sweep_identity identity;
    char *inferred; /* of the identity */
    const char *folder;
    size_t *wanted; /* numbers of the points that are to be simulated; see sweep_want */
    size_t wanted_count;
    size_t finished_count;  /* of this shard's points, found at the beginning */
    struct scenario *first; /* that can be run */
};

/* Makes the list of points, and the folder if it is not there. SIM_BAD_INPUT: the reasons are in `problems`, or if
 * there are none in `error`: no point can be run. SIM_CANNOT_WRITE. To be released in any case; texts and problems must
 * outlive it.
 */
SIM_MUST_USE enum sim_status sweep_create(struct sweep *sweep, const struct points_request *request, const char *folder,
                                          struct diagnostic_list *problems, struct sim_error *error);

/* Looks which points of the share are finished, and wants the others. SIM_BAD_INPUT: some are finished and may_resume
 * is false; or there are files of another sweep in the folder, or damaged ones.
 */
SIM_MUST_USE enum sim_status sweep_want(struct sweep *sweep, const struct sweep_share *share, struct sim_error *error);
void sweep_release(struct sweep *sweep);

/* Removes the files of all points, and the folder. */
void sweep_remove(const struct sweep *sweep);

/* Simulates one point with `jobs` threads and writes its file, also if its values do not go together. From any thread.
 * SIM_INTERRUPTED, without a file, after a stop.
 */
SIM_MUST_USE enum sim_status sweep_run_point(const struct sweep *sweep, size_t point, unsigned jobs,
                                             const volatile bool *stop, struct sim_error *error);

#endif
