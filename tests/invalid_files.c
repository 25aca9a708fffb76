/* invalid_files.c - finding the files, reading what they expect, comparing. */
#include "tests/invalid_files.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare_names(const void *left, const void *right)
{
    return strcmp(left, right);
}

void invalid_files_find(struct invalid_files *files, const char *folder)
{
    DIR *open = opendir(folder);
    struct dirent *entry;
    files->folder = folder;
    while (open && (entry = readdir(open)) && files->count < INVALID_FILES_MAX) {
        size_t size = strlen(entry->d_name);
        if (size > 5 && size < sizeof files->names[0] && strcmp(entry->d_name + size - 5, ".yaml") == 0 &&
            entry->d_name[0] != '_')
            snprintf(files->names[files->count++], sizeof files->names[0], "%s", entry->d_name);
    }
    if (open)
        closedir(open);
    qsort(files->names, (size_t)files->count, sizeof files->names[0], compare_names);
}

void invalid_files_expect(const struct invalid_files *files, int index, struct invalid_expectation *expectation)
{
    char line[1000];
    *expectation = (struct invalid_expectation){0};
    snprintf(expectation->path, sizeof expectation->path, "%s/%s", files->folder, files->names[index]);
    FILE *file = fopen(expectation->path, "r");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, "# error: ", 9) == 0) {
            strncat(expectation->errors, line + 9, INVALID_TEXT_SIZE - strlen(expectation->errors) - 1);
        } else if (strncmp(line, "# set: ", 7) == 0 && expectation->setting_count < INVALID_SETTINGS_MAX) {
            char *text = expectation->settings_text[expectation->setting_count];
            snprintf(text, sizeof expectation->settings_text[0], "%.*s", (int)strcspn(line + 7, "\n"), line + 7);
            expectation->settings[expectation->setting_count++] = text;
        } else {
            break;
        }
    }
    fclose(file);
}

static void print_problem(const struct diagnostic *problem, const char *path, FILE *out)
{
    const struct source *source = problem->place.source;
    if (source && strcmp(source->name, path) != 0) {
        const char *slash = strrchr(source->name, '/');
        fprintf(out, "%s:", slash ? slash + 1 : source->name);
    }
    if (source)
        fprintf(out, "%d:%d: ", problem->place.line, problem->place.column);
    fputs(problem->message, out);
    if (problem->suggestion)
        fprintf(out, "; did you mean '%s'?", problem->suggestion);
    fputc('\n', out);
}

void invalid_files_compare(const struct invalid_expectation *expectation, const struct diagnostic_list *problems)
{
    char *found;
    size_t size;
    FILE *out = open_memstream(&found, &size);
    for (size_t i = 0; i < problems->kept_count; i++)
        print_problem(&problems->kept[i], expectation->path, out);
    if (problems->count > problems->kept_count)
        fprintf(out, "and %zu more\n", problems->count - problems->kept_count);
    fclose(out);
    ck_assert_msg(strcmp(found, expectation->errors) == 0, "%s\n-- expected:\n%s-- found:\n%s", expectation->path,
                  expectation->errors, found);
    free(found);
}
