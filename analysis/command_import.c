/* command_import.c - capsim import FORMAT FILE -o OUT.csv: logs and tables of other programs as plain CSV. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analysis/command.h"
#include "analysis/import.h"
#include "analysis/message.h"
#include "analysis/options.h"
#include "scenarios/suggest.h"

static int refuse_format(const char *name)
{
    const struct import_format *const *formats = import_formats();
    struct suggestion suggestion = suggest_begin(name);
    for (size_t i = 0; formats[i]; i++)
        suggest_offer(&suggestion, formats[i]->name);
    fprintf(stderr, "capsim: error: there is no format '%s'", name);
    if (suggestion.nearest)
        fprintf(stderr, "; did you mean '%s'?", suggestion.nearest);
    fputs("\nThere are\n", stderr);
    for (size_t i = 0; formats[i]; i++)
        fprintf(stderr, "  %-16s%s\n", formats[i]->name, formats[i]->help);
    return EXIT_BAD_INPUT;
}

static void say(const struct import *import, const char *output)
{
    const char *const *notes = import->notes.items;
    fprintf(stderr, "capsim: %zu row%s written to %s\n", import->row_count, import->row_count == 1 ? "" : "s", output);
    for (size_t i = 0; i < import->notes.count; i++)
        fprintf(stderr, "capsim: note: %s\n", notes[i]);
}

static int convert(const struct import_format *format, const struct options *options)
{
    struct import import;
    struct sim_error error = {0};
    enum sim_status status = import_read(&import, format, options->arguments[1], &error);
    if (status == SIM_OK)
        status = import_write(&import, options->output, &error);
    if (status == SIM_OK && !options->is_quiet)
        say(&import, options->output);
    import_release(&import);
    return status == SIM_OK ? EXIT_DONE : message_error(&error);
}

int command_import(int argc, char **argv)
{
    const struct option_syntax syntax = {
        .arguments = "FORMAT FILE",
        .help =
            "Turn a log or a table of another program into CSV that arrival traces and measurements read.\v"
            "Formats: vllm, triton, azure-llm, azure-functions, k6, locust-stats, locust-history. FILE may be gzip. "
            "Times are seconds; requests are in order of arrival, in the column time_s.",
        .groups = OPTIONS_FILE,
        .argument_min = 2,
        .argument_max = 2,
    };
    struct options options;
    options_parse(argc, argv, &syntax, &options);
    const struct import_format *format = import_find(options.arguments[0]);
    int code = EXIT_BAD_INPUT;
    if (!format)
        code = refuse_format(options.arguments[0]);
    else if (!options.output)
        fprintf(stderr, "capsim: error: -o is missing: the file to write\nTry 'capsim import --help'.\n");
    else
        code = convert(format, &options);
    options_release(&options);
    return code;
}
