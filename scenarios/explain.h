/* explain.h - what a key of a scenario means, from the same tables that the loader goes by. */
#ifndef SCENARIOS_EXPLAIN_H
#define SCENARIOS_EXPLAIN_H

#include <stdio.h>

#include "sim/error.h"
#include "sim/field.h"

/* Prints path, kind, unit, range, default and help of a key, and for one that has keys of its own their list. `path`
 * is keys joined by dots from the top (`pools.profile.slots`), or a key alone, wherever it occurs; "" explains the
 * top. SIM_BAD_INPUT, with what was probably meant in the message, when there is no such key; nothing is printed then.
 */
SIM_MUST_USE enum sim_status explain_key(const struct sim_field_table *table, const char *path, FILE *out,
                                         struct sim_error *error);

#endif
