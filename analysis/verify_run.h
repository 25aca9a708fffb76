/* verify_run.h - the runs that rows ask for: loaded and simulated when first asked for, and kept.
 *
 * A run is a scenario file with settings. Two variants that come to the same are one run, in whatever files they stand.
 */
#ifndef ANALYSIS_VERIFY_RUN_H
#define ANALYSIS_VERIFY_RUN_H

#include <stdbool.h>

#include "analysis/figure.h"
#include "scenarios/catalogue.h"
#include "scenarios/scenario.h"

struct verify_runs;

/* One run. The fields are read only. */
struct verify_run {
    const char *path;
    char *identity; /* path and settings */
    struct scenario *scenario;
    struct node *values; /* the resolved scenario as a tree */
    struct diagnostic_list problems;
    struct run_result *result; /* NULL until it was simulated */
    struct summary *summary;
    struct figure_list figures; /* by use */
};

/* settings: of the command line, for every run. Borrowed, like stop. */
struct verify_runs *verify_runs_create(const char *const *settings, size_t setting_count, unsigned jobs,
                                       const volatile bool *stop);
void verify_runs_destroy(struct verify_runs *runs);

/* The run of a scenario file, or of a variant of it (NULL: none), loaded. NULL after a problem: what is wrong with
 * the files was printed to stderr, and the error says that it could not be loaded.
 */
struct verify_run *verify_runs_load(struct verify_runs *runs, const char *path, const struct reference_variant *variant,
                                    struct sim_error *error);

/* With which settings the run of a variant (NULL: none) is loaded. Borrows both. */
struct scenario_settings verify_runs_settings(const struct verify_runs *runs, const struct reference_variant *variant);

/* Simulates it unless that was done. What runs report. */
SIM_MUST_USE enum sim_status verify_runs_simulate(struct verify_runs *runs, struct verify_run *run,
                                                  struct sim_error *error);

/* How many runs were simulated. */
size_t verify_runs_count(const struct verify_runs *runs);

/* The catalogue, read when first asked for. NULL after problems, which were printed to stderr. */
const struct catalogue *verify_runs_catalogue(struct verify_runs *runs);

#endif
