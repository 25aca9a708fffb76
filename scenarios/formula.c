/* formula.c - a scanner with one function per rule of the grammar. */
#include "scenarios/formula.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct scanner {
    const char *begin;
    const char *at;
    struct sim_arena *arena;
    struct sim_error *error;
    int depth;
};

__attribute__((format(printf, 2, 3))) static enum sim_status refuse(const struct scanner *scanner, const char *format,
                                                                    ...)
{
    char message[128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    enum sim_status status = sim_error_set(scanner->error, SIM_BAD_INPUT, NULL, 1, "%s", message);
    scanner->error->column = (int)(scanner->at - scanner->begin) + 1;
    return status;
}

static void skip_spaces(struct scanner *scanner)
{
    while (*scanner->at == ' ')
        scanner->at++;
}

static const char *copy_text(const struct scanner *scanner, const char *from, const char *to)
{
    while (to > from && to[-1] == ' ')
        to--;
    size_t size = (size_t)(to - from);
    char *copy = sim_arena_allocate(scanner->arena, size + 1, 1);
    memcpy(copy, from, size);
    return copy;
}

static enum sim_status scan_term(struct scanner *scanner, struct formula *formula);

static enum sim_status scan_argument(struct scanner *scanner, struct formula *argument)
{
    skip_spaces(scanner);
    const char *end = scanner->at + strcspn(scanner->at, "(),=:");
    const char *label = NULL;
    char separator = '\0';
    if (*end == '=' || *end == ':') {
        label = copy_text(scanner, scanner->at, end);
        separator = *end;
        scanner->at = end + 1;
    }
    enum sim_status status = scan_term(scanner, argument);
    argument->label = label;
    argument->separator = separator;
    return status;
}

/* What stands between the parentheses, the first of which has been read. */
static enum sim_status scan_arguments(struct scanner *scanner, struct formula *formula)
{
    size_t capacity = 0;
    for (;;) {
        if (formula->argument_count == FORMULA_ARGUMENT_MAX)
            return refuse(scanner, "'%s' has more than %d arguments", formula->name, FORMULA_ARGUMENT_MAX);
        if (formula->argument_count == capacity) {
            size_t grown = capacity ? 4 * capacity : 4;
            struct formula *arguments = sim_arena_allocate(scanner->arena, grown, sizeof *arguments);
            if (capacity > 0)
                memcpy(arguments, formula->arguments, capacity * sizeof *arguments);
            formula->arguments = arguments;
            capacity = grown;
        }
        enum sim_status status = scan_argument(scanner, &formula->arguments[formula->argument_count]);
        if (status != SIM_OK)
            return status;
        formula->argument_count++;
        if (*scanner->at != ',' && *scanner->at != ')')
            return refuse(scanner, "expected ',' or ')' in '%s(...)'", formula->name);
        if (*scanner->at++ == ')')
            return SIM_OK;
    }
}

static enum sim_status scan_term(struct scanner *scanner, struct formula *formula)
{
    skip_spaces(scanner);
    const char *begin = scanner->at;
    const char *end = begin + strcspn(begin, "(),=:");
    *formula = (struct formula){.column = (int)(begin - scanner->begin) + 1};
    if (end == begin)
        return refuse(scanner, "an argument is missing");
    if (*end != '(') {
        formula->text = copy_text(scanner, begin, end);
        scanner->at = end;
        return SIM_OK;
    }
    if (scanner->depth == FORMULA_DEPTH_MAX)
        return refuse(scanner, "nested more than %d deep", FORMULA_DEPTH_MAX);
    formula->name = copy_text(scanner, begin, end);
    scanner->at = end + 1;
    scanner->depth++;
    enum sim_status status = scan_arguments(scanner, formula);
    scanner->depth--;
    formula->text = copy_text(scanner, begin, scanner->at);
    skip_spaces(scanner);
    return status;
}

enum sim_status formula_parse(const char *text, struct sim_arena *arena, struct formula *formula,
                              struct sim_error *error)
{
    struct scanner scanner = {.begin = text, .at = text, .arena = arena, .error = error};
    enum sim_status status = scan_term(&scanner, formula);
    if (status == SIM_OK && *scanner.at != '\0')
        return refuse(&scanner, "'%.40s' is one too many", scanner.at);
    return status;
}
