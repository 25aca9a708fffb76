/* fit_walls.c - from whole batches to steps by non-negative least squares. */
#include "analysis/fit_walls.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/fit_curve_internal.h"
#include "analysis/fit_positive.h"
#include "sim/memory.h"

/* Beyond this c2 cannot be told from the rest. With as many prompt as output tokens in each row it is so: c2 B for each
 * output token looks like a part of c0(B).
 */
static const double INFLATION_HIGHEST = 1000;

/* ---- Steps of a batch ---- */

/* What an engine does for a row. */
struct steps {
    double *by_batch; /* steps with so many requests, from 0 to the batch */
    double cached;    /* tokens, summed over steps */
    double prefill;
};

/* Requests of a row, in order of admission: those before `done` have left, those before `decoding` have their prompt
 * computed, the next one `computed` tokens of it.
 */
struct line {
    size_t done, decoding;
    double computed;
    double *generated; /* output tokens of each request */
};

/* Prefills with what the budget leaves; returns how many requests took part. */
static size_t prefill(struct line *line, const struct fit_walls_row *row, double budget, struct steps *steps)
{
    size_t batch = (size_t)row->batch, took_part = 0;
    while (budget > 0 && line->decoding < batch) {
        double chunk = fmin(budget, row->input - line->computed);
        took_part++;
        budget -= chunk;
        line->computed += chunk;
        steps->prefill += chunk;
        if (line->computed < row->input)
            break;
        line->computed = 0;
        line->generated[line->decoding++] = 0;
    }
    return took_part;
}

static void make_step(struct line *line, const struct fit_walls_row *row, double token_budget, struct steps *steps)
{
    size_t decoders = line->decoding - line->done;
    steps->cached += line->computed;
    for (size_t i = line->done; i < line->decoding; i++)
        steps->cached += row->input + line->generated[i] - 1;
    size_t in_step = decoders + prefill(line, row, fmax(token_budget - (double)decoders, 1), steps);
    steps->by_batch[in_step]++;
    for (size_t i = line->done; i < line->decoding; i++)
        line->generated[i]++;
    while (line->done < line->decoding && line->generated[line->done] >= row->output)
        line->done++;
}

/* To be freed with free(steps.by_batch). */
static struct steps steps_of(const struct fit_walls_row *row, double token_budget)
{
    size_t batch = (size_t)row->batch;
    struct steps steps = {.by_batch = sim_allocate(batch + 1, sizeof *steps.by_batch)};
    struct line line = {.generated = sim_allocate(batch, sizeof *line.generated)};
    while (line.done < batch)
        make_step(&line, row, token_budget, &steps);
    free(line.generated);
    return steps;
}

/* ---- Least squares ---- */

/* The unknowns are c0 at the first batch, by how much it rises to each of the others, c1, and c2 unless it is known. */
struct equations {
    size_t row_count, column_count;
    double *cells;   /* of row r at r * column_count: factors / wall_s */
    double *targets; /* what they should add up to: 1 less what is known */
};

/* Adds to the factors of c0's rises what `count` steps of `batch` requests mean. */
static void add_base(double *cells, const struct fit_walls *walls, double batch, double count)
{
    cells[0] += count;
    for (size_t k = 1; k < walls->knot_count; k++) {
        double low = walls->knots[k - 1].x, high = walls->knots[k].x;
        cells[k] += count * fmin(fmax((batch - low) / (high - low), 0), 1);
    }
}

/* Factors of all unknowns, c2 included. */
static void fill_cells(double *cells, const struct fit_walls *walls, const struct fit_walls_row *row)
{
    struct steps steps = steps_of(row, walls->token_budget);
    for (size_t c = 0; c < walls->knot_count; c++)
        cells[c] = 0;
    for (size_t b = 1; b <= (size_t)row->batch; b++)
        add_base(cells, walls, (double)b, steps.by_batch[b]);
    cells[walls->knot_count] = steps.cached;
    cells[walls->knot_count + 1] = steps.prefill;
    free(steps.by_batch);
}

static void add_equation(struct equations *equations, const struct fit_walls *walls, const struct fit_walls_row *row,
                         double per_prefill)
{
    size_t width = equations->column_count, at = equations->row_count++;
    double *cells = sim_allocate(walls->knot_count + 2, sizeof *cells);
    fill_cells(cells, walls, row);
    for (size_t c = 0; c < width; c++)
        equations->cells[at * width + c] = cells[c] / row->wall_s;
    double known = isnan(per_prefill) ? 0 : per_prefill * cells[walls->knot_count + 1];
    equations->targets[at] = 1 - known / row->wall_s;
    free(cells);
}

/* To be released. per_prefill NaN: unknown. */
static struct equations equations_of(const struct fit_walls *walls, const struct fit_walls_row *rows, size_t count,
                                     double per_prefill)
{
    struct equations equations = {.column_count = walls->knot_count + (isnan(per_prefill) ? 2 : 1)};
    equations.cells = sim_allocate((count + 1) * equations.column_count, sizeof *equations.cells);
    equations.targets = sim_allocate(count + 1, sizeof *equations.targets);
    for (size_t i = 0; i < count; i++)
        if (!rows[i].is_ignored)
            add_equation(&equations, walls, &rows[i], per_prefill);
    return equations;
}

static void release(struct equations *equations)
{
    free(equations->cells);
    free(equations->targets);
}

/* ---- The fit ---- */

static int by_x(const void *a, const void *b)
{
    const struct fit_curve_knot *left = a, *right = b;
    return (left->x > right->x) - (left->x < right->x);
}

/* A knot for each different batch. Returns the number of rows that are fitted. */
static size_t place_knots(struct fit_walls *walls, const struct fit_walls_row *rows, size_t count)
{
    size_t used = 0;
    walls->knots = sim_allocate(count + 1, sizeof *walls->knots);
    for (size_t i = 0; i < count; i++)
        if (!rows[i].is_ignored)
            walls->knots[used++].x = rows[i].batch;
    qsort(walls->knots, used, sizeof *walls->knots, by_x);
    for (size_t i = 0; i < used; i++)
        if (i == 0 || walls->knots[i].x > walls->knots[walls->knot_count - 1].x)
            walls->knots[walls->knot_count++] = walls->knots[i];
    return used;
}

/* The sum of the unknowns from the first to `last`, with its interval. */
static struct fit_curve_value sum_up_to(const struct fit_positive *found, size_t first, size_t last, double residual,
                                        double degrees)
{
    double sum = 0, variance = 0;
    for (size_t a = first; a <= last; a++) {
        sum += found->values[a];
        for (size_t b = first; b <= last; b++)
            variance += found->covariance[a * found->column_count + b];
    }
    struct fit_curve_value value = fit_curve_interval(sum, residual * sqrt(variance), degrees);
    value.low = isnan(value.low) ? NAN : fmax(value.low, 0);
    return value;
}

static void fit(struct fit_walls *walls, const struct equations *equations)
{
    size_t count = walls->knot_count;
    struct fit_positive found =
        fit_positive_solve(equations->cells, equations->targets, equations->row_count, equations->column_count);
    double degrees = (double)equations->row_count - (double)found.positive_count;
    double residual = walls->residual = degrees >= 1 ? sqrt(found.sum / degrees) : NAN;
    for (size_t k = 0; k < count; k++)
        walls->knots[k].y = sum_up_to(&found, 0, k, residual, degrees);
    walls->per_cached = sum_up_to(&found, count, count, residual, degrees);
    if (equations->column_count > count + 1)
        walls->per_prefill = sum_up_to(&found, count + 1, count + 1, residual, degrees);
    fit_positive_release(&found);
}

struct fit_walls *fit_walls_create(const struct fit_walls_row *rows, size_t count, double token_budget,
                                   double per_prefill)
{
    struct fit_walls *walls = sim_allocate(1, sizeof *walls);
    walls->token_budget = token_budget;
    walls->is_prefill_known = true;
    if (place_knots(walls, rows, count) < walls->knot_count + 2 || walls->knot_count == 0) {
        fit_walls_destroy(walls);
        return NULL;
    }
    struct equations equations = equations_of(walls, rows, count, per_prefill);
    if (isnan(per_prefill) && fit_positive_inflation(equations.cells, equations.row_count, equations.column_count,
                                                     equations.column_count - 1) > INFLATION_HIGHEST) {
        walls->is_prefill_known = false;
        per_prefill = 0;
        release(&equations);
        equations = equations_of(walls, rows, count, per_prefill);
    }
    walls->per_prefill = (struct fit_curve_value){per_prefill, NAN, NAN};
    fit(walls, &equations);
    release(&equations);
    return walls;
}

void fit_walls_destroy(struct fit_walls *walls)
{
    if (!walls)
        return;
    free(walls->knots);
    free(walls);
}

double fit_walls_wall_s(const struct fit_walls *walls, const struct fit_walls_row *row)
{
    double *cells = sim_allocate(walls->knot_count + 2, sizeof *cells);
    fill_cells(cells, walls, row);
    double wall_s = cells[0] * walls->knots[0].y.value;
    for (size_t k = 1; k < walls->knot_count; k++)
        wall_s += cells[k] * (walls->knots[k].y.value - walls->knots[k - 1].y.value);
    wall_s += cells[walls->knot_count] * walls->per_cached.value;
    wall_s += cells[walls->knot_count + 1] * walls->per_prefill.value;
    free(cells);
    return wall_s;
}

/* Ignores the rows of one batch; returns whether it is neither the smallest nor the largest. */
static bool leave_out(struct fit_walls_row *rest, const struct fit_walls_row *rows, size_t count, double batch)
{
    bool has_smaller = false, has_larger = false;
    for (size_t i = 0; i < count; i++) {
        rest[i] = rows[i];
        rest[i].is_ignored |= !(rows[i].batch > batch || rows[i].batch < batch);
        has_smaller |= !rows[i].is_ignored && rows[i].batch < batch;
        has_larger |= !rows[i].is_ignored && rows[i].batch > batch;
    }
    return has_smaller && has_larger;
}

void fit_walls_hold_out(const struct fit_walls_row *rows, size_t count, double token_budget, double per_prefill,
                        double *errors)
{
    struct fit_walls_row *rest = sim_allocate(count + 1, sizeof *rest);
    for (size_t i = 0; i < count; i++) {
        errors[i] = NAN;
        if (rows[i].is_ignored || !leave_out(rest, rows, count, rows[i].batch))
            continue;
        struct fit_walls *walls = fit_walls_create(rest, count, token_budget, per_prefill);
        if (walls)
            errors[i] = fit_walls_wall_s(walls, &rows[i]) / rows[i].wall_s - 1;
        fit_walls_destroy(walls);
    }
    free(rest);
}
