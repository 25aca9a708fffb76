/* value_text.c - from a member of a struct back to text. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "scenarios/distribution_text.h"
#include "scenarios/value.h"
#include "sim/time.h"

static void format_seconds(double value, char *text, size_t size)
{
    double magnitude = fabs(value);
    if (magnitude >= 1 || value == 0)
        snprintf(text, size, "%.6g s", value);
    else if (magnitude >= 1e-3)
        snprintf(text, size, "%.6g ms", value * 1e3);
    else
        snprintf(text, size, "%.6g us", value * 1e6);
}

static void format_time(const struct sim_field *field, sim_time_ns value, char *text, size_t size)
{
    if (value < 0 && field->choices)
        snprintf(text, size, "%s", field->choices[-1 - value]);
    else
        format_seconds(sim_time_to_s(value), text, size);
}

static void format_number(double value, const char *unit, char *text, size_t size)
{
    bool is_named = unit[0] && strcmp(unit, "ratio") != 0 && strcmp(unit, "any") != 0;
    if (strcmp(unit, "s") == 0)
        format_seconds(value, text, size);
    else
        snprintf(text, size, "%.6g%s%s", value, is_named ? " " : "", is_named ? unit : "");
}

static void format_integer(const struct sim_field *field, int64_t value, char *text, size_t size)
{
    snprintf(text, size, "%" PRId64 "%s%s", value, field->unit[0] ? " " : "", field->unit);
}

static bool format_distribution(const struct sim_distribution *distribution, const char *unit, char *text, size_t size)
{
    if (distribution->kind != SIM_DISTRIBUTION_FIXED)
        return distribution_text_write(distribution, unit, text, size);
    format_number(distribution->of.fixed.value, unit, text, size);
    return true;
}

bool value_text(const struct sim_field *field, const void *item, char *text, size_t size)
{
    const void *member = (const char *)item + field->offset;
    text[0] = '\0';
    switch (field->type) {
    case SIM_FIELD_DOUBLE:
        format_number(*(const double *)member, field->unit, text, size);
        return !isnan(*(const double *)member);
    case SIM_FIELD_TIME:
        format_time(field, *(const sim_time_ns *)member, text, size);
        return true;
    case SIM_FIELD_INT64:
        format_integer(field, *(const int64_t *)member, text, size);
        return true;
    case SIM_FIELD_BOOL:
        snprintf(text, size, "%s", *(const bool *)member ? "true" : "false");
        return true;
    case SIM_FIELD_CHOICE:
        snprintf(text, size, "%s", field->choices[*(const int32_t *)member]);
        return true;
    case SIM_FIELD_TEXT:
        snprintf(text, size, "%s", *(const char *const *)member);
        return true;
    case SIM_FIELD_DISTRIBUTION:
        return format_distribution(member, field->unit, text, size);
    default:
        return false;
    }
}
