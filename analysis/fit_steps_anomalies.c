/* fit_steps_anomalies.c - batches whose times are lower than those of smaller ones. */
#include <math.h>
#include <stdlib.h>

#include "analysis/fit_falls.h"
#include "analysis/fit_steps_internal.h"
#include "sim/memory.h"

static bool is_of(const struct fit_steps_row *row, double batch)
{
    return !row->is_ignored && !(fabs(row->batch - batch) > 0);
}

static struct fit_falls_mean token_mean(const struct fit_steps *steps, const struct fit_steps_row *rows, size_t count,
                                        double batch)
{
    struct fit_curve_point point = fit_steps_base_point(steps, rows, count, batch);
    return (struct fit_falls_mean){point.y, point.error, point.degrees};
}

/* Prompt time of a batch with prompts of one length; `points` has room for all rows. */
static struct fit_falls_mean prompt_mean(const struct fit_steps_row *rows, size_t count, double batch, double input,
                                         struct fit_curve_point *points)
{
    size_t point_count = 0;
    for (size_t i = 0; i < count; i++)
        if (is_of(&rows[i], batch) && isfinite(rows[i].prompt_s) && !(fabs(rows[i].input - input) > 0))
            points[point_count++] =
                (struct fit_curve_point){batch, rows[i].prompt_s, 1, rows[i].prompt_error, rows[i].degrees};
    if (fit_curve_pool(points, point_count) == 0)
        return (struct fit_falls_mean){NAN, NAN, 0};
    return (struct fit_falls_mean){points[0].y, points[0].error, points[0].degrees};
}

static bool is_fall(struct fit_falls_mean before, struct fit_falls_mean after)
{
    return fit_falls_chance(before, after) < FIT_FALLS_CHANCE;
}

/* Compares the batches of two rows. */
static struct fit_steps_anomaly compare(const struct fit_steps *steps, const struct fit_steps_row *rows, size_t count,
                                        size_t small, size_t large)
{
    struct fit_curve_point *points = sim_allocate(count, sizeof *points);
    double small_batch = rows[small].batch, large_batch = rows[large].batch;
    struct fit_steps_anomaly found = {.than = small};
    found.token_falls =
        is_fall(token_mean(steps, rows, count, small_batch), token_mean(steps, rows, count, large_batch));
    for (size_t i = 0; i < count && !found.prompt_falls; i++)
        if (is_of(&rows[i], large_batch))
            found.prompt_falls = is_fall(prompt_mean(rows, count, small_batch, rows[i].input, points),
                                         prompt_mean(rows, count, large_batch, rows[i].input, points));
    free(points);
    return found;
}

/* One row of each batch, by batch. Returns how many. */
static size_t list_batches(const struct fit_steps_row *rows, size_t count, size_t *first)
{
    size_t batch_count = 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < batch_count && rows[first[at]].batch < rows[i].batch)
            at++;
        if (rows[i].is_ignored || (at < batch_count && !(rows[first[at]].batch > rows[i].batch)))
            continue;
        for (size_t j = batch_count++; j > at; j--)
            first[j] = first[j - 1];
        first[at] = i;
    }
    return batch_count;
}

/* The judgement about one batch that has to go, for each of its rows. Returns how many these are. */
static size_t name_rows(const struct fit_steps_row *rows, size_t count, double batch,
                        const struct fit_steps_anomaly *found, struct fit_steps_anomaly *anomalies)
{
    size_t named = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_of(&rows[i], batch))
            continue;
        anomalies[i] = *found;
        named++;
    }
    return named;
}

size_t fit_steps_find_anomalies(const struct fit_steps_row *rows, size_t count, const struct fit_steps_known *known,
                                struct fit_steps_anomaly *anomalies)
{
    struct fit_steps steps = {0};
    size_t *first = sim_allocate(count + 1, sizeof *first), out_count = 0;
    size_t batch_count = list_batches(rows, count, first);
    struct fit_steps_anomaly *pairs = sim_allocate(batch_count * batch_count + 1, sizeof *pairs);
    bool *falls = sim_allocate(batch_count * batch_count + 1, sizeof *falls);
    bool *is_out = sim_allocate(batch_count + 1, sizeof *is_out);
    fit_steps_cached(&steps, rows, count, known);
    for (size_t i = 0; i < count; i++)
        anomalies[i] = (struct fit_steps_anomaly){0};
    for (size_t i = 0; i < batch_count; i++)
        for (size_t j = i + 1; j < batch_count; j++) {
            size_t at = i * batch_count + j;
            pairs[at] = compare(&steps, rows, count, first[i], first[j]);
            falls[at] = pairs[at].token_falls || pairs[at].prompt_falls;
        }
    fit_falls_leave_out(falls, batch_count, is_out);
    for (size_t j = 0; j < batch_count; j++)
        for (size_t i = j; is_out[j] && i-- > 0;)
            if (!is_out[i] && falls[i * batch_count + j]) {
                out_count += name_rows(rows, count, rows[first[j]].batch, &pairs[i * batch_count + j], anomalies);
                break;
            }
    free(is_out);
    free(falls);
    free(pairs);
    free(first);
    return out_count;
}
