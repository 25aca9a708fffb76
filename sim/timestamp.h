/* timestamp.h - points in time as people and logs write them, to nanoseconds, without going through a double. */
#ifndef SIM_TIMESTAMP_H
#define SIM_TIMESTAMP_H

#include <stdbool.h>

#include "sim/time.h"

/* Reads the whole text as one of
 *   seconds      12, -0.25, 57.15786004066467, 1.5e3
 *   wall clock   2023-11-16 18:15:46.6805900, 2023-11-16T18:15:46Z, 2023-11-16T18:15:46+02:00, 2023-11-16,
 *                2023-11-16 18:15
 * A wall-clock time becomes ns since 1970-01-01 00:00 UTC, without a zone it is taken as UTC; years 1678 to 2261.
 * Rounded to the nearest nanosecond, halves away from zero. Blanks around it are ignored. False for anything else,
 * for dates that do not exist, for leap seconds and beyond 2^63 ns; *time_ns is then unchanged.
 */
bool sim_timestamp_parse(const char *text, sim_time_ns *time_ns);

#endif
