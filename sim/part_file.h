/* part_file.h - a file that appears under its name only when it is whole.
 *
 * It is written as `F.part` and renamed to F at the end, so that a run that fails leaves an older F untouched. The
 * first failed write is remembered and everything after it is silently dropped: whoever writes through a library
 * that does not survive failed writes (HDF5) can close it in peace and ask for the reason afterwards.
 */
#ifndef SIM_PART_FILE_H
#define SIM_PART_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "sim/error.h"

struct sim_part_file {
    char *path;
    char *part_path;
    int fd;
    int error_number; /* errno of the first write that failed, 0 while there is none */
};

/* Creates an empty `path`.part and locks it. SIM_CANNOT_WRITE when it cannot be created, when another process is
 * writing it, or when `path` is there and is no regular file. Nothing has to be released after an error.
 */
SIM_MUST_USE enum sim_status sim_part_file_open(struct sim_part_file *file, const char *path, struct sim_error *error);

/* Writes at an offset; failures are kept in error_number. */
void sim_part_file_write(struct sim_part_file *file, uint64_t offset, const void *data, size_t size);

/* Reads at an offset; what lies beyond the end of the file is zero. Failures are kept in error_number. */
void sim_part_file_read(struct sim_part_file *file, uint64_t offset, void *data, size_t size);

/* Sets the length of the file. Failures are kept in error_number. */
void sim_part_file_resize(struct sim_part_file *file, uint64_t size);

/* Makes the bytes durable and gives the file its name; releases everything. After any failure, this call's or an
 * earlier one's, the part is removed and SIM_CANNOT_WRITE returned with the system's reason.
 */
SIM_MUST_USE enum sim_status sim_part_file_finish(struct sim_part_file *file, struct sim_error *error);

/* Removes the part and releases everything. */
void sim_part_file_abandon(struct sim_part_file *file);

#endif
