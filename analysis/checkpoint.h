/* checkpoint.h - how far a run has come, in a file, so that it can be gone on with after the program has ended.
 *
 * A checkpoint holds what is settled (analysis/relay.h): counts up to a joint, and the world's state there. It is read
 * by the same version of the program with the same scenario only; that, and that it is whole, is checked first.
 */
#ifndef ANALYSIS_CHECKPOINT_H
#define ANALYSIS_CHECKPOINT_H

#include <stddef.h>

#include "analysis/relay.h"
#include "sim/error.h"

struct checkpoint {
    const char *path;     /* written as `path`.part first; NULL: none is written */
    const char *resume;   /* read before the run; NULL: begin at the beginning */
    const char *identity; /* text that tells scenarios apart, settings and seed included */
    const char *version;  /* of the program */
};

/* The settled parts of all replications as bytes. */
void checkpoint_make(const struct checkpoint *checkpoint, const struct relay *relays, size_t count,
                     struct sim_array *bytes);

/* SIM_CANNOT_WRITE; an older file is then untouched. */
SIM_MUST_USE enum sim_status checkpoint_write(const struct checkpoint *checkpoint, const struct sim_array *bytes,
                                              struct sim_error *error);

/* Brings relays that have just begun to where the file `resume` is. SIM_CANNOT_READ; SIM_BAD_INPUT for a file that is
 * no checkpoint, is damaged, or belongs to another scenario or version.
 */
SIM_MUST_USE enum sim_status checkpoint_read(const struct checkpoint *checkpoint, struct relay *relays, size_t count,
                                             struct sim_error *error);

#endif
