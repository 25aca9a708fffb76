/* command_compare.c - capsim compare A B [C...]: scenarios, variants of one, or traces, all against the first. */
#include <stdio.h>

#include "analysis/command.h"
#include "analysis/compare_report.h"
#include "analysis/interrupt.h"
#include "analysis/message.h"
#include "analysis/options.h"

static enum sim_status load(struct compare *compare, const struct options *options, struct sim_error *error)
{
    const char *const *settings = (const char *const *)options->settings;
    if (options->vary_count == 0) {
        const struct scenario_settings all = {.settings = settings, .setting_count = options->setting_count};
        if (options->argument_count < 2)
            return sim_error_set(error, SIM_BAD_INPUT, options->arguments[0], 0,
                                 "there is nothing to compare it with: name another file, or variants with --vary");
        return compare_load(compare, options->arguments, options->argument_count, &all, error);
    }
    if (options->argument_count > 1)
        return sim_error_set(error, SIM_BAD_INPUT, options->arguments[1], 0, "--vary makes variants of one scenario");
    const struct points_request request = {.path = options->arguments[0],
                                           .settings = settings,
                                           .setting_count = options->setting_count,
                                           .vary = options->vary,
                                           .vary_count = options->vary_count};
    return compare_load_points(compare, &request, error);
}

/* sensitivity: NULL: none. */
static int print_comparison(struct compare *compare, const struct compare_sensitivity *sensitivity,
                            const struct options *options)
{
    if (options->is_json)
        compare_report_json(compare, sensitivity, stdout);
    else if (options->is_csv)
        compare_report_csv(compare, stdout);
    else
        compare_report_print(compare, options->has_all, options->has_color, stdout);
    if (sensitivity && !options->is_json)
        compare_sensitivity_print(sensitivity, options->has_color, stdout);
    return message_output_is_written() ? EXIT_DONE : EXIT_RUN_FAILED;
}

static int print_with_sensitivity(struct compare *compare, const struct options *options)
{
    struct compare_sensitivity sensitivity;
    struct sim_error error;
    const struct compare_sensitivity_request request = {
        .settings = {.settings = (const char *const *)options->settings, .setting_count = options->setting_count},
        .jobs = options->jobs,
        .stop = interrupt_flag(),
        .is_quiet = options->is_quiet};
    int code;
    if (compare_sensitivity_create(&sensitivity, compare, &request, &error) != SIM_OK)
        code = message_error(&error);
    else
        code = print_comparison(compare, &sensitivity, options);
    if (code == EXIT_DONE && !sensitivity.is_whole)
        code = EXIT_INTERRUPTED;
    compare_sensitivity_release(&sensitivity);
    return code;
}

static int load_and_compare(struct compare *compare, const struct options *options)
{
    struct sim_error error;
    if (load(compare, options, &error) != SIM_OK) {
        diagnostic_print(&compare->problems, stderr);
        if (compare->problems.count == 0)
            (void)message_error(&error);
        return EXIT_BAD_INPUT;
    }
    if (options->has_sensitivity && compare_sensitivity_check(compare, &error) != SIM_OK)
        return message_error(&error);
    struct progress_count progress = progress_count_begin("runs", compare->count, options->is_quiet);
    interrupt_catch();
    if (compare_run(compare, options->jobs, interrupt_flag(), &progress, &error) != SIM_OK)
        return message_error(&error);
    return options->has_sensitivity ? print_with_sensitivity(compare, options)
                                    : print_comparison(compare, NULL, options);
}

int command_compare(int argc, char **argv)
{
    const struct option_syntax syntax = {
        .arguments = "SCENARIO|TRACE...",
        .help = "Scenarios, variants of one (--vary), or traces of finished runs side by side: every difference to the "
                "first with a 95 % interval. Scenarios meet the same random numbers, so differences owe little to "
                "chance.\v"
                "  capsim compare before.yaml after.yaml\n"
                "  capsim compare tts.yaml --vary 'pools.tts.scaledown_window=[300 s, 180 s]'\n",
        .groups = OPTIONS_SCENARIO | OPTIONS_COMPARE,
        .argument_min = 1,
        .argument_max = COMPARE_MAX,
    };
    struct options options;
    struct compare compare;
    options_parse(argc, argv, &syntax, &options);
    compare_init(&compare);
    int code = load_and_compare(&compare, &options);
    compare_release(&compare);
    options_release(&options);
    return code;
}
