/* calibrate_case.c - a measurements file, as text or from the repository, and what calibrating makes of it. */
#include "tests/calibrate_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum sim_status run(struct calibrate_case *c, const char *path, uint64_t seed, struct sim_error *error)
{
    struct diagnostic_list problems;
    const struct calibrate_options options = {.seed = seed};
    *c = (struct calibrate_case){0};
    diagnostic_init(&problems);
    enum sim_status status = measurements_load(path, NULL, &c->measurements, &problems);
    if (status != SIM_OK)
        diagnostic_print(&problems, stdout);
    ck_assert_int_eq(status, SIM_OK);
    diagnostic_release(&problems);
    return calibrate_run(c->measurements, &options, &c->calibration, error);
}

void calibrate_case_load(struct calibrate_case *c, const char *path, uint64_t seed)
{
    struct sim_error error = {0};
    ck_assert_msg(run(c, path, seed, &error) == SIM_OK, "%s: %s", path, error.message);
}

enum sim_status calibrate_case_run(struct calibrate_case *c, const char *text, uint64_t seed, struct sim_error *error)
{
    char path[] = "/tmp/calibrate_case_XXXXXX.yaml";
    int descriptor = mkstemps(path, 5);
    ck_assert_int_ge(descriptor, 0);
    FILE *file = fdopen(descriptor, "w");
    fputs(text, file);
    fclose(file);
    enum sim_status status = run(c, path, seed, error);
    unlink(path);
    return status;
}

void calibrate_case_release(struct calibrate_case *c)
{
    calibrate_destroy(c->calibration);
    measurements_destroy(c->measurements);
    *c = (struct calibrate_case){0};
}

const struct calibration_parameter *calibrate_case_parameter(const struct calibrate_case *c, const char *name)
{
    const struct calibration_parameter *parameters = c->calibration->parameters.items;
    for (size_t i = 0; i < c->calibration->parameters.count; i++)
        if (strcmp(parameters[i].name, name) == 0)
            return &parameters[i];
    ck_abort_msg("no parameter '%s'", name);
    return NULL;
}

const struct calibration_error *calibrate_case_error(const struct calibrate_case *c, const char *row,
                                                     const char *metric, const char *variant)
{
    const struct calibration_error *errors = c->calibration->errors.items;
    for (size_t i = 0; i < c->calibration->errors.count; i++)
        if (strcmp(errors[i].row, row) == 0 && strcmp(errors[i].metric, metric) == 0 &&
            strcmp(errors[i].variant, variant) == 0)
            return &errors[i];
    ck_abort_msg("no error of '%s' in row '%s'", metric, row);
    return NULL;
}

static bool has_text(const struct sim_array *texts, const char *part)
{
    for (size_t i = 0; i < texts->count; i++)
        if (strstr(((const char *const *)texts->items)[i], part))
            return true;
    return false;
}

void calibrate_case_said(const struct calibrate_case *c, const char *part)
{
    const struct calibration_anomaly *anomalies = c->calibration->anomalies.items;
    bool is_said = has_text(&c->calibration->warnings, part) || has_text(&c->calibration->notes, part);
    for (size_t i = 0; i < c->calibration->anomalies.count; i++)
        is_said = is_said || strstr(anomalies[i].reason, part);
    ck_assert_msg(is_said, "nothing was said of '%s'", part);
}
