/* sweep_options.h - the command line of a sweep, which two programs have: capsim and capsim-mpi. */
#ifndef ANALYSIS_SWEEP_OPTIONS_H
#define ANALYSIS_SWEEP_OPTIONS_H

#include "analysis/options.h"
#include "analysis/sweep.h"

/* As options_parse. */
void sweep_options_parse(int argc, char **argv, struct options *options);

/* Makes the sweep, whose points go to `folder`, or says on the standard error output why not. Returns the exit code.
 * The sweep is to be released in any case.
 */
int sweep_options_create(const struct options *options, const char *folder, struct diagnostic_list *problems,
                         struct sweep *sweep);

struct sweep_share sweep_options_share(const struct options *options);

#endif
