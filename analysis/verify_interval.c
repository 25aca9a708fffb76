/* verify_interval.c - how sure a number is that was made of figures.
 *
 * Where all its figures come from runs with sections of the same kind and number, the formula is evaluated for every
 * section and the spread is that of any figure (sim/interval.h). Otherwise (days, which follow a trend, or runs of
 * different kinds) every figure is moved to the ends of its own interval, and what the formula moves is added up:
 * wider, since nothing is known of how they go together.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/verify_internal.h"
#include "sim/interval.h"
#include "sim/memory.h"

enum {
    DRAW_COUNT = 100
};

static const struct figure *figure_of(const struct verify_use *use)
{
    return &use->run->figures.items[use->figure];
}

/* Sections in common; 0 if they are not of one kind. */
static size_t common_sections(const struct verify_work *work)
{
    const struct verify_use *uses = work->uses.items;
    for (size_t i = 0; i < work->uses.count; i++)
        if (!figure_is_alike(figure_of(&uses[0]), figure_of(&uses[i])))
            return 0;
    return uses[0].run->summary->section_count;
}

/* NaN where the formula has no number then. */
static double evaluate(struct verify_work *work, const struct verify_row *row)
{
    struct formula_value value;
    bool is_number = verify_evaluate(work, row, &row->row->ours, "ours", &value) && value.kind == FORMULA_NUMBER;
    work->no_value = NULL;
    return is_number ? value.number : NAN;
}

struct evaluation {
    struct verify_work *work;
    const struct verify_row *row;
};

static double evaluate_section(void *context, size_t section)
{
    const struct evaluation *evaluation = context;
    evaluation->work->section = section;
    return evaluate(evaluation->work, evaluation->row);
}

static void fill_from_sections(struct verify_work *work, struct verify_row *row, size_t count)
{
    struct evaluation evaluation = {work, row};
    work->view = VERIFY_SECTION;
    struct sim_interval interval = figure_interval(row->ours.number, count, evaluate_section, &evaluation);
    row->interval = sim_interval_reason_text(interval.reason);
    if (interval.reason != SIM_INTERVAL_GIVEN)
        return;
    row->low = row->ours.number - interval.half_width;
    row->high = row->ours.number + interval.half_width;
}

static void fill_from_shifts(struct verify_work *work, struct verify_row *row)
{
    const struct verify_use *uses = work->uses.items;
    double half_width = 0;
    work->view = VERIFY_SHIFTED;
    for (work->shifted = 0; work->shifted < work->uses.count; work->shifted++) {
        const struct estimate *estimate = &figure_of(&uses[work->shifted])->row->estimate;
        double moved = 0;
        double ends[] = {estimate->low - estimate->value, estimate->high - estimate->value};
        for (size_t i = 0; i < 2; i++) {
            work->shift = ends[i];
            moved = fmax(moved, fabs(evaluate(work, row) - row->ours.number));
        }
        half_width += moved;
    }
    if (!isfinite(half_width))
        return;
    row->interval = "from those of its figures";
    row->low = row->ours.number - half_width;
    row->high = row->ours.number + half_width;
}

/* ---- What is no number ---- */

static bool is_alike(struct verify_work *work, const struct verify_row *row, bool agrees, const bool *holds)
{
    struct formula_value value;
    if (row->ours.kind != FORMULA_NUMBER && !(verify_evaluate(work, row, &row->row->ours, "ours", &value) &&
                                              verify_verdict_agrees(row->row, &value) == agrees))
        return false;
    return !holds || (verify_evaluate(work, row, &row->row->holds, "holds", &value) && value.is_true == *holds);
}

/* Draws `count` sections out of as many: weights[i] becomes how much more or less often than once i was drawn, scaled
 * so that the pooled figures spread as far as their intervals say (Efron, Annals of Statistics 7, 1979: the bootstrap
 * spreads too little by (count - 1) / count, and knows nothing of Student's t).
 */
static void draw(size_t number, double *weights, size_t count)
{
    double scale = sim_interval_t(count - 1) / 1.959963984540054 * sqrt((double)count / (double)(count - 1));
    for (size_t i = 0; i < count; i++)
        weights[i] = -1;
    for (size_t i = 0; i < count; i++)
        weights[verify_alter_mix((number << 32) + i) % count] += 1;
    for (size_t i = 0; i < count; i++)
        weights[i] *= scale / (double)count;
}

void verify_interval_draw(struct verify_work *work, struct verify_row *row, const bool *holds)
{
    size_t count = work->uses.count > 0 ? common_sections(work) : 0;
    bool agrees = verify_verdict_agrees(row->row, &row->ours);
    if (count < 2 || (row->ours.kind == FORMULA_NUMBER && !holds))
        return;
    double *weights = sim_allocate(count, sizeof *weights);
    work->keeps_uses = false;
    work->view = VERIFY_DRAWN;
    work->weights = weights;
    work->weight_count = count;
    for (row->of = 0; row->of < DRAW_COUNT; row->of++) {
        draw(row->of + 1, weights, count);
        row->alike += is_alike(work, row, agrees, holds);
    }
    work->no_value = NULL;
    work->view = VERIFY_POOLED;
    free(weights);
}

/* ---- Numbers ---- */

/* A figure that has no interval, for a reason that it states: nothing made of it has one. */
static const struct estimate *without_interval(const struct verify_work *work)
{
    const struct verify_use *uses = work->uses.items;
    for (size_t i = 0; i < work->uses.count; i++) {
        const struct estimate *estimate = &figure_of(&uses[i])->row->estimate;
        if (!isfinite(estimate->low))
            return estimate;
    }
    return NULL;
}

void verify_interval_fill(struct verify_work *work, struct verify_row *row)
{
    const struct verify_use *uses = work->uses.items;
    row->low = row->high = NAN;
    row->interval = "";
    if (row->ours.kind != FORMULA_NUMBER || work->uses.count == 0)
        return;
    const struct estimate *only = &figure_of(&uses[0])->row->estimate;
    const struct estimate *lacking = without_interval(work);
    work->keeps_uses = false;
    size_t count = common_sections(work);
    if (lacking)
        row->interval = lacking->reason;
    else if (work->uses.count == 1 && only->value == row->ours.number) {
        row->low = only->low;
        row->high = only->high;
    } else if (count > 0)
        fill_from_sections(work, row, count);
    else
        fill_from_shifts(work, row);
    work->view = VERIFY_POOLED;
}
