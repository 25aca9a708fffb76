/* select.c - points, their observations, and what is known of them. Judgement: select_judge.c. */
#include "analysis/select.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/anytime.h"
#include "analysis/select_internal.h"
#include "sim/error.h"
#include "sim/memory.h"

static double *copy_of(const double *values, size_t count)
{
    double *copy = sim_allocate(count, sizeof *copy);
    if (count > 0) {
        memcpy(copy, values, count * sizeof *copy);
    }
    return copy;
}

struct select *select_create(const struct select_plan *plan)
{
    sim_assert(plan->count > 0 && plan->first >= 2 && plan->most >= plan->first);
    sim_assert(plan->indifference >= 0 && plan->indifference_share >= 0);
    sim_assert(plan->error > 0 && plan->error < 1 && plan->bound_error > 0 && plan->bound_error < 1);
    struct select *select = sim_allocate(1, sizeof *select);
    *select = (struct select){.plan = *plan, .width = 1 + plan->limit_count, .best = SELECT_NOBODY};
    select->plan.limits = copy_of(plan->limits, plan->limit_count);
    select->plan.tolerances = copy_of(plan->tolerances, plan->limit_count);
    select->points = sim_allocate(plan->count, sizeof *select->points);
    for (size_t i = 0; i < plan->count; i++) {
        struct select_point *point = &select->points[i];
        point->state = SELECT_WAITING;
        point->kept = sim_allocate(plan->limit_count, sizeof *point->kept);
        point->feasibility = plan->limit_count > 0 ? SELECT_OPEN : SELECT_WITHIN;
    }
    return select;
}

void select_destroy(struct select *select)
{
    if (select == NULL) {
        return;
    }
    for (size_t i = 0; i < select->plan.count; i++) {
        free(select->points[i].values);
        free(select->points[i].kept);
    }
    free(select->points);
    free((double *)select->plan.limits);
    free((double *)select->plan.tolerances);
    free(select);
}

static const struct select_point *point_of(const struct select *select, size_t point)
{
    sim_assert(point < select->plan.count);
    return &select->points[point];
}

void select_enter(struct select *select, size_t point)
{
    sim_assert(point_of(select, point)->state == SELECT_WAITING);
    select->points[point].state = SELECT_IN_PLAY;
}

void select_reject(struct select *select, size_t point)
{
    sim_assert(point_of(select, point)->state != SELECT_REJECTED);
    select->points[point].state = SELECT_REJECTED;
    select->excluded += select->has_observed ? 0 : 1;
    if (select->best == point) {
        select->best = SELECT_NOBODY;
    }
}

void select_observe(struct select *select, size_t point, double objective, const double *figures)
{
    sim_assert(point < select->plan.count && isfinite(objective));
    struct select_point *at = &select->points[point];
    sim_assert(at->state != SELECT_WAITING && at->state != SELECT_REJECTED && at->count < select->plan.most);
    at->values = sim_grow(at->values, &at->capacity, (at->count + 1) * select->width, sizeof *at->values);
    double *row = &at->values[at->count * select->width];
    row[0] = objective;
    for (size_t l = 0; l < select->plan.limit_count; l++) {
        sim_assert(isfinite(figures[l]));
        row[1 + l] = figures[l];
    }
    at->count++;
    select->has_observed = true;
}

size_t select_wanted(const struct select *select, struct select_want *wants)
{
    size_t count = 0;
    for (size_t i = 0; i < select->plan.count; i++) {
        size_t wanted = select_wanted_of(select, i);
        if (wanted > 0) {
            wants[count] = (struct select_want){.point = i, .from = select->points[i].count, .count = wanted};
            count++;
        }
    }
    return count;
}

/* Value `column` of observation r, less that of the other point if there is one. */
static double value_at(const struct select *select, const struct select_point *one, const struct select_point *other,
                       size_t column, size_t r)
{
    size_t at = r * select->width + column;
    return other == NULL ? one->values[at] : one->values[at] - other->values[at];
}

struct select_interval select_interval_of(const struct select *select, const struct select_point *one,
                                          const struct select_point *other, size_t column, double error)
{
    size_t count = other == NULL || one->count < other->count ? one->count : other->count;
    if (count == 0) {
        return (struct select_interval){.mean = NAN, .low = -INFINITY, .high = INFINITY};
    }
    double sum = 0;
    for (size_t r = 0; r < count; r++) {
        sum += value_at(select, one, other, column, r);
    }
    double mean = sum / (double)count;
    double squares = 0;
    for (size_t r = 0; r < count; r++) {
        double deviation = value_at(select, one, other, column, r) - mean;
        squares += deviation * deviation;
    }
    double half = anytime_half_width(count, squares, error);
    return (struct select_interval){.mean = mean, .low = mean - half, .high = mean + half, .count = count};
}

struct select_interval select_objective(const struct select *select, size_t point)
{
    return select_interval_of(select, point_of(select, point), NULL, 0, select_case_error(select));
}

struct select_interval select_figure(const struct select *select, size_t point, size_t limit)
{
    sim_assert(limit < select->plan.limit_count);
    return select_interval_of(select, point_of(select, point), NULL, 1 + limit, select_case_error(select));
}

struct select_interval select_difference(const struct select *select, size_t a, size_t b)
{
    return select_interval_of(select, point_of(select, a), point_of(select, b), 0, select_case_error(select));
}

double select_excess(const struct select *select, size_t point, size_t *limit)
{
    double largest = -INFINITY;
    for (size_t l = 0; l < select->plan.limit_count; l++) {
        double bound = select->plan.limits[l];
        double excess = (select_figure(select, point, l).mean - bound) / (bound == 0 ? 1 : fabs(bound));
        if (excess > largest) {
            largest = excess;
            if (limit != NULL) {
                *limit = l;
            }
        }
    }
    return largest;
}

size_t select_nearest(const struct select *select)
{
    size_t nearest = SELECT_NOBODY;
    double least = INFINITY;
    for (size_t i = 0; i < select->plan.count; i++) {
        if (select->points[i].count == 0 || select->points[i].state == SELECT_REJECTED) {
            continue;
        }
        double excess = select_excess(select, i, NULL);
        if (nearest == SELECT_NOBODY || excess < least) {
            nearest = i;
            least = excess;
        }
    }
    return nearest;
}

bool select_is_on_limit(const struct select *select, size_t point, size_t limit)
{
    struct select_interval figure = select_figure(select, point, limit);
    return figure.low <= select->plan.limits[limit] && figure.high >= select->plan.limits[limit];
}

enum select_state select_state(const struct select *select, size_t point)
{
    return point_of(select, point)->state;
}

enum select_feasibility select_feasibility(const struct select *select, size_t point)
{
    return point_of(select, point)->feasibility;
}

size_t select_count(const struct select *select, size_t point)
{
    return point_of(select, point)->count;
}

size_t select_best(const struct select *select)
{
    return select->best;
}

const char *select_state_text(enum select_state state)
{
    static const char *const texts[] = {
#define SELECT_STATE_TEXT(name, text) text,
        SELECT_STATE_LIST(SELECT_STATE_TEXT)
#undef SELECT_STATE_TEXT
    };
    return texts[state];
}

size_t select_case_count(const struct select *select)
{
    size_t points = select->plan.count - select->excluded;
    return (points > 0 ? points - 1 : 0) + select->plan.limit_count;
}

double select_case_error(const struct select *select)
{
    size_t cases = select_case_count(select);
    return select->plan.error / (cases > 0 ? (double)cases : 1);
}
