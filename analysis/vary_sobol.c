/* vary_sobol.c - points spread evenly between two ends of every path. */
#include <gsl/gsl_qrng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/vary.h"
#include "models/config.h"
#include "scenarios/binding.h"
#include "sim/memory.h"

/* One path, with both ends taken apart: what stands before the number (`$`), and behind it (` s`). */
struct range {
    double low;
    double high;
    bool is_whole;
    int before;
    const char *around;
    const char *behind;
};

/* The field that a path leads to; NULL where there is none. Parts that name items of lists are passed over. */
static const struct sim_field *field_of(const char *path)
{
    const struct sim_field_table *table = &world_config_table;
    const struct sim_field *field = NULL;
    for (const char *rest = path; rest && table;) {
        char part[128];
        size_t size = strcspn(rest, ".");
        snprintf(part, sizeof part, "%.*s", (int)size, rest);
        rest = rest[size] == '.' ? rest + size + 1 : NULL;
        bool is_item = field && field->type == SIM_FIELD_LIST && (rest || !binding_find_field(table, part));
        if (is_item)
            continue;
        field = binding_find_field(table, part);
        table = field ? field->table : NULL;
    }
    return field;
}

static bool is_whole(const struct sim_field *field)
{
    switch (field->type) {
    case SIM_FIELD_UINT8:
    case SIM_FIELD_INT32:
    case SIM_FIELD_INT64:
        return strncmp(field->unit, "USD", 3) != 0;
    default:
        return false;
    }
}

/* The number in the text; NaN if there is none. */
static double number_in(const char *text, int *before, const char **behind)
{
    char *end;
    *before = (int)strcspn(text, "0123456789-");
    double number = strtod(text + *before, &end);
    *behind = end;
    return end == text + *before ? NAN : number;
}

static bool take_range(const struct vary_path *path, struct range *range, struct diagnostic_list *problems)
{
    const struct sim_field *field = field_of(path->path);
    const char *low = path->values[0].text;
    if (path->count != 2) {
        diagnostic_add(problems, path->place, "--sobol needs two values, the ends: %s=[%s, ...]", path->path, low);
        return false;
    }
    const char *high = path->values[1].text;
    int before;
    const char *behind;
    *range = (struct range){.around = low, .is_whole = field && is_whole(field)};
    range->low = number_in(low, &range->before, &range->behind);
    range->high = number_in(high, &before, &behind);
    if (isfinite(range->low) && isfinite(range->high) && before == range->before &&
        strncmp(low, high, (size_t)before) == 0 && strcmp(range->behind, behind) == 0 && range->low < range->high)
        return true;
    diagnostic_add(problems, path->place, "--sobol needs two numbers in the same unit, the lower one first: not %s, %s",
                   low, high);
    return false;
}

/* share: 0 to 1. Every whole number of a range has the same part of it. */
static struct vary_value value_at(const struct vary_path *path, const struct range *range, double share,
                                  struct sim_arena *arena)
{
    double number = range->is_whole ? fmin(range->low + floor(share * (range->high - range->low + 1)), range->high)
                                    : range->low + share * (range->high - range->low);
    char text[256];
    char setting[512];
    snprintf(text, sizeof text, "%.*s%.9g%s", range->before, range->around, number, range->behind);
    snprintf(setting, sizeof setting, "%s=%s", path->path, text);
    return (struct vary_value){sim_arena_text(arena, text), sim_arena_text(arena, setting)};
}

static bool is_known(const struct vary_value *points, size_t count, size_t paths)
{
    const struct vary_value *point = points + count * paths;
    for (size_t i = 0; i < count; i++) {
        size_t same = 0;
        while (same < paths && strcmp(points[i * paths + same].text, point[same].text) == 0)
            same++;
        if (same == paths)
            return true;
    }
    return false;
}

static size_t draw(const struct vary *vary, const struct range *ranges, size_t count, struct vary_value *values,
                   struct sim_arena *arena)
{
    gsl_qrng *sequence = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)vary->count);
    double shares[VARY_PATHS_MAX];
    size_t found = 0;
    if (!sequence)
        sim_out_of_memory();
    for (size_t i = 0; i < count; i++) {
        (void)gsl_qrng_get(sequence, shares);
        for (size_t k = 0; k < vary->count; k++)
            values[found * vary->count + k] = value_at(&vary->paths[k], &ranges[k], shares[k], arena);
        found += !is_known(values, found, vary->count);
    }
    gsl_qrng_free(sequence);
    return found;
}

size_t vary_sobol(const struct vary *vary, size_t count, struct vary_value *values, struct diagnostic_list *problems)
{
    struct range ranges[VARY_PATHS_MAX];
    bool is_good = vary->count > 0;
    for (size_t i = 0; i < vary->count; i++)
        is_good = take_range(&vary->paths[i], &ranges[i], problems) && is_good;
    return is_good ? draw(vary, ranges, count, values, problems->arena) : 0;
}
