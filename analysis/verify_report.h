/* verify_report.h - the answered rows of one or more files as text, JSON and CSV. */
#ifndef ANALYSIS_VERIFY_REPORT_H
#define ANALYSIS_VERIFY_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/verify.h"

/* Room for what a cell shows. */
struct verify_text {
    char text[600];
};

/* What is computed, as "43.48", "true" or a text; and with its interval, as "14.9 +- 0.2". "-" where there is nothing.
 */
struct verify_text verify_report_ours(const struct verify_row *row);
struct verify_text verify_report_ours_and_interval(const struct verify_row *row);

/* What is said beside a verdict: how far off, that it may be chance, and the row's reason. */
struct verify_text verify_report_remark(const struct verify_row *row);

/* A table for every file, then how many rows have which verdict, by kind. is_brief: only the rows whose verdict is not
 * the expected one.
 */
void verify_report_print(const struct verify_file *files, size_t count, bool is_brief, bool use_color, FILE *out);

/* Rows as the design has them: id, claim, theirs, ours, low, high, verdict, expect, and more behind. */
void verify_report_json(const struct verify_file *files, size_t count, FILE *out);
void verify_report_csv(const struct verify_file *files, size_t count, FILE *out);

#endif
