/* command_explain.c - capsim explain KEY: what a key of a scenario means. */
#include <stdio.h>

#include "analysis/command.h"
#include "analysis/message.h"
#include "analysis/options.h"
#include "models/config.h"
#include "scenarios/explain.h"

int command_explain(int argc, char **argv)
{
    const struct option_syntax syntax = {
        .arguments = "[KEY]",
        .help = "Explain a key of a scenario: its unit, range, default and meaning. KEY is a path "
                "(pools.profile.slots) or a key alone (max_inputs); without it the keys of the top are listed.",
        .argument_max = 1,
    };
    struct options options;
    options_parse(argc, argv, &syntax, &options);
    const char *key = options.argument_count ? options.arguments[0] : "";
    struct sim_error error = {0};
    int code = EXIT_DONE;
    if (explain_key(&world_config_table, key, stdout, &error) != SIM_OK)
        code = message_error(&error);
    else if (!message_output_is_written())
        code = EXIT_RUN_FAILED;
    options_release(&options);
    return code;
}
