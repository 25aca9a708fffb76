/* diagnostic.c - keeping problems in order, and printing them with their lines. */
#include "scenarios/diagnostic.h"

#include <stdarg.h>
#include <string.h>

#define MESSAGE_SIZE 512
/* Characters of a source line shown on either side of the caret when the line is long. */
#define LINE_SIDE 60

void diagnostic_init(struct diagnostic_list *list)
{
    *list = (struct diagnostic_list){.arena = sim_arena_create()};
}

void diagnostic_release(struct diagnostic_list *list)
{
    sim_arena_destroy(list->arena);
    *list = (struct diagnostic_list){0};
}

static bool is_before(struct place left, struct place right)
{
    int left_number = left.source ? left.source->number : -1;
    int right_number = right.source ? right.source->number : -1;
    if (left_number != right_number)
        return left_number < right_number;
    return left.line != right.line ? left.line < right.line : left.column < right.column;
}

/* A profile that two pools name is read twice, but what is wrong in it is one problem. */
static bool is_same(const struct diagnostic *left, const struct diagnostic *right)
{
    const struct source *a = left->place.source, *b = right->place.source;
    return (a == b || (a && b && strcmp(a->name, b->name) == 0 && strcmp(a->text, b->text) == 0)) &&
           left->place.line == right->place.line && left->place.column == right->place.column &&
           strcmp(left->message, right->message) == 0;
}

static void keep(struct diagnostic_list *list, struct diagnostic problem)
{
    for (size_t i = 0; i < list->kept_count; i++)
        if (is_same(&list->kept[i], &problem))
            return;
    list->count++;
    if (list->kept_count == DIAGNOSTIC_KEPT_MAX)
        return;
    size_t at = list->kept_count++;
    for (; at > 0 && is_before(problem.place, list->kept[at - 1].place); at--)
        list->kept[at] = list->kept[at - 1];
    list->kept[at] = problem;
}

static void add(struct diagnostic_list *list, struct place place, const char *suggestion, const char *format,
                va_list arguments)
{
    char message[MESSAGE_SIZE];
    vsnprintf(message, sizeof message, format, arguments);
    keep(list, (struct diagnostic){.place = place,
                                   .message = sim_arena_text(list->arena, message),
                                   .suggestion = suggestion ? sim_arena_text(list->arena, suggestion) : NULL});
}

void diagnostic_add(struct diagnostic_list *list, struct place place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(list, place, NULL, format, arguments);
    va_end(arguments);
}

void diagnostic_add_suggestion(struct diagnostic_list *list, struct place place, const char *suggestion,
                               const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(list, place, suggestion, format, arguments);
    va_end(arguments);
}

bool diagnostic_is_full(const struct diagnostic_list *list)
{
    return list->kept_count == DIAGNOSTIC_KEPT_MAX;
}

void diagnostic_add_error(struct diagnostic_list *list, struct place place, const struct sim_error *error)
{
    if (error->line > 0) {
        place.line = error->line;
        place.column = error->column > 0 ? error->column : 1;
    }
    diagnostic_add(list, place, "%s", error->message);
}

/* A message may quote text of the file and be cut in the middle of a character. */
static void print_safe(const char *text, size_t size, FILE *out)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        bool is_c1_control = byte == 0xC2 && i + 1 < size && (unsigned char)text[i + 1] < 0xA0;
        if (is_c1_control)
            i++;
        fputc((byte < 0x20 && byte != '\t') || byte == 0x7F || is_c1_control ? '?' : byte, out);
    }
}

static bool is_character_start(char byte)
{
    return ((unsigned char)byte & 0xC0) != 0x80;
}

/* Byte offset of the character number `index`, counted from 0, or `size` if there are fewer. */
static size_t character_offset(const char *text, size_t size, size_t index)
{
    size_t at = 0;
    for (; at < size; at++)
        if (is_character_start(text[at]) && index-- == 0)
            break;
    return at;
}

/* The line, then a caret below the column. Tabs are repeated so that the caret stands where it should. */
static void print_line(struct place place, FILE *out)
{
    size_t size;
    const char *line = source_line(place, &size);
    if (size == 0 || place.column < 1)
        return;
    size_t column = (size_t)place.column - 1;
    size_t from = character_offset(line, size, column > LINE_SIDE ? column - LINE_SIDE : 0);
    size_t caret = character_offset(line, size, column);
    size_t to = character_offset(line, size, column + LINE_SIDE);
    fputs("    ", out);
    print_safe(line + from, to - from, out);
    fputs("\n    ", out);
    for (size_t i = from; i < caret; i++)
        if (is_character_start(line[i]))
            fputc(line[i] == '\t' ? '\t' : ' ', out);
    fputs("^\n", out);
}

static void print_one(const struct diagnostic *problem, FILE *out)
{
    struct place place = problem->place;
    if (place.source)
        print_safe(place.source->name, strlen(place.source->name), out);
    if (place.source && place.line > 0)
        fprintf(out, ":%d:%d", place.line, place.column);
    fputs(place.source ? ": error: " : "error: ", out);
    print_safe(problem->message, strlen(problem->message), out);
    fputc('\n', out);
    print_line(place, out);
    if (problem->suggestion) {
        fputs("did you mean '", out);
        print_safe(problem->suggestion, strlen(problem->suggestion), out);
        fputs("'?\n", out);
    }
}

void diagnostic_print(const struct diagnostic_list *list, FILE *out)
{
    for (size_t i = 0; i < list->kept_count; i++)
        print_one(&list->kept[i], out);
    if (list->count > list->kept_count)
        fprintf(out, "and %zu more\n", list->count - list->kept_count);
}
