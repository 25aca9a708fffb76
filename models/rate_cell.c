/* rate_cell.c - knots where the rate needs them. */
#include "models/rate_cell.h"

enum {
    LINES_MAX = 8192 /* in a span; the bound is beyond what two steep factors in a minute need */
};

/* How many lines of equal length a span needs. The miss of a line falls with the square of their number; what one line
 * misses at three places tells how large it is, and the number is doubled because the rate may bend more elsewhere.
 */
static size_t line_count(const struct rate_span *span, double length_ns, double left, double right)
{
    if (!span->is_curved && !span->has_ramps && span->line_count <= 1)
        return 1;
    double miss = 0;
    for (int i = 1; i <= 3; i++) {
        double line = left + (right - left) * i / 4;
        miss = fmax(miss, fabs(rate_in_span(span, length_ns * i / 4) - line));
    }
    double allowed = RATE_CELL_TOLERANCE * fmax(left, right);
    if (miss <= allowed / 4)
        return 1;
    double count = allowed > 0 ? 2 * sqrt(miss / allowed) + 1 : LINES_MAX;
    return count < LINES_MAX ? (size_t)count : LINES_MAX;
}

static void add_piece(struct rate_cell *cell, double from_ns, double length_ns, double left, double right)
{
    cell->pieces = sim_grow(cell->pieces, &cell->capacity, cell->count + 1, sizeof *cell->pieces);
    cell->pieces[cell->count++] = (struct rate_piece){.from_ns = from_ns,
                                                      .per_ns = left * 1e-9,
                                                      .twice_slope = 2 * (right - left) * 1e-9 / length_ns,
                                                      .before = cell->total};
    cell->total += (left + right) / 2 * length_ns * 1e-9;
}

static void add_span(struct rate_cell *cell, const struct rate_span *span, double from_ns)
{
    double length_ns = (double)(span->to_ns - span->from_ns);
    double left = rate_in_span(span, 0);
    size_t count = line_count(span, length_ns, left, rate_in_span(span, length_ns));
    double step_ns = length_ns / (double)count;
    for (size_t i = 0; i < count; i++) {
        double right = rate_in_span(span, i + 1 < count ? step_ns * (double)(i + 1) : length_ns);
        add_piece(cell, from_ns + step_ns * (double)i, step_ns, left, right);
        left = right;
    }
}

void rate_cell_fill(struct rate_cell *cell, const struct rate *rate, uint64_t number)
{
    if (cell->pieces && cell->number == number)
        return;
    sim_time_ns begin_ns = (sim_time_ns)number * SIM_HOUR;
    sim_time_ns end_ns = begin_ns + SIM_HOUR;
    cell->number = number;
    cell->total = 0;
    cell->at = 0;
    cell->count = 0;
    for (sim_time_ns from_ns = begin_ns; from_ns < end_ns;) {
        struct rate_span span = rate_span_at(rate, from_ns, end_ns);
        add_span(cell, &span, (double)(from_ns - begin_ns));
        from_ns = span.to_ns;
    }
    /* Arrivals just below the total, rounded, must not run past the end. */
    cell->pieces = sim_grow(cell->pieces, &cell->capacity, cell->count + 1, sizeof *cell->pieces);
    cell->pieces[cell->count] = (struct rate_piece){.from_ns = (double)SIM_HOUR, .before = cell->total};
}
