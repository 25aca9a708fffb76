/* compare_sensitivity.h - whether a comparison holds where what is not published is read otherwise.
 *
 * A reading is taken of all that are compared, since they are on one platform; where it decides nothing, the run as it
 * is stands for it. Runs meet the same callers, so differences under a reading are as exact as those without.
 */
#ifndef ANALYSIS_COMPARE_SENSITIVITY_H
#define ANALYSIS_COMPARE_SENSITIVITY_H

#include <jansson.h>

#include "analysis/compare.h"
#include "analysis/sensitivity_sample.h"

struct compare_reading {
    const struct sensitivity_reading *reading; /* of the first item that has it */
    struct sensitivity_change *changes;        /* from the first item, by item and figure */
    bool is_done;
};

struct compare_sensitivity {
    struct compare *compare;
    struct sensitivity_list *lists;       /* by item */
    struct sensitivity_subject *subjects; /* the same */
    const struct metric *metrics[SENSITIVITY_FIGURES];
    struct sensitivity_change *changes; /* without readings */
    struct compare_reading *readings;
    size_t count;
    bool is_whole; /* nothing was left out by a stop */
    struct sim_arena *arena;
};

struct compare_sensitivity_request {
    struct scenario_settings settings; /* of what was loaded by compare_load */
    unsigned jobs;
    const volatile bool *stop;
    bool is_quiet;
};

/* SIM_BAD_INPUT: something among them is a finished run, which cannot be read otherwise. */
SIM_MUST_USE enum sim_status compare_sensitivity_check(const struct compare *compare, struct sim_error *error);

/* Runs every reading for all items that were run. SIM_OK also after a stop. To be released whatever is returned. */
SIM_MUST_USE enum sim_status compare_sensitivity_create(struct compare_sensitivity *sensitivity,
                                                        struct compare *compare,
                                                        const struct compare_sensitivity_request *request,
                                                        struct sim_error *error);
void compare_sensitivity_release(struct compare_sensitivity *sensitivity);

/* The change of a figure from the first item to another. reading: sensitivity->count: as it is. */
const struct sensitivity_change *compare_sensitivity_change(const struct compare_sensitivity *sensitivity,
                                                            size_t reading, size_t item, size_t figure);

/* A table for each item, and what it comes to in words. */
void compare_sensitivity_print(const struct compare_sensitivity *sensitivity, bool use_color, FILE *out);

/* One object for every reading. */
json_t *compare_sensitivity_json(const struct compare_sensitivity *sensitivity);

#endif
