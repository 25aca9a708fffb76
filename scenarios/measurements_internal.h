/* measurements_internal.h - the steps of loading a measurements file.
 *
 *   measurements.c        tables of keys, the order of the steps, questions
 *   measurements_rows.c   rows: from the tree, or from a CSV
 *   measurements_check.c  what must hold within a row and between rows
 */
#ifndef SCENARIOS_MEASUREMENTS_INTERNAL_H
#define SCENARIOS_MEASUREMENTS_INTERNAL_H

#include "scenarios/measurements.h"
#include "scenarios/node.h"

/* Makes the rows of a table that was bound from `node`: absent cells of rows in the tree become NaN, a CSV is read. */
void measurements_rows_fill(struct measurement_table *table, const struct node *node, struct sim_arena *arena,
                            struct diagnostic_list *problems);

/* Marks the rows that are held out; `more` are further loads from the command line, separated by commas, or NULL. */
void measurements_rows_hold_out(struct measurement_table *table, const struct node *node, const char *more,
                                struct diagnostic_list *problems);

void measurements_check_table(const struct measurement_table *table, const struct node *node,
                              struct diagnostic_list *problems);
void measurements_check_all(const struct measurements *measurements, const struct node *root,
                            struct diagnostic_list *problems);

#endif
