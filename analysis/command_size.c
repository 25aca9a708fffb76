/* command_size.c - capsim size SCENARIO: which GPUs hold its models, what they hold and cost, and which is the cheapest
 * that keeps the limits.
 */
#include <stdio.h>

#include "analysis/command.h"
#include "analysis/message.h"
#include "analysis/options.h"
#include "analysis/size_answer.h"

static int print_answer(const struct size_answer *answer, const struct options *options)
{
    if (options->is_json)
        size_answer_print_json(answer, stdout);
    else if (options->is_csv)
        size_answer_print_csv(answer, stdout);
    else
        size_answer_print(answer, stdout);
    return message_output_is_written() ? EXIT_DONE : EXIT_RUN_FAILED;
}

static int refuse_without_models(const struct scenario *scenario)
{
    struct sim_error error;
    sim_error_set(&error, SIM_BAD_INPUT, scenario->path, 0, "has no 'models': there is nothing to size");
    return message_error(&error);
}

static int size_scenario(const struct size_context *context, const struct options *options)
{
    struct size_answer answer;
    struct sim_error error;
    int code = EXIT_BAD_INPUT;
    size_answer_create(&answer, context);
    if (size_answer_report_misfits(&answer) == 0) {
        if (size_answer_simulate(&answer, options->jobs, NULL, &error) == SIM_OK)
            code = print_answer(&answer, options);
        else
            code = message_error(&error);
    }
    size_answer_release(&answer);
    return code;
}

static int load_and_size(const struct scenario *scenario, const struct options *options,
                         struct diagnostic_list *problems)
{
    struct catalogue catalogue;
    const struct scenario_settings settings = {.settings = (const char *const *)options->settings,
                                               .setting_count = options->setting_count};
    if (scenario->config.model_count == 0)
        return refuse_without_models(scenario);
    if (!catalogue_load(&catalogue, problems->arena, problems)) {
        diagnostic_print(problems, stderr);
        return EXIT_BAD_INPUT;
    }
    const struct size_context context = size_context_of(scenario, &settings, &catalogue);
    return size_scenario(&context, options);
}

int command_size(int argc, char **argv)
{
    const struct option_syntax syntax = {
        .arguments = "SCENARIO",
        .help =
            "Which GPUs hold the models of a scenario, what they hold and cost at its load, cheapest first; then the "
            "cheapest that keeps the limits of the scenario, by simulation.",
        .groups = OPTIONS_SCENARIO | OPTIONS_SIZE,
        .argument_min = 1,
        .argument_max = 1,
    };
    struct options options;
    options_parse(argc, argv, &syntax, &options);
    struct diagnostic_list problems;
    struct scenario *scenario;
    diagnostic_init(&problems);
    int code = EXIT_BAD_INPUT;
    if (scenario_load(options.arguments[0], (const char *const *)options.settings, options.setting_count, &scenario,
                      &problems) == SIM_OK) {
        code = load_and_size(scenario, &options, &problems);
        scenario_destroy(scenario);
    } else {
        diagnostic_print(&problems, stderr);
    }
    diagnostic_release(&problems);
    options_release(&options);
    return code;
}
