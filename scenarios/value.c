/* value.c - one function per kind of value. */
#include "scenarios/value.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "scenarios/distribution_text.h"
#include "scenarios/quantity.h"
#include "scenarios/suggest.h"

#define PUSD_PER_USD 1e12

__attribute__((format(printf, 2, 3))) static bool refuse(struct value_problem *problem, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem->message, sizeof problem->message, format, arguments);
    va_end(arguments);
    return false;
}

static bool refuse_as(struct value_problem *problem, const struct sim_error *error)
{
    problem->column = error->column;
    return refuse(problem, "%s", error->message);
}

bool value_is_name(const char *text)
{
    if (*text < 'a' || *text > 'z')
        return false;
    return text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static bool is_money(const struct sim_field *field)
{
    return strncmp(field->unit, "USD", 3) == 0;
}

static bool is_limited(const struct sim_field *field)
{
    return field->lowest < field->highest;
}

/* Spans of time and prices below 0 mean nothing. */
static bool is_from_zero(const struct sim_field *field)
{
    return !is_limited(field) && (field->type == SIM_FIELD_TIME || is_money(field));
}

static const char *unit_suffix(const struct sim_field *field)
{
    bool has_unit = field->unit[0] != '\0' && strcmp(field->unit, "ratio") != 0 && strcmp(field->unit, "any") != 0;
    return has_unit ? field->unit : "";
}

void value_range_text(const struct sim_field *field, char *text, size_t size)
{
    const char *unit = unit_suffix(field);
    const char *space = unit[0] ? " " : "";
    if (is_limited(field))
        snprintf(text, size, "from %.16g to %.16g%s%s", field->lowest, field->highest, space, unit);
    else
        snprintf(text, size, "%s%s%s%s", is_from_zero(field) ? "0" : "", is_from_zero(field) ? space : "",
                 is_from_zero(field) ? unit : "", is_from_zero(field) ? " or more" : "");
}

/* `value` is in the unit of the field. */
static bool check_range(const struct sim_field *field, double value, const char *text, struct value_problem *problem)
{
    bool is_below = is_from_zero(field) && value < 0;
    bool is_outside = is_limited(field) && (value < field->lowest || value > field->highest);
    if (!is_below && !is_outside)
        return true;
    char range[96];
    value_range_text(field, range, sizeof range);
    return refuse(problem, "must be %s, not %s", range, text);
}

static void put(const struct sim_field *field, void *item, const void *value, size_t size)
{
    memcpy((char *)item + field->offset, value, size);
}

static bool check_width(const char *text, int64_t value, int64_t low, int64_t high, struct value_problem *problem)
{
    if (value < low || value > high)
        return refuse(problem, "'%s' is out of range", text);
    return true;
}

static bool store_integer(const struct sim_field *field, const char *text, void *item, struct value_problem *problem)
{
    struct sim_error error = {0};
    int64_t value = 0;
    enum sim_status status = is_money(field) ? quantity_parse_money(text, field->unit, &value, &error)
                                             : quantity_parse_integer(text, field->unit, &value, &error);
    if (status != SIM_OK)
        return refuse_as(problem, &error);
    double in_unit = is_money(field) ? (double)value / PUSD_PER_USD : (double)value;
    if (!check_range(field, in_unit, text, problem))
        return false;
    if (field->type == SIM_FIELD_INT64) {
        put(field, item, &value, sizeof value);
        return true;
    }
    bool is_byte = field->type == SIM_FIELD_UINT8;
    if (!check_width(text, value, is_byte ? 0 : INT32_MIN, is_byte ? UINT8_MAX : INT32_MAX, problem))
        return false;
    uint8_t byte = (uint8_t)value;
    int32_t word = (int32_t)value;
    put(field, item, is_byte ? (const void *)&byte : (const void *)&word, is_byte ? sizeof byte : sizeof word);
    return true;
}

static bool store_double(const struct sim_field *field, const char *text, void *item, struct value_problem *problem)
{
    struct sim_error error = {0};
    double value = 0;
    if (quantity_parse(text, field->unit, &value, &error) != SIM_OK)
        return refuse_as(problem, &error);
    if (!check_range(field, value, text, problem))
        return false;
    put(field, item, &value, sizeof value);
    return true;
}

/* A word in place of a time. */
static bool store_word(const struct sim_field *field, const char *text, void *item)
{
    sim_time_ns number = -1;
    for (const char *const *word = field->choices; word && *word; word++, number--)
        if (strcmp(*word, text) == 0) {
            put(field, item, &number, sizeof number);
            return true;
        }
    return false;
}

static bool store_time(const struct sim_field *field, const char *text, void *item, struct value_problem *problem)
{
    struct sim_error error = {0};
    sim_time_ns time_ns = 0;
    if (store_word(field, text, item))
        return true;
    if (quantity_parse_time(text, &time_ns, &error) != SIM_OK)
        return refuse_as(problem, &error);
    if (!check_range(field, sim_time_to_s(time_ns), text, problem))
        return false;
    put(field, item, &time_ns, sizeof time_ns);
    return true;
}

static bool store_bool(const struct sim_field *field, const char *text, void *item, struct value_problem *problem)
{
    bool is_true = strcmp(text, "true") == 0;
    if (!is_true && strcmp(text, "false") != 0)
        return refuse(problem, "expected true or false, not '%s'", text);
    put(field, item, &is_true, sizeof is_true);
    return true;
}

static bool refuse_choice(const struct sim_field *field, const char *text, struct value_problem *problem)
{
    char known[256] = "";
    struct suggestion search = suggest_begin(text);
    for (const char *const *choice = field->choices; *choice; choice++) {
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", used > 0 ? ", " : "", *choice);
        suggest_offer(&search, *choice);
    }
    problem->suggestion = search.nearest;
    return refuse(problem, "expected one of %s, not '%s'", known, text);
}

/* The index of the choice; -1 if it is none. */
static int32_t find_choice(const struct sim_field *field, const char *text, struct value_problem *problem)
{
    for (int32_t index = 0; field->choices[index]; index++)
        if (strcmp(field->choices[index], text) == 0)
            return index;
    refuse_choice(field, text, problem);
    return -1;
}

static bool store_choice(const struct sim_field *field, const char *text, void *item, struct value_problem *problem)
{
    int32_t index = find_choice(field, text, problem);
    if (index < 0)
        return false;
    int32_t bit = (int32_t)(1u << (index % 32));
    put(field, item, field->type == SIM_FIELD_CHOICES ? &bit : &index, sizeof index);
    return true;
}

static bool store_text(const struct sim_field *field, const char *text, const struct value_context *context, void *item,
                       struct value_problem *problem)
{
    if (strcmp(field->name, "name") == 0 && !value_is_name(text))
        return refuse(problem, "expected a name (a to z, then a to z, 0 to 9 or '-'), not '%s'", text);
    if (text[0] == '\0' && !field->initial)
        return refuse(problem, "must not be empty");
    bool is_path = strcmp(field->name, "file") == 0 && text[0] != '\0';
    const char *copy =
        is_path ? source_resolve(context->source, text, context->arena) : sim_arena_text(context->arena, text);
    put(field, item, &copy, sizeof copy);
    return true;
}

static bool store_distribution(const struct sim_field *field, const char *text, const struct value_context *context,
                               void *item, struct value_problem *problem)
{
    struct sim_error error = {0};
    struct sim_distribution distribution = {0};
    struct distribution_context distribution_context = {.unit = field->unit,
                                                        .lowest = field->lowest,
                                                        .highest = field->highest,
                                                        .source = context->source,
                                                        .arena = context->arena};
    if (distribution_text_parse(text, &distribution_context, &distribution, &error) != SIM_OK)
        return refuse_as(problem, &error);
    put(field, item, &distribution, sizeof distribution);
    return true;
}

bool value_store(const struct sim_field *field, const char *text, const struct value_context *context, void *item,
                 struct value_problem *problem)
{
    switch (field->type) {
    case SIM_FIELD_UINT8:
    case SIM_FIELD_INT32:
    case SIM_FIELD_INT64:
        return store_integer(field, text, item, problem);
    case SIM_FIELD_DOUBLE:
        return store_double(field, text, item, problem);
    case SIM_FIELD_TIME:
        return store_time(field, text, item, problem);
    case SIM_FIELD_BOOL:
        return store_bool(field, text, item, problem);
    case SIM_FIELD_CHOICE:
    case SIM_FIELD_CHOICES:
        return store_choice(field, text, item, problem);
    case SIM_FIELD_TEXT:
        return store_text(field, text, context, item, problem);
    case SIM_FIELD_DISTRIBUTION:
        return store_distribution(field, text, context, item, problem);
    case SIM_FIELD_RECORD:
    case SIM_FIELD_LIST:
        break;
    }
    bool is_value = false;
    sim_assert(is_value);
    return false;
}

void value_clear(const struct sim_field *field, void *item)
{
    const char *empty = "";
    double nothing = NAN;
    if (field->type == SIM_FIELD_TEXT)
        put(field, item, &empty, sizeof(const char *));
    else if (field->type == SIM_FIELD_DOUBLE && strcmp(field->unit, "any") == 0)
        put(field, item, &nothing, sizeof nothing);
}
