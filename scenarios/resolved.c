/* resolved.c - a small writer of YAML in block style. */
#include "scenarios/resolved.h"

#include <string.h>

static bool is_letter_or_digit(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
}

/* Text that means itself without quotes, whatever the reader. */
static bool is_plain(const char *text)
{
    struct node node = {.kind = NODE_SCALAR, .text = text};
    if (node_is_null(&node) || !(is_letter_or_digit(text[0]) || text[0] == '$' || text[0] == '/'))
        return false;
    for (const char *at = text; *at; at++)
        if (!is_letter_or_digit(*at) && !strchr(" ._/%$+-(),=", *at))
            return false;
    return text[strlen(text) - 1] != ' ';
}

static void write_quoted(const char *text, FILE *out)
{
    fputc('"', out);
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\')
            fprintf(out, "\\%c", byte);
        else if (byte < 0x20 || byte == 0x7F)
            fprintf(out, "\\x%02X", byte);
        else
            fputc(byte, out);
    }
    fputc('"', out);
}

void resolved_write_text(const char *text, bool is_inside, FILE *out)
{
    if (is_plain(text) && !(is_inside && strchr(text, ',')))
        fputs(text, out);
    else
        write_quoted(text, out);
}

static void write_scalar(const char *text, FILE *out)
{
    fputc(' ', out);
    resolved_write_text(text, false, out);
    fputc('\n', out);
}

static void write_choices(const struct node *given, FILE *out)
{
    for (const struct node *item = given->first; item; item = item->next)
        fprintf(out, "%s%s", item == given->first ? " [" : ", ", item->text);
    fputs("]\n", out);
}

static void write_mapping(const struct sim_field_table *table, const struct node *node, int indent, bool is_item,
                          FILE *out);

static void write_member(const struct sim_field *field, const struct node *given, int indent, FILE *out)
{
    const struct node empty = {.kind = NODE_MAPPING};
    fprintf(out, "%s:", field->name);
    if (field->type == SIM_FIELD_RECORD) {
        fputc('\n', out);
        write_mapping(field->table, given ? given : &empty, indent + 2, false, out);
    } else if (field->type == SIM_FIELD_LIST) {
        const struct node *first = given ? given->first : NULL;
        fputs(first ? "\n" : " []\n", out);
        for (const struct node *item = first; item; item = item->next)
            write_mapping(field->table, item, indent + 2, true, out);
    } else if (given && given->kind == NODE_SEQUENCE) {
        write_choices(given, out);
    } else {
        write_scalar(given ? given->text : field->initial, out);
    }
}

/* Keys that were left out and have nothing as their default are left out here too, and records of nothing else. */
static bool has_value(const struct sim_field *field, const struct node *given)
{
    if (given)
        return true;
    if (field->type == SIM_FIELD_RECORD) {
        for (size_t i = 0; i < field->table->count; i++)
            if (has_value(&field->table->fields[i], NULL))
                return true;
        return false;
    }
    return field->type != SIM_FIELD_LIST && field->initial && field->initial[0] != '\0';
}

static void write_mapping(const struct sim_field_table *table, const struct node *node, int indent, bool is_item,
                          FILE *out)
{
    bool is_first = is_item;
    for (size_t i = 0; i < table->count; i++) {
        const struct sim_field *field = &table->fields[i];
        const struct node *given = node_member(node, field->name);
        if (given && node_is_null(given))
            given = NULL;
        if (!has_value(field, given))
            continue;
        fprintf(out, "%*s", is_first ? indent - 2 : indent, "");
        if (is_first)
            fputs("- ", out);
        is_first = false;
        write_member(field, given, indent, out);
    }
}

void resolved_write(const struct sim_field_table *table, const struct node *node, FILE *out)
{
    write_mapping(table, node, 0, false, out);
}
