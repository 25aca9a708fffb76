/* sensitivity_sample.h - a run under other readings of what is not published, and what it changes. */
#ifndef ANALYSIS_SENSITIVITY_SAMPLE_H
#define ANALYSIS_SENSITIVITY_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/figure.h"
#include "analysis/sensitivity.h"

enum {
    SENSITIVITY_FIGURES = 2 /* what is looked at: cost, or containers where nothing costs, and p95 */
};

/* A scenario, and what was set beside its file. */
struct sensitivity_subject {
    const char *path;
    struct scenario_settings settings;
};

struct sensitivity_sample {
    struct scenario *scenario;
    struct run_result *result;
    struct summary *summary;
    struct figure_list figures;
};

/* Loads and runs the subject with `count` readings on top. What loading (problems to stderr) and runs report;
 * SIM_INTERRUPTED after a stop. To be released whatever is returned.
 */
SIM_MUST_USE enum sim_status sensitivity_sample_run(struct sensitivity_sample *sample,
                                                    const struct sensitivity_subject *subject,
                                                    const struct sensitivity_reading *const *readings, size_t count,
                                                    unsigned jobs, const volatile bool *stop, struct sim_error *error);
void sensitivity_sample_release(struct sensitivity_sample *sample);

/* The metrics to look at, of scope `all`; NULL in place of one that the run does not have. */
void sensitivity_sample_metrics(const struct summary *summary, const struct metric *metrics[SENSITIVITY_FIGURES]);

enum sensitivity_standing {
    SENSITIVITY_TOLD, /* from zero: the whole interval lies on one side */
    SENSITIVITY_NOT_TOLD,
    SENSITIVITY_NONE,   /* nothing at all: equal in every section */
    SENSITIVITY_UNKNOWN /* a value or the interval is missing */
};

/* One figure, and what it is beside another. */
struct sensitivity_change {
    double value; /* of the figure itself; NaN: none */
    double low, high;
    double change; /* what the other would have to be raised by */
    double change_low, change_high;
    enum sensitivity_standing standing;
    char reason[96]; /* why something is missing; "" otherwise */
};

/* What `metric` changes from one run to another; either list may be shared by threads if it was asked for the metric
 * before. may_pair: as in figure_difference.
 */
struct sensitivity_change sensitivity_sample_change(struct figure_list *from, struct figure_list *to,
                                                    const struct metric *metric, bool may_pair);

/* Whether the change is one of that sign, beyond chance. */
bool sensitivity_sample_is_told(const struct sensitivity_change *change, bool is_rise);

#endif
