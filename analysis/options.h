/* options.h - the command line of a subcommand. Options mean the same everywhere; each subcommand says which it has. */
#ifndef ANALYSIS_OPTIONS_H
#define ANALYSIS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "analysis/sensitivity_run.h"
#include "analysis/summary.h"

/* Groups of options that a subcommand can have. */
enum option_group {
    OPTIONS_SCENARIO = 1,  /* --set, --seed, --replications */
    OPTIONS_RUN = 2,       /* --jobs, --trace, --precision, -o, --quiet */
    OPTIONS_RESULT = 4,    /* --json, --csv, --color, --assert */
    OPTIONS_FILE = 8,      /* -o, --quiet */
    OPTIONS_FIT = 16,      /* --hold-out, --html, --svg, --seed, --jobs, --json, --csv, --color, --assert */
    OPTIONS_VERIFY = 32,   /* --only, --inherited, --claims, --markdown, --jobs, --json, --csv, --color, --quiet */
    OPTIONS_SIZE = 64,     /* --jobs, --json, --csv */
    OPTIONS_COMPARE = 128, /* --vary, --all, --jobs, --json, --csv, --color, --quiet */
    OPTIONS_SWEEP = 256,   /* --vary, --sobol, --shard, --resume, --jobs, -o, --quiet, --json, --csv */
    OPTIONS_MERGE = 512,   /* -o, --quiet, --json, --csv */
    OPTIONS_TUNE = 1024    /* --minimise, --subject-to, --vary, --sobol, --confidence, --indifference, --tolerance,
                            * --max-replications, --whole, --jobs, --json, --csv, --color, --quiet */
};

enum option_trace {
    OPTION_TRACE_DEFAULT,
    OPTION_TRACE_NONE,
    OPTION_TRACE_SAMPLE,
    OPTION_TRACE_FULL
};

struct option_syntax {
    const char *arguments; /* what stands after the options, as "SCENARIO" */
    const char *help;      /* of the subcommand */
    unsigned groups;
    size_t argument_min;
    size_t argument_max; /* at most OPTION_ARGUMENTS_MAX */
};

enum {
    OPTION_ARGUMENTS_MAX = 256,
    OPTION_CLAIMS_MAX = 8,
    OPTION_VARY_MAX = 64,
    OPTION_LIMITS_MAX = 8
};

struct options {
    char **settings; /* PATH=VALUE, those of --seed and --replications among them, in order */
    size_t setting_count;
    size_t setting_capacity;
    uint64_t seed;        /* of OPTIONS_FIT, where it is no setting; 1 where it was not given */
    const char *hold_out; /* NULL: none */
    const char *html;     /* NULL: none */
    const char *svg;      /* NULL: none */
    const char *only;     /* NULL: all rows */
    bool is_inherited;    /* rows of bases too */
    const char *claims[OPTION_CLAIMS_MAX];
    size_t claims_count;
    const char *markdown; /* NULL: none */
    const char *vary[OPTION_VARY_MAX];
    size_t vary_count;
    size_t sobol;       /* points of a Sobol sequence; 0: the grid */
    size_t shard;       /* from 1 */
    size_t shard_count; /* 1: everything in one */
    bool may_resume;
    bool has_all;  /* every metric of every scope */
    unsigned jobs; /* 0: as many as there are processors */
    enum option_trace trace;
    const char *output; /* NULL: none */
    bool is_json;
    bool is_csv;
    const char *checkpoint; /* NULL: none */
    const char *resume;     /* NULL: begin at the beginning */
    const char *precision;  /* NULL: as many replications as the scenario says */
    size_t replication_max; /* with it, or of a point; 0: not said */
    const char *objective;  /* NULL: not said */
    const char *limits[OPTION_LIMITS_MAX];
    size_t limit_count;
    const char *confidence; /* shares as text; NULL: not said */
    const char *indifference;
    const char *tolerance;
    bool is_whole;        /* no short runs */
    bool has_readings;    /* the other readings of profiles are run too */
    bool has_sensitivity; /* and those of rules that are not published */
    bool is_quiet;
    bool is_asserted;
    bool has_color; /* of the standard output */
    const char *arguments[OPTION_ARGUMENTS_MAX];
    size_t argument_count;
};

/* Adds one PATH=VALUE behind those that were given. */
void options_add_setting(struct options *options, const char *text);

/* Parses; a mistake ends the program with a message and exit code 2, --help with code 0. argv[0] names program and
 * subcommand. To be released with options_release.
 */
void options_parse(int argc, char **argv, const struct option_syntax *syntax, struct options *options);
void options_release(struct options *options);

/* Prints the summary in the form that was asked for, and with it other readings (NULL: none, also in CSV). Returns the
 * exit code: whether it could be written, and whether a limit is missed and --assert was given.
 */
int options_print_summary(const struct options *options, const struct summary *summary,
                          const struct sensitivity_run *sensitivity);

#endif
