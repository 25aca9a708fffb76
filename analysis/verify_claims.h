/* verify_claims.h - the list of everything that is to be answered, and what people made of it by hand before.
 *
 * A CSV with the columns id, file (document), section, subject and expected (the hand audit's opinion), and where they
 * are known value (theirs) and kind. Every id must be answered by one row, with the same theirs and kind. The opinion
 * begins with confirmed, input (agrees with confirmed), off (agrees with off and contradicted), not testable, or to be
 * simulated (agrees with anything).
 */
#ifndef ANALYSIS_VERIFY_CLAIMS_H
#define ANALYSIS_VERIFY_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/verify.h"

struct verify_claim {
    const char *id;
    const char *document;
    const char *section;
    const char *subject;
    const char *theirs; /* NULL: the list does not say */
    const char *kind;   /* NULL: the same */
    const char *expected;
    struct place place;
    const struct verify_file *file; /* in which it is answered; NULL: none */
    const struct verify_row *row;
};

struct verify_claims {
    struct diagnostic_list problems;
    struct verify_claim *items; /* in the order of the files */
    size_t count;
    size_t capacity;
};

void verify_claims_init(struct verify_claims *claims);
void verify_claims_release(struct verify_claims *claims);

/* Adds the claims of a file. SIM_BAD_INPUT, SIM_CANNOT_READ. */
SIM_MUST_USE enum sim_status verify_claims_load(struct verify_claims *claims, const char *path,
                                                struct sim_error *error);

/* Finds the chosen row of each claim whose id begins with `prefix` (NULL: any); the others are dropped. False after
 * problems: a claim without a row, twice in the list, or with another theirs or kind.
 */
bool verify_claims_match(struct verify_claims *claims, const struct verify_file *files, size_t count,
                         const char *prefix);

/* Whether the hand audit's opinion agrees with the verdict. */
bool verify_claims_agree(const struct verify_claim *claim);

#endif
