/* verify.h - a scenario against what others published: every reference row gets a verdict (scenarios/reference.h).
 *
 * "Ours" is a formula over what was loaded (value, gpu, price) or simulated (metric). Its value comes from the pooled
 * figures of the runs, its interval from evaluating it once more for every section (replication or block) with the
 * figures of that section: variants that share their random numbers are so compared pair by pair. A formula that
 * reaches nothing that was loaded or simulated is refused: a constant confirms nothing.
 */
#ifndef ANALYSIS_VERIFY_H
#define ANALYSIS_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/formula.h"
#include "analysis/verify_run.h"

struct verify_row {
    const struct reference_row *row;
    bool is_selected; /* to be answered; others are evaluated only where these need them */
    bool is_evaluated;
    bool is_answered; /* has a verdict */
    struct formula_value ours;
    double low, high;     /* 95 % interval of a number; NaN: none */
    const char *interval; /* why there is none, or how it was made; "" otherwise */
    double difference;    /* ours - theirs of two numbers; NaN otherwise */
    double allowed;       /* how large it may be; NaN where nothing is compared */
    size_t alike;         /* draws of the sections in which what is no number in the row comes out the same, */
    size_t of;            /* of so many; 0: not known, or there is nothing of that kind */
    bool is_clear;        /* the verdict is the same anywhere in the interval, and in 95 % of the draws */
    int32_t verdict;      /* enum reference_verdict */
    const char *problem;  /* REFERENCE_NO_VALUE: why */
    size_t accesses;      /* to what was loaded or simulated */
    bool has_data;        /* it comes from them, also by printed figures of other rows */
    struct sim_array on;  /* size_t: rows whose printed figures it is computed from */
};

struct verify_file {
    const char *path;
    struct scenario *scenario;
    struct diagnostic_list problems; /* of loading, and of rows that cannot be evaluated */
    struct verify_row *rows;         /* as in scenario->references */
    size_t row_count;
    size_t run_count; /* runs that were simulated for it */
    struct sim_arena *arena;
};

/* Which rows are answered. */
struct verify_choice {
    const char *prefix;      /* of the ids; NULL: any */
    bool includes_inherited; /* rows that stand in a base too */
};

/* Loads the file and checks the syntax of its formulas. False after problems, which are in file->problems. To be
 * released in either case.
 */
bool verify_load(struct verify_file *file, const char *path, const struct scenario_settings *settings);
void verify_release(struct verify_file *file);

/* Marks the rows to be answered. Returns how many. */
size_t verify_choose(struct verify_file *file, const struct verify_choice *choice);

/* Answers the chosen rows. SIM_BAD_INPUT with the reasons in file->problems where rows cannot be evaluated; what runs
 * report. The runs are kept for other files.
 */
SIM_MUST_USE enum sim_status verify_answer(struct verify_file *file, struct verify_runs *runs, struct sim_error *error);

/* Whether every answered row has the verdict that it expects. */
bool verify_is_expected(const struct verify_row *row);

#endif
