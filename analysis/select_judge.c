/* select_judge.c - declares limits kept or failed, chooses the candidate and compares the others with it. */
#include <math.h>

#include "analysis/select.h"
#include "analysis/select_internal.h"

bool select_is_contender(const struct select_point *point)
{
    return point->state != SELECT_WAITING && point->state != SELECT_REJECTED && point->state != SELECT_INFEASIBLE;
}

static bool is_feasible(const struct select_point *point)
{
    return select_is_contender(point) && point->feasibility == SELECT_WITHIN;
}

static enum select_feasibility judged_limit(const struct select *select, size_t point, size_t limit)
{
    struct select_interval figure = select_figure(select, point, limit);
    double bound = select->plan.limits[limit];
    bool is_within = figure.high <= bound + select->plan.tolerances[limit];
    bool is_beyond = figure.low >= bound - select->plan.tolerances[limit];
    if (is_within && is_beyond) {
        return figure.mean <= bound ? SELECT_WITHIN : SELECT_BEYOND;
    }
    return is_within ? SELECT_WITHIN : is_beyond ? SELECT_BEYOND : SELECT_OPEN;
}

static void judge_limits(struct select *select, size_t index)
{
    struct select_point *point = &select->points[index];
    bool is_within = true;
    for (size_t l = 0; l < select->plan.limit_count; l++) {
        if (point->kept[l] == SELECT_OPEN) {
            point->kept[l] = judged_limit(select, index, l);
        }
        if (point->kept[l] == SELECT_BEYOND) {
            point->feasibility = SELECT_BEYOND;
            point->state = SELECT_INFEASIBLE;
            return;
        }
        is_within = is_within && point->kept[l] == SELECT_WITHIN;
    }
    point->feasibility = is_within ? SELECT_WITHIN : SELECT_OPEN;
}

/* The feasible point that has a lower mean than each one tried after it, over the replications that both have. */
static size_t lowest_feasible(const struct select *select)
{
    size_t best = SELECT_NOBODY;
    for (size_t i = 0; i < select->plan.count; i++) {
        const struct select_point *point = &select->points[i];
        if (!is_feasible(point) || point->count < select->plan.first) {
            continue;
        }
        if (best == SELECT_NOBODY || select_difference(select, i, best).mean < 0) {
            best = i;
        }
    }
    return best;
}

static enum select_state compared(const struct select *select, size_t point, size_t best)
{
    if (best == SELECT_NOBODY || select->points[point].count < select->plan.first) {
        return SELECT_IN_PLAY;
    }
    struct select_interval worse = select_difference(select, point, best);
    double indifference = select_indifference(select);
    if (worse.low > 0) {
        return SELECT_BEATEN;
    }
    if (worse.low < -indifference) {
        return SELECT_IN_PLAY;
    }
    return worse.mean > indifference ? SELECT_PASSED : SELECT_LEVEL;
}

/* Returns how many contenders are not settled. */
static size_t compare_with(struct select *select, size_t best)
{
    select->best = best;
    size_t open = 0;
    for (size_t i = 0; i < select->plan.count; i++) {
        struct select_point *point = &select->points[i];
        if (!select_is_contender(point)) {
            continue;
        }
        point->state = i == best ? SELECT_BEST : compared(select, i, best);
        open += point->state == SELECT_IN_PLAY ? 1 : 0;
    }
    return open;
}

static bool is_anything_wanted(const struct select *select)
{
    for (size_t i = 0; i < select->plan.count; i++) {
        if (select_wanted_of(select, i) > 0) {
            return true;
        }
    }
    return false;
}

/* The candidate has passed not all others, and nobody may be observed any more: perhaps another feasible point has. */
static void try_others(struct select *select, size_t best)
{
    for (size_t i = 0; i < select->plan.count; i++) {
        if (i != best && is_feasible(&select->points[i]) && compare_with(select, i) == 0) {
            return;
        }
    }
    (void)compare_with(select, best);
}

void select_judge(struct select *select)
{
    for (size_t i = 0; i < select->plan.count; i++) {
        if (select_is_contender(&select->points[i]) && select->points[i].count >= select->plan.first) {
            judge_limits(select, i);
        }
    }
    size_t best = lowest_feasible(select);
    size_t open = compare_with(select, best);
    if (open > 0 && best != SELECT_NOBODY && !is_anything_wanted(select)) {
        try_others(select, best);
    }
}

/* Whether more observations of the candidate help to settle the point: not if the point looks better by more than the
 * indifference, and only its limits are in question.
 */
static bool needs_candidate(const struct select *select, size_t index)
{
    const struct select_point *point = &select->points[index];
    if (point->state != SELECT_IN_PLAY || point->count < select->points[select->best].count) {
        return false;
    }
    return is_feasible(point) || select_difference(select, index, select->best).mean >= -select_indifference(select);
}

static size_t step_of(const struct select *select, const struct select_point *point)
{
    size_t step = point->count < select->plan.first ? select->plan.first - point->count : point->count / 10;
    size_t room = select->plan.most - point->count;
    step = step > 0 ? step : 1;
    return step < room ? step : room;
}

size_t select_wanted_of(const struct select *select, size_t index)
{
    const struct select_point *point = &select->points[index];
    if (!select_is_contender(point)) {
        return 0;
    }
    size_t step = step_of(select, point);
    if (index == select->best) {
        for (size_t i = 0; i < select->plan.count; i++) {
            if (needs_candidate(select, i)) {
                return step;
            }
        }
        return 0;
    }
    if (point->state != SELECT_IN_PLAY) {
        return 0;
    }
    /* One that is ahead of the candidate waits for it, unless its limits are in question. */
    bool is_ahead = select->best != SELECT_NOBODY && point->count > select->points[select->best].count;
    return is_ahead && point->feasibility != SELECT_OPEN ? 0 : step;
}

enum select_answer select_answer(const struct select *select)
{
    size_t contenders = 0;
    size_t open = 0;
    for (size_t i = 0; i < select->plan.count; i++) {
        contenders += select_is_contender(&select->points[i]) ? 1 : 0;
        open += select->points[i].state == SELECT_IN_PLAY ? 1 : 0;
    }
    if (is_anything_wanted(select)) {
        return SELECT_GOING_ON;
    }
    if (contenders == 0) {
        return SELECT_NONE_FEASIBLE;
    }
    return open == 0 ? SELECT_DECIDED : SELECT_UNDECIDED;
}

double select_indifference(const struct select *select)
{
    double share = 0;
    if (select->best != SELECT_NOBODY) {
        share = select->plan.indifference_share * fabs(select_objective(select, select->best).mean);
    }
    return select->plan.indifference + share;
}

double select_upper_limit(const struct select *select)
{
    if (select->best == SELECT_NOBODY) {
        return INFINITY;
    }
    double error = select->plan.bound_error / (double)(select->plan.count - select->excluded);
    return select_interval_of(select, &select->points[select->best], NULL, 0, error).high;
}

double select_gap(const struct select *select)
{
    if (select->best == SELECT_NOBODY) {
        return INFINITY;
    }
    double gap = 0;
    for (size_t i = 0; i < select->plan.count; i++) {
        if (i != select->best && select_is_contender(&select->points[i])) {
            gap = fmax(gap, -select_difference(select, i, select->best).low);
        }
    }
    return gap;
}
