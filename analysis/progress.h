/* progress.h - one line on a terminal that says how far a run has come. Wall time appears here and nowhere else. */
#ifndef ANALYSIS_PROGRESS_H
#define ANALYSIS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "analysis/runner.h"

struct progress {
    bool is_shown; /* the standard error output is a terminal, and nobody asked for quiet */
    struct timespec start;
};

struct progress progress_begin(bool is_quiet);

/* As runner_options.progress, with a struct progress as context. */
void progress_show(void *context, const struct runner_progress *now);

/* Removes the line; after a whole run of `requests` says how fast it was. 0: it was not whole. */
void progress_end(const struct progress *progress, int64_t requests);

#endif
