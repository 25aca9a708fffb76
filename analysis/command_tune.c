/* command_tune.c - capsim tune SCENARIO --minimise METRIC --subject-to 'METRIC<LIMIT' --vary ...: the best setting. */
#include <stdio.h>
#include <unistd.h>

#include "analysis/command.h"
#include "analysis/interrupt.h"
#include "analysis/json_part.h"
#include "analysis/message.h"
#include "analysis/options.h"
#include "analysis/tune_report.h"
#include "scenarios/quantity.h"

static int refuse(const char *message)
{
    struct sim_error error;
    sim_error_set(&error, SIM_BAD_INPUT, NULL, 0, "%s", message);
    return message_error(&error);
}

/* A share above `above` and below 1; `usual` where it was not said. */
static enum sim_status share_of(const char *text, const char *option, double usual, double above, double *share,
                                struct sim_error *error)
{
    struct sim_error own;
    *share = usual;
    if (!text || (quantity_parse(text, "ratio", share, &own) == SIM_OK && *share > above && *share < 1))
        return SIM_OK;
    return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "%s needs a share above %g%% and below 100%%, not '%s'", option,
                         100 * above, text);
}

static enum sim_status read_request(const struct options *options, struct tune_request *request,
                                    struct sim_error *error)
{
    *request = (struct tune_request){.points = {.path = options->arguments[0],
                                                .settings = (const char *const *)options->settings,
                                                .setting_count = options->setting_count,
                                                .vary = options->vary,
                                                .vary_count = options->vary_count,
                                                .sobol = options->sobol},
                                     .objective = options->objective,
                                     .limits = options->limits,
                                     .limit_count = options->limit_count,
                                     .replication_max = TUNE_MOST_WHOLE,
                                     .is_whole = options->is_whole,
                                     .has_readings = true,
                                     .has_whole_readings = options->has_sensitivity};
    if (options->replication_max > 0)
        request->replication_max = options->replication_max;
    enum sim_status status = share_of(options->confidence, "--confidence", 0.95, 0.5, &request->confidence, error);
    if (status == SIM_OK)
        status = share_of(options->indifference, "--indifference", 0.01, 0, &request->indifference, error);
    if (status == SIM_OK)
        status = share_of(options->tolerance, "--tolerance", 0.01, 0, &request->tolerance, error);
    return status;
}

/* ---- Running ---- */

static void show(void *context, const struct tune_progress *progress)
{
    (void)context;
    fprintf(stderr, "\r\33[K%zu settings left; %s: %zu of %zu", progress->left, progress->stage, progress->finished,
            progress->count);
}

static int print_answer(const struct tune *tune, const struct options *options)
{
    if (options->is_json)
        tune_report_json(tune, stdout);
    else if (options->is_csv)
        tune_report_csv(tune, stdout);
    else
        tune_report_print(tune, options->has_color, stdout);
    if (!message_output_is_written())
        return EXIT_RUN_FAILED;
    return tune->answer == TUNE_ANSWER_INTERRUPTED ? EXIT_INTERRUPTED : EXIT_DONE;
}

static int search(const struct options *options, const struct tune_request *request, struct diagnostic_list *problems)
{
    struct tune tune;
    struct sim_error error;
    bool is_shown = !options->is_quiet && isatty(STDERR_FILENO);
    const struct tune_watch watch = {
        .jobs = options->jobs, .stop = interrupt_flag(), .progress = is_shown ? show : NULL};
    json_part_begin();
    interrupt_catch();
    enum sim_status status = tune_run(&tune, request, &watch, problems, &error);
    int code = EXIT_BAD_INPUT;
    if (is_shown)
        fputs("\r\33[K", stderr);
    if (status == SIM_OK)
        code = print_answer(&tune, options);
    else if (problems->count > 0)
        diagnostic_print(problems, stderr);
    else
        code = message_error(&error);
    tune_release(&tune);
    return code;
}

static int read_and_search(const struct options *options, struct diagnostic_list *problems)
{
    struct tune_request request;
    struct sim_error error;
    if (!options->objective)
        return refuse("what is to be low is missing, as in --minimise cost_usd_per_month");
    if (options->vary_count == 0)
        return refuse("the grid is empty: --vary says what is varied, as in --vary 'pools.tts.max_inputs=[8, 12]'");
    if (read_request(options, &request, &error) != SIM_OK)
        return message_error(&error);
    return search(options, &request, problems);
}

int command_tune(int argc, char **argv)
{
    const struct option_syntax syntax = {
        .arguments = "SCENARIO",
        .help = "Find the best of many settings: the lowest cost, or whatever should be low, among those that keep the "
                "limits, with a stated probability of being right. 'Undecided' and 'infeasible' are answers. How many "
                "replications it takes is found out: --replications changes nothing.\v"
                "  capsim tune tts.yaml --minimise cost_usd_per_month --subject-to 'latency_p95_s<2 s' \\\n"
                "      --vary 'pools.tts.max_inputs=[8, 12, 16]' --vary 'pools.tts.buffer_containers=[0, 1, 2]'\n",
        .groups = OPTIONS_SCENARIO | OPTIONS_TUNE,
        .argument_min = 1,
        .argument_max = 1,
    };
    struct options options;
    struct diagnostic_list problems;
    options_parse(argc, argv, &syntax, &options);
    diagnostic_init(&problems);
    int code = read_and_search(&options, &problems);
    diagnostic_release(&problems);
    options_release(&options);
    return code;
}
