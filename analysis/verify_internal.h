/* verify_internal.h - what the evaluation of a row, the functions that formulas call and the verdicts share. */
#ifndef ANALYSIS_VERIFY_INTERNAL_H
#define ANALYSIS_VERIFY_INTERNAL_H

#include "analysis/verify.h"

/* What figures a formula gets from metric(). */
enum verify_view {
    VERIFY_POOLED,  /* of all sections together */
    VERIFY_SECTION, /* of one section */
    VERIFY_SHIFTED, /* pooled, but one of them moved */
    VERIFY_DRAWN,   /* pooled, with sections drawn anew (verify_interval.c) */
    VERIFY_ALTERED  /* others in their place: does the answer depend on them? (verify_alter.c) */
};

/* A figure that the formula asked for. */
struct verify_use {
    struct verify_run *run;
    size_t figure;
};

/* The host of a formula. */
struct verify_work {
    struct verify_file *file;
    struct verify_runs *runs;
    struct formula *formula;
    bool is_defining; /* `define` runs: nothing may be asked for yet */
    struct verify_row *row;
    size_t depth; /* of ours() inside ours() */

    enum verify_view view;
    size_t section;
    size_t shifted; /* which use */
    double shift;
    uint64_t trial;        /* of altered figures, from 1 */
    bool is_kept;          /* what the function returns is not altered: it is no data */
    const double *weights; /* of the sections that were drawn */
    size_t weight_count;
    bool keeps_uses; /* figures are noted */
    struct sim_array uses;

    const char *no_value;   /* why a figure is missing; NULL: none is */
    enum sim_status status; /* of a run that failed */
    struct sim_error *error;
};

/* Adds the functions of formulas to work->formula. */
void verify_function_add_all(struct verify_work *work);

/* For other files with functions: the work, after noting that data were asked for; and the run that an argument names:
 * a variant, or (nil) the scenario of the file. Both leave by a jump when something is wrong.
 */
struct verify_work *verify_function_access(lua_State *lua);
struct verify_run *verify_function_run(lua_State *lua, struct verify_work *work, int argument);

/* The catalogue; leaves by a jump if it cannot be read. */
const struct catalogue *verify_function_catalogue(lua_State *lua, struct verify_work *work);

/* Adds the functions about what was loaded (verify_value.c). */
void verify_value_add_all(struct verify_work *work);

/* Adds the functions about models and what holds them (verify_size.c). */
void verify_size_add_all(struct verify_work *work);

/* Functions that are written in Lua. */
extern const char verify_library[];

/* Adds a function that answers with data. */
void verify_alter_add(struct verify_work *work, const char *name, lua_CFunction function);

/* A bijection that mixes well: chance that depends on nothing but the number. */
uint64_t verify_alter_mix(uint64_t value);

/* Whether other data change the answer of the row, where it is a number or a text; a truth is one of two anyway. */
bool verify_alter_changes(struct verify_work *work, struct verify_row *row);

/* Fills in verdict, difference, allowed and is_clear. `holds`: NULL where nothing is said. */
void verify_verdict_judge(struct verify_row *row, const bool *holds);

/* Evaluates code of the row in the work's view. False: it has no value (work->no_value), a run failed (work->status),
 * or a problem was added.
 */
bool verify_evaluate(struct verify_work *work, const struct verify_row *row, const struct reference_code *code,
                     const char *what, struct formula_value *value);

/* The interval of a number that was evaluated with the uses in the work. */
void verify_interval_fill(struct verify_work *work, struct verify_row *row);

/* Whether the value agrees with what is printed in the row. */
bool verify_verdict_agrees(const struct reference_row *row, const struct formula_value *value);

/* In how many draws of its sections a row whose answer is no number agrees as it does, and `holds` (NULL: not given) is
 * the same.
 */
void verify_interval_draw(struct verify_work *work, struct verify_row *row, const bool *holds);

#endif
