/* formula.h - text of the form `name(argument, name=argument, 0.7: argument)`, taken apart.
 *
 * An argument is a formula itself or plain text, such as `1.5 s` or `lengths.csv`. Plain text cannot contain any of
 * the letters `( ) , = :`.
 */
#ifndef SCENARIOS_FORMULA_H
#define SCENARIOS_FORMULA_H

#include <stddef.h>

#include "sim/error.h"
#include "sim/memory.h"

#define FORMULA_DEPTH_MAX 8
#define FORMULA_ARGUMENT_MAX 256

struct formula {
    const char *name; /* before the parenthesis; NULL: plain text */
    const char *text; /* plain text without spaces around it; otherwise the formula as it was written */
    const char *label;
    char separator; /* between label and argument: '=' or ':'; 0 without a label */
    int column;     /* from 1, in the whole text */
    struct formula *arguments;
    size_t argument_count;
};

/* Takes `text` apart; strings and lists belong to `arena`. SIM_BAD_INPUT, with the column in the error, for missing
 * parentheses, empty arguments, trailing text, more than FORMULA_DEPTH_MAX levels or FORMULA_ARGUMENT_MAX arguments.
 */
SIM_MUST_USE enum sim_status formula_parse(const char *text, struct sim_arena *arena, struct formula *formula,
                                           struct sim_error *error);

#endif
