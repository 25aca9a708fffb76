/* fit_falls.c - the longest chain of rows in which none falls. */
#include "analysis/fit_falls.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "sim/memory.h"

double fit_falls_chance(struct fit_falls_mean before, struct fit_falls_mean after)
{
    double a = before.error * before.error, b = after.error * after.error;
    if (!(before.degrees > 0 && after.degrees > 0) || !(a + b > 0))
        return 1;
    double degrees = (a + b) * (a + b) / (a * a / before.degrees + b * b / after.degrees);
    return gsl_cdf_tdist_Q((before.value - after.value) / sqrt(a + b), degrees);
}

static bool falls_after_any(const bool *falls, size_t count, const bool *is_out, size_t row)
{
    for (size_t before = 0; before < row; before++)
        if (!is_out[before] && falls[before * count + row])
            return true;
    return false;
}

/* length[i]: of the longest chain that ends with row i, in which no row falls after the one before it. Of equally long
 * ones the chain of the earliest rows is taken. That no two rows at all fall, not only neighbours, is seen to at the
 * end: with errors of different size a fall can hide behind a row that is not known well.
 */
size_t fit_falls_leave_out(const bool *falls, size_t count, bool *is_out)
{
    size_t *length = sim_allocate(count + 1, sizeof *length), *before = sim_allocate(count + 1, sizeof *before);
    size_t last = 0, out_count = 0;
    for (size_t i = 0; i < count; i++) {
        is_out[i] = true;
        length[i] = 1;
        before[i] = i;
        for (size_t j = 0; j < i; j++) {
            if (falls[j * count + i] || length[j] + 1 <= length[i])
                continue;
            length[i] = length[j] + 1;
            before[i] = j;
        }
        if (length[i] > length[last])
            last = i;
    }
    for (size_t i = last; count > 0; i = before[i]) {
        is_out[i] = false;
        if (before[i] == i)
            break;
    }
    for (size_t i = 0; i < count; i++) {
        is_out[i] |= falls_after_any(falls, count, is_out, i);
        out_count += is_out[i];
    }
    free(before);
    free(length);
    return out_count;
}
