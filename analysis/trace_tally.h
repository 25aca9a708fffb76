/* trace_tally.h - the sums of a run as tables in a trace: all integers, so that a loaded result is the saved one.
 *
 * `blocks/replications`: times of the first and last event, whether interrupted; `blocks/bills`: per replication and
 * pool; `blocks/requests` and `blocks/pools`: the tallies of every block; `blocks/durations` and `histograms`: the
 * histograms' exact sums, and their buckets that are not empty. Integers of 128 bits are two columns,
 * high x 2^64 + low, of which the low one has to be read as unsigned.
 */
#ifndef ANALYSIS_TRACE_TALLY_H
#define ANALYSIS_TRACE_TALLY_H

#include "models/result.h"
#include "sim/memory.h"
#include "sim/table.h"

/* `arena` holds the tables' descriptions and has to live as long as the writer. */
SIM_MUST_USE enum sim_status trace_tally_write(struct sim_table_writer *writer, const struct run_result *result,
                                               struct sim_arena *arena, struct sim_error *error);

/* Fills an empty result that has its configuration and number of replications. SIM_NOT_A_TRACE when a table is
 * missing or a number in it is out of range.
 */
SIM_MUST_USE enum sim_status trace_tally_read(struct sim_table_reader *reader, struct run_result *result,
                                              struct sim_arena *arena, struct sim_error *error);

#endif
