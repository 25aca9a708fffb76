/* experiment.h - what a measuring script would have seen of a service: N requests at once, N clients in a closed loop,
 * or requests at a rate, against warm containers.
 *
 * A small world is put together in memory and run several times. Request i of replication r draws the same work
 * whatever the service and, for bursts, whatever N is, so that two services, or a service and one slightly different,
 * are compared on common random numbers and a figure changes smoothly with the parameters of a fit.
 */
#ifndef ANALYSIS_EXPERIMENT_H
#define ANALYSIS_EXPERIMENT_H

#include <stddef.h>
#include <stdint.h>

#include "scenarios/measurements.h"
#include "sim/error.h"

/* What the script did. */
struct experiment_script {
    int32_t kind;            /* MEASUREMENT_BURST, _CLOSED or _OPEN */
    int64_t count;           /* requests of a burst; clients of a closed loop */
    double rate_per_s;       /* open */
    int64_t samples;         /* open: requests sent; closed: answers counted; 0: not known, EXPERIMENT_SAMPLES */
    int64_t repeats;         /* replications that one measurement pools, 1 or more */
    int32_t percentile_rule; /* enum percentile_rule */
    double latency_s;        /* closed: roughly how long a request takes, to choose the length of the run */
};

enum {
    EXPERIMENT_SAMPLES = 2000
};

/* What it was done to. */
struct experiment_service {
    const struct profile_config *profile;
    struct sim_distribution work; /* of a request; a profile that needs tokens is not for experiments */
    int64_t containers;           /* with one, `slots` are the engine's; with several each takes that many at once,
                                   * and the least loaded gets the next */
};

/* Figures, by measure, NaN where the script does not give one: those of the latencies, of the first outputs, the wall
 * time (bursts; open with `samples`), and the throughput.
 */
struct experiment_figures {
    double mean[MEASURE_COUNT];      /* over the measurements */
    double deviation[MEASURE_COUNT]; /* standard deviation of one measurement, for chance alone */
    double in_stage_s;               /* mean time that a request is in progress in the main stage, over all of them */
    size_t count;                    /* measurements; of a closed loop fewer where it is slower than latency_s */
    double (*each)[MEASURE_COUNT];   /* by measurement; to be freed by the caller; NULL unless asked for */
};

/* Makes `count` measurements, of count x repeats replications, or blocks of one run of a closed loop. keep_each: fills
 * in figures->each. SIM_BAD_INPUT for a profile that no world can be made of. Cost: about 30 us a replication and 0.4
 * us a request.
 */
SIM_MUST_USE enum sim_status experiment_run(const struct experiment_script *script,
                                            const struct experiment_service *service, uint64_t seed, size_t count,
                                            bool keep_each, struct experiment_figures *figures,
                                            struct sim_error *error);

/* The script that made a row of a table. */
struct experiment_script experiment_script_of(const struct measurement_table *table, const struct measurement_row *row);

/* Percentile of `count` sorted values (at least 1) under a rule, 0 <= share <= 1. */
double experiment_percentile(const double *sorted, size_t count, double share, int32_t rule);

#endif
