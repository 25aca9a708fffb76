/* command_check.c - capsim check SCENARIO: finds every problem of a scenario without running it. */
#include <stdio.h>

#include "analysis/command.h"
#include "analysis/load.h"
#include "analysis/message.h"
#include "analysis/options.h"
#include "scenarios/scenario.h"

static int print_verdict(const struct scenario *scenario)
{
    struct note_list notes = {0};
    load_notes(&scenario->config, &notes);
    printf("%s: no problems\n", scenario->path);
    for (size_t i = 0; i < notes.count; i++)
        if (notes.items[i].kind != NOTE_ASSUMED)
            printf("  %s%s\n", notes.items[i].kind == NOTE_WARNING ? "warning: " : "", notes.items[i].text);
    note_list_release(&notes);
    return message_output_is_written() ? EXIT_DONE : EXIT_RUN_FAILED;
}

int command_check(int argc, char **argv)
{
    const struct option_syntax syntax = {
        .arguments = "SCENARIO",
        .help = "Check a scenario without running it.",
        .groups = OPTIONS_SCENARIO,
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
        code = print_verdict(scenario);
        scenario_destroy(scenario);
    } else {
        diagnostic_print(&problems, stderr);
    }
    diagnostic_release(&problems);
    options_release(&options);
    return code;
}
