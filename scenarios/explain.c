/* explain.c - tables as text for people. */
#include "scenarios/explain.h"

#include <stdbool.h>
#include <string.h>

#include "models/inferred.h"
#include "scenarios/binding.h"
#include "scenarios/suggest.h"
#include "scenarios/value.h"

#define PATH_SIZE 256

static const char *kind_text(enum sim_field_type type)
{
    switch (type) {
    case SIM_FIELD_UINT8:
    case SIM_FIELD_INT32:
    case SIM_FIELD_INT64:
        return "whole number";
    case SIM_FIELD_DOUBLE:
        return "number";
    case SIM_FIELD_TIME:
        return "time";
    case SIM_FIELD_BOOL:
        return "true or false";
    case SIM_FIELD_CHOICE:
        return "one of";
    case SIM_FIELD_CHOICES:
        return "list of";
    case SIM_FIELD_TEXT:
        return "text";
    case SIM_FIELD_DISTRIBUTION:
        return "distribution";
    case SIM_FIELD_RECORD:
        return "keys";
    case SIM_FIELD_LIST:
        break;
    }
    return "list of items with keys";
}

static void print_kind(const struct sim_field *field, FILE *out)
{
    bool is_money = strncmp(field->unit, "USD", 3) == 0;
    fprintf(out, "  kind: %s", is_money ? "price" : kind_text(field->type));
    for (const char *const *choice = field->choices; choice && *choice && !field->choice_helps; choice++)
        fprintf(out, "%s %s", field->type == SIM_FIELD_TIME ? " or" : choice == field->choices ? "" : ",", *choice);
    for (size_t i = 0; field->choice_helps && field->choices && field->choices[i]; i++)
        fprintf(out, "\n    %-26s %s", field->choices[i], field->choice_helps[i]);
    if (strcmp(field->unit, "any") == 0)
        fputs(", in any unit", out);
    else if (field->unit[0] != '\0')
        fprintf(out, ", in %s", field->unit);
    fputc('\n', out);
}

static void print_default(const struct sim_field *field, FILE *out)
{
    if (!field->initial)
        fputs("  required\n", out);
    else if (field->initial[0] == '\0')
        fputs("  optional\n", out);
    else
        fprintf(out, "  default: %s\n", field->initial);
}

static void print_keys(const struct sim_field_table *table, FILE *out)
{
    for (size_t i = 0; i < table->count; i++)
        fprintf(out, "    %-22s %s\n", table->fields[i].name, table->fields[i].help);
}

/* A rule that no platform publishes. */
static void print_inferred(const char *path, FILE *out)
{
    static const char above[] = "pools.";
    bool is_of_pool = strncmp(path, above, sizeof above - 1) == 0;
    const struct inferred_rule *rule = is_of_pool ? inferred_find(path + sizeof above - 1) : NULL;
    if (!rule)
        return;
    fputs("  not published by the platform; other readings:", out);
    for (size_t i = 0; rule->values[i]; i++)
        fprintf(out, "%s %s", i > 0 ? "," : "", rule->values[i]);
    fprintf(out, "\n  to find out: %s\n", rule->measure);
}

static void print_field(const char *path, const struct sim_field *field, FILE *out)
{
    char range[96];
    value_range_text(field, range, sizeof range);
    fprintf(out, "%s\n  %s\n", path, field->help);
    print_kind(field, out);
    if (range[0] != '\0')
        fprintf(out, "  range: %s\n", range);
    print_default(field, out);
    print_inferred(path, out);
    if (field->bare)
        fprintf(out, "  an item without keys is its %s\n", field->bare);
    if (field->table) {
        fputs("  keys:\n", out);
        print_keys(field->table, out);
    }
}

/* Prints every field called `name` at or below the table; returns how many. */
static size_t print_everywhere(const struct sim_field_table *table, const char *above, const char *name,
                               struct suggestion *search, FILE *out)
{
    size_t count = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct sim_field *field = &table->fields[i];
        char path[PATH_SIZE];
        snprintf(path, sizeof path, "%s%s%s", above, above[0] ? "." : "", field->name);
        suggest_offer(search, field->name);
        if (strcmp(field->name, name) == 0) {
            print_field(path, field, out);
            count++;
        }
        if (field->table)
            count += print_everywhere(field->table, path, name, search, out);
    }
    return count;
}

static enum sim_status refuse(const char *part, const char *path, const struct suggestion *search,
                              struct sim_error *error)
{
    if (search->nearest)
        return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "there is no key '%s' in '%s'; did you mean '%s'?", part,
                             path, search->nearest);
    return sim_error_set(error, SIM_BAD_INPUT, NULL, 0, "there is no key '%s' in '%s'", part, path);
}

static enum sim_status refuse_part(const struct sim_field_table *table, const char *part, const char *path,
                                   struct sim_error *error)
{
    struct suggestion search = suggest_begin(part);
    for (size_t i = 0; table && i < table->count; i++)
        suggest_offer(&search, table->fields[i].name);
    return refuse(part, path, &search, error);
}

/* Follows a path of two parts or more. */
static enum sim_status print_path(const struct sim_field_table *table, const char *path, FILE *out,
                                  struct sim_error *error)
{
    const struct sim_field *field = NULL;
    for (const char *rest = path; rest;) {
        char part[PATH_SIZE];
        size_t size = strcspn(rest, ".");
        snprintf(part, sizeof part, "%.*s", (int)size, rest);
        const struct sim_field_table *below = field ? field->table : table;
        field = below ? binding_find_field(below, part) : NULL;
        if (!field)
            return refuse_part(below, part, path, error);
        rest = rest[size] == '.' ? rest + size + 1 : NULL;
    }
    sim_assert(field);
    print_field(path, field, out);
    return SIM_OK;
}

enum sim_status explain_key(const struct sim_field_table *table, const char *path, FILE *out, struct sim_error *error)
{
    if (path[0] == '\0') {
        fprintf(out, "%s\n  keys:\n", table->name);
        print_keys(table, out);
        return SIM_OK;
    }
    const struct sim_field *top = binding_find_field(table, path);
    if (top) {
        print_field(path, top, out);
        return SIM_OK;
    }
    if (strlen(path) >= PATH_SIZE || strchr(path, '.'))
        return print_path(table, path, out, error);
    struct suggestion search = suggest_begin(path);
    if (print_everywhere(table, "", path, &search, out) > 0)
        return SIM_OK;
    return refuse(path, table->name, &search, error);
}
