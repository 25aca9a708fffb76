/* interval.h - 95 % confidence intervals from the values of independent sections.
 *
 * A section is a replication, or a batch of one long run. Requests inside a run depend on each other, so an interval
 * never comes from single requests. One formula serves means, totals, ratios and differences (sectioning; Asmussen &
 * Glynn, Stochastic Simulation, 2007, III.5); the tails of percentiles are too uneven for it (analysis/sections.h):
 *
 *     estimate +- t(b - 1) S / sqrt(b),   S^2 = sum of (section value - estimate)^2 / (b - 1)
 *
 * with b sections, the estimate from the samples of all of them together, and t(d) the 97.5 % quantile of Student's t
 * with d degrees of freedom. With the mean of the section values as estimate it is the ordinary t interval.
 *
 * Only + - * / and square roots are used, so results have the same bits on every machine.
 */
#ifndef SIM_INTERVAL_H
#define SIM_INTERVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why there is no interval, with the text that a person reads. A short tail and correlated batches are for the caller
 * to find, with sim_quantile_beyond and sim_interval_lag_1; the others are found here.
 */
#define SIM_INTERVAL_REASON_LIST(ITEM)                                                                  \
    ITEM(SIM_INTERVAL_GIVEN, "")                                                                        \
    ITEM(SIM_INTERVAL_NO_SAMPLES, "no samples")                                                         \
    ITEM(SIM_INTERVAL_ONE_SECTION, "only one replication or batch")                                     \
    ITEM(SIM_INTERVAL_EMPTY_SECTION, "a replication or batch has no value")                             \
    ITEM(SIM_INTERVAL_SHORT_TAIL, "too few replications, or independent samples beyond the percentile") \
    ITEM(SIM_INTERVAL_CORRELATED, "neighbouring batches are correlated: the run is too short")

enum sim_interval_reason {
#define SIM_INTERVAL_REASON_MEMBER(name, text) name,
    SIM_INTERVAL_REASON_LIST(SIM_INTERVAL_REASON_MEMBER)
#undef SIM_INTERVAL_REASON_MEMBER
};

/* A percentile with fewer samples than this beyond it (sim_quantile_beyond) is withheld. */
#define SIM_INTERVAL_TAIL_MINIMUM 50

/* Neighbouring batches whose correlation exceeds this are too short. */
#define SIM_INTERVAL_LAG_1_LIMIT 0.2

/* The interval is estimate - half_width .. estimate + half_width. half_width is NaN unless reason is
 * SIM_INTERVAL_GIVEN; the estimate is NaN where there is none.
 */
struct sim_interval {
    double estimate;
    double half_width;
    size_t section_count;
    enum sim_interval_reason reason;
};

/* Text of a reason: "" for SIM_INTERVAL_GIVEN, "unknown reason" for a number that is none. Never NULL. */
const char *sim_interval_reason_text(enum sim_interval_reason reason);

/* The 97.5 % quantile of Student's t with `degrees` (at least 1) degrees of freedom; relative error below 4e-9. */
double sim_interval_t(size_t degrees);

/* The same for a fraction (at least 1), between its neighbours in proportion to 1 / degrees. */
double sim_interval_t_between(double degrees);

/* The interval around `estimate`, which comes from the samples of all sections together. values: one per section; a
 * value that is not finite means that the section has none.
 */
struct sim_interval sim_interval_of_sections(double estimate, const double *values, size_t count);

/* The interval around the mean of the values, one per section. */
struct sim_interval sim_interval_of_mean(const double *values, size_t count);

/* Correlation of neighbours in a series in order of time: sum of (x[i] - m)(x[i+1] - m) / sum of (x[i] - m)^2, with m
 * the mean; -1 to 1. 0 for a constant series or fewer than 2 values. For independent values about -1 / count.
 */
double sim_interval_lag_1(const double *series, size_t count);

/* Von Neumann's test for independence (Annals of Mathematical Statistics 12, 1941): about standard normal for
 * independent values, positive where neighbours are alike. Above 1.645 the series is positively correlated at the
 * 5 % level. 0 for a constant series or fewer than 3 values.
 */
double sim_interval_von_neumann(const double *series, size_t count);

/* Batch means: the mean of every `size` (at least 1) neighbouring values, into `means` (room for count / size). What is
 * left over is taken from the front, nearest to the warm-up. `means` may be `series`. Returns count / size.
 */
size_t sim_interval_batch_means(const double *series, size_t count, size_t size, double *means);

/* Two systems that met the same random numbers, compared section by section. */
struct sim_interval_paired {
    struct sim_interval difference; /* of the means, a - b */
    double correlation;             /* of the two series, -1 to 1; NaN if one is constant or there are under 2 values */
    double variance_ratio; /* variance of the difference had the series been independent, over the one found: how many
                            * times fewer replications are needed. Infinity if the difference is constant while a
                            * series is not; NaN if both are constant or there are under 2 values */
};

/* Compares series a and b of `count` values each, value i of both from the same section. */
struct sim_interval_paired sim_interval_of_difference(const double *a, const double *b, size_t count);

#endif
