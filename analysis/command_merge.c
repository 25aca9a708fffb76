/* command_merge.c - capsim merge DIR...: the finished points of a sweep in one table. */
#include <stdio.h>

#include "analysis/command.h"
#include "analysis/json_part.h"
#include "analysis/message.h"
#include "analysis/options.h"
#include "analysis/sweep_table.h"

/* A file is written instead of the table for people, and beside the other forms. */
static enum sim_status write_forms(const struct sweep_merge *merge, const struct options *options,
                                   struct sim_error *error)
{
    enum sim_status status = options->output ? sweep_table_write(merge, options->output, error) : SIM_OK;
    if (status != SIM_OK)
        return status;
    if (options->output && !options->is_json && !options->is_csv) {
        if (!options->is_quiet)
            fprintf(stderr, "%zu points in %s\n", merge->count, options->output);
        return SIM_OK;
    }
    return sweep_table_show(merge, options->is_json, options->is_csv, stdout, error);
}

int command_merge(int argc, char **argv)
{
    const struct option_syntax syntax = {
        .arguments = "DIR...",
        .help =
            "Gather the finished points of a sweep: as a table, or with -o as an HDF5 file with the tables `points` "
            "and `summary`. Points that are missing, doubled, or of another sweep are refused.",
        .groups = OPTIONS_MERGE,
        .argument_min = 1,
        .argument_max = OPTION_ARGUMENTS_MAX,
    };
    struct options options;
    struct sweep_merge merge;
    struct sim_error error;
    options_parse(argc, argv, &syntax, &options);
    json_part_begin();
    enum sim_status status = sweep_merge_create(&merge, options.arguments, options.argument_count, &error);
    if (status == SIM_OK)
        status = write_forms(&merge, &options, &error);
    sweep_merge_release(&merge);
    int code = status == SIM_OK ? EXIT_DONE : message_error(&error);
    if (code == EXIT_DONE && !message_output_is_written())
        code = EXIT_RUN_FAILED;
    options_release(&options);
    return code;
}
