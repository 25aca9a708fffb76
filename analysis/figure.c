/* figure.c - values by section, looked up by row, and differences. */
#include "analysis/figure.h"

#include <math.h>
#include <stdlib.h>

#include "sim/memory.h"

void figure_list_release(struct figure_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].values);
    for (size_t i = 0; i < list->day_count; i++)
        summary_days_destroy(list->days[i]);
    free(list->items);
    free(list->days);
    *list = (struct figure_list){0};
}

/* The days of a scope. */
static const struct summary_days *days_of_scope(struct figure_list *list, const struct scope *scope)
{
    for (size_t i = 0; i < list->day_count; i++)
        if (list->days[i]->scope == scope)
            return list->days[i];
    list->days = sim_grow(list->days, &list->day_capacity, list->day_count + 1, sizeof(struct summary_days *));
    list->days[list->day_count] = summary_days_create(list->summary, list->samples, scope);
    return list->days[list->day_count++];
}

/* The scope of the whole run that a scope belongs to: what neighbouring days have in common is known there (days.h). */
static const struct scope *whole_of(const struct figure_list *list, const struct scope *scope)
{
    bool is_month = scope->kind == SCOPE_MONTH || scope->kind == SCOPE_POOL_MONTH;
    enum scope_kind kind = scope->kind == SCOPE_MONTH ? SCOPE_ALL : SCOPE_POOL;
    for (size_t i = 0; i < list->summary->scopes.count && is_month; i++) {
        const struct scope *whole = &list->summary->scopes.items[i];
        if (whole->kind == kind && (kind == SCOPE_ALL || whole->index == scope->index))
            return whole;
    }
    return scope;
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
    if (summary->is_dated) {
        figure->days = days_of_scope(list, row->scope);
        figure->whole = days_of_scope(list, whole_of(list, row->scope));
    } else {
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

static bool has_same_days(const struct figure *a, const struct figure *b)
{
    return a->days && b->days && a->days->days.count == b->days->days.count &&
           a->days->days.first_block == b->days->days.first_block && a->whole->days.count == b->whole->days.count;
}

/* Where the values of a metric begin among those of all; false if the scope does not have it. */
static bool find_place(const struct summary_days *days, const struct metric *metric, size_t *place)
{
    size_t number = 0;
    while (number < days->metric_count && days->metrics[number] != metric)
        number++;
    *place = number * days->days.count;
    return number < days->metric_count;
}

/* The spread of the changes from day to day; the memory is learnt from, or for a month told what was learnt. */
static struct estimate_spread spread_of_changes(const struct summary_days *a, const struct summary_days *b,
                                                const struct metric *metric, struct sim_detrend_memory *memory)
{
    size_t count = a->days.count;
    size_t first;
    size_t second;
    if (!find_place(a, metric, &first) || !find_place(b, metric, &second))
        return (struct estimate_spread){NAN, NAN};
    double *changes = sim_allocate(count, sizeof *changes);
    for (size_t i = 0; i < count; i++)
        changes[i] = b->values[second + i] - a->values[first + i];
    struct estimate_spread spread = days_spread(&a->days, a->scope, metric, changes, a->requests + first, memory);
    free(changes);
    return spread;
}

/* Half widths tell what the days have in common: that of a difference is a^2 + b^2 - 2 r a b, squared. */
static void fill_from_days(const struct figure *a, const struct figure *b, struct figure_difference *difference)
{
    const struct metric *metric = a->row->metric;
    struct sim_detrend_memory memory = {0};
    if (a->whole != a->days)
        (void)spread_of_changes(a->whole, b->whole, metric, &memory);
    struct estimate_spread spread = spread_of_changes(a->days, b->days, metric, &memory);
    double one = half_width_of(&a->row->estimate);
    double other = half_width_of(&b->row->estimate);
    double squares = one * one + other * other;
    double square = spread.half_width * spread.half_width;
    difference->is_paired = true;
    difference->low = difference->value - spread.half_width;
    difference->high = difference->value + spread.half_width;
    difference->reason = isfinite(spread.half_width) ? "" : "no interval: too few days with a value";
    if (isfinite(square) && one > 0 && other > 0) {
        difference->correlation = fmax(-1, fmin(1, (squares - square) / (2 * one * other)));
        difference->variance_ratio = squares / square;
    }
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
    else if (may_pair && has_same_days(a, b))
        fill_from_days(a, b, &difference);
    else
        fill_apart(first, second, &difference);
    return difference;
}
