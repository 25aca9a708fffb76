/* cell.h - sums over some blocks of a run for one scope: what every metric is computed from.
 *
 * All sums are exact integers, so a cell does not depend on the order in which blocks were added. A cell holds
 * histograms of every duration (some hundred KiB of address space): allocate it, and use it again after cell_clear.
 */
#ifndef ANALYSIS_CELL_H
#define ANALYSIS_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/samples.h"
#include "analysis/scope.h"
#include "models/result.h"

/* When an alert was active at one level, within the cell's span. */
struct cell_alert {
    int64_t count;          /* times that it became so, or was at the begin of the window */
    sim_int128 active_ns;   /* all of them together */
    sim_time_ns longest_ns; /* of one, as far as it lies in the window */
    sim_time_ns first_ns;   /* when the first began; -1: there is none */
};

struct cell {
    const struct world_config *config;
    const struct scope *scope;
    const struct samples *samples; /* NULL: durations come from the histograms */

    struct request_tally requests; /* of the scope's classes, like the durations */
    struct sim_histogram durations[DURATION_COUNT];
    struct pool_tally pools; /* of the scope's pools, added up; maxima are those of one pool */
    size_t pool_count;       /* pools in the scope */
    sim_int128 gpu_ns;       /* time of GPUs allocated */
    sim_int128 kv_room;      /* tokens that fit the key-value memory of ready containers x ns */
    double kv_share_max;     /* highest share of its key-value memory that a container used */
    sim_int128 energy_low;   /* GPU time x power in microwatts x ns: as if all GPUs were idle, */
    sim_int128 energy;       /* with full power while the main stage is at work, */
    sim_int128 energy_high;  /* and as if they always were */

    struct cell_alert alerts[ALERT_LEVEL_COUNT]; /* of a scope that is an alert */

    int64_t bill_nusd; /* bills of the container lives; only if has_bill */
    bool has_bill;

    sim_int128 window_ns; /* length of the blocks together */
    double runs;          /* the same in spans of the scope: the replications merged, or less than 1 for a block */
    size_t makespan_count;
    sim_int128 makespan_ns; /* last completion - first arrival, added up over whole replications */

    struct sim_array sections; /* size_t: of the samples that belong to the cell */
    int64_t *gathered;         /* samples of one duration, for quantiles */
    size_t gathered_count;
    int gathered_duration; /* -1: none */
};

struct cell *cell_create(const struct run_result *result, const struct samples *samples, const struct scope *scope);
void cell_destroy(struct cell *cell);

/* Makes the cell empty again. */
void cell_clear(struct cell *cell);

/* Adds what the scope's span (scope.h) has of one replication, with its bills if that is the whole window; or one
 * block (1 or more) alone.
 */
void cell_add_replication(struct cell *cell, const struct run_result *result, size_t replication);
void cell_add_block(struct cell *cell, const struct run_result *result, size_t replication, size_t block);

/* Quantile of a duration in seconds (or of the real-time factor), from the samples if there are any, else from the
 * histogram; NaN without values. Cost with samples: linear, once per duration for gathering them.
 */
double cell_quantile(struct cell *cell, enum tally_duration duration, double share);

/* Share of a duration's values that are at most `level_s`, from the same; NaN without values. Cost with samples:
 * linear.
 */
double cell_share_at_most(struct cell *cell, enum tally_duration duration, double level_s);

/* Billed cost in USD of a state, and of all together: the bills where whole replications were added, else time x
 * price. They are for all the blocks, not per run.
 */
double cell_state_cost(const struct cell *cell, enum container_state state);
double cell_cost(const struct cell *cell);

/* A 128-bit integer as the nearest double. */
double cell_double(sim_int128 value);

#endif
