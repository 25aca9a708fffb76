/* main.c - capsim, the program: a table of subcommands. */
#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <string.h>

#include "analysis/command.h"
#include "analysis/message.h"
#include "analysis/version.h"
#include "scenarios/suggest.h"

static const struct {
    const char *name;
    char *title; /* argv[0] of the subcommand */
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"run", (char[]){"capsim run"}, command_run, "simulate a scenario and print the summary"},
    {"compare", (char[]){"capsim compare"}, command_compare, "scenarios or traces side by side, with differences"},
    {"sweep", (char[]){"capsim sweep"}, command_sweep, "every point of a grid, a file each, spread as you like"},
    {"merge", (char[]){"capsim merge"}, command_merge, "the points of a sweep in one table"},
    {"tune", (char[]){"capsim tune"}, command_tune, "the best setting, with a stated probability of being right"},
    {"calibrate", (char[]){"capsim calibrate"}, command_calibrate, "fit a profile to measurements, with its errors"},
    {"verify", (char[]){"capsim verify"}, command_verify, "compare with published figures, one verdict a row"},
    {"size", (char[]){"capsim size"}, command_size, "which GPUs hold the models, and which is the cheapest"},
    {"report", (char[]){"capsim report"}, command_report, "print the summary of an old run from its trace"},
    {"check", (char[]){"capsim check"}, command_check, "find the problems of a scenario without running it"},
    {"explain", (char[]){"capsim explain"}, command_explain, "what a key of a scenario means"},
    {"import", (char[]){"capsim import"}, command_import, "logs and tables of other programs as plain CSV"},
};

enum {
    COMMAND_COUNT = sizeof commands / sizeof *commands
};

static void print_help(FILE *out)
{
    fputs("capsim - how many containers of which GPU give which latency at which cost\n\n"
          "Usage: capsim COMMAND [OPTION...] ARGUMENT...\n\n",
          out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %-10s%s\n", commands[i].name, commands[i].help);
    fputs("\nExamples:\n"
          "  capsim run tts.yaml                                  the summary\n"
          "  capsim run tts.yaml --set pools.tts.max_inputs=20    what if\n"
          "  capsim run tts.yaml -o tts.h5                        and a trace for pandas, R, h5dump\n"
          "  capsim compare tts.yaml --vary 'pools.tts.scaledown_window=[60 s, 300 s]'   what changes, and how sure\n"
          "  capsim sweep tts.yaml --vary 'pools.tts.max_inputs=[8, 12]' -o points  and: capsim merge points\n"
          "  capsim tune tts.yaml --minimise cost_usd_per_month --subject-to 'latency_p95_s<2 s' --vary ...  the best\n"
          "  capsim explain scaledown_window                      what a key means\n\n"
          "capsim COMMAND --help lists the options of a command; capsim --version says which program this is.\n",
          out);
}

static int refuse(const char *name)
{
    struct suggestion suggestion = suggest_begin(name);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        suggest_offer(&suggestion, commands[i].name);
    fprintf(stderr, "capsim: error: there is no command '%s'", name);
    if (suggestion.nearest)
        fprintf(stderr, "; did you mean '%s'?", suggestion.nearest);
    fputs("\nTry 'capsim --help'.\n", stderr);
    return EXIT_BAD_INPUT;
}

int main(int argc, char **argv)
{
    (void)gsl_set_error_handler_off();
    if (argc < 2) {
        print_help(stderr);
        return EXIT_BAD_INPUT;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(argv[1], commands[i].name) == 0) {
            argv[1] = commands[i].title;
            return commands[i].run(argc - 1, argv + 1);
        }
    if (strcmp(argv[1], "--version") == 0)
        printf("capsim %s (commit %s)\n", version_number(), version_commit());
    else if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
        print_help(stdout);
    else
        return refuse(argv[1]);
    return message_output_is_written() ? EXIT_DONE : EXIT_RUN_FAILED;
}
