/* verify_markdown.h - the answers as a page that is kept with the scenarios. */
#ifndef ANALYSIS_VERIFY_MARKDOWN_H
#define ANALYSIS_VERIFY_MARKDOWN_H

#include "analysis/verify_claims.h"

/* Writes the file in one piece: counts by document and kind, where the hand audit's opinion differs, the claims of
 * each document by section, and rows that no list names. Equal answers give equal bytes. SIM_CANNOT_WRITE.
 */
SIM_MUST_USE enum sim_status verify_markdown_write(const char *path, const struct verify_claims *claims,
                                                   const struct verify_file *files, size_t count,
                                                   struct sim_error *error);

#endif
