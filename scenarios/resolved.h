/* resolved.h - a scenario written out in full.
 *
 * Every key that has a value, in the order of the tables: those of the file as they were written there, the others
 * with their defaults. Reading the text gives the same configuration; equal scenarios give equal bytes. Paths stay
 * as they were written, so they are relative to wherever they stood.
 */
#ifndef SCENARIOS_RESOLVED_H
#define SCENARIOS_RESOLVED_H

#include <stdbool.h>
#include <stdio.h>

#include "scenarios/node.h"
#include "sim/field.h"

/* Writes the mapping `node`, which was bound to `table` without problems, as YAML. */
void resolved_write(const struct sim_field_table *table, const struct node *node, FILE *out);

/* Writes one text as YAML, in quotes where it would mean something else without; is_inside: within { } or [ ]. */
void resolved_write_text(const char *text, bool is_inside, FILE *out);

#endif
