/* binding.h - from a tree of text to a struct, as a table of fields says.
 *
 * The same function checks a value and stores it, for values of the file and for defaults, so a default cannot be of
 * a form that a scenario could not have. Beyond what sim/field.h says:
 * - a TEXT field called `name` holds a name: a to z, then a to z, 0 to 9 or '-'; names of a list's items differ;
 * - a TEXT field called `file` is a path, stored relative to the working directory, written relative to its file;
 * - an INT64 field in a unit of money ("USD/h") is stored in picodollars (pUSD), its range is in the unit;
 * - TIME and money are 0 or more where the range does not say otherwise, and may be `never` only as TIME without
 *   a range;
 * - a DOUBLE field in the unit "any" takes any quantity, in seconds, USD and so on, and is NaN when left out;
 * - the default "" leaves the member zero (text: ""); a record that is left out consists of its fields' defaults;
 * - a required list has at least one item; `null` stands for the default where there is one.
 */
#ifndef SCENARIOS_BINDING_H
#define SCENARIOS_BINDING_H

#include "scenarios/diagnostic.h"
#include "scenarios/node.h"
#include "sim/field.h"

/* Fills `item`, a zeroed struct described by `table`, from the mapping `node`. Text and lists belong to `arena`.
 * Goes on after problems: what has one is marked in the tree (`is_wrong`), and its member is the default or zero.
 */
void binding_fill(const struct sim_field_table *table, struct node *node, void *item, struct sim_arena *arena,
                  struct diagnostic_list *problems);

/* The field called `name`; NULL if the table has none. */
const struct sim_field *binding_find_field(const struct sim_field_table *table, const char *name);

#endif
