/* fit_steps_prefill.c - c2, and what prompts take. */
#include <math.h>

#include "analysis/fit_curve_internal.h"
#include "analysis/fit_steps_internal.h"

bool fit_steps_is_one_step(const struct fit_steps_row *row, double token_budget)
{
    return row->batch * row->input <= token_budget;
}

/* Time of some steps, without and with what their prefill tokens take. */
struct prompt_steps {
    double rest_s;
    double prefill_tokens;
};

/* As an engine does it: those whose prompts are done decode one token a step, the next in line take what is left of
 * the budget. Somebody always prefills, however large the batch is against the budget.
 */
static struct prompt_steps steps_of_prompts(const struct fit_steps *steps, double batch, double input)
{
    struct prompt_steps sum = {0};
    double done = 0, computed = 0, cached = 0;
    while (done < batch) {
        double left = fmax(steps->token_budget - done, 1), decoding = done, in_step = done;
        double cached_before = cached;
        cached += decoding;
        while (left > 0 && done < batch) {
            double chunk = fmin(left, input - computed);
            in_step++;
            left -= chunk;
            cached += chunk;
            computed += chunk;
            sum.prefill_tokens += chunk;
            if (computed < input)
                break;
            computed = 0;
            done++;
        }
        sum.rest_s += fit_steps_token_s(steps, in_step, cached_before);
    }
    return sum;
}

double fit_steps_prompt_s(const struct fit_steps *steps, double batch, double input)
{
    struct prompt_steps sum = steps_of_prompts(steps, batch, input);
    return sum.rest_s + steps->per_prefill.value * sum.prefill_tokens;
}

/* Least squares of (rest + c2 tokens) / prompt_s - 1 over rows. */
struct prefill_sums {
    double products;
    double token_squares;
    double squares;
    double row_count;
};

static bool is_behind(const struct fit_steps *steps, const struct fit_steps_row *row)
{
    return !row->is_ignored && isfinite(row->prompt_s) &&
           (steps->uses_long_prompts || fit_steps_is_one_step(row, steps->token_budget));
}

/* Adds a row; returns how the best c2 moves, times token_squares, when c0 rises by its own size. */
static double add_row(struct prefill_sums *sums, const struct fit_steps *steps, const struct fit_steps_row *row)
{
    struct prompt_steps sum = steps_of_prompts(steps, row->batch, row->input);
    double share = sum.prefill_tokens / row->prompt_s, rest = sum.rest_s / row->prompt_s;
    sums->products += share * (1 - rest);
    sums->token_squares += share * share;
    sums->squares += (1 - rest) * (1 - rest);
    sums->row_count++;
    return share * rest;
}

/* Variance of a sum of independent parts, with its degrees of freedom (Welch 1947, Satterthwaite 1946). */
struct variance {
    double sum;
    double by_degrees; /* sum of squares / degrees */
};

static void add_variance(struct variance *variance, double part, double degrees)
{
    if (!(part > 0) || !(degrees > 0))
        return;
    variance->sum += part;
    variance->by_degrees += part * part / degrees;
}

/* The rows of one batch share the error of c0 there: it moves all of them alike, so their scatter does not show it. */
static void add_batch(struct prefill_sums *sums, struct variance *base, const struct fit_steps *steps,
                      const struct fit_steps_row *rows, size_t count, double batch)
{
    double moves = 0;
    for (size_t i = 0; i < count; i++)
        if (is_behind(steps, &rows[i]) && !(fabs(rows[i].batch - batch) > 0))
            moves += add_row(sums, steps, &rows[i]);
    struct fit_curve_point point = fit_steps_base_point(steps, rows, count, batch);
    add_variance(base, pow(moves * point.error / point.y, 2), point.degrees);
}

static struct fit_curve_value with_interval(double best, const struct prefill_sums *sums, struct variance variance)
{
    double residual = fmax(sums->squares - best * sums->products, 0) / (sums->row_count - 1) * sums->token_squares;
    add_variance(&variance, residual, sums->row_count - 1);
    double degrees = sums->row_count < 2 ? 0 : variance.sum * variance.sum / variance.by_degrees;
    return fit_curve_interval(fmax(best, 0), sqrt(variance.sum) / sums->token_squares, degrees);
}

void fit_steps_prefill(struct fit_steps *steps, const struct fit_steps_row *rows, size_t count,
                       const struct fit_steps_known *known)
{
    struct prefill_sums sums = {0};
    struct variance base = {0};
    size_t short_count = 0;
    for (size_t i = 0; i < count; i++)
        short_count += is_behind(steps, &rows[i]);
    steps->uses_long_prompts = short_count < 2;
    for (size_t i = 0; i < count; i++)
        if (fit_steps_is_first_of_batch(rows, i))
            add_batch(&sums, &base, steps, rows, count, rows[i].batch);
    steps->is_prefill_known = sums.row_count > 0 || !isnan(known->per_prefill);
    steps->per_prefill = (struct fit_curve_value){isnan(known->per_prefill) ? 0 : known->per_prefill, NAN, NAN};
    if (sums.row_count < 1 || !isnan(known->per_prefill))
        return;
    double best = sums.products / sums.token_squares;
    steps->is_prefill_level = best <= 0;
    steps->per_prefill = fit_steps_not_negative(with_interval(best, &sums, base));
}
