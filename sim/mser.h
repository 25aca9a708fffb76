/* mser.h - where the warm-up of a series ends.
 *
 * MSER-5 (White, Cobb & Spratt, A comparison of five steady-state truncation heuristics, Winter Simulation Conference
 * 2000): the series is averaged by fives into z[0] .. z[k-1], and the first d of them are dropped so that the squared
 * standard error of what remains,
 *
 *     sum over j >= d of (z[j] - mean of z[d] .. z[k-1])^2 / (k - d)^2,
 *
 * is smallest for 0 <= d <= k / 2. A smallest value at the limit means that the series may not have settled at all.
 * For constant rates only: a daily cycle never settles.
 */
#ifndef SIM_MSER_H
#define SIM_MSER_H

#include <stddef.h>

#define SIM_MSER_BATCH 5

/* Shortest series that is judged: 10 batches. */
#define SIM_MSER_SHORTEST ((size_t)10 * SIM_MSER_BATCH)

/* Answer when the run is too short to tell. */
#define SIM_MSER_TOO_SHORT ((size_t)-1)

/* How many values to drop from the front of `series`: a multiple of 5, below half of `count`, 0 for a constant
 * series; of several equally good cuts the earliest. SIM_MSER_TOO_SHORT if count is below SIM_MSER_SHORTEST or the
 * best cut is at the limit. The up to 4 last values that fill no batch are ignored. All values are finite: a slice
 * without requests has no mean latency and must be left out or joined with its neighbour by the caller.
 * Cost: one pass, no memory.
 */
size_t sim_mser_cut(const double *series, size_t count);

#endif
