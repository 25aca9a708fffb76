/* message.h - what is said on the standard error output, and the exit codes. */
#ifndef ANALYSIS_MESSAGE_H
#define ANALYSIS_MESSAGE_H

#include <stdbool.h>

#include "sim/error.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_MISSED = 1, /* a limit, with --assert */
    EXIT_BAD_INPUT = 2,
    EXIT_RUN_FAILED = 3,
    EXIT_INTERRUPTED = 130
};

/* Prints "capsim: error: FILE:LINE:COLUMN: message" as far as known, and returns the exit code for the status. */
int message_error(const struct sim_error *error);

/* Flushes the standard output, which carries the result. False, with a message, when it could not be written. */
bool message_output_is_written(void);

#endif
