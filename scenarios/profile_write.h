/* profile_write.h - a profile as a file that loads again.
 *
 * What has its default is left out. Numbers have six digits: a profile that is read back differs from the one in memory
 * by less than its parameters are known. Paths are written as they are, so `readings` have to be relative to the file.
 */
#ifndef SCENARIOS_PROFILE_WRITE_H
#define SCENARIOS_PROFILE_WRITE_H

#include "models/config.h"
#include "sim/error.h"

/* Writes `path`: the lines of `comment` first, each with a # in front. An older file is replaced when the new one is
 * whole. SIM_CANNOT_WRITE; SIM_BAD_INPUT for a distribution that has no text (empirical), with its key.
 */
SIM_MUST_USE enum sim_status profile_write(const struct profile_config *profile, const char *comment, const char *path,
                                           struct sim_error *error);

#endif
