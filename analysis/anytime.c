/* anytime.c - see anytime.h. Only functions with the same bits on every machine are used. */
#include "analysis/anytime.h"

#include <math.h>

#include "sim/elementary.h"
#include "sim/error.h"

double anytime_half_width(size_t count, double squares, double error)
{
    sim_assert(error > 0 && error < 1 && squares >= 0);
    if (count < 2) {
        return INFINITY;
    }
    double n = (double)count;
    double log_ratio = sim_log((1 / error + 1) / 2) + sim_log1p(n / ANYTIME_SPREAD) / 2;
    double excess = sim_expm1(2 * log_ratio / n); /* A - 1 */
    double room = 1 - (excess + 1) * ANYTIME_SPREAD / (n + ANYTIME_SPREAD);
    return room > 0 ? sqrt(excess / room * squares / n) : INFINITY;
}
