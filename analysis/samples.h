/* samples.h - the durations of single requests, kept so that percentiles are exact.
 *
 * Filled from the rows of a run when every request has one. Kept by section (replication, and block where there is
 * only one), class and kind of duration, eight bytes a value. Only what latency metrics cover is kept: requests that
 * arrived in the window and completed; first output and time per token only where output is streamed. The real-time
 * factor is not kept, as rows do not hold the length of the audio.
 */
#ifndef ANALYSIS_SAMPLES_H
#define ANALYSIS_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/result.h"
#include "sim/state.h"

struct samples;

/* Nothing kept yet, for a window that ends with block_ends[block_count - 1] and is cut at the others, in every
 * replication. The ends are copied.
 */
struct samples *samples_create(const struct world_config *config, size_t replication_count,
                               const sim_time_ns *block_ends, size_t block_count);

/* The same for a result whose blocks are there already. */
struct samples *samples_create_for(const struct run_result *result);
void samples_destroy(struct samples *samples);

/* Takes over what is kept of `count` rows, which all have weight 1. */
void samples_add(struct samples *samples, const struct request_row *rows, size_t count);

/* Sections: replications x blocks, the blocks of a replication side by side. */
size_t samples_section_count(const struct samples *samples);

/* Values in nanoseconds of one section, class and duration. DURATION_RTF and those after it have none. */
const struct sim_array *samples_values(const struct samples *samples, size_t section, size_t class_index,
                                       enum tally_duration duration);

/* Whether there are as many values as the result's histograms have. */
bool samples_agree(const struct samples *samples, const struct run_result *result);

/* The durations of one completed request, as a world counts them; -1 where it has none. */
int64_t samples_duration(const struct request_row *row, enum tally_duration duration);

#endif
