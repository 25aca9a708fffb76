/* config_calibrated.c - the keys of a profile that say how it was fitted. */
#include "models/config.h"

#define ITEM(owner, member, key, kind, initial_text, help_text)                                        \
    {                                                                                                  \
        .name = (key), .type = SIM_FIELD_##kind, .offset = offsetof(struct owner, member), .unit = "", \
        .initial = (initial_text), .help = (help_text)                                                 \
    }
#define QUANTITY(owner, member, key, unit_text, initial_text, help_text)                                        \
    {                                                                                                           \
        .name = (key), .type = SIM_FIELD_DOUBLE, .offset = offsetof(struct owner, member), .unit = (unit_text), \
        .initial = (initial_text), .help = (help_text)                                                          \
    }
#define LIST(member, counter, key, item_table, bare_key, help_text)                                              \
    {                                                                                                            \
        .name = (key), .type = SIM_FIELD_LIST, .offset = offsetof(struct calibrated_config, member), .unit = "", \
        .initial = "", .help = (help_text), .table = (item_table), .bare = (bare_key),                           \
        .count_offset = offsetof(struct calibrated_config, counter)                                              \
    }
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static const struct sim_field parameter_fields[] = {
    ITEM(calibrated_parameter, parameter, "parameter", TEXT, NULL, "key of the profile, or what was fitted beside it"),
    QUANTITY(calibrated_parameter, value, "value", "any", NULL, "its value"),
    QUANTITY(calibrated_parameter, low, "low", "any", "", "lower end of its 95 % interval"),
    QUANTITY(calibrated_parameter, high, "high", "any", "", "upper end of its 95 % interval"),
    ITEM(calibrated_parameter, is_at_bound, "at_bound", BOOL, "false", "the search ended at the edge of its range"),
    ITEM(calibrated_parameter, note, "note", TEXT, "", "what has to be known about it"),
};
static const struct sim_field_table parameter_table = {"parameter", parameter_fields, COUNT_OF(parameter_fields),
                                                       sizeof(struct calibrated_parameter)};

static const struct sim_field error_fields[] = {
    ITEM(calibrated_error, data, "data", TEXT, NULL, "table of the measurements"),
    ITEM(calibrated_error, row, "row", TEXT, "", "its row"),
    ITEM(calibrated_error, metric, "metric", TEXT, NULL, "what was measured"),
    QUANTITY(calibrated_error, theirs, "theirs", "any", NULL, "what was measured"),
    QUANTITY(calibrated_error, ours, "ours", "any", NULL, "what the profile gives"),
    QUANTITY(calibrated_error, error, "error", "ratio", NULL, "ours / theirs - 1"),
    ITEM(calibrated_error, is_held_out, "held_out", BOOL, "false", "whether the fit had not seen it"),
};
static const struct sim_field_table error_table = {"error", error_fields, COUNT_OF(error_fields),
                                                   sizeof(struct calibrated_error)};

static const struct sim_field warning_fields[] = {
    ITEM(calibrated_text, text, "text", TEXT, NULL, "one sentence"),
};
static const struct sim_field_table warning_table = {"warning", warning_fields, COUNT_OF(warning_fields),
                                                     sizeof(struct calibrated_text)};

static const struct sim_field calibrated_fields[] = {
    ITEM(calibrated_config, measurements, "measurements", TEXT, "", "file with the measurements"),
    ITEM(calibrated_config, date, "date", TEXT, "", "when they were made"),
    ITEM(calibrated_config, rows, "rows", INT64, "0", "rows that were fitted"),
    ITEM(calibrated_config, held_out, "held_out", INT64, "0", "rows that were held out"),
    LIST(parameters, parameter_count, "parameters", &parameter_table, NULL, "what was fitted, with intervals"),
    LIST(errors, error_count, "errors", &error_table, NULL, "how far each figure is missed"),
    LIST(warnings, warning_count, "warnings", &warning_table, "text", "what should make the reader careful"),
};
const struct sim_field_table calibrated_config_table = {"calibrated", calibrated_fields, COUNT_OF(calibrated_fields),
                                                        sizeof(struct calibrated_config)};

static const struct sim_field reading_fields[] = {
    ITEM(reading_config, file, "file", TEXT, NULL, "file of the other profile"),
};
const struct sim_field_table reading_config_table = {"reading", reading_fields, COUNT_OF(reading_fields),
                                                     sizeof(struct reading_config)};
