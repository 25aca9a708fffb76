/* config_calibrated.h - what a profile says about how it was fitted. */
#ifndef MODELS_CONFIG_CALIBRATED_H
#define MODELS_CONFIG_CALIBRATED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/field.h"

/* How a profile was calibrated. Descriptive: nothing of it changes a run. Quantities are in seconds, USD and so on. */
struct calibrated_parameter {
    const char *parameter; /* key of the profile, or what it is */
    double value;
    double low; /* 95 % interval; NaN: not known */
    double high;
    bool is_at_bound;
    const char *note;
};

struct calibrated_error {
    const char *data; /* table of the measurements */
    const char *row;
    const char *metric;
    double theirs;
    double ours;
    double error; /* ours / theirs - 1 */
    bool is_held_out;
};

struct calibrated_text {
    const char *text;
};

struct calibrated_config {
    const char *measurements; /* file */
    const char *date;         /* of the measurement; "": not known */
    int64_t rows;             /* that were fitted */
    int64_t held_out;
    struct calibrated_parameter *parameters;
    size_t parameter_count;
    struct calibrated_error *errors;
    size_t error_count;
    struct calibrated_text *warnings;
    size_t warning_count;
};

extern const struct sim_field_table calibrated_config_table;

#endif
