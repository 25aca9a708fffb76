/* trace.h - a run as a file: HDF5, format 1.
 *
 * `/requests`, `/containers`, `/decisions`: rows, appended while the run goes on. `/series/POOL`: intervals. `/alerts`:
 * when which was active, if the scenario has any. Then what a run_result is rebuilt from (trace_tally.h,
 * trace_config.h), `/notes`, and `/summary`, the tidy rows for readers without this program. The root's attributes say
 * where it all comes from. Classes and pools appear by name.
 *
 * Files are written as F.part and get their name when they are whole; equal runs give equal bytes.
 */
#ifndef ANALYSIS_TRACE_H
#define ANALYSIS_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/note.h"
#include "analysis/samples.h"
#include "analysis/summary.h"
#include "models/result.h"
#include "sim/error.h"

#define TRACE_FORMAT 1

/* ---- Writing ---- */

struct trace_writer;

/* Creates F.part, so that a path that cannot be written shows before anything is simulated. The configuration is
 * borrowed. SIM_CANNOT_WRITE.
 */
SIM_MUST_USE enum sim_status trace_writer_open(const char *path, const struct world_config *config,
                                               struct trace_writer **writer, struct sim_error *error);

/* Append rows. After an error all further calls return it again. */
SIM_MUST_USE enum sim_status trace_writer_requests(struct trace_writer *writer, const struct request_row *rows,
                                                   size_t count, struct sim_error *error);
SIM_MUST_USE enum sim_status trace_writer_containers(struct trace_writer *writer, const struct container_row *rows,
                                                     size_t count, struct sim_error *error);
SIM_MUST_USE enum sim_status trace_writer_decisions(struct trace_writer *writer, const struct decision_row *rows,
                                                    size_t count, struct sim_error *error);

/* What the file says beside the rows. */
struct trace_content {
    const struct summary *summary;
    const struct note_list *notes; /* those that were known before the run */
    const char *scenario;          /* text as given; "" if there is none */
    const char *resolved;          /* text with all defaults; "" if there is none */
    bool rows_complete;            /* every request has its row */
};

/* Writes the rest and gives the file its name. The writer is gone, whatever is returned. */
SIM_MUST_USE enum sim_status trace_writer_finish(struct trace_writer *writer, const struct trace_content *content,
                                                 struct sim_error *error);

/* Removes what was written. NULL is allowed. */
void trace_writer_abandon(struct trace_writer *writer);

/* ---- Reading ---- */

/* A loaded run; everything belongs to it. */
struct trace {
    struct run_result *result;
    struct samples *samples; /* NULL if the file does not hold every request */
    struct note_list notes;
    const char *version;
    const char *commit;
    const char *scenario;
    const char *resolved;
    struct sim_arena *arena;
    struct sim_table_reader *reader;
};

/* SIM_CANNOT_READ: missing, cut or damaged. SIM_NOT_A_TRACE: something else, incomplete, of another format, or in
 * contradiction with itself. Memory: four 8-byte values per completed request where every request is in the file.
 */
SIM_MUST_USE enum sim_status trace_load(const char *path, struct trace **trace, struct sim_error *error);
void trace_destroy(struct trace *trace);

#endif
