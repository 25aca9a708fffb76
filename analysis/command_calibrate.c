/* command_calibrate.c - capsim calibrate MEASUREMENTS -o PROFILE: fits a profile and says how well. */
#include <stdio.h>

#include "analysis/calibrate.h"
#include "analysis/calibrate_report.h"
#include "analysis/command.h"
#include "analysis/message.h"
#include "analysis/options.h"

static int print(const struct options *options, const struct calibration *calibration)
{
    if (options->is_json)
        calibrate_report_json(calibration, stdout);
    else
        calibrate_report_print(calibration, options->has_color, stdout);
    if (!message_output_is_written())
        return EXIT_RUN_FAILED;
    return options->is_asserted && calibrate_report_is_missed(calibration) ? EXIT_MISSED : EXIT_DONE;
}

static int calibrate(const struct options *options, const struct measurements *measurements)
{
    const struct calibrate_options how = {.seed = options->seed, .jobs = options->jobs};
    struct calibration *calibration;
    struct sim_error error = {0};
    if (calibrate_run(measurements, &how, &calibration, &error) != SIM_OK)
        return message_error(&error);
    int code = print(options, calibration);
    calibrate_destroy(calibration);
    return code;
}

int command_calibrate(int argc, char **argv)
{
    const struct option_syntax syntax = {
        .arguments = "MEASUREMENTS",
        .help = "Fit a profile to tables of measurements, and print how far it misses the rows that it was fitted to "
                "and those that were held out.",
        .groups = OPTIONS_FIT | OPTIONS_FILE,
        .argument_min = 1,
        .argument_max = 1,
    };
    struct options options;
    struct diagnostic_list problems;
    struct measurements *measurements;
    int code = EXIT_BAD_INPUT;
    options_parse(argc, argv, &syntax, &options);
    diagnostic_init(&problems);
    if (measurements_load(options.arguments[0], options.hold_out, &measurements, &problems) == SIM_OK) {
        code = calibrate(&options, measurements);
        measurements_destroy(measurements);
    } else {
        diagnostic_print(&problems, stderr);
    }
    diagnostic_release(&problems);
    options_release(&options);
    return code;
}
