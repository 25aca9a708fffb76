/* calibrate_write.c - parameters, errors and warnings into the keys of a profile that describe it. */
#include "analysis/calibrate_write.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/version.h"
#include "scenarios/profile_write.h"
#include "sim/memory.h"

/* As many digits as an error deserves. */
static double rounded(double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.4g", value);
    return strtod(text, NULL);
}

static void describe_parameters(struct calibration *calibration, const struct sim_array *parameters,
                                struct calibrated_config *described)
{
    const struct calibration_parameter *from = parameters->items;
    described->parameters = sim_arena_allocate(calibration->arena, parameters->count, sizeof *described->parameters);
    described->parameter_count = parameters->count;
    for (size_t i = 0; i < parameters->count; i++)
        described->parameters[i] = (struct calibrated_parameter){.parameter = from[i].name,
                                                                 .value = rounded(from[i].value),
                                                                 .low = rounded(from[i].low),
                                                                 .high = rounded(from[i].high),
                                                                 .is_at_bound = from[i].is_at_bound,
                                                                 .note = from[i].note};
}

static void describe_errors(struct calibration *calibration, struct calibrated_config *described)
{
    const struct calibration_error *from = calibration->errors.items;
    size_t count = 0;
    described->errors = sim_arena_allocate(calibration->arena, calibration->errors.count, sizeof *described->errors);
    for (size_t i = 0; i < calibration->errors.count; i++)
        if (from[i].variant[0] == '\0' && isfinite(from[i].relative))
            described->errors[count++] = (struct calibrated_error){.data = from[i].data,
                                                                   .row = from[i].row,
                                                                   .metric = from[i].metric,
                                                                   .theirs = rounded(from[i].theirs),
                                                                   .ours = rounded(from[i].ours),
                                                                   .error = rounded(from[i].relative),
                                                                   .is_held_out = from[i].is_held_out};
    described->error_count = count;
}

static void describe_warnings(struct calibration *calibration, struct calibrated_config *described)
{
    const char *const *from = calibration->warnings.items;
    described->warnings =
        sim_arena_allocate(calibration->arena, calibration->warnings.count, sizeof *described->warnings);
    described->warning_count = calibration->warnings.count;
    for (size_t i = 0; i < calibration->warnings.count; i++)
        described->warnings[i].text = from[i];
}

static struct calibrated_config describe(struct calibration *calibration)
{
    const struct measurements *measurements = calibration->measurements;
    const char *slash = strrchr(measurements->path, '/');
    struct calibrated_config described = {.measurements = slash ? slash + 1 : measurements->path,
                                          .date = measurements->date};
    for (size_t i = 0; i < measurements->table_count; i++)
        for (size_t r = 0; r < measurements->tables[i].row_count; r++)
            ++*(measurements->tables[i].rows[r].is_held_out ? &described.held_out : &described.rows);
    describe_parameters(calibration, &calibration->parameters, &described);
    describe_errors(calibration, &described);
    describe_warnings(calibration, &described);
    return described;
}

static const char *comment_of(struct calibration *calibration, const char *what)
{
    const char *const *notes = calibration->notes.items;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    sim_assert(out);
    fprintf(out, "%s\n\nWritten by capsim calibrate %s, seed %llu.\n", what, version_number(),
            (unsigned long long)calibration->options->seed);
    for (size_t i = 0; i < calibration->notes.count; i++)
        fprintf(out, "%s.\n", notes[i]);
    bool is_written = fclose(out) == 0;
    sim_assert(is_written);
    const char *comment = sim_arena_text(calibration->arena, text);
    free(text);
    return comment;
}

/* The file of a reading, in the folder of `path`. */
static const char *reading_path(struct calibration *calibration, const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');
    return calibrate_text(calibration, "%.*s%s.yaml", slash ? (int)(slash - path) + 1 : 0, path, name);
}

static enum sim_status write_readings(struct calibration *calibration, const char *path, struct sim_error *error)
{
    const struct calibration_reading *readings = calibration->readings.items;
    enum sim_status status = SIM_OK;
    for (size_t i = 0; i < calibration->readings.count && status == SIM_OK; i++) {
        if (readings[i].is_chosen || !readings[i].is_plausible)
            continue;
        struct profile_config profile = readings[i].profile;
        profile.source = calibration->profile.source;
        profile.fit_error = calibrate_text(calibration, "%.1f %% RMS of the fitted figures", 100 * readings[i].fitted);
        const char *comment =
            comment_of(calibration, calibrate_text(calibration, "Another reading of the measurements of %s: %s.",
                                                   calibration->profile.name, readings[i].text));
        status = profile_write(&profile, comment, reading_path(calibration, path, profile.name), error);
    }
    return status;
}

static void name_readings(struct calibration *calibration, struct profile_config *profile)
{
    const struct calibration_reading *readings = calibration->readings.items;
    profile->readings = sim_arena_allocate(calibration->arena, calibration->readings.count, sizeof *profile->readings);
    for (size_t i = 0; i < calibration->readings.count; i++)
        if (!readings[i].is_chosen && readings[i].is_plausible)
            profile->readings[profile->reading_count++].file = calibrate_text(calibration, "%s.yaml", readings[i].name);
}

enum sim_status calibrate_write(struct calibration *calibration, const char *path, struct sim_error *error)
{
    struct profile_config profile = calibration->profile;
    if (profile.source[0] == '\0')
        profile.source = calibration->measurements->source;
    calibration->profile.source = profile.source;
    profile.calibrated = describe(calibration);
    name_readings(calibration, &profile);
    enum sim_status status = write_readings(calibration, path, error);
    if (status != SIM_OK)
        return status;
    const char *comment = comment_of(
        calibration, calibrate_text(calibration, "%s, from %s.", profile.name, profile.calibrated.measurements));
    return profile_write(&profile, comment, path, error);
}
