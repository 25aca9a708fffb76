/* trace_config.h - the part of a configuration that analysis needs, as tables in a trace.
 *
 * A trace is read without the files that the scenario named, and years after its prices changed, so it holds what was
 * in force: `config/scenario`, `config/pools`, `config/workloads`, `config/classes`, `config/limits`. Columns are the
 * plain fields of models/config.h; those of records in place get the record's name in front. Distributions are kept
 * as their means; measured curves, stages and shapes of arrivals are not kept, so that rates seem constant: no figure
 * of a report comes from them.
 */
#ifndef ANALYSIS_TRACE_CONFIG_H
#define ANALYSIS_TRACE_CONFIG_H

#include "models/config.h"
#include "sim/memory.h"
#include "sim/table.h"

/* `arena` holds the tables' descriptions and has to live as long as the writer. */
SIM_MUST_USE enum sim_status trace_config_write(struct sim_table_writer *writer, const struct world_config *config,
                                                struct sim_arena *arena, struct sim_error *error);

/* Rebuilds the configuration in `arena`; texts belong to the reader. SIM_NOT_A_TRACE when tables are missing or
 * contradict each other.
 */
SIM_MUST_USE enum sim_status trace_config_read(struct sim_table_reader *reader, struct sim_arena *arena,
                                               struct world_config **config, struct sim_error *error);

/* `table` with its integer columns `class` and `pool`, where it has them, replaced by choices between the names of
 * the configuration, so that files show names. Lives in the arena.
 */
const struct sim_field_table *trace_config_named(const struct sim_field_table *table, const struct world_config *config,
                                                 struct sim_arena *arena);

#endif
