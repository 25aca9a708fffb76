/* command_calibrate.c - capsim calibrate MEASUREMENTS -o PROFILE: fits a profile and says how well. */
#include <stdio.h>
#include <sys/stat.h>

#include "analysis/calibrate.h"
#include "analysis/calibrate_page.h"
#include "analysis/calibrate_report.h"
#include "analysis/calibrate_series.h"
#include "analysis/calibrate_write.h"
#include "analysis/command.h"
#include "analysis/message.h"
#include "analysis/options.h"
#include "sim/part_file.h"

static int print(const struct options *options, const struct calibration *calibration)
{
    if (options->is_csv)
        calibrate_report_csv(calibration, stdout);
    else if (options->is_json)
        calibrate_report_json(calibration, stdout);
    else
        calibrate_report_print(calibration, options->has_color, stdout);
    if (!message_output_is_written())
        return EXIT_RUN_FAILED;
    return options->is_asserted && calibrate_report_is_missed(calibration) ? EXIT_MISSED : EXIT_DONE;
}

/* A path that cannot be written is a mistake on the command line, and shows before the fit. */
static int try_output(const struct options *options, const struct measurements *measurements)
{
    struct stat one;
    struct stat other;
    struct sim_part_file file;
    struct sim_error error;
    if (!options->output)
        return EXIT_DONE;
    if (stat(options->output, &one) == 0 && stat(measurements->path, &other) == 0 && one.st_dev == other.st_dev &&
        one.st_ino == other.st_ino) {
        sim_error_set(&error, SIM_BAD_INPUT, options->output, 0,
                      "holds the measurements; a profile would overwrite it");
        return message_error(&error);
    }
    if (sim_part_file_open(&file, options->output, &error) != SIM_OK) {
        (void)message_error(&error);
        return EXIT_BAD_INPUT;
    }
    sim_part_file_abandon(&file);
    return EXIT_DONE;
}

static int calibrate(const struct options *options, const struct measurements *measurements)
{
    const struct calibrate_options how = {.seed = options->seed, .jobs = options->jobs};
    struct calibration *calibration;
    struct sim_error error = {0};
    int code = try_output(options, measurements);
    if (code != EXIT_DONE)
        return code;
    if (calibrate_run(measurements, &how, &calibration, &error) != SIM_OK)
        return message_error(&error);
    if ((options->output && calibrate_write(calibration, options->output, &error) != SIM_OK) ||
        (options->html && calibrate_page_write(calibration, options->html, &error) != SIM_OK) ||
        (options->svg && calibrate_series_draw(calibration, options->svg, &error) != SIM_OK))
        code = message_error(&error);
    else
        code = print(options, calibration);
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
