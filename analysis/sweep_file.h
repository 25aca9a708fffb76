/* sweep_file.h - one finished point of a sweep, in a file of its own.
 *
 * DIR/point-000012.json says which program, scenario and list of points it belongs to, what was set, and holds the rows
 * of the summary, with their values in every section. It appears under its name only when it is whole, and its bytes
 * depend on the point alone: not on who else simulated, where, or when.
 */
#ifndef ANALYSIS_SWEEP_FILE_H
#define ANALYSIS_SWEEP_FILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/digest.h"
#include "analysis/points.h"
#include "analysis/summary.h"
#include "analysis/trace_row.h"
#include "sim/error.h"

enum {
    SWEEP_FILE_FORMAT = 1
};

/* What all points of a sweep have in common. */
struct sweep_identity {
    const char *version; /* of the program that simulated */
    const char *commit;
    const char *scenario; /* its name */
    const char *resolved; /* of the first point that can be run */
    const char *inferred; /* rules that no platform publishes and that decide something there: load_inferred_text */
    char scenario_digest[DIGEST_TEXT_SIZE];
    char points_digest[DIGEST_TEXT_SIZE];
    size_t count; /* points */
};

/* Path of the file of a point, to be released with free(). */
char *sweep_file_path(const char *folder, size_t index);

/* Whether `name` is that of such a file, and of which point. */
bool sweep_file_is_named(const char *name, size_t *index);

/* Writes the file of a point. summary: NULL for a point whose values do not go together, with the reason. */
SIM_MUST_USE enum sim_status sweep_file_write(const char *folder, const struct sweep_identity *identity,
                                              const struct points *points, size_t index, const struct summary *summary,
                                              const char *reason, struct sim_error *error);

/* A file that was read. Texts live as long as it. */
struct sweep_file {
    const char *path; /* borrowed */
    struct sweep_identity identity;
    size_t index;
    const char *status; /* "ok", "saturated", ..., "invalid": the values do not go together */
    const char *reason; /* of an invalid point; "" */
    int64_t seed;
    int64_t replications;
    size_t path_count;
    size_t row_count;
    json_t *root;
    json_t *paths;
    json_t *values;
    json_t *rows;
};

/* SIM_CANNOT_READ; SIM_BAD_INPUT for anything that sweep_file_write does not write. To be released after SIM_OK. */
SIM_MUST_USE enum sim_status sweep_file_read(struct sweep_file *file, const char *path, struct sim_error *error);
void sweep_file_release(struct sweep_file *file);

/* Path number i of what is varied, and the point's value of it. */
const char *sweep_file_varied(const struct sweep_file *file, size_t i);
const char *sweep_file_value(const struct sweep_file *file, size_t i);

/* Row number i of the summary. */
struct trace_summary_row sweep_file_row(const struct sweep_file *file, size_t i);

/* Whether `file` belongs to the sweep; if not, the error says in what it differs from `other`, which is a path or
 * "this sweep".
 */
SIM_MUST_USE enum sim_status sweep_file_check(const struct sweep_file *file, const struct sweep_identity *identity,
                                              const char *other, struct sim_error *error);

#endif
