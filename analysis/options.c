/* options.c - argp, with the options that a subcommand has. */
#include "analysis/options.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/csv.h"
#include "analysis/json.h"
#include "analysis/message.h"
#include "analysis/report.h"
#include "analysis/sensitivity_report.h"
#include "analysis/vary.h"
#include "sim/memory.h"

enum {
    KEY_SET = 256,
    KEY_SEED,
    KEY_REPLICATIONS,
    KEY_JOBS,
    KEY_TRACE,
    KEY_JSON,
    KEY_CSV,
    KEY_COLOR,
    KEY_ASSERT,
    KEY_CHECKPOINT,
    KEY_RESUME,
    KEY_HOLD_OUT,
    KEY_READINGS,
    KEY_SENSITIVITY,
    KEY_HTML,
    KEY_SVG,
    KEY_ONLY,
    KEY_INHERITED,
    KEY_CLAIMS,
    KEY_MARKDOWN,
    KEY_PRECISION,
    KEY_MAX_REPLICATIONS,
    KEY_VARY,
    KEY_ALL,
    KEY_SOBOL,
    KEY_SHARD,
    KEY_GO_ON,
    KEY_MINIMISE,
    KEY_SUBJECT_TO,
    KEY_CONFIDENCE,
    KEY_INDIFFERENCE,
    KEY_TOLERANCE,
    KEY_WHOLE,
    JOBS_MAX = 1024,
    SHARD_LENGTH_MAX = 13 /* 999999/999999 */
};

#define SEED_MAX 9000000000000000

struct grouped_option {
    unsigned group;
    struct argp_option option;
};

static const struct grouped_option known_options[] = {
    {OPTIONS_SCENARIO, {"set", KEY_SET, "PATH=VALUE", 0, "Change a value of the scenario: pools.tts.max_inputs=20", 0}},
    {OPTIONS_SCENARIO | OPTIONS_FIT, {"seed", KEY_SEED, "N", 0, "Seed of all chance", 0}},
    {OPTIONS_SCENARIO, {"replications", KEY_REPLICATIONS, "N", 0, "Independent repetitions", 0}},
    {OPTIONS_FIT,
     {"hold-out", KEY_HOLD_OUT, "ROWS", 0, "Rows that the fit must not see, beside the file's: 15,40 or TABLE:15,40",
      0}},
    {OPTIONS_FIT, {"html", KEY_HTML, "FILE", 0, "Write the report and the errors as a page", 0}},
    {OPTIONS_FIT, {"svg", KEY_SVG, "FILE", 0, "Draw what was measured over time beside what the fit makes of it", 0}},
    {OPTIONS_VERIFY, {"only", KEY_ONLY, "PREFIX", 0, "Only rows whose id begins with this", 0}},
    {OPTIONS_VERIFY,
     {"claims", KEY_CLAIMS, "FILE", 0, "CSV of claims that must all be answered, with an opinion on each; repeatable",
      0}},
    {OPTIONS_VERIFY, {"markdown", KEY_MARKDOWN, "FILE", 0, "Write the answers as a page", 0}},
    {OPTIONS_VERIFY, {"inherited", KEY_INHERITED, NULL, 0, "Answer the rows of bases too", 0}},
    {OPTIONS_TUNE,
     {"minimise", KEY_MINIMISE, "METRIC", 0,
      "What should be low: a metric, or a sum: 1*cost_usd_per_month + 50*latency_p95_s", 0}},
    {OPTIONS_TUNE,
     {"subject-to", KEY_SUBJECT_TO, "METRIC<LIMIT", 0, "A limit, < or >: latency_p95_s<2 s; repeatable", 0}},
    {OPTIONS_COMPARE | OPTIONS_SWEEP | OPTIONS_TUNE,
     {"vary", KEY_VARY, "PATH=[VALUE, ...]", 0, "Values of a key, as of --set; several make a grid, the last fastest",
      0}},
    {OPTIONS_SWEEP | OPTIONS_TUNE,
     {"sobol", KEY_SOBOL, "N", 0, "N points spread evenly between two values of each key, instead of a grid", 0}},
    {OPTIONS_SWEEP, {"shard", KEY_SHARD, "I/N", 0, "Only every Nth point, beginning with the Ith: 1/4 to 4/4", 0}},
    {OPTIONS_SWEEP,
     {"output", 'o', "DIR", 0, "Folder for the finished points, a file each; without it only the table is printed", 0}},
    {OPTIONS_SWEEP, {"resume", KEY_GO_ON, NULL, 0, "Leave out the points that are finished", 0}},
    {OPTIONS_MERGE, {"output", 'o', "FILE", 0, "Write tables (HDF5)", 0}},
    {OPTIONS_COMPARE, {"all", KEY_ALL, NULL, 0, "Every metric of every scope in the table", 0}},
    {OPTIONS_TUNE, {"confidence", KEY_CONFIDENCE, "SHARE", 0, "How sure the answer has to be (95%)", 0}},
    {OPTIONS_TUNE,
     {"indifference", KEY_INDIFFERENCE, "SHARE", 0, "Settings this close to the best are as good (1%)", 0}},
    {OPTIONS_TUNE,
     {"tolerance", KEY_TOLERANCE, "SHARE", 0, "Figures this close to their limit may be taken for either (1%)", 0}},
    {OPTIONS_TUNE,
     {"max-replications", KEY_MAX_REPLICATIONS, "N", 0, "At most so many whole runs of a setting (200)", 0}},
    {OPTIONS_TUNE, {"whole", KEY_WHOLE, NULL, 0, "Reject nothing by short runs", 0}},
    {OPTIONS_RUN | OPTIONS_FIT | OPTIONS_VERIFY | OPTIONS_SIZE | OPTIONS_COMPARE | OPTIONS_SWEEP | OPTIONS_TUNE,
     {"jobs", KEY_JOBS, "N", 0, "Threads that simulate; results do not depend on it", 0}},
    {OPTIONS_RUN, {"output", 'o', "FILE", 0, "Write a trace (HDF5)", 0}},
    {OPTIONS_RUN,
     {"trace", KEY_TRACE, "KIND", 0, "Requests in the trace: none, sample or full (full up to 5 million)", 0}},
    {OPTIONS_RUN,
     {"checkpoint", KEY_CHECKPOINT, "FILE", 0, "Write every few seconds how far the run has come; not with -o", 0}},
    {OPTIONS_RUN, {"resume", KEY_RESUME, "FILE", 0, "Go on from a checkpoint of the same scenario and version", 0}},
    {OPTIONS_RUN,
     {"precision", KEY_PRECISION, "METRIC=SHARE,...", 0,
      "Add replications until intervals are this narrow: latency_p95=2%,cost=1%; no trace", 0}},
    {OPTIONS_RUN, {"max-replications", KEY_MAX_REPLICATIONS, "N", 0, "At most so many for --precision (200)", 0}},
    {OPTIONS_RUN,
     {"readings", KEY_READINGS, NULL, 0, "Run also with profiles that fit the same measurements as well, and compare",
      0}},
    {OPTIONS_RUN | OPTIONS_COMPARE,
     {"sensitivity", KEY_SENSITIVITY, NULL, 0,
      "Run also under other readings of each rule that the platform does not publish, on the same callers", 0}},
    {OPTIONS_TUNE,
     {"sensitivity", KEY_SENSITIVITY, NULL, 0,
      "Try the answer under other readings of what is not published also where that takes whole runs", 0}},
    {OPTIONS_FILE, {"output", 'o', "FILE", 0, "Write to this file", 0}},
    {OPTIONS_VERIFY,
     {"quiet", 'q', NULL, 0, "Only rows with another verdict than the expected one, and the counts", 0}},
    {OPTIONS_RUN | OPTIONS_FILE | OPTIONS_SWEEP | OPTIONS_MERGE | OPTIONS_COMPARE | OPTIONS_TUNE,
     {"quiet", 'q', NULL, 0, "No messages but errors", 0}},
    {OPTIONS_RESULT | OPTIONS_FIT | OPTIONS_VERIFY | OPTIONS_SIZE | OPTIONS_COMPARE | OPTIONS_MERGE | OPTIONS_SWEEP |
         OPTIONS_TUNE,
     {"json", KEY_JSON, NULL, 0, "Print the result as JSON", 0}},
    {OPTIONS_RESULT | OPTIONS_COMPARE | OPTIONS_MERGE | OPTIONS_SWEEP | OPTIONS_TUNE,
     {"csv", KEY_CSV, NULL, 0, "Print the metrics as CSV", 0}},
    {OPTIONS_SIZE, {"csv", KEY_CSV, NULL, 0, "Print the candidates as CSV", 0}},
    {OPTIONS_FIT, {"csv", KEY_CSV, NULL, 0, "Print what was asked for, and what was reached, as CSV", 0}},
    {OPTIONS_VERIFY, {"csv", KEY_CSV, NULL, 0, "Print the rows as CSV", 0}},
    {OPTIONS_RESULT | OPTIONS_FIT | OPTIONS_VERIFY | OPTIONS_COMPARE | OPTIONS_TUNE,
     {"color", KEY_COLOR, "WHEN", 0, "auto, always or never", 0}},
    {OPTIONS_RESULT, {"assert", KEY_ASSERT, NULL, 0, "Exit with 1 if a limit of the scenario is missed", 0}},
    {OPTIONS_FIT, {"assert", KEY_ASSERT, NULL, 0, "Exit with 1 if an error that is asked for is missed", 0}},
};

enum {
    KNOWN_COUNT = sizeof known_options / sizeof *known_options
};

struct parse {
    const struct option_syntax *syntax;
    struct options *options;
    const char *color;
};

void options_add_setting(struct options *options, const char *text)
{
    options->settings =
        sim_grow(options->settings, &options->setting_capacity, options->setting_count + 1, sizeof *options->settings);
    char *copy = strdup(text);
    sim_assert(copy);
    options->settings[options->setting_count++] = copy;
}

/* A whole number of the range, or the end of the program. */
static long number_of(const char *text, const char *option, long lowest, long highest, struct argp_state *state)
{
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno || end == text || *end != '\0' || number < lowest || number > highest)
        argp_error(state, "--%s needs a whole number from %ld to %ld, not '%s'", option, lowest, highest, text);
    return number;
}

static void add_number_setting(struct parse *parse, const char *key, const char *text, long lowest, long highest,
                               struct argp_state *state)
{
    char setting[64];
    (void)snprintf(setting, sizeof setting, "%s=%ld", key, number_of(text, key, lowest, highest, state));
    options_add_setting(parse->options, setting);
}

static size_t choice_of(const char *text, const char *option, const char *const *choices, struct argp_state *state)
{
    for (size_t i = 0; choices[i]; i++)
        if (strcmp(choices[i], text) == 0)
            return i;
    argp_error(state, "--%s needs %s, %s or %s, not '%s'", option, choices[0], choices[1], choices[2], text);
    return 0;
}

static void add_argument(struct parse *parse, const char *argument, struct argp_state *state)
{
    if (parse->options->argument_count == parse->syntax->argument_max)
        argp_error(state, "too many arguments, beginning with '%s'", argument);
    else
        parse->options->arguments[parse->options->argument_count++] = argument;
}

static void add_claims(struct options *options, const char *path, struct argp_state *state)
{
    if (options->claims_count == OPTION_CLAIMS_MAX)
        argp_error(state, "more than %d lists of claims", OPTION_CLAIMS_MAX);
    else
        options->claims[options->claims_count++] = path;
}

static void add_vary(struct options *options, const char *argument, struct argp_state *state)
{
    if (options->vary_count == OPTION_VARY_MAX)
        argp_error(state, "--vary is given more than %d times", OPTION_VARY_MAX);
    else
        options->vary[options->vary_count++] = argument;
}

static void add_limit(struct options *options, const char *argument, struct argp_state *state)
{
    if (options->limit_count == OPTION_LIMITS_MAX)
        argp_error(state, "--subject-to is given more than %d times", OPTION_LIMITS_MAX);
    else
        options->limits[options->limit_count++] = argument;
}

/* "2/8": the second of eight. */
static void set_shard(struct options *options, const char *text, struct argp_state *state)
{
    char *slash;
    char *end = NULL;
    bool is_plain = strspn(text, "0123456789/") == strlen(text) && strlen(text) <= SHARD_LENGTH_MAX;
    unsigned long shard = strtoul(text, &slash, 10);
    unsigned long count = *slash == '/' ? strtoul(slash + 1, &end, 10) : 0;
    if (!is_plain || count < 1 || *end != '\0' || shard < 1 || shard > count)
        argp_error(state, "--shard needs I/N, with I from 1 to N, not '%s'", text);
    options->shard = shard;
    options->shard_count = count;
}

static void check(const struct parse *parse, struct argp_state *state)
{
    const struct options *options = parse->options;
    if (options->argument_count < parse->syntax->argument_min)
        argp_error(state, "%s is missing", parse->syntax->arguments);
    if (options->is_json && options->is_csv)
        argp_error(state, "--json and --csv exclude each other");
    if (options->output && (options->checkpoint || options->resume))
        argp_error(state, "-o and --checkpoint or --resume exclude each other: a trace is written in one run");
    if (options->trace > OPTION_TRACE_NONE && (options->checkpoint || options->resume))
        argp_error(state, "--trace and --checkpoint or --resume exclude each other: rows are kept in one run");
    if (options->precision && (options->output || options->trace > OPTION_TRACE_NONE || options->checkpoint ||
                               options->resume || options->has_readings))
        argp_error(state, "--precision excludes -o, --trace, --checkpoint, --resume and --readings");
    if (options->replication_max > 0 && !options->precision && parse->syntax->groups & OPTIONS_RUN)
        argp_error(state, "--max-replications needs --precision");
    if (options->has_readings && (options->is_json || options->is_csv))
        argp_error(state, "--readings adds a table to the report: it excludes --json and --csv");
    if (options->has_sensitivity && options->is_csv && !(parse->syntax->groups & OPTIONS_TUNE))
        argp_error(state, "--sensitivity adds tables to the report and to --json: it excludes --csv");
    if (options->has_sensitivity && (options->output || options->trace > OPTION_TRACE_NONE || options->checkpoint ||
                                     options->resume || options->precision || options->has_readings))
        argp_error(state, "--sensitivity excludes -o, --trace, --checkpoint, --resume, --precision and --readings");
    if (options->output && options->output[0] == '\0')
        argp_error(state, "-o needs the name of a file");
}

/* Options without an argument; false if the key is none of them. */
static bool set_switch(int key, struct options *options)
{
    switch (key) {
    case KEY_SENSITIVITY:
        options->has_sensitivity = true;
        return true;
    case KEY_READINGS:
        options->has_readings = true;
        return true;
    case KEY_JSON:
        options->is_json = true;
        return true;
    case KEY_CSV:
        options->is_csv = true;
        return true;
    case KEY_ALL:
        options->has_all = true;
        return true;
    case KEY_GO_ON:
        options->may_resume = true;
        return true;
    case KEY_WHOLE:
        options->is_whole = true;
        return true;
    case KEY_INHERITED:
        options->is_inherited = true;
        return true;
    case KEY_ASSERT:
        options->is_asserted = true;
        return true;
    case 'q':
        options->is_quiet = true;
        return true;
    default:
        return false;
    }
}

/* Options whose argument is kept as it is; false if the key is none of them. */
static bool set_text(int key, const char *argument, struct options *options)
{
    switch (key) {
    case KEY_HOLD_OUT:
        options->hold_out = argument;
        return true;
    case KEY_HTML:
        options->html = argument;
        return true;
    case KEY_SVG:
        options->svg = argument;
        return true;
    case KEY_ONLY:
        options->only = argument;
        return true;
    case KEY_MARKDOWN:
        options->markdown = argument;
        return true;
    case 'o':
        options->output = argument;
        return true;
    case KEY_CHECKPOINT:
        options->checkpoint = argument;
        return true;
    case KEY_PRECISION:
        options->precision = argument;
        return true;
    case KEY_MINIMISE:
        options->objective = argument;
        return true;
    case KEY_CONFIDENCE:
        options->confidence = argument;
        return true;
    case KEY_INDIFFERENCE:
        options->indifference = argument;
        return true;
    case KEY_TOLERANCE:
        options->tolerance = argument;
        return true;
    case KEY_RESUME:
        options->resume = argument;
        return true;
    default:
        return false;
    }
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    static const char *const kinds[] = {"none", "sample", "full", NULL};
    static const char *const colors[] = {"auto", "always", "never", NULL};
    struct parse *parse = state->input;
    struct options *options = parse->options;
    switch (key) {
    case KEY_SET:
        options_add_setting(options, argument);
        break;
    case KEY_SEED:
        if (parse->syntax->groups & OPTIONS_FIT)
            options->seed = (uint64_t)number_of(argument, "seed", 0, SEED_MAX, state);
        else
            add_number_setting(parse, "seed", argument, 0, SEED_MAX, state);
        break;
    case KEY_VARY:
        add_vary(options, argument, state);
        break;
    case KEY_SUBJECT_TO:
        add_limit(options, argument, state);
        break;
    case KEY_SOBOL:
        options->sobol = (size_t)number_of(argument, "sobol", 1, VARY_SOBOL_MAX, state);
        break;
    case KEY_SHARD:
        set_shard(options, argument, state);
        break;
    case KEY_CLAIMS:
        add_claims(options, argument, state);
        break;
    case KEY_REPLICATIONS:
        add_number_setting(parse, "replications", argument, 1, 100000, state);
        break;
    case KEY_JOBS:
        options->jobs = (unsigned)number_of(argument, "jobs", 1, JOBS_MAX, state);
        break;
    case KEY_TRACE:
        options->trace = OPTION_TRACE_NONE + (enum option_trace)choice_of(argument, "trace", kinds, state);
        break;
    case KEY_COLOR:
        parse->color = colors[choice_of(argument, "color", colors, state)];
        break;
    case KEY_MAX_REPLICATIONS:
        options->replication_max = (size_t)number_of(argument, "max-replications", 10, 100000, state);
        break;
    case ARGP_KEY_ARG:
        add_argument(parse, argument, state);
        break;
    case ARGP_KEY_END:
        check(parse, state);
        break;
    default:
        return set_switch(key, options) || set_text(key, argument, options) ? 0 : ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static bool is_colored(const char *when)
{
    if (strcmp(when, "auto") != 0)
        return strcmp(when, "always") == 0;
    const char *terminal = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) && terminal && strcmp(terminal, "dumb") != 0 && (!no_color || no_color[0] == '\0');
}

void options_parse(int argc, char **argv, const struct option_syntax *syntax, struct options *options)
{
    struct argp_option selected[KNOWN_COUNT + 1] = {0};
    size_t count = 0;
    for (size_t i = 0; i < KNOWN_COUNT; i++)
        if (known_options[i].group & syntax->groups)
            selected[count++] = known_options[i].option;
    *options = (struct options){.seed = 1, .shard = 1, .shard_count = 1};
    struct parse parse = {.syntax = syntax, .options = options, .color = "auto"};
    const struct argp argp = {
        .options = selected, .parser = parse_option, .args_doc = syntax->arguments, .doc = syntax->help};
    argp_err_exit_status = EXIT_BAD_INPUT;
    error_t status = argp_parse(&argp, argc, argv, 0, NULL, &parse);
    if (status == ENOMEM)
        sim_out_of_memory();
    if (status) {
        fprintf(stderr, "%s: %s\n", argv[0], strerror(status));
        exit(EXIT_BAD_INPUT);
    }
    options->has_color = is_colored(parse.color);
}

void options_release(struct options *options)
{
    for (size_t i = 0; i < options->setting_count; i++)
        free(options->settings[i]);
    free(options->settings);
}

int options_print_summary(const struct options *options, const struct summary *summary,
                          const struct sensitivity_run *sensitivity)
{
    if (options->is_json && sensitivity)
        json_print_sensitivity(summary, sensitivity, stdout);
    else if (options->is_json)
        json_print(summary, stdout);
    else if (options->is_csv)
        csv_print(summary, stdout);
    else
        report_print(summary, options->has_color, stdout);
    if (sensitivity && !options->is_json)
        sensitivity_report_print(sensitivity, options->has_color, stdout);
    if (!message_output_is_written())
        return EXIT_RUN_FAILED;
    return options->is_asserted && summary_is_missed(summary) ? EXIT_MISSED : EXIT_DONE;
}
