/* figure.c - values by section, looked up by row, and differences. */
#include "analysis/figure.h"

#include <math.h>
#include <stdlib.h>

#include "sim/memory.h"

void figure_list_release(struct figure_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].values);
    free(list->items);
    *list = (struct figure_list){0};
}

size_t figure_list_find(struct figure_list *list, const struct summary_row *row)
{
    const struct summary *summary = list->summary;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].row == row)
            return i;
    list->items = sim_grow(list->items, &list->capacity, list->count + 1, sizeof *list->items);
    struct figure *figure = &list->items[list->count];
    *figure = (struct figure){.summary = summary, .row = row};
    if (!summary->is_dated) {
        figure->values = sim_allocate(summary->section_count, sizeof *figure->values);
        summary_sections(summary, list->samples, row->scope, row->metric, figure->values);
    }
    return list->count++;
}

bool figure_is_alike(const struct figure *one, const struct figure *other)
{
    return one->values && other->values && one->summary->section_count == other->summary->section_count &&
           one->summary->is_batched == other->summary->is_batched;
}

struct sim_interval figure_interval(double value, size_t section_count,
                                    double (*evaluate)(void *context, size_t section), void *context)
{
    double *values = sim_allocate(section_count, sizeof *values);
    for (size_t i = 0; i < section_count; i++)
        values[i] = evaluate(context, i);
    struct sim_interval interval = sim_interval_of_sections(value, values, section_count);
    free(values);
    return interval;
}

/* ---- Differences ---- */

struct pair {
    const double *a;
    const double *b;
};

static double difference_in(void *context, size_t section)
{
    const struct pair *pair = context;
    return pair->b[section] - pair->a[section];
}

static void fill_paired(const struct figure *a, const struct figure *b, struct figure_difference *difference)
{
    struct pair pair = {a->values, b->values};
    size_t count = a->summary->section_count;
    struct sim_interval interval = figure_interval(difference->value, count, difference_in, &pair);
    struct sim_interval_paired paired = sim_interval_of_difference(b->values, a->values, count);
    difference->is_paired = true;
    difference->low = difference->value - interval.half_width;
    difference->high = difference->value + interval.half_width;
    difference->correlation = paired.correlation;
    difference->variance_ratio = paired.variance_ratio;
    difference->reason = sim_interval_reason_text(interval.reason);
}

/* Intervals are cut where a figure cannot be; the longer side is not. */
static double half_width_of(const struct estimate *estimate)
{
    return fmax(estimate->high - estimate->value, estimate->value - estimate->low);
}

static void fill_apart(const struct estimate *a, const struct estimate *b, struct figure_difference *difference)
{
    double half_width = hypot(half_width_of(a), half_width_of(b));
    difference->low = difference->value - half_width;
    difference->high = difference->value + half_width;
}

/* Why nothing can be said of a difference; NULL if it can. */
static const char *lacking(const struct estimate *estimate, bool is_interval)
{
    bool is_there = isfinite(is_interval ? estimate->low : estimate->value);
    return is_there ? NULL : estimate->reason;
}

struct figure_difference figure_difference(const struct figure *a, const struct figure *b, bool may_pair)
{
    const struct estimate *first = &a->row->estimate;
    const struct estimate *second = &b->row->estimate;
    struct figure_difference difference = {.value = second->value - first->value,
                                           .low = NAN,
                                           .high = NAN,
                                           .correlation = NAN,
                                           .variance_ratio = NAN,
                                           .reason = ""};
    const char *reason = NULL;
    for (int is_interval = 0; is_interval < 2 && !reason; is_interval++)
        reason = lacking(first, is_interval) ? lacking(first, is_interval) : lacking(second, is_interval);
    if (reason)
        difference.reason = reason;
    else if (may_pair && figure_is_alike(a, b))
        fill_paired(a, b, &difference);
    else
        fill_apart(first, second, &difference);
    return difference;
}
