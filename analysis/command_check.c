/* command_check.c - capsim check SCENARIO: finds every problem of a scenario, formulas of its reference rows among
 * them, without running it.
 */
#include <stdio.h>

#include "analysis/command.h"
#include "analysis/load.h"
#include "analysis/message.h"
#include "analysis/options.h"
#include "analysis/verify.h"

static int print_verdict(const struct scenario *scenario)
{
    struct note_list notes = {0};
    if (scenario->has_world)
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
    const struct scenario_settings settings = {.settings = (const char *const *)options.settings,
                                               .setting_count = options.setting_count};
    struct verify_file file;
    int code = EXIT_BAD_INPUT;
    if (verify_load(&file, options.arguments[0], &settings))
        code = print_verdict(file.scenario);
    else
        diagnostic_print(&file.problems, stderr);
    verify_release(&file);
    options_release(&options);
    return code;
}
