/* sections.h - every metric of a scope in every section of a run: what intervals come from.
 *
 * A section is a replication, or a block of the only one. Most figures of a run are about the mean of the sections'
 * figures. Percentiles are not: the tail of a section is made of few moments, in bursts and long queues of one or two,
 * and its percentile is skewed and far from that of the whole run. What does add up are shares: of the requests of each
 * section, how many lie at or below the percentile q of all? So the interval is found where shares are, and brought
 * back (Woodruff, Confidence intervals for medians and other position measures, JASA 47, 1952, for samples in
 * clusters):
 *
 *     moves[i] = sections x n[i] / n x (F(q) - F[i](q)),   of mean 0,   s = S / sqrt(sections),   d = t s
 *     interval = the quantiles p - d and p + d of all requests
 *
 * with n[i] requests in section i. It is longer on the side on which the tail is thinner. Where few moments make the
 * tail, s itself is unsure: with tails that are gamma distributed over the sections, whose excess kurtosis is 6 times
 * the relative variance, t has not sections - 1 degrees of freedom but
 *
 *     2 / (2 / (sections - 1) + 6 (s / (1 - p))^2)
 *
 * (Box, Non-normality and tests on variances, Biometrika 40, 1953). Where p + d is beyond the last request there is no
 * interval: too little of the tail is independent. How well that does is measured in tests/theory/test_coverage.c.
 *
 * For functions of several figures (figure.h) the value of section i is q + moves[i] x length of the interval / (2 t'
 * s), with t' for sections - 1 degrees, so that their spread gives an interval as long.
 */
#ifndef ANALYSIS_SECTIONS_H
#define ANALYSIS_SECTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/cell.h"
#include "analysis/estimate.h"
#include "analysis/metric.h"

struct sections {
    const struct run_result *result;
    bool is_batched;    /* they are blocks of the one replication, */
    size_t first_block; /* from this one on */
    bool is_dated;      /* and days, whose percentiles are their own */
    size_t count;
    double *values;             /* metric by metric, `count` of each; NaN: none */
    double *requests;           /* behind them */
    struct estimate_ends *ends; /* by metric, of percentiles */
};

/* Fills in values, requests and ends. pooled: a cell of the scope that holds all sections. */
void sections_compute(struct sections *sections, struct cell *pooled, const struct metric *const *metrics,
                      size_t metric_count);
void sections_release(struct sections *sections);

#endif
