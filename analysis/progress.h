/* progress.h - one line on a terminal that says how far a run has come, and what it took. Wall time appears here and
 * nowhere else. */
#ifndef ANALYSIS_PROGRESS_H
#define ANALYSIS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "analysis/runner.h"

struct progress {
    bool is_quiet;
    bool is_shown; /* the standard error output is a terminal, and nobody asked for quiet */
    bool has_date;
    sim_time_ns epoch_ns; /* date of time 0, in ns since 1970 */
    struct timespec start;
};

struct progress progress_begin(const struct world_config *config, bool is_quiet);

/* As runner_options.progress, with a struct progress as context. */
void progress_show(void *context, const struct runner_progress *now);

/* Removes the line; says how fast `requests` were simulated, and what was done again. 0: there is no result. */
void progress_end(const struct progress *progress, int64_t requests, const struct runner_account *account);

/* The same for several runs: how many of them are done. */
struct progress_count {
    const char *what; /* "points", borrowed */
    size_t count;
    size_t done;
    bool is_shown;
};

struct progress_count progress_count_begin(const char *what, size_t count, bool is_quiet);

/* Not from several threads at once. */
void progress_count_show(struct progress_count *progress, size_t done);

/* Removes the line. */
void progress_count_end(const struct progress_count *progress);

#endif
