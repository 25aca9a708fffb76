/* progress.h - how far a job is, and what is kept of it when its container goes.
 *
 * A job writes a checkpoint after every `every` of work, which stalls it for `write`; at its end it needs none. What it
 * has done since the last one is lost when its container crashes, is interrupted or when its time is out. On notice it
 * writes one more, complete in the instant in which the container goes: then nothing is lost of what it did before.
 *
 * All times are running times on the job's GPU, in nanoseconds.
 */
#ifndef MODELS_PROGRESS_H
#define MODELS_PROGRESS_H

#include <stdbool.h>

#include "sim/time.h"

struct progress_rule {
    sim_time_ns every_ns; /* above 0 */
    sim_time_ns write_ns; /* 0 or more */
};

/* How long a job of that much work takes if nothing happens to it: work and the checkpoints on the way. */
sim_time_ns progress_span_ns(struct progress_rule rule, sim_time_ns work_ns);

/* The work that is kept of a job of work_ns which has run for elapsed_ns, and had notice or not. */
sim_time_ns progress_kept_ns(struct progress_rule rule, sim_time_ns work_ns, sim_time_ns elapsed_ns, bool has_notice);

#endif
