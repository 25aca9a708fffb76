/* column.c - reading one column of a CSV file. */
#include "scenarios/column.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "scenarios/quantity.h"

#define FIELD_SIZE 256

/* Copies the next field of a line, without quotes, and moves *at behind its comma, to NULL after the last. Text beyond
 * FIELD_SIZE is cut: no name and no number is that long.
 */
static void take_field(const char **at, char *field)
{
    const char *text = *at + strspn(*at, " ");
    size_t size = 0;
    bool is_quoted = *text == '"';
    for (text += is_quoted; *text && *text != '\r' && *text != '\n'; text++) {
        if (is_quoted && *text == '"') {
            if (text[1] != '"') {
                is_quoted = false;
                continue;
            }
            text++;
        } else if (!is_quoted && *text == ',') {
            break;
        }
        if (size + 1 < FIELD_SIZE)
            field[size++] = *text;
    }
    field[size] = '\0';
    *at = *text == ',' ? text + 1 : NULL;
}

/* Number of the field `name` in a line, -1 if it is not there. */
static int find_field(const char *line, const char *name)
{
    char field[FIELD_SIZE];
    for (int index = 0; line; index++) {
        take_field(&line, field);
        if (strcmp(field, name) == 0)
            return index;
    }
    return -1;
}

/* The field number `index`; empty where the line is shorter. */
static void field_at(const char *line, int index, char *field)
{
    for (int i = 0; i <= index; i++) {
        field[0] = '\0';
        if (line)
            take_field(&line, field);
    }
}

static bool is_empty(const char *line)
{
    return line[strspn(line, " \r\n")] == '\0';
}

static enum sim_status read_rows(FILE *file, const char *path, int index, struct sim_arena *arena,
                                 struct column *column, struct sim_error *error)
{
    char *line = NULL, field[FIELD_SIZE];
    size_t room = 0, capacity = 0;
    double *values = NULL;
    enum sim_status status = SIM_OK;
    for (int number = 2; status == SIM_OK && getline(&line, &room, file) >= 0; number++) {
        struct sim_error reason;
        if (is_empty(line))
            continue;
        field_at(line, index, field);
        values = sim_grow(values, &capacity, column->count + 1, sizeof *values);
        double *value = &values[column->count++];
        if (quantity_parse(field, "", value, &reason) != SIM_OK || *value < 0)
            status = sim_error_set(error, SIM_BAD_INPUT, path, 0, "%s:%d: expected a number from 0 up, not '%s'", path,
                                   number, field);
    }
    if (status == SIM_OK && column->count == 0)
        status = sim_error_set(error, SIM_BAD_INPUT, path, 0, "'%s' has no rows", path);
    column->values = sim_arena_allocate(arena, column->count, sizeof *values);
    if (values)
        memcpy(column->values, values, column->count * sizeof *values);
    free(values);
    free(line);
    return status;
}

static enum sim_status read_file(FILE *file, const char *path, const char *name, struct sim_arena *arena,
                                 struct column *column, struct sim_error *error)
{
    char *line = NULL;
    size_t room = 0;
    int index = getline(&line, &room, file) >= 0 ? find_field(line, name) : -1;
    free(line);
    if (index < 0)
        return sim_error_set(error, SIM_BAD_INPUT, path, 0, "'%s' has no column '%s'", path, name);
    return read_rows(file, path, index, arena, column, error);
}

enum sim_status column_read(const char *path, const char *name, struct sim_arena *arena, struct column *column,
                            struct sim_error *error)
{
    *column = (struct column){0};
    struct stat facts;
    if (stat(path, &facts) != 0)
        return sim_error_set(error, SIM_CANNOT_READ, path, 0, "cannot read '%s': %s", path, strerror(errno));
    if (!S_ISREG(facts.st_mode) || facts.st_size > (off_t)COLUMN_FILE_SIZE_MAX)
        return sim_error_set(error, SIM_CANNOT_READ, path, 0, "cannot read '%s': no regular file of at most %zu MiB",
                             path, COLUMN_FILE_SIZE_MAX >> 20);
    FILE *file = fopen(path, "re");
    if (!file)
        return sim_error_set(error, SIM_CANNOT_READ, path, 0, "cannot read '%s': %s", path, strerror(errno));
    enum sim_status status = read_file(file, path, name, arena, column, error);
    fclose(file);
    return status;
}
