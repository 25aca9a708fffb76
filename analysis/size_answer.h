/* size_answer.h - everything that `capsim size` says of a scenario, and its three forms: text, JSON, CSV. */
#ifndef ANALYSIS_SIZE_ANSWER_H
#define ANALYSIS_SIZE_ANSWER_H

#include <stdio.h>

#include "analysis/size.h"
#include "analysis/size_pack.h"
#include "analysis/size_trial.h"

struct size_answer {
    const struct size_context *context;
    struct size_list *lists;        /* each model in each precision, then each pool that holds models */
    struct size_trial_list *trials; /* of every list; without items where nothing was simulated */
    size_t count;
    struct size_pack_list packs; /* where the models are wanted together */
};

/* Finds candidates and packings; simulates nothing. To be released. */
void size_answer_create(struct size_answer *answer, const struct size_context *context);
void size_answer_release(struct size_answer *answer);

/* Simulates the candidates of every pool that a limit concerns. What runs report. */
SIM_MUST_USE enum sim_status size_answer_simulate(struct size_answer *answer, unsigned jobs, const volatile bool *stop,
                                                  struct sim_error *error);

/* Says on the standard error output which models fit no GPU in any precision, and which the nearest is. Returns how
 * many those are.
 */
size_t size_answer_report_misfits(const struct size_answer *answer);

/* Name of what a list is about: "llm", "llm, int4" or "pool shared". */
struct size_text size_answer_title(const struct size_answer *answer, const struct size_list *list);

void size_answer_print(const struct size_answer *answer, FILE *out);
void size_answer_print_json(const struct size_answer *answer, FILE *out);

/* One line per candidate. */
void size_answer_print_csv(const struct size_answer *answer, FILE *out);

#endif
