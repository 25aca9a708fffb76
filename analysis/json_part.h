/* json_part.h - what JSON outputs have in common: members that cannot fail, numbers that may be missing, rows. */
#ifndef ANALYSIS_JSON_PART_H
#define ANALYSIS_JSON_PART_H

#include <jansson.h>
#include <stdio.h>

#include "analysis/summary.h"

/* Gives jansson memory that never fails. To be called before anything else here. */
void json_part_begin(void);

void json_part_set(json_t *object, const char *key, json_t *value);
void json_part_append(json_t *array, json_t *value);

/* Null where there is no text, or none in UTF-8: text from a scenario is checked when it is read, a result made by hand
 * may hold anything.
 */
json_t *json_part_text(const char *text);

/* Null where it is not finite. */
json_t *json_part_number(double value);

/* Adds scope, metric, unit, value, low, high and count of a row, and its reason and lag_1 where it has them. */
void json_part_set_row(json_t *object, const struct summary_row *row);

/* "ok", "saturated", "stopped" or "partial". */
const char *json_part_status(const struct summary *summary);

/* The object on one line, with a new line, to be released with free(); the object is gone then. */
char *json_part_line(json_t *root);

/* Writes the object and a new line; it is gone then. Reals have 17 digits, enough for every double to come back. */
void json_part_print(json_t *root, FILE *out);

#endif
