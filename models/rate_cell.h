/* rate_cell.h - the rate within one hour as a chain of straight lines, and arrivals drawn from it exactly.
 *
 * Arrivals of a rate r(t) come where its integral L(t) passes the arrivals of rate 1 ("operational time"). Between two
 * knots the rate is a line a + b s, and L is inverted in closed form: d = a s + b s^2 / 2 gives
 * s = 2 d / (a + sqrt(a^2 + 2 b d)), which loses no digits whatever the sign of b and holds for b = 0 too. So an
 * arrival costs a square root and a division, and none is thrown away.
 *
 * Knots stand at each corner and jump of the rate, and between them so close that the lines miss the rate by at most
 * RATE_CELL_TOLERANCE of the larger rate at the ends of the span.
 */
#ifndef MODELS_RATE_CELL_H
#define MODELS_RATE_CELL_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "models/rate.h"

#define RATE_CELL_TOLERANCE 5e-7

struct rate_piece {
    double from_ns;     /* since the cell's begin */
    double per_ns;      /* rate at from_ns, from the right */
    double twice_slope; /* of the rate, per ns^2 */
    double before;      /* arrivals expected since the cell's begin */
};

struct rate_cell {
    uint64_t number; /* hour since the start; UINT64_MAX: none yet */
    double total;    /* arrivals expected in the cell */
    size_t at;       /* piece that was used last */
    size_t count;    /* one more piece marks the end */
    size_t capacity;
    struct rate_piece *pieces; /* free() releases them */
};

/* Fills the cell; does nothing when it holds that hour already. */
void rate_cell_fill(struct rate_cell *cell, const struct rate *rate, uint64_t number);

/* When, in ns since the cell's begin, the integral of the rate reaches `arrivals`, from 0 to below cell->total. Never
 * falls as `arrivals` grows; fast when calls come in that order.
 */
static inline double rate_cell_time(struct rate_cell *cell, double arrivals)
{
    const struct rate_piece *piece = &cell->pieces[cell->at];
    if (arrivals < piece->before)
        piece = cell->pieces;
    while (arrivals >= piece[1].before)
        piece++;
    cell->at = (size_t)(piece - cell->pieces);
    double missing = arrivals - piece->before;
    double square = piece->per_ns * piece->per_ns + missing * piece->twice_slope;
    double sum = piece->per_ns + sqrt(square > 0 ? square : 0);
    double time_ns = piece->from_ns + 2 * missing / (sum > 0 ? sum : 1);
    return time_ns < piece[1].from_ns ? time_ns : piece[1].from_ns;
}

#endif
