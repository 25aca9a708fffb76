/* command_explain.c - capsim explain KEY: what a key of a scenario means. */
#include <stdio.h>
#include <string.h>

#include "analysis/command.h"
#include "analysis/message.h"
#include "analysis/options.h"
#include "models/config.h"
#include "scenarios/binding.h"
#include "scenarios/explain.h"
#include "scenarios/measurements.h"
#include "scenarios/reference.h"

/* Keys that runs do not look at (variants, define, reference) are in a table of their own. A path that begins with one
 * of them, or a key that only they have, is meant there.
 */
static enum sim_status explain_scenario(const char *key, struct sim_error *error)
{
    struct sim_error other = {0};
    char top[64];
    snprintf(top, sizeof top, "%.*s", (int)strcspn(key, "."), key);
    if (binding_find_field(&reference_table, top))
        return explain_key(&reference_table, key, stdout, error);
    enum sim_status status = explain_key(&world_config_table, key, stdout, error);
    if (status != SIM_OK && explain_key(&reference_table, key, stdout, &other) == SIM_OK)
        return SIM_OK;
    if (status == SIM_OK && key[0] == '\0')
        status = explain_key(&reference_table, key, stdout, error);
    return status;
}

/* Keys of a measurements file have its name in front: measurements.data.kind. Returns the table that `key` is of, and
 * takes that name off.
 */
static const struct sim_field_table *table_of(const char **key)
{
    static const char front[] = "measurements";
    size_t size = sizeof front - 1;
    if (strncmp(*key, front, size) != 0 || ((*key)[size] != '.' && (*key)[size] != '\0'))
        return &world_config_table;
    *key += size + ((*key)[size] == '.');
    return &measurements_table;
}

int command_explain(int argc, char **argv)
{
    const struct option_syntax syntax = {
        .arguments = "[KEY]",
        .help =
            "Explain a key of a scenario: its unit, range, default and meaning. KEY is a path "
            "(pools.profile.slots) or a key alone (max_inputs); without it the keys of the top are listed. Those of "
            "a measurements file begin with its name (measurements.data.kind).",
        .argument_max = 1,
    };
    struct options options;
    options_parse(argc, argv, &syntax, &options);
    const char *key = options.argument_count ? options.arguments[0] : "";
    const struct sim_field_table *table = table_of(&key);
    struct sim_error error = {0};
    int code = EXIT_DONE;
    enum sim_status status =
        table == &world_config_table ? explain_scenario(key, &error) : explain_key(table, key, stdout, &error);
    if (status != SIM_OK)
        code = message_error(&error);
    else if (!message_output_is_written())
        code = EXIT_RUN_FAILED;
    options_release(&options);
    return code;
}
