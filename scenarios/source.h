/* source.h - a text that was read, and places in it.
 *
 * A scenario is put together from several texts: its file, the files it is based on, profiles, and the command
 * line. Every value keeps its place, so that a problem found much later still shows the line it comes from.
 */
#ifndef SCENARIOS_SOURCE_H
#define SCENARIOS_SOURCE_H

#include <stddef.h>

#include "sim/error.h"
#include "sim/memory.h"

/* Larger files are refused; scenarios have some kilobytes. */
#define SOURCE_SIZE_MAX ((size_t)4 << 20)

struct source {
    const char *name; /* path as given, or "--set" */
    const char *text; /* `size` bytes of UTF-8 without a byte order mark and without NUL, then a NUL */
    size_t size;
    int number; /* order of reading, from 0; problems are printed in this order */
};

/* Line and column count from 1, columns in characters. A place without a source is nowhere in particular. */
struct place {
    const struct source *source;
    int line;
    int column;
};

/* Reads the file `path` into `arena`. SIM_CANNOT_READ when it is missing, no regular file, unreadable or larger
 * than SOURCE_SIZE_MAX; SIM_BAD_INPUT, with the line, when it is not UTF-8 or contains a NUL byte.
 */
SIM_MUST_USE enum sim_status source_read(const char *path, struct sim_arena *arena, struct source *source,
                                         struct sim_error *error);

/* The same for text in memory, which is copied. Only SIM_BAD_INPUT is possible. */
SIM_MUST_USE enum sim_status source_take_text(const char *name, const char *text, size_t size, struct sim_arena *arena,
                                              struct source *source, struct sim_error *error);

/* The line of a place without its line end; *size is its length in bytes, 0 where the source has no such line. */
const char *source_line(struct place place, size_t *size);

/* `path` as it is meant by the text `source`: relative to the folder of that file. Absolute paths, and paths from
 * the command line, stay as they are. The result belongs to `arena`.
 */
const char *source_resolve(const struct source *source, const char *path, struct sim_arena *arena);

#endif
