/* compare.h - scenarios, variants of one, or finished runs side by side, all against the first.
 *
 * Scenarios with the same seed and number of replications meet the same random numbers, so differences are taken pair
 * by pair: section (replication or batch) i of one less section i of the other. Pairs of sections are independent of
 * each other whatever the two have in common, so this is right also where the arrivals differ; it only saves less.
 */
#ifndef ANALYSIS_COMPARE_H
#define ANALYSIS_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/figure.h"
#include "analysis/points.h"
#include "analysis/trace.h"
#include "scenarios/scenario.h"

enum {
    COMPARE_MAX = 200
};

struct compare_item {
    const char *name;          /* unlike all others: the scenario's, or its path, or what is varied */
    const char *path;          /* of the scenario or trace */
    struct scenario *scenario; /* NULL: a trace, or a variant whose values do not go together */
    struct trace *trace;       /* NULL: none */
    const struct point *point; /* of a variant; NULL: none */
    const char *invalid;       /* why a variant could not be run; NULL: it could */
    struct run_result *result; /* of a scenario */
    struct note_list notes;    /* the same */
    struct summary *summary;
    struct figure_list figures;
    bool is_paired;    /* with the first */
    char pairing[192]; /* why not, or what they do not share; "" if there is nothing to say */
};

struct compare {
    struct compare_item *items; /* those that could not be run come last */
    size_t count;               /* that could be run */
    size_t invalid_count;       /* behind them */
    sim_time_ns warm_up_ns;     /* of all whose scenarios left it open: the longest that was found; -1: none did */
    struct diagnostic_list problems;
    struct points points;
};

void compare_init(struct compare *compare);
void compare_release(struct compare *compare);

/* Loads scenarios and traces; settings are for scenarios. SIM_BAD_INPUT: the problems are in compare->problems. */
SIM_MUST_USE enum sim_status compare_load(struct compare *compare, const char *const *paths, size_t count,
                                          const struct scenario_settings *settings, struct sim_error *error);

/* Loads the variants of one scenario. SIM_BAD_INPUT as above; or, with nothing but the error, if fewer than two
 * can be run.
 */
SIM_MUST_USE enum sim_status compare_load_points(struct compare *compare, const struct points_request *request,
                                                 struct sim_error *error);

/* Runs what has to be run. What runs report. jobs, stop, progress: as in struct points_work. */
SIM_MUST_USE enum sim_status compare_run(struct compare *compare, unsigned jobs, const volatile bool *stop,
                                         struct progress_count *progress, struct sim_error *error);

/* The row of an item that corresponds to a row of the first; NULL: it has none. */
const struct summary_row *compare_row(const struct compare *compare, size_t item, const struct summary_row *row);

/* What changes from the first to an item, for a row of the first that the item has too. */
struct figure_difference compare_difference(struct compare *compare, size_t item, const struct summary_row *row);

#endif
