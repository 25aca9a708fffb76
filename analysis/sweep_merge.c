/* sweep_merge.c - listing folders, and what must hold between files. */
#include "analysis/sweep_merge.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"

/* ---- Finding ---- */

struct found {
    size_t index;
    char *path;
};

struct finding {
    struct found *items;
    size_t count;
    size_t capacity;
};

static void release_found(struct finding *finding)
{
    for (size_t i = 0; i < finding->count; i++)
        free(finding->items[i].path);
    free(finding->items);
}

static enum sim_status find_in(struct finding *finding, const char *folder, struct sim_error *error)
{
    DIR *directory = opendir(folder);
    if (!directory)
        return sim_error_set(error, SIM_CANNOT_READ, folder, 0, "cannot be read: %s", strerror(errno));
    for (const struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
        size_t index;
        if (!sweep_file_is_named(entry->d_name, &index))
            continue;
        finding->items = sim_grow(finding->items, &finding->capacity, finding->count + 1, sizeof *finding->items);
        finding->items[finding->count++] = (struct found){index, sweep_file_path(folder, index)};
    }
    (void)closedir(directory);
    return SIM_OK;
}

static int compare_found(const void *a, const void *b)
{
    const struct found *one = a;
    const struct found *other = b;
    if (one->index != other->index)
        return one->index < other->index ? -1 : 1;
    return strcmp(one->path, other->path);
}

static enum sim_status find_all(struct finding *finding, const char *const *folders, size_t count,
                                struct sim_error *error)
{
    enum sim_status status = SIM_OK;
    for (size_t i = 0; i < count && status == SIM_OK; i++)
        status = find_in(finding, folders[i], error);
    if (status != SIM_OK)
        return status;
    if (finding->count == 0) {
        (void)sim_error_set(error, SIM_BAD_INPUT, folders[0], 0, "holds no finished point of a sweep");
        return SIM_BAD_INPUT;
    }
    qsort(finding->items, finding->count, sizeof *finding->items, compare_found);
    for (size_t i = 1; i < finding->count; i++)
        if (finding->items[i].index == finding->items[i - 1].index)
            return sim_error_set(error, SIM_BAD_INPUT, finding->items[i].path, 0, "point %zu is also in %s",
                                 finding->items[i].index, finding->items[i - 1].path);
    return SIM_OK;
}

/* "0, 3 to 5, ..." of the points that are not there. */
static void name_missing(const struct finding *finding, size_t total, char *text, size_t size)
{
    size_t used = 0;
    size_t next = 0;
    for (size_t i = 0; i <= finding->count && used < size; i++) {
        size_t present = i < finding->count ? finding->items[i].index : total;
        if (present > next)
            used += (size_t)snprintf(text + used, size - used, "%s%zu", used > 0 ? ", " : "", next);
        if (present > next + 1 && used < size)
            used += (size_t)snprintf(text + used, size - used, " to %zu", present - 1);
        next = present + 1;
    }
    if (used >= size)
        memcpy(text + size - 4, "...", 4);
}

static enum sim_status refuse_holes(const struct finding *finding, const char *folder, size_t total,
                                    struct sim_error *error)
{
    char missing[200] = "";
    if (finding->count == total)
        return SIM_OK;
    name_missing(finding, total, missing, sizeof missing);
    return sim_error_set(error, SIM_BAD_INPUT, folder, 0, "%zu of %zu points are missing: %s", total - finding->count,
                         total, missing);
}

/* ---- Checking ---- */

double sweep_merge_number(const char *value)
{
    return strtod(value, NULL);
}

/* The unit of a value like `180 s` or `12`; NULL for any other. */
static const char *unit_of(const char *value)
{
    static const char unit_letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/%";
    const char *digits = value + (*value == '-');
    size_t length = strspn(digits, "0123456789.");
    char *end;
    double number = strtod(value, &end);
    if (length == 0 || !isfinite(number) || end < digits + length)
        return NULL;
    end += strspn(end, " ");
    return end[strspn(end, unit_letters)] == '\0' ? end : NULL;
}

static void begin_columns(struct sweep_merge *merge)
{
    const struct sweep_file *first = &merge->first;
    merge->column_count = first->path_count;
    merge->columns = sim_arena_allocate(merge->arena, first->path_count, sizeof *merge->columns);
    for (size_t i = 0; i < first->path_count; i++) {
        const char *unit = unit_of(sweep_file_value(first, i));
        merge->columns[i] = (struct sweep_column){sweep_file_varied(first, i), unit != NULL, unit ? unit : ""};
    }
}

static enum sim_status check_file(void *context, const struct sweep_file *file, struct sim_error *error)
{
    struct sweep_merge *merge = context;
    enum sim_status status = sweep_file_check(file, &merge->first.identity, merge->files[0], error);
    if (status == SIM_OK && file->path_count != merge->column_count)
        status = sim_error_set(error, SIM_BAD_INPUT, file->path, 0, "varies another number of keys than %s",
                               merge->files[0]);
    for (size_t i = 0; i < merge->column_count && status == SIM_OK; i++) {
        struct sweep_column *column = &merge->columns[i];
        const char *unit = unit_of(sweep_file_value(file, i));
        column->is_number = column->is_number && unit && strcmp(unit, column->unit) == 0;
    }
    return status;
}

static void take_files(struct sweep_merge *merge, struct finding *finding)
{
    merge->files = sim_allocate(finding->count, sizeof *merge->files);
    merge->count = finding->count;
    for (size_t i = 0; i < finding->count; i++) {
        merge->files[i] = finding->items[i].path;
        finding->items[i].path = NULL;
    }
}

/* Files are compared before they are counted: how many there should be is known of one sweep only. */
static enum sim_status check_all(struct sweep_merge *merge, const struct finding *finding, const char *folder,
                                 struct sim_error *error)
{
    enum sim_status status = sweep_file_read(&merge->first, merge->files[0], error);
    if (status != SIM_OK)
        return status;
    begin_columns(merge);
    for (size_t i = 0; i < merge->count && status == SIM_OK; i++) {
        struct sweep_file file;
        status = sweep_file_read(&file, merge->files[i], error);
        if (status != SIM_OK)
            return status;
        status = check_file(merge, &file, error);
        if (status == SIM_OK && file.index != finding->items[i].index)
            status = sim_error_set(error, SIM_BAD_INPUT, file.path, 0, "holds point %zu: it was renamed", file.index);
        sweep_file_release(&file);
    }
    return status == SIM_OK ? refuse_holes(finding, folder, merge->first.identity.count, error) : status;
}

enum sim_status sweep_merge_create(struct sweep_merge *merge, const char *const *folders, size_t count,
                                   struct sim_error *error)
{
    struct finding finding = {0};
    *merge = (struct sweep_merge){.arena = sim_arena_create()};
    enum sim_status status = find_all(&finding, folders, count, error);
    if (status == SIM_OK) {
        take_files(merge, &finding);
        status = check_all(merge, &finding, folders[0], error);
    }
    release_found(&finding);
    return status;
}

void sweep_merge_release(struct sweep_merge *merge)
{
    for (size_t i = 0; i < merge->count; i++)
        free(merge->files[i]);
    free(merge->files);
    sweep_file_release(&merge->first);
    sim_arena_destroy(merge->arena);
    *merge = (struct sweep_merge){0};
}

enum sim_status sweep_merge_each(const struct sweep_merge *merge, sweep_merge_function take, void *context,
                                 struct sim_error *error)
{
    enum sim_status status = SIM_OK;
    for (size_t i = 0; i < merge->count && status == SIM_OK; i++) {
        struct sweep_file file;
        status = sweep_file_read(&file, merge->files[i], error);
        if (status != SIM_OK)
            return status;
        status = take(context, &file, error);
        sweep_file_release(&file);
    }
    return status;
}
