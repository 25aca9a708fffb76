/* sweep_options.c - options become a sweep. */
#include "analysis/sweep_options.h"

#include "analysis/message.h"

void sweep_options_parse(int argc, char **argv, struct options *options)
{
    const struct option_syntax syntax = {
        .arguments = "SCENARIO",
        .help = "Simulate every point of a grid of settings and keep each in a file of its own. A sweep can be spread "
                "over machines (--shard), killed, and gone on with (--resume): the files are the same.\v"
                "  capsim sweep tts.yaml --vary 'pools.tts.max_inputs=[8, 12]'\n"
                "  capsim sweep tts.yaml --vary 'pools.tts.max_inputs=[8, 12]' \\\n"
                "      --vary 'pools.tts.scaledown_window=[60 s, 180 s]' -o points\n"
                "  capsim merge points -o sweep.h5\n",
        .groups = OPTIONS_SCENARIO | OPTIONS_SWEEP,
        .argument_min = 1,
        .argument_max = 1,
    };
    options_parse(argc, argv, &syntax, options);
}

static int refuse(const char *message)
{
    struct sim_error error;
    sim_error_set(&error, SIM_BAD_INPUT, NULL, 0, "%s", message);
    return message_error(&error);
}

int sweep_options_create(const struct options *options, const char *folder, struct diagnostic_list *problems,
                         struct sweep *sweep)
{
    const struct points_request request = {.path = options->arguments[0],
                                           .settings = (const char *const *)options->settings,
                                           .setting_count = options->setting_count,
                                           .vary = options->vary,
                                           .vary_count = options->vary_count,
                                           .sobol = options->sobol};
    struct sim_error error;
    *sweep = (struct sweep){0};
    if (options->vary_count == 0)
        return refuse("the grid is empty: --vary says what is varied, as in --vary 'pools.tts.max_inputs=[8, 12]'");
    if (!folder)
        return refuse("-o is missing: the folder for the finished points");
    if (sweep_create(sweep, &request, folder, problems, &error) == SIM_OK)
        return EXIT_DONE;
    if (problems->count == 0)
        (void)message_error(&error);
    else
        diagnostic_print(problems, stderr);
    return EXIT_BAD_INPUT;
}

struct sweep_share sweep_options_share(const struct options *options)
{
    return (struct sweep_share){
        .shard = options->shard, .shard_count = options->shard_count, .may_resume = options->may_resume};
}
