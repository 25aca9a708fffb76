/* select_internal.h - what the files select*.c share. */
#ifndef ANALYSIS_SELECT_INTERNAL_H
#define ANALYSIS_SELECT_INTERNAL_H

#include "analysis/select.h"

struct select_point {
    enum select_state state;
    double *values; /* of each observation: the objective, then the limited figures */
    size_t capacity;
    size_t count; /* observations */
    enum select_feasibility feasibility;
    enum select_feasibility *kept; /* by limit */
};

struct select {
    struct select_plan plan; /* limits and tolerances owned */
    struct select_point *points;
    size_t width;      /* values of an observation */
    size_t excluded;   /* points rejected before the first observation */
    bool has_observed; /* anybody */
    size_t best;
};

/* The mean of a column (0: objective, 1 + l: limited figure l) of one point, less that of the other unless it is NULL,
 * over the observations that both have, with limits at `error`.
 */
struct select_interval select_interval_of(const struct select *select, const struct select_point *one,
                                          const struct select_point *other, size_t column, double error);

/* Whether the point has entered and may be the answer: neither rejected nor beyond a limit. */
bool select_is_contender(const struct select_point *point);

/* The observations of the point that are wanted, 0 if none. */
size_t select_wanted_of(const struct select *select, size_t index);

#endif
